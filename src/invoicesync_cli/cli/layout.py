"""Lines and tables as a terminal of any width can show them: no word, and no id, is broken."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from invoicesync_cli.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

TableRow = Sequence["str | Text"]

STYLES = {
    "created": "green",
    "held": "red",
    "failed": "red",
    "waiting": "yellow",
    "new": "yellow",
    "sending": "yellow",
    "skipped": "dim",
    "dismissed": "dim",
    "unchanged": "dim",
    "undone": "magenta",
}
"""How the state of a document is shown in colour."""
STACKED = ("email", "id")
"""Columns that go below the name where a table is too wide."""
WHOLE = {"invoice", "order", "number", "date", "state", "id", "code", "setting"}
"""Columns whose values are never broken, not even between words."""
GAP = 2
"""Blanks between two columns."""
UNLIMITED = 10_000
"""Columns of what is no terminal, unless COLUMNS says how many."""


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody sees what is written there."""
    return stream.isatty()


def console_of(stream: TextIO) -> "Console":
    """What prints there: as wide as the terminal, or as the lines are where it is none."""
    from rich.console import Console

    terminal, columns = is_terminal(stream), os.environ.get("COLUMNS", "")
    return Console(
        file=stream,
        force_terminal=terminal,
        width=None if terminal else int(columns) if columns.isdigit() else UNLIMITED,
        markup=False,
        highlight=False,
        emoji=False,
    )


def print_line(console: "Console", line: "str | Text", style: str = "", hang: int = 0) -> None:
    """Print a line. At a terminal it goes on below where it began, `hang` further to the right."""
    from rich.text import Text

    text = line if isinstance(line, Text) else Text(printable(line))
    text.stylize_before(style)
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    indent = len(text.plain) - len(text.plain.lstrip(" "))
    first, rest = " " * indent, " " * (indent + hang)
    body, width = text[indent:], max(console.width - indent, 20)
    for number, part in enumerate(body.divide(_breaks(body.plain, width, hang))):
        part.rstrip()
        console.print(Text.assemble(rest if number else first, part), soft_wrap=True)


def _breaks(text: str, width: int, hang: int) -> list[int]:
    """Where lines begin that are no wider than that, `hang` less from the second one on. What
    stands between wide gaps, such as a name, is broken only if it has no room on a line of its own;
    a longer word has one, whole."""
    from rich.cells import cell_len

    found, used = [], 0
    for part in re.finditer(r"\S+(?: \S+)*\s*", text):
        fits = hang + cell_len(part[0].rstrip()) <= width
        for piece in [part] if fits else re.finditer(r"\S+\s*", part[0]):
            if used and used + cell_len(piece[0].rstrip()) > width:
                found.append(piece.start() if fits else part.start() + piece.start())
                used = hang
            used += cell_len(piece[0])
    return found


def print_table(
    console: "Console", columns: Sequence[str], rows: Sequence[TableRow], title: str = ""
) -> None:
    """Print a table. Where it is too wide, headings are broken between words and ids go below the
    names; where that is not enough, its rows are lines, with what each of several figures is."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = _widths(console, columns, cells)
    if widths is None and "name" in columns:
        columns, cells = _stacked(columns, cells)
        widths = _widths(console, columns, cells)
    if widths is None:
        _print_rows(console, columns, cells, title)
        return
    made = _table(title, columns, widths)
    for row in cells:
        made.add_row(*row)
    if console.is_terminal:
        console.print(made)
        return
    with console.capture() as captured:
        console.print(made)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), soft_wrap=True)


def _text(cell: "str | Text") -> "Text":
    from rich.text import Text

    return cell if isinstance(cell, Text) else Text(printable(cell))


def _widths(
    console: "Console", columns: Sequence[str], cells: Sequence[Sequence["Text"]]
) -> list[int] | None:
    """How wide each column is made, so that none breaks a word; None if they do not fit."""
    from rich.cells import cell_len

    least, widths = [], []
    for place, name in enumerate(columns):
        head = name.lstrip(">")
        lines = [line for row in cells for line in row[place].plain.split("\n")]
        widths.append(max(map(cell_len, [head, *lines])))
        kept_whole = name.startswith(">") or name in WHOLE
        values = lines if kept_whole else [word for line in lines for word in line.split()]
        least.append(max(map(cell_len, ["", *head.split(), *values])))
    room = console.width - GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        wide = max(
            range(len(widths)), key=lambda place: (widths[place] > least[place], widths[place])
        )
        widths[wide] -= 1
    return widths


def _stacked(
    columns: Sequence[str], cells: Sequence[Sequence["Text"]]
) -> tuple[list[str], list[list["Text"]]]:
    """The columns without those that go below the name, and the cells with these in its own."""
    from rich.text import Text

    below = [columns.index(name) for name in STACKED if name in columns]
    kept = [place for place in range(len(columns)) if place not in below]
    name = columns.index("name")

    def cell(row: Sequence[Text], place: int) -> Text:
        parts = [row[name], *(row[other] for other in below if row[other])]
        return Text("\n").join(parts) if place == name else row[place]

    return [columns[place] for place in kept], [
        [cell(row, place) for place in kept] for row in cells
    ]


def _print_rows(
    console: "Console", columns: Sequence[str], cells: Sequence[Sequence["Text"]], title: str
) -> None:
    from rich.text import Text

    if title:
        print_line(console, title)
    figures = [name.lstrip(">") if name.startswith(">") else "" for name in columns]
    said = figures if sum(map(bool, figures)) > 1 else [""] * len(columns)
    for row in cells:
        parts = [
            Text.assemble(f"{name} " if name else "", cell)
            for name, cell in zip(said, row, strict=True)
            if cell
        ]
        print_line(console, Text("  ").join(parts), hang=4)


def _table(title: str, columns: Sequence[str], widths: Sequence[int]) -> "Table":
    from rich import box
    from rich.table import Table

    made = Table(
        title=title or None,
        title_style="bold",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        show_edge=False,
        padding=(0, GAP - 1, 0, 0),
        pad_edge=False,
    )
    for column, width in zip(columns, widths, strict=True):
        right = column.startswith(">")
        made.add_column(column.lstrip(">"), justify="right" if right else "left", width=width)
    return made
