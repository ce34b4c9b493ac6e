"""What the lists can be filtered and ordered by, and which of it the vendor does fast."""

from datetime import date, datetime

from invoicesync_sandbox.xero.books import Books, midnight
from invoicesync_sandbox.xero.lists import Listing
from invoicesync_sandbox.xero.payments import document_of
from invoicesync_sandbox.xero.rows import Account, Contact, CreditNote, Invoice, Item, Payment
from invoicesync_sandbox.xero.where import Field


def invoice_listing(books: Books) -> Listing[Invoice]:
    """Invoices."""

    def contact(row: Invoice) -> Contact:
        return books.contacts[row.contact_id]

    return Listing(
        fields={
            "InvoiceID": Field("guid", lambda row: row.id, "equal", ordered=True),
            "InvoiceNumber": Field("text", lambda row: row.number, "equal"),
            "Type": Field("text", lambda row: row.type, "equal"),
            "Status": Field("text", lambda row: row.status, "equal"),
            "Reference": Field("text", lambda row: row.reference, "equal"),
            "Contact.ContactID": Field("guid", lambda row: row.contact_id, "equal"),
            "Contact.Name": Field("text", lambda row: contact(row).name, "equal"),
            "Contact.ContactNumber": Field(
                "text", lambda row: contact(row).contact_number, "equal"
            ),
            "AmountPaid": Field("number", lambda row: row.amount_paid, "equal"),
            "AmountDue": Field("number", lambda row: row.amount_due, "range"),
            "AmountCredited": Field("number", lambda row: row.amount_credited),
            "Total": Field("number", lambda row: row.total),
            "CurrencyCode": Field("text", lambda row: row.currency),
            "SentToContact": Field("flag", lambda row: row.sent),
            "Date": Field("date", lambda row: _day(row.date), "range", ordered=True),
            "DueDate": Field("date", lambda row: _day(row.due_date), "range"),
            "UpdatedDateUTC": Field("date", lambda row: _time(row.updated), "range", ordered=True),
        },
        order="UpdatedDateUTC ASC, InvoiceID ASC",
        updated=lambda row: row.updated,
        searched=(lambda row: row.number, lambda row: row.reference),
    )


def contact_listing() -> Listing[Contact]:
    """Contacts; names, e-mail and account numbers compare loosely."""
    return Listing(
        fields={
            "ContactID": Field("guid", lambda row: row.id),
            "Name": Field("text", lambda row: row.name, "equal", ordered=True, loose=True),
            "EmailAddress": Field("text", lambda row: row.email, "equal", loose=True),
            "AccountNumber": Field("text", lambda row: row.account_number, "equal", loose=True),
            "ContactNumber": Field("text", lambda row: row.contact_number),
            "ContactStatus": Field("text", lambda row: row.status),
            "FirstName": Field("text", lambda row: row.first_name),
            "LastName": Field("text", lambda row: row.last_name),
            "UpdatedDateUTC": Field("date", lambda row: _time(row.updated), ordered=True),
        },
        order="UpdatedDateUTC ASC, ContactID ASC",
        updated=lambda row: row.updated,
        searched=(
            lambda row: row.name,
            lambda row: row.first_name,
            lambda row: row.last_name,
            lambda row: row.contact_number,
            lambda row: row.email,
        ),
    )


def payment_listing(books: Books) -> Listing[Payment]:
    """Payments."""
    return Listing(
        fields={
            "PaymentID": Field("guid", lambda row: row.id, "equal", ordered=True),
            "PaymentType": Field("text", lambda row: row.type, "equal"),
            "Status": Field("text", lambda row: row.status, "equal"),
            "Reference": Field("text", lambda row: row.reference, "equal"),
            "Invoice.InvoiceID": Field("guid", lambda row: row.document_id, "equal"),
            "Invoice.InvoiceNumber": Field("text", lambda row: document_of(books, row).number),
            "Amount": Field("number", lambda row: row.amount),
            "IsReconciled": Field("flag", lambda row: row.is_reconciled),
            "Date": Field("date", lambda row: _day(row.date), "range", ordered=True),
            "UpdatedDateUTC": Field("date", lambda row: _time(row.updated), ordered=True),
        },
        order="UpdatedDateUTC ASC, PaymentID ASC",
        updated=lambda row: row.updated,
    )


def credit_note_listing(books: Books) -> Listing[CreditNote]:
    """Credit notes."""

    def contact(row: CreditNote) -> Contact:
        return books.contacts[row.contact_id]

    return Listing(
        fields={
            "CreditNoteID": Field("guid", lambda row: row.id, "equal", ordered=True),
            "CreditNoteNumber": Field("text", lambda row: row.number, "equal"),
            "Type": Field("text", lambda row: row.type, "equal"),
            "Status": Field("text", lambda row: row.status, "equal"),
            "Reference": Field("text", lambda row: row.reference, "equal"),
            "Contact.ContactID": Field("guid", lambda row: row.contact_id, "equal"),
            "Contact.Name": Field("text", lambda row: contact(row).name, "equal"),
            "Total": Field("number", lambda row: row.total),
            "RemainingCredit": Field("number", lambda row: row.remaining_credit),
            "Date": Field("date", lambda row: _day(row.date), "range", ordered=True),
            "UpdatedDateUTC": Field("date", lambda row: _time(row.updated), ordered=True),
        },
        order="UpdatedDateUTC ASC, CreditNoteID ASC",
        updated=lambda row: row.updated,
    )


def account_listing() -> Listing[Account]:
    """Accounts, never paged."""
    return Listing(
        fields={
            "AccountID": Field("guid", lambda row: row.id),
            "Code": Field("text", lambda row: row.code),
            "Name": Field("text", lambda row: row.name),
            "Type": Field("text", lambda row: row.type),
            "Class": Field("text", lambda row: row.account_class),
            "Status": Field("text", lambda row: row.status),
            "SystemAccount": Field("text", lambda row: row.system_account),
            "EnablePaymentsToAccount": Field("flag", lambda row: row.takes_payments),
        },
        order="Code ASC",
        updated=lambda row: row.updated,
        paged=False,
    )


def item_listing() -> Listing[Item]:
    """Items, never paged."""
    return Listing(
        fields={
            "ItemID": Field("guid", lambda row: row.id),
            "Code": Field("text", lambda row: row.code),
            "Name": Field("text", lambda row: row.name),
            "IsSold": Field("flag", lambda row: row.is_sold),
        },
        order="Code ASC",
        updated=lambda row: row.updated,
        paged=False,
    )


def _day(day: date) -> datetime:
    return midnight(day).replace(tzinfo=None)


def _time(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
