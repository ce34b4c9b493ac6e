"""The Keap order that an invoice of the ledger becomes (R14), as a function."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicesync_cli.model import (
    KeapProduct,
    LedgerId,
    LedgerSale,
    LineKind,
    NewOrder,
    Reason,
    SaleLine,
    marked_sale,
    money,
)
from invoicesync_cli.transform.orders import order_of
from invoicesync_cli.transform.verdicts import Held

ORGANISATION = "8f231a0e-862c-5260-9a0b-c3252637e5db"


def sale(*lines: SaleLine, tax: str = "0.00", total: str = "", **fields: object) -> LedgerSale:
    """An invoice of these lines, that adds up unless its total is given."""
    known = sum((line.net for line in lines), Decimal(tax))
    made = LedgerSale(
        id=LedgerId("5a40"),
        number="INV-7",
        date=dt.date(2026, 3, 29),
        currency="GBP",
        contact_id=LedgerId("c1"),
        contact="Jo",
        total=Decimal(total) if total else known,
        tax=Decimal(tax),
        approved=True,
        alive=True,
        lines=lines,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def order(
    found: LedgerSale, *products: KeapProduct, zone: str = "Europe/London", currency: str = "GBP"
) -> NewOrder:
    by_sku: dict[str, list[KeapProduct]] = {}
    for product in products:
        by_sku.setdefault(product.sku.casefold(), []).append(product)
    return order_of(found, by_sku, ZoneInfo(zone), currency, "Xero", ORGANISATION, [])


def line(net: str, quantity: str | None = "1", price: str | None = None, **more: str) -> SaleLine:
    each = net if price is None else price
    return SaleLine(
        Decimal(net),
        description=more.get("text", "Candle"),
        sku=more.get("sku", ""),
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=Decimal(each),
    )


@pytest.mark.parametrize(
    ("net", "quantity", "price", "held"),
    [
        ("20.00", "2", "10.00", (2, "10.00", "")),
        ("20.00", "2.0000", "10.0000", (2, "10.00", "")),
        ("26.65", "1.333", "19.99", (1, "26.65", "(1.333 x 19.99)")),
        ("0.05", "3", "0.0167", (1, "0.05", "(3 x 0.0167)")),
        ("18.00", "2", "10.00", (1, "18.00", "(2 x 10)")),
        ("0.00", "0", "10.00", (1, "0.00", "(0 x 10)")),
        ("0.00", None, "0.00", (1, "0.00", "")),
    ],
)
def test_what_keap_cannot_hold_is_one_piece_at_the_exact_value(
    net: str, quantity: str | None, price: str, held: tuple[int, str, str]
) -> None:
    (made,) = order(sale(line(net, quantity, price))).lines

    assert (made.quantity, str(made.price), made.description) == held


def test_the_day_stays_the_same_in_every_zone() -> None:
    for zone in ("Pacific/Auckland", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata"):
        made = order(sale(line("10.00")), zone=zone)
        assert made.time.astimezone(ZoneInfo(zone)).date() == dt.date(2026, 3, 29)


def test_tax_below_zero_lines_and_shipping_have_their_kinds() -> None:
    shipping = SaleLine(Decimal("4.00"), "", kind=LineKind.SHIPPING)
    made = order(sale(line("100.00"), line("-10.00"), shipping, tax="18.00"))

    assert [(one.type, one.name, str(one.price)) for one in made.lines] == [
        ("OTHER", "Candle", "100.00"),
        ("DISCOUNT", "Candle", "-10.00"),
        ("SHIPPING", "Shipping", "4.00"),
        ("TAX", "Tax", "18.00"),
    ]


@pytest.mark.parametrize(
    ("found", "currency", "reason"),
    [
        (sale(line("10.00"), total="10.01"), "GBP", Reason.TOTALS_DIFFER),
        (sale(line("10.00")), "USD", Reason.CURRENCY_DIFFERS),
        (sale(line("-10.00")), "GBP", Reason.NEGATIVE_TOTAL),
    ],
)
def test_what_keap_cannot_take_is_held(found: LedgerSale, currency: str, reason: Reason) -> None:
    with pytest.raises(Held) as caught:
        order(found, currency=currency)

    assert caught.value.reason is reason


def test_a_product_counts_when_it_is_the_only_active_one_or_is_called_so() -> None:
    red, blue = KeapProduct("1", "Red", "C", True), KeapProduct("2", "Blue", "c", True)
    old = KeapProduct("3", "Old", "C", False)

    assert order(sale(line("5.00", sku="c")), red, old).lines[0].product_id == "1"
    assert order(sale(line("5.00", sku="C", text="blue")), red, blue).lines[0].product_id == "2"
    assert order(sale(line("5.00", sku="C")), red, blue).lines[0].type == "OTHER"
    assert order(sale(line("5.00")), red).lines[0].type == "OTHER"


@given(
    st.lists(
        st.tuples(st.decimals("0.0001", "999", places=4), st.decimals("-999", "9999", places=4)),
        max_size=8,
    ),
    st.decimals("0", "500", places=2),
)
def test_any_order_comes_to_its_invoice_in_whole_pieces_and_cents(
    lines: list[tuple[Decimal, Decimal]], tax: Decimal
) -> None:
    found = sale(
        *(
            SaleLine(money(quantity * price), "X", quantity=quantity, unit_price=price)
            for quantity, price in lines
        ),
        tax=str(money(tax)),
    )
    if found.total < 0:
        return

    made = order(found)

    assert sum((one.price * one.quantity for one in made.lines), Decimal(0)) == found.total
    assert all(one.quantity >= 1 and one.price == money(one.price) for one in made.lines)


@pytest.mark.parametrize(
    "number", ["INV-7", "", "a, id b of c", "  7\n8 ", "Keap order 1, invoice 2"]
)
def test_the_marker_names_the_invoice_whatever_its_number_is(number: str) -> None:
    notes = order(sale(line("1.00"), number=number)).notes

    assert marked_sale(f"Somebody wrote this.\n{notes}\nAnd this.", "Xero", ORGANISATION) == "5a40"
    assert marked_sale(notes, "QuickBooks", ORGANISATION) is None
    assert marked_sale(notes, "Xero", "another") is None
