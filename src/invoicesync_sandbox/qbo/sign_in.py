"""Intuit's OAuth: consent with a company, hour-long tokens, refresh tokens that change daily."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
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
)
from invoicesync_sandbox.qbo.switches import QboSwitches

ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = {ACCOUNTING, "openid", "profile", "email"}
HARD_LIFE = timedelta(days=5 * 365)


class QboSignIn(SignIn):
    """The OAuth server of one user.

    Apps in `production` take no localhost. `companies` are the names of those that the user can
    choose, by realm id.
    """

    profile = Profile(
        vendor="QuickBooks",
        authorize="/connect/oauth2",
        token="/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
        revocation="/v2/oauth2/tokens/revoke",
        proof={"authorization_code": "basic", "refresh_token": "basic"},
        unknown_client="The client_id query parameter is missing or invalid.",
        access_life=timedelta(hours=1),
        refresh_life=timedelta(seconds=8_726_400),
        changes_after=timedelta(hours=24),
        longest=HARD_LIFE,
        bad_refresh=("invalid_grant", "Incorrect or invalid refresh token"),
        # Long enough to be a real one's length: Intuit's tokens are encrypted documents.
        access_value=lambda _: secrets.token_urlsafe(600),
        refresh_value=lambda: f"RT1-{secrets.randbelow(256)}-H0-{secrets.token_hex(16)}",
    )

    def __init__(self, clock: Clock, companies: Mapping[str, str], switches: QboSwitches) -> None:
        super().__init__(clock)
        self.companies = companies
        self.production: set[str] = set()
        self._switches = switches

    def accounts(self) -> Mapping[str, str]:
        """The companies."""
        return self.companies

    def grant(self, client_id: str, realm: str) -> str:
        """A refresh token, as if a person had just let an app into a company."""
        value = self.profile.refresh_value()
        life = self.profile.refresh_life
        self.refresh_tokens[value] = self.new_token(client_id, realm, (ACCOUNTING,), life)
        return value

    def asked_scopes(self, app: App, args: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes, with the other parameters checked. Raises `OwnPage`."""
        address = args.get("redirect_uri", "")
        if address not in app.redirects:
            raise OwnPage("The redirect_uri query parameter value is invalid.")
        if app.id in self.production and urlsplit(address).scheme != "https":
            raise OwnPage("Production keys take an https redirect_uri on a real host only.")
        if args.get("response_type") != "code" or not args.get("state"):
            raise OwnPage("The request needs response_type=code and a state.")
        scopes = tuple(args.get("scope", "").split())
        if not scopes or not set(scopes) <= SCOPES:
            raise OwnPage("The scope query parameter is missing or invalid.")
        return scopes

    def allowed(self, _client_id: str, account: str) -> Mapping[str, str]:
        """The address names the company, which the answer with tokens does not."""
        return {"realmId": account}

    def invalid_client(self) -> TokenRefusal:
        """The refusal of an app that is unknown or cannot show its secret."""
        refusal = super().invalid_client()
        refusal.status = self._switches.invalid_client_status
        return refusal

    def further_reply(self, request: Request, refresh: Token) -> Mapping[str, Any]:
        """When the refresh token ends, and on request when no other can follow it any more."""
        now = self.clock.now()
        left = {"x_refresh_token_expires_in": int((refresh.expires - now).total_seconds())}
        if request.headers.get("x-include-refresh-token-hard-expires-in", "") == "true":
            hard = refresh.consent + HARD_LIFE - now
            left["x_refresh_token_hard_expires_in"] = int(hard.total_seconds())
        return left

    def revoke(self, request: Request) -> Response:
        """A token of either kind takes the whole grant with it."""
        app = self.client(request, "basic")
        try:
            value = str(json.loads(request.get_data() or b"{}").get("token", ""))
        except (ValueError, AttributeError):
            raise TokenRefusal("invalid_request") from None
        known = self.refresh_tokens.get(value) or self.access_tokens.get(value)
        if known is None or known.client_id != app.id:
            raise TokenRefusal("invalid_grant")
        self.end(known.grant)
        return Response("", 200)
