"""Whether a state file that made a command stumble is what was once written into it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from invoicesync_cli.model import Document
from invoicesync_cli.state.codec import Plain, Texts, load, load_said
from invoicesync_cli.state.opening import reading, usable
from invoicesync_cli.state.rows import record_of


def flaw(path: Path) -> str:
    """What in the file at `path` cannot be what was written; blank when there is nothing.

    Reads all of it: meant for when something has gone wrong. Raises as `reading` does.
    """
    with usable(path), contextlib.closing(reading(path)) as file:
        file.row_factory = sqlite3.Row
        found = file.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            return str(found)
        return next(_unreadable(file), "")


def _unreadable(file: sqlite3.Connection) -> Iterator[str]:
    readers = {"records": _record, "events": _event, "journal": _batch, "facts": _fact}
    for table, read in readers.items():
        for row in file.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of ours
            try:
                read(row)
            except (ValueError, TypeError):
                yield f"a row of its table {table} cannot be understood"


def _record(row: sqlite3.Row) -> None:
    record = record_of(row)
    _ = record.decided, load(Plain, record.source or "{}")
    _ = record.invoice_draft, record.payment_draft


def _event(row: sqlite3.Row) -> None:
    load(Document, row["document"])


def _batch(row: sqlite3.Row) -> None:
    _ = load(Texts, row["items"]), load(Texts, row["names"])
    datetime.fromisoformat(row["sent_at"])


def _fact(row: sqlite3.Row) -> None:
    value: str = row["value"]
    if value.startswith(('{"', '["')):
        load_said(value)
