"""Payments, sales receipts, credit memos and refund receipts in the simulated QuickBooks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_sandbox.qbo import Refused
from tests.kits.qbo_app import App, Json


def line(amount: str, txn_id: str, kind: str = "Invoice") -> Json:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": txn_id, "TxnType": kind}]}


def money(app: App, total: str, *lines: Json, **fields: Any) -> Json:
    body = {
        "CustomerRef": {"value": app.customer},
        "TotalAmt": total,
        "TxnDate": "2026-11-05",
        "Line": list(lines),
    }
    return body | fields


def paid(app: App, total: str, *lines: Json, **fields: Any) -> Json:
    return app.made("Payment", money(app, total, *lines, **fields))


def refused(app: App, total: str, *lines: Json, **fields: Any) -> str:
    return app.refused("Payment", money(app, total, *lines, **fields))


def test_a_payment_lowers_the_balance_and_changes_the_token() -> None:
    app = App()
    invoice = app.invoiced()
    payment = paid(app, "50.00", line("50.00", invoice["Id"]), PaymentRefNum="ch_1")
    assert (payment["UnappliedAmt"], payment["PaymentRefNum"]) == (0, "ch_1")
    assert payment["DepositToAccountRef"]["name"] == "Undeposited Funds"
    found = app.read("Invoice", invoice["Id"])
    assert (found["Balance"], found["SyncToken"]) == (70, "1")
    assert found["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    row = app.qbo.payments[payment["Id"]]
    assert (row.ref, row.total, row.txn_date) == ("ch_1", Decimal(50), date(2026, 11, 5))


def test_a_payments_lines_say_besides_what_real_ones_do() -> None:
    app = App()
    invoice = app.invoiced(DocNumber="1050")
    (shown,) = paid(app, "50.00", line("50.00", invoice["Id"]))["Line"]

    values = {item["value"]["Name"]: item["value"]["Value"] for item in shown["LineEx"]["any"]}

    assert values.pop("txnOpenBalance").startswith("70")
    assert values == {"txnId": invoice["Id"], "txnReferenceNumber": "1050"}


def test_what_is_not_for_an_invoice_is_left_over() -> None:
    app = App()
    invoice = app.invoiced()
    assert paid(app, "130.00", line("120.00", invoice["Id"]))["UnappliedAmt"] == 10
    assert paid(app, "7.00")["UnappliedAmt"] == 7
    assert app.read("Customer", app.customer)["Balance"] == -17


def test_no_more_than_the_balance_is_applied() -> None:
    app = App(over_applied="refuse", over_applied_text="Too much.")
    invoice = app.invoiced()
    assert refused(app, "121.00", line("120.01", invoice["Id"])).endswith("Too much.")
    assert refused(app, "50.00", line("60.00", invoice["Id"])).endswith("Too much.")
    two = (line("60.00", invoice["Id"]), line("60.01", invoice["Id"]))
    assert refused(app, "130.00", *two).endswith("Too much.")
    assert app.qbo.invoices[invoice["Id"]].balance == 120


def test_what_is_more_than_the_balance_stays_with_the_customer() -> None:
    app = App()
    invoice = app.invoiced()
    first = paid(app, "130.00", line("130.00", invoice["Id"]))
    assert (first["UnappliedAmt"], first["Line"][0]["Amount"]) == (10, 120)
    second = paid(app, "50.00", line("50.00", invoice["Id"]))
    assert (second["UnappliedAmt"], second["Line"]) == (50, [])
    assert app.qbo.invoices[invoice["Id"]].balance == 0


@pytest.mark.parametrize("how", ["refuse", "unapplied"])
def test_money_for_another_customers_invoice(how: Any) -> None:
    app = App(other_customer_payment=how)
    invoice = app.invoiced(CustomerRef={"value": app.qbo.add_customer("Ben")})
    if how == "refuse":
        assert refused(app, "50.00", line("50.00", invoice["Id"])).startswith("6000")
    else:
        assert paid(app, "50.00", line("50.00", invoice["Id"]))["UnappliedAmt"] == 50
    assert app.qbo.invoices[invoice["Id"]].balance == 120


def test_a_parent_may_pay() -> None:
    app = App()
    child = app.qbo.add_customer("Shop", ParentRef={"value": app.customer})
    invoice = app.invoiced(CustomerRef={"value": child})
    paid(app, "120.00", line("120.00", invoice["Id"]))
    assert app.qbo.invoices[invoice["Id"]].balance == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"TotalAmt": None}, "2020"),
        ({"CustomerRef": None}, "2020"),
        ({"TotalAmt": "-1"}, "2290"),
        ({"TotalAmt": "0"}, "6000"),
        ({"PaymentRefNum": "x" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"PaymentMethodRef": {"value": "99"}}, "2500"),
        ({"DepositToAccountRef": {"value": "99"}}, "2500"),
        ({"CurrencyRef": {"value": "EUR"}}, "6000"),
        ({"Line": [line("5", "99")]}, "2500"),
        ({"Line": [line("5", "1", "Expense")]}, "620"),
        ({"Line": [line("-5", "1")]}, "2290"),
        ({"Line": [{"Amount": 5}]}, "2020"),
        ({"Line": [{"Amount": 5, "LinkedTxn": []}]}, "620"),
    ],
)
def test_payments_are_checked(fields: Json, code: str) -> None:
    app = App()
    app.invoiced()
    assert app.refused("Payment", money(app, "10.00") | fields).split()[0] == code


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("Business current account", True),
        ("Undeposited Funds", True),
        ("Services", False),
        ("Accounts Receivable (A/R)", False),
    ],
)
def test_money_goes_to_a_bank_or_a_current_asset(name: str, good: bool) -> None:
    app = App()
    app.qbo.add_account("Business current account", "Bank")
    account = {"value": app.qbo.account_id(name)}
    if good:
        assert paid(app, "5", DepositToAccountRef=account)["DepositToAccountRef"]["name"] == name
    else:
        said = refused(app, "5", DepositToAccountRef=account)
        assert "select a different type of account" in said


def test_what_is_gone_cannot_be_paid() -> None:
    app = App()
    gone, voided = app.invoiced()["Id"], app.invoiced()["Id"]
    app.qbo.delete_invoice(gone)
    app.qbo.void_invoice(voided)
    assert refused(app, "5.00", line("5.00", gone)).startswith("610")
    assert refused(app, "5.00", line("5.00", voided)).startswith("6000")


def test_a_payment_can_be_changed_and_taken_back() -> None:
    app = App()
    first, second = app.invoiced(), app.invoiced()
    payment = paid(app, "120.00", line("120.00", first["Id"]))
    marks = {"Id": payment["Id"], "sparse": True}
    lines = [line("50.00", first["Id"]), line("70.00", second["Id"])]
    app.made("Payment", marks | {"SyncToken": "0", "Line": lines})
    assert app.qbo.invoices[first["Id"]].balance == 70
    assert app.qbo.invoices[second["Id"]].balance == 50
    found = app.made("Payment", marks | {"SyncToken": "1"}, "?operation=update&include=void")
    assert (found["TotalAmt"], found["PrivateNote"]) == (0, "Voided")
    assert app.qbo.invoices[second["Id"]].balance == 120
    app.made("Payment", marks | {"SyncToken": "2"}, "?operation=delete")
    assert app.query("select * from Payment") == {}


def test_a_deposited_payment_is_fixed() -> None:
    app = App()
    payment = paid(app, "5.00")
    app.qbo.deposit(payment["Id"])
    marks = {"Id": payment["Id"], "SyncToken": "1", "sparse": True}
    for query in ("", "?operation=delete", "?operation=update&include=void"):
        assert app.refused("Payment", marks, query).startswith("6540")
    assert app.qbo.payments[payment["Id"]].total == 5
    (deposit,) = app.read("Payment", payment["Id"])["LinkedTxn"]
    assert deposit["TxnType"] == "Deposit"
    assert deposit["TxnId"] != payment["Id"]


def test_a_payment_for_a_closed_invoice_goes_through() -> None:
    app = App()
    invoice = app.invoiced(TxnDate="2026-09-14")
    app.qbo.set_preferences(close_date=date(2026, 10, 2))
    early = refused(app, "5", line("5", invoice["Id"]), TxnDate="2026-10-02")
    assert early.startswith("6210")
    paid(app, "5", line("5", invoice["Id"]))
    assert app.qbo.invoices[invoice["Id"]].balance == 115


def test_money_is_applied_by_itself_unless_the_company_wants_otherwise() -> None:
    app = by_hand()
    first, second = app.invoiced(TxnDate="2026-11-04"), app.invoiced(TxnDate="2026-11-02")
    assert paid(app, "10.00")["UnappliedAmt"] == 10
    app.qbo.set_preferences(auto_apply_payments=True)
    assert paid(app, "130.00")["UnappliedAmt"] == 0
    assert app.qbo.invoices[second["Id"]].balance == 0
    assert app.qbo.invoices[first["Id"]].balance == 110


def test_payment_of_a_deleted_invoice_says_that_it_was_deleted() -> None:
    """The code is that of an inactive customer."""
    app = App()
    invoice = app.invoiced()
    app.qbo.delete_invoice(invoice["Id"])
    said = refused(app, "10.00", line("10.00", invoice["Id"]))
    assert said == "610 Object Not Found : Another user has deleted this transaction."


def test_a_fault_has_an_error_for_everything_that_is_missing() -> None:
    app = App()
    reply = app.post("payment", {"PrivateNote": "nothing else"})
    errors = reply.get_json()["Fault"]["Error"]
    assert [(error["code"], error["element"]) for error in errors] == [
        ("2020", "CustomerRef"),
        ("2020", "TotalAmt"),
    ]


def by_hand() -> App:
    """A company in which nothing is applied by itself."""
    app = App()
    app.qbo.set_preferences(auto_apply_payments=False, auto_apply_credit=False)
    return app


def credited(app: App, **fields: Any) -> Json:
    return app.made("CreditMemo", app.invoice(app.line("50.00", app.zero), **fields))


def test_a_payment_of_nothing_uses_credit_up() -> None:
    app = by_hand()
    invoice, memo = app.invoiced(), credited(app)
    assert memo["RemainingCredit"] == 50
    lines = (line("30.00", invoice["Id"]), line("30.00", memo["Id"], "CreditMemo"))
    payment = paid(app, "0", *lines)
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    assert app.read("CreditMemo", memo["Id"])["RemainingCredit"] == 20
    assert app.read("Invoice", invoice["Id"])["Balance"] == 90
    unequal = (line("10.00", invoice["Id"]), line("20.00", memo["Id"], "CreditMemo"))
    assert refused(app, "0", *unequal).startswith("6000")
    over = (line("21.00", invoice["Id"]), line("21.00", memo["Id"], "CreditMemo"))
    assert refused(app, "0", *over).startswith("6000")


def test_voiding_the_invoice_gives_credit_and_money_back() -> None:
    app = by_hand()
    invoice, memo = app.invoiced(), credited(app)
    lines = (line("120.00", invoice["Id"]), line("50.00", memo["Id"], "CreditMemo"))
    payment = paid(app, "70.00", *lines)
    app.qbo.void_invoice(invoice["Id"])
    assert app.qbo.credit_memos[memo["Id"]].balance == 50
    row = app.qbo.payments[payment["Id"]]
    assert (row.lines, row.unapplied) == ((), Decimal(70))


def test_deleting_used_credit_leaves_what_the_money_covers() -> None:
    app = App(linked_deletable=True)
    app.qbo.set_preferences(auto_apply_credit=False)
    invoice, memo = app.invoiced(), credited(app)
    lines = (line("120.00", invoice["Id"]), line("50.00", memo["Id"], "CreditMemo"))
    paid(app, "70.00", *lines)
    token = app.read("CreditMemo", memo["Id"])["SyncToken"]
    app.made("CreditMemo", {"Id": memo["Id"], "SyncToken": token}, "?operation=delete")
    assert app.qbo.invoices[invoice["Id"]].balance == 50


def test_credit_is_used_by_itself_unless_the_company_wants_otherwise() -> None:
    app = by_hand()
    credited(app)
    assert app.invoiced()["Balance"] == 120
    app.qbo.set_preferences(auto_apply_credit=True)
    assert credited(app)["RemainingCredit"] == 0
    assert [row.balance for row in app.qbo.invoices.values()] == [Decimal(20)]


@pytest.mark.parametrize("query", ["?operation=void", "?operation=update&include=void"])
def test_credit_memos_cannot_be_voided(query: str) -> None:
    app = App()
    memo = credited(app)
    marks = {"Id": memo["Id"], "SyncToken": "0", "sparse": True}
    assert app.refused("CreditMemo", marks, query).startswith("500")


def test_a_sales_receipt_is_paid_on_the_spot() -> None:
    app = App()
    method = app.qbo.add_payment_method("Credit Card", card=True)
    body = app.invoice(PaymentMethodRef={"value": method}, PaymentRefNum="ch_1")
    found = app.made("SalesReceipt", body)
    assert (found["TotalAmt"], found["Balance"]) == (120, 0)
    assert found["PaymentMethodRef"]["name"] == "Credit Card"
    assert found["DepositToAccountRef"]["name"] == "Undeposited Funds"
    assert app.made("SalesReceipt", body | {"CustomerRef": None})["TotalAmt"] == 120
    wrong = body | {"DepositToAccountRef": {"value": app.qbo.account_id("Services")}}
    assert "different type of account" in app.refused("SalesReceipt", wrong)
    assert app.refused("SalesReceipt", body | {"PaymentRefNum": "x" * 22}).startswith("2050")
    marks = {"Id": found["Id"], "SyncToken": "0", "sparse": True}
    assert app.refused("SalesReceipt", marks, "?operation=void").startswith("500")
    voided = app.made("SalesReceipt", marks, "?operation=update&include=void")
    assert voided["TotalAmt"] == 0


def test_a_refund_receipt_names_the_account_that_it_leaves() -> None:
    app = App()
    assert app.refused("RefundReceipt", app.invoice()).startswith("2020")
    account = {"value": app.qbo.add_account("Business current account", "Bank")}
    found = app.made("RefundReceipt", app.invoice(DepositToAccountRef=account))
    assert (found["TotalAmt"], found["Balance"]) == (120, 0)
    assert found["DepositToAccountRef"]["name"] == "Business current account"
    assert app.qbo.refund_receipts[found["Id"]].account_id == account["value"]


def test_a_person_receives_money_too() -> None:
    app = App()
    app.qbo.add_account("Business current account", "Bank")
    app.qbo.add_payment_method("Cash")
    invoice = app.qbo.enter_invoice(app.customer, [app.line()])
    first = app.qbo.pay(
        invoice, "20.00", ref="till 4", account="Business current account", method="Cash"
    )
    assert app.qbo.payments[first].ref == "till 4"
    second = app.qbo.pay(invoice)
    assert app.qbo.invoices[invoice].balance == 0
    app.qbo.void_payment(first)
    app.qbo.delete_payment(second)
    assert app.qbo.invoices[invoice].balance == 120
    app.qbo.void_invoice(invoice)
    with pytest.raises(Refused):
        app.qbo.pay(invoice, "20.00")


def test_foreign_money_stays_foreign() -> None:
    app = App()
    app.qbo.set_preferences(multicurrency=True)
    app.qbo.add_currency("EUR", "0.85")
    customer = app.qbo.add_customer("Éric", currency="EUR")
    invoice = app.qbo.enter_invoice(customer, [app.line()])
    euros = {"CustomerRef": {"value": customer}, "CurrencyRef": {"value": "EUR"}}
    assert paid(app, "120", line("120", invoice), **euros)["ExchangeRate"] == 0.85
    said = refused(app, "5", line("5", invoice), CurrencyRef={"value": "GBP"})
    assert said.startswith("6000")
