"""What this machine is set up with: proxies, and the certificates that it trusts."""

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.auth.tokens import ApiKey
from invoicesync_cli.cli.application import parser
from invoicesync_cli.config.sections import Config
from invoicesync_cli.errors import ConfigError, ExitCode
from invoicesync_cli.http import client
from invoicesync_cli.http.client import Network
from invoicesync_cli.services import origins
from tests.kits.mail_server import certificate
from tests.kits.service_calls import API, ENVIRONMENT, LIMITS, Time, failed, listening

SECRET = "hunter2-and-more"


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
