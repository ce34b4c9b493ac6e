"""Two machines make orders of the same invoices at the same minute: what is twice in Keap is held
by one of them until somebody has deleted it there, and none of it ever goes to the ledger."""

from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync import Result
from tests.kits.faults import between
from tests.kits.machines import second_machine, together
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.reversing import ByHand, back, both_ways, orders, rehearsal_of

HOUR = 3600


@pytest.fixture(params=["xero", "qbo"])
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A machine that has carried an invoice to Keap before."""
    r = rehearsal_of(tmp_path / "one", request.param)
    hand = ByHand(r)
    hand.invoice(hand.contact("Jane Doe", email="jane@example.com"), ("First", "1", "10.00"))
    assert back(r).exit_code == 0
    return r


@pytest.fixture
def other(one: Rehearsal, tmp_path: Path) -> Rehearsal:
    """A second machine, and a new invoice that neither has seen."""
    made = second_machine(one, tmp_path / "other")
    one.ticker.pass_time(HOUR)
    hand = ByHand(one)
    contacts = one.qbo.customers if one.to == "qbo" else one.xero.contacts
    jane = next(row.id for row in contacts.values() if row.name == "Jane Doe")
    hand.invoice(jane, ("Second", "1", "25.00"), number="HAND-2")
    return made


def late(one: Rehearsal, other: Rehearsal) -> Result:
    """The run of `one`, with that of `other` right before its order is made."""
    place = between(one)["keap"]

    def beforehand(request: object) -> None:
        if getattr(request, "method", "") == "POST":
            place.beforehand = lambda _: None
            assert back(other).exit_code == 0

    place.beforehand = beforehand
    return back(one)


def twins(r: Rehearsal) -> list[int]:
    """The orders in Keap that were made of the second invoice, oldest first."""
    made = (order for order in r.keap.orders.values() if "HAND-2" in str(order.notes))
    return sorted(int(order.id) for order in made)


def test_the_later_order_is_held_until_it_is_deleted(one: Rehearsal, other: Rehearsal) -> None:
    result = late(one, other)

    first, second = twins(one)
    held = only(result)
    assert (held.state, held.reason, held.order_id) == ("held", "ambiguous", str(second))
    assert f"order {first}" in held.message
    assert f"Delete order {second} in Keap" in held.hint
    one.ticker.pass_time(HOUR)
    assert both_ways(other).exit_code == 0
    again = both_ways(one)
    assert (again.exit_code, again.counts(DocumentKind.INVOICE)["created"]) == (3, 0)
    one.keap.delete_order(second)
    one.ticker.pass_time(HOUR)

    after = both_ways(one)

    assert after.exit_code == 0, list(after.documents)
    with one.state() as state:
        (kept,) = state.records_at([held.ledger_id])
        assert (kept.key, kept.state) == (str(first), "skipped")
        assert not state.journal.unread(orders=True)
    assert back(one).documents == []
    # The other machine, which has met both, does not advise to void the invoice.
    other.ticker.pass_time(8 * 24 * HOUR)
    assert both_ways(other).exit_code == 0


def test_where_the_older_one_is_deleted_the_other_one_counts(
    one: Rehearsal, other: Rehearsal
) -> None:
    held = only(late(one, other))
    one.keap.delete_order(twins(one)[0])
    one.ticker.pass_time(HOUR)

    result = both_ways(one)

    assert result.exit_code == 0, list(result.documents)
    with one.state() as state:
        record = state.record(held.kind, held.order_id)
        assert record is not None
        assert (record.state, record.document.reason) == ("created", "")


@pytest.mark.parametrize("seed", range(4))
def test_whoever_comes_first_exactly_one_of_two_is_held(
    one: Rehearsal, other: Rehearsal, seed: int
) -> None:
    codes = together([one, other], seed, back)

    made = len(twins(one))
    assert sorted(codes) == [0, 3 if made == 2 else 0]
    ledger = len((one.qbo if one.to == "qbo" else one.xero).invoices)
    for machine in (one, other):
        machine.ticker.pass_time(HOUR)
        both_ways(machine)
    # None of them has gone to the ledger, and no machine has made a third.
    assert len((one.qbo if one.to == "qbo" else one.xero).invoices) == ledger
    assert len(twins(one)) == made
    assert len(orders(one)) == 2
