"""Rows with look-ups, and a way back from a change that is refused half-way."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Identified(Protocol):
    """A row that knows its id."""

    @property
    def id(self) -> str:
        """The id."""


Row = TypeVar("Row", bound=Identified)
Key = Callable[[Row], Hashable | None]


class Journal:
    """The changes since the outermost attempt began, so that they can be taken back."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []
        self._depth = 0
        self.created: set[str] = set()
        """The ids that the outermost attempt has created so far."""

    def note(self, take_back: Callable[[], None], created: str | None) -> None:
        """Remember how to take one change back, and the id that it creates, if any."""
        if self._depth:
            self._steps.append(take_back)
            if created:
                self.created.add(created)

    @contextmanager
    def attempt(self) -> Iterator["Attempt"]:
        """Take back everything done inside if it ends with an exception, which goes on."""
        attempt = Attempt(self._steps)
        self._depth += 1
        try:
            yield attempt
        except Exception:
            attempt.take_back()
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._steps.clear()
                self.created.clear()


class Attempt:
    """Changes that may still be taken back."""

    def __init__(self, steps: list[Callable[[], None]]) -> None:
        self._steps = steps
        self._mark = len(steps)

    def take_back(self) -> None:
        """Undo what has been done since the attempt began, newest first."""
        while len(self._steps) > self._mark:
            self._steps.pop()()


class Table(Mapping[str, Row]):
    """Rows by id. They are values: a change puts another row in the old one's place."""

    def __init__(self, journal: Journal, **keys: Key[Row]) -> None:
        self._journal = journal
        self._rows: dict[str, Row] = {}
        self._keys = keys
        self._found: dict[str, dict[Hashable, dict[str, None]]] = {name: {} for name in keys}

    def __getitem__(self, row_id: str) -> Row:
        return self._rows[row_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: Row) -> Row:
        """Add the row, or replace the one of the same id."""
        before = self._rows.get(row.id)
        created = row.id if before is None else None
        self._journal.note(lambda: self._set(row.id, before), created)
        self._set(row.id, row)
        return row

    def drop(self, row_id: str) -> None:
        """Take the row away."""
        before = self._rows[row_id]
        self._journal.note(lambda: self._set(row_id, before), None)
        self._set(row_id, None)

    def find(self, look_up: str, key: Hashable) -> list[Row]:
        """The rows with that key, oldest first."""
        return list(self.each(look_up, key))

    def each(self, look_up: str, key: Hashable) -> Iterator[Row]:
        """The same one by one, for keys with very many rows."""
        return (self._rows[row_id] for row_id in self._found[look_up].get(key, ()))

    def fresh(self, row: Row) -> bool:
        """Whether the current attempt has created the row."""
        return row.id in self._journal.created

    def _set(self, row_id: str, row: Row | None) -> None:
        before = self._rows.get(row_id)
        for name, key in self._keys.items():
            old = key(before) if before is not None else None
            new = key(row) if row is not None else None
            if old == new:
                continue
            if old is not None:
                del self._found[name][old][row_id]
            if new is not None:
                self._found[name].setdefault(new, {})[row_id] = None
        if row is None:
            del self._rows[row_id]
        else:
            self._rows[row_id] = row
