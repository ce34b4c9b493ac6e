"""Which writes are in progress at the same moment, and may not be."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Overlap:
    """What a request has in common with those in progress when it came."""

    serials: frozenset[str] = frozenset()
    """The lists, `name` or `item`, that another request is writing to."""
    repeated: bool = False
    """Whether another has the same request id."""


class Traffic:
    """The writes in progress. Its own lock, not the sandbox's: they are seen while they wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serials: list[str] = []
        self._request_ids: list[str] = []

    @contextmanager
    def passing(self, serials: frozenset[str], request_id: str) -> Iterator[Overlap]:
        """Count a request among those in progress while the block runs."""
        with self._lock:
            overlap = Overlap(
                serials & frozenset(self._serials),
                bool(request_id) and request_id in self._request_ids,
            )
            self._serials += serials
            self._request_ids.append(request_id)
        try:
            yield overlap
        finally:
            with self._lock:
                for serial in serials:
                    self._serials.remove(serial)
                self._request_ids.remove(request_id)
