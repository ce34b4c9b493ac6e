"""The runs, and the log of what became of documents in each."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from invoicesync_cli.model import Document, DocumentState, LedgerId
from invoicesync_cli.state.codec import Plain, dump, load

ENDED = {
    "ok": "done",
    "partial": "done, with documents that need a person",
    "interrupted": "interrupted; the next run goes on",
    "error": "ended by an error; the next run goes on",
    "running": "at work",
    "did not end": "did not end; the next run goes on",
}
"""The status of a run as a person reads it."""
REACHED = (
    # The index by state would lead to every record in that state for every event.
    "SELECT DISTINCT records.kind, records.key FROM events CROSS JOIN records "
    "INDEXED BY records_by_order "
    "ON records.order_id = events.order_id AND records.invoice_id = events.invoice_id "
    "AND records.state = events.state "
    "AND records.kind = json_extract(events.document, '$.kind') "
    "AND records.payment_id = coalesce(json_extract(events.document, '$.payment_id'), '') "
    "AND (records.order_id <> '' OR records.ledger_id "
    "= coalesce(json_extract(events.document, '$.ledger_id'), '')) "
    "WHERE events.id > :since AND events.state IN (SELECT value FROM json_each(:states))"
)
"""Kind and key of the records that came into one of these states after an event, and are in it."""


def now() -> str:
    """The time of a record or an event, UTC."""
    return stamp(datetime.now(UTC))


def stamp(at: datetime) -> str:
    """A time (aware) as the state and `--json` have it: ISO, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class History:
    """The tables `runs` and `events`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin_run(self, run: str, command: str) -> None:
        """Note that a run has begun."""
        self._db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, '', 'running', '')", (run, command, now())
        )

    def end_run(self, run: str, status: str, data: Plain) -> None:
        """Note how a run ended."""
        self._db.execute(
            "UPDATE runs SET ended = ?, status = ?, data = ? WHERE run = ?",
            (now(), status, dump(Plain, data), run),
        )

    def runs(self) -> Iterator[tuple[str, str, str]]:
        """Every run, the newest first: its name, start (ISO, UTC) and status."""
        for row in self._db.execute(
            "SELECT run, at, status FROM runs ORDER BY at DESC, rowid DESC"
        ):
            yield row[0], row[1], row[2]

    def last_run(self) -> dict[str, str] | None:
        """The newest run: its name, start and status."""
        row = self._db.execute(
            "SELECT run, at, status FROM runs ORDER BY at DESC, rowid DESC LIMIT 1"
        ).fetchone()
        return dict(row) if row else None

    def known(self, run: str) -> bool:
        """Whether there was a run of this name."""
        row = self._db.execute("SELECT 1 FROM runs WHERE run = ?", (run,)).fetchone()
        return row is not None

    def taken_back(self, order_ids: Iterable[str]) -> set[LedgerId]:
        """What of these orders was ever taken back in the ledger. No record knows of it any more
        once it was made anew."""
        rows = self._db.execute(
            "SELECT DISTINCT json_extract(document, '$.ledger_id') FROM events "
            "WHERE order_id IN (SELECT value FROM json_each(?)) AND state = ?",
            (json.dumps(list(order_ids)), DocumentState.UNDONE),
        )
        return {LedgerId(row[0]) for row in rows if row[0]}

    def documents_of(self, run: str) -> Iterator[Document]:
        """What a run wrote down, oldest first."""
        for row in self._db.execute(
            "SELECT document FROM events WHERE run = ? ORDER BY id", (run,)
        ):
            yield load(Document, row[0])

    def events(
        self,
        *,
        states: Iterable[str] = (),
        run: str = "",
        since: str = "",
        ident: str = "",
        by: str = "",
        limit: int = 0,
    ) -> Iterator[tuple[str, str, Document]]:
        """Events (time, run, document), newest first. `since` is ISO UTC.

        `ident` is an id of an invoice, an order or a payment, or a reference; `by` says whether it
        is the `invoice`'s or the `order`'s.
        """
        rows = self._db.execute(
            "SELECT at, run, document FROM events "
            "WHERE (:states = '[]' OR state IN (SELECT value FROM json_each(:states))) "
            "AND (:run = '' OR run = :run) AND at >= :since "
            "AND (:ident = '' OR (:by != 'order' AND :ident = invoice_id) "
            "OR (:by != 'invoice' AND :ident = order_id) OR (:by = '' AND :ident IN "
            "(json_extract(document, '$.payment_id'), json_extract(document, '$.reference')))) "
            "ORDER BY id DESC LIMIT :limit",
            {
                "states": json.dumps(list(states)),
                "run": run,
                "since": since,
                "ident": ident,
                "by": by,
                "limit": limit or -1,
            },
        )
        for row in rows:
            yield row["at"], row["run"], load(Document, row["document"])

    def last_event(self) -> int:
        """The number of the newest event; 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])

    def orders_since(self, event: int) -> list[str]:
        """The orders of which anything was written down after an event, lowest id first."""
        rows = self._db.execute(
            "SELECT DISTINCT order_id FROM events WHERE id > ? AND order_id <> '' "
            "ORDER BY CAST(order_id AS INTEGER)",
            (event,),
        )
        return [row[0] for row in rows]

    def needing_since(self, event: int) -> set[tuple[str, str]]:
        """Kind and key of the records that an event after that one made need a person, and that
        still do."""
        states = json.dumps([state for state in DocumentState if state.needs_person])
        rows = self._db.execute(REACHED, {"since": event, "states": states})
        return {(kind, key) for kind, key in rows}

    def runs_since(self, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Status and summary of the runs that carried something over, or would have, and have ended
        after a time (ISO, UTC), oldest first."""
        rows = self._db.execute(
            "SELECT status, data FROM runs WHERE ended > ? AND data <> '' "
            "AND command NOT IN ('undo', 'approve') ORDER BY ended",
            (at,),
        )
        for status, data in rows:
            yield status, load(Plain, data)

    def log(self, run: str, document: Document) -> None:
        """Write an event about a document."""
        self._db.execute(
            "INSERT INTO events (at, run, state, order_id, invoice_id, document) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                now(),
                run,
                document.state,
                document.order_id,
                document.invoice_id,
                dump(Document, document),
            ),
        )
