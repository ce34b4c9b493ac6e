"""Intuit's OAuth: consent with a company, hour-long tokens, refresh tokens that change daily."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Clock, json_response
from invoicesync_sandbox.oauth import (
    App,
    Asked,
    Consents,
    OwnPage,
    TokenRefusal,
    basic_client,
    proven,
)
from invoicesync_sandbox.qbo.switches import QboSwitches

AUTHORIZE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"  # noqa: S105 - a path
REVOKE = "/v2/oauth2/tokens/revoke"
ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = {ACCOUNTING, "openid", "profile", "email"}
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
HARD_SECONDS = 5 * 365 * 86400
CHANGES_AFTER = timedelta(hours=24)
"""Older than this, a refresh token is replaced when it is used, and then works no longer."""


@dataclass(frozen=True)
class Access:
    """An access token's company, app and end (UTC), and what it is good for."""

    realm: str
    client_id: str
    expires: datetime
    scopes: tuple[str, ...] = (ACCOUNTING,)


@dataclass(frozen=True)
class Refresh:
    """A refresh token. `made` is when this value was, `consent` when the person agreed (UTC)."""

    realm: str
    client_id: str
    made: datetime
    consent: datetime
    expires: datetime
    scopes: tuple[str, ...]


class QboSignIn:
    """Consent page, token endpoint and revocation.

    `apps` are by client id; those in `production` take no localhost. `companies` are the names of
    those that the user can choose, by realm id.
    """

    def __init__(self, clock: Clock, companies: Mapping[str, str]) -> None:
        self.clock = clock
        self.companies = companies
        self.apps: dict[str, App] = {}
        self.production: set[str] = set()
        self.access_tokens: dict[str, Access] = {}
        self.refresh_tokens: dict[str, Refresh] = {}
        self.consents = Consents("QuickBooks", clock)

    def grant(self, client_id: str, realm: str) -> str:
        """A refresh token, as if a person had just let an app into a company."""
        value, now = _refresh_value(), self.clock.now()
        expires = now + timedelta(seconds=REFRESH_SECONDS)
        scopes = ("com.intuit.quickbooks.accounting",)
        self.refresh_tokens[value] = Refresh(realm, client_id, now, now, expires, scopes)
        return value

    def authorize(self, request: Request) -> Response:
        """The consent page, and what follows a click on it."""
        try:
            asked = self._asked(request)
            return self.consents.answer(
                request,
                asked,
                self.apps[asked.client_id],
                self.companies,
                lambda realm: {"realmId": realm},
            )
        except OwnPage as problem:
            return self.consents.own_page(problem)

    def token(self, request: Request, switches: QboSwitches) -> Response:
        """`POST /oauth2/v1/tokens/bearer`."""
        try:
            app = proven(self.apps, *basic_client(request), status=switches.invalid_client_status)
            kept, value = self._granted(request, app)
        except TokenRefusal as refusal:
            return refusal.response
        self.refresh_tokens[value] = kept
        return self._issued(request, kept, value)

    def _granted(self, request: Request, app: App) -> tuple[Refresh, str]:
        """The grant that a token request is for, and its refresh token. Raises `TokenRefusal`."""
        form = request.form
        if form.get("grant_type") == "authorization_code":
            code = self.consents.spend(form, app.id)
            now = self.clock.now()
            expires = now + timedelta(seconds=REFRESH_SECONDS)
            kept = Refresh(code.choice, app.id, now, now, expires, code.asked.scopes)
            return kept, _refresh_value()
        if form.get("grant_type") == "refresh_token":
            return self._rolled(form.get("refresh_token", ""), app)
        raise TokenRefusal("unsupported_grant_type")

    def revoke(self, request: Request, switches: QboSwitches) -> Response:
        """`POST /v2/oauth2/tokens/revoke`: a token of either kind takes the whole grant with it."""
        try:
            app = proven(self.apps, *basic_client(request), status=switches.invalid_client_status)
            value = str(json.loads(request.get_data() or b"{}").get("token", ""))
        except TokenRefusal as refusal:
            return refusal.response
        except (ValueError, AttributeError):
            return json_response({"error": "invalid_request"}, 400)
        known = self.refresh_tokens.get(value) or self.access_tokens.get(value)
        if known is None or known.client_id != app.id:
            return json_response({"error": "invalid_grant"}, 400)
        grant = (known.realm, known.client_id)
        self.refresh_tokens = {
            key: item
            for key, item in self.refresh_tokens.items()
            if (item.realm, item.client_id) != grant
        }
        self.access_tokens = {
            key: item
            for key, item in self.access_tokens.items()
            if (item.realm, item.client_id) != grant
        }
        return Response("", 200)

    def _asked(self, request: Request) -> Asked:
        args = request.args
        app = self.apps.get(args.get("client_id", ""))
        if app is None:
            raise OwnPage("The client_id query parameter is missing or invalid.")
        address = args.get("redirect_uri", "")
        if address not in app.redirects:
            raise OwnPage("The redirect_uri query parameter value is invalid.")
        if app.id in self.production and urlsplit(address).scheme != "https":
            raise OwnPage("Production keys take an https redirect_uri on a real host only.")
        scopes = tuple(args.get("scope", "").split())
        if args.get("response_type") != "code" or not args.get("state"):
            raise OwnPage("The request needs response_type=code and a state.")
        if not scopes or not set(scopes) <= SCOPES:
            raise OwnPage("The scope query parameter is missing or invalid.")
        return Asked(app.id, address, scopes, args["state"])

    def _rolled(self, value: str, app: App) -> tuple[Refresh, str]:
        """The grant behind a refresh token, and the value that stands for it from now on."""
        known, now = self.refresh_tokens.get(value), self.clock.now()
        if known is None or known.client_id != app.id or known.expires <= now:
            raise TokenRefusal("invalid_grant", "Incorrect or invalid refresh token")
        if known.consent + timedelta(seconds=HARD_SECONDS) <= now:
            raise TokenRefusal("invalid_grant", "Token has reached its longest life")
        rolled = replace(known, expires=now + timedelta(seconds=REFRESH_SECONDS))
        if now - known.made < CHANGES_AFTER:
            return rolled, value
        del self.refresh_tokens[value]
        return replace(rolled, made=now), _refresh_value()

    def _issued(self, request: Request, kept: Refresh, value: str) -> Response:
        now = self.clock.now()
        # Long enough to be a real one's length: Intuit's tokens are encrypted documents.
        access = secrets.token_urlsafe(600)
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        self.access_tokens[access] = Access(kept.realm, kept.client_id, expires, kept.scopes)
        reply: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "refresh_token": value,
            "x_refresh_token_expires_in": int((kept.expires - now).total_seconds()),
        }
        if request.headers.get("x-include-refresh-token-hard-expires-in", "") == "true":
            hard = kept.consent + timedelta(seconds=HARD_SECONDS)
            reply["x_refresh_token_hard_expires_in"] = int((hard - now).total_seconds())
        return json_response(reply, headers={"Cache-Control": "no-store"})


def _refresh_value() -> str:
    return f"RT1-{secrets.randbelow(256)}-H0-{secrets.token_hex(16)}"
