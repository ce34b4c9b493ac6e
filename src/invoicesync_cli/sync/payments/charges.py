"""Charges that failed in Keap: each is reported once, in the gateway's words."""

from collections.abc import Mapping
from datetime import timedelta

from invoicesync_cli.model import Document, DocumentKind, Invoice
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments.documents import failed


def failed_charges(context: RunContext, unpaid: Mapping[str, Invoice]) -> list[Document]:
    """The charges on these orders that failed and are not on record yet."""
    if not unpaid:
        return []
    since = min(invoice.order_time for invoice in unpaid.values()) - timedelta(days=1)
    reported = []
    with context.state.transaction():
        for charge in context.keap.failed_charges(since):
            for order_id in charge.order_ids:
                key = f"charge:{order_id}:{charge.reference or charge.time.isoformat()}"
                invoice = unpaid.get(order_id)
                if invoice and not context.state.record(DocumentKind.PAYMENT, key):
                    document = failed(charge, invoice, context.preflight.zone)
                    context.state.save(Record(DocumentKind.PAYMENT, key, document, run=context.run))
                    reported.append(document)
    return reported
