"""How far a command is, for whoever waits for it: phases, what is done of them, and waits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Waiting = Callable[[str, float], AbstractContextManager[None]]
"""Wraps a wait: for what, and for how many seconds."""


class ProgressListener:
    """Hears how far a command is; this one keeps it to itself. Any thread may wait."""

    def phase(self, what: str, total: int | None = None) -> None:
        """A phase begins, such as `Sending invoices`, of `total` documents where that is known.

        One that began before goes on: what is done and the totals add up.
        """

    def advance(self, count: int) -> None:
        """So many more documents of the phase are done."""

    def announce(self, text: str) -> None:
        """Something that is good to know before the work is done."""

    @contextmanager
    def waits(self, for_what: str, seconds: float) -> Iterator[None]:  # noqa: ARG002
        """While the block runs a limit or a service is waited for."""
        yield


SILENT = ProgressListener()


def spoken(seconds: float) -> str:
    """A stretch of time in words: `12 s`, `4 min`, `2 h 5 min`."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
