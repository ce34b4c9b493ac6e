"""What each call does: the lists and objects of `entities`, and what is a case of its own."""

from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from invoicesync_sandbox.xero import credit_notes, settings, views, writing
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.entities import CREDIT_NOTE, INVOICE, Create, Entity, Written
from invoicesync_sandbox.xero.errors import NotFound, PostDataInvalid, QueryParseError
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted, read_elements
from invoicesync_sandbox.xero.reading import Query, collection, select
from invoicesync_sandbox.xero.views import Detail, Json
from invoicesync_sandbox.xero.wire import ms_date


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

    def write(self, kind: writing.Kind, work: writing.Work) -> Json:
        """Do `work` on the elements of the body."""
        if "json" not in self.request.headers.get("Content-Type", "").lower():
            raise PostDataInvalid(
                "The sandbox reads JSON only: send Content-Type application/json."
            )
        elements = read_elements(self.request.get_data(), kind.collection)
        summarise = self.query.flag("summarizeErrors", absent=True)
        return writing.write(self.books, kind, elements, work, summarise=summarise)


def get_all(call: ApiCall, entity: Entity) -> Json:
    """`GET /Entities`. Without pages a document has no lines."""
    query, pages = call.query, False
    rows = [row for row in entity.rows(call.books).values() if entity.shown(query, row)]
    for narrowing in entity.narrowings:
        members = query.listed(narrowing.parameter)
        if members:
            rows = [row for row in rows if narrowing.get(row) in members]
            pages = pages or narrowing.pages
    summary = entity.listing.summaries and query.flag("summaryOnly")
    if entity is INVOICE:
        pages = pages or summary
        if query.flag("createdByMyApp"):
            rows = [row for row in rows if row.app == call.app]
    selection = select(entity.listing, rows, call.request, call.books, force_page=pages)
    detail: Detail = "summary" if summary else "page" if selection.pagination else "list"
    places = query.unit_places
    view = entity.view
    return collection(
        entity.collection, selection, lambda row: view(call.books, row, detail, places)
    )


def get_one(call: ApiCall, entity: Written, key: str) -> Json:
    """`GET /Entities/{id or number}`."""
    return {entity.collection: [_view(call, entity, _found(call, entity, key))]}


def put(call: ApiCall, entity: Written) -> Json:
    """`PUT /Entities`: creates."""
    return _written(call, entity, entity.create)


def post(call: ApiCall, entity: Written) -> Json:
    """`POST /Entities`: creates or updates, which payments cannot be."""
    return _written(call, entity, entity.save)


def post_one(call: ApiCall, entity: Written, key: str) -> Json:
    """`POST /Entities/{id or number}`: updates, and deletes a payment."""
    row = _found(call, entity, key)

    def write(books: Books, posted: Posted, writer: Writer, findings: Findings) -> Any:
        return entity.change(books, row, posted, writer, findings)

    return _written(call, entity, write)


def organisation(call: ApiCall) -> Json:
    """`GET /Organisation`."""
    return settings.organisation(call.books)


def currencies(call: ApiCall) -> Json:
    """`GET /Currencies`."""
    if call.query.text("where") or call.query.text("order"):
        raise QueryParseError("The sandbox lists all currencies, unfiltered and by code.")
    return settings.currencies(call.books)


def tracking_categories(call: ApiCall) -> Json:
    """`GET /TrackingCategories`, with the archived ones by `includeArchived`."""
    if call.query.text("where") or call.query.text("order"):
        raise QueryParseError("The sandbox lists all tracking categories, unfiltered.")
    archived = call.query.text("includeArchived").lower() == "true"
    return settings.tracking_categories(call.books, archived=archived)


def put_allocations(call: ApiCall, key: str) -> Json:
    """`PUT /CreditNotes/{id}/Allocations`."""
    note_id = _found(call, CREDIT_NOTE, key).id

    def work(posted: Posted, findings: Findings) -> Json:
        # Read anew for every element: the one before has used some of the credit.
        note = call.books.credit_notes[note_id]
        row = credit_notes.allocate(call.books, note, posted, findings)
        note_view = {"CreditNoteID": note.id, "ID": note.id, "LineItems": []}
        return views.allocation_view(call.books, row) | {"CreditNote": note_view}

    return call.write(writing.Kind("Allocations", "HasValidationErrors"), work)


def delete_allocation(call: ApiCall, key: str, allocation: str) -> Json:
    """`DELETE /CreditNotes/{id}/Allocations/{id}`."""
    row = call.books.allocations.get(allocation.lower())
    if row is None or row.deleted or row.credit_note_id != _found(call, CREDIT_NOTE, key).id:
        raise NotFound
    deleted = credit_notes.take_back(call.books, row)
    return {
        "AllocationID": deleted.id,
        "Amount": deleted.amount,
        "Date": ms_date(deleted.date),
        "Invoice": {"InvoiceID": deleted.invoice_id},
        "IsDeleted": True,
    }


def _found(call: ApiCall, entity: Written, key: str) -> Any:
    found = entity.rows(call.books).get(key.lower()) or entity.by_number(call.books, key)
    if found is None:
        raise NotFound
    return found


def _view(call: ApiCall, entity: Written, row: Any) -> Json:
    return entity.view(call.books, row, "one", call.query.unit_places)


def _written(call: ApiCall, entity: Written, write: Create) -> Json:
    def work(posted: Posted, findings: Findings) -> Json:
        return _view(call, entity, write(call.books, posted, call.writer, findings))

    return call.write(writing.Kind(entity.collection, entity.error_flag), work)
