"""Whole runs of made-up orders and money into QuickBooks: to the cent, however they are split."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from invoicesync_cli.model import Document, DocumentState
from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.baskets import FIXED, Basket, baskets
from tests.kits.qbo_company import OURS, WITH_MONEY, ours, product, quickbooks, tax
from tests.kits.rehearsal import Rehearsal
from tests.property.test_money import EVENTS
from tests.property.test_qbo_rules import ground

ZERO = Decimal(0)


@pytest.mark.parametrize(
    ("company", "untaxed"),
    [
        ("uk", "exempt"),
        ("uk", "inclusive"),
        ("uk", "exclusive"),
        ("us", "exempt"),
        ("us-manual", "exempt"),
    ],
)
@settings(FIXED, max_examples=8, phases=[Phase.generate])
@given(st.lists(baskets(), min_size=6, max_size=10), st.booleans(), st.booleans())
def test_whole_runs_come_to_keaps_totals(
    company: Any, untaxed: str, batch: list[Basket], own: bool, charges: bool
) -> None:
    """The invariant through the whole pipeline, read back from QuickBooks; every order is there
    or held for the right reason, whether QuickBooks has lines of its own or not."""
    with TemporaryDirectory() as home:
        settled = {"tax.untaxed_invoices": untaxed, "tax.tax_finance_charges": charges}
        r = quickbooks(Path(home), company, **settled, **{"invoices.skip_zero_total": False})
        r.qbo.switches = QboSwitches(tax_override_tolerance=None)
        r.qbo.set_preferences(allow_discount=own, allow_shipping=own)
        r.keap.switches = KeapSwitches(discount_style=batch[0].style)
        person = r.person()
        orders = {r.order(*basket.items, contact=person): basket for basket in batch}
        documents = {document.order_id: document for document in r.sync().documents}
        assert documents.keys() == orders.keys()
        for order, basket in orders.items():
            check(r, documents[order], basket, untaxed)


def check(r: Rehearsal, document: Document, basket: Basket, untaxed: str) -> None:
    """One order's invoice; an order of less than nothing is held and not sent."""
    found = r.qbo.invoices.find("number", document.order_id)
    if document.state is not DocumentState.CREATED:
        assert document.state is DocumentState.HELD
        assert document.reason == ground(basket, untaxed), document.message
        assert not found
        return
    (invoice,) = found
    added = ZERO if basket.tax or untaxed != "exclusive" else invoice.tax
    assert invoice.total == basket.net + basket.tax + added
    assert invoice.total == document.ledger_total
    if basket.tax:
        assert invoice.tax == basket.tax


def play(events: list[Any], *, every: bool) -> dict[str, Any]:
    """Three orders and their money; a run after the events that say so, or only at the end."""
    with TemporaryDirectory() as folder:
        r = quickbooks(Path(folder), **WITH_MONEY)
        person = r.person()
        orders = [r.order(product("100"), tax("20"), contact=person) for _ in range(3)]
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
        return ledger(r, orders)


def ledger(r: Rehearsal, orders: list[str]) -> dict[str, Any]:
    """What the books say: each invoice's balance, each note, and all money by reference."""
    booked = {row.number: row for row in r.qbo.invoices.values() if OURS in row.private_note}
    notes = [*ours(r.qbo.credit_memos), *ours(r.qbo.refund_receipts)]
    return {
        "due": [booked[order].balance for order in orders],
        "notes": sorted((row.number, row.total, row.tax, row.balance) for row in notes),
        "money": sorted(
            (row.ref, row.total, str(row.txn_date), row.unapplied) for row in ours(r.qbo.payments)
        ),
    }


@settings(max_examples=25, deadline=None, derandomize=True)
@given(EVENTS)
def test_runs_in_between_change_nothing(events: list[Any]) -> None:
    assert play(events, every=True) == play(events, every=False)
