"""One run, and one sign-in, at a time per profile: OS file locks that a crash releases."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from invoicesync_cli.errors import RunActive, TryLater
from invoicesync_cli.paths import private_folder

# Windows locks are mandatory: lock a byte far behind the text, so that others can still read it.
WINDOWS_OFFSET = 1 << 20
# A link put in the place of a lock must not make us empty what it points to.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
PAUSE = 0.05
"""Seconds between two looks at a lock that somebody else holds."""
MOMENT = 0.5
"""Seconds that a run waits for its lock: a command that looks whether it is held has it briefly."""


@contextlib.contextmanager
def only_run(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for the length of a block.

    The file keeps the pid and the start (UTC) of its holder for whoever is refused, and is never
    deleted: deleting it would let two runs lock two different files.
    Raises `RunActive` when somebody else holds it.
    """
    with _opened(path) as handle:
        if not _acquired(handle, path, MOMENT):
            raise RunActive(
                f"Another run is active ({_holder(path)}).",
                hint="Wait until it has ended. A run that crashed has already let go of its lock.",
            )
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(
            handle, f"pid {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}".encode()
        )
        yield


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock at `path` just now. Nothing is made or changed."""
    try:
        handle = os.open(path, os.O_RDONLY | NO_LINK)
    except OSError:
        return False
    try:
        return not _acquired(handle, path, 0)
    finally:
        os.close(handle)


@contextlib.contextmanager
def held(path: Path, patience: float, what: str) -> Iterator[None]:
    """Hold the lock at `path` for a block, waiting up to `patience` seconds for it.

    Raises `TryLater` when somebody else, busy with `what`, keeps it longer.
    """
    with _opened(path) as handle:
        if not _acquired(handle, path, patience):
            raise TryLater(
                f"Another process has been busy with the {what} for too long.",
                hint="Try again in a few minutes; if it stays, look for an invoicesync "
                "that hangs and end it.",
                code="lock-busy",
            )
        yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
    try:
        yield handle
    finally:
        # Closing the file releases the lock on every platform.
        os.close(handle)


def _acquired(handle: int, path: Path, patience: float) -> bool:
    """Take the lock; False when somebody else keeps it for `patience` seconds and longer."""
    until = time.monotonic() + patience
    while True:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE)
        except OSError as error:
            # Such as a network folder without locks.
            raise OSError(error.errno, error.strerror, str(path)) from None
        else:
            return True


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "just started"
    except (OSError, ValueError):
        return "its holder could not be read"


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, WINDOWS_OFFSET, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
