"""Which elements of an unanswered batch are in Xero (R16): by number, marker, contact number, or by
document, reference, amount and date."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from invoicesync_cli.http.schemas import BadRow
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.xero.client import NAMES, XeroClient
from invoicesync_cli.load.xero.schemas import (
    ENDED,
    BatchElement,
    ContactRow,
    InvoiceRow,
    NoteRow,
    PaymentInside,
    PaymentRow,
    batch_elements,
)
from invoicesync_cli.model import LedgerId, money

SALES = {"ACCREC", "ACCRECCREDIT"}

Found = Sequence[WriteResult | None]
"""What each element has become, as if Xero had answered for it; None for one that is not there."""


def find(
    client: XeroClient, kind: str, body: bytes, known: Collection[LedgerId], since: datetime
) -> Found:
    """What the elements of a batch have become.

    `known` is what is another record's or was taken back, and cannot be any of these. What was
    voided or deleted before `since`, when the batch first went out, was another one; what was
    since, is `removed`.
    """
    kind, _, note = kind.partition("/")
    elements = batch_elements(body)
    if kind == "contact":
        return _contacts(client, elements)
    if kind == "invoice":
        return _invoices(client, elements, known, since)
    if kind == "note":
        return _notes(client, elements, known, since)
    if kind == "allocation":
        # One is sent at a time.
        return list(_used(client, dict(zip([note], elements, strict=True))).values()) or [None]
    return _payments(client, elements, known, since)


def _contacts(client: XeroClient, elements: Sequence[BatchElement]) -> Found:
    wanted = {element.contact_number for element in elements}
    there = {
        row.number: WriteResult(id=LedgerId(row.merged_to or row.id))
        for row in client.readable(ContactRow, {"includeArchived": "true"})
        if row.number in wanted and row.id
    }
    return [there.get(element.contact_number) for element in elements]


def _invoices(
    client: XeroClient,
    elements: Sequence[BatchElement],
    known: Collection[LedgerId],
    since: datetime,
) -> Found:
    numbers = [element.invoice_number for element in elements]
    listed = client.named(InvoiceRow, "InvoiceNumbers", numbers)
    rows = (row for row in listed if row.id not in known)
    return _by_number(rows, elements, numbers, since)


def _notes(
    client: XeroClient,
    elements: Sequence[BatchElement],
    known: Collection[LedgerId],
    since: datetime,
) -> Found:
    numbers = [element.note_number for element in elements]
    listed = client.where(NoteRow, [note_numbered(number) for number in numbers])
    rows = (row for row in listed if row.id not in known)
    return _by_number(rows, elements, numbers, since)


def note_numbered(number: str) -> str:
    """The filter for a credit note by number."""
    escaped = number.replace("\\", "\\\\").replace('"', '\\"')
    return f'CreditNoteNumber=="{escaped}"'


def payments_of(target: str) -> str:
    """The filter for the payments of an invoice, or of a credit note, which stands in its place."""
    return f'Invoice.InvoiceID==guid("{target}")'


def _by_number(
    rows: Iterable[InvoiceRow | NoteRow],
    elements: Sequence[BatchElement],
    numbers: Sequence[str],
    since: datetime,
) -> Found:
    there: dict[tuple[str, str], InvoiceRow | NoteRow] = {}
    for row in rows:
        key = row.number.casefold(), row.reference
        ours = row.type in SALES and _since(row, since)
        if ours and (key not in there or row.alive):
            there[key] = row
    found = (
        there.get((number.casefold(), element.reference))
        for number, element in zip(numbers, elements, strict=True)
    )
    return [_as_sent(row) if row else None for row in found]


def _as_sent(row: InvoiceRow | NoteRow) -> WriteResult:
    tax = None if row.tax is None else money(row.tax)
    return WriteResult(id=LedgerId(row.id), total=money(row.total), tax=tax, removed=not row.alive)


def _since(row: InvoiceRow | NoteRow | PaymentRow, since: datetime) -> bool:
    """Whether a row can be of a batch that went out then: it is alive, or its end came later."""
    return row.alive or row.updated is None or row.updated >= since


@dataclass(frozen=True, slots=True)
class _FoundPayment:
    """A payment that is in Xero, with what it is recognised by."""

    id: str
    target: str
    reference: str
    amount: Decimal
    day: date | None
    alive: bool

    def is_of(self, element: BatchElement) -> bool:
        """Whether it could be this element of a batch."""
        return (
            self.target.lower() == element.target.lower()
            and self.reference == element.reference
            and self.amount == money(element.amount)
            and self.day in {None, element.day}
        )


def _payments(
    client: XeroClient,
    elements: Sequence[BatchElement],
    known: Collection[LedgerId],
    since: datetime,
) -> Found:
    """Payments by document, reference, amount and date: of several alike each stands for one.

    Invoices list those that are alive, where they show their references; all others are asked for
    by their documents, and the use of a credit note is seen in that as well.
    """
    found: dict[int, WriteResult] = {}
    used = set(known)

    def take(there: Iterable[_FoundPayment]) -> None:
        for payment in there:
            left = (place for place in range(len(elements)) if place not in found)
            place = next((place for place in left if payment.is_of(elements[place])), None)
            if place is not None and payment.id not in used:
                used.add(LedgerId(payment.id))
                made = LedgerId(payment.id)
                found[place] = WriteResult(id=made, total=payment.amount, removed=not payment.alive)

    invoices = [element.invoice.id for element in elements if element.invoice.id]
    take(_listed(client, invoices))
    missing = [element for place, element in enumerate(elements) if place not in found]
    conditions = dict.fromkeys(payments_of(element.target) for element in missing)
    # One that is alive is to be taken first.
    take(sorted(_asked_for(client, list(conditions), since), key=lambda item: not item.alive))
    notes = {element.note.id: element for element in missing if element.note.id}
    paid_out = _used(client, notes)
    return [
        found.get(place) or paid_out.get(element.note.id) for place, element in enumerate(elements)
    ]


def alike_payments(client: XeroClient, elements: Sequence[BatchElement]) -> list[list[LedgerId]]:
    """The living payments that each element could be, the oldest first.

    The invoices of a few say whether there can be two of any; of more, all the payments of their
    days are asked for, a thousand a call.
    """
    targets = list(dict.fromkeys(element.invoice.id for element in elements))
    if len(targets) > NAMES:
        days = [element.day for element in elements if element.day]
        conditions = [f'PaymentType=="ACCRECPAYMENT" AND {between(min(days), max(days))}']
    else:
        listed = {
            row.id.lower(): [item for item in row.payments if not isinstance(item, BadRow)]
            for row in client.named(InvoiceRow, "IDs", targets)
        }
        doubtful = (
            element.target
            for element in elements
            if sum(_may_be(item, element) for item in listed.get(element.target.lower(), ())) > 1
        )
        conditions = [payments_of(target) for target in dict.fromkeys(doubtful)]
        if not conditions:
            return [[] for _ in elements]
    rows = {row.id: row for row in client.where(PaymentRow, conditions) if row.alive}
    there = sorted(rows.values(), key=lambda row: (_moment(row), row.id))
    return [
        [LedgerId(row.id) for row in there if _payment(row).is_of(element)] for element in elements
    ]


def alike_notes(client: XeroClient, elements: Sequence[BatchElement]) -> list[list[LedgerId]]:
    """The living credit notes that each element could be, the oldest first: nobody has said that
    Xero refuses a number that it has."""
    days = [element.day for element in elements if element.day]
    condition = f'Type=="ACCRECCREDIT" AND {between(min(days), max(days))}'
    rows = {row.id: row for row in client.where(NoteRow, [condition]) if row.alive}
    there = sorted(rows.values(), key=lambda row: (_moment(row), row.id))
    return [
        [
            LedgerId(row.id)
            for row in there
            if row.number.casefold() == element.note_number.casefold()
            and row.reference == element.reference
        ]
        for element in elements
    ]


def _may_be(item: PaymentInside, element: BatchElement) -> bool:
    """Whether a payment, as its invoice lists it, could be an element of a batch."""
    return (
        money(item.amount) == money(element.amount)
        and item.reference in {None, element.reference}
        and item.day in {None, element.day}
    )


def _moment(row: PaymentRow | NoteRow) -> float:
    return row.updated.timestamp() if row.updated else 0.0


def between(first: date, last: date) -> str:
    """The filter for what is dated from one day to another."""
    return f"Date>={day_literal(first)} AND Date<={day_literal(last)}"


def day_literal(day: date) -> str:
    """A day as Xero's filters have it."""
    return f"DateTime({day.year},{day.month},{day.day})"


def _listed(client: XeroClient, invoices: Sequence[str]) -> Iterator[_FoundPayment]:
    for row in client.named(InvoiceRow, "IDs", list(dict.fromkeys(invoices))):
        for item in row.payments:
            if not isinstance(item, BadRow) and item.reference is not None and item.id:
                alive = item.status not in ENDED
                amount = money(item.amount)
                yield _FoundPayment(item.id, row.id, item.reference, amount, item.day, alive)


def _asked_for(
    client: XeroClient, conditions: Sequence[str], since: datetime
) -> Iterator[_FoundPayment]:
    for row in client.where(PaymentRow, conditions):
        if _since(row, since):
            yield _payment(row)


def _payment(row: PaymentRow) -> _FoundPayment:
    amount = money(row.total)
    return _FoundPayment(row.id, row.target, row.reference, amount, row.day, row.alive)


def _used(client: XeroClient, wanted: Mapping[str, BatchElement]) -> dict[str, WriteResult]:
    """Of the credit notes that were to be allocated or paid out, those that have been, or are no
    more; by id."""
    used = {}
    for note, element in wanted.items():
        row, amount = client.one(NoteRow, note), money(element.amount)
        if row and (not row.alive or money(row.left) < amount):
            used[note] = WriteResult(id=LedgerId(row.id), total=amount, removed=not row.alive)
    return used
