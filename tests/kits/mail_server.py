"""A real mail server on loopback, with TLS, a login and a letter box; and ways for it to fail."""

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kits.sign_in import free_port

USER, PASSWORD = "books@example.com", "open=sesame ~1"


@dataclass
class MailServer:
    """What arrived, and what is refused: `refusal` is the answer to a mail, where there is one,
    `refused` the addresses that get none."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refusal: str = ""
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient or not."""
        if address in self.refused:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:
        """Take a mail or not."""
        if self.refusal:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def log_in(self, *given: Any) -> AuthResult:
        """Take the one user with the one password."""
        data = given[-1]
        right = isinstance(data, LoginPassword) and (
            (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        )
        self.logins.append("right" if right else "wrong")
        return AuthResult(success=right, handled=False)


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost, and the file that whoever trusts it names."""

    context: ssl.SSLContext
    file: Path


def certificate(folder: Path, host: str = "localhost") -> Certificate:
    """A certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / f"{host}.pem", folder / f"{host}.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return Certificate(context, file)


class _AtOnce(Controller):
    """Encrypted from the first byte on."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, ssl_context=named.pop("context"), **named)


@contextlib.contextmanager
def mail_server(
    context: ssl.SSLContext | None = None, *, at_once: bool = False, login: bool = True
) -> Iterator[MailServer]:
    """A server on a port of its own: with STARTTLS, encrypted `at_once`, or (no context) plain."""
    server = MailServer(free_port())
    settings: dict[str, Any] = {"hostname": "127.0.0.1", "port": server.port}
    if login:
        # What is encrypted at once is not known to be so there, and plain only offers a login.
        must = bool(context) and not at_once
        settings |= {"authenticator": server.log_in, "auth_required": must}
    if context and at_once:
        controller: Controller = _AtOnce(
            server, context=context, auth_require_tls=False, **settings
        )
    elif context:
        controller = Controller(server, tls_context=context, require_starttls=True, **settings)
    else:
        controller = Controller(server, auth_require_tls=False, **settings)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextlib.contextmanager
def breaking_off(script: list[bytes]) -> Iterator[int]:
    """A port where one line of the script is said after each that comes, then nothing more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    for line in script:
                        connection.sendall(line)
                        if line is not script[-1]:
                            connection.recv(65536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@dataclass
class PingService:
    """What a monitoring service was called with, and its next answers."""

    address: str = ""
    calls: list[str] = field(default_factory=list)
    status: str = "200 OK"
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        """Answer a call, as WSGI has it."""
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        self.calls.append(environ["PATH_INFO"] + query)
        self.headers.append({k: v for k, v in environ.items() if k.startswith("HTTP_")})
        start(self.status, [("Content-Type", "text/plain"), ("Location", "/elsewhere")])
        return [b"OK"]
