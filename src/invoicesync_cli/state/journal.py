"""The journal: every batch, written before it is sent, until its outcome is known."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from invoicesync_cli.state.codec import Texts, dump, load

UNDO = "undo/"
"""How the kinds of batches begin that take something back in the ledger."""
REVERSE = "reverse/"
"""How the kinds of batches begin that enter something in Keap."""
APPROVE = "approve"
"""The kind of batches that approve what was drafted."""
DOCUMENTS = (
    "(kind IN ('invoice', 'payment', 'note', 'refund', 'apply') OR kind LIKE 'allocation/%')"
)
"""That a batch is one of invoices or money that were sent."""
READ_BACK = "('invoice', 'payment', 'note', 'refund', 'reverse/order')"
"""The kinds of batches that are read back, from the ledger or from Keap, after they were sent."""


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
        """Note that a batch's outcome is known; what was sent is kept, its bytes are not. What is
        to be read back from the ledger then is `unread` from now on."""
        self._db.execute(
            f"UPDATE journal SET done = CASE WHEN kind IN {READ_BACK} THEN 2 ELSE 1 END, "  # noqa: S608
            "body = x'' WHERE id = ?",
            (entry.id,),
        )

    def unread(self, *, orders: bool = False) -> list[JournalEntry]:
        """Batches whose outcome is known and that were not read back since, oldest first: those to
        the ledger, or the `orders` that were made in Keap."""
        return self._entries(f"done = 2 AND {'' if orders else 'NOT '}kind LIKE '{REVERSE}%'")

    def read_back(self, entries: Iterable[JournalEntry]) -> None:
        """Note that batches were read back, and that nobody else has made what is in them."""
        self._db.executemany(
            "UPDATE journal SET done = 1 WHERE id = ?", [(entry.id,) for entry in entries]
        )

    def sent(self, *, run: str = "", elements: Iterable[str] | None = None) -> dict[str, str]:
        """The elements of invoices and money with the run that sent each last: those of one run, or
        those named; newest last. What the ledger made of them stands in their records."""
        rows = self._db.execute(
            "SELECT item.value, journal.run, max(journal.id) AS last "  # noqa: S608
            "FROM journal, json_each(journal.items) AS item "
            f"WHERE {DOCUMENTS} AND (:named IS NULL OR item.value IN "
            "(SELECT value FROM json_each(:named))) "
            "GROUP BY item.value HAVING :run = '' OR journal.run = :run ORDER BY last",
            {"run": run, "named": None if elements is None else json.dumps(list(elements))},
        )
        return {row[0]: row[1] for row in rows}

    def invoices_sent(self, order_ids: Iterable[str]) -> Counter[tuple[str, str]]:
        """How often an invoice went out for each of these orders, by the order and its number."""
        wanted = list(order_ids)
        if not wanted:
            return Counter()
        rows = self._db.execute(
            "SELECT item.value, name.value, count(*) FROM journal, json_each(items) AS item, "
            "json_each(names) AS name ON name.key = item.key WHERE kind = 'invoice' "
            "AND item.value IN (SELECT value FROM json_each(?)) GROUP BY item.value, name.value",
            (json.dumps(wanted),),
        )
        return Counter({(order, number): often for order, number, often in rows})

    def took_off(self, element: str) -> bool:
        """Whether what a credit note of ours was used for was taken back since it was sent."""
        row = self._db.execute(
            "SELECT kind IN (:off, :out) FROM journal, json_each(journal.items) AS item "  # noqa: S608
            f"WHERE item.value = :element AND ({DOCUMENTS} OR kind IN (:off, :out)) "
            "ORDER BY journal.id DESC LIMIT 1",
            {"element": element, "off": f"{UNDO}allocation", "out": f"{UNDO}payment"},
        ).fetchone()
        return bool(row and row[0])

    def last_run(self) -> str:
        """The newest run that sent an invoice or money; blank for none."""
        row = self._db.execute(
            f"SELECT run FROM journal WHERE {DOCUMENTS} ORDER BY id DESC LIMIT 1"  # noqa: S608
        ).fetchone()
        return str(row[0]) if row else ""

    def open(self) -> list[JournalEntry]:
        """Batches whose outcome is not known, oldest first."""
        return self._entries("done = 0")

    def _entries(self, condition: str) -> list[JournalEntry]:
        rows = self._db.execute(f"SELECT * FROM journal WHERE {condition} ORDER BY id")  # noqa: S608
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
