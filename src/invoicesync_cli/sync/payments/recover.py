"""Money of which the answer was lost, and that the ledger turns out to have (R16)."""

from dataclasses import replace

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import ZERO
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.payments import outcomes


def recovered(record: Record, sent: WriteResult, kind: str) -> list[Record]:
    """Its record, by the kind of batch: new once more where only its credit note was made."""
    draft, document = record.payment_draft, record.document
    if kind == "note" and draft:
        document = outcomes.of_note(document, draft.amount, sent)
    else:
        document = outcomes.of_money(document, sent, draft.unapplied if draft else ZERO)
    return [replace(record, document=document)]
