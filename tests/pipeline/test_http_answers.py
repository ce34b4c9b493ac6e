"""What answers mean that are no success, in whose words, and without a secret."""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.auth.tokens import ApiKey
from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.http.client import Network, Service
from invoicesync_cli.http.limits import ServiceLimits, Timing
from invoicesync_cli.http.responses import Reply, ServiceRefused
from tests.kits.transport import (
    ORIGIN,
    SECRET,
    Tokens,
    Wire,
    failed,
    transport_to,
)


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
def test_trace_id_is_reported(status: int) -> None:
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
