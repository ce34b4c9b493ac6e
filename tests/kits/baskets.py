"""Made-up orders for the properties: every kind of line, amount, tax, flag and discount."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from hypothesis import assume, reject
from hypothesis import strategies as st

from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.model import (
    Draft,
    Invoice,
    Payment,
)
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Held
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import Item, KeapSandbox, KeapSwitches
from invoicesync_sandbox.keap.order_views import ORDER
from invoicesync_sandbox.keap.switches import DiscountStyle
from invoicesync_sandbox.wire import to_json

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
RATES = tuple(Decimal(rate) for rate in ("20", "15", "10", "8.25", "0"))
ZERO, CENT = Decimal(0), Decimal("0.01")
PRODUCTS = ["PRODUCT", "UPSELL", "SERVICE", "SUBSCRIPTION", "PROGRAM", "OTHER", "TIP", "FEE"]
PRODUCTS += ["UNKNOWN", "BUNDLE_OF_2027"]
DISCOUNTS = ["DISCOUNT", "DISCOUNT_ORDER_TOTAL", "DISCOUNT_PRODUCT", "DISCOUNT_PRODUCT_CATEGORY"]
DISCOUNTS += ["DISCOUNT_SHIPPING", "DISCOUNT_FREE_TRIAL"]
KINDS = PRODUCTS * 3 + DISCOUNTS + ["SHIPPING", "FINANCE_CHARGE"] * 3


@dataclass(frozen=True)
class Basket:
    """An order that somebody could have entered: its lines, its TAX lines, the way of discounts."""

    goods: tuple[Item, ...]
    taxes: tuple[Item, ...]
    style: DiscountStyle

    @property
    def items(self) -> tuple[Item, ...]:
        """All lines, TAX lines last."""
        return self.goods + self.taxes

    @property
    def net(self) -> Decimal:
        """What the lines come to without tax."""
        return sum((worth(item) for item in self.goods), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """What Keap says that the tax is."""
        return sum((Decimal(item.price) for item in self.taxes), Decimal(0))


def half_up(amount: Decimal) -> Decimal:
    """In whole cents, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def worth(item: Item) -> Decimal:
    """What a line adds to its order."""
    if item.kind.startswith("DISCOUNT"):
        whole = item.discount if item.discount is not None else item.price * item.quantity
        return -abs(Decimal(whole))
    return Decimal(item.price) * item.quantity


prices = st.one_of(
    st.decimals("0.01", "99999.99", places=2),
    st.decimals("0.01", "9.99", places=2),
    st.sampled_from([Decimal(text) for text in ("0.01", "3.33", "49.99", "99999.99", "100.00")]),
)
quantities = st.one_of(st.integers(1, 4), st.integers(1, 1000))


@st.composite
def lines(draw: st.DrawFn) -> Item:
    """One line of any kind but TAX."""
    kind = draw(st.sampled_from(KINDS))
    price, quantity = draw(prices), draw(quantities)
    if not kind.startswith("DISCOUNT"):
        name = draw(st.sampled_from(("Candle", "Book", "Wax", "")))
        asked = draw(st.sampled_from((price, price, price, Decimal(0))))
        return Item(kind, asked, quantity, name=name, taxable=draw(st.booleans()))
    if draw(st.booleans()):
        return Item(kind, Decimal(0), quantity, name="Sale", discount=draw(prices))
    return Item(kind, -price if draw(st.booleans()) else price, min(quantity, 3), name="Sale")


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    """An order of one to eight lines, untaxed, taxed at a rate on some of its lines, or oddly."""
    goods = tuple(draw(st.lists(lines(), min_size=1, max_size=8)))
    rate = draw(st.sampled_from(RATES))
    bearing = draw(st.sets(st.sampled_from(range(len(goods)))))
    base = sum((worth(goods[place]) for place in bearing), Decimal(0))
    tax = draw(
        st.one_of(
            st.just(half_up(base * rate / 100)),
            st.just(sum((half_up(worth(goods[at]) * rate / 100) for at in bearing), Decimal(0))),
            st.sampled_from((Decimal(0), CENT, Decimal("8.25"))),
            st.decimals("0.01", "9999.99", places=2),
        )
    )
    first = draw(st.sampled_from((tax, half_up(tax / 3))))
    taxes = [Item("TAX", part) for part in (first, tax - first) if part]
    style = draw(st.sampled_from(get_args(DiscountStyle)))
    return Basket(goods, tuple(taxes), style)


def as_read(basket: Basket) -> Invoice:
    """The order as Keap gives it and the tool reads it."""
    keap = KeapSandbox(Clock(NOON), KeapSwitches(discount_style=basket.style))
    person = keap.add_contact(given_name="Ida", family_name="Quill")
    order = keap.add_order(contact_id=person, order_time=NOON, items=basket.items)
    row = json.loads(to_json(ORDER.view(keap, order)), parse_float=Decimal)
    return readers.invoice(readers.read(schemas.OrderRow, row))


def kept(goods: Sequence[Item]) -> list[Decimal]:
    """What each line is worth, in order."""
    return [worth(item) for item in goods]


def drafted(basket: Basket, rules: DraftSettings, *payments: Payment) -> Draft:
    """The draft of an order that is sent; one that is held has to have the right reason."""
    # Less than nothing to pay is found out before a draft is made.
    assume(basket.net + basket.tax >= ZERO)
    draft, reason = None, ""
    try:
        draft = make_draft(as_read(basket), payments, rules, [])
    except Held as held:
        reason = held.reason
    assert draft or reason == expected_reason(basket, rules.config.tax.untaxed_invoices)
    return draft or reject()


def expected_reason(basket: Basket, untaxed: str) -> str:
    """Why an order may be held: less than nothing to pay, or nothing that could bear its tax."""
    if basket.net + basket.tax < ZERO or (untaxed == "exclusive" and not basket.tax):
        return "negative-total"
    nothing = not any(value > ZERO for value in kept(basket.goods))
    return "totals-differ" if basket.tax and nothing else "none"
