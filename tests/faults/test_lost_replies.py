"""Answers that never arrive: what was made is found, what was not is sent, nothing comes twice."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import ExitCode, Interrupted, SignInNeeded
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import INSIDE
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import (
    Trouble,
    attempt,
    between,
    check_booked,
    documents,
    failure,
    lose,
    other_organisation,
    puts,
    sent,
)
from tests.kits.rehearsal import Rehearsal, only

WITHIN = 200
LATER = 600
"""Seconds: within the time that Xero keeps an idempotency key, and well after it."""


def batches(rehearsal: Rehearsal, since: int = 0, path: str = "/Invoices") -> list[Call]:
    """The requests that sent a batch, from a number of calls on."""
    calls = rehearsal.xero.calls[since:]
    return [call for call in calls if call.method == "PUT" and call.path.endswith(path)]


def test_lost_reply_is_said_plainly(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    error = lose(rehearsal)
    assert error.exit_code == ExitCode.TRY_LATER
    assert "the next run first finds out" in error.hint


def test_within_five_minutes_the_same_bytes_go_out_under_the_same_key(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal, kind="drop")
    rehearsal.ticker.pass_time(WITHIN)
    before = len(rehearsal.xero.calls)

    result = rehearsal.sync()

    first, again = batches(rehearsal)[0], batches(rehearsal, before)[0]
    assert again.headers["Idempotency-Key"] == first.headers["Idempotency-Key"]
    assert again.body == first.body
    assert only(result).state is DocumentState.CREATED
    check_booked(rehearsal)


def test_later_the_number_is_looked_up_and_nothing_is_sent(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal)
    rehearsal.ticker.pass_time(LATER)
    before = len(rehearsal.xero.calls)

    result = rehearsal.sync()

    assert batches(rehearsal, before) == []
    assert only(result).state is DocumentState.CREATED
    check_booked(rehearsal)


def test_what_never_arrived_is_sent_anew_under_another_key(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal, kind="drop")
    rehearsal.ticker.pass_time(LATER)
    before = len(rehearsal.xero.calls)

    rehearsal.sync()

    (again,) = batches(rehearsal, before)
    used = {call.headers["Idempotency-Key"] for call in batches(rehearsal)[:-1]}
    assert again.headers["Idempotency-Key"] not in used
    check_booked(rehearsal)


def test_an_order_edited_since_goes_out_in_its_new_form(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    lose(rehearsal, kind="drop")
    rehearsal.keap.edit_order(order, items=[Item("PRODUCT", "250.00", name="Lamp")])
    rehearsal.ticker.pass_time(LATER)
    rehearsal.sync()
    assert [row.total for row in sent(rehearsal)[order]] == [250]


def test_document_voided_by_hand_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    lose(rehearsal)
    rehearsal.xero.void_invoice(sent(rehearsal)[order][0].id)
    rehearsal.ticker.pass_time(LATER)
    before = puts(rehearsal)

    held = only(rehearsal.sync())
    rehearsal.sync()

    assert (held.state, held.reason) == (DocumentState.HELD, "changed-after-sync")
    assert held.ledger_id
    assert "--recreate" in held.hint
    assert puts(rehearsal) == before
    assert sent(rehearsal) == {}

    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    assert [row.number for row in sent(rehearsal)[order]] == [f"{order}-2"]


def test_number_taken_by_somebody_else_meanwhile_is_held(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    lose(rehearsal, kind="drop")
    someone = rehearsal.xero.add_contact("Somebody")
    line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    rehearsal.xero.add_invoice(someone, [line], InvoiceNumber=order, Reference="by hand")
    rehearsal.ticker.pass_time(LATER)

    result = rehearsal.sync()

    held = only(result)
    assert (held.state, held.reason) == (DocumentState.HELD, "number-taken")
    assert "'by hand'" in held.message
    assert "number_prefix" in held.hint
    assert result.exit_code == ExitCode.NEEDS_PERSON
    assert sent(rehearsal) == {}


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 429, "headers": {"X-Rate-Limit-Problem": "day", "Retry-After": "5000"}},
        {"status": 403, "times": 2},
        {"status": 401, "times": 2},
        {"status": 404, "times": 9},
        {"status": 302, "times": 9},
    ],
    ids=lambda refusal: str(refusal["status"]),
)
def test_refusal_after_a_lost_reply_does_not_undo_it(
    tmp_path: Path, refusal: dict[str, Any]
) -> None:
    """The last word was no, but the first try had been worked on. With the numbering changed in
    between, Xero itself would not notice that it gets the same order again."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(kind="lose", method="PUT", path="/Invoices")
    rehearsal.xero.fail(kind="reply", method="GET", path="/Invoices", **refusal)
    failure(rehearsal)
    rehearsal.xero.faults.clear()
    rehearsal.ticker.pass_time(6000)
    rehearsal.configure({"invoices.number_prefix": "K-"})

    rehearsal.sync()

    assert rehearsal.numbers() == ["1001"]
    check_booked(rehearsal)


def test_a_clock_set_back_does_not_make_an_old_key_young(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal)
    rehearsal.ticker.pass_time(1800)
    ticker, hour = rehearsal.ticker, timedelta(hours=1)
    rehearsal.network.timing = Timing(
        lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() - hour
    )
    before = puts(rehearsal)

    assert only(rehearsal.sync()).state is DocumentState.CREATED

    assert puts(rehearsal) == before
    check_booked(rehearsal)


def test_no_key_is_used_once_xero_may_have_forgotten_it(tmp_path: Path) -> None:
    """The process dies; the next run repeats the batch while its key is still good, but every
    try takes as long as we wait for an answer, and none arrives."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    places = between(rehearsal)
    places["xero"].planned = [
        Trouble("before", method="PUT", path="/Invoices", killed=KeyboardInterrupt)
    ]
    assert isinstance(attempt(rehearsal), Interrupted)
    places["xero"].planned = []
    started = rehearsal.clock.now()
    rehearsal.ticker.pass_time(230)
    with rehearsal.state() as state:
        first = state.journal.open()[0].idempotency_key
    used: dict[str, datetime] = {}
    handle = rehearsal.xero.handle

    def slowly(request: Request) -> Response:
        if request.method != "PUT":
            return handle(request)
        used[request.headers["Idempotency-Key"]] = rehearsal.clock.now()
        rehearsal.ticker.pass_time(100)
        return Response("", 504)

    rehearsal.xero.handle = slowly  # type: ignore[method-assign]
    failure(rehearsal)

    assert list(used) == [first]
    assert used[first] - started < timedelta(minutes=6)
    del rehearsal.xero.handle
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize("length", [1, 60, 245])
def test_long_numbers_can_be_looked_up(tmp_path: Path, length: int) -> None:
    """Xero answers addresses of more than 2,048 characters with 404."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": "P" * length})
    for _ in range(41):
        rehearsal.order()
    lose(rehearsal)
    rehearsal.ticker.pass_time(LATER)
    before = puts(rehearsal)

    rehearsal.sync()

    assert puts(rehearsal) == before
    check_booked(rehearsal)


@pytest.mark.parametrize("seconds", [WITHIN, LATER])
def test_contact_whose_reply_was_lost_is_not_made_twice(tmp_path: Path, seconds: int) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal, path="/Contacts")
    rehearsal.ticker.pass_time(seconds)
    people = len(rehearsal.xero.contacts)

    rehearsal.sync()

    assert len(rehearsal.xero.contacts) == people
    check_booked(rehearsal)


def test_contact_renamed_in_keap_meanwhile_is_not_made_twice(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person()
    rehearsal.order(contact=person)
    lose(rehearsal, path="/Contacts")
    rehearsal.keap.edit_contact(person, family_name="Newname", emails=("new@example.com",))
    rehearsal.ticker.pass_time(LATER)
    people = len(rehearsal.xero.contacts)

    rehearsal.sync()

    assert len(rehearsal.xero.contacts) == people
    check_booked(rehearsal)


@pytest.mark.parametrize("path", ["/Invoices", "/Contacts"])
def test_another_organisation_never_gets_what_was_meant_for_this_one(
    tmp_path: Path, path: str
) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    lose(rehearsal, path=path, kind="drop")
    ours, other = rehearsal.xero, other_organisation(rehearsal)
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: other}

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert "Somebody Else Ltd" in error.message
    assert other.writes() == []
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: ours}
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize(
    "answer",
    [
        Response("", 504),
        Response("<html><title>Maintenance</title></html>", 200, content_type="text/html"),
        Response("{}", 200),
        Response('{"Invoices": [null], "Contacts": [null]}', 200),
        Response('{"Invoices": [{}], "Contacts": [{}]}', 200),
        Response('{"Invoices": []}', 200),
        Response("zipped", 200, {"Content-Encoding": "gzip"}),
    ],
    ids=["504", "web page", "empty", "null", "no ids", "nothing", "broken compression"],
)
@pytest.mark.parametrize("path", ["/Invoices", "/Contacts"])
@pytest.mark.parametrize("seconds", [WITHIN, LATER])
def test_answer_spoilt_on_its_way_is_no_answer(
    tmp_path: Path, answer: Response, path: str, seconds: int
) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    places = between(rehearsal)
    places["xero"].planned = [
        Trouble("after", method="PUT", path=path, times=9, answer=lambda: answer)
    ]
    attempt(rehearsal)
    places["xero"].planned = []
    rehearsal.ticker.pass_time(seconds)

    rehearsal.sync()

    check_booked(rehearsal)
    assert places["xero"].twice == []


def test_a_record_stays_open_while_nobody_can_be_asked(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    lose(rehearsal)
    rehearsal.ticker.pass_time(LATER)
    rehearsal.xero.fail(status=503, path="2.0", body="The Organisation is offline", times=99)

    failure(rehearsal)

    with rehearsal.state() as state:
        assert [
            row.key for row in state.records_in(DocumentKind.INVOICE, DocumentState.SENDING)
        ] == [order]
    rehearsal.xero.faults.clear()
    assert documents(rehearsal.sync(dry_run=True)) == {order: ("held", "outcome-unknown")}
    rehearsal.sync()
    check_booked(rehearsal)


def test_voided_number_that_xero_would_give_again_is_not_booked_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.switches = XeroSwitches(voided_number_reusable=True)
    order = rehearsal.order()
    lose(rehearsal)
    rehearsal.xero.void_invoice(sent(rehearsal)[order][0].id)
    rehearsal.ticker.pass_time(LATER)
    rehearsal.sync()
    rehearsal.sync()
    assert sent(rehearsal) == {}
