"""The limits of the services: waited for where that is short, never slept through."""

from datetime import datetime, timedelta

import httpx
import pytest

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.fetch.limits import LIMITS as KEAP
from invoicesync_cli.http.responses import Throttled
from invoicesync_cli.load.xero.limits import LIMITS as XERO
from tests.kits.transport import START, Wire, failed


def busy(problem: str = "minute", after: str = "") -> httpx.Response:
    """A refusal because of a limit."""
    headers = {"X-Rate-Limit-Problem": problem}
    return httpx.Response(429, headers=headers | ({"Retry-After": after} if after else {}))


def test_short_limit_is_waited_for() -> None:
    wire = Wire([busy(after="37")])
    wire.get()
    assert wire.slept == [37]


@pytest.mark.parametrize("method", ["get", "put"])
def test_longest_wait_is_a_minute_and_a_half(method: str) -> None:
    wire = Wire([busy(after="90")])
    getattr(wire, method)()
    assert wire.slept == [90]
    wire = Wire([busy(after="91")])
    error = failed(getattr(wire, method))
    assert wire.slept == []
    assert isinstance(error, TryLater)
    assert error.exit_code == ExitCode.TRY_LATER
    assert not error.unknown
    local = (START + timedelta(seconds=91)).astimezone()
    assert f"takes requests again from {local:%Y-%m-%d %H:%M}" in error.hint


def test_day_limit_is_never_slept_through() -> None:
    wire = Wire([busy("day", after="30")])
    assert "limit is reached" in failed(wire.get).message
    assert wire.slept == []


@pytest.mark.parametrize("after", ["", "soon", "Fri, 20 Nov 2026 09:00:30 GMT", "-5"])
def test_limit_without_a_number_of_seconds_is_waited_for_in_growing_steps(after: str) -> None:
    wire = Wire([busy("concurrent", after), busy("concurrent", after), busy("concurrent", after)])
    wire.get()
    assert wire.slept == [2, 4, 8]


def test_limit_that_does_not_end_is_given_up() -> None:
    wire = Wire([busy() for _ in range(50)])
    error = failed(wire.get)
    assert len(wire.requests) == 8
    assert "Try again later" in error.hint


def of_keap(**headers: str) -> list[tuple[bytes, bytes]]:
    """Headers of Keap's, with dashes for underscores."""
    named = {f"x-keap-{name.replace('_', '-')}": value for name, value in headers.items()}
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]


def midnight(days: int = 1) -> datetime:
    """00:00 UTC after the test begins."""
    return START.replace(hour=0) + timedelta(days=days)


def milliseconds(time: datetime) -> str:
    """A time as Keap writes the end of a quota."""
    return str(int(time.timestamp() * 1000))


USED_UP = {"product_quota_available": "0", "product_throttle_available": "239"}
TENANT = {
    "tenant_throttle_time_unit": "minute|day",
    "tenant_throttle_available": "9990|0",
    "product_quota_available": "12",
}


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        (USED_UP, midnight()),
        (USED_UP | {"product_quota_expiry_time": milliseconds(midnight())}, midnight()),
        (
            USED_UP | {"product_quota_expiry_time": milliseconds(START + timedelta(hours=5))},
            START + timedelta(hours=5),
        ),
        *(
            (USED_UP | {"product_quota_expiry_time": odd}, midnight())
            for odd in ("", "²", "9" * 30, "-5", "0", milliseconds(midnight(9)), "1|1")
        ),
        (TENANT, midnight()),
        (TENANT | {"product_quota_expiry_time": milliseconds(midnight(2))}, midnight()),
    ],
)
@pytest.mark.parametrize("status", [200, 429])
def test_used_up_day_of_keap_stops_at_once(
    status: int, headers: dict[str, str], until: datetime
) -> None:
    wire = Wire([httpx.Response(status, json={}, headers=of_keap(**headers))], limits=KEAP)
    service = wire.service
    if status == 200:
        # What was answered still counts.
        assert service.get("/things").json() == {}
    error = failed(lambda: service.get("/things"))
    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "limit-reached")
    assert not error.unknown
    assert f"from {until.astimezone():%Y-%m-%d %H:%M}" in error.hint
    assert (len(wire.requests), sum(wire.slept) < 1) == (1, True)
    # The next day it goes on.
    wire.clock += (until - wire.now()).total_seconds() + 1
    assert service.get("/things").status == 200
    service.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"product_quota_available": ""},
        {"product_quota_available": "²"},
        {"product_quota_available": "0|0"},
        {"product_quota_available": "-1"},
        {"tenant_throttle_available": "0|9", "tenant_throttle_time_unit": "minute|day"},
        {"tenant_throttle_available": "|", "tenant_throttle_time_unit": "minute|day"},
        {"tenant_throttle_available": "0|0", "tenant_throttle_time_unit": ""},
        {"tenant_throttle_available": "0"},
        {"product_throttle_available": "0"},
    ],
)
def test_headers_of_keap_that_say_nothing_of_the_day_are_harmless(headers: dict[str, str]) -> None:
    wire = Wire([httpx.Response(200, json={}, headers=of_keap(**headers))], limits=KEAP)
    service = wire.service
    service.get("/things")
    service.get("/things")
    assert len(wire.requests) == 2
    service.close()


def test_spike_of_keap_is_waited_for() -> None:
    headers = of_keap(product_quota_available="29000", product_throttle_available="0")
    wire = Wire([httpx.Response(429, headers=headers) for _ in range(3)], limits=KEAP)
    assert wire.get().status == 200
    assert [seconds for seconds in wire.slept if seconds > 1] == [2, 4, 8]


@pytest.mark.parametrize(
    ("problem", "after", "said"),
    [
        ("day", "7200", f"from {(START + timedelta(hours=2)).astimezone():%Y-%m-%d %H:%M}"),
        ("", "7200", f"from {(START + timedelta(hours=2)).astimezone():%Y-%m-%d %H:%M}"),
        ("day", "", "Try again tomorrow"),
        ("minute", "20", "Try again tomorrow"),
        ("day", "9" * 30, "Try again tomorrow"),
    ],
)
def test_used_up_day_of_xero_stops_at_once(problem: str, after: str, said: str) -> None:
    headers = {"X-DayLimit-Remaining": "0", "X-Rate-Limit-Problem": problem, "Retry-After": after}
    wire = Wire([httpx.Response(429, headers=headers)], XERO)
    error = failed(wire.get)
    assert (error.code, len(wire.requests), wire.slept) == ("limit-reached", 1, [])
    assert said in error.hint


def test_write_is_repeated_after_a_limit() -> None:
    """What was refused with 429 was not worked on."""
    wire = Wire([busy(after="5")])
    wire.put()
    assert len(wire.requests) == 2


def test_what_is_sent_once_is_not_even_repeated_after_a_limit() -> None:
    wire = Wire([busy(after="5")])
    error = failed(lambda: wire.put(once=True))
    assert isinstance(error, Throttled)
    assert (error.wait, len(wire.requests)) == (5, 1)
