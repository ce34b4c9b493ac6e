"""When scheduled runs are: some minutes of the hour, in some hours of the day, by local time."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from invoicesync_cli.errors import UsageError

HOUR, DAY = 60, 24 * 60
UNITS = {"m": 1, "h": HOUR, "d": DAY}
EVEN = tuple(m for m in range(1, DAY + 1) if HOUR % m == 0 or (m % HOUR == 0 and DAY % m == 0))
"""The intervals, in minutes, that every system can keep to at all hours: cron knows no others."""
APART = 2
"""Minutes from :00 and :30, when everybody else's programs run."""
MORNING = 6 * HOUR
"""Where in the day, in minutes, the one run of it is, unless an hour is named."""


@dataclass(frozen=True)
class Timetable:
    """The minutes of the hour and the hours of the day, ascending; no hours stand for all."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...] = ()

    @classmethod
    def every(cls, interval: int, first: int) -> "Timetable":
        """Every `interval` minutes, so that one run is `first` minutes after midnight."""
        times = range(first % interval, DAY, interval)
        hours = tuple(dict.fromkeys(time // HOUR for time in times))
        minutes = tuple(dict.fromkeys(time % HOUR for time in times))
        return cls(minutes, () if len(hours) == DAY // HOUR else hours)

    @property
    def interval(self) -> str:
        """The interval as it is typed (`30m`); blank where the times are not evenly apart."""
        hours = self.hours or tuple(range(DAY // HOUR))
        interval = DAY // (len(self.minutes) * len(hours))
        even = Timetable.every(interval, hours[0] * HOUR + self.minutes[0]) == self
        return shown(interval) if even else ""

    def next_after(self, now: datetime) -> datetime | None:
        """The next time after `now` (aware), in its zone; None for a time that no clock shows.

        A time that a change of clocks leaves out is that of the next day.
        """
        moment = now.replace(second=0, microsecond=0)
        for _ in range(2 * DAY):
            moment += timedelta(minutes=1)
            local = moment.astimezone()
            if local.minute in self.minutes and (not self.hours or local.hour in self.hours):
                return moment
        return None


def interval_of(text: str) -> int:
    """The minutes of an interval as it is typed: `30m`, `6h`, `1d`. Raises `UsageError`."""
    typed = re.fullmatch(r"([0-9]{1,5})([mhd])", text.strip().lower())
    if not typed:
        raise UsageError(
            f"{text!r} is no interval.", hint="Write minutes, hours or a day: 30m, 6h, 1d."
        )
    interval = int(typed[1]) * UNITS[typed[2]]
    if interval in EVEN:
        return interval
    near = [*[e for e in EVEN if e < interval][-1:], *[e for e in EVEN if e > interval][:1]]
    raise UsageError(
        f"{text} does not divide an hour or a day into equal parts.",
        hint=f"Nearest: {' or '.join(map(shown, near))}. Possible: {', '.join(map(shown, EVEN))}.",
    )


def time_of(text: str) -> int:
    """The minutes after midnight of a time as it is typed: `06:40`. Raises `UsageError`."""
    typed = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    if not typed:
        raise UsageError(f"{text!r} is no time of the day.", hint="Write hours and minutes: 06:40.")
    return int(typed[1]) * HOUR + int(typed[2])


def shown(interval: int) -> str:
    """An interval as it is typed."""
    unit = next(unit for unit in "dhm" if interval % UNITS[unit] == 0)
    return f"{interval // UNITS[unit]}{unit}"


def spread(name: str, interval: int) -> int:
    """Minutes after midnight at which one run is: the same for a name, and not when all run."""
    span = min(interval, HOUR)

    def distance(minute: int) -> int:
        return min(min(t % 30, 30 - t % 30) for t in range(minute, HOUR, span))

    furthest = max(map(distance, range(span)))
    free = [minute for minute in range(span) if distance(minute) >= min(APART, furthest)]
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
    return free[number % len(free)] + (MORNING if interval == DAY else 0)
