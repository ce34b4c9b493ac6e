"""Rule R4 as functions: what each line is worth, what it is called, and what it shows."""

from dataclasses import replace
from decimal import Decimal

import pytest

from invoicesync_cli.model import Decision, Line, LineKind
from invoicesync_cli.transform.lines import (
    as_amount,
    as_discount,
    extended,
    kind_of,
    quantity_and_price,
    take_apart,
    title,
)
from invoicesync_cli.transform.verdicts import Held
from tests.kits.keap_side import BOOK, CANDLE, MIXED, OFF, invoice, line, valued


@pytest.mark.parametrize(
    ("item_type", "kind"),
    [
        ("SHIPPING", LineKind.SHIPPING),
        ("TAX", LineKind.TAX),
        ("FINANCE_CHARGE", LineKind.FINANCE_CHARGE),
        ("DISCOUNT", LineKind.DISCOUNT),
        ("DISCOUNT_OF_2027", LineKind.DISCOUNT),
        ("NO_DISCOUNT", LineKind.PRODUCT),
        ("PRODUCT", LineKind.PRODUCT),
        ("FEE", LineKind.PRODUCT),
        ("", LineKind.PRODUCT),
    ],
)
def test_kinds_of_line(item_type: str, kind: LineKind) -> None:
    """R4: every DISCOUNT… is a discount, any kind not known yet a product."""
    assert kind_of(item_type) is kind


@pytest.mark.parametrize(
    ("price", "quantity", "value"),
    [("3.33", "3", "9.99"), ("-5", "2", "-10.00"), ("0.125", "1", "0.13"), ("1.5", "0", "0.00")],
)
def test_value_is_price_times_quantity_in_cents(price: str, quantity: str, value: str) -> None:
    """R4: rounded half up."""
    assert str(extended(line("PRODUCT", price, quantity))) == value


@pytest.mark.parametrize(
    ("price", "figure", "value"),
    [
        ("5", None, "-10.00"),
        ("-5", None, "-10.00"),
        ("5", Decimal(0), "-10.00"),
        ("5", Decimal("3.456"), "-3.46"),
        ("5", Decimal(-3), "-3.00"),
    ],
)
def test_discount_takes_off(price: str, figure: Decimal | None, value: str) -> None:
    """The invariant: −|discount|, or −|price × quantity| where there is no discount figure."""
    assert str(as_discount(line("DISCOUNT", price, "2", discount=figure))) == value


def test_order_is_taken_apart_into_goods_and_tax() -> None:
    """R4: in Keap's order; TAX lines become tax, a discount is negative."""
    taxes = (line("TAX", "5.00"), line("TAX", "7.50", "2"))
    found = take_apart(invoice(taxes[0], *MIXED, taxes[1]))
    assert [one.line for one in found.goods] == list(MIXED)
    assert [one.value for one in found.goods] == [100, 50, 8, 10, -5]
    assert [one.kind for one in found.goods] == [
        LineKind.PRODUCT,
        LineKind.PRODUCT,
        LineKind.SHIPPING,
        LineKind.FINANCE_CHARGE,
        LineKind.DISCOUNT,
    ]
    assert (found.tax, found.decisions) == (Decimal("20.00"), ())


def test_discount_that_adds_up_with_its_own_sign_is_reported() -> None:
    """The invariant: if that does not add up, as price × quantity with its own sign."""
    because = "the discount lines add up to Keap's total with the sign of their own price"
    note = Decision("lines", "105.00", "R4", because)
    found = take_apart(invoice(CANDLE, OFF, total=Decimal(105)))
    assert [one.value for one in found.goods] == [100, 5]
    assert found.decisions == (note,)
    gap = replace(CANDLE, gaps=("quantity 1",))
    reported = take_apart(invoice(gap, OFF, total=Decimal(105))).decisions
    assert reported == (note, Decision("line 7", "quantity 1", "R4", "Keap gave no value"))


def test_gaps_are_reported_line_by_line() -> None:
    """R4: what Keap gave no value for, and what was taken instead."""
    gaps = [replace(CANDLE, id="1", gaps=("a", "b")), replace(BOOK, id="2", gaps=("c",))]
    assert [(one.field, one.value) for one in take_apart(invoice(*gaps)).decisions] == [
        ("line 1", "a"),
        ("line 1", "b"),
        ("line 2", "c"),
    ]


def held(*lines: Line, total: str) -> Held:
    """Why an order of this total is held."""
    with pytest.raises(Held) as caught:
        take_apart(invoice(*lines, total=Decimal(total)))
    assert caught.value.reason == "totals-differ"
    return caught.value


def test_order_that_does_not_add_up_is_held_with_its_lines() -> None:
    """The invariant: if nothing adds up, hold with `totals-differ` and show the lines."""
    found = held(CANDLE, OFF, line("TAX", "19.00", name="VAT"), total="113.99")
    assert found.message == (
        "Keap's lines add up to 114.00 GBP, its total is 113.99 GBP: "
        "Candle 100.00 GBP; Candle -5.00 GBP; VAT 19.00 GBP."
    )
    assert found.hint == (
        "Open the order in Keap and correct its lines; the next sync looks at it again."
    )
    nothing = held(total="5")
    assert nothing.message == "Keap's lines add up to 0.00 GBP, its total is 5.00 GBP: no lines."


FRACTIONS = [
    # Keap says the fraction: the value is rounded once.
    (("74.9925", "3"), "224.98", "224.98"),
    (("0.125", "4"), "0.50", "0.50"),
    # Keap gives the price in whole cents, and the total tells the rest.
    (("74.99", "3"), "224.98", "224.98"),
    (("0.33", "100"), "33.33", "33.33"),
    (("74.99", "3"), "224.96", "224.96"),
]


@pytest.mark.parametrize(("price", "total", "value"), FRACTIONS)
def test_price_with_a_fraction_of_a_cent(price: tuple[str, str], total: str, value: str) -> None:
    """R4: the value of a line is price x quantity, rounded once, as Keap's own total has it."""
    found = take_apart(invoice(line("PRODUCT", *price), OFF, total=Decimal(total) - 5))
    assert [item.value for item in found.goods] == [Decimal(value), Decimal("-5.00")]


def test_fraction_that_only_the_total_tells_is_explained() -> None:
    """R4: why a line is not its price x quantity."""
    order = invoice(line("PRODUCT", "74.99", "3"), CANDLE, total=Decimal("324.98"))
    assert [(one.field, one.value, one.rule) for one in take_apart(order).decisions] == [
        ("line 7", "224.98", "R4")
    ]


def test_fractions_of_several_lines_go_by_their_pieces() -> None:
    """R4: by largest remainder, at most half a cent a piece."""
    lines = (line("PRODUCT", "1.00", "3"), line("PRODUCT", "2.00", "6"), CANDLE)
    found = take_apart(invoice(*lines, total=Decimal("115.03")))
    assert [str(item.value) for item in found.goods] == ["3.01", "12.02", "100.00"]


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        # More than half a cent a piece.
        ((line("PRODUCT", "74.99", "3"),), "224.99"),
        ((line("PRODUCT", "74.99", "3"), OFF), "209.97"),
        # A single piece is worth what its price says.
        ((CANDLE, OFF), "95.01"),
        # No price, no fraction of it; nor has tax, or what Keap left out.
        ((line("PRODUCT", "0.00", "9"), CANDLE), "100.01"),
        ((CANDLE, line("TAX", "1.00", "9")), "109.01"),
        ((line("PRODUCT", "74.99", "3", gaps=("no quantity",)),), "224.98"),
        ((CANDLE, line("DISCOUNT", "0.00", "9", discount=Decimal("5.00"))), "95.01"),
    ],
)
def test_difference_that_no_fraction_explains_is_held(lines: tuple[Line, ...], total: str) -> None:
    """The invariant: nothing else makes up for a difference."""
    held(*lines, total=total)


@pytest.mark.parametrize("lines", [(), (line("TAX", "5.00"),)])
def test_order_without_anything_to_book_is_held(lines: tuple[Line, ...]) -> None:
    """R4: taxes are no lines."""
    total = "5.00" if lines else "0.00"
    found = held(*lines, total=total)
    assert found.message == (
        f"The order has no line that could be booked, its total is {total} GBP."
    )
    assert found.hint == "Add a line to the order in Keap, or take it off the list."


@pytest.mark.parametrize(
    ("product", "name", "description", "shown"),
    [
        (" Pillar ", "Candle", "Burns", "Pillar"),
        (" ", "Candle ", "Burns", "Candle"),
        ("", "", " Burns", "Burns"),
        ("", " ", "", "Keap item 7"),
    ],
)
def test_title_of_a_line(product: str, name: str, description: str, shown: str) -> None:
    """R4: product name, else the line's name, else its description, else `Keap item <line id>`."""
    made = line("PRODUCT", "1", product_name=product, name=name, description=description)
    assert title(made) == shown


@pytest.mark.parametrize(
    ("price", "quantity", "kept", "counted"),
    [
        ("3.33", "3", True, ""),
        ("3.3333", "3", False, " (3 x 3.3333)"),
        ("2.5000", "3", True, ""),
        ("0.0001", "10000", True, ""),
        ("1.00005", "20000", False, " (20000 x 1.00005)"),
        ("5.00", "0", False, " (0 x 5.00)"),
        ("5.00", "-2", False, " (-2 x 5.00)"),
        ("5.00", "0.5", True, ""),
        ("0.125", "1", False, ""),
    ],
)
def test_quantity_and_price_are_kept_or_reported(
    price: str, quantity: str, kept: bool, counted: str
) -> None:
    """R4: kept when they multiply to the exact value at 4 decimals; else quantity 1 and words."""
    (one,) = valued(line("PRODUCT", price, quantity))
    figures = (Decimal(quantity), Decimal(price), "Candle")
    named = f"Candle{counted}"
    assert quantity_and_price(one, 4) == (figures if kept else (1, one.value, named))
    assert as_amount(one, 4, bare=False) == (figures if kept else (None, None, named))


def test_quantity_of_a_bare_line_is_reported_unless_it_is_one() -> None:
    """R4, QuickBooks `TaxInclusive`: quantity and price are left out."""
    one, three = valued(CANDLE, line("PRODUCT", "3.33", "3"))
    assert as_amount(one, 4, bare=True) == (None, None, "Candle")
    assert as_amount(three, 4, bare=True) == (None, None, "Candle (3 x 3.33)")


def test_places_are_the_ledgers() -> None:
    """R4: the exact value in what the ledger multiplies."""
    (one,) = valued(line("PRODUCT", "0.125", "8"))
    assert quantity_and_price(one, 3)[0] == 8
    assert quantity_and_price(one, 2)[0] == 1


def test_name_leaves_room_for_the_quantity() -> None:
    """R4: the original quantity is in the description, whatever a ledger cuts; 4,000 letters."""
    long, short = (
        line("PRODUCT", "3.3333", "3", product_name="W" * length) for length in (5000, 3900)
    )
    shown = "W" * 3900 + " (3 x 3.3333)"
    assert quantity_and_price(valued(long)[0], 4)[2] == shown
    assert quantity_and_price(valued(short)[0], 4)[2] == shown
