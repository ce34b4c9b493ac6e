"""What has changed in QuickBooks since a time, by its own list of changes (Change Data Capture).

It looks back 30 days at most, gives 1,000 objects at most, and shows of what was deleted the id
only; what was voided comes to nothing in it. What it does not reach is read by queries, which show
all but deletions. Whether anything was deleted that had been made before a time is seen by
counting: the mark is how many there were, and nothing can be made before that time any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.responses import Reply, ServiceRefused
from invoicesync_cli.http.schemas import read
from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.qbo import payments as money
from invoicesync_cli.load.qbo import timeline
from invoicesync_cli.load.qbo.client import UNREADABLE, QboClient
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


def changes(client: QboClient, since: datetime, mark: str) -> Iterator[LedgerChanges]:
    """The transactions that have changed: in one call, unless it was too long ago or there are too
    many; then, where there is a mark, page by page, and a call to count anew.

    Not complete when something is gone by the count, there is no mark to count by, or of a row not
    even the id can be read.
    """
    since -= OVERLAP
    listed: list[tuple[type[Object], Any]] = []
    try:
        answer = client.changed(tuple(KINDS), since)
    except ServiceRefused as refused:
        until = _said_at(refused.reply) or client.server_time or since
        reached = False
    else:
        until = answer.time or client.server_time or since
        listed = list(_rows(answer))
        reached = len(listed) < MOST and until - since <= FURTHEST
    if reached or not mark:
        yield _part(listed, until, complete=reached)
        return
    before, _, _ = mark.partition(" ")
    all_there = marked(client, datetime.fromisoformat(before)) == mark
    for entity, rows in timeline.changed(client, KINDS, since):
        page = [(KINDS[entity], row) for row in rows]
        yield _part(page, until, complete=all_there, listed=False)


def marked(client: QboClient, before: datetime) -> str:
    """How many transactions of each kind there are that were made before a time, in one call; blank
    where QuickBooks does not say."""
    where = f"{timeline.CREATED} < {timeline.quoted_time(before)}"
    try:
        counts = client.count({entity: [where] for entity in KINDS})
    except ServiceRefused:
        return ""
    except TryLater as error:
        if error.code not in UNREADABLE:
            raise
        return ""
    said = (f"{entity}={count}" for entity, count in counts.items())
    return " ".join([before.isoformat(timespec="seconds"), *said])


def _part(
    rows: Iterable[tuple[type[Object], Any]],
    until: datetime,
    *,
    complete: bool,
    listed: bool = True,
) -> LedgerChanges:
    """What these rows say; rows that were not `listed` by QuickBooks itself lack what is gone."""
    invoices: dict[LedgerId, LedgerInvoice | None] = {}
    notes: dict[LedgerId, LedgerCreditNote | None] = {}
    payments: dict[LedgerId, LedgerPayment | None] = {}
    paid_by: dict[LedgerId, frozenset[LedgerId]] = {}
    unreadable: set[LedgerId] = set()
    for kind, row in rows:
        there = _read(kind, row)
        if there is None:
            if named := as_read(Object, row):
                unreadable.add(LedgerId(named.id))
            else:
                complete = False
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
    return LedgerChanges(
        invoices, notes, payments, paid_by, until, complete, listed, frozenset(unreadable)
    )


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
