"""The state file of a profile: its facts, its records, and the way to its other tables."""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.history import History, now
from invoicesync_cli.state.journal import Journal
from invoicesync_cli.state.links import Links
from invoicesync_cli.state.opening import connect, copied, reading
from invoicesync_cli.state.rows import OPEN, Progress, Record, record_of


class Store:
    """The state file of one profile. Use from one thread; `with` closes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.db.row_factory = sqlite3.Row
        self.journal = Journal(connection)
        self.links = Links(connection)
        self.history = History(connection)

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

    def is_paused(self) -> bool:
        """Whether scheduled runs are to do nothing, since `pause` and until `resume`."""
        return self.get_meta("processing") == "off"

    def set_paused(self, paused: bool) -> None:
        """Set the processing switch, which scheduled runs obey."""
        self.set_meta("processing", "off" if paused else "on")

    def progress(self) -> Progress | None:
        """How far the orders of Keap were read; None before the first run."""
        text = self.get_meta("scan")
        return load(Progress, text) if text else None

    def set_progress(self, progress: Progress) -> None:
        """Keep how far the orders of Keap were read."""
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

    def sales_named(self, names: Iterable[str]) -> list[Record]:
        """The records of the invoices that have these numbers, or ids, in the ledger."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE kind = 'invoice' "
            "AND (ledger_id IN (SELECT value FROM json_each(:names)) OR "
            "json_extract(document, '$.number') IN (SELECT value FROM json_each(:names))) "
            "ORDER BY CAST(order_id AS INTEGER), key",
            {"names": json.dumps(list(names))},
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
            "SELECT key FROM records WHERE kind = 'invoice' AND ledger_id <> '' AND order_id <> '' "
            "AND state IN ('created', 'skipped') AND date >= ? ORDER BY CAST(key AS INTEGER)",
            (since,),
        )
        return [row[0] for row in rows]

    def orders_in_ledger(self) -> list[str]:
        """The orders of which the ledger has anything that has to be there, lowest id first."""
        rows = self.db.execute(
            "SELECT DISTINCT order_id FROM records WHERE ledger_id <> '' AND order_id <> '' "
            "AND state IN ('created', 'skipped') ORDER BY CAST(order_id AS INTEGER)"
        )
        return [row[0] for row in rows]

    def open_orders(self) -> list[str]:
        """The orders of which anything has not come to an end, lowest id first.

        An invoice in the ledger is open until Keap says that it is paid.
        """
        rows = self.db.execute(
            "SELECT DISTINCT order_id FROM records WHERE open = 1 AND order_id <> '' "
            "ORDER BY CAST(order_id AS INTEGER)"
        )
        return [row[0] for row in rows]

    def money_due(self) -> list[str]:
        """The orders in the ledger whose payments were not all read, lowest id first."""
        rows = self.db.execute(
            "SELECT order_id FROM records WHERE money_due = 1 ORDER BY CAST(order_id AS INTEGER)"
        )
        return [row[0] for row in rows]

    def sales_open(self) -> list[Record]:
        """The invoices of the ledger that have no order in Keap and have not come to an end."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE order_id = '' AND open = 1 AND kind = 'invoice' "
            "ORDER BY date, key"
        )
        return [record_of(row) for row in rows]

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

    def open_up_to(self, day: date) -> int:
        """How many documents that have not come to an end are dated on or before a day."""
        row = self.db.execute(
            "SELECT count(*) FROM records WHERE state IN (SELECT value FROM json_each(?)) "
            "AND date <> '' AND date <= ?",
            (OPEN, day.isoformat()),
        ).fetchone()
        return int(row[0])

    def money_since(self, day: str, but: Container[str]) -> Iterator[Record]:
        """The payments, credits and refunds dated on or after a day (ISO), but for the shares of
        some of Keap's payments."""
        found = self.db.execute(
            "SELECT DISTINCT payment_id FROM records INDEXED BY money_by_date "
            "WHERE payment_id <> '' AND date >= ?",
            (day,),
        )
        others = [row[0] for row in found if row[0] not in but]
        rows = self.db.execute(
            "SELECT * FROM records INDEXED BY records_by_payment WHERE payment_id <> '' "
            "AND payment_id IN (SELECT value FROM json_each(?)) AND date >= ?",
            (json.dumps(others), day),
        )
        return map(record_of, rows)

    def booked_between(self, first: str, last: str) -> Iterator[Record]:
        """The records with a document in the ledger, dated from one day (ISO) to another."""
        rows = self.db.execute(
            "SELECT * FROM records WHERE ledger_id <> '' AND order_id <> '' "
            "AND date BETWEEN ? AND ? "
            "ORDER BY date, CAST(order_id AS INTEGER), kind, key",
            (first, last),
        )
        return map(record_of, rows)

    def first_order_since(self, day: str) -> int:
        """The lowest id of the orders dated on or after a day (ISO); where there is none, the one
        after all that are known."""
        first = self.db.execute(
            "SELECT min(CAST(order_id AS INTEGER)) FROM records INDEXED BY records_by_date "
            "WHERE kind = 'invoice' AND order_id <> '' AND date >= ?",
            (day,),
        ).fetchone()[0]
        if first is not None:
            return int(first)
        last = self.db.execute(
            "SELECT max(CAST(order_id AS INTEGER)) FROM records INDEXED BY invoices_by_order "
            "WHERE kind = 'invoice' AND order_id <> ''"
        ).fetchone()[0]
        return int(last or 0) + 1

    def count_between(self, first: str, last: str) -> int:
        """How many orders are known from one id to another."""
        row = self.db.execute(
            "SELECT count(*) FROM records INDEXED BY invoices_by_order "
            "WHERE kind = 'invoice' AND order_id <> '' "
            "AND CAST(order_id AS INTEGER) BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)",
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
        """Remember that the payments of these orders were read as Keap has them now."""
        self.db.execute(
            "UPDATE records SET money = paid "
            "WHERE kind = 'invoice' AND key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(order_ids)),),
        )

    def orders_of_invoices(self, invoice_ids: Iterable[str]) -> dict[str, str]:
        """Order ids of the invoices that are known, by invoice id."""
        rows = self.db.execute(
            "SELECT invoice_id, order_id FROM records INDEXED BY records_by_invoice "
            "WHERE kind = ? AND invoice_id IN (SELECT value FROM json_each(?))",
            (DocumentKind.INVOICE, json.dumps(list(invoice_ids))),
        )
        return {row["invoice_id"]: row["order_id"] for row in rows}

    def save(self, record: Record, *, log: bool = True) -> None:
        """Write a record, and an event when its outcome is new."""
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
            self.history.log(record.run, record.document)

    def forget(self, kind: DocumentKind, key: str) -> None:
        """Take a record back that turned out to be one of another kind."""
        self.db.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))

    def cursor(self) -> tuple[str, str]:
        """Order and invoice id up to which every invoice is settled; blanks before the first.

        Never further than Keap's orders have been read without a gap.
        """
        scan = self.progress() or Progress("")
        reached = None if scan.complete else scan.position
        first_open = self.db.execute(
            "SELECT min(CAST(order_id AS INTEGER)) FROM records INDEXED BY records_by_state "
            "WHERE kind = 'invoice' AND order_id <> '' "
            "AND state IN (SELECT value FROM json_each(?))",
            (OPEN,),
        ).fetchone()[0]
        bounds = (reached, None if first_open is None else first_open - 1)
        last = min((bound for bound in bounds if bound is not None), default=sys.maxsize)
        row = self.db.execute(
            "SELECT order_id, invoice_id FROM records INDEXED BY invoices_by_order "
            "WHERE kind = 'invoice' AND order_id <> '' AND CAST(order_id AS INTEGER) <= ? "
            "ORDER BY CAST(order_id AS INTEGER) DESC LIMIT 1",
            (last,),
        ).fetchone()
        return (row["order_id"], row["invoice_id"]) if row else ("", "")

    def counts(self) -> dict[str, int]:
        """How many documents stand in each state."""
        rows = self.db.execute("SELECT state, count(*) FROM records GROUP BY state")
        return {row[0]: row[1] for row in rows}

    def invoices_in_ledger(self) -> int:
        """How many invoices the ledger has of ours."""
        found = self.db.execute(
            "SELECT count(*) FROM records WHERE kind = 'invoice' AND state = 'created'"
        )
        return int(found.fetchone()[0])

    def needs_person(self) -> bool:
        """Whether any document is held or has failed."""
        row = self.db.execute(
            "SELECT EXISTS (SELECT 1 FROM records WHERE state IN (SELECT value FROM json_each(?)))",
            (json.dumps([state for state in DocumentState if state.needs_person]),),
        ).fetchone()
        return bool(row[0])
