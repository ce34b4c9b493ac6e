"""The steps of signing in that are every vendor's; nothing is kept before it is known whose it is.

What a vendor makes of them stands beside its adapter, in `sign_in.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module

from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.auth.consent import User, Ways, ask, check_redirect
from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.oauth import (
    Callback,
    Client,
    Consent,
    TokenEndpoint,
    TokenRefused,
    Tokens,
)
from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.auth.records import SignIn, SignInKind, write_access, write_sign_in
from invoicesync_cli.auth.refresh import LOCK_PATIENCE
from invoicesync_cli.auth.stores import check, variable
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.http.signing import checked
from invoicesync_cli.lock import held
from invoicesync_cli.vendors import Vendor


@dataclass(frozen=True)
class SignInOptions:
    """What was typed: `app` is the account expected, `organisation` the one to work with; `renew`
    asks for a new id, where a sign-in has one of its own."""

    redirect_uri: str = ""
    api_key: bool = False
    app: str = ""
    organisation: str = ""
    renew: bool = False


@dataclass(frozen=True)
class SignInSession:
    """What a sign-in works with."""

    vendor: Vendor
    credentials: Credentials
    pins: Pins
    user: User
    ways: Ways


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that has worked. `storage` is where its secrets are, `label` that in words."""

    kind: SignInKind
    account: Account
    scopes: tuple[str, ...]
    storage: str
    label: str


@dataclass(frozen=True)
class App:
    """The user's own app at the vendor's, as the config and the options name it."""

    client_id: str
    redirect_uri: str


@dataclass(frozen=True)
class Granted:
    """What a person's consent gave: the tokens, and the account where the vendor named one."""

    client_id: str
    tokens: Tokens
    account: str
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The secrets that were typed for it, and so have to be kept, by their names."""


SignInFunction = Callable[[SignInSession, SignInOptions], SignedIn]
"""`sign_in` of a vendor's package."""


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Sign in to the vendor. Raises `SignInNeeded`, `ConfigError`, or `TryLater`."""
    function: SignInFunction = import_module(f"{session.vendor.package}.sign_in").sign_in
    return function(session, options)


def app_of(session: SignInSession, typed_uri: str) -> App:
    """The app to sign in with. Raises `ConfigError` for what is missing."""
    vendor = session.vendor
    section = session.credentials.config.vendor(vendor.key)
    if not section.app_id:
        raise client_id_missing(vendor)
    redirect_uri = typed_uri or section.landing
    key = "--redirect-uri" if typed_uri else f"{vendor.key}.redirect_uri"
    check_redirect(key, redirect_uri)
    # A root that cannot be used is found before the person is asked for anything.
    session.credentials.where(vendor.key)
    return App(section.app_id, redirect_uri)


def client_id_missing(vendor: Vendor) -> ConfigError:
    """What there is to do without a client id."""
    key = f"{vendor.key}.client_id"
    return ConfigError(
        f"{key} is not set.",
        hint=f"Make an app at {vendor.oauth.app_page} and put its client id into the config as "
        f"{key}.",
        code="client-id-missing",
    )


def client_of(session: SignInSession, client_id: str) -> tuple[Client, dict[str, str]]:
    """The client, and its secret under its name if it was typed (and so has to be kept)."""
    name = session.vendor.secret("client-secret")
    secret = session.credentials.environment.read(name)
    if secret:
        return Client(client_id, secret), {}
    secret = typed_secret(session, f"Client secret of the {session.vendor.title} app: ", name)
    return Client(client_id, secret), {name: secret}


def typed_secret(session: SignInSession, question: str, name: str, *, piped: bool = False) -> str:
    """A secret that is typed or piped in. Raises `SignInNeeded`."""
    secret = session.user.secret(question, variable(name), piped=piped)
    return checked(secret, "What was typed", "Copy it again, whole and in one line.")


def by_browser(session: SignInSession, app: App) -> Granted:
    """Tokens by a person's consent. Raises `SignInNeeded`, or `TryLater`."""
    credentials, vendor = session.credentials, session.vendor
    check(credentials.store)
    typed: dict[str, str] = {}
    client, secret = Client(app.client_id), not vendor.oauth.pkce
    # Whoever sits there types it once it is of use; in a pipe it comes before the address.
    if secret and not session.user.at_terminal:
        client, typed = client_of(session, app.client_id)
    where = credentials.where(vendor.key)
    consent = Consent(vendor, where, client, app.redirect_uri)
    callback = ask(consent, session.ways, session.user)
    if secret and not client.secret:
        client, typed = client_of(session, app.client_id)
    tokens = _exchanged(session, client, consent, callback)
    return Granted(app.client_id, tokens, callback.account, typed)


def _exchanged(
    session: SignInSession, client: Client, consent: Consent, callback: Callback
) -> Tokens:
    where = session.credentials.where(session.vendor.key)
    endpoint = TokenEndpoint(session.vendor, where, session.credentials.network)
    try:
        return endpoint.exchange(client, consent, callback.code)
    except TokenRefused as refusal:
        raise _not_exchanged(session, refusal) from None
    finally:
        endpoint.close()


def _not_exchanged(session: SignInSession, refusal: TokenRefused) -> SignInNeeded:
    vendor = session.vendor
    command = session.credentials.command(vendor.key)
    if refusal.wrong_client:
        secret = variable(vendor.secret("client-secret"))
        public = vendor.oauth.pkce
        where = "" if public else f" and the client secret ({secret}, or as you typed it)"
        return SignInNeeded(
            f"{vendor.title} refused the client id or secret: {refusal.words}",
            hint=f"Check {vendor.key}.client_id in the config{where}, then start again: {command}",
            code="wrong-client",
        )
    return SignInNeeded(
        f"{vendor.title} did not take the code: {refusal.words}",
        hint=f"A code is good once, for a few minutes, and for the redirect address it was asked "
        f"with. Start again: {command}",
        code="code-refused",
    )


def keep(
    session: SignInSession,
    kind: SignInKind,
    account: Account,
    scopes: tuple[str, ...] = (),
    *,
    typed: Mapping[str, str],
    client_id: str = "",
    tokens: Tokens | None = None,
) -> None:
    """Keep a sign-in in place of an older one, so that nothing of that one is left.

    `account` has the id that requests name it by; `typed` are the secrets to keep, by their names.
    """
    credentials, service = session.credentials, session.vendor.key
    store = credentials.store
    made = SignIn(
        service=service,
        kind=kind,
        root=credentials.where(service).root,
        account=account.id,
        name=account.name,
        at=credentials.network.timing.now(),
        client_id=client_id,
        scopes=scopes,
    )
    with held(credentials.lock(service), LOCK_PATIENCE, f"{session.vendor.title} sign-in"):
        for name, secret in typed.items():
            store.write(name, secret)
        if tokens:
            made = replace(
                made, refresh_token=tokens.refresh_token, refresh_ends=tokens.refresh_ends
            )
            write_access(store, service, tokens.access)
        write_sign_in(store, made)
        for name in credentials.entries(service):
            needed = name in typed or name == service or (tokens and name == f"{service}.access")
            if not needed:
                store.delete(name)


def keep_granted(
    session: SignInSession, granted: Granted, account: Account, scopes: tuple[str, ...]
) -> None:
    """Keep what a consent gave, as `keep` does."""
    keep(
        session,
        "oauth",
        account,
        scopes,
        typed=granted.typed,
        client_id=granted.client_id,
        tokens=granted.tokens,
    )


def done(
    session: SignInSession,
    kind: SignInKind,
    account: Account,
    scopes: tuple[str, ...] = (),
    *,
    from_environment: bool = False,
) -> SignedIn:
    """Pin the account that was signed in to. Raises `SignInNeeded` when another one is pinned."""
    store = session.credentials.environment if from_environment else session.credentials.store
    session.pins.pin(session.vendor.key, account)
    session.pins.put_into(session.vendor.key, store.kind)
    return SignedIn(kind, account, scopes, store.kind, store.label)
