"""Reads a merchant account's report, whichever service and country it is from."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.payouts.layouts import Columns, Layout, RowKind, folded, layout_of

LARGEST = 100_000_000
"""Bytes of a report that is read."""
PREAMBLE = 25
"""Lines that may stand before the line with the columns' names."""
ZERO = Decimal("0.00")
NUMBERS = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
DATES = ((1, "%d-%b-%Y"), (3, "%b %d %Y"), (3, "%d %b %Y"))
"""Days with names of months: how many words they have, and their form."""
MONEY = re.compile(
    r"(?P<open>\()?(?P<sign>-)?(?:[A-Za-z]{1,3}|[A-Z]{0,2}\$|[€£¥])?(?P<late>-)?"
    r"(?P<digits>\d[\d.,']*|[.,]\d+)(?:[A-Za-z]{3}|[$€£¥])?(?P<after>-)?\)?"
)
BLANKS = {"", "-", "--", "\u2013", "\u2014"}
"""What stands for no amount."""


@dataclass(frozen=True)
class ReportRow:
    """A row of a report. `amount` is what the customer paid, negative for what went back, `net`
    what of it reached the account; amounts have two places and the currency of the report."""

    line: int
    kind: RowKind
    references: tuple[str, ...]
    amount: Decimal
    net: Decimal
    payout: str = ""
    payout_date: dt.date | None = None
    date: dt.date | None = None
    currency: str = ""
    original: str = ""


def read_report(path: Path, given: Columns) -> tuple[str, list[ReportRow]]:
    """Whose report a file is (blank for one by named columns), and its rows, the oldest first.

    `given` are the columns that the user has named; they go before what is known of a layout.
    Raises `UsageError` where there is no such file or no such column, or nothing says which columns
    count; `ConfigError` for a row that cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", hint="Name the report that you downloaded.")
    rows = _cells(path)
    layout, start = _laid_out(rows, given)
    index = {folded(name): place for place, name in reversed(list(enumerate(rows[start][1])))}
    lines = [_Row(path, line, cells, index, layout) for line, cells in rows[start + 1 :]]
    lines = [line for line in lines if any(cell.strip() for cell in line.cells)]
    day_first = any(line.day_first for line in lines)
    read = [line.read(day_first=day_first) for line in lines]
    moved = [row for row in read if row.kind is not RowKind.VOID]
    if not layout.columns.net and _fees_are_negative(moved):
        moved = [replace(row, net=2 * row.amount - row.net) for row in moved]
    if not layout.columns.payout:
        moved = list(_paid_out(_oldest_first(moved)))
    return layout.name, moved


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of a file with their numbers, cut into cells."""
    if path.stat().st_size > LARGEST:
        raise ConfigError(f"{path} is too large for a report.", code="report-unreadable")
    text = _decoded(path.read_bytes())
    first = next((line for line in text.splitlines() if line.count(",") or "\t" in line), "")
    delimiter = max(",;\t", key=lambda one: text[:20_000].count(one) if one in text else -1)
    if first and delimiter not in first:
        delimiter = ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ConfigError(
            f"{path}:{reader.line_num}: this is no CSV file: {error}.",
            hint="Download the report as CSV.",
            code="report-unreadable",
        ) from None


def _decoded(raw: bytes) -> str:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _laid_out(rows: Sequence[tuple[int, list[str]]], given: Columns) -> tuple[Layout, int]:
    """The layout of a report, with the user's columns in it, and where its header is."""
    named = [*given.references, given.amount, given.fee, given.payout]
    wanted = {folded(name): name for name in named if name}
    for place, (_, header) in enumerate(rows[:PREAMBLE]):
        known = set(map(folded, header))
        layout = layout_of(header)
        if layout is None and given.references and given.amount:
            layout = Layout("", Columns((), ""))
        if layout and known.issuperset(wanted):
            return _with(layout, given), place
    header = rows[0][1] if rows else []
    missing = [name for name in named if name and folded(name) not in set(map(folded, header))]
    if missing and layout_of(header) is None and (given.references and given.amount):
        message = f"The report has no column {missing[0]!r}."
    elif missing:
        message = f"The report has no column {missing[0]!r}, or is none of those that are known."
    else:
        message = "The report is none of those that are known by their columns."
    columns = ", ".join(name.strip() for name in header if name.strip()) or "none"
    raise UsageError(
        message,
        hint="Say which columns count with --reference and --amount, and --fee and --payout where "
        f"it has them. Its columns: {columns}.",
    )


def _with(layout: Layout, given: Columns) -> Layout:
    """A layout with the columns that the user has named."""
    own = layout.columns
    fee = given.fee or own.fee
    columns = replace(
        own,
        references=given.references or own.references,
        amount=given.amount or own.amount,
        fee=fee,
        # What comes of an amount and a fee that were named is worked out from these.
        net="" if given.amount or given.fee else own.net,
        payout=given.payout or own.payout,
        date=own.date or ("date", "created", "created_utc", "transaction date"),
        currency=own.currency or "currency",
    )
    return replace(layout, columns=columns)


@dataclass(frozen=True)
class _Row:
    """A line of the file, and how it is read."""

    path: Path
    line: int
    cells: Sequence[str]
    index: Mapping[str, int]
    layout: Layout

    @property
    def day_first(self) -> bool:
        """Whether a date with slashes in it cannot have the month first."""
        texts = (
            self._cell(name)
            for name in (*self.layout.columns.date, *self.layout.columns.payout_date)
        )
        return any((found := NUMBERS.match(text)) and int(found[1]) > 12 for text in texts)

    def read(self, *, day_first: bool) -> ReportRow:
        """What it says. Raises `ConfigError`."""
        columns, said = self.layout.columns, self._cell(self.layout.columns.kind).casefold()
        kind = self._kind(said)
        void = kind is RowKind.VOID
        amount = ZERO if void else self._amount(columns.amount)
        if not self.layout.signed and said.startswith(("refund", "credit")):
            amount = -abs(amount)
        if columns.net:
            net = ZERO if void else self._amount(columns.net)
        else:
            net = amount - (ZERO if void or not columns.fee else self._amount(columns.fee))
        return ReportRow(
            self.line,
            kind,
            tuple(filter(None, map(self._cell, columns.references))),
            amount,
            net,
            self._cell(columns.payout),
            self._date(columns.payout_date, day_first=day_first),
            self._date(columns.date, day_first=day_first),
            self._cell(columns.currency).upper(),
            self._cell(columns.original),
        )

    def _kind(self, said: str) -> RowKind:
        layout = self.layout
        status = self._cell(layout.columns.status).casefold()
        if layout.settled and status not in layout.settled:
            return RowKind.VOID
        found = next((kind for word, kind in layout.kinds.items() if said.startswith(word)), None)
        return found or layout.unnamed

    def _cell(self, column: str) -> str:
        place = self.index.get(folded(column)) if column else None
        if place is None or place >= len(self.cells):
            return ""
        return self.cells[place].strip().lstrip("'")

    def _amount(self, column: str) -> Decimal:
        text = self._cell(column)
        try:
            return amount_of(text)
        except InvalidOperation:
            raise ConfigError(
                f"{self.path}:{self.line}: {column}: {text!r} is no amount.",
                hint="Download the report again, or correct the line.",
                code="report-unreadable",
            ) from None

    def _date(self, columns: Sequence[str], *, day_first: bool) -> dt.date | None:
        text = next(filter(None, map(self._cell, columns)), "")
        return date_of(text, day_first=day_first)


def amount_of(text: str) -> Decimal:
    """An amount as people and services write it: `1,234.50`, `1.234,50`, `-$2.00`, `(2.00)`.

    Raises `InvalidOperation` for anything else, and for more than two places.
    """
    said = "".join(text.split()).replace("\u2212", "-")
    if said in BLANKS:
        return ZERO
    found = MONEY.fullmatch(said)
    if not found:
        raise InvalidOperation
    negative = any(map(found.group, ("open", "sign", "late", "after")))
    plain = found["digits"].replace("'", "")
    point, comma = plain.rfind("."), plain.rfind(",")
    if comma > point and (point >= 0 or len(plain) - comma - 1 != 3):
        plain = plain.replace(".", "").replace(",", ".")
    plain = plain.replace(",", "")
    value = Decimal(plain)
    exact = value.quantize(ZERO)
    if exact != value:
        raise InvalidOperation
    return -exact if negative else exact


def date_of(text: str, *, day_first: bool = False) -> dt.date | None:
    """A day as reports write it; None for one that is not understood.

    With slashes the month comes first, as in the United States, unless `day_first`.
    """
    if found := re.match(r"(\d{4})-(\d{2})-(\d{2})", text):
        return _day(*map(int, found.groups()))
    if found := NUMBERS.match(text):
        first, second, year = map(int, found.groups())
        turned = day_first or "." in found.group()
        return _day(year, second, first) if turned else _day(year, first, second)
    words = text.replace(",", " ").split()
    for count, form in DATES:
        try:
            return dt.datetime.strptime(" ".join(words[:count]), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _fees_are_negative(rows: Sequence[ReportRow]) -> bool:
    """Whether fees stand as what goes off the amount, in a report that has no net."""
    signs = {row.amount > row.net for row in rows if row.amount > 0 and row.amount != row.net}
    return signs == {False}


def _oldest_first(rows: Sequence[ReportRow]) -> list[ReportRow]:
    """The rows by their days, and within a day by their time, whichever way the file goes."""
    days = [row.date for row in rows if row.date]
    newest_first = bool(days) and days[0] > days[-1]
    ordered = reversed(rows) if newest_first else rows
    return sorted(ordered, key=lambda row: row.date or dt.date.min)


def _paid_out(rows: Sequence[ReportRow]) -> Iterator[ReportRow]:
    """The rows of a report that names no payouts: each belongs to the next one."""
    waiting: list[ReportRow] = []
    for row in rows:
        if row.kind is not RowKind.PAYOUT:
            waiting.append(row)
            continue
        name = row.references[0] if row.references else ""
        yield from (replace(one, payout=name, payout_date=row.date) for one in waiting)
        yield replace(row, payout=name, payout_date=row.date)
        waiting = []
    yield from waiting
