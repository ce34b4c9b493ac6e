"""The OAuth server of every simulated vendor: consent page, token endpoint, revocation.

The numbers and words that a vendor has of its own are its `Profile`; what is more than that is a
method that its subclass of `SignIn` overrides.
"""

import base64
import hashlib
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode, urlsplit

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.consent_page import consent_page, refusal_page
from invoicesync_sandbox.wire import json_response

CODE_SECONDS = 300
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

Proof = Literal["basic", "form", "id"]
"""Id and secret in the Basic header or in the form, or the id alone in the form."""


@dataclass
class App:
    """An app that a developer has made at the vendor's. `secret` is blank for one without."""

    id: str
    secret: str = ""
    name: str = "invoicesync"
    redirects: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Token:
    """An access token or a refresh token. Times are UTC.

    `account` is the one that it is good for, blank where calls have to name one. The tokens that
    end together when one is revoked have the same `grant`.
    """

    client_id: str
    account: str
    scopes: tuple[str, ...]
    grant: str
    consent: datetime
    made: datetime
    expires: datetime
    used: datetime | None = None
    """When a refresh token was first replaced."""


@dataclass(frozen=True)
class Profile:
    """What is one vendor's own: its paths, the lives of its tokens, the words of its refusals."""

    vendor: str
    authorize: str
    token: str
    proof: Mapping[str, Proof]
    """The grant types, and how the app says who it is for each."""
    unknown_client: str
    access_life: timedelta
    refresh_life: timedelta
    revocation: str = ""
    bound: bool = True
    """Whether tokens are for the account that was chosen; then all consents to it are one grant."""
    changes_after: timedelta = timedelta(0)
    """The age from which a refresh token is replaced when it is used; a younger one lives on."""
    grace: timedelta | None = None
    """How long a replaced refresh token may be used again; None: not at all."""
    longest: timedelta | None = None
    """How long refresh tokens can follow one another after the consent."""
    bad_refresh: tuple[str, str] = ("invalid_grant", "")
    """The error and its description for a refresh token that is not good."""
    described: bool = True
    """Whether refusals of the token endpoint are described, or only named."""
    pkce: bool = False
    refresh_scope: str = ""
    """The scope without which there is no refresh token."""
    token_type: str = "bearer"  # noqa: S105 - a word of the standard
    access_value: Callable[[Token], str] = lambda _: secrets.token_urlsafe(24)
    refresh_value: Callable[[], str] = lambda: secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Consent:
    """What an app asks of the person; `challenge` is PKCE's, blank without."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str


@dataclass(frozen=True)
class Code:
    """A code that was given out. `account` is the one that was chosen; `expires` is UTC."""

    asked: Consent
    account: str
    expires: datetime


class OwnPage(Exception):
    """The vendor refuses on a page of its own: the browser never goes back to the app."""


class TokenRefusal(Exception):
    """A refusal of the token endpoint or of the revocation, by its OAuth name."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


class SignIn:
    """The OAuth server of one vendor's user.

    `apps` are the developers' apps by client id; codes and tokens are by value.
    """

    profile: ClassVar[Profile]

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.apps: dict[str, App] = {}
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}

    def accounts(self) -> Mapping[str, str]:
        """The accounts that the user can let an app into, with their names."""
        raise NotImplementedError

    def asked_scopes(self, app: App, args: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes that a request for consent is for. Raises `OwnPage`."""
        raise NotImplementedError

    def allowed(self, _client_id: str, _account: str) -> Mapping[str, str]:
        """Let an app into an account; gives what the vendor adds to the address."""
        return {}

    def further_reply(self, _request: Request, _refresh: Token) -> Mapping[str, Any]:
        """What the vendor adds to an answer with tokens."""
        return {}

    def revoke(self, request: Request) -> Response:
        """The revocation of a token. Raises `TokenRefusal`."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response | None:
        """The answer to a request about signing in, None to any other."""
        if request.path == self.profile.authorize:
            return self._authorize(request)
        work = {self.profile.token: self.token, self.profile.revocation: self.revoke}
        if request.path not in work:
            return None
        if request.method != "POST":
            raise MethodNotAllowed
        try:
            return work[request.path](request)
        except TokenRefusal as refusal:
            body = {"error": refusal.error}
            if refusal.description and self.profile.described:
                body["error_description"] = refusal.description
            return json_response(body, refusal.status)

    def bearer(self, request: Request) -> tuple[str, Token | None]:
        """The bearer token that a call carries, and what is known of it; blank without one."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        value = value.strip() if scheme.lower() == "bearer" else ""
        return value, self.access_tokens.get(value)

    def live(self, request: Request) -> Token | None:
        """The token that a call carries, unless it is unknown or has ended."""
        token = self.bearer(request)[1]
        return token if token and token.expires > self.clock.now() else None

    def issue(
        self,
        client_id: str,
        scopes: tuple[str, ...] = (),
        account: str = "",
        *,
        expires_in: float | None = None,
    ) -> str:
        """An access token without a consent, of `expires_in` seconds or the vendor's own life."""
        life = self.profile.access_life if expires_in is None else timedelta(seconds=expires_in)
        return self._keep_access(self.new_token(client_id, account, scopes, life))

    def client(self, request: Request, proof: Proof) -> App:
        """The app that says who it is in this way. Raises `TokenRefusal`."""
        form = request.form
        shown = form.get("client_id", ""), form.get("client_secret", "")
        client_id, secret = basic_client(request) if proof == "basic" else shown
        app = self.apps.get(client_id)
        if app is None or (proof != "id" and not same_secret(app.secret, secret)):
            raise self.invalid_client()
        return app

    def invalid_client(self) -> TokenRefusal:
        """The refusal of an app that is unknown or cannot show its secret."""
        return TokenRefusal("invalid_client", "The client is unknown or its secret is wrong.")

    def end(self, grant: str) -> None:
        """End all tokens of a grant."""
        for tokens in (self.access_tokens, self.refresh_tokens):
            for value in [value for value, token in tokens.items() if token.grant == grant]:
                del tokens[value]

    # Consent

    def _authorize(self, request: Request) -> Response:
        try:
            return self._consent(request)
        except OwnPage as problem:
            return refusal_page(self.profile.vendor, str(problem))

    def _consent(self, request: Request) -> Response:
        """The consent page, or what follows a click on it. Raises `OwnPage`."""
        asked, accounts = self._asked(request), self.accounts()
        if request.method != "POST":
            name = self.apps[asked.client_id].name
            return consent_page(self.profile.vendor, name, asked.scopes, accounts)
        state = {"state": asked.state} if asked.state else {}
        if request.form.get("decision") != "allow":
            return _redirect(asked.redirect_uri, {"error": "access_denied", **state})
        account = request.form.get("choice", "")
        if account not in accounts:
            raise OwnPage("Choose one of the accounts.")
        further = self.allowed(asked.client_id, account)
        code = secrets.token_urlsafe(32)
        expires = self.clock.now() + timedelta(seconds=CODE_SECONDS)
        self.codes[code] = Code(asked, account, expires)
        return _redirect(asked.redirect_uri, {"code": code, **further, **state})

    def _asked(self, request: Request) -> Consent:
        args = request.args
        app = self.apps.get(args.get("client_id", ""))
        if app is None:
            raise OwnPage(self.profile.unknown_client)
        scopes = self.asked_scopes(app, args)
        challenged = args.get("code_challenge", "") if self.profile.pkce else ""
        return Consent(app.id, args["redirect_uri"], scopes, args.get("state", ""), challenged)

    # Tokens

    def token(self, request: Request) -> Response:
        """The token endpoint. Raises `TokenRefusal`."""
        kind = request.form.get("grant_type", "")
        if kind not in self.profile.proof:
            raise TokenRefusal("unsupported_grant_type")
        app = self.client(request, self.profile.proof[kind])
        if kind == "authorization_code":
            code = self._spent(request.form, app)
            account = code.account if self.profile.bound else ""
            refresh = self.new_token(app.id, account, code.asked.scopes, self.profile.refresh_life)
            value = self.profile.refresh_value()
        else:
            refresh, value = self._refreshed(request.form.get("refresh_token", ""), app)
        return self.issued(request, refresh, value)

    def _spent(self, form: Mapping[str, str], app: App) -> Code:
        """The code of a token request, which cannot be used again."""
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self.clock.now():
            raise TokenRefusal("invalid_grant", "The code is unknown, used or expired.")
        asked = code.asked
        if (app.id, form.get("redirect_uri", "")) != (asked.client_id, asked.redirect_uri):
            raise TokenRefusal("invalid_grant", "The code was given to another app or address.")
        if asked.challenge and asked.challenge != challenge(form.get("code_verifier", "")):
            raise TokenRefusal("invalid_grant", "The code verifier does not fit.")
        return code

    def _refreshed(self, value: str, app: App) -> tuple[Token, str]:
        """The refresh token that stands for the grant from now on, and its value."""
        profile, now = self.profile, self.clock.now()
        known = self.refresh_tokens.get(value)
        bad = TokenRefusal(*profile.bad_refresh)
        if known is None or known.client_id != app.id or known.expires <= now:
            raise bad
        if profile.grace is not None and known.used and now - known.used > profile.grace:
            raise bad
        if profile.longest and known.consent + profile.longest <= now:
            raise TokenRefusal("invalid_grant", "Token has reached its longest life")
        fresh = replace(known, expires=now + profile.refresh_life, used=None)
        if now - known.made < profile.changes_after:
            return fresh, value
        if profile.grace is None:
            del self.refresh_tokens[value]
        else:
            self.refresh_tokens[value] = replace(known, used=known.used or now)
        return replace(fresh, made=now), profile.refresh_value()

    def issued(self, request: Request, refresh: Token, value: str = "") -> Response:
        """The answer with a new access token, and the refresh token unless `value` is blank."""
        profile, now = self.profile, self.clock.now()
        access = self._keep_access(replace(refresh, made=now, expires=now + profile.access_life))
        reply: dict[str, Any] = {
            "access_token": access,
            "expires_in": int(profile.access_life.total_seconds()),
            "token_type": profile.token_type,
        }
        if value and (not profile.refresh_scope or profile.refresh_scope in refresh.scopes):
            self.refresh_tokens[value] = refresh
            reply["refresh_token"] = value
        reply |= self.further_reply(request, refresh)
        return json_response(reply, headers={"Cache-Control": "no-store"})

    def new_token(
        self, client_id: str, account: str, scopes: tuple[str, ...], life: timedelta
    ) -> Token:
        """A token of a new grant."""
        now = self.clock.now()
        grant = f"{client_id} {account}" if self.profile.bound else str(uuid.uuid4())
        return Token(client_id, account, scopes, grant, now, now, now + life)

    def _keep_access(self, token: Token) -> str:
        value = self.profile.access_value(token)
        self.access_tokens[value] = token
        return value


def local(address: str, hosts: frozenset[str] = frozenset({"localhost"})) -> bool:
    """Whether a redirect address is one of this machine's, by plain http."""
    where = urlsplit(address)
    return where.scheme == "http" and where.hostname in hosts


def challenge(verifier: str) -> str:
    """PKCE's S256 challenge of a verifier; one that breaks the rules has none."""
    if not VERIFIER.fullmatch(verifier):
        return ""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def same_secret(one: str, other: str) -> bool:
    """Whether two secrets are the same."""
    return secrets.compare_digest(one.encode(), other.encode())


def basic_client(request: Request) -> tuple[str, str]:
    """Client id and secret of a Basic header; blanks without one."""
    login = request.authorization
    if login is None or login.type != "basic":
        return "", ""
    return login.username or "", login.password or ""


def _redirect(address: str, params: Mapping[str, str]) -> Response:
    """Send the browser back to the app."""
    joint = "&" if urlsplit(address).query else "?"
    return Response("", 302, {"Location": f"{address}{joint}{urlencode(params)}"})
