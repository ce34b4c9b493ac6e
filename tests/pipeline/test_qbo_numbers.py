"""Rules R1 to R4 in QuickBooks: number, marker, dates, quantities and amounts of the lines."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Instalment, Item
from tests.kits.qbo_company import (
    amounts,
    invoice_of,
    invoices,
    line_called,
    product,
    quickbooks,
    sent,
    totals,
)
from tests.kits.rehearsal import only

ELEVEN = "WICK-AND-W-"


# --- R1: number and marker ------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "number"), [("order", "K-700"), ("invoice", "K-811")])
def test_number_is_the_prefix_and_the_chosen_id(tmp_path: Path, chosen: str, number: str) -> None:
    """R1, S99 to S101: either id makes the number; the note keeps both."""
    rehearsal = quickbooks(tmp_path, **{"invoices.number": chosen, "invoices.number_prefix": "K-"})
    rehearsal.order(id=700, invoice_id=811)
    rehearsal.sync()
    (invoice,) = invoices(rehearsal)
    assert invoice.number == number
    assert invoice.private_note == "Keap order 700, invoice 811"


def test_number_fills_all_21_characters(tmp_path: Path) -> None:
    """R1: a prefix of 11 leaves 10 for the id; nothing is cut off."""
    rehearsal = quickbooks(tmp_path, **{"invoices.number_prefix": ELEVEN})
    rehearsal.order(id=1234567890)
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    (invoice,) = invoices(rehearsal)
    assert invoice.number == f"{ELEVEN}1234567890"
    assert len(invoice.number) == 21


def test_prefix_that_leaves_less_than_ten_places_is_a_configuration_error(tmp_path: Path) -> None:
    """R1: refused at the start, before anything is read or written."""
    rehearsal = quickbooks(tmp_path, **{"invoices.number_prefix": f"{ELEVEN}X"})
    rehearsal.order()
    with pytest.raises(ConfigError, match=r"number_prefix.*21") as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5
    assert invoices(rehearsal) == []


# --- R2 and R3: dates -----------------------------------------------------------------------------


def test_dates_are_those_of_keaps_own_time_zone(tmp_path: Path) -> None:
    """R2, R3.3: half past four in UTC is the evening before in New York; due in 14 days."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.keap.profile.time_zone = "America/New_York"
    invoice = sent(rehearsal, order_time=datetime(2026, 11, 4, 4, 30, tzinfo=UTC))
    assert (invoice.txn_date, invoice.due_date) == (date(2026, 11, 3), date(2026, 11, 17))


def test_plan_is_due_with_its_last_instalment(tmp_path: Path) -> None:
    """R3.2: order of 3 Nov, plan 3 Nov / 3 Dec / 3 Jan → due 3 Jan."""
    days = (date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 3))
    plan = tuple(Instalment(day, "100.00") for day in days)
    invoice = sent(
        quickbooks(tmp_path),
        product("300.00"),
        order_time=datetime(2026, 11, 3, 12, tzinfo=UTC),
        plan=plan,
    )
    assert invoice.due_date == date(2027, 1, 3)


def test_due_date_is_ours_and_not_that_of_the_customers_terms(tmp_path: Path) -> None:
    """R3: QuickBooks would go by its own terms if it were left to it."""
    rehearsal = quickbooks(tmp_path, **{"invoices.due_days": 5})
    rehearsal.qbo.set_preferences(default_term=rehearsal.qbo.add_term("Net 60", 60))
    assert sent(rehearsal).due_date == date(2026, 11, 25)


# --- R4: lines ------------------------------------------------------------------------------------


def test_quantity_and_price_are_kept_where_they_give_the_value(tmp_path: Path) -> None:
    """R4: 3 x 33.33 is 99.99 in QuickBooks as well."""
    invoice = sent(quickbooks(tmp_path), product("33.33", 3, name="Lamp"))
    lamp = line_called(invoice, "Lamp")
    assert (lamp.qty, lamp.unit_price, lamp.amount) == (
        Decimal(3),
        Decimal("33.33"),
        Decimal("99.99"),
    )


def test_line_without_an_exact_price_has_an_amount_and_no_quantity(tmp_path: Path) -> None:
    """R4: 3 x 0.00 is not the 10.00 that came off; it is told in words instead."""
    rehearsal = quickbooks(tmp_path, **{"qbo.discount_item": "Discount"})
    coupon = Item("DISCOUNT", "0.00", 3, name="Coupon", discount="10.00")
    invoice = sent(rehearsal, product("100.00"), coupon)
    line = line_called(invoice, "Coupon (3 x 0.00)")
    assert (line.qty, line.unit_price, line.amount) == (None, None, Decimal("-10.00"))
    assert totals(invoice) == ("90.00", "0.00")


def test_inclusive_line_has_keaps_value_with_its_tax(tmp_path: Path) -> None:
    """R4: the amount is net, `TaxInclusiveAmt` is Keap's; no quantity and price."""
    invoice = sent(
        quickbooks(tmp_path, **{"tax.untaxed_invoices": "inclusive"}), product("60.00", 2)
    )
    line = line_called(invoice, "Candle (2 x 60.00)")
    assert (line.qty, line.unit_price) == (None, None)
    assert (line.amount, line.gross) == (Decimal("100.00"), Decimal("120.00"))


def test_lines_are_in_keaps_order_under_keaps_names(tmp_path: Path) -> None:
    """R4, S35: product name, else the line's, else its description, else its number."""
    invoice = sent(
        quickbooks(tmp_path),
        product("3.00", name="Book: the art of wax"),
        Item("SERVICE", "2.00", name="", description="Engraving"),
        Item("TIP", "1.00", name=""),
        Item("TAX", "0.00"),
    )
    assert amounts(invoice) == ["3.00", "2.00", "1.00"]
    names = [line.description for line in invoice.lines]
    assert names[:2] == ["Book: the art of wax", "Engraving"]
    assert names[2].startswith("Keap item ")


def test_line_that_is_named_at_length_is_cut_to_what_quickbooks_takes(tmp_path: Path) -> None:
    """R4: 4,000 characters; the quantity survives where it is only told in words."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "inclusive"})
    order = rehearsal.order(product("60.00", 2, name="W" * 5000))
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    (line,) = invoice_of(rehearsal, order).lines
    assert len(line.description) <= 4000
    assert line.description.endswith("(2 x 60.00)")
