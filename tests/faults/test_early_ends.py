"""What a run that ends early tells of what it did, and what the next one makes of it."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from tests.kits.rehearsal import Rehearsal

ORDERS = 130
CUT = {"xero": ("PUT", "/Invoices$", 1), "qbo": ("POST", "/batch$", 4)}
"""Which requests get no answer, and after how many: in the midst of the invoices."""


@pytest.fixture(params=["xero", "qbo"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A day's orders, paid, and either ledger."""
    rehearsal = Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})
    person = rehearsal.person()
    for _ in range(ORDERS):
        order = rehearsal.order(contact=person)
        rehearsal.keap.add_payment(order_id=order, amount="100.00")
    return rehearsal


def ledger(rehearsal: Rehearsal) -> Any:
    return getattr(rehearsal, rehearsal.to)


def stop(rehearsal: Rehearsal) -> dict[str, Any]:
    """A run that loses its ledger while invoices are being sent: what it tells."""
    vendor = ledger(rehearsal)
    method, path, after = CUT[rehearsal.to]
    vendor.fail(kind="drop", method=method, path=path, after=after, times=99)
    with pytest.raises(TryLater) as ended:
        rehearsal.sync()
    vendor.faults.clear()
    assert ended.value.partial
    return dict(ended.value.partial)


def created(rehearsal: Rehearsal) -> set[str]:
    with rehearsal.state() as state:
        return {
            record.key for record in state.records_in(DocumentKind.INVOICE, DocumentState.CREATED)
        }


def test_run_that_is_stopped_tells_what_it_did(shop: Rehearsal) -> None:
    shop.configure({"sync.max_invoices": 40})
    shop.sync()
    shop.configure({"sync.max_invoices": 0})
    before = created(shop)

    reported = stop(shop)

    made = created(shop) - before
    assert 0 < len(made) < ORDERS - 40
    listed = {
        item["order_id"]
        for item in reported["documents"]
        if item["kind"] == "invoice" and item["state"] == "created"
    }
    assert listed == made
    assert reported["invoices"]["created"] == len(made)
    again = shop.sync()
    assert again.counts(DocumentKind.INVOICE)["created"] == ORDERS - 40 - len(made)
    assert again.counts(DocumentKind.INVOICE)["unchanged"] <= 40 + len(made)
    assert len(created(shop)) == ORDERS


def test_cursor_is_never_ahead_of_what_was_gone_through(shop: Rehearsal) -> None:
    late = str(1000 + ORDERS)
    alone = shop.sync(command="sync-id", ids=(late,), by="order")
    assert alone.cursor == ("", "")

    assert shop.sync().cursor[0] == late


def test_state_that_was_lost_is_found_again_in_few_calls(shop: Rehearsal) -> None:
    shop.sync()
    before = len(ledger(shop).calls)
    writes = len(ledger(shop).writes())
    for file in shop.home.glob("state.sqlite3*"):
        file.unlink()

    result = shop.sync()

    assert {item.reason for item in result.documents} == {"already-synced", "duplicate-payment"}
    if shop.to == "qbo":
        assert len(ledger(shop).calls) - before <= 12
        assert not any(b'"operation"' in call.body for call in ledger(shop).writes()[writes:])
