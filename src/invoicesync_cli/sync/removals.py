"""What was taken back in the ledger, as the records have it from then on."""

from collections.abc import Iterable
from dataclasses import replace

from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.state.journal import APPROVE, UNDO
from invoicesync_cli.state.rows import Record
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync import outcomes

NOTES = {DocumentKind.CREDIT, DocumentKind.REFUND}


def settle_removals(state: Store, ledger: Ledger, run: str) -> list[Document]:
    """Look at what batches without an outcome were to take back: what is gone was taken back by
    them, and the rest is as it was. What they were to approve says so itself."""
    entries = [entry for entry in state.journal.open() if _removes(entry.kind)]
    if not entries:
        return []
    names = [name for entry in entries if entry.kind != APPROVE for name in entry.names]
    records = [item for item in state.records_at(names) if item.state is not DocumentState.UNDONE]
    there = standing_of(ledger, records)
    with state.transaction():
        for entry in entries:
            state.journal.end(entry)
        removed = [record for record in records if not is_alive(there, record)]
        return note_taken_back(state, removed, run)


def _removes(kind: str) -> bool:
    return kind == APPROVE or kind.startswith(UNDO)


def standing_of(
    ledger: Ledger, records: Iterable[Record], invoices: Iterable[LedgerId] = ()
) -> Standings:
    """How the ledger's documents of these records stand, and further `invoices`, with what is on
    them."""
    ids: dict[DocumentKind, list[LedgerId]] = {kind: [] for kind in DocumentKind}
    for record in records:
        ids[record.kind].append(LedgerId(record.document.ledger_id))
    receipts = set(ids[DocumentKind.INVOICE])
    return ledger.standing(
        list(dict.fromkeys([*ids[DocumentKind.INVOICE], *invoices])),
        [ident for kind in NOTES for ident in ids[kind]],
        [ident for ident in ids[DocumentKind.PAYMENT] if ident not in receipts],
    )


def is_alive(there: Standings, record: Record) -> bool:
    """Whether the document of a record is still in the ledger."""
    ident = LedgerId(record.document.ledger_id)
    found = there.documents.get(ident) or there.money.get(ident)
    return found is not None and found.alive


def note_taken_back(
    state: Store, records: Iterable[Record], run: str, how: str = "", by: str = ""
) -> list[Document]:
    """Write down, in a transaction, that these are no longer in the ledger; `by` is what else is to
    be said of it. Money that waits for such an invoice has none to wait for any more."""
    documents = []
    for record in records:
        document = outcomes.taken_back(record.document, how)
        document = replace(document, message=f"{document.message} {by}".rstrip())
        state.save(replace(record, document=document, run=run))
        documents.append(document)
        if record.kind is DocumentKind.INVOICE:
            _end_waiting(state, record.key, run)
    return documents


def _end_waiting(state: Store, order_id: str, run: str) -> None:
    for money in state.records_of([order_id], "order"):
        waiting = money.state.open and not money.document.ledger_id
        if money.kind is DocumentKind.INVOICE or not waiting:
            continue
        document = replace(
            money.document,
            state=DocumentState.SKIPPED,
            reason=Reason.INVOICE_NOT_SYNCED,
            message="Its invoice was taken back in the ledger.",
            hint="It is booked with its invoice, if that is sent again.",
        )
        state.save(replace(money, document=document, run=run))
