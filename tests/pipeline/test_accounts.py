"""Rule R5 for Xero: which account a line goes to, and when an item's code goes with it."""

from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.errors import ConfigError, ExitCode
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import amounts, booked, column

LINES = (
    Item("PRODUCT", "100.00", name="Candle", sku="TIL"),
    Item("DISCOUNT", "10.00"),
    Item("SHIPPING", "8.00"),
    Item("FINANCE_CHARGE", "5.00"),
)


def test_discounts_postage_and_finance_charges_have_their_own_accounts(tmp_path: Path) -> None:
    """R5, S26: discount, shipping and finance charge lines go to their own account."""
    settings = {
        "xero.discount_account": "460",
        "xero.shipping_account": "425",
        "xero.finance_charge_account": "260",
    }
    invoice = booked(Rehearsal(tmp_path, **settings), *LINES)
    assert column(invoice, "AccountCode") == ["201", "460", "425", "260"]


def test_blank_account_means_the_default_account(tmp_path: Path) -> None:
    """R5, S26: or `account` when blank, whatever that is."""
    settings = {
        "xero.account": "260",
        "xero.discount_account": "",
        "xero.shipping_account": "",
        "xero.finance_charge_account": "",
        "xero.sku_accounts": False,
    }
    invoice = booked(Rehearsal(tmp_path, **settings), *LINES)
    assert column(invoice, "AccountCode") == ["260"] * 4


def test_item_with_the_sku_gives_its_account(tmp_path: Path) -> None:
    """R5, the examples: `TIL` → 201; `XYZ` with no item → 200.

    No SKU, half a code, and an item without a sales account come to the default account too.
    """
    expected = {"TIL": "201", "XYZ": "200", "": "200", "  ": "200", "TI": "200", "GIFT": "200"}
    lines = [Item("PRODUCT", "9.00", name="Candle", sku=sku) for sku in expected]
    assert column(booked(Rehearsal(tmp_path), *lines), "AccountCode") == list(expected.values())


def test_item_gives_nothing_but_its_account(tmp_path: Path) -> None:
    """R5, S34: never its description or price, and its code only when that is asked for."""
    item = Item("PRODUCT", "9.00", 2, name="Tea lights, blue", sku="TIL")
    invoice = booked(Rehearsal(tmp_path), item)
    assert column(invoice, "Description") == ["Tea lights, blue"]
    assert column(invoice, "UnitAmount") == amounts("9.00")
    assert column(invoice, "ItemCode") == [""]
    assert column(invoice, "TaxType") == ["ZERORATEDOUTPUT"]


def test_matching_can_be_switched_off(tmp_path: Path) -> None:
    """R5, S31: without `sku_accounts` every product goes to `account`."""
    rehearsal = Rehearsal(tmp_path, **{"xero.sku_accounts": False})
    invoice = booked(rehearsal, Item("PRODUCT", "9.00", name="Candle", sku="TIL"))
    assert column(invoice, "AccountCode") == ["200"]


@pytest.mark.parametrize(("sku_accounts", "account"), [(True, "201"), (False, "200")])
def test_item_code_can_go_on_the_line_as_well(
    tmp_path: Path, sku_accounts: bool, account: str
) -> None:
    """R5, S36: with `sku_item_codes` the matched code too, whatever `sku_accounts` says."""
    settings = {"xero.sku_item_codes": True, "xero.sku_accounts": sku_accounts}
    items = (
        Item("PRODUCT", "9.00", name="Tea lights, blue", sku=" til"),
        Item("PRODUCT", "5.00", name="Book", sku="XYZ"),
    )
    invoice = booked(Rehearsal(tmp_path, **settings), *items)
    assert column(invoice, "ItemCode") == ["TIL", ""]
    assert column(invoice, "AccountCode") == [account, "200"]
    assert column(invoice, "Description") == ["Tea lights, blue", "Book"]
    assert column(invoice, "UnitAmount") == amounts("9.00", "5.00")
    assert column(invoice, "TaxType") == ["ZERORATEDOUTPUT"] * 2


def test_products_may_share_a_sku(tmp_path: Path) -> None:
    """R5, S33: several Keap products may share a SKU."""
    items = [Item("PRODUCT", "9.00", name=name, sku="TIL") for name in ("Blue", "Red")]
    invoice = booked(Rehearsal(tmp_path), *items)
    assert column(invoice, "AccountCode") == ["201", "201"]
    assert column(invoice, "Description") == ["Blue", "Red"]


def test_case_and_blanks_around_a_sku_do_not_matter(tmp_path: Path) -> None:
    """R5: match exactly, then ignoring case and outer blanks."""
    skus = ["til", " TIL ", "Til\t"]
    lines = [Item("PRODUCT", "9.00", name="Candle", sku=sku) for sku in skus]
    assert column(booked(Rehearsal(tmp_path), *lines), "AccountCode") == ["201"] * 3


def test_exact_match_goes_first(tmp_path: Path) -> None:
    """R5: match exactly, then ignoring case."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.add_item("til", account_code="260")
    items = [Item("PRODUCT", "9.00", name=sku, sku=sku) for sku in ("til", "TIL")]
    assert column(booked(rehearsal, *items), "AccountCode") == ["260", "201"]


def test_only_product_lines_are_matched(tmp_path: Path) -> None:
    """R5: the account of an item is for product lines; postage with a SKU is postage."""
    rehearsal = Rehearsal(tmp_path)
    item = rehearsal.keap.add_product("Courier", sku="TIL")
    kinds = ["PRODUCT", "SHIPPING", "DISCOUNT", "FINANCE_CHARGE"]
    invoice = booked(rehearsal, *[Item(kind, "4.00", product=item) for kind in kinds])
    assert column(invoice, "AccountCode") == ["201", "425", "460", "200"]


def test_every_kind_of_product_is_matched(tmp_path: Path) -> None:
    """R5 with R4: all kinds of product line, those not known yet too."""
    rehearsal = Rehearsal(tmp_path)
    product = rehearsal.keap.add_product("Candle", sku="TIL")
    kinds = ["SERVICE", "UPSELL", "SUBSCRIPTION", "PROGRAM", "OTHER", "TIP", "FEE", "NEW_KIND"]
    invoice = booked(rehearsal, *[Item(kind, "4.00", product=product) for kind in kinds])
    assert column(invoice, "AccountCode") == ["201"] * len(kinds)


def test_archived_account_of_an_item_is_held_until_mended(tmp_path: Path) -> None:
    """R5 and the last table: `account-unknown` for what comes from elsewhere, here an item."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.add_item("OLD", account_code="299")
    order = rehearsal.order(Item("PRODUCT", "9.00", name="Candle", sku="OLD"))
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "account-unknown")
    assert "OLD" in document.message
    assert "299" in document.message
    assert rehearsal.numbers() == []
    rehearsal.xero.add_item("Old", account_code="201")
    rehearsal.keap.edit_order(order, items=[Item("PRODUCT", "9.00", name="Jar", sku="Old")])
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert column(rehearsal.booked(order), "AccountCode") == ["201"]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("xero.account", "999", "account-unknown"),
        ("xero.account", "299", "account-unknown"),
        ("xero.account", "090", "account-unknown"),
        ("xero.discount_account", "999", "account-unknown"),
        ("xero.finance_charge_account", "999", "account-unknown"),
        ("xero.shipping_account", "999", "account-unknown"),
        ("xero.tax_type", "OUTPUT9", "tax-code-unknown"),
        ("xero.tax_type", "INPUT2", "tax-code-unknown"),
        ("xero.zero_tax_type", "OUTPUT9", "tax-code-unknown"),
        ("xero.zero_tax_type", "OUTPUT2", "tax-code-unknown"),
    ],
)
def test_account_or_tax_type_that_xero_does_not_have_stops_the_run(
    tmp_path: Path, key: str, value: str, code: str
) -> None:
    """The last table: what the config names and the ledger lacks is an error, nothing is sent."""
    rehearsal = Rehearsal(tmp_path, **{key: value})
    rehearsal.order(Item("PRODUCT", "9.00", name="Candle"))
    with pytest.raises(ConfigError) as caught:
        rehearsal.sync()
    assert (caught.value.exit_code, caught.value.code) == (ExitCode.CONFIG, code)
    assert f"{key}: " in caught.value.message
    assert value in caught.value.message
    assert rehearsal.xero.writes() == []


@pytest.mark.parametrize("key", ["xero.tax_type", "xero.zero_tax_type"])
def test_tax_that_xero_looks_up_by_itself_is_no_rate(tmp_path: Path, key: str) -> None:
    """In the United States Xero shows "Auto Look Up" with a rate of 0, and works out its own tax:
    no total could be known before."""
    rehearsal = Rehearsal(tmp_path, **{key: "AVALARA"})
    rehearsal.xero.add_tax_rate("AVALARA", "Auto Look Up", "0")
    rehearsal.order(Item("PRODUCT", "9.00", name="Candle"))
    with pytest.raises(ConfigError) as caught:
        rehearsal.sync()
    assert (caught.value.code, "AVALARA" in caught.value.hint) == ("tax-code-unknown", False)
    assert rehearsal.xero.writes() == []


def test_price_is_the_orders_even_for_an_item_without_one(tmp_path: Path) -> None:
    """R5: an item never gives its price, not even to a line of 0.00."""
    settings = {"xero.sku_item_codes": True}
    items = (
        Item("PRODUCT", "0.00", name="Free sample", sku="TIL"),
        Item("PRODUCT", "9.00", name="Candle"),
    )
    invoice = booked(Rehearsal(tmp_path, **settings), *items)
    assert column(invoice, "LineAmount") == amounts("0.00", "9.00")
    assert Decimal(invoice["Total"]) == Decimal("9.00")
