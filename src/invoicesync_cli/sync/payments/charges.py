"""Charges that failed in Keap: each is reported once, in the gateway's words. One that cannot be
read is asked for again in every run, and said, until it can be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from invoicesync_cli.model import Document, DocumentKind, DocumentState, Invoice
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments.documents import failed

UNREAD = "charges_unread"


@dataclass(frozen=True)
class Unread:
    """The orders that a charge may be on which could not be read; charges since a time (aware) are
    to be asked for."""

    since: datetime
    orders: tuple[str, ...]


def failed_charges(context: RunContext, unpaid: Mapping[str, Invoice]) -> list[Document]:
    """The charges on these orders that failed and are not on record yet."""
    if not unpaid:
        return []
    since = min(invoice.order_time for invoice in unpaid.values()) - timedelta(days=1)
    orders = {order_id: _order(invoice) for order_id, invoice in unpaid.items()}
    reported = _reported(context, since, orders)
    if context.keap.charges_unread:
        kept = _unread(context) or Unread(since, ())
        every = tuple(dict.fromkeys([*kept.orders, *orders]))
        unread = Unread(min(since, kept.since), every)
        context.state.set_meta(UNREAD, dump(Unread, unread))
    return reported


def unread_charges(context: RunContext) -> list[Document]:
    """The failed charges that earlier runs could not read, where they can be read now."""
    kept = _unread(context)
    if kept is None:
        return []
    records = context.state.records_of(kept.orders, "order")
    orders = {row.key: row.document for row in records if row.document.kind is DocumentKind.INVOICE}
    reported = _reported(context, kept.since, orders)
    if not context.keap.charges_unread:
        context.state.set_meta(UNREAD, "")
    return reported


def _unread(context: RunContext) -> Unread | None:
    text = context.state.get_meta(UNREAD)
    return load(Unread, text) if text else None


def _order(invoice: Invoice) -> Document:
    """What is said of an order whose invoice is not on record yet."""
    return Document(
        DocumentKind.INVOICE,
        DocumentState.NEW,
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        contact=invoice.buyer,
        currency=invoice.currency,
    )


def _reported(
    context: RunContext, since: datetime, orders: Mapping[str, Document]
) -> list[Document]:
    """Put the charges since a time on record that failed on these orders and are not yet."""
    reported = []
    with context.state.transaction():
        for charge in context.keap.failed_charges(since):
            for order_id in charge.order_ids:
                key = f"charge:{order_id}:{charge.reference or charge.time.isoformat()}"
                order = orders.get(order_id)
                if order and not context.state.record(DocumentKind.PAYMENT, key):
                    document = failed(charge, order, context.preflight.zone)
                    context.state.save(Record(DocumentKind.PAYMENT, key, document, run=context.run))
                    reported.append(document)
    return reported
