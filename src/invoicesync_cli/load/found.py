"""What is in a ledger, as its adapter finds it: documents, what is on them, and what changed."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from invoicesync_cli.model import MARKER, ZERO, LedgerContact, LedgerId, OrderId


@dataclass(frozen=True, slots=True)
class LedgerInvoice:
    """An invoice, or a sales receipt, that is in the ledger.

    `alive` is false once it is voided or deleted, `due` what is still to be paid; `receipt` says
    that it is a sales receipt, which has brought its payment along; `date` is the document's own.
    `payments` are those that are on it, None where the ledger does not give all of them with it.
    The `currency` is blank where the ledger does not name one: it is its own.
    """

    id: LedgerId
    number: str
    reference: str
    total: Decimal
    tax: Decimal
    alive: bool
    contact_id: LedgerId
    approved: bool
    due: Decimal
    currency: str = ""
    receipt: bool = False
    date: dt.date | None = None
    payments: "tuple[LedgerPayment, ...] | None" = None


def by_number(
    found: Iterable[LedgerInvoice], numbers: Sequence[str], rank: Callable[[LedgerInvoice], Any]
) -> dict[str, LedgerInvoice]:
    """The document of each number, as asked for; of several the one that ranks highest, the first
    among equals. Neither ledger takes case into account in numbers."""
    best: dict[str, LedgerInvoice] = {}
    for document in found:
        number = document.number.casefold()
        if number not in best or rank(document) > rank(best[number]):
            best[number] = document
    return {number: best[number.casefold()] for number in numbers if number.casefold() in best}


def ours_first(found: LedgerInvoice) -> tuple[bool, bool]:
    """The rank of documents where a number can be there twice: ours first, then what is alive."""
    return bool(MARKER.fullmatch(found.reference)), found.alive


@dataclass(frozen=True, slots=True)
class LedgerPayment:
    """A payment that is in the ledger, of an invoice or a credit note; `amount` is what of it is on
    this target.

    In a ledger where payments stand by themselves `on` has what is on each invoice, `unapplied` is
    on none, and `version` is the payment's as it was read, which a change of it has to name. Where
    payments bear markers, `order_id` is the order in its own.
    """

    id: LedgerId
    target: LedgerId
    reference: str
    amount: Decimal
    alive: bool
    on: Mapping[LedgerId, Decimal] = field(default_factory=dict)
    unapplied: Decimal = ZERO
    version: str = ""
    credit: bool = False
    order_id: OrderId | None = None


@dataclass(frozen=True, slots=True)
class LedgerCreditNote:
    """A credit note (or refund receipt) that is in the ledger; `left` is neither allocated nor paid
    out."""

    id: LedgerId
    number: str
    reference: str
    total: Decimal
    left: Decimal
    alive: bool


ListedKind = Literal["sale", "note", "payment"]
"""A sale is an invoice or sales receipt; a note a credit note, credit memo or refund receipt."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as a list of the ledger has it, whoever made it: what can be compared, no more.

    `order` is that of a marker of ours, `open` what is still to be paid on a sale or to be given
    of a note. A payment has the document that it is on as `target`, and what is on it as `applied`;
    `on` has what is on each of its invoices, where it can be on several. `receipt` says that a sale
    or a note has brought its money along. An account, and the currency of a sale, is blank where
    the ledger does not give it.
    """

    kind: ListedKind
    id: LedgerId
    total: Decimal
    alive: bool
    date: dt.date | None
    number: str = ""
    order: OrderId | None = None
    reference: str = ""
    currency: str = ""
    tax: Decimal = ZERO
    open: Decimal = ZERO
    contact_id: str = ""
    contact: str = ""
    target: str = ""
    applied: Decimal = ZERO
    account_id: str = ""
    account: str = ""
    receipt: bool = False
    on: Mapping[LedgerId, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Contacts as they stand in the ledger. Without `complete` one could not be read, and which one
    is not known."""

    contacts: Sequence[LedgerContact]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """A part of what changed in the ledger since a time, whoever changed it; what was voided or
    deleted is in it as no longer alive, or as None where the ledger shows nothing of it any more.

    `invoices` are invoices and sales receipts, `notes` credit notes, credit memos and refund
    receipts: one whose money was taken off it has something `left`. `payments` are those that the
    ledger lists by themselves. `paid_by` has, of each changed invoice, the payments that are on it
    now; a ledger fills either of the two or both, `removed` reads them.
    `unreadable` are the ids of what has changed too but makes no sense, at least in part: it is
    looked up by id where it is known.
    `until` is the ledger's own time of the answer, to begin from next time. Without `complete` the
    ledger cannot look back that far, too much has changed, or what makes no sense has no id either:
    what is known is looked up by id.
    Without `shows_deleted` nothing tells what was deleted of all that was made after the mark that
    `changes` was given: what is known of that is looked up by id.
    """

    invoices: Mapping[LedgerId, LedgerInvoice | None]
    notes: Mapping[LedgerId, LedgerCreditNote | None]
    payments: Mapping[LedgerId, LedgerPayment | None]
    paid_by: Mapping[LedgerId, frozenset[LedgerId]]
    until: datetime
    complete: bool = True
    shows_deleted: bool = True
    unreadable: frozenset[LedgerId] = frozenset()

    def removed(self, payment: LedgerId, invoice: LedgerId) -> bool:
        """Whether a payment that was on this invoice has been taken off it or deleted."""
        if payment in self.payments:
            found = self.payments[payment]
            if found is None or not found.alive:
                return True
        return invoice in self.paid_by and payment not in self.paid_by[invoice]
