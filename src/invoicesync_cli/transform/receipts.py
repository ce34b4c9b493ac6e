"""Which paid orders become one document with their payment (rule R10, sales receipts)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from invoicesync_cli.model import Decision, Invoice, Payment, PaymentKind, Receipt, share_key
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.references import memo_of, reference_of
from invoicesync_cli.transform.settings import DraftSettings

FIELD = "document"


def receipt_of(
    invoice: Invoice, payments: Sequence[Payment], day: date, total: Decimal, rules: DraftSettings
) -> tuple[Receipt | None, Decision]:
    """The payment that goes with the invoice, or None, and why.

    It has to be the only one, real money of the invoice's own day, and just the ledger's `total`:
    more would leave money that is booked nowhere.
    """
    counted = [
        payment
        for payment in payments
        if payment.amount_on(invoice.order_id) and payment.kind is not PaymentKind.FAILED
    ]
    why = _against(invoice, counted, day, total, rules)
    if why:
        return None, Decision(FIELD, "invoice", "R10", f"no sales receipt: {why}")
    (payment,) = counted
    receipt = Receipt(
        payment_id=payment.id,
        key=share_key(payment.id, invoice.order_id),
        amount=payment.amount_on(invoice.order_id),
        reference=reference_of(payment, rules.ledger),
        account=rules.receiving(payment),
        method=payment.type,
        memo=memo_of(payment, rules.ledger),
    )
    because = "paid in full by one payment on its own day (qbo.document)"
    return receipt, Decision(FIELD, "sales receipt", "R10", because)


def _against(
    invoice: Invoice, counted: Sequence[Payment], day: date, total: Decimal, rules: DraftSettings
) -> str:
    """What speaks against a sales receipt; blank for nothing."""
    if len(counted) != 1:
        return f"the order has {len(counted)} payments, credits and refunds"
    (payment,) = counted
    if payment.kind is not PaymentKind.MONEY:
        return f"its only payment is {payment.kind}"
    if payment.shares_problem:
        return "how its payment is split is not known"
    if rules.lacks_merchant(payment):
        return "the merchant account that its payment went through cannot be read in Keap"
    if len(payment.order_ids) > 1:
        return "its payment is on several orders"
    if local_date(payment.time, rules.zone) != day:
        return "it was paid on another day"
    amount = payment.amount_on(invoice.order_id)
    if amount != total:
        return f"{amount} was paid, the ledger's total is {total}"
    return ""
