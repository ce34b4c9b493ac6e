"""Payments that cannot be read: failed on their orders, never in the way, never forgotten (R10)."""

import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from tests.kits.changed_answers import one, rewrite
from tests.kits.rehearsal import Rehearsal

HUNDRED = Item("PRODUCT", "100.00", name="Candle")
UNREADABLE: list[dict[str, Any]] = [
    {"amount": None},
    {"amount": "1,030.00"},
    {"amount": "much"},
    {"amount": {"amount": 3000}},
    {"amount": True},
    {"amount": float("nan")},
    {"amount": 10**400},
    {"payment_time": None},
    {"payment_time": "yesterday"},
    {"payment_time": 20261103},
    {"payment_time": "9999-12-31T00:00:00.000Z"},
    {"payment_time": "0001-01-01T00:00:00.000Z"},
    {"order_ids_more": None},
    {"status": -1},
    {"status": True},
]


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})


def money(result: Result) -> list[tuple[str, str, str]]:
    """State, reason and id of the payments of a run."""
    return sorted(
        (item.state, item.reason, item.payment_id)
        for item in result.documents
        if item.kind is not DocumentKind.INVOICE
    )


def records(r: Rehearsal) -> list[Document]:
    """What is known of the payments."""
    with r.state() as state:
        rows = state.records_of([*r.keap.orders], "order")
    return [row.document for row in rows if row.kind is not DocumentKind.INVOICE]


def received(r: Rehearsal) -> Decimal:
    """What the ledger's bank accounts received."""
    return sum((item.amount for item in r.xero.payments.values()), Decimal(0))


def spoil(r: Rehearsal, number: str, **fields: Any) -> None:
    """Change some fields of a payment on their way to the tool."""
    if "order_ids_more" in fields:
        rewrite(r, "/sales/payments", one("payments", number, _strange_order))
    else:
        rewrite(r, "/sales/payments", one("payments", number, lambda row: row.update(fields)))


def _strange_order(row: dict[str, Any]) -> None:
    row["order_ids"] = [*row["order_ids"], None]


@pytest.mark.parametrize("fields", UNREADABLE, ids=lambda fields: str(fields)[:50])
def test_it_fails_on_its_order_and_the_others_are_booked(
    r: Rehearsal,
    fields: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = r.order(HUNDRED)
    odd = r.keap.add_payment(order_id=order, amount="30.00", note="Ida's secret")
    fine = r.keap.add_payment(order_id=order, amount="20.00")
    other = r.keap.add_payment(order_id=r.order(HUNDRED), amount="100.00")
    spoil(r, odd.id, **fields)

    with caplog.at_level(logging.DEBUG, "invoicesync"):
        result = r.sync()

    assert money(result) == [
        ("created", "", fine.id),
        ("created", "", other.id),
        ("failed", "rejected", odd.id),
    ]
    failed = next(item for item in result.documents if item.state is DocumentState.FAILED)
    assert (failed.order_id, failed.reference) == (order, odd.external_transaction_id)
    assert "cannot be read" in failed.message
    assert result.exit_code == ExitCode.NEEDS_PERSON
    assert received(r) == 120
    assert "secret" not in caplog.text + capsys.readouterr().err

    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.NEEDS_PERSON
    assert [item.payment_id for item in records(r) if item.state is DocumentState.FAILED] == [
        odd.id
    ]
    assert received(r) == 120


@pytest.mark.parametrize("fields", [{"id": None}, {"id": "²"}, {"amount": None}], ids=str)
def test_it_is_booked_once_it_can_be_read_and_its_failed_record_ends(
    r: Rehearsal, fields: dict[str, Any]
) -> None:
    order = r.order(HUNDRED)
    payment = r.keap.add_payment(order_id=order, amount="30.00")
    whole = r.network
    spoil(r, payment.id, **fields)
    assert [state for state, *_ in money(r.sync())] == ["failed"]

    r.network = whole
    r.ticker.pass_time(3600)
    result = r.sync()

    assert ("created", "", payment.id) in money(result)
    assert result.exit_code == ExitCode.OK
    assert [item.state for item in records(r)] == [DocumentState.CREATED]
    assert received(r) == 30


def test_it_waits_once_it_can_be_read_and_is_still_pending(r: Rehearsal) -> None:
    """A record without a draft was refused by nobody: there is nothing that could be the same."""
    order = r.order(HUNDRED)
    made = r.keap.add_payment(order_id=order, amount="100.00", status="PENDING")
    spoil(r, made.id, amount="much")
    assert money(r.sync()) == [("failed", "rejected", made.id)]

    spoil(r, made.id, amount="100.00")

    assert money(r.sync()) == [("waiting", "payment-pending", made.id)]


def test_row_without_an_id_is_the_same_in_every_run(r: Rehearsal) -> None:
    order = r.order(HUNDRED)
    payment = r.keap.add_payment(order_id=order, amount="30.00")
    r.keap.add_payment(order_id=order, amount="20.00")
    spoil(r, payment.id, id=None)
    r.sync()
    first = [item.payment_id for item in records(r) if item.state is DocumentState.FAILED]
    r.ticker.pass_time(3600)
    r.sync()
    assert [item.payment_id for item in records(r) if item.state is DocumentState.FAILED] == first
    assert first[0].startswith("row-")


def test_it_fails_on_each_of_its_orders(r: Rehearsal) -> None:
    orders = [r.order(HUNDRED), r.order(HUNDRED)]
    payment = r.keap.add_payment(order_ids=orders, amount="200.00")
    spoil(r, payment.id, amount=None)
    result = r.sync()
    assert [item.order_id for item in result.documents if item.payment_id == payment.id] == orders
    assert received(r) == 0


def test_one_that_is_booked_already_is_a_change(r: Rehearsal) -> None:
    """R12: what is in the ledger is reported, not undone, and not forgotten."""
    order = r.order(HUNDRED)
    payment = r.keap.add_payment(order_id=order, amount="30.00")
    r.sync()
    whole = r.network
    spoil(r, payment.id, payment_time=None)
    r.ticker.pass_time(3600)

    result = r.sync()

    assert money(result) == [("held", "changed-after-sync", payment.id)]
    (document,) = records(r)
    assert document.ledger_id
    assert "cannot be read" in document.message
    r.network = whole
    r.ticker.pass_time(3600)
    r.sync()
    assert [item.state for item in records(r)] == [DocumentState.CREATED]
    assert received(r) == 30


def test_it_can_be_dismissed(r: Rehearsal) -> None:
    order = r.order(HUNDRED)
    payment = r.keap.add_payment(order_id=order, amount="30.00")
    spoil(r, payment.id, amount=None)
    r.sync()
    with r.state() as state, state.transaction():
        (record,) = [
            row for row in state.records_of([order], "order") if row.kind is DocumentKind.PAYMENT
        ]
        ended = replace(record.document, state=DocumentState.DISMISSED)
        state.save(replace(record, document=ended))
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK
    assert [item.state for item in records(r)] == [DocumentState.DISMISSED]


@pytest.mark.parametrize("orders", [None, [], ["²"], "1", [None]], ids=str)
def test_row_that_names_no_order_fails_on_the_order_that_lists_it(
    r: Rehearsal, orders: Any
) -> None:
    order = r.order(HUNDRED)
    lost = r.keap.add_payment(order_id=order, amount="30.00")
    fine = r.keap.add_payment(order_id=order, amount="20.00")
    spoil(r, lost.id, order_ids=orders)
    result = r.sync()
    assert money(result) == [("created", "", fine.id), ("failed", "rejected", lost.id)]
    (message,) = result.messages
    assert f"payment {lost.id} names no order" in message


def test_row_that_names_no_order_and_is_on_none_fails_by_itself(r: Rehearsal) -> None:
    r.keap.switches = replace(r.keap.switches, deleted_order_keeps_payments=True)
    order = r.order(HUNDRED)
    lost = r.keap.add_payment(order_id=order, amount="30.00")
    r.keap.delete_order(order)
    spoil(r, lost.id, order_ids=None)
    result = r.sync()
    assert money(result) == [("failed", "rejected", lost.id)]
    assert result.exit_code == ExitCode.NEEDS_PERSON


def test_it_makes_no_sales_receipt_of_the_other_payment(tmp_path: Path) -> None:
    """R10: a sales receipt only where the order has one payment, whatever the other is."""
    settings = {"sync.mode": "invoices-and-payments", "qbo.document": "sales-receipt-when-paid"}
    r = Rehearsal(tmp_path, to="qbo", **settings)
    order = r.order(HUNDRED, order_time=r.clock.now())
    odd = r.keap.add_payment(order_id=order, amount="1.00")
    r.keap.add_payment(order_id=order, amount="100.00")
    spoil(r, odd.id, amount=None)
    result = r.sync()
    booked = [item for item in result.documents if item.state is DocumentState.CREATED]
    assert {item.kind for item in booked} == {DocumentKind.INVOICE, DocumentKind.PAYMENT}
    assert len({item.ledger_id for item in booked}) == 2
