"""Limits, maintenance, slow networks and expired credentials in the middle of a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from tests.kits.bookkeepers import is_sign_in
from tests.kits.faults import Between, Trouble, attempt, between, check_booked, failure
from tests.kits.journal import unsettled
from tests.kits.qbo_faults import (
    GARBLED,
    THROTTLED,
    check_books,
    everything,
    quickbooks,
)
from tests.kits.rehearsal import Rehearsal

INNER = (
    '{"Fault":{"Error":[{"Message":"An application error has occurred while processing your '
    'request","Detail":"System Failure Error: java.lang.Error","code":"10000"}],'
    '"type":"SystemFault"}}'
)
REVOKED = (
    '{"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; '
    'statusCode=401","detail":"Token revoked","code":"3200"}],"type":"AUTHENTICATION"}}'
)
HTML = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"
XML = '<?xml version="1.0"?><Response><Status>Quite unwell</Status></Response>'
WRONG: dict[str, tuple[Callable[[], Response], str]] = {
    "503": (GARBLED["503"], "503 Unavailable"),
    "offline": (lambda: Response("The Organisation is offline", 503), "offline"),
    "half": (GARBLED["half"], "answered with"),
    "nothing": (GARBLED["nothing"], "answered with"),
    "inner error": (
        lambda: Response(INNER, 500, content_type="application/json"),
        "System Failure Error",
    ),
    "web page": (lambda: Response(HTML, content_type="text/html"), "Down for maintenance"),
    "xml": (lambda: Response(XML, content_type="text/xml"), "Quite unwell"),
}
"""Answers of a ledger in trouble, and words that have to be told of each."""
CALLS: dict[str, dict[str, dict[str, str]]] = {
    "xero": {
        "reads": {"method": "GET", "path": "/api.xro"},
        "writes": {"method": "PUT", "path": "/Invoices"},
        "invoices": {"method": "PUT", "path": "/Invoices"},
    },
    "qbo": {
        "reads": {"text": '"Query"'},
        "writes": {"text": '"operation"'},
        "invoices": {"text": '"Invoice":{"Cust'},
    },
}
"""How calls of either ledger are told from each other, as `Trouble` has it."""


@dataclass
class Shop:
    """Orders with every kind of money, and what lies between the tool and their ledger."""

    r: Rehearsal
    order: str
    places: dict[str, Between] = field(default_factory=dict)

    def trouble(self, calls: str, answer: Callable[[], Response], times: int = 999) -> None:
        """Let the ledger answer these calls otherwise."""
        wrong = Trouble("before", times=times, answer=answer, **CALLS[self.r.to][calls])  # type: ignore[arg-type]
        self.places[self.r.to].planned = [wrong]

    def check(self) -> None:
        """Everything is there once, as soon as all answer as usual."""
        self.places[self.r.to].planned = []
        self.r.sync()
        (check_booked if self.r.to == "xero" else check_books)(self.r)


def shop_in(folder: Path, to: str) -> Shop:
    """A shop with one of the ledgers."""
    if to == "qbo":
        r = quickbooks(folder)
        order = everything(r)["invoice"]
    else:
        r = Rehearsal(folder, **{"sync.mode": "invoices-and-payments"})
        order = r.order()
        r.keap.add_payment(order_id=order, amount="60.00")
        r.keap.add_payment(order_id=order, amount="15.00", type="Credit")
    return Shop(r, order, between(r))


@pytest.fixture(params=["xero", "qbo"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    return shop_in(tmp_path, request.param)


# --- either ledger ------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", ["reads", "writes"])
def test_limit_that_never_ends_is_given_up(shop: Shop, calls: str) -> None:
    shop.trouble(calls, lambda: Response(THROTTLED, 429, content_type="application/xml"))

    error = failure(shop.r)

    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "limit-reached")
    assert "takes no more requests" in error.message
    assert error.hint
    assert sum(shop.r.ticker.slept) < 600
    shop.check()


@pytest.mark.parametrize("calls", ["reads", "writes"])
def test_wait_that_is_too_long_ends_the_run(shop: Shop, calls: str) -> None:
    shop.trouble(calls, lambda: Response("", 429, {"Retry-After": "3600"}))
    error = failure(shop.r)
    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "limit-reached")
    assert sum(shop.r.ticker.slept) < 60
    shop.check()


@pytest.mark.parametrize("calls", ["reads", "writes"])
@pytest.mark.parametrize("how", WRONG)
def test_trouble_of_the_ledger_is_reported_in_its_words(shop: Shop, calls: str, how: str) -> None:
    answer, words = WRONG[how]
    shop.trouble(calls, answer)

    error = failure(shop.r)

    assert isinstance(error, TryLater)
    assert error.exit_code == ExitCode.TRY_LATER
    assert words in error.message
    assert "<" not in error.message
    assert error.hint
    shop.check()


@pytest.mark.parametrize("calls", ["reads", "writes"])
@pytest.mark.parametrize("how", ["503", "504", "inner error"])
def test_trouble_that_passes_keeps_nothing_from_being_booked(
    shop: Shop, calls: str, how: str
) -> None:
    answer = GARBLED[how] if how in GARBLED else WRONG[how][0]
    shop.trouble(calls, answer, times=2)
    attempt(shop.r)
    shop.check()


def test_token_that_expires_in_the_middle_is_renewed(shop: Shop) -> None:
    service: Any = getattr(shop.r, shop.r.to)
    first_write, place = CALLS[shop.r.to]["writes"], shop.places[shop.r.to]
    expiring = Trouble(**first_write)  # type: ignore[arg-type]

    def expire(request: Request) -> None:
        if expiring.takes(request):
            service.sign_in.access_tokens.clear()

    place.meanwhile = expire
    shop.r.sync()
    place.meanwhile = lambda _: None
    assert [call.status for call in service.calls].count(401) == 1
    shop.check()


def test_refused_sign_in_undoes_what_was_about_to_be_sent(shop: Shop) -> None:
    shop.trouble("invoices", lambda: Response(REVOKED, 401), times=9)

    error = failure(shop.r)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert f"invoicesync auth {shop.r.to}" in error.hint
    assert "Token revoked" in error.message
    with shop.r.state() as state:
        record = state.record(DocumentKind.INVOICE, shop.order)
        assert not unsettled(state)
    assert record
    assert record.state is DocumentState.NEW
    shop.check()


# --- as many calls as the vendors allow ---------------------------------------------------------

ALLOWED = {
    "keap": {1: 10, 60: 240},
    "xero": {60: 60},
    "qbo": {1: 10, 60: 500},
}
"""Calls that the vendors take in so many seconds."""


def test_no_second_and_no_minute_sees_more_calls_than_the_vendors_allow(shop: Shop) -> None:
    """The services count as the vendors do, refuse one too many, and answer at once."""
    r = shop.r
    for _ in range(240):
        order = r.order()
        for amount in ("20.00", "30.00"):
            r.keap.add_payment(order_id=order, amount=amount)
        r.keap.add_payment(order_id=order, amount="5.00", type="Credit")
    times: dict[str, list[float]] = {}
    for name, place in shop.places.items():
        called = times.setdefault(name, [])
        place.meanwhile = noted(called, r)
        getattr(r, name).enforce_limits = True

    r.sync()

    for name in ("keap", r.to):
        service = getattr(r, name)
        assert {call.status for call in service.calls} & {403, 429} == set()
        for seconds, most in ALLOWED[name].items():
            assert busiest(times[name], seconds) <= most
    assert len(times[r.to]) > 20
    shop.check()


def noted(called: list[float], r: Rehearsal) -> Callable[[Request], None]:
    """Notes when calls come, those for tokens aside: they are not counted."""

    def note(request: Request) -> None:
        if not is_sign_in(request):
            called.append(r.ticker.seconds)

    return note


def busiest(times: list[float], seconds: float) -> int:
    """The most calls within so many seconds."""
    return max(sum(begin <= at < begin + seconds for at in times) for begin in times)


# --- slow and flaky networks --------------------------------------------------------------------


def test_services_that_take_a_minute_for_each_answer(shop: Shop) -> None:
    def linger(request: Request) -> None:
        shop.r.ticker.pass_time(5 if is_sign_in(request) else 59)

    for place in shop.places.values():
        place.meanwhile = linger
    shop.r.sync()
    shop.places["keap"].meanwhile = shop.places[shop.r.to].meanwhile = lambda _: None
    shop.check()


def test_answer_that_takes_too_long_is_looked_for(shop: Shop) -> None:
    """Every write is worked on, and its answer comes after any patience has ended."""
    slow = Trouble(times=999, **CALLS[shop.r.to]["writes"])  # type: ignore[arg-type]

    def linger(request: Request) -> None:
        if slow.takes(request):
            shop.r.ticker.pass_time(400)

    shop.places[shop.r.to].meanwhile = linger
    for _ in range(8):
        attempt(shop.r)
    shop.places[shop.r.to].meanwhile = lambda _: None
    shop.check()


@pytest.mark.parametrize("where", ["before", "after"])
def test_every_third_connection_breaks(shop: Shop, where: Literal["before", "after"]) -> None:
    for place in shop.places.values():
        turn = cycle([False, False, True])
        broken = Flaky(where, killed=ConnectionError)
        broken.turn = turn
        place.planned = [broken]
    for _ in range(12):
        attempt(shop.r)
    for place in shop.places.values():
        place.planned = []
    shop.check()


@dataclass
class Flaky(Trouble):
    """Takes requests in turn."""

    turn: Any = None

    def takes(self, _: Request) -> bool:
        """Whether it is this one's turn."""
        return bool(next(self.turn))
