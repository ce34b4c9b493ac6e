"""What becomes of orders that were made from invoices: both ways in turn, changes, a lost state."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState, Reason
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal
from tests.kits.reversing import ByHand, back, both_ways, made_of, orders, rehearsal_of

pytestmark = pytest.mark.parametrize("to", ["xero", "qbo"])


@pytest.fixture
def r(tmp_path: Path, to: str) -> Rehearsal:
    return rehearsal_of(tmp_path, to)


@pytest.fixture
def hand(r: Rehearsal) -> ByHand:
    return ByHand(r)


def test_neither_way_sends_back_what_the_other_has_sent(tmp_path: Path, to: str) -> None:
    r = rehearsal_of(tmp_path, to, **{"sync.mode": "invoices-and-payments"})
    hand = ByHand(r)
    jo = hand.contact("Jo Hand", email="jo@example.com", first="Jo", last="Hand")
    books: Any = r.qbo if to == "qbo" else r.xero
    before = len(books.invoices)
    for turn in range(10):
        order = r.order(Item("PRODUCT", f"{20 + turn}.00", name="Candle"))
        r.keap.add_payment(order_id=order, amount=f"{20 + turn}.00")
        hand.invoice(jo, ("By hand", "1", f"{50 + turn}.00"))
        both_ways(r)
        r.ticker.pass_time(3600)
        assert len(r.keap.orders) == len(books.invoices) - before == 2 * (turn + 1)
    result = both_ways(r)
    assert result.documents == []
    assert len(orders(r)) == 10
    assert result.exit_code == 0


def test_with_the_other_way_off_only_this_one_works(tmp_path: Path, to: str) -> None:
    r = rehearsal_of(tmp_path, to, **{"sync.mode": "off", "sync.start": "2026-12-24"})
    hand = ByHand(r)
    r.order()
    invoice = hand.invoice(hand.contact("Jo", email="jo@example.com"), ("Candle", "1", "10.00"))
    books: Any = r.qbo if to == "qbo" else r.xero
    before = len(books.invoices)

    both_ways(r)
    both_ways(r)

    assert len(made_of(r, invoice)) == 1
    assert len(books.invoices) == before
    assert len(r.keap.orders) == 2


@pytest.mark.parametrize("mode", ["off", "invoices"])
def test_what_is_voided_or_changed_afterwards_is_reported_once(
    tmp_path: Path, to: str, mode: str
) -> None:
    r = rehearsal_of(tmp_path, to, **{"sync.mode": mode})
    hand = ByHand(r)
    jo = hand.contact("Jo", email="jo@example.com")
    voided, changed = (hand.invoice(jo, ("Candle", "1", price)) for price in ("10.00", "20.00"))
    both_ways(r)
    r.ticker.pass_time(3600)
    hand.void(voided)
    hand.change(changed, "30.00")

    found = {item.ledger_id: item for item in both_ways(r).documents}

    assert {item.reason for item in found.values()} == {Reason.CHANGED_AFTER_SYNC}
    assert set(found) == {voided, changed}
    assert "recreate" not in found[voided].hint
    assert "was 24.00 GBP, is 3" in found[changed].message
    r.ticker.pass_time(3600)
    again = both_ways(r)
    assert [
        item
        for item in again.documents
        if item.message not in {one.message for one in found.values()}
    ] == []
    assert len(r.keap.orders) == 2


def test_a_lost_state_makes_nothing_again(tmp_path: Path, to: str) -> None:
    r = rehearsal_of(tmp_path, to)
    hand = ByHand(r)
    wanted = hand.mixed()
    r.order()
    both_ways(r)
    books: Any = r.qbo if to == "qbo" else r.xero
    before = (len(r.keap.orders), len(r.keap.contacts), len(books.invoices))
    (tmp_path / "state.sqlite3").unlink()
    if to == "qbo":
        r._sign_in()

    back(r)
    both_ways(r)

    assert (len(r.keap.orders), len(r.keap.contacts), len(books.invoices)) == before
    assert all(len(made_of(r, invoice)) == 1 for invoice in wanted)


def test_named_orders_are_not_sent_back_either(r: Rehearsal, hand: ByHand) -> None:
    invoice = hand.invoice(hand.contact("Jo", email="jo@example.com"), ("Candle", "1", "10.00"))
    back(r)
    (order,) = made_of(r, invoice)
    hand.void(invoice)
    books: Any = r.qbo if r.to == "qbo" else r.xero
    before = len(books.invoices)

    for options in ({}, {"recreate": True}):
        r.sync(command="sync-id", ids=(order.id,), by="order", **options)
    r.sync(from_start=True)

    assert len(books.invoices) == before


def test_money_that_keap_has_on_such_an_order_goes_onto_its_invoice(
    tmp_path: Path, to: str
) -> None:
    r = rehearsal_of(tmp_path, to, **{"sync.mode": "invoices-and-payments"})
    hand = ByHand(r)
    invoice = hand.invoice(hand.contact("Jo", email="jo@example.com"), ("Candle", "1", "10.00"))
    both_ways(r)
    (order,) = made_of(r, invoice)
    r.keap.add_payment(order_id=order.id, amount="12.00")
    books: Any = r.qbo if to == "qbo" else r.xero

    both_ways(r)
    both_ways(r)

    paid = books.invoices[invoice]
    assert (paid.balance if to == "qbo" else paid.amount_due) == 0
    assert len(books.payments) == 1


def test_a_total_that_keap_makes_otherwise_is_held_and_not_sent_back(
    r: Rehearsal, hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = r.keap.add_order
    monkeypatch.setattr(r.keap, "add_order", lambda **more: enter(**more, total=Decimal("12.01")))
    invoice = hand.invoice(hand.contact("Jo", email="jo@example.com"), ("Candle", "1", "10.00"))

    (held,) = back(r).documents

    assert (held.state, held.reason) == (DocumentState.HELD, Reason.TOTALS_DIFFER)
    assert "12.01" in held.message
    assert "12.00" in held.message
    (order,) = made_of(r, invoice)
    r.keap.edit_order(order.id, total="12.00")
    r.ticker.pass_time(3600)
    books: Any = r.qbo if r.to == "qbo" else r.xero
    before = len(books.invoices)
    result = both_ways(r)
    assert result.exit_code == 0
    assert len(books.invoices) == before
