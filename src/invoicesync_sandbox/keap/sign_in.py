"""Keap's OAuth: tokens for a day, and refresh tokens that are good once, for 45 days."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap.settings import Profile as Business
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.oauth import App, OwnPage, Profile, SignIn, Token, local


class KeapSignIn(SignIn):
    """The OAuth server of one account.

    Redirect addresses are not registered with Keap: any https one will do, as long as the token
    request names the same.
    """

    profile = Profile(
        vendor="Keap",
        authorize="/app/oauth/authorize",
        token="/token",  # noqa: S106 - a path
        proof={"authorization_code": "form", "refresh_token": "basic"},
        unknown_client="The client id is not known.",
        access_life=timedelta(days=1),
        refresh_life=timedelta(days=45),
        bad_refresh=("invalid_request", "Invalid Refresh Token"),
    )

    def __init__(
        self, clock: Clock, business: Business, switches: Callable[[], KeapSwitches]
    ) -> None:
        super().__init__(clock)
        self._business = business
        self._switches = switches

    def accounts(self) -> Mapping[str, str]:
        """The one account."""
        return {self._business.tenant_id: f"{self._business.company} ({self._host})"}

    def asked_scopes(self, _app: App, args: Mapping[str, str]) -> tuple[str, ...]:
        """There is one scope only. Raises `OwnPage`."""
        if args.get("response_type") != "code" or args.get("scope") != "full":
            raise OwnPage("The request needs response_type=code and scope=full.")
        address = args.get("redirect_uri", "")
        allowed = self._switches().localhost_redirect and local(address)
        if urlsplit(address).scheme != "https" and not allowed:
            raise OwnPage("The redirect_uri must be HTTPS.")
        return ("full",)

    def allowed(self, _client_id: str, _account: str) -> Mapping[str, str]:
        """The address names the account in its scope."""
        return {"scope": f"full|{self._host}"}

    def further_reply(self, _request: Request, _refresh: Token) -> Mapping[str, Any]:
        """So does the answer with tokens."""
        return {"scope": f"full|{self._host}"}

    @property
    def _host(self) -> str:
        return f"{self._business.tenant_id}.infusionsoft.com"
