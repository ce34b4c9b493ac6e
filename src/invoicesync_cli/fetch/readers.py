"""Keap's rows, read by their schemas, become the model; what cannot be read says why."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from invoicesync_cli.fetch import schemas
from invoicesync_cli.http.schemas import Id, Schema, problem_of
from invoicesync_cli.model import (
    ZERO,
    Address,
    FailedCharge,
    Instalment,
    Invoice,
    InvoiceId,
    KeapContact,
    KeapPayment,
    KeapProduct,
    Line,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    PersonId,
    UnreadablePayment,
    money,
)

Read = TypeVar("Read", bound=Schema)

NOT_MONEY = {
    "credit": PaymentKind.CREDIT,
    "adjustment": PaymentKind.ADJUSTMENT,
    "refund": PaymentKind.REFUND,
}
STATUSES = {
    "PENDING": PaymentKind.PENDING,
    "FAILED": PaymentKind.FAILED,
    "ERROR": PaymentKind.FAILED,
    "VOIDED": PaymentKind.FAILED,
}
"""What is no money, or none yet. Any other status leaves a payment what it is (R10): none at all or
NONE, as most manual ones have it, and one that Keap may come to have."""
FAILED = {"FAILED", "ERROR"}
ID: TypeAdapter[str] = TypeAdapter(Id)
WORD: TypeAdapter[str] = TypeAdapter(schemas.Word)


class Unreadable(Exception):
    """A row of Keap's that cannot be read, and what is wrong with it, in words."""


def read(schema: type[Read], data: Any) -> Read:
    """A row by its schema. Raises `Unreadable`."""
    try:
        return schema.model_validate(data)
    except (ValidationError, RecursionError) as error:
        raise Unreadable(problem_of(error)) from None


def id_in(data: Any, name: str) -> str:
    """The id that a row has under `name`; blank for none, or for one that is none."""
    return _by(ID, data.get(name)) if isinstance(data, Mapping) else ""


def _by(adapter: TypeAdapter[str], value: Any) -> str:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return ""


def minor(amount: schemas.MoneyRow) -> Decimal | None:
    """Keap's money object (whole cents) in major units; None where it has no figure."""
    return None if amount.amount is None else money(amount.amount / 100)


def price(amount: schemas.MoneyRow) -> Decimal | None:
    """As `minor`, with what a price has beyond whole cents."""
    figure = amount.amount
    return minor(amount) if figure is None or figure == int(figure) else figure / 100


# --- orders -----------------------------------------------------------------------------------


def invoice(order: schemas.OrderRow) -> Invoice:
    """The invoice that an order is. Raises `Unreadable` without a total."""
    total = minor(order.total)
    if total is None:
        raise Unreadable("total is missing")
    contact = order.contact
    names = (contact.given_name.strip(), contact.family_name.strip())
    return Invoice(
        order_id=OrderId(order.id),
        # An order has exactly one invoice; where the field is missing the ids are the same.
        invoice_id=InvoiceId(order.invoice_id or order.id),
        order_time=order.order_time,
        modified=order.modification_time,
        person_id=PersonId(contact.id),
        total=total,
        total_paid=minor(order.total_paid) or ZERO,
        currency=order.total.currency_code,
        lines=tuple(_line(item) for item in order.order_items),
        plan=tuple(
            Instalment(item.due_date, *_amounts(item))
            for item in order.payment_plan.payment_plan_items
            if item.due_date
        ),
        title=order.title,
        notes=order.notes,
        buyer=" ".join(name for name in names if name) or contact.email,
        refunded=abs((order.refund_total and minor(order.refund_total)) or ZERO),
    )


def _amounts(item: schemas.InstalmentRow) -> tuple[Decimal, Decimal]:
    """An instalment's amount, and what is paid of it: all, where Keap calls it paid."""
    due = (item.amount_due and minor(item.amount_due)) or ZERO
    paid = (item.amount_paid and minor(item.amount_paid)) or ZERO
    return due, due if item.status == "PAID" else paid


def _line(item: schemas.LineRow) -> Line:
    """A line of an order. A missing quantity counts as 1, a missing price as 0; both are noted."""
    each, quantity = price(item.price_per_unit), item.quantity
    gaps = []
    if quantity is None:
        gaps.append("no quantity, read as 1")
    if each is None:
        gaps.append("no price, read as 0.00")
    return Line(
        id=item.id,
        item_type=item.item_type or "UNKNOWN",
        name=item.name,
        description=item.description,
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=ZERO if each is None else each,
        discount=minor(item.discount),
        product_id=item.product.id,
        product_name=item.product.name,
        sku=item.product.sku,
        taxable=item.product.taxable,
        gaps=tuple(gaps),
    )


def order_person(order: schemas.OrderRow) -> KeapContact:
    """What an order itself says of its contact, for contacts that Keap no longer has."""
    contact = order.contact
    return KeapContact(
        id=PersonId(contact.id),
        given_name=contact.given_name,
        family_name=contact.family_name,
        emails=(contact.email,) if contact.email else (),
    )


# --- people -----------------------------------------------------------------------------------


def person(data: Any) -> KeapContact | None:
    """A contact of REST v2, with its problem if it cannot be read; None for one without an id."""
    try:
        contact = read(schemas.Contact, data)
    except Unreadable as error:
        number = id_in(data, "id")
        problem = f"Keap's contact {number} cannot be read: {error}."
        return KeapContact(PersonId(number), problem=problem) if number else None
    emails = sorted((item for item in contact.email_addresses if item.email), key=_field)
    phones = sorted((item for item in contact.phone_numbers if item.number), key=_field)
    return KeapContact(
        id=PersonId(contact.id),
        given_name=contact.given_name,
        family_name=contact.family_name,
        emails=tuple(item.email for item in emails),
        phone=phones[0].number if phones else "",
        company=contact.company.company_name,
        billing=next(
            (_address(item) for item in contact.addresses if item.field == "BILLING"), Address()
        ),
    )


def _field(item: schemas.Email | schemas.Phone) -> str:
    return item.field


def _address(item: schemas.AddressRow) -> Address:
    return Address(
        line1=item.line1,
        line2=item.line2,
        city=item.locality,
        region=item.region_code or item.region,
        postal_code=item.postal_code or item.zip_code,
        country=item.country_code or item.country,
    )


def product(data: Any) -> KeapProduct:
    """A row of `/products`. Raises `Unreadable`."""
    row = read(schemas.ProductRow, data)
    return KeapProduct(row.id, row.name, row.sku, row.active)


# --- money ------------------------------------------------------------------------------------


def payment(data: Any) -> KeapPayment:
    """A row of `/sales/payments`, amounts in major units; Keap's sign of refunds is not relied on.

    A row that cannot be read keeps its id and those of its orders, as far as it has any.
    """
    try:
        row = read(schemas.PaymentRow, data)
    except Unreadable as error:
        return _unreadable(data, str(error))
    return Payment(
        id=PaymentId(row.id),
        kind=_payment_kind(row),
        type=row.type,
        amount=abs(money(row.amount)),
        time=row.payment_time,
        order_ids=tuple(OrderId(order) for order in dict.fromkeys(row.order_ids)),
        reference=row.external_transaction_id,
        merchant_account_id=row.merchant_account_id,
        note=row.note,
        refund_payment_id=row.refund_payment_id,
    )


def _unreadable(data: Any, problem: str) -> UnreadablePayment:
    row = data if isinstance(data, Mapping) else {}
    listed = row.get("order_ids")
    found = [_by(ID, item) for item in listed] if isinstance(listed, list) else []
    orders = tuple(OrderId(order) for order in dict.fromkeys(found) if order)
    reference = _by(WORD, row.get("external_transaction_id"))
    number = id_in(row, "id") or f"row-{fingerprint(data)}"
    return UnreadablePayment(PaymentId(number), orders, problem, reference)


def fingerprint(data: Any) -> str:
    """Twelve characters that stand for a row, the same as long as the row is."""
    text = json.dumps(data, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _plain(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else type(value).__name__


def _payment_kind(row: schemas.PaymentRow) -> PaymentKind:
    unsettled = STATUSES.get(row.status.upper())
    if unsettled:
        return unsettled
    known = NOT_MONEY.get(row.type.strip().casefold())
    if known in {PaymentKind.CREDIT, PaymentKind.ADJUSTMENT} and row.amount < 0:
        return PaymentKind.INCREASE
    if known:
        return known
    return PaymentKind.REFUND if row.amount < 0 else PaymentKind.MONEY


def failed_charge(data: Any) -> FailedCharge | None:
    """A row of `/sales/transactions` that failed for good; None for one that is only pending.

    Raises `Unreadable`.
    """
    row = read(schemas.TransactionRow, data)
    if row.status.upper() not in FAILED:
        return None
    return FailedCharge(
        order_ids=tuple(OrderId(order) for order in dict.fromkeys(row.order_ids)),
        amount=abs(money(row.amount)),
        time=row.transaction_time,
        reference=row.external_reference_id,
        words=row.error_details or row.description or "the gateway gave no reason",
    )
