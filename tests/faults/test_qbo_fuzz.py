"""Whatever QuickBooks says in one field: no crash, nothing twice, and all heals or is reported."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind
from tests.kits.faults import payments_of
from tests.kits.qbo_faults import everything, forms, quickbooks
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_answers import run_with_one_wrong_value

SEEDS, LATER = range(24), range(16)
"""Each is a run; any other number does as well (it is the id of a failure)."""


def check_nothing_twice(rehearsal: Rehearsal) -> None:
    """Nobody and nothing is in the books more than once, and what is not there is reported."""
    qbo = rehearsal.qbo
    notes = Counter(row.notes for row in qbo.customers.values() if row.notes)
    assert all(count == 1 for count in notes.values()), notes
    booked = forms(rehearsal)
    assert all(len(found) == 1 for found in booked.values())
    with rehearsal.state() as state:
        reported = {
            (item.kind, item.document.payment_id or item.key): item
            for item in (*state.records_of(rehearsal.keap.orders, "order"),)
        }
    for order in rehearsal.keap.orders:
        record = reported[DocumentKind.INVOICE, order]
        assert record.document.ledger_id == (booked[order][0].id if order in booked else "")
        for payment in payments_of(rehearsal, order):
            check_money(rehearsal, order, payment.id, reported)


def check_money(rehearsal: Rehearsal, order: str, payment: str, reported: Any) -> None:
    qbo = rehearsal.qbo
    ours = f"Keap order {order},"
    tables: list[Any] = [qbo.payments, qbo.credit_memos, qbo.refund_receipts]
    marks = {f"txn_{payment}", f"keap-{payment}", f"CR-{payment}", f"RF-{payment}"}
    live = [
        row
        for table in tables
        for row in table.values()
        if row.status == "live"
        and row.private_note.startswith(ours)
        and {getattr(row, "ref", ""), getattr(row, "number", "")} & marks
    ]
    assert len(live) <= 1, (payment, live)
    records = [
        item
        for (kind, key), item in reported.items()
        if key == payment and kind != DocumentKind.INVOICE
    ]
    assert len(records) == 1, records
    if not live:
        assert records[0].state.open, records


@pytest.mark.parametrize("seed", SEEDS)
def test_one_wrong_value(tmp_path: Path, seed: int) -> None:
    """In a run that makes everything."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    run_with_one_wrong_value(rehearsal, seed, 12)
    check_nothing_twice(rehearsal)


@pytest.mark.parametrize("seed", LATER)
def test_one_wrong_value_of_what_has_changed(tmp_path: Path, seed: int) -> None:
    """In a run that looks at what has become of everything, and has something new."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    rehearsal.sync()
    rehearsal.ticker.pass_time(7200)
    (lost, *_) = [row.id for row in rehearsal.qbo.payments.values() if row.total]
    rehearsal.qbo.delete_payment(lost)
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    run_with_one_wrong_value(rehearsal, seed, 6)
    check_nothing_twice(rehearsal)
