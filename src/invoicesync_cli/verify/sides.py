"""What is compared of a document: Keap's figures, and what its record says of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    Invoice,
    InvoiceId,
    LedgerAccount,
    LineKind,
    OrderId,
    Payment,
    PaymentId,
    Reason,
)
from invoicesync_cli.state.codec import load
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.payments.changes import PaymentSource
from invoicesync_cli.transform.lines import extended, kind_of


@dataclass(frozen=True, slots=True)
class InKeap:
    """A document as Keap has it now: an order, or its part of a payment.

    `tax` is None for money, and for an order that cannot be read; `person` is the buyer's id,
    `name` what the order calls them.
    """

    kind: DocumentKind
    order_id: OrderId
    invoice_id: InvoiceId
    total: Decimal
    currency: str
    date: dt.date | None
    payment_id: PaymentId | Literal[""] = ""
    tax: Decimal | None = None
    person: str = ""
    name: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Of which figure of Keap's (`keap`) the document that was sent came to which (`ledger`)."""

    keap: Decimal
    ledger: Decimal
    tax: Decimal | None = None
    person: str = ""
    contact_id: str = ""
    account: LedgerAccount | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a record says of a document; `shares` is how a payment was spread over its orders.
    `from_ledger` says that the invoice was made there: then what is paid on it there is no
    difference, for payments are not sent to Keap (R14)."""

    document: Document
    sent: Sent | None = None
    shares: Mapping[OrderId, Decimal] | None = None
    from_ledger: bool = False

    @property
    def accounts(self) -> bool:
        """Whether the record says itself why the two sides may differ."""
        return self.document.state is not DocumentState.CREATED and not self.as_booked

    @property
    def as_booked(self) -> bool:
        """Whether the ledger had it already, by no record: before the state was lost, say."""
        return self.document.state is DocumentState.SKIPPED and bool(self.document.ledger_id)

    @property
    def adopted(self) -> bool:
        """Whether somebody else has made it: of that only the figures are compared."""
        return self.document.reason is Reason.ADOPTED

    @property
    def in_ledger(self) -> bool:
        """Whether the ledger has to have it, for all that is known."""
        ended = self.document.ended == "ledger" or self.taken_back
        return bool(self.document.ledger_id) and not ended

    @property
    def taken_back(self) -> bool:
        """Whether `undo` has taken it out of the ledger."""
        return self.document.state is DocumentState.UNDONE

    @property
    def offset(self) -> Decimal:
        """What of Keap's figure the ledger's never had: an overpayment's rest; less tax on top."""
        return self.sent.keap - self.sent.ledger if self.sent else ZERO


def sale_of(invoice: Invoice, day: dt.date) -> InKeap:
    """An order with its figures; `day` is its date in the account's time zone."""
    lines = (line for line in invoice.lines if kind_of(line.item_type) is LineKind.TAX)
    return InKeap(
        kind=DocumentKind.INVOICE,
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        total=invoice.total,
        currency=invoice.currency,
        date=day,
        tax=sum(map(extended, lines), ZERO),
        person=invoice.person_id,
        name=invoice.buyer,
    )


def unread_sale(document: Document) -> InKeap:
    """An order that Keap has and that cannot be read any more, by its record."""
    return InKeap(
        kind=DocumentKind.INVOICE,
        order_id=OrderId(document.order_id),
        invoice_id=InvoiceId(document.invoice_id),
        total=document.total or ZERO,
        currency=document.currency,
        date=document.date,
    )


def known_of(record: Record) -> Known:
    """What a record says, without what is not compared."""
    if record.kind is DocumentKind.INVOICE:
        return Known(record.document, _sale_sent(record), from_ledger=record.reversed)
    source = load(PaymentSource, record.source) if record.source else PaymentSource()
    return Known(record.document, _money_sent(record, source), source.shares)


def _sale_sent(record: Record) -> Sent | None:
    document, draft = record.document, record.invoice_draft
    if draft:
        return Sent(
            draft.keap_total,
            draft.expected_total,
            draft.expected_tax,
            draft.person_id,
            draft.contact_id or "",
        )
    if document.state is DocumentState.CREATED and document.total is not None:
        return Sent(document.total, _ledger_total(document, document.total))
    return None


def _money_sent(record: Record, source: PaymentSource) -> Sent | None:
    document = record.document
    if not document.ledger_id:
        return None
    total = document.total or ZERO
    keap = source.amount if source.date else total
    if document.reason is Reason.ADOPTED:
        return Sent(keap, keap)
    if document.state is DocumentState.SKIPPED:
        # It was there already, and not by this record's draft.
        return Sent(keap, _ledger_total(document, total))
    draft = record.payment_draft
    if draft is None:
        return Sent(keap, _ledger_total(document, total))
    return Sent(keap, draft.amount, account=draft.account)


def _ledger_total(document: Document, total: Decimal) -> Decimal:
    return total if document.ledger_total is None else document.ledger_total


def spread(payment: Payment, known: Mapping[OrderId, Known]) -> dict[OrderId, Decimal]:
    """What of a payment is on each of its orders: as they say, where they were asked, or else its
    records. Where nobody knows it, the rest is put on the first of the orders."""
    if payment.allocations:
        return payment.shares
    if len(payment.order_ids) == 1:
        return {payment.order_ids[0]: payment.amount}
    recorded = next((item.shares for item in known.values() if item.shares), None)
    shares = {
        order: recorded.get(order, ZERO) if recorded else _part(known.get(order))
        for order in payment.order_ids
    }
    first = next((order for order in payment.order_ids if order in known), payment.order_ids[0])
    shares[first] += payment.amount - sum(shares.values(), ZERO)
    return {order: amount for order, amount in shares.items() if amount or order in known}


def _part(known: Known | None) -> Decimal:
    return (known.document.total or ZERO) if known else ZERO
