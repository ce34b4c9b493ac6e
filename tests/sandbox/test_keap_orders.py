"""The sandbox's Keap: orders, lines, plans, contacts, products and settings as they are read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import (
    Address,
    Instalment,
    Item,
    KeapSandbox,
    KeapSwitches,
    SubscriptionPlan,
)
from tests.kits.keap_app import NOW, account_with_a_person, get, switch

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def keap() -> KeapSandbox:
    return account_with_a_person()


def order_of(keap: KeapSandbox, *items: Item, **more: Any) -> Any:
    """A new order, as it is read."""
    order = keap.add_order(contact_id=101, order_time=NOON, items=items, **more)
    return get(keap, f"/orders/{order.id}")


def test_order_money_is_in_the_smallest_unit(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "1234.50"), Item("TAX", "246.90"))

    assert order["total"] == {
        "amount": 148140,
        "currency_code": "GBP",
        "formatted_amount": "£1,481.40",
    }
    assert order["total_paid"]["amount"] == 0


def test_a_currency_without_decimals_has_no_cents() -> None:
    keap = KeapSandbox(Clock(NOW), currency="JPY", time_zone="Asia/Tokyo")
    keap.add_contact(given_name="Ada")

    assert order_of(keap, Item("PRODUCT", "1200"))["total"]["amount"] == 1200


def test_order_ids_times_and_nulls(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "1"), invoice_id=811, id=812, title="Web order")

    assert (order["id"], order["invoice_id"], order["invoice_number"]) == ("812", "811", None)
    assert order["order_time"] == "2026-11-03T12:00:00.000Z"
    assert order["creation_time"] == order["modification_time"] == "2026-11-10T12:00:00.000Z"
    assert order["due_time"] is None
    assert order["contact"] == {
        "id": "101",
        "email": "ada@example.com",
        "given_name": "Ada",
        "family_name": "Lovelace",
    }


def test_ids_given_by_hand_move_the_numbering_on(keap: KeapSandbox) -> None:
    order_of(keap, Item("PRODUCT", "1"), id=2000)

    assert order_of(keap, Item("PRODUCT", "1"))["id"] == "2001"


def test_naive_times_are_refused(keap: KeapSandbox) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        keap.add_order(contact_id=101, order_time=datetime(2026, 11, 3), items=[])  # noqa: DTZ001


def test_list_and_single_read_agree(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "1", sku="TIL"), Item("SHIPPING", "2"))

    assert get(keap, "/orders")["orders"] == [order]


def test_a_product_line_embeds_its_product(keap: KeapSandbox) -> None:
    line = order_of(
        keap, Item("PRODUCT", "5", quantity=3, name="Tea lights", sku="TIL", taxable=True)
    )["order_items"][0]

    assert (line["quantity"], line["price_per_unit"]["amount"]) == (3, 500)
    assert line["product"]["name"] == line["name"] == "Tea lights"
    assert (line["product"]["sku"], line["product"]["taxable"]) == ("TIL", True)
    assert line["discount"] is None


def test_lines_alike_share_a_product_and_others_do_not(keap: KeapSandbox) -> None:
    lines = order_of(
        keap,
        Item("PRODUCT", "5", name="Wax", sku="WAX-1"),
        Item("PRODUCT", "6", name="Wax", sku="WAX-1"),
        Item("PRODUCT", "6", name="Bees wax", sku="WAX-1"),
    )["order_items"]

    first, second, third = (line["product"]["id"] for line in lines)
    assert first == second != third


def test_lines_of_other_kinds_have_no_product(keap: KeapSandbox) -> None:
    kinds = ("SHIPPING", "TAX", "SERVICE", "FINANCE_CHARGE", "TIP", "FEE", "OTHER", "BUNDLE_X")
    lines = order_of(keap, *(Item(kind, "1") for kind in kinds))["order_items"]

    assert [line["item_type"] for line in lines] == list(kinds)
    assert {line["product"] is None for line in lines} == {True}


def test_an_empty_name_stays_empty(keap: KeapSandbox) -> None:
    line = order_of(keap, Item("SERVICE", "45", name=""))["order_items"][0]

    assert (line["name"], line["description"]) == ("", "")


def test_a_subscription_line_names_its_subscription(keap: KeapSandbox) -> None:
    plan = SubscriptionPlan("3", "Monthly", Decimal("15.00"))
    line = order_of(
        keap, Item("SUBSCRIPTION", "15.00", subscription_id="7", subscription_plan=plan)
    )["order_items"][0]

    assert line["subscription_id"] == "7"
    assert line["subscription_plan"]["cycle_type"] == "MONTHLY"
    assert line["subscription_plan"]["plan_price"]["amount"] == 1500


@pytest.mark.parametrize(
    ("style", "price", "discount"),
    [
        ("negative_price", -1000, None),
        ("positive_price", 1000, None),
        ("discount_figure", 0, 1000),
        ("both", -1000, 1000),
    ],
)
@pytest.mark.parametrize("entered", ["-10.00", "10.00"])
def test_discount_lines_are_written_as_the_switch_says(
    keap: KeapSandbox, style: str, price: int, discount: int | None, entered: str
) -> None:
    switch(keap, discount_style=style)
    order = order_of(keap, Item("PRODUCT", "100"), Item("DISCOUNT_ORDER_TOTAL", entered))
    line = order["order_items"][1]

    assert order["total"]["amount"] == 9000
    assert line["price_per_unit"]["amount"] == price
    assert (line["discount"] and line["discount"]["amount"]) == discount
    assert line["special"]["amount"] == 10


def test_a_discount_figure_is_kept_as_entered(keap: KeapSandbox) -> None:
    order = order_of(
        keap,
        Item("PRODUCT", "100"),
        Item("DISCOUNT_PRODUCT", discount="5.00", discount_percent="5"),
    )
    line = order["order_items"][1]

    assert order["total"]["amount"] == 9500
    assert (line["price_per_unit"]["amount"], line["discount"]["amount"]) == (0, 500)
    assert line["special"]["discount_method"] == "PERCENT"


def test_a_wrong_total_on_purpose(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "90"), total="95.00", currency="USD")

    assert order["total"]["amount"] == 9500
    assert order["total"]["formatted_amount"] == "$95.00"


@pytest.mark.parametrize(
    ("setting", "unpaid", "paid"),
    [("by_payment", "SENT", "PAID"), ("draft", "DRAFT", "DRAFT"), ("absent", None, None)],
)
def test_order_status(keap: KeapSandbox, setting: str, unpaid: str, paid: str) -> None:
    switch(keap, order_status=setting)
    order = order_of(keap, Item("PRODUCT", "10"))
    assert order["status"] == unpaid

    keap.add_payment(order_id=order["id"], amount=10)

    assert get(keap, f"/orders/{order['id']}")["status"] == paid


def test_order_status_set_by_hand(keap: KeapSandbox) -> None:
    assert order_of(keap, Item("PRODUCT", "10"), status="VIEWED")["status"] == "VIEWED"


def test_invoice_number_of_other_editions(keap: KeapSandbox) -> None:
    switch(keap, invoice_number="invoice_id")

    assert order_of(keap, Item("PRODUCT", "10"), invoice_id=7)["invoice_number"] == "7"


def test_an_ordinary_order_has_a_plan_of_one_item(keap: KeapSandbox) -> None:
    late = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)
    order = keap.add_order(contact_id=101, order_time=late, items=[Item("PRODUCT", "10")])
    plan = get(keap, f"/orders/{order.id}")["payment_plan"]

    assert [
        (part["due_date"], part["status"], part["amount_due"]["amount"])
        for part in plan["payment_plan_items"]
    ] == [("2026-10-21", "UNPAID_MANUAL", 1000)]

    switch(keap, one_item_plans=False)
    assert get(keap, f"/orders/{order.id}")["payment_plan"] is None


def instalments() -> dict[str, Any]:
    """Three instalments of 100, charged by themselves, the first on the day of the order."""
    days = (date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 2))
    return {"plan": [Instalment(day, "100.00") for day in days], "auto_charge": True}


def test_instalments_are_paid_in_turn(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "300"), **instalments())
    keap.add_payment(order_id=order["id"], amount="150.00")
    plan = get(keap, f"/orders/{order['id']}")["payment_plan"]

    assert [
        (part["status"], part["amount_paid"]["amount"]) for part in plan["payment_plan_items"]
    ] == [
        ("PAID", 10000),
        ("UNPAID_AUTOCHARGE", 5000),
        ("UNPAID_AUTOCHARGE", 0),
    ]
    assert plan["payment_plan_items"][-1]["due_date"] == "2027-01-02"
    assert (plan["initial_payment_date"], plan["plan_start_date"]) == ("2026-11-03", "2026-12-03")
    assert plan["days_between_payments"] == 30


@pytest.mark.parametrize(("counts", "number"), [(False, 2), (True, 3)])
def test_number_of_payments_and_the_initial_one(
    keap: KeapSandbox, counts: bool, number: int
) -> None:
    switch(keap, number_of_payments_counts_initial=counts)
    order = order_of(keap, Item("PRODUCT", "300"), **instalments())

    assert order["payment_plan"]["number_of_payments"] == number


@pytest.mark.parametrize(("setting", "due"), [("order_total", 30000), ("fallen_due", 10000)])
def test_total_due_is_never_the_balance(keap: KeapSandbox, setting: str, due: int) -> None:
    switch(keap, total_due=setting)
    order = order_of(keap, Item("PRODUCT", "300"), **instalments())
    keap.add_payment(order_id=order["id"], amount="40.00")

    assert get(keap, f"/orders/{order['id']}")["total_due"]["amount"] == due


def test_edits_change_lines_total_and_modification_time(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "10"), total="11")
    keap.clock.advance(60)

    keap.edit_order(order["id"], items=[Item("PRODUCT", "20")], title="Corrected")

    after = get(keap, f"/orders/{order['id']}")
    assert (after["total"]["amount"], after["title"]) == (2000, "Corrected")
    assert after["order_items"][0]["id"] != order["order_items"][0]["id"]
    assert after["creation_time"] == "2026-11-10T12:00:00.000Z"
    assert after["modification_time"] == "2026-11-10T12:01:00.000Z"


def test_edits_of_unknown_fields_are_refused(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "10"))

    with pytest.raises(TypeError, match="no such field: totla"):
        keap.edit_order(order["id"], totla="11")


def test_a_deleted_order_is_gone(keap: KeapSandbox) -> None:
    order = order_of(keap, Item("PRODUCT", "10"))
    keap.delete_order(order["id"])

    assert get(keap, "/orders", filter=f"ids=={order['id']}")["orders"] == []
    assert get(keap, f"/orders/{order['id']}", status=404)["status"] == "NOT_FOUND"


def test_shipping_information(keap: KeapSandbox) -> None:
    order = order_of(
        keap,
        Item("PRODUCT", "10"),
        shipping=Address("1 Quay", locality="Hull", region_code="GB-KHL"),
    )

    assert order["shipping_information"]["address"]["locality"] == "Hull"
    assert order["shipping_information"]["address"]["country_code"] == "GBR"


def test_an_account_made_with_switches() -> None:
    keap = KeapSandbox(Clock(NOW), KeapSwitches(order_status="absent"))
    keap.add_contact(given_name="Ada")

    assert order_of(keap, Item("PRODUCT", "1"))["status"] is None
