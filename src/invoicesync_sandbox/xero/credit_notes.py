"""Sales credit notes, and their allocation to invoices."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.xero.books import Books, folded
from invoicesync_sandbox.xero.documents import (
    ENDED,
    PAID_ALREADY,
    Writer,
    check_end,
    check_number,
    read_fields,
    read_status,
    same_lines,
)
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.lines import rounded
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import ZERO, Allocation, CreditNote, Invoice


def create(books: Books, posted: Posted, writer: Writer, findings: Findings) -> CreditNote:
    """A new credit note."""
    kind = posted.choice("Type", ("ACCRECCREDIT", "ACCPAYCREDIT"))
    if not kind:
        findings.error("The Type of the credit note must be specified.")
    elif kind != "ACCRECCREDIT":
        raise NotSimulated("the writing of anything but sales credit notes")
    return _save(books, None, posted, writer, findings)


def create_or_update(
    books: Books, posted: Posted, writer: Writer, findings: Findings
) -> CreditNote:
    """The credit note of that id is changed; without an id there is a new one."""
    note_id = posted.text("CreditNoteID").lower()
    if not note_id:
        return create(books, posted, writer, findings)
    before = books.credit_notes.get(note_id)
    if before is None:
        findings.error("An existing Credit Note with the specified CreditNoteID could not be found")
        findings.refuse()
    return change(books, before, posted, writer, findings)


def change(
    books: Books, before: CreditNote, posted: Posted, writer: Writer, findings: Findings
) -> CreditNote:
    """The credit note with what was sent; what was not sent stays."""
    return _save(books, before, posted, writer, findings)


def by_number(books: Books, number: str) -> CreditNote | None:
    """The credit note of that number."""
    return next(iter(books.credit_notes.find("number", folded(number))), None)


def allocate(books: Books, note: CreditNote, posted: Posted, findings: Findings) -> Allocation:
    """Set a part of the credit note against an invoice that is not paid."""
    sent = posted.object("Invoice")
    invoice = books.invoices.get(sent.text("InvoiceID").lower()) if sent else None
    amount = rounded(posted.number("Amount") or ZERO)
    if amount <= 0:
        findings.error("The allocation amount must be greater than zero.")
    if note.status != "AUTHORISED":
        findings.error("Credit can only be allocated from Authorised credit notes")
    if invoice is None:
        findings.error("The document with the supplied id was not found for this endpoint.")
        findings.refuse()
    _check_allocation(books, note, invoice, amount, findings)
    findings.stop()
    row = Allocation(
        id=books.new_id(),
        credit_note_id=note.id,
        invoice_id=invoice.id,
        amount=amount,
        date=_allocation_date(books, note, invoice, posted),
    )
    books.allocations.put(row)
    books.settle_invoice(invoice.id)
    books.settle_credit_note(note.id)
    return row


def take_back(books: Books, allocation: Allocation) -> Allocation:
    """Delete an allocation: the invoice is due again, the credit is free again."""
    deleted = books.allocations.put(replace(allocation, deleted=True))
    books.settle_invoice(allocation.invoice_id)
    books.settle_credit_note(allocation.credit_note_id)
    return deleted


def _check_allocation(
    books: Books, note: CreditNote, invoice: Invoice, amount: Decimal, findings: Findings
) -> None:
    if invoice.status != "AUTHORISED":
        findings.error("Credit can only be allocated to Authorised documents")
    if amount > invoice.amount_due:
        findings.error("The allocation amount exceeds the amount outstanding on the invoice")
    if amount > note.remaining_credit:
        findings.error("The allocation amount exceeds the remaining credit of the credit note")
    if books.switches.allocation_same_contact and note.contact_id != invoice.contact_id:
        findings.error("The credit note and the invoice do not have the same contact")


def _allocation_date(books: Books, note: CreditNote, invoice: Invoice, posted: Posted) -> date:
    sent = posted.day("Date")
    if sent and books.switches.allocation_date_honoured:
        return sent
    return max(note.date, invoice.date)


def _save(
    books: Books, before: CreditNote | None, posted: Posted, writer: Writer, findings: Findings
) -> CreditNote:
    status = read_status("Credit note", before, posted, findings)
    if before and status in ENDED:
        check_end(books, before, before.touched, findings)
        return books.credit_notes.put(replace(before, status=status, updated=books.now()))
    fields = read_fields(books, before, posted, status, writer, findings, discounts=False)
    number = _number(books, before, posted, findings)
    findings.stop()
    after = CreditNote(
        id=before.id if before else books.new_id(),
        type="ACCRECCREDIT",
        number=number or books.next_number("CN"),
        allocated=before.allocated if before else ZERO,
        refunded=before.refunded if before else ZERO,
        **fields,
    )
    if before and before.touched and not same_lines(before.lines, after.lines):
        findings.error(PAID_ALREADY)
        findings.stop()
    return books.credit_notes.put(after)


def _number(books: Books, before: CreditNote | None, posted: Posted, findings: Findings) -> str:
    number = posted.text("CreditNoteNumber")
    if not number or (before and number == before.number):
        return before.number if before else ""
    check_number(number, findings)
    others = [
        row
        for row in books.credit_notes.find("number", folded(number))
        if before is None or row.id != before.id
    ]
    if others and books.switches.credit_note_number_unique:
        findings.error("Credit Note # must be unique.")
    return number
