"""A row of the ledger's list of changes makes no sense: it spoils that document, not the look.

What has an id all the same is looked up by it where it is ours; what has none may be any document.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind, Reason
from invoicesync_sandbox.base import Call
from tests.kits.elsewhere import Elsewhere
from tests.kits.lost_state import CANDLE, books, copied, ledger, lose_state, restored, void
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_rows import Spoilt

BEHIND = 45
"""Orders that were booked long ago: more than Xero is asked for at once."""


def theirs(r: Rehearsal) -> str:
    """The id of an invoice that somebody enters."""
    books = Elsewhere(r)
    return books.invoice(books.contact("Somebody"), "X-77", "10.00", r.clock.now().date())


def ours(r: Rehearsal, order: str) -> str:
    """The id of an order's invoice."""
    with r.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
    assert record
    return record.document.ledger_id


def booked(r: Rehearsal, count: int) -> list[str]:
    """So many orders that were booked some days ago, the last one when its buyer was known, so that
    everything with a marker has been looked for; nothing has changed since the last run."""
    orders, person = list[str](), r.person()
    for part in (count - 1, 1, 0):
        orders += [r.order(CANDLE, contact=person) for _ in range(part)]
        r.sync()
        r.ticker.pass_time(86400)
    return orders


def quiet(r: Rehearsal) -> Sequence[Call]:
    """The calls of a run that has nothing to report."""
    before = len(ledger(r).calls)
    assert r.sync().documents == []
    calls: Sequence[Call] = ledger(r).calls[before:]
    return calls


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_row_of_somebody_else_costs_no_call(tmp_path: Path, to: str) -> None:
    calls = []
    for spoilt in (False, True):
        r = Rehearsal(tmp_path / str(spoilt), to=to)
        booked(r, BEHIND)
        ident = theirs(r)
        if spoilt:
            rows = Spoilt(r, ident)
        calls.append([(call.method, call.path) for call in quiet(r)])

    assert rows.rows
    assert calls[0] == calls[1]


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_row_of_ours_is_looked_up_and_nothing_else_is(tmp_path: Path, to: str) -> None:
    r = Rehearsal(tmp_path, to=to)
    order, *others = booked(r, BEHIND)
    Elsewhere(r).edit(ours(r, order), number="S-77")
    Spoilt(r, ours(r, order))

    asked = " ".join(call.query + call.body.decode() for call in quiet(r))

    assert ours(r, order) in asked
    named = "'{}'" if to == "qbo" else "{}"
    assert not [other for other in others if named.format(ours(r, other)) in asked]


@pytest.mark.parametrize("to", ["xero", "qbo"])
@pytest.mark.parametrize("id_too", [False, True])
def test_change_is_reported_though_its_row_makes_no_sense(
    tmp_path: Path, to: str, id_too: bool
) -> None:
    r = Rehearsal(tmp_path, to=to)
    order, *_ = booked(r, 3)
    void(r, ours(r, order))
    rows = Spoilt(r, ours(r, order), id_too=id_too)

    said = r.sync().documents

    assert rows.rows
    assert [(item.order_id, item.reason) for item in said] == [(order, Reason.CHANGED_AFTER_SYNC)]


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_payment_that_was_deleted_is_reported_though_the_one_beside_it_makes_no_sense(
    tmp_path: Path, to: str
) -> None:
    r = Rehearsal(tmp_path, to=to, **{"sync.mode": "invoices-and-payments"})
    order = r.order(CANDLE)
    paid = [r.keap.add_payment(order_id=order, amount="50.00").id for _ in range(2)]
    booked(r, 2)
    with r.state() as state:
        kept, gone = (item.document.ledger_id for item in state.payment_records(paid))
    ledger(r).delete_payment(gone)
    if to == "qbo":
        r.qbo.edit(kept, PrivateNote=r.qbo.payments[kept].private_note)
    rows = Spoilt(r, kept)

    said = r.sync().documents

    assert rows.rows
    assert [(item.ledger_id, item.reason) for item in said] == [(gone, Reason.CHANGED_AFTER_SYNC)]


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_what_an_older_copy_of_the_state_does_not_know_is_not_made_again(
    tmp_path: Path, to: str
) -> None:
    """By its row nobody knows it, and by its number neither."""
    r = Rehearsal(tmp_path, to=to)
    booked(r, 2)
    backup = copied(r, tmp_path / "backup")
    order = r.order(CANDLE)
    r.sync()
    before = books(r)
    ident = ours(r, order)
    lose_state(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})
    rows = Spoilt(r, ident)

    r.sync()

    assert rows.rows
    assert books(r) == before
    assert ours(r, order) == ident


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_what_is_voided_before_it_is_taken_up_is_seen_though_its_row_makes_no_sense(
    tmp_path: Path, to: str
) -> None:
    """It had been found by its marker, and its order comes up only later."""
    r = Rehearsal(tmp_path, to=to)
    booked(r, 2)
    ident = theirs(r)
    Elsewhere(r).edit(ident, reference="Keap order 5000, invoice 5000")
    r.sync()
    r.ticker.pass_time(86400)
    void(r, ident)
    rows = Spoilt(r, ident)
    r.order(CANDLE, id=5000)

    (said,) = r.sync().documents

    assert rows.rows
    assert (said.reason, said.ledger_id) == (Reason.CHANGED_AFTER_SYNC, ident)
