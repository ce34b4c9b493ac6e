"""What others on this machine may send to the service for the Web Connector."""

import http.client
import logging
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from lxml import etree

from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.qbd.web_connector import soap
from invoicesync_cli.load.qbd.web_connector.relay import key_of
from invoicesync_cli.load.qbd.web_connector.service import (
    LARGE,
    SMALL,
    WebConnectorService,
    listening,
)
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_sandbox.qbd.soap import ENVELOPE, NAMESPACE
from tests.kits.qbwc import assert_operation
from tests.kits.qbxml import Desk, enveloped
from tests.kits.web_connector import PASSWORD, Polled, in_background, polled

XML = {"Content-Type": "text/xml; charset=utf-8"}
CALL = (
    f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><serverVersion xmlns="{NAMESPACE}"/>'
    "</s:Body></s:Envelope>"
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
BOMB = (
    f'<!DOCTYPE e [<!ENTITY l0 "lol">{LAUGHS}]><s:Envelope xmlns:s="{ENVELOPE}">&l8;</s:Envelope>'
)
OUTSIDE = '<!DOCTYPE e [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + CALL


@pytest.fixture
def at() -> Iterator[Polled]:
    with polled() as found:
        yield found
        # Whatever was said to it, it answers whom it is there for.
        with found.sessions.run():
            assert found.connector(Desk().qbd, wait=lambda _: None).service.text("serverVersion")


def said(
    at: Polled, body: bytes | str, *, method: str = "POST", path: str = "/qbwc", **headers: str
) -> tuple[int, bytes]:
    """Status and body of the answer to a request."""
    connection = http.client.HTTPConnection(urlsplit(at.root).netloc, timeout=30)
    try:
        given = {**XML, **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent = body.encode() if isinstance(body, str) else body
        connection.request(method, path, sent, given)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "body",
    [
        f"<!DOCTYPE e>{CALL}",
        f'<?xml version="1.0"?>\n<!DOCTYPE e SYSTEM "http://127.0.0.1/x.dtd">{CALL}',
        BOMB,
        OUTSIDE,
        # In another encoding the word would not be found by a search for its letters.
        f"<!DOCTYPE e>{CALL}".encode("utf-16"),
        BOMB.encode("utf-16"),
        b"",
        b"\x00" * 100,
        "<html><body><form/></body></html>",
        CALL[:-5],
        CALL.replace("serverVersion", "dropEverything"),
        CALL.replace("serverVersion", "__init__"),
        f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body/></s:Envelope>',
        "<a>" * 50_000 + "</a>" * 50_000,
        CALL.replace("<s:Body>", "<s:Header>" + "<x/>" * 1000 + "</s:Header><s:Body>"),
        '<?xml version="1.0" encoding="no-such"?>' + CALL,
        "&#0;",
        b"<\xff\xfe",
    ],
    ids=range(18),
)
def test_what_is_no_call_is_refused_in_xml(at: Polled, body: bytes | str) -> None:
    status, answer = said(at, body)

    assert status == 400
    (reason,) = etree.fromstring(answer).iter("faultstring")
    assert reason.text
    assert b"root:" not in answer
    assert answer.isascii()


def test_a_call_is_a_call_in_any_namespace(at: Polled) -> None:
    rpc = CALL.replace(f'<serverVersion xmlns="{NAMESPACE}"/>', '<q:serverVersion xmlns:q="u"/>')
    assert said(at, rpc)[0] == said(at, CALL.encode("utf-16"))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8085", "localhost.evil.example", "10.0.0.1", "", "::"]
)
def test_another_host_name_is_refused(at: Polled, host: str) -> None:
    """A name that somebody points at 127.0.0.1 makes a browser send what it is told to."""
    assert said(at, CALL, Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:1", "[::1]:8085"])
def test_a_forwarded_port_of_this_machine_may_be_another(at: Polled, host: str) -> None:
    assert said(at, CALL, Host=host)[0] == 200


def test_the_host_of_the_url_is_ours() -> None:
    service = WebConnectorService(Sessions(b""), PASSWORD, ["books.example.com"])
    with listening(service, ("127.0.0.1", 0)) as port:
        at = Polled(Sessions(b""), f"http://localhost:{port}")
        assert said(at, CALL, Host="books.example.com")[0] == 200
        assert said(at, CALL, Host="example.com")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_web_page_cannot_call(at: Polled, headers: dict[str, str]) -> None:
    assert said(at, CALL, **headers)[0] in {403, 415}


def test_only_what_is_there_is_there(at: Polled) -> None:
    assert said(at, "", method="GET", path="/support")[0] == 200
    assert said(at, "", method="GET", path="/../../etc/passwd")[0] == 404
    assert said(at, CALL, path="/support")[0] == 404
    assert said(at, CALL, method="PUT")[0] == 404


def test_a_hundred_mebibytes_are_not_read(at: Polled) -> None:
    status, _ = announced(at, 100 << 20)
    assert status == 413
    # Without an answer that is waited for, nothing that is large has a reason.
    assert announced(at, SMALL + 1)[0] == 413


def test_a_large_answer_is_read_while_one_is_awaited(at: Polled) -> None:
    answer = in_background(
        lambda: at.sessions.exchange(enveloped("<HostQueryRq/>"), limit=30, wait=30)
    )
    with at.sessions.run():
        ticket, _ = at.authenticate()
        while at.call("sendRequestXML", ticket=ticket) == "NoOp":
            pass
        assert announced(at, LARGE + 1)[0] == 413
        large = "x" * (SMALL + 1)
        assert at.call("receiveResponseXML", ticket=ticket, response=large) == "1"
        assert answer.result(30) == large


def test_a_length_that_is_not_given_is_refused(at: Polled) -> None:
    connection = http.client.HTTPConnection(urlsplit(at.root).netloc, timeout=30)
    try:
        connection.request("POST", "/qbwc", iter([CALL.encode()]), XML, encode_chunked=True)
        assert connection.getresponse().status == 411
    finally:
        connection.close()


def announced(at: Polled, length: int) -> tuple[int, bytes]:
    """The answer to a call that says how long it is, and sends nothing of it."""
    connection = http.client.HTTPConnection(urlsplit(at.root).netloc, timeout=30)
    try:
        connection.putrequest("POST", "/qbwc")
        for name, value in {**XML, "Content-Length": str(length)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_guesses_at_the_password_are_answered_one_by_one_and_never_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with polled() as at, at.sessions.run():
        for _ in range(20):
            assert at.authenticate("my-guess-1234") == ["", "nvu"]
        assert at.authenticate()[0]

    out, err = capfd.readouterr()
    assert "wrong password" in caplog.text
    for secret in (PASSWORD, "my-guess-1234"):
        assert secret not in caplog.text + out + err


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        service = WebConnectorService(Sessions(key_of(PASSWORD)), PASSWORD)
        with pytest.raises(TryLater) as caught, listening(service, ("127.0.0.1", port)):
            pass

    assert f"Port {port} is taken" in caught.value.message
    assert caught.value.unknown is False


def test_replies_are_ascii_and_as_the_wsdl_has_them() -> None:
    text = 'Café "€" <&> \u4e16'
    for operation, result in (
        ("serverVersion", text),
        ("clientVersion", ""),
        ("authenticate", ("{t}", text)),
        ("sendRequestXML", text),
        ("receiveResponseXML", "100"),
        ("connectionError", "done"),
        ("getLastError", text),
        ("closeConnection", text),
    ):
        reply = soap.reply(operation, result)
        assert reply.isascii()
        (response,) = etree.fromstring(reply)[0]
        assert_operation(response)
    assert "".join(etree.fromstring(soap.reply("getLastError", text)).itertext()) == text
