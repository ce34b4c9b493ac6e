"""R12 in QuickBooks where more has changed since the last run than its list of changes holds.

Some documents were sent in a first run; others a day later, and these alone fill the list. Another
day later somebody changes, voids or deletes one of either.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import marks
from invoicesync_cli.sync.adoption import SEEN
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.qbo.screens import sale
from tests.kits.crowded import (
    DAY,
    HANDS,
    HOLDS,
    Hand,
    by_id,
    crowded,
    deleted,
    edited,
    fill,
    name,
    paid,
    payment_deleted,
    short_list,
    voided,
)
from tests.kits.qbo_faults import everything, quickbooks, snapshot


@pytest.fixture(autouse=True)
def _short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    short_list(monkeypatch)


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__)
@pytest.mark.parametrize("age", ["old", "young"])
def test_whatever_is_done_in_quickbooks_is_noticed_once(
    tmp_path: Path, hand: Hand, age: str
) -> None:
    c = crowded(tmp_path)
    done = hand(c, age)

    said, _ = c.look()

    assert said == {name(done)}


@pytest.mark.parametrize("hand", [None, edited, voided])
def test_as_long_as_nothing_is_gone_a_run_costs_the_same_whatever_lies_behind_it(
    tmp_path: Path, hand: Hand | None
) -> None:
    """It reads what was written since the last run, and nothing of what was sent earlier."""
    made = []
    for behind in (0, 40):
        c = crowded(tmp_path / str(behind), behind)
        sent = {record.document.ledger_id for record in c.sent()}
        if hand:
            sent -= {hand(c, "old").document.ledger_id}
        made.append(c.look()[1])

        assert not [ident for ident in sent if f"'{ident}'" in by_id(made[-1])]

    assert len(made[0]) == len(made[1]) <= 8


@pytest.mark.parametrize("hand", [edited, deleted, payment_deleted])
def test_where_it_cannot_be_counted_everything_is_looked_up_by_its_id(
    tmp_path: Path, hand: Hand
) -> None:
    c = crowded(tmp_path, switches=QboSwitches(creation_queried=False))
    done = hand(c, "old")

    said, made = c.look()

    assert said == {name(done)}
    invoices = (item for item in c.sent() if item.kind is DocumentKind.INVOICE and item != done)
    assert all(f"'{item.document.ledger_id}'" in by_id(made) for item in invoices)


@pytest.mark.parametrize("forgotten", [{marks.MARK}, {marks.MARK, marks.SETTLED}])
def test_state_that_has_no_mark_yet_is_looked_up_by_its_ids(
    tmp_path: Path, forgotten: set[str]
) -> None:
    """Such as one that an older version has written."""
    c = crowded(tmp_path)
    with c.r.state() as state:
        for fact in forgotten:
            state.set_meta(fact, "")
    done = deleted(c, "old")

    assert c.look()[0] == {name(done)}


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__)
def test_run_that_ends_right_after_its_look_leaves_the_next_one_enough(
    tmp_path: Path, hand: Hand
) -> None:
    """The list is full both times."""
    c = crowded(tmp_path)
    with c.r.state() as state:
        was = state.get_meta(SEEN)
    c.r.keap.fail(status=500, path="/orders", times=50)
    with pytest.raises(TryLater):
        c.r.sync()
    c.r.keap.faults.clear()
    with c.r.state() as state:
        assert state.get_meta(SEEN) > was
    fill(c.r)
    done = {name(hand(c, age)) for age in ("old", "young")}

    assert c.look()[0] == done


def test_look_that_breaks_off_is_made_again(tmp_path: Path) -> None:
    """What it had found by then is on record, and the rest is found."""
    c = crowded(tmp_path)
    done = {name(edited(c, "old")), name(deleted(c, "young"))}
    handle = c.r.qbo.handle

    def breaking(request: Request) -> Response:
        if b" where Id IN (" in request.get_data():
            return Response("", 500)
        return handle(request)

    c.r.qbo.handle = breaking  # type: ignore[method-assign]
    with pytest.raises(TryLater) as ended:
        c.r.sync()
    c.r.qbo.handle = handle  # type: ignore[method-assign]

    documents: Any = ended.value.partial["documents"]
    assert len(list(documents)) == 1
    assert len(c.look()[0]) == 1
    with c.r.state() as state:
        held = state.records_in(DocumentKind.INVOICE, DocumentState.HELD)
    assert {name(record) for record in held} == done


def test_what_is_deleted_while_a_run_looks_is_noticed_by_the_next_one(tmp_path: Path) -> None:
    """Right after QuickBooks has said what has changed."""
    c = crowded(tmp_path)
    c.look()
    c.r.ticker.pass_time(DAY)
    handle, done = c.r.qbo.handle, list[str]()

    def meanwhile(request: Request) -> Response:
        response = handle(request)
        if request.path.endswith("/cdc") and not done:
            done.append(name(deleted(c, "old")))
        return response

    c.r.qbo.handle = meanwhile  # type: ignore[method-assign]
    c.r.sync()
    c.r.ticker.pass_time(DAY)
    fill(c.r)

    assert c.look()[0] == set(done)


def test_so_many_gone_of_what_was_sent_lately_is_no_reason_to_doubt_the_ledger(
    tmp_path: Path,
) -> None:
    """As when somebody takes back a whole run by hand."""
    c = crowded(tmp_path, 40)
    lately = sorted(c.r.qbo.invoices.values(), key=lambda row: row.created)[-HOLDS:]
    for invoice in lately:
        for payment in c.r.qbo.invoices[invoice.id].links:
            c.r.qbo.delete_payment(payment)
        c.r.qbo.delete_invoice(invoice.id)

    said, _ = c.look()

    assert sum(one.startswith("invoice") for one in said) == HOLDS


def test_older_copy_of_the_state_learns_of_everything_that_it_does_not_know(
    tmp_path: Path,
) -> None:
    r = quickbooks(tmp_path)
    everything(r)
    r.sync()
    r.ticker.pass_time(DAY)
    r.sync()
    older = (tmp_path / "state.sqlite3").read_bytes()
    everything(r)
    paid(r, HOLDS)
    r.sync()
    r.ticker.pass_time(DAY)
    (tmp_path / "state.sqlite3").write_bytes(older)

    before = snapshot(r)

    r.sync()
    r.sync()

    assert snapshot(r) == before


def test_document_that_was_found_by_its_marker_and_is_gone_is_not_taken_for_the_order_s(
    tmp_path: Path,
) -> None:
    """It was another machine's; here its order comes up only later."""
    c = crowded(tmp_path)
    c.look()
    person = c.r.person()
    for _ in range(2):
        c.r.order(contact=person)
        c.r.sync()
        c.r.ticker.pass_time(3600)
    customer = list(c.r.qbo.customers)[-1]
    line = sale("100.00", tax_code=next(iter(c.r.qbo.tax_codes)))
    other = c.r.qbo.enter_invoice(customer, [line], PrivateNote="Keap order 5000, invoice 5000")
    c.r.ticker.pass_time(DAY)
    c.r.sync()
    fill(c.r)
    c.r.qbo.delete_invoice(other)
    order = c.r.order(contact=person, id=5000)

    document = next(item for item in c.r.sync().documents if item.order_id == order)

    assert document.state is DocumentState.CREATED
    assert c.r.qbo.invoices[document.ledger_id].status == "live"


def test_clock_of_this_machine_that_is_wrong_makes_no_mark_too_early(tmp_path: Path) -> None:
    """QuickBooks may still be at work on what it dates back."""
    r = quickbooks(tmp_path)
    everything(r)
    r.sync()
    r.ticker.pass_time(60)
    with r.clock_ahead(timedelta(hours=1)):
        r.sync()
    with r.state() as state:
        assert state.get_meta(marks.MARK) == ""

    r.ticker.pass_time(600)
    r.sync()
    with r.state() as state:
        assert state.get_meta(marks.MARK)


def test_longer_ago_than_the_list_reaches_is_read_on_likewise(tmp_path: Path) -> None:
    c = crowded(tmp_path, 40)
    c.r.ticker.pass_time(40 * DAY)
    done = name(edited(c, "old"))

    said, made = c.look()

    assert said == {done}
    assert len(made) <= 8
