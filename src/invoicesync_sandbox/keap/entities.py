"""The lists of Keap's REST v2: which rows each has, and what it can be ordered by."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from invoicesync_sandbox.keap.books import Books
from invoicesync_sandbox.keap.order_views import ORDER
from invoicesync_sandbox.keap.query import Clause
from invoicesync_sandbox.keap.reading import Resource
from invoicesync_sandbox.keap.rows import Allocation, Attempt, Payment
from invoicesync_sandbox.keap.views import (
    ALLOCATION,
    ATTEMPT,
    CONTACT,
    MERCHANT,
    PAYMENT,
    PRODUCT,
)


def _sorts(names: str, **words: str) -> dict[str, str]:
    return {name: name for name in names.split()} | words


def _by_id(rows: str, *lists: str) -> Callable[[Books, list[Clause]], Iterable[Any]]:
    """Rows by the ids that a clause of one of the `lists` names; all of them without one."""

    def candidates(book: Books, clauses: list[Clause]) -> Iterable[Any]:
        known = getattr(book, rows)
        for clause in clauses:
            if clause.field in lists:
                named = dict.fromkeys(clause.value.split(","))
                return [known[name] for name in named if name in known]
        return list(known.values())

    return candidates


def _payments(book: Books, clauses: list[Clause]) -> Iterable[Payment]:
    rows = _by_id("payments", "ids")(book, clauses)
    for clause in clauses:
        if clause.field in {"order_id", "order_ids"}:
            orders = clause.value.split(",")
            found = {one.id: one for order in orders for one in book.payments_of(order)}
            rows = found.values()
            break
    if book.switches.voided_payments_listed:
        return rows
    return [payment for payment in rows if payment.void_time is None]


def _attempts(book: Books, _: list[Clause]) -> list[Attempt]:
    tried = sorted(book.attempts(), key=lambda attempt: attempt.time)
    return [replace(attempt, number=number) for number, attempt in enumerate(tried)]


def allocations(order_id: str) -> Resource:
    """`GET /orders/{order_id}/payments`."""

    def candidates(book: Books, _: list[Clause]) -> list[Allocation]:
        return [allocation for _, allocation in book.allocations_of(order_id)]

    sorts = _sorts(
        "invoice_id payment_id amount pay_time pay_status skip_commission last_updated_time"
    )
    return Resource(ALLOCATION, candidates, sorts)


CONTACTS = Resource(
    CONTACT,
    _by_id("contacts", "ids", "contact_ids"),
    _sorts("id create_time email update_time"),
)
MERCHANTS = Resource(MERCHANT, lambda book, _: book.merchants, _sorts("id name"))
ORDERS = Resource(ORDER, _by_id("orders", "ids"), _sorts("id order_time modification_time"))
PAYMENTS = Resource(PAYMENT, _payments, _sorts("id amount payment_time contact_id"))
PRODUCTS = Resource(
    PRODUCT,
    _by_id("products", "product_ids"),
    _sorts("name sku", last_updated_time="update_time"),
)
TRANSACTIONS = Resource(
    ATTEMPT,
    _attempts,
    _sorts("amount transaction_time contact_id"),
    number=lambda attempt: attempt.number,
)
