"""Files that a user names, and what the machine refuses (disk, permissions, a damaged file), as
errors of ours."""

import os
import sqlite3
from errno import EDQUOT, ELOOP, ENOSPC
from pathlib import Path

from invoicesync_cli.errors import ConfigError, InvoiceSyncError, TryLater, UsageError

FULL = {ENOSPC, EDQUOT}
CLOSED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
IN_USE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
LACKING = ("no such table", "no such column", "no such index", "has no column", "malformed JSON")
"""What SQLite says of a file in which something of ours is not there."""
NOT_TEXT = "Could not decode to UTF-8"
"""What Python says of a text in it that is none, and then quotes it."""
NO_TEXT = "a text in it cannot be read"

NOT_YOURS = (
    "The file or its folder is not yours to write to, or the disk is read-only. See to that, and "
    "run the same command again."
)


def named_file(typed: str) -> Path:
    """The file that a user wants written. Raises `UsageError` where it can be none, so that nobody
    waits for what cannot be kept."""
    path = Path(typed).expanduser()
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", hint=f"Name a file, such as {path / 'FILE'}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {path.absolute().parent}.", hint="Make it first.")
    return path


def write_privately(path: Path, text: str) -> None:
    """Write a file, all of it or nothing, for its owner only. Raises `OSError`."""
    unfinished = path.with_name(f"{path.name}-unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def explained(error: Exception, state: Path | None = None) -> InvoiceSyncError | None:
    """The error for what a file or the state file at `state` could not do; None for anything else.

    `ConfigError` (5) where somebody has to put something right, `TryLater` (7) where the same
    command works once the disk does.
    """
    if isinstance(error, sqlite3.Error):
        return _of_database(error, f"The state file{f' {state}' if state else ''}")
    if not isinstance(error, OSError):
        return None
    if error.errno in FULL:
        return _full(str(error.filename or "what is written"))
    if not error.filename:
        return None
    what, why = str(error.filename), error.strerror or str(error)
    if error.errno == ELOOP:
        return ConfigError(
            f"{what} is a link, and it is not followed.",
            hint="Put the file itself there, or name the folder that it is in by INVOICESYNC_HOME.",
            code="file-unusable",
        )
    return ConfigError(f"{what} cannot be used: {why}.", hint=NOT_YOURS, code="file-unusable")


def damaged(what: str, why: str) -> ConfigError:
    """The error for a state file that is there and cannot be understood."""
    return ConfigError(
        f"{what} cannot be used: {why}.",
        hint="It is damaged, or no state file at all. Restore it from a backup; do not delete it: "
        "it is what keeps invoices from being booked twice.",
        code="state-unusable",
    )


def _full(what: str) -> TryLater:
    return TryLater(
        f"{what[0].upper()}{what[1:]} does not fit: the disk is full.",
        hint="Free some space and run the same command again. Nothing is lost: what was sent is "
        "written down, and the next run finds out what became of it.",
        code="disk-full",
    )


def _of_database(error: sqlite3.Error, what: str) -> InvoiceSyncError | None:
    kind = getattr(error, "sqlite_errorcode", -1) & 0xFF
    if kind == sqlite3.SQLITE_FULL:
        return _full(what)
    if kind in BROKEN or (kind == sqlite3.SQLITE_ERROR and str(error).startswith(LACKING)):
        return damaged(what, str(error))
    if str(error).startswith(NOT_TEXT):
        return damaged(what, NO_TEXT)
    if kind in CLOSED:
        return ConfigError(
            f"{what} cannot be used: {error}.", hint=NOT_YOURS, code="state-unusable"
        )
    if kind in IN_USE:
        return TryLater(
            f"{what} is in use by another program.",
            hint="Close what has it open, and run the same command again.",
            code="state-busy",
        )
    if kind == sqlite3.SQLITE_IOERR:
        return TryLater(
            f"{what} could not be read or written: {error}.",
            hint="See that its disk is there, healthy and not full, and run the same command "
            "again. Nothing is lost: the next run finds out what became of what was sent.",
            code="disk-failed",
        )
    return None
