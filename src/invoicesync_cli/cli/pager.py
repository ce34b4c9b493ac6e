"""What is longer than the terminal goes through the user's pager, as with git."""

import contextlib
import io
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import TextIO

LESS = "FRXPs?eThe end, q leaves:Space goes on, q leaves.$"
"""How `less` is started unless the user has said: colours, no clearing, no waiting for one page,
and a prompt that names the keys, for its own is a mere colon."""


class PagerClosed(Exception):
    """The reader has seen enough. It is no `BrokenPipeError`, at which rich ends the program."""


class Paged(io.TextIOBase):
    """A terminal's stream. Once more lines were written than it has, a pager gets all of them."""

    def __init__(self, stream: TextIO, height: int, pager: list[str]) -> None:
        self._stream = stream
        self._height = height
        self._pager = pager
        self._held: list[str] = []
        self._lines = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def started(self) -> bool:
        """Whether the pager shows it."""
        return self._process is not None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the terminal."""
        return self._stream.encoding

    def isatty(self) -> bool:
        """It stands for a terminal."""
        return True

    def fileno(self) -> int:
        """The terminal's, by which its size is known."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write. Raises `PagerClosed` once the reader has closed the pager."""
        if self._process and self._process.stdin:
            try:
                self._process.stdin.write(text)
            except BrokenPipeError:
                raise PagerClosed from None
            return len(text)
        self._held.append(text)
        self._lines += text.count("\n")
        if self._lines >= self._height:
            self._start()
        return len(text)

    def finish(self) -> None:
        """Write what fits onto the terminal, or wait until the reader has closed the pager."""
        if self._process is None:
            self._stream.write("".join(self._held))
            self._stream.flush()
            return
        while self._process.returncode is None:
            with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
                self._process.communicate()

    def _start(self) -> None:
        held, self._held = "".join(self._held), []
        self._process = subprocess.Popen(  # noqa: S603 - the user's own command
            self._pager,
            stdin=subprocess.PIPE,
            text=True,
            encoding=self.encoding,
            errors="backslashreplace",
            env={"LESS": LESS, **os.environ},
        )
        self.write(held)


def pager_of(environ: Mapping[str, str]) -> list[str]:
    """The command of the user's pager; `less` unless they named one, none if that is not there."""
    words = shlex.split(environ.get("PAGER", "less"))
    return words if words and shutil.which(words[0]) else []


@contextlib.contextmanager
def through_pager(stream: TextIO, height: int) -> Iterator[TextIO]:
    """A stream for a result that may be long; whoever closes the pager early has seen enough."""
    pager = pager_of(os.environ)
    if not pager:
        yield stream
        return
    paged = Paged(stream, height, pager)
    try:
        yield paged  # type: ignore[misc]
    except PagerClosed:
        pass
    except KeyboardInterrupt:
        # While the pager is open, Ctrl-C is a key of its own.
        if not paged.started:
            raise
    finally:
        paged.finish()
