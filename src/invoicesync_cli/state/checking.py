"""Whether a state file that made a command stumble is what was once written into it."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from invoicesync_cli.state import codec
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
    for table, read in (("records", _record), ("events", _event), ("journal", _batch)):
        for row in file.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of ours
            try:
                read(row)
            except (ValueError, KeyError, TypeError, ArithmeticError):
                yield f"a row of its table {table} cannot be understood"


def _record(row: sqlite3.Row) -> None:
    record = record_of(row)
    codec.load_decisions(record.decisions)
    for text in (record.source, record.draft):
        dict(json.loads(text or "{}"))


def _event(row: sqlite3.Row) -> None:
    codec.load_document(row["document"])


def _batch(row: sqlite3.Row) -> None:
    json.loads(row["items"]), json.loads(row["names"])
    datetime.fromisoformat(row["sent_at"])
