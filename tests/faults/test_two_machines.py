"""Two machines keep the same books at the same minute: whatever was sent twice is there once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.doctor import Finding, examine
from invoicesync_cli.errors import Interrupted
from invoicesync_cli.model import DocumentState
from invoicesync_cli.paths import locate
from invoicesync_cli.progress import SILENT
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import Result
from tests.kits.bookkeepers import LEDGERS, Books, living, wanted
from tests.kits.bookkeeping import Moved
from tests.kits.faults import Between, attempt, between
from tests.kits.lost_state import CANDLE
from tests.kits.machines import second_machine, together
from tests.kits.rehearsal import Rehearsal

HOUR = 3600
TWICE = "qbo, which takes a number twice"


@pytest.fixture(params=[*LEDGERS, TWICE])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    """Each ledger, with everything approved."""
    name = request.param.partition(",")[0]
    found = LEDGERS[name](tmp_path / "one", "authorised" if name == "xero" else "invoice")
    found.shop.qbo.set_preferences(warn_duplicate_numbers=request.param != TWICE)
    return found


def orders(r: Rehearsal) -> list[str]:
    return [r.order(CANDLE) for _ in range(4)]


def pay(r: Rehearsal, entered: list[str]) -> None:
    """Money of every kind: parts, a credit, a whole payment with its refund."""
    parts, credited, refunded, whole = entered
    for amount in ("25.00", "25.00", "10.00"):
        r.keap.add_payment(order_id=parts, amount=amount)
    r.keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    r.keap.add_refund(r.keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")
    r.keap.add_payment(order_id=whole, amount="100.00")


def agree(books: Books, *machines: Rehearsal) -> None:
    """Everything is there once and where it belongs, and no machine has anything left to do."""
    for machine in machines:
        machine.ticker.pass_time(HOUR)
        result = machine.sync()
        assert result.exit_code == 0, list(result.documents)
    assert living(books) == wanted(machines[0])
    assert all(item.whole for item in books.moved() if item.alive)


@pytest.mark.parametrize("seed", range(6))
def test_money_that_both_send_at_the_same_minute_is_booked_once(
    books: Books, tmp_path: Path, seed: int
) -> None:
    one = books.shop
    entered = orders(one)
    one.sync()
    other = second_machine(one, tmp_path / "other")
    one.ticker.pass_time(HOUR)
    pay(one, entered)

    together([one, other], seed)

    assert living(books) == wanted(one)
    agree(books, one, other)


@pytest.mark.parametrize("seed", range(6))
def test_orders_that_both_send_at_the_same_minute_are_booked_once(
    books: Books, tmp_path: Path, seed: int
) -> None:
    one = books.shop
    one.order(CANDLE)
    one.sync()
    other = second_machine(one, tmp_path / "other")
    one.ticker.pass_time(HOUR)
    pay(one, orders(one))

    together([one, other], seed)

    assert all(count == 1 for count in living(books).values())
    agree(books, one, other)


def at(
    place: Between,
    write: tuple[str, str],
    before: Callable[[], object],
    after: Callable[[], object] = lambda: None,
) -> list[Request]:
    """Have something happen right before a machine's first write of a kind, and right before its
    next request; the two requests, once they have come."""
    path, text = write
    seen: list[Request] = []

    def beforehand(request: Request) -> None:
        if len(seen) == 1:
            seen.append(request)
            after()
        writes = request.method != "GET" and path in request.path
        if not seen and writes and re.search(text, request.get_data(as_text=True)):
            seen.append(request)
            before()

    place.beforehand = beforehand
    return seen


def killed() -> None:
    """The process ends."""
    raise KeyboardInterrupt


def test_credits_do_not_go_onto_invoices_that_give_way(books: Books, tmp_path: Path) -> None:
    """One machine ends when its invoices are there, and goes on when the other, which has sent the
    same invoices after it, has sent a credit and a refund: these stay."""
    one = books.shop
    one.order(CANDLE)
    one.sync()
    other = second_machine(one, tmp_path / "other")
    one.ticker.pass_time(HOUR)
    pay(one, orders(one))
    mine, theirs = between(one)[books.to], between(other)[books.to]
    went_on: list[Result] = []

    def first() -> None:
        at(theirs, books.writes["invoice"], lambda: None, killed)
        assert isinstance(attempt(other), Interrupted)
        theirs.beforehand = lambda _: None
        at(mine, books.writes["refund"], lambda: None, lambda: went_on.append(other.sync()))

    at(mine, books.writes["invoice"], first)
    attempt(one)
    mine.beforehand = lambda _: None

    assert went_on
    assert living(books) == wanted(one)
    agree(books, one, other)


@dataclass
class Late:
    """A part payment that this machine is about to send while another books it, after this one has
    seen for the last time that it is not there. `afterwards` is what happens before the next
    request to the ledger."""

    one: Rehearsal
    other: Rehearsal
    books: Books
    afterwards: Callable[[], None] = lambda: None

    def sync(self) -> Result | BaseException:
        """The run of this machine, with the other's in the middle of it."""
        place = between(self.one)[self.books.to]
        seen = at(place, self.books.writes["payment"], self.other.sync, self.afterwards)
        ended = attempt(self.one)
        place.beforehand = lambda _: None
        assert seen
        return ended


@pytest.fixture
def late(books: Books, tmp_path: Path) -> Late:
    """A part payment on an invoice that both machines know."""
    one = books.shop
    order = one.order(CANDLE)
    one.sync()
    other = second_machine(one, tmp_path / "other")
    one.ticker.pass_time(HOUR)
    one.keap.add_payment(order_id=order, amount="25.00")
    return Late(one, other, books)


def payments(books: Books) -> list[Moved]:
    return sorted((item for item in books.moved() if item.alive), key=lambda item: item.id)


def test_the_later_machine_takes_its_own_back(late: Late) -> None:
    result = late.sync()

    (left,) = payments(late.books)
    assert isinstance(result, Result)
    (told,) = result.documents
    assert (told.state, told.reason) == ("skipped", "duplicate-payment")
    assert told.ledger_id == left.id
    assert "taken back" in told.message
    assert record(late.other).document.ledger_id == left.id
    agree(late.books, late.one, late.other)


def test_what_cannot_be_taken_back_is_held_until_one_is_left(late: Late) -> None:
    """Somebody has matched it with the bank at once."""

    def reconcile() -> None:
        theirs = record(late.other).document.ledger_id
        (mine,) = [item.id for item in payments(late.books) if item.id != theirs]
        late.books.reconcile(mine)

    late.afterwards = reconcile

    result = late.sync()

    theirs, held = record(late.other).document.ledger_id, record(late.one).document
    assert isinstance(result, Result)
    assert (held.state, held.reason, result.exit_code) == ("held", "ambiguous", 3)
    assert held.ledger_id != theirs
    assert "twice" in held.message
    late.one.ticker.pass_time(HOUR)
    assert late.one.sync().exit_code == 3
    (too_many,) = [item for item in payments(late.books) if item.id == theirs]
    late.books.end_money(too_many, by_void=True)
    late.one.ticker.pass_time(HOUR)

    after = late.one.sync()

    assert after.exit_code == 0, list(after.documents)
    assert record(late.one).state is DocumentState.CREATED
    assert [item.id for item in payments(late.books)] == [held.ledger_id]


def test_what_a_killed_run_did_not_read_back_the_next_one_does(late: Late) -> None:
    late.afterwards = killed
    assert isinstance(late.sync(), Interrupted)
    assert len(payments(late.books)) == 2
    late.one.ticker.pass_time(HOUR)

    late.one.sync()

    (left,) = payments(late.books)
    assert record(late.other).document.ledger_id == left.id
    agree(late.books, late.one, late.other)


def test_doctor_says_that_another_machine_carries_the_same_orders(late: Late) -> None:
    assert "other-runs" not in findings(late.one)

    late.sync()

    found = findings(late.one)["other-runs"]
    assert found.level == "warning"
    assert "Let one machine run only" in found.hint


def test_a_run_with_nothing_new_reads_nothing_back(books: Books) -> None:
    pay(books.shop, orders(books.shop))
    books.shop.sync()

    again = books.shop.sync()

    with books.shop.state() as state:
        assert not state.journal.unread()
    assert again.calls["keap"] + again.calls["ledger"] <= 8


def record(r: Rehearsal) -> Record:
    """What a machine knows of the payment."""
    with r.state() as state:
        (found,) = state.payment_records(["1"])
    return found


def findings(r: Rehearsal) -> dict[str, Finding]:
    """What `doctor` finds, by code."""
    found = examine(locate(environ=r.environ), r.network, r.environ, SILENT).findings
    return {finding.code: finding for finding in found}
