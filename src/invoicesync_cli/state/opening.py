"""Opening the state file: durably to write, without a trace to read, as a copy to try out; and
putting it away."""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from datetime import date
from errno import ELOOP
from pathlib import Path, PurePath
from urllib.parse import quote

from invoicesync_cli.machine import NO_TEXT, damaged, explained
from invoicesync_cli.paths import Paths, private_folder
from invoicesync_cli.state.schema import is_newest, migrate, version_of

NO_WAY_IN = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""What SQLite answers where it cannot make the files that it reads beside a state file."""


def connect(path: Path) -> sqlite3.Connection:
    """The file at `path`, made when it is missing, in its newest form and ready for writing.

    Only its owner can read it, whatever its mode was. A file of an older form is kept beside it.
    Raises `ConfigError` when it is no state file or cannot be opened or written to, and `TryLater`
    when the disk is full.
    """
    with usable(path):
        private_folder(path.parent)
        _make_private(path)
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = 1")
            migrate(connection, lambda version: _keep(path, version))
            # A file that cannot be written to is found now, not after something was sent.
            connection.execute(f"PRAGMA user_version = {version_of(connection)}")
        except BaseException:
            connection.close()
            raise
    return connection


def reading(path: Path) -> sqlite3.Connection:
    """The file at `path` to read from, also while a run is writing to it; empty when there is none.

    Nothing is locked, changed or brought up to date on the disk: a file of an older form is read
    from a copy. Raises `ConfigError` when it is no state file or cannot be read.
    """
    if path.exists():
        with usable(path):
            connection = _read_only(path)
            try:
                if is_newest(connection):
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
    return copied(path)


def copied(path: Path) -> sqlite3.Connection:
    """A throw-away copy of the file at `path`, empty when there is none; the file stays as it is.

    It is SQLite's own temporary file: private, not held in memory, and deleted when it is closed or
    the process ends, however that is. Raises `ConfigError` when `path` is no state file.
    """
    with usable(path):
        copy = sqlite3.connect("", isolation_level=None)
        try:
            if path.exists():
                with contextlib.closing(_read_only(path)) as disk:
                    disk.backup(copy)
            migrate(copy)
        except BaseException:
            copy.close()
            raise
    return copy


def put_away(paths: Paths, day: date) -> Path:
    """Rename the state file by the day, so that the next one begins anew: its new place. What was
    kept of the ledger beside it goes.

    Raises as `connect` does.
    """
    path = paths.state
    with usable(path):
        with contextlib.closing(connect(path)) as connection:
            # Everything into the one file: what lies beside it would be taken for the next one's.
            connection.execute("PRAGMA journal_mode = DELETE")
        with contextlib.suppress(OSError):
            paths.contacts.unlink()
        return renamed(path, day)


def renamed(path: Path, day: date) -> Path:
    """Give a file a name with the day in it that nothing else has: its new place."""
    number, target = 1, path.with_stem(f"{path.stem}-{day:%Y-%m-%d}")
    while target.exists():
        number += 1
        target = path.with_stem(f"{path.stem}-{day:%Y-%m-%d}-{number}")
    return path.rename(target)


def save_copy(path: Path, target: Path) -> None:
    """Write the file at `path`, as it is at this moment, to a new file for its owner only.

    Also while a run is writing to it. Raises what SQLite and the system say.
    """
    _make_private(target)
    with (
        contextlib.closing(_read_only(path)) as disk,
        contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        disk.backup(copy)
        # A single file, which can be moved about.
        copy.execute("PRAGMA journal_mode = DELETE")


@contextlib.contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say of a file that they cannot work with into our errors."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        found = explained(error, path)
        if found is None:
            raise
        raise found from None
    except UnicodeDecodeError:
        # Of a file whose very tables cannot be read, SQLite's own sentence quotes what is no text.
        raise damaged(f"The state file {path}", NO_TEXT) from None


def _make_private(path: Path) -> None:
    """Make the file unless it is there, and take it and what SQLite keeps beside it from others.

    Never by opening a file that is there: closing it again would drop the locks of SQLite's own
    descriptors in this process.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        file = path.with_name(name)
        with contextlib.suppress(FileNotFoundError):
            mode = file.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise OSError(ELOOP, os.strerror(ELOOP), str(file))
            if mode & 0o077:
                # Somebody else's file stays as it is: whether it can be used shows soon enough.
                with contextlib.suppress(PermissionError):
                    file.chmod(0o600)


def _keep(path: Path, version: int) -> None:
    """Copy the file, all of it or nothing, before it is changed into a newer form."""
    backup = path.with_name(f"{path.name}.v{version}-backup")
    unfinished = backup.with_name(f"{backup.name}-unfinished")
    unfinished.unlink(missing_ok=True)
    save_copy(path, unfinished)
    unfinished.replace(backup)


def address(path: PurePath) -> str:
    """The address by which SQLite opens an absolute path. What is shared by another Windows machine
    is a path to it, and no host: it knows none."""
    name = path.as_posix()
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name), safe='/:')}"


def _read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, also where nothing can be made beside the file."""
    name = address(path.absolute())
    try:
        return _opened(f"{name}?mode=ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in NO_WAY_IN:
            raise
    log = path.with_name(f"{path.name}-wal")
    if not (log.exists() and log.stat().st_size):
        # Nobody can be writing here, and the file alone is all there is to read.
        return _opened(f"{name}?immutable=1")
    with tempfile.TemporaryDirectory(prefix="invoicesync-") as folder:
        for file in (path, log):
            shutil.copyfile(file, Path(folder, file.name))
        copy = sqlite3.connect("", isolation_level=None)
        with contextlib.closing(_opened(address(Path(folder, path.name)))) as disk:
            disk.backup(copy)
    return copy


def _opened(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=True, isolation_level=None, timeout=10)
    try:
        # SQLite opens the file at the first look into it.
        version_of(connection)
    except BaseException:
        connection.close()
        raise
    return connection
