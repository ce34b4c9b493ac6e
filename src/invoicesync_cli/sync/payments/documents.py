"""The documents of money at every stage of a run, and what a later edit of it looks like."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_cli.model import (
    ZERO,
    Booking,
    Document,
    DocumentKind,
    DocumentState,
    FailedCharge,
    Invoice,
    OrderId,
    Payment,
    PaymentKind,
    Reason,
    UnreadablePayment,
)
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.payments import Allocation, Order, spread
from invoicesync_cli.transform.references import reference_of
from invoicesync_cli.transform.verdicts import Skip


def failed(charge: FailedCharge, invoice: Invoice, zone: ZoneInfo) -> Document:
    """The document of an attempt to charge that failed."""
    return Document(
        kind=DocumentKind.PAYMENT,
        state=DocumentState.SKIPPED,
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        contact=invoice.buyer,
        date=local_date(charge.time, zone),
        total=charge.amount,
        currency=invoice.currency,
        reference=charge.reference,
        reason=Reason.PAYMENT_FAILED,
        message=f"The charge failed: {charge.words}",
    )


def source_of(share: Allocation) -> str:
    """Canonical JSON of what an edit of a payment would be an edit of."""
    return source_text(share.amount, share.date, share.payment.type, share.payment.shares)


def source_text(amount: Decimal, day: date, kind: str, shares: Mapping[OrderId, Decimal]) -> str:
    """Canonical JSON of a payment: its part on one order, and how the whole is spread."""
    spread_over = {order: str(shares[order]) for order in sorted(shares)}
    held = {"amount": str(amount), "date": day.isoformat(), "type": kind, "shares": spread_over}
    return json.dumps(held, ensure_ascii=False)


def unread_source(row: UnreadablePayment) -> str:
    """What stands for a payment that cannot be read."""
    return json.dumps({"unreadable": row.problem}, ensure_ascii=False)


def shares_in(source: str) -> dict[OrderId, Decimal] | None:
    """How a payment was spread when its record was written; None where that is not known."""
    shares = json.loads(source or "{}").get("shares")
    return (
        None if shares is None else {OrderId(key): Decimal(value) for key, value in shares.items()}
    )


def source_differs(source: str, payment: Payment, zone: ZoneInfo) -> bool:
    """Whether a payment, as Keap lists it, differs from what it was when its record was written.

    How it is split over its orders is not in that list.
    """
    old, shares = json.loads(source or "{}"), shares_in(source)
    if shares is None:
        return False
    day = local_date(payment.time, zone).isoformat()
    return (
        (old["date"], old["type"]) != (day, payment.type)
        or shares.keys() != set(payment.order_ids)
        or sum(shares.values(), ZERO) != payment.amount
    )


def what_changed(before: str, share: Allocation | None, currency: str) -> str:
    """What differs from what was booked, in words; blank for nothing."""
    if share is None:
        return "it is no longer on the order"
    if share.payment.kind is PaymentKind.FAILED:
        return "it was voided"
    old, new = json.loads(before or "{}"), json.loads(source_of(share))
    differences = [
        f"{name} was {old[name]}, is {new[name]}"
        for name in ("amount", "date", "type")
        if name in old and old[name] != new[name]
    ]
    shares = shares_in(before)
    if shares is not None and shares.keys() != share.payment.shares.keys():
        now = spread(share.payment.shares, currency)
        differences.append(f"it was {spread(shares, currency)}, is {now}")
    return "; ".join(differences)


def edited(document: Document, difference: str) -> Document:
    """Money that was changed in Keap after it was booked (R12)."""
    return replace(
        document,
        state=DocumentState.HELD,
        reason=Reason.CHANGED_AFTER_SYNC,
        message=f"Changed in Keap after it was booked: {difference}.",
        hint="Nothing was undone. Correct it in the ledger if it should follow, then "
        f"invoicesync dismiss {document.invoice_id}; or undo the change in Keap.",
    )


def as_booked(document: Document) -> Document:
    """Money that is in Keap as it was booked, perhaps again."""
    altered = document.ledger_total not in {None, document.total}
    if document.reason is not Reason.CHANGED_AFTER_SYNC or document.ended or altered:
        return document
    return replace(document, state=DocumentState.CREATED, reason=Reason.NONE, message="", hint="")


def of_unreadable(order: Order, row: UnreadablePayment, out: Skip) -> Document:
    """Money that cannot be read: what can be said of it."""
    return Document(
        kind=DocumentKind.PAYMENT,
        state=out.state,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        payment_id=row.id,
        contact=order.invoice.contact if order.invoice else "",
        currency=order.currency,
        reference=row.reference,
        reason=out.reason,
        message=out.message,
        hint=out.hint,
    )


def without_payment(document: Document) -> Document:
    """Money that was never booked, and that Keap no longer has."""
    message = "Keap no longer has it on this order; nothing of it was booked."
    return replace(
        document, state=DocumentState.SKIPPED, reason=Reason.NONE, message=message, hint=""
    )


def of_share(order: Order, share: Allocation, booking: Booking) -> Document:
    """Money that has not been judged yet."""
    return Document(
        kind=share.kind,
        state=DocumentState.NEW,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        payment_id=share.payment.id,
        contact=order.invoice.contact if order.invoice else "",
        date=share.date,
        total=share.amount,
        currency=order.currency,
        reference=reference_of(share.payment, booking),
    )
