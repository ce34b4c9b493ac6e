"""Payments, credits and refunds in the simulated QuickBooks Desktop."""

from typing import Any

import pytest

from invoicesync_sandbox.qbd import sale
from tests.kits.qbxml import Desk, Fields, named, query, sold


def payment(desk: Desk, total: str, *applied: Fields, **fields: Any) -> Fields:
    """The fields of a payment by Jane."""
    values: Fields = {"CustomerRef": {"ListID": desk.jane}}
    values |= {"RefNumber": fields.pop("RefNumber")} if "RefNumber" in fields else {}
    values |= {"TotalAmount": total} if total else {}
    auto = fields.pop("IsAutoApply", None)
    end = {"IsAutoApply": auto} if auto else {"AppliedToTxnAdd": list(applied)}
    return values | fields | end


def onto(txn: Fields, amount: str) -> Fields:
    return {"TxnID": txn["TxnID"], "PaymentAmount": amount}


def due(desk: Desk, txn: Fields) -> str:
    return f"{desk.qbd.balance(txn['TxnID']):.2f}"


def credited(desk: Desk, amount: str = "30.00", **fields: Any) -> Fields:
    return desk.made(
        "CreditMemoAdd",
        CustomerRef={"ListID": desk.jane},
        **fields,
        ItemSalesTaxRef=named("No tax"),
        CreditMemoLineAdd=sold(amount),
    )


def test_a_payment_pays_what_it_says() -> None:
    desk = Desk()
    invoice = desk.invoiced(RefNumber="K1")
    fields = payment(desk, "150.00", onto(invoice, "60.00"), RefNumber="ch_3Q9xKeap77")
    made = desk.made("ReceivePaymentAdd", **fields)

    assert (made["TotalAmount"], made["UnusedPayment"]) == ("150.00", "90.00")
    assert made["AppliedToTxnRet"]["BalanceRemaining"] == "40.00"
    assert made["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    assert due(desk, invoice) == "40.00"
    found = desk.found("ReceivePaymentQuery", RefNumber="CH_3Q9XKEAP77", IncludeLineItems="true")
    assert found[0]["AppliedToTxnRet"]["RefNumber"] == "K1"


def test_more_than_what_is_due_is_refused_as_a_whole() -> None:
    desk = Desk()
    first, second = desk.invoiced(), desk.invoiced()
    fields = payment(desk, "300.00", onto(first, "100.00"), onto(second, "129.43"))

    assert desk.refused("ReceivePaymentAdd", **fields) == (
        '3210 The "AppliedToTxnAdd payment amount" field has an invalid value "129.43".  '
        "QuickBooks error message: You cannot pay more than the amount due."
    )
    assert (due(desk, first), len(desk.qbd.payments)) == ("100.00", 0)
    fields = payment(desk, "50.00", onto(first, "60.00"))
    assert desk.refused("ReceivePaymentAdd", **fields).startswith("3210 ")


def test_a_payment_by_somebody_else_is_refused_but_not_by_the_parent() -> None:
    desk = Desk()
    desk.qbd.add_customer("Kitchen", parent="Jane Doe")
    desk.qbd.add_customer("Other")
    job = desk.qbd.enter_invoice("Jane Doe:Kitchen", [sale("50.00", item="Coaching")])
    other = desk.qbd.enter_invoice("Other", [sale("50.00", item="Coaching")])

    desk.made("ReceivePaymentAdd", **payment(desk, "50.00", onto({"TxnID": job.id}, "50.00")))
    fields = payment(desk, "50.00", onto({"TxnID": other.id}, "50.00"))
    assert desk.refused("ReceivePaymentAdd", **fields).startswith("3180 ")


@pytest.mark.parametrize(
    ("total", "left"),
    [("40.00", ["100.00", "0.00", "40.00"]), ("120.00", ["0.00", "20.00", "40.00"])],
)
def test_a_payment_finds_its_invoice_by_itself(total: str, left: list[str]) -> None:
    desk = Desk()
    days = ("2026-11-01", "2026-11-02", "2026-11-03")
    amounts = ("100.00", "40.00", "40.00")
    made = [
        desk.invoiced(sold(amount), TxnDate=day) for day, amount in zip(days, amounts, strict=True)
    ]
    desk.made("ReceivePaymentAdd", **payment(desk, total, IsAutoApply="true"))

    assert [due(desk, one) for one in made] == left


def test_not_applied_by_itself_it_stays_unused() -> None:
    desk = Desk()
    invoice = desk.invoiced()
    made = desk.made("ReceivePaymentAdd", **payment(desk, "40.00", IsAutoApply="false"))
    assert (made["UnusedPayment"], due(desk, invoice)) == ("40.00", "100.00")


def test_a_credit_is_put_onto_an_invoice_without_a_transaction() -> None:
    desk = Desk()
    invoice, memo = desk.invoiced(), credited(desk, RefNumber="C77")
    assert (memo["TotalAmount"], memo["CreditRemaining"]) == ("30.00", "30.00")
    use = {"CreditTxnID": memo["TxnID"], "AppliedAmount": "30.00"}
    made = desk.made(
        "ReceivePaymentAdd", **payment(desk, "", {"TxnID": invoice["TxnID"], "SetCredit": use})
    )

    assert "TxnID" not in made
    assert len(desk.qbd.payments) == 0
    links = desk.found("InvoiceQuery", TxnID=invoice["TxnID"], IncludeLinkedTxns="true")[0]
    assert links["LinkedTxn"]["TxnType"] == "CreditMemo"
    assert (links["LinkedTxn"]["RefNumber"], links["BalanceRemaining"]) == ("C77", "70.00")
    left = desk.found("CreditMemoQuery", RefNumber="C77", IncludeLinkedTxns="true")[0]
    assert (left["CreditRemaining"], left["LinkedTxn"]["TxnType"]) == ("0.00", "Invoice")


@pytest.mark.parametrize(("credit", "amount"), [("30.00", "30.01"), ("150.00", "100.01")])
def test_no_more_credit_than_there_is_or_is_due(credit: str, amount: str) -> None:
    desk = Desk()
    invoice, memo = desk.invoiced(), credited(desk, credit)
    use = {"CreditTxnID": memo["TxnID"], "AppliedAmount": amount}
    fields = payment(desk, "0.00", {"TxnID": invoice["TxnID"], "SetCredit": use})
    assert desk.refused("ReceivePaymentAdd", **fields).startswith("3210 ")


def test_an_invoice_may_take_its_credit_with_it() -> None:
    desk = Desk()
    memo = credited(desk)
    use = {"CreditTxnID": memo["TxnID"], "AppliedAmount": "30.00"}
    assert desk.invoiced(SetCredit=use)["BalanceRemaining"] == "70.00"


def test_a_credit_memo_is_paid_out_to_a_card() -> None:
    desk = Desk()
    memo = credited(desk)

    def refund(amount: str, method: str = "Visa") -> Fields:
        return {
            "CustomerRef": {"ListID": desk.jane},
            "RefNumber": "R78",
            "PaymentMethodRef": named(method),
            "RefundAppliedToTxnAdd": {"TxnID": memo["TxnID"], "RefundAmount": amount},
        }

    made = desk.made("ARRefundCreditCardAdd", **refund("20.00"))
    assert made["RefundFromAccountRef"]["FullName"] == "Undeposited Funds"
    assert made["RefundAppliedToTxnRet"]["CreditRemaining"] == "10.00"
    assert desk.refused("ARRefundCreditCardAdd", **refund("10.01")).startswith("3210 ")
    assert desk.refused("ARRefundCreditCardAdd", **refund("1.00", "Cash")).startswith("3180 ")
    found = desk.found("ARRefundCreditCardQuery", RefNumber="R78")
    assert [one["TotalAmount"] for one in found] == ["20.00"]


def test_a_credit_memo_is_paid_out_by_check() -> None:
    desk = Desk()
    memo = credited(desk)

    def check(amount: str, applied: str, bank: str = "Checking") -> Fields:
        return {
            "AccountRef": named(bank),
            "PayeeEntityRef": {"ListID": desk.jane},
            "RefNumber": "R79",
            "ApplyCheckToTxnAdd": {"TxnID": memo["TxnID"], "Amount": applied},
            "ExpenseLineAdd": {
                "AccountRef": named("Accounts Receivable"),
                "Amount": amount,
                "CustomerRef": {"ListID": desk.jane},
            },
        }

    made = desk.made("CheckAdd", **check("20.00", "20.00"))
    assert (made["Amount"], made["LinkedTxn"]["TxnType"]) == ("20.00", "CreditMemo")
    assert due(desk, memo) == "10.00"
    assert desk.refused("CheckAdd", **check("20.00", "20.00")).startswith("3210 ")
    assert desk.refused("CheckAdd", **check("5.00", "5.00", "Sales")).startswith("3180 ")
    found = desk.found("CheckQuery", RefNumber="R79", IncludeLineItems="true")[0]
    assert found["ExpenseLineRet"]["Amount"] == "20.00"


def test_payments_are_deleted_and_never_voided() -> None:
    desk = Desk()
    invoice = desk.invoiced()
    made = desk.made("ReceivePaymentAdd", **payment(desk, "40.00", onto(invoice, "40.00")))

    bad = query("TxnVoid", TxnVoidType="ReceivePayment", TxnID=made["TxnID"])
    assert 'statusCode="3110"' in desk.qbd.send(bad)
    answer = desk.ask(query("TxnDel", TxnDelType="ReceivePayment", TxnID=made["TxnID"]))[0]
    assert answer.get("statusCode") == "0"
    assert due(desk, invoice) == "100.00"


def test_what_is_deposited_is_not_deleted() -> None:
    desk = Desk()
    made = desk.made("ReceivePaymentAdd", **payment(desk, "40.00", IsAutoApply="false"))
    desk.qbd.deposit(made["TxnID"])

    said = desk.said(query("TxnDel", TxnDelType="ReceivePayment", TxnID=made["TxnID"]))
    assert said.startswith("3160 ")


def test_a_payment_is_changed_and_applied_anew() -> None:
    desk = Desk()
    first, second = desk.invoiced(), desk.invoiced()
    made = desk.made("ReceivePaymentAdd", **payment(desk, "40.00", onto(first, "40.00")))
    key = {"TxnID": made["TxnID"], "EditSequence": made["EditSequence"]}
    desk.made("ReceivePaymentMod", **key, AppliedToTxnMod=onto(second, "25.00"))

    assert (due(desk, first), due(desk, second)) == ("100.00", "75.00")
    assert due(desk, made) == "15.00"


def test_the_customers_balance_is_what_they_owe() -> None:
    desk = Desk()
    invoice = desk.invoiced()
    credited(desk)
    desk.made("ReceivePaymentAdd", **payment(desk, "60.00", onto(invoice, "50.00")))

    assert desk.found("CustomerQuery", ListID=desk.jane)[0]["Balance"] == "10.00"


def test_a_paid_invoice_is_not_changed_below_what_was_paid() -> None:
    desk = Desk()
    made = desk.invoiced()
    desk.made("ReceivePaymentAdd", **payment(desk, "60.00", onto(made, "60.00")))
    now = desk.found("InvoiceQuery", TxnID=made["TxnID"], IncludeLineItems="true")[0]
    key = {"TxnID": made["TxnID"], "EditSequence": now["EditSequence"]}
    line = {"TxnLineID": now["InvoiceLineRet"]["TxnLineID"], "Amount": "59.99"}

    assert desk.refused("InvoiceMod", **key, InvoiceLineMod=line).startswith("3180 ")
    desk.made("InvoiceMod", **key, InvoiceLineMod=line | {"Amount": "60.00"})


def test_nothing_is_voided_while_what_it_hangs_on_is_open() -> None:
    desk = Desk()
    made = desk.invoiced()
    paid = desk.made("ReceivePaymentAdd", **payment(desk, "60.00", onto(made, "60.00")))
    desk.qbd.lock_row(paid["TxnID"], 1)
    void = query("TxnVoid", TxnVoidType="Invoice", TxnID=made["TxnID"])

    assert desk.said(void).startswith("3176 ")
    assert desk.said(void).startswith("0 ")
