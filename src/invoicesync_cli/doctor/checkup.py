"""What is checked: a profile with its config and state, and what both services say of it.

Everything is read once, in a few lists, and nothing is written to either service. What cannot be
read of one service is a finding, and says nothing of the other.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from invoicesync_cli.auth import Credentials, Pins
from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.config import Loaded
from invoicesync_cli.doctor.findings import Finding, of_error
from invoicesync_cli.doctor.source_check import Observation, check_source
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.fetch.readers import Unreadable
from invoicesync_cli.fetch.sample import Sample, take
from invoicesync_cli.http.limits import Usage
from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.load.registry import open_ledger
from invoicesync_cli.model import (
    ContactQuery,
    DocumentKind,
    Invoice,
    KeapAccount,
    LedgerContact,
    LedgerFacts,
    LedgerId,
    LedgerSettings,
    Reason,
    marked_order,
)
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.state import Store
from invoicesync_cli.sync.adoption import SEEN
from invoicesync_cli.transform.number import document_number
from invoicesync_cli.vendors import KEAP, VENDORS, Vendor

NUMBERS = 40
"""Document numbers that are looked up in the ledger: as many as Xero takes in a call."""


@dataclass
class Side:
    """What one service said, as far as it could be read."""

    vendor: Vendor
    usage: Usage = field(default_factory=Usage)
    skew: timedelta | None = None
    """How far this machine's clock is ahead of the service's."""
    problems: list[Finding] = field(default_factory=list)
    """What ended the reading of it."""


@dataclass
class KeapSide(Side):
    """What Keap said. `payment_types` are the names that its payments can have; `people` the pinned
    contacts that it has, None where nobody asked."""

    account: KeapAccount | None = None
    sample: Sample | None = None
    invoices: Sequence[Invoice] = ()
    """The newest orders, as far as they can be read, the newest first."""
    observations: Sequence[Observation] = ()
    payment_types: Sequence[str] | None = None
    people: frozenset[str] | None = None


@dataclass
class LedgerSide(Side):
    """What the ledger said. `settings` are None where the config does not fit its lists, which
    `wrong` says of each; `numbers` are the
    orders that are to come by their document numbers, `taken` what the ledger has under these;
    `strange` are documents with a marker of ours that no record knows."""

    facts: LedgerFacts | None = None
    settings: LedgerSettings | None = None
    wrong: Sequence[Finding] = ()
    numbers: Mapping[str, Invoice] = field(default_factory=dict)
    taken: Mapping[str, LedgerInvoice] = field(default_factory=dict)
    strange: Sequence[LedgerInvoice] = ()
    pinned: Mapping[LedgerId, LedgerContact] | None = None
    notices: Sequence[str] = ()


@dataclass
class Checkup:
    """A profile that is checked, and what both services said of it."""

    loaded: Loaded
    credentials: Credentials
    state: Store
    keap: KeapSide = field(default_factory=lambda: KeapSide(KEAP))
    books: LedgerSide = field(init=False)

    def __post_init__(self) -> None:
        self.books = LedgerSide(VENDORS[self.loaded.config.sync.destination])

    @property
    def pins(self) -> Pins:
        """Whose account the profile is tied to."""
        return Pins(self.state)

    @property
    def now(self) -> datetime:
        """The time by this machine's clock (aware)."""
        return self.credentials.network.timing.now()

    def read(self, progress: ProgressListener) -> None:
        """Ask both services."""
        progress.phase("Asking Keap")
        with _guarded(self.keap):
            self._read_keap()
        progress.phase(f"Asking {self.books.vendor.title}")
        with _guarded(self.books):
            self._read_books()

    def _read_keap(self) -> None:
        side, config = self.keap, self.loaded.config
        where, network = self.credentials.where(KEAP.key), self.credentials.network
        self.pins.check_root(where)
        client = KeapClient(where, network, self.credentials.tokens(KEAP.key))
        side.usage = client.service.usage
        with contextlib.closing(client):
            client.tenant = self.pins.known(KEAP.key).id
            side.account = client.account()
            side.skew = self._skew(side.usage)
            if config.payments.accounts and config.sends_payments:
                merchants = client.merchants().names.values()
                side.payment_types = [*client.payment_types(), *merchants]
            if config.contacts.pins:
                people = client.people([pin for pin in config.contacts.pins if pin.isdecimal()])
                side.people = frozenset(people)
            side.sample = take(client)
            side.invoices = list(_invoices(side.sample))
            side.observations = check_source(client, side.sample)

    def _read_books(self) -> None:
        side, loaded = self.books, self.loaded
        where, network = self.credentials.where(side.vendor.key), self.credentials.network
        self.pins.check_root(where)
        tokens = self.credentials.tokens(side.vendor.key)
        account = self.credentials.account(side.vendor.key)
        ledger = open_ledger(loaded.config, where, network, tokens, account)
        side.usage = ledger.usage
        with contextlib.closing(ledger):
            needed = ledger.capabilities.lists_for[Reason.CURRENCY_DIFFERS]
            lists = ledger.read_lists(dict.fromkeys((*ledger.capabilities.lists, *needed)))
            side.skew = self._skew(side.usage)
            side.facts = ledger.facts(lists)
            found = Account(side.facts.organisation_id, side.facts.organisation)
            self.pins.check_books(side.vendor.key, found)
            try:
                side.settings = ledger.settings(lists, loaded)
            except InvoiceSyncError as error:
                side.wrong = of_error(error, side.vendor.key)
            side.notices = ledger.notices
            self._look_up(ledger)

    def _look_up(self, ledger: Ledger) -> None:
        """Look for documents and contacts in the ledger."""
        side, config = self.books, self.loaded.config
        orders = [invoice.order_id for invoice in self.keap.invoices]
        known = self.state.records(DocumentKind.INVOICE, orders)
        new = [invoice for invoice in self.keap.invoices if invoice.order_id not in known]
        numbered = {document_number(one, config.invoices)[0]: one for one in new[:NUMBERS]}
        side.numbers = numbered
        side.taken = ledger.find_invoices(list(numbered))
        side.strange = list(self._strange(ledger))
        if config.contacts.pins:
            ids = {LedgerId(pin) for pin in config.contacts.pins.values()}
            contacts = ledger.contacts(ContactQuery(ids=tuple(ids)))
            side.pinned = {contact.id: contact for contact in contacts if contact.id in ids}

    def _strange(self, ledger: Ledger) -> Iterator[LedgerInvoice]:
        """Living documents of ours that no record knows: under the next numbers, and among what
        has changed in the ledger since the last run."""
        found = {
            document.id: document
            for number, document in self.books.taken.items()
            if marked_order(document.reference) == self.books.numbers[number].order_id
        }
        seen = self.state.get_meta(SEEN)
        # A batch without an outcome is of this machine, and the next run finds out about it.
        if seen and not self.state.journal.open():
            for part in ledger.changes(min(datetime.fromisoformat(seen), self.now)):
                ours = (one for one in part.invoices.values() if one)
                found |= {one.id: one for one in ours if marked_order(one.reference)}
        recorded = {record.document.ledger_id for record in self.state.records_at(found)}
        for ident, document in found.items():
            if ident not in recorded and document.alive:
                yield document

    def _skew(self, usage: Usage) -> timedelta | None:
        return self.now - usage.server_time if usage.server_time else None


@contextlib.contextmanager
def _guarded(side: Side) -> Iterator[None]:
    """What ends the reading of a service is a finding about it."""
    try:
        yield
    except InvoiceSyncError as error:
        side.problems += of_error(error, side.vendor.title)


def _invoices(sample: Sample) -> Iterator[Invoice]:
    for row in sample.orders:
        with contextlib.suppress(Unreadable):
            yield readers.invoice(readers.read(schemas.OrderRow, row))
