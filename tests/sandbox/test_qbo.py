"""The simulated QuickBooks as an app meets it: wrappers, faults, formats, versions, settings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from invoicesync_sandbox.base import LostReply
from invoicesync_sandbox.qbo import WorldName
from tests.kits.qbo_app import App, Json

NAMESPACE = "{http://schema.intuit.com/finance/v3}"


def test_answers_carry_the_object_and_a_pacific_time() -> None:
    app = App()
    reply = app.send("GET", f"customer/{app.customer}")
    body = reply.get_json()
    assert body["time"] == "2026-11-20T10:00:00.000-08:00"
    found = body["Customer"]
    assert (found["Id"], found["SyncToken"], found["domain"]) == (app.customer, "0", "QBO")
    assert found["MetaData"]["CreateTime"] == "2026-11-20T10:00:00-08:00"
    assert found["PrimaryEmailAddr"] == {"Address": "alice@example.com"}
    assert reply.headers["intuit_tid"]


def test_what_was_posted_is_read_back() -> None:
    app = App()
    made = app.invoiced(PrivateNote="Keap order 7", DueDate="2026-12-03", DocNumber="K-7")
    assert made == app.read("Invoice", made["Id"])
    assert (made["DocNumber"], made["PrivateNote"]) == ("K-7", "Keap order 7")
    assert (made["TxnDate"], made["DueDate"]) == ("2026-11-03", "2026-12-03")
    row = app.qbo.invoices[made["Id"]]
    assert (row.total, row.tax, row.balance) == (Decimal(120), Decimal(20), Decimal(120))
    assert (row.lines[0].item_id, row.lines[0].amount) == (app.item, Decimal(100))


def test_xml_is_what_comes_unless_json_is_asked_for() -> None:
    app = App()
    invoice = app.invoiced(app.line(Description="Wax & wicks"))
    reply = app.send("GET", f"invoice/{invoice['Id']}", headers={"Accept": "*/*"})
    assert reply.content_type == "application/xml"
    found = fromstring(reply.text).find(f"{NAMESPACE}Invoice")  # noqa: S314 - our own XML
    assert found is not None
    assert found.get("domain") == "QBO"
    customer = found.find(f"{NAMESPACE}CustomerRef")
    assert customer is not None
    assert (customer.text, customer.get("name")) == (app.customer, "Alice Baker")
    assert found.findtext(f"{NAMESPACE}Line/{NAMESPACE}Description") == "Wax & wicks"
    assert found.findtext(f"{NAMESPACE}TotalAmt") == "120.00"
    refusal = app.send("GET", "invoice/999", headers={"Accept": "*/*"})
    error = fromstring(refusal.text).find(f"{NAMESPACE}Fault/{NAMESPACE}Error")  # noqa: S314
    assert error is not None
    assert error.get("code") == "610"


def test_a_refusal_has_the_business_shape() -> None:
    app = App()
    reply = app.post("customer", {"DisplayName": "ALICE baker"})
    assert reply.status_code == 400
    body = reply.get_json()
    assert body["Fault"] == {
        "Error": [
            {
                "Message": "Duplicate Name Exists Error",
                "Detail": "The name supplied already exists. : null",
                "code": "6240",
            }
        ],
        "type": "ValidationFault",
    }
    assert body["time"].endswith("-08:00")


def test_the_gateway_refuses_in_lower_case() -> None:
    app = App()
    reply = app.send("GET", "preferences", headers={"Authorization": "Bearer short"})
    assert reply.status_code == 401
    body = reply.get_json()
    assert body["fault"]["error"][0]["message"] == (
        "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    )
    assert body["fault"]["error"][0]["detail"].startswith("Malformed bearer token")
    assert body["batchItemResponse"] == []
    elsewhere = app.client.get(
        "/v3/company/1/preferences", headers={"Authorization": f"Bearer {app.token}"}
    )
    assert elsewhere.status_code == 403
    assert elsewhere.get_json()["fault"]["error"][0]["code"] == "3100"


def test_a_token_is_good_for_its_scopes() -> None:
    app = App()
    known = app.qbo.sign_in.access_tokens[app.token]
    app.qbo.sign_in.access_tokens[app.token] = replace(known, scopes=("openid",))
    reply = app.send("GET", "preferences")
    assert reply.status_code == 403
    assert reply.get_json()["fault"]["error"][0]["code"] == "3100"


def test_tokens_end() -> None:
    app = App()
    app.token = app.qbo.issue_token(expires_in=60)
    assert app.send("GET", "preferences").status_code == 200
    app.qbo.clock.advance(60)
    reply = app.send("GET", "preferences")
    assert reply.status_code == 401
    assert reply.get_json()["fault"]["error"][0]["detail"] == "Token expired"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "estimate"), ("GET", "bill/1"), ("POST", "taxrate"), ("DELETE", "invoice/1")],
)
def test_what_there_is_not_is_no_success(method: str, path: str) -> None:
    reply = App().send(method, path, json={})
    assert reply.status_code == 400
    assert reply.get_json()["Fault"]["Error"][0]["code"] == "500"


def test_what_is_not_simulated_says_so() -> None:
    app = App()
    bundle = {"DetailType": "GroupLineDetail", "Amount": 1, "GroupLineDetail": {}}
    reply = app.post("invoice", app.invoice(bundle))
    assert reply.status_code == 501
    assert "GroupLineDetail" in reply.text
    assert app.post("invoice", app.invoice(Deposit=1)).status_code == 501
    assert app.post("invoice/1/send", {}).status_code == 501


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Colour": "red"}, "2010"),
        ({"CustomerRef": "1"}, "2010"),
        ({"TxnDate": "3/11/2026"}, "2090"),
        ({"TxnDate": "2026-02-30"}, "2090"),
        ({"EmailStatus": "Sent"}, "2170"),
        ({"ApplyTaxAfterDiscount": "perhaps"}, "2010"),
        ({"Line": [{"DetailType": "SalesItemLineDetail", "Amount": "ten"}]}, "2060"),
        ({"Line": [{"DetailType": "SalesItemLineDetail", "Amount": True}]}, "2060"),
        ({"PrivateNote": ["x"]}, "2010"),
        ({"GlobalTaxCalculation": "TaxAdded"}, "2170"),
        ({"CustomerRef": None}, "2020"),
        ({"CustomerRef": {"value": "999"}}, "2500"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"),
        ({"Line": []}, "2020"),
        ({"Line": "none"}, "2010"),
    ],
)
def test_properties_are_checked(fields: Json, code: str) -> None:
    app = App()
    assert app.refused("Invoice", app.invoice() | fields).split()[0] == code
    assert not app.qbo.invoices


def test_only_json_objects_are_read() -> None:
    app = App()
    assert app.send("POST", "invoice", data="<Invoice/>").status_code == 400
    headers = {"Content-Type": "application/json"}
    for body in ("{", "[]", "\xff"):
        reply = app.send("POST", "invoice", data=body, headers=headers)
        assert reply.get_json()["Fault"]["Error"][0]["code"] == "2010"


def test_a_stale_token_changes_nothing() -> None:
    app = App()
    made = app.invoiced()
    marks = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    changed = app.made("Invoice", marks | {"PrivateNote": "first"})
    assert changed["SyncToken"] == "1"
    assert app.refused("Invoice", marks | {"PrivateNote": "second"}).startswith("5010 Stale")
    assert app.refused("Invoice", {"Id": made["Id"], "sparse": True}).startswith("2020")
    assert app.refused("Invoice", {"Id": "999", "SyncToken": "0"}).startswith("610")
    assert app.qbo.invoices[made["Id"]].private_note == "first"


def test_a_sparse_update_keeps_what_a_full_one_blanks() -> None:
    app = App()
    made = app.made(
        "Customer", {"DisplayName": "Ben Carter", "GivenName": "Ben", "Notes": "Keap 7"}
    )
    marks = {"Id": made["Id"], "SyncToken": "0"}
    sparse = app.made("Customer", marks | {"sparse": True, "CompanyName": "Wax"})
    assert (sparse["GivenName"], sparse["Notes"], sparse["CompanyName"]) == ("Ben", "Keap 7", "Wax")
    full = app.made("Customer", {"Id": made["Id"], "SyncToken": "1", "DisplayName": "Ben C"})
    assert full["DisplayName"] == "Ben C"
    assert "Notes" not in full
    assert "CompanyName" not in full


def test_settings_are_shown() -> None:
    app = App()
    app.qbo.set_preferences(close_date=date(2026, 10, 2), custom_numbers=True, allow_discount=False)
    shown = app.send("GET", "preferences").get_json()["Preferences"]
    assert shown["AccountingInfoPrefs"]["BookCloseDate"] == "2026-10-02"
    assert shown["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert shown["SalesFormsPrefs"]["AllowDiscount"] is False
    assert shown["SalesFormsPrefs"]["AutoApplyPayments"] is True
    assert shown["SalesFormsPrefs"]["AutoApplyCredit"] is True
    assert shown["CurrencyPrefs"] == {
        "MultiCurrencyEnabled": False,
        "HomeCurrency": {"value": "GBP"},
    }
    assert app.query("select * from Preferences")["Preferences"] == [shown]


@pytest.mark.parametrize(
    ("world", "country", "using", "partner"),
    [
        ("us", "US", True, True),
        ("us-manual", "US", True, None),
        ("us-no-tax", "US", False, None),
        ("uk", "GB", True, None),
        ("au", "AU", True, None),
    ],
)
def test_the_worlds_differ_in_their_tax(
    world: WorldName, country: str, using: bool, partner: bool | None
) -> None:
    app = App(world)
    info = app.query("select * from CompanyInfo")["CompanyInfo"][0]
    taxes = app.send("GET", "preferences").get_json()["Preferences"]["TaxPrefs"]
    assert info["Country"] == country
    assert (taxes["UsingSalesTax"], taxes.get("PartnerTaxEnabled")) == (using, partner)
    codes = app.query("select * from TaxCode").get("TaxCode", [])
    assert ({"TAX", "NON"} <= {code["Id"] for code in codes}) is (country == "US")


@pytest.mark.parametrize("code", ["6210", "6200"])
def test_closed_books_take_nothing_up_to_the_close_date(code: Any) -> None:
    app = App(closed_period_code=code)
    made = app.invoiced(TxnDate="2026-10-02")
    app.qbo.set_preferences(close_date=date(2026, 10, 2))
    said = app.refused("Invoice", app.invoice(TxnDate="2026-10-02"))
    assert said.startswith(f"{code} The account period has closed")
    marks = {"Id": made["Id"], "SyncToken": "0"}
    moved = marks | {"sparse": True, "TxnDate": "2026-11-01"}
    assert app.refused("Invoice", moved).startswith(code)
    assert app.refused("Invoice", marks, "?operation=void").startswith(code)
    assert app.refused("Invoice", marks, "?operation=delete").startswith(code)
    assert app.invoiced(TxnDate="2026-10-03")["TxnDate"] == "2026-10-03"


def test_an_ended_subscription_can_only_be_read() -> None:
    app = App()
    app.qbo.subscription_ended = True
    assert app.refused("Customer", {"DisplayName": "New"}).startswith("6190 Subscription")
    info = app.send("GET", f"companyinfo/{app.qbo.realm}").get_json()["CompanyInfo"]
    assert {"Name": "SubscriptionStatus", "Value": "EXPIRED"} in info["NameValue"]


def test_planned_refusals_reach_single_objects() -> None:
    app = App()
    app.qbo.refuse("Customer", "Ben", "10000", detail="System Failure Error: x")
    names = ("Ann", "Ben")
    items = [
        {"bId": name, "operation": "create", "Customer": {"DisplayName": name}} for name in names
    ]
    found = app.batch(*items)
    assert found["Ann"]["Customer"]["DisplayName"] == "Ann"
    assert found["Ben"]["Fault"]["type"] == "SystemFault"
    assert found["Ben"]["Fault"]["Error"][0]["code"] == "10000"
    assert app.made("Customer", {"DisplayName": "Ben"})["DisplayName"] == "Ben"


def test_a_system_failure_may_come_after_the_work() -> None:
    app = App()
    app.qbo.refuse(
        "Customer", lambda body: body["DisplayName"] == "Ben", "10000", after_commit=True
    )
    reply = app.post("customer?requestid=r1", {"DisplayName": "Ben"})
    assert reply.status_code == 500
    assert app.query("select count(*) from Customer where DisplayName = 'Ben'")["totalCount"] == 1
    again = app.post("customer?requestid=r1", {"DisplayName": "Ben"})
    assert again.get_json()["Customer"]["DisplayName"] == "Ben"
    assert len(app.qbo.customers) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, "<html>Service Unavailable</html>"), (504, "<html></html>"), (200, '{"Customer": {')],
)
def test_answers_may_be_bad_after_the_work(status: int, body: str) -> None:
    app = App()
    app.qbo.fail(kind="late", method="POST", path="customer", status=status, body=body)
    reply = app.post("customer", {"DisplayName": "Ben"})
    assert (reply.status_code, reply.text) == (status, body)
    assert len(app.qbo.customers) == 2
    assert app.post("customer", {"DisplayName": "Ann"}).get_json()["Customer"]["Id"]


def test_connections_break_and_servers_fail() -> None:
    app = App()
    app.qbo.fail(kind="lose", path="customer")
    with pytest.raises(LostReply):
        app.post("customer", {"DisplayName": "Ben"})
    assert len(app.qbo.customers) == 2
    app.qbo.fail(status=503, body="<html></html>", content_type="text/html")
    assert app.post("customer", {"DisplayName": "Ann"}).status_code == 503
    assert len(app.qbo.customers) == 2
