"""Money that comes late, moves, or was left over: nothing of it is lost or booked twice (R10)."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")
WITH_MONEY = {"sync.mode": "invoices-and-payments"}
DAY = 86400.0


@pytest.fixture(params=["xero", "qbo"])
def r(tmp_path: Path, request: pytest.FixtureRequest) -> Rehearsal:
    return Rehearsal(tmp_path, to=request.param, **WITH_MONEY)


def money(result: Result) -> list[Document]:
    return [item for item in result.documents if item.kind is not DocumentKind.INVOICE]


def verdicts(result: Result) -> list[tuple[str, str, str]]:
    return sorted((item.order_id, item.state, item.reason) for item in money(result))


def balances(r: Rehearsal) -> list[Decimal]:
    """What is still due on each of our invoices in the ledger."""
    if r.to == "xero":
        invoices = r.xero.invoices.values()
        return [item.amount_due for item in invoices if (item.reference or "").startswith("Keap")]
    return [item.balance for item in r.qbo.invoices.values() if "Keap" in item.private_note]


def lock(r: Rehearsal, day: date | None) -> None:
    if r.to == "xero":
        r.xero.set_lock_dates(period=day)
    else:
        r.qbo.set_preferences(close_date=day)


def settled(r: Rehearsal) -> str:
    """A paid order that is in the ledger with its payment."""
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    assert r.sync().exit_code is ExitCode.OK
    return order


def outcomes(r: Rehearsal) -> Counter[tuple[str, str]]:
    """How many documents of each kind the state has in each state."""
    with r.state() as state:
        rows = state.db.execute("SELECT kind, state FROM records")
        return Counter((row["kind"], row["state"]) for row in rows)


@pytest.mark.parametrize("days", [0, 3, 20, 34])
def test_a_refund_typed_in_late_on_a_settled_order_is_booked_by_the_next_run(
    r: Rehearsal, days: int
) -> None:
    settled(r)
    payment = r.keap.payments["1"]
    r.ticker.pass_time(40 * DAY)
    r.sync()
    given_back = (r.clock.now() - timedelta(days=days)).date()
    r.keap.add_payment(
        order_id=payment.order_ids[0],
        amount="30.00",
        type="Refund",
        refund_of=payment.id,
        time=given_back,
    )

    assert [(item.kind, item.state) for item in money(r.sync())] == [
        (DocumentKind.REFUND, DocumentState.CREATED)
    ]
    assert money(r.sync()) == []


def test_once_a_week_three_months_are_looked_at(r: Rehearsal) -> None:
    order = settled(r)
    r.ticker.pass_time(100 * DAY)
    r.order(CANDLE)
    r.sync()
    r.ticker.pass_time(2 * DAY)
    given_back = (r.clock.now() - timedelta(days=80)).date()
    r.keap.add_payment(
        order_id=order, amount="30.00", type="Refund", refund_of="1", time=given_back
    )
    assert money(r.sync()) == []
    r.ticker.pass_time(8 * DAY)

    assert [(item.kind, item.state) for item in money(r.sync())] == [
        (DocumentKind.REFUND, DocumentState.CREATED)
    ]


def test_a_refund_held_for_a_locked_period_goes_through_once_it_is_open(r: Rehearsal) -> None:
    order = settled(r)
    lock(r, r.clock.now().date())
    r.keap.add_payment(order_id=order, amount="30.00", type="Refund", refund_of="1")
    assert verdicts(r.sync()) == [(order, DocumentState.HELD, "period-locked")]
    r.ticker.pass_time(40 * DAY)
    assert verdicts(r.sync()) == [(order, DocumentState.HELD, "period-locked")]
    lock(r, None)

    assert verdicts(r.sync()) == [(order, DocumentState.CREATED, "")]


@pytest.mark.parametrize("limit", [1, 2])
def test_what_the_limit_of_payments_leaves_over_is_booked_by_later_runs(
    r: Rehearsal, limit: int
) -> None:
    order = r.order(CANDLE)
    for _ in range(2):
        paid = r.keap.add_payment(order_id=order, amount="50.00")
        r.keap.add_payment(order_id=order, amount="20.00", type="Refund", refund_of=paid.id)
    r.configure({"sync.max_payments": limit})
    for _ in range(4 // limit):
        result = r.sync()
        assert sum(item.state is DocumentState.CREATED for item in money(result)) == limit
        assert all(
            item.state in {DocumentState.CREATED, DocumentState.WAITING} for item in money(result)
        )
        r.ticker.pass_time(40 * DAY)

    assert money(r.sync()) == []
    assert outcomes(r) == {
        ("invoice", "created"): 1,
        ("payment", "created"): 2,
        ("refund", "created"): 2,
    }


def test_money_left_by_invoices_only_is_booked_later(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_payment(order_id=order, amount="20.00", type="Refund", refund_of=paid.id)
    r.sync(only="invoices")
    r.ticker.pass_time(60 * DAY)

    assert verdicts(r.sync(only="payments")) == [(order, "created", ""), (order, "created", "")]


def test_a_payment_typed_in_long_after_its_day_on_an_open_invoice_is_booked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    r.ticker.pass_time(70 * DAY)
    r.sync()
    r.keap.add_payment(
        order_id=order, amount="100.00", time=(r.clock.now() - timedelta(days=60)).date()
    )

    assert verdicts(r.sync()) == [(order, DocumentState.CREATED, "")]


def test_dismissing_a_change_does_not_close_the_order(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="40.00")
    r.sync()
    r.keap.edit_order(order, items=[Item("PRODUCT", "90.00", name="Candle")])
    assert r.sync().exit_code is ExitCode.NEEDS_PERSON
    dismiss(r, order)
    r.ticker.pass_time(60 * DAY)
    r.keap.add_payment(
        order_id=order, amount="50.00", time=(r.clock.now() - timedelta(days=40)).date()
    )

    assert verdicts(r.sync()) == [(order, DocumentState.CREATED, "")]
    assert balances(r) == [Decimal("10.00")]


def dismiss(r: Rehearsal, order: str) -> None:
    """What the command does with every record of an order that is open."""
    with r.state() as state:
        for record in state.records_of([order], "order"):
            if record.state.open:
                document = replace(record.document, state=DocumentState.DISMISSED)
                state.save(replace(record, document=document))


MOVES: dict[str, Any] = {
    "onto two orders": ({"1": "100.00"}, {"1": "60.00", "2": "40.00"}),
    "to another order": ({"1": "100.00"}, {"2": "100.00"}),
    "onto one of two orders": ({"1": "60.00", "2": "40.00"}, {"1": "100.00"}),
    "between two orders": ({"1": "60.00", "2": "40.00"}, {"1": "40.00", "2": "60.00"}),
}


@pytest.mark.parametrize("kind", ["Credit Card", "Credit"])
@pytest.mark.parametrize("move", MOVES)
def test_a_payment_spread_anew_in_keap_is_held_and_never_booked_again(
    r: Rehearsal, move: str, kind: str
) -> None:
    before, after = MOVES[move]
    orders = {"1": r.order(CANDLE), "2": r.order(CANDLE)}
    payment = r.keap.add_payment(
        order_ids=[orders[name] for name in before],
        amount="100.00",
        type=kind,
        allocations={orders[name]: amount for name, amount in before.items()},
    )
    r.sync()
    had = balances(r)
    r.keap.delete_payment(payment.id)
    r.keap.add_payment(
        id=payment.id,
        order_ids=[orders[name] for name in after],
        amount="100.00",
        type=kind,
        time=payment.payment_time,
        external_transaction_id=payment.external_transaction_id,
        allocations={orders[name]: amount for name, amount in after.items()},
    )

    for _ in range(2):
        result = r.sync()

        assert balances(r) == had
        assert {item.reason for item in money(result)} == {"changed-after-sync"}
        assert result.exit_code is ExitCode.NEEDS_PERSON
    for order in orders.values():
        dismiss(r, order)
    assert r.sync().exit_code is ExitCode.OK
    assert balances(r) == had


def test_a_share_is_booked_when_its_invoice_comes_later(r: Rehearsal) -> None:
    """Not every new share is a change: the other order was only not sent yet."""
    first, second = r.order(CANDLE), r.order(CANDLE)
    r.keap.add_payment(
        order_ids=[first, second], amount="100.00", allocations={first: "60.00", second: "40.00"}
    )
    r.configure({"sync.max_invoices": 1})
    r.sync()
    assert balances(r) == [Decimal("40.00")]

    r.sync()

    assert sorted(balances(r)) == [Decimal("40.00"), Decimal("60.00")]


def test_a_thousand_waiting_payments_cost_no_calls(r: Rehearsal, tmp_path: Path) -> None:
    if r.to == "qbo":
        pytest.skip("QuickBooks knows no drafts")
    r.configure({"xero.status": "draft"})
    orders = [r.order(CANDLE) for _ in range(400)]
    for order in orders:
        r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()

    result = r.sync()

    assert result.counts(DocumentKind.PAYMENT)["waiting"] == 400
    assert sum(result.calls.values()) <= 8
    invoices = {item.number: item for item in r.xero.invoices.values()}
    r.xero.approve_invoice(invoices[orders[7]].id)

    assert [item.order_id for item in money(r.sync()) if item.state is DocumentState.CREATED] == [
        orders[7]
    ]


@pytest.mark.parametrize("noticed", [False, True], ids=["at once", "noticed before"])
def test_an_invoice_made_anew_gets_its_money_back(r: Rehearsal, noticed: bool) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="70.00")
    r.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    r.keap.add_refund(paid.id, "20.00")
    made = r.sync()
    void(r, made)
    if noticed:
        assert {item.reason for item in r.sync().documents} == {"changed-after-sync"}

    again = r.sync(command="sync-id", ids=(order,), recreate=True)

    assert {item.state for item in again.documents} == {DocumentState.CREATED}
    assert max(balances(r)) == 0
    assert paid_by(r, "txn_1") == Decimal("70.00")
    assert r.sync().documents == []


def void(r: Rehearsal, made: Result) -> None:
    """What a person does in the ledger to be rid of an invoice with money on it."""
    ids = {item.kind: item.ledger_id for item in made.documents}
    if r.to == "xero":
        r.xero.delete_payment(ids[DocumentKind.PAYMENT])
        for allocation in [*r.xero.allocations]:
            r.xero.take_back(allocation)
        r.xero.void_invoice(ids[DocumentKind.INVOICE])
    else:
        r.qbo.void_invoice(ids[DocumentKind.INVOICE])


def paid_by(r: Rehearsal, reference: str) -> Decimal:
    """All that the ledger has of a payment."""
    if r.to == "xero":
        alive = (item for item in r.xero.payments.values() if item.status == "AUTHORISED")
        return sum((item.amount for item in alive if item.reference == reference), Decimal())
    rows = (item for item in r.qbo.payments.values() if item.ref == reference)
    return sum((item.total for item in rows if item.status == "live"), Decimal())


def test_a_refund_of_long_ago_on_an_open_order_is_booked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="60.00")
    r.ticker.pass_time(80 * DAY)
    r.sync()
    r.keap.add_refund(paid.id, "20.00", time=(r.clock.now() - timedelta(days=60)).date())

    assert verdicts(r.sync()) == [(order, DocumentState.CREATED, "")]


@pytest.mark.parametrize("how", ["deleted", "moved"])
def test_money_that_goes_before_it_was_booked_leaves_nothing_open(tmp_path: Path, how: str) -> None:
    r = Rehearsal(tmp_path, **WITH_MONEY, **{"xero.status": "draft"})
    first, second = r.order(CANDLE), r.order(CANDLE)
    paid = r.keap.add_payment(order_id=first, amount="50.00")
    assert verdicts(r.sync()) == [(first, DocumentState.WAITING, "invoice-not-approved")]
    r.keap.delete_payment(paid.id)
    if how == "moved":
        r.keap.add_payment(id=paid.id, order_id=second, amount="50.00", time=paid.payment_time)

    r.sync()

    for invoice in [*r.xero.invoices.values()]:
        if (invoice.reference or "").startswith("Keap"):
            r.xero.approve_invoice(invoice.id)
    assert r.sync().exit_code is ExitCode.OK
    money = {("payment", "created"): 1} if how == "moved" else {}
    assert outcomes(r) == {("invoice", "created"): 2, **money}


def test_money_that_was_too_much_is_booked_once_it_is_corrected_in_keap(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="1000.00")
    assert verdicts(r.sync()) == [(order, DocumentState.SKIPPED, "overpayment")]
    r.keap.edit_payment(paid.id, amount="100.00")

    assert verdicts(r.sync()) == [(order, DocumentState.CREATED, "")]
    assert r.sync().documents == []


def test_a_credit_of_ours_that_was_changed_since_is_no_credit_of_the_customers(
    r: Rehearsal,
) -> None:
    """R10: what is too much for the balance is left out, as long as the setting says so."""
    order = r.order(CANDLE)
    credit = r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
    r.sync()
    r.keap.edit_payment(credit.id, amount="30.00")
    r.sync()
    r.keap.add_payment(order_id=order, amount="70.00")

    result = r.sync()

    assert ("skipped", "overpayment") in {(item.state, item.reason) for item in money(result)}
    assert balances(r) == [Decimal("60.00")]
