"""Access tokens, the token endpoint, and the organisations that an app is connected to."""

import base64
import json
import secrets
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Clock, json_response

TOKEN_SECONDS = 1800
SCOPES = frozenset(
    f"{name}{suffix}"
    for name in (
        "accounting.invoices",
        "accounting.payments",
        "accounting.contacts",
        "accounting.settings",
        "accounting.banktransactions",
        "accounting.manualjournals",
        "accounting.attachments",
    )
    for suffix in ("", ".read")
) | {"openid", "profile", "email", "offline_access"}
BROAD_SCOPES = frozenset({"accounting.transactions", "accounting.transactions.read"})
DEFAULT_SCOPES = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings.read",
)


@dataclass(frozen=True)
class Token:
    """An access token. Times are UTC."""

    value: str
    client_id: str
    scopes: frozenset[str]
    expires: datetime
    tenant_id: str | None
    """The one organisation of a custom connection; None when calls have to name one."""


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


class OAuthError(Exception):
    """A refusal of the token endpoint, by its OAuth name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Identity:
    """The identity service of one organisation's apps.

    `grants` maps a grant type to what answers it, so that further grants can be added.
    """

    def __init__(self, clock: Clock, tenant_id: str, tenant_name: str, *, broad: bool) -> None:
        self.clock = clock
        self.tokens: dict[str, Token] = {}
        self.clients: dict[str, str] = {}
        """The custom connections: client id to secret."""
        self.allowed = SCOPES | BROAD_SCOPES if broad else SCOPES
        connection = Connection(
            str(uuid.uuid5(uuid.NAMESPACE_OID, tenant_id)),
            str(uuid.uuid5(uuid.NAMESPACE_DNS, tenant_id)),
            tenant_id,
            tenant_name,
            clock.now(),
        )
        self.tenant_id = tenant_id
        self.tenant_name = tenant_name
        self.connections = {connection.id: connection}
        self.grants: dict[str, Callable[[Request], dict[str, Any]]] = {
            "client_credentials": self._client_credentials
        }

    def issue(
        self,
        client_id: str,
        scopes: Collection[str],
        *,
        tenant_id: str | None = None,
        expires_in: int = TOKEN_SECONDS,
    ) -> Token:
        """A new access token; `expires_in` is seconds."""
        expires = self.clock.now() + timedelta(seconds=expires_in)
        value = _jwt(client_id, scopes, expires)
        token = Token(value, client_id, frozenset(scopes), expires, tenant_id)
        self.tokens[value] = token
        return token

    def connections_of(self, client_id: str) -> list[Connection]:
        """The connections that the tokens of an app can see: its own, or else those of no app."""
        rows = list(self.connections.values())
        return [row for row in rows if row.app == client_id] or [row for row in rows if not row.app]

    def answer_token(self, request: Request) -> Response:
        """`POST /connect/token`."""
        try:
            grant = self.grants.get(request.form.get("grant_type", ""), _unsupported)
            return json_response(grant(request), headers={"Cache-Control": "no-store"})
        except OAuthError as error:
            return json_response({"error": error.name}, 400)

    def checked_scopes(self, asked: str) -> list[str]:
        """The scopes of a request, which all have to be known. Raises `OAuthError`."""
        scopes = asked.split()
        if not scopes or not set(scopes) <= self.allowed:
            raise OAuthError("invalid_scope")
        return scopes

    def _client_credentials(self, request: Request) -> dict[str, Any]:
        client_id, secret = _client(request)
        known = self.clients.get(client_id)
        if known is None or not secrets.compare_digest(known.encode(), secret.encode()):
            raise OAuthError("invalid_client")
        # Who names no scope gets all that the connection was made with.
        asked = request.form.get("scope") or " ".join(DEFAULT_SCOPES)
        scopes = self.checked_scopes(asked)
        if "offline_access" in scopes:
            raise OAuthError("invalid_scope")
        token = self.issue(client_id, scopes, tenant_id=self.tenant_id)
        return {
            "access_token": token.value,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
        }


def _client(request: Request) -> tuple[str, str]:
    """Id and secret of a custom connection: by Basic, or in the form as Xero's own clients do."""
    login = request.authorization
    if login and login.type == "basic":
        return login.username or "", login.password or ""
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _unsupported(_request: Request) -> dict[str, Any]:
    raise OAuthError("unsupported_grant_type")


def _jwt(client_id: str, scopes: Collection[str], expires: datetime) -> str:
    """A token of the vendor's shape and size; nothing in it is signed."""

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://identity.xero.com",
        "aud": "https://identity.xero.com/resources",
        "client_id": client_id,
        "exp": int(expires.timestamp()),
        "jti": secrets.token_hex(16),
        "scope": sorted(scopes),
    }
    signature = secrets.token_urlsafe(256)
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{signature}"
