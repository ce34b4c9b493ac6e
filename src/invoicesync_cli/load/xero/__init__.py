"""Xero behind the ledger protocol."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.limits import Usage
from invoicesync_cli.http.schemas import BadRow, Rows, read
from invoicesync_cli.load.found import (
    ContactPage,
    LedgerChanges,
    LedgerCreditNote,
    LedgerInvoice,
    LedgerPayment,
    Listed,
    ListedKind,
    by_number,
)
from invoicesync_cli.load.ledger import Capabilities, SetupLists, WriteResult
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.load.xero import bodies, removing, replies, sales, setup
from invoicesync_cli.load.xero import payments as money
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.finding import alike_notes, alike_payments, note_numbered
from invoicesync_cli.load.xero.limits import LIMITS
from invoicesync_cli.load.xero.listing import by_id, listed
from invoicesync_cli.load.xero.marked import marked
from invoicesync_cli.load.xero.paid import payments_on
from invoicesync_cli.load.xero.schemas import (
    ContactRow,
    InvoiceRow,
    NoteRow,
    batch_elements,
    payment_name,
)
from invoicesync_cli.load.xero.setup_schemas import ConnectionRow
from invoicesync_cli.load.xero.writing import SCHEMAS, write
from invoicesync_cli.model import (
    ContactQuery,
    LedgerContact,
    LedgerFacts,
    LedgerId,
    LedgerPerson,
    LedgerSale,
    LedgerSettings,
    Reason,
)
from invoicesync_cli.services import Origins

OVERLAP = timedelta(minutes=5)
"""How much further back changes are asked for: what Xero was writing when it answered last."""


class XeroLedger:
    """One Xero organisation."""

    capabilities = Capabilities(
        name="Xero",
        # Xero's advice for the size of a bundle.
        batch=50,
        in_flight=4,
        lists=("Organisation", "Accounts", "TaxRates", "Items"),
        lists_for={
            Reason.PERIOD_LOCKED: ("Organisation",),
            Reason.CURRENCY_DIFFERS: ("Organisation", "Currencies"),
            Reason.ACCOUNT_UNKNOWN: ("Accounts", "Items"),
            Reason.TAX_CODE_UNKNOWN: ("TaxRates",),
            Reason.ITEM_MISSING: ("Items",),
        },
        identity=("Organisation",),
        singly=removing.SINGLY,
        tracking=(setup.TRACKING,),
        refuses_overpayments=True,
        limits=LIMITS,
    )

    def __init__(
        self,
        origins: Origins,
        network: Network,
        tokens: TokenSource,
        status: str,
        *,
        tracked: bool = False,
    ) -> None:
        self._client = XeroClient(origins, network, tokens)
        self._status = status
        if tracked:
            lists = (*self.capabilities.lists, setup.TRACKING)
            self.capabilities = replace(self.capabilities, lists=lists)

    @property
    def usage(self) -> Usage:
        """What has been asked of Xero so far."""
        return self._client.service.usage

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named collections, what is read of them."""
        return {name: self._client.setup_list(name) for name in names}

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The lists in the tool's own terms."""
        return setup.facts(lists)

    def settings(self, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
        """The settings of [xero] found in the lists. Raises `ConfigError`."""
        return setup.settings_of(setup.facts(lists), loaded)

    def organisations(self) -> list[tuple[str, str]]:
        """Tenant id and name of every connection."""
        reply = self._client.service.get("/connections")
        rows = read(reply, TypeAdapter(Rows[ConnectionRow]))
        return [(row.tenant, row.name) for row in rows if not isinstance(row, BadRow)]

    def contacts(
        self,
        query: ContactQuery | None = None,  # noqa: ARG002 - all are read at once
    ) -> Iterator[LedgerContact]:
        """Every contact, archived ones too, a thousand a call; whatever is asked for."""
        rows = self._client.readable(ContactRow, {"includeArchived": "true"})
        yield from (replies.contact(row) for row in rows)

    def contact_pages(self, since: datetime | None) -> Iterator[ContactPage]:
        """Every contact, or those that have changed, archived and merged ones too, a thousand a
        call."""
        begin = since - OVERLAP if since else None
        for page in self._client.pages(ContactRow, {"includeArchived": "true"}, begin):
            complete = len(page.good) == len(page.rows)
            yield ContactPage([replies.contact(row) for row in page.good], complete)

    @property
    def applies_credits(self) -> bool:
        """Xero leaves that to people."""
        return False

    @property
    def notices(self) -> Sequence[str]:
        """None of Xero's settings changes what is booked."""
        return ()

    @property
    def batch_size(self) -> int:
        """The size of a bundle."""
        return self.capabilities.batch

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.service.pause(seconds)

    @property
    def approves(self) -> bool:
        """Whether new invoices are authorised."""
        return self._status == "authorised"

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:
        """The body of the `PUT` of a batch, or what is taken back or approved by it."""
        if kind in removing.KINDS:
            return removing.body(kind, payloads)
        kind = kind.partition("/")[0]
        makers: dict[str, Callable[[Any], dict[str, Any]]] = {
            "contact": bodies.contact,
            "invoice": lambda draft: bodies.invoice(draft, self._status),
            "payment": lambda pair: money.payment(*pair),
            "note": money.credit_note,
            "allocation": money.allocation,
        }
        make = makers[kind]
        return to_json({SCHEMAS[kind].COLLECTION: [make(payload) for payload in payloads]})

    def payment_name(self, target: str, reference: str) -> str:
        """What a payment is recognised by in an answer."""
        return payment_name(target, reference)

    def send(
        self,
        kind: str,
        body: bytes,
        key: str,
        names: Sequence[str],
        *,
        sent_at: datetime | None = None,
        known: Collection[LedgerId] = (),
        only_look: bool = False,
    ) -> list[WriteResult]:
        """Create a batch, or find what of it is there; take one back or approve it."""
        if kind in removing.KINDS:
            return removing.send(self._client, kind, body, key)
        return write(
            self._client,
            kind,
            body,
            key,
            names,
            sent_at=sent_at,
            known=known,
            only_look=only_look,
        )

    def alike(self, elements: Sequence[tuple[str, Any]]) -> list[list[LedgerId]]:
        """The payments and credit notes that these could be. Xero has no number of an invoice
        twice, and no refund is one document with its money."""
        found: list[list[LedgerId]] = [[] for _ in elements]
        for kind, look in (("payment", alike_payments), ("note", alike_notes)):
            places = [place for place, (of, _) in enumerate(elements) if of == kind]
            if places:
                body = self.body(kind, [elements[place][1] for place in places])
                there = look(self._client, batch_elements(body))
                for place, ids in zip(places, there, strict=True):
                    found[place] = ids
        return found

    def standing(
        self,
        documents: Collection[LedgerId],
        notes: Collection[LedgerId],
        payments: Collection[LedgerId],
    ) -> Standings:
        """How these stand, by Xero's ids."""
        return removing.standing(self._client, documents, notes, payments)

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, LedgerInvoice]:
        """Sales invoices by number; one that is alive goes before one that is not."""
        rows = self._client.named(InvoiceRow, "InvoiceNumbers", numbers)
        sales = (replies.found(row) for row in rows if row.type == "ACCREC")
        return by_number(sales, numbers, lambda found: found.alive)

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerInvoice]:
        """Invoices by Xero's id."""
        rows = self._client.named(InvoiceRow, "IDs", ids)
        return {found.id: found for found in map(replies.found, rows)}

    def marked(
        self,
        since: date | None,  # noqa: ARG002 - Xero finds ours among others' by itself
        known: Callable[[LedgerId], bool],
    ) -> Iterator[LedgerInvoice | LedgerCreditNote]:
        """Every document with a marker, a thousand a call."""
        return marked(self._client, known)

    def payments_on(self, targets: Sequence[LedgerId]) -> list[LedgerPayment]:
        """The payments of invoices, which these list themselves, or else Xero does."""
        rows = self._client.named(InvoiceRow, "IDs", targets)
        return list(payments_on(self._client, rows))

    def surviving_payments(
        self,
        ids: Sequence[LedgerId],  # noqa: ARG002
    ) -> dict[LedgerId, LedgerPayment]:
        """None: a payment is on an invoice, and goes before that does."""
        return {}

    def unapplied_payments(self, references: Sequence[str]) -> list[LedgerPayment]:  # noqa: ARG002
        """None: a payment is on an invoice."""
        return []

    def find_notes(self, numbers: Sequence[str]) -> list[LedgerCreditNote]:
        """Credit notes by number: not by address, which some signs in a number would break."""
        rows = self._client.where(NoteRow, [note_numbered(number) for number in numbers])
        return [replies.found_note(row) for row in rows if row.type != "ACCPAYCREDIT"]

    def note(self, note_id: LedgerId) -> LedgerCreditNote | None:
        """A credit note by Xero's id."""
        row = self._client.one(NoteRow, note_id)
        return replies.found_note(row) if row else None

    def listed(
        self,
        first: date | None,
        last: date | None,
        *,
        money: bool,
    ) -> Iterator[Listed]:
        """Sales invoices and, with `money`, credit notes and payments by their dates."""
        return listed(self._client, first, last, with_money=money)

    def listed_by_id(self, ids: Mapping[ListedKind, Sequence[LedgerId]]) -> Iterator[Listed]:
        """These documents by Xero's ids."""
        for kind, some in ids.items():
            yield from by_id(self._client, kind, some)

    def changes(self, since: datetime, mark: str = "") -> Iterator[LedgerChanges]:  # noqa: ARG002 - it needs none
        """Sales invoices and credit notes by Xero's time of their last change, which voiding,
        deleting, and taking a payment or an allocation off them move."""
        since -= OVERLAP
        until: datetime | None = None
        for invoices in self._client.changed(InvoiceRow, since, 'Type=="ACCREC"'):
            until = invoices.until
            listed = {LedgerId(row.id): replies.payment_ids(row) for row in invoices.rows}
            paid_by = {ident: ids for ident, ids in listed.items() if ids is not None}
            found = {item.id: item for item in map(replies.found, invoices.rows)}
            bad = invoices.unreadable | (listed.keys() - paid_by.keys())
            yield LedgerChanges(found, {}, {}, paid_by, until, invoices.complete, unreadable=bad)
        for notes in self._client.changed(NoteRow, since, 'Type=="ACCRECCREDIT"'):
            changed = {note.id: note for note in map(replies.found_note, notes.rows)}
            until, bad = until or notes.until, notes.unreadable
            yield LedgerChanges({}, changed, {}, {}, until, notes.complete, unreadable=bad)

    def mark(self, before: datetime) -> str:  # noqa: ARG002 - for ledgers that need one
        """None is needed."""
        return ""

    def sales_changed(
        self, since: datetime | None, first: date | None
    ) -> Iterator[list[LedgerSale]]:
        """Sales invoices by Xero's time of their last change, a thousand a call."""
        return sales.changed(self._client, since, first)

    def people(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
        """These contacts, forty a call."""
        return sales.people(self._client, ids)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def open_ledger(
    config: Config,
    where: Origins,
    network: Network,
    tokens: TokenSource,
    account: str,  # noqa: ARG001 - tokens are for one organisation
) -> XeroLedger:
    """The organisation of a sign-in. The tokens say which organisation it is."""
    xero = config.xero
    return XeroLedger(where, network, tokens, xero.status, tracked=xero.tracked)
