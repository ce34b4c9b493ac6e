"""Rule R6 in QuickBooks in the United States: TAX and NON, and one amount for the whole form."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Address, Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.qbo_company import (
    book,
    charge,
    decisions,
    discount,
    invoice_of,
    invoices,
    item_names,
    product,
    quickbooks,
    sent,
    shipping,
    tax,
    tax_names,
    totals,
)
from tests.kits.rehearsal import Rehearsal, only

TEXAN = Address("1 Oak Street", "", "Austin", "Texas", "US-TX", "78701", "USA", "United States")
WORLDS = ["us", "us-manual"]


def company_of(home: Path, world: Any, **settings: Any) -> Rehearsal:
    """An American company that taxes its sales by itself, or by codes that somebody keeps."""
    return quickbooks(home, world, **settings)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    ("items", "amount", "codes"),
    [
        ([product("100")], "8.25", ["TAX"]),
        ([product("100")], "0.01", ["TAX"]),
        ([product("100"), book("50")], "7.25", ["TAX", "NON"]),
        ([product("100"), book("50"), charge("10")], "7.25", ["TAX", "NON", "NON"]),
        ([book("50"), charge("10")], "3.63", ["TAX", "NON"]),
        ([book("50"), book("20"), discount("5")], "4.71", ["TAX", "TAX", ""]),
        ([product("100"), shipping("8")], "7.83", ["TAX", "NON"]),
        ([product("100"), discount("10"), shipping("8")], "6.53", ["TAX", "", "NON"]),
        ([product("100"), book("50"), discount("10")], "6.53", ["TAX", "NON", "TAX"]),
    ],
)
def test_keaps_amount_is_the_tax_of_the_form(
    tmp_path: Path, world: str, items: list[Item], amount: str, codes: list[str]
) -> None:
    """R6: base 1, or base 9 when no product is flagged; shipping NON; the amount is Keap's,
    whatever QuickBooks would come to."""
    rehearsal = company_of(tmp_path, world)
    order = rehearsal.order(*items, tax(amount))
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED, document
    invoice = invoice_of(rehearsal, order)
    assert tax_names(rehearsal, invoice) == codes
    assert totals(invoice) == (f"{document.total:.2f}", amount)
    assert invoice.calculation == ""
    flagged = any(item.taxable for item in items)
    assert decisions(rehearsal, order)["tax"][1] == f"R6 base {1 if flagged else 9}"


@pytest.mark.parametrize("taxed", ["code", "state"])
def test_tax_on_shipping_never_comes_on_top(tmp_path: Path, taxed: Any) -> None:
    """R6: in Texas shipping is taxed; what Keap took is all there is, and that is asked for."""
    rehearsal = company_of(tmp_path, "us")
    rehearsal.qbo.switches = QboSwitches(shipping_taxed=taxed)
    person = rehearsal.person(billing=TEXAN)
    invoice = sent(rehearsal, product("100"), shipping("8"), tax("8.91"), contact=person)
    assert item_names(rehearsal, invoice) == ["Sales", "shipping"]
    assert totals(invoice) == ("116.91", "8.91")
    assert invoice.shipping_tax_included


@pytest.mark.parametrize("world", [*WORLDS, "us-no-tax"])
def test_untaxed_invoice_stays_untaxed(tmp_path: Path, world: str) -> None:
    """R6 B: exempt is exempt, in whatever state the buyer lives and for whatever is bought."""
    rehearsal = company_of(tmp_path, world)
    person = rehearsal.person(billing=TEXAN)
    order = rehearsal.order(
        product("100"), product("10", sku="TIL"), shipping("8"), discount("3"), contact=person
    )
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED, document
    assert totals(invoice_of(rehearsal, order)) == ("115.00", "0.00")


def test_state_that_taxes_shipping_all_the_same_is_reported(tmp_path: Path) -> None:
    """The invariant: should QuickBooks go by the state and not by the line's NON, the difference
    is told with both figures; with a `shipping_item` there is none."""
    rehearsal = company_of(tmp_path, "us")
    rehearsal.qbo.switches = QboSwitches(shipping_taxed="state")
    person = rehearsal.person(billing=TEXAN)
    rehearsal.order(product("100"), shipping("8"), contact=person)
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "108.66" in document.message
    assert "108.00" in document.message
    rehearsal.configure({"qbo.shipping_item": "Postage"})
    other = rehearsal.order(product("100"), shipping("8"), contact=person)
    rehearsal.sync()
    assert totals(invoice_of(rehearsal, other)) == ("108.00", "0.00")


@pytest.mark.parametrize("code", ["US-TX", "TX", "Texas"])
def test_state_is_written_as_quickbooks_knows_it(tmp_path: Path, code: str) -> None:
    """QuickBooks finds its rates by the state: `TX`, where Keap's ISO code is `US-TX`."""
    rehearsal = company_of(tmp_path, "us")
    invoice = sent(rehearsal, contact=rehearsal.person(billing=replace(TEXAN, region_code=code)))
    address = rehearsal.qbo.customers[invoice.customer_id].kept["BillAddr"]
    assert address["CountrySubDivisionCode"] == code.removeprefix("US-")


@pytest.mark.parametrize(
    ("world", "amount", "expected"),
    [
        ("us", "6.53", ("96.53", "6.53")),
        ("us-manual", "7.25", ("97.25", "7.25")),
        ("us", None, ("90.00", "0.00")),
        ("us-no-tax", None, ("90.00", "0.00")),
    ],
)
def test_discount_line_says_what_it_does_to_tax_or_nothing(
    tmp_path: Path, world: str, amount: str | None, expected: tuple[str, str]
) -> None:
    """R5: base 1 includes discounts here, so tax comes after it; absent when nothing is taxed."""
    rehearsal = company_of(tmp_path, world)
    taxes = [tax(amount)] if amount else []
    invoice = sent(rehearsal, product("100"), discount("10"), *taxes)
    assert item_names(rehearsal, invoice) == ["Sales", "discount"]
    assert totals(invoice) == expected
    assert invoice.discount_first == bool(amount)
    last = next(call for call in reversed(rehearsal.qbo.calls) if b"DiscountLine" in call.body)
    assert (b"ApplyTaxAfterDiscount" in last.body) == bool(amount)


@pytest.mark.parametrize("heard", [True, False])
def test_manual_company_sells_under_its_own_code(tmp_path: Path, heard: bool) -> None:
    """R6: where tax is kept by hand the form names the company's code, chosen or the only one."""
    rehearsal = company_of(tmp_path, "us-manual")
    if heard:
        code = rehearsal.qbo.add_tax_code("Marin County", "8.25")
        rehearsal.qbo.set_preferences(default_tax_code=code)
    invoice = sent(rehearsal, product("100"), tax("8.25"))
    assert totals(invoice) == ("108.25", "8.25")
    name = rehearsal.qbo.tax_codes[invoice.tax_code].name
    assert name == ("Marin County" if heard else "Alameda County")


@pytest.mark.parametrize("world", [*WORLDS, "us-no-tax"])
@pytest.mark.parametrize("untaxed", ["inclusive", "exclusive"])
def test_tax_on_untaxed_invoices_is_a_configuration_error(
    tmp_path: Path, world: str, untaxed: str
) -> None:
    """R6: the expected total cannot be known there; exit code 5, naming the key and the correct."""
    rehearsal = company_of(tmp_path, world, **{"tax.untaxed_invoices": untaxed})
    rehearsal.order()
    with pytest.raises(ConfigError, match=rf"tax.untaxed_invoices.*{untaxed}") as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5
    assert "exempt" in str(caught.value.hint)
    assert invoices(rehearsal) == []


def test_codes_other_than_tax_and_non_are_a_configuration_error(tmp_path: Path) -> None:
    """R6: line codes are TAX and NON."""
    rehearsal = company_of(tmp_path, "us", **{"qbo.taxable_code": "California"})
    rehearsal.order()
    with pytest.raises(ConfigError, match=r"qbo.taxable_code.*'TAX'") as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("world", ["us-no-tax", "uk"])
def test_company_without_sales_tax_holds_what_keap_taxed(tmp_path: Path, world: str) -> None:
    """R6: `tax-code-unknown`, saying what to set; untaxed orders go, and the held one goes once
    sales tax is on."""
    rehearsal = company_of(tmp_path, world)
    rehearsal.qbo.set_preferences(using_sales_tax=False)
    taxed = rehearsal.order(product("100"), tax("7.25"))
    untaxed = rehearsal.order(product("50"))
    found = {document.order_id: document for document in rehearsal.sync().documents}
    held = found[taxed]
    assert (held.state, held.reason) == (DocumentState.HELD, "tax-code-unknown")
    assert "sales tax is switched off" in held.message
    assert "Switch sales tax on" in held.hint
    assert totals(invoice_of(rehearsal, untaxed)) == ("50.00", "0.00")
    rehearsal.qbo.set_preferences(using_sales_tax=True)
    if world == "uk":
        rehearsal.qbo.switches = QboSwitches(tax_override_tolerance=None)
        assert only(rehearsal.sync()).state is DocumentState.CREATED
        assert totals(invoice_of(rehearsal, taxed)) == ("107.25", "7.25")


def test_manual_company_with_several_codes_needs_one_to_be_chosen(tmp_path: Path) -> None:
    """R6: which of them a sale is taxed by is not for the tool to guess; once it is chosen in
    QuickBooks, the held order goes when it is asked for."""
    rehearsal = company_of(tmp_path, "us-manual")
    code = rehearsal.qbo.add_tax_code("Marin County", "8.25")
    order = rehearsal.order(product("100"), tax("8.25"))
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "tax-code-unknown")
    assert "default sales tax rate in QuickBooks" in document.hint
    rehearsal.qbo.set_preferences(default_tax_code=code)
    assert only(rehearsal.sync(ids=(order,))).state is DocumentState.CREATED
    assert totals(invoice_of(rehearsal, order)) == ("108.25", "8.25")
