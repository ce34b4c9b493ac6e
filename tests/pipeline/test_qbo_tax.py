"""Rule R6 in QuickBooks outside the United States: codes, modes, and tax that is stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.qbo_company import (
    all_created,
    amounts,
    book,
    charge,
    decisions,
    discount,
    invoice_of,
    product,
    quickbooks,
    sent,
    shipping,
    tax,
    tax_names,
    totals,
)
from tests.kits.rehearsal import only

TAXED, FREE = "20.0% S", "0.0% Z"
MIXED = (product("100"), book("50"), shipping("8"), charge("10"), discount("5"))


@dataclass(frozen=True)
class Case:
    """An order with Keap's tax, the lines (by place) that bear it, and the base found."""

    items: Sequence[Item]
    tax: str
    bearing: Sequence[int]
    base: str
    stated: bool = False
    """Whether Keap's amount had to be stated, because QuickBooks comes to another."""


CASES = [
    # The table of R6 A.
    Case([product("100")], "20.00", [0], "1"),
    Case([product("100"), discount("10")], "18.00", [0, 1], "1"),
    Case([product("100"), discount("10")], "20.00", [0], "2"),
    Case([product("100"), book("50")], "20.00", [0], "1"),
    Case([product("100"), shipping("8")], "21.60", [0, 1], "3"),
    Case([product("3.33")] * 3, "2.00", [0, 1, 2], "1"),
    # Keap worked it out line by line, a cent more than QuickBooks does.
    Case([product("3.33")] * 3, "2.01", [0, 1, 2], "1", stated=True),
    Case([product("3.33")] * 3, "1.99", [0, 1, 2], "1", stated=True),
    # Which lines bear it.
    Case(MIXED, "19.00", [0, 4], "1"),
    Case(MIXED, "20.00", [0], "2"),
    Case(MIXED, "20.60", [0, 2, 4], "3"),
    Case(MIXED, "21.60", [0, 2], "4"),
    Case(MIXED, "29.00", [0, 1, 4], "9"),
    Case(MIXED, "30.00", [0, 1], "10"),
    Case(MIXED, "30.60", [0, 1, 2, 4], "11"),
    # No base gives it: base 1, or 9 without a flag. A cent off is within what QuickBooks takes.
    Case([product("100"), book("50")], "20.50", [0], "1, no fit", stated=True),
    Case([book("50"), discount("5")], "9.50", [0, 1], "9, no fit", stated=True),
    # Nothing left of the base: its positive products bear it.
    Case([product("100"), discount("100"), book("50")], "0.40", [0], "1, no fit", stated=True),
]


def net_of(case: Case) -> Decimal:
    """What the lines come to without tax."""
    return sum(
        (Decimal(item.price) * (-1 if item.kind == "DISCOUNT" else 1) for item in case.items),
        Decimal(0),
    )


def by_items(home: Path, **settings: Any) -> Any:
    """A company where discounts and shipping are items, so that lines stand in Keap's order."""
    named = {"qbo.discount_item": "Discount", "qbo.shipping_item": "Postage"}
    return quickbooks(home, **named, **settings)


@pytest.mark.parametrize("untaxed", ["exempt", "inclusive", "exclusive"])
def test_tax_of_keap_is_kept_in_every_mode(tmp_path: Path, untaxed: str) -> None:
    """R6 A: codes, total and tax of each order; the amount is Keap's and the rest is QuickBooks'
    own, unless its own sum would differ."""
    rehearsal = by_items(tmp_path, **{"tax.untaxed_invoices": untaxed})
    rehearsal.qbo.switches = QboSwitches(tax_override_tolerance=None)
    person = rehearsal.person()
    orders = {rehearsal.order(*case.items, tax(case.tax), contact=person): case for case in CASES}
    assert all_created(rehearsal.sync())
    for order, case in orders.items():
        invoice = invoice_of(rehearsal, order)
        codes = [TAXED if place in case.bearing else FREE for place in range(len(case.items))]
        assert tax_names(rehearsal, invoice) == codes, case
        assert totals(invoice) == (f"{net_of(case) + Decimal(case.tax):.2f}", case.tax), case
        assert invoice.tax_overridden == case.stated, case
        assert invoice.calculation == "TaxExcluded"
        assert decisions(rehearsal, order)["tax"][1] == f"R6.A base {case.base}", case


def test_tax_is_only_stated_where_quickbooks_would_come_to_another(tmp_path: Path) -> None:
    """R6: an override that is not needed would mark the invoice for nothing; one that is has
    the rate, its net and Keap's amount."""
    rehearsal = quickbooks(tmp_path)
    own = sent(rehearsal, product("3.33"), product("3.33"), product("3.33"), tax("2.00"))
    assert [line.delta for line in own.tax_lines] == [None]
    stated = sent(rehearsal, product("3.33"), product("3.33"), product("3.33"), tax("2.01"))
    (line,) = stated.tax_lines
    assert (line.amount, line.net, line.delta) == (
        Decimal("2.01"),
        Decimal("9.99"),
        Decimal("0.01"),
    )


def test_tax_at_another_rate_is_kept_or_reported(tmp_path: Path) -> None:
    """R6 A, the last example: 100 taxable with 8.25. How far QuickBooks lets a stated tax be from
    its own sum is not known: it is as Keap says, or held with what to set."""
    lenient, strict = (quickbooks(tmp_path / name) for name in ("lenient", "strict"))
    lenient.qbo.switches = QboSwitches(tax_override_tolerance=None)
    for rehearsal in (lenient, strict):
        rehearsal.order(product("100"), tax("8.25"))
    assert only(lenient.sync()).state is DocumentState.CREATED
    assert totals(invoice_of(lenient, "1001")) == ("108.25", "8.25")
    because = decisions(lenient, "1001")["tax"][2]
    assert "8.25" in because
    assert "20 %" in because
    document = only(strict.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "tax-code-unknown")
    assert "qbo.taxable_code" in document.hint


def test_tax_that_quickbooks_works_out_anew_is_not_hidden(tmp_path: Path) -> None:
    """The invariant: a difference is `totals-differ` with both figures."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.switches = QboSwitches(tax_override_beyond="recompute")
    rehearsal.order(product("100"), tax("8.25"))
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "120.00" in document.message
    assert "108.25" in document.message


def test_finance_charges_bear_tax_only_if_they_are_to(tmp_path: Path) -> None:
    """R6 A: bases 5 to 8 and the charges of base 11."""
    rehearsal = by_items(tmp_path, **{"tax.tax_finance_charges": True})
    cases = {"21.00": [0, 3, 4], "22.00": [0, 3], "22.60": [0, 2, 3, 4], "23.60": [0, 2, 3]}
    cases["32.60"] = [0, 1, 2, 3, 4]
    orders = {rehearsal.order(*MIXED, tax(amount)): places for amount, places in cases.items()}
    assert all_created(rehearsal.sync())
    for order, places in orders.items():
        codes = [TAXED if place in places else FREE for place in range(5)]
        assert tax_names(rehearsal, invoice_of(rehearsal, order)) == codes


# --- B: untaxed invoices --------------------------------------------------------------------------


def test_exempt_is_the_same_without_tax(tmp_path: Path) -> None:
    """R6 B, S17: 100 → 100, tax 0, whatever is flagged; every line has the zero-tax code."""
    rehearsal = quickbooks(tmp_path)
    invoice = sent(rehearsal, product("100"), shipping("8"), discount("3"))
    assert totals(invoice) == ("105.00", "0.00")
    assert set(tax_names(rehearsal, invoice)) == {FREE}
    assert not invoice.tax_overridden


@pytest.mark.parametrize(
    ("rate", "price", "inside"),
    [("20", "120.00", "20.00"), ("15", "49.99", "6.52"), ("20", "49.99", "8.33")],
)
def test_inclusive_has_the_tax_inside(tmp_path: Path, rate: str, price: str, inside: str) -> None:
    """R6 B, S18: the same total; 20 %: 120 incl. 20; 15 %: 49.99 incl. 6.52."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "inclusive"})
    if rate != "20":
        rehearsal.qbo.add_tax_code("15.0% S", rate)
        rehearsal.configure({"qbo.taxable_code": "15.0% S"})
    invoice = sent(rehearsal, product(price))
    assert totals(invoice) == (price, inside)
    assert invoice.calculation == "TaxInclusive"
    (line,) = invoice.lines
    assert (line.amount, line.gross) == (Decimal(price) - Decimal(inside), Decimal(price))


@pytest.mark.parametrize("added", ["net", "gross"])
def test_inclusive_nets_and_tax_are_the_total_however_it_is_added(
    tmp_path: Path, added: Any
) -> None:
    """R6 B: whether QuickBooks adds up net amounts and tax or what includes it is not known."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "inclusive"})
    rehearsal.qbo.switches = QboSwitches(inclusive_total=added)
    invoice = sent(
        rehearsal, product("3.33"), product("3.33", 7), product("0.01"), discount("0.05")
    )
    assert totals(invoice) == ("26.60", "4.43")
    assert [f"{line.gross:.2f}" for line in invoice.lines] == ["3.33", "23.31", "0.01", "-0.05"]


def test_exclusive_adds_tax(tmp_path: Path) -> None:
    """R6 B, S19: 100 → 100 + 20 = 120, by the user's own choice."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    rehearsal.order(product("100"))
    document = only(rehearsal.sync())
    assert document.ledger_total == Decimal("120.00")
    assert totals(invoice_of(rehearsal, "1001")) == ("120.00", "20.00")


@pytest.mark.parametrize(
    ("charges", "untaxed", "expected"),
    [
        (False, "inclusive", ("110.00", "16.67")),
        (True, "inclusive", ("110.00", "18.33")),
        (False, "exclusive", ("130.00", "20.00")),
        (True, "exclusive", ("132.00", "22.00")),
        (True, "exempt", ("110.00", "0.00")),
    ],
)
def test_finance_charges_of_untaxed_invoices(
    tmp_path: Path, charges: bool, untaxed: str, expected: tuple[str, str]
) -> None:
    """R6, S21: 100 + 10 finance charge → 110 incl. 16.67 without, 18.33 with (per rate)."""
    settings = {"tax.untaxed_invoices": untaxed, "tax.tax_finance_charges": charges}
    rehearsal = quickbooks(tmp_path, **settings)
    invoice = sent(rehearsal, product("100"), charge("10"))
    assert totals(invoice) == expected
    codes = [TAXED, TAXED if charges else FREE]
    assert tax_names(rehearsal, invoice) == (codes if untaxed != "exempt" else [FREE, FREE])


# --- codes ----------------------------------------------------------------------------------------


def test_code_of_two_rates_is_worked_out_rate_by_rate(tmp_path: Path) -> None:
    """R6: 5 % and 9.975 % on 10.10: 0.51 + 1.01 each rounded, not 14.975 % at once (1.51)."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    rehearsal.qbo.add_tax_code("GST and QST", "5", "9.975")
    rehearsal.configure({"qbo.taxable_code": "GST and QST"})
    assert totals(sent(rehearsal, product("10.10"))) == ("11.62", "1.52")
    stated = sent(rehearsal, product("10.10"), tax("1.51"))
    assert totals(stated) == ("11.61", "1.51")
    assert sorted(line.amount for line in stated.tax_lines) == [Decimal("0.50"), Decimal("1.01")]


def test_code_is_named_or_given_by_its_id(tmp_path: Path) -> None:
    """R6: `taxable_code` and `non_taxable_code` are a name or an id."""
    rehearsal = quickbooks(tmp_path)
    ids = {code.name: code.id for code in rehearsal.qbo.tax_codes.values()}
    rehearsal.configure({"qbo.taxable_code": ids["5.0% R"], "qbo.non_taxable_code": "no vat"})
    invoice = sent(rehearsal, product("100"), book("50"), tax("5.00"))
    assert tax_names(rehearsal, invoice) == ["5.0% R", "No VAT"]
    assert totals(invoice) == ("155.00", "5.00")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("taxable_code", "TAX"),
        ("non_taxable_code", "NON"),
        ("non_taxable_code", "5.0% R"),
    ],
)
def test_code_that_is_not_there_or_taxes_the_untaxed_is_an_error(
    tmp_path: Path, key: str, name: str
) -> None:
    """The last table: exit code 5 before anything is sent, with the codes that there are."""
    rehearsal = quickbooks(tmp_path, **{f"qbo.{key}": name})
    rehearsal.order()
    with pytest.raises(ConfigError, match=rf"qbo.{key}.*{name}") as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5
    assert "0.0% Z" in str(caught.value.hint)


def test_compound_code_is_refused(tmp_path: Path) -> None:
    """R6: a tax on a tax is worked out otherwise; the total could not be known before."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.add_tax_code("Old QST", "5", "9.5", compound=True)
    rehearsal.configure({"qbo.taxable_code": "Old QST"})
    rehearsal.order()
    with pytest.raises(ConfigError, match="Old QST"):
        rehearsal.sync()


# --- Australia ------------------------------------------------------------------------------------


def test_australian_company(tmp_path: Path) -> None:
    """R6, elsewhere: GST of 10 % by its codes, in all three ways and for what Keap taxed."""
    rehearsal = quickbooks(tmp_path, "au", **{"tax.untaxed_invoices": "inclusive"})
    included = sent(rehearsal, product("110"))
    taxed = sent(rehearsal, product("100"), book("50"), discount("10"), tax("9.00"))
    rehearsal.configure({"tax.untaxed_invoices": "exclusive"})
    added = sent(rehearsal, product("110"))
    assert [totals(form) for form in (included, taxed, added)] == [
        ("110.00", "10.00"),
        ("149.00", "9.00"),
        ("121.00", "11.00"),
    ]
    assert {form.currency for form in (included, taxed, added)} == {"AUD"}
    assert tax_names(rehearsal, taxed) == ["GST", "GST free", "GST"]
    assert amounts(taxed) == ["100.00", "50.00", "-10.00"]
