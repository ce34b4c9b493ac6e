"""Opening the state file so that what is committed is on the disk, and nobody else can read it."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.paths import private_folder
from invoicesync_cli.state.schema import migrate


def connect(path: Path) -> sqlite3.Connection:
    """The file at `path`, made when it is missing, in its newest form and ready for writing.

    Raises `ConfigError` when it is no state file or cannot be opened or written to.
    """
    with _usable(path):
        private_folder(path.parent)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = 1")
            migrate(connection)
            # A file that cannot be written to is found now, not after something was sent.
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute(f"PRAGMA user_version = {version}")
        except BaseException:
            connection.close()
            raise
    return connection


def copied(path: Path) -> sqlite3.Connection:
    """A copy in memory of the file at `path`, empty when there is none; the file stays as it is.

    Raises `ConfigError` when it is no state file.
    """
    memory = sqlite3.connect(":memory:", isolation_level=None)
    if path.exists():
        # Not by `connect`, which would bring an older file up to date on disk.
        with _usable(path), contextlib.closing(sqlite3.connect(path)) as disk:
            disk.backup(memory)
    migrate(memory)
    return memory


@contextlib.contextmanager
def _usable(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot work with into a `ConfigError`."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        raise ConfigError(
            f"The state file {path} cannot be used: {error}.",
            hint="It may be damaged, no state file at all, or not yours to write to. Restore it "
            "from a backup if it is damaged; do not delete it, it is what keeps invoices from "
            "being booked twice.",
            code="state-unusable",
        ) from None
