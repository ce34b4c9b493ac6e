"""The invariant: ledger total = Keap total to the cent, and a difference is never hidden."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import booked, column, totals

BASKET = (
    Item("PRODUCT", "3.33", 7, name="Candle", taxable=True),
    Item("SERVICE", "19.99", name="Engraving"),
    Item("SHIPPING", "4.95"),
    Item("FINANCE_CHARGE", "1.01"),
    Item("DISCOUNT_ORDER_TOTAL", "2.77"),
)
NET = Decimal("46.49")


@pytest.mark.parametrize("charges", [True, False])
@pytest.mark.parametrize("untaxed", ["exempt", "inclusive"])
def test_total_of_an_untaxed_invoice_is_keaps(tmp_path: Path, untaxed: str, charges: bool) -> None:
    """`exempt` → tax 0; `inclusive` → the same total, tax inside it."""
    settings = {"tax.untaxed_invoices": untaxed, "tax.tax_finance_charges": charges}
    total, tax = totals(booked(Rehearsal(tmp_path, **settings), *BASKET))
    assert total == NET
    assert (tax == 0) == (untaxed == "exempt")


@pytest.mark.parametrize("untaxed", ["exempt", "inclusive", "exclusive"])
def test_total_and_tax_of_a_taxed_invoice_are_keaps(tmp_path: Path, untaxed: str) -> None:
    """For an invoice that Keap taxed, ledger tax = Keap tax too, whatever the tax."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": untaxed})
    taxes = [Decimal(tax) for tax in ("4.67", "9.30", "0.01", "33.33")]
    orders = [rehearsal.order(*BASKET, Item("TAX", tax)) for tax in taxes]
    rehearsal.sync()
    found = [totals(rehearsal.booked(order)) for order in orders]
    assert found == [(NET + tax, tax) for tax in taxes]


def test_nothing_is_invented_to_make_it_fit(tmp_path: Path) -> None:
    """Never balanced by an invented rounding, discount or adjustment line."""
    invoice = booked(Rehearsal(tmp_path), *BASKET, Item("TAX", "9.31"))
    names = ["Candle", "Engraving", "Shipping", "Finance charge", "Discount order total"]
    assert column(invoice, "Description") == names


@pytest.mark.parametrize("total", ["46.45", "46.53", "52.03", "0.01"])
def test_lines_that_do_not_add_up_are_held_and_shown(tmp_path: Path, total: str) -> None:
    """Σ line values + tax must equal the order's total: else `totals-differ`, with the lines."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(*BASKET, total=total)
    result = rehearsal.sync()
    document = only(result)
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert result.exit_code is ExitCode.NEEDS_PERSON
    for shown in ("Candle 23.31", "Engraving 19.99", "-2.77", "46.49", f"{total} GBP"):
        assert shown in document.message
    assert rehearsal.xero.writes() == []
    rehearsal.keap.edit_order(order, items=BASKET)
    assert only(rehearsal.sync()).state is DocumentState.CREATED


def change_rate(rehearsal: Rehearsal, rate: str) -> None:
    """Somebody changes the tax rate in Xero between its being read and an invoice's arrival."""

    def meanwhile(request: Any) -> None:
        if request.method == "PUT" and request.path.endswith("/Invoices"):
            old = rehearsal.xero.tax_rates["OUTPUT2"]
            rehearsal.xero.tax_rates["OUTPUT2"] = replace(old, rate=Decimal(rate))

    rehearsal.xero.in_progress = meanwhile


def test_ledger_that_comes_to_another_total_is_reported_with_both(tmp_path: Path) -> None:
    """A difference is reported as `totals-differ` with both figures, never hidden."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    order = rehearsal.order(Item("PRODUCT", "100.00", name="Candles"))
    change_rate(rehearsal, "17.5")
    result = rehearsal.sync()
    document = only(result)
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "117.50" in document.message
    assert "120.00" in document.message
    assert document.ledger_total == Decimal("117.50")
    assert document.ledger_id == rehearsal.booked(order)["InvoiceID"]
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert len(column(rehearsal.booked(order), "LineAmount")) == 1


def test_tax_that_differs_is_reported_even_where_the_total_agrees(tmp_path: Path) -> None:
    """The tool knows expected total and tax, and compares the ledger's reply with both."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": "inclusive"})
    rehearsal.order(Item("PRODUCT", "120.00", name="Candles"))
    change_rate(rehearsal, "17.5")
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "20.00" in document.message
    assert "17.87" in document.message


def test_hold_for_a_difference_ends_when_the_ledger_is_corrected(tmp_path: Path) -> None:
    """A held document is judged again in every run; it is never sent a second time."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    order = rehearsal.order(Item("PRODUCT", "100.00", name="Candles"))
    change_rate(rehearsal, "17.5")
    held = only(rehearsal.sync())
    assert only(rehearsal.sync()).reason == "totals-differ"
    rehearsal.xero.in_progress = None
    rehearsal.xero.edit_invoice(held.ledger_id, LineItems=[{**LINE, "TaxAmount": "20.00"}])
    result = rehearsal.sync()
    assert [document.state for document in result.documents] == [DocumentState.CREATED]
    assert result.exit_code is ExitCode.OK
    assert rehearsal.numbers() == [order]


LINE = {
    "Description": "Candles",
    "Quantity": 1,
    "UnitAmount": "100.00",
    "AccountCode": "200",
    "TaxType": "OUTPUT2",
}


def test_every_create_is_compared_one_by_one(tmp_path: Path) -> None:
    """On every create: of several invoices in a batch only the one that differs is held."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    by_keap = rehearsal.order(Item("PRODUCT", "100.00", name="A", taxable=True), Item("TAX", "20"))
    by_xero = rehearsal.order(Item("PRODUCT", "100.00", name="A"))
    change_rate(rehearsal, "17.5")
    states = {item.order_id: item.state for item in rehearsal.sync().documents}
    assert states == {by_keap: DocumentState.CREATED, by_xero: DocumentState.HELD}
