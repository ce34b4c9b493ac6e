"""A time-out for an answer as a whole, also for one that comes in drops."""

import threading
from typing import Any

from invoicesync_cli.http.limits import AnswerLost, Timing


class Deadline(threading.local):
    """Until when the answer to the request of this thread has to be there, whole."""

    def __init__(self, seconds: float, timing: Timing) -> None:
        self._seconds = seconds
        self._timing = timing
        self._ends = float("inf")

    def start(self) -> None:
        """Begin a request."""
        self._ends = self._timing.monotonic() + self._seconds

    def left(self) -> float:
        """Seconds that are left. Raises `AnswerLost` when there are none."""
        left = self._ends - self._timing.monotonic()
        if left <= 0:
            raise AnswerLost(f"it took longer than {self._seconds:g} seconds")
        return left

    def watch(self, transport: Any) -> None:
        """Let every read and write of a transport keep to the deadline."""
        # httpx has a time-out for each read and write, but none for an answer as a whole.
        pool = transport._pool
        pool._network_backend = _Network(pool._network_backend, self)


class _Network:
    """Opens connections whose reads and writes keep to a deadline."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(self, *args: Any, **options: Any) -> "_Stream":
        """A connection."""
        return _Stream(self._inner.connect_tcp(*args, **options), self._deadline)


class _Stream:
    """A connection whose reads and writes keep to a deadline."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, most: int, timeout: float | None = None) -> Any:
        """What comes next."""
        return self._inner.read(most, self._within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self._inner.write(buffer, self._within(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        """The connection, encrypted."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._within(timeout))
        return _Stream(inner, self._deadline)

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """What is known of it."""
        return self._inner.get_extra_info(info)

    def _within(self, timeout: float | None) -> float:
        left = self._deadline.left()
        return left if timeout is None else min(timeout, left)
