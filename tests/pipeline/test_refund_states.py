"""Refunds and credits that are pending or voided in Keap: no money until they are settled (R10)."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import KeapSwitches
from tests.kits.changed_answers import rewrite
from tests.kits.rehearsal import Rehearsal

DAY = 86_400

SWITCHES: list[dict[str, Any]] = [
    {"refund_type": kind, "refund_link": link, "refund_allocation_link": rows, "refund_sign": sign}
    for kind in ("refund", "as_paid")
    for link, rows in (("on_original", "on_refund"), ("on_refund", "on_original"))
    for sign in ("negative", "positive")
]


@pytest.fixture(params=SWITCHES, ids=lambda one: ", ".join(one.values()))
def r(tmp_path: Path, request: pytest.FixtureRequest) -> Rehearsal:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    rehearsal.keap.switches = KeapSwitches(**request.param)
    return rehearsal


def reported(result: Result) -> list[tuple[str, str, str]]:
    """Amount, state and reason of the money of a run."""
    return [
        (f"{item.total:.2f}", item.state, item.reason)
        for item in result.documents
        if item.kind is not DocumentKind.INVOICE
    ]


def notes(r: Rehearsal) -> list[str]:
    """The credit notes for refunds in the ledger."""
    numbers = (str(note.number) for note in r.xero.credit_notes.values())
    return [number for number in numbers if number.startswith("RF-")]


def test_voided_refund_is_not_booked(r: Rehearsal) -> None:
    order = r.order()
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.void_payment(r.keap.add_refund(paid.id, "40.00").id)
    assert reported(r.sync()) == [("100.00", "created", ""), ("40.00", "skipped", "payment-failed")]
    assert notes(r) == []


def test_pending_refund_waits_and_is_booked_as_a_refund(r: Rehearsal) -> None:
    order = r.order()
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    given = r.keap.add_refund(paid.id, "40.00", status="PENDING")
    assert reported(r.sync()) == [
        ("100.00", "created", ""),
        ("40.00", "waiting", "payment-pending"),
    ]
    assert notes(r) == []

    r.keap.edit_payment(given.id, status="COMPLETED")
    r.ticker.pass_time(3600)

    r.sync()
    assert notes(r) == [f"RF-{given.id}"]
    with r.state() as state:
        records = [
            row
            for row in state.records_of([order], "order")
            if row.kind is not DocumentKind.INVOICE
        ]
    assert {(row.kind, row.document.state) for row in records} == {
        (DocumentKind.PAYMENT, "created"),
        (DocumentKind.REFUND, "created"),
    }


@pytest.mark.parametrize("which", ["payment", "refund"])
def test_void_after_it_was_booked_is_noticed_by_the_next_run(r: Rehearsal, which: str) -> None:
    """R12: also on a settled order that Keap does not touch for it."""
    paid = r.keap.add_payment(order_id=r.order(), amount="100.00")
    given = r.keap.add_refund(paid.id, "40.00")
    r.sync()
    r.ticker.pass_time(5 * DAY)
    r.keap.add_payment(order_id=r.order(), amount="100.00")
    r.sync()
    assert reported(r.sync()) == []

    r.keap.void_payment(given.id if which == "refund" else paid.id)
    r.ticker.pass_time(2 * DAY)

    amount = "40.00" if which == "refund" else "100.00"
    held = [(amount, "held", "changed-after-sync")]
    assert reported(r.sync()) == held
    r.ticker.pass_time(40 * DAY)
    assert reported(r.sync()) == held
    assert notes(r) == [f"RF-{given.id}"]


@pytest.mark.parametrize("status", ["ERROR", "APPROVED"])
def test_void_that_the_allocations_do_not_confirm_is_none(tmp_path: Path, status: str) -> None:
    r = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    paid = r.keap.add_payment(order_id=r.order(), amount="100.00")
    void = {
        "transaction_method": "VOID",
        "payment_id": paid.id,
        "status": status,
        "transaction_time": "2026-11-20T09:00:00.000Z",
        "order_ids": paid.order_ids,
        "amount": 100,
    }
    rewrite(r, "/sales/transactions", lambda data: data["transactions"].append(void))
    assert reported(r.sync()) == [("100.00", "created", "")]
    r.ticker.pass_time(2 * DAY)
    assert reported(r.sync()) == []


def test_pending_credit_waits(tmp_path: Path) -> None:
    r = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    r.keap.add_payment(order_id=r.order(), amount="40.00", type="Credit", status="PENDING")
    assert reported(r.sync()) == [("40.00", "waiting", "payment-pending")]
