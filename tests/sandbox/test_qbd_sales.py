"""Sales forms in the simulated QuickBooks Desktop: lines, tax, totals, numbers, changes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbd import QbdSwitches, sale
from invoicesync_sandbox.qbd.rows import Customer, Item
from tests.kits.qbxml import Desk, Fields, named, query, sold

TAX_LINE = sold("8.25", "Keap sales tax", taxed=None)


def sums(found: Fields) -> tuple[str, str, str]:
    """Subtotal, tax and what is due."""
    return found["Subtotal"], found["SalesTaxTotal"], found["BalanceRemaining"]


def test_a_tax_line_brings_the_total_to_the_cent() -> None:
    made = Desk().invoiced(sold("100.00"), sold("8.00", "Shipping", taxed=False), TAX_LINE)
    assert sums(made) == ("116.25", "0.00", "116.25")


def test_a_tax_line_may_count_as_tax() -> None:
    desk = Desk(QbdSwitches(tax_line_in="tax"))
    made = desk.invoiced(sold("100.00"), sold("8.00", "Shipping", taxed=False), TAX_LINE)
    assert sums(made) == ("108.00", "8.25", "116.25")


def test_a_tax_line_takes_the_sign_of_the_line_above() -> None:
    desk = Desk()
    made = desk.invoiced(sold("100.00"), sold("-10.00", "Discount"), TAX_LINE)
    assert made["BalanceRemaining"] == "81.75"
    made = desk.invoiced(sold("100.00"), TAX_LINE, sold("-10.00", "Discount"))
    assert made["BalanceRemaining"] == "98.25"


def test_a_tax_line_without_an_amount_is_zero_and_none_is_a_group() -> None:
    desk = Desk()
    made = desk.invoiced(sold("100.00"), sold("", "Keap sales tax", taxed=None))
    assert made["BalanceRemaining"] == "100.00"
    desk.qbd.add_tax_group("Group", "Alameda")
    lines = (sold("100.00"), sold("1.00", "Group", taxed=None))
    assert desk.refused("InvoiceAdd", **desk.invoice(*lines)).startswith("3180 ")


@pytest.mark.parametrize(
    ("amounts", "tax"), [(["100.00"], "8.25"), (["0.10", "9.99"], "0.83"), (["-10.00"], "-0.83")]
)
def test_the_tax_item_of_the_form_taxes_the_taxable_lines(amounts: list[str], tax: str) -> None:
    desk = Desk()
    lines = [sold(amount) for amount in amounts]
    free = sold("50.00", "Shipping", taxed=False)
    made = desk.invoiced(*lines, free, tax={"ItemSalesTaxRef": named("Alameda")})
    assert (made["SalesTaxTotal"], made["SalesTaxPercentage"]) == (tax, "8.25")


@pytest.mark.parametrize(("how", "tax"), [("sum", "0.90"), ("each", "0.89")])
def test_the_tax_of_a_group(how: Any, tax: str) -> None:
    desk = Desk(QbdSwitches(group_tax=how))
    desk.qbd.add_tax_item("State", "7.24", agency="State of California")
    desk.qbd.add_tax_item("City", "1.74", agency="State of California")
    desk.qbd.add_tax_group("Both", "State", "City")

    # 7.24 % of 10.00 is 0.724 and 1.74 % is 0.174; together 0.898.
    made = desk.invoiced(sold("10.00"), tax={"ItemSalesTaxRef": named("Both")})
    assert made["SalesTaxTotal"] == tax


def test_without_a_tax_item_the_customers_or_the_companys_counts() -> None:
    desk = Desk()
    alameda = desk.qbd.named(Item, "Alameda").id
    assert desk.invoiced(sold("100.00"), tax={})["SalesTaxTotal"] == "0.00"
    desk.qbd.set_preferences(default_tax_item=alameda)
    assert desk.invoiced(sold("100.00"), tax={})["SalesTaxTotal"] == "8.25"
    none = desk.qbd.named(Item, "No tax").id
    desk.qbd.books.change(desk.qbd.customers[desk.jane], tax_item_id=none)
    assert desk.invoiced(sold("100.00"), tax={})["SalesTaxTotal"] == "0.00"


def test_a_customer_who_pays_no_tax_pays_none() -> None:
    desk = Desk()
    tax = {"ItemSalesTaxRef": named("Alameda"), "CustomerSalesTaxCodeRef": named("Non")}
    assert desk.invoiced(sold("100.00"), tax=tax)["SalesTaxTotal"] == "0.00"


def test_quantity_rate_and_amount() -> None:
    desk = Desk()

    def line(amount: str = "", quantity: str = "", rate: str = "") -> Fields:
        sent = sold(amount, quantity=quantity, rate=rate)
        found = desk.invoiced(sent)["InvoiceLineRet"]
        return {name: found.get(name) for name in ("Quantity", "Rate", "Amount")}

    assert line(quantity="3", amount="10.00") == {
        "Quantity": "3",
        "Rate": "3.33333",
        "Amount": "10.00",
    }
    assert line(quantity="2.5", rate="1.99")["Amount"] == "4.98"
    assert line(quantity="2") == {"Quantity": "2", "Rate": "50", "Amount": "100.00"}
    assert line(amount="7.77") == {"Quantity": None, "Rate": "7.77", "Amount": "7.77"}
    wrong = desk.invoice(sold("10.00", quantity="3", rate="3.00"))
    assert desk.refused("InvoiceAdd", **wrong).startswith("3180 ")


def test_a_line_of_text_has_no_amount() -> None:
    desk = Desk()
    made = desk.invoiced(sold("100.00"), {"Desc": "Thank you"})
    assert made["InvoiceLineRet"][1].keys() == {"TxnLineID", "Desc"}
    wrong = desk.invoice({"Desc": "Thank you", "Amount": "1.00"})
    assert desk.refused("InvoiceAdd", **wrong) == '3150 There is a missing element: "ItemRef"'


def test_discounts_are_item_lines_without_a_quantity() -> None:
    desk = Desk()
    assert desk.invoiced(sold("50.00"), sold("-5.00", "Discount"))["BalanceRemaining"] == "45.00"
    wrong = desk.invoice(sold("50.00"), sold("-5.00", "Discount", quantity="1"))
    assert desk.refused("InvoiceAdd", **wrong).startswith("3180 ")


def test_a_total_below_zero_is_not_saved() -> None:
    desk = Desk()
    wrong = desk.invoice(sold("-5.00", "Discount"))
    assert desk.refused("InvoiceAdd", **wrong).startswith(
        "3180 There was an error when saving a Invoice.  QuickBooks error message: "
    )
    assert not desk.qbd.invoices


def test_numbers_are_not_unique_and_found_in_any_case() -> None:
    desk = Desk()
    desk.invoiced(RefNumber="K1042")
    desk.invoiced(RefNumber="k1042")

    assert len(desk.found("InvoiceQuery", RefNumber="K1042")) == 2
    assert len(desk.found("InvoiceQuery", RefNumberCaseSensitive="K1042")) == 1
    assert desk.said(query("InvoiceQuery", RefNumber=["K1042", "K9"])).startswith("500 ")
    assert desk.said(query("InvoiceQuery", RefNumber="K9")).startswith("1 ")


def test_without_a_number_quickbooks_gives_the_next() -> None:
    desk = Desk()
    desk.invoiced(RefNumber="700")
    assert desk.invoiced()["RefNumber"] == "701"


@pytest.mark.parametrize("code", ["3171", "3180"])
def test_nothing_is_entered_in_the_closed_period(code: Any) -> None:
    desk = Desk(QbdSwitches(closed_code=code))
    desk.qbd.close_books(date(2026, 10, 2))

    said = desk.refused("InvoiceAdd", **desk.invoice(TxnDate="2026-10-02"))
    assert said.startswith(f"{code} ")
    assert "on or before the closing date of the company" in said
    desk.invoiced(TxnDate="2026-10-03")


@pytest.mark.parametrize("accepted", [False, True])
def test_inactive_customers(*, accepted: bool) -> None:
    desk = Desk(QbdSwitches(inactive_referred_to="accepted" if accepted else "refused"))
    desk.qbd.set_active(Customer, desk.jane, active=False)

    if accepted:
        desk.invoiced()
        return
    said = desk.refused("InvoiceAdd", **desk.invoice())
    assert said.startswith("3140 There is an invalid reference to QuickBooks Customer")


@pytest.mark.parametrize("refused", [False, True])
def test_one_guid_twice(*, refused: bool) -> None:
    desk = Desk(QbdSwitches(guid_twice="refused" if refused else "accepted"))
    guid = "{0b6f9d52-6e1f-5d0e-9a44-6f2f6a1c1042}"
    assert desk.invoiced(ExternalGUID=guid)["ExternalGUID"] == guid

    if refused:
        assert desk.refused("InvoiceAdd", **desk.invoice(ExternalGUID=guid)).startswith("3180 ")
    else:
        desk.invoiced(ExternalGUID=guid)


def test_unknown_references_are_named() -> None:
    desk = Desk()
    said = desk.refused("InvoiceAdd", **desk.invoice(sold("1.00", "Nothing")))
    assert said == (
        '3140 There is an invalid reference to QuickBooks Item "Nothing" in the Invoice.  '
        "QuickBooks error message: Invalid argument.  The specified record does not exist in the "
        "list."
    )


def test_the_due_date_follows_the_terms() -> None:
    desk = Desk()
    fields = desk.invoice(TxnDate="2026-11-03")
    head = {name: fields.pop(name) for name in ("CustomerRef", "TxnDate")}
    made = desk.made("InvoiceAdd", **head, TermsRef=named("Net 15"), **fields)
    assert made["DueDate"] == "2026-11-18"


def test_an_invoice_is_changed_in_what_is_sent() -> None:
    desk = Desk()
    made = desk.invoiced(sold("100.00"), sold("8.00", "Shipping", taxed=False), Memo="Keap order 1")
    first = made["InvoiceLineRet"][0]["TxnLineID"]
    key = {"TxnID": made["TxnID"], "EditSequence": made["EditSequence"]}

    changed = desk.made("InvoiceMod", **key, Memo="By hand")
    assert (changed["Memo"], changed["BalanceRemaining"]) == ("By hand", "108.00")
    lines = [{"TxnLineID": first}, {"TxnLineID": "-1", **sold("5.00")}]
    key["EditSequence"] = changed["EditSequence"]
    changed = desk.made("InvoiceMod", **key, InvoiceLineMod=lines)
    assert changed["BalanceRemaining"] == "105.00"


def test_an_invoice_that_was_changed_meanwhile_is_read_again_first() -> None:
    clock = Clock(datetime(2026, 11, 3, 12, tzinfo=UTC))
    desk = Desk(clock=clock)
    made = desk.invoiced()
    clock.advance(1)
    desk.qbd.edit(made["TxnID"], memo="By hand")

    key = {"TxnID": made["TxnID"], "EditSequence": made["EditSequence"]}
    assert desk.refused("InvoiceMod", **key, Memo="Keap order 1").startswith("3200 ")


def test_only_a_tax_item_is_the_tax_of_a_form() -> None:
    desk = Desk()
    said = desk.refused("InvoiceAdd", **desk.invoice(tax={"ItemSalesTaxRef": named("Coaching")}))
    assert said.startswith(
        '3140 There is an invalid reference to QuickBooks ItemSalesTax "Coaching"'
    )


def test_a_sales_receipt_goes_to_undeposited_funds() -> None:
    desk = Desk()
    head = {"CustomerRef": {"ListID": desk.jane}, "RefNumber": "K1"}
    tax = {"ItemSalesTaxRef": named("Alameda")}
    made = desk.made("SalesReceiptAdd", **head, **tax, SalesReceiptLineAdd=sold("100.00"))

    assert (made["TotalAmount"], made["SalesTaxTotal"]) == ("108.25", "8.25")
    assert made["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    assert desk.found("SalesReceiptQuery", RefNumber="k1")[0]["TxnID"] == made["TxnID"]


def test_queries_by_day_customer_and_what_is_paid() -> None:
    desk = Desk()
    other = desk.qbd.add_customer("B", parent="Jane Doe")
    first = desk.invoiced(TxnDate="2026-11-03")
    desk.qbd.enter_invoice("Jane Doe:B", [sale("5.00", item="Coaching")])
    desk.qbd.receive_payment("Jane Doe", "100.00", onto={first["TxnID"]: "100.00"})

    def count(**fields: Any) -> int:
        return len(desk.found("InvoiceQuery", **fields))

    assert count(TxnDateRangeFilter={"ToTxnDate": "2026-11-03"}) == 1
    assert count(TxnDateRangeFilter={"FromTxnDate": "2026-11-03", "ToTxnDate": "2030-01-01"}) == 2
    assert count(EntityFilter={"ListID": other.id}) == 1
    assert count(EntityFilter={"FullNameWithChildren": "Jane Doe"}) == 2
    assert count(PaidStatus="NotPaidOnly") == 1
    assert count(RefNumberFilter={"MatchCriterion": "StartsWith", "RefNumber": "1"}) == 1
    assert desk.said(query("InvoiceQuery", MaxReturned="5", PaidStatus="PaidOnly"))[0] == "0"


def test_lines_and_links_come_when_asked_for() -> None:
    desk = Desk()
    made = desk.invoiced()
    desk.qbd.receive_payment("Jane Doe", "40.00", onto={made["TxnID"]: "40.00"}, ref="ch_1")

    plain = desk.found("InvoiceQuery", TxnID=made["TxnID"])[0]
    assert not {"LinkedTxn", "InvoiceLineRet"} & plain.keys()
    full = desk.found(
        "InvoiceQuery", TxnID=made["TxnID"], IncludeLineItems="true", IncludeLinkedTxns="true"
    )[0]
    assert full["LinkedTxn"]["RefNumber"] == "ch_1"
    assert (full["LinkedTxn"]["Amount"], full["AppliedAmount"]) == ("-40.00", "-40.00")
    assert full["InvoiceLineRet"]["Amount"] == "100.00"


@pytest.mark.parametrize(("how", "memo"), [("kept", "VOID: Keap order 1"), ("replaced", "VOID:")])
def test_a_void_invoice_is_zero_and_frees_its_payments(how: Any, memo: str) -> None:
    desk = Desk(QbdSwitches(void_memo=how))
    made = desk.invoiced(RefNumber="K1", Memo="Keap order 1")
    paid = desk.qbd.receive_payment("Jane Doe", "40.00", onto={made["TxnID"]: "40.00"})

    answer = desk.ask(query("TxnVoid", TxnVoidType="Invoice", TxnID=made["TxnID"]))[0]
    assert {one.tag for one in answer} >= {"TxnID", "RefNumber", "TimeModified"}
    found = desk.found("InvoiceQuery", TxnID=made["TxnID"])[0]
    assert (found["Memo"], found["BalanceRemaining"], found["IsPaid"]) == (memo, "0.00", "true")
    assert desk.qbd.balance(paid.id) == 40


def test_what_is_deleted_is_listed() -> None:
    clock = Clock(datetime(2026, 11, 3, 12, tzinfo=UTC))
    desk = Desk(clock=clock)
    made = desk.invoiced(RefNumber="K1")
    answer = desk.ask(query("TxnDel", TxnDelType="Invoice", TxnID=made["TxnID"]))[0]

    assert answer.get("statusCode") == "0"
    found = desk.found("TxnDeletedQuery", TxnDelType=["Invoice", "Check"])
    assert [(one["TxnID"], one["RefNumber"]) for one in found] == [(made["TxnID"], "K1")]
    late = {"DeletedDateRangeFilter": {"FromDeletedDate": "2026-11-04"}}
    assert desk.said(query("TxnDeletedQuery", TxnDelType="Invoice", **late)).startswith("1 ")
    said = desk.said(query("TxnDel", TxnDelType="Invoice", TxnID=made["TxnID"]))
    assert said.startswith(
        f'3120 Object "{made["TxnID"]}" specified in the request cannot be found'
    )


def test_the_closed_period_is_not_voided_or_deleted() -> None:
    desk = Desk()
    made = desk.invoiced(TxnDate="2026-10-01")
    desk.qbd.close_books(date(2026, 10, 2))

    for name in ("TxnVoid", "TxnDel"):
        fields = {f"{name}Type": "Invoice", "TxnID": made["TxnID"]}
        assert desk.said(query(name, **fields)).startswith("3171 ")


def test_one_query_sweeps_all_transactions() -> None:
    desk = Desk()
    made = desk.invoiced(sold("100.00"), sold("8.00", "Shipping", taxed=False), Memo="Keap order 1")
    desk.qbd.receive_payment("Jane Doe", "40.00", onto={made["TxnID"]: "40.00"})
    whole = {"TransactionDetailLevelFilter": "SummaryOnly"}

    found = desk.found("TransactionQuery", **whole)
    assert [(one["TxnType"], one["Amount"]) for one in found] == [
        ("Invoice", "108.00"),
        ("ReceivePayment", "-40.00"),
    ]
    assert found[0]["Memo"] == "Keap order 1"
    assert len(desk.found("TransactionQuery")) == 4
    only = {"TransactionTypeFilter": {"TxnTypeFilter": "Invoice"}}
    assert len(desk.found("TransactionQuery", **only, **whole)) == 1
