"""Xero behind the ledger protocol."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from invoicesync_cli.config import Loaded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.limits import Usage
from invoicesync_cli.http.responses import Reply
from invoicesync_cli.load.ledger import (
    Capabilities,
    Found,
    FoundNote,
    FoundPayment,
    LedgerChanges,
    Sent,
    SetupLists,
    by_number,
)
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.load.xero import bodies, money, replies, setup
from invoicesync_cli.load.xero.client import XeroClient, elements
from invoicesync_cli.load.xero.marked import marked
from invoicesync_cli.model import Booking, LedgerContact, LedgerFacts, LedgerId, Sought
from invoicesync_cli.services import Origins

COLLECTIONS = {
    "contact": ("Contacts", "ContactID", "Name"),
    "invoice": ("Invoices", "InvoiceID", "InvoiceNumber"),
    "payment": ("Payments", "PaymentID", "Name"),
    "note": ("CreditNotes", "CreditNoteID", "CreditNoteNumber"),
    "allocation": ("Allocations", "AllocationID", ""),
}
"""Of each kind of batch: the collection, its elements' id, and what they are told apart by."""

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
            "period-locked": ("Organisation",),
            "currency-differs": ("Organisation", "Currencies"),
            "account-unknown": ("Accounts", "Items"),
            "tax-code-unknown": ("TaxRates",),
            "item-missing": ("Items",),
        },
        identity=("Organisation",),
    )

    def __init__(
        self, origins: Origins, network: Network, tokens: TokenSource, status: str
    ) -> None:
        self._client = XeroClient(origins, network, tokens)
        self._status = status

    @property
    def usage(self) -> Usage:
        """What has been asked of Xero so far."""
        return self._client.service.usage

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named collections, as Xero gives them."""
        return {name: self._client.collection(name) for name in names}

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The lists in the tool's own terms."""
        return setup.facts(lists)

    def booking(self, lists: SetupLists, loaded: Loaded) -> Booking:
        """The settings of [xero] found in the lists. Raises `ConfigError`."""
        return setup.booking(setup.facts(lists), loaded)

    def organisations(self) -> list[tuple[str, str]]:
        """Tenant id and name of every connection."""
        rows = self._client.service.get("/connections").json()
        return [(str(row.get("tenantId") or ""), str(row.get("tenantName") or "")) for row in rows]

    def contacts(
        self,
        sought: Sought | None = None,  # noqa: ARG002 - all are read at once
    ) -> Iterator[LedgerContact]:
        """Every contact, archived ones too, a thousand a call; whoever is sought."""
        for page in self._client.pages("Contacts", {"includeArchived": "true"}):
            yield from (replies.contact(element) for element in page)

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
        """The body of the `PUT` of a batch."""
        kind = kind.partition("/")[0]
        makers: dict[str, Callable[[Any], dict[str, Any]]] = {
            "contact": bodies.contact,
            "invoice": lambda draft: bodies.invoice(draft, self._status),
            "payment": lambda pair: money.payment(*pair),
            "note": money.credit_note,
            "allocation": money.allocation,
        }
        collection, make = COLLECTIONS[kind][0], makers[kind]
        return to_json({collection: [make(payload) for payload in payloads]})

    def payment_name(self, target: str, reference: str) -> str:
        """What a payment is told apart by in an answer."""
        return money.payment_name(target, reference)

    def send(self, kind: str, body: bytes, key: str, *, key_age: float | None = None) -> Reply:
        """Create a batch."""
        kind, _, note = kind.partition("/")
        path = f"CreditNotes/{note}/Allocations" if note else COLLECTIONS[kind][0]
        return self._client.put(path, body, key, key_age or 0.0)

    def read_reply(self, kind: str, reply: Reply, names: Sequence[str]) -> list[Sent]:
        """The outcome of each element."""
        kind = kind.partition("/")[0]
        collection, id_field, name_field = COLLECTIONS[kind]
        found = elements(reply, collection)
        if kind == "payment":
            found = [{**element, "Name": money.name_of_payment(element)} for element in found]
        if kind == "allocation":
            made = [replies.sent({"AllocationID": "1", **element}, id_field) for element in found]
            return made if len(made) == len(names) and all(found) else [Sent(unclear=True)]
        ordered = replies.in_order(found, names, name_field)
        return [replies.sent(element, id_field) for element in ordered]

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, Found]:
        """Sales invoices by number; one that is alive goes before one that is not."""
        named = self._client.named("Invoices", "InvoiceNumbers", numbers)
        sales = (replies.found(element) for element in named if element.get("Type") == "ACCREC")
        return by_number(sales, numbers, lambda found: found.alive)

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, Found]:
        """Invoices by Xero's id."""
        elements_found = self._client.named("Invoices", "IDs", ids)
        return {found.id: found for found in map(replies.found, elements_found)}

    def marked(
        self,
        since: date | None,  # noqa: ARG002 - Xero finds ours among others' by itself
    ) -> Iterator[Found | FoundNote]:
        """Every document with a marker, a thousand a call."""
        return marked(self._client)

    def payments_on(self, targets: Sequence[LedgerId]) -> list[FoundPayment]:
        """The payments of invoices, for each asked by itself: Xero lists them by one only."""
        wheres = [f'Invoice.InvoiceID==guid("{target}")' for target in targets]
        return [money.found_payment(element) for element in self._where("Payments", wheres)]

    def surviving_payments(
        self,
        ids: Sequence[LedgerId],  # noqa: ARG002
    ) -> dict[LedgerId, FoundPayment]:
        """None: a payment is on an invoice, and goes before that does."""
        return {}

    def find_notes(self, numbers: Sequence[str]) -> list[FoundNote]:
        """Credit notes by number: not by address, which some signs in a number would break."""
        wheres = [f'CreditNoteNumber=="{number}"' for number in numbers]
        return [money.found_note(element) for element in self._where("CreditNotes", wheres)]

    def _where(self, collection: str, wheres: Sequence[str]) -> Iterator[Any]:
        for where in wheres:
            for page in self._client.pages(collection, {"where": where}):
                yield from page

    def note(self, note_id: LedgerId) -> FoundNote | None:
        """A credit note by Xero's id."""
        element = self._client.one("CreditNotes", note_id)
        return money.found_note(element) if element else None

    def changes(self, since: datetime) -> LedgerChanges:
        """Sales invoices and credit notes by Xero's time of their last change, which voiding,
        deleting, and taking a payment or an allocation off them move (xero.md 10 and 16)."""
        since -= OVERLAP
        invoices = self._client.changed("Invoices", since, 'Type=="ACCREC"')
        notes = self._client.changed("CreditNotes", since, 'Type=="ACCRECCREDIT"')
        found = {document.id: document for document in map(replies.found, invoices.elements)}
        found_notes = {note.id: note for note in map(money.found_note, notes.elements)}
        paid_by = {
            LedgerId(str(element.get("InvoiceID"))): money.payments_in(element)
            for element in invoices.elements
        }
        return LedgerChanges(found, found_notes, {}, paid_by, invoices.until)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
