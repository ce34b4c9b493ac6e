"""Tax in the simulated QuickBooks: automated, by hand, off, and for each rate elsewhere."""

from decimal import Decimal
from typing import Any

import pytest

from invoicesync_sandbox.qbo import sale
from tests.kits.qbo_app import App, Json, discount, shipping


def with_discounts(app: App) -> App:
    app.qbo.set_preferences(discount_account=app.qbo.account_id("Services"))
    return app


def ship_to(state: str) -> Json:
    return {"CountrySubDivisionCode": state}


def forced(amount: str, **more: Any) -> Json:
    return {"TotalTax": amount} | more


def test_automated_tax_goes_by_the_state() -> None:
    app = App("us")
    home = app.invoiced()
    assert (home["TxnTaxDetail"]["TotalTax"], home["TotalAmt"]) == (7.25, 107.25)
    assert "GlobalTaxCalculation" not in home
    texas = app.invoiced(ShipAddr=ship_to("TX"))
    assert texas["TxnTaxDetail"]["TotalTax"] == 8.25
    assert app.invoiced(ShipAddr=ship_to("OR"))["TotalAmt"] == 100
    customer = app.qbo.add_customer("New Yorker", BillAddr=ship_to("NY"))
    assert app.invoiced(CustomerRef={"value": customer})["TxnTaxDetail"]["TotalTax"] == 8.88


def test_automated_tax_spares_what_is_not_taxable() -> None:
    app = App("us")
    assert app.invoiced(app.line(code="NON"))["TotalAmt"] == 100
    plain = app.qbo.add_item("Book", taxable=False)
    found = app.invoiced(sale("10.00", item=plain), sale("10.00", item=app.item))
    codes = [line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in found["Line"][:2]]
    assert (codes, found["TotalAmt"]) == (["NON", "TAX"], 20.73)
    exempt = app.qbo.add_customer("School", Taxable=False)
    assert app.invoiced(CustomerRef={"value": exempt})["TotalAmt"] == 100


def test_american_lines_are_tax_or_non() -> None:
    app = App("us")
    assert app.refused("Invoice", app.invoice(app.line(code="3"))).startswith("6100")


def test_an_amount_of_tax_can_be_forced() -> None:
    app = App("us")
    found = app.invoiced(TxnTaxDetail=forced("3.30"))
    detail = found["TxnTaxDetail"]
    assert (detail["TotalTax"], found["TotalAmt"]) == (3.3, 103.3)
    assert detail["TaxReviewStatus"] == "AST_TAX_OVERRIDE"
    line = detail["TaxLine"][0]
    assert (line["Amount"], line["TaxLineDetail"]["OverrideDeltaAmount"]) == (3.3, -3.95)
    assert app.invoiced(TxnTaxDetail=forced("0"))["TotalAmt"] == 100
    assert app.invoiced(TxnTaxDetail={})["TotalAmt"] == 107.25
    own = app.invoiced(TxnTaxDetail=forced("3.30", UseAutomatedSalesTax=True))
    assert own["TotalAmt"] == 107.25


def test_a_forced_amount_may_need_a_tax_code() -> None:
    app = App("us", override_needs_tax_code=True)
    assert app.invoiced(TxnTaxDetail=forced("3.30"))["TotalAmt"] == 107.25
    coded = forced("3.30", TxnTaxCodeRef={"value": "TAX"})
    assert app.invoiced(TxnTaxDetail=coded)["TotalAmt"] == 103.3


def test_forced_tax_belongs_to_a_taxable_line() -> None:
    body = forced("3.30")
    app = App("us")
    posted = app.invoice(app.line(code="NON"), TxnTaxDetail=body)
    assert app.refused("Invoice", posted).startswith("6160")
    loose = App("us", override_without_taxable_line="ignore")
    assert loose.invoiced(loose.line(code="NON"), TxnTaxDetail=body)["TotalAmt"] == 100


def test_tax_on_shipping_is_added_unless_it_is_included() -> None:
    app = App("us")
    lines = (app.line(), shipping("10.00", "TAX"))
    assert app.invoiced(*lines)["TxnTaxDetail"]["TotalTax"] == 7.98
    assert app.invoiced(*lines, TxnTaxDetail=forced("5.00"))["TotalAmt"] == 115.73
    included = app.invoiced(*lines, TxnTaxDetail=forced("5.00"), ShippingTaxIncludedInTotalTax=True)
    assert included["TotalAmt"] == 115
    spared = app.invoiced(app.line(), shipping("10.00", "NON"), TxnTaxDetail=forced("5.00"))
    assert spared["TotalAmt"] == 115


@pytest.mark.parametrize(("by", "total"), [("code", 118.25), ("state", 119.08)])
def test_shipping_may_be_taxed_whatever_its_code(by: Any, total: float) -> None:
    app = App("us", shipping_taxed=by)
    found = app.invoiced(app.line(), shipping("10.00", "NON"), ShipAddr=ship_to("TX"))
    assert found["TotalAmt"] == total


@pytest.mark.parametrize(("first", "tax"), [(True, 6.53), (False, 7.25), (None, 7.25)])
def test_a_discount_comes_before_or_after_the_tax(first: bool | None, tax: float) -> None:
    app = with_discounts(App("us"))
    found = app.invoiced(app.line(), discount("10.00"), ApplyTaxAfterDiscount=first)
    assert (found["TxnTaxDetail"]["TotalTax"], found["TotalAmt"]) == (tax, 90 + tax)


def test_a_discount_is_shared_by_what_is_not_taxable() -> None:
    app = with_discounts(App("us"))
    lines = (app.line("60.00"), app.line("40.00", "NON"), discount("10.00"))
    found = app.invoiced(*lines, ApplyTaxAfterDiscount=True)
    assert found["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 54


def test_tax_by_hand_follows_the_code_of_the_form() -> None:
    app = App("us-manual")
    code = {"TxnTaxCodeRef": {"value": app.qbo.add_tax_code("Alameda County", "7.25", "3")}}
    found = app.invoiced(TxnTaxDetail=code)
    assert [line["Amount"] for line in found["TxnTaxDetail"]["TaxLine"]] == [7.25, 3]
    assert found["TotalAmt"] == 110.25
    assert app.invoiced()["TotalAmt"] == 100
    assert app.invoiced(TxnTaxDetail=code | forced("9.99"))["TotalAmt"] == 109.99
    assert app.refused("Invoice", app.invoice(TxnTaxDetail=forced("9.99"))).startswith("6160")
    app.qbo.set_preferences(default_tax_code=code["TxnTaxCodeRef"]["value"])
    assert app.invoiced(TxnTaxDetail=forced("9.99"))["TotalAmt"] == 109.99
    wrong = {"TxnTaxCodeRef": {"value": "TAX"}}
    assert app.refused("Invoice", app.invoice(TxnTaxDetail=wrong)).startswith("6100")


@pytest.mark.parametrize("code", ["6470", "6000"])
def test_no_tax_where_it_is_off(code: Any) -> None:
    app = App("us-no-tax", tax_off_code=code)
    found = app.invoiced(app.line(code="NON"))
    assert (found["TotalAmt"], "TxnTaxDetail" in found) == (100, False)
    assert app.refused("Invoice", app.invoice(app.line(code="TAX"))).startswith(code)
    posted = app.invoice(app.line(code="NON"), TxnTaxDetail=forced("3.30"))
    assert app.refused("Invoice", posted).startswith(code)


def test_elsewhere_every_line_has_a_code() -> None:
    app = App()
    said = app.refused("Invoice", app.invoice(sale("100.00", item=app.item)))
    assert said.endswith("Make sure all your transactions have a VAT rate before you save.")
    posted = app.invoice(app.line(), shipping("5.00"))
    assert "a VAT rate" in app.refused("Invoice", posted)
    assert app.refused("Invoice", app.invoice(app.line(code="TAX"))).startswith("2500")


def test_elsewhere_tax_is_rounded_once_for_each_rate() -> None:
    app = App("au")
    found = app.invoiced(*[app.line("3.33")] * 3, app.line("50.00", app.zero))
    detail = found["TxnTaxDetail"]
    assert (detail["TotalTax"], found["TotalAmt"]) == (2.0, 61.99)
    shown = [
        (line["Amount"], line["TaxLineDetail"]["NetAmountTaxable"]) for line in detail["TaxLine"]
    ]
    assert shown == [(2, 9.99), (0, 50)]


def test_taxes_on_taxes() -> None:
    app = App()
    code = app.qbo.add_tax_code("Compound", "5", "9.975", compound=True)
    found = app.invoiced(app.line(code=code))
    assert [line["Amount"] for line in found["TxnTaxDetail"]["TaxLine"]] == [5, 10.47]


@pytest.mark.parametrize("required", [True, False])
def test_the_way_of_including_tax_may_be_needed(required: bool) -> None:
    app = App(global_tax_calculation_required=required)
    posted = app.invoice(GlobalTaxCalculation=None)
    if required:
        assert app.refused("Invoice", posted).startswith("2020")
    else:
        assert app.made("Invoice", posted)["GlobalTaxCalculation"] == "TaxExcluded"


def test_no_tax_at_all() -> None:
    app = App()
    found = app.invoiced(sale("100.00", item=app.item), GlobalTaxCalculation="NotApplicable")
    assert found["TotalAmt"] == 100
    posted = app.invoice(GlobalTaxCalculation="NotApplicable", TxnTaxDetail=forced("1"))
    assert app.refused("Invoice", posted).startswith("6170")


def inclusive(app: App, *lines: tuple[str, str]) -> Json:
    """Lines with their net amount and their amount with tax."""
    posted = []
    for net, gross in lines:
        line = app.line(net)
        line["SalesItemLineDetail"]["TaxInclusiveAmt"] = gross
        posted.append(line)
    return app.invoiced(*posted, GlobalTaxCalculation="TaxInclusive")


@pytest.mark.parametrize("total", ["net", "gross"])
def test_tax_can_be_included(total: Any) -> None:
    found = inclusive(App(inclusive_total=total), ("100.00", "120.00"))
    assert (found["TotalAmt"], found["TxnTaxDetail"]["TotalTax"]) == (120, 20)
    assert found["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 120
    assert found["GlobalTaxCalculation"] == "TaxInclusive"


@pytest.mark.parametrize(
    ("total", "sums", "nets"),
    [("net", (109.99, 18.33), [83.33, 8.33]), ("gross", (110, 18.33), [83.33, 8.34])],
)
def test_included_tax_is_added_up_from_net_or_gross(
    total: Any, sums: tuple[float, float], nets: list[float]
) -> None:
    found = inclusive(App(inclusive_total=total), ("83.33", "100.00"), ("8.33", "10.00"))
    assert (found["TotalAmt"], found["TxnTaxDetail"]["TotalTax"]) == sums
    assert [line["Amount"] for line in found["Line"][:2]] == nets


def tax_line(app: App, amount: str, rate: str = "1") -> Json:
    detail = {"TaxRateRef": {"value": rate}, "PercentBased": True, "TaxPercent": 20}
    line = {"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
    return {"TotalTax": amount, "TaxLine": [line]}


def test_small_differences_can_be_forced() -> None:
    app = App()
    found = app.invoiced(TxnTaxDetail=tax_line(app, "20.01"))
    assert (found["TotalAmt"], found["TxnTaxDetail"]["TotalTax"]) == (120.01, 20.01)
    line = found["TxnTaxDetail"]["TaxLine"][0]
    assert line["TaxLineDetail"]["OverrideDeltaAmount"] == 0.01
    assert app.invoiced(TxnTaxDetail=forced("20.01"))["TotalAmt"] == 120


@pytest.mark.parametrize(
    ("tolerance", "beyond", "total"),
    [("1.00", "refuse", None), ("1.00", "recompute", 120), (None, "refuse", 108.25)],
)
def test_large_differences(tolerance: str | None, beyond: Any, total: float | None) -> None:
    most = None if tolerance is None else Decimal(tolerance)
    app = App(tax_override_tolerance=most, tax_override_beyond=beyond)
    posted = app.invoice(TxnTaxDetail=tax_line(app, "8.25"))
    if total is None:
        assert app.refused("Invoice", posted).startswith("6160")
    else:
        assert app.made("Invoice", posted)["TotalAmt"] == total


@pytest.mark.parametrize(("rate", "code"), [("2", "6160"), ("99", "6160"), ("", "2020")])
def test_a_tax_line_is_for_a_rate_of_the_lines(rate: str, code: str) -> None:
    app = App()
    posted = app.invoice(TxnTaxDetail=tax_line(app, "20.01", rate))
    assert app.refused("Invoice", posted).startswith(code)


@pytest.mark.parametrize(("first", "tax"), [(True, 18), (False, 20)])
def test_elsewhere_a_discount_lowers_what_is_taxed(first: bool, tax: int) -> None:
    app = with_discounts(App())
    found = app.invoiced(app.line(), discount("10.00"), ApplyTaxAfterDiscount=first)
    assert (found["TxnTaxDetail"]["TotalTax"], found["TotalAmt"]) == (tax, 90 + tax)


@pytest.mark.parametrize(("how", "tax"), [("spread", 9), ("own-code", 8)])
def test_a_discount_may_be_taxed_by_its_own_code(how: Any, tax: int) -> None:
    app = with_discounts(App(discount_line_taxed=how))
    lines = (app.line("50.00"), app.line("50.00", app.zero))
    off = discount("10.00", TaxCodeRef={"value": app.code})
    found = app.invoiced(*lines, off, ApplyTaxAfterDiscount=True)
    assert (found["TxnTaxDetail"]["TotalTax"], found["TotalAmt"]) == (tax, 90 + tax)


def test_a_discount_line_may_need_a_code() -> None:
    app = with_discounts(App(discount_line_needs_tax_code=True))
    posted = app.invoice(app.line(), discount("10.00"))
    assert "a VAT rate" in app.refused("Invoice", posted)
    coded = discount("10.00", TaxCodeRef={"value": app.code})
    assert app.invoiced(app.line(), coded)["TotalAmt"] == 110


def test_each_country_calls_its_rates_otherwise() -> None:
    app = App("au")
    said = app.refused("Invoice", app.invoice(app.line(code="")))
    assert said.endswith("Make sure all your transactions have a GST rate before you save.")
