"""Rule R5 in QuickBooks: discounts and shipping, as its own lines or as items."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import (
    amounts,
    book,
    charge,
    discount,
    invoice_of,
    item_names,
    product,
    quickbooks,
    sent,
    shipping,
    tax,
    tax_names,
    totals,
)
from tests.kits.rehearsal import only

UNMATCHED = "unknown_do_not_delete"
TAXED, FREE = "20.0% S", "0.0% Z"


@dataclass(frozen=True)
class Case:
    """An order, the items (or own lines) that it becomes, and its total and tax."""

    items: Sequence[Item]
    lines: Sequence[str]
    total: str
    tax: str = "0.00"
    first: bool = False
    """Whether the discount is taken off before tax."""


OWN = {
    "untaxed": Case([product("100"), discount("10")], ["Sales", "discount"], "90.00"),
    "lowers what is taxed": Case(
        [product("100"), discount("10"), tax("18.00")],
        ["Sales", "discount"],
        "108.00",
        "18.00",
        first=True,
    ),
    "taken off after tax": Case(
        [product("100"), discount("10"), tax("20.00")], ["Sales", "discount"], "110.00", "20.00"
    ),
    "several goods": Case(
        [product("60"), product("40"), discount("10"), tax("18.00")],
        ["Sales", "Sales", "discount"],
        "108.00",
        "18.00",
        first=True,
    ),
    "everything": Case([product("100"), discount("100")], ["Sales", "discount"], "0.00"),
    "beside one of nothing": Case(
        [product("100"), discount("10"), discount("0"), tax("18.00")],
        ["Sales", UNMATCHED, "discount"],
        "108.00",
        "18.00",
        first=True,
    ),
    "no more than goods and finance charge": Case(
        [product("20"), charge("10"), discount("25")],
        ["Sales", "Finance charge", "discount"],
        "5.00",
    ),
    "after tax, with shipping that bears none": Case(
        [product("100"), discount("10"), shipping("8"), shipping("2"), tax("20.00")],
        ["Sales", UNMATCHED, UNMATCHED, "discount"],
        "120.00",
        "20.00",
    ),
    "two charges for shipping, taxed alike": Case(
        [product("100"), discount("10"), shipping("8"), shipping("4"), tax("20.40")],
        ["Sales", UNMATCHED, UNMATCHED, "discount"],
        "122.40",
        "20.40",
        first=True,
    ),
    "with shipping of its own code": Case(
        [product("100"), discount("10"), shipping("8"), tax("18.00")],
        ["Sales", "discount", "shipping"],
        "116.00",
        "18.00",
        first=True,
    ),
}
BY_ITEM = {
    "larger than the goods": Case(
        [product("20"), discount("25"), shipping("8")],
        ["Sales", UNMATCHED, "shipping"],
        "3.00",
    ),
    "of nothing": Case(
        [product("100"), discount("0"), tax("20.00")],
        ["Sales", UNMATCHED],
        "120.00",
        "20.00",
    ),
    "two discounts": Case(
        [product("100"), discount("10"), discount("5"), tax("17.00")],
        ["Sales", UNMATCHED, UNMATCHED],
        "102.00",
        "17.00",
    ),
    "goods not taxed alike": Case(
        [product("100"), book("50"), discount("10"), tax("18.00")],
        ["Sales", "Sales", UNMATCHED],
        "158.00",
        "18.00",
    ),
    "goods not taxed alike, after tax": Case(
        [product("100"), book("50"), discount("10"), tax("20.00")],
        ["Sales", "Sales", UNMATCHED],
        "160.00",
        "20.00",
    ),
    "finance charge not taxed alike": Case(
        [product("100"), charge("10"), discount("10"), tax("18.00")],
        ["Sales", "Finance charge", UNMATCHED],
        "118.00",
        "18.00",
    ),
    "two charges for shipping, not taxed alike": Case(
        [product("100"), shipping("8"), shipping("2"), discount("10"), tax("18.00")],
        ["Sales", UNMATCHED, UNMATCHED, UNMATCHED],
        "118.00",
        "18.00",
    ),
}


@pytest.mark.parametrize("case", OWN.values(), ids=OWN)
def test_one_discount_is_quickbooks_own_line(tmp_path: Path, case: Case) -> None:
    """R5: off goods that are taxed alike; before or after tax as Keap's tax says."""
    rehearsal = quickbooks(tmp_path, **{"invoices.skip_zero_total": False})
    invoice = sent(rehearsal, *case.items)
    assert item_names(rehearsal, invoice) == case.lines
    assert totals(invoice) == (case.total, case.tax)
    assert invoice.discount_first == case.first
    assert not invoice.tax_overridden
    (line,) = [line for line in invoice.lines if line.kind == "discount"]
    assert rehearsal.qbo.accounts[line.account_id].name == "Discounts given"


@pytest.mark.parametrize("case", BY_ITEM.values(), ids=BY_ITEM)
def test_other_discounts_are_negative_item_lines(tmp_path: Path, case: Case) -> None:
    """R5: anything else takes `unmatched_item`, and the total is Keap's all the same."""
    rehearsal = quickbooks(tmp_path)
    number = rehearsal.order(*case.items)
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED, document
    invoice = invoice_of(rehearsal, number)
    assert item_names(rehearsal, invoice) == case.lines
    assert totals(invoice) == (case.total, case.tax)
    assert not invoice.discount_first
    off = [line.amount for line in invoice.lines if line.description == "Sale"]
    assert all(amount <= 0 for amount in off)
    assert "qbo.discount_item" in document.message


def test_switched_off_discounts_are_items_and_the_mend_is_named(tmp_path: Path) -> None:
    """R5: only where the company allows its discount line."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.set_preferences(allow_discount=False)
    rehearsal.order(product("100"), discount("10"), tax("18.00"))
    message = only(rehearsal.sync()).message
    invoice = invoice_of(rehearsal, "1001")
    assert item_names(rehearsal, invoice) == ["Sales", UNMATCHED]
    assert amounts(invoice) == ["100.00", "-10.00"]
    assert totals(invoice) == ("108.00", "18.00")
    assert "discounts are switched off" in message


def test_named_discount_item_is_always_used(tmp_path: Path) -> None:
    """R5: as negative item lines, one discount or several, taxed as Keap's tax says."""
    rehearsal = quickbooks(tmp_path, **{"qbo.discount_item": "Discount"})
    one = sent(rehearsal, product("100"), discount("10"), tax("18.00"))
    two = sent(rehearsal, product("100"), discount("10"), discount("5"), tax("20.00"))
    assert item_names(rehearsal, one) == ["Sales", "Discount"]
    assert (amounts(one), tax_names(rehearsal, one)) == (["100.00", "-10.00"], [TAXED, TAXED])
    assert totals(one) == ("108.00", "18.00")
    assert item_names(rehearsal, two) == ["Sales", "Discount", "Discount"]
    assert tax_names(rehearsal, two) == [TAXED, FREE, FREE]
    assert totals(two) == ("105.00", "20.00")


def test_inclusive_discount_is_an_item_line(tmp_path: Path) -> None:
    """R4, R5: QuickBooks' own line only on a tax-exclusive form; each line's net is its own."""
    settings = {"tax.untaxed_invoices": "inclusive", "invoices.skip_zero_total": False}
    rehearsal = quickbooks(tmp_path, **settings)
    invoice = sent(rehearsal, product("500"), discount("450"))
    assert item_names(rehearsal, invoice) == ["Sales", UNMATCHED]
    assert totals(invoice) == ("50.00", "8.33")
    assert amounts(invoice) == ["416.67", "-375.00"]
    nothing = sent(rehearsal, product("100"), discount("100"))
    assert totals(nothing) == ("0.00", "0.00")
    assert amounts(nothing) == ["83.33", "-83.33"]


def test_exclusive_discount_lowers_the_tax_that_is_added(tmp_path: Path) -> None:
    """R5, R6 B: (100 - 10) + 20 % = 108."""
    rehearsal = quickbooks(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    invoice = sent(rehearsal, product("100"), discount("10"))
    assert item_names(rehearsal, invoice) == ["Sales", "discount"]
    assert invoice.discount_first
    assert totals(invoice) == ("108.00", "18.00")


# --- shipping -------------------------------------------------------------------------------------


def test_one_charge_for_shipping_is_quickbooks_own_line(tmp_path: Path) -> None:
    """R5: exactly one, where allowed; booked to the company's own account for it."""
    rehearsal = quickbooks(tmp_path)
    invoice = sent(rehearsal, product("100"), shipping("8"), tax("21.60"))
    assert item_names(rehearsal, invoice) == ["Sales", "shipping"]
    assert tax_names(rehearsal, invoice) == [TAXED, TAXED]
    assert totals(invoice) == ("129.60", "21.60")


def test_two_charges_for_shipping_are_items(tmp_path: Path) -> None:
    """R5: a form has one shipping line; two take `unmatched_item`, and that is reported."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.order(product("100"), shipping("8"), shipping("2"), tax("20.00"))
    message = only(rehearsal.sync()).message
    invoice = invoice_of(rehearsal, "1001")
    assert item_names(rehearsal, invoice) == ["Sales", UNMATCHED, UNMATCHED]
    assert totals(invoice) == ("130.00", "20.00")
    assert "QuickBooks' own line takes one charge for shipping, beside others" in message
    assert "qbo.shipping_item" in message


def test_switched_off_shipping_is_an_item_and_the_mend_is_named(tmp_path: Path) -> None:
    """R5: only where the company allows its shipping line."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.set_preferences(allow_shipping=False)
    rehearsal.order(product("100"), shipping("8"), tax("20.00"))
    message = only(rehearsal.sync()).message
    assert item_names(rehearsal, invoice_of(rehearsal, "1001")) == ["Sales", UNMATCHED]
    assert "shipping is switched off" in message


def test_named_shipping_item_is_always_used(tmp_path: Path) -> None:
    """R5: also where QuickBooks would have a line of its own."""
    rehearsal = quickbooks(tmp_path, **{"qbo.shipping_item": "Postage"})
    one = sent(rehearsal, product("100"), shipping("8"), tax("21.60"))
    two = sent(rehearsal, product("100"), shipping("8"), shipping("2"), tax("20.00"))
    assert item_names(rehearsal, one) == ["Sales", "Postage"]
    assert item_names(rehearsal, two) == ["Sales", "Postage", "Postage"]
    assert [totals(one), totals(two)] == [("129.60", "21.60"), ("130.00", "20.00")]


@pytest.mark.parametrize("how", ["switched off", "named item"])
def test_discount_before_tax_is_not_spread_over_untaxed_shipping(tmp_path: Path, how: str) -> None:
    """QuickBooks spreads its own discount over all item lines: with shipping among them that
    bears no tax, 18.15 would come of it instead of 18.00."""
    rehearsal = quickbooks(tmp_path)
    if how == "named item":
        rehearsal.configure({"qbo.shipping_item": "Postage"})
    else:
        rehearsal.qbo.set_preferences(allow_shipping=False)
    rehearsal.order(product("100"), discount("10"), shipping("8"), tax("18.00"))
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert totals(invoice_of(rehearsal, "1001")) == ("116.00", "18.00")
    # After tax nothing is spread, so its own line will do.
    invoice = sent(rehearsal, product("100"), discount("10"), shipping("8"), tax("20.00"))
    assert "discount" in item_names(rehearsal, invoice)
    assert totals(invoice) == ("118.00", "20.00")


def test_order_of_shipping_alone_is_an_item(tmp_path: Path) -> None:
    """QuickBooks refuses a form that has nothing but its own shipping line."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.order(shipping("8"))
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED, document
    invoice = invoice_of(rehearsal, "1001")
    assert (item_names(rehearsal, invoice), totals(invoice)) == ([UNMATCHED], ("8.00", "0.00"))
