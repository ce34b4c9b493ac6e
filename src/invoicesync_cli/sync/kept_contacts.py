"""The ledger's contacts, kept from run to run beside the state: read whole once a week, between
times only what has changed.

What is kept is what the ledger said, nothing that a run adds. The state says which file that is, by
its SHA-256: any other file is passed over and replaced by a new one, so it can be deleted at any
time, and a state that was lost, put away or restored does without it.
"""

import contextlib
import hashlib
import os
import sqlite3
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.load.ledger import ChangedContacts
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.opening import address
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.transform.contact_book import ContactBook

FACT = "kept_contacts"
WEEK = timedelta(days=7)
"""How long changes are enough: not everything that happens to a contact need move its time."""


@dataclass(frozen=True)
class Kept:
    """A file of contacts: its SHA-256, and that of what it depends on beside the ledger. All were
    `whole` read at a time, and last what had changed, both by the ledger's own clock."""

    sum: str
    form: str
    whole: datetime
    read: datetime


class KeptContacts:
    """The kept contacts of a profile, for a run that holds its lock; without a file for others."""

    def __init__(self, context: RunContext) -> None:
        self._path = context.kept_contacts
        self._state = context.state
        # Whoever names a document wants it judged by what is so now.
        self._whole = bool(context.options.named)
        self._books = context.config.sync.destination

    def fill(self, book: ContactBook, ledger: ChangedContacts, now: datetime | None) -> None:
        """Let an empty book have every contact of the ledger, whose own clock says `now`."""
        kept = None if self._path is None else self._read(self._path, book, now)
        complete = True
        for page in ledger.contact_pages(kept.read if kept else None):
            complete = complete and page.complete
            for contact in page.contacts:
                book.put(contact)
        # One that could not be read is asked for again.
        if self._path and now and complete:
            self._keep(self._path, book, kept.whole if kept else now, now)

    def doubt(self) -> None:
        """Let the next run read all of them: the ledger has said otherwise than what is kept."""
        if self._path:
            self._state.set_meta(FACT, "")

    def _read(self, path: Path, book: ContactBook, now: datetime | None) -> Kept | None:
        """What was kept, read into the book; None where that is of no use any more."""
        kept = load(Kept, text) if (text := self._state.get_meta(FACT)) else None
        if kept is None or now is None or self._whole or kept.form != self._form(book):
            return None
        if not (kept.read <= now and timedelta(0) <= now - kept.whole < WEEK):
            return None
        # It may go at any moment.
        with contextlib.suppress(OSError, sqlite3.Error):
            if stat.S_ISREG(path.lstat().st_mode) and _sum(path) == kept.sum:
                name = f"{address(path.absolute())}?mode=ro&immutable=1"
                with contextlib.closing(sqlite3.connect(name, uri=True)) as file:
                    book.read(file)
                return kept
        return None

    def _keep(self, path: Path, book: ContactBook, whole: datetime, read: datetime) -> None:
        """Put the book in place, all of it or nothing, for its owner only. Where that cannot be
        the run goes on, and the next one with what was kept before."""
        unfinished = path.with_name(f"{path.name}-unfinished")
        with contextlib.suppress(OSError, sqlite3.Error):
            unfinished.unlink(missing_ok=True)
            try:
                os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                with contextlib.closing(sqlite3.connect(unfinished, isolation_level=None)) as file:
                    # Nothing to be left beside it; half a file is none.
                    file.execute("PRAGMA journal_mode = OFF")
                    file.execute("PRAGMA synchronous = OFF")
                    book.save(file)
                kept = Kept(_sum(unfinished), self._form(book), whole, read)
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            self._state.set_meta(FACT, dump(Kept, kept))

    def _form(self, book: ContactBook) -> str:
        """What the file depends on beside what the ledger says."""
        whose = Pins(self._state).known(self._books).id
        return hashlib.sha256(f"{self._books} {whose} {book.form}".encode()).hexdigest()


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
