"""OAuth 2.0 with a browser: the address to open, the answer that comes back, and the tokens."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from invoicesync_cli.auth.records import Access
from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import Reply, failure, words_of
from invoicesync_cli.http.schemas import Schema, Text, read
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import Vendor

SECONDS = 20.0
"""How long a token endpoint may be silent: others wait for the lock while one process renews."""


Token = Annotated[Text, Field(min_length=1, max_length=20_000, pattern=r"^[!-~]+$")]
"""A token: signs of ASCII that a header can carry."""
Seconds = Annotated[int, Field(ge=0, le=10**9)]


@dataclass(frozen=True)
class Client:
    """The app at the vendor's that signs in; `secret` is blank for one that has none."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Callback:
    """What came back from the vendor: the code, and the account's id where the vendor says it."""

    code: str = field(repr=False)
    account: str = ""


@dataclass(frozen=True)
class Tokens:
    """A token endpoint's answer. Ends are UTC; `refresh_token` is blank where there is none."""

    access: Access
    scope: str
    refresh_token: str = field(default="", repr=False)
    refresh_ends: datetime | None = None


class TokenAnswer(Schema):
    """What a token endpoint answers: tokens, and for how many seconds each is good."""

    access_token: Token
    expires_in: Seconds = 1800
    refresh_token: Text = ""
    x_refresh_token_expires_in: Seconds = 0
    scope: Text = ""


class _Refusal(Schema):
    """OAuth's word for why there are no tokens."""

    error: Text = ""


class TokenRefused(InvoiceSyncError):
    """The token endpoint said no: `error` is OAuth's word for it, `words` are the vendor's."""

    code = "sign-in-refused"

    def __init__(self, vendor: Vendor, error: str, words: str) -> None:
        super().__init__(f"{vendor.title} refused the sign-in: {words}")
        self.error = error
        self.words = words

    @property
    def wrong_client(self) -> bool:
        """Whether it is the client id or secret that was refused."""
        return self.error in {"invalid_client", "unauthorized_client"}


class Consent:
    """One request for consent, from the address to open until the answer that comes back."""

    def __init__(self, vendor: Vendor, origins: Origins, client: Client, redirect_uri: str) -> None:
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        self.vendor = vendor
        self.redirect_uri = redirect_uri
        self._state = secrets.token_urlsafe(32)
        self.verifier = secrets.token_urlsafe(48) if vendor.oauth.pkce else ""
        proof: dict[str, str] = {}
        if self.verifier:
            challenge = create_s256_code_challenge(self.verifier)  # type: ignore[no-untyped-call]
            proof = {"code_challenge": challenge, "code_challenge_method": "S256"}
        self.address: str = prepare_grant_uri(
            origins.at("login") + vendor.oauth.authorize_path,
            client_id=client.id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=list(vendor.oauth.scopes),
            state=self._state,
            **proof,
        )

    def read(self, address: str) -> Callback:
        """The answer in the address that the browser has landed on.

        Raises `SignInNeeded` for a refusal, an answer to somebody else's question, or none.
        """
        from authlib.oauth2.rfc6749.errors import MismatchingStateException, MissingCodeException
        from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response

        if not same_place(address, self.redirect_uri):
            raise SignInNeeded(
                f"The address is another one than the redirect address {self.redirect_uri}.",
                hint="Paste the whole address of the page that the browser has landed on after "
                "you allowed access.",
                code="wrong-address",
            )
        params = dict(parse_qsl(urlsplit(address).query))
        if "error" in params and params.get("state") == self._state:
            raise self._refused(params)
        try:
            found = parse_authorization_code_response(address, state=self._state)
        except MismatchingStateException:
            raise SignInNeeded(
                "The answer does not belong to this sign-in: its state is not the one sent.",
                hint="Somebody else may have made it, or it comes from an earlier try. Nothing was "
                f"stored. Start again: invoicesync auth {self.vendor.key}",
                code="wrong-state",
            ) from None
        except MissingCodeException:
            raise SignInNeeded(
                "The address has no code in it.",
                hint="Paste the whole address of the page that the browser has landed on.",
                code="no-code",
            ) from None
        return Callback(found["code"], found.get(self.vendor.oauth.account_parameter, ""))

    def _refused(self, params: Mapping[str, str]) -> SignInNeeded:
        name = self.vendor.title
        words = params.get("error_description", "") or params["error"]
        said = "" if params["error"] == "access_denied" else f" ({_short(words)})"
        return SignInNeeded(
            f"Access was refused on {name}'s page{said}.",
            hint=f"Nothing was stored. To allow it after all: invoicesync auth {self.vendor.key}",
            code="consent-refused",
        )


class TokenEndpoint:
    """A vendor's token endpoint."""

    def __init__(self, vendor: Vendor, origins: Origins, network: Network) -> None:
        self._vendor = vendor
        limits = ServiceLimits(f"{vendor.title} sign-in", windows=(), timeout=SECONDS)
        self._service = network.service(origins.at("token"), limits, None)
        self._now = network.timing.now

    def exchange(self, client: Client, consent: Consent, code: str) -> Tokens:
        """Tokens for a code. Raises `TokenRefused`, or `TryLater`."""
        proof = {"code_verifier": consent.verifier} if consent.verifier else {}
        fields = {"code": code, "redirect_uri": consent.redirect_uri, **proof}
        return self._ask("authorization_code", client, fields)

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        """New tokens for a refresh token. Raises `TokenRefused`, or `TryLater`."""
        return self._ask("refresh_token", client, {"refresh_token": refresh_token})

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _ask(self, grant: str, client: Client, fields: dict[str, str]) -> Tokens:
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        proof = self._vendor.oauth.proof[grant]
        if proof == "basic":
            headers["Authorization"] = basic(client)
        else:
            fields = {**fields, "client_id": client.id}
        if proof == "body":
            fields["client_secret"] = client.secret
        body = prepare_token_request(grant, **fields).encode()
        asked_at = self._now()
        reply = self._service.ask("POST", self._vendor.oauth.token_path, body=body, headers=headers)
        if reply.status >= 500 or (reply.status >= 400 and not _is_object(reply)):
            raise _not_refused(reply)
        if reply.status >= 400:
            raise TokenRefused(self._vendor, read(reply, _Refusal).error, words_of(reply))
        return self._tokens(read(reply, TokenAnswer), asked_at)

    def _tokens(self, answer: TokenAnswer, asked_at: datetime) -> Tokens:
        life = self._vendor.oauth.refresh_life
        if answer.x_refresh_token_expires_in:
            life = timedelta(seconds=answer.x_refresh_token_expires_in)
        return Tokens(
            access=Access(answer.access_token, asked_at + timedelta(seconds=answer.expires_in)),
            scope=answer.scope,
            refresh_token=answer.refresh_token,
            refresh_ends=asked_at + life if life else None,
        )


def basic(client: Client) -> str:
    """The Basic header of a client with a secret."""
    pair = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    return f"Basic {pair}"


def same_place(address: str, redirect_uri: str) -> bool:
    """Whether an address is the redirect address with something behind it."""
    return _place(address) == _place(redirect_uri)


def _place(address: str) -> tuple[object, ...]:
    """What has to be the same; an address that cannot be read is only like itself."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return (address,)
    return (parts.scheme, parts.hostname, port, parts.path or "/")


def _is_object(reply: Reply) -> bool:
    return reply.body.lstrip().startswith(b"{")


def _not_refused(reply: Reply) -> InvoiceSyncError:
    """Whoever answered, it was not the token endpoint speaking OAuth."""
    found = failure(reply)
    if isinstance(found, TryLater | SignInNeeded):
        return found
    return TryLater(found.message, hint="Try again in a few minutes.", code="unreadable-answer")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return (line[:197] + "…") if len(line) > 200 else line
