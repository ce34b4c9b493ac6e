"""Payments of invoices, refunds of credit notes, and their deletion."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.xero import credit_notes
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.invoices import by_number
from invoicesync_sandbox.xero.lines import rounded
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import ZERO, Account, CreditNote, Invoice, Payment

STATUS_ONLY = "Only Status accepted for updates"
EXCEEDS = "Payment amount exceeds the amount outstanding on this document"


def create(books: Books, posted: Posted, writer: Writer, findings: Findings) -> Payment:
    """A payment of one document. Nothing keeps the same one from being made twice."""
    target = _target(books, posted, findings)
    account = _account(books, posted.object("Account"), findings)
    day = posted.day("Date") or books.today()
    locked = books.locked(day)
    if locked:
        findings.error(locked)
    amount = rounded(posted.number("Amount") or ZERO)
    if amount <= 0:
        findings.error("The payment amount must be greater than zero.")
    if target:
        if target.status != "AUTHORISED":
            findings.error("Payments can only be made against Authorised documents")
        if amount > outstanding(target):
            findings.error(EXCEEDS)
    longest = books.switches.payment_reference_limit
    if longest is not None and len(posted.text("Reference")) > longest:
        findings.error(f"Reference may have {longest} characters.")
    findings.stop()
    if target is None or account is None:
        findings.refuse()
    payment = books.payments.put(
        Payment(
            id=books.new_id(),
            document_id=target.id,
            type="ACCRECPAYMENT" if isinstance(target, Invoice) else "ARCREDITPAYMENT",
            account_id=account.id,
            date=day,
            amount=amount,
            reference=posted.text("Reference"),
            is_reconciled=posted.flag("IsReconciled"),
            app=writer.app,
            updated=books.now(),
        )
    )
    books.settle(target)
    return payment


def delete(books: Books, payment: Payment, posted: Posted, findings: Findings) -> Payment:
    """The payment as it is after its deletion, the only change that there is."""
    if set(posted.values) - {"Status", "PaymentID"}:
        findings.error(STATUS_ONLY)
    elif posted.choice("Status", ("AUTHORISED", "DELETED")) != "DELETED":
        findings.error("Payments cannot be changed, only deleted.")
    if payment.status == "DELETED":
        findings.error("The payment has been deleted already.")
    if payment.is_reconciled and not books.switches.reconciled_payment_deletable:
        findings.error("A reconciled payment cannot be deleted.")
    locked = books.locked(payment.date)
    if locked:
        findings.error(locked)
    findings.stop()
    deleted = books.payments.put(replace(payment, status="DELETED", updated=books.now()))
    books.settle(books.document_of(payment))
    return deleted


def outstanding(document: Invoice | CreditNote) -> Decimal:
    """What can still be paid on it, or paid back."""
    return document.amount_due if isinstance(document, Invoice) else document.remaining_credit


def _target(books: Books, posted: Posted, findings: Findings) -> Invoice | CreditNote | None:
    if posted.given("Prepayment") or posted.given("Overpayment"):
        raise NotSimulated("prepayments and overpayments")
    invoice = posted.object("Invoice")
    note = posted.object("CreditNote")
    if (invoice is None) == (note is None):
        findings.error("A payment must be for exactly one invoice or credit note.")
        return None
    found: Invoice | CreditNote | None
    if invoice:
        found = books.invoices.get(invoice.text("InvoiceID").lower())
        found = found or by_number(books, invoice.text("InvoiceNumber"))
    elif note:
        found = books.credit_notes.get(note.text("CreditNoteID").lower())
        found = found or credit_notes.by_number(books, note.text("CreditNoteNumber"))
    if found is None:
        findings.error("The document with the supplied id was not found for this endpoint.")
    elif found.type == "ACCPAY":
        raise NotSimulated("payments of bills")
    return found


def _account(books: Books, posted: Posted | None, findings: Findings) -> Account | None:
    if posted is None:
        findings.error("The account of the payment must be specified.")
        return None
    found = books.accounts.get(posted.text("AccountID").lower())
    coded = books.accounts.find("code", posted.text("Code")) if posted.text("Code") else []
    found = found or next(iter(coded), None)
    if found is None or found.status != "ACTIVE":
        findings.error("The account of the payment could not be found, or is archived.")
        return None
    if not found.receives_money:
        findings.error("Account type is invalid for making a payment to/from")
    return found
