"""What a user's machine does: folders that cannot be written to, and a disk that is full."""

import contextlib
import ctypes
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from invoicesync_cli.state import opening

OVERRIDES = 0b1110
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER: what lets root pass by permissions."""
VERSION_3 = 0x20080522


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be made or changed in a folder and those in it; root is bound by it too."""
    below = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in below}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    try:
        with _like_anybody():
            yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextlib.contextmanager
def _like_anybody() -> Iterator[None]:
    """Lay down, for a while, what makes permissions void for root."""
    if not hasattr(os, "geteuid") or os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = ctypes.create_string_buffer(struct.pack("Ii", VERSION_3, 0))
    before = ctypes.create_string_buffer(24)
    if libc.capget(header, before):
        pytest.skip("root cannot be bound by permissions here")
    effective, *others = struct.unpack("6I", before.raw)
    without = ctypes.create_string_buffer(struct.pack("6I", effective & ~OVERRIDES, *others))
    assert libc.capset(header, without) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0


def small_disk(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """Let a state file that is opened from now on grow by so many pages and no more."""
    connect: Callable[[Path], sqlite3.Connection] = opening.connect

    def limited(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        full = connection.execute("PRAGMA page_count").fetchone()[0] + pages
        connection.execute(f"PRAGMA max_page_count = {full}")
        return connection

    monkeypatch.setattr("invoicesync_cli.state.store.connect", limited)
