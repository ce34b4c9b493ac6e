"""The orders of Wick & Wax in October and November 2026: one case of each kind.

All times are London's unless they are written in UTC. The shop's ledger is locked up to 2 October.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from invoicesync_sandbox.keap import Instalment, Item, KeapSandbox, SubscriptionPlan
from invoicesync_sandbox.shop.money import add_money
from invoicesync_sandbox.shop.people import add_people

LONDON = ZoneInfo("Europe/London")
VAT = Decimal(20)


@dataclass(frozen=True)
class Case:
    """An order, named after what is peculiar about it."""

    name: str
    who: str
    order_time: datetime
    items: tuple[Item, ...]
    paid: bool = True
    more: dict[str, Any] = field(default_factory=dict)


def _october(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 10, day, hour, 15, tzinfo=LONDON)


def _november(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, 15, tzinfo=LONDON)


def _goods(price: str, name: str = "Pillar candle", **more: Any) -> Item:
    return Item("PRODUCT", price, name=name, **more)


def _vat(amount: str) -> Item:
    return Item("TAX", amount, name="VAT")


CANDLE = _goods("100.00", taxable=True)
GIFT_BOX = _goods("100.00", "Gift box")
TEN_OFF = Item("DISCOUNT_ORDER_TOTAL", "-10.00", name="Autumn offer")
MONTHLY = SubscriptionPlan("3", "Candle of the month", Decimal("15.00"), "MONTHLY")

TAXED = (
    Case("locked", "alice", _october(1), (_goods("60.00", taxable=True), _vat("12.00"))),
    Case("taxed-simple", "alice", _october(5), (CANDLE, _vat("20.00"))),
    Case("tax-after-discount", "grace", _october(6), (CANDLE, TEN_OFF, _vat("18.00"))),
    Case("tax-before-discount", "grace", _october(7), (CANDLE, TEN_OFF, _vat("20.00"))),
    Case(
        "tax-mixed-flags",
        "hugo",
        _october(8),
        (CANDLE, _goods("50.00", "Book of candle making"), _vat("20.00")),
    ),
    Case(
        "tax-shipping",
        "hugo",
        _october(9),
        (CANDLE, Item("SHIPPING", "8.00", name="Royal Mail"), _vat("21.60")),
    ),
    Case(
        "tax-remainder",
        "isla",
        _october(10),
        (
            _goods("3.33", "Tea light, rose", taxable=True),
            _goods("3.33", "Tea light, amber", taxable=True),
            _goods("3.33", "Tea light, pine", taxable=True),
            _vat("2.00"),
        ),
    ),
    Case("tax-no-base", "isla", _october(11), (CANDLE, _vat("8.25"))),
    Case(
        "tax-zero-line",
        "isla",
        _october(12),
        (_goods("40.00", "Lantern", taxable=True), _vat("0.00")),
    ),
)
UNTAXED = (
    Case("untaxed-100", "kit", _october(13), (GIFT_BOX,)),
    Case("untaxed-120", "kit", _october(14), (_goods("120.00", "Large gift box"),)),
    Case("untaxed-49-99", "kit", _october(15), (_goods("49.99", "Small gift box"),)),
    Case(
        "finance-charge",
        "kit",
        _october(16),
        (GIFT_BOX, Item("FINANCE_CHARGE", "10.00", name="Finance charge")),
    ),
)
SKUS = (
    Case("sku-match", "maya", _october(17), (_goods("30.00", "Tea lights", sku="TIL"),)),
    Case("sku-no-item", "maya", _october(18), (_goods("35.00", "Wall sconce", sku="XYZ"),)),
    Case("sku-shared-a", "maya", _october(19), (_goods("12.00", "Soy wax, 1 kg", sku="WAX-1"),)),
    Case(
        "sku-shared-b",
        "maya",
        _october(19, 15),
        (_goods("14.00", "Bees wax, 1 kg", sku="WAX-1"),),
    ),
)
DATES_AND_TOTALS = (
    # 21 October in London, 20 October in UTC.
    Case("late-evening", "grace", datetime(2026, 10, 20, 23, 30, tzinfo=UTC), (GIFT_BOX,)),
    Case("sku-case", "maya", _october(21), (_goods("31.00", "Tea lights, boxed", sku=" til "),)),
    Case("sku-item-no-account", "maya", _october(22), (_goods("25.00", "Voucher", sku="GIFT"),)),
    Case(
        "zero-total",
        "hugo",
        _october(23),
        (
            _goods("50.00", "Candle kit"),
            Item("DISCOUNT_ORDER_TOTAL", "-50.00", name="With our regards", discount_percent="100"),
        ),
        paid=False,
    ),
    Case(
        "negative-total",
        "hugo",
        _october(24),
        (
            _goods("20.00", "Wick trimmer"),
            Item("DISCOUNT_ORDER_TOTAL", "-25.00", name="Making up for last time"),
        ),
        paid=False,
    ),
    # 01:30 in summer time; the same clock time comes again an hour later.
    Case("autumn-change", "isla", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), (GIFT_BOX,)),
    Case("currency-differs", "kit", _october(26), (GIFT_BOX,), more={"currency": "USD"}),
    Case(
        "sums-differ",
        "kit",
        _october(27),
        (_goods("90.00", "Candelabra"),),
        more={"total": "95.00"},
    ),
)
PEOPLE = (
    Case("email-second-slot", "ben", _october(28), (CANDLE, _vat("20.00"))),
    Case("name-match", "chloe", _october(28, 15), (CANDLE, _vat("20.00"))),
    Case("company-city", "nadia", _october(29), (CANDLE, _vat("20.00"))),
    Case("ambiguous", "emma", _october(29, 15), (CANDLE, _vat("20.00"))),
    Case("archived", "frank", _october(30), (CANDLE, _vat("20.00"))),
    Case("namesake-a", "john", _october(30, 15), (CANDLE, _vat("20.00"))),
    Case("namesake-b", "other-john", _october(31), (CANDLE, _vat("20.00"))),
    Case("hostile-name", "hostile", _october(31, 15), (CANDLE, _vat("20.00"))),
    Case("nameless-company", "harbour", _november(1), (CANDLE, _vat("20.00"))),
    Case("nameless-email", "lantern", _november(1, 15), (CANDLE, _vat("20.00"))),
)
LINES = (
    Case("free-text-line", "grace", _november(2), (Item("SERVICE", "45.00", name=""),)),
    Case(
        "unknown-kind",
        "grace",
        _november(2, 15),
        (
            Item("BUNDLE_X", "60.00", name="Winter bundle"),
            Item("TIP", "5.00", name="Tip for the workshop"),
            Item("FEE", "2.50", name="Packing fee"),
        ),
    ),
    Case(
        "plan",
        "hugo",
        _november(3),
        (_goods("250.00", "Candle making course", taxable=True), _vat("50.00")),
        paid=False,
        more={
            "auto_charge": True,
            "plan": (
                Instalment(date(2026, 11, 3), "100.00"),
                Instalment(date(2026, 12, 3), "100.00"),
                Instalment(date(2027, 1, 3), "100.00"),
            ),
        },
    ),
    Case("paid-at-once", "isla", _november(3, 12), (CANDLE, _vat("20.00"))),
    Case("unpaid", "maya", _november(3, 15), (CANDLE, _vat("20.00")), paid=False),
    Case(
        "quantity",
        "grace",
        _november(4),
        (
            _goods("33.33", "Hurricane lamp", quantity=3),
            _goods("0.15", "Cotton wick", quantity=7),
        ),
    ),
    Case(
        "discounts",
        "grace",
        _november(5),
        (
            _goods("40.00", "Lantern", taxable=True),
            Item("DISCOUNT_PRODUCT", name="Lantern offer", discount="5.00"),
            _goods("60.00", "Candle tray", taxable=True),
            TEN_OFF,
            _vat("17.00"),
        ),
    ),
)
MONEY = (
    Case("manual-backdated", "kit", _november(5, 15), (GIFT_BOX,), paid=False),
    Case(
        "subscription",
        "hugo",
        _november(6),
        (
            Item(
                "SUBSCRIPTION",
                "15.00",
                name="Candle of the month",
                taxable=True,
                subscription_id="7",
                subscription_plan=MONTHLY,
            ),
            _vat("3.00"),
        ),
    ),
    Case(
        "upsell",
        "isla",
        _november(7),
        (
            CANDLE,
            Item("UPSELL", "25.00", name="Snuffer", taxable=True, sku="SNUFF"),
            _vat("25.00"),
        ),
    ),
    Case("part-paid", "maya", _november(8), (GIFT_BOX,), paid=False),
    Case("failed-charge", "kit", _november(9), (CANDLE, _vat("20.00")), paid=False),
    Case("credit", "grace", _november(11), (GIFT_BOX,), paid=False),
    Case("adjustment", "hugo", _november(12), (GIFT_BOX,), paid=False),
    Case("refund-full", "isla", _november(13), (_goods("50.00", taxable=True), _vat("10.00"))),
    Case("refund-part", "maya", _november(14), (_goods("80.00", "Wall sconce"),)),
    Case("shared-payment-a", "kit", _november(15), (_goods("40.00", "Lantern"),), paid=False),
    Case("shared-payment-b", "kit", _november(16), (_goods("60.00", "Candle tray"),), paid=False),
)
ORDERS = (*TAXED, *UNTAXED, *SKUS, *DATES_AND_TOTALS, *PEOPLE, *LINES, *MONEY)

# Two orders were deleted after the first twelve, before they had an invoice.
BEFORE_GAP = 12
GAP = 2


def order_number(place: int) -> int:
    """The id of the order at `place` (from 0) in the shop's history."""
    return 1001 + place + (GAP if place >= BEFORE_GAP else 0)


# What is peculiar about an order, and its id.
CASES: dict[str, str] = {case.name: str(order_number(n)) for n, case in enumerate(ORDERS)}


def _taxed(item: Item, rate: Decimal) -> Item:
    """A line as it is where the shop's tax is at this rate."""
    if item.kind != "TAX" or rate == VAT:
        return item
    return replace(item, price=(Decimal(item.price) * rate / VAT).quantize(Decimal("0.01")))


def fill_keap(keap: KeapSandbox, tax_rate: Decimal = VAT) -> None:
    """Put the shop's people, orders and payments into an empty account (Europe/London).

    The shop reckons its tax at `tax_rate` percent, in the account's currency.
    """
    people = add_people(keap)
    for place, case in enumerate(ORDERS):
        keap.add_order(
            id=order_number(place),
            invoice_id=1001 + place,
            contact_id=people[case.who],
            title=f"Wick & Wax {case.name}",
            order_time=case.order_time,
            creation_time=case.order_time,
            items=[_taxed(item, tax_rate) for item in case.items],
            **case.more,
        )
        if case.paid:
            order = keap.orders[CASES[case.name]]
            keap.add_payment(
                order_id=order.id,
                amount=order.total,
                time=case.order_time,
                entered_time=case.order_time,
            )
    add_money(keap, CASES)
