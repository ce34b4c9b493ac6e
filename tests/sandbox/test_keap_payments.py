"""The sandbox's Keap: payments, allocations, refunds, credits, voids and failed charges."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import Item, KeapSandbox
from tests.kits.keap_app import get, switch

NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def keap() -> KeapSandbox:
    """An account with two orders, 1001 over 100.00 and 1002 over 60.00, its clock stopped."""
    account = KeapSandbox(Clock(NOW))
    account.add_contact(given_name="Ada", emails=("ada@example.com",))
    for price in ("100.00", "60.00"):
        account.add_order(contact_id=101, order_time=SUMMER, items=[Item("PRODUCT", price)])
    return account


def payments(keap: KeapSandbox, **query: str) -> Any:
    """The account's payments."""
    return get(keap, "/sales/payments", 200, **query)["payments"]


def allocations(keap: KeapSandbox, order_id: int = 1001) -> Any:
    """What is on an order."""
    return get(keap, f"/orders/{order_id}/payments")["invoice_order_payments"]


def test_a_card_payment_has_major_units_and_a_gateway(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1001, amount="25.50", time=SUMMER)
    (payment,) = payments(keap)

    assert (payment["type"], payment["amount"], payment["status"]) == (
        "Credit Card",
        25.5,
        "COMPLETED",
    )
    assert payment["order_ids"] == ["1001"]
    assert payment["external_transaction_id"] == "txn_1"
    assert (payment["merchant_account_id"], payment["merchant_account_type"]) == ("1", "STRIPE")
    assert payment["payment_time"] == "2026-10-01T09:00:00.000Z"
    assert payment["update_time"] == "2026-11-10T12:00:00.000Z"
    assert payment["payment_method"]["card_info"]["last_four"] == "4242"


def test_a_manual_payment_is_at_local_midnight_without_a_gateway(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1001, amount=10, type="Cash", time=date(2026, 10, 5))
    (payment,) = payments(keap)

    assert payment["payment_time"] == "2026-10-04T23:00:00.000Z"
    assert (payment["status"], payment["external_transaction_id"]) == ("NONE", None)
    assert payment["merchant_account_id"] is None
    assert allocations(keap)[0]["pay_status"] == "MANUAL_PAID"


def test_a_paypal_payment_is_marked_as_such(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1001, amount=10, type="PayPal", external_transaction_id="PP-9")

    assert payments(keap)[0]["merchant_account_type"] == "PAYPAL"
    assert payments(keap)[0]["external_transaction_id"] == "PP-9"
    assert allocations(keap)[0]["pay_status"] == "PAYPAL_PAID"


@pytest.mark.parametrize(("unit", "shown"), [("major", 100), ("minor", 10000)])
def test_the_unit_of_allocations(keap: KeapSandbox, unit: str, shown: int) -> None:
    switch(keap, allocation_unit=unit)
    keap.add_payment(order_id=1001, amount="100.00")

    assert allocations(keap)[0]["amount"] == shown
    assert payments(keap)[0]["amount"] == 100


def test_one_payment_over_two_orders(keap: KeapSandbox) -> None:
    keap.add_payment(amount="160.00", allocations={"1001": "100.00", "1002": "60.00"})

    assert payments(keap)[0]["order_ids"] == ["1001", "1002"]
    first, second = allocations(keap)[0], allocations(keap, 1002)[0]
    assert (first["amount"], second["amount"]) == (100, 60)
    assert first["payment_id"] == second["payment_id"]
    assert first["id"] != second["id"]
    assert second["invoice_id"] == "1002"


def test_orders_are_paid_in_turn_without_allocations(keap: KeapSandbox) -> None:
    keap.add_payment(order_ids=[1001, 1002], amount="120.00")

    assert (allocations(keap)[0]["amount"], allocations(keap, 1002)[0]["amount"]) == (100, 20)


def test_what_is_pending_or_void_does_not_count_as_paid(keap: KeapSandbox) -> None:
    pending = keap.add_payment(order_id=1001, amount=30, status="PENDING")
    void = keap.add_payment(order_id=1001, amount=20)
    keap.void_payment(void.id)

    assert get(keap, "/orders/1001")["total_paid"]["amount"] == 0
    assert [row["pay_status"] for row in allocations(keap)] == ["PENDING", "VOIDED"]

    keap.edit_payment(pending.id, status="COMPLETED")
    assert get(keap, "/orders/1001")["total_paid"]["amount"] == 3000


@pytest.mark.parametrize(("listed", "rows"), [(True, ["1"]), (False, [])])
def test_voided_payments_in_the_list(keap: KeapSandbox, listed: bool, rows: list[str]) -> None:
    switch(keap, voided_payments_listed=listed)
    keap.void_payment(keap.add_payment(order_id=1001, amount=20).id)

    assert [row["id"] for row in payments(keap)] == rows
    methods = [
        row["transaction_method"] for row in get(keap, "/sales/transactions")["transactions"]
    ]
    assert methods == ["CAPTURE", "VOID"]


def refunded(keap: KeapSandbox) -> tuple[Any, Any]:
    """The rows of a payment of 100 and of the 30 that were given back."""
    paid = keap.add_payment(order_id=1001, amount="100.00")
    keap.add_refund(paid.id, "30.00")
    original, refund = payments(keap)
    return original, refund


@pytest.mark.parametrize(("sign", "amount"), [("negative", -30), ("positive", 30)])
def test_the_sign_of_refunds(keap: KeapSandbox, sign: str, amount: int) -> None:
    switch(keap, refund_sign=sign)
    _, refund = refunded(keap)

    assert refund["amount"] == amount
    assert [row["amount"] for row in allocations(keap)] == [100, amount]
    assert allocations(keap)[1]["pay_status"] == "REFUNDED"
    assert get(keap, "/orders/1001")["refund_total"]["amount"] == 3000


@pytest.mark.parametrize(
    ("link", "ids"), [("on_original", ("2", None)), ("on_refund", (None, "1"))]
)
def test_which_payment_names_the_other(
    keap: KeapSandbox, link: str, ids: tuple[str | None, str | None]
) -> None:
    switch(keap, refund_link=link)

    assert tuple(row["refund_payment_id"] for row in refunded(keap)) == ids


@pytest.mark.parametrize(
    ("link", "ids"), [("on_original", ["2", None]), ("on_refund", [None, "1"])]
)
def test_which_allocation_names_the_other(
    keap: KeapSandbox, link: str, ids: list[str | None]
) -> None:
    switch(keap, refund_allocation_link=link)
    refunded(keap)

    assert [row["refund_invoice_payment_id"] for row in allocations(keap)] == ids


@pytest.mark.parametrize(("setting", "label"), [("refund", "Refund"), ("as_paid", "Credit Card")])
def test_the_type_of_refunds(keap: KeapSandbox, setting: str, label: str) -> None:
    switch(keap, refund_type=setting)

    assert [row["type"] for row in refunded(keap)] == ["Credit Card", label]


@pytest.mark.parametrize(("net", "paid"), [(False, 10000), (True, 7000)])
def test_total_paid_and_refunds(keap: KeapSandbox, net: bool, paid: int) -> None:
    switch(keap, total_paid_net_of_refunds=net)
    refunded(keap)

    assert get(keap, "/orders/1001")["total_paid"]["amount"] == paid
    assert len(get(keap, "/orders", filter="paid==true")["orders"]) == 1


@pytest.mark.parametrize(
    ("values", "none", "part", "full"),
    [("words", "NONE", "PARTIALLY_REFUNDED", "REFUNDED"), ("codes", "0", "1", "2")],
)
def test_refund_status(keap: KeapSandbox, values: str, none: str, part: str, full: str) -> None:
    switch(keap, refund_status_values=values)
    paid = keap.add_payment(order_id=1001, amount="100.00")
    seen = [get(keap, "/orders/1001")["refund_status"]]
    for amount in ("30.00", "70.00"):
        keap.add_refund(paid.id, amount)
        seen.append(get(keap, "/orders/1001")["refund_status"])

    assert seen == [none, part, full]


def test_the_refund_of_a_shared_payment_is_spread_like_it(keap: KeapSandbox) -> None:
    paid = keap.add_payment(amount="160.00", allocations={"1001": "100.00", "1002": "60.00"})
    keap.add_refund(paid.id)

    assert [row["amount"] for row in allocations(keap, 1002)] == [60, -60]
    assert get(keap, "/orders/1001")["refund_status"] == "REFUNDED"


@pytest.mark.parametrize(("values", "status"), [("words", "APPROVED"), ("codes", "1")])
def test_credits_are_payments_but_no_transactions(
    keap: KeapSandbox, values: str, status: str
) -> None:
    switch(keap, refund_status_values=values)
    keap.add_payment(order_id=1001, amount="20.00", type="Credit", note="Came broken")

    (row,) = payments(keap)
    assert (row["type"], row["amount"], row["note"]) == ("Credit", 20, "Came broken")
    order = get(keap, "/orders/1001")
    assert (order["total_paid"]["amount"], order["credit_status"]) == (2000, status)
    assert get(keap, "/sales/transactions")["transactions"] == []


def test_a_failed_charge_leaves_a_transaction_only(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1002, amount=60)
    keap.add_failed_charge(1001, "100.00", error="Do not honour")

    assert allocations(keap) == []
    (row,) = get(keap, "/sales/transactions", filter="is_successful==false")["transactions"]
    assert (row["status"], row["amount"], row["order_ids"]) == ("FAILED", 100, ["1001"])
    assert (row["error_details"], row["payment_id"]) == ("Do not honour", None)
    assert row["contact"]["email"] == "ada@example.com"


def test_transactions_tell_how_money_moved(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1001, amount=40, type="Cash", time=date(2026, 10, 1))
    keap.add_payment(order_id=1001, amount=10, status="PENDING", time=date(2026, 10, 2))
    refund = keap.add_payment(order_id=1001, amount=50, time=date(2026, 10, 3))
    keap.add_refund(refund.id, time=date(2026, 10, 4))
    rows = get(keap, "/sales/transactions", order_by="transaction_time asc")["transactions"]

    assert [(row["transaction_method"], row["status"], row["is_successful"]) for row in rows] == [
        ("MANUAL", "NONE", True),
        ("CAPTURE", "PENDING", False),
        ("CAPTURE", "APPROVED", True),
        ("REFUND", "APPROVED", True),
    ]
    only = get(keap, "/sales/transactions", filter="transaction_method==REFUND;amount>=50")
    assert [row["payment_id"] for row in only["transactions"]] == ["4"]


def test_payments_can_be_edited_and_deleted(keap: KeapSandbox) -> None:
    payment = keap.add_payment(amount="160.00", allocations={"1001": "100.00", "1002": "60.00"})
    keap.clock.advance(60)
    keap.edit_payment(payment.id, amount="110.00", type="Cash", time=date(2026, 11, 9), note="x")

    (row,) = payments(keap)
    assert (row["amount"], row["type"], row["note"]) == (110, "Cash", "x")
    assert row["payment_time"] == "2026-11-09T00:00:00.000Z"
    assert row["update_time"] == "2026-11-10T12:01:00.000Z"
    assert (allocations(keap)[0]["amount"], allocations(keap, 1002)[0]["amount"]) == (100, 10)

    keap.delete_payment(payment.id)
    assert payments(keap) == []
    assert allocations(keap, 1002) == []
    assert get(keap, "/orders/1001")["total_paid"]["amount"] == 0


@pytest.mark.parametrize(
    ("touches", "time"),
    [(False, "2026-11-10T12:00:00.000Z"), (True, "2026-11-10T12:05:00.000Z")],
)
def test_whether_a_payment_touches_its_order(keap: KeapSandbox, touches: bool, time: str) -> None:
    switch(keap, payment_touches_order=touches)
    keap.clock.advance(300)
    keap.add_payment(order_id=1001, amount=5)

    assert get(keap, "/orders/1001")["modification_time"] == time
    since = "modified_since_time==2026-11-10T12:05:00.000Z"
    assert len(get(keap, "/orders", filter=since)["orders"]) == int(touches)


@pytest.mark.parametrize(("kept", "rows"), [(False, 1), (True, 2)])
def test_payments_of_a_deleted_order(keap: KeapSandbox, kept: bool, rows: int) -> None:
    switch(keap, deleted_order_keeps_payments=kept)
    keap.add_payment(order_id=1001, amount=5)
    keap.add_payment(order_ids=[1001, 1002], amount=100)
    keap.delete_order(1001)

    assert len(payments(keap)) == rows
    assert payments(keap)[-1]["order_ids"] == (["1001", "1002"] if kept else ["1002"])


@pytest.mark.parametrize(("reads", "found"), [("payment_time", 0), ("update_time", 1)])
def test_what_since_time_looks_at(keap: KeapSandbox, reads: str, found: int) -> None:
    switch(keap, payment_filter_reads=reads)
    keap.add_payment(order_id=1001, amount=5, type="Cash", time=date(2026, 11, 1))

    assert len(payments(keap, filter="since_time==2026-11-10T00:00:00.000Z")) == found
    assert len(payments(keap, filter="until_time==2026-11-10T00:00:00.000Z")) == 1 - found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("order_ids==1001,1002", ["1", "2", "3"]),
        ("order_ids==1002", ["2", "3"]),
        ("order_id==1001", ["1", "3"]),
        ("ids==1,3,99", ["1", "3"]),
        ("id>=2", ["2", "3"]),
        ("amount<20", ["1"]),
        ("contact_id==101;amount!=10", ["2", "3"]),
        ("merchant_account_type==STRIPE", ["2", "3"]),
        ("merchant_account_id==2", []),
    ],
)
def test_payment_filters(keap: KeapSandbox, query: str, found: list[str]) -> None:
    keap.add_payment(order_id=1001, amount=10, type="Cash")
    keap.add_payment(order_id=1002, amount=20)
    keap.add_payment(order_ids=[1001, 1002], amount=100)

    assert [row["id"] for row in payments(keap, filter=query)] == found


def test_payments_are_sorted_as_asked(keap: KeapSandbox) -> None:
    for amount in ("20", "3.50", "100"):
        keap.add_payment(order_id=1001, amount=amount)

    assert [row["amount"] for row in payments(keap, order_by="amount desc")] == [100, 20, 3.5]


def test_allocation_filters(keap: KeapSandbox) -> None:
    keap.add_payment(order_id=1001, amount=10, type="Cash")
    keap.add_payment(order_id=1001, amount=20)

    found = get(keap, "/orders/1001/payments", filter="pay_status==APPROVED;amount==20")
    assert [row["payment_id"] for row in found["invoice_order_payments"]] == ["2"]
