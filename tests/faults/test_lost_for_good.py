"""Lost answers on the worst days: keys that Xero has forgotten, clocks that lie, documents that
somebody has removed meanwhile. Nothing is booked twice, and nothing again that was removed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_cli.model import DocumentKind, DocumentState
from tests.kits.faults import Trouble, attempt, between, check_booked, failure, lose
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_refunds import check_refunded, forgetful, order, switched

WITHIN, LATER = 100, 6000
"""Seconds: within the time that Xero keeps an idempotency key, and well after it."""
PATHS = ("/Contacts", "/Invoices", "/Payments", "/CreditNotes", "/Allocations")


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """Xero takes a credit note's number twice, so that only looking keeps it from being booked
    twice."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    switched(rehearsal, credit_note_number_unique=False)
    return rehearsal


def paid(rehearsal: Rehearsal) -> str:
    """An order with part payments and a credit, none of which Xero would refuse for the other."""
    return order(rehearsal, ("10.00", "Credit Card"), ("10.00", "Credit Card"), ("30.00", "Credit"))


def refunded(rehearsal: Rehearsal) -> str:
    """An order that was paid in full and of which a part was given back."""
    made = order(rehearsal, ("100.00", "Credit Card"))
    (payment,) = [item for item in rehearsal.keap.payments.values() if made in item.order_ids]
    rehearsal.keap.add_refund(payment.id, Decimal("40.00"))
    return made


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["lose", "drop"])
@pytest.mark.parametrize("times", [1, 3])
def test_key_is_forgotten_while_a_run_goes_on(
    shop: Rehearsal, path: str, kind: str, times: int
) -> None:
    forgetful(shop)
    paid(shop)
    shop.xero.fail(kind=kind, method="PUT", path=f"{path}$", times=times)
    if (kind, times) == ("drop", 3):
        # By the third time the key is too old: the next run goes on.
        assert isinstance(failure(shop), TryLater)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("seconds", [0, WITHIN, LATER])
def test_key_is_forgotten_when_the_next_run_comes(
    shop: Rehearsal, path: str, where: Literal["before", "after"], seconds: int
) -> None:
    forgetful(shop)
    paid(shop)
    places = between(shop)
    places["xero"].planned = [Trouble(where, method="PUT", path=path, killed=SystemExit)]
    assert isinstance(attempt(shop), SystemExit)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("seconds", [0, LATER])
@pytest.mark.parametrize("path", ["/CreditNotes", "/Payments"])
def test_refund_is_paid_out_once(
    shop: Rehearsal, path: str, at: int, where: Literal["before", "after"], seconds: int
) -> None:
    forgetful(shop)
    refunded(shop)
    places = between(shop)
    places["xero"].planned = [Trouble(where, at, method="PUT", path=path, killed=SystemExit)]
    attempt(shop)
    places["xero"].planned = []
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_refunded(shop)


@pytest.mark.parametrize("times", [0, 1])
def test_of_two_alike_the_one_that_is_missing_is_sent(shop: Rehearsal, times: int) -> None:
    """Two cheques on one slip went out; Xero was stopped after the first, and once more."""
    order(shop, ("30.00", "Check"), ("30.00", "Check"), external_transaction_id="slip 7")
    handle = shop.xero.handle

    def half(request: Request) -> Response:
        answer = handle(request)
        if request.method == "PUT" and request.path.endswith("/Payments"):
            del shop.xero.handle
            shop.xero.delete_payment(list(shop.xero.payments)[1])
            shop.xero.payments.put(replace(list(shop.xero.payments.values())[1], reference="other"))
            shop.xero.fail(kind="drop", method="PUT", path="/Payments$", times=times)
            return Response("", 504)
        return answer

    forgetful(shop)
    shop.xero.handle = half  # type: ignore[method-assign]
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("faults", [("lose", "lose"), ("lose", "drop"), ("drop", "drop")])
def test_two_alike_in_two_batches_at_once(
    shop: Rehearsal, monkeypatch: pytest.MonkeyPatch, faults: tuple[str, str]
) -> None:
    """Each of the two looks sees what the other one has made."""
    smaller = replace(XeroLedger.capabilities, batch=1, in_flight=2)
    monkeypatch.setattr(XeroLedger, "capabilities", smaller)
    forgetful(shop)
    order(shop, ("30.00", "Check"), ("30.00", "Check"), external_transaction_id="slip 7")
    for fault in faults:
        shop.xero.fail(kind=fault, method="PUT", path="/Payments$")
    attempt(shop)
    shop.sync()
    check_booked(shop)
    with shop.state() as state:
        ids = [
            row.document.ledger_id
            for row in state.records_in(DocumentKind.PAYMENT, DocumentState.CREATED)
        ]
    assert len(set(ids)) == 2


def test_of_two_alike_the_later_one_is_not_taken_for_the_earlier(shop: Rehearsal) -> None:
    forgetful(shop)
    made = order(shop, ("30.00", "Check"), external_transaction_id="slip 7")
    shop.sync()
    shop.keap.add_payment(
        order_id=made, amount="30.00", type="Check", external_transaction_id="slip 7"
    )
    lose(shop, "/Payments", "drop")
    shop.ticker.pass_time(LATER)
    shop.sync()
    check_booked(shop)


def test_laptop_sleeps_while_the_answer_to_a_payment_is_on_its_way(shop: Rehearsal) -> None:
    """Its monotonic clock stands still meanwhile, and Xero forgets the key."""
    paid(shop)

    handle = shop.xero.handle

    def asleep(request: Request) -> Response:
        answer = handle(request)
        if request.method == "PUT" and request.path.endswith("/Payments"):
            del shop.xero.handle
            shop.clock.advance(8 * 3600)
            return Response("", 504)
        return answer

    shop.xero.handle = asleep  # type: ignore[method-assign]
    shop.sync()
    check_booked(shop)


def test_clock_was_an_hour_ahead_when_the_run_was_killed(shop: Rehearsal) -> None:
    paid(shop)
    ticker = shop.ticker
    right, hour = shop.network.timing, timedelta(hours=1)
    shop.network.timing = Timing(
        lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() + hour
    )
    places = between(shop)
    places["xero"].planned = [Trouble("after", method="PUT", path="/Payments", killed=SystemExit)]
    attempt(shop)
    places["xero"].planned = []
    shop.network.timing = right
    ticker.pass_time(3600)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("seconds", [0, LATER])
def test_inner_error_is_repeated_under_its_key_and_got_over(
    shop: Rehearsal, path: str, seconds: int
) -> None:
    """Xero keeps an inner error under the key, and would say it again and again."""
    switched(shop)
    paid(shop)
    shop.xero.fail(kind="reply", method="PUT", path=f"{path}$", status=500)
    attempt(shop)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("shape", ["problem", "exception"])
def test_key_that_another_request_has_used_is_given_up(shop: Rehearsal, shape: Any) -> None:
    switched(shop, idempotency_error=shape)
    paid(shop)
    lose(shop, "/Payments", "drop")
    with shop.state() as state:
        (entry,) = state.journal.open()
    app = next(iter(shop.xero.sign_in.access_tokens.values())).client_id
    headers: Any = {"Idempotency-Key": entry.idempotency_key}
    other = EnvironBuilder(method="PUT", headers=headers)
    shop.xero.replays.keep(app, Request(other.get_environ()), Response("{}"), shop.clock.now())
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("path", ["/Invoices", "/Payments", "/CreditNotes"])
@pytest.mark.parametrize("status", [400, 500])
def test_batch_that_is_refused_when_it_goes_out_again(
    shop: Rehearsal, path: str, status: int
) -> None:
    """Nothing of it is there: it is new again, and goes through in the same run."""
    switched(shop)
    paid(shop)
    lose(shop, path, "drop")
    shop.xero.fail(kind="reply", method="PUT", path=f"{path}$", status=status, body='{"a": 1}')
    assert shop.sync().exit_code == ExitCode.OK
    check_booked(shop)
