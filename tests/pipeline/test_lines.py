"""Rule R4: one ledger line for each Keap line, named, counted and priced as the buyer saw it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_invoices import amounts, booked, column, totals


def test_every_line_is_there_in_keaps_order_and_tax_is_none_of_them(tmp_path: Path) -> None:
    """R4: one ledger line per Keap line, in Keap's order; TAX lines become tax, not lines."""
    invoice = booked(
        Rehearsal(tmp_path),
        Item("SHIPPING", "8.00", name="Courier"),
        Item("TAX", "11.60"),
        Item("PRODUCT", "50.00", name="Candle", taxable=True),
        Item("DISCOUNT", "5.00", name="Autumn sale"),
        Item("FEE", "3.00", name="Gift wrapping"),
        Item("TAX", "0.00"),
    )
    assert column(invoice, "Description") == ["Courier", "Candle", "Autumn sale", "Gift wrapping"]
    assert column(invoice, "LineAmount") == amounts("8.00", "50.00", "-5.00", "3.00")
    assert totals(invoice) == (Decimal("67.60"), Decimal("11.60"))


def test_same_thing_bought_twice_stays_two_lines(tmp_path: Path) -> None:
    """R4: one ledger line per Keap line; nothing is merged."""
    candle = Item("PRODUCT", "12.50", name="Candle")
    invoice = booked(Rehearsal(tmp_path), candle, candle)
    assert column(invoice, "Description") == ["Candle", "Candle"]


@pytest.mark.parametrize("untaxed", ["exempt", "inclusive", "exclusive"])
def test_tax_line_of_nothing_means_untaxed(tmp_path: Path, untaxed: str) -> None:
    """R4: a TAX line of 0.00 means untaxed, so the setting for untaxed invoices applies."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": untaxed})
    product = Item("PRODUCT", "120.00", name="Candle", taxable=True)
    invoice = booked(rehearsal, product, Item("TAX", "0.00"))
    expected = {"exempt": ("120", "0"), "inclusive": ("120", "20"), "exclusive": ("144", "24")}
    assert list(totals(invoice)) == amounts(*expected[untaxed])


PRODUCTS = ["PRODUCT", "UPSELL", "SERVICE", "SUBSCRIPTION", "PROGRAM", "OTHER", "TIP", "FEE"]
PRODUCTS += ["UNKNOWN", "BUNDLE_OF_2027"]
DISCOUNTS = ["DISCOUNT", "DISCOUNT_FREE_TRIAL", "DISCOUNT_ORDER_TOTAL", "DISCOUNT_PRODUCT"]
DISCOUNTS += ["DISCOUNT_PRODUCT_CATEGORY", "DISCOUNT_SHIPPING", "DISCOUNT_OF_2027"]


def test_each_kind_of_line_is_booked_as_what_it_is(tmp_path: Path) -> None:
    """R4: the kinds of line, any kind not known yet being a product; discounts are negative."""
    rehearsal = Rehearsal(tmp_path, **{"xero.finance_charge_account": "260"})
    expected = {kind: ("200", Decimal(10)) for kind in PRODUCTS}
    expected |= {kind: ("460", Decimal(-10)) for kind in DISCOUNTS}
    expected |= {"SHIPPING": ("425", Decimal(10)), "FINANCE_CHARGE": ("260", Decimal(10))}
    lines = [Item(kind, "10.00", name=kind) for kind in expected]
    invoice = booked(rehearsal, *lines)
    found = zip(column(invoice, "AccountCode"), column(invoice, "LineAmount"), strict=True)
    assert dict(zip(column(invoice, "Description"), found, strict=True)) == expected


@pytest.mark.parametrize(
    ("product", "name", "description", "shown"),
    [
        ("Pillar candle", "Candle, large", "Burns 60 hours", "Pillar candle"),
        ("", "Candle, large", "Burns 60 hours", "Candle, large"),
        ("", "", "Burns 60 hours", "Burns 60 hours"),
        ("", "  ", "\n", "Keap item 1"),
        ("  ", "Candle, large", "", "Candle, large"),
    ],
)
def test_line_is_called_what_the_shop_calls_it(
    tmp_path: Path, product: str, name: str, description: str, shown: str
) -> None:
    """R4: Keap's product name, else the line's name, else its description, else its id."""
    rehearsal = Rehearsal(tmp_path)
    known = rehearsal.keap.add_product(product) if product else None
    item = Item("SERVICE", "10.00", name=name, description=description, product=known)
    assert column(booked(rehearsal, item), "Description") == [shown]


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [(1, "0.01", "0.01"), (3, "3.33", "9.99"), (1000, "99999.99", "99999990.00")],
)
def test_quantity_and_price_are_kept(
    tmp_path: Path, quantity: int, price: str, amount: str
) -> None:
    """R4: quantity and unit price are kept when they multiply to the exact value."""
    item = Item("PRODUCT", price, quantity, name="Candle")
    invoice = booked(Rehearsal(tmp_path), item)
    assert column(invoice, "Quantity") == [quantity]
    assert column(invoice, "UnitAmount") == amounts(price)
    assert column(invoice, "LineAmount") == amounts(amount)
    assert column(invoice, "Description") == ["Candle"]


def test_quantity_that_does_not_multiply_is_reported_in_words(tmp_path: Path) -> None:
    """R4: else quantity 1 with the exact value and the original quantity in the description."""
    discount = Item("DISCOUNT", "0.00", 3, name="Coupon", discount="10.00")
    invoice = booked(Rehearsal(tmp_path), Item("PRODUCT", "100.00", name="Candle"), discount)
    assert column(invoice, "Quantity") == amounts("1", "1")
    assert column(invoice, "UnitAmount") == amounts("100", "-10")
    assert column(invoice, "Description") == ["Candle", "Coupon (3 x 0.00)"]


STYLES = ["negative_price", "positive_price", "discount_figure", "both"]


@pytest.mark.parametrize("style", STYLES)
def test_discount_takes_off_however_keap_writes_it(tmp_path: Path, style: Any) -> None:
    """The invariant: a discount is −|discount|, or −|price × quantity| without that figure."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(discount_style=style)
    product = Item("PRODUCT", "100.00", name="Candle")
    invoice = booked(rehearsal, product, Item("DISCOUNT_ORDER_TOTAL", "10.00", 2))
    assert column(invoice, "LineAmount") == amounts("100", "-20")
    assert totals(invoice) == (Decimal(80), Decimal(0))


def test_discount_that_adds_is_booked_as_it_adds_up(tmp_path: Path) -> None:
    """The invariant: if that does not add up, price × quantity with its own sign."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(discount_style="positive_price")
    product = Item("PRODUCT", "100.00", name="Candle")
    invoice = booked(rehearsal, product, Item("DISCOUNT", "5.00", 2), total="110.00")
    assert column(invoice, "LineAmount") == amounts("100", "10")
    assert column(invoice, "AccountCode") == ["200", "460"]
    assert totals(invoice) == (Decimal(110), Decimal(0))


def test_free_things_stay_on_the_invoice(tmp_path: Path) -> None:
    """R4: a line of 0.00 is a line too."""
    gift = Item("PRODUCT", "0.00", 2, name="Matches")
    invoice = booked(Rehearsal(tmp_path), Item("PRODUCT", "9.00", name="Candle"), gift)
    assert column(invoice, "Description") == ["Candle", "Matches"]
    assert column(invoice, "Quantity") == amounts("1", "2")


def test_discount_by_figure_is_one_line_of_that_amount(tmp_path: Path) -> None:
    """R4: price x quantity is nothing here, so it is quantity 1 at the exact value, unexplained."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(discount_style="discount_figure")

    invoice = booked(
        rehearsal,
        Item("PRODUCT", "100.00", name="Candle"),
        Item("DISCOUNT_ORDER_TOTAL", "-10.00", name="Autumn offer"),
    )

    assert invoice["Total"] == 90
    line = invoice["LineItems"][1]
    assert (line["Quantity"], line["UnitAmount"], line["LineAmount"]) == (1, -10, -10)
    assert line["Description"] == "Autumn offer"


def test_discount_on_several_tells_how_many_there_were(tmp_path: Path) -> None:
    """R4: the original quantity stands in the description when it could not be kept."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(discount_style="positive_price")

    invoice = booked(
        rehearsal,
        Item("PRODUCT", "100.00", name="Candle"),
        Item("DISCOUNT_ORDER_TOTAL", "-10.00", 2, name="Autumn offer"),
    )

    assert invoice["Total"] == 80
    line = invoice["LineItems"][1]
    assert (line["Quantity"], line["LineAmount"]) == (1, -20)
    assert line["Description"] == "Autumn offer (2 x 10.00)"


@pytest.mark.parametrize("to", ["xero", "qbo"])
@pytest.mark.parametrize("shown", ["rounded", "exact"])
def test_price_with_a_fraction_of_a_cent_comes_to_keaps_total(
    tmp_path: Path, to: Any, shown: Any
) -> None:
    """R4 and the invariant: Keap sells at a percentage less, and shows two decimals of the price.
    What multiplies exactly keeps its quantity and price, with as many decimals as the ledger has.
    """
    rehearsal = Rehearsal(tmp_path, to=to)
    rehearsal.keap.switches = KeapSwitches(price_fractions=shown)
    orders = [
        rehearsal.order(Item("PRODUCT", price, quantity, name="Candle"))
        for price, quantity in (("74.9925", 3), ("74.9925", 4), ("0.03125", 8))
    ]

    documents = {item.order_id: item for item in rehearsal.sync().documents}

    totals = [documents[order].ledger_total for order in orders]
    assert totals == amounts("224.98", "299.97", "0.25")
    assert {item.state for item in documents.values()} == {DocumentState.CREATED}
    kept = [quantity for order in orders if (quantity := pieces(rehearsal, to, order)) > 1]
    # Xero keeps four decimals of a price, QuickBooks seven.
    exact = [4] if to == "xero" else [4, 8]
    assert kept == (exact if shown == "exact" else [])


def pieces(rehearsal: Rehearsal, to: str, order: str) -> Decimal:
    """The quantity of an invoice's only line; 1 where it has none."""
    if to == "xero":
        (line,) = rehearsal.booked(order)["LineItems"]
        return Decimal(line["Quantity"])
    (form,) = rehearsal.qbo.invoices.find("number", order)
    (row,) = form.lines
    return row.qty or Decimal(1)
