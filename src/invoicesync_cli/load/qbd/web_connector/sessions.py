"""The Web Connector's polling turned into call and answer: its sessions, one at a time.

    idle --authenticate--> open --sendRequestXML--> handed --receiveResponseXML--> open
                           open --closeConnection--> idle

Facts: Intuit's "QuickBooks Web Connector Programmer's Guide" 2.0, chapters 6 and 10.
"""

import contextlib
import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.load.qbd.channel import failure
from invoicesync_cli.load.qbd.web_connector.unanswered import lost, no_answer, no_call, nobody

HOLD = 10.0
"""Seconds that a call of the Web Connector's waits for something to do; .NET gives up at 100."""
NO_OP = "NoOp"
"""Nothing yet: it asks again in five seconds."""
FINISHED = 100
SILENT = 60.0
"""Seconds without a call after which a session makes room for another one."""
OPENING = 120.0
"""The same while QuickBooks starts, and perhaps asks its user."""
CLOSING = 20.0
"""Seconds for the last calls of a session, once a run has ended."""
MOST_KEPT = 50
"""Answers that are kept for the next run."""
LISTENING = 0.5
"""Seconds after which a wait looks up: on Windows nothing interrupts one that has no end."""
_ASKED = re.compile(r"<QBXMLMsgsRq\b[^>]*?\bnewMessageSetID=\"([^\"]{1,23})\"")
_ANSWERED = re.compile(r"<QBXMLMsgsRs\b[^>]*?\bnewMessageSetID=\"([^\"]{1,23})\"")
_HRESULT = re.compile(r"(?:0x)?([0-9A-Fa-f]{8})")
UNKNOWN_HRESULT = "0x00000000"


class Phase(StrEnum):
    """Where the session is."""

    IDLE = "idle"
    OPEN = "open"
    HANDED = "handed"
    """A message is out, and its answer has not come."""


@dataclass(eq=False)
class _Message:
    """A message on its way. `alive` says whether anybody still waits for its answer."""

    text: str = field(repr=False)
    alive: Callable[[], bool]
    handed_at: float | None = None
    answer: str | None = field(default=None, repr=False)
    error: InvoiceSyncError | None = None

    @property
    def settled(self) -> bool:
        return self.answer is not None or self.error is not None


class Sessions:
    """What is between runs and the Web Connector. Every method may be called from any thread.

    `key` signs the tickets, so that an answer for a run of an earlier process is known for what it
    is. `wanted` is asked when the Web Connector comes while no run waits: true begins a session.
    """

    def __init__(
        self,
        key: bytes,
        company_file: str = "",
        *,
        wanted: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        hold: float = HOLD,
    ) -> None:
        self._key = key
        self._company_file = company_file
        self._wanted = wanted
        self._clock = clock
        self._hold = hold
        self._changed = threading.Condition()
        self._phase = Phase.IDLE
        self._ticket = ""
        self._runs = 0
        self._next: _Message | None = None
        self._out: _Message | None = None
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._said: dict[str, str] = {}
        self._heard = 0.0
        self._opening = False
        self._in_call = 0
        self._count = 0
        self._not_opened: InvoiceSyncError | None = None
        self._closed = False

    @property
    def phase(self) -> Phase:
        """Where the session is."""
        return self._phase

    @property
    def takes_long(self) -> bool:
        """Whether a long answer may come now."""
        return self._phase is Phase.HANDED

    def close(self) -> None:
        """Keep nobody waiting any more, neither runs nor the Web Connector."""
        with self._changed:
            self._closed = True
            if self._next:
                self._next.error = nobody()
                self._next = None
            self._changed.notify_all()

    # For runs.

    @contextlib.contextmanager
    def run(self) -> Iterator[None]:
        """A run: a session stays open while the block lasts, and ends with the last one."""
        with self._changed:
            self._runs += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._runs -= 1
                self._changed.notify_all()

    def ended(self) -> None:
        """Wait until the session has ended, unless another run goes on in it or its end does not
        come."""
        with self._changed:
            until = self._clock() + CLOSING
            while not self._runs and (self._phase is not Phase.IDLE or self._in_call):
                left = until - self._clock()
                if left <= 0:
                    return
                self._changed.wait(min(left, LISTENING))

    def exchange(
        self, text: str, *, limit: float, wait: float, alive: Callable[[], bool] = lambda: True
    ) -> str:
        """The answer to a message, within `limit` seconds from when it was handed out; it is so
        within `wait` seconds.

        Raises what `failure` gives, and `TryLater`, with `unknown` once the message was out.
        """
        message = _Message(text, alive)
        with self._changed:
            kept = self._kept.pop(_asked(text), None)
            if kept is not None:
                return kept
            message.error, self._not_opened = self._not_opened, None
            until = self._clock() + wait
            try:
                self._settle(message, limit, until, wait)
            finally:
                if self._next is message:
                    self._next = None
                message.alive = lambda: False
                self._changed.notify_all()
        if message.error:
            raise message.error
        return message.answer or ""

    def _settle(self, message: _Message, limit: float, until: float, wait: float) -> None:
        while not message.settled:
            if self._next is None and message.handed_at is None:
                self._next = message
                self._changed.notify_all()
            handed = message.handed_at
            left = (until if handed is None else handed + limit) - self._clock()
            if left <= 0:
                raise no_call(wait) if handed is None else no_answer(limit)
            self._changed.wait(min(left, LISTENING))

    # For the Web Connector.

    def authenticated(self) -> tuple[str, str]:
        """A session, for who has said the right password: its ticket, and the company file to
        open, or `none` or `busy`."""
        with self._changed:
            if self._phase is Phase.OPEN and self._lives():
                return "", "busy"
            self._lose()
            self._end()
            if self._closed or not (self._runs or self._wanted()):
                return "", "none"
            self._ticket = self._new_ticket()
            self._said = {}
            self._not_opened = None
            self._phase = Phase.OPEN
            self._opening = True
            self._count = 0
            self._heard = self._clock()
            self._changed.notify_all()
            return self._ticket, self._company_file

    def asked(self, ticket: str) -> str:
        """The next message to hand out; `NoOp` while there is none, blank when all is done."""
        with self._calling(ticket) as ours:
            if not ours:
                return ""
            # Whoever asks for the next message has not got the answer to the one before.
            self._lose()
            if self._awaited(ticket):
                return self._hand_out()
            self._said[ticket] = "Done." if self._over(ticket) else NO_OP
            return "" if self._over(ticket) else NO_OP

    def answered(self, ticket: str, response: str, hresult: str, words: str) -> int:
        """Take the answer to the message that is out: how far the session is, in per cent; 100
        ends it, and something negative says that the answer is for none of ours."""
        with self._calling(ticket) as ours:
            if not ours:
                return self._answered_late(ticket, response)
            message, self._out = self._out, None
            if message is None:
                self._said[ticket] = "No answer was expected."
                return -1
            self._phase = Phase.OPEN
            self._count += 1
            self._take(message, response, hresult, words)
            self._changed.notify_all()
            self._awaited(ticket)
            return FINISHED if self._over(ticket) else min(self._count, FINISHED - 1)

    def not_opened(self, ticket: str, hresult: str, words: str) -> str:
        """QuickBooks could not be opened: whoever waits for it gets the reason."""
        with self._calling(ticket) as ours:
            if ours:
                why = failure(_code(hresult), words)
                if isinstance(why, TryLater):
                    why.unknown = False
                if self._next:
                    self._next.error = why
                    self._next = None
                else:
                    # Its run has not come so far yet.
                    self._not_opened = why
                self._end()
            return "done"

    def last_error(self, ticket: str) -> str:
        """What the last reply meant, in words for the Web Connector's window."""
        with self._calling(ticket):
            return self._said.get(ticket, "This session has ended.")

    def closed(self, ticket: str) -> str:
        """The session is over: words for the Web Connector's window."""
        with self._calling(ticket) as ours:
            if ours:
                self._lose()
                self._end()
            return "Done." if ours else "This session has ended."

    @contextlib.contextmanager
    def _calling(self, ticket: str) -> Iterator[bool]:
        """While a call of the Web Connector's is answered: whether it is of the session."""
        with self._changed:
            ours = self._phase is not Phase.IDLE and hmac.compare_digest(
                ticket.encode(), self._ticket.encode()
            )
            self._in_call += ours
            self._opening = self._opening and not ours
            try:
                yield ours
            finally:
                self._in_call -= ours
                if ours:
                    self._heard = self._clock()
                self._changed.notify_all()

    def _awaited(self, ticket: str) -> bool:
        """Wait for a while for the next message: whether there is one."""
        until = self._clock() + self._hold
        while ticket == self._ticket:
            if self._next and not self._next.alive():
                # Its run has died, and nothing more is sent for it.
                self._next.error = nobody()
                self._next = None
                self._changed.notify_all()
            left = until - self._clock()
            if self._next or self._over(ticket) or left <= 0:
                break
            self._changed.wait(min(left, LISTENING))
        return self._next is not None and ticket == self._ticket

    def _hand_out(self) -> str:
        message, self._next = self._next, None
        if message is None:
            return ""
        message.handed_at = self._clock()
        self._out, self._phase = message, Phase.HANDED
        self._changed.notify_all()
        return message.text

    def _take(self, message: _Message, response: str, hresult: str, words: str) -> None:
        if response:
            if message.alive() and not message.settled:
                message.answer = response
            else:
                self._keep(_asked(message.text), response)
                message.error = message.error or nobody()
        elif not message.settled:
            message.error = failure(_code(hresult), words)

    def _answered_late(self, ticket: str, response: str) -> int:
        """An answer for a session that is over: that of a run that died is kept."""
        if self._is_ours(ticket):
            self._keep(_named(_ANSWERED, response), response)
            return FINISHED
        return -1

    def _keep(self, key: str, response: str) -> None:
        if key:
            self._kept[key] = response
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _over(self, ticket: str) -> bool:
        return self._closed or not self._runs or ticket != self._ticket

    def _lives(self) -> bool:
        silent = self._clock() - self._heard
        return bool(self._in_call) or silent < (OPENING if self._opening else SILENT)

    def _lose(self) -> None:
        """Whatever is out has no answer any more."""
        message, self._out = self._out, None
        if message and not message.settled:
            message.error = lost()
        if self._phase is Phase.HANDED:
            self._phase = Phase.OPEN
            self._changed.notify_all()

    def _end(self) -> None:
        self._phase = Phase.IDLE
        self._changed.notify_all()

    def _new_ticket(self) -> str:
        nonce = secrets.token_hex(16)
        return f"{nonce}-{self._signature(nonce)}"

    def _is_ours(self, ticket: str) -> bool:
        nonce, _, signed = ticket.partition("-")
        return hmac.compare_digest(signed.encode(), self._signature(nonce).encode())

    def _signature(self, nonce: str) -> str:
        return hmac.new(self._key, nonce.encode(), "sha256").hexdigest()


def _asked(text: str) -> str:
    """The id under which QuickBooks keeps what becomes of a message; blank where it only asks."""
    return "" if "oldMessageSetID=" in text else _named(_ASKED, text)


def _named(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _code(hresult: str) -> str:
    found = _HRESULT.fullmatch(hresult.strip())
    return f"0x{found[1]}" if found else UNKNOWN_HRESULT
