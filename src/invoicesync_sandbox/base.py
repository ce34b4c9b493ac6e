"""What the stand-ins share: a WSGI shell with a clock, a log of calls, and faults on demand."""

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

StartResponse = Callable[..., Any]
Environ = dict[str, Any]


class Clock:
    """The sandbox's time, always UTC: the machine's own until a test sets it."""

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._fixed or datetime.now(UTC)

    @property
    def runs(self) -> bool:
        """Whether this is the machine's own time, which moves by itself."""
        return self._fixed is None

    def set(self, now: datetime) -> None:
        """Stop the clock at `now` (aware)."""
        self._fixed = now.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`, stopping it if it ran."""
        self.set(self.now() + timedelta(seconds=seconds))


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


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that match.

    `reply` answers with `status`, `headers` and `body` without doing anything; `drop` breaks the
    connection before the request is worked on; `lose` does the work and then breaks the connection.
    The first `after` matching requests go through.
    """

    kind: Literal["reply", "drop", "lose"] = "reply"
    method: str = ""
    path: str = ""
    times: int = 1
    after: int = 0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"

    def takes(self, request: Request) -> bool:
        """Whether this fault is for `request`; counts it if so."""
        if self.method and request.method != self.method:
            return False
        if not re.search(self.path, request.path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times <= 0:
            return False
        self.times -= 1
        return True


def to_json(value: object) -> str:
    """JSON as the vendors write it: money as plain numbers."""

    def plain(item: object) -> object:
        if isinstance(item, Decimal):
            return int(item) if item == item.to_integral_value() else float(item)
        msg = f"{type(item).__name__} has no JSON form here"
        raise TypeError(msg)

    return json.dumps(value, default=plain, ensure_ascii=False)


def from_json(body: bytes) -> Any:
    """The request body, with every number that has a fraction as `Decimal`."""
    return json.loads(body.decode("utf-8"), parse_float=Decimal)


def json_response(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer."""
    return Response(to_json(value), status=status, headers=headers, content_type="application/json")


class Vendor:
    """One simulated service: a WSGI application with state.

    Subclasses implement `handle`. One lock makes every request atomic, as a database would.
    """

    name = "vendor"

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.lock = threading.RLock()

    def handle(self, request: Request) -> Response:
        """Answer one request. Raise werkzeug's HTTP exceptions for what has no route."""
        raise NotImplementedError

    def fail(self, **fault: Any) -> Fault:
        """Plan a fault (the fields of `Fault`); it is used up by the requests that it takes."""
        planned = Fault(**fault)
        self.faults.append(planned)
        return planned

    def writes(self) -> list[Call]:
        """The calls so far that could have changed something, sign-in aside."""
        sign_in = re.compile("token|authorize|oauth2|revocation")
        return [call for call in self.calls if call.writes and not sign_in.search(call.path)]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=True)
        fault = self._fault(request)
        if fault and fault.kind == "drop":
            self._log(request, body, 0)
            self._hang_up(environ)
        if fault and fault.kind == "reply":
            response = Response(
                fault.body, fault.status, fault.headers, content_type=fault.content_type
            )
        else:
            response = self._answer(request)
        response.headers.setdefault("Date", http_date(self.clock.now()))
        lost = fault is not None and fault.kind == "lose"
        self._log(request, body, 0 if lost else response.status_code)
        if lost:
            self._hang_up(environ)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            with self.lock:
                return self.handle(request)
        except HTTPException as error:
            found = error.get_response(request.environ)
            return Response(found.get_data(), found.status_code, content_type=found.content_type)

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
