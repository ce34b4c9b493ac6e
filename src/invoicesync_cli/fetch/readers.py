"""Keap's JSON becomes the model. Unknown fields and values are let through, nulls are told."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from invoicesync_cli.model import (
    ZERO,
    Address,
    FailedCharge,
    Instalment,
    Invoice,
    InvoiceId,
    Line,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    Person,
    PersonId,
    money,
)

Json = Mapping[str, Any]

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


class Unreadable(Exception):
    """An object of Keap's that lacks what no invoice can do without."""


def text(value: object) -> str:
    """A string, with null as blank; half a surrogate pair, which nothing can store, as a mark."""
    found = "" if value is None else str(value)
    return found.encode("utf-8", "replace").decode("utf-8")


def instant(value: object) -> datetime:
    """An aware time. Keap writes `2026-11-03T07:00:00.000Z`, older parts `+0000`."""
    found = datetime.fromisoformat(text(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def minor(value: object) -> Decimal | None:
    """Keap's money object (whole cents) in major units; None where it is null."""
    if not isinstance(value, Mapping) or value.get("amount") is None:
        return None
    return money(Decimal(str(value["amount"])) / 100)


def invoice(data: Json) -> Invoice:
    """An order of REST v2. Raises `Unreadable` when total or date are missing."""
    total = data.get("total")
    amount = minor(total)
    if amount is None or not isinstance(total, Mapping):
        raise Unreadable("Keap gave no total for this order.")
    try:
        order_time = instant(data.get("order_time"))
    except ValueError:
        raise Unreadable("Keap gave no date for this order.") from None
    order_id = text(data.get("id"))
    contact = data.get("contact") or {}
    plan = data.get("payment_plan") or {}
    return Invoice(
        order_id=OrderId(order_id),
        # An order has exactly one invoice; where the field is missing the ids are the same.
        invoice_id=InvoiceId(text(data.get("invoice_id")) or order_id),
        order_time=order_time,
        modified=_maybe_instant(data.get("modification_time")),
        person_id=PersonId(text(contact.get("id"))),
        total=amount,
        total_paid=minor(data.get("total_paid")) or ZERO,
        currency=text(total.get("currency_code")),
        lines=tuple(line(item) for item in data.get("order_items") or ()),
        plan=tuple(_instalments(plan.get("payment_plan_items") or ())),
        title=text(data.get("title")),
        buyer=_buyer(contact),
    )


def _maybe_instant(value: object) -> datetime | None:
    try:
        return instant(value)
    except ValueError:
        return None


def _buyer(contact: Json) -> str:
    names = (text(contact.get("given_name")).strip(), text(contact.get("family_name")).strip())
    return " ".join(name for name in names if name) or text(contact.get("email"))


def line(data: Json) -> Line:
    """A line of an order. A missing quantity counts as 1, a missing price as 0; both are told."""
    product = data.get("product") or {}
    price, quantity = minor(data.get("price_per_unit")), data.get("quantity")
    gaps = []
    if quantity is None:
        gaps.append("no quantity, read as 1")
    if price is None:
        gaps.append("no price, read as 0.00")
    return Line(
        id=text(data.get("id")),
        item_type=text(data.get("item_type")) or "UNKNOWN",
        name=text(data.get("name")),
        description=text(data.get("description")),
        quantity=Decimal(1 if quantity is None else str(quantity)),
        unit_price=ZERO if price is None else price,
        discount=minor(data.get("discount")),
        product_id=text(product.get("id")),
        product_name=text(product.get("name")),
        sku=text(product.get("sku")),
        taxable=product.get("taxable") is True,
        gaps=tuple(gaps),
    )


def _instalments(items: Any) -> list[Instalment]:
    found = []
    for item in items:
        try:
            due = date.fromisoformat(text(item.get("due_date"))[:10])
        except ValueError:
            continue
        found.append(Instalment(due, minor(item.get("amount_due")) or ZERO))
    return found


def person(data: Json) -> Person:
    """A contact of REST v2."""
    emails = sorted(
        (item for item in data.get("email_addresses") or () if item.get("email")),
        key=lambda item: text(item.get("field")),
    )
    phones = sorted(
        (item for item in data.get("phone_numbers") or () if item.get("number")),
        key=lambda item: text(item.get("field")),
    )
    company = data.get("company") or {}
    return Person(
        id=PersonId(text(data.get("id"))),
        given_name=text(data.get("given_name")),
        family_name=text(data.get("family_name")),
        emails=tuple(text(item["email"]) for item in emails),
        phone=text(phones[0]["number"]) if phones else "",
        company=text(company.get("company_name")),
        billing=_billing(data.get("addresses") or ()),
    )


def _billing(addresses: Any) -> Address:
    for item in addresses:
        if text(item.get("field")) == "BILLING":
            return Address(
                line1=text(item.get("line1")),
                line2=text(item.get("line2")),
                city=text(item.get("locality")),
                region=text(item.get("region_code") or item.get("region")),
                postal_code=text(item.get("postal_code") or item.get("zip_code")),
                country=text(item.get("country_code") or item.get("country")),
            )
    return Address()


def order_person(data: Json) -> Person:
    """What an order itself tells of its contact, for contacts that Keap no longer has."""
    contact = data.get("contact") or {}
    return Person(
        id=PersonId(text(contact.get("id"))),
        given_name=text(contact.get("given_name")),
        family_name=text(contact.get("family_name")),
        emails=(text(contact["email"]),) if contact.get("email") else (),
    )


def payment(data: Json) -> Payment:
    """A row of `/sales/payments`, amounts in major units; Keap's sign of refunds is not relied on.

    Raises `Unreadable` without amount or time.
    """
    try:
        amount = money(Decimal(str(data["amount"])))
        time = instant(data.get("payment_time"))
    except (KeyError, ValueError, ArithmeticError):
        raise Unreadable("Keap gave no amount or no time for this payment.") from None
    orders = data.get("order_ids") or ()
    return Payment(
        id=PaymentId(text(data.get("id"))),
        kind=_payment_kind(data, amount),
        type=text(data.get("type")),
        amount=abs(amount),
        time=time,
        order_ids=tuple(OrderId(text(order)) for order in orders),
        reference=text(data.get("external_transaction_id")),
        merchant_account_id=text(data.get("merchant_account_id")),
        note=text(data.get("note")),
        refund_payment_id=text(data.get("refund_payment_id")),
    )


def failed_charge(data: Json) -> FailedCharge | None:
    """A row of `/sales/transactions` that failed for good; None for one that is only pending."""
    if text(data.get("status")).upper() not in {"FAILED", "ERROR"}:
        return None
    words = text(data.get("error_details")) or text(data.get("description"))
    return FailedCharge(
        order_ids=tuple(OrderId(text(order)) for order in data.get("order_ids") or ()),
        amount=abs(money(Decimal(str(data.get("amount") or 0)))),
        time=instant(data.get("transaction_time")),
        reference=text(data.get("external_reference_id")),
        words=words or "the gateway gave no reason",
    )


def _payment_kind(data: Json, amount: Decimal) -> PaymentKind:
    known = NOT_MONEY.get(text(data.get("type")).strip().casefold())
    if known:
        return known
    if amount < 0:
        return PaymentKind.REFUND
    return STATUSES.get(text(data.get("status")).upper(), PaymentKind.MONEY)
