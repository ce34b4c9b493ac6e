"""Creating, changing, voiding and deleting one object, as a request or an item of a batch asks."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.documents import Options
from invoicesync_sandbox.qbo.entities import Entity
from invoicesync_sandbox.qbo.faults import missing, stale, unsupported
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import SalesForm, deleted

Body = Mapping[str, Any]
_MARKS = FieldTable("Object", read="Id SyncToken sparse")


@dataclass(frozen=True)
class Write:
    """One write: what is done to which kind of object, and what was asked for beside it."""

    entity: Entity
    operation: str
    body: Body
    include: Collection[str] = ()

    @property
    def voids(self) -> bool:
        """Whether the object is to be voided, in either of the two ways of saying so."""
        return self.operation == "void" or (self.operation == "update" and "void" in self.include)


def perform(books: Books, write: Write) -> dict[str, Any]:
    """Do it, and give the object as it is answered.

    Raises `Refused`, with nothing changed.
    """
    books.check_company()
    work = _void if write.voids else _WORK.get(write.operation)
    if work is None:
        raise unsupported(write.operation or "without a name")
    with books.journal.attempt():
        return work(books, write)


def _save(books: Books, write: Write) -> dict[str, Any]:
    """Create, or update when there is an id in the body."""
    if write.body.get("Id") not in (None, ""):
        return _update(books, write)
    return _saved(books, write, write.body, None)


def _update(books: Books, write: Write) -> dict[str, Any]:
    before = _current(books, write)
    if not write.body.get("sparse"):
        return _saved(books, write, write.body, before)
    body = write.entity.table.view(books, before) | dict(write.body)
    keep_tax = False
    if isinstance(before, SalesForm) and "TxnTaxDetail" not in write.body:
        # The tax stays as it was unless it is spoken of.
        body.pop("TxnTaxDetail", None)
        keep_tax = not books.switches.tax_recalculated_on_update
    return _saved(books, write, body, before, keep_tax=keep_tax)


def _saved(
    books: Books, write: Write, body: Body, before: Any, *, keep_tax: bool = False
) -> dict[str, Any]:
    entity = write.entity
    if entity.tax:
        raise unsupported(f"{write.operation} of {entity.name}")
    options = Options("allowduplicatedocnum" in write.include, keep_tax)
    return entity.table.view(books, entity.save(books, body, before, options))


def _void(books: Books, write: Write) -> dict[str, Any]:
    entity = write.entity
    if entity.void is None or (write.operation == "void" and not entity.void_operation):
        raise unsupported(f"void of {entity.name}")
    return entity.table.view(books, entity.void(books, _current(books, write)))


def _delete(books: Books, write: Write) -> dict[str, Any]:
    if write.entity.delete is None:
        raise unsupported(f"delete of {write.entity.name}")
    return deleted(write.entity.delete(books, _current(books, write)))


def _current(books: Books, write: Write) -> Any:
    """The object as it is, if the app has seen it so."""
    marks = Posted({name: write.body.get(name) for name in _MARKS.known}, _MARKS, books)
    row_id, token = marks.text("Id"), marks.text("SyncToken")
    if not row_id:
        raise missing("Id")
    row = books.live(write.entity.kind, row_id)
    if not token:
        raise missing("SyncToken")
    if token != str(row.sync_token):
        raise stale()
    return row


_WORK: Mapping[str, Callable[[Books, Write], dict[str, Any]]] = {
    "create": _save,
    "update": _update,
    "delete": _delete,
}
