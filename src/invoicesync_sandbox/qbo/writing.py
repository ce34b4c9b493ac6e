"""Creating, changing, voiding and deleting one object, as a request or an item of a batch asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo import documents, lists, payments, voiding
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.documents import Options
from invoicesync_sandbox.qbo.errors import missing, stale, unsupported
from invoicesync_sandbox.qbo.fields import TABLES, Posted, Row
from invoicesync_sandbox.qbo.forms import Invoice, Payment, SalesForm, SalesReceipt, Txn
from invoicesync_sandbox.qbo.rows import Named

Body = Mapping[str, Any]
_MARKS = FieldTable("Object", read="Id SyncToken sparse")


@dataclass(frozen=True)
class Write:
    """One write: what is done to which kind of object, and what was asked for beside it."""

    kind: type[Row]
    operation: str
    body: Body
    include: Collection[str] = ()

    @property
    def name(self) -> str:
        """The vendor's name of the kind."""
        return TABLES[self.kind].name


def perform(books: Books, write: Write) -> dict[str, Any]:
    """Do it, and give the object as it is answered.

    Raises `Refused`, with nothing changed.
    """
    books.check_company()
    with books.journal.attempt():
        if write.operation == "void" or (write.operation == "update" and "void" in write.include):
            return _void(books, write)
        if write.operation == "delete":
            return _delete(books, write)
        if write.operation not in {"create", "update"} or write.kind.read_only:
            raise unsupported(f"{write.operation or 'nothing'} of {write.name}")
        if write.operation == "update" or write.body.get("Id") not in (None, ""):
            return _update(books, write)
        return _saved(books, write, write.body, None)


def _update(books: Books, write: Write) -> dict[str, Any]:
    before = _current(books, write)
    if not write.body.get("sparse"):
        return _saved(books, write, write.body, before)
    body = TABLES[write.kind].view(books, before) | dict(write.body)
    keep_tax = False
    if isinstance(before, SalesForm) and "TxnTaxDetail" not in write.body:
        # The tax stays as it was unless it is spoken of.
        body.pop("TxnTaxDetail", None)
        keep_tax = not books.switches.tax_recalculated_on_update
    return _saved(books, write, body, before, keep_tax=keep_tax)


def _saved(
    books: Books, write: Write, body: Body, before: Any, *, keep_tax: bool = False
) -> dict[str, Any]:
    kind, table = write.kind, TABLES[write.kind]
    posted = Posted(body, table, books)
    if isinstance(before, Txn):
        payments.check_changeable(before)
    row: Row
    if issubclass(kind, Named):
        row = lists.save(books, kind, table.values(posted, before), before)
    elif issubclass(kind, SalesForm):
        options = Options("allowduplicatedocnum" in write.include, keep_tax)
        form = documents.save(books, kind, posted, before, options)
        row = payments.book_form(books, form, before)
    else:
        row = payments.book_payment(books, payments.save(books, posted, before), before)
    return table.view(books, row)


def _void(books: Books, write: Write) -> dict[str, Any]:
    """Each kind is voided in one way, credit memos and refund receipts by nobody but a person."""
    ways = {Invoice: ("void", "update"), SalesReceipt: ("update",), Payment: ("update",)}
    if write.operation not in ways.get(write.kind, ()):
        raise unsupported(f"void of {write.name}")
    row = voiding.end(books, _current(books, write), "voided")
    return TABLES[write.kind].view(books, row)


def _delete(books: Books, write: Write) -> dict[str, Any]:
    if not issubclass(write.kind, Txn):
        raise unsupported(f"delete of {write.name}")
    row: Txn = voiding.end(books, _current(books, write), "deleted")
    return row.stub


def _current(books: Books, write: Write) -> Any:
    """The object as it is, if the app has seen it so."""
    marks = Posted({name: write.body.get(name) for name in _MARKS.known}, _MARKS, books)
    row_id, token = marks.text("Id"), marks.text("SyncToken")
    if not row_id:
        raise missing("Id")
    row = books.live(write.kind, row_id)
    if not token:
        raise missing("SyncToken")
    if token != str(row.sync_token):
        raise stale()
    return row
