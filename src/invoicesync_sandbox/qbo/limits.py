"""QuickBooks' limits: requests and batches a minute, and requests a second, for one company."""

import math
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from datetime import datetime

from invoicesync_sandbox.qbo.switches import QboSwitches

MINUTE = 60


class Window:
    """At most so many calls in a stretch of time. Times are seconds since the epoch."""

    def __init__(self, most: int, length: int, *, sliding: bool, offset: int = 0) -> None:
        self.most = most
        self._length = length
        self._sliding = sliding
        self._offset = offset
        self._calls: deque[float] = deque()

    def wait(self, now: float) -> int:
        """Whole seconds until there is room for a call, 0 for none."""
        while self._calls and self._over(self._calls[0], now):
            self._calls.popleft()
        if len(self._calls) < self.most:
            return 0
        first = self._calls[0] if self._calls else now
        left = self._length - (now - first) if self._sliding else self._left(now)
        return max(1, math.ceil(left))

    def add(self, now: float) -> None:
        """Count a call."""
        self._calls.append(now)

    def _over(self, call: float, now: float) -> bool:
        if self._sliding:
            return now - call >= self._length
        return self._number(call) != self._number(now)

    def _number(self, moment: float) -> int:
        return int((moment + self._offset) // self._length)

    def _left(self, now: float) -> float:
        return (self._number(now) + 1) * self._length - (now + self._offset)


class Limits:
    """Counts the calls to one company, of each app and of all together.

    Its own lock, not the sandbox's: calls in progress have to be counted while they wait.
    """

    def __init__(self, realm: str, switches: QboSwitches) -> None:
        self.enforced = True
        self.minute = 500
        self.burst = 10
        self.batches = 40
        self.batches_of_all = 120
        self._switches = switches
        self.offset = zlib.crc32(realm.encode()) % MINUTE
        """Seconds by which the company's minutes begin before those of the clock."""
        self._lock = threading.Lock()
        self._in_progress: dict[str, int] = {}
        self._windows: dict[str, Window] = {}

    def enter(self, app: str, moment: datetime, *, batch: bool) -> int:
        """Count a call in, or say how many seconds it has to wait; 0 lets it through.

        A call let through has to `leave` again.
        """
        now = moment.timestamp()
        with self._lock:
            windows = list(self._for(app, batch=batch))
            waits = max((window.wait(now) for window in windows), default=0)
            busy = self._in_progress.get(app, 0)
            if self._switches.burst == "concurrent" and busy >= self.burst:
                waits = max(waits, 1)
            if waits and self.enforced:
                return waits
            self._in_progress[app] = busy + 1
            for window in windows:
                window.add(now)
            return 0

    def leave(self, app: str) -> None:
        """Count a call out."""
        with self._lock:
            self._in_progress[app] -= 1

    def _for(self, app: str, *, batch: bool) -> Iterator[Window]:
        if self._switches.burst == "second":
            yield self._window(f"second {app}", self.burst, 1)
        if batch:
            yield self._window(f"batches {app}", self.batches, MINUTE)
            yield self._window("batches", self.batches_of_all, MINUTE)
        if not batch or self._switches.batch_costs_a_request:
            yield self._window("minute", self.minute, MINUTE)

    def _window(self, name: str, most: int, length: int) -> Window:
        sliding = self._switches.minute_window == "sliding"
        window = self._windows.get(name)
        if window is None:
            window = Window(most, length, sliding=sliding, offset=self.offset)
            self._windows[name] = window
        window.most = most
        return window
