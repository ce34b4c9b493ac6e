"""What counts as money and when an invoice is paid (rules R8 and R10)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from invoicesync_cli.model import ZERO, Invoice, OrderId, Payment, PaymentKind

CREDITING = {PaymentKind.CREDIT, PaymentKind.ADJUSTMENT}


def _sum(payments: Iterable[Payment], order_id: OrderId, kinds: set[PaymentKind]) -> Decimal:
    return sum((item.amount_on(order_id) for item in payments if item.kind in kinds), ZERO)


def real_money(payments: Iterable[Payment], order_id: OrderId) -> Decimal:
    """Money received on an order; no credit, refund, pending or failed payment is money."""
    return _sum(payments, order_id, {PaymentKind.MONEY})


def is_paid(invoice: Invoice, payments: Sequence[Payment]) -> bool:
    """Whether money and credits cover the total; refunds do not unpay, zero is paid."""
    return _sum(payments, invoice.order_id, {PaymentKind.MONEY, *CREDITING}) >= invoice.total


def paid_enough(invoice: Invoice, payments: Sequence[Payment], when: str) -> bool:
    """Whether mode `paid-only` lets the invoice through, by `invoices.paid_only_when`."""
    if is_paid(invoice, payments):
        return True
    return when == "any-payment" and real_money(payments, invoice.order_id) > ZERO


def paid_of(invoice: Invoice) -> str:
    """What Keap says is paid on an order, and given back: when either changes, so has its money."""
    given_back = f" -{invoice.refunded}" if invoice.refunded else ""
    return f"{invoice.total_paid}{given_back}"


def paid_in(text: str) -> Decimal:
    """What is paid, of the text that `paid_of` made."""
    return Decimal(text.partition(" ")[0])
