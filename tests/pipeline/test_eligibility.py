"""Rules R7, R8 and R13: which invoices are sent, and which ground counts when there are several."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.rehearsal import Rehearsal, only, reasons

HUNDRED = Item("PRODUCT", "100.00", name="Candles")


def november(day: int, hour: int = 12) -> datetime:
    """A time in November 2026, when London has UTC."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def three_orders(rehearsal: Rehearsal) -> list[str]:
    """Orders of 2, 3 and 4 November whose invoice ids lie far below their order ids."""
    return [
        rehearsal.order(HUNDRED, invoice_id=510 + day, order_time=november(day))
        for day in (2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("first", 0),
        ("id:513", 1),
        ("id:514", 2),
        ("id:1", 0),
        ("2026-11-03", 1),
        ("2026-11-02", 0),
        ("2026-12-01", 3),
    ],
)
def test_start_names_the_first_invoice_that_is_sent(tmp_path: Path, start: str, first: int) -> None:
    """R8: from the very first, from an invoice id (no order id), or from a date."""
    rehearsal = Rehearsal(tmp_path, **{"sync.start": start})
    orders = three_orders(rehearsal)
    rehearsal.sync()
    assert rehearsal.numbers() == orders[first:]


def test_start_is_a_day_at_the_seller(tmp_path: Path) -> None:
    """R8 with R2: midnight of the start day in the Keap account's zone is in, not before."""
    rehearsal = Rehearsal(tmp_path, **{"sync.start": "2026-07-01"})
    times = ("2026-06-30T22:59:59Z", "2026-06-30T23:00:00Z")
    orders = [rehearsal.order(HUNDRED, order_time=datetime.fromisoformat(at)) for at in times]
    rehearsal.sync()
    assert rehearsal.numbers() == orders[1:]


def test_invoice_before_the_start_is_reported_only_when_a_range_names_it(tmp_path: Path) -> None:
    """R8 and the last table: `skipped`, `before-start`; it leaves no record."""
    rehearsal = Rehearsal(tmp_path, **{"sync.start": "2026-11-04"})
    early, _, late = three_orders(rehearsal)
    assert only(rehearsal.sync()).order_id == late
    reported = rehearsal.sync(since_id="512", until_date=date(2026, 11, 2))
    document = only(reported)
    assert (document.order_id, document.state) == (early, DocumentState.SKIPPED)
    assert document.reason == "before-start"
    assert reported.exit_code is ExitCode.OK
    with rehearsal.state() as state:
        assert state.counts() == {"created": 1}


def test_naming_an_invoice_overrides_the_start(tmp_path: Path) -> None:
    """R8: `sync-id` overrides start and earlier skips."""
    rehearsal = Rehearsal(tmp_path, **{"sync.start": "2026-12-01"})
    orders = three_orders(rehearsal)
    assert rehearsal.sync().documents == []
    assert only(rehearsal.sync(ids=("513",))).state is DocumentState.CREATED
    assert rehearsal.numbers() == [orders[1]]


def test_skipped_invoice_is_sent_when_it_is_named(tmp_path: Path) -> None:
    """R8 and the last table: a skipped one stays so until a range or an id names it."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.order_status": "paid"})
    order = rehearsal.order(HUNDRED)
    other = rehearsal.order(HUNDRED)
    rehearsal.sync()
    rehearsal.configure({"invoices.order_status": "any"})
    assert rehearsal.sync().documents == []
    assert only(rehearsal.sync(ids=(order,))).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order]
    assert only(rehearsal.sync(from_start=True)).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order, other]


def test_naming_an_invoice_overrides_no_mode_and_no_hold(tmp_path: Path) -> None:
    """R8: `sync-id` overrides neither modes nor holds."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    unpaid = rehearsal.order(HUNDRED)
    assert only(rehearsal.sync(ids=(unpaid,))).reason == "unpaid"
    dollars = rehearsal.order(HUNDRED, currency="USD")
    rehearsal.keap.add_payment(order_id=dollars, amount="100.00")
    assert only(rehearsal.sync(ids=(dollars,))).reason == "currency-differs"
    rehearsal.configure({"sync.mode": "off"})
    result = rehearsal.sync(ids=(unpaid,))
    assert (result.documents, rehearsal.numbers()) == ([], [])


def test_mode_off_sends_nothing_and_says_so(tmp_path: Path) -> None:
    """R8, S41: mode `off` sends nothing forward and says so (exit 0)."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "off"})
    rehearsal.order(HUNDRED)
    result = rehearsal.sync()
    assert (result.documents, result.exit_code) == ([], ExitCode.OK)
    assert any("off" in message for message in result.messages)
    assert rehearsal.xero.calls == []


@pytest.mark.parametrize("mode", ["invoices", "invoices-and-payments"])
def test_invoices_go_as_they_are_raised(tmp_path: Path, mode: str) -> None:
    """R8, S38 and S39: paid or not, a new invoice is sent as it is raised."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": mode})
    order = rehearsal.order(HUNDRED)
    rehearsal.sync()
    assert rehearsal.numbers() == [order]


def test_mode_invoices_leaves_money_alone(tmp_path: Path) -> None:
    """R8, S38: mode `invoices` sends no payments, credits or refunds."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices"})
    order = rehearsal.order(HUNDRED)
    payment = rehearsal.keap.add_payment(order_id=order, amount="80.00")
    rehearsal.keap.add_payment(order_id=order, amount="20.00", type="Credit")
    rehearsal.keap.add_refund(payment.id, "5.00")
    rehearsal.sync()
    rehearsal.sync()
    assert rehearsal.booked(order)["AmountDue"] == 100
    assert {call.path.rsplit("/")[-1] for call in rehearsal.xero.writes()} == {
        "Contacts",
        "Invoices",
    }


def test_unpaid_invoice_waits_and_goes_once_it_is_paid(tmp_path: Path) -> None:
    """R8, S40: in `paid-only` it is `waiting`, looked at again in every run, then sent."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    order = rehearsal.order(HUNDRED)
    for _ in range(2):
        result = rehearsal.sync()
        assert (only(result).state, only(result).reason) == (DocumentState.WAITING, "unpaid")
        assert result.exit_code is ExitCode.OK
    rehearsal.keap.add_payment(order_id=order, amount="60.00")
    assert only(rehearsal.sync()).state is DocumentState.WAITING
    assert rehearsal.xero.writes() == []
    rehearsal.keap.add_payment(order_id=order, amount="40.00", type="Cash", time=date(2026, 11, 9))
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order]


# What came in on an order of 100, whether that pays it, and whether it is any payment.
PAID: list[tuple[list[dict[str, Any]], bool, bool]] = [
    ([], False, False),
    ([{"amount": "100"}], True, True),
    ([{"amount": "60"}, {"amount": "40", "type": "Cash"}], True, True),
    ([{"amount": "99.99"}], False, True),
    ([{"amount": "80"}, {"amount": "20", "type": "Credit"}], True, True),
    ([{"amount": "80"}, {"amount": "20", "type": "Adjustment"}], True, True),
    ([{"amount": "100", "type": "Credit"}], True, True),
    ([{"amount": "20", "type": "Credit"}], False, False),
    ([{"amount": "20", "type": "Adjustment"}], False, False),
    ([{"amount": "100", "status": "PENDING"}], False, False),
    ([{"amount": "60"}, {"amount": "40", "status": "PENDING"}], False, True),
    ([{"amount": "20", "type": "Credit"}, {"amount": "80", "status": "PENDING"}], False, False),
    ([{"amount": "100", "status": "FAILED"}], False, False),
    ([{"amount": "100", "status": "ERROR"}], False, False),
    ([{"amount": "100", "status": "VOIDED"}], False, False),
    ([{"amount": "100", "status": "SETTLED_IN_2027"}], True, True),
    ([{"amount": "100", "type": "Barter"}], True, True),
]


@pytest.mark.parametrize("when", ["fully-paid", "any-payment"])
def test_what_counts_as_paid(tmp_path: Path, when: str) -> None:
    """R8: *paid* is real money plus credits covering the total; `any-payment`: paid, or any real
    money; a part credit alone doesn't count."""
    settings = {"sync.mode": "paid-only", "invoices.paid_only_when": when}
    rehearsal = Rehearsal(tmp_path, **settings)
    expected = {}
    for payments, fully, partly in PAID:
        order = rehearsal.order(HUNDRED)
        for payment in payments:
            rehearsal.keap.add_payment(order_id=order, **payment)
        expected[order, str(payments)] = fully if when == "fully-paid" else partly
    rehearsal.sync()
    sent = rehearsal.numbers()
    assert {case: case[0] in sent for case in expected} == expected


@pytest.mark.parametrize("sign", ["negative", "positive"])
@pytest.mark.parametrize(("amount", "paid"), [("100", True), ("60", False)])
def test_refund_neither_unpays_nor_pays(tmp_path: Path, sign: Any, amount: str, paid: bool) -> None:
    """R8: refunds don't unpay; nor are they money that came in."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    rehearsal.keap.switches = KeapSwitches(refund_sign=sign)
    order = rehearsal.order(HUNDRED)
    payment = rehearsal.keap.add_payment(order_id=order, amount=amount)
    rehearsal.keap.add_refund(payment.id)
    rehearsal.sync()
    assert rehearsal.numbers() == ([order] if paid else [])


@pytest.mark.parametrize("unit", ["major", "minor"])
def test_shared_payment_pays_each_order_with_its_part(tmp_path: Path, unit: Any) -> None:
    """R8 with R10: a payment over several orders is split by Keap's allocations, in either unit."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    rehearsal.keap.switches = KeapSwitches(allocation_unit=unit)
    small, large = rehearsal.order(Item("PRODUCT", "40.00")), rehearsal.order(HUNDRED)
    rehearsal.keap.add_payment(amount="100.00", allocations={small: "40.00", large: "60.00"})
    rehearsal.sync()
    assert rehearsal.numbers() == [small]
    rehearsal.keap.add_payment(order_id=large, amount="40.00", type="Credit")
    rehearsal.sync()
    assert rehearsal.numbers() == [small, large]


@pytest.mark.parametrize(
    ("status", "sent"), [("any", [0, 1, 2]), ("paid", [0, 2]), ("unpaid", [1])]
)
def test_order_status_lets_through_what_it_names(
    tmp_path: Path, status: str, sent: list[int]
) -> None:
    """R8, S83: only paid or only unpaid orders; a zero total is paid. The rest is `skipped`."""
    settings = {"invoices.order_status": status, "invoices.skip_zero_total": False}
    rehearsal = Rehearsal(tmp_path, **settings)
    orders = [rehearsal.order(HUNDRED), rehearsal.order(HUNDRED)]
    orders.append(rehearsal.order(Item("PRODUCT", "0.00", name="Sample")))
    rehearsal.keap.add_payment(order_id=orders[0], amount="100.00")
    result = rehearsal.sync()
    assert rehearsal.numbers() == [orders[place] for place in sent]
    assert set(reasons(result).values()) <= {"order-status"}
    assert result.exit_code is ExitCode.OK


@pytest.mark.parametrize(("skip", "sent"), [(True, False), (False, True)])
def test_invoice_of_nothing_is_left_out_only_if_that_is_set(
    tmp_path: Path, skip: bool, sent: bool
) -> None:
    """R8, S63: `skip_zero_total` is about the order's total, however it comes to zero."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_zero_total": skip})
    order = rehearsal.order(HUNDRED, Item("DISCOUNT", "100.00"))
    document = only(rehearsal.sync())
    expected = (DocumentState.CREATED, "") if sent else (DocumentState.SKIPPED, "zero-total")
    assert (document.state, document.reason) == expected
    assert rehearsal.numbers() == ([order] if sent else [])


def test_paid_invoice_is_not_one_of_nothing(tmp_path: Path) -> None:
    """R8: it is the total that is zero, not what is still due."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_zero_total": True})
    order = rehearsal.order(HUNDRED)
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.sync()
    assert rehearsal.numbers() == [order]


def test_negative_total_is_held(tmp_path: Path) -> None:
    """R8: a negative Keap total is held with `negative-total`."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(Item("DISCOUNT", "10.00"))
    result = rehearsal.sync()
    assert (only(result).state, only(result).reason) == (DocumentState.HELD, "negative-total")
    assert "-10.00 GBP" in only(result).message
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert rehearsal.xero.writes() == []


def test_order_whose_charge_failed_is_an_unpaid_invoice(tmp_path: Path) -> None:
    """R8, S82: by default every Keap order is sent."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    rehearsal.keap.add_failed_charge(order, "100.00")
    rehearsal.sync()
    assert rehearsal.booked(order)["AmountDue"] == 100
