"""What may be written to a sales invoice: creation, changes, and the moves between statuses."""

from dataclasses import replace
from datetime import date
from typing import Any

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.xero.books import Books, folded
from invoicesync_sandbox.xero.documents import (
    ENDED,
    PAID_ALREADY,
    Writer,
    check_end,
    check_number,
    due_after,
    read_fields,
    read_status,
    same_lines,
)
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import ZERO, Invoice

_TYPES = (
    "ACCREC",
    "ACCPAY",
    "ACCPAYCREDIT",
    "APOVERPAYMENT",
    "APPREPAYMENT",
    "ACCRECCREDIT",
    "AROVERPAYMENT",
    "ARPREPAYMENT",
)
NOT_WITH_MONEY = (
    "The status VOIDED cannot be applied to the invoice because it has payments or credit notes "
    "allocated to it."
)


def create(books: Books, posted: Posted, writer: Writer, findings: Findings) -> Invoice:
    """A new invoice, whatever number it has."""
    kind = posted.choice("Type", _TYPES)
    if not kind:
        findings.error("The Type of the invoice must be specified.")
    elif kind != "ACCREC":
        raise NotSimulated("the writing of anything but sales invoices")
    return _save(books, None, posted, writer, findings)


def create_or_update(books: Books, posted: Posted, writer: Writer, findings: Findings) -> Invoice:
    """The invoice found by id or number is changed; without one there is a new one."""
    invoice_id = posted.text("InvoiceID").lower()
    if invoice_id:
        found = books.invoices.get(invoice_id)
        if found is None:
            findings.error("An existing Invoice with the specified InvoiceID could not be found")
            findings.stop()
    else:
        found = by_number(books, posted.text("InvoiceNumber"))
        if not books.switches.post_edits_by_number:
            found = None
    if found is None:
        return create(books, posted, writer, findings)
    return change(books, found, posted, writer, findings)


def change(
    books: Books, before: Invoice, posted: Posted, writer: Writer, findings: Findings
) -> Invoice:
    """The invoice with what was sent; what was not sent stays."""
    if before.type != "ACCREC":
        raise NotSimulated("the writing of anything but sales invoices")
    return _save(books, before, posted, writer, findings)


def by_number(books: Books, number: str) -> Invoice | None:
    """The sales invoice of that number, a live one before a voided or deleted one."""
    found = books.invoices.find("number", folded(number))
    live = [row for row in found if row.status not in {"VOIDED", "DELETED"}]
    return next(iter(live or found), None)


def _save(
    books: Books, before: Invoice | None, posted: Posted, writer: Writer, findings: Findings
) -> Invoice:
    status = read_status("Invoice", before, posted, findings)
    if before and status in ENDED:
        check_end(books, before, before.touched, findings, NOT_WITH_MONEY)
        return books.invoices.put(replace(before, status=status, updated=books.now()))
    fields = read_fields(books, before, posted, status, writer, findings, discounts=True)
    sent_total = posted.number("Total")
    if books.switches.total_checked and sent_total not in {None, fields["total"]}:
        findings.error("The invoice total does not equal the sum of the lines.")
    fields["due_date"] = _due_date(books, before, posted, fields, findings)
    number = _number(books, before, posted, findings)
    fields["url"] = _url(books, before, posted, findings)
    fields["sent"] = _sent(before, posted, status, findings)
    findings.stop()
    after = Invoice(
        id=before.id if before else books.new_id(),
        type="ACCREC",
        number=number or books.next_number("INV"),
        expected_payment_date=posted.day("ExpectedPaymentDate")
        or (before.expected_payment_date if before else None),
        amount_paid=before.amount_paid if before else ZERO,
        amount_credited=before.amount_credited if before else ZERO,
        **fields,
    )
    if before:
        _check_paid(before, after, findings)
    if status == "AUTHORISED" and after.total == 0 and books.switches.zero_total_is_paid:
        after = replace(after, status="PAID", fully_paid_on=after.date)
    return books.invoices.put(after)


def _check_paid(before: Invoice, after: Invoice, findings: Findings) -> None:
    """Money applied to an invoice leaves little of it to be changed."""
    if not before.touched and before.status != "PAID":
        return
    same = (
        before.date == after.date
        and before.currency == after.currency
        and before.currency_rate == after.currency_rate
        and before.line_amount_types == after.line_amount_types
        and before.status == after.status
        and same_lines(before.lines, after.lines)
    )
    if not same:
        if before.status == "PAID":
            findings.error("Invoice not of valid status for modification")
        findings.error(PAID_ALREADY)
        findings.stop()


def _due_date(
    books: Books,
    before: Invoice | None,
    posted: Posted,
    fields: dict[str, Any],
    findings: Findings,
) -> date:
    due = posted.day("DueDate") or (before.due_date if before else None)
    if due:
        return due
    if fields["status"] == "AUTHORISED" and books.switches.due_date_required:
        findings.error("The DueDate of the invoice must be specified.")
    contact = books.contacts.get(fields["contact_id"])
    return due_after(fields["date"], contact.sales_terms if contact else None)


def _url(books: Books, before: Invoice | None, posted: Posted, findings: Findings) -> str:
    url = posted.text("Url") or (before.url if before else "")
    if url and books.switches.url_checked and not url.startswith(("http://", "https://")):
        findings.error("Url must be a valid absolute URL")
    return url


def _number(books: Books, before: Invoice | None, posted: Posted, findings: Findings) -> str:
    number = posted.text("InvoiceNumber")
    if not number or (before and number == before.number):
        return before.number if before else ""
    check_number(number, findings)
    for other in books.invoices.find("number", folded(number)):
        if before and other.id == before.id:
            continue
        if other.status in {"VOIDED", "DELETED"} and books.switches.voided_number_reusable:
            continue
        if books.invoices.fresh(other) and not books.switches.batch_numbers_checked:
            continue
        findings.error("Invoice # must be unique.")
    return number


def _sent(before: Invoice | None, posted: Posted, status: str, findings: Findings) -> bool:
    if not posted.flag("SentToContact"):
        return before.sent if before and not posted.given("SentToContact") else False
    if status != "AUTHORISED":
        findings.warn("Only AUTHORISED invoices may be marked as sent; SentToContact was ignored.")
        return False
    return True
