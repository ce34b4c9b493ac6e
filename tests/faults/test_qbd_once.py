"""QuickBooks Desktop: whatever becomes of a message or its answer, everything is booked once.

Every message that writes, with every message and answer held against Intuit's schema; the crash
matrix has what comes after it, and further switches.
"""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState, Reason
from invoicesync_sandbox.qbd import QbdSwitches
from tests.kits.qbd_shop import check_messages, content, desktop, everything, run
from tests.kits.rehearsal import Rehearsal


def undisturbed(home: Path) -> tuple[Any, int]:
    """The books of a run that nothing happens to, and how many messages wrote them."""
    rehearsal = desktop(home)
    everything(rehearsal)
    rehearsal.sync()
    assert all(one.state is DocumentState.CREATED for one in rehearsal.sync().documents)
    return content(rehearsal), len(rehearsal.qbd.writes_sent())


WRITES = 6
"""Messages that write in such a run: customers, the item, invoices, credit memos, the
allocation, payments and pay-outs."""
SWITCHES = {
    "all is remembered": QbdSwitches(),
    "only the last, and no half": QbdSwitches(
        message_sets_kept=1, half_done="forgotten", unknown_query_stores=True
    ),
}


def settled(rehearsal: Rehearsal) -> Any:
    """The books once a run has gone through, and another has sent nothing."""
    for _ in range(4):
        if not isinstance(run(rehearsal), InvoiceSyncError):
            break
    rehearsal.sync()
    before = len(rehearsal.qbd.writes_sent())
    rehearsal.sync()
    assert len(rehearsal.qbd.writes_sent()) == before
    with rehearsal.state() as state:
        assert state.journal.open() == []
    check_messages(rehearsal)
    return content(rehearsal)


def test_every_kind_of_write_is_a_message(tmp_path: Path) -> None:
    _, writes = undisturbed(tmp_path)
    assert writes == WRITES


@pytest.mark.parametrize("switches", SWITCHES.values(), ids=SWITCHES)
@pytest.mark.parametrize("kind", ["drop", "lose"])
def test_a_lost_message_or_answer_doubles_and_loses_nothing(
    tmp_path: Path, kind: Any, switches: QbdSwitches
) -> None:
    wanted, _ = undisturbed(tmp_path / "as-it-should")
    for after in range(WRITES):
        rehearsal = desktop(tmp_path / f"after-{after}", switches)
        everything(rehearsal)
        rehearsal.qbd.break_down(kind, after=after)
        run(rehearsal)
        assert settled(rehearsal) == wanted, after


@pytest.mark.parametrize("switches", SWITCHES.values(), ids=SWITCHES)
def test_quickbooks_that_dies_doubles_and_loses_nothing(
    tmp_path: Path, switches: QbdSwitches
) -> None:
    wanted, _ = undisturbed(tmp_path / "as-it-should")
    for after in range(WRITES):
        for done in (0, 2):
            rehearsal = desktop(tmp_path / f"{after}-{done}", switches)
            everything(rehearsal)
            rehearsal.qbd.break_down("die", after=after, done=done)
            run(rehearsal)
            assert settled(rehearsal) == wanted, (after, done)


@pytest.mark.parametrize("done", [False, True])
def test_a_worker_that_ends_leaves_the_outcome_open(tmp_path: Path, done: bool) -> None:
    wanted, _ = undisturbed(tmp_path / "as-it-should")
    for after in range(1, 14, 3):
        rehearsal = desktop(tmp_path / f"after-{after}")
        everything(rehearsal)
        rehearsal.qbd.fail_worker("exit", done=done, after=after)
        run(rehearsal)
        assert settled(rehearsal) == wanted, after


@pytest.mark.parametrize("half_done", ["stored", "not-processed", "forgotten"])
def test_of_a_batch_of_twenty_that_broke_off_after_seven_thirteen_are_sent(
    tmp_path: Path, half_done: Any
) -> None:
    rehearsal = desktop(tmp_path, QbdSwitches(half_done=half_done), **{"sync.mode": "invoices"})
    person = rehearsal.person()
    for _ in range(20):
        rehearsal.order(contact=person)
    rehearsal.qbd.break_down("die", after=1, done=7)

    with pytest.raises(TryLater):
        rehearsal.sync()
    rehearsal.qbd.start()
    before = len(rehearsal.qbd.writes_sent())
    assert len([row for row in rehearsal.qbd.invoices.values() if row.memo.startswith("Keap")]) == 7
    rehearsal.sync()

    sent = [one.xml.count("<InvoiceAddRq") for one in rehearsal.qbd.writes_sent()[before:]]
    assert sent == [13]
    ours = [row.memo for row in rehearsal.qbd.invoices.values() if row.memo.startswith("Keap")]
    assert len(ours) == len(set(ours)) == 20


@pytest.mark.parametrize("unstored", ["done", "not-done"])
def test_a_message_that_cannot_be_remembered_is_looked_for(tmp_path: Path, unstored: Any) -> None:
    """9005: what is found is booked, the rest is held and goes out with the next run."""
    rehearsal = desktop(tmp_path, QbdSwitches(unstored=unstored), **{"sync.mode": "invoices"})
    rehearsal.order()
    rehearsal.sync()
    order = rehearsal.order()
    rehearsal.qbd.message_sets("invoicesync").unstorable = 99

    result = rehearsal.sync()

    (document,) = [one for one in result.documents if one.order_id == order]
    assert document.reason in {Reason.NONE, Reason.OUTCOME_UNKNOWN}
    if unstored == "not-done":
        assert document.reason is Reason.OUTCOME_UNKNOWN
    rehearsal.qbd.message_sets("invoicesync").unstorable = 0
    rehearsal.sync()
    ours = [
        row
        for row in rehearsal.qbd.invoices.values()
        if row.memo.startswith(f"Keap order {order},")
    ]
    assert len(ours) == 1


def test_one_unreadable_element_does_not_spoil_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0x80040400 names no element: it is found by halving, under fresh ids."""
    rehearsal = desktop(tmp_path, **{"sync.mode": "invoices"})
    orders = [rehearsal.order() for _ in range(7)]
    spoilt = f"Keap order {orders[4]},"
    honest = rehearsal.qbd.request

    def strict(ticket: str, xml: str) -> str:
        return honest(ticket, xml.replace(spoilt, "<b/>") if "InvoiceAddRq" in xml else xml)

    monkeypatch.setattr(rehearsal.qbd, "request", strict)
    result = rehearsal.sync()

    states = {
        one.order_id: one.state for one in result.documents if one.kind is DocumentKind.INVOICE
    }
    assert states.pop(orders[4]) is DocumentState.FAILED
    assert set(states.values()) == {DocumentState.CREATED}
    sent = [one.xml for one in rehearsal.qbd.exchanges if "<InvoiceAddRq" in one.xml]
    keys = [xml.partition('newMessageSetID="')[2].partition('"')[0] for xml in sent]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 23 for key in keys)


def test_what_somebody_has_open_is_tried_again_and_then_waits(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"sync.mode": "invoices"})
    person = rehearsal.person()
    rehearsal.order(contact=person)
    rehearsal.sync()
    order = rehearsal.order(contact=person)
    customer = next(row.id for row in rehearsal.qbd.customers.values() if row.kept.get("Notes"))
    rehearsal.qbd.lock_row(customer, 99)

    (held,) = [one for one in rehearsal.sync().documents if one.order_id == order]

    assert (held.state, held.reason) == (DocumentState.WAITING, Reason.LEDGER_BUSY)
    rehearsal.qbd.lock_row(customer, 2)
    (made,) = [one for one in rehearsal.sync().documents if one.order_id == order]
    assert made.state is DocumentState.CREATED
