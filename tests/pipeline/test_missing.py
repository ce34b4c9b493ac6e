"""What Keap has and the ledger has not, by the records."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason
from invoicesync_cli.state import Store
from invoicesync_cli.state.missing import not_in_ledger
from invoicesync_cli.state.rows import Record


def put(
    state: Store, kind: DocumentKind, outcome: DocumentState, order: str, total: str, **fields: Any
) -> None:
    """A record of money or of an invoice on an order."""
    reason = fields.pop("reason", min(outcome.reasons, default=Reason.NONE))
    document = Document(
        kind,
        outcome,
        order_id=order,
        total=Decimal(total),
        currency="GBP",
        reason=reason,
        **fields,
    )
    key = order if kind is DocumentKind.INVOICE else f"{total}:{order}"
    state.save(Record(kind, key, document))


def found(state: Store) -> list[tuple[str, str, int, str]]:
    return [
        (item.kind, item.state, item.count, str(item.total)) for item in not_in_ledger(state.db)
    ]


@pytest.fixture
def state(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "state.sqlite3")


def test_open_invoices_that_are_not_there_are_summed_to_the_cent(state: Store) -> None:
    put(state, DocumentKind.INVOICE, DocumentState.HELD, "1", "0.10")
    put(state, DocumentKind.INVOICE, DocumentState.HELD, "2", "0.20")
    put(state, DocumentKind.INVOICE, DocumentState.HELD, "3", "-5.00", reason=Reason.NEGATIVE_TOTAL)
    put(state, DocumentKind.INVOICE, DocumentState.WAITING, "4", "1234567.89")
    put(state, DocumentKind.INVOICE, DocumentState.SENDING, "5", "1.00")

    assert found(state) == [
        ("invoice", "held", 3, "-4.70"),
        ("invoice", "sending", 1, "1.00"),
        ("invoice", "waiting", 1, "1234567.89"),
    ]


@pytest.mark.parametrize(
    "outcome", [DocumentState.SKIPPED, DocumentState.DISMISSED, DocumentState.CREATED]
)
def test_what_came_to_an_end_is_not_named(state: Store, outcome: DocumentState) -> None:
    put(state, DocumentKind.INVOICE, outcome, "1", "10.00")

    assert found(state) == []


def test_a_held_invoice_that_is_there_is_not_named(state: Store) -> None:
    put(state, DocumentKind.INVOICE, DocumentState.HELD, "1", "10.00", ledger_id="a")

    assert found(state) == []


def test_money_is_named_where_its_invoice_is_there(state: Store) -> None:
    put(state, DocumentKind.INVOICE, DocumentState.CREATED, "1", "10.00", ledger_id="a")
    put(state, DocumentKind.PAYMENT, DocumentState.WAITING, "1", "4.00")
    put(state, DocumentKind.REFUND, DocumentState.FAILED, "1", "3.00")
    put(state, DocumentKind.INVOICE, DocumentState.HELD, "2", "20.00")
    put(state, DocumentKind.PAYMENT, DocumentState.WAITING, "2", "20.00")
    put(state, DocumentKind.PAYMENT, DocumentState.FAILED, "3", "7.00")

    assert found(state) == [
        ("invoice", "held", 1, "20.00"),
        ("payment", "failed", 1, "7.00"),
        ("payment", "waiting", 1, "4.00"),
        ("refund", "failed", 1, "3.00"),
    ]


def test_what_was_deleted_on_one_side_is_named_by_what_the_other_has(state: Store) -> None:
    put(
        state, DocumentKind.INVOICE, DocumentState.HELD, "1", "10.00", ledger_id="a", ended="ledger"
    )
    put(state, DocumentKind.INVOICE, DocumentState.FAILED, "2", "20.00", ended="keap")

    assert found(state) == [("invoice", "held", 1, "10.00")]
