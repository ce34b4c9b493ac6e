"""What a command has to say, as text for a person or as one JSON document for a script."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from errno import EINVAL
from typing import IO, TYPE_CHECKING, Any, TextIO

from invoicesync_cli.errors import ExitCode

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SCHEMA = 1
STATUS = {
    ExitCode.OK: "ok",
    ExitCode.NEEDS_PERSON: "partial",
    ExitCode.DIFFERENCES: "differences",
    ExitCode.INTERRUPTED: "interrupted",
}


@dataclass
class Report:
    """The result of a command. `text` writes it for a person; `data` is for `--json`."""

    data: dict[str, Any]
    text: Callable[["Screen"], None]
    exit_code: ExitCode = ExitCode.OK
    messages: list[str] = field(default_factory=list)


class Screen:
    """The terminal: results on stdout, everything else on stderr. Data is never read as markup."""

    def __init__(self, *, quiet: bool = False, verbose: int = 0) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._out: Console | None = None
        self._err: Console | None = None

    @property
    def out(self) -> "Console":
        """Where results go."""
        if self._out is None:
            self._out = _console(sys.stdout)
        return self._out

    @property
    def err(self) -> "Console":
        """Where messages go."""
        if self._err is None:
            self._err = _console(sys.stderr)
        return self._err

    def line(self, text: str = "", style: str = "") -> None:
        """A line of the result."""
        self.out.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)

    def note(self, text: str, style: str = "") -> None:
        """A line beside the result; not shown with --quiet."""
        if not self.quiet:
            self.err.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
        """A table of the result; columns named with a leading `>` are aligned to the right."""
        from rich.text import Text

        made = _table(title)
        for column in columns:
            right = column.startswith(">")
            made.add_column(
                column.lstrip(">"),
                justify="right" if right else "left",
                no_wrap=right or column in {"invoice", "order", "date", "state"},
                overflow="fold",
            )
        for row in rows:
            made.add_row(*(Text(cell) for cell in row))
        self.out.print(made)


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    class Patient(Console):
        """A console whose reader may go while a run goes on."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            leave(stream)

    columns = os.environ.get("COLUMNS", "")
    width = None if stream.isatty() else int(columns) if columns.isdigit() else 120
    return Patient(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _table(title: str) -> "Table":
    from rich import box
    from rich.table import Table

    return Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)


def envelope(
    command: str,
    exit_code: ExitCode,
    data: dict[str, Any],
    messages: Sequence[str] = (),
    error: dict[str, str] | None = None,
) -> str:
    """The one JSON document on stdout."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "command": command,
            "status": STATUS.get(exit_code, "error"),
            "exit_code": int(exit_code),
            "data": data,
            "messages": list(messages),
            "error": error,
        },
        ensure_ascii=False,
        indent=2,
    )


@contextlib.contextmanager
def while_read() -> Iterator[None]:
    """Write to stdout in this block; once nobody reads it any more, the rest goes nowhere.

    A filter such as `head` closes the pipe when it has enough, and that is no error.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        # Windows says EINVAL where others say EPIPE.
        if not isinstance(error, BrokenPipeError) and (os.name, error.errno) != ("nt", EINVAL):
            raise
        leave(sys.stdout)


def leave(stream: IO[str]) -> None:
    """Send what is still to come on a stream nowhere: whoever read it has gone."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def write_json(document: str) -> None:
    """Print a JSON document in UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        sys.stdout.write(document + "\n")
    else:
        raw.write((document + "\n").encode())
        raw.flush()
