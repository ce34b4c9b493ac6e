"""One run at a time per profile: an OS file lock that a crash releases by itself."""

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from invoicesync_cli.errors import RunActive
from invoicesync_cli.paths import private_folder

# Windows locks are mandatory: lock a byte far behind the text, so that others can still read it.
WINDOWS_OFFSET = 1 << 20


@contextlib.contextmanager
def only_run(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for the length of a block.

    The file keeps the pid and the start (UTC) of its holder for whoever is refused, and is never
    deleted: deleting it would let two runs lock two different files.
    Raises `RunActive` when somebody else holds it.
    """
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(handle)
        except OSError:
            raise RunActive(
                f"Another run is active ({_holder(path)}).",
                hint="Wait until it has ended. A run that crashed has already let go of its lock.",
            ) from None
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(
            handle, f"pid {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}".encode()
        )
        yield
    finally:
        # Closing the file releases the lock on every platform.
        os.close(handle)


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "just started"
    except OSError:
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
