"""Signing in to Keap: with a key, or in a browser with the user's own app."""

import re

from invoicesync_cli.auth.accounts import Account, asking, described
from invoicesync_cli.auth.oauth import Client
from invoicesync_cli.auth.refresh import Fresh
from invoicesync_cli.auth.sign_in import (
    SignedIn,
    SignInOptions,
    SignInSession,
    app_of,
    by_browser,
    done,
    keep,
    keep_granted,
    typed_secret,
)
from invoicesync_cli.auth.stores import check, variable
from invoicesync_cli.auth.tokens import direct_tokens
from invoicesync_cli.errors import SignInNeeded, TryLater
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.http.schemas import Schema, Text, read
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import KEAP

KEY = KEAP.secret("api-key")
LEGACY_KEY = re.compile(r"[0-9a-fA-F]{32,}")
"""Keap's old keys were bare hexadecimal; the new ones start with `KeapAK-`."""


class UserInfo(Schema):
    """Whoever signed in."""

    tenant_id: Text = ""


class AccountCompany(Schema):
    """The company in the configuration."""

    name: Text = ""


class Application(Schema):
    """The part of the configuration about the account."""

    company: AccountCompany = AccountCompany()


class AccountConfiguration(Schema):
    """Keap's configuration."""

    application: Application = Application()


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Sign in as the config or the options say. `options.app` is the account that is expected."""
    if options.api_key or session.credentials.config.keap.sign_in == "api-key":
        return _by_key(session, typed=options.api_key, expected=options.app)
    return _by_browser(session, options)


def account(origins: Origins, network: Network, tokens: TokenSource) -> Account:
    """The account of a key or token: one call for its id, one more for the company's name.

    Raises `SignInNeeded` when Keap refuses the credential.
    """
    with asking(network, origins.at("api"), KEAP.title, tokens) as service:
        reply = service.get("/crm/rest/v2/oauth/connect/userinfo")
        tenant = (
            reply.headers.get("x-keap-tenant-id", "").strip() or read(reply, UserInfo).tenant_id
        )
        return Account(KEAP.account_id(tenant), _company(service))


def _company(service: Service) -> str:
    """The company's name, blank where this key may not read it."""
    try:
        reply = service.get(
            "/crm/rest/v2/settings/applications:getConfiguration", {"fields": ["INVOICE"]}
        )
        return read(reply, AccountConfiguration).application.company.name
    except (SignInNeeded, ServiceRefused, TryLater):
        return ""


def _by_key(session: SignInSession, *, typed: bool, expected: str) -> SignedIn:
    """Sign in with a key: the environment's, or one that is `typed` or piped in."""
    credentials = session.credentials
    key = "" if typed else credentials.environment.read(KEY)
    from_environment = bool(key)
    if not key:
        check(credentials.store)
        question = "Keap API key (Personal Access Token or Service Account Key): "
        key = typed_secret(session, question, KEY, piped=typed)
    place = f" in {variable(KEY)}" if from_environment else ""
    if LEGACY_KEY.fullmatch(key):
        raise SignInNeeded(
            f"The key{place} is one of Keap's legacy API keys, which Keap has switched off.",
            hint="Personal Access Tokens and Service Account Keys have replaced them: make one in "
            "Keap under Settings > API Settings. It starts with KeapAK-.",
            code="legacy-key",
        )
    where, command = credentials.where(KEAP.key), credentials.command(KEAP.key)
    tokens = direct_tokens(KEAP, where, credentials.network, Client("", key), command)
    found = _checked(session, tokens, expected, place=place)
    if not from_environment:
        keep(session, "api-key", found, typed={KEY: key})
    return done(session, "api-key", found, from_environment=from_environment)


def _by_browser(session: SignInSession, options: SignInOptions) -> SignedIn:
    app = app_of(session, options.redirect_uri)
    granted = by_browser(session, app)
    # Keap puts the account's name behind the scope.
    scope, _, named = granted.tokens.scope.partition("|")
    scopes = (scope,) if scope else KEAP.oauth.scopes
    found = _checked(session, Fresh(granted.tokens.access), options.app, named=named)
    keep_granted(session, granted, found, scopes)
    return done(session, "oauth", found, scopes)


def _checked(
    session: SignInSession, tokens: TokenSource, expected: str, *, named: str = "", place: str = ""
) -> Account:
    """Whose key or token this is, held against `expected` and the pinned account.

    `named` is the account by the token's own words, for where Keap says nothing else; `place` says
    where a key is that nobody has typed.
    """
    credentials = session.credentials
    try:
        found = account(credentials.where(KEAP.key), credentials.network, tokens)
    except SignInNeeded as error:
        raise SignInNeeded(
            error.message,
            hint=f"Check that the key{place} is whole (it starts with KeapAK-) and has not been "
            "deleted in Keap under Settings > API Settings, then try again: "
            f"{credentials.command(KEAP.key)}",
            code="wrong-key",
        ) from None
    found = Account(found.id or KEAP.account_id(named), found.name)
    if expected and KEAP.account_id(expected) != found.id:
        raise SignInNeeded(
            f"The sign-in is for the Keap account {described(found)}, not for "
            f"{KEAP.account_id(expected)}. Nothing was stored.",
            hint="Use a key of the right account.",
            code="wrong-account",
        )
    session.pins.check(KEAP.key, found)
    return found
