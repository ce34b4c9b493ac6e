"""Rules R2 and R3: the day of an invoice, and the day on which it falls due."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Instalment, Item, KeapSwitches
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import AT_ONCE, IN_TWO_WEEKS, NOON, due

HUNDRED = Item("PRODUCT", "100.00", name="Candles")
DAY, DAY_AFTER = date(2026, 11, 3), date(2026, 11, 4)
PLAN = tuple(
    Instalment(day, amount)
    for day, amount in (
        (date(2027, 1, 3), "34.00"),
        (date(2026, 11, 3), "33.00"),
        (date(2026, 12, 3), "33.00"),
    )
)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("America/New_York", "2026-11-04T04:30:00Z", "2026-11-03"),
        ("America/New_York", "2026-11-04T05:00:00Z", "2026-11-04"),
        ("America/New_York", "2026-11-01T04:00:00Z", "2026-11-01"),
        ("Europe/London", "2026-06-30T23:00:00Z", "2026-07-01"),
        ("Europe/London", "2026-11-02T23:59:59.999Z", "2026-11-02"),
        ("Australia/Sydney", "2026-11-02T13:00:00Z", "2026-11-03"),
        ("Pacific/Auckland", "2026-11-03T10:59:59Z", "2026-11-03"),
        ("Asia/Kolkata", "2026-11-02T18:30:00Z", "2026-11-03"),
    ],
)
def test_invoice_date_is_the_day_at_the_seller(
    tmp_path: Path, zone: str, instant: str, day: str
) -> None:
    """R2: `order_time` as a calendar date in the Keap account's zone, whatever Xero's is."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.profile.time_zone = zone
    rehearsal.keap.time_zone = ZoneInfo(zone)
    order = rehearsal.order(HUNDRED, order_time=datetime.fromisoformat(instant))
    rehearsal.sync()
    assert rehearsal.booked(order)["DateString"] == f"{day}T00:00:00"


def dues(rehearsal: Rehearsal, cases: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """The due date of an order of 100 on 3 November with each of these lists of payments."""
    orders = {}
    for payments in cases:
        order = rehearsal.order(HUNDRED, order_time=NOON)
        for payment in payments:
            rehearsal.keap.add_payment(order_id=order, **{"time": NOON, **payment})
        orders[str(payments)] = order
    rehearsal.sync()
    found = {case: rehearsal.booked(order) for case, order in orders.items()}
    return {case: invoice["DueDateString"][:10] for case, invoice in found.items()}


def test_paid_when_made_is_due_at_once(tmp_path: Path) -> None:
    """R3.1: real money dated on or before the invoice date covers the total."""
    rehearsal = Rehearsal(tmp_path)
    typed_in_later = {"time": DAY, "entered_time": rehearsal.clock.now()}
    cases: list[list[dict[str, Any]]] = [
        [{"amount": "100"}],
        [{"amount": "25"}, {"amount": "75"}],
        [{"amount": "100", "type": "Cash", **typed_in_later}],
        [{"amount": "100", "type": "Check", "time": date(2026, 11, 2)}],
        [{"amount": "100", "time": datetime(2026, 11, 3, 23, 59, tzinfo=UTC)}],
        [{"amount": "120"}],
    ]
    assert dues(rehearsal, cases) == {str(case): AT_ONCE for case in cases}


def test_not_paid_when_made_gets_its_days(tmp_path: Path) -> None:
    """R3.3, with what R3.1 does not count: later, pending or failed money, and credits.

    The example: 3 Nov, unpaid, `due_days = 14` → 17 Nov.
    """
    cases: list[list[dict[str, Any]]] = [
        [],
        [{"amount": "99.99"}],
        [{"amount": "100", "time": datetime(2026, 11, 4, 0, 0, tzinfo=UTC)}],
        [{"amount": "60"}, {"amount": "40", "type": "Cash", "time": DAY_AFTER}],
        [{"amount": "80"}, {"amount": "20", "type": "Credit"}],
        [{"amount": "100", "type": "Credit"}],
        [{"amount": "100", "type": "Adjustment"}],
        [{"amount": "100", "status": "PENDING"}],
        [{"amount": "60"}, {"amount": "40", "status": "PENDING"}],
        [{"amount": "100", "status": "FAILED"}],
        [{"amount": "100", "status": "ERROR"}],
        [{"amount": "100", "status": "VOIDED"}],
    ]
    assert dues(Rehearsal(tmp_path), cases) == {str(case): IN_TWO_WEEKS for case in cases}


def test_charge_that_failed_leaves_an_unpaid_invoice(tmp_path: Path) -> None:
    """R3, S82: an attempt that left no payment is no money."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED, order_time=NOON)
    rehearsal.keap.add_failed_charge(order, "100.00", time=NOON)
    assert due(rehearsal, order) == IN_TWO_WEEKS


@pytest.mark.parametrize("sign", ["negative", "positive"])
def test_refund_does_not_take_back_that_it_was_paid(tmp_path: Path, sign: Any) -> None:
    """R3.1 and R8: refunds don't unpay, with either sign that Keap may give them."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(refund_sign=sign)
    paid = rehearsal.order(HUNDRED, order_time=NOON)
    payment = rehearsal.keap.add_payment(order_id=paid, amount="100", time=NOON)
    rehearsal.keap.add_refund(payment.id, time=NOON)
    assert due(rehearsal, paid) == AT_ONCE


@pytest.mark.parametrize("sign", ["negative", "positive"])
def test_refund_is_no_money_either(tmp_path: Path, sign: Any) -> None:
    """R3.1: 60 received and 60 given back do not cover 100."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(refund_sign=sign)
    part = rehearsal.order(HUNDRED, order_time=NOON)
    payment = rehearsal.keap.add_payment(order_id=part, amount="60", time=NOON)
    rehearsal.keap.add_refund(payment.id, time=NOON)
    assert due(rehearsal, part) == IN_TWO_WEEKS


@pytest.mark.parametrize("unit", ["major", "minor"])
def test_shared_payment_counts_with_each_orders_part(tmp_path: Path, unit: Any) -> None:
    """R3.1: a payment over several orders is split by Keap's allocations, in either unit."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(allocation_unit=unit)
    small = rehearsal.order(Item("PRODUCT", "40.00", name="Candle"), order_time=NOON)
    large = rehearsal.order(HUNDRED, order_time=NOON)
    shares = {small: "40.00", large: "60.00"}
    rehearsal.keap.add_payment(amount="100.00", time=NOON, allocations=shares)
    assert due(rehearsal, small) == AT_ONCE
    assert due(rehearsal, large) == IN_TWO_WEEKS


def test_nothing_to_pay_is_due_at_once(tmp_path: Path) -> None:
    """R3.1: a zero total is covered."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_zero_total": False})
    free = rehearsal.order(Item("PRODUCT", "0.00", name="Sample"), order_time=NOON)
    assert due(rehearsal, free) == AT_ONCE


@pytest.mark.parametrize("one_item_plans", [True, False])
def test_plan_is_due_with_its_last_instalment(tmp_path: Path, one_item_plans: bool) -> None:
    """R3.2, the example: order 3 Nov, plan 3 Nov / 3 Dec / 3 Jan → due 3 Jan."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(one_item_plans=one_item_plans)
    order = rehearsal.order(HUNDRED, order_time=NOON, plan=PLAN)
    rehearsal.keap.add_payment(order_id=order, amount="33.00", time=NOON)
    assert due(rehearsal, order) == "2027-01-03"


def test_plan_paid_in_full_when_made_is_due_at_once(tmp_path: Path) -> None:
    """R3: the first rule that fits."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED, order_time=NOON, plan=PLAN)
    rehearsal.keap.add_payment(order_id=order, amount="100.00", time=NOON)
    assert due(rehearsal, order) == AT_ONCE


def test_plan_of_one_item_is_no_plan(tmp_path: Path) -> None:
    """R3.2: Keap gives almost every order a one-item plan: that is no plan."""
    rehearsal = Rehearsal(tmp_path)
    plan = (Instalment(date(2026, 12, 25), "100.00"),)
    order = rehearsal.order(HUNDRED, order_time=NOON, plan=plan)
    assert due(rehearsal, order) == IN_TWO_WEEKS


@pytest.mark.parametrize(("days", "day"), [(0, "2026-11-03"), (30, "2026-12-03")])
def test_days_are_the_users_own(tmp_path: Path, days: int, day: str) -> None:
    """R3.3: otherwise invoice date + `due_days`."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.due_days": days})
    order = rehearsal.order(HUNDRED, order_time=NOON)
    assert due(rehearsal, order) == day


def test_due_date_stays_when_money_is_typed_in_afterwards(tmp_path: Path) -> None:
    """R3: judged by what Keap holds when the invoice is sent, never changed later."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED, order_time=NOON)
    assert due(rehearsal, order) == IN_TWO_WEEKS
    rehearsal.keap.add_payment(order_id=order, amount="100", type="Cash", time=DAY)
    assert due(rehearsal, order) == IN_TWO_WEEKS


def test_due_date_counts_money_that_came_while_the_invoice_was_held(tmp_path: Path) -> None:
    """R3: judged by what Keap holds when the invoice is sent, not when it was first seen."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.when_missing": "hold"})
    order = rehearsal.order(HUNDRED, order_time=NOON)
    assert only(rehearsal.sync()).state is DocumentState.HELD
    rehearsal.keap.add_payment(order_id=order, amount="100", type="Cash", time=DAY)
    rehearsal.xero.add_contact("Test1 Person1")
    assert due(rehearsal, order) == AT_ONCE
