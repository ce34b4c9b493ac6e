"""Signing in, step by step: nothing is kept before it is known whose account it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from invoicesync_cli.auth import accounts
from invoicesync_cli.auth.accounts import NAMES, Account
from invoicesync_cli.auth.consent import Person, Ways, ask, check_redirect
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
from invoicesync_cli.auth.providers import KEAP, QBO, XERO, XERO_DATA_SCOPES, Provider
from invoicesync_cli.auth.records import Kind, SignIn, write_access, write_sign_in
from invoicesync_cli.auth.refresh import LOCK_PATIENCE, Fresh
from invoicesync_cli.auth.stores import check, variable
from invoicesync_cli.auth.tokens import KeapKey, XeroCustomConnection
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.http.client import TokenSource
from invoicesync_cli.http.signing import checked
from invoicesync_cli.lock import held
from invoicesync_cli.services import app_name

LEGACY_KEY = re.compile(r"[0-9a-fA-F]{32,}")
"""Keap's old keys were bare hexadecimal; the new ones start with `KeapAK-`."""


@dataclass(frozen=True)
class SignInSession:
    """What a sign-in works with."""

    credentials: Credentials
    pins: Pins
    person: Person
    ways: Ways


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that has worked. `storage` is where its secrets are, `label` that in words."""

    service: str
    kind: Kind
    account: Account
    scopes: tuple[str, ...]
    storage: str
    label: str


def keap_by_key(session: SignInSession, *, typed: bool, app: str = "") -> SignedIn:
    """Sign in to Keap with a key: the environment's, or one that is `typed` or piped in.

    `app` is the account that is expected, with or without `.infusionsoft.com`.
    """
    credentials = session.credentials
    key = "" if typed else credentials.environment.read("keap.api-key")
    from_environment = bool(key)
    if not key:
        check(credentials.store)
        key = _typed(
            session,
            "Keap API key (Personal Access Token or Service Account Key): ",
            "keap.api-key",
            piped=typed,
        )
    if LEGACY_KEY.fullmatch(key):
        raise SignInNeeded(
            "This is one of Keap's legacy API keys, which Keap has switched off.",
            hint="Personal Access Tokens and Service Account Keys have replaced them: make one in "
            "Keap under Settings > API Settings. It starts with KeapAK-.",
            code="legacy-key",
        )
    found = _keap_account(session, KeapKey(key), app)
    if not from_environment:
        _keep(session, _record(session, "keap", "api-key", found), {"keap.api-key": key})
    return _done(session, "keap", "api-key", found, (), from_environment=from_environment)


def keap_by_oauth(session: SignInSession, redirect_uri: str, app: str = "") -> SignedIn:
    """Sign in to Keap in a browser, with the user's own client id and secret."""
    client_id, redirect_uri = _app(session, KEAP, session.credentials.config.keap, redirect_uri)
    check(session.credentials.store)
    client, secrets = _client(session, KEAP, client_id)
    tokens, _ = _consented(session, KEAP, client, redirect_uri)
    scope, _, told = tokens.scope.partition("|")
    found = _keap_account(session, Fresh(tokens.access), app, told)
    sign_in = _record(session, "keap", "oauth", found, client_id, (scope or "full",))
    _keep(session, sign_in, secrets, tokens)
    return _done(session, "keap", "oauth", found, sign_in.scopes)


def xero(session: SignInSession, redirect_uri: str, organisation: str) -> SignedIn:
    """Sign in to Xero in a browser; `organisation` is the name or id of the one to work with."""
    client_id, redirect_uri = _app(session, XERO, session.credentials.config.xero, redirect_uri)
    check(session.credentials.store)
    tokens, _ = _consented(session, XERO, Client(client_id), redirect_uri)
    where, network = session.credentials.where("xero"), session.credentials.network
    granted = accounts.xero_connections(where, network, Fresh(tokens.access))
    chooser = _choose(session) if session.person.at_terminal else None
    chosen = accounts.chosen(granted, organisation, session.pins.known("xero"), chooser)
    signer = Fresh(tokens.access, {"Xero-Tenant-Id": chosen.tenant})
    found = accounts.xero_account(where, network, signer)
    session.pins.check("xero", found)
    scopes = tuple(tokens.scope.split()) or XERO.scopes
    tenant = Account(chosen.tenant, found.name)
    _keep(session, _record(session, "xero", "oauth", tenant, client_id, scopes), {}, tokens)
    return _done(session, "xero", "oauth", found, scopes)


def xero_custom(session: SignInSession, organisation: str) -> SignedIn:
    """Sign in to Xero with a custom connection, which has a secret and one organisation."""
    credentials = session.credentials
    client_id = credentials.config.xero.client_id
    if not client_id:
        raise _unset("xero.client_id", "xero")
    from_environment = credentials.from_environment("xero")
    if not from_environment:
        check(credentials.store)
    client, secrets = _client(session, XERO, client_id)
    where, network = credentials.where("xero"), credentials.network
    tokens = XeroCustomConnection(
        where, network, client_id, client.secret, credentials.command("xero")
    )
    found = accounts.xero_account(where, network, tokens)
    if organisation and organisation.casefold() not in {found.id.casefold(), found.name.casefold()}:
        raise SignInNeeded(
            f"--organisation: the custom connection is for {accounts.described(found)}, not for "
            f"{organisation!r}.",
            hint="Xero ties a custom connection to one organisation: make another there.",
            code="organisation-unknown",
        )
    session.pins.check("xero", found)
    if not from_environment:
        record = _record(session, "xero", "custom-connection", found, client_id, XERO_DATA_SCOPES)
        _keep(session, record, secrets)
    return _done(
        session,
        "xero",
        "custom-connection",
        found,
        XERO_DATA_SCOPES,
        from_environment=from_environment,
    )


def qbo(session: SignInSession, redirect_uri: str) -> SignedIn:
    """Sign in to QuickBooks in a browser, with the user's own client id and secret."""
    credentials = session.credentials
    settings = credentials.config.qbo
    client_id, redirect_uri = _app(session, QBO, settings, redirect_uri)
    if settings.environment == "production" and redirect_uri.startswith("http:"):
        session.person.tell(
            "Intuit takes http://localhost for development keys only. For those, set "
            'qbo.environment = "sandbox"; production keys need an https address.'
        )
    check(credentials.store)
    client, secrets = _client(session, QBO, client_id)
    tokens, callback = _consented(session, QBO, client, redirect_uri)
    realm = callback.realm or _realm(session)
    found = accounts.qbo_company(
        credentials.where("qbo"),
        settings.environment,
        credentials.network,
        Fresh(tokens.access),
        realm,
    )
    session.pins.check("qbo", found)
    _keep(session, _record(session, "qbo", "oauth", found, client_id, QBO.scopes), secrets, tokens)
    return _done(session, "qbo", "oauth", found, QBO.scopes)


def _app(
    session: SignInSession, provider: Provider, section: object, typed_uri: str
) -> tuple[str, str]:
    """Client id and redirect address. Raises `ConfigError` for what is missing."""
    service = provider.service
    client_id = str(getattr(section, "client_id", ""))
    if not client_id:
        raise _unset(f"{service}.client_id", service)
    redirect_uri = typed_uri or str(getattr(section, "redirect_uri", ""))
    key = "--redirect-uri" if typed_uri else f"{service}.redirect_uri"
    check_redirect(key, redirect_uri)
    # A root that cannot be used is found before the person is asked for anything.
    session.credentials.where(service)
    return client_id, redirect_uri


def _unset(key: str, service: str) -> ConfigError:
    where = {
        "keap": "Make an app at keys.developer.keap.com",
        "xero": "Make an app at developer.xero.com/app/manage (Mobile or desktop app: PKCE)",
        "qbo": "Make an app at developer.intuit.com",
    }
    return ConfigError(
        f"{key} is not set.",
        hint=f"{where[service]} and put its client id into the config as {key}.",
        code="client-id-missing",
    )


def _client(
    session: SignInSession, provider: Provider, client_id: str
) -> tuple[Client, dict[str, str]]:
    """The client, and its secret under its name if it was typed (and so has to be kept)."""
    name = f"{provider.service}.client-secret"
    secret = session.credentials.environment.read(name)
    if secret:
        return Client(client_id, secret), {}
    question = f"Client secret of the {provider.name} app: "
    secret = _typed(session, question, name, piped=False)
    return Client(client_id, secret), {name: secret}


def _typed(session: SignInSession, question: str, name: str, *, piped: bool) -> str:
    """A secret that is typed or piped in. Raises `SignInNeeded`."""
    secret = session.person.secret(question, variable(name), piped=piped)
    return checked(secret, "What was typed", "Copy it again, whole and in one line.")


def _consented(
    session: SignInSession, provider: Provider, client: Client, redirect_uri: str
) -> tuple[Tokens, Callback]:
    credentials = session.credentials
    consent = Consent(provider, credentials.where(provider.service), client, redirect_uri)
    callback = ask(consent, session.ways, session.person)
    endpoint = TokenEndpoint(provider, credentials.where(provider.service), credentials.network)
    try:
        return endpoint.exchange(client, consent, callback.code), callback
    except TokenRefused as refusal:
        raise _not_exchanged(session, provider, refusal) from None
    finally:
        endpoint.close()


def _not_exchanged(
    session: SignInSession, provider: Provider, refusal: TokenRefused
) -> SignInNeeded:
    service, name = provider.service, provider.name
    command = session.credentials.command(service)
    if refusal.wrong_client:
        secret = variable(f"{service}.client-secret")
        where = "" if provider.pkce else f" and the client secret ({secret}, or as you typed it)"
        return SignInNeeded(
            f"{name} refused the client id or secret: {refusal.words}",
            hint=f"Check {service}.client_id in the config{where}, then start again: {command}",
            code="wrong-client",
        )
    return SignInNeeded(
        f"{name} did not take the code: {refusal.words}",
        hint=f"A code is good once, for a few minutes, and for the redirect address it was asked "
        f"with. Start again: {command}",
        code="code-refused",
    )


def _keap_account(
    session: SignInSession, tokens: TokenSource, expected: str, told: str = ""
) -> Account:
    """Whose key or token this is, checked against `expected` and the pinned account."""
    credentials = session.credentials
    try:
        found = accounts.keap_account(credentials.where("keap"), credentials.network, tokens)
    except SignInNeeded as error:
        raise SignInNeeded(
            error.message,
            hint="Check that the key is whole (it starts with KeapAK-) and has not been deleted in "
            f"Keap under Settings > API Settings, then try again: {credentials.command('keap')}",
            code="wrong-key",
        ) from None
    found = Account(found.id or app_name(told), found.name)
    if expected and app_name(expected) != found.id:
        raise SignInNeeded(
            f"The sign-in is for the Keap account {accounts.described(found)}, not for "
            f"{app_name(expected)}. Nothing was stored.",
            hint="Use a key of the right account.",
            code="wrong-account",
        )
    session.pins.check("keap", found)
    return found


def _choose(session: SignInSession) -> accounts.Chooser:
    """Ask the person for one of a list: its place, from 0."""

    def ask_for(names: list[str]) -> int:
        listed = "\n".join(f"  {number}  {name}" for number, name in enumerate(names, 1))
        session.person.tell(f"Xero let invoicesync into several organisations:\n{listed}")
        typed = session.person.line(f"Which one (1-{len(names)})? ", session.ways.seconds).strip()
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(names):
            return int(typed) - 1
        raise SignInNeeded(
            f"{typed!r} is none of the numbers. Nothing was stored.",
            hint="Start again, or name the organisation with --organisation.",
            code="organisation-open",
        )

    return ask_for


def _realm(session: SignInSession) -> str:
    """The company's id, where only the code was pasted: the pinned one, or as typed."""
    known = session.pins.known("qbo").id
    try:
        realm = known or session.person.line(
            "Company id (the realmId= in the address that the browser landed on): ",
            session.ways.seconds,
        )
    except SignInNeeded:
        raise SignInNeeded(
            "The QuickBooks company id is missing: a code alone does not say which company.",
            hint="Start again, and paste the whole address of the page that the browser lands on, "
            f"with its realmId=: {session.credentials.command('qbo')}",
            code="no-realm",
        ) from None
    if not (realm.strip().isascii() and realm.strip().isdigit()):
        raise SignInNeeded(
            "That is no QuickBooks company id.",
            hint="Paste the whole address of the page that the browser lands on: it has the "
            "company id in it.",
            code="no-realm",
        )
    return realm.strip()


def _record(
    session: SignInSession,
    service: str,
    kind: Kind,
    account: Account,
    client_id: str = "",
    scopes: tuple[str, ...] = (),
) -> SignIn:
    return SignIn(
        service=service,
        kind=kind,
        root=session.credentials.where(service).root,
        account=account.id,
        name=account.name,
        at=session.credentials.network.timing.now(),
        client_id=client_id,
        scopes=scopes,
    )


def _keep(
    session: SignInSession, sign_in: SignIn, typed: Mapping[str, str], tokens: Tokens | None = None
) -> None:
    """Keep a sign-in in place of an older one, so that nothing of that one is left."""
    credentials, service = session.credentials, sign_in.service
    store = credentials.store
    with held(credentials.lock(service), LOCK_PATIENCE, f"{NAMES[service]} sign-in"):
        for name, secret in typed.items():
            store.write(name, secret)
        if tokens:
            sign_in = replace(
                sign_in, refresh_token=tokens.refresh_token, refresh_ends=tokens.refresh_ends
            )
            write_access(store, service, tokens.access)
        write_sign_in(store, sign_in)
        for name in credentials.entries(service):
            needed = name in typed or name == service or (tokens and name == f"{service}.access")
            if not needed:
                store.delete(name)


def _done(
    session: SignInSession,
    service: str,
    kind: Kind,
    found: Account,
    scopes: tuple[str, ...],
    *,
    from_environment: bool = False,
) -> SignedIn:
    store = session.credentials.environment if from_environment else session.credentials.store
    session.pins.pin(service, found)
    session.pins.put_into(service, store.kind)
    return SignedIn(service, kind, found, scopes, store.kind, store.label)
