"""Money and changes that no single answer or verdict may make forgotten for good (R10, R12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.load.qbo import QboLedger
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.keap.rows import Payment
from tests.kits.changed_answers import rewrite
from tests.kits.rehearsal import Rehearsal

LONG_AGO = timedelta(days=60)
"""Farther back than payments are held against the records in every run."""
LEDGERS: dict[str, type[XeroLedger] | type[QboLedger]] = {"xero": XeroLedger, "qbo": QboLedger}


@pytest.fixture(params=LEDGERS)
def r(tmp_path: Path, request: pytest.FixtureRequest) -> Rehearsal:
    return Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})


def received(r: Rehearsal) -> Decimal:
    """What the invoices in the ledger have received."""
    rows: Any = r.xero.payments if r.to == "xero" else r.qbo.payments
    return sum((getattr(row, "amount", None) or row.total for row in rows.values()), Decimal(0))


def stands(result: Result, kind: DocumentKind) -> list[tuple[str, str]]:
    """State and reason of the documents of a kind in a run."""
    return [(item.state, item.reason) for item in result.documents if item.kind is kind]


def pay_long_ago(r: Rehearsal, order: str, amount: str = "100.00", **fields: Any) -> Payment:
    """Enter money that is dated long ago."""
    day = r.clock.now() - LONG_AGO
    return r.keap.add_payment(order_id=order, amount=amount, time=day, **fields)


def old_order(r: Rehearsal) -> str:
    """Enter an order of long ago."""
    return r.order(order_time=r.clock.now() - LONG_AGO - timedelta(days=1))


def settle(payment: Payment, status: str) -> None:
    """Give a payment another status at its gateway."""
    payment.status = status
    for allocation in payment.allocations:
        allocation.pay_status = status


def test_charge_that_failed_and_went_through_later_is_booked(r: Rehearsal) -> None:
    payment = pay_long_ago(r, old_order(r), status="FAILED", pay_status="FAILED")
    assert stands(r.sync(), DocumentKind.PAYMENT) == [("skipped", "payment-failed")]
    settle(payment, "APPROVED")
    r.ticker.pass_time(3600)
    r.sync()
    assert received(r) == 100


def test_booked_payment_that_is_pending_again_is_reported_until_it_is_settled(r: Rehearsal) -> None:
    """R12: its balance is what it was; only Keap's list of payments says so."""
    order = r.order()
    payment = r.keap.add_payment(order_id=order, amount="100.00", status="COMPLETED")
    r.sync()
    settle(payment, "PENDING")
    r.ticker.pass_time(3600)

    assert stands(r.sync(), DocumentKind.PAYMENT) == [("held", "changed-after-sync")]
    assert received(r) == 100
    settle(payment, "COMPLETED")
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK
    assert received(r) == 100


def test_payment_that_was_voided_stays_left_out(r: Rehearsal) -> None:
    """Keap lists it as any other; that it was voided, only its order's own list says."""
    order = old_order(r)
    r.keap.void_payment(pay_long_ago(r, order).id)
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")
    r.ticker.pass_time(3600)
    r.sync()
    assert received(r) == 40


@contextmanager
def invoices_not_shown(r: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A ledger that leaves out of its answers what it is asked for by id."""
    with monkeypatch.context() as patched:
        patched.setattr(LEDGERS[r.to], "invoices", lambda *_: {})
        yield


def test_payment_waits_for_an_invoice_that_the_ledger_does_not_show(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = old_order(r)
    r.sync()
    pay_long_ago(r, order)
    with invoices_not_shown(r, monkeypatch):
        assert stands(r.sync(), DocumentKind.PAYMENT) == [("waiting", "invoice-not-synced")]
    r.ticker.pass_time(3600)
    r.sync()
    assert received(r) == 100


@pytest.mark.parametrize("known", [False, True], ids=["new", "pending before"])
def test_payment_that_keaps_list_leaves_out_once_is_booked_later(r: Rehearsal, known: bool) -> None:
    order = old_order(r)
    status = {"status": "PENDING", "type": "Credit Card"} if known else {}
    payment = pay_long_ago(r, order, **status) if known else None
    r.sync()
    if payment:
        settle(payment, "APPROVED")
    else:
        pay_long_ago(r, order)
    whole = r.network
    rewrite(r, "/sales/payments", lambda data: data.update(payments=[]))
    result = r.sync()
    assert stands(result, DocumentKind.PAYMENT) == [("failed", "rejected")]
    assert result.exit_code == ExitCode.NEEDS_PERSON
    r.network = whole
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK
    assert received(r) == 100


def test_payment_on_an_order_that_keap_does_not_have_is_open(r: Rehearsal) -> None:
    r.keap.switches = replace(r.keap.switches, deleted_order_keeps_payments=True)
    order = r.order()
    payment = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.delete_order(order)
    result = r.sync()
    assert stands(result, DocumentKind.PAYMENT) == [("failed", "not-found")]
    assert result.exit_code == ExitCode.NEEDS_PERSON
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.NEEDS_PERSON
    r.keap.delete_payment(payment.id)
    assert r.sync().exit_code == ExitCode.OK


def test_pending_payment_outlives_its_order_from_before_the_start(tmp_path: Path) -> None:
    """It is open, and no record has its order."""
    start = {"sync.mode": "invoices-and-payments", "sync.start": "2026-11-20"}
    r = Rehearsal(tmp_path, **start)
    r.keap.switches = replace(r.keap.switches, deleted_order_keeps_payments=True)
    order = old_order(r)
    r.keap.add_payment(order_id=order, amount="100.00", status="PENDING", type="Credit Card")
    assert stands(r.sync(), DocumentKind.PAYMENT) == [("waiting", "payment-pending")]
    r.keap.delete_order(order)
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK


def test_limit_of_payments_does_not_use_the_weekly_look_up(r: Rehearsal) -> None:
    """A refund that only that look can find, in a run that has no payment left for it."""
    then = r.clock.now() - timedelta(days=200)
    paid = r.keap.add_payment(order_id=r.order(order_time=then), amount="100.00", time=then)
    r.sync()
    for _ in range(2):
        r.ticker.pass_time(timedelta(days=4).total_seconds())
        r.order()
        r.sync()
    r.keap.add_refund(paid.id, "40.00", time=r.clock.now() - LONG_AGO)
    r.keap.add_payment(order_id=r.order(), amount="100.00")
    r.ticker.pass_time(timedelta(days=7).total_seconds())
    r.configure({"sync.max_payments": 1})
    assert not stands(r.sync(), DocumentKind.REFUND)
    r.ticker.pass_time(3600)
    assert stands(r.sync(), DocumentKind.REFUND) == [("created", "")]


def dismiss(r: Rehearsal, order: str) -> None:
    """Take what is held of an order off the list."""
    with r.state() as state, state.transaction():
        for record in state.records_of([order], "order"):
            if record.state.open:
                document = replace(record.document, state=DocumentState.DISMISSED, message="Seen")
                state.save(replace(record, document=document))


def test_further_change_of_an_order_is_held_though_the_first_was_dismissed(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    for total in ("150.00", "170.00"):
        r.ticker.pass_time(3600)
        r.keap.edit_order(order, items=(Item("PRODUCT", total, name="Candle"),))
        assert stands(r.sync(), DocumentKind.INVOICE) == [("held", "changed-after-sync")]
        dismiss(r, order)
        r.ticker.pass_time(3600)
        assert r.sync().exit_code == ExitCode.OK


def test_further_change_of_money_is_held_though_the_first_was_dismissed(r: Rehearsal) -> None:
    order = r.order()
    payment = r.keap.add_payment(order_id=order, amount="50.00").id
    r.sync()
    for change in (
        lambda: r.keap.edit_payment(payment, amount="60.00"),
        lambda: r.keap.edit_payment(payment, amount="70.00"),
        lambda: r.keap.void_payment(payment),
        lambda: r.keap.delete_payment(payment),
    ):
        r.ticker.pass_time(3600)
        change()
        assert stands(r.sync(), DocumentKind.PAYMENT) == [("held", "changed-after-sync")]
        dismiss(r, order)
        r.ticker.pass_time(3600)
        assert r.sync().exit_code == ExitCode.OK
