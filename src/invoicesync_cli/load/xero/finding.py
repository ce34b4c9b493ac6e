"""Which elements of an unanswered batch are in Xero (R16): by number, marker, contact number, or by
document, reference, amount and date."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.ledger import Sent
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.schemas import (
    ContactRow,
    InvoiceRow,
    NoteRow,
    PaymentRow,
)
from invoicesync_cli.model import LedgerId, money

SALES = {"ACCREC", "ACCRECCREDIT"}

Body = Mapping[str, Any]
Found = Sequence[Sent | None]
"""What each element has become, as if Xero had answered for it; None for one that is not there."""


def find(
    client: XeroClient, kind: str, body: bytes, known: Collection[LedgerId], since: datetime
) -> Found:
    """What the elements of a batch have become.

    `known` are payments that are other records' and cannot be any of these. What was voided or
    deleted before `since`, when the batch first went out, was another one; what was since, is
    `removed`.
    """
    kind, _, note = kind.partition("/")
    (elements,) = json.loads(body, parse_float=Decimal).values()
    if kind == "contact":
        return _contacts(client, elements)
    if kind == "invoice":
        return _invoices(client, elements, since)
    if kind == "note":
        return _notes(client, elements, since)
    if kind == "allocation":
        # One is sent at a time.
        return list(_used(client, dict(zip([note], elements, strict=True))).values()) or [None]
    return _payments(client, elements, known, since)


def _contacts(client: XeroClient, elements: Sequence[Body]) -> Found:
    wanted = {element["ContactNumber"] for element in elements}
    there = {
        row.number: Sent(id=LedgerId(row.merged_to or row.id))
        for row in client.readable(ContactRow, {"includeArchived": "true"})
        if row.number in wanted and row.id
    }
    return [there.get(element["ContactNumber"]) for element in elements]


def _invoices(client: XeroClient, elements: Sequence[Body], since: datetime) -> Found:
    numbers = [element["InvoiceNumber"] for element in elements]
    rows = client.named(InvoiceRow, "InvoiceNumbers", numbers)
    return _by_number(rows, elements, "InvoiceNumber", since)


def _notes(client: XeroClient, elements: Sequence[Body], since: datetime) -> Found:
    numbers = [element["CreditNoteNumber"] for element in elements]
    rows = client.where(NoteRow, [note_numbered(number) for number in numbers])
    return _by_number(rows, elements, "CreditNoteNumber", since)


def note_numbered(number: str) -> str:
    """The filter for a credit note by number."""
    escaped = number.replace("\\", "\\\\").replace('"', '\\"')
    return f'CreditNoteNumber=="{escaped}"'


def payments_of(target: str) -> str:
    """The filter for the payments of an invoice, or of a credit note, which stands in its place."""
    return f'Invoice.InvoiceID==guid("{target}")'


def _by_number(
    rows: Iterable[InvoiceRow | NoteRow], elements: Sequence[Body], name: str, since: datetime
) -> Found:
    there: dict[tuple[str, str], InvoiceRow | NoteRow] = {}
    for row in rows:
        key = row.number.casefold(), row.reference
        ours = row.type in SALES and _since(row, since)
        if ours and (key not in there or row.alive):
            there[key] = row
    found = (there.get((element[name].casefold(), element["Reference"])) for element in elements)
    return [_as_sent(row) if row else None for row in found]


def _as_sent(row: InvoiceRow | NoteRow | PaymentRow) -> Sent:
    return Sent(
        id=LedgerId(row.id),
        total=money(row.total),
        tax=None if row.tax is None else money(row.tax),
        removed=not row.alive,
    )


def _since(row: InvoiceRow | NoteRow | PaymentRow, since: datetime) -> bool:
    """Whether a row can be of a batch that went out then: it is alive, or its end came later."""
    return row.alive or row.updated is None or row.updated >= since


def _payments(
    client: XeroClient, elements: Sequence[Body], known: Collection[LedgerId], since: datetime
) -> Found:
    """Payments by document, reference, amount and date: of several alike each stands for one."""
    conditions = dict.fromkeys(payments_of(_target(element)) for element in elements)
    there: dict[tuple[Any, ...], list[PaymentRow]] = defaultdict(list)
    # Xero may show a row twice; one that is alive is to be taken first.
    rows = {row.id: row for row in client.where(PaymentRow, list(conditions))}
    for row in sorted(rows.values(), key=lambda row: not row.alive):
        if row.id not in known and _since(row, since):
            there[row.target.lower(), row.reference, money(row.total)].append(row)
    found: list[Sent | None] = []
    for element in elements:
        day = date.fromisoformat(element["Date"])
        alike = there[_target(element).lower(), element["Reference"], money(element["Amount"])]
        place = next((place for place, row in enumerate(alike) if row.day in {None, day}), None)
        found.append(None if place is None else _as_sent(alike.pop(place)))
    missing = {
        note: element
        for element, sent in zip(elements, found, strict=True)
        if sent is None and (note := _note(element))
    }
    used = _used(client, missing)
    return [sent or used.get(_note(element)) for element, sent in zip(elements, found, strict=True)]


def _used(client: XeroClient, wanted: Mapping[str, Body]) -> dict[str, Sent]:
    """Of the credit notes that were to be allocated or paid out, those that have been, or are no
    more; by id."""
    conditions = [f'CreditNoteID==guid("{note}")' for note in wanted]
    used = {}
    for row in client.where(NoteRow, conditions):
        amount = money(wanted[row.id]["Amount"]) if row.id in wanted else None
        if amount is not None and (not row.alive or money(row.left) < amount):
            used[row.id] = Sent(id=LedgerId(row.id), total=amount, removed=not row.alive)
    return used


def _target(element: Body) -> str:
    return str((element.get("Invoice") or {}).get("InvoiceID") or _note(element))


def _note(element: Body) -> str:
    return str((element.get("CreditNote") or {}).get("CreditNoteID") or "")
