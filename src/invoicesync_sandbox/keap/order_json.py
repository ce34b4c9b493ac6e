"""Orders as Keap's REST v2 shows them: `OrderV2` with its lines and payment plan."""

from datetime import datetime
from decimal import Decimal

from invoicesync_sandbox.keap.contact_json import address_json
from invoicesync_sandbox.keap.objects import Instalment, Line, Order
from invoicesync_sandbox.keap.payments import PaymentBook
from invoicesync_sandbox.keap.switches import DiscountStyle
from invoicesync_sandbox.keap.wire import (
    Json,
    basic_contact_json,
    minor_units,
    money_json,
    time_text,
)

REFUND_STATUS = {"words": ("NONE", "PARTIALLY_REFUNDED", "REFUNDED"), "codes": ("0", "1", "2")}


def order_json(book: PaymentBook, order: Order) -> Json:
    """One order, complete: lists and single reads show the same."""
    currency, switches = order.currency, book.switches
    paid, refunded = book.paid(order), book.refunded(order)
    shown_paid = paid - refunded if switches.total_paid_net_of_refunds else paid
    return {
        "id": order.id,
        "invoice_id": order.invoice_id,
        "invoice_number": order.invoice_id if switches.invoice_number == "invoice_id" else None,
        "title": order.title,
        "status": _status(book, order),
        "order_type": order.order_type,
        "source_type": order.source_type,
        "creation_time": time_text(order.creation_time),
        "modification_time": time_text(modified(book, order)),
        "order_time": time_text(order.order_time),
        "sent_time": time_text(order.sent_time),
        "due_time": time_text(order.due_time),
        "contact": basic_contact_json(book.contacts[order.contact_id]),
        "total": money_json(order.total, currency),
        "total_paid": money_json(shown_paid, currency),
        "total_due": money_json(_due(book, order), currency),
        "refund_total": money_json(refunded, currency),
        "refund_status": _refund_status(book, paid, refunded),
        "credit_status": _credit_status(book, order),
        "promo_code": order.promo_code,
        "notes": order.notes,
        "terms": order.terms,
        "synced": order.synced,
        "allow_payment": True,
        "allow_paypal": False,
        "lead_affiliate_id": None,
        "sales_affiliate_id": None,
        "shipping_information": _shipping_json(book, order),
        "order_items": [_line_json(book, line, currency) for line in order.lines],
        "payment_plan": _plan_json(book, order),
        "files": [],
        "custom_fields": [],
        "external_create_user": None,
        "external_create_time": None,
        "external_update_time": None,
    }


def modified(book: PaymentBook, order: Order) -> datetime:
    """When the order changed last; whether its payments count is a switch."""
    if book.switches.payment_touches_order and order.payments_time:
        return max(order.modification_time, order.payments_time)
    return order.modification_time


def _status(book: PaymentBook, order: Order) -> str | None:
    if book.switches.order_status == "absent":
        return None
    if order.status or book.switches.order_status == "draft":
        return order.status or "DRAFT"
    return "PAID" if book.is_paid(order) else "SENT"


def _due(book: PaymentBook, order: Order) -> Decimal:
    if book.switches.total_due == "order_total" or not order.plan:
        return order.total
    today = book.clock.now().astimezone(book.time_zone).date()
    return sum((Decimal(one.amount) for one in order.plan if one.due_date <= today), Decimal(0))


def _refund_status(book: PaymentBook, paid: Decimal, refunded: Decimal) -> str:
    degree = 0 if not refunded else 2 if refunded >= paid else 1
    return REFUND_STATUS[book.switches.refund_status_values][degree]


def _credit_status(book: PaymentBook, order: Order) -> str:
    credited = any(payment.type == "Credit" for payment in book.payments_of(order.id))
    words = book.switches.refund_status_values == "words"
    return ("APPROVED" if words else "1") if credited else ("NONE" if words else "0")


def _shipping_json(book: PaymentBook, order: Order) -> Json | None:
    if order.shipping is None:
        return None
    contact = book.contacts[order.contact_id]
    return {
        "id": order.id,
        "address": address_json(order.shipping, "SHIPPING"),
        "company": contact.company,
        "given_name": contact.given_name,
        "family_name": contact.family_name,
        "phone_number": contact.phones[0] if contact.phones else None,
        "invoice_to_company": False,
    }


def _line_json(book: PaymentBook, line: Line, currency: str) -> Json:
    style = book.switches.discount_style if line.discount is None else "discount_figure"
    price, discount = _discount_figures(line, style) if line.is_discount else (line.price, None)
    plan = line.subscription_plan
    shown = money_json(price, currency)
    if book.switches.price_fractions == "exact":
        shown["amount"] = minor_units(price, currency, exact=True)
    return {
        "id": line.id,
        "name": line.name,
        "description": line.description,
        "notes": line.notes,
        "quantity": line.quantity,
        "item_type": line.kind,
        "price_per_unit": shown,
        "cost_per_unit": money_json(line.cost, currency),
        "discount": None if discount is None else money_json(discount, currency),
        "special": _special_json(line) if line.is_discount else None,
        "product": _product_json(book, line),
        "subscription_id": line.subscription_id,
        "subscription_plan": plan
        and {
            "id": plan.id,
            "frequency": plan.frequency,
            "active": True,
            "subscription_plan_name": plan.name,
            "cycle_type": plan.cycle_type,
            "total_cycles": plan.total_cycles,
            "plan_price": money_json(plan.price, currency),
            "display_order_index": 0,
        },
    }


def _discount_figures(line: Line, style: DiscountStyle) -> tuple[Decimal, Decimal | None]:
    """Price per unit and figure in `discount`, as this Keap writes a discount line."""
    price, whole = abs(line.price), -line.value
    if style == "negative_price":
        return -price, None
    if style == "positive_price":
        return price, None
    return (Decimal(0), whole) if style == "discount_figure" else (-price, whole)


def _special_json(line: Line) -> Json:
    by_percent = line.discount_percent is not None
    return {
        "amount": line.discount_percent if by_percent else -line.value,
        "special_item_id": line.id,
        "discount_method": "PERCENT" if by_percent else "AMOUNT",
    }


def _product_json(book: PaymentBook, line: Line) -> Json | None:
    if line.product_id is None:
        return None
    product = book.products[line.product_id]
    return {
        "id": product.id,
        "name": product.name,
        "sku": product.sku,
        "description": product.description,
        "shippable": product.shippable,
        "taxable": product.taxable,
    }


def _plan_json(book: PaymentBook, order: Order) -> Json | None:
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


def _plan_items(book: PaymentBook, order: Order, parts: list[Instalment]) -> list[Json]:
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
