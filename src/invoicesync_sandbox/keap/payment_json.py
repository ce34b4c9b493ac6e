"""Payments, their allocations and gateway attempts as Keap's REST v2 shows them."""

from decimal import Decimal

from invoicesync_sandbox.keap.objects import CARD, Allocation, Attempt, Merchant, Payment
from invoicesync_sandbox.keap.payments import PaymentBook
from invoicesync_sandbox.keap.wire import Json, basic_contact_json, minor_units, time_text


def payment_json(book: PaymentBook, payment: Payment) -> Json:
    """`Payment`: a row of the account's payments, its amount a plain number in major units."""
    return {
        "id": payment.id,
        "type": _type(book, payment),
        "amount": signed(book, payment, payment.amount),
        "note": payment.note,
        "status": payment.status,
        "commissioned": False,
        "synced": payment.synced,
        "payment_time": time_text(payment.payment_time),
        "update_time": time_text(payment.update_time),
        "refund_payment_id": _refund_payment_id(book, payment),
        "contact_id": payment.contact_id,
        "order_ids": payment.order_ids,
        "external_transaction_id": payment.external_transaction_id,
        "merchant_account_id": payment.merchant.id if payment.merchant else None,
        "merchant_account_type": payment.merchant.type if payment.merchant else None,
        "payment_method": _card_json(payment.merchant, payment.contact_id, payment.type == CARD),
    }


def allocation_json(book: PaymentBook, payment: Payment, allocation: Allocation) -> Json:
    """`InvoiceOrderPayment`: what a payment puts on one invoice."""
    currency = book.orders[allocation.order_id].currency
    amount: Decimal | int = signed(book, payment, allocation.amount)
    if book.switches.allocation_unit == "minor":
        amount = minor_units(Decimal(amount), currency)
    return {
        "id": allocation.id,
        "amount": amount,
        "note": payment.note,
        "invoice_id": allocation.invoice_id,
        "payment_id": payment.id,
        "pay_time": time_text(payment.payment_time),
        "pay_status": allocation.pay_status,
        "last_updated_time": time_text(allocation.last_updated_time),
        "skip_commission": False,
        "refund_invoice_payment_id": _refund_allocation_id(book, allocation),
    }


def attempt_json(book: PaymentBook, attempt: Attempt) -> Json:
    """`TransactionV2`: a charge, refund or void that was tried."""
    merchant = attempt.merchant
    return {
        "amount": attempt.amount,
        "status": attempt.status,
        "description": f"{attempt.method.capitalize()} of {attempt.amount}",
        "contact": basic_contact_json(book.contacts[attempt.contact_id]),
        "contact_id": attempt.contact_id,
        "order_ids": list(attempt.order_ids),
        "transaction_method": attempt.method,
        "transaction_time": time_text(attempt.time),
        "external_reference_id": attempt.reference,
        "external_response_code": attempt.response_code,
        "error_details": attempt.error,
        "payment_id": attempt.payment_id,
        "is_successful": succeeded(attempt),
        "merchant_account_id": merchant.id if merchant else None,
        "merchant_account_type": merchant.type if merchant else None,
        "payment_method": _card_json(merchant, attempt.contact_id, merchant is not None),
    }


def signed(book: PaymentBook, payment: Payment, amount: Decimal) -> Decimal:
    """`amount` with the sign that this Keap gives to refunds."""
    negative = payment.refund_of is not None and book.switches.refund_sign == "negative"
    return -amount if negative else amount


def succeeded(attempt: Attempt) -> bool:
    """Whether the attempt ended well; one that is still pending has not."""
    return attempt.status in {"APPROVED", "NONE"}


def _type(book: PaymentBook, payment: Payment) -> str:
    if payment.refund_of in book.payments and book.switches.refund_type == "as_paid":
        return book.payments[payment.refund_of].type
    return payment.type


def _refund_payment_id(book: PaymentBook, payment: Payment) -> str | None:
    if book.switches.refund_link == "on_refund":
        return payment.refund_of
    refunds = (
        other.id
        for order_id in payment.order_ids
        for other in book.payments_of(order_id)
        if other.refund_of == payment.id
    )
    return next(refunds, None)


def _refund_allocation_id(book: PaymentBook, allocation: Allocation) -> str | None:
    if book.switches.refund_allocation_link == "on_refund":
        return allocation.refund_of
    refunds = (
        other.id
        for _, other in book.allocations_of(allocation.order_id)
        if other.refund_of == allocation.id
    )
    return next(refunds, None)


def _card_json(merchant: Merchant | None, contact_id: str, by_card: bool) -> Json | None:
    if merchant is None or not by_card:
        return None
    return {
        "contact_id": contact_id,
        "payment_method_id": f"pm_{contact_id}",
        "credit_card_id": contact_id,
        "merchant_account_type": merchant.type,
        "merchant_account_id": merchant.id,
        "payment_method_type": "CARD",
        "card_info": {"brand": "Visa", "card_type": "DEBIT", "last_four": "4242"},
    }
