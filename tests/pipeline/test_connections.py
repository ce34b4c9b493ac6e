"""Real connections: bounded in size and time, proxies and certificates, and nothing quoted."""

import gzip
import re
import socket
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from invoicesync_cli.auth.tokens import ApiKey
from invoicesync_cli.cli.application import parser
from invoicesync_cli.config.sections import Config
from invoicesync_cli.errors import ConfigError, ExitCode, InvoiceSyncError, TryLater
from invoicesync_cli.http import client
from invoicesync_cli.http.client import Connections, Network, Service
from invoicesync_cli.http.limits import RateLimitedTransport, ServiceLimits, Timing
from invoicesync_cli.services import origins
from tests.kits.mail_server import certificate

LIMITS = ServiceLimits("Xero", windows=(), timeout=60.0)
SECRET = "hunter2-and-more"
API = "https://api.vendor.example"
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Time:
    """A clock that goes on by itself with every look at it, and by sleeping."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds = 0.0
        self.step = step

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def timing(self) -> Timing:
        return Timing(self.monotonic, self.sleep)


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


def failed(call: Callable[[], object]) -> InvoiceSyncError:
    """The error that a call ends with."""
    with pytest.raises(InvoiceSyncError) as caught:
        call()
    return caught.value


# --- size ---------------------------------------------------------------------------------------


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


# --- time ---------------------------------------------------------------------------------------


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


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of this machine, where `serve` answers whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


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


# --- what this machine is set up with -----------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ENVIRONMENT, "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    "address",
    [
        f"socks5://user:{SECRET}@127.0.0.1:3128",
        f"socks5h://user:{SECRET}@127.0.0.1:3128",
        f"socks4://user:{SECRET}@127.0.0.1:3128",
        f"ftp://user:{SECRET}@127.0.0.1:3128",
        f"user:{SECRET}@127.0.0.1:port",
        f"http://user:{SECRET}@",
        f"http://user:{SECRET}@[::1",
        f"http://user:{SECRET}@host\u200b:3128\r\n",
        f"http://user:{SECRET}@host:99999999",
        f"://{SECRET}",
        f"http://{SECRET}\x7f\n",
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_proxy_that_cannot_be_used_is_named_without_its_address(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    error = failed(lambda: Network(Time().timing).service(API, LIMITS, None))
    assert isinstance(error, ConfigError)
    assert error.exit_code == ExitCode.CONFIG
    assert "HTTPS_PROXY" in error.hint
    assert SECRET not in repr(error) + error.message + error.hint
    assert error.__cause__ is None


@pytest.mark.parametrize("scheme", ["", "http://"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_proxy_is_taken_as_curl_takes_it(
    monkeypatch: pytest.MonkeyPatch, scheme: str, name: str
) -> None:
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        asked.append(connection.recv(10_000))
        connection.sendall(
            b"HTTP/1.1 407 Sorry " + SECRET.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        )

    with listening(serve) as port:
        monkeypatch.setenv(name, f"{scheme}user:{SECRET}@127.0.0.1:{port}")
        behind = Network(Time().timing).service(API, LIMITS, None)
        error = failed(lambda: behind.get("/things"))
        behind.close()
    assert asked[0].startswith(b"CONNECT api.vendor.example:443")
    assert b"Proxy-Authorization: Basic" in asked[0]
    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "no-connection")
    assert "407" in error.message
    assert SECRET not in error.message + error.hint


def test_host_of_a_proxy_that_is_no_host_name_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{'x' * 70}.example:3128")
    behind = Network(Time().timing).service(API, LIMITS, None)
    assert failed(lambda: behind.get("/things")).exit_code == ExitCode.TRY_LATER
    behind.close()


def test_no_proxy_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "vendor.example")
    Network(Time().timing).service(API, LIMITS, None).close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
@pytest.mark.parametrize("what", ["missing", "unreadable"])
def test_certificates_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, what: str
) -> None:
    file = tmp_path / "file"
    file.write_text("no certificate")
    wrong = {"SSL_CERT_FILE": file, "SSL_CERT_DIR": file, "SSLKEYLOGFILE": tmp_path}[name]
    monkeypatch.setenv(name, str(tmp_path / "no" / "such" if what == "missing" else wrong))
    error = failed(lambda: Network(Time().timing).service(API, LIMITS, None))
    assert isinstance(error, ConfigError)
    assert name in error.message
    assert "unset" in error.hint


def test_certificates_are_checked() -> None:
    made = client._transport(API)
    context = made._pool._ssl_context
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    made.close()


OFF = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "SSL_NO_VERIFY": "1",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
    "GIT_SSL_NO_VERIFY": "1",
    "SSL_CERT_FILE": "",
    "SSL_CERT_DIR": "",
}
"""What switches the check off elsewhere."""


def test_certificate_that_nobody_vouches_for_is_refused_whatever_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, heard = certificate(tmp_path).context, list[bytes]()

    def serve(connection: socket.socket) -> None:
        with server.wrap_socket(connection, server_side=True) as encrypted:
            heard.append(encrypted.recv(10_000))

    for name, value in OFF.items():
        monkeypatch.setenv(name, value)
    with listening(serve) as port:
        address = f"https://localhost:{port}"
        impostor = Network(Time().timing).service(address, LIMITS, ApiKey(SECRET))
        error = failed(lambda: impostor.call("POST", "/things", body=b"{}"))
        impostor.close()
    assert error.code == "no-connection"
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert heard == []


def test_certificate_that_this_machine_trusts_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = certificate(tmp_path)

    def serve(connection: socket.socket) -> None:
        with trusted.context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.recv(10_000)
            encrypted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    with listening(serve) as port:
        address = f"https://localhost:{port}"
        good = Network(Time().timing).service(address, LIMITS, ApiKey(SECRET))
        assert good.get("/things").json() == []
        good.close()


def test_no_setting_and_no_option_switches_the_check_off() -> None:
    """Nor is there an address without TLS, but on this machine."""
    words = re.compile("verif|insecure|ssl|certificate", re.IGNORECASE)
    schema = str(Config.model_json_schema()["$defs"].items())
    keys = re.findall(r"'properties': \{.*?\}|'(\w+)': \{", schema)
    assert len(keys) > 60
    assert [key for key in keys if words.search(key)] == []
    options = list(every_option(parser()))
    assert len(options) > 100
    assert [option for option in options if words.search(option)] == []
    with pytest.raises(ConfigError):
        origins("xero", {"INVOICESYNC_XERO_ROOT": "http://xero.example"})


def every_option(command: Any) -> Iterator[str]:
    """The options of a command and of those below it."""
    for parameter in command.params:
        yield from parameter.opts
    for below in getattr(command, "commands", {}).values():
        yield from every_option(below)


def test_services_share_the_certificates_that_were_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = client._transport(API), client._transport("https://other.example")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    third = client._transport(API)

    assert first._pool._ssl_context is second._pool._ssl_context
    assert third._pool._ssl_context is not first._pool._ssl_context
    for made in (first, second, third):
        made.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A token goes to no other host than the vendor's."""
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(status, headers={"Location": "https://elsewhere.example/"})

    assert failed(lambda: service(answer).get("/things")).exit_code == ExitCode.TRY_LATER
    assert set(hosts) == {"api.vendor.example"}
