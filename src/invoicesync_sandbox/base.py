"""What the stand-ins share: a WSGI shell with a clock, a log of calls, and faults on demand."""

import io
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.limits import Full, Limits
from invoicesync_sandbox.oauth import SignIn
from invoicesync_sandbox.wire import text_response

StartResponse = Callable[..., Any]
Environ = dict[str, Any]


class LostReply(ConnectionError):
    """The connection broke: before the request was worked on, or after."""


@dataclass(frozen=True)
class Call:
    """One request as it arrived, and the status it was answered with (0: no answer)."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def writes(self) -> bool:
        """Whether the request could have changed anything."""
        return self.method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(kw_only=True)
class Planned:
    """What is planned for the next `times`, after so many that go through."""

    times: int = 1
    after: int = 0

    def counts(self) -> bool:
        """Whether it is for this time, which counts."""
        if self.after > 0:
            self.after -= 1
            return False
        left = self.times > 0
        self.times -= left
        return left


@dataclass
class Fault(Planned):
    """What goes wrong with the next `times` requests that match.

    `reply` answers with `status`, `headers` and `body` without doing anything, `late` does the work
    first; `drop` breaks the connection before the request is worked on, `lose` after the work;
    `work` breaks it at once, and the request is worked on for `seconds` more. The first `after`
    matching requests go through.
    """

    kind: Literal["reply", "late", "drop", "lose", "work"] = "reply"
    method: str = ""
    path: str = ""
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    seconds: float = 0.0

    def takes(self, request: Request) -> bool:
        """Whether this fault is for `request`; counts it if so."""
        if self.method and request.method != self.method:
            return False
        return bool(re.search(self.path, request.path)) and self.counts()

    def answer(self) -> Response:
        """What is answered."""
        return Response(self.body, self.status, self.headers, content_type=self.content_type)


@dataclass(frozen=True)
class AtWork:
    """A request that nobody waits for any more, and when the work on it is done (UTC)."""

    request: Request
    done: datetime


class NotSimulated(Exception):
    """Something that the vendor does and this sandbox does not."""


class Vendor:
    """One simulated service: a WSGI application with state.

    A call that `counted` knows passes the limits; then `handle` answers it, under one lock that
    makes every request atomic, as a database would.
    """

    name = "vendor"
    sign_in: SignIn
    limits: Limits[Any]

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.at_work: list[AtWork] = []
        self.lock = threading.RLock()
        self.in_progress: Callable[[Request], None] | None = None
        """Called, if set, while a call is in progress and blocks no other: a test's slow vendor."""

    @property
    def enforce_limits(self) -> bool:
        """Whether calls over a limit are refused; they are counted in any case."""
        return self.limits.enforced

    @enforce_limits.setter
    def enforce_limits(self, enforced: bool) -> None:
        self.limits.enforced = enforced

    def handle(self, request: Request) -> Response:
        """Answer one request that is not about signing in and that the limits have let through.

        Raise `NotSimulated`, or werkzeug's HTTP exceptions for what has no route.
        """
        raise NotImplementedError

    def counted(self, request: Request) -> tuple[Limits[Any], Any] | None:
        """The limits that a call is counted by and the caller, None for one that is not counted."""
        raise NotImplementedError

    def throttled(self, request: Request, full: list[Full]) -> Response:
        """The answer to a call too many, for which these limits are reached."""
        raise NotImplementedError

    def progress(self, request: Request) -> Response:
        """The answer to a call that the limits have let through, and that is in progress now."""
        if self.in_progress:
            self.in_progress(request)
        return self.worked(request)

    def worked(self, request: Request) -> Response:
        """The answer to a call when its turn has come."""
        try:
            with self.lock:
                signing_in = self.sign_in.answer(request)
                return self.handle(request) if signing_in is None else signing_in
        except NotSimulated as what:
            return text_response(f"The sandbox does not simulate {what}.", 501)
        except HTTPException as error:
            found = error.get_response(request.environ)
            return Response(found.get_data(), found.status_code, content_type=found.content_type)

    def fail(self, **fault: Any) -> Fault:
        """Plan a fault (the fields of `Fault`); it is used up by the requests that it takes."""
        planned = Fault(**fault)
        self.faults.append(planned)
        return planned

    def work_on(self, environ: Environ, body: bytes, seconds: float) -> None:
        """Take a request in that is done in so many seconds, by the clock, and answered to nobody.

        What it does is seen from the first call on that comes later than that.
        """
        request = Request({**environ, "wsgi.input": io.BytesIO(body)})
        request.get_data(cache=True)
        self.at_work.append(AtWork(request, self.clock.now() + timedelta(seconds=seconds)))

    def finish_work(self) -> None:
        """Do what was worked on and is done by now, as of when it was done."""
        with self.lock:
            now = self.clock.now()
            done = [one for one in self.at_work if one.done <= now]
            self.at_work = [one for one in self.at_work if one.done > now]
            for one in done:
                if not self.clock.runs:
                    self.clock.set(one.done)
                self.progress(one.request)
            if done and not self.clock.runs:
                self.clock.set(now)

    def writes(self) -> list[Call]:
        """The calls so far that could have changed something, sign-in aside."""
        sign_in = re.compile("token|authorize|oauth2|revocation")
        return [call for call in self.calls if call.writes and not sign_in.search(call.path)]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=True)
        self.finish_work()
        fault = self._fault(request)
        if fault and fault.kind in {"drop", "work"}:
            self._log(request, body, 0)
            if fault.kind == "work":
                self.work_on(environ, body, fault.seconds)
            self._hang_up(environ)
        response = fault.answer() if fault and fault.kind == "reply" else self._answer(request)
        if fault and fault.kind == "late":
            response = fault.answer()
        response.headers.setdefault("Date", http_date(self.clock.now()))
        lost = fault is not None and fault.kind == "lose"
        self._log(request, body, 0 if lost else response.status_code)
        if lost:
            self._hang_up(environ)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        """Limits come first, and outside the lock: waiting calls are in progress too."""
        known = self.counted(request)
        if known is None:
            return self.worked(request)
        limits, caller = known
        full = limits.enter(caller, self.clock.now())
        headers = limits.headers(caller, self.clock.now())
        if full:
            response = self.throttled(request, full)
        else:
            try:
                response = self.progress(request)
            finally:
                limits.leave(caller)
        response.headers.update(headers)
        return response

    def _fault(self, request: Request) -> Fault | None:
        with self.lock:
            return next((fault for fault in self.faults if fault.takes(request)), None)

    def _log(self, request: Request, body: bytes, status: int) -> None:
        query = request.query_string.decode("latin-1")
        call = Call(request.method, request.path, query, dict(request.headers), body, status)
        with self.lock:
            self.calls.append(call)

    def _hang_up(self, environ: Environ) -> None:
        socket = environ.get("werkzeug.socket")
        if socket is not None:
            socket.close()
        raise LostReply("the sandbox broke the connection on purpose")
