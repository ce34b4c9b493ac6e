"""How many requests a service takes, when to try again, and what it has cost so far."""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.recording import Transport
from invoicesync_cli.http.responses import retry_after, throttled
from invoicesync_cli.progress import SILENT, Waiting

log = logging.getLogger("invoicesync.http")

LONGEST_WAIT = 90.0
"""Seconds that a run waits for a limit; a longer wait ends it with its state saved."""
TRIES = 4
"""How often a request goes out whose answer is lost, or says that the service is down."""
THROTTLED_TRIES = 8
"""How often one goes out that comes over a limit."""
BURST = 8
"""Calls that may follow each other without a pause, where the limit is one of a minute: as many
as a run with nothing new makes. The others are spaced evenly."""
SHORT_WAIT = 1.0
"""Seconds of a wait that need not be mentioned."""

REPEATED = {502, 503, 504}
READS = {"GET", "HEAD"}

SAFE = "invoicesync.safe"
"""Marks a request that changes nothing, whatever its method says."""
ONCE = "invoicesync.once"
"""Marks a request that is never repeated here, not even after a 429: its sender sees to that."""


class NotReached(Exception):
    """The service cannot have seen the request. The text is for a person, without any secret."""


class AnswerLost(Exception):
    """The service may have worked on the request, but its answer did not come, or not whole.

    The text is for a person, without any secret.
    """


@dataclass(frozen=True)
class Instant:
    """A moment by three clocks, none of which can be trusted alone.

    `monotonic` stands still while a laptop sleeps, `now` (UTC) is set by hand, and `server` (UTC),
    the service's own by its last answer, is only as late as that; None before the first answer.
    """

    monotonic: float
    now: datetime
    server: datetime | None

    def age(self, later: "Instant") -> float:
        """Seconds until `later`, another moment of the same process: by the clock that says most.

        By the service's clock it is at most too old, as long as `later` comes after an answer.
        """
        ages = [later.monotonic - self.monotonic, (later.now - self.now).total_seconds()]
        if self.server and later.server:
            ages.append((later.server - self.server).total_seconds())
        return max(ages)


def busy_until(now: Instant, sent_at: datetime, longest: float) -> float:
    """Until when a service may be at work on what was `sent_at`, by the clock of elapsed time.

    It works for `longest` seconds at most; how long ago it began says the clock that says least.
    """
    clocks = [clock for clock in (now.now, now.server) if clock]
    age = min((clock - sent_at).total_seconds() for clock in clocks)
    return now.monotonic + longest - max(age, 0.0)


@dataclass(frozen=True)
class Timing:
    """Clock and sleep, so that tests need neither."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Window:
    """So many calls in so many seconds, and never more."""

    calls: int
    seconds: float
    path: str = ""
    """How the path of the requests ends that are counted; blank: all of them."""


@dataclass(frozen=True)
class ServiceLimits:
    """What one service allows.

    `windows` are never exceeded; `day_left` reads what is left of the day's calls from an answer's
    headers, `day_ends` when the day's limit starts anew (aware), None where they do not say;
    `limit_named` which limit a refusal is about (`day`, another word, or blank); `trace` names the
    header with the id that the vendor's support asks for.
    """

    name: str
    windows: tuple[Window, ...]
    in_flight: int = 4
    timeout: float = 60.0
    """Seconds that the service may be silent; an answer may take twice as long in all."""
    day_left: Callable[[Mapping[str, str]], int | None] = lambda _: None
    day_ends: Callable[[Mapping[str, str], datetime], datetime | None] = lambda *_: None
    limit_named: Callable[[Mapping[str, str]], str] = lambda _: ""
    trace: str = ""
    day_resets: str = ""
    """When the day's limit starts anew, in words, where the answer does not say."""
    throttled_wait: float = 0.0
    """Seconds to wait after a 429 that names none; 0: a little longer each time."""
    secret_paths: bool = False
    """Whether who knows a path may use it: then none is logged."""
    days: tuple[int, ...] = ()
    """How many calls a day there are by the vendor's plans, the smallest first."""

    def seconds(self, calls: int) -> float:
        """The least that so many calls take."""
        return max((calls * window.seconds / window.calls for window in self.windows), default=0.0)


@dataclass
class Usage:
    """What a service has cost so far."""

    calls: int = 0
    day_left: int | None = None
    slowest: float = 0.0
    """Seconds that the slowest answer has taken, waiting for limits not counted."""
    server_time: datetime | None = None


def possessive(name: str, what: str) -> str:
    """`Xero's minute`, `QuickBooks' minute`."""
    return f"{name}'{'' if name.endswith('s') else 's'} {what}"


def back_off(tries: int) -> float:
    """Seconds to wait after so many tries, with jitter: several machines behind one limit must not
    come back together."""
    return 2.0 ** (tries - 1) * (0.75 + random.random() / 2)  # noqa: S311


class Pace:
    """Keeps requests within one window: a few at once after a silence, the others evenly spaced.

    Whoever was kept from its turn, by a slow answer, makes up for it with the next requests.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._gap = window.seconds / window.calls
        burst = min(BURST, window.calls) if window.seconds > 1 else 1
        self._ahead = (burst - 1) * self._gap
        """How much earlier a request may go out than even spacing from the first one has it."""
        self._turn = float("-inf")
        """When the next request is due by even spacing."""
        self._sent: deque[float] = deque(maxlen=window.calls)
        """When the last requests went out, as many as the window takes."""

    def earliest(self, now: float) -> float:
        """When the next request may go out."""
        turn = max(now, self._turn - self._ahead)
        if len(self._sent) == self._window.calls:
            return max(turn, self._sent[0] + self._window.seconds)
        return turn

    def reserve(self, at: float) -> None:
        """Take note of a request that goes out then."""
        if len(self._sent) == self._window.calls and at <= self._sent[0] + self._window.seconds:
            # It waited for the window itself: nothing was missed that could be made up for.
            self._turn = at + self._ahead
        self._turn = max(self._turn, at) + self._gap
        self._sent.append(at)


class RateLimitedTransport:
    """Waits for limits, repeats what is safe to repeat, and counts.

    Only reads are repeated after a lost connection or a 502, 503 or 504; a request refused with
    429 was not worked on, so any may be repeated.
    """

    def __init__(
        self,
        inner: Transport,
        limits: ServiceLimits,
        timing: Timing,
        waiting: Waiting = SILENT.waits,
    ) -> None:
        self._inner = inner
        self._waiting = waiting
        self._limits = limits
        self._timing = timing
        self._slots = threading.BoundedSemaphore(limits.in_flight)
        self._lock = threading.Lock()
        self._waited = 0.0
        self._paces = [(window.path, Pace(window)) for window in limits.windows]
        self._day_over: tuple[float, datetime] | None = None
        self.usage = Usage()

    def handle_request(self, request: Any) -> Any:
        """One request within the limits. Raises `TryLater` when there is no use in going on."""
        tries = refused = 0
        while True:
            try:
                with self._slots:
                    self._pace(request.url.path)
                    response = self._answer(request)
            except (NotReached, AnswerLost) as error:
                tries += 1
                if not self._again(request, tries):
                    raise self._lost(request, error) from None
                self.pause(back_off(tries))
                continue
            self._count(request, response)
            if request.extensions.get(ONCE, False):
                return response
            if throttled(response.status_code, response.content):
                refused += 1
                self._wait(response, refused)
            elif response.status_code in REPEATED and self._again(request, tries + 1):
                tries += 1
                self.pause(back_off(tries))
            else:
                return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def instant(self) -> Instant:
        """Now, by this machine's clocks and by the service's last answer."""
        return Instant(self._timing.monotonic(), self._timing.now(), self.usage.server_time)

    def pause(self, seconds: float) -> None:
        """Wait for the service, which no answer is thought slow for."""
        with self._lock:
            self._waited += seconds
        self._sleep(self._limits.name, seconds)

    def _sleep(self, for_what: str, seconds: float) -> None:
        if seconds < SHORT_WAIT:
            self._timing.sleep(seconds)
            return
        with self._waiting(for_what, seconds):
            self._timing.sleep(seconds)

    def _answer(self, request: Any) -> Any:
        """One answer; how long it took is noted."""
        began, waited = self._timing.monotonic(), self._waited
        try:
            return self._inner.handle_request(request)
        finally:
            # What other requests waited for a limit meanwhile says nothing of the service.
            took = self._timing.monotonic() - began - (self._waited - waited)
            with self._lock:
                self.usage.slowest = max(self.usage.slowest, took)

    def _again(self, request: Any, tries: int) -> bool:
        return tries < TRIES and (request.method in READS or request.extensions.get(SAFE, False))

    def _pace(self, path: str) -> None:
        """Wait for the turn of a request. Raises `TryLater` when the day's calls are used up."""
        with self._lock:
            now = self._timing.monotonic()
            if self._day_over and now < self._day_over[0]:
                raise self._limit_reached(self._day_over[1])
            paces = [pace for end, pace in self._paces if path.endswith(end)]
            turn = max([now, *(pace.earliest(now) for pace in paces)])
            for pace in paces:
                pace.reserve(turn)
        if turn > now:
            self._sleep(possessive(self._limits.name, "minute"), turn - now)

    def _count(self, request: Any, response: Any) -> None:
        left = self._limits.day_left(response.headers)
        stamp = _server_time(response.headers)
        trace = response.headers.get(self._limits.trace, "")
        log.debug(
            "%s %s %s -> %s%s",
            self._limits.name,
            request.method,
            "(address not shown)" if self._limits.secret_paths else request.url.path,
            response.status_code,
            f" ({trace})" if trace else "",
        )
        with self._lock:
            self.usage.calls += 1
            if stamp:
                self.usage.server_time = stamp
            if left is not None:
                self.usage.day_left = left
                self._day_over = self._end_of_day(response.headers) if left == 0 else None

    def _end_of_day(self, headers: Mapping[str, str]) -> tuple[float, datetime] | None:
        """When the day's limit starts anew, by both clocks; None where the service keeps silent."""
        now = self.usage.server_time or self._timing.now()
        ends = self._limits.day_ends(headers, now)
        if ends is None:
            return None
        return self._timing.monotonic() + (ends - now).total_seconds(), ends

    def _wait(self, response: Any, refused: int) -> None:
        named = retry_after(response.headers)
        problem = self._limits.limit_named(response.headers)
        if problem == "day" or self._limits.day_left(response.headers) == 0:
            # What is named for the limit of a minute says nothing of the day's.
            of_day = named if problem in {"", "day"} else None
            raise self._limit_reached(self._day_over[1] if self._day_over else self._in(of_day))
        wait = named if named is not None else self._usual_wait(refused)
        if wait > LONGEST_WAIT or refused >= THROTTLED_TRIES:
            raise self._limit_reached(self._in(named))
        self.pause(wait)

    def _usual_wait(self, refused: int) -> float:
        return self._limits.throttled_wait or min(2.0**refused, 60.0)

    def _in(self, seconds: float | None) -> datetime | None:
        return None if seconds is None else self._timing.now() + timedelta(seconds=seconds)

    def _limit_reached(self, until: datetime | None) -> TryLater:
        name = self._limits.name
        if until is None:
            when = self._limits.day_resets or "later"
            hint = f"Everything done so far is saved. Try again {when}."
        else:
            hint = (
                "Everything done so far is saved; the next sync goes on where this one stopped. "
                f"{name} takes requests again from {until.astimezone():%Y-%m-%d %H:%M}."
            )
        message = f"{name} takes no more requests: its limit is reached."
        return TryLater(message, hint=hint, code="limit-reached", unknown=False)

    def _lost(self, request: Any, error: NotReached | AnswerLost) -> TryLater:
        name, host = self._limits.name, request.url.host
        if isinstance(error, NotReached):
            return TryLater(
                f"{name} cannot be reached at {host}: {error}.",
                hint="Check the network connection of this machine, then run the command again.",
                code="no-connection",
                unknown=False,
            )
        lost = TryLater(
            f"The connection to {name} broke while it was answering ({error}).",
            hint="Nothing is lost: the next run first finds out what became of the request.",
            code="connection-lost",
        )
        lost.at_work = True
        return lost


def _server_time(headers: Mapping[str, str]) -> datetime | None:
    """The service's clock by the `Date` of its answer, in UTC."""
    try:
        stamp = parsedate_to_datetime(headers.get("Date", ""))
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
