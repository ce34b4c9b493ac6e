"""The documents of payments, credits and refunds at every stage of a run."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    FailedCharge,
    LedgerSettings,
    Reason,
    UnreadablePayment,
    dismiss_command,
)
from invoicesync_cli.transform.allocations import Allocation, OrderPayments
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.references import reference_of
from invoicesync_cli.transform.verdicts import Skip


def failed(charge: FailedCharge, order: Document, zone: ZoneInfo) -> Document:
    """The document of an attempt to charge an order that failed."""
    return Document(
        kind=DocumentKind.PAYMENT,
        state=DocumentState.SKIPPED,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        contact=order.contact,
        date=local_date(charge.time, zone),
        total=charge.amount,
        currency=order.currency,
        reference=charge.reference,
        reason=Reason.PAYMENT_FAILED,
        message=f"The charge failed: {charge.words}",
    )


def edited(document: Document, difference: str) -> Document:
    """Money that was changed in Keap after it was booked (R12)."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            f"Changed in Keap after it was booked: {difference}.",
            "Nothing was undone. Undo the change in Keap; or correct it in the ledger if it "
            f"should follow, then: {dismiss_command(document.invoice_id, 'corrected by hand')}",
        ),
        noticed=difference,
    )


def as_booked(document: Document) -> Document:
    """Money that is in Keap as it was booked, perhaps again."""
    altered = document.ledger_total not in {None, document.total}
    if document.reason is not Reason.CHANGED_AFTER_SYNC or document.ended or altered:
        return document
    return replace(document, state=DocumentState.CREATED, reason=Reason.NONE, message="", hint="")


def of_unreadable(order: OrderPayments, row: UnreadablePayment, skip: Skip) -> Document:
    """Money that cannot be read: what can be said of it."""
    return Document(
        kind=DocumentKind.PAYMENT,
        state=skip.state,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        payment_id=row.id,
        contact=order.invoice.contact if order.invoice else "",
        currency=order.currency,
        reference=row.reference,
        reason=skip.reason,
        message=skip.message,
        hint=skip.hint,
    )


def without_payment(document: Document) -> Document:
    """Money that was never booked, and that Keap no longer has."""
    message = "Keap no longer has it on this order; nothing of it was booked."
    return replace(
        document, state=DocumentState.SKIPPED, reason=Reason.NONE, message=message, hint=""
    )


def of_share(order: OrderPayments, share: Allocation, ledger: LedgerSettings) -> Document:
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
        reference=reference_of(share.payment, ledger),
    )
