"""Every kind of object that can be reached: its table, how it is read, changed and answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.qbo import (
    applying,
    documents,
    form_views,
    lists,
    payments,
    people,
    shapes,
    views,
)
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.documents import Options
from invoicesync_sandbox.qbo.posted import Posted
from invoicesync_sandbox.qbo.rows import (
    CreditMemo,
    Customer,
    Department,
    Employee,
    Invoice,
    Person,
    RefundReceipt,
    SalesForm,
    SalesReceipt,
    TrackingClass,
    Vendor,
)
from invoicesync_sandbox.qbo.shapes import Shape

Saver = Callable[[Books, Posted, Any, Options], Any]
View = Callable[[Books, Any], dict[str, Any]]


@dataclass(frozen=True)
class Entity:
    """A kind of object. Without `save` it can only be read.

    `void` says how an app asks for it: as an operation of its own, or along with an update.
    """

    name: str
    table: Callable[[Books], Any]
    view: View
    shape: Shape | None = None
    save: Saver | None = None
    delete: Callable[[Books, Any], Any] | None = None
    void: Callable[[Books, Any], Any] | None = None
    void_operation: bool = False
    transaction: bool = False
    serial: str = ""
    """What is written one at a time: `name` or `item`, blank for neither."""
    changes_told: bool = True
    """Whether changes of it can be asked for."""


def _person_saver(kind: type[Person], table: Callable[[Books], Any]) -> Saver:
    def save(books: Books, posted: Posted, before: Any, _: Options) -> Any:
        return people.save(books, table(books), kind, posted, before)

    return save


def _list_saver(work: Callable[[Books, Posted, Any], Any]) -> Saver:
    def save(books: Books, posted: Posted, before: Any, _: Options) -> Any:
        return work(books, posted, before)

    return save


def _form_saver(kind: type[SalesForm]) -> Saver:
    def save(books: Books, posted: Posted, before: Any, options: Options) -> Any:
        if before is not None:
            applying.check_changeable(before)
        row = documents.save(books, kind, posted, before, options)
        saved = applying.book_form(books, row, before)
        if before is None and books.preferences.auto_apply_credit:
            payments.use_credit(books, saved.customer_id)
            saved = books.table_of(saved)[saved.id]
        return saved

    return save


def _save_payment(books: Books, posted: Posted, before: Any, _: Options) -> Any:
    if before is not None:
        applying.check_changeable(before)
    row = payments.save(books, posted, before)
    if books.preferences.auto_apply_payments:
        row = payments.auto_applied(books, row)
    return applying.book_payment(books, row, before)


def _person(kind: type[Person], shape: Shape, table: Callable[[Books], Any]) -> Entity:
    return Entity(
        kind.__name__,
        table,
        views.person,
        shape,
        _person_saver(kind, table),
        serial="name",
    )


def _form(
    kind: type[SalesForm],
    shape: Shape,
    table: Callable[[Books], Any],
    *,
    voids: bool = False,
    operation: bool = False,
) -> Entity:
    return Entity(
        kind.__name__,
        table,
        form_views.form,
        shape,
        _form_saver(kind),
        delete=applying.delete_form,
        void=applying.void_form if voids else None,
        void_operation=operation,
        transaction=True,
    )


_ALL = (
    _person(Customer, shapes.CUSTOMER, lambda books: books.customers),
    _person(Vendor, shapes.VENDOR, lambda books: books.vendors),
    _person(Employee, shapes.EMPLOYEE, lambda books: books.employees),
    Entity(
        "Item",
        lambda books: books.items,
        views.item,
        shapes.ITEM,
        _list_saver(lists.save_item),
        serial="item",
    ),
    Entity(
        "Account",
        lambda books: books.accounts,
        views.account,
        shapes.ACCOUNT,
        _list_saver(lists.save_account),
    ),
    Entity("TaxCode", lambda books: books.tax_codes, views.tax_code, changes_told=False),
    Entity("TaxRate", lambda books: books.tax_rates, views.tax_rate, changes_told=False),
    Entity(
        "PaymentMethod",
        lambda books: books.payment_methods,
        views.payment_method,
        shapes.PAYMENT_METHOD,
        _list_saver(lists.save_payment_method),
    ),
    Entity(
        "Term",
        lambda books: books.terms,
        views.term,
        shapes.TERM,
        _list_saver(lists.save_term),
    ),
    Entity(
        "Class",
        lambda books: books.classes,
        views.tracking,
        shapes.TRACKING,
        _list_saver(lists.tracking_saver(TrackingClass)),
    ),
    Entity(
        "Department",
        lambda books: books.departments,
        views.tracking,
        shapes.TRACKING,
        _list_saver(lists.tracking_saver(Department)),
    ),
    Entity(
        "CompanyCurrency",
        lambda books: books.currencies,
        views.company_currency,
        shapes.COMPANY_CURRENCY,
        _list_saver(lists.save_currency),
    ),
    _form(Invoice, shapes.INVOICE, lambda books: books.invoices, voids=True, operation=True),
    _form(SalesReceipt, shapes.SALES_RECEIPT, lambda books: books.sales_receipts, voids=True),
    _form(CreditMemo, shapes.CREDIT_MEMO, lambda books: books.credit_memos),
    _form(RefundReceipt, shapes.REFUND_RECEIPT, lambda books: books.refund_receipts),
    Entity(
        "Payment",
        lambda books: books.payments,
        form_views.payment,
        shapes.PAYMENT,
        _save_payment,
        delete=applying.delete_payment,
        void=applying.void_payment,
        transaction=True,
    ),
)
ENTITIES: Mapping[str, Entity] = {entity.name: entity for entity in _ALL}


def by_name(name: str) -> Entity | None:
    """The entity of that name, in any case of letters."""
    return _BY_LOWER.get(name.lower())


_BY_LOWER = {entity.name.lower(): entity for entity in _ALL}
