"""Keap's side for tests of the rules as functions: a shop in New York, an order, its money."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.model import (
    Invoice,
    InvoiceId,
    Line,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    PersonId,
)
from invoicesync_cli.transform.lines import (
    Valued,
    as_discount,
    extended,
    kind_of,
    take_apart,
)

NEW_YORK = ZoneInfo("America/New_York")
ORDER, OTHER = OrderId("812"), OrderId("900")
EVENING = datetime(2026, 11, 4, 4, 30, tzinfo=UTC)
"""Half past eleven in the evening of 3 November in New York."""
DAY = date(2026, 11, 3)


def config_of(settings: Mapping[str, Any]) -> Config:
    """A config with these settings (`{"tax.untaxed_invoices": "inclusive"}`) and a bank account."""
    data: dict[str, dict[str, Any]] = {"payments": {"account": "090"}}
    for key, value in settings.items():
        table, name = key.split(".")
        data.setdefault(table, {})[name] = value
    return Config.model_validate(data)


def line(kind: str, price: str, quantity: str = "1", **fields: Any) -> Line:
    """A line of an order; a product is flagged as taxable unless that is said."""
    return Line(
        **{
            "id": "7",
            "item_type": kind,
            "name": "Candle",
            "description": "",
            "quantity": Decimal(quantity),
            "unit_price": Decimal(price),
            "discount": None,
            "product_id": "",
            "product_name": "",
            "sku": "",
            "taxable": kind == "PRODUCT",
            **fields,
        }
    )


def invoice(*lines: Line, **fields: Any) -> Invoice:
    """An order of 3 November with these lines and the total that they come to."""
    values = [
        as_discount(item) if kind_of(item.item_type) == "discount" else extended(item)
        for item in lines
    ]
    return Invoice(
        **{
            "order_id": ORDER,
            "invoice_id": InvoiceId("811"),
            "order_time": EVENING,
            "modified": None,
            "person_id": PersonId("1234"),
            "total": sum(values, Decimal(0)),
            "total_paid": Decimal(0),
            "currency": "GBP",
            "lines": lines,
            "buyer": "Ida Quill",
            **fields,
        }
    )


def payment(amount: str, number: str = "1", **fields: Any) -> Payment:
    """Money received for the order at the time that it was made, unless otherwise said."""
    return Payment(
        **{
            "id": PaymentId(number),
            "kind": PaymentKind.MONEY,
            "type": "Credit Card",
            "amount": Decimal(amount),
            "time": EVENING,
            "order_ids": (ORDER,),
            **fields,
        }
    )


CANDLE = line("PRODUCT", "100.00")
BOOK = line("PRODUCT", "50.00", taxable=False)
POST = line("SHIPPING", "8.00")
CHARGE = line("FINANCE_CHARGE", "10.00")
OFF = line("DISCOUNT", "5.00")
MIXED = (CANDLE, BOOK, POST, CHARGE, OFF)


def valued(*lines: Line) -> tuple[Valued, ...]:
    """The lines of an order, taxes apart, with their kinds and values."""
    return take_apart(invoice(*lines)).goods
