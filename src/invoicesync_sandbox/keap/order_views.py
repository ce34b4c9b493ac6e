"""Orders as an app gets to see them, with their lines and payment plan."""

import uuid
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.keap.books import Books
from invoicesync_sandbox.keap.fields import (
    Flag,
    Listed,
    Money,
    Reference,
    Shown,
    Since,
    Text,
    Time,
    Until,
    constants,
    only_asked,
)
from invoicesync_sandbox.keap.rows import Instalment, Line, Order, SubscriptionPlan
from invoicesync_sandbox.keap.views import (
    PRODUCT,
    address_view,
    basic_contact,
    part_of_address,
)
from invoicesync_sandbox.keap.wire import Json, minor_units, money_json

REFUND_STATUS = {"words": ("NONE", "PARTIALLY_REFUNDED", "REFUNDED"), "codes": ("0", "1", "2")}

SUBSCRIPTION_PLAN = FieldTable(
    "SubscriptionPlan",
    *constants(active=True, display_order_index=0),
    row=SubscriptionPlan,
)


def discount_figures(book: Books, line: Line) -> tuple[Decimal, Decimal | None]:
    """Price per unit and figure in `discount`, as this Keap writes the line."""
    if not line.is_discount:
        return line.price, None
    style = book.switches.discount_style if line.discount is None else "discount_figure"
    price, whole = abs(line.price), -line.value
    if style == "negative_price":
        return -price, None
    if style == "positive_price":
        return price, None
    return (Decimal(0), whole) if style == "discount_figure" else (-price, whole)


def _special(_: Books, line: Line) -> Json | None:
    if not line.is_discount:
        return None
    by_percent = line.discount_percent is not None
    return {
        "amount": line.discount_percent if by_percent else -line.value,
        "special_item_id": line.id,
        "discount_method": "PERCENT" if by_percent else "AMOUNT",
    }


def _product(book: Books, line: Line) -> Json | None:
    if line.product_id is None:
        return None
    return PRODUCT.view(book, book.products[line.product_id], "line")


LINE = FieldTable(
    "OrderItem",
    Shown("special", get=_special),
    Shown("product", get=_product),
    row=Line,
)


def _lines(book: Books, order: Order) -> list[Json]:
    return [_line(book, line, order.currency) for line in order.lines]


def _line(book: Books, line: Line, currency: str) -> Json:
    (price, discount), plan = discount_figures(book, line), line.subscription_plan
    shown = money_json(price, currency)
    if book.switches.price_fractions == "exact":
        shown["amount"] = minor_units(price, currency, exact=True)
    return LINE.view(book, line) | {
        "price_per_unit": shown,
        "cost_per_unit": money_json(line.cost, currency),
        "discount": None if discount is None else money_json(discount, currency),
        "subscription_plan": plan
        and SUBSCRIPTION_PLAN.view(book, plan) | {"plan_price": money_json(plan.price, currency)},
    }


def _status(book: Books, order: Order) -> str | None:
    if book.switches.order_status == "absent":
        return None
    if order.status or book.switches.order_status == "draft":
        return order.status or "DRAFT"
    return "PAID" if book.is_paid(order) else "SENT"


def _paid(book: Books, order: Order) -> Decimal:
    net = book.switches.total_paid_net_of_refunds
    return book.paid(order) - book.refunded(order) if net else book.paid(order)


def _due(book: Books, order: Order) -> Decimal:
    if book.switches.total_due == "order_total" or not order.plan:
        return order.total
    today = book.clock.now().astimezone(book.time_zone).date()
    return sum((Decimal(one.amount) for one in order.plan if one.due_date <= today), Decimal(0))


def _refund_status(book: Books, order: Order) -> str:
    refunded = book.refunded(order)
    degree = 0 if not refunded else 2 if refunded >= book.paid(order) else 1
    return REFUND_STATUS[book.switches.refund_status_values][degree]


def _credit_status(book: Books, order: Order) -> str:
    credited = any(payment.type == "Credit" for payment in book.payments_of(order.id))
    words = book.switches.refund_status_values == "words"
    return ("APPROVED" if words else "1") if credited else ("NONE" if words else "0")


def _shipping(book: Books, order: Order) -> Json | None:
    if order.shipping is None:
        return None
    contact = book.contacts[order.contact_id]
    return {
        "id": order.id,
        "address": address_view(order.shipping, "SHIPPING"),
        "company": contact.company,
        "given_name": contact.given_name,
        "family_name": contact.family_name,
        "phone_number": contact.phones[0] if contact.phones else None,
        "invoice_to_company": False,
    }


def _plan(book: Books, order: Order) -> Json | None:
    if not order.plan and not book.switches.one_item_plans:
        return None
    ordered = order.order_time.astimezone(book.time_zone).date()
    parts = sorted(order.plan, key=lambda one: one.due_date) or [Instalment(ordered, order.total)]
    initial = parts[0] if len(parts) > 1 and parts[0].due_date <= ordered else None
    later = parts[1:] if initial else parts
    counted = parts if book.switches.number_of_payments_counts_initial else later
    gap = (later[1].due_date - later[0].due_date).days if len(later) > 1 else 0
    return {
        "auto_charge": order.auto_charge,
        "max_charge_attempts": 3,
        "days_between_retries": 1,
        "payment_method_id": None,
        "initial_payment_amount": money_json(
            Decimal(initial.amount) if initial else Decimal(0), order.currency
        ),
        "initial_payment_percent": 0,
        "initial_payment_date": str(initial.due_date) if initial else None,
        "plan_start_date": str(later[0].due_date),
        "number_of_payments": len(counted),
        "days_between_payments": gap,
        "payment_plan_items": _plan_items(book, order, parts),
    }


def _plan_items(book: Books, order: Order, parts: list[Instalment]) -> list[Json]:
    """The instalments, with what was paid spread over them in the order of their dates."""
    left, items = book.paid(order), []
    for part in parts:
        due = Decimal(part.amount)
        paid = max(min(left, due), Decimal(0))
        left -= paid
        unpaid = "UNPAID_AUTOCHARGE" if order.auto_charge else "UNPAID_MANUAL"
        items.append(
            {
                "status": "PAID" if paid >= due else unpaid,
                "due_date": str(part.due_date),
                "amount_due": money_json(due, order.currency),
                "amount_paid": money_json(paid, order.currency),
            }
        )
    return items


def _invoice_number(book: Books, order: Order) -> str | None:
    return order.invoice_id if book.switches.invoice_number == "invoice_id" else None


def _xid(_: Books, order: Order) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"keap-invoice-{order.invoice_id}"))


def _created(book: Books, order: Order) -> Any:
    return getattr(order, book.switches.created_filter_reads)


ORDER = FieldTable(
    "orders",
    Shown("invoice_number", get=_invoice_number),
    Shown("status", get=_status),
    Time("modification_time", get=lambda book, row: book.modified(row)),
    Shown("contact", get=lambda book, row: basic_contact(book, row.contact_id)),
    Money("total", attribute="total"),
    Money("total_paid", get=_paid),
    Money("total_due", get=_due),
    Money("refund_total", get=lambda book, row: book.refunded(row)),
    Shown("refund_status", get=_refund_status),
    Shown("credit_status", get=_credit_status),
    Shown("shipping_information", get=_shipping),
    Shown("order_items", get=_lines),
    Shown("payment_plan", get=_plan),
    *constants(
        allow_payment=True,
        allow_paypal=False,
        lead_affiliate_id=None,
        sales_affiliate_id=None,
        files=[],
        custom_fields=[],
        external_create_user=None,
        external_create_time=None,
        external_update_time=None,
    ),
    only_asked(Listed, "ids", lambda _, row: row.id),
    only_asked(Reference, "product_id", lambda _, row: {one.product_id for one in row.lines}),
    only_asked(Text, "invoice_xid", _xid),
    only_asked(Flag, "paid", lambda book, row: book.is_paid(row)),
    only_asked(Since, "created_since_time", _created),
    only_asked(Until, "created_until_time", _created),
    only_asked(Since, "modified_since_time", lambda book, row: book.modified(row)),
    only_asked(Until, "modified_until_time", lambda book, row: book.modified(row)),
    *(
        part_of_address("shipping", part, f"shipping_{part}")
        for part in ("locality", "region_code", "postal_code", "country_code")
    ),
    row=Order,
)
