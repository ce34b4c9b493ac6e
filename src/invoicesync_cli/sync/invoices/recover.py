"""An invoice of which the answer was lost, and that the ledger turns out to have (R16)."""

from dataclasses import replace

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.invoices import outcomes
from invoicesync_cli.sync.payments.receipts import payment_of


def recovered(record: Record, sent: WriteResult) -> list[Record]:
    """Its record, and that of the payment which its document brings with it."""
    draft = record.invoice_draft
    if draft:
        document = outcomes.of_sent(record.document, draft.expected, sent)
        record = replace(record, document=document)
    payment = payment_of(record)
    return [record, payment] if payment else [record]
