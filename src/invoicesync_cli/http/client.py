"""The only importer of httpx: a client per service, with a rate-limited transport under it."""

import os
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar
from ssl import SSLContext
from typing import Any, Protocol, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from invoicesync_cli import __version__
from invoicesync_cli.errors import ConfigError, TryLater
from invoicesync_cli.http.deadline import Deadline
from invoicesync_cli.http.limits import (
    ONCE,
    SAFE,
    AnswerLost,
    NotReached,
    RateLimitedTransport,
    ServiceLimits,
    Timing,
)
from invoicesync_cli.http.recording import Recorder, Recording, Transport
from invoicesync_cli.http.responses import Reply, failure, sign_in_command
from invoicesync_cli.http.signing import checked, secrets_of
from invoicesync_cli.programs import ChildProcess, Program
from invoicesync_cli.progress import SILENT, Waiting
from invoicesync_cli.services import is_loopback

NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
"""Failures after which the service cannot have seen the request."""
LARGEST = 32 << 20
"""Bytes of the largest answer, packed and unpacked; a page of 1,000 documents has some ten MiB."""
ANY_WINDOW = 47
"""Lets zlib find out by itself whether it is gzip or deflate."""
TRACE = 80
"""Characters of a trace id; the vendors' have 36."""
OF_THE_WIRE = {b"content-encoding", b"content-length", b"transfer-encoding"}
"""Headers that say how an answer was sent, and mean nothing once it is unpacked."""
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
"""What in the environment says where certificates are, and where session keys are logged."""
PROXY_STATUS = re.compile(r"[45]\d\d\b")

WsgiApp = Callable[..., Iterable[bytes]]


class TokenSource(Protocol):
    """What signs a request."""

    def headers(self) -> dict[str, str]:
        """Headers for the next request. Raises `SignInNeeded` when there are none."""
        ...

    def renew(self, used: Mapping[str, str]) -> bool:
        """After a 401 to a request with these headers: whether another try makes sense."""
        ...


class _NoCookies(CookieJar):
    """Keeps no cookie: no service that is called here needs one, and looking for them takes time
    at every answer."""

    def extract_cookies(self, *_: object) -> None:
        """Keep nothing."""


class Connections(httpx.BaseTransport):
    """One request out and one answer in, bounded in size and time; failures without any secret."""

    def __init__(self, inner: httpx.BaseTransport, limits: ServiceLimits, timing: Timing) -> None:
        self._inner = inner
        self._limits = limits
        self._deadline = Deadline(2 * limits.timeout, timing)
        if isinstance(inner, httpx.HTTPTransport):
            self._deadline.watch(inner)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read whole. Raises `NotReached`, `AnswerLost` and `TryLater`."""
        self._deadline.start()
        try:
            response = self._inner.handle_request(request)
            try:
                body = self._body(response)
            finally:
                response.close()
        except NOT_REACHED as error:
            raise NotReached(_why(error)) from None
        except UnicodeError:
            raise NotReached("its host name, or its proxy's, is no host name") from None
        except (httpx.TransportError, zlib.error) as error:
            raise AnswerLost(_why(error)) from None
        headers = [pair for pair in response.headers.raw if pair[0].lower() not in OF_THE_WIRE]
        return httpx.Response(response.status_code, headers=headers, content=body, request=request)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise AnswerLost("it is compressed in a way that was not asked for")
        unpack = None if encoding in {"", "identity"} else zlib.decompressobj(ANY_WINDOW)
        received, body = 0, bytearray()
        for chunk in cast("httpx.SyncByteStream", response.stream):
            self._deadline.left()
            received += len(chunk)
            body += unpack.decompress(chunk, LARGEST + 1 - len(body)) if unpack else chunk
            if max(received, len(body)) > LARGEST:
                raise TryLater(
                    f"{self._limits.name}'s answer is larger than {LARGEST >> 20} MiB.",
                    hint="Nothing was done with it. Try again later.",
                    code="unreadable-answer",
                )
        if unpack and received and not unpack.eof:
            raise AnswerLost("it was cut off")
        return bytes(body)


def _why(error: Exception) -> str:
    """A failure in words that quote nothing of the request, the answer or the proxy's address."""
    if isinstance(error, httpx.ConnectError):
        return str(error) or "there is no connection"
    if isinstance(error, httpx.ProxyError):
        status = PROXY_STATUS.match(str(error))
        return f"the proxy refused it ({status[0] if status else 'no reason given'})"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return "it was cut off"


class _Signed(httpx.Auth):
    """Signs requests, and asks once more with new headers after a 401."""

    def __init__(self, tokens: TokenSource, service: str) -> None:
        self._tokens = tokens
        self._service = service

    def auth_flow(self, request: httpx.Request) -> Any:
        used = self._sign(request)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and self._tokens.renew(used):
            for name in used:
                request.headers.pop(name, None)
            self._sign(request)
            yield request

    def _sign(self, request: httpx.Request) -> dict[str, str]:
        used = self._tokens.headers()
        for value in used.values():
            checked(
                value,
                f"What {self._service}'s requests are signed with",
                f"Sign in again: {sign_in_command(self._service)}",
            )
        request.headers.update(used)
        return used


class _InProcess(httpx.BaseTransport):
    """Answers from a WSGI application; a connection that it breaks looks like a real one's."""

    def __init__(self, app: WsgiApp) -> None:
        self._wsgi = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._wsgi.handle_request(request)
        except ConnectionError as error:
            raise httpx.ReadError(str(error)) from None


class Service:
    """A service to talk to."""

    def __init__(
        self,
        origin: str,
        transport: RateLimitedTransport,
        limits: ServiceLimits,
        tokens: TokenSource | None,
    ) -> None:
        self.name = limits.name
        self.usage = transport.usage
        self.pause = transport.pause
        self.instant = transport.instant
        self._trace = limits.trace
        self._origin = origin.rstrip("/")
        self._client = httpx.Client(
            transport=cast("httpx.BaseTransport", transport),
            auth=_Signed(tokens, limits.name) if tokens else None,
            timeout=httpx.Timeout(limits.timeout, connect=15.0),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": f"invoicesync/{__version__}",
            },
            cookies=_NoCookies(),
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> Reply:
        """Read. Raises as `call` does."""
        return self.call("GET", path, params=params)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
        once: bool = False,
    ) -> Reply:
        """One request and its answer, when that is a good one.

        A `safe` one changes nothing, as a GET does, and is sent again when its answer is lost. One
        that is sent `once` never is, whatever the answer.
        Raises `SignInNeeded` on 401 and 403, `TryLater` when the service is down or out of reach,
        and `ServiceRefused` with the vendor's words on any other refusal.
        """
        request = self._request(method, path, params, body, headers)
        request.extensions[SAFE] = safe
        request.extensions[ONCE] = once
        reply = self._reply(self._client.send(request))
        if reply.good:
            return reply
        raise failure(reply)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Reply:
        """One request and its answer, good or not; one that is sent `once` is the first that comes.

        Raises `TryLater` when there is none.
        """
        request = self._request(method, path, None, body, headers)
        request.extensions[ONCE] = once
        return self._reply(self._client.send(request))

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | list[str]] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        sent = dict(headers or {})
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        # Put together here, the address is taken apart once by httpx, and not four times.
        query = f"?{httpx.QueryParams(params)}" if params else ""
        address = f"{self._origin}/{path.lstrip('/')}{query}"
        try:
            return self._client.build_request(method, address, content=body, headers=sent)
        except httpx.InvalidURL:
            raise TryLater(
                f"{self.name} cannot be asked: a text in what was asked about is too long "
                "for an address.",
                hint="No name, e-mail or reference is that long. Try again later; if it stays, "
                "look at what was entered last.",
                code="unreadable-answer",
            ) from None

    def _reply(self, response: httpx.Response) -> Reply:
        return Reply(
            self.name,
            response.status_code,
            response.headers,
            response.content,
            response.headers.get(self._trace, "")[:TRACE],
            secrets_of(response.request),
        )


@dataclass
class Network:
    """Makes services. `apps` are applications that answer for an origin inside this process,
    `programs` make what answers there in place of a command, and `waiting` hears of every wait for
    a limit or a service."""

    timing: Timing = field(default_factory=Timing)
    apps: Mapping[str, WsgiApp] = field(default_factory=dict)
    programs: Mapping[str, Callable[[], Program]] = field(default_factory=dict)
    recorder: Recorder | None = None
    waiting: Waiting = SILENT.waits

    def program(self, command: str | Sequence[str]) -> Program:
        """A program that is started by this command. Raises `ProgramEnded`."""
        inside = self.programs.get(command) if isinstance(command, str) else None
        return inside() if inside else ChildProcess(command)

    def service(self, origin: str, limits: ServiceLimits, tokens: TokenSource | None) -> Service:
        """A client for one origin. TLS is checked, redirects are not followed.

        Raises `ConfigError` when this machine's proxy or certificates cannot be used.
        """
        app = self.apps.get(origin)
        wire = _InProcess(app) if app else _transport(origin)
        inner: Transport = Connections(wire, limits, self.timing)
        if self.recorder:
            inner = Recording(inner, self.recorder, limits.name, self.timing.now)
        limited = RateLimitedTransport(inner, limits, self.timing, self.waiting)
        return Service(origin, limited, limits, tokens)


def _transport(origin: str) -> httpx.HTTPTransport:
    """Connections to an origin, by this machine's proxy and certificates. Raises `ConfigError`."""
    return httpx.HTTPTransport(verify=trusted(), proxy=_proxy_for(origin))


def trusted() -> SSLContext:
    """How certificates are checked on this machine. Raises `ConfigError` where they cannot be."""
    folder = os.environ.get("SSL_CERT_DIR", "")
    try:
        if folder and not os.environ.get("SSL_CERT_FILE"):
            os.scandir(folder).close()
        return _checks(tuple(os.environ.get(name) for name in CERTIFICATES))
    except OSError as error:
        found = [name for name in CERTIFICATES if os.environ.get(name)]
        what = " or ".join(found) or "The certificates of this machine"
        raise ConfigError(
            f"{what} cannot be used: {error.strerror or 'it has no certificates'}.",
            hint="Correct or unset it in the environment, then run the command again."
            if found
            else "Install invoicesync again.",
            code="certificates",
        ) from None


@lru_cache(maxsize=1)
def _checks(_settings: tuple[str | None, ...]) -> SSLContext:
    """How certificates are checked under these settings: reading all of them from disk takes as
    long as some requests, so the services share what was read."""
    return httpx.create_ssl_context()


def _proxy_for(origin: str) -> httpx.Proxy | None:
    """The proxy that this machine is set up to use; never one for the machine itself.

    One without a scheme speaks HTTP, as with curl. Raises `ConfigError`, which quotes nothing of
    the address: it may hold a password.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    known = getproxies()
    address = (known.get(parts.scheme) or known.get("all") or "").strip()
    if not address or is_loopback(host) or proxy_bypass(host):
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
        known_scheme = proxy.url.scheme in {"http", "https"}
        usable = known_scheme and bool(proxy.url.host) and (proxy.url.port or 0) < 1 << 16
    except (ValueError, httpx.InvalidURL):
        usable = False
    if usable:
        return proxy
    raise ConfigError(
        "The address of this machine's proxy is none that can be used: it has to begin with "
        "http:// or https://, and SOCKS proxies are not supported.",
        hint="Correct HTTPS_PROXY (or ALL_PROXY, or the proxy in the system's settings), or list "
        f"{host} in NO_PROXY.",
        code="proxy",
    )
