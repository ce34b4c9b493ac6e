"""Reading Keap while it fails, moves and forgets: no order is lost and none is seen twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.__main__ import main
from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import scan
from invoicesync_sandbox.keap import Item, KeapSwitches
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import attempt, between, check_booked, documents, failure, sent
from tests.kits.rehearsal import Rehearsal

DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two orders, chunks of three."""
    monkeypatch.setattr(keap_reader, "PAGE", 2)
    monkeypatch.setattr(scan, "CHUNK", 3)


@contextmanager
def meanwhile(rehearsal: Rehearsal, act: Callable[[], object], *, at: int = 1) -> Iterator[None]:
    """Do something once, right after page `at` of the orders was read."""
    seen = 0

    def after(request: Request) -> None:
        nonlocal seen
        if request.path.endswith("/orders"):
            seen += 1
            if seen == at:
                rehearsal.ticker.pass_time(1)
                act()

    place = between(rehearsal)["keap"]
    place.meanwhile = after
    yield
    place.meanwhile = lambda _: None


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("after", range(0, 16, 3))
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "times": 9},
        {"kind": "reply", "status": 503, "times": 9},
        {"kind": "reply", "status": 429, "headers": {"Retry-After": "4000"}},
        {"kind": "reply", "status": 200, "body": "<html><title>Sorry</title></html>"},
        {"kind": "reply", "status": 200, "body": '{"status": "OK"}'},
    ],
    ids=["dropped", "down", "quota", "web page", "something else"],
)
def test_fault_between_pages_loses_no_order(
    tmp_path: Path, after: int, fault: dict[str, Any]
) -> None:
    rehearsal = Rehearsal(tmp_path)
    for _ in range(7):
        rehearsal.order()
    rehearsal.keap.fail(**fault, after=after)
    attempt(rehearsal)
    rehearsal.keap.faults.clear()
    rehearsal.ticker.pass_time(10 * DAY)
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("cursor", ["value", "count"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_order_saved_while_the_changes_are_read_hides_no_other(
    tmp_path: Path, cursor: Any, at: int
) -> None:
    """It moves to the end of the list, and another slips onto a page that was read already."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(cursor=cursor)
    rehearsal.order()
    rehearsal.sync()
    orders = []
    for _ in range(6):
        rehearsal.ticker.pass_time(3 * DAY)
        orders.append(rehearsal.order())
    with meanwhile(rehearsal, lambda: rehearsal.keap.edit_order(orders[0], title="Saved"), at=at):
        rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.usefixtures("small")
def test_order_that_comes_twice_in_one_reading_is_booked_once(tmp_path: Path) -> None:
    """Even if Xero would take a number twice in one batch, which nobody knows."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.switches = XeroSwitches(batch_numbers_checked=False)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.ticker.pass_time(60)
    orders = [rehearsal.order() for _ in range(3)]

    with meanwhile(rehearsal, lambda: rehearsal.keap.edit_order(orders[0], title="Saved")):
        result = rehearsal.sync()

    assert sorted(documents(result)) == orders
    check_booked(rehearsal)


def test_newest_form_of_an_order_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keap_reader, "PAGE", 2)
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.ticker.pass_time(60)
    orders = [rehearsal.order() for _ in range(3)]
    items = [Item("PRODUCT", "7.00", name="Match")]
    with meanwhile(rehearsal, lambda: rehearsal.keap.edit_order(orders[0], items=items)):
        rehearsal.sync()
    assert [row.total for row in sent(rehearsal)[orders[0]]] == [7]


@pytest.mark.usefixtures("small")
def test_many_orders_changed_in_one_second_are_all_read(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.ticker.pass_time(60)
    for _ in range(9):
        rehearsal.order()
    rehearsal.sync()
    check_booked(rehearsal)


def test_time_stamp_from_the_future_hides_no_later_order(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.ticker.pass_time(60)
    strange = rehearsal.order()
    rehearsal.keap.edit_order(strange, modification_time=datetime(2099, 1, 1, tzinfo=UTC))
    rehearsal.sync()
    rehearsal.ticker.pass_time(10 * DAY)
    rehearsal.order()
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("most", [1, 2, 5])
def test_limited_runs_come_to_the_end_without_a_gap(tmp_path: Path, most: int) -> None:
    rehearsal = Rehearsal(tmp_path, **{"sync.max_invoices": most})
    for _ in range(7):
        rehearsal.order()
    sizes = []
    while len(sent(rehearsal)) < 7:
        before = len(sent(rehearsal))
        rehearsal.sync()
        sizes.append(len(sent(rehearsal)) - before)
    assert max(sizes) == most
    assert len(sizes) == -(-7 // most)
    check_booked(rehearsal)


def test_orders_left_by_a_limited_run_are_found_however_late(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    for _ in range(4):
        rehearsal.ticker.pass_time(3 * DAY)
        rehearsal.order()
    rehearsal.configure({"sync.max_invoices": 1})
    rehearsal.sync()
    rehearsal.ticker.pass_time(10 * DAY)
    rehearsal.configure({"sync.max_invoices": 0})
    rehearsal.sync()
    check_booked(rehearsal)


def test_invoice_that_is_refused_in_every_run_does_not_use_up_the_limit(tmp_path: Path) -> None:
    """Its number belongs to somebody else's invoice; the ones behind it have to get through."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.configure({"sync.max_invoices": 1})
    rehearsal.ticker.pass_time(60)
    taken, free = rehearsal.order(), rehearsal.order()
    someone = rehearsal.xero.add_contact("Somebody")
    line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    rehearsal.xero.add_invoice(someone, [line], InvoiceNumber=taken)

    rehearsal.sync()
    rehearsal.sync()

    assert free in sent(rehearsal)
    assert taken not in sent(rehearsal)


def held_orders(rehearsal: Rehearsal, count: int) -> list[str]:
    """Orders that wait for a person: their buyers are not in the ledger."""
    rehearsal.configure({"contacts.when_missing": "hold"})
    orders = [rehearsal.order() for _ in range(count)]
    assert rehearsal.sync().exit_code == ExitCode.NEEDS_PERSON
    return orders


def test_a_deleted_order_is_reported_once_and_nothing_is_sent(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order, *others = held_orders(rehearsal, 3)
    rehearsal.keap.delete_order(order)

    result = rehearsal.sync()

    assert documents(result)[order] == ("failed", "not-found")
    reported = next(item for item in result.documents if item.order_id == order)
    assert f"invoicesync dismiss {order}" in reported.hint
    with rehearsal.state() as state:
        before = len(list(state.history.events(ident=order)))
    rehearsal.sync()
    with rehearsal.state() as state:
        assert len(list(state.history.events(ident=order))) == before
    assert len(others) == 2


def test_most_open_orders_suddenly_gone_stops_the_run(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    orders = held_orders(rehearsal, 15)
    rehearsal.ticker.pass_time(3 * DAY)
    kept = rehearsal.keap.orders.copy()
    for order in orders[:12]:
        rehearsal.keap.delete_order(order)

    error = failure(rehearsal)

    assert isinstance(error, TryLater)
    assert "12 of 15 open orders are suddenly missing" in error.message
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.HELD)) == 15
    # They were not gone at all: the next run goes on as if nothing had been.
    rehearsal.keap.orders.update(kept)
    rehearsal.configure({"contacts.when_missing": "create"})
    rehearsal.sync()
    check_booked(rehearsal)


def test_orders_deleted_on_purpose_do_not_stop_runs_for_ever(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    orders = held_orders(rehearsal, 12)
    # A few at a time they are believed, and stay believed when they are the most.
    for order in orders[:10]:
        rehearsal.keap.delete_order(order)
    rehearsal.sync()
    for order in orders[10:]:
        rehearsal.keap.delete_order(order)
    rehearsal.sync()
    rehearsal.sync()
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.FAILED)) == 12


def test_the_way_out_is_reported_when_most_were_deleted_on_purpose(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    orders = held_orders(rehearsal, 12)
    for order in orders:
        rehearsal.keap.delete_order(order)
    hint = failure(rehearsal).hint
    assert hint.endswith(f"invoicesync sync-id {','.join(orders)}")

    rehearsal.sync(ids=tuple(orders))

    assert rehearsal.sync().exit_code == ExitCode.NEEDS_PERSON
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.FAILED)) == 12


@pytest.mark.parametrize("known", [True, False], ids=["read lately", "read again"])
def test_key_of_another_keap_account_is_refused(tmp_path: Path, known: bool) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.order()
    rehearsal.keap.limits.tenant_id = "zz999"
    rehearsal.ticker.pass_time(60 if known else DAY)
    before = len(rehearsal.xero.writes())

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert "zz999" in error.message
    assert "iq146" in error.message
    assert len(rehearsal.xero.writes()) == before
    rehearsal.keap.limits.tenant_id = "iq146"
    rehearsal.sync()
    check_booked(rehearsal)


def test_a_few_deleted_orders_among_many_that_changed_are_believed(tmp_path: Path) -> None:
    """The others were shown among the changes, so only the deleted ones had to be asked for."""
    rehearsal = Rehearsal(tmp_path)
    orders = held_orders(rehearsal, 30)
    for order in orders[:12]:
        rehearsal.keap.delete_order(order)
    rehearsal.sync()
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.FAILED)) == 12


def test_unpaid_invoices_whose_orders_were_deleted_can_be_dismissed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are in the ledger: they are recorded as gone first, and so become open."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    orders = [rehearsal.order() for _ in range(12)]
    rehearsal.sync()
    for order in orders:
        rehearsal.keap.delete_order(order)
    assert isinstance(failure(rehearsal), TryLater)
    for name, value in rehearsal.environ.items():
        monkeypatch.setenv(name, value)

    assert rehearsal.sync(ids=tuple(orders)).exit_code == ExitCode.NEEDS_PERSON
    assert main(["dismiss", *orders, "--reason", "deleted in Keap"]) == ExitCode.OK

    assert rehearsal.sync().exit_code == ExitCode.OK
    assert len(sent(rehearsal)) == 12
