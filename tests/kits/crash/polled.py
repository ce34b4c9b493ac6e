"""The Web Connector between a process and QuickBooks Desktop: it polls our own sessions, without a
network, and comes to harm with a message in its hands."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from invoicesync_cli.load.qbd.channel import APP_NAME
from invoicesync_cli.load.qbd.web_connector.sessions import NO_OP, Sessions
from invoicesync_cli.load.qbd.web_connector.unanswered import no_call
from invoicesync_sandbox.qbd import QbdSandbox, SdkError
from tests.kits.crash.harm import How
from tests.kits.desktop_bookkeeper import Connector
from tests.kits.rehearsal import Rehearsal
from tests.kits.web_connector import in_background

KEY = b"of the profile"
WAIT = 1200.0
"""Seconds that a run waits for the Web Connector."""
HOLD = 0.002
"""Seconds that the Web Connector is kept waiting for a message, which is there at once."""
LONG = 60.0
Ask = Callable[[str, Callable[[How | None], str]], str]
"""Lets a process ask with a text, by something that comes to harm or not: the answer."""


@dataclass
class PolledChannel:
    """The channel of one process. Its time is the shop's, and that of the threads."""

    ask: Ask
    connector: Connector
    shop: Rehearsal
    _sessions: Sessions = field(init=False)
    _ticket: str = ""
    _session: str = ""
    _work: Future[None] | None = None

    def __post_init__(self) -> None:
        clock = self.shop.ticker
        passed = lambda: clock.seconds + time.monotonic()  # noqa: E731 - a clock
        self._sessions = Sessions(KEY, clock=passed, hold=HOLD)
        self._run = contextlib.ExitStack()
        self._run.enter_context(self._sessions.run())

    @property
    def _qbd(self) -> QbdSandbox:
        return self.shop.qbd

    def exchange(self, message: str, limit: float) -> str:
        """The answer to a message."""
        try:
            return self.ask(message, lambda how: self._carried(message, limit, how))
        except ConnectionRefusedError:
            # The Web Connector has ended for good.
            self.shop.ticker.pass_time(WAIT)
            raise no_call(WAIT) from None

    def close(self) -> None:
        """Nobody polls any more."""
        self._finish()
        self._run.close()

    def _finish(self) -> None:
        if self._work:
            self._work.result(LONG)
        self._work = None

    def _carried(self, message: str, limit: float, how: How | None) -> str:
        self._finish()
        self._work = in_background(lambda: self._carry(limit, how))
        try:
            answer = self._sessions.exchange(message, limit=limit, wait=WAIT)
        finally:
            self._finish()
        if how == "after":
            # Nobody is left to take the answer, until the next process comes.
            self.connector.owed.append((self._ticket, answer))
        return answer

    def _carry(self, limit: float, how: How | None) -> None:
        """One message, from the log-in to its answer or to the end of the Web Connector."""
        if not self._ticket:
            self._log_in()
        text = NO_OP
        while text == NO_OP:
            text = self._sessions.asked(self._ticket)
        if not text:
            return
        answer, hresult, words = "", "", ""
        if how != "dropped":
            try:
                answer = self._qbd.request(self._session, text)
            except SdkError as error:
                hresult, words = error.code, str(error)
        if how == "cut off":
            self.shop.ticker.pass_time(limit + 1)
            self._sessions.last_error(self._ticket)
        elif how in {"lost", "dropped"}:
            # Another one comes, without the answer.
            self._log_in()
        else:
            self._sessions.answered(self._ticket, answer, hresult, words)
            if hresult:
                self._sessions.closed(self._ticket)
                self._ticket = ""

    def _log_in(self) -> None:
        for ticket, answer in self.connector.owed:
            self._sessions.answered(ticket, answer, "", "")
        self.connector.owed = []
        self._ticket, _ = self._sessions.authenticated()
        try:
            self._session = self._qbd.begin(APP_NAME)
        except SdkError as error:
            self._sessions.not_opened(self._ticket, error.code, str(error))
            self._ticket = ""
