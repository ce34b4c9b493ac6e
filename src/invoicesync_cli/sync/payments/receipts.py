"""The payment that is in the ledger as one document with its invoice (a sales receipt)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    OrderId,
    UnreadablePayment,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync.payments.changes import source_text
from invoicesync_cli.transform.receipts import FIELD


def with_free_payment(
    draft: Draft,
    record: Record | None,
    state: Store,
    decisions: list[Decision],
    unreadable: Sequence[UnreadablePayment],
) -> Draft:
    """The draft, as an invoice where its payment is in the ledger already, or dismissed.

    `record` is what is known of the invoice: a payment that came with it goes with it.
    `unreadable` are further payments of its order, whatever they are.
    """
    if draft.receipt and unreadable:
        return _as_invoice(draft, "another payment cannot be read", decisions)
    known = state.record(DocumentKind.PAYMENT, draft.receipt.key) if draft.receipt else None
    if known is None:
        return draft
    payment = known.document
    together = record is not None and record.document.ledger_id == payment.ledger_id
    there = bool(payment.ledger_id) and payment.state is not DocumentState.UNDONE
    apart = there and not together
    if not apart and payment.state is not DocumentState.DISMISSED:
        return draft
    why = "it is in the ledger already" if apart else "it was dismissed"
    return _as_invoice(draft, f"its payment: {why}", decisions)


def _as_invoice(draft: Draft, why: str, decisions: list[Decision]) -> Draft:
    decisions[:] = [decision for decision in decisions if decision.field != FIELD]
    decisions.append(Decision(FIELD, "invoice", "R10", f"no sales receipt: {why}"))
    return replace(draft, receipt=None)


def payment_of(record: Record) -> Record | None:
    """The record of the payment that an invoice's record brings with it, if any.

    None as long as the invoice is not in the ledger, and for a plain invoice.
    """
    draft, invoice = record.invoice_draft, record.document
    receipt = draft.receipt if draft else None
    made = invoice.ledger_id or invoice.state is DocumentState.CREATED
    if receipt is None or not made:
        return None
    document = Document(
        kind=DocumentKind.PAYMENT,
        state=DocumentState.CREATED,
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        payment_id=receipt.payment_id,
        contact=invoice.contact,
        date=invoice.date,
        total=receipt.amount,
        currency=invoice.currency,
        reference=receipt.reference,
        account=(account.code or account.id) if (account := receipt.account) else "",
        message="Booked with its invoice as a sales receipt.",
        ledger_id=invoice.ledger_id,
        ledger_total=receipt.amount,
    )
    day, shares = invoice.date or date.min, {OrderId(invoice.order_id): receipt.amount}
    source = source_text(receipt.amount, day, receipt.method, shares)
    return replace(
        record,
        kind=DocumentKind.PAYMENT,
        key=receipt.key,
        document=document,
        source=source,
        paid="",
        draft="",
        decisions="",
    )
