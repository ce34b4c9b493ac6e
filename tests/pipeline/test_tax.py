"""Rule R6 A: invoices that Keap taxed. The amount is Keap's; which lines bear it is found out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_invoices import amounts, booked, column, totals

TAXED, ZERO = "OUTPUT2", "ZERORATEDOUTPUT"


def product(price: str, quantity: int = 1) -> Item:
    """A product that Keap has flagged as taxable."""
    return Item("PRODUCT", price, quantity, name="Candle", taxable=True)


def book(price: str) -> Item:
    """A product that is not flagged."""
    return Item("PRODUCT", price, name="Book")


def shipping(price: str) -> Item:
    """A shipping line."""
    return Item("SHIPPING", price)


def charge(price: str) -> Item:
    """A finance charge."""
    return Item("FINANCE_CHARGE", price)


def discount(price: str) -> Item:
    """A discount of this much."""
    return Item("DISCOUNT", price)


@dataclass(frozen=True)
class Case:
    """An order with Keap's tax, the share of each line (None: bears none), and the base found."""

    items: Sequence[Item]
    tax: str
    shares: Sequence[str | None]
    base: str = ""


def check(rehearsal: Rehearsal, *cases: Case) -> None:
    """All the cases in one run: codes, shares, total and tax in Xero, and the base in the notes."""
    orders = {rehearsal.order(*case.items, Item("TAX", case.tax)): case for case in cases}
    assert {document.state for document in rehearsal.sync().documents} == {DocumentState.CREATED}
    for order, case in orders.items():
        invoice = rehearsal.booked(order)
        bearing = [TAXED if share is not None else ZERO for share in case.shares]
        assert column(invoice, "TaxType") == bearing, case
        assert column(invoice, "TaxAmount") == [Decimal(share or 0) for share in case.shares], case
        assert invoice["LineAmountTypes"] == "Exclusive"
        total = sum(column(invoice, "LineAmount"), Decimal(0)) + Decimal(case.tax)
        assert totals(invoice) == (total, Decimal(case.tax)), case
        assert not case.base or reported(rehearsal, order)[0] == f"R6.A base {case.base}", case


def reported(rehearsal: Rehearsal, order: str) -> tuple[str, str]:
    """Rule and grounds that were noted for the tax of an order."""
    with rehearsal.state() as state:
        decisions = state.records(DocumentKind.INVOICE, [order])[order].decided
    (tax,) = [decision for decision in decisions if decision.field == "tax"]
    return tax.rule, tax.because


@pytest.mark.parametrize("untaxed", ["exempt", "inclusive", "exclusive"])
def test_tax_that_keap_has_stays_as_it_is_in_every_mode(tmp_path: Path, untaxed: str) -> None:
    """R6 A, the first example: 100 taxable + 20.00 → 100 + 20 (also in exclusive mode)."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": untaxed})
    check(rehearsal, Case([product("100.00")], "20.00", ["20.00"], "1"))


def test_worked_examples(tmp_path: Path) -> None:
    """R6 A, the worked examples at 20 %."""
    check(
        Rehearsal(tmp_path),
        Case([product("100"), discount("10")], "18.00", ["20.00", "-2.00"], "1"),
        Case([product("100"), discount("10")], "20.00", ["20.00", None], "2"),
        Case([product("100"), book("50")], "20.00", ["20.00", None], "1"),
        Case([product("100"), shipping("8")], "21.60", ["20.00", "1.60"], "3"),
        Case([product("3.33")] * 3, "2.00", ["0.67", "0.67", "0.66"], "1"),
    )


def test_tax_at_another_rate_is_kept_and_explained(tmp_path: Path) -> None:
    """R6 A, the last example: 100 taxable with 8.25 (≠ 20 %) → 100 + 8.25, explained."""
    rehearsal = Rehearsal(tmp_path)
    check(rehearsal, Case([product("100.00")], "8.25", ["8.25"], "1, no fit"))
    (order,) = rehearsal.keap.orders
    because = reported(rehearsal, order)[1]
    assert "8.25" in because
    assert "20 %" in because


MIXED = [product("100"), book("50"), shipping("8"), charge("10"), discount("5")]


def test_tax_tells_which_lines_bear_it(tmp_path: Path) -> None:
    """R6 A: the bases 1 to 4 and 9 to 11, finance charges left alone."""
    check(
        Rehearsal(tmp_path),
        Case(MIXED, "19.00", ["20.00", None, None, None, "-1.00"], "1"),
        Case(MIXED, "20.00", ["20.00", None, None, None, None], "2"),
        Case(MIXED, "20.60", ["20.00", None, "1.60", None, "-1.00"], "3"),
        Case(MIXED, "21.60", ["20.00", None, "1.60", None, None], "4"),
        Case(MIXED, "29.00", ["20.00", "10.00", None, None, "-1.00"], "9"),
        Case(MIXED, "30.00", ["20.00", "10.00", None, None, None], "10"),
        Case(MIXED, "30.60", ["20.00", "10.00", "1.60", None, "-1.00"], "11"),
    )


def test_finance_charge_bears_tax_if_it_is_to(tmp_path: Path) -> None:
    """R6 A: bases 5 to 8, and base 11 with finance charges, only if `tax_finance_charges`."""
    check(
        Rehearsal(tmp_path, **{"tax.tax_finance_charges": True}),
        Case(MIXED, "19.00", ["20.00", None, None, None, "-1.00"], "1"),
        Case(MIXED, "21.00", ["20.00", None, None, "2.00", "-1.00"], "5"),
        Case(MIXED, "22.00", ["20.00", None, None, "2.00", None], "6"),
        Case(MIXED, "22.60", ["20.00", None, "1.60", "2.00", "-1.00"], "7"),
        Case(MIXED, "23.60", ["20.00", None, "1.60", "2.00", None], "8"),
        Case(MIXED, "32.60", ["20.00", "10.00", "1.60", "2.00", "-1.00"], "11"),
    )


def test_finance_charge_bears_no_tax_unless_it_is_to(tmp_path: Path) -> None:
    """R6: with `tax_finance_charges = false` they get the zero-tax code in every mode.

    No base fits then, so the flagged product and the discount bear the tax.
    """
    check(
        Rehearsal(tmp_path),
        Case(MIXED, "21.00", ["22.11", None, None, None, "-1.11"], "1, no fit"),
        Case(MIXED, "22.00", ["23.16", None, None, None, "-1.16"], "1, no fit"),
        Case(MIXED, "32.60", ["34.32", None, None, None, "-1.72"], "1, no fit"),
    )


def test_first_base_that_fits_is_taken(tmp_path: Path) -> None:
    """R6 A: the first of the bases. Here 100 of shipping would fit as well as 100 of candles."""
    items = [product("100"), discount("100"), shipping("100")]
    check(Rehearsal(tmp_path), Case(items, "20.00", ["20.00", None, None], "2"))


def test_base_fits_within_half_a_cent_for_each_of_its_lines(tmp_path: Path) -> None:
    """R6 A: within half a cent per line of the base, the limit included."""
    items = [product("50"), product("50"), book("0.06")]
    check(
        Rehearsal(tmp_path),
        Case(items, "20.00", ["10.00", "10.00", None], "1"),
        Case(items, "20.01", ["10.01", "10.00", None], "1"),
        Case(items, "19.99", ["10.00", "9.99", None], "1"),
        Case(items, "20.02", ["10.01", "10.00", "0.01"], "9"),
        Case(items, "20.04", ["10.02", "10.02", None], "1, no fit"),
    )


def test_line_without_a_product_counts_as_not_flagged(tmp_path: Path) -> None:
    """R6: a taxable flag is a product's; a line without one bears no tax of base 1."""
    service = Item("SERVICE", "50", name="Wick trimming", taxable=True)
    check(Rehearsal(tmp_path), Case([product("100"), service], "20.00", ["20.00", None], "1"))


def test_tax_without_any_flagged_product(tmp_path: Path) -> None:
    """R6 A: bases 9 to 11; if none fits, base 9 when no product is flagged, and it is said."""
    three = [book("100"), shipping("8"), discount("10")]
    check(
        Rehearsal(tmp_path),
        Case([book("100"), discount("10")], "18.00", ["20.00", "-2.00"], "9"),
        Case([book("100"), discount("10")], "20.00", ["20.00", None], "10"),
        Case([book("100"), shipping("8")], "21.60", ["20.00", "1.60"], "11"),
        Case(three, "5.00", ["5.56", None, "-0.56"], "9, no fit"),
    )


def test_base_that_cannot_bear_the_tax_leaves_it_to_positive_lines(tmp_path: Path) -> None:
    """R6 A: a base of zero or of the other sign; the amount of tax is Keap's in every case."""
    zero = [product("100"), discount("100"), shipping("10")]
    negative = [product("60"), product("40"), discount("150"), book("99")]
    worthless = [product("0"), shipping("5"), discount("5"), book("1")]
    both = [product("5"), shipping("5"), discount("10"), book("1")]
    returned = [product("-20"), book("100"), shipping("4")]
    check(
        Rehearsal(tmp_path),
        # Base 1 comes to zero or is negative, base 3 to zero: positive product lines only.
        Case(zero, "3.00", ["3.00", None, None], "1, no fit"),
        Case(negative, "7.00", ["4.20", "2.80", None, None], "1, no fit"),
        Case(both, "0.01", ["0.01", None, None, None], "3"),
        # Base 3 comes to zero and has no product worth anything: all its positive lines.
        Case(worthless, "0.01", [None, "0.01", None, None], "3"),
        # Base 1 has no positive line, base 9 no line at all: all positive lines of the invoice.
        Case(returned, "13.00", [None, "12.50", "0.50"], "1, no fit"),
        Case([shipping("10"), charge("5")], "9.00", ["6.00", "3.00"], "9, no fit"),
    )


def test_several_tax_lines_are_one_tax(tmp_path: Path) -> None:
    """R6: Keap's tax is the sum of its TAX lines."""
    taxes = [Item("TAX", "5.00", name="City"), Item("TAX", "7.50", 2, name="State")]
    invoice = booked(Rehearsal(tmp_path), product("100"), *taxes)
    assert column(invoice, "TaxAmount") == amounts("20.00")
    assert totals(invoice) == (Decimal(120), Decimal(20))


def test_cents_go_to_the_largest_remainder_and_then_to_the_first_line(tmp_path: Path) -> None:
    """R6 A: in proportion, floored to cents, the remaining cents by largest remainder."""
    cases = [
        (["10", "10", "10"], "6.01", ["2.01", "2.00", "2.00"]),
        (["10", "10", "10"], "6.02", ["2.01", "2.01", "2.00"]),
        (["0.01", "0.01", "99.98"], "20.00", ["0.00", "0.00", "20.00"]),
        (["1", "2", "4"], "1.40", ["0.20", "0.40", "0.80"]),
        (["1", "2", "4"], "1.41", ["0.20", "0.40", "0.81"]),
        (["5", "1", "5"], "2.21", ["1.01", "0.20", "1.00"]),
    ]
    orders = [Case([product(one) for one in prices], tax, due) for prices, tax, due in cases]
    check(Rehearsal(tmp_path), *orders)


def test_tax_of_a_line_with_a_quantity_is_keaps(tmp_path: Path) -> None:
    """R6 A: 7 × 3.33 is taxed 4.66 by Xero alone; 4.67 at Keap stays 4.67."""
    seven = [product("3.33", 7)]
    check(Rehearsal(tmp_path), Case(seven, "4.66", ["4.66"]), Case(seven, "4.67", ["4.67"]))


def test_tax_that_no_line_could_bear_is_held(tmp_path: Path) -> None:
    """R6 A: no positive line on the whole invoice, so the figures are shown and nothing is sent."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(Item("PRODUCT", "0.00", name="Gift"), Item("TAX", "5.00"))

    result = rehearsal.sync()

    (document,) = result.documents
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "5.00" in document.message
    assert document.hint
    assert rehearsal.numbers() == []
