"""What a command has to say, as text for a person or as one JSON document for a script."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from invoicesync_cli.cli.layout import TableRow, console_of, is_terminal, print_line, print_table
from invoicesync_cli.cli.pager import through_pager
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.printable import cell, printable, printable_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SCHEMA = 1
WINDOWS = os.name == "nt"
PIECES = 4096
"""Pieces of JSON that are written at a time: a piece is a key, a value, a bracket."""
ROWS = 1000
"""Rows of a table that are held and shown at a time."""
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
    long: bool = False
    """Whether the text may be long: then it goes through a pager at a terminal."""
    printed: bool = False
    """Whether the command has printed it already, because it goes on after that."""


class Screen:
    """The terminal: results on stdout, everything else on stderr.

    Data is never read as markup, and what a terminal would obey is shown instead. `worded` words
    what is said with its commands for the profile in use.
    """

    def __init__(
        self, *, quiet: bool = False, verbose: int = 0, worded: Callable[[str], str] = str
    ) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._worded = worded
        self._out: Console | None = None
        self._err: Console | None = None

    @property
    def out(self) -> "Console":
        """Where results go."""
        if self._out is None:
            self._out = console_of(sys.stdout)
        return self._out

    @property
    def err(self) -> "Console":
        """Where messages go."""
        if self._err is None:
            self._err = console_of(sys.stderr)
        return self._err

    def line(self, line: "str | Text" = "", style: str = "", hang: int = 0) -> None:
        """A line of the result; `hang` is how far to the right it goes on below itself."""
        said = self._worded(line) if isinstance(line, str) else line
        print_line(self.out, said, style, hang)

    def lines_to_copy(self, text: str) -> None:
        """Lines for a file or a shell, which no terminal may break."""
        for line in text.splitlines():
            self.out.print(printable(line), soft_wrap=True)

    def note(self, text: str, style: str = "") -> None:
        """A line beside the result; not shown with --quiet."""
        if not self.quiet:
            print_line(self.err, self._worded(text), style)

    def table(self, columns: Sequence[str], rows: Iterable[TableRow], title: str = "") -> bool:
        """A table of the result; columns named with a leading `>` are aligned to the right.

        A long one is read and shown in parts. Nothing is shown without a row; says if there was.
        """
        left, shown = iter(rows), False
        while part := list(islice(left, ROWS)):
            print_table(self.out, columns, part, "" if shown else title)
            shown = True
        if shown:
            self.line()
        return shown

    @contextlib.contextmanager
    def paged(self) -> Iterator[None]:
        """Show the result through the user's pager where it is longer than their terminal."""
        if not is_terminal(sys.stdout):
            yield
            return
        with through_pager(sys.stdout, self.out.height) as stream:
            before, self._out = self.out, console_of(stream)
            try:
                yield
            finally:
                self._out = before


def envelope(
    command: str,
    exit_code: ExitCode,
    data: dict[str, Any],
    messages: Sequence[str] = (),
    error: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The one JSON document on stdout."""
    return {
        "schema": SCHEMA,
        "command": command,
        "status": STATUS.get(exit_code, "error"),
        "exit_code": int(exit_code),
        "data": data,
        "messages": list(messages),
        "error": error,
    }


def write_json(document: dict[str, Any]) -> None:
    """Print a JSON document, piece by piece: an iterator in it is a list that is never held."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, default=_as_list, check_circular=False)
    stdout, pieces = _Utf8(), iter(encoder.iterencode(document))
    while part := "".join(islice(pieces, PIECES)):
        stdout.write(printable_lines(part))
    stdout.write("\n")


class _Passing(list[object]):
    """What an encoder takes for a list, and goes through once."""

    def __init__(self, items: Iterator[object]) -> None:
        super().__init__([None])
        self._items = items

    def __iter__(self) -> Iterator[object]:
        return self._items


def _as_list(value: object) -> list[object]:
    if not isinstance(value, Iterator):
        raise TypeError(f"{type(value).__name__} is nothing that JSON has")
    first = list(islice(value, 1))
    return _Passing(chain(first, value)) if first else first


def write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Print a table for a spreadsheet. One on Windows needs a mark to read it as UTF-8."""
    import csv

    stdout = _Utf8()
    if WINDOWS:
        stdout.write("\ufeff")
    writer = csv.writer(stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)


class _Utf8:
    """Standard output in UTF-8, whatever the terminal's encoding is."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._raw = getattr(sys.stdout, "buffer", None)

    def write(self, text: str) -> None:
        if self._raw is None:
            sys.stdout.write(text)
        else:
            self._raw.write(text.encode())
