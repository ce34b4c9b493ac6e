"""Any split of the same events over runs, in any order, ends in the same ledger."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import OURS, ours
from tests.kits.qbo_faults import apply_by_hand
from tests.kits.rehearsal import Rehearsal

CENTS = st.integers(min_value=100, max_value=30000).map(lambda cents: Decimal(cents) / 100)
EVENTS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=2),
        st.sampled_from(["Cash", "Credit", "Adjustment", "refund"]),
        CENTS,
        st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


def play(to: str, events: list[Any], *, every: bool) -> dict[str, Any]:
    """Three orders and their money; a run after the events that say so, or only at the end."""
    with TemporaryDirectory() as folder:
        r = Rehearsal(Path(folder), to=to, **{"sync.mode": "invoices-and-payments"})
        apply_by_hand(r.qbo)
        person = r.person()
        taxed = (Item("PRODUCT", "100.00", name="Candle", taxable=True), Item("TAX", "20.00"))
        orders = [r.order(*taxed, contact=person) for _ in range(3)]
        paid: dict[int, list[Any]] = {0: [], 1: [], 2: []}
        for place, kind, amount, runs in events:
            r.ticker.pass_time(3600)
            if kind != "refund":
                made = r.keap.add_payment(order_id=orders[place], amount=amount, type=kind)
                if kind == "Cash":
                    paid[place].append([made.id, amount])
            elif paid[place] and paid[place][-1][1] >= amount:
                paid[place][-1][1] -= amount
                r.keap.add_refund(paid[place][-1][0], amount)
            if runs and every:
                r.sync()
        r.sync()
        return BOOKS[to](r, orders)


def in_xero(r: Rehearsal, orders: list[str]) -> dict[str, Any]:
    """What the books say: each invoice's balance, each note, and all money by reference."""
    booked = {item.number: item for item in r.xero.invoices.values()}
    return {
        "due": [booked[order].amount_due for order in orders],
        "notes": sorted(
            (note.number, note.total, note.total_tax, note.remaining_credit)
            for note in r.xero.credit_notes.values()
        ),
        "money": sorted(
            (payment.type, payment.reference, payment.amount, str(payment.date))
            for payment in r.xero.payments.values()
        ),
    }


def in_quickbooks(r: Rehearsal, orders: list[str]) -> dict[str, Any]:
    """The same of a company in QuickBooks."""
    booked = {row.number: row for row in r.qbo.invoices.values() if OURS in row.private_note}
    notes = [*ours(r.qbo.credit_memos), *ours(r.qbo.refund_receipts)]
    return {
        "due": [booked[order].balance for order in orders],
        "notes": sorted((row.number, row.total, row.tax, row.balance) for row in notes),
        "money": sorted(
            (row.ref, row.total, str(row.txn_date), row.unapplied) for row in ours(r.qbo.payments)
        ),
    }


BOOKS = {"xero": in_xero, "qbo": in_quickbooks}


@pytest.mark.parametrize("to", BOOKS)
@settings(max_examples=30)
@given(events=EVENTS)
def test_runs_in_between_change_nothing(to: str, events: list[Any]) -> None:
    assert play(to, events, every=True) == play(to, events, every=False)
