"""The transport by itself: pace, waits, repeats, credentials, and what is never said."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.auth.tokens import ApiKey
from invoicesync_cli.errors import ExitCode, InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.fetch.limits import LIMITS as KEAP
from invoicesync_cli.http.client import Connections, Network, Service
from invoicesync_cli.http.limits import Instant, RateLimitedTransport, ServiceLimits, Timing, Window
from invoicesync_cli.http.responses import Reply, ServiceRefused, Throttled, count_of
from invoicesync_cli.load.qbo.limits import LIMITS as QUICKBOOKS
from invoicesync_cli.load.xero.limits import LIMITS as XERO

ORIGIN = "http://xero.localhost"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "tok-3fa85f64-5717-4562-b3fc-2c963f66afa6"

Answer = httpx.Response | Exception


def left_today(headers: Mapping[str, str]) -> int | None:
    """What Xero says is left of the day."""
    return count_of(headers.get("X-DayLimit-Remaining", ""))


@dataclass
class Tokens:
    """A bearer token, renewed up to `spare` times."""

    spare: int = 0
    number: int = 1

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {SECRET}-{self.number}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        assert used == self.headers()
        if not self.spare:
            return False
        self.spare -= 1
        self.number += 1
        return True


def transport_to(
    answer: Callable[[httpx.Request], httpx.Response], limits: ServiceLimits, timing: Timing
) -> RateLimitedTransport:
    """The whole way to a service that a function stands for."""
    wire = Connections(httpx.MockTransport(answer), limits, timing)
    return RateLimitedTransport(wire, limits, timing)


@dataclass
class Wire:
    """A service that gives the answers it is told to, then good ones; time passes by sleeping."""

    answers: list[Answer] = field(default_factory=list)
    limits: ServiceLimits = field(
        default_factory=lambda: ServiceLimits("Xero", windows=(Window(60, 60.0),), trace="Trace-Id")
    )
    tokens: Any = field(default_factory=Tokens)
    takes: float = 0.0
    """Seconds that every answer takes."""
    clock: float = 1000.0
    requests: list[httpx.Request] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.clock - 1000)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.headers.append(dict(request.headers))
        self.times.append(self.clock)
        self.clock += self.takes
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"ok": True})
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def service(self) -> Service:
        timing = Timing(lambda: self.clock, self.sleep, self.now)
        transport = transport_to(self.answer, self.limits, timing)
        return Service(ORIGIN, transport, self.limits, self.tokens)

    def get(self) -> Reply:
        with_service = self.service
        try:
            return with_service.get("/things")
        finally:
            with_service.close()

    def put(self, **more: Any) -> Reply:
        with_service = self.service
        try:
            return with_service.call("PUT", "/things", body=b"{}", **more)
        finally:
            with_service.close()

    def query(self) -> Reply:
        """A POST that changes nothing."""
        with_service = self.service
        try:
            return with_service.call("POST", "/query", body=b"{}", safe=True)
        finally:
            with_service.close()


def failed(call: Callable[[], Reply]) -> InvoiceSyncError:
    """The error that a call ends with."""
    with pytest.raises(InvoiceSyncError) as caught:
        call()
    return caught.value


def lost() -> httpx.ReadError:
    """The connection broke while the answer was awaited."""
    return httpx.ReadError("connection reset")


def busy(problem: str = "minute", after: str = "") -> httpx.Response:
    """A refusal because of a limit."""
    headers = {"X-Rate-Limit-Problem": problem}
    return httpx.Response(429, headers=headers | ({"Retry-After": after} if after else {}))


# --- pace ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [KEAP, XERO, QUICKBOOKS], ids=lambda limits: str(limits.name))
def test_requests_are_spaced_evenly_and_no_window_is_ever_exceeded(limits: ServiceLimits) -> None:
    wire = Wire(limits=limits)
    service = wire.service
    for _ in range(300):
        service.call("POST", "/v3/batch", body=b"{}")
    for window in limits.windows:
        ends = zip(wire.times, wire.times[window.calls :], strict=False)
        assert all(later - earlier >= window.seconds - 1e-6 for earlier, later in ends)
    # After the first minute no pause differs from another, and not one call is given away.
    pauses = [later - earlier for earlier, later in pairwise(wire.times)][240:]
    assert max(pauses) - min(pauses) < 1e-6
    assert pauses[0] == pytest.approx(max(item.seconds / item.calls for item in limits.windows))
    service.close()


def test_reads_do_not_wait_for_the_limit_of_batches() -> None:
    wire = Wire(limits=QUICKBOOKS)
    service = wire.service
    for _ in range(60):
        service.call("POST", "/v3/batch", body=b"{}")
    before = wire.clock
    for _ in range(10):
        service.get("/v3/cdc")
    assert wire.clock - before < 2
    service.close()


def test_few_calls_are_not_waited_for() -> None:
    """A run with nothing new makes eight."""
    wire = Wire()
    service = wire.service
    for _ in range(8):
        service.get("/things")
    assert sum(wire.slept) < 1e-6
    # After a minute of silence the same again.
    wire.clock += 60
    for _ in range(8):
        service.get("/things")
    assert sum(wire.slept) < 1e-6
    service.close()


def test_slow_service_is_not_waited_for_besides() -> None:
    wire = Wire(takes=2.0)
    service = wire.service
    for _ in range(100):
        service.get("/things")
    assert wire.slept == []
    service.close()


def test_calls_and_what_is_left_of_the_day_are_counted() -> None:
    answers = [httpx.Response(200, json={}, headers={"X-DayLimit-Remaining": "812"})]
    limits = ServiceLimits("Xero", (), day_left=left_today)
    wire = Wire([*answers, httpx.Response(200, headers={"X-DayLimit-Remaining": ""})], limits)
    service = wire.service
    service.get("/things")
    service.call("PUT", "/things", body=b"{}")
    assert (service.usage.calls, service.usage.day_left) == (2, 812)
    service.close()


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Fri, 20 Nov 2026 09:00:07 GMT", START + timedelta(seconds=7)),
        ("Fri, 20 Nov 2026 09:00:07 -0000", START + timedelta(seconds=7)),
        ("yesterday", None),
        ("Fri, 99 Nov 99999 99:00:07 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("", None),
    ],
)
def test_clock_of_the_service_is_read_from_its_answers(said: str, read: datetime | None) -> None:
    wire = Wire([httpx.Response(200, headers={"Date": said})])
    service = wire.service
    service.get("/things")
    assert service.usage.server_time == read
    service.close()


def test_age_is_what_the_most_pessimistic_clock_says() -> None:
    sent = Instant(100.0, START, START)
    later = Instant(105.0, START + timedelta(seconds=5), START + timedelta(seconds=4))
    for slept_through in (
        replace(later, server=START + timedelta(hours=8)),
        Instant(105.0, START + timedelta(hours=8), None),
        Instant(100.0 + 8 * 3600, START - timedelta(hours=1), START),
    ):
        assert sent.age(slept_through) == 8 * 3600
    assert sent.age(later) == 5


def test_moments_of_a_service_carry_its_own_clock() -> None:
    wire = Wire([httpx.Response(200, headers={"Date": "Fri, 20 Nov 2026 09:00:07 GMT"})])
    service = wire.service
    before = service.instant()
    service.get("/things")
    wire.clock += 3
    after = service.instant()
    assert before.server is None
    assert after.server == START + timedelta(seconds=7)
    assert before.age(after) == 3
    service.close()


# --- limits -------------------------------------------------------------------------------------


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
    limits = ServiceLimits("Xero", (), day_left=left_today, day_resets="tomorrow")
    wire = Wire([httpx.Response(429, headers=headers)], limits)
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


# --- repeats ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [lost(), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("half"), 502, 503, 504],
    ids=str,
)
@pytest.mark.parametrize("call", ["get", "query"])
def test_reads_are_repeated(call: str, trouble: Exception | int) -> None:
    answer = httpx.Response(trouble) if isinstance(trouble, int) else trouble
    wire = Wire([answer, answer])
    assert getattr(wire, call)().status == 200
    assert len(wire.requests) == 3
    assert wire.slept[0] < wire.slept[1] < 4


@pytest.mark.parametrize("trouble", [lost(), httpx.ConnectError("refused"), 502, 503, 504], ids=str)
def test_write_is_never_repeated(trouble: Exception | int) -> None:
    """Its sender first looks for what has become of it (R16)."""
    wire = Wire([httpx.Response(trouble) if isinstance(trouble, int) else trouble])
    error = failed(wire.put)
    assert len(wire.requests) == 1
    # Where nobody was reached nothing can have been done; otherwise nobody knows.
    assert error.unknown is not isinstance(trouble, httpx.ConnectError)


def test_trouble_that_stays_is_given_up_after_four_tries() -> None:
    wire = Wire([lost() for _ in range(9)])
    error = failed(wire.get)
    assert len(wire.requests) == 4
    assert isinstance(error, TryLater)
    assert "broke while it was answering" in error.message


def test_nobody_reached_is_told_with_the_host() -> None:
    wire = Wire([httpx.ConnectError("Name or service not known") for _ in range(9)])
    error = failed(wire.put)
    assert "xero.localhost" in error.message
    assert "network connection" in error.hint
    assert not error.unknown


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_a_refused_write_was_about_is_known(status: int) -> None:
    assert not failed(Wire([httpx.Response(status)]).put).unknown


def test_reads_may_take_as_long_as_they_like() -> None:
    wire = Wire([lost(), lost(), lost()], takes=119.0)
    assert wire.get().status == 200


def test_broken_compression_is_a_lost_answer() -> None:
    def broken() -> httpx.Response:
        stream = httpx.ByteStream(b"no gzip at all")
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    assert Wire([broken()]).get().status == 200
    assert failed(Wire([broken()]).put).unknown


def test_refusals_and_inner_errors_are_not_repeated() -> None:
    for status in (400, 404, 409, 422, 500, 501):
        wire = Wire([httpx.Response(status)])
        failed(wire.get)
        assert len(wire.requests) == 1


# --- credentials --------------------------------------------------------------------------------


def test_401_is_renewed_once() -> None:
    wire = Wire([httpx.Response(401)], tokens=Tokens(spare=5))
    assert wire.put().status == 200
    used = [headers["authorization"] for headers in wire.headers]
    assert used == [f"Bearer {SECRET}-1", f"Bearer {SECRET}-2"]
    assert wire.requests[0].content == wire.requests[1].content

    wire = Wire([httpx.Response(401), httpx.Response(401)], tokens=Tokens(spare=5))
    error = failed(wire.get)
    assert len(wire.requests) == 2
    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN


def test_401_without_another_credential_is_final() -> None:
    wire = Wire([httpx.Response(401)])
    assert "invoicesync auth xero" in failed(wire.get).hint
    assert len(wire.requests) == 1


def test_403_is_final() -> None:
    wire = Wire([httpx.Response(403)], tokens=Tokens(spare=5))
    assert isinstance(failed(wire.get), SignInNeeded)
    assert len(wire.requests) == 1


def test_keap_key_falls_back_to_its_other_header_and_stays_there() -> None:
    wire = Wire([httpx.Response(401)], tokens=ApiKey("KeapAK-1", "X-Keap-API-Key"))
    service = wire.service
    service.get("/things")
    service.get("/things")
    first, *later = wire.headers
    assert first["authorization"] == "Bearer KeapAK-1"
    assert all(headers["x-keap-api-key"] == "KeapAK-1" for headers in later)
    assert not any("authorization" in headers for headers in later)
    service.close()


def test_keap_key_refused_in_both_headers() -> None:
    wire = Wire(
        [httpx.Response(401), httpx.Response(401)], tokens=ApiKey("KeapAK-1", "X-Keap-API-Key")
    )
    assert isinstance(failed(wire.get), SignInNeeded)
    assert len(wire.requests) == 2


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, '{"Detail": "The key is used with a different request."}', "a different request"),
        (400, '{"Type": "QueryParseException", "Message": "No such field"}', "No such field"),
        (400, '{"error": "invalid_grant", "error_description": "Expired"}', "Expired"),
        (400, '{"code": 400, "message": "Invalid page_token"}', "Invalid page_token"),
        (404, "The resource you're looking for cannot be found", "cannot be found"),
        (400, "<Error><Message>Bad date</Message></Error>", "Bad date"),
        (503, "The Organisation is offline", "The Organisation is offline"),
        (404, "<html><title>Gone fishing</title><body>x</body></html>", "Gone fishing"),
        (500, "", "no words"),
        (500, "\xff\xfe", "ÿþ"),
        (400, '{"fault": {"faultstring": "Invalid access token"}}', "Invalid access token"),
    ],
)
def test_words_of_any_kind_of_answer(status: int, body: str, words: str) -> None:
    wire = Wire([httpx.Response(status, content=body.encode()) for _ in range(4)])
    error = failed(wire.get)
    assert words in error.message
    assert "<" not in error.message
    assert "Traceback" not in error.message


def test_long_answers_are_cut() -> None:
    assert len(failed(Wire([httpx.Response(400, text="word " * 500)]).get).message) < 400


@pytest.mark.parametrize("status", [401, 400, 500])
def test_trace_id_is_told(status: int) -> None:
    wire = Wire([httpx.Response(status, headers={"Trace-Id": "7e6f-11"}, text="no")])
    assert "trace id 7e6f-11" in failed(wire.get).message


@pytest.mark.parametrize("status", [302, 307, 407, 408])
def test_answer_from_something_in_between_is_tried_later(status: int) -> None:
    headers = {"Location": "http://portal.example/"}
    wire = Wire([httpx.Response(status, headers=headers)])
    assert isinstance(failed(wire.get), TryLater)
    assert [request.url.host for request in wire.requests] == ["xero.localhost"]


@pytest.mark.parametrize(
    ("status", "of_body"), [(400, True), (413, True), (422, True), (404, False), (409, False)]
)
def test_refusal_of_what_was_sent_is_told_from_other_refusals(status: int, of_body: bool) -> None:
    error = failed(Wire([httpx.Response(status, text="no")]).put)
    assert isinstance(error, ServiceRefused)
    assert error.of_body is of_body


@pytest.mark.parametrize("status", [400, 402, 404, 405, 406, 409, 410, 413, 414, 415, 422, 451])
@pytest.mark.parametrize("body", ["", "no", "{", "[[[", '{"message": NaN}', "<html>"])
def test_any_other_refusal_of_a_read_is_tried_later(status: int, body: str) -> None:
    error = failed(Wire([httpx.Response(status, text=body)]).get)
    assert error.exit_code == ExitCode.TRY_LATER
    assert error.hint


def test_good_answer_that_is_no_json_is_tried_later() -> None:
    reply = Wire([httpx.Response(200, text="<html><title>Sorry</title></html>")]).get()
    with pytest.raises(TryLater, match="a web page where data was due: Sorry"):
        reply.json()


# --- secrets ------------------------------------------------------------------------------------


def echo(request: httpx.Request) -> httpx.Response:
    """A proxy's error page with the whole request in it."""
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    return httpx.Response(502, text=f"<pre>{' '.join(lines)} {request.content.decode()}</pre>")


def test_no_secret_is_ever_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    """Not even when a proxy repeats the request in its error page."""
    caplog.set_level(logging.DEBUG)
    wire = Wire(tokens=Tokens(spare=1))
    limits = ServiceLimits("Xero", windows=())
    timing = Timing(lambda: wire.clock, wire.sleep, wire.now)
    form = f"grant_type=refresh_token&refresh_token=r-{SECRET}&client_secret=c-{SECRET}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    said = []
    for tokens in (Tokens(spare=1), ApiKey(SECRET), None):
        transport = transport_to(echo, limits, timing)
        service = Service(ORIGIN, transport, limits, tokens)
        for call in (
            lambda service=service: service.get("/things", {"page": "1"}),
            lambda service=service: service.call("POST", "/token", body=form, headers=headers),
        ):
            error = failed(call)
            said += [error.message, error.hint, repr(error), str(error.__cause__)]
        service.close()
    assert "things" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in " ".join(said)


def test_no_secret_is_said_as_it_stood_in_a_form_either() -> None:
    """A form has %2F for a slash; what repeats the form shows that."""
    token = f"AB/11+{SECRET}=="
    form = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    limits = ServiceLimits("Xero", windows=())
    transport = transport_to(echo, limits, Timing(lambda: 0.0, lambda _: None))
    service = Service(ORIGIN, transport, limits, None)
    error = failed(lambda: service.call("POST", "/token", body=form, headers=headers))
    assert SECRET not in error.message
    service.close()


def test_trace_id_without_end_is_cut() -> None:
    wire = Wire([httpx.Response(400, headers={"Trace-Id": "7" * 5000}, text="no")])
    assert len(failed(wire.get).message) < 400


def test_reply_hides_its_secrets_when_it_is_shown() -> None:
    assert SECRET not in repr(Reply("Xero", 400, {}, b"no", secrets=(SECRET,)))


# --- applications inside this process -----------------------------------------------------------


def test_broken_connection_of_an_application_looks_like_a_real_one() -> None:
    tries = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        tries.append(Request(environ).path)
        if len(tries) == 1:
            raise ConnectionResetError("gone")
        return Response('{"ok": true}')(environ, start)

    wire = Wire()
    network = Network(Timing(lambda: wire.clock, wire.sleep, wire.now), {ORIGIN: app})
    service = network.service(ORIGIN, ServiceLimits("Xero", windows=()), None)
    assert service.get("/things").json() == {"ok": True}
    assert tries == ["/things", "/things"]
    service.close()
