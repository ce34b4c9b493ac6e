"""Keap's OAuth: consent, tokens for a day, and refresh tokens that are good once, for 45 days."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Clock, json_response
from invoicesync_sandbox.keap.gateway import Gateway
from invoicesync_sandbox.keap.settings import Profile
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.oauth import (
    App,
    Asked,
    Consents,
    OwnPage,
    TokenRefusal,
    basic_client,
    proven,
)

AUTHORIZE = "/app/oauth/authorize"
TOKEN = "/token"  # noqa: S105 - a path
ACCESS_SECONDS = 86400
REFRESH_DAYS = 45


@dataclass(frozen=True)
class Refresh:
    """A refresh token's app and end (UTC)."""

    client_id: str
    expires: datetime


class KeapSignIn:
    """The consent page and the token endpoint of one account.

    `apps` are the developers' apps by client id. Redirect addresses are not registered with Keap:
    any https one will do, as long as the token request names the same.
    """

    def __init__(self, clock: Clock, gateway: Gateway, profile: Profile) -> None:
        self.clock = clock
        self.apps: dict[str, App] = {}
        self.refresh_tokens: dict[str, Refresh] = {}
        self.consents = Consents("Keap", clock)
        self._gateway = gateway
        self._profile = profile

    def takes(self, request: Request) -> bool:
        """Whether a request is about signing in."""
        return request.path in {AUTHORIZE, TOKEN}

    def handle(self, request: Request, switches: KeapSwitches) -> Response:
        """Answer a request about signing in."""
        if request.path == TOKEN:
            if request.method != "POST":
                raise MethodNotAllowed
            return self._token(request)
        try:
            asked = self._asked(request, switches)
            name = f"{self._profile.company} ({self._account})"
            return self.consents.answer(
                request,
                asked,
                self.apps[asked.client_id],
                {self._profile.tenant_id: name},
                lambda _: {"scope": self._scope},
            )
        except OwnPage as problem:
            return self.consents.own_page(problem)

    @property
    def _account(self) -> str:
        return f"{self._profile.tenant_id}.infusionsoft.com"

    @property
    def _scope(self) -> str:
        return f"full|{self._account}"

    def _asked(self, request: Request, switches: KeapSwitches) -> Asked:
        args = request.args
        if args.get("client_id", "") not in self.apps:
            raise OwnPage("The client id is not known.")
        if args.get("response_type") != "code" or args.get("scope") != "full":
            raise OwnPage("The request needs response_type=code and scope=full.")
        where = urlsplit(args.get("redirect_uri", ""))
        local = where.scheme == "http" and where.hostname == "localhost"
        if where.scheme != "https" and not (local and switches.localhost_redirect):
            raise OwnPage("The redirect_uri must be HTTPS.")
        return Asked(args["client_id"], args["redirect_uri"], ("full",), args.get("state", ""))

    def _token(self, request: Request) -> Response:
        try:
            return self._issued(self._granted(request))
        except TokenRefusal as refusal:
            return refusal.response

    def _granted(self, request: Request) -> App:
        """The app that may have tokens. Raises `TokenRefusal`."""
        form = request.form
        if form.get("grant_type") == "authorization_code":
            app = proven(self.apps, form.get("client_id", ""), form.get("client_secret", ""))
            self.consents.spend(form, app.id)
            return app
        if form.get("grant_type") == "refresh_token":
            app = proven(self.apps, *basic_client(request))
            self._spend(form.get("refresh_token", ""), app)
            return app
        raise TokenRefusal("unsupported_grant_type")

    def _spend(self, token: str, app: App) -> None:
        """Use a refresh token up."""
        known = self.refresh_tokens.get(token)
        if known is None or known.client_id != app.id or known.expires <= self.clock.now():
            raise TokenRefusal("invalid_request", "Invalid Refresh Token")
        del self.refresh_tokens[token]

    def _issued(self, app: App) -> Response:
        now = self.clock.now()
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._gateway.access_tokens[access] = now + timedelta(seconds=ACCESS_SECONDS)
        self.refresh_tokens[refresh] = Refresh(app.id, now + timedelta(days=REFRESH_DAYS))
        body = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": refresh,
            "scope": self._scope,
        }
        return json_response(body, headers={"Cache-Control": "no-store"})
