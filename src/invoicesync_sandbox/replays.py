"""The first answers to requests that may be sent again under the same key."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Kept(Generic[Answer]):
    """An answer, when it was given (UTC), and what distinguishes its request from others."""

    request: object
    answer: Answer
    given: datetime


class Replays(Generic[Answer]):
    """Keeps answers for `life` from the first use of their key (None: for ever), and of all only
    the `most` last ones."""

    def __init__(self, life: timedelta | None, most: int | None = None) -> None:
        self._life = life
        self._most = most
        self._kept: dict[Hashable, Kept[Answer]] = {}

    def find(self, key: Hashable, now: datetime) -> Kept[Answer] | None:
        """The answer that was given under the key, if it is still known."""
        kept = self._kept.get(key)
        if kept is None or self._life is None:
            return kept
        return kept if now - kept.given < self._life else None

    def keep(self, key: Hashable, request: object, answer: Answer, now: datetime) -> None:
        """Remember an answer."""
        self._kept.pop(key, None)
        self._kept[key] = Kept(request, answer, now)
        while self._most is not None and len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
