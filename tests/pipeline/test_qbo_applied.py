"""What QuickBooks applies by itself: payments, and the credits that a customer has."""

from pathlib import Path

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import sale
from tests.kits.lost_state import lose_state
from tests.kits.qbo_company import (
    invoice_of,
    payments,
    rehearse,
    reported,
)
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


@pytest.mark.parametrize("applied", [False, True])
def test_quickbooks_that_applies_payments_by_itself_books_them_no_otherwise(
    tmp_path: Path, applied: bool
) -> None:
    """QuickBooks may set unapplied money against the oldest invoice; ours names its own."""
    r = rehearse(tmp_path)
    r.qbo.set_preferences(auto_apply_payments=applied)
    person = r.person()
    first, second = r.order(CANDLE, contact=person), r.order(CANDLE, contact=person)
    r.keap.add_payment(order_id=second, amount="100.00")
    r.sync()
    assert [invoice_of(r, order).balance for order in (first, second)] == [100, 0]


def credited(r: Rehearsal, amount: str) -> str:
    """A person with a credit of the bookkeeper's own, in a company that applies credits by
    itself: QuickBooks puts it onto the next invoice."""
    person = r.person()
    r.order(CANDLE, contact=person)
    r.keap.add_payment(order_id="1001", amount="100.00")
    r.sync()
    free = next(row.id for row in r.qbo.tax_codes.values() if row.name == "0.0% Z")
    r.qbo.enter_credit_memo(invoice_of(r, "1001").customer_id, [sale(amount, tax_code=free)])
    return person


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_what_a_credit_of_the_customers_has_left_due_is_paid(
    tmp_path: Path, skip: bool, late: bool
) -> None:
    """R10: QuickBooks has settled 30 of a new invoice by itself: 70 go onto it, and 30 stay with
    the customer, who has paid as much. That is told."""
    r = rehearse(tmp_path, **{"payments.skip_overpayment": skip})
    order = r.order(CANDLE, contact=credited(r, "30.00"))
    if late:
        r.sync()
    r.keap.add_payment(order_id=order, amount="100.00")
    result = r.sync()
    assert reported(result) == [("created", "overpayment", "100.00")]
    assert "70.00 GBP went onto it, 30.00 GBP stay" in result.documents[-1].message
    assert invoice_of(r, order).balance == 0
    *_, payment = payments(r)
    assert [payment.total, payment.unapplied] == [100, 30]
    assert not result.exit_code
    assert r.sync().documents == []


@pytest.mark.parametrize("wait", [100.0, 90000.0])
def test_lost_answer_to_what_stays_with_the_customer(tmp_path: Path, wait: float) -> None:
    """R16: it is found, or sent again, and told as it would have been."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE, contact=credited(r, "30.00"))
    r.sync()
    r.keap.add_payment(order_id=order, amount="100.00")
    r.qbo.fail(kind="lose", path="/batch$", after=1, times=9)
    with pytest.raises(TryLater):
        r.sync()
    r.qbo.faults.clear()
    r.ticker.pass_time(wait)
    r.sync()
    with r.state() as state:
        records = state.records_of([order], "order")
    (found,) = (item.document for item in records if item.kind is DocumentKind.PAYMENT)
    assert (found.state, found.reason) == (DocumentState.CREATED, "overpayment")
    assert [payment.unapplied for payment in payments(r)] == [0, 30]
    assert r.sync().documents == []


def test_payment_that_stays_with_the_customer_is_found_after_a_lost_state(tmp_path: Path) -> None:
    """R16: it is on the invoice as well, and is not sent again."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE, contact=credited(r, "30.00"))
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    r.sync()
    assert [payment.total for payment in payments(r)] == [100, 100]


def test_more_than_a_credit_has_left_due_follows_the_setting(tmp_path: Path) -> None:
    """R10: what is too much beside the credit is an overpayment as ever."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE, contact=credited(r, "30.00"))
    r.keap.add_payment(order_id=order, amount="120.00")
    assert reported(r.sync()) == [("skipped", "overpayment", "120.00")]


def test_payments_of_an_invoice_that_a_credit_has_settled_are_reported(tmp_path: Path) -> None:
    """R10: what is still due is paid, part by part; nothing fails."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE, contact=credited(r, "80.00"))
    r.keap.add_payment(order_id=order, amount="25.00")
    r.keap.add_payment(order_id=order, amount="75.00")
    assert reported(r.sync()) == [
        ("created", "overpayment", "25.00"),
        ("skipped", "overpayment", "75.00"),
    ]
    assert invoice_of(r, order).balance == 0


def test_own_credit_leaves_no_room_for_too_much(tmp_path: Path) -> None:
    """Only a credit that is not from Keap makes up for what is too much."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    r.sync()
    r.keap.add_payment(order_id=order, amount="100.00")
    assert reported(r.sync()) == [("skipped", "overpayment", "100.00")]
