"""Payments over several orders: split by Keap's allocations, or held with the figures (R10)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.changed_answers import Json, each, put, rewrite
from tests.kits.rehearsal import Rehearsal

HUNDRED = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture(params=["major", "minor"])
def r(tmp_path: Path, request: pytest.FixtureRequest) -> Rehearsal:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    rehearsal.keap.switches = KeapSwitches(allocation_unit=request.param)
    return rehearsal


def money(result: Result) -> list[Document]:
    """The payments, credits and refunds of a run."""
    return [item for item in result.documents if item.kind is not DocumentKind.INVOICE]


def reported(result: Result) -> list[tuple[str, str, str]]:
    """State, reason and order of each of them."""
    return [(item.state, item.reason, item.order_id) for item in money(result)]


def received(r: Rehearsal) -> list[Decimal]:
    """The payments in the ledger."""
    return sorted(item.amount for item in r.xero.payments.values())


def shared(r: Rehearsal, amount: str, *parts: str) -> tuple[str, list[str]]:
    """A payment over so many new orders: its id and theirs."""
    orders = [r.order(HUNDRED) for _ in parts]
    split = dict(zip(orders, parts, strict=True))
    return r.keap.add_payment(order_ids=orders, amount=amount, allocations=split).id, orders


def test_each_order_gets_its_share(r: Rehearsal) -> None:
    shared(r, "130.00", "30.00", "100.00")
    assert r.sync().exit_code == ExitCode.OK
    assert received(r) == [30, 100]


@pytest.mark.parametrize(
    ("amount", "parts", "figures"),
    [
        ("50.00", ("1.00", "1.00"), ["1.00 on order", "2.00 in all", "50.00"]),
        ("50.00", ("30.00", "20.01"), ["50.01 in all", "50.00"]),
        ("50.00", ("50.00", "50.00"), ["100.00 in all", "50.00"]),
    ],
)
def test_shares_that_do_not_add_up_are_held_with_the_figures(
    r: Rehearsal, amount: str, parts: tuple[str, ...], figures: list[str]
) -> None:
    payment, orders = shared(r, amount, *parts)
    other = r.order(HUNDRED)
    r.keap.add_payment(order_id=other, amount="7.00")

    result = r.sync()

    assert [row for row in reported(result) if row[0] == "held"] == [
        ("held", "totals-differ", order) for order in orders
    ]
    if r.keap.switches.allocation_unit == "minor":
        # Nobody says that these are cents, and they do not come to the amount in cents either.
        figures = ["50.00"]
    for item in money(result):
        assert item.payment_id != payment or all(figure in item.message for figure in figures)
    assert received(r) == [7]
    assert result.exit_code == ExitCode.NEEDS_PERSON
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.NEEDS_PERSON
    assert received(r) == [7]


@pytest.mark.parametrize("rows", [[], None], ids=["empty", "null"])
@pytest.mark.parametrize("kind", ["Credit Card", "Credit"])
def test_payment_whose_shares_are_not_known_is_held(
    r: Rehearsal, rows: list[Json] | None, kind: str
) -> None:
    orders = [r.order(HUNDRED), r.order(HUNDRED)]
    r.keap.add_payment(order_ids=orders, amount="130.00", type=kind)
    usual = r.network

    def unknown(data: Json) -> None:
        if "invoice_order_payments" in data:
            data["invoice_order_payments"] = rows

    rewrite(r, "/payments", unknown)

    result = r.sync()

    assert reported(result) == [("held", "totals-differ", order) for order in orders]
    for item in money(result):
        assert "130.00" in item.message
        assert all(order in item.message for order in orders)
    assert received(r) == []
    # What Keap says later is booked then.
    r.network = usual
    r.ticker.pass_time(3600)
    assert [state for state, *_ in reported(r.sync())] == ["created", "created"]


def test_payment_whose_allocations_are_not_found_is_held(r: Rehearsal) -> None:
    _, orders = shared(r, "130.00", "30.00", "100.00")
    body = '{"code": 404, "message": "not found"}'
    r.keap.fail(path="/orders/[0-9]+/payments$", status=404, times=9, body=body)
    assert reported(r.sync()) == [("held", "totals-differ", order) for order in orders]
    assert received(r) == []
    r.keap.faults.clear()
    r.ticker.pass_time(3600)
    r.sync()
    assert received(r) == [30, 100]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("amount", None),
        ("amount", float("nan")),
        ("amount", "1,030.00"),
        ("payment_id", None),
        ("pay_status", {"?": 1}),
        ("refund_invoice_payment_id", "?"),
    ],
)
@pytest.mark.parametrize("every", [False, True], ids=["one row", "every row"])
def test_allocation_that_cannot_be_read_holds_its_payment(
    r: Rehearsal, place: str, value: Any, every: bool
) -> None:
    _, orders = shared(r, "130.00", "30.00", "100.00")
    other = r.order(HUNDRED)
    r.keap.add_payment(order_id=other, amount="7.00")
    path = "/payments" if every else f"{orders[0]}/payments"
    rewrite(r, path, each("invoice_order_payments", put(place, value)))
    result = r.sync()
    assert [row for row in reported(result) if row[0] == "held"] == [
        ("held", "totals-differ", order) for order in orders
    ]
    assert received(r) == [7]


def test_void_that_cannot_be_read_is_no_money(r: Rehearsal) -> None:
    """Whether a payment was voided stands in its allocations only."""
    order = r.order(HUNDRED)
    payment = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.void_payment(payment.id)
    change = each("invoice_order_payments", put("pay_status", ["VOIDED"]))
    rewrite(r, f"{order}/payments", change)
    assert reported(r.sync()) == [("held", "totals-differ", order)]
    assert received(r) == []


# --- adjustments that raise what is owed ----------------------------------------------------------


@pytest.mark.parametrize("kind", ["Adjustment", "Credit"])
@pytest.mark.parametrize("setting", ["credit-note", "skip"])
def test_negative_adjustment_is_no_credit(tmp_path: Path, kind: str, setting: str) -> None:
    """R18: it raises what is owed: held with `negative-total`, never booked as a credit."""
    settings = {"sync.mode": "invoices-and-payments", "payments.credits": setting}
    r = Rehearsal(tmp_path, **settings)
    order = r.order(HUNDRED)
    r.keap.add_payment(order_id=order, amount="-5.00", type=kind)
    r.keap.add_payment(order_id=order, amount="100.00")
    result = r.sync()
    assert sorted(reported(result)) == [("created", "", order), ("held", "negative-total", order)]
    (held,) = [item for item in money(result) if item.state.needs_person]
    assert held.kind is DocumentKind.CREDIT
    assert "-5.00" in held.message
    assert received(r) == [100]
    assert not [note for note in r.xero.credit_notes.values() if "CR-" in str(note.number)]
