"""Invoices in the simulated QuickBooks: lines, totals, numbers, dates, changes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_sandbox.qbo import Refused, sale
from tests.kits.qbo_app import App, Json, discount, shipping


def lines_of(found: Json) -> list[tuple[str, Any]]:
    return [(line["DetailType"], line.get("Amount")) for line in found["Line"]]


@pytest.mark.parametrize(
    ("qty", "price", "amount"), [("14.5", "128.35", "1861.08"), ("3", "9.99", "29.97")]
)
def test_amounts_are_quantity_times_price_rounded_half_up(
    qty: str, price: str, amount: str
) -> None:
    app = App()
    found = app.invoiced(sale(amount, qty=qty, unit_price=price, tax_code=app.zero))
    detail = found["Line"][0]["SalesItemLineDetail"]
    assert (detail["Qty"], detail["UnitPrice"]) == (float(qty), float(price))


def test_a_cent_off_is_refused() -> None:
    app = App()
    line = sale("1861.07", qty="14.5", unit_price="128.35", tax_code=app.zero)
    said = app.refused("Invoice", app.invoice(line))
    assert said == "6070 Amount is not equal to UnitPrice * Qty. Supplied value:1,861.07"


def test_without_both_any_amount_will_do() -> None:
    app = App()
    lines = [
        sale("7.77", qty="3", tax_code=app.zero),
        sale("7.77", unit_price="3", tax_code=app.zero),
    ]
    assert app.invoiced(*lines)["TotalAmt"] == 15.54


def test_unit_prices_keep_seven_decimals() -> None:
    app = App()
    lines = [
        sale("277.69", qty="3", unit_price="92.5633333", tax_code=app.zero),
        sale("0.00", qty="1", unit_price="0.00000001", tax_code=app.zero),
    ]
    details = [line.get("SalesItemLineDetail", {}) for line in app.invoiced(*lines)["Line"]]
    assert [detail.get("UnitPrice") for detail in details[:2]] == [92.5633333, 0]


def test_lines_need_an_amount_and_a_type() -> None:
    app = App()
    for name, message in (("Amount", "Amount"), ("DetailType", "DetailType")):
        line = {key: value for key, value in app.line().items() if key != name}
        assert app.refused("Invoice", app.invoice(line)) == (
            f"2020 Required parameter {message} is missing in the request"
        )


def test_the_server_adds_a_subtotal() -> None:
    app = App()
    found = app.invoiced(app.line("60.00"), app.line("40.00"))
    assert lines_of(found)[-1] == ("SubTotalLineDetail", 100)
    assert "Id" not in found["Line"][-1]
    assert [line["Id"] for line in found["Line"][:-1]] == ["1", "2"]


def test_a_line_without_an_item_gets_the_default_one() -> None:
    app = App()
    found = app.invoiced(sale("5.00", tax_code=app.zero))
    item = found["Line"][0]["SalesItemLineDetail"]["ItemRef"]
    assert item["name"] == "Services"
    app.qbo.set_preferences(default_item=app.item)
    found = app.invoiced(sale("5.00", tax_code=app.zero))
    assert found["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == app.item


def test_negative_lines_but_no_negative_total() -> None:
    app = App()
    assert app.invoiced(app.line("10.00"), app.line("-10.00"))["TotalAmt"] == 0
    said = app.refused("Invoice", app.invoice(app.line("10.00"), app.line("-10.01")))
    assert said.endswith("You must specify a transaction amount that is 0 or greater.")


def test_zero_totals_may_be_refused() -> None:
    app = App(zero_total_refused=True)
    assert app.refused("Invoice", app.invoice(app.line("0.00"))).startswith("6000")


def test_a_discount_is_positive_and_comes_off() -> None:
    app = App()
    app.qbo.set_preferences(discount_account=app.qbo.account_id("Services"))
    found = app.invoiced(app.line(code=app.zero), discount("10.00"))
    assert lines_of(found)[1:] == [("SubTotalLineDetail", 100), ("DiscountLineDetail", 10)]
    assert found["TotalAmt"] == 90
    percent = app.invoiced(
        app.line("33.33", app.zero), discount(PercentBased=True, DiscountPercent=8.5)
    )
    assert lines_of(percent)[-1] == ("DiscountLineDetail", 2.83)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([discount("100.01")], "The discount amount can't be greater than the subtotal"),
        ([discount("1"), discount("1")], "6090"),
        ([discount("-1")], "2290"),
        ([discount()], "2020"),
        ([discount("1", DiscountAccountRef={"value": "1"})], "6090"),
    ],
)
def test_discounts_that_cannot_be(lines: list[Json], said: str) -> None:
    app = App()
    app.qbo.set_preferences(discount_account=app.qbo.account_id("Services"))
    assert said in app.refused("Invoice", app.invoice(app.line(), *lines))


def test_discounts_and_shipping_need_their_settings() -> None:
    app = App()
    assert app.refused("Invoice", app.invoice(app.line(), discount("1"))).startswith("6090")
    app.qbo.set_preferences(allow_discount=False, allow_shipping=False)
    named = discount("1", DiscountAccountRef={"value": app.qbo.account_id("Services")})
    assert app.refused("Invoice", app.invoice(app.line(), named)).startswith("6090")
    assert "Shipping" in app.refused("Invoice", app.invoice(app.line(), shipping("5", app.zero)))
    assert "Shipping" in app.refused("Invoice", app.invoice(TrackingNum="1Z"))


def test_shipping_is_a_line_without_a_quantity() -> None:
    app = App()
    found = app.invoiced(app.line(), shipping("5.00", app.zero))
    assert lines_of(found) == [
        ("SalesItemLineDetail", 100),
        ("SubTotalLineDetail", 100),
        ("SalesItemLineDetail", 5),
    ]
    assert found["TotalAmt"] == 125
    line = sale("5.00", item="SHIPPING_ITEM_ID", qty="1", tax_code=app.zero)
    assert "no quantity" in app.refused("Invoice", app.invoice(app.line(), line))
    two = (app.line(), shipping("5.00", app.zero), shipping("1.00", app.zero))
    assert "more than one" in app.refused("Invoice", app.invoice(*two))


def test_words_are_lines_too() -> None:
    app = App()
    found = app.invoiced({"DetailType": "DescriptionOnly", "Description": "Thank you"})
    assert (found["TotalAmt"], found["Line"][0]["Description"]) == (0, "Thank you")
    long = {"DetailType": "DescriptionOnly", "Description": "x" * 4001}
    assert app.refused("Invoice", app.invoice(long)).startswith("2050")


def test_payments_cannot_be_linked_from_the_invoice() -> None:
    app = App()
    links = [{"TxnId": "1", "TxnType": "Payment"}]
    assert app.refused("Invoice", app.invoice(LinkedTxn=links)).startswith("620")
    line = app.line(LinkedTxn=links)
    assert app.refused("Invoice", app.invoice(line)).startswith("620")


def test_numbers_are_given_out_unless_numbering_is_by_hand() -> None:
    app = App()
    assert app.invoiced(DocNumber="1001")["DocNumber"] == "1001"
    assert app.invoiced()["DocNumber"] == "1002"
    app.qbo.set_preferences(custom_numbers=True)
    assert "DocNumber" not in app.invoiced()
    assert app.invoiced(DocNumber="AUTO_GENERATE")["DocNumber"] == "1003"
    assert app.invoiced(AutoDocNumber=True)["DocNumber"] == "1004"


def test_a_number_is_good_once() -> None:
    app = App()
    first = app.invoiced(DocNumber="K-1")
    said = app.refused("Invoice", app.invoice(DocNumber="K-1"))
    assert said.startswith("6140 Duplicate Document Number Error")
    assert said.endswith(f"DocNumber=K-1 is assigned to TxnType=Invoice with TxnId={first['Id']}")
    query = "?include=allowduplicatedocnum"
    assert app.made("Invoice", app.invoice(DocNumber="K-1"), query)["DocNumber"] == "K-1"
    app.qbo.set_preferences(warn_duplicate_numbers=False)
    assert app.invoiced(DocNumber="K-1")["DocNumber"] == "K-1"


def test_a_number_may_be_used_by_another_kind_and_after_deletion() -> None:
    app = App()
    app.qbo.set_preferences(auto_apply_credit=False)
    first = app.invoiced(DocNumber="K-1")
    assert app.made("CreditMemo", app.invoice(DocNumber="K-1"))["DocNumber"] == "K-1"
    app.made("Invoice", {"Id": first["Id"], "SyncToken": "0"}, "?operation=delete")
    assert app.invoiced(DocNumber="K-1")["Id"] != first["Id"]


def test_numbers_may_be_watched_only_when_they_are_given_by_hand() -> None:
    app = App(duplicate_numbers_checked="custom")
    app.invoiced(DocNumber="K-1")
    app.invoiced(DocNumber="K-1")
    app.qbo.set_preferences(custom_numbers=True)
    assert app.refused("Invoice", app.invoice(DocNumber="K-1")).startswith("6140")


@pytest.mark.parametrize("code", ["2050", "6000"])
def test_a_number_has_21_characters(code: Any) -> None:
    app = App(long_number_code=code)
    assert app.invoiced(DocNumber="x" * 21)["DocNumber"] == "x" * 21
    assert app.refused("Invoice", app.invoice(DocNumber="x" * 22)).startswith(code)


def test_dates_have_defaults() -> None:
    app = App()
    app.qbo.clock.set(datetime(2026, 11, 21, 5, 0, tzinfo=UTC))
    app.token = app.qbo.issue_token()
    found = app.invoiced(TxnDate=None)
    assert (found["TxnDate"], found["DueDate"]) == ("2026-11-20", "2026-11-20")
    term = app.qbo.add_term("Net 30", 30)
    found = app.invoiced(SalesTermRef={"value": term})
    assert found["DueDate"] == "2026-12-03"
    customer = app.qbo.add_customer("Ben", SalesTermRef={"value": term})
    assert app.invoiced(CustomerRef={"value": customer})["DueDate"] == "2026-12-03"


def test_addresses_come_from_the_customer() -> None:
    app = App()
    customer = app.qbo.add_customer("Ben", email="ben@example.com", city="Leeds")
    found = app.invoiced(CustomerRef={"value": customer})
    assert found["BillEmail"] == {"Address": "ben@example.com"}
    assert found["BillAddr"] == {"City": "Leeds"}
    assert found["EmailStatus"] == "NotSet"
    nobody = app.qbo.add_customer("No Mail")
    posted = app.invoice(CustomerRef={"value": nobody}, EmailStatus="NeedToSend")
    assert app.refused("Invoice", posted).startswith("2020")


def test_tracking_needs_its_settings() -> None:
    app = App()
    group, place = app.qbo.add_class("Market"), app.qbo.add_department("Leeds")
    fields = {"ClassRef": {"value": group}, "DepartmentRef": {"value": place}}
    for name, value in fields.items():
        assert "not turned on" in app.refused("Invoice", app.invoice(**{name: value}))
    line = app.line()
    line["SalesItemLineDetail"]["ClassRef"] = {"value": group}
    assert "not turned on" in app.refused("Invoice", app.invoice(line))
    app.qbo.set_preferences(classes_on_lines=True)
    shown = app.invoiced(line)["Line"][0]["SalesItemLineDetail"]["ClassRef"]
    assert shown == {"value": group, "name": "Market"}
    app.qbo.set_preferences(classes_on_forms=True, departments=True)
    found = app.invoiced(**fields)
    assert (found["ClassRef"]["value"], found["DepartmentRef"]["value"]) == (group, place)


def test_currencies_do_not_cross() -> None:
    app = App()
    assert "currency" in app.refused("Invoice", app.invoice(CurrencyRef={"value": "EUR"}))
    app.qbo.set_preferences(multicurrency=True)
    app.qbo.add_currency("EUR", "0.85")
    customer = {"value": app.qbo.add_customer("Éric", currency="EUR")}
    euros = app.invoiced(CustomerRef=customer, CurrencyRef={"value": "EUR"})
    assert (euros["ExchangeRate"], euros["HomeTotalAmt"]) == (0.85, 102)
    said = app.refused("Invoice", app.invoice(CustomerRef=customer, CurrencyRef={"value": "GBP"}))
    assert "The currency of the transaction is invalid" in said
    assert app.refused("Invoice", app.invoice()).startswith("2020")


def test_the_currency_may_be_left_out() -> None:
    app = App(currency_required=False)
    app.qbo.set_preferences(multicurrency=True)
    assert app.invoiced()["CurrencyRef"]["value"] == "GBP"


def test_voiding_leaves_an_invoice_of_nothing() -> None:
    app = App()
    made = app.invoiced(PrivateNote="Keap order 7")
    paid = app.qbo.pay(made["Id"], "50.00")
    marks = {"Id": made["Id"], "SyncToken": "1"}
    found = app.made("Invoice", marks, "?operation=void")
    assert (found["TotalAmt"], found["Balance"], found["Line"][0]["Amount"]) == (0, 0, 0)
    assert found["PrivateNote"] == "Voided - Keap order 7"
    assert app.qbo.invoices[made["Id"]].status == "voided"
    again = {"Id": made["Id"], "SyncToken": found["SyncToken"], "sparse": True}
    assert app.refused("Invoice", again | {"PrivateNote": "x"}).startswith("500")
    payment = app.read("Payment", paid)
    assert (payment["Line"], payment["UnappliedAmt"]) == ([], 50)


def test_deleting_takes_it_out_of_sight() -> None:
    app = App()
    made = app.invoiced()
    marks = {"Id": made["Id"], "SyncToken": "0"}
    gone = app.made("Invoice", marks, "?operation=delete")
    assert gone == {"status": "Deleted", "domain": "QBO", "Id": made["Id"]}
    assert app.query("select * from Invoice") == {}
    assert app.send("GET", f"invoice/{made['Id']}").status_code == 400
    assert app.qbo.invoices[made["Id"]].status == "deleted"
    assert app.refused("Invoice", marks | {"SyncToken": "1", "sparse": True}).startswith("610")


@pytest.mark.parametrize("deletable", [False, True])
def test_an_invoice_with_payments_may_be_deletable(deletable: bool) -> None:
    app = App(linked_deletable=deletable)
    made = app.invoiced()
    paid = app.qbo.pay(made["Id"])
    if deletable:
        app.qbo.delete_invoice(made["Id"])
        assert app.read("Payment", paid)["UnappliedAmt"] == 120
    else:
        with pytest.raises(Refused, match="linked"):
            app.qbo.delete_invoice(made["Id"])
        assert app.qbo.invoices[made["Id"]].status == "live"


def test_lines_in_an_update_replace_all_lines() -> None:
    app = App()
    made = app.invoiced(app.line("60.00"), app.line("40.00"), DocNumber="K-1")
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "TxnTaxDetail": {}}
    lines = app.invoice(app.line("70.00"))["Line"]
    found = app.made("Invoice", body | {"Line": lines})
    assert (found["DocNumber"], found["TotalAmt"], len(found["Line"])) == ("K-1", 84, 2)


@pytest.mark.parametrize(("again", "total"), [(False, 90), (True, 84)])
def test_tax_stays_in_a_sparse_update_that_is_silent_about_it(again: bool, total: int) -> None:
    app = App(tax_recalculated_on_update=again)
    made = app.invoiced()
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    lines = app.invoice(app.line("70.00"))["Line"]
    assert app.made("Invoice", body | {"Line": lines})["TotalAmt"] == total


def test_what_is_read_can_be_sent_back() -> None:
    app = App()
    app.qbo.set_preferences(discount_account=app.qbo.account_id("Services"))
    made = app.invoiced(app.line(), discount("10.00"), shipping("5.00", app.zero))
    app.qbo.pay(made["Id"], "20.00")
    read = app.read("Invoice", made["Id"])
    again = app.made("Invoice", read | {"PrivateNote": "by hand"})
    changed = {"PrivateNote", "SyncToken", "MetaData"}
    assert {name for name in read | again if read.get(name) != again.get(name)} <= changed
    assert (again["Balance"], again["SyncToken"]) == (95, "2")


def test_an_invoice_cannot_shrink_below_what_is_paid() -> None:
    app = App()
    made = app.invoiced()
    app.qbo.pay(made["Id"], "100.00")
    with pytest.raises(Refused, match="applied"):
        app.qbo.edit_invoice(made["Id"], Line=[app.line("10.00")], TxnTaxDetail={})
    assert app.qbo.invoices[made["Id"]].total == Decimal(120)


def test_a_person_enters_invoices_too() -> None:
    app = App()
    row = app.qbo.invoices[app.qbo.enter_invoice(app.customer, [app.line()], DocNumber="H-1")]
    assert (row.number, row.customer_id, row.total) == ("H-1", app.customer, Decimal(120))
    app.qbo.edit_invoice(row.id, TxnDate="2026-11-05")
    assert app.qbo.invoices[row.id].txn_date == date(2026, 11, 5)
    app.qbo.void_invoice(row.id)
    assert app.qbo.invoices[row.id].status == "voided"
    app.qbo.rename("Customer", app.customer, "Alice B")
    assert app.read("Invoice", row.id)["CustomerRef"]["name"] == "Alice B"


def test_a_line_keeps_its_identity_by_its_id() -> None:
    app = App()
    made = app.invoiced(app.line("60.00"), app.line("40.00"))
    second = dict(made["Line"][1])
    lines = [*app.invoice(app.line("5.00"))["Line"], second]
    marks = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    found = app.made("Invoice", marks | {"Line": lines})
    assert [line.get("Id") for line in found["Line"]] == ["3", "2", None]


def test_fields_of_one_form_are_unknown_to_another() -> None:
    app = App()
    fields = {"AllowOnlineCreditCardPayment": False}
    assert app.invoiced(**fields)["AllowOnlineCreditCardPayment"] is False
    assert app.refused("CreditMemo", app.invoice(**fields)).startswith("2010")
    assert app.refused("Customer", {"DisplayName": "x", "HiredDate": "2026-11-01"}) == (
        "2010 Property Name:HiredDate specified is unsupported or invalid"
    )
