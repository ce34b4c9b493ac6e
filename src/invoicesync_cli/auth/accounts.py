"""Whose account a sign-in is for, asked of the vendor; and which one of several is meant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from invoicesync_cli.auth import schemas
from invoicesync_cli.errors import SignInNeeded, TryLater
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.http.schemas import BadRow, read
from invoicesync_cli.services import Origins, app_name

NAMES = {"keap": "Keap", "xero": "Xero", "qbo": "QuickBooks"}
KINDS = {"keap": "Keap account", "xero": "Xero organisation", "qbo": "QuickBooks company"}

Chooser = Callable[[list[str]], int]
"""Asks for one of a list of names: gives its place, from 0."""


@dataclass(frozen=True)
class Account:
    """An account at a vendor. `tenant` is what requests name it by, where that is not its id."""

    id: str
    name: str
    tenant: str = ""


@dataclass(frozen=True)
class Connected:
    """An organisation that the user has let the app into."""

    tenant: str
    name: str


def described(account: Account) -> str:
    """Name and id for a person."""
    return f"{account.name} ({account.id})" if account.name else account.id


def same_account(service: str, known: str, found: str) -> bool:
    """Whether two ids of a service mean the same account."""
    if service == "keap":
        return app_name(known) == app_name(found)
    return known.casefold() == found.casefold()


def keap_account(origins: Origins, network: Network, tokens: TokenSource) -> Account:
    """The account of a key or token: one call for its id, one more for the company's name.

    Raises `SignInNeeded` when Keap refuses the credential.
    """
    with _Open(network, origins.at("api"), "Keap", tokens) as service:
        reply = service.get("/crm/rest/v2/oauth/connect/userinfo")
        tenant = (
            reply.headers.get("x-keap-tenant-id", "").strip()
            or read(reply, schemas.KeapUser).tenant_id
        )
        return Account(app_name(tenant), _keap_company(service))


def _keap_company(service: Service) -> str:
    """The company's name, blank where this key may not read it."""
    try:
        reply = service.get(
            "/crm/rest/v2/settings/applications:getConfiguration", {"fields": ["INVOICE"]}
        )
        return read(reply, schemas.KeapConfiguration).application.company.name
    except (SignInNeeded, ServiceRefused, TryLater):
        return ""


def xero_connections(origins: Origins, network: Network, tokens: TokenSource) -> list[Connected]:
    """The organisations that the user has let the app into."""
    with _Open(network, origins.at("api"), "Xero", tokens) as service:
        rows = read(service.get("/connections"), schemas.CONNECTIONS)
    return [
        Connected(row.tenant, row.name)
        for row in rows
        if not isinstance(row, BadRow) and row.type == "ORGANISATION"
    ]


def xero_account(origins: Origins, network: Network, tokens: TokenSource) -> Account:
    """The organisation that data requests with these tokens are for."""
    with _Open(network, origins.at("api"), "Xero", tokens) as service:
        (organisation,) = read(service.get("/api.xro/2.0/Organisation"), schemas.Organisations).one
    return Account(organisation.id, organisation.name)


def qbo_company(
    origins: Origins, environment: str, network: Network, tokens: TokenSource, realm: str
) -> Account:
    """The company behind a realm id. Raises `SignInNeeded` when the token is not for it."""
    host = origins.at("sandbox-api" if environment == "sandbox" else "api")
    with _Open(network, host, "QuickBooks", tokens) as service:
        path = f"/v3/company/{realm}/companyinfo/{realm}"
        found = read(service.get(path, {"minorversion": "75"}), schemas.Company)
    return Account(realm, found.info.name)


def chosen(
    granted: Sequence[Connected],
    wanted: str,
    pinned: Account,
    ask: Chooser | None,
) -> Connected:
    """The organisation to work with: named, pinned, the only one, or the one that `ask` gives.

    Raises `SignInNeeded` when there is none, or none can be told from the others.
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


class _Open:
    """A service for a call or two."""

    def __init__(self, network: Network, origin: str, name: str, tokens: TokenSource) -> None:
        self._service = network.service(origin, ServiceLimits(name, windows=()), tokens)

    def __enter__(self) -> Service:
        return self._service

    def __exit__(self, *_: object) -> None:
        self._service.close()
