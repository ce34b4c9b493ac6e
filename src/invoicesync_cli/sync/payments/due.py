"""Which orders have money to look at though nothing of the orders themselves has changed (R10)."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from datetime import date, datetime, timedelta

from invoicesync_cli.model import DocumentState, Payment, PaymentId, Reason, UnreadablePayment
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments.changes import (
    REMOVED,
    UNSETTLED,
    VOIDED,
    source_differs,
)
from invoicesync_cli.transform.allocations import in_ledger
from invoicesync_cli.transform.dates import local_date


class OrderSet:
    """Order ids, of which a first sync can see a million: a bit for each, in blocks."""

    _BLOCK = 4096

    def __init__(self) -> None:
        self._blocks: dict[int, int] = defaultdict(int)

    def __contains__(self, order_id: object) -> bool:
        block, bit = divmod(int(str(order_id)), self._BLOCK)
        return bool(self._blocks.get(block, 0) >> bit & 1)

    def update(self, order_ids: Iterable[str]) -> None:
        """Take these in."""
        for order_id in order_ids:
            block, bit = divmod(int(order_id), self._BLOCK)
            self._blocks[block] |= 1 << bit


def due_orders(
    context: RunContext, since: datetime, voided: Collection[PaymentId], done: Container[str]
) -> list[str]:
    """The orders with money that is open, or that Keap has otherwise than it is on record.

    Keap stamps a payment with the day it is said to be of, so a new one may be dated long ago, and
    on an order that is paid. So everything dated since `since` is held against the records, beside
    whatever they say is open. What waits for the ledger is reported; `done` was looked at already.
    """
    state = context.state
    voided_orders = [
        record.document.order_id
        for record in state.payment_records(voided)
        if in_ledger(record.document) and not _dismissed(record, VOIDED)
    ]
    found = {*state.money_due(), *_open(context, done), *_differing(context, since), *voided_orders}
    return sorted(found, key=int)


def _open(context: RunContext, done: Container[str]) -> Iterator[str]:
    """The orders with money that has not come to an end, and could by now."""
    money = [
        (record, invoice)
        for record, invoice in context.state.open_money()
        if record.document.order_id not in done
    ]
    stale = context.preflight.stale({record.document.reason for record, _ in money}, sends=False)
    if stale:
        context.preflight.refresh(stale)
    lock = context.preflight.rules().ledger.facts.lock_date
    for record, invoice in money:
        if _hangs_on_ledger(record, invoice, lock):
            context.report([record.document])
        else:
            yield record.document.order_id


def _differing(context: RunContext, since: datetime) -> set[str]:
    """The orders of payments that Keap has otherwise than the records have them.

    A payment may be known to one order and be on another now: both are looked into.
    """
    zone = context.preflight.zone
    orders: set[str] = set()
    seen: set[str] = set()
    for page in context.keap.payments_since(since):
        seen.update(payment.id for payment in page)
        records: dict[str, list[Record]] = defaultdict(list)
        for record in context.state.payment_records(payment.id for payment in page):
            records[record.document.payment_id].append(record)
        for payment in page:
            known = records[payment.id]
            ended = [
                record
                for record in known
                if in_ledger(record.document) or record.state is DocumentState.SKIPPED
            ]
            if isinstance(payment, UnreadablePayment) or any(
                source_differs(item.source, payment, zone) or _unsettled(item, payment)
                for item in ended
            ):
                orders.update(record.document.order_id for record in ended)
            orders.update(set(payment.order_ids) - {item.document.order_id for item in known})
    # What lies on the edge may be left out by the vendor's clock.
    day = local_date(since, zone) + timedelta(days=2)
    orders.update(
        record.document.order_id
        for record in context.state.money_since(day.isoformat(), but=seen)
        if (record.state.open or in_ledger(record.document)) and not _dismissed(record, REMOVED)
    )
    return orders


def _unsettled(record: Record, payment: Payment) -> bool:
    """Whether money that is in the ledger is none by Keap's list, and nobody has said it is so."""
    change = UNSETTLED.get(payment.kind, "")
    return change != "" and in_ledger(record.document) and not _dismissed(record, change)


def _dismissed(record: Record, change: str) -> bool:
    """Whether money was dismissed before anything was in the ledger, or for this change."""
    if record.state is not DocumentState.DISMISSED:
        return False
    return not record.document.ledger_id or record.document.noticed == change


def _hangs_on_ledger(record: Record, invoice: DocumentState | None, lock: date | None) -> bool:
    """Whether money waits for something that has not happened; `invoice` is where its invoice is.

    That an invoice was approved is noticed by the ledger's own list of changes, which makes its
    money new again.
    """
    document = record.document
    if document.reason is Reason.AMBIGUOUS:
        return True
    if document.state is DocumentState.WAITING and document.reason is Reason.INVOICE_NOT_APPROVED:
        return True
    if document.state is DocumentState.WAITING and document.reason is Reason.INVOICE_NOT_SYNCED:
        return invoice is not None and invoice.open
    day = document.date if document.reason is Reason.PERIOD_LOCKED else None
    return day is not None and lock is not None and day <= lock
