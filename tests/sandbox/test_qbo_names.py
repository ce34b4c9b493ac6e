"""Customers, vendors, employees and items in the simulated QuickBooks."""

from typing import Any

import pytest

from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.qbo_app import App, Json


@pytest.mark.parametrize("kind", ["Vendor", "Employee", "Customer"])
def test_one_set_of_names_for_all_people(kind: str) -> None:
    app = App()
    app.made(kind, {"DisplayName": "Hugo Ives"})
    assert app.refused("Customer", {"DisplayName": "hugo IVES"}).startswith("6240")
    assert app.refused("Vendor", {"DisplayName": "Hugo Ives"}).startswith("6240")


def test_the_older_words_about_a_taken_name() -> None:
    app = App(duplicate_name_detail="words")
    said = app.refused("Customer", {"DisplayName": "Alice Baker"})
    assert "Another customer, vendor or employee is already using this name" in said


def test_inactive_names_stay_taken() -> None:
    app = App()
    app.qbo.deactivate("Customer", app.customer)
    assert app.refused("Customer", {"DisplayName": "Alice Baker"}).startswith("6240")


def test_inactive_names_may_be_free() -> None:
    app = App(inactive_names_reserved=False)
    app.qbo.deactivate("Customer", app.customer)
    assert app.made("Customer", {"DisplayName": "Alice Baker"})["Id"] != app.customer


@pytest.mark.parametrize(
    ("found_by", "name"), [("shown", "Alice Baker (deleted)"), ("plain", "Alice Baker")]
)
def test_inactive_rows_are_found_when_asked_for(found_by: Any, name: str) -> None:
    app = App(inactive_found_by=found_by)
    app.qbo.deactivate("Customer", app.customer)
    where = "select * from Customer where"
    assert app.query(f"{where} PrimaryEmailAddr = 'alice@example.com'") == {}
    found = app.query(f"{where} DisplayName = '{name}' and Active in (true, false)")
    assert found["Customer"][0]["DisplayName"] == "Alice Baker (deleted)"
    other = {"Alice Baker", "Alice Baker (deleted)"} - {name}
    assert app.query(f"{where} DisplayName = '{other.pop()}' and Active in (true, false)") == {}


def test_an_inactive_customer_is_revived_and_nothing_else() -> None:
    app = App()
    app.qbo.deactivate("Customer", app.customer)
    marks = {"Id": app.customer, "SyncToken": "1", "sparse": True}
    said = app.refused("Customer", marks | {"CompanyName": "Wax"})
    assert said.endswith("You cannot modify a list element that has been deleted.")
    revived = app.made("Customer", marks | {"Active": True})
    assert (revived["DisplayName"], revived["Active"]) == ("Alice Baker", True)


@pytest.mark.parametrize("code", ["610", "6000"])
def test_an_inactive_customer_cannot_be_used(code: Any) -> None:
    app = App(inactive_reference_code=code)
    app.qbo.deactivate("Customer", app.customer)
    assert app.refused("Invoice", app.invoice()).startswith(code)


def test_a_customer_who_owes_money_stays_active() -> None:
    app = App()
    app.invoiced()
    marks = {"Id": app.customer, "SyncToken": "0", "sparse": True, "Active": False}
    assert app.refused("Customer", marks).startswith("6220")
    assert app.read("Customer", app.customer)["Balance"] == 120


def test_names_are_made_of_their_parts() -> None:
    app = App()
    made = app.made("Customer", {"GivenName": "Grace", "FamilyName": "Hill"})
    assert (made["DisplayName"], made["FullyQualifiedName"]) == ("Grace Hill", "Grace Hill")


@pytest.mark.parametrize("code", ["6080", "2020"])
def test_a_name_is_needed(code: Any) -> None:
    app = App(no_name_code=code)
    assert app.refused("Customer", {"CompanyName": "Wax Ltd"}).startswith(code)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"DisplayName": "a:b"}, "2040"),
        ({"DisplayName": "a\tb"}, "2040"),
        ({"DisplayName": "a\nb"}, "2040"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"GivenName": "x" * 101}, "2050"),
        ({"Title": "x" * 17}, "2050"),
        ({"CompanyName": "x" * 101}, "2050"),
        ({"Notes": "x" * 2001}, "2050"),
        ({"PrimaryPhone": {"FreeFormNumber": "0" * 31}}, "2050"),
        ({"PrimaryEmailAddr": {"Address": "x" * 92 + "@wax.test"}}, "2050"),
        ({"PrimaryEmailAddr": {"Address": "alice"}}, "2210"),
        ({"BillAddr": {"City": "x" * 256}}, "2050"),
        ({"PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ({"CurrencyRef": {"value": "EUR"}}, "6000"),
    ],
)
def test_fields_of_people_have_limits(fields: Json, code: str) -> None:
    app = App()
    assert app.refused("Customer", {"DisplayName": "New"} | fields).split()[0] == code
    assert len(app.qbo.customers) == 1


def test_longest_names() -> None:
    assert len(App().made("Customer", {"DisplayName": "x" * 500})["DisplayName"]) == 500
    older = App(longest_display_name=100)
    assert older.refused("Customer", {"DisplayName": "x" * 101}).startswith("2050")


def test_bad_addresses_may_be_a_business_error() -> None:
    body = {"DisplayName": "New", "PrimaryEmailAddr": {"Address": "alice"}}
    assert App(bad_email_code="6000").refused("Customer", body).startswith("6000")


def test_two_customers_may_share_an_address() -> None:
    app = App()
    app.qbo.add_customer("A. Baker", email="alice@example.com")
    found = app.query("select * from Customer where PrimaryEmailAddr = 'ALICE@example.com'")
    assert found["maxResults"] == 2


def test_names_may_come_as_html() -> None:
    body = {"DisplayName": 'Lowe & Co "Wax"', "Notes": "R&D"}
    assert App().made("Customer", body)["DisplayName"] == 'Lowe & Co "Wax"'
    app = App(names_escaped=True)
    made = app.made("Customer", body)
    assert (made["DisplayName"], made["Notes"]) == ("Lowe &amp; Co &quot;Wax&quot;", "R&D")
    marks = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    app.made("Customer", marks | {"CompanyName": "x"})
    assert app.qbo.customers[made["Id"]].name == 'Lowe & Co "Wax"'


def test_a_vendor_cannot_be_invoiced() -> None:
    app = App()
    vendor = app.qbo.add_vendor("Beeswax Wholesale Ltd")
    said = app.refused("Invoice", app.invoice(CustomerRef={"value": vendor}))
    assert "type of name assigned to this transaction" in said


def test_customers_have_parents() -> None:
    app = App()
    made = app.made("Customer", {"DisplayName": "Shop", "ParentRef": {"value": app.customer}})
    assert made["FullyQualifiedName"] == "Alice Baker:Shop"
    assert (made["Job"], made["ParentRef"]["value"]) == (True, app.customer)


def test_items_are_made_and_found_by_sku() -> None:
    app = App()
    account = app.qbo.add_account("Sales of Product Income", "Income")
    made = app.made(
        "Item",
        {
            "Name": "Tealights",
            "Type": "NonInventory",
            "Sku": "TIL",
            "IncomeAccountRef": {"value": account},
        },
    )
    assert made["IncomeAccountRef"]["name"] == "Sales of Product Income"
    assert app.query("select * from Item where Sku = 'til'")["Item"] == [made]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Name": "CANDLES"}, "6240"),
        ({"Name": "a:b"}, "2040"),
        ({"Name": "x" * 101}, "2050"),
        ({"Sku": "x" * 101}, "2050"),
        ({"Name": ""}, "2020"),
        ({"IncomeAccountRef": None}, "2020"),
        ({"IncomeAccountRef": {"value": "999"}}, "2500"),
        ({"IncomeAccountRef": {"value": "2"}}, "6430"),
        ({"Type": "Gizmo"}, "2170"),
    ],
)
def test_items_are_checked(fields: Json, code: str) -> None:
    app = App()
    good = {"Name": "New", "IncomeAccountRef": {"value": app.qbo.account_id("Services")}}
    assert app.refused("Item", good | fields).split()[0] == code


def test_a_taken_item_name_is_spoken_of_as_such() -> None:
    app = App()
    body = {"Name": "Candles", "IncomeAccountRef": {"value": app.qbo.account_id("Services")}}
    assert "product or service" in app.refused("Item", body)


def test_items_may_need_an_expense_account() -> None:
    app = App()
    body = {"Name": "New", "IncomeAccountRef": {"value": app.qbo.account_id("Services")}}
    assert app.made("Item", body)["Name"] == "New"
    app.qbo.switches = QboSwitches(expense_account_required=True)
    assert app.refused("Item", body | {"Name": "Other"}).startswith("2020")
    cost = app.qbo.add_account("Cost of goods sold", "Cost of Goods Sold")
    assert app.made("Item", body | {"Name": "Other", "ExpenseAccountRef": {"value": cost}})["Id"]


def test_categories_are_not_sold_and_names_are_unique_within_them() -> None:
    app = App()
    category = app.qbo.add_item("Wax", type="Category")
    inside = app.qbo.add_item("Candles", parent="Wax")
    assert app.read("Item", inside)["FullyQualifiedName"] == "Wax:Candles"
    assert app.query("select * from Item where Name = 'candles'")["maxResults"] == 2
    line = app.line()
    line["SalesItemLineDetail"]["ItemRef"] = {"value": category}
    assert "category" in app.refused("Invoice", app.invoice(line))


def test_shorter_lists_are_read_and_written() -> None:
    app = App()
    made = app.made("PaymentMethod", {"Name": "Stripe", "Type": "CREDIT_CARD"})
    assert app.read("PaymentMethod", made["Id"])["Type"] == "CREDIT_CARD"
    assert app.made("Term", {"Name": "Net 30", "DueDays": 30})["DueDays"] == 30
    assert app.made("Class", {"Name": "Market"})["FullyQualifiedName"] == "Market"
    assert app.made("Department", {"Name": "Leeds"})["Active"] is True
    account = app.made("Account", {"Name": "Till", "AccountType": "Bank"})
    assert (account["Classification"], account["AccountSubType"]) == ("Asset", "Checking")
    assert app.refused("Account", {"Name": "Till", "AccountType": "Bank"}).startswith("6240")
    assert app.refused("CompanyCurrency", {"Code": "EUR"}).startswith("6000")
    app.qbo.set_preferences(multicurrency=True)
    assert app.made("CompanyCurrency", {"Code": "EUR", "Name": "Euro"})["Code"] == "EUR"


def test_rates_of_a_tax_code_can_be_followed() -> None:
    app = App()
    code = app.read("TaxCode", app.code)
    rate = code["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["value"]
    assert app.read("TaxRate", rate)["RateValue"] == 20


def test_nobody_is_their_own_parent() -> None:
    app = App()
    child = app.qbo.add_customer("Shop", ParentRef={"value": app.customer})
    marks = {"Id": app.customer, "SyncToken": "0", "sparse": True}
    for above in (app.customer, child):
        assert "own parent" in app.refused("Customer", marks | {"ParentRef": {"value": above}})


def test_terms_are_days_from_0_to_999() -> None:
    assert App().refused("Term", {"Name": "Never", "DueDays": 1000}).startswith("2060")
