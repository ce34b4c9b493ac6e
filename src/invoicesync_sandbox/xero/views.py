"""What an app gets to see of a row: the vendor's JSON, as full as the call deserves."""

from decimal import Decimal
from typing import Any, Literal

from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.contacts import (
    ADDRESS_LENGTHS,
    ADDRESS_TYPES,
    PHONE_LENGTHS,
    PHONE_TYPES,
)
from invoicesync_sandbox.xero.lines import rounded
from invoicesync_sandbox.xero.rows import (
    ALLOCATION,
    CONTACT,
    CREDIT_NOTE,
    INVOICE,
    LINE,
    PAYMENT,
    ZERO,
    Allocation,
    Contact,
    CreditNote,
    Document,
    Invoice,
    Line,
    Payment,
)
from invoicesync_sandbox.xero.wire import iso_date, ms_date

Json = dict[str, Any]
Detail = Literal["one", "page", "list", "summary"]
"""A single object, an element of a page, of an unpaged list, or of `summaryOnly`."""


def contact_view(books: Books, contact: Contact, detail: Detail, *, balances: bool = True) -> Json:
    """A contact. A summary has neither addresses nor phones nor balances."""
    view = CONTACT.view(books, contact, detail)
    if detail != "summary":
        view |= _contact_details(books, contact)
        view |= _balances(books, contact) if balances else {}
    if detail in {"one", "page"} and contact.sales_terms:
        day, kind = contact.sales_terms
        view["PaymentTerms"] = {"Sales": {"Day": day, "Type": kind}}
    return view | {"HasValidationErrors": False}


def _contact_details(books: Books, contact: Contact) -> Json:
    def has(kind: str) -> bool:
        return any(row.type == kind for row in books.invoices.each("contact", contact.id))

    return {
        "BankAccountDetails": "",
        "Addresses": [
            {"AddressType": kind} | _filled(contact.addresses.get(kind, {}), ADDRESS_LENGTHS)
            for kind in ADDRESS_TYPES
        ],
        "Phones": [
            {"PhoneType": kind} | _filled(contact.phones.get(kind, {}), PHONE_LENGTHS)
            for kind in PHONE_TYPES
        ],
        "ContactGroups": [],
        "ContactPersons": [],
        "IsSupplier": has("ACCPAY"),
        "IsCustomer": has("ACCREC"),
        "HasAttachments": False,
    }


def _balances(books: Books, contact: Contact) -> Json:
    invoices = books.invoices.find("contact", contact.id)
    if not invoices:
        return {}
    today = books.today()

    def owed(kind: str) -> Json:
        rows = [row for row in invoices if row.type == kind and row.status == "AUTHORISED"]
        overdue = [row for row in rows if row.due_date < today]
        return {
            "Outstanding": sum((row.amount_due for row in rows), ZERO),
            "Overdue": sum((row.amount_due for row in overdue), ZERO),
        }

    return {"Balances": {"AccountsReceivable": owed("ACCREC"), "AccountsPayable": owed("ACCPAY")}}


def _filled(known: Any, names: dict[str, int]) -> Json:
    shown = {"City", "Region", "PostalCode", "Country", *PHONE_LENGTHS}
    return {name: known.get(name, "") for name in names if name in known or name in shown}


def thin_contact(contact: Contact) -> Json:
    """A contact inside a document of a list."""
    return {
        "ContactID": contact.id,
        "Name": contact.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def line_view(books: Books, line: Line, unit_places: int) -> Json:
    """A line of a document."""
    tracking = [_tracking_view(books, *pair) for pair in line.tracking]
    view = LINE.view(None, line) | {"Tracking": tracking, "ValidationErrors": []}
    if line.unit_amount is not None:
        view["UnitAmount"] = rounded(line.unit_amount, unit_places)
    return view


def _tracking_view(books: Books, category_id: str, option_id: str) -> Json:
    category = books.tracking[category_id]
    option = next(option for option in category.options if option.id == option_id)
    return {
        "Name": category.name,
        "Option": option.name,
        "TrackingCategoryID": category_id,
        "TrackingOptionID": option_id,
    }


def invoice_view(books: Books, invoice: Invoice, detail: Detail, unit_places: int = 2) -> Json:
    """An invoice; payments and lines are there for a single one and on pages only."""
    view = INVOICE.view(books, invoice, detail) | _document(books, invoice, detail, unit_places)
    view |= {
        "Prepayments": [],
        "Overpayments": [],
        "CreditNotes": _credits_of(books, invoice) if detail in {"one", "page"} else [],
        "IsDiscounted": any(line.discount_rate or line.discount_amount for line in invoice.lines),
    }
    if detail != "summary":
        view["Payments"] = _payments_of(books, invoice.id) if detail != "list" else []
        view["HasAttachments"] = False
    return view


def credit_note_view(books: Books, note: CreditNote, detail: Detail, unit_places: int = 2) -> Json:
    """A credit note."""
    shown = detail in {"one", "page"}
    allocations = books.allocations.find("credit_note", note.id)
    return {
        **CREDIT_NOTE.view(books, note, detail),
        **_document(books, note, detail, unit_places),
        "HasAttachments": False,
        "Payments": _payments_of(books, note.id) if shown else [],
        "Allocations": [
            allocation_view(books, row) for row in allocations if shown and not row.deleted
        ],
    }


def _document(books: Books, document: Document, detail: Detail, unit_places: int) -> Json:
    contact = books.contacts[document.contact_id]
    full = detail == "one"
    view: Json = {
        "Contact": contact_view(books, contact, "one", balances=False)
        if full
        else thin_contact(contact),
        "HasErrors": False,
    }
    if detail != "summary":
        shown = document.lines if detail != "list" else ()
        view["LineItems"] = [line_view(books, line, unit_places) for line in shown]
    if document.status == "PAID" and document.fully_paid_on:
        view["FullyPaidOnDate"] = ms_date(document.fully_paid_on)
    return view


def _payments_of(books: Books, document_id: str) -> list[Json]:
    """The payments inside a document, without their accounts; with their references, as recorded,
    whatever the vendor's page says."""
    return [
        {
            "PaymentID": row.id,
            "Reference": row.reference,
            "Date": ms_date(row.date),
            "Amount": row.amount,
            "CurrencyRate": Decimal(1),
            "HasAccount": False,
            "HasValidationErrors": False,
        }
        for row in books.payments.find("document", document_id)
        if row.status == "AUTHORISED"
    ]


def _credits_of(books: Books, invoice: Invoice) -> list[Json]:
    shown = []
    for row in books.allocations.find("invoice", invoice.id):
        if not row.deleted:
            note = books.credit_notes[row.credit_note_id]
            shown.append(
                {
                    "CreditNoteID": note.id,
                    "CreditNoteNumber": note.number,
                    "ID": note.id,
                    "HasErrors": False,
                    "AppliedAmount": row.amount,
                    "DateString": iso_date(row.date),
                    "Date": ms_date(row.date),
                    "LineItems": [],
                    "Total": note.total,
                }
            )
    return shown


def payment_view(books: Books, payment: Payment, detail: Detail) -> Json:
    """A payment. A refund shows its credit note as an invoice of type `ACCRECCREDIT`."""
    account = books.accounts[payment.account_id]
    shown: Json = {"AccountID": account.id}
    if account.code:
        shown["Code"] = account.code
    if detail == "one":
        shown["Name"] = account.name
    return PAYMENT.view(books, payment, detail) | {
        "CurrencyRate": Decimal(1),
        "HasAccount": True,
        "Account": shown,
        "Invoice": _paid_document(books, payment, detail),
        "HasValidationErrors": False,
    }


def _paid_document(books: Books, payment: Payment, detail: Detail) -> Json:
    document = books.document_of(payment)
    if isinstance(document, Invoice):
        full = invoice_view(books, document, detail)
    else:
        full = credit_note_view(books, document, detail)
        full |= {"InvoiceID": document.id, "InvoiceNumber": document.number}
        for name in ("CreditNoteID", "CreditNoteNumber", "ID", "RemainingCredit", "Allocations"):
            del full[name]
    if detail == "one":
        return full
    return {
        **_brief(document),
        "Type": document.type,
        "Contact": full["Contact"],
        "CurrencyCode": document.currency,
    }


def allocation_view(books: Books, row: Allocation) -> Json:
    """An allocation, with the invoice in brief."""
    invoice = _brief(books.invoices[row.invoice_id]) | {"ValidationErrors": []}
    return ALLOCATION.view(books, row) | {"Invoice": invoice, "ValidationErrors": []}


def _brief(document: Document) -> Json:
    """An invoice inside something that is about it."""
    return {
        "InvoiceID": document.id,
        "InvoiceNumber": document.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "LineItems": [],
    }
