"""What Xero's answers mean for each document."""

from collections.abc import Sequence
from typing import TypeVar

from invoicesync_cli.http.schemas import BadRow
from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.xero.schemas import (
    APPROVED,
    ENDED,
    BatchElement,
    ContactRow,
    Element,
    InvoiceRow,
    NoteRow,
    PaymentRow,
    texts,
)
from invoicesync_cli.model import LedgerContact, LedgerId, Reason, money

E = TypeVar("E", bound=Element)

REASONS = (
    ("lock date", Reason.PERIOD_LOCKED),
    ("archived contact", Reason.CONTACT_ARCHIVED),
    ("specified contact could not be found", Reason.CONTACT_MISSING),
    ("specified contactid could not be found", Reason.CONTACT_MISSING),
    ("not subscribed to currency", Reason.CURRENCY_DIFFERS),
    ("tax type", Reason.TAX_CODE_UNKNOWN),
    ("taxtype", Reason.TAX_CODE_UNKNOWN),
    ("account code", Reason.ACCOUNT_UNKNOWN),
    ("item code", Reason.ITEM_MISSING),
)
"""Phrases of Xero's validation messages, and the reason each stands for."""
TAKEN = ("must be unique", "already assigned to another contact")
SAVED = {"", "OK", "WARNING"}


def sent(row: Element | BadRow | None) -> WriteResult:
    """The outcome of one element of a batch; with any error it was not saved.

    Xero answers a refused element with an id as well, which must never be kept.
    """
    if row is None or isinstance(row, BadRow):
        return WriteResult(unclear=True)
    errors = row.refusals
    if errors or row.has_errors or row.has_validation_errors or row.outcome == "ERROR":
        return refused(" ".join(errors) or "Xero gave no reason.")
    if not row.id or row.total is None or row.outcome not in SAVED:
        return WriteResult(unclear=True)
    return WriteResult(
        id=LedgerId(row.id),
        # A payment has no total but an amount.
        total=money(row.total),
        tax=None if row.tax is None else money(row.tax),
        words=" ".join(texts(row.warnings)),
    )


def refused(words: str) -> WriteResult:
    """The outcome of an element that Xero refused in these words."""
    folded = words.casefold()
    reason = next((reason for phrase, reason in REASONS if phrase in folded), Reason.REJECTED)
    return WriteResult(words=words, reason=reason, taken=any(phrase in folded for phrase in TAKEN))


def in_order(
    rows: Sequence[E | BadRow], elements: Sequence[BatchElement]
) -> list[E | BadRow | None]:
    """What was answered to each element of a batch, None where that cannot be known.

    It is the one of its place, unless that names something else; or else the only one that is left
    and names it. An answer that repeats an earlier one has good ids of other documents.
    """
    found: list[E | BadRow | None] = [None] * len(elements)
    left = [row for row in rows if not isinstance(row, BadRow)]
    if len(rows) == len(elements):
        for place, (row, element) in enumerate(zip(rows, elements, strict=True)):
            if not isinstance(row, BadRow) and row.is_of(element) is not False:
                found[place] = row
                left = [one for one in left if one is not row]
    for place, element in enumerate(elements):
        named = [row for row in left if row.is_of(element)]
        alike = [one for one in elements if named and named[0].is_of(one)]
        if found[place] is None and len(named) == len(alike) == 1:
            found[place] = named[0]
    return found


def found(row: InvoiceRow) -> LedgerInvoice:
    """An invoice as it stands in Xero."""
    listed = payments_in(row)
    return LedgerInvoice(
        id=LedgerId(row.id),
        number=row.number,
        reference=row.reference,
        total=money(row.total),
        tax=money(row.tax),
        alive=row.alive,
        contact_id=LedgerId(row.contact.id),
        approved=row.status in APPROVED,
        due=money(row.due),
        currency=row.currency,
        date=row.day,
        payments=None if listed is None else tuple(listed),
    )


def found_note(row: NoteRow) -> LedgerCreditNote:
    """A credit note as it stands in Xero."""
    return LedgerCreditNote(
        id=LedgerId(row.id),
        number=row.number,
        reference=row.reference,
        total=money(row.total),
        left=money(row.left),
        alive=row.alive,
    )


def found_payment(row: PaymentRow) -> LedgerPayment:
    """A payment as it stands in Xero."""
    return LedgerPayment(
        id=LedgerId(row.id),
        target=LedgerId(row.target),
        reference=row.reference,
        amount=money(row.total),
        alive=row.alive,
    )


def payments_in(row: InvoiceRow) -> list[LedgerPayment] | None:
    """The payments that an invoice of a page lists, all of them alive; None where it does not say
    enough of one of them. Recordings have their references, Xero's documentation has not."""
    listed = []
    for item in row.payments:
        if isinstance(item, BadRow) or item.reference is None or not item.id:
            return None
        if item.status not in ENDED:
            target, amount = LedgerId(row.id), money(item.amount)
            listed.append(LedgerPayment(LedgerId(item.id), target, item.reference, amount, True))
    return listed


def payment_ids(row: InvoiceRow) -> frozenset[LedgerId] | None:
    """The ids of those payments; None where one of them cannot be read."""
    if any(isinstance(item, BadRow) or not item.id for item in row.payments):
        return None
    return frozenset(
        LedgerId(item.id)
        for item in row.payments
        if not isinstance(item, BadRow) and item.status not in ENDED
    )


def contact(row: ContactRow) -> LedgerContact:
    """A contact with what is compared in matching."""
    return LedgerContact(
        id=LedgerId(row.id),
        name=row.called,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        cities=tuple(item.city for item in row.addresses if not isinstance(item, BadRow)),
        number=row.number,
        archived=row.status != "ACTIVE",
        merged_to=LedgerId(row.merged_to) if row.merged_to else None,
    )
