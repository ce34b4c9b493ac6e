"""Lines in the simulated Xero: rounding to the cent, defaults, accounts, tax types, discounts."""

from typing import Any

import pytest

from tests.kits.xero_app import App, Json, errors, invoice, line


def first(app: App, *lines: Json, **fields: Any) -> Json:
    """The first line of an invoice as it is saved."""
    found = app.put("Invoices", invoice(*lines, **fields))
    assert errors(found) == []
    saved: Json = found["LineItems"][0]
    return saved


@pytest.mark.parametrize(
    ("types", "quantity", "unit", "line_amount", "tax", "totals"),
    [
        ("Exclusive", 3, "3.33", 9.99, 2.0, (9.99, 2.0, 11.99)),
        ("Inclusive", 1, "120", 120, 20, (100, 20, 120)),
        ("Inclusive", 1, "49.99", 49.99, 8.33, (41.66, 8.33, 49.99)),
        ("NoTax", 1, "100", 100, 0, (100, 0, 100)),
        ("Exclusive", "2.5", "0.05", 0.13, 0.03, (0.13, 0.03, 0.16)),
        ("Exclusive", 1, "-10", -10, -2, (90, 18, 108)),
        ("Exclusive", "0.33335", 1, 0.33, 0.07, (0.33, 0.07, 0.40)),
    ],
)
def test_amounts_are_rounded_line_by_line(
    types: str, quantity: Any, unit: Any, line_amount: float, tax: float, totals: tuple[float, ...]
) -> None:
    lines = [line(Quantity=quantity, UnitAmount=unit)]
    if line_amount < 0:
        lines.append(line())
    found = App().created(LineItems=lines, LineAmountTypes=types)
    saved = found["LineItems"][0]
    assert (saved["LineAmount"], saved["TaxAmount"]) == (line_amount, tax)
    assert (found["SubTotal"], found["TotalTax"], found["Total"]) == totals


def test_tax_is_rounded_for_each_line_not_once() -> None:
    found = App().created(LineItems=[line(UnitAmount="3.33")] * 3)
    assert (found["TotalTax"], found["Total"]) == (2.01, 12.0)


@pytest.mark.parametrize(
    ("query", "unit", "amount"), [("", 33.33, 99.99), ("&unitdp=4", 33.3333, 100)]
)
def test_unit_amounts_keep_two_places_or_four(query: str, unit: float, amount: float) -> None:
    app = App()
    body = invoice(line(Quantity=3, UnitAmount="33.3333"), InvoiceNumber="K-1")
    found = app.send("PUT", f"/Invoices?x=1{query}", body).get_json()["Invoices"][0]
    assert found["LineItems"][0]["UnitAmount"] == unit
    assert found["SubTotal"] == amount
    read = app.get("/Invoices/K-1")["Invoices"][0]
    assert read["LineItems"][0]["UnitAmount"] == 33.33
    assert read["SubTotal"] == amount


def test_a_tax_amount_that_is_sent_wins() -> None:
    saved = first(App(), line(TaxAmount="19.99"))
    assert saved["TaxAmount"] == 19.99


@pytest.mark.parametrize(("capped", "refused"), [(False, False), (True, True)])
def test_a_tax_amount_above_the_unit_amount(capped: bool, refused: bool) -> None:
    app = App(tax_capped_at_unit_amount=capped)
    found = app.put("Invoices", invoice(line(Quantity=10, UnitAmount=10, TaxAmount=20)))
    assert bool(errors(found)) is refused


@pytest.mark.parametrize("sent", ["100.01", "99.99", "100.001"])
def test_a_line_amount_has_to_match_to_the_cent(sent: str) -> None:
    found = App().put("Invoices", invoice(line(LineAmount=sent)))
    assert errors(found)[0].startswith("The line total ")
    assert errors(found)[0].endswith("does not match the expected line total 100.00")


def test_a_line_amount_gives_the_figure_that_is_missing() -> None:
    app = App()
    without_unit = {"Description": "x", "Quantity": 4, "LineAmount": 10, "AccountCode": "200"}
    assert first(app, without_unit)["UnitAmount"] == 2.5
    without_quantity = {"Description": "x", "UnitAmount": 4, "LineAmount": 10, "AccountCode": "200"}
    assert first(app, without_quantity)["Quantity"] == 2.5
    alone = {"Description": "x", "LineAmount": 10, "AccountCode": "200"}
    assert (first(app, alone)["Quantity"], first(app, alone)["UnitAmount"]) == (1, 10)


def test_discounts_lower_the_line_and_its_tax() -> None:
    app = App()
    by_rate = app.created(LineItems=[line(DiscountRate=10)])
    assert (by_rate["SubTotal"], by_rate["TotalTax"], by_rate["IsDiscounted"]) == (90, 18, True)
    by_amount = app.created(LineItems=[line(DiscountAmount="12.50")])
    assert (by_amount["SubTotal"], by_amount["LineItems"][0]["DiscountAmount"]) == (87.5, 12.5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"DiscountAmount": 0, "UnitAmount": -5}, "The discount rate '0.00' is invalid."),
        ({"DiscountAmount": 101}, "The discount rate '101.00' is invalid."),
        ({"DiscountRate": 101}, "The discount rate '101.00' is invalid."),
        ({"DiscountRate": 100, "LineAmount": 0}, "The line total 0.00 does not match"),
        ({"Quantity": 123456789, "UnitAmount": 1_000_000}, "The line amount must not be"),
        ({"Quantity": "123456789.1234"}, "Quantity must not be longer"),
        ({"Description": ""}, "Description must be at least 1 character long."),
        ({"Description": "x" * 4001}, "Description must not be longer"),
        ({"AccountCode": "999"}, "Account code '999' is not a valid code for this document."),
        ({"AccountCode": "090"}, "Account code '090' is not a valid code for this document."),
        ({"AccountCode": "610"}, "Account code '610' is not a valid code for this document."),
        ({"AccountCode": "299"}, "Account code '299' has been archived, or deleted."),
        ({"AccountCode": None}, "Account code must be specified"),
        ({"TaxType": "TAX009"}, "The TaxType code TAX009 does not exist or cannot be used for"),
        ({"TaxType": "INPUT2"}, "The TaxType code INPUT2 does not exist or cannot be used for"),
        (
            {"AccountCode": "310", "TaxType": "OUTPUT2"},
            "The TaxType code 'OUTPUT2' cannot be used with account code '310'.",
        ),
        ({"ItemCode": "XYZ"}, "Item code 'XYZ' is not valid"),
    ],
)
def test_bad_lines_are_refused_and_say_which(fields: Json, message: str) -> None:
    app = App()
    found = app.put("Invoices", invoice(line(), line(**fields)))
    assert message in " ".join(errors(found))
    assert errors(found["LineItems"][0]) == []
    assert message in " ".join(errors(found["LineItems"][1]))
    assert len(app.xero.invoices) == 1


def test_errors_of_a_line_may_be_on_the_line_alone() -> None:
    app = App(line_errors_on_document=False)
    found = app.put("Invoices", invoice(line(AccountCode="999")))
    assert errors(found) == []
    assert errors(found["LineItems"][0]) != []
    assert found["StatusAttributeString"] == "ERROR"


@pytest.mark.parametrize("value", ["a lot", True, {}, "NaN", "1e40"])
def test_figures_that_are_none_spoil_the_whole_request(value: object) -> None:
    app = App()
    body = {"Invoices": [invoice(), invoice(line(UnitAmount=value))]}
    answer = app.send("PUT", "/Invoices?summarizeErrors=false", body)
    assert answer.status_code == 400
    assert answer.get_json()["Type"] == "PostDataInvalidException"
    assert "Invoices[1].LineItems[0].UnitAmount" in answer.get_json()["Message"]
    assert len(app.xero.invoices) == 1


def test_figures_may_be_sent_as_text() -> None:
    assert first(App(), line(Quantity="2", UnitAmount="1.50"))["LineAmount"] == 3


def test_an_item_gives_what_the_line_leaves_out() -> None:
    app = App()
    given = first(app, {"ItemCode": "TIL", "Quantity": 2})
    assert (given["Description"], given["UnitAmount"]) == ("Tealights, box of 50", 12.5)
    assert (given["AccountCode"], given["TaxType"]) == ("201", "OUTPUT2")
    own = {"Description": "Mine", "UnitAmount": 9, "AccountCode": "260", "TaxType": "NONE"}
    kept = first(app, {"ItemCode": "TIL", "Quantity": 1} | own)
    assert {name: kept[name] for name in own} == own
    assert kept["ItemCode"] == "TIL"


def test_a_line_may_be_a_description_only() -> None:
    found = App().created(LineItems=[line(), {"Description": "Thank you"}])
    words = found["LineItems"][1]
    assert (words["Description"], words["LineAmount"]) == ("Thank you", 0)
    assert "Quantity" not in words
    assert found["Total"] == 120


def test_the_rounding_account_takes_a_line() -> None:
    found = App().created(LineItems=[line(), line(UnitAmount="0.01", AccountCode="860")])
    assert found["Total"] == 120.01


@pytest.mark.parametrize(("drops", "status"), [(True, "WARNING"), (False, "ERROR")])
def test_an_unknown_account_leaves_a_draft_or_refuses_it(drops: bool, status: str) -> None:
    app = App(draft_drops_unknown_account=drops)
    found = app.put("Invoices", invoice(line(AccountCode="999"), Status="DRAFT"))
    assert found["StatusAttributeString"] == status
    if drops:
        assert "Account code '999' has been removed" in found["Warnings"][0]["Message"]
        assert (
            "AccountCode"
            not in app.get(f"/Invoices/{found['InvoiceID']}")["Invoices"][0]["LineItems"][0]
        )
        with pytest.raises(ValueError, match="Account code must be specified"):
            app.xero.approve_invoice(found["InvoiceID"])


def test_tracking_goes_by_names_or_ids_and_comes_back_with_both() -> None:
    app = App()
    (category,) = app.get("/TrackingCategories")["TrackingCategories"]
    ids = {
        "TrackingCategoryID": category["TrackingCategoryID"],
        "TrackingOptionID": category["Options"][1]["TrackingOptionID"],
    }

    by_name = first(app, line(Tracking=[{"Name": "region", "Option": "North"}]))
    by_id = first(app, line(Tracking=[ids]))

    assert [(one["Name"], one["Option"]) for one in by_name["Tracking"]] == [("Region", "North")]
    assert by_id["Tracking"] == [{"Name": "Region", "Option": "South", **ids}]


@pytest.mark.parametrize(("dropped", "refusals"), [(True, 0), (False, 1)])
def test_an_unknown_option_is_dropped_or_refused(dropped: bool, refusals: int) -> None:
    app = App(unknown_tracking_dropped=dropped)
    app.xero.archive_tracking_option("Region", "North")

    tracked = line(Tracking=[{"Name": "Region", "Option": "North"}])
    found = app.put("Invoices", invoice(tracked))

    assert len(errors(found)) == refusals
    if dropped:
        assert found["LineItems"][0]["Tracking"] == []


def test_a_line_is_tracked_by_two_categories_at_the_most() -> None:
    app = App()
    for name in ("A", "B", "C"):
        app.xero.add_tracking_category(name, "x")
    tracking = [{"Name": name, "Option": "x"} for name in ("A", "B", "C")]

    assert errors(app.put("Invoices", invoice(line(Tracking=tracking))))
    assert not errors(app.put("Invoices", invoice(line(Tracking=tracking[:2]))))
