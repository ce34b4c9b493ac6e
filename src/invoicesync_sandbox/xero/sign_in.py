"""Xero's OAuth for apps without a secret: PKCE, rotating refresh tokens, and their revocation."""

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import json_response
from invoicesync_sandbox.oauth import App, Asked, Consents, OwnPage, TokenRefusal
from invoicesync_sandbox.xero.identity import (
    TOKEN_SECONDS,
    Connection,
    Identity,
    OAuthError,
    Token,
)

AUTHORIZE = "/identity/connect/authorize"
REVOCATION = "/connect/revocation"
REFRESH_DAYS = 60
GRACE = timedelta(minutes=30)
"""How long a refresh token that was used may be used again, for whoever lost the answer."""


@dataclass(frozen=True)
class Refresh:
    """A refresh token. Times are UTC; `used` is when it was first exchanged, None before."""

    client_id: str
    scopes: tuple[str, ...]
    family: str
    expires: datetime
    used: datetime | None = None


class XeroSignIn:
    """Consent, codes and refresh tokens of one user, added to the identity service's grants.

    `apps` are PKCE apps by client id; `organisations` are those that the user can let an app into,
    by tenant id.
    """

    def __init__(self, identity: Identity, *, loopback_address_redirect: bool) -> None:
        self.identity = identity
        self.clock = identity.clock
        self.apps: dict[str, App] = {}
        self.organisations = {identity.tenant_id: identity.tenant_name}
        self.refresh_tokens: dict[str, Refresh] = {}
        self.consents = Consents("Xero", self.clock)
        self._loopback_address_redirect = loopback_address_redirect
        self._families: dict[str, list[Token]] = {}
        identity.grants["authorization_code"] = self._by_code
        identity.grants["refresh_token"] = self._by_refresh_token

    def add_app(self, client_id: str, redirects: set[str], name: str = "invoicesync") -> App:
        """Make an app. Raises `ValueError` for a redirect address that Xero does not take."""
        for address in redirects:
            where = urlsplit(address)
            local = {"localhost"} | ({"127.0.0.1"} if self._loopback_address_redirect else set())
            if where.scheme != "https" and not (where.scheme == "http" and where.hostname in local):
                msg = f"Xero does not take {address} as a redirect address"
                raise ValueError(msg)
        self.apps[client_id] = App(client_id, "", name, set(redirects))
        return self.apps[client_id]

    def authorize(self, request: Request) -> Response:
        """The consent page, and what follows a click on it."""
        try:
            asked = self._asked(request)
            return self.consents.answer(
                request,
                asked,
                self.apps[asked.client_id],
                self.organisations,
                lambda tenant: self._connected(asked.client_id, tenant),
            )
        except OwnPage as problem:
            return self.consents.own_page(problem)

    def revoke(self, request: Request) -> Response:
        """`POST /connect/revocation`: what is not known is revoked already."""
        if request.form.get("client_id", "") not in self.apps:
            return json_response({"error": "invalid_client"}, 400)
        known = self.refresh_tokens.get(request.form.get("token", ""))
        if known and known.client_id == request.form["client_id"]:
            kept = self.refresh_tokens.items()
            self.refresh_tokens = {
                value: other for value, other in kept if other.family != known.family
            }
            for token in self._families.pop(known.family, []):
                self.identity.tokens.pop(token.value, None)
        return Response("", 200)

    def _asked(self, request: Request) -> Asked:
        args = request.args
        app = self.apps.get(args.get("client_id", ""))
        if app is None:
            raise OwnPage("unauthorized_client: Unknown client or client not enabled")
        if args.get("redirect_uri") not in app.redirects:
            raise OwnPage("unauthorized_client: Invalid redirect_uri")
        if args.get("response_type") != "code":
            raise OwnPage("unsupported_response_type")
        if not args.get("code_challenge") or args.get("code_challenge_method") != "S256":
            raise OwnPage("invalid_request: code challenge required")
        try:
            scopes = self.identity.checked_scopes(args.get("scope", ""))
        except OAuthError:
            raise OwnPage("invalid_scope: Invalid scope for client") from None
        return Asked(
            app.id,
            args["redirect_uri"],
            tuple(scopes),
            args.get("state", ""),
            args["code_challenge"],
        )

    def _connected(self, client_id: str, tenant: str) -> dict[str, str]:
        """Connect the app to an organisation, if it is not yet; nothing is added to the address."""
        event = str(uuid.uuid4())
        now = self.clock.now()
        for row in self.identity.connections.values():
            if (row.app, row.tenant_id) == (client_id, tenant):
                self.identity.connections[row.id] = replace(row, auth_event_id=event)
                return {}
        name = self.organisations[tenant]
        made = Connection(str(uuid.uuid4()), event, tenant, name, now, client_id)
        self.identity.connections[made.id] = made
        return {}

    def _by_code(self, request: Request) -> dict[str, Any]:
        app = self._app(request)
        try:
            code = self.consents.spend(request.form, app.id)
        except TokenRefusal:
            raise OAuthError("invalid_grant") from None
        return self._issued(app, code.asked.scopes, str(uuid.uuid4()))

    def _by_refresh_token(self, request: Request) -> dict[str, Any]:
        app = self._app(request)
        value = request.form.get("refresh_token", "")
        known = self.refresh_tokens.get(value)
        now = self.clock.now()
        if known is None or known.client_id != app.id or known.expires <= now:
            raise OAuthError("invalid_grant")
        if known.used and now - known.used > GRACE:
            raise OAuthError("invalid_grant")
        self.refresh_tokens[value] = replace(known, used=known.used or now)
        return self._issued(app, known.scopes, known.family)

    def _app(self, request: Request) -> App:
        app = self.apps.get(request.form.get("client_id", ""))
        if app is None:
            raise OAuthError("invalid_client")
        return app

    def _issued(self, app: App, scopes: tuple[str, ...], family: str) -> dict[str, Any]:
        token = self.identity.issue(app.id, scopes)
        self._families.setdefault(family, []).append(token)
        reply: dict[str, Any] = {
            "access_token": token.value,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
        }
        if "offline_access" in scopes:
            value = secrets.token_urlsafe(32)
            expires = self.clock.now() + timedelta(days=REFRESH_DAYS)
            self.refresh_tokens[value] = Refresh(app.id, scopes, family, expires)
            reply["refresh_token"] = value
        return reply
