"""The statement as one page to file: no script, nothing loaded, every text of others escaped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from invoicesync_cli.machine import write_privately
from invoicesync_cli.model import ZERO, Reason
from invoicesync_cli.printable import printable
from invoicesync_cli.state.history import ENDED
from invoicesync_cli.statement.charts import Chart, bars

LONGEST = 30
"""Rows that a chart has at the most; the table beside it has all."""


@dataclass(frozen=True)
class StatementSection:
    """A part of the statement as `--csv` has it: its rows, and their total."""

    rows: Sequence[Mapping[str, Any]]
    total: Mapping[str, Any]


def write_page(
    path: Path, title: tuple[str, str], data: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write the page of a statement to a file, all of it or nothing, for its owner only.

    `title` is the company and the period, `data` as `--json` has it, `rows` as `--csv` has them.
    Raises `OSError` where the file cannot be written.
    """
    sections = {
        name: StatementSection(found[:-1], found[-1])
        for name, part in groupby(rows, key=itemgetter("section"))
        for found in [list(part)]
    }
    environment = Environment(
        loader=PackageLoader("invoicesync_cli.statement", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = lambda value: f"{Decimal(value):,.2f}"
    environment.filters["local"] = _local
    environment.filters["meaning"] = _meaning
    environment.filters["ended"] = lambda status: ENDED.get(status, status)
    text = environment.get_template("page.html").render(
        data=data,
        company=title[0],
        period=title[1],
        sections=sections,
        totals={
            name: sum((Decimal(row[name]) for row in data["months"]), ZERO)
            for name in ("count", "keap", "explained", "ledger")
        },
        charts=_charts(data),
        made=f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}",
    )
    write_privately(path, text)


def _shown(value: object) -> object:
    """What the page shows of a value: texts of others without characters that could mislead."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


def _charts(data: Mapping[str, Any]) -> dict[str, Chart]:
    def amounts(rows: list[dict[str, Any]], key: str) -> Chart:
        named = [(_short(row), [("ledger", Decimal(row[key]))]) for row in rows]
        named.sort(key=lambda item: -abs(item[1][0][1]))
        return bars(named[:LONGEST])

    months = [
        (row["month"], [("keap", Decimal(row["keap"])), ("ledger", Decimal(row["ledger"]))])
        for row in data["months"]
    ]
    return {
        "months": bars(months[-LONGEST:]),
        "sales": amounts(data["sales"], "gross"),
        "money": amounts(data["money"], "total"),
    }


def _short(row: Mapping[str, Any]) -> str:
    text = str(row["name"] or row["account"] or "not made by this tool")
    text = f"{row['kind']}: {text}" if row.get("kind") else text
    return printable(text if len(text) <= 26 else f"{text[:25]}…")


def _local(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M %Z}"


def _meaning(reason: str) -> str:
    return next((one.meaning for one in Reason if one == reason), "")
