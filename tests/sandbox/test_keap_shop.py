"""The demo shop's Keap half, and the generator of orders for measuring."""

from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from werkzeug.test import Client

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox, Order
from invoicesync_sandbox.shop.generator import generate
from invoicesync_sandbox.shop.orders import CASES, fill_keap

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def shop() -> KeapSandbox:
    """Wick & Wax."""
    keap = KeapSandbox(Clock(NOW))
    fill_keap(keap)
    return keap


def order(shop: KeapSandbox, case: str) -> Order:
    """The order of a case."""
    return shop.orders[CASES[case]]


def rows(shop: KeapSandbox, path: str, **query: str) -> Any:
    """A list as it is read, all of it."""
    reply = Client(shop).get(
        f"/crm/rest/v2{path}",
        query_string={"page_size": "1000", **query},
        headers={"Authorization": "Bearer KeapAK-sandbox"},
    )
    assert reply.json is not None
    return next(value for value in reply.json.values() if isinstance(value, list))


@pytest.mark.parametrize(
    ("case", "total", "tax"),
    [
        ("taxed-simple", "120.00", "20.00"),
        ("tax-after-discount", "108.00", "18.00"),
        ("tax-before-discount", "110.00", "20.00"),
        ("tax-mixed-flags", "170.00", "20.00"),
        ("tax-shipping", "129.60", "21.60"),
        ("tax-remainder", "11.99", "2.00"),
        ("tax-no-base", "108.25", "8.25"),
        ("tax-zero-line", "40.00", "0.00"),
        ("untaxed-49-99", "49.99", "0"),
        ("finance-charge", "110.00", "0"),
        ("quantity", "101.04", "0"),
        ("discounts", "102.00", "17.00"),
        ("zero-total", "0.00", "0"),
        ("negative-total", "-5.00", "0"),
        ("sums-differ", "95.00", "0"),
        ("plan", "300.00", "50.00"),
    ],
)
def test_totals_of_the_cases(shop: KeapSandbox, case: str, total: str, tax: str) -> None:
    found = order(shop, case)

    assert found.total == Decimal(total)
    assert sum(line.value for line in found.lines if line.kind == "TAX") == Decimal(tax)


def test_only_one_order_does_not_add_up(shop: KeapSandbox) -> None:
    wrong = [
        one.id for one in shop.orders.values() if one.total != sum(line.value for line in one.lines)
    ]

    assert wrong == [CASES["sums-differ"]]


def test_two_orders_were_deleted_and_invoice_ids_fall_behind(shop: KeapSandbox) -> None:
    apart = [int(one.id) - int(one.invoice_id) for one in shop.orders.values()]

    assert apart == [0] * 12 + [2] * (len(apart) - 12)
    assert sorted(CASES.values(), key=int) == list(shop.orders)


def test_only_the_locked_order_is_before_the_lock_date(shop: KeapSandbox) -> None:
    days = {one.id: one.order_time.date().isoformat() for one in shop.orders.values()}

    assert [one for one, day in days.items() if day <= "2026-10-02"] == [CASES["locked"]]
    assert max(days.values()) <= "2026-11-20"
    assert list(days.values()) == sorted(days.values())


def test_dates_that_differ_by_time_zone(shop: KeapSandbox) -> None:
    local = {case: order(shop, case).order_time.astimezone(shop.time_zone) for case in CASES}

    assert str(local["late-evening"].date()) == "2026-10-21"
    assert str(local["autumn-change"]) == "2026-10-25 01:30:00+01:00"


def test_skus(shop: KeapSandbox) -> None:
    products = {
        case: shop.products[order(shop, case).lines[0].product_id or ""]
        for case in CASES
        if case.startswith("sku-")
    }

    assert {case: product.sku for case, product in products.items()} == {
        "sku-match": "TIL",
        "sku-no-item": "XYZ",
        "sku-shared-a": "WAX-1",
        "sku-shared-b": "WAX-1",
        "sku-case": " til ",
        "sku-item-no-account": "GIFT",
    }
    assert products["sku-shared-a"].id != products["sku-shared-b"].id


@pytest.mark.parametrize(
    ("case", "given_name", "family_name", "email"),
    [
        ("email-second-slot", "Ben", "Carter", "ben@work.example"),
        ("name-match", "Chloe", "Davies", "chloe@example.com"),
        ("ambiguous", "Emma", "Field", "emma@example.com"),
        ("archived", "Frank", "Green", "frank@example.com"),
        ("namesake-a", "John", "Smith", "john.smith@mail.example"),
        ("namesake-b", "John", "Smith", "jsmith@post.example"),
        ("nameless-company", None, None, "orders@harbour-gifts.example"),
        ("nameless-email", None, None, "hello@lantern.example"),
    ],
)
def test_people_of_the_cases(
    shop: KeapSandbox, case: str, given_name: str | None, family_name: str | None, email: str
) -> None:
    (row,) = rows(shop, "/orders", filter=f"ids=={CASES[case]}")

    assert row["contact"] == {
        "id": order(shop, case).contact_id,
        "email": email,
        "given_name": given_name,
        "family_name": family_name,
    }


def test_the_company_that_fits_by_city(shop: KeapSandbox) -> None:
    contact = shop.contacts[order(shop, "company-city").contact_id]

    assert contact.company == "Dawson Interiors Ltd"
    assert contact.billing is not None
    assert contact.billing.locality == "Leeds"


def paid(shop: KeapSandbox, case: str) -> list[tuple[str, str, str]]:
    """Type, amount on this order and local day of its payments."""
    return [
        (
            payment.type,
            str(part.amount),
            str(payment.payment_time.astimezone(shop.time_zone).date()),
        )
        for payment, part in shop.allocations_of(CASES[case])
    ]


@pytest.mark.parametrize(
    ("case", "payments"),
    [
        ("plan", [("Credit Card", "100.00", "2026-11-03")]),
        ("paid-at-once", [("Credit Card", "120.00", "2026-11-03")]),
        ("unpaid", []),
        ("failed-charge", []),
        (
            "part-paid",
            [("Credit Card", "25.00", "2026-11-08"), ("Credit Card", "75.00", "2026-11-13")],
        ),
        ("manual-backdated", [("Bank Transfer", "100.00", "2026-11-09")]),
        ("credit", [("Credit Card", "80.00", "2026-11-11"), ("Credit", "20.00", "2026-11-13")]),
        (
            "adjustment",
            [("Credit Card", "95.00", "2026-11-12"), ("Adjustment", "5.00", "2026-11-14")],
        ),
        (
            "refund-full",
            [("Credit Card", "60.00", "2026-11-13"), ("Refund", "60.00", "2026-11-17")],
        ),
        (
            "refund-part",
            [("Credit Card", "80.00", "2026-11-14"), ("Refund", "30.00", "2026-11-18")],
        ),
        ("shared-payment-a", [("PayPal", "40.00", "2026-11-17")]),
        ("shared-payment-b", [("PayPal", "60.00", "2026-11-17")]),
    ],
)
def test_money_of_the_cases(
    shop: KeapSandbox, case: str, payments: list[tuple[str, str, str]]
) -> None:
    assert paid(shop, case) == payments


def test_the_backdated_payment_was_typed_in_later(shop: KeapSandbox) -> None:
    (row,) = rows(shop, "/sales/payments", filter=f"order_id=={CASES['manual-backdated']}")

    assert row["payment_time"] == "2026-11-09T00:00:00.000Z"
    assert row["update_time"].startswith("2026-11-19")


def test_the_failed_charge(shop: KeapSandbox) -> None:
    failed = rows(shop, "/sales/transactions", filter="is_successful==false")

    assert [row["order_ids"] for row in failed] == [[CASES["failed-charge"]]]


def test_nothing_in_the_shop_depends_on_today() -> None:
    times = set()
    for now in (NOW, datetime(2031, 1, 1, tzinfo=UTC)):
        keap = KeapSandbox(Clock(now))
        fill_keap(keap)
        times.add(str([rows(keap, path) for path in ("/orders", "/contacts", "/sales/payments")]))

    assert len(times) == 1


def test_generated_orders_add_up_and_are_paid(shop: KeapSandbox) -> None:
    before = len(shop.orders)
    generate(shop, 300)
    made = list(shop.orders.values())[before:]

    assert len(made) == len({one.contact_id for one in made}) == 300
    kinds = Counter(line.kind for one in made for line in one.lines)
    assert kinds.keys() == {"PRODUCT", "SHIPPING", "TAX", "DISCOUNT_ORDER_TOTAL"}
    for one in made:
        tax = sum(line.value for line in one.lines if line.kind == "TAX")
        net = one.total - tax
        cents = (net / 5).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert tax in (0, cents)
        assert one.total > 0
        assert [part.amount for _, part in shop.allocations_of(one.id)] == [one.total]


def test_generated_orders_are_the_same_for_a_seed() -> None:
    def made(seed: int) -> Any:
        keap = KeapSandbox(Clock(NOW))
        generate(keap, 20, seed, paid=False)
        assert keap.payments == {}
        return rows(keap, "/orders")

    assert made(1) == made(1) != made(2)
    times = [row["order_time"] for row in made(1)]
    assert times == sorted(times)
    assert times[0] > "2024-11-20"
    assert times[-1] < "2026-11-20T00:00"
