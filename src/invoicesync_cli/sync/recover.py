"""What an interrupted run left behind: every batch that was sent is settled first (R16)."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.load.ledger import Ledger, WriteResult
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    OrderId,
    PersonId,
    marked_order,
)
from invoicesync_cli.progress import SILENT, ProgressListener
from invoicesync_cli.state.journal import REVERSE, JournalEntry
from invoicesync_cli.state.rows import Record
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync.batches import nobody_knows
from invoicesync_cli.sync.invoices import recover as invoices
from invoicesync_cli.sync.payments import recover as payments
from invoicesync_cli.sync.payments.send import known_payments
from invoicesync_cli.sync.removals import settle_removals

NAMED = {"invoice", "note", "refund", "payment"}
"""Kinds of batches of which that is looked for by number or reference which bears a marker too."""


def recover(
    state: Store, ledger: Ledger, run: str, progress: ProgressListener = SILENT
) -> list[Document]:
    """Settle every batch of the journal that has no outcome.

    The ledger is asked for what is there, and that is the outcome; of what was to be taken back,
    for what is there no more. What else is not there goes out again while its key is young, unless
    somebody has renumbered meanwhile what it was sent for; all else is new again, and judged anew
    by this run. Returns the documents that were settled.
    """
    settled = settle_removals(state, ledger, run)
    entries = [entry for entry in state.journal.open() if not entry.kind.startswith(REVERSE)]
    if entries:
        total = sum(len(entry.items) for entry in entries)
        progress.phase("Looking up what was sent before", total)
    renumbered = _renumbered(state, ledger, entries)
    for entry in entries:
        sents = _sent(state, ledger, entry, renumbered)
        with state.transaction():
            state.journal.end(entry)
            for item, sent in zip(entry.items, sents, strict=True):
                settled += _settle(state, entry, item, sent, run)
        progress.advance(len(entry.items))
    with state.transaction():
        # Versions before this one left some behind without a batch.
        for kind in DocumentKind:
            for record in state.records_in(kind, DocumentState.SENDING):
                if not record.to_keap:
                    state.save(_new(record, run), log=False)
    return settled


def _renumbered(
    state: Store, ledger: Ledger, entries: Iterable[JournalEntry]
) -> Collection[OrderId] | None:
    """The orders whose markers are on what is alive in the ledger, unknown to the records, and not
    to be found as it was sent: with another number or reference. None if that is not known."""
    sent = [entry for entry in entries if entry.kind in NAMED]
    if not sent:
        return ()
    names = {name.casefold() for entry in sent for name in entry.names}
    orders: set[OrderId] = set()
    for changes in ledger.changes(min(entry.sent_at for entry in sent)):
        if changes.unreadable or not changes.complete:
            return None
        forms = (*changes.invoices.values(), *changes.notes.values())
        there = [
            *((form, form.number, marked_order(form.reference)) for form in forms if form),
            *(
                (payment, ledger.payment_name(payment.target, payment.reference), payment.order_id)
                for payment in changes.payments.values()
                if payment and not payment.credit
            ),
        ]
        known = {item.document.ledger_id for item in state.records_at(row.id for row, *_ in there)}
        orders |= {
            order
            for row, name, order in there
            if order and row.alive and row.id not in known and name.casefold() not in names
        }
    return orders


def _sent(
    state: Store, ledger: Ledger, entry: JournalEntry, renumbered: Collection[OrderId] | None
) -> list[WriteResult]:
    records = [_of(state, entry, item) for item in entry.items]
    orders = [OrderId(item.document.order_id) for item in records if item]
    known = known_payments(state, orders)
    touched = renumbered is None or any(order in renumbered for order in orders)
    try:
        return ledger.send(
            entry.kind,
            entry.body,
            entry.idempotency_key,
            entry.names,
            sent_at=entry.sent_at,
            known=known,
            # What was renumbered is taken up by its marker, once it is judged anew.
            only_look=entry.kind in NAMED and touched,
        )
    except InvoiceSyncError as error:
        if nobody_knows(error):
            raise
        return [WriteResult() for _ in entry.items]


def _of(state: Store, entry: JournalEntry, item: str) -> Record | None:
    """The record of an item of a batch that is still on its way."""
    if entry.kind in {"contact", "item"}:
        return None
    kind, _, key = item.rpartition("/")
    record = state.record(DocumentKind(kind or DocumentKind.INVOICE), key)
    return record if record and record.state is DocumentState.SENDING else None


def _settle(
    state: Store, entry: JournalEntry, item: str, sent: WriteResult, run: str
) -> list[Document]:
    """Write what became of an item of a batch; the documents that are settled by it."""
    if entry.kind == "contact" and sent.id:
        state.links.put(PersonId(item), sent.id, "created", entry.run)
    record = _of(state, entry, item)
    if record is None:
        return []
    if sent.id is None:
        found = [_new(record, run)]
    elif record.kind is DocumentKind.INVOICE:
        found = invoices.recovered(replace(record, run=run), sent)
    else:
        found = payments.recovered(replace(record, run=run), sent, entry.kind)
    for one in found:
        state.save(one, log=one.state is not DocumentState.NEW)
    return [one.document for one in found if one.state is not DocumentState.NEW]


def _new(record: Record, run: str) -> Record:
    return replace(record, document=replace(record.document, state=DocumentState.NEW), run=run)
