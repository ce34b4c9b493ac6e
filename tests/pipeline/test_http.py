"""The transport by itself: pace, waits, repeats, credentials, and what is never said."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from invoicesync_cli.auth.tokens import ApiKey
from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.fetch.limits import LIMITS as KEAP
from invoicesync_cli.http.limits import Instant, ServiceLimits
from invoicesync_cli.load.qbo.limits import LIMITS as QUICKBOOKS
from invoicesync_cli.load.xero.limits import LIMITS as XERO
from tests.kits.transport import SECRET, START, Tokens, Wire, failed


def lost() -> httpx.ReadError:
    """The connection broke while the answer was awaited."""
    return httpx.ReadError("connection reset")


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


def test_question_that_fits_into_no_address_is_no_crash() -> None:
    """A name of 100,000 characters, say."""
    wire = Wire()
    with pytest.raises(TryLater, match="too long") as caught:
        wire.service.get("/things", {"name": "x" * 100_000})
    assert (caught.value.code, wire.service.usage.calls) == ("unreadable-answer", 0)
    wire.service.close()


def test_what_a_slow_answer_has_cost_is_made_up_for() -> None:
    """A minute has room for as many batches, wherever in it nothing went out for some seconds."""
    wire = Wire(limits=QUICKBOOKS)
    service = wire.service
    for _ in range(20):
        service.call("POST", "/v3/batch", body=b"{}")
    wire.clock += 5
    before = wire.clock
    for _ in range(3):
        service.call("POST", "/v3/batch", body=b"{}")
    assert wire.clock - before < 0.5
    for _ in range(3):
        service.call("POST", "/v3/batch", body=b"{}")
    assert wire.clock - before > 4
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
    limits = replace(XERO, windows=())
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


def test_nobody_reached_is_reported_with_the_host() -> None:
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
