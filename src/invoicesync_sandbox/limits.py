"""The call limits of every simulated vendor: windows of time, and calls in progress.

A vendor's own `Limits` says by which rules a call is counted, and shows them in headers.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

SECOND, MINUTE, DAY = 1, 60, 86_400
Caller = TypeVar("Caller")
Span = Callable[[float], float]
"""When a call of this moment is given back. Moments are seconds since the epoch."""


def fixed(length: int, offset: int = 0) -> Span:
    """Stretches of `length` seconds in a row, which begin `offset` seconds before the clock's."""
    return lambda call: ((call + offset) // length + 1) * length - offset


def sliding(length: int, step: int = 0) -> Span:
    """Each call looks back over `length` seconds; with a `step` that moves on in steps only."""
    return lambda call: (call // step * step if step else call) + length


@dataclass(frozen=True)
class Rule:
    """One limit: `most` calls at a time of those that are counted under `key`; None for any number.

    `name` is what the vendor calls it.
    """

    name: str
    key: Hashable
    most: int | None
    span: Span | None
    """None where calls in progress are counted."""


@dataclass(frozen=True)
class Full:
    """A limit that is reached, and in how many whole seconds it is not; None: who knows."""

    name: str
    wait: int | None


class Window:
    """The calls that have not been given back yet."""

    def __init__(self) -> None:
        self._calls: deque[tuple[float, int]] = deque()
        """When calls are given back, and how many."""

    def used(self, now: float) -> int:
        """How many calls are in it."""
        while self._calls and self._calls[0][0] <= now:
            self._calls.popleft()
        return sum(number for _, number in self._calls)

    def first(self) -> float | None:
        """When the first of them is given back."""
        return self._calls[0][0] if self._calls else None

    def add(self, ends: float) -> None:
        """Count a call that is given back at `ends`."""
        number = 0
        if self._calls and self._calls[-1][0] == ends:
            number = self._calls.pop()[1]
        self._calls.append((ends, number + 1))


class Limits(Generic[Caller]):
    """Counts the calls to one account. When `enforced` is off calls are only counted.

    Its own lock, not the sandbox's: calls in progress have to be counted while they wait.
    """

    def __init__(self) -> None:
        self.enforced = True
        self._lock = threading.Lock()
        self._windows: dict[Hashable, Window] = {}
        self._in_progress: dict[Hashable, int] = {}

    def rules(self, caller: Caller) -> Iterable[Rule]:
        """The limits for a call, the first to be named first."""
        raise NotImplementedError

    def headers(self, _caller: Caller, _moment: datetime) -> dict[str, str]:
        """What every answer says about the limits."""
        return {}

    def enter(self, caller: Caller, moment: datetime) -> list[Full]:
        """Count a call in, or say which limits are reached; none lets it through.

        A call that is let through has to `leave` again.
        """
        now = moment.timestamp()
        with self._lock:
            rules = list(self.rules(caller))
            full = [found for found in (self._full(rule, now) for rule in rules) if found]
            if full and self.enforced:
                return full
            for rule in rules:
                if rule.span is None:
                    self._in_progress[rule.key] = self._in_progress.get(rule.key, 0) + 1
                else:
                    self._window(rule.key).add(rule.span(now))
            return []

    def leave(self, caller: Caller) -> None:
        """Count a call out."""
        with self._lock:
            for rule in self.rules(caller):
                if rule.span is None:
                    self._in_progress[rule.key] -= 1

    def used(self, key: Hashable, moment: datetime) -> int:
        """How many calls are counted under `key`."""
        with self._lock:
            return self._window(key).used(moment.timestamp())

    def _full(self, rule: Rule, now: float) -> Full | None:
        if rule.most is None:
            return None
        if rule.span is None:
            busy = self._in_progress.get(rule.key, 0)
            return Full(rule.name, None) if busy >= rule.most else None
        window = self._window(rule.key)
        if window.used(now) < rule.most:
            return None
        ends = window.first() or rule.span(now)
        return Full(rule.name, max(1, math.ceil(ends - now)))

    def _window(self, key: Hashable) -> Window:
        return self._windows.setdefault(key, Window())
