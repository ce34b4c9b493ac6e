"""Every kind of object that can be reached: its rows, how it is saved, deleted and voided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo import applying, documents, lists, payments
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.documents import Options
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import (
    CreditMemo,
    Invoice,
    Payment,
    RefundReceipt,
    SalesForm,
    SalesReceipt,
)
from invoicesync_sandbox.qbo.rows import TABLES, Named, Row

Change = Callable[[Books, Any], Any]


@dataclass(frozen=True)
class Entity:
    """A kind of object.

    `void` says how an app asks for it: as an operation of its own, or along with an update.
    """

    kind: type[Row]
    void: Change | None = None
    void_operation: bool = False
    delete: Change | None = None

    @property
    def table(self) -> FieldTable:
        """Its fields."""
        return TABLES[self.kind]

    @property
    def name(self) -> str:
        """The vendor's name of it."""
        return self.table.name

    @property
    def transaction(self) -> bool:
        """Whether it is one, and no element of a list."""
        return not issubclass(self.kind, Named)

    @property
    def serial(self) -> str:
        """What is written one at a time: `name` or `item`, blank for neither."""
        return {"Names": "name", "Items": "item"}.get(getattr(self.kind, "word", ""), "")

    @property
    def tax(self) -> bool:
        """Whether it can only be read, and changes of it cannot be asked for."""
        return self.name in {"TaxCode", "TaxRate"}

    def rows(self, books: Books) -> Any:
        """The rows that a company has of it."""
        return books.tables[self.kind]

    def save(self, books: Books, body: Any, before: Any, options: Options) -> Any:
        """Create one, or put a new version in the place of `before`. Raises `Refused`."""
        posted = Posted(body, self.table, books)
        if issubclass(self.kind, Named):
            return lists.save(books, self.kind, self.table.values(posted, before), before)
        if before is not None:
            applying.check_changeable(before)
        if issubclass(self.kind, SalesForm):
            return _save_form(books, self.kind, posted, before, options)
        row = payments.save(books, posted, before)
        if books.preferences.auto_apply_payments:
            row = payments.auto_applied(books, row)
        return applying.book_payment(books, row, before)


def _save_form(
    books: Books, kind: type[SalesForm], posted: Posted, before: Any, options: Options
) -> Any:
    row = documents.save(books, kind, posted, before, options)
    saved = applying.book_form(books, row, before)
    if before is None and books.preferences.auto_apply_credit:
        payments.use_credit(books, saved.customer_id)
        saved = books.table_of(saved)[saved.id]
    return saved


_FORM = applying.delete_form
_ALL = (
    *(Entity(kind) for kind in TABLES if issubclass(kind, Named)),
    Entity(Invoice, void=applying.void_form, void_operation=True, delete=_FORM),
    Entity(SalesReceipt, void=applying.void_form, delete=_FORM),
    Entity(CreditMemo, delete=_FORM),
    Entity(RefundReceipt, delete=_FORM),
    Entity(Payment, void=applying.void_payment, delete=applying.delete_payment),
)
ENTITIES: Mapping[str, Entity] = {entity.name: entity for entity in _ALL}
_BY_LOWER = {name.lower(): entity for name, entity in ENTITIES.items()}


def by_name(name: str) -> Entity | None:
    """The entity of that name, in any case of letters."""
    return _BY_LOWER.get(name.lower())
