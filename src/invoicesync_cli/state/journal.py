"""The journal: every batch, written before it is sent, until its outcome is known."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from invoicesync_cli.state.codec import Texts, dump, load


@dataclass(frozen=True)
class JournalEntry:
    """A batch of the journal, sent or about to be.

    `items` are its records' keys in order, `names` what the ledger will call them.
    """

    id: int
    run: str
    kind: str
    idempotency_key: str
    body: bytes
    items: tuple[str, ...]
    names: tuple[str, ...]
    sent_at: datetime


class Journal:
    """The table `journal`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin(
        self,
        run: str,
        kind: str,
        key: str,
        body: bytes,
        items: Mapping[str, str],
        sent_at: datetime,
    ) -> JournalEntry:
        """Note a batch that is about to be sent; `items` are record keys and their names."""
        keys, names = tuple(items), tuple(items.values())
        found = self._db.execute(
            "INSERT INTO journal (run, kind, idempotency_key, body, items, names, sent_at, done) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (run, kind, key, body, dump(Texts, keys), dump(Texts, names), sent_at.isoformat()),
        )
        return JournalEntry(found.lastrowid or 0, run, kind, key, body, keys, names, sent_at)

    def end(self, entry: JournalEntry) -> None:
        """Note that a batch's outcome is known; what was sent is kept, its bytes are not."""
        self._db.execute("UPDATE journal SET done = 1, body = x'' WHERE id = ?", (entry.id,))

    def open(self) -> list[JournalEntry]:
        """Batches whose outcome is not known, oldest first."""
        rows = self._db.execute("SELECT * FROM journal WHERE done = 0 ORDER BY id")
        return [
            JournalEntry(
                row["id"],
                row["run"],
                row["kind"],
                row["idempotency_key"],
                row["body"],
                load(Texts, row["items"]),
                load(Texts, row["names"]),
                datetime.fromisoformat(row["sent_at"]),
            )
            for row in rows
        ]
