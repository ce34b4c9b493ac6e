"""Rule R6 B: invoices without tax in Keap, by the user's choice of exempt, inclusive, exclusive."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import amounts, booked, column, totals

TAXED, ZERO = "OUTPUT2", "ZERORATEDOUTPUT"


def rehearsal_of(home: Path, untaxed: str, **settings: Any) -> Rehearsal:
    """A rehearsal with this choice for untaxed invoices."""
    return Rehearsal(home, **{"tax.untaxed_invoices": untaxed, **settings})


def at_fifteen(home: Path, untaxed: str) -> Rehearsal:
    """A rehearsal whose taxable code has 15 %."""
    rehearsal = rehearsal_of(home, untaxed, **{"xero.tax_type": "TAX001"})
    rehearsal.xero.add_tax_rate("TAX001", "GST at 15 %", "15")
    return rehearsal


@pytest.mark.parametrize("taxable", [True, False])
@pytest.mark.parametrize(
    ("untaxed", "price", "code", "types", "total", "tax"),
    [
        ("exempt", "100.00", ZERO, "Exclusive", "100", "0"),
        ("inclusive", "120.00", TAXED, "Inclusive", "120", "20"),
        ("exclusive", "100.00", TAXED, "Exclusive", "120", "20"),
    ],
)
def test_worked_examples_at_twenty_per_cent(
    tmp_path: Path,
    untaxed: str,
    price: str,
    code: str,
    types: str,
    total: str,
    tax: str,
    taxable: bool,
) -> None:
    """R6 B: 100 → 100, 120 → 120 incl. 20, 100 → 100 + 20; flags ignored."""
    item = Item("PRODUCT", price, name="Candle", taxable=taxable)
    invoice = booked(rehearsal_of(tmp_path, untaxed), item)
    assert column(invoice, "TaxType") == [code]
    assert invoice["LineAmountTypes"] == types
    assert list(totals(invoice)) == amounts(total, tax)


def test_worked_example_at_fifteen_per_cent(tmp_path: Path) -> None:
    """R6 B: rate 15 %: 49.99 → 49.99 incl. 6.52."""
    item = Item("PRODUCT", "49.99", name="Candle")
    invoice = booked(at_fifteen(tmp_path, "inclusive"), item)
    assert list(totals(invoice)) == amounts("49.99", "6.52")


def test_exclusive_at_fifteen_per_cent_is_rounded_on_each_line(tmp_path: Path) -> None:
    """R6 B and the invariant: the total that is expected is the one that Xero comes to."""
    rehearsal = at_fifteen(tmp_path, "exclusive")
    order = rehearsal.order(*[Item("PRODUCT", "0.10", name="Match")] * 3)
    document = only(rehearsal.sync())
    assert (document.total, document.ledger_total) == (Decimal("0.30"), Decimal("0.36"))
    assert list(totals(rehearsal.booked(order))) == amounts("0.36", "0.06")


EVERYTHING = (
    Item("PRODUCT", "100.00", name="Candle", taxable=True),
    Item("PRODUCT", "50.00", name="Book"),
    Item("SHIPPING", "8.00"),
    Item("DISCOUNT", "20.00"),
)


@pytest.mark.parametrize(
    ("untaxed", "codes", "total", "tax"),
    [
        ("exempt", [ZERO] * 4, "138.00", "0.00"),
        ("inclusive", [TAXED] * 4, "138.00", "23.00"),
        ("exclusive", [TAXED] * 4, "165.60", "27.60"),
    ],
)
def test_every_line_is_treated_alike(
    tmp_path: Path, untaxed: str, codes: Sequence[str], total: str, tax: str
) -> None:
    """R6 B: every line gets the mode's code: shipping, discounts and unflagged products too."""
    invoice = booked(rehearsal_of(tmp_path, untaxed), *EVERYTHING)
    assert column(invoice, "TaxType") == codes
    assert list(totals(invoice)) == amounts(total, tax)


@pytest.mark.parametrize(
    ("untaxed", "charges", "code", "total", "tax"),
    [
        ("inclusive", False, ZERO, "110", "16.67"),
        ("inclusive", True, TAXED, "110", "18.34"),
        ("exclusive", False, ZERO, "130", "20"),
        ("exclusive", True, TAXED, "132", "22"),
        ("exempt", False, ZERO, "110", "0"),
        ("exempt", True, ZERO, "110", "0"),
    ],
)
def test_finance_charge_is_taxed_only_when_it_is_to(
    tmp_path: Path, untaxed: str, charges: bool, code: str, total: str, tax: str
) -> None:
    """R6, S21: 100 + 10, inclusive 20 % → 110 incl. 16.67, or 18.34 in Xero."""
    rehearsal = rehearsal_of(tmp_path, untaxed, **{"tax.tax_finance_charges": charges})
    items = (Item("PRODUCT", "100.00", name="Candle"), Item("FINANCE_CHARGE", "10.00"))
    invoice = booked(rehearsal, *items)
    assert column(invoice, "TaxType")[1] == code
    assert list(totals(invoice)) == amounts(total, tax)


def test_totals_of_the_run_show_what_the_ledger_added(tmp_path: Path) -> None:
    """The invariant: exclusive, the ledger adds tax by the user's own choice, and it is told."""
    rehearsal = rehearsal_of(tmp_path, "exclusive")
    rehearsal.order(Item("PRODUCT", "100.00", name="Candle"))
    rehearsal.order(Item("PRODUCT", "100.00", name="Candle", taxable=True), Item("TAX", "20.00"))
    data = rehearsal.sync().as_json()
    assert data["totals"] == {"currency": "GBP", "keap": "220.00", "ledger": "240.00"}


def test_discount_that_eats_up_its_invoice_cannot_go_below_nothing(tmp_path: Path) -> None:
    """R8: a negative expected ledger total is held with `negative-total`.

    10 of finance charge, untaxed, against a discount of 10 with 2 of tax: −2 in the ledger.
    """
    rehearsal = rehearsal_of(tmp_path, "exclusive", **{"invoices.skip_zero_total": False})
    rehearsal.order(Item("FINANCE_CHARGE", "10.00"), Item("DISCOUNT", "10.00"))
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "negative-total")
    assert "-2.00 GBP" in document.message
    assert rehearsal.xero.writes() == []
