"""The documents of money at every stage of a run, and what a later edit of it looks like."""

import json
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from invoicesync_cli.model import (
    Booking,
    Document,
    FailedCharge,
    Invoice,
    Kind,
    PaymentKind,
    UnreadablePayment,
)
from invoicesync_cli.model import State as Outcome
from invoicesync_cli.sync.outcomes import ENDED
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.money import Order, Share
from invoicesync_cli.transform.references import reference_of
from invoicesync_cli.transform.which import LeftOut


def failed(charge: FailedCharge, invoice: Invoice, zone: ZoneInfo) -> Document:
    """The document of an attempt to charge that failed."""
    return Document(
        kind=Kind.PAYMENT,
        state=Outcome.SKIPPED,
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        contact=invoice.buyer,
        date=local_date(charge.time, zone),
        total=charge.amount,
        currency=invoice.currency,
        reference=charge.reference,
        reason="payment-failed",
        message=f"The charge failed: {charge.words}",
    )


def source_of(share: Share) -> str:
    """Canonical JSON of what an edit of a payment would be an edit of."""
    return source_text(str(share.amount), share.date, share.payment.type)


def source_text(amount: str, day: date, kind: str) -> str:
    """Canonical JSON of a payment: what an edit of it would change."""
    told = {"amount": amount, "date": day.isoformat(), "type": kind}
    return json.dumps(told, ensure_ascii=False)


def unread_source(row: UnreadablePayment) -> str:
    """What stands for a payment that cannot be read."""
    return json.dumps({"unreadable": row.problem}, ensure_ascii=False)


def was_unread(source: str) -> bool:
    """Whether this source stands for a payment that could not be read."""
    return "unreadable" in json.loads(source or "{}")


def what_changed(before: str, share: Share | None) -> str:
    """What differs from what was booked, in words; blank for nothing."""
    if share is None:
        return "it was deleted"
    if share.payment.kind is PaymentKind.FAILED:
        return "it was voided"
    old, new = json.loads(before), json.loads(source_of(share))
    return "; ".join(
        f"{name} was {old[name]}, is {new[name]}" for name in new if old.get(name) != new[name]
    )


def edited(document: Document, told: str) -> Document:
    """Money that was changed in Keap after it was booked (R12)."""
    return replace(
        document,
        state=Outcome.HELD,
        reason="changed-after-sync",
        message=f"Changed in Keap after it was booked: {told}.",
        hint="Nothing was undone. Correct it in the ledger if it should follow, then "
        f"invoicesync dismiss {document.invoice_id}; or undo the change in Keap.",
    )


def as_booked(document: Document) -> Document:
    """Money that is in Keap as it was booked, perhaps again."""
    if document.reason != "changed-after-sync" or document.message == ENDED:
        return document
    return replace(document, state=Outcome.CREATED, reason="", message="", hint="")


def of_unreadable(order: Order, row: UnreadablePayment, out: LeftOut) -> Document:
    """Money that cannot be read: what can be said of it."""
    return Document(
        kind=Kind.PAYMENT,
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


def of_share(order: Order, share: Share, booking: Booking) -> Document:
    """Money that has not been judged yet."""
    return Document(
        kind=share.kind,
        state=Outcome.NEW,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        payment_id=share.payment.id,
        contact=order.invoice.contact if order.invoice else "",
        date=share.date,
        total=share.amount,
        currency=order.currency,
        reference=reference_of(share.payment, booking),
    )
