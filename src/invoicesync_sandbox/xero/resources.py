"""What each call on contacts, invoices, payments and credit notes does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from invoicesync_sandbox.xero import batch, contacts, credit_notes, invoices, payments
from invoicesync_sandbox.xero.books import Books, folded
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.errors import NotFound, PostDataInvalid
from invoicesync_sandbox.xero.fields import (
    contact_listing,
    credit_note_listing,
    invoice_listing,
    payment_listing,
)
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.lists import Query, collection, select
from invoicesync_sandbox.xero.posted import Posted, read_elements
from invoicesync_sandbox.xero.rows import CreditNote, Invoice
from invoicesync_sandbox.xero.views import (
    Detail,
    Json,
    allocation_view,
    contact_view,
    credit_note_view,
    invoice_view,
    payment_view,
)
from invoicesync_sandbox.xero.wire import ms_date

Write = Callable[[Books, Posted, Writer, Findings], Any]


@dataclass(frozen=True)
class ApiCall:
    """One call that was let in, and the app that makes it."""

    books: Books
    request: Request
    app: str

    @property
    def query(self) -> Query:
        """The parameters."""
        return Query(self.request)

    @property
    def writer(self) -> Writer:
        """The app as the writer of documents."""
        return Writer(self.app, self.query.unit_places)

    def write(self, kind: batch.Kind, work: batch.Work) -> Json:
        """Do `work` on the elements of the body."""
        if "json" not in self.request.headers.get("Content-Type", "").lower():
            raise PostDataInvalid(
                "The sandbox reads JSON only: send Content-Type application/json."
            )
        elements = read_elements(self.request.get_data(), kind.collection)
        summarise = self.query.flag("summarizeErrors", absent=True)
        return batch.write(self.books, kind, elements, work, summarise=summarise)


def get_contacts(call: ApiCall) -> Json:
    """`GET /Contacts`."""
    query = call.query
    rows = [
        row
        for row in call.books.contacts.values()
        if row.status == "ACTIVE" or query.flag("includeArchived")
    ]
    ids = query.listed("IDs")
    if ids:
        rows = [row for row in rows if row.id in ids]
    selection = select(contact_listing(), rows, call.request, call.books.switches)
    detail: Detail = "page" if selection.pagination else "list"
    if query.flag("summaryOnly"):
        detail = "summary"
    return collection("Contacts", selection, lambda row: contact_view(call.books, row, detail))


def get_contact(call: ApiCall, key: str) -> Json:
    """`GET /Contacts/{id or contact number}`."""
    found = call.books.contacts.get(key.lower())
    numbered = call.books.contacts.find("contact_number", folded(key))
    found = found or next(iter(numbered), None)
    if found is None:
        raise NotFound
    return {"Contacts": [contact_view(call.books, found, "one")]}


def put_contacts(call: ApiCall) -> Json:
    """`PUT /Contacts`: creates."""
    return _write_contacts(call, contacts.create)


def post_contacts(call: ApiCall) -> Json:
    """`POST /Contacts`: creates or updates."""
    return _write_contacts(call, contacts.create_or_update)


def post_contact(call: ApiCall, key: str) -> Json:
    """`POST /Contacts/{id}`: updates."""
    contact = call.books.contacts.get(key.lower())
    if contact is None:
        raise NotFound
    return _write_contacts(
        call, lambda books, posted, findings: contacts.change(books, contact, posted, findings)
    )


def _write_contacts(call: ApiCall, write: Callable[[Books, Posted, Findings], Any]) -> Json:
    def work(posted: Posted, findings: Findings) -> Json:
        return contact_view(call.books, write(call.books, posted, findings), "one")

    return call.write(batch.CONTACTS, work)


def get_invoices(call: ApiCall) -> Json:
    """`GET /Invoices`. Without pages there are no lines."""
    query, rows = call.query, list(call.books.invoices.values())
    wanted: tuple[tuple[str, Callable[[Invoice], str]], ...] = (
        ("IDs", lambda row: row.id),
        ("InvoiceNumbers", lambda row: row.number.lower()),
        ("ContactIDs", lambda row: row.contact_id),
        ("Statuses", lambda row: row.status.lower()),
    )
    for name, get in wanted:
        members = query.listed(name)
        if members:
            rows = [row for row in rows if get(row) in members]
    if query.flag("createdByMyApp"):
        rows = [row for row in rows if row.app == call.app]
    summary = query.flag("summaryOnly")
    selection = select(
        invoice_listing(call.books),
        rows,
        call.request,
        call.books.switches,
        force_page=summary or bool(query.listed("Statuses")),
    )
    detail: Detail = "summary" if summary else "page" if selection.pagination else "list"
    places = query.unit_places
    return collection(
        "Invoices", selection, lambda row: invoice_view(call.books, row, detail, places)
    )


def get_invoice(call: ApiCall, key: str) -> Json:
    """`GET /Invoices/{id or number}`."""
    return {
        "Invoices": [invoice_view(call.books, _invoice(call, key), "one", call.query.unit_places)]
    }


def put_invoices(call: ApiCall) -> Json:
    """`PUT /Invoices`: creates."""
    return _write_invoices(call, invoices.create)


def post_invoices(call: ApiCall) -> Json:
    """`POST /Invoices`: creates or updates."""
    return _write_invoices(call, invoices.create_or_update)


def post_invoice(call: ApiCall, key: str) -> Json:
    """`POST /Invoices/{id or number}`: updates."""
    invoice = _invoice(call, key)

    def write(books: Books, posted: Posted, writer: Writer, findings: Findings) -> Invoice:
        return invoices.change(books, invoice, posted, writer, findings)

    return _write_invoices(call, write)


def _write_invoices(call: ApiCall, write: Write) -> Json:
    def work(posted: Posted, findings: Findings) -> Json:
        row = write(call.books, posted, call.writer, findings)
        return invoice_view(call.books, row, "one", call.query.unit_places)

    return call.write(batch.INVOICES, work)


def _invoice(call: ApiCall, key: str) -> Invoice:
    found = call.books.invoices.get(key.lower()) or invoices.by_number(call.books, key)
    if found is None:
        raise NotFound
    return found


def get_payments(call: ApiCall) -> Json:
    """`GET /Payments`, deleted ones included."""
    rows = call.books.payments.values()
    selection = select(payment_listing(call.books), rows, call.request, call.books.switches)
    detail: Detail = "page" if selection.pagination else "list"
    return collection("Payments", selection, lambda row: payment_view(call.books, row, detail))


def get_payment(call: ApiCall, key: str) -> Json:
    """`GET /Payments/{id}`."""
    payment = call.books.payments.get(key.lower())
    if payment is None:
        raise NotFound
    return {"Payments": [payment_view(call.books, payment, "one")]}


def put_payments(call: ApiCall) -> Json:
    """`PUT /Payments`, and `POST /Payments`, which does the same: creates."""

    def work(posted: Posted, findings: Findings) -> Json:
        payment = payments.create(call.books, posted, call.app, findings)
        return payment_view(call.books, payment, "one")

    return call.write(batch.PAYMENTS, work)


def post_payment(call: ApiCall, key: str) -> Json:
    """`POST /Payments/{id}`: deletes, when the status says so."""
    payment = call.books.payments.get(key.lower())
    if payment is None:
        raise NotFound

    def work(posted: Posted, findings: Findings) -> Json:
        deleted = payments.delete(call.books, payment, posted, findings)
        return payment_view(call.books, deleted, "one")

    return call.write(batch.PAYMENTS, work)


def get_credit_notes(call: ApiCall) -> Json:
    """`GET /CreditNotes`."""
    rows = call.books.credit_notes.values()
    selection = select(credit_note_listing(call.books), rows, call.request, call.books.switches)
    detail: Detail = "page" if selection.pagination else "list"
    places = call.query.unit_places
    return collection(
        "CreditNotes", selection, lambda row: credit_note_view(call.books, row, detail, places)
    )


def get_credit_note(call: ApiCall, key: str) -> Json:
    """`GET /CreditNotes/{id or number}`."""
    note = _credit_note(call, key)
    return {"CreditNotes": [credit_note_view(call.books, note, "one", call.query.unit_places)]}


def put_credit_notes(call: ApiCall) -> Json:
    """`PUT /CreditNotes`: creates."""
    return _write_credit_notes(call, credit_notes.create)


def post_credit_notes(call: ApiCall) -> Json:
    """`POST /CreditNotes`: creates or updates."""
    return _write_credit_notes(call, credit_notes.create_or_update)


def post_credit_note(call: ApiCall, key: str) -> Json:
    """`POST /CreditNotes/{id or number}`: updates."""
    note = _credit_note(call, key)

    def write(books: Books, posted: Posted, writer: Writer, findings: Findings) -> CreditNote:
        return credit_notes.change(books, note, posted, writer, findings)

    return _write_credit_notes(call, write)


def _write_credit_notes(call: ApiCall, write: Write) -> Json:
    def work(posted: Posted, findings: Findings) -> Json:
        row = write(call.books, posted, call.writer, findings)
        return credit_note_view(call.books, row, "one", call.query.unit_places)

    return call.write(batch.CREDIT_NOTES, work)


def put_allocations(call: ApiCall, key: str) -> Json:
    """`PUT /CreditNotes/{id}/Allocations`."""
    note_id = _credit_note(call, key).id

    def work(posted: Posted, findings: Findings) -> Json:
        # Read anew for every element: the one before has used some of the credit.
        note = call.books.credit_notes[note_id]
        row = credit_notes.allocate(call.books, note, posted, findings)
        note_view = {"CreditNoteID": note.id, "ID": note.id, "LineItems": []}
        return allocation_view(call.books, row) | {"CreditNote": note_view}

    return call.write(batch.ALLOCATIONS, work)


def delete_allocation(call: ApiCall, key: str, allocation: str) -> Json:
    """`DELETE /CreditNotes/{id}/Allocations/{id}`."""
    row = call.books.allocations.get(allocation.lower())
    if row is None or row.deleted or row.credit_note_id != _credit_note(call, key).id:
        raise NotFound
    deleted = credit_notes.take_back(call.books, row)
    return {
        "AllocationID": deleted.id,
        "Amount": deleted.amount,
        "Date": ms_date(deleted.date),
        "Invoice": {"InvoiceID": deleted.invoice_id},
        "IsDeleted": True,
    }


def _credit_note(call: ApiCall, key: str) -> CreditNote:
    found = call.books.credit_notes.get(key.lower())
    numbered = call.books.credit_notes.find("number", folded(key))
    found = found or next(iter(numbered), None)
    if found is None:
        raise NotFound
    return found
