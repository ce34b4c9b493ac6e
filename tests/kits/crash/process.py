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
from typing import Any, TypeVar
from unittest.mock import patch

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from invoicesync_cli.load import qbd
from invoicesync_cli.load.qbd.carriers import Reach
from invoicesync_cli.programs import Program
from invoicesync_sandbox.qbd import QbdSandbox
from tests.kits.bookkeepers import Books
from tests.kits.crash.harm import How, Killed, Position, What
from tests.kits.crash.polled import PolledChannel
from tests.kits.desktop_bookkeeper import DesktopBooks
from tests.kits.faults import TWICE

CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP"})
"""Statements that are a commit of their own outside a transaction."""
REQUEST = re.compile(r"<\w+(Query|Add|Mod|Void|Del)Rq[ >]")
"""The head of each request of a message, and what it is for."""
Done = TypeVar("Done")
Line = dict[str, Any]


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
    _qbd: QbdSandbox = field(init=False)
    _dead: bool = False
    _cut_off: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def of(self, books: Books) -> Iterator[None]:
        """What is run inside is this process."""
        shop = books.shop
        self._qbd = shop.qbd
        network = shop.network
        apps, programs = network.apps, network.programs
        network.apps = {at: _Door(app, self) for at, app in apps.items()}
        network.programs = {name: partial(_Worker, start, self) for name, start in programs.items()}

        class Counted(_Connection):
            process = self

        connect = sqlite3.connect

        def opened(database: Any, **more: Any) -> sqlite3.Connection:
            # What has no name, or is only read, is nobody's memory.
            kept = str(database) and not more.get("uri")
            return connect(database, **more, factory=Counted) if kept else connect(database, **more)

        try:
            with patch("sqlite3.connect", opened), self._by(books):
                yield
        finally:
            network.apps, network.programs = apps, programs
            # Somebody starts QuickBooks again, if it has ended.
            shop.qbd.start()

    @contextlib.contextmanager
    def _by(self, books: Books) -> Iterator[None]:
        """QuickBooks Desktop is reached by the carrier that the shop has."""
        if not isinstance(books, DesktopBooks) or books.connector is None:
            yield
            return
        connector = books.connector

        def opened(_: Reach) -> PolledChannel:
            return PolledChannel(self.exchange, connector, books.shop)

        with patch.object(qbd, "open_channel", opened):
            yield

    def ask(self, work: Callable[[], Response], *, changes: bool, renews: bool = False) -> Response:
        """Let a service work on a request, which may be one that `renews` tokens, unless the
        process ends before."""
        how = self._next("request", changes=changes)
        self.reach()
        if how == "before":
            raise self._killed()
        answer = work()
        self.renewal_lost |= renews and how is not None
        self.twice += [words for words in TWICE if words in answer.get_data()]
        if how == "after":
            raise self._killed()
        self._cut_off |= how == "cut off"
        if how in {"lost", "cut off"}:
            raise ConnectionResetError
        return answer

    def exchange(self, text: str, carry: Callable[[How | None], Done]) -> Done:
        """Have a message carried to QuickBooks Desktop, unless the process ends before."""
        requests = REQUEST.findall(text)
        changes = requests.count("Query") < len(requests)
        how = self._next("message" if changes else "question", changes=changes)
        self.reach()
        if how == "before":
            raise self._killed()
        self._cut_off |= how == "cut off"
        if how in {"half", "half, up again"}:
            self._qbd.break_down("die", done=(len(requests) + 1) // 3, writes_only=False)
        try:
            answer = carry(how)
        finally:
            if how == "half, up again":
                self._qbd.start()
        self.twice += [words for words in TWICE if words.decode() in str(answer)]
        if how == "after":
            raise self._killed()
        return answer

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
    """The way from a process to QuickBooks Desktop beside it."""

    def __init__(self, start: Callable[[], Program], process: Process) -> None:
        self._program = start()
        self._process = process

    def ask(self, line: Mapping[str, Any], limit: float) -> Line:
        """The answer to a line."""

        def carry(how: How | None) -> Line:
            if how == "dropped":
                raise ConnectionResetError
            answer = self._program.ask(line, limit)
            if how in {"lost", "cut off"}:
                raise ConnectionResetError
            return answer

        if line["do"] == "request":
            return self._process.exchange(line["xml"], carry)
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
