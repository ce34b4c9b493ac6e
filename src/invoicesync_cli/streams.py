"""Standard streams that stand in no run's way: closed, narrow, full or with nobody at the end."""

import io
import os
import sys
from errno import EINVAL, EPIPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    # The module of that name would double what `--version` takes.
    from typing import TextIO

BROKEN_PIPE = {EPIPE, EINVAL} if os.name == "nt" else {EPIPE}
"""What the system says once nobody reads any more, as behind `head`."""


class _Forgiving(io.RawIOBase):
    """Writes to another raw stream until that refuses; from then on everything goes nowhere."""

    def __init__(self, stream: "TextIO") -> None:
        # The stream is kept: it would close what is below it.
        self._stream = stream
        self._raw = getattr(stream.buffer, "raw", stream.buffer)
        self.refused: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: "memoryview[int] | bytes") -> int | None:  # type: ignore[override]
        if self.refused is None:
            try:
                return self._raw.write(data)
            except OSError as error:
                self.refused = error
        return len(data)

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()


class Streams:
    """The streams of a process while the block runs.

    Each of the three is there, even if it was closed. What an encoding cannot show is written as
    an escape; what cannot be written is dropped, and `refused` says so.
    """

    def __enter__(self) -> "Streams":
        self._before = sys.stdin, sys.stdout, sys.stderr
        # Opened in this order they get the numbers of those that were closed: no other file may.
        sys.stdin = sys.stdin or _nowhere("r")
        sys.stdout = _forgiving(sys.stdout or _nowhere("w"))
        sys.stderr = _forgiving(sys.stderr or _nowhere("w"))
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdin, sys.stdout, sys.stderr = self._before


def refused(stream: "TextIO") -> str:
    """Why a stream did not take what was written to it; blank when it did, or had no reader."""
    stream.flush()
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    error = raw.refused if isinstance(raw, _Forgiving) else None
    return "" if error is None or error.errno in BROKEN_PIPE else error.strerror or str(error)


def let_go(*streams: "TextIO") -> None:
    """Let nothing more be written to these: what is held goes nowhere. Whoever reads them may have
    stopped, and would be waited for."""
    for stream in streams:
        raw = getattr(getattr(stream, "buffer", None), "raw", None)
        if isinstance(raw, _Forgiving):
            raw.refused = raw.refused or OSError(EPIPE, os.strerror(EPIPE))


def _nowhere(mode: str) -> "TextIO":
    handle = os.open(os.devnull, os.O_RDWR)
    return os.fdopen(handle, mode, encoding="utf-8")  # type: ignore[return-value]


def _forgiving(stream: "TextIO") -> "TextIO":
    if not hasattr(stream, "buffer"):
        # Somebody's own object in the place of a stream: it has no encoding.
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Forgiving(stream)),  # type: ignore[type-var]
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=bool(stream.line_buffering),
    )
