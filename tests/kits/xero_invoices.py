"""Invoices in Xero after a run, as they are read back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only


def booked(rehearsal: Rehearsal, *items: Item, **fields: Any) -> dict[str, Any]:
    """One order with these lines, carried over: the invoice that it became in Xero."""
    order = rehearsal.order(*items, **fields)
    document = only(rehearsal.sync())
    assert document.state is DocumentState.CREATED, document
    return rehearsal.booked(order)


def column(invoice: Mapping[str, Any], name: str) -> list[Any]:
    """One field of every line of an invoice; amounts as `Decimal`."""
    found = [line.get(name, "") for line in invoice["LineItems"]]
    return [item if isinstance(item, str) else Decimal(item) for item in found]


def amounts(*values: str) -> list[Decimal]:
    """Amounts as they are compared with a column."""
    return [Decimal(value) for value in values]


def totals(invoice: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Total and tax of an invoice."""
    return Decimal(invoice["Total"]), Decimal(invoice["TotalTax"])


NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
AT_ONCE, IN_TWO_WEEKS = "2026-11-03", "2026-11-17"


def due(rehearsal: Rehearsal, order: str) -> str:
    """The due date that Xero has after a sync."""
    rehearsal.sync()
    return str(rehearsal.booked(order)["DueDateString"])[:10]
