"""What the ledger has of ours though no record knows it: found by its marker, kept until it is
taken up.

The rows are a copy of what the ledger said, not a memory of what is open: a document that a record
knows is none of them, whatever the table holds.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from invoicesync_cli.model import LedgerId, OrderId

RECORDED = (
    "EXISTS (SELECT 1 FROM records "
    "WHERE records.ledger_id = unrecorded.ledger_id AND records.ledger_id <> '')"
)
"""That a record knows a document; the second half is what its index asks for."""


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A document of the ledger with the marker of an order; `found` is what it is like (JSON)."""

    ledger_id: LedgerId
    order_id: OrderId
    kind: str
    found: str


def put(db: sqlite3.Connection, documents: Iterable[Unrecorded]) -> None:
    """Keep these documents, as they are now, but for those that a record knows."""
    db.executemany(
        "INSERT OR REPLACE INTO unrecorded SELECT ?1, ?2, ?3, ?4 "
        "WHERE NOT EXISTS (SELECT 1 FROM records WHERE ledger_id = ?1 AND ledger_id <> '')",
        [(item.ledger_id, item.order_id, item.kind, item.found) for item in documents],
    )
    db.execute(
        f"DELETE FROM unrecorded WHERE {RECORDED}"  # noqa: S608
    )


def clear(db: sqlite3.Connection) -> None:
    """Forget everything: the ledger is about to be asked for all of it."""
    db.execute("DELETE FROM unrecorded")


def drop(db: sqlite3.Connection, ledger_ids: Iterable[str]) -> None:
    """Forget documents."""
    db.execute(
        "DELETE FROM unrecorded WHERE ledger_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ledger_ids)),),
    )


def holds_any(db: sqlite3.Connection) -> bool:
    """Whether there is any document that no record knows."""
    row = db.execute(
        f"SELECT EXISTS (SELECT 1 FROM unrecorded WHERE NOT {RECORDED})"  # noqa: S608
    ).fetchone()
    return bool(row[0])


def of_orders(db: sqlite3.Connection, kind: str, order_ids: Iterable[str]) -> list[Unrecorded]:
    """The documents of a kind that bear the markers of these orders."""
    rows = db.execute(
        "SELECT ledger_id, order_id, kind, found FROM unrecorded WHERE kind = ? "  # noqa: S608
        "AND order_id IN (SELECT value FROM json_each(?)) "
        f"AND NOT {RECORDED} ORDER BY rowid",
        (kind, json.dumps(list(order_ids))),
    )
    return [Unrecorded(LedgerId(row[0]), OrderId(row[1]), row[2], row[3]) for row in rows]
