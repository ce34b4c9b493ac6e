"""Taking back and approving in Xero: how documents stand, and the calls that end or approve them.

Drafts and submitted invoices are deleted, approved ones voided; payments and allocations are
deleted, one call each, which is all that Xero has for them. A payment's `IsReconciled` stands in
the list of payments only (Xero's pages "Invoices", "Credit Notes", "Payments", "Allocations").
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import Field, StrictBool

from invoicesync_cli.http.responses import ServiceRefused, unreadable_answer
from invoicesync_cli.http.schemas import Amount, BadRow, Rows, Schema
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.standing import (
    Ending,
    StandingDocument,
    StandingLine,
    StandingMoney,
    Standings,
)
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.load.xero.client import XeroClient, page_of
from invoicesync_cli.load.xero.replies import refused, sent
from invoicesync_cli.load.xero.schemas import (
    APPROVED,
    ENDED,
    Element,
    Guid,
    InvoiceRow,
    Loose,
    NoteRow,
    PartRow,
    PaymentInside,
    PaymentRow,
    WrittenInvoice,
    WrittenNote,
    WrittenPayment,
    XeroDay,
)
from invoicesync_cli.model import ZERO, LedgerId, TrackingPair, money

S = TypeVar("S", bound=Schema)

DRAFTED = {"DRAFT", "SUBMITTED"}
APPROVE = "approve"
PAYMENT, ALLOCATION = "undo/payment", "undo/allocation"
SCHEMAS: Mapping[str, type[Element]] = {
    "undo/invoice": WrittenInvoice,
    "undo/note": WrittenNote,
    PAYMENT: WrittenPayment,
    APPROVE: WrittenInvoice,
}
SINGLY = frozenset({PAYMENT, ALLOCATION})
"""Those whose elements each take a call of their own."""
KINDS = {*SCHEMAS, ALLOCATION}
"""The kinds of batches that this module sends."""


class TrackedRow(Schema):
    """An option of a tracking category on a line."""

    category: Loose = Field("", alias="Name")
    option: Loose = Field("", alias="Option")


class StandingLineRow(PartRow):
    """A line of an invoice."""

    description: Loose = Field("", alias="Description")
    amount: Amount = Field(ZERO, alias="LineAmount")
    account: Loose = Field("", alias="AccountCode")
    tax_code: Loose = Field("", alias="TaxType")
    tax: Amount = Field(ZERO, alias="TaxAmount")
    tracking: Rows[TrackedRow] = Field((), alias="Tracking")


class StandingInvoiceRow(InvoiceRow):
    """An invoice with its lines."""

    due_day: XeroDay | None = Field(None, alias="DueDate")
    lines: Rows[StandingLineRow] = Field((), alias="LineItems")


class AllocationInside(Schema):
    """An allocation as its credit note lists it."""

    id: Guid = Field(alias="AllocationID")
    amount: Amount = Field(alias="Amount")
    day: XeroDay | None = Field(None, alias="Date")
    invoice: PartRow = Field(alias="Invoice")


class StandingNoteRow(NoteRow):
    """A credit note with what it is used for."""

    day: XeroDay | None = Field(None, alias="Date")
    allocations: Rows[AllocationInside] = Field((), alias="Allocations")
    payments: Rows[PaymentInside] = Field((), alias="Payments")


class StandingPaymentRow(PaymentRow):
    """A payment, with whether it is reconciled with the bank."""

    reconciled: StrictBool = Field(False, alias="IsReconciled")


def standing(
    client: XeroClient,
    documents: Collection[LedgerId],
    notes: Collection[LedgerId],
    payments: Collection[LedgerId],
) -> Standings:
    """Invoices by 40, credit notes and payments by some 28 a call."""
    invoices = list(client.named(StandingInvoiceRow, "IDs", list(documents)))
    noted = list(client.with_ids(StandingNoteRow, "CreditNoteID", notes))
    listed = [row.payments for row in invoices] + [row.payments for row in noted]
    inside = [item.id for rows in listed for item in _read(rows)]
    paid = client.with_ids(StandingPaymentRow, "PaymentID", [*payments, *inside])
    found = [_payment(row) for row in paid]
    found += [allocation for row in noted for allocation in _allocations(row)]
    stand = [_invoice(row) for row in invoices] + [_note(row) for row in noted]
    return Standings({item.id: item for item in stand}, {item.id: item for item in found})


def _read(rows: Rows[S]) -> Iterator[S]:
    """Rows that all have to make sense. Raises `TryLater`."""
    for row in rows:
        if isinstance(row, BadRow):
            raise unreadable_answer("Xero", row.problem)
        yield row


def _invoice(row: StandingInvoiceRow) -> StandingDocument:
    drafted = row.status in DRAFTED
    return StandingDocument(
        id=LedgerId(row.id),
        entity="Invoices",
        alive=row.alive,
        ending=Ending.DELETED if drafted else Ending.VOIDED,
        approved=row.status in APPROVED,
        total=money(row.total),
        tax=money(row.tax),
        left=money(row.due),
        date=row.day,
        contact_id=LedgerId(row.contact.id),
        number=row.number,
        reference=row.reference,
        due_date=row.due_day,
        lines=tuple(_line(line) for line in _read(row.lines)) if drafted else (),
    )


def _line(row: StandingLineRow) -> StandingLine:
    return StandingLine(
        row.description,
        money(row.amount),
        row.account,
        row.tax_code,
        money(row.tax),
        frozenset(str(TrackingPair(one.category, one.option)) for one in _read(row.tracking)),
    )


def _note(row: StandingNoteRow) -> StandingDocument:
    return StandingDocument(
        id=LedgerId(row.id),
        entity="CreditNotes",
        alive=row.alive,
        ending=Ending.DELETED if row.status in DRAFTED else Ending.VOIDED,
        approved=row.status in APPROVED,
        total=money(row.total),
        tax=None if row.tax is None else money(row.tax),
        left=money(row.left),
        date=row.day,
        contact_id=LedgerId(row.contact.id),
        number=row.number,
        reference=row.reference,
    )


def _allocations(row: StandingNoteRow) -> Iterator[StandingMoney]:
    for item in _read(row.allocations):
        amount, note = money(item.amount), LedgerId(row.id)
        yield StandingMoney(
            id=LedgerId(item.id),
            entity="Allocations",
            ending=Ending.DELETED,
            alive=True,
            amount=amount,
            date=item.day,
            reference=row.number,
            on={note: amount, LedgerId(item.invoice.invoice_id): amount},
            note=note,
        )


def _payment(row: StandingPaymentRow) -> StandingMoney:
    amount = money(row.total)
    return StandingMoney(
        id=LedgerId(row.id),
        entity="Payments",
        ending=Ending.DELETED,
        alive=row.alive,
        amount=amount,
        date=row.day,
        reference=row.reference,
        on={LedgerId(row.target): amount} if row.alive else {},
        reconciled=row.reconciled,
    )


# --- taking back, approving -----------------------------------------------------------------------


def body(kind: str, payloads: Sequence[Any]) -> bytes:
    """What a batch does to what stands: for invoices and credit notes the body of their `POST`; the
    others are taken one by one, each by a call of its own."""
    if kind == ALLOCATION:
        named = [{"CreditNoteID": item.note, "AllocationID": item.id} for item in payloads]
        return to_json({"Allocations": named})
    schema = SCHEMAS[kind]
    status = {APPROVE: "AUTHORISED", PAYMENT: "DELETED"}
    elements = [
        {_id_name(schema): item.id, "Status": status.get(kind) or item.ending.upper()}
        for item in payloads
    ]
    return to_json({schema.COLLECTION: elements})


def send(client: XeroClient, kind: str, body: bytes, key: str) -> list[WriteResult]:
    """Send a batch once; what became of each element."""
    (elements,) = json.loads(body).values()
    if kind == ALLOCATION:
        return [_deleted(client, element) for element in elements]
    schema = SCHEMAS[kind]
    if kind == PAYMENT:
        keys = (f"{key}-{place}" for place in range(len(elements)))
        return [_payment_deleted(client, *pair) for pair in zip(elements, keys, strict=True)]
    rows = page_of(client.update(schema.COLLECTION, body, key), schema.COLLECTION, schema).rows
    by_id = {row.id: row for row in rows if not isinstance(row, BadRow)}
    return [_outcome(kind, by_id.get(element[_id_name(schema)])) for element in elements]


def _id_name(schema: type[Element]) -> str:
    return f"{schema.COLLECTION.removesuffix('s')}ID"


def _outcome(kind: str, row: Element | None) -> WriteResult:
    result = sent(row)
    if row is None or result.id is None:
        return result
    ended = row.status in ENDED
    if ended is (kind == APPROVE) or (kind == APPROVE and row.status not in APPROVED):
        return WriteResult(unclear=True)
    return replace(result, removed=ended)


def _payment_deleted(client: XeroClient, element: Mapping[str, str], key: str) -> WriteResult:
    """Xero takes nothing but the status: with any other field it refuses the change."""
    try:
        path, change = f"Payments/{element['PaymentID']}", to_json({"Status": element["Status"]})
        rows = page_of(client.change(path, change, key), "Payments", WrittenPayment).good
    except ServiceRefused as error:
        return refused(error.words)
    return _outcome(PAYMENT, rows[0] if rows and rows[0].id == element["PaymentID"] else None)


def _deleted(client: XeroClient, element: Mapping[str, str]) -> WriteResult:
    ident = element["AllocationID"]
    try:
        client.delete(f"CreditNotes/{element['CreditNoteID']}/Allocations/{ident}")
    except ServiceRefused as error:
        return refused(error.words)
    return WriteResult(id=LedgerId(ident), removed=True)
