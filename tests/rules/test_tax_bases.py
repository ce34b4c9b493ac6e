"""Rule R6 A as functions: which lines bear Keap's tax, and how much each."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from invoicesync_cli.model import Line
from invoicesync_cli.transform.cents import share
from invoicesync_cli.transform.tax import (
    TaxBase,
    added,
    base_without_rate,
    find_base,
    inside,
)
from invoicesync_cli.transform.verdicts import Held
from tests.kits.keap_side import BOOK, CANDLE, CHARGE, MIXED, OFF, POST, line, valued


def base(
    lines: Sequence[Line], tax: str, *, rate: str = "20", finance_charges: bool = False
) -> TaxBase:
    """The base of an order with this tax."""
    return find_base(valued(*lines), Decimal(tax), Decimal(rate), finance_charges)


@pytest.mark.parametrize(
    ("tax", "charges", "number", "name", "chosen", "value"),
    [
        ("19.00", False, 1, "flagged products + discounts", (0, 4), "95.00"),
        ("20.00", False, 2, "flagged products", (0,), "100.00"),
        ("20.60", False, 3, "flagged products + shipping + discounts", (0, 2, 4), "103.00"),
        ("21.60", False, 4, "flagged products + shipping", (0, 2), "108.00"),
        (
            "21.00",
            True,
            5,
            "flagged products + discounts + finance charges",
            (0, 3, 4),
            "105.00",
        ),
        ("22.00", True, 6, "flagged products + finance charges", (0, 3), "110.00"),
        (
            "22.60",
            True,
            7,
            "flagged products + shipping + discounts + finance charges",
            (0, 2, 3, 4),
            "113.00",
        ),
        (
            "23.60",
            True,
            8,
            "flagged products + shipping + finance charges",
            (0, 2, 3),
            "118.00",
        ),
        ("29.00", True, 9, "all products + discounts", (0, 1, 4), "145.00"),
        ("30.00", True, 10, "all products", (0, 1), "150.00"),
        ("30.60", False, 11, "all lines", (0, 1, 2, 4), "153.00"),
        ("32.60", True, 11, "all lines", (0, 1, 2, 3, 4), "163.00"),
    ],
)
def test_bases_in_their_order(
    tax: str, charges: bool, number: int, name: str, chosen: tuple[int, ...], value: str
) -> None:
    """R6 A: the eleven bases, 5 to 8 only with `tax_finance_charges`, each told by its name."""
    because = f"{name}: {value} at 20 % gives Keap's tax of {tax}"
    expected = TaxBase(chosen, f"R6.A base {number}", because)
    assert base(MIXED, tax, finance_charges=charges) == expected


@pytest.mark.parametrize("tax", ["21.00", "22.00", "22.60", "23.60", "32.60"])
def test_finance_charges_stay_out_unless_they_are_taxed(tax: str) -> None:
    """R6 A: no base fits then; base 1 bears the tax and it is said."""
    because = (
        f"no base gives Keap's tax of {tax} at 20 %, so flagged products + discounts bear it; "
        "the amount is Keap's all the same"
    )
    assert base(MIXED, tax) == TaxBase((0, 4), "R6.A base 1, no fit", because)


def test_without_flagged_products_base_nine_is_used() -> None:
    """R6 A: base 9 when no product is flagged; another kind's flag is none."""
    service = replace(POST, taxable=True)
    because = (
        "no base gives Keap's tax of 7.00 at 20 %, so all products + discounts bear it; "
        "the amount is Keap's all the same"
    )
    expected = TaxBase((1, 2), "R6.A base 9, no fit", because)
    assert base((service, BOOK, OFF), "7.00") == expected


@pytest.mark.parametrize(
    ("tax", "rule"),
    [
        ("20.00", "R6.A base 1"),
        ("20.01", "R6.A base 1"),
        ("19.99", "R6.A base 1"),
        ("20.02", "R6.A base 1, no fit"),
        ("19.98", "R6.A base 1, no fit"),
    ],
)
def test_base_fits_within_half_a_cent_for_each_line(tax: str, rule: str) -> None:
    """R6 A: here two lines, so one cent, the limit included."""
    halves = (line("PRODUCT", "50.00"), line("PRODUCT", "50.00"))
    assert base(halves, tax).rule == rule


@pytest.mark.parametrize(
    ("price", "tax", "fits"),
    [
        ("0.50", "0.09", True),
        ("0.50", "0.08", True),
        ("0.97", "0.17", False),
        ("0.97", "0.16", True),
    ],
)
def test_base_of_one_line_fits_within_half_a_cent(price: str, tax: str, fits: bool) -> None:
    """R6 A: at 17 % there are 0.085 on 0.50, 0.1649 on 0.97."""
    rule = "R6.A base 1" if fits else "R6.A base 1, no fit"
    assert base((line("PRODUCT", price),), tax, rate="17").rule == rule


def test_rate_that_is_not_the_ledgers_fits_no_base() -> None:
    """R6 A, the last example: 100 taxable with 8.25 at 20 %; at 8.25 % it is base 1."""
    assert base((CANDLE,), "8.25").rule == "R6.A base 1, no fit"
    fits = base((CANDLE,), "8.25", rate="8.2500")
    because = "flagged products + discounts: 100.00 at 8.2500 % gives Keap's tax of 8.25"
    assert (fits.rule, fits.because) == ("R6.A base 1", because)
    assert " at 10 % " in base((CANDLE,), "10", rate="10").because


@pytest.mark.parametrize(
    ("lines", "tax", "chosen", "why"),
    [
        # Base 1 of zero: its positive product line.
        ((CANDLE, line("DISCOUNT", "100"), POST), "3.00", (0,), "0.00, so its positive product"),
        # Base 1 negative: its positive product lines, no unflagged one.
        (
            (BOOK, CANDLE, line("DISCOUNT", "150"), line("PRODUCT", "0")),
            "7.00",
            (1,),
            "-50.00, so its positive product",
        ),
        # Base 3 of zero without a product worth anything: all its positive lines.
        (
            (line("PRODUCT", "0"), line("SHIPPING", "5"), OFF, BOOK),
            "0.01",
            (1,),
            "0.00, so its positive lines",
        ),
        # No positive line in base 1: all positive lines of the invoice.
        (
            (line("PRODUCT", "-20"), BOOK, POST),
            "13.00",
            (1, 2),
            "-20.00, so all positive lines",
        ),
    ],
)
def test_base_that_cannot_bear_the_tax_leaves_it_to_positive_lines(
    lines: tuple[Line, ...], tax: str, chosen: tuple[int, ...], why: str
) -> None:
    """R6 A: positive product lines, else all positive lines of it, else all of the invoice."""
    found = base(lines, tax)
    assert found.lines == chosen
    which = " lines" if why.endswith("product") else ""
    assert found.because.endswith(f"; it comes to {why}{which} bear the tax")


def test_negative_tax_on_a_negative_base_stays() -> None:
    """R6 A: the base's sign is the tax's."""
    returned = (line("PRODUCT", "-100"), line("PRODUCT", "300", taxable=False))
    assert base(returned, "-20.00") == TaxBase(
        (0,),
        "R6.A base 1",
        "flagged products + discounts: -100.00 at 20 % gives Keap's tax of -20.00",
    )
    assert base(returned, "20.00").lines == (1,)


@pytest.mark.parametrize("without_rate", [False, True])
def test_tax_that_no_line_could_bear_is_held(without_rate: bool) -> None:
    """R6 A: nothing is positive on the whole invoice."""
    free = valued(line("PRODUCT", "0.00"))
    with_rate = partial(find_base, rate=Decimal(20), finance_charges=True)
    find = base_without_rate if without_rate else with_rate
    with pytest.raises(Held) as caught:
        find(free, Decimal("5.00"))
    found = caught.value
    assert found.reason == "totals-differ"
    assert found.message == "Keap has tax of 5.00 on this order, but no line that could bear it."
    assert found.hint == "Correct the order's lines in Keap; the next sync looks at it again."


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (MIXED, TaxBase((0, 4), "R6 base 1", "flagged products + discounts bear it; {}")),
        (MIXED[1:], TaxBase((0, 3), "R6 base 9", "all products + discounts bear it; {}")),
        (
            (POST, CHARGE),
            TaxBase(
                (0, 1),
                "R6 base 9",
                "all products + discounts bear it; {}; it comes to 0.00, so all positive lines "
                "bear the tax",
            ),
        ),
    ],
)
def test_base_without_a_rate(lines: tuple[Line, ...], expected: TaxBase) -> None:
    """R6, QuickBooks, United States: base 1, or base 9 when no product is flagged."""
    because = expected.because.format("the amount is Keap's")
    assert base_without_rate(valued(*lines), Decimal(7)) == replace(expected, because=because)


# --- shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tax", "values", "expected"),
    [
        ("2.00", ["3.33", "3.33", "3.33"], ["0.67", "0.67", "0.66"]),
        ("18.00", ["100", "-10"], ["20.00", "-2.00"]),
        ("6.01", ["10", "10", "10"], ["2.01", "2.00", "2.00"]),
        ("1.41", ["1", "2", "4"], ["0.20", "0.40", "0.81"]),
        ("0.02", ["1", "1", "100"], ["0.00", "0.00", "0.02"]),
        ("2.21", ["5", "1", "5"], ["1.01", "0.20", "1.00"]),
        ("-20.00", ["-100"], ["-20.00"]),
        ("-0.01", ["-1", "-1"], ["0.00", "-0.01"]),
        ("0.00", ["1", "2"], ["0.00", "0.00"]),
    ],
)
def test_tax_is_shared_to_the_cent(tax: str, values: list[str], expected: list[str]) -> None:
    """R6 A: floored to cents, the rest by largest remainder, ties to the first line."""
    shares = share(Decimal(tax), [Decimal(value) for value in values])
    assert [str(part) for part in shares] == expected


@pytest.mark.parametrize(
    ("value", "rate", "on_top", "within"),
    [
        ("100", "20", "20.00", "16.67"),
        ("120", "20", "24.00", "20.00"),
        ("49.99", "15", "7.50", "6.52"),
        ("-10", "20", "-2.00", "-1.67"),
        ("0.025", "20", "0.01", "0.00"),
        ("10", "0", "0.00", "0.00"),
    ],
)
def test_tax_on_top_and_inside(value: str, rate: str, on_top: str, within: str) -> None:
    """R6 B, the examples: 100 + 20; 120 incl. 20; 49.99 incl. 6.52 at 15 %."""
    assert str(added(Decimal(value), Decimal(rate))) == on_top
    assert str(inside(Decimal(value), Decimal(rate))) == within
