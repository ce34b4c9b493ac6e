"""How many requests a service takes, when to try again, and what it has cost so far."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_WAIT = 90.0
"""Seconds that a run waits for a limit; a longer wait ends it with its state saved."""
TRIES = 4
"""How often a request goes out whose answer is lost, or says that the service is down."""
THROTTLED_TRIES = 8
"""How often one goes out that comes over a limit."""
KEY_WINDOW = 240.0
"""Seconds within which a write is repeated under its idempotency key. Xero keeps keys for six
minutes by its documentation; this leaves room for one more slow answer."""


@dataclass(frozen=True)
class Timing:
    """Clock and sleep, so that tests need neither."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class ServiceLimits:
    """What one service allows.

    `windows` are (calls, seconds) that are never exceeded; `day_left` reads what is left of the
    day's calls from an answer's headers, `trace` the id that the vendor's support asks for.
    """

    name: str
    windows: tuple[tuple[int, float], ...]
    in_flight: int = 4
    timeout: float = 60.0
    day_left: Callable[[Mapping[str, str]], str] = lambda _: ""
    trace: str = ""
    day_resets: str = ""
    """When the day's limit starts anew, in words, where the answer does not tell."""
    throttled_wait: float = 0.0
    """Seconds to wait after a 429 that names none; 0: a little longer each time."""


@dataclass
class Usage:
    """What a service has cost so far."""

    calls: int = 0
    writes: int = 0
    day_left: int | None = None
    slowest: float = 0.0
    """Seconds that the slowest answer has taken, waiting for limits not counted."""
    server_time: datetime | None = None


def back_off(tries: int) -> float:
    """Seconds to wait after so many tries, with jitter: several machines behind one limit must not
    come back together."""
    return 2.0 ** (tries - 1) * (0.75 + random.random() / 2)  # noqa: S311
