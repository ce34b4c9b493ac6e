"""A process as others see it: its requests and the commits of its state; it can end at each."""

import contextlib
import io
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar
from unittest.mock import patch

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from invoicesync_cli.programs import Program
from invoicesync_sandbox.qbd import QbdSandbox
from tests.kits.faults import TWICE
from tests.kits.rehearsal import Rehearsal

What = Literal["request", "question", "message", "commit"]
How = Literal["before", "after", "lost", "cut off", "half", "half, up again"]
WAYS: dict[What, tuple[How, ...]] = {
    "request": ("before", "after", "lost", "cut off"),
    "question": ("before", "after", "lost", "cut off"),
    "message": ("before", "after", "lost", "cut off", "half", "half, up again"),
    "commit": ("before", "after"),
}
CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP"})
"""Statements that are a commit of their own outside a transaction."""
REQUEST = re.compile(r"<\w+(Query|Add|Mod|Void|Del)Rq[ >]")
"""The head of each request of a message, and what it is for."""
REFUSED = (b'statusCode="3100"', b'statusCode="3210"')
"""What QuickBooks Desktop says to a name that it has, and to more money than is due."""
Done = TypeVar("Done")
Line = dict[str, Any]


class Killed(BaseException):
    """The process is gone. Nobody may catch this and do anything that others would see."""


@dataclass(frozen=True, order=True)
class Position:
    """Where something happens to a process: at its request, or its commit, number `at` (from 1).

    `before` it or `after` it the process is killed. Of a request, the answer can also be `lost`
    while the process lives; `cut off` it reaches no service from then on. A message goes to
    QuickBooks Desktop, which can end when `half` of it is done, and be up again at once or not; a
    question is a message that only asks.
    """

    what: What
    at: int
    how: How

    def __str__(self) -> str:
        return f"{self.how} {self.what} {self.at}"


@dataclass
class Process:
    """Counts what one process does, and lets happen to it what is planned.

    A process that was killed sends nothing and commits nothing: whatever still tries is killed
    again. `twice` are answers in which a ledger refused what it had already: its own last line of
    defence, not ours.
    """

    planned: Position | None = None
    counted: Counter[What] = field(default_factory=Counter)
    trace: list[tuple[What, int, bool]] = field(default_factory=list)
    """What it has done, in order, and whether that could change anything outside it."""
    struck: bool = False
    twice: list[bytes] = field(default_factory=list)
    renewal_lost: bool = False
    """Whether it was an answer with new tokens that did not come."""
    _dead: bool = False
    _cut_off: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def of(self, shop: Rehearsal) -> Iterator[None]:
        """What is run inside is this process."""
        network = shop.network
        apps, programs = network.apps, network.programs
        network.apps = {at: _Door(app, self) for at, app in apps.items()}
        network.programs = {
            name: partial(_Worker, start, self, shop.qbd) for name, start in programs.items()
        }

        class Counted(_Connection):
            process = self

        connect = sqlite3.connect

        def opened(database: Any, **more: Any) -> sqlite3.Connection:
            # What has no name, or is only read, is nobody's memory.
            kept = str(database) and not more.get("uri")
            return connect(database, **more, factory=Counted) if kept else connect(database, **more)

        try:
            with patch("sqlite3.connect", opened):
                yield
        finally:
            network.apps, network.programs = apps, programs
            # Somebody starts QuickBooks again, if it has ended.
            shop.qbd.start()

    def ask(self, work: Callable[[], Response], *, changes: bool, renews: bool = False) -> Response:
        """Let a service work on a request, which may be one that `renews` tokens, unless the
        process ends before."""
        how = self._next("request", changes=changes)
        with self._harmed(how):
            answer = work()
            self.renewal_lost |= renews and how is not None
            self.twice += [words for words in TWICE if words in answer.get_data()]
        return answer

    def exchange(self, work: Callable[[], Line], text: str, qbd: QbdSandbox) -> Line:
        """Let QuickBooks Desktop work on a message, unless the process ends before."""
        requests = REQUEST.findall(text)
        changes = requests.count("Query") < len(requests)
        how = self._next("message" if changes else "question", changes=changes)
        with self._harmed(how):
            if how in {"half", "half, up again"}:
                qbd.break_down("die", done=(len(requests) + 1) // 3, writes_only=False)
            answer = work()
            if how == "half, up again":
                qbd.start()
            if changes:
                self.twice += [
                    words for words in REFUSED if words in str(answer.get("xml")).encode()
                ]
        return answer

    @contextlib.contextmanager
    def _harmed(self, how: How | None) -> Iterator[None]:
        """Somebody does what is asked inside, and it may come to harm."""
        self.reach()
        if how == "before":
            raise self._killed()
        yield
        if how == "after":
            raise self._killed()
        if how == "cut off":
            self._cut_off = True
        if how in {"lost", "cut off"}:
            raise ConnectionResetError

    def reach(self) -> None:
        """Raise `Killed` where the process is gone, and an `OSError` where it gets no further."""
        self.check()
        if self._cut_off:
            raise ConnectionRefusedError

    def commit(self, work: Callable[[], Done]) -> Done:
        """Let the state be committed, unless the process ends before."""
        how = self._next("commit", changes=True)
        if how == "before":
            raise self._killed()
        done = work()
        if how == "after":
            raise self._killed()
        return done

    def left_behind(self) -> dict[Position, int]:
        """By the positions after which it does nothing: how many changes (from 1) it leaves."""
        found, changed = {}, 1
        for what, at, changes in self.trace:
            found[Position(what, at, "before")] = changed
            if not changes:
                found[Position(what, at, "cut off")] = changed
            changed += changes
            found[Position(what, at, "after")] = changed
        return found

    def check(self) -> None:
        """Raise `Killed` where the process is gone."""
        if self._dead:
            raise Killed

    def _next(self, what: What, *, changes: bool) -> How | None:
        self.check()
        with self._lock:
            self.counted[what] += 1
            at = self.counted[what]
            self.trace.append((what, at, changes))
        if self.planned is None or (what, at) != (self.planned.what, self.planned.at):
            return None
        self.struck = True
        return self.planned.how

    def _killed(self) -> Killed:
        self._dead = True
        return Killed()


@dataclass
class _Door:
    """The way from a process to a service."""

    app: Callable[..., Iterable[bytes]]
    process: Process

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        # The service reads the body from the start.
        environ["wsgi.input"] = io.BytesIO(request.get_data())

        def work() -> Response:
            body, status, headers = run_wsgi_app(self.app, request.environ, buffered=True)
            return Response(b"".join(body), status, headers)

        changes, renews = request.method != "GET", "/tokens/" in request.path
        return self.process.ask(work, changes=changes, renews=renews)(environ, start)


class _Worker:
    """The way from a process to QuickBooks Desktop."""

    def __init__(self, start: Callable[[], Program], process: Process, qbd: QbdSandbox) -> None:
        self._program = start()
        self._process = process
        self._qbd = qbd

    def ask(self, line: Mapping[str, Any], limit: float) -> Line:
        """The answer to a line."""
        if line["do"] == "request":
            work = partial(self._program.ask, line, limit)
            return self._process.exchange(work, line["xml"], self._qbd)
        self._process.reach()
        return self._program.ask(line, limit)

    def close(self) -> None:
        """It ends with the process, however that ends."""
        self._program.close()


class _Connection(sqlite3.Connection):
    """A connection to a file on the disk."""

    process: Process

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """One statement."""
        return self._count(sql, lambda: super(_Connection, self).execute(sql, *parameters))

    def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """One statement for many rows; outside a transaction each would be a commit of its own."""
        assert self.in_transaction, sql
        return super().executemany(sql, *parameters)

    def _count(self, sql: str, work: Callable[[], Done]) -> Done:
        word = sql.split(maxsplit=1)[0].upper()
        if word == "ROLLBACK":
            # What a file is left with that nobody has committed.
            return work()
        self.process.check()
        if word == "COMMIT" or (word in CHANGES and not self.in_transaction):
            return self.process.commit(work)
        return work()
