"""Xero's limits: calls in progress, a minute, a day; fixed windows that start when they like."""

import threading
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MINUTE, DAY = 60, 86_400
Reason = Literal["", "concurrent", "minute", "day", "appminute"]


@dataclass
class Window:
    """A fixed stretch of time and the calls in it. Times are seconds since the epoch."""

    length: int
    offset: int = 0
    number: int = -1
    used: int = 0

    def turn(self, now: float) -> None:
        """Start anew if the stretch is over."""
        number = int((now + self.offset) // self.length)
        if number != self.number:
            self.number, self.used = number, 0

    def left_over(self, now: float) -> int:
        """Whole seconds until the next stretch, at least 1."""
        return max(1, -int((now + self.offset) // 1 - (self.number + 1) * self.length))


@dataclass(frozen=True)
class Verdict:
    """What the limits say to a call; a blank reason lets it through."""

    reason: Reason
    headers: dict[str, str]


class Limits:
    """Counts the calls of each app against one organisation.

    Its own lock, not the sandbox's: calls in progress have to be counted while they wait.
    """

    def __init__(self, tenant_id: str, day_limit: int, app_minute_word: str) -> None:
        self.concurrent = 5
        self.minute = 60
        self.day = day_limit
        self.app_minute = 10_000
        self.enforced = True
        self._app_minute_word = app_minute_word
        self._offset = zlib.crc32(tenant_id.encode())
        self._lock = threading.Lock()
        self._in_progress: dict[str, int] = {}
        self._windows: dict[str, tuple[Window, Window, Window]] = {}

    def enter(self, app: str, moment: datetime) -> Verdict:
        """Count a call in, or say why not. A call let through has to `leave` again."""
        now = moment.timestamp()
        with self._lock:
            minute, day, app_minute = self._of(app, now)
            busy = self._in_progress.get(app, 0)
            reason: Reason = ""
            waits: Window | None = None
            if busy >= self.concurrent:
                reason = "concurrent"
            elif day.used >= self.day:
                reason, waits = "day", day
            elif minute.used >= self.minute:
                reason, waits = "minute", minute
            elif app_minute.used >= self.app_minute:
                reason, waits = "appminute", app_minute
            if not self.enforced:
                reason = ""
            if not reason:
                self._in_progress[app] = busy + 1
                for window in (minute, day, app_minute):
                    window.used += 1
            headers = self._remaining(minute, day, app_minute)
            if reason:
                shown = self._app_minute_word if reason == "appminute" else reason
                headers["X-Rate-Limit-Problem"] = shown
            # The vendor promises Retry-After for stretches of time only.
            if reason and waits:
                headers["Retry-After"] = str(waits.left_over(now))
            return Verdict(reason, headers)

    def leave(self, app: str) -> None:
        """Count a call out."""
        with self._lock:
            self._in_progress[app] -= 1

    def _of(self, app: str, now: float) -> tuple[Window, Window, Window]:
        windows = self._windows.setdefault(
            app,
            (
                Window(MINUTE, self._offset % MINUTE),
                Window(DAY, self._offset % DAY),
                Window(MINUTE),
            ),
        )
        for window in windows:
            window.turn(now)
        return windows

    def _remaining(self, minute: Window, day: Window, app_minute: Window) -> dict[str, str]:
        return {
            "X-MinLimit-Remaining": str(max(0, self.minute - minute.used)),
            "X-DayLimit-Remaining": str(max(0, self.day - day.used)),
            "X-AppMinLimit-Remaining": str(max(0, self.app_minute - app_minute.used)),
        }
