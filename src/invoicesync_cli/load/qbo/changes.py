"""What has changed in QuickBooks since a time, by its own list of changes (Change Data Capture).

It looks back 30 days at most, gives 1,000 objects at most, and shows of what was deleted the id
only; what was voided comes to nothing in it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.responses import Reply, ServiceRefused
from invoicesync_cli.http.schemas import read
from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.qbo import payments as money
from invoicesync_cli.load.qbo.client import QboClient
from invoicesync_cli.load.qbo.schemas import (
    FORMS,
    ChangesAnswer,
    Form,
    InvoiceRow,
    Object,
    PaymentRow,
    SalesReceiptRow,
    Timed,
    as_read,
)
from invoicesync_cli.model import LedgerId

KINDS: Mapping[str, type[Object]] = {**FORMS, "Payment": PaymentRow}
FURTHEST = timedelta(days=30)
MOST = 1000
OVERLAP = timedelta(minutes=5)
"""How much further back changes are asked for: what QuickBooks was writing when it answered last,
which it does for two minutes at most."""


def changes(client: QboClient, since: datetime) -> LedgerChanges:
    """The transactions that have changed, in one call.

    Not complete when the time is too long ago, too much has changed, or a row cannot be read.
    """
    since -= OVERLAP
    try:
        answer = client.changed(tuple(KINDS), since)
    except ServiceRefused as refused:
        until = _said_at(refused.reply) or client.server_time or since
        return LedgerChanges({}, {}, {}, {}, until, complete=False)
    until = answer.time or client.server_time or since
    read = [(kind, _read(kind, row)) for kind, row in _rows(answer)]
    invoices: dict[LedgerId, LedgerInvoice | None] = {}
    notes: dict[LedgerId, LedgerCreditNote | None] = {}
    payments: dict[LedgerId, LedgerPayment | None] = {}
    paid_by: dict[LedgerId, frozenset[LedgerId]] = {}
    for kind, there in read:
        if there is None:
            continue
        ident = LedgerId(there.id)
        if kind is PaymentRow:
            payments[ident] = money.found_payment(there) if isinstance(there, PaymentRow) else None
        elif kind in {InvoiceRow, SalesReceiptRow}:
            invoices[ident] = money.found(there) if isinstance(there, Form) else None
        else:
            notes[ident] = money.found_note(there) if isinstance(there, Form) else None
        if isinstance(there, InvoiceRow):
            paid_by[ident] = money.paid_by(there)
    unread = any(there is None for _, there in read)
    complete = not unread and len(read) < MOST and until - since <= FURTHEST
    return LedgerChanges(invoices, notes, payments, paid_by, until, complete)


def _said_at(reply: Reply) -> datetime | None:
    """QuickBooks' own time of a refusal."""
    try:
        return read(reply, Timed).time
    except TryLater:
        return None


def _rows(answer: ChangesAnswer) -> Iterable[tuple[type[Object], Any]]:
    """Every row with its kind; what is no list counts as one that cannot be read."""
    for part in answer.parts:
        for rows in part.rows:
            for name, kind in KINDS.items():
                found = rows.get(name, ())
                for row in found if isinstance(found, list | tuple) else [found]:
                    yield kind, row


def _read(kind: type[Object], row: Any) -> Object | None:
    """A row by its kind; of one that was deleted only the id is there."""
    deleted = isinstance(row, Mapping) and row.get("status") == "Deleted"
    return as_read(Object if deleted else kind, row)
