"""Opening the state file, and everything that is read from or written to it."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerId, PersonId
from invoicesync_cli.state.codec import Texts, dump, load
from invoicesync_cli.state.opening import connect, copied, reading
from invoicesync_cli.state.rows import Entry, Progress, Record, record_of

OPEN = json.dumps([state.value for state in DocumentState if state.open])
"""The open states, for `IN (SELECT value FROM json_each(?))`."""


def now() -> str:
    """The time of a record, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """The state file of one profile. Use from one thread; `with` closes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.db.row_factory = sqlite3.Row

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open or make the file at `path`, readable by its owner only.

        Raises `ConfigError` when the file is no state file or cannot be opened or written to.
        """
        return cls(connect(path))

    @classmethod
    def read(cls, path: Path) -> "Store":
        """Open the file at `path` to look into it, also while a run is writing to it.

        Raises `ConfigError` when the file is no state file or cannot be read.
        """
        return cls(reading(path))

    @classmethod
    def copy(cls, path: Path) -> "Store":
        """A throw-away copy, for runs that must not leave a trace."""
        return cls(copied(path))

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block is written, durably, or none of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk was full or broke.
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise

    # --- facts ------------------------------------------------------------------------------

    def get_meta(self, name: str) -> str:
        """A remembered fact, or blank."""
        row = self.db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_meta(self, name: str, value: str) -> None:
        """Keep a fact."""
        self.db.execute(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def progress(self) -> Progress | None:
        """How far the orders of Keap were gone through; None before the first run."""
        text = self.get_meta("scan")
        return load(Progress, text) if text else None

    def set_progress(self, progress: Progress) -> None:
        """Keep how far the orders of Keap were gone through."""
        self.set_meta("scan", dump(Progress, progress))

    # --- records ----------------------------------------------------------------------------

    def record(self, kind: DocumentKind, key: str) -> Record | None:
        """The record of one document."""
        return self.records(kind, [key]).get(key)

    def records(self, kind: DocumentKind, keys: Iterable[str]) -> dict[str, Record]:
        """The records of these documents, by key; unknown ones are left out."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE kind = ? AND key IN (SELECT value FROM json_each(?))",
            (kind, json.dumps(list(keys))),
        )
        return {row["key"]: record_of(row) for row in rows}

    def records_in(self, kind: DocumentKind, state: DocumentState) -> list[Record]:
        """The records in one state, lowest order id first."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE kind = ? AND state = ? "
            "ORDER BY CAST(order_id AS INTEGER), key",
            (kind, state),
        )
        return [record_of(row) for row in rows]

    def records_of(self, ids: Iterable[str], by: str) -> list[Record]:
        """The records of every kind of these invoices; `by` says which of Keap's ids they are."""
        column = "order_id" if by == "order" else "invoice_id"
        rows = self.db.execute(
            f"SELECT * FROM records WHERE {column} IN (SELECT value FROM json_each(?)) "  # noqa: S608
            "ORDER BY CAST(order_id AS INTEGER), kind, key",
            (json.dumps(list(ids)),),
        )
        return [record_of(row) for row in rows]

    def payment_records(self, payment_ids: Iterable[str]) -> list[Record]:
        """The records of every share of these Keap payments."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE payment_id <> '' "
            "AND payment_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(payment_ids)),),
        )
        return [record_of(row) for row in rows]

    def records_at(self, ledger_ids: Iterable[str]) -> list[Record]:
        """The records of these documents of the ledger."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE ledger_id <> '' "
            "AND ledger_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ledger_ids)),),
        )
        return [record_of(row) for row in rows]

    def sent_invoices(self, since: str = "") -> list[str]:
        """The orders of invoices in the ledger, dated on or after a day (ISO), lowest id first."""
        rows = self.db.execute(
            "SELECT key FROM records WHERE kind = 'invoice' AND ledger_id <> '' "
            "AND state IN ('created', 'skipped') AND date >= ? ORDER BY CAST(key AS INTEGER)",
            (since,),
        )
        return [row[0] for row in rows]

    def open_orders(self) -> list[str]:
        """The orders of which anything has not come to an end, lowest id first.

        An invoice in the ledger is open until Keap says that it is paid.
        """
        rows = self.db.execute(
            "SELECT DISTINCT order_id FROM records WHERE open = 1 "
            "ORDER BY CAST(order_id AS INTEGER)"
        )
        return [row[0] for row in rows]

    def money_due(self) -> list[str]:
        """The orders in the ledger whose payments were not all gone through, lowest id first."""
        rows = self.db.execute(
            "SELECT order_id FROM records WHERE money_due = 1 ORDER BY CAST(order_id AS INTEGER)"
        )
        return [row[0] for row in rows]

    def open_money(self) -> Iterator[tuple[Record, DocumentState | None]]:
        """The payments, credits and refunds that have not come to an end, and their invoice's
        state, None where there is none."""
        rows = self.db.execute(
            "SELECT money.*, invoice.state AS invoice_state FROM records AS money "
            "LEFT JOIN records AS invoice ON invoice.kind = 'invoice' "
            "AND invoice.key = money.order_id WHERE money.open = 1 AND money.kind <> 'invoice'"
        )
        for row in rows:
            state = row["invoice_state"]
            yield record_of(row), DocumentState(state) if state else None

    def money_since(self, day: str) -> Iterator[Record]:
        """The payments, credits and refunds dated on or after a day (ISO)."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE kind <> 'invoice' AND payment_id <> '' AND date >= ?",
            (day,),
        )
        for row in rows:
            yield record_of(row)

    def count_between(self, first: str, last: str) -> int:
        """How many orders are known from one id to another."""
        row = self.db.execute(
            "SELECT count(*) FROM records WHERE kind = 'invoice' "
            "AND CAST(key AS INTEGER) BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)",
            (first, last),
        ).fetchone()
        return int(row[0])

    def note_paid(self, paid: Mapping[str, str]) -> None:
        """Remember what Keap says is paid on these orders."""
        self.db.executemany(
            "UPDATE records SET paid = ? WHERE kind = 'invoice' AND key = ?",
            [(amount, order_id) for order_id, amount in paid.items()],
        )

    def note_money(self, order_ids: Iterable[str]) -> None:
        """Remember that the payments of these orders were gone through as Keap has them now."""
        self.db.execute(
            "UPDATE records SET money = paid "
            "WHERE kind = 'invoice' AND key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(order_ids)),),
        )

    def orders_of_invoices(self, invoice_ids: Iterable[str]) -> dict[str, str]:
        """Order ids of the invoices that are known, by invoice id."""
        rows = self.db.execute(
            "SELECT invoice_id, order_id FROM records "
            "WHERE kind = ? AND invoice_id IN (SELECT value FROM json_each(?))",
            (DocumentKind.INVOICE, json.dumps(list(invoice_ids))),
        )
        return {row["invoice_id"]: row["order_id"] for row in rows}

    def save(self, record: Record, *, log: bool = True) -> None:
        """Write a record, and an event when its outcome is news."""
        before = self.record(record.kind, record.key)
        values = (
            record.kind,
            record.key,
            record.document.order_id,
            record.document.invoice_id,
            record.document.payment_id,
            record.state,
            dump(Document, record.document),
            record.source,
            record.paid,
            record.draft,
            record.decisions,
            record.document.ledger_id,
            record.run,
            now(),
            record.money,
        )
        self.db.execute(
            "INSERT OR REPLACE INTO records (kind, key, order_id, invoice_id, payment_id, state, "
            "document, source, paid, draft, decisions, ledger_id, run, at, money) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        if log and (before is None or before.document != record.document):
            self.log(record.run, record.document)

    def forget(self, kind: DocumentKind, key: str) -> None:
        """Take a record back that turned out to be one of another kind."""
        self.db.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))

    def log(self, run: str, document: Document) -> None:
        """Write an event about a document."""
        self.db.execute(
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

    def cursor(self) -> tuple[str, str]:
        """Order and invoice id up to which every invoice is settled; blanks before the first.

        Never further than Keap's orders have been gone through without a gap.
        """
        scan = self.progress() or Progress("")
        reached = None if scan.complete else scan.position
        first_open = self.db.execute(
            "SELECT min(CAST(order_id AS INTEGER)) FROM records "
            "WHERE kind = 'invoice' AND state IN (SELECT value FROM json_each(?))",
            (OPEN,),
        ).fetchone()[0]
        row = self.db.execute(
            "SELECT order_id, invoice_id FROM records WHERE kind = 'invoice' "
            "AND (? IS NULL OR CAST(order_id AS INTEGER) < ?) "
            "AND (? IS NULL OR CAST(order_id AS INTEGER) <= ?) "
            "ORDER BY CAST(order_id AS INTEGER) DESC LIMIT 1",
            (first_open, first_open, reached, reached),
        ).fetchone()
        return (row["order_id"], row["invoice_id"]) if row else ("", "")

    def counts(self) -> dict[str, int]:
        """How many documents stand in each state."""
        rows = self.db.execute("SELECT state, count(*) FROM records GROUP BY state")
        return {row[0]: row[1] for row in rows}

    def needs_person(self) -> bool:
        """Whether any document is held or has failed."""
        counts = self.counts()
        return any(counts.get(state) for state in DocumentState if state.needs_person)

    # --- contact links ------------------------------------------------------------------------

    def links(self, people: Iterable[str]) -> dict[PersonId, LedgerId]:
        """Ledger contacts that Keap people were matched with or created as."""
        rows = self.db.execute(
            "SELECT person_id, ledger_id FROM links "
            "WHERE person_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(people)),),
        )
        return {PersonId(row[0]): LedgerId(row[1]) for row in rows}

    def linked_people(self) -> dict[LedgerId, PersonId]:
        """Who each linked ledger contact stands for (the first, where several share it)."""
        rows = self.db.execute("SELECT ledger_id, person_id FROM links ORDER BY rowid DESC")
        return {LedgerId(row[0]): PersonId(row[1]) for row in rows}

    def link(self, person: PersonId, contact: LedgerId, how: str, run: str) -> None:
        """Remember which ledger contact a Keap person is."""
        self.db.execute(
            "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)", (person, contact, how, run)
        )

    def unlink(self, person: PersonId) -> None:
        """Forget a link that has turned out wrong."""
        self.db.execute("DELETE FROM links WHERE person_id = ?", (person,))

    # --- journal ------------------------------------------------------------------------------

    def begin_batch(
        self,
        run: str,
        kind: str,
        key: str,
        body: bytes,
        items: Mapping[str, str],
        sent_at: datetime,
    ) -> Entry:
        """Note a batch that is about to be sent; `items` are record keys and their names."""
        keys, names = tuple(items), tuple(items.values())
        found = self.db.execute(
            "INSERT INTO journal (run, kind, idempotency_key, body, items, names, sent_at, done) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (run, kind, key, body, dump(Texts, keys), dump(Texts, names), sent_at.isoformat()),
        )
        return Entry(found.lastrowid or 0, run, kind, key, body, keys, names, sent_at)

    def end_batch(self, entry: Entry) -> None:
        """Note that a batch's outcome is known; what was sent is kept, its bytes are not."""
        self.db.execute("UPDATE journal SET done = 1, body = x'' WHERE id = ?", (entry.id,))

    def unsettled(self) -> bool:
        """Whether anything was sent whose outcome is not known."""
        found = self.db.execute(
            "SELECT EXISTS (SELECT 1 FROM journal WHERE done = 0) "
            "OR EXISTS (SELECT 1 FROM records WHERE state = ?)",
            (DocumentState.SENDING,),
        ).fetchone()
        return bool(found[0])

    def open_batches(self) -> list[Entry]:
        """Batches whose outcome is not known, oldest first."""
        rows = self.db.execute("SELECT * FROM journal WHERE done = 0 ORDER BY id")
        return [
            Entry(
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

    # --- runs and log -------------------------------------------------------------------------

    def begin_run(self, run: str, command: str) -> None:
        """Note that a run has begun."""
        self.db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, '', 'running', '')", (run, command, now())
        )

    def end_run(self, run: str, status: str, data: dict[str, Any]) -> None:
        """Note how a run ended."""
        self.db.execute(
            "UPDATE runs SET ended = ?, status = ?, data = ? WHERE run = ?",
            (now(), status, json.dumps(data), run),
        )

    def last_run(self) -> dict[str, str] | None:
        """The newest run: its name, start and status."""
        row = self.db.execute(
            "SELECT run, at, status FROM runs ORDER BY at DESC, rowid DESC LIMIT 1"
        ).fetchone()
        return dict(row) if row else None

    def documents_of(self, run: str) -> Iterator[Document]:
        """What a run wrote down, oldest first."""
        for row in self.db.execute("SELECT document FROM events WHERE run = ? ORDER BY id", (run,)):
            yield load(Document, row[0])

    def events(
        self,
        *,
        states: Iterable[str] = (),
        run: str = "",
        since: str = "",
        ident: str = "",
        limit: int = 0,
    ) -> Iterator[tuple[str, str, Document]]:
        """Events (time, run, document), newest first. `since` is ISO UTC; `ident` either id."""
        rows = self.db.execute(
            "SELECT at, run, document FROM events "
            "WHERE (:states = '[]' OR state IN (SELECT value FROM json_each(:states))) "
            "AND (:run = '' OR run = :run) AND at >= :since "
            "AND (:ident = '' OR :ident IN (order_id, invoice_id)) "
            "ORDER BY id DESC LIMIT :limit",
            {
                "states": json.dumps(list(states)),
                "run": run,
                "since": since,
                "ident": ident,
                "limit": limit or -1,
            },
        )
        for row in rows:
            yield row["at"], row["run"], load(Document, row["document"])
