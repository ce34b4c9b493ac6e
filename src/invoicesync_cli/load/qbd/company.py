"""Whose company file it is, and whether it can be worked with: the end of every sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass

from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.auth.records import SignInKind
from invoicesync_cli.auth.sign_in import SignedIn, SignInSession, done, keep
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.http.responses import unreadable_answer
from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.load.qbd.channel import OWNER_ID, SERVICE, Channel, MessageRefused
from invoicesync_cli.load.qbd.client import DesktopClient, Query
from invoicesync_cli.load.qbd.requests import message, request
from invoicesync_cli.load.qbd.schemas import CompanyRow, HostRow, PreferencesRow, all_read

QBXML = "13.0"
COUNTRY = "US"
NOBODY = "1-1"
"""An id that no customer has: changing it shows whether anything may be changed."""
READ_ONLY = {"3263", "3264"}
CHECKING = 120.0

QUERIES = (
    Query("HostQuery"),
    Query("CompanyQuery", {"OwnerID": OWNER_ID}),
    Query("PreferencesQuery"),
)


@dataclass(frozen=True)
class Company:
    """What a company file says of itself: QuickBooks, the company, and its preferences."""

    host: HostRow
    info: CompanyRow
    preferences: PreferencesRow

    def account(self, pinned: str = "") -> Account:
        """Whose books these are. There is no id of a company: the stamp of the Web Connector goes
        before the name, unless it was the name that was `pinned`."""
        stamps = [row.data_ext_value for row in self.info.data_ext_ret if row.data_ext_value]
        known = [*stamps, self.info.company_name]
        return Account(pinned if pinned in known else known[0], self.info.company_name)


def company_of(rows: Mapping[str, list[Fields]]) -> Company:
    """The company in the rows of `QUERIES`, by the names of these. Raises `TryLater`."""

    def first(name: str) -> list[Fields]:
        if not rows.get(name):
            raise unreadable_answer(SERVICE, f"nothing for {name}")
        return rows[name][:1]

    return Company(
        all_read(HostRow, first("HostQuery"))[0],
        all_read(CompanyRow, first("CompanyQuery"))[0],
        all_read(PreferencesRow, first("PreferencesQuery"))[0],
    )


def read_company(client: DesktopClient) -> Company:
    """The company behind a channel. Raises as `Channel.exchange` does, and `ConfigError` for a
    QuickBooks that is too old."""
    names = [query.name for query in QUERIES]
    try:
        rows = client.all(QUERIES)
    except MessageRefused:
        # These are in the oldest version; it is the message's own that is not known.
        raise _too_old(SERVICE) from None
    return company_of(dict(zip(names, rows, strict=True)))


def check_company(company: Company) -> None:
    """Raise `ConfigError` for a file of another country, or a QuickBooks that is too old."""
    host = company.host
    if host.country != COUNTRY:
        raise ConfigError(
            f"The company file {company.info.company_name} is of another country "
            f"({host.country or 'not named'}): only those of the United States can be kept.",
            hint="Sales tax works otherwise elsewhere, and totals could not be Keap's.",
            code="company-country",
        )
    if QBXML not in host.versions:
        raise _too_old(host.product_name or SERVICE)


def _too_old(product: str) -> ConfigError:
    return ConfigError(
        f"{product} does not speak qbXML {QBXML}, which came with QuickBooks 2014.",
        hint="Update QuickBooks, or use another ledger.",
        code="quickbooks-too-old",
    )


def check_writing(client: DesktopClient) -> None:
    """Raise `SignInNeeded` where invoicesync may only read: nothing can be changed by it."""
    values = {"ListID": NOBODY, "EditSequence": "1"}
    answers = client.exchange(message([request("CustomerMod", values, "1")]), CHECKING).answers
    if any(answer.code in READ_ONLY for answer in answers):
        raise SignInNeeded(
            f"{SERVICE} lets invoicesync only read: {answers[0].words}",
            hint="In QuickBooks, under Edit > Preferences > Integrated Applications, let it read "
            "and modify this company file, then sign in again.",
            code="read-only",
        )


def keep_sign_in(
    session: SignInSession,
    channel: Channel,
    kind: SignInKind,
    *,
    typed: Mapping[str, str],
    renewed: bool = False,
) -> SignedIn:
    """Check and pin the company behind a channel, and keep the sign-in with the secrets `typed`.
    With `renewed` the company of the pinned name is the same one under a new stamp.

    Raises `SignInNeeded` for another company than the pinned one and where only reading is
    allowed, `ConfigError` as `check_company` does, and what the channel raises.
    """
    client = DesktopClient(channel, session.credentials.network.timing)
    company = read_company(client)
    check_company(company)
    found = company.account(session.pins.known(session.vendor.key).id)
    if renewed:
        session.pins.renew(session.vendor.key, found)
    session.pins.check(session.vendor.key, found)
    check_writing(client)
    keep(session, kind, found, typed=typed)
    return done(session, kind, found)
