"""Signing in to Xero: in a browser (PKCE), or with a custom connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field, TypeAdapter

from invoicesync_cli.auth.accounts import Account, asking, described
from invoicesync_cli.auth.refresh import Fresh
from invoicesync_cli.auth.sign_in import (
    SignedIn,
    SignInOptions,
    SignInSession,
    app_of,
    by_browser,
    client_id_missing,
    client_of,
    done,
    keep,
    keep_granted,
)
from invoicesync_cli.auth.stores import check
from invoicesync_cli.auth.tokens import direct_tokens
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.schemas import BadRow, Rows, Schema, Text, read
from invoicesync_cli.load.xero.schemas import OrganisationId
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import XERO, XERO_DATA_SCOPES

Chooser = Callable[[list[str]], int]
"""Asks for one of a list of names: gives its place, from 0."""


class Connection(Schema):
    """An organisation, or a practice, that Xero lets an app into."""

    tenant: Text = Field(alias="tenantId")
    name: Text = Field("", alias="tenantName")
    type: Text = Field("ORGANISATION", alias="tenantType")


CONNECTIONS = TypeAdapter(Rows[Connection])


class Organisation(Schema):
    """An organisation."""

    id: OrganisationId = Field(alias="OrganisationID")
    name: Text = Field("", alias="Name")


class Organisations(Schema):
    """Xero's answer to which organisation it is: always one."""

    one: tuple[Organisation] = Field(alias="Organisations")


@dataclass(frozen=True)
class Connected:
    """An organisation that the user has let the app into."""

    tenant: str
    name: str


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Sign in as the config says; `options.organisation` is the one to work with."""
    if session.credentials.config.xero.sign_in == "custom-connection":
        return _by_custom_connection(session, options.organisation)
    return _by_browser(session, options)


def connections(origins: Origins, network: Network, tokens: TokenSource) -> list[Connected]:
    """The organisations that the user has let the app into."""
    with asking(network, origins.at("api"), XERO.title, tokens) as service:
        rows = read(service.get("/connections"), CONNECTIONS)
    return [
        Connected(row.tenant, row.name)
        for row in rows
        if not isinstance(row, BadRow) and row.type == "ORGANISATION"
    ]


def account(origins: Origins, network: Network, tokens: TokenSource) -> Account:
    """The organisation that data requests with these tokens are for."""
    with asking(network, origins.at("api"), XERO.title, tokens) as service:
        (organisation,) = read(service.get("/api.xro/2.0/Organisation"), Organisations).one
    return Account(organisation.id, organisation.name)


def _by_browser(session: SignInSession, options: SignInOptions) -> SignedIn:
    app = app_of(session, options.redirect_uri)
    granted = by_browser(session, app)
    tokens, where = granted.tokens, session.credentials.where(XERO.key)
    network = session.credentials.network
    connected = connections(where, network, Fresh(tokens.access))
    chooser = _choose(session) if session.user.at_terminal else None
    chosen = _chosen(connected, options.organisation, session.pins.known(XERO.key), chooser)
    signer = Fresh(tokens.access, {XERO.oauth.account_header: chosen.tenant})
    found = account(where, network, signer)
    session.pins.check(XERO.key, found)
    scopes = tuple(tokens.scope.split()) or XERO.oauth.scopes
    keep_granted(session, granted, Account(chosen.tenant, found.name), scopes)
    return done(session, "oauth", found, scopes)


def _by_custom_connection(session: SignInSession, organisation: str) -> SignedIn:
    """A custom connection has a secret and one organisation."""
    credentials = session.credentials
    client_id = credentials.config.xero.client_id
    if not client_id:
        raise client_id_missing(XERO)
    from_environment = credentials.from_environment(XERO.key)
    if not from_environment:
        check(credentials.store)
    client, typed = client_of(session, client_id)
    where, network = credentials.where(XERO.key), credentials.network
    tokens = direct_tokens(XERO, where, network, client, credentials.command(XERO.key))
    found = account(where, network, tokens)
    if organisation and organisation.casefold() not in {found.id.casefold(), found.name.casefold()}:
        raise SignInNeeded(
            f"--organisation: the custom connection is for {described(found)}, not for "
            f"{organisation!r}.",
            hint="Xero ties a custom connection to one organisation: make another there.",
            code="organisation-unknown",
        )
    session.pins.check(XERO.key, found)
    scopes = XERO_DATA_SCOPES
    if not from_environment:
        keep(session, "custom-connection", found, scopes, typed=typed, client_id=client_id)
    return done(session, "custom-connection", found, scopes, from_environment=from_environment)


def _chosen(
    granted: Sequence[Connected],
    wanted: str,
    pinned: Account,
    ask: Chooser | None,
) -> Connected:
    """The organisation to work with: named, pinned, the only one, or the one that `ask` gives.

    Raises `SignInNeeded` when there is none, or it is not clear which.
    """
    if not granted:
        raise SignInNeeded(
            "Xero let invoicesync in, but into no organisation.",
            hint="Start again, and choose the organisation on Xero's page.",
            code="no-organisation",
        )
    listed = ", ".join(f"{one.name} ({one.tenant})" for one in granted)
    if wanted:
        matching = [one for one in granted if _named(one, wanted)]
        if len(matching) == 1:
            return matching[0]
        what = "is none" if not matching else "is more than one"
        raise SignInNeeded(
            f"--organisation: {wanted!r} {what} of the organisations that were granted: {listed}.",
            hint="Give the name or the id of one of them.",
            code="organisation-unknown",
        )
    known = [one for one in granted if _named(one, pinned.id) or _named(one, pinned.name)]
    if known or len(granted) == 1:
        return (known or list(granted))[0]
    if ask is None:
        raise SignInNeeded(
            f"Several organisations were granted: {listed}.",
            hint="Say which one with --organisation NAME or --organisation ID.",
            code="organisation-open",
        )
    return granted[ask([f"{one.name} ({one.tenant})" for one in granted])]


def _named(one: Connected, text: str) -> bool:
    return bool(text) and text.casefold() in {one.tenant.casefold(), one.name.casefold()}


def _choose(session: SignInSession) -> Chooser:
    """Ask the person for one of a list: its place, from 0."""

    def ask_for(names: list[str]) -> int:
        listed = "\n".join(f"  {number}  {name}" for number, name in enumerate(names, 1))
        session.user.say(f"Xero let invoicesync into several organisations:\n{listed}")
        typed = session.user.line(f"Which one (1-{len(names)})? ", session.ways.seconds).strip()
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(names):
            return int(typed) - 1
        raise SignInNeeded(
            f"{typed!r} is none of the numbers. Nothing was stored.",
            hint="Start again, or name the organisation with --organisation.",
            code="organisation-open",
        )

    return ask_for
