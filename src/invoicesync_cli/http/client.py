"""The only importer of httpx: a client per service, with a rate-limited transport under it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from invoicesync_cli import __version__
from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.http.limits import (
    KEY_WINDOW,
    LONGEST_WAIT,
    THROTTLED_TRIES,
    TRIES,
    ServiceLimits,
    Timing,
    Usage,
    back_off,
)
from invoicesync_cli.http.recording import Recorder, Recording, Transport
from invoicesync_cli.http.responses import Reply, count_of, failure, retry_after, throttled
from invoicesync_cli.services import is_loopback

log = logging.getLogger("invoicesync.http")

REPEATED = {502, 503, 504}
SEEN = "invoicesync.seen"
"""Marks a request that the service may have worked on before it gave its last answer."""
KEYED = "invoicesync.keyed"
"""Marks a request that may be sent again: a read, or a write that carries a key."""
ONCE = "invoicesync.once"
"""Marks a request that is never repeated here, not even after a 429: its sender sees to that."""
KEY_AGE = "invoicesync.key_age"
"""How many seconds ago the request's idempotency key was first used, by an earlier run."""

NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
"""Failures after which the service cannot have seen the request."""
LOST = (httpx.TransportError, httpx.DecodingError)
"""Failures that leave a request without an answer that can be read."""

SIGNATURES = ("Authorization", "X-Keap-API-Key")
CREDENTIALS = {"client_secret", "code", "code_verifier", "refresh_token", "token"}

WsgiApp = Callable[..., Iterable[bytes]]


class TokenSource(Protocol):
    """What signs a request."""

    def headers(self) -> dict[str, str]:
        """Headers for the next request. Raises `SignInNeeded` when there are none."""
        ...

    def renew(self, used: Mapping[str, str]) -> bool:
        """After a 401 to a request with these headers: whether another try makes sense."""
        ...


class RateLimitedTransport(httpx.BaseTransport):
    """Waits for limits, repeats what is safe to repeat, and counts.

    Only reads, and writes that carry an idempotency key, are repeated after a lost connection
    or a 502, 503 or 504, a write only while its key is young; a request refused with 429 was not
    worked on, so any may be repeated.
    """

    def __init__(self, inner: Transport, limits: ServiceLimits, timing: Timing) -> None:
        self._inner = inner
        self._limits = limits
        self._timing = timing
        self._slots = threading.BoundedSemaphore(limits.in_flight)
        self._lock = threading.Lock()
        self._waited = 0.0
        self._sent: deque[float] = deque(maxlen=max((n for n, _ in limits.windows), default=1))
        self.usage = Usage()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request within the limits. Raises `TryLater` when there is no use in going on."""
        started = self._timing.monotonic() - request.extensions.get(KEY_AGE, 0.0)
        tries = refused = 0
        while True:
            self._pace()
            try:
                with self._slots:
                    response = self._answer(request)
            except LOST as error:
                tries += 1
                if not isinstance(error, NOT_REACHED):
                    request.extensions[SEEN] = True
                if not self._again(request, tries, started):
                    raise self._lost(request, error) from None
                self.pause(back_off(tries))
                continue
            self._count(request, response)
            if request.extensions.get(ONCE, False):
                return response
            if throttled(response.status_code, response.content):
                refused += 1
                self._wait(request, response, refused, started)
            elif response.status_code in REPEATED and self._again(request, tries + 1, started):
                tries += 1
                request.extensions[SEEN] = True
                self.pause(back_off(tries))
            else:
                return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        """One answer, read whole; how long it took is noted."""
        began, waited = self._timing.monotonic(), self._waited
        try:
            response: httpx.Response = self._inner.handle_request(request)
            response.read()
            return response
        finally:
            # What other requests waited for a limit meanwhile says nothing of the service.
            took = self._timing.monotonic() - began - (self._waited - waited)
            with self._lock:
                self.usage.slowest = max(self.usage.slowest, took)

    def pause(self, seconds: float) -> None:
        """Wait, which no answer is thought slow for."""
        with self._lock:
            self._waited += seconds
        self._timing.sleep(seconds)

    def _again(self, request: httpx.Request, tries: int, started: float) -> bool:
        if tries >= TRIES:
            return False
        if request.method in {"GET", "HEAD"}:
            return True
        return self._young(started) and request.extensions.get(KEYED, False)

    def _young(self, started: float, later: float = 0.0) -> bool:
        """Whether a key first used at `started` still counts, in `later` seconds."""
        return self._timing.monotonic() + later - started < KEY_WINDOW

    def _pace(self) -> None:
        while True:
            with self._lock:
                wait = self._until_allowed()
                if wait <= 0:
                    self._sent.append(self._timing.monotonic())
                    return
            self.pause(wait)

    def _until_allowed(self) -> float:
        now = self._timing.monotonic()
        waits = [0.0]
        for calls, seconds in self._limits.windows:
            if len(self._sent) >= calls:
                waits.append(self._sent[-calls] + seconds - now)
        return max(waits)

    def _count(self, request: httpx.Request, response: httpx.Response) -> None:
        left = count_of(self._limits.day_left(response.headers))
        try:
            stamp = parsedate_to_datetime(response.headers.get("Date", ""))
            stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        except ValueError:
            stamp = None
        trace = response.headers.get(self._limits.trace, "")
        log.debug(
            "%s %s %s -> %s%s",
            self._limits.name,
            request.method,
            request.url.path,
            response.status_code,
            f" ({trace})" if trace else "",
        )
        with self._lock:
            self.usage.calls += 1
            self.usage.writes += request.method not in {"GET", "HEAD"}
            if left is not None:
                self.usage.day_left = left
            if stamp:
                self.usage.server_time = stamp

    def _wait(
        self, request: httpx.Request, response: httpx.Response, refused: int, started: float
    ) -> None:
        told = retry_after(response.headers)
        usual = self._limits.throttled_wait or min(2.0**refused, 60.0)
        wait = usual if told is None else told
        problem = response.headers.get("X-Rate-Limit-Problem", "").lower()
        too_long = wait > LONGEST_WAIT or problem == "day" or refused >= THROTTLED_TRIES
        # A write whose answer was lost is repeated under its key or not at all.
        seen = request.extensions.get(SEEN, False) and request.method not in {"GET", "HEAD"}
        if too_long or (seen and not self._young(started, wait)):
            raise self._limit_reached(told)
        self.pause(wait)

    def _limit_reached(self, wait: float | None) -> TryLater:
        name = self._limits.name
        if wait is None:
            when = self._limits.day_resets or "later"
            hint = f"Everything done so far is saved. Try again {when}."
        else:
            until = (self._timing.now() + timedelta(seconds=wait)).astimezone()
            hint = (
                "Everything done so far is saved; the next sync goes on where this one stopped. "
                f"{name} takes requests again from {until:%Y-%m-%d %H:%M}."
            )
        message = f"{name} takes no more requests: its limit is reached."
        return TryLater(message, hint=hint, code="limit-reached", unknown=False)

    def _lost(self, request: httpx.Request, error: httpx.RequestError) -> TryLater:
        name, host = self._limits.name, request.url.host
        if isinstance(error, NOT_REACHED):
            return TryLater(
                f"{name} cannot be reached at {host}: {_why(error)}.",
                hint="Check the network connection of this machine, then run the command again.",
                code="no-connection",
                unknown=False,
            )
        return TryLater(
            f"The connection to {name} broke while it was answering ({_why(error)}).",
            hint="Nothing is lost: the next run first finds out what became of the request.",
            code="connection-lost",
        )


def _secrets(request: httpx.Request) -> tuple[str, ...]:
    """What a request was signed with, and the credentials in its form."""
    found = [request.headers.get(name, "").rpartition(" ")[2] for name in SIGNATURES]
    if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
        fields = parse_qsl(request.content.decode("ascii", "replace"))
        found += [value for name, value in fields if name in CREDENTIALS]
    return tuple(value for value in found if value)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


class _Signed(httpx.Auth):
    """Signs requests, and asks once more with new headers after a 401."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens

    def auth_flow(self, request: httpx.Request) -> Any:
        used = self._tokens.headers()
        request.headers.update(used)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and self._tokens.renew(used):
            for name in used:
                request.headers.pop(name, None)
            request.headers.update(self._tokens.headers())
            yield request


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
        self._trace = limits.trace
        self._client = httpx.Client(
            base_url=origin,
            transport=transport,
            auth=_Signed(tokens) if tokens else None,
            timeout=httpx.Timeout(limits.timeout, connect=15.0),
            headers={"Accept": "application/json", "User-Agent": f"invoicesync/{__version__}"},
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
        keyed: bool = False,
        key_age: float = 0.0,
        once: bool = False,
    ) -> Reply:
        """One request and its answer, when that is a good one.

        A `keyed` one may be sent again when its answer is lost: the service knows it by its key.
        One that is sent `once` never is, whatever the answer.
        Raises `SignInNeeded` on 401 and 403, `TryLater` when the service is down or out of reach,
        and `ServiceRefused` with the vendor's words on any other refusal.
        """
        request = self._request(method, path, params, body, headers)
        request.extensions[KEYED] = keyed
        request.extensions[KEY_AGE] = key_age
        request.extensions[ONCE] = once
        try:
            reply = self._reply(self._client.send(request))
            if reply.good:
                return reply
            raise failure(reply)
        except InvoiceSyncError as error:
            # A refusal of the last try says nothing of an earlier one whose answer was lost.
            error.unknown = error.unknown or request.extensions.get(SEEN, False)
            raise

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request and its answer, good or not. Raises `TryLater` when there is none."""
        request = self._request(method, path, None, body, headers)
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
        return self._client.build_request(
            method,
            path,
            params=params,
            content=body,
            headers=sent,
        )

    def _reply(self, response: httpx.Response) -> Reply:
        return Reply(
            self.name,
            response.status_code,
            response.headers,
            response.content,
            response.headers.get(self._trace, ""),
            _secrets(response.request),
        )


@dataclass
class Network:
    """Makes services. `apps` are applications that answer for an origin inside this process."""

    timing: Timing = field(default_factory=Timing)
    apps: Mapping[str, WsgiApp] = field(default_factory=dict)
    recorder: Recorder | None = None

    def service(self, origin: str, limits: ServiceLimits, tokens: TokenSource | None) -> Service:
        """A client for one origin. TLS is checked, redirects are not followed."""
        app = self.apps.get(origin)
        inner: Transport = _InProcess(app) if app else httpx.HTTPTransport(proxy=_proxy_for(origin))
        if self.recorder:
            inner = Recording(inner, self.recorder, limits.name, self.timing.now)
        return Service(origin, RateLimitedTransport(inner, limits, self.timing), limits, tokens)


def _proxy_for(origin: str) -> str | None:
    """The proxy that this machine is set up to use; never one for the machine itself."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
