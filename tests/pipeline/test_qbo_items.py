"""Rule R5 in QuickBooks: the item of a product or a finance charge, and with it the account."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import (
    charge,
    decisions,
    invoice_of,
    item_names,
    product,
    quickbooks,
    sent,
)
from tests.kits.rehearsal import Rehearsal, only

UNMATCHED = "unknown_do_not_delete"
NO_DEFAULT = {"qbo.default_item": "", "qbo.finance_charge_item": ""}


def item_of(rehearsal: Rehearsal, *items: Item) -> str:
    """The name of the item of an order's first line."""
    return item_names(rehearsal, sent(rehearsal, *items))[0]


def named(rehearsal: Rehearsal, name: str) -> list[Any]:
    """The items of a name."""
    return rehearsal.qbo.items.find("name", name.casefold())


# --- by SKU or name -------------------------------------------------------------------------------


@pytest.mark.parametrize("sku", ["TIL", "til", " Til "])
def test_sku_finds_the_item_ignoring_case_and_blanks(tmp_path: Path, sku: str) -> None:
    """R5, S91: the SKU is that of Tealights; revenue follows from the item."""
    assert item_of(quickbooks(tmp_path), product("10.00", sku=sku)) == "Tealights"


def test_exact_sku_goes_before_one_in_other_case(tmp_path: Path) -> None:
    """R5: match exactly, then ignoring case."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.add_item("Little tealights", sku="til")
    assert item_of(rehearsal, product("10.00", sku="til")) == "Little tealights"


def test_items_never_lend_their_price_or_description(tmp_path: Path) -> None:
    """R5: Tealights are 12.50 in QuickBooks; what was sold is what Keap says."""
    invoice = sent(quickbooks(tmp_path), product("10.00", 2, name="Night lights", sku="TIL"))
    (line,) = invoice.lines
    assert (line.description, line.qty) == ("Night lights", Decimal(2))
    assert line.unit_price == Decimal("10.00")


def test_names_are_compared_where_that_is_chosen(tmp_path: Path) -> None:
    """R5, S37: `match_items_by = "name"` compares the Keap SKU with item names."""
    rehearsal = quickbooks(tmp_path, **{"qbo.match_items_by": "name"})
    assert item_of(rehearsal, product("10.00", sku="tealights")) == "Tealights"
    assert item_of(rehearsal, product("11.00", name="Other", sku="TIL")) == "Sales"


@pytest.mark.parametrize("kind", ["Category", "Group"])
def test_what_cannot_be_sold_is_not_matched(tmp_path: Path, kind: str) -> None:
    """R5: neither a category nor a bundle can stand on a line."""
    rehearsal = quickbooks(tmp_path, **{"qbo.match_items_by": "name"})
    rehearsal.qbo.add_item("Candles", type=kind)
    assert item_of(rehearsal, product("10.00", sku="Candles")) == "Sales"


def test_item_inside_a_category_is_found_by_its_own_name(tmp_path: Path) -> None:
    """R5: a categorised item's full name is `Candles:Votive`; the SKU says `Votive`."""
    rehearsal = quickbooks(tmp_path, **{"qbo.match_items_by": "name"})
    rehearsal.qbo.add_item("Candles", type="Category")
    rehearsal.qbo.add_item("Votive", parent="Candles")
    assert item_of(rehearsal, product("10.00", sku="Votive")) == "Votive"


def test_inactive_item_is_not_matched(tmp_path: Path) -> None:
    """R5: QuickBooks would refuse the whole invoice for it."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.add_item("Stand", sku="STALL", active=False)
    assert item_of(rehearsal, product("10.00", sku="STALL")) == "Sales"


# --- default and unmatched ------------------------------------------------------------------------


@pytest.mark.parametrize("sku", ["", "XYZ"])
def test_product_without_a_match_takes_the_default_item(tmp_path: Path, sku: str) -> None:
    """R5, S92: no item with that SKU, or none at all → `default_item`, unreported."""
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order(product("10.00", sku=sku))
    document = only(rehearsal.sync())
    assert item_names(rehearsal, invoice_of(rehearsal, order)) == ["Sales"]
    assert document.message == ""


def test_unmatched_item_is_made_once(tmp_path: Path) -> None:
    """R5, S90: a service item that sells to the company's sales; made by the first that needs it,
    even when the state is lost."""
    rehearsal = quickbooks(tmp_path, **NO_DEFAULT)
    assert item_of(rehearsal, product("10.00", sku="XYZ")) == UNMATCHED
    assert item_of(rehearsal, product("11.00", name="Book")) == UNMATCHED
    (tmp_path / "state.sqlite3").unlink()
    assert item_of(rehearsal, product("12.00", name="Wax")) == UNMATCHED
    (made,) = named(rehearsal, UNMATCHED)
    assert made.type == "Service"
    account = rehearsal.qbo.accounts[made.income_account]
    assert (account.type, account.subtype) == ("Income", "SalesOfProductIncome")


def test_nothing_is_made_that_no_line_needs(tmp_path: Path) -> None:
    """R5: the item is created when missing and needed; a dry run never makes it."""
    rehearsal = quickbooks(tmp_path)
    sent(rehearsal, product("10.00"))
    assert named(rehearsal, UNMATCHED) == []
    rehearsal.configure(NO_DEFAULT)
    rehearsal.order(product("10.00"))
    assert only(rehearsal.sync(dry_run=True)).state is DocumentState.CREATED
    assert named(rehearsal, UNMATCHED) == []


def test_unmatched_line_is_reported_with_its_two_mends(tmp_path: Path) -> None:
    """R5: a product: its SKU, or a default item."""
    rehearsal = quickbooks(tmp_path, **NO_DEFAULT)
    order = rehearsal.order(product("10.00", name="Wall sconce", sku="XYZ"))
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED
    assert "'Wall sconce' is booked to the item unknown_do_not_delete" in document.message
    assert "no item has the SKU 'XYZ'" in document.message
    assert "as its SKU" in document.message
    assert "qbo.default_item" in document.message
    line = decisions(rehearsal, order)
    assert any(value == UNMATCHED for field, (value, _, _) in line.items() if "item" in field)


def test_line_without_product_is_unmatched_in_spite_of_the_default(tmp_path: Path) -> None:
    """R5: a line with neither SKU nor product takes `unmatched_item`, and is reported."""
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order(product("10.00"), Item("FEE", "2.50", name="Packing"))
    document = only(rehearsal.sync())
    assert item_names(rehearsal, invoice_of(rehearsal, order)) == ["Sales", UNMATCHED]
    assert "'Packing'" in document.message
    assert "neither a SKU nor a product" in document.message
    assert "qbo.unmatched_item" in document.message
    assert "as a product whose SKU" in document.message


def test_unmatched_item_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    """R5: a named item that is there is used, whatever case its name is written in."""
    rehearsal = quickbooks(tmp_path, **{"qbo.unmatched_item": "gift card"})
    assert item_of(rehearsal, Item("TIP", "2.50", name="Tip")) == "Gift card"
    assert len(named(rehearsal, "Gift card")) == 1


def test_name_of_the_unmatched_item_that_is_taken_stops_the_run(tmp_path: Path) -> None:
    """R5: an inactive item keeps its name, so another cannot be made; said before any invoice."""
    rehearsal = quickbooks(tmp_path, **NO_DEFAULT, **{"qbo.unmatched_item": "Market stall"})
    rehearsal.order(product("10.00"))
    with pytest.raises(ConfigError, match="Market stall") as caught:
        rehearsal.sync()
    assert caught.value.code == "item-missing"
    assert [form.number for form in rehearsal.qbo.invoices.values()] == ["INV-0001"]


# --- finance charges ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "item"),
    [
        ({}, "Finance charge"),
        ({"qbo.finance_charge_item": ""}, "Sales"),
        (NO_DEFAULT, UNMATCHED),
    ],
)
def test_finance_charge_goes_down_its_chain(
    tmp_path: Path, settings: dict[str, str], item: str
) -> None:
    """R5, S93: finance charge → default → unmatched; only the last is reported."""
    rehearsal = quickbooks(tmp_path, **settings)
    order = rehearsal.order(product("100.00", sku="TIL"), charge("10.00"))
    document = only(rehearsal.sync())
    assert item_names(rehearsal, invoice_of(rehearsal, order)) == ["Tealights", item]
    assert ("qbo.finance_charge_item or a qbo.default_item" in document.message) == (
        item == UNMATCHED
    )


# --- settings that lead nowhere -------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["default_item", "discount_item", "finance_charge_item", "shipping_item"]
)
@pytest.mark.parametrize("name", ["Tealihgts", "Market stall"])
def test_item_in_the_config_that_is_not_there_is_an_error(
    tmp_path: Path, key: str, name: str
) -> None:
    """The last table: named in the config and not in the ledger (or inactive) → exit code 5."""
    rehearsal = quickbooks(tmp_path, **{f"qbo.{key}": name})
    rehearsal.order()
    with pytest.raises(ConfigError, match=f"qbo.{key}.*{name}") as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5
    if name == "Tealihgts":
        assert "Did you mean 'Tealights'?" in str(caught.value)


def test_item_can_be_named_by_its_id(tmp_path: Path) -> None:
    """The config takes what `lookup items` shows: the name or the id."""
    rehearsal = quickbooks(tmp_path)
    (card,) = named(rehearsal, "Gift card")
    rehearsal.configure({"qbo.default_item": card.id})
    assert item_of(rehearsal, product("10.00")) == "Gift card"
