"""What an interrupted run was entering in Keap: looked for there first (R14, R16)."""

from collections.abc import Iterator

from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    LedgerId,
    LedgerSale,
    OrderId,
    PersonId,
)
from invoicesync_cli.reverse.documents import made
from invoicesync_cli.reverse.planned import PlannedOrder
from invoicesync_cli.reverse.writer import ORDER, KeapWriter
from invoicesync_cli.state.codec import load
from invoicesync_cli.state.journal import REVERSE, JournalEntry
from invoicesync_cli.sync.context import RunContext


def recover(context: RunContext, writer: KeapWriter) -> Iterator[Document]:
    """Settle every batch of this direction that has no outcome; the documents that are settled.

    What Keap has is the outcome. What it does not have was not made: it is new again, and judged
    anew by this run.
    """
    state = context.state
    entries = [entry for entry in state.journal.open() if entry.kind.startswith(REVERSE)]
    if entries:
        context.progress.phase("Looking up what was sent before", len(entries))
    for entry in entries:
        linked = {LedgerId(person) for _, person in state.links.people()}
        (sent,) = writer.send(
            entry.kind,
            entry.body,
            entry.idempotency_key,
            entry.names,
            sent_at=entry.sent_at,
            known=linked,
        )
        (item,) = entry.items
        with state.transaction():
            state.journal.end(entry)
            if entry.kind == ORDER:
                yield from _settle(context, writer, entry, sent.id)
            elif sent.id:
                state.links.put(PersonId(sent.id), LedgerId(item), "created", entry.run)
        context.progress.advance(1)


def _settle(
    context: RunContext, writer: KeapWriter, entry: JournalEntry, found: LedgerId | None
) -> list[Document]:
    state = context.state
    (item,) = entry.items
    record = state.record(DocumentKind.INVOICE, item)
    if record is None:
        return []
    sale = load(LedgerSale, record.source)
    plan = PlannedOrder(sale, record.document, context.ledger_title, record)
    plan.decisions = record.decided[1:]
    if found is None:
        state.save(plan.as_record(context.run, DocumentState.NEW), log=False)
        return []
    order = writer.orders[OrderId(found)]
    plan.document = made(plan.document, order)
    state.forget(DocumentKind.INVOICE, item)
    state.save(plan.as_made(order, context.run))
    return [plan.document]
