"""The lists of Keap's REST v2: what each can be asked, filter by filter."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from invoicesync_sandbox.keap import filters
from invoicesync_sandbox.keap.contact_json import contact_json, product_json
from invoicesync_sandbox.keap.filters import EQUAL, RANGES, Clause, Field
from invoicesync_sandbox.keap.listing import Resource
from invoicesync_sandbox.keap.objects import Address, Allocation, Attempt, Payment
from invoicesync_sandbox.keap.order_json import modified, order_json
from invoicesync_sandbox.keap.payment_json import (
    allocation_json,
    attempt_json,
    payment_json,
    signed,
    succeeded,
)
from invoicesync_sandbox.keap.payments import PaymentBook

MERCHANT_TYPES = frozenset(
    {"PAYPAL", "UNSUPPORTED", "AUTHORIZE", "EWAY", "WEPAY", "STRIPE", "KEAP_PAY"}
)
PAY_STATUSES = frozenset(
    {"MANUAL_PAID", "REFUNDED", "VOIDED", "PAYPAL_PAID", "APPROVED", "FAILED", "ERROR", "PENDING"}
)
ATTEMPT_STATUSES = frozenset({"APPROVED", "PENDING", "ERROR", "FAILED", "NONE"})
METHODS = frozenset({"CAPTURE", "REFUND", "VOID", "MANUAL"})
NO_UNEQUAL = RANGES - {"!="}


def row_number(row: Any) -> int:
    """The id of a row as a number."""
    return int(row.id)


def row_id(row: Any) -> tuple[str]:
    """The id of a row, as the only one it answers to."""
    return (row.id,)


def orders(book: PaymentBook) -> Resource:
    """`GET /orders`."""
    created = book.switches.created_filter_reads
    longest = book.switches.max_listed_ids

    def products(order: Any) -> set[str | None]:
        return {line.product_id for line in order.lines}

    def xid(order: Any) -> tuple[str]:
        return (str(uuid.uuid5(uuid.NAMESPACE_OID, f"keap-invoice-{order.invoice_id}")),)

    fields = {
        "id": filters.number(row_number),
        "ids": filters.one_of(row_id, longest),
        "product_id": filters.reference(products),
        "contact_id": filters.reference(lambda order: (order.contact_id,)),
        "invoice_id": filters.reference(lambda order: (order.invoice_id,)),
        "invoice_xid": filters.text(xid),
        "paid": filters.flag(book.is_paid),
        "created_since_time": _since(book, lambda order: getattr(order, created)),
        "created_until_time": _until(book, lambda order: getattr(order, created)),
        "modified_since_time": _since(book, lambda order: modified(book, order)),
        "modified_until_time": _until(book, lambda order: modified(book, order)),
        "title": filters.text(lambda order: (order.title,), wildcard=True),
        "order_type": filters.choice(
            lambda order: order.order_type, frozenset({"ONLINE", "OFFLINE"})
        ),
        "shipping_locality": _address("shipping", "locality"),
        "shipping_region_code": _address("shipping", "region_code"),
        "shipping_postal_code": _address("shipping", "postal_code"),
        "shipping_country_code": _address("shipping", "country_code"),
    }
    return Resource(
        name="orders",
        candidates=_by_id(book.orders, "ids"),
        number=row_number,
        fields=fields,
        sorts={
            "id": row_number,
            "order_time": lambda order: order.order_time,
            "modification_time": lambda order: modified(book, order),
        },
        show=lambda order: order_json(book, order),
    )


def payments(book: PaymentBook) -> Resource:
    """`GET /sales/payments`."""
    looked_at = book.switches.payment_filter_reads
    longest = book.switches.max_listed_ids

    def amount(payment: Any) -> Any:
        return signed(book, payment, payment.amount)

    def time(payment: Any) -> Any:
        return getattr(payment, looked_at)

    fields = {
        "id": filters.number(row_number, NO_UNEQUAL),
        "ids": filters.one_of(row_id, longest),
        "amount": filters.number(amount),
        "order_id": filters.reference(lambda payment: payment.order_ids),
        "order_ids": filters.one_of(lambda payment: payment.order_ids, longest),
        "contact_id": filters.reference(lambda payment: (payment.contact_id,)),
        "since_time": _since(book, time),
        "until_time": _until(book, time),
        **_merchant_fields(),
    }

    def candidates(clauses: list[Clause]) -> Iterable[Payment]:
        rows = _payment_candidates(book, clauses)
        if book.switches.voided_payments_listed:
            return rows
        return [payment for payment in rows if payment.void_time is None]

    return Resource(
        name="payments",
        candidates=candidates,
        number=row_number,
        fields=fields,
        sorts={
            "id": row_number,
            "amount": amount,
            "payment_time": lambda payment: payment.payment_time,
            "contact_id": lambda payment: int(payment.contact_id),
        },
        show=lambda payment: payment_json(book, payment),
    )


def allocations(book: PaymentBook, order_id: str) -> Resource:
    """`GET /orders/{order_id}/payments`."""

    def amount(row: tuple[Payment, Allocation]) -> Any:
        return allocation_json(book, *row)["amount"]

    return Resource(
        name="invoice_order_payments",
        candidates=lambda _: book.allocations_of(order_id),
        number=lambda row: int(row[1].id),
        fields={
            "invoice_id": filters.reference(lambda row: (row[1].invoice_id,)),
            "payment_id": filters.reference(lambda row: (row[0].id,)),
            "amount": filters.number(amount, EQUAL),
            "pay_status": filters.choice(lambda row: row[1].pay_status, PAY_STATUSES),
            "skip_commission": filters.flag(lambda _: False),
        },
        sorts={
            "invoice_id": lambda row: int(row[1].invoice_id),
            "payment_id": lambda row: int(row[0].id),
            "amount": amount,
            "pay_time": lambda row: row[0].payment_time,
            "pay_status": lambda row: row[1].pay_status,
            "skip_commission": lambda _: 0,
            "last_updated_time": lambda row: row[1].last_updated_time,
        },
        show=lambda row: allocation_json(book, *row),
    )


def transactions(book: PaymentBook) -> Resource:
    """`GET /sales/transactions`. The rows have no id; they are numbered by time."""

    def rows(_: list[Clause]) -> list[tuple[int, Attempt]]:
        return list(enumerate(sorted(book.attempts(), key=lambda attempt: attempt.time)))

    return Resource(
        name="transactions",
        candidates=rows,
        number=lambda row: int(row[0]),
        fields={
            "amount": filters.number(lambda row: row[1].amount),
            "order_id": filters.reference(lambda row: row[1].order_ids),
            "contact_id": filters.reference(lambda row: (row[1].contact_id,)),
            "since_time": _since(book, lambda row: row[1].time),
            "until_time": _until(book, lambda row: row[1].time),
            **_merchant_fields(lambda row: row[1]),
            "status": filters.choice(lambda row: row[1].status, ATTEMPT_STATUSES),
            "transaction_method": filters.choice(lambda row: row[1].method, METHODS),
            "is_successful": filters.flag(lambda row: succeeded(row[1])),
        },
        sorts={
            "amount": lambda row: row[1].amount,
            "transaction_time": lambda row: row[1].time,
            "contact_id": lambda row: int(row[1].contact_id),
        },
        show=lambda row: attempt_json(book, row[1]),
    )


def contacts(book: PaymentBook, shown: Iterable[str]) -> Resource:
    """`GET /contacts`, each with the fields that are `shown`."""
    longest = book.switches.max_listed_ids
    fields = {
        "email": filters.text(lambda contact: contact.emails, wildcard=True),
        "given_name": filters.text(lambda contact: (contact.given_name,), wildcard=True),
        "family_name": filters.text(lambda contact: (contact.family_name,), wildcard=True),
        "company_id": filters.reference(
            lambda contact: (contact.company and book.company_id(contact.company),)
        ),
        "ids": filters.one_of(row_id, longest),
        "contact_ids": filters.one_of(row_id, longest),
        "contact_id": filters.number(row_number, NO_UNEQUAL),
        "start_update_time": _since(book, lambda contact: contact.update_time),
        "end_update_time": _until(book, lambda contact: contact.update_time),
        "city": _address("billing", "locality", wildcard=True),
        "state": _address("billing", "region", wildcard=True),
    }
    for place in ("billing", "shipping"):
        for part in ("line1", "locality", "region", "postal_code", "country_code"):
            fields[f"{place}_address_{part}"] = _address(place, part)
    return Resource(
        name="contacts",
        candidates=_by_id(book.contacts, "ids", "contact_ids"),
        number=row_number,
        fields=fields,
        sorts={
            "id": row_number,
            "create_time": lambda contact: contact.create_time,
            "email": lambda contact: contact.emails[0] if contact.emails else "",
            "update_time": lambda contact: contact.update_time,
        },
        show=lambda contact: contact_json(book, contact, shown),
    )


def products(book: PaymentBook) -> Resource:
    """`GET /products`."""
    return Resource(
        name="products",
        candidates=_by_id(book.products, "product_ids"),
        number=row_number,
        fields={
            "name": filters.text(lambda product: (product.name,), wildcard=True),
            "sku": filters.text(lambda product: (product.sku,), wildcard=True),
            "description": filters.text(lambda product: (product.description,), wildcard=True),
            "short_description": filters.text(lambda _: (), wildcard=True),
            "product_id": filters.number(row_number, NO_UNEQUAL),
            "product_ids": filters.one_of(row_id, book.switches.max_listed_ids),
        },
        sorts={
            "name": lambda product: product.name,
            "sku": lambda product: product.sku,
            "last_updated_time": lambda product: product.update_time,
        },
        show=lambda product: product_json(book, product),
    )


def merchants(book: PaymentBook) -> Resource:
    """`GET /merchants`."""
    return Resource(
        name="merchant_accounts",
        candidates=lambda _: book.merchants,
        number=row_number,
        fields={
            "id": filters.reference(row_id),
            "name": filters.text(lambda merchant: (merchant.name,)),
            "type": filters.choice(lambda merchant: merchant.type, MERCHANT_TYPES),
        },
        sorts={"id": row_number, "name": lambda merchant: merchant.name},
        show=lambda one: {"id": one.id, "name": one.name, "type": one.type, "is_test": one.is_test},
    )


def _since(book: PaymentBook, read: Callable[[Any], Any]) -> Field:
    switches = book.switches
    return filters.bound(
        read,
        ">",
        inclusive=switches.bounds == "inclusive",
        milliseconds=switches.milliseconds_required,
    )


def _until(book: PaymentBook, read: Callable[[Any], Any]) -> Field:
    switches = book.switches
    return filters.bound(
        read,
        "<",
        inclusive=switches.bounds == "inclusive",
        milliseconds=switches.milliseconds_required,
    )


def _address(place: str, part: str, *, wildcard: bool = False) -> Field:
    def read(row: Any) -> tuple[str, ...]:
        address: Address | None = getattr(row, place)
        return (getattr(address, part),) if address else ()

    return filters.text(read, wildcard=wildcard)


def _merchant_fields(holder: Callable[[Any], Any] = lambda row: row) -> dict[str, Field]:
    def read(part: str) -> Callable[[Any], Any]:
        return lambda row: getattr(holder(row).merchant, part, None)

    identity, kind = read("id"), read("type")
    return {
        "merchant_account_id": filters.reference(lambda row: (identity(row),)),
        "merchant_account_type": filters.choice(kind, MERCHANT_TYPES),
    }


def _by_id(rows: Mapping[str, Any], *lists: str) -> Callable[[list[Clause]], Iterable[Any]]:
    """Rows by the ids that a clause of one of the `lists` names; all of them without one."""

    def candidates(clauses: list[Clause]) -> Iterable[Any]:
        for clause in clauses:
            if clause.field in lists:
                return _named(rows, clause.value.split(","))
        return rows.values()

    return candidates


def _named(rows: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    return [rows[name] for name in dict.fromkeys(names) if name in rows]


def _payment_candidates(book: PaymentBook, clauses: list[Clause]) -> Iterable[Payment]:
    for clause in clauses:
        if clause.field in {"order_id", "order_ids"}:
            found = {
                payment.id: payment
                for order_id in clause.value.split(",")
                for payment in book.payments_of(order_id)
            }
            return list(found.values())
        if clause.field == "ids":
            return _named(book.payments, clause.value.split(","))
    return book.payments.values()
