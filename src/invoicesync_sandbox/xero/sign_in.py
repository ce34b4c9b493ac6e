"""Xero's identity service: PKCE apps, custom connections, and the organisations they reach."""

import base64
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.oauth import (
    App,
    OwnPage,
    Profile,
    SignIn,
    Token,
    TokenRefusal,
    basic_client,
    local,
    same_secret,
)
from invoicesync_sandbox.xero.switches import XeroSwitches

_AREAS = ("invoices", "payments", "contacts", "settings", "banktransactions", "manualjournals")
SCOPES = frozenset(
    f"accounting.{area}{suffix}" for area in (*_AREAS, "attachments") for suffix in ("", ".read")
) | {"openid", "profile", "email", "offline_access"}
BROAD_SCOPES = frozenset({"accounting.transactions", "accounting.transactions.read"})
DEFAULT_SCOPES = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings.read",
)


@dataclass(frozen=True)
class Connection:
    """An organisation that the user has connected to an app.

    `app` is the client id of a PKCE app; blank for the one organisation of custom connections.
    """

    id: str
    auth_event_id: str
    tenant_id: str
    tenant_name: str
    created: datetime
    app: str = ""

    def view(self) -> dict[str, Any]:
        """As `/connections` lists it: times with seven decimals and no zone."""
        created = self.created.strftime("%Y-%m-%dT%H:%M:%S.%f0")
        return {
            "id": self.id,
            "authEventId": self.auth_event_id,
            "tenantId": self.tenant_id,
            "tenantType": "ORGANISATION",
            "tenantName": self.tenant_name,
            "createdDateUtc": created,
            "updatedDateUtc": created,
        }


def _jwt(token: Token) -> str:
    """A value of the vendor's shape and size; nothing in it is signed."""

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://identity.xero.com",
        "aud": "https://identity.xero.com/resources",
        "client_id": token.client_id,
        "exp": int(token.expires.timestamp()),
        "jti": secrets.token_hex(16),
        "scope": sorted(token.scopes),
    }
    signature = secrets.token_urlsafe(256)
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{signature}"


class XeroSignIn(SignIn):
    """The identity service of one user.

    `apps` are PKCE apps, `clients` the secrets of custom connections by client id, which are for
    the first of the `organisations` (names by tenant id).
    """

    profile = Profile(
        vendor="Xero",
        authorize="/identity/connect/authorize",
        token="/connect/token",  # noqa: S106 - a path
        revocation="/connect/revocation",
        proof={"authorization_code": "id", "refresh_token": "id"},
        unknown_client="unauthorized_client: Unknown client or client not enabled",
        access_life=timedelta(minutes=30),
        refresh_life=timedelta(days=60),
        grace=timedelta(minutes=30),
        bound=False,
        described=False,
        pkce=True,
        refresh_scope="offline_access",
        token_type="Bearer",  # noqa: S106 - a word of the standard
        access_value=_jwt,
    )

    def __init__(self, clock: Clock, tenant_id: str, name: str, switches: XeroSwitches) -> None:
        super().__init__(clock)
        self.clients: dict[str, str] = {}
        self.tenant_id = tenant_id
        self.organisations = {tenant_id: name}
        self._scopes = SCOPES | BROAD_SCOPES if switches.broad_scopes else SCOPES
        loopback = {"127.0.0.1"} if switches.loopback_address_redirect else set()
        self._local_hosts = frozenset({"localhost"} | loopback)
        first = Connection(
            str(uuid.uuid5(uuid.NAMESPACE_OID, tenant_id)),
            str(uuid.uuid5(uuid.NAMESPACE_DNS, tenant_id)),
            tenant_id,
            name,
            clock.now(),
        )
        self.connections = {first.id: first}

    def add_app(self, client_id: str, redirects: set[str], name: str = "invoicesync") -> App:
        """Make an app. Raises `ValueError` for a redirect address that Xero does not take."""
        for address in redirects:
            if urlsplit(address).scheme != "https" and not local(address, self._local_hosts):
                msg = f"Xero does not take {address} as a redirect address"
                raise ValueError(msg)
        self.apps[client_id] = App(client_id, "", name, set(redirects))
        return self.apps[client_id]

    def connections_of(self, client_id: str) -> list[Connection]:
        """The connections that the tokens of an app can see: its own, or else those of no app."""
        rows = list(self.connections.values())
        return [row for row in rows if row.app == client_id] or [row for row in rows if not row.app]

    def accounts(self) -> Mapping[str, str]:
        """The organisations."""
        return self.organisations

    def asked_scopes(self, app: App, args: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes, with the other parameters checked. Raises `OwnPage`."""
        if args.get("redirect_uri") not in app.redirects:
            raise OwnPage("unauthorized_client: Invalid redirect_uri")
        if args.get("response_type") != "code":
            raise OwnPage("unsupported_response_type")
        if not args.get("code_challenge") or args.get("code_challenge_method") != "S256":
            raise OwnPage("invalid_request: code challenge required")
        scopes = args.get("scope", "").split()
        if not self._known(scopes):
            raise OwnPage("invalid_scope: Invalid scope for client")
        return tuple(scopes)

    def allowed(self, client_id: str, account: str) -> Mapping[str, str]:
        """Connect the app to an organisation, if it is not yet; nothing is added to the address."""
        event = str(uuid.uuid4())
        for row in self.connections.values():
            if (row.app, row.tenant_id) == (client_id, account):
                self.connections[row.id] = replace(row, auth_event_id=event)
                return {}
        name, now = self.organisations[account], self.clock.now()
        made = Connection(str(uuid.uuid4()), event, account, name, now, client_id)
        self.connections[made.id] = made
        return {}

    def token(self, request: Request) -> Response:
        """The token endpoint, which serves custom connections too. Raises `TokenRefusal`."""
        form = request.form
        if form.get("grant_type") != "client_credentials":
            return super().token(request)
        client_id, secret = basic_client(request)
        if not client_id:
            # As Xero's own clients do.
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        known = self.clients.get(client_id)
        if known is None or not same_secret(known, secret):
            raise self.invalid_client()
        # Who names no scope gets all that the connection was made with.
        scopes = tuple((form.get("scope") or " ".join(DEFAULT_SCOPES)).split())
        if not self._known(scopes) or "offline_access" in scopes:
            raise TokenRefusal("invalid_scope")
        life = self.profile.access_life
        return self.issued(request, self.new_token(client_id, self.tenant_id, scopes, life))

    def further_reply(self, _request: Request, refresh: Token) -> Mapping[str, Any]:
        """The scopes."""
        return {"scope": " ".join(refresh.scopes)}

    def revoke(self, request: Request) -> Response:
        """A refresh token takes the whole grant with it; one that is unknown has ended."""
        app = self.client(request, "id")
        known = self.refresh_tokens.get(request.form.get("token", ""))
        if known and known.client_id == app.id:
            self.end(known.grant)
        return Response("", 200)

    def _known(self, scopes: tuple[str, ...] | list[str]) -> bool:
        return bool(scopes) and set(scopes) <= self._scopes
