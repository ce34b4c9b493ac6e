"""Every look-up in the state has an index: a run must not slow down as its history grows."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.state import Store
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_no_statement_of_a_run_reads_all_records_or_events(
    tmp_path: Path, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    init = Store.__init__

    def traced(self: Store, connection: sqlite3.Connection) -> None:
        init(self, connection)
        connection.set_trace_callback(asked.add)

    monkeypatch.setattr(Store, "__init__", traced)
    r = Rehearsal(tmp_path, to=to, **{"sync.mode": "invoices-and-payments"})
    first, second = r.order(CANDLE), r.order(CANDLE)
    paid = r.keap.add_payment(order_id=first, amount="100.00")
    r.keap.add_payment(order_id=second, amount="40.00", status="PENDING")
    r.sync()
    r.keap.add_refund(paid.id, "10.00")
    r.keap.edit_order(second, items=[Item("PRODUCT", "90.00", name="Candle")])
    r.ticker.pass_time(8 * 86400)
    r.sync()
    r.sync(command="sync-id", ids=(first,))
    monkeypatch.undo()

    with r.state() as state:
        plans = {text: _plan(state, text) for text in asked if _looks_up(text)}

    assert len(plans) > 20
    assert {text: plan for text, plan in plans.items() if _scans(plan)} == {}


def _looks_up(text: str) -> bool:
    words = text.upper()
    tables = ("RECORDS", "EVENTS", "LINKS", "JOURNAL")
    return any(table in words for table in tables) and words.startswith(
        ("SELECT", "UPDATE", "DELETE", "INSERT OR REPLACE")
    )


def _plan(state: Store, text: str) -> Any:
    rows = state.db.execute("EXPLAIN QUERY PLAN " + text)
    return [row["detail"] for row in rows]


def _scans(plan: list[str]) -> bool:
    """Whether all rows of a table are read, be it in the order of an index, or all invoices."""
    tables = ("records", "events", "money", "invoice", "links", "journal")
    some = ("records_open", "records_money_due")  # Of what is open, and no more.
    return any(
        detail.endswith("(kind=?)")
        or (
            detail.startswith("SCAN")
            and detail.split()[1] in tables
            and not any(name in detail for name in some)
        )
        for detail in plan
    )
