"""Refunds and credits that are pending or voided in Keap: no money until they are settled (R10)."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Kind
from invoicesync_cli.sandbox.keap import KeapSwitches
from invoicesync_cli.sync import Result
from tests.rehearsal import Rehearsal

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


def told(result: Result) -> list[tuple[str, str, str]]:
    """Amount, state and reason of the money of a run."""
    return [
        (f"{item.total:.2f}", item.state, item.reason)
        for item in result.documents
        if item.kind is not Kind.INVOICE
    ]


def notes(r: Rehearsal) -> list[str]:
    """The credit notes for refunds in the ledger."""
    numbers = (str(note.number) for note in r.xero.credit_notes.values())
    return [number for number in numbers if number.startswith("RF-")]


def test_voided_refund_is_not_booked(r: Rehearsal) -> None:
    order = r.order()
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.void_payment(r.keap.add_refund(paid.id, "40.00").id)
    assert told(r.sync()) == [("100.00", "created", ""), ("40.00", "skipped", "payment-failed")]
    assert notes(r) == []


def test_pending_refund_waits_and_is_booked_as_a_refund(r: Rehearsal) -> None:
    order = r.order()
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    given = r.keap.add_refund(paid.id, "40.00", status="PENDING")
    assert told(r.sync()) == [("100.00", "created", ""), ("40.00", "waiting", "payment-pending")]
    assert notes(r) == []

    r.keap.edit_payment(given.id, status="COMPLETED")
    r.ticker.pass_time(3600)

    r.sync()
    assert notes(r) == [f"RF-{given.id}"]
    with r.state() as state:
        records = [
            row for row in state.records_of([order], "order") if row.kind is not Kind.INVOICE
        ]
    assert {(row.kind, row.document.state) for row in records} == {
        (Kind.PAYMENT, "created"),
        (Kind.REFUND, "created"),
    }


def test_refund_that_is_voided_after_it_was_booked_is_a_change(r: Rehearsal) -> None:
    paid = r.keap.add_payment(order_id=r.order(), amount="100.00")
    given = r.keap.add_refund(paid.id, "40.00")
    r.sync()
    r.keap.void_payment(given.id)
    r.keap.add_payment(order_id=paid.order_ids[0], amount="1.00")
    r.ticker.pass_time(3600)
    result = r.sync()
    assert [row for row in told(result) if row[1] == "held"] == [
        ("40.00", "held", "changed-after-sync")
    ]
    assert notes(r) == [f"RF-{given.id}"]


def test_pending_credit_waits(tmp_path: Path) -> None:
    r = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    r.keap.add_payment(order_id=r.order(), amount="40.00", type="Credit", status="PENDING")
    assert told(r.sync()) == [("40.00", "waiting", "payment-pending")]
