"""Real connections: bounded in size and time, proxies and certificates, and nothing quoted."""

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.http import client
from invoicesync_cli.http.client import Connections, Network, Service
from invoicesync_cli.http.limits import RateLimitedTransport
from tests.kits.service_calls import API, ENVIRONMENT, LIMITS, Time, failed, listening


def service(answer: Callable[[httpx.Request], httpx.Response], time: Time | None = None) -> Service:
    """A service that a function stands for."""
    timing = (time or Time()).timing
    wire = Connections(httpx.MockTransport(answer), LIMITS, timing)
    return Service(API, RateLimitedTransport(wire, LIMITS, timing), LIMITS, None)


def streamed(
    chunks: Callable[[], Iterator[bytes]], encoding: str = ""
) -> Callable[[httpx.Request], httpx.Response]:
    """Answers that come in pieces."""

    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

    headers = {"Content-Encoding": encoding} if encoding else {}
    return lambda _: httpx.Response(200, headers=headers, stream=Stream())


def bomb(size: int) -> bytes:
    """Many zeros, packed."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"0" * (1 << 20)
    return b"".join([*(pack.compress(zeros) for _ in range(size >> 20)), pack.flush()])


def test_answer_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1 << 20)
    given = []

    def endless() -> Iterator[bytes]:
        while True:
            given.append(1)
            yield b"x" * (1 << 16)

    error = failed(lambda: service(streamed(endless)).get("/things"))
    assert isinstance(error, TryLater)
    assert (error.code, error.unknown) == ("unreadable-answer", True)
    assert "larger than 1 MiB" in error.message
    assert len(given) < 20


def test_answer_that_is_packed_tight_is_given_up_in_little_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "LARGEST", 1 << 20)
    packed = bomb(200 << 20)
    tracemalloc.start()
    try:
        error = failed(lambda: service(streamed(lambda: iter([packed]), "gzip")).get("/things"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "unreadable-answer")
    assert peak < 8 << 20


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_largest_answer_that_is_read(encoding: str) -> None:
    """Packed or not: 32 MiB, and not a byte more."""

    def answer(size: int) -> Callable[[httpx.Request], httpx.Response]:
        body = b"x" * size
        return streamed(lambda: iter([gzip.compress(body, 1) if encoding else body]), encoding)

    assert len(service(answer(32 << 20)).get("/things").body) == 32 << 20
    error = failed(lambda: service(answer((32 << 20) + 1)).get("/things"))
    assert "larger than 32 MiB" in error.message


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_packed_answers_are_unpacked(encoding: str) -> None:
    packed = gzip.compress(b'{"ok": true}') if "zip" in encoding.lower() else zlib.compress(b"[1]")
    pieces = [packed[place : place + 3] for place in range(0, len(packed), 3)]
    reply = service(streamed(lambda: iter(pieces), encoding)).get("/things")
    assert reply.json() in ({"ok": True}, [1])


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "gzip, gzip"])
def test_answer_that_cannot_be_unpacked_is_lost(encoding: str) -> None:
    whole = gzip.compress(b'{"ok": true, "more": "' + b"x" * 500 + b'"}')
    error = failed(lambda: service(streamed(lambda: iter([whole[:-9]]), encoding)).get("/things"))
    assert error.code == "connection-lost"


def test_answer_that_comes_in_drops_comes_to_an_end() -> None:
    time = Time()

    def drops() -> Iterator[bytes]:
        while True:
            time.seconds += 2
            yield b" "

    error = failed(lambda: service(streamed(drops), time).get("/things"))
    assert error.code == "connection-lost"
    assert "longer than 120 seconds" in error.message
    # Tried four times, and given up each time.
    assert time.seconds < 4 * 125 + 20


def test_headers_that_come_in_drops_come_to_an_end() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: 1\r\n")

    with listening(serve) as port:
        network = Network(Time(step=50.0).timing)
        slow = network.service(f"http://127.0.0.1:{port}", LIMITS, None)
        error = failed(lambda: slow.call("POST", "/things", body=b"{}"))
        slow.close()
    assert error.code == "connection-lost"
    assert error.unknown
    assert "longer than 120 seconds" in error.message


def test_real_answers_still_come_through() -> None:
    def serve(connection: socket.socket) -> None:
        for _ in range(2):
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    with listening(serve) as port:
        good = Network(Time().timing).service(f"http://127.0.0.1:{port}", LIMITS, None)
        assert [good.get("/a").json(), good.get("/b").json()] == [[], []]
        good.close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ENVIRONMENT, "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A token goes to no other host than the vendor's."""
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(status, headers={"Location": "https://elsewhere.example/"})

    assert failed(lambda: service(answer).get("/things")).exit_code == ExitCode.TRY_LATER
    assert set(hosts) == {"api.vendor.example"}


def test_no_cookie_is_kept() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, headers={"Set-Cookie": "seen=1; Path=/"}, json={})

    found = service(answer)
    found.get("/things")
    found.get("/things", {"page": "2", "of": ["a b", "ü"]})

    assert [request.headers.get("Cookie") for request in asked] == [None, None]
    assert str(asked[1].url) == f"{API}/things?page=2&of=a+b&of=%C3%BC"
