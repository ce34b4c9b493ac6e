"""`report`: the month-end statement, from the records alone."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invoicesync_cli.cli.arguments import Month, SinceDate, UntilDate, days_of
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import (
    ended,
    instalment_as_json,
    line_of,
    local,
    today,
    verified_line,
)
from invoicesync_cli.errors import ExitCode

if TYPE_CHECKING:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config import Loaded
    from invoicesync_cli.state import Store
    from invoicesync_cli.statement import Names, Statement
    from invoicesync_cli.statement.figures import Sum

ZERO = Decimal("0.00")
CSV = ("section", "key", "count", "net", "tax", "gross")
NOT_KNOWN = "not made by this tool"
"""How the account of such a document is called."""
LISTED = 20
"""Open documents that are listed; -v lists all."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "report", help="The month-end statement, from the records alone.")
    def _report(
        call: Call,
        month: Month = None,
        since_date: SinceDate = None,
        until_date: UntilDate = None,
        html: Annotated[
            str, typer.Option(metavar="FILE", help="Write it as one page, to file or print.")
        ] = "",
        as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
    ) -> Report:
        from invoicesync_cli.machine import named_file

        first, last = days_of(month, since_date, until_date)
        return _stated(call, first, last, named_file(html) if html else None, as_csv=as_csv)


def _stated(
    call: Call, first: dt.date | None, last: dt.date | None, page: Path | None, *, as_csv: bool
) -> Report:
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.verified import last_verify
    from invoicesync_cli.statement import Period, statement_of

    workspace = Workspace()
    with workspace.look(call) as (loaded, state):
        company = Pins(state).known(loaded.config.sync.destination).name
        names = _names(call, workspace, loaded, state)
        statement = statement_of(state.db, Period(first, last), names, today())
        verified = last_verify(state)
    data = _as_json(statement, names)
    data["verified"] = verified.as_json() if verified else None
    if page:
        from invoicesync_cli.statement.page import write_page

        write_page(page, (company, str(statement.period)), data, _table(data, named=True))
        data["html"] = str(page.absolute())

    def text(screen: Screen) -> None:
        if as_csv:
            write_csv(CSV, _table(data))
        elif page:
            screen.line(f"Written: {page}")
        else:
            _show(screen, data, statement)

    return Report(data, text, ExitCode.NEEDS_PERSON if statement.needs_person else ExitCode.OK)


def _names(call: Call, workspace: "Workspace", loaded: "Loaded", state: "Store") -> "Names":
    """What the ledger calls things, by its lists as the last run has kept them; nobody is asked."""
    from invoicesync_cli.errors import InvoiceSyncError
    from invoicesync_cli.state.codec import load_said
    from invoicesync_cli.statement import Names

    lists = load_said(state.get_meta("ledger_lists") or "{}")
    if not lists:
        return Names()
    try:
        with workspace.ledger(call, loaded) as ledger:
            facts, settings = ledger.facts(lists), ledger.settings(lists, loaded)
    except InvoiceSyncError:
        # The figures are the same without them.
        return Names()
    return Names(
        accounts={item.code: item.name for item in facts.accounts if item.code},
        items={item.id or item.code: item.name for item in facts.items},
        taxes={item.code: item.name for item in facts.tax_codes},
        rates={item.code: item.rate for item in facts.tax_codes},
        taxable=settings.taxable.code,
        by_item=settings.items is not None,
    )


def _as_json(statement: "Statement", names: "Names") -> dict[str, Any]:
    from invoicesync_cli.state.codec import document_as_json

    period = statement.period
    return {
        "period": {
            "from": period.first.isoformat() if period.first else None,
            "until": period.last.isoformat() if period.last else None,
        },
        "currency": statement.currency,
        "months": [
            {
                "month": month,
                **_sum(found.sum),
                "keap": _money(found.keap),
                "ledger": _money(found.ledger),
                "explained": _money(found.explained),
            }
            for month, found in statement.months.items()
        ],
        "sales": [
            {"account": key, "name": names.accounts.get(key, ""), **_sum(found)}
            for key, found in statement.sales.items()
        ],
        "credits": [
            {"kind": kind, "account": key, "name": names.accounts.get(key, ""), **_sum(found)}
            for (kind, key), found in statement.credits.items()
        ],
        "tax": [
            {
                "code": code,
                "name": names.taxes.get(code, ""),
                "net": _money(found.net),
                "tax": _money(found.tax),
            }
            for code, found in statement.tax.items()
        ],
        "money": [
            {
                "account": account,
                "name": names.accounts.get(account, ""),
                "kind": kind,
                "count": found.count,
                "total": _money(found.total),
                "types": {called: _money(part) for called, part in sorted(found.types.items())},
            }
            for (account, kind), found in statement.money.items()
        ],
        "foreign": {name: _money(value) for name, value in sorted(statement.foreign.items())},
        "open": [
            {**document_as_json(document), "age_days": age} for document, age in statement.open
        ],
        "instalments": [
            {
                "order_id": due.document.order_id,
                "invoice_id": due.document.invoice_id,
                "number": due.document.number,
                "contact": due.document.contact,
                "place": due.place,
                "count": due.count,
                **instalment_as_json(due.instalment, due.state),
            }
            for due in statement.instalments
        ],
        "runs": [
            {
                "run": run.run,
                "at": run.at,
                "command": run.command,
                "status": run.status,
                "calls": run.calls,
            }
            for run in statement.runs
        ],
    }


def _sum(found: "Sum") -> dict[str, Any]:
    return {
        "count": found.count,
        "net": _money(found.net),
        "tax": _money(found.tax),
        "gross": _money(found.gross),
    }


def _money(value: Decimal) -> str:
    return f"{value:.2f}"


@dataclass(frozen=True)
class StatementRow:
    """A row of a section: an account, a month, a code, and what it comes to."""

    key: str
    count: int
    net: Decimal
    tax: Decimal = ZERO

    def as_csv(self, section: str) -> dict[str, Any]:
        """As `--csv` and the page have it."""
        return {
            "section": section,
            "key": self.key,
            "count": self.count,
            "net": _money(self.net),
            "tax": _money(self.tax),
            "gross": _money(self.net + self.tax),
        }


def _table(data: dict[str, Any], *, named: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the spreadsheet: each section, then its total. What was given back is negative.

    `named` puts the ledger's names beside its codes.
    """
    for section, rows in _sections(data, named).items():
        counts = [row.count for row in rows]
        amounts = [(row.net, row.tax) for row in rows]
        nets, taxes = zip(*amounts, strict=True) if amounts else ((), ())
        total = StatementRow("total", sum(counts), sum(nets, ZERO), sum(taxes, ZERO))
        for row in (*rows, total):
            yield row.as_csv(section)


def _sections(data: dict[str, Any], named: bool) -> dict[str, list[StatementRow]]:
    """The parts of the statement as rows alike."""

    def key(item: dict[str, Any], of: str = "account") -> str:
        return called(item, of) if named else str(item[of])

    def summed(item: dict[str, Any], *words: str) -> StatementRow:
        net, tax = Decimal(item["net"]), Decimal(item["tax"])
        return StatementRow(" ".join(words), item["count"], net, tax)

    signs = {"payment": 1, "refund": -1}
    return {
        "months": [summed(item, item["month"]) for item in data["months"]],
        "sales": [summed(item, key(item)) for item in data["sales"]],
        "credits": [summed(item, item["kind"], key(item)) for item in data["credits"]],
        "tax": [
            StatementRow(key(item, "code"), 0, Decimal(item["net"]), Decimal(item["tax"]))
            for item in data["tax"]
        ],
        "money": [
            StatementRow(
                f"{item['kind']} {key(item)}",
                item["count"],
                signs[item["kind"]] * Decimal(item["total"]),
            )
            for item in data["money"]
        ],
        "instalments": _instalments(data),
        "open": [],
        **_open_groups(data),
    }


def _instalments(data: dict[str, Any]) -> list[StatementRow]:
    """What of the instalments is paid, due and overdue; one that is paid in part is counted by what
    is left of it."""
    counts, sums = Counter[str](), defaultdict[str, Decimal](Decimal)
    for item in data["instalments"]:
        counts[item["state"]] += 1
        sums["paid"] += Decimal(item["amount"]) - Decimal(item["left"])
        sums[item["state"]] += Decimal(item["left"])
    states = ("paid", "due", "overdue")
    return [
        StatementRow(state, counts[state], sums[state]) for state in states if counts or sums[state]
    ]


def _open_groups(data: dict[str, Any]) -> dict[str, list[StatementRow]]:
    """Open documents by kind, state and reason: how many, and what they come to. Those in another
    currency are a section of their own, as nothing can be added up across currencies."""
    found: dict[str, dict[str, StatementRow]] = defaultdict(dict)
    for document in data["open"]:
        foreign = document["currency"] not in {"", data["currency"]}
        section = f"open {document['currency']}" if foreign else "open"
        name = " ".join(filter(None, (document["kind"], document["state"], document["reason"])))
        row = found[section].get(name, StatementRow(name, 0, ZERO))
        total = row.net + Decimal(document["total"] or 0)
        found[section][name] = StatementRow(name, row.count + 1, total)
    return {section: list(rows.values()) for section, rows in sorted(found.items())}


def called(item: dict[str, Any], key: str = "account") -> str:
    """An account or a tax code with its name."""
    if not item[key]:
        return NOT_KNOWN
    same = item["name"] in {"", item[key]}
    return str(item[key]) if same else f"{item[key]} {item['name']}"


def _show(screen: Screen, data: dict[str, Any], statement: "Statement") -> None:

    def said(row: dict[str, Any], *sums: str) -> list[str]:
        _, _, foreign = row.get("section", "").partition(" ")
        return [f"{row[name]} {foreign or statement.currency}" for name in sums]

    screen.line(f"Statement, {statement.period}", "bold")
    screen.table(
        ("month", ">Keap", ">explained", ">ledger", ">invoices in it"),
        [
            (item["month"], *said(item, "keap", "explained", "ledger"), str(item["count"]))
            for item in data["months"]
        ],
        "Invoices",
    )
    titles = {
        "sales": "Sales",
        "credits": "Credits and refunds",
        "tax": "Tax, invoices less credits and refunds",
        "money": "Money",
        "instalments": "Instalments due in the period",
        "open": "Open",
    }
    table = list(_table(data, named=True))
    titles |= {
        name: name.replace("open", "Open in", 1)
        for row in table
        if (name := row["section"]).startswith("open ")
    }
    for section, title in titles.items():
        rows = [row for row in table if row["section"] == section]
        if len(rows) == 1:
            continue
        if section in {"money", "instalments"} or section.startswith("open"):
            # An invoice, its payment and a refund have no sum; of neither is the tax known here.
            kinds = rows[:-1] if section.startswith("open") else rows
            screen.table(
                (title.casefold(), ">count", ">amount"),
                [(row["key"], str(row["count"]), *said(row, "gross")) for row in kinds],
            )
            continue
        screen.table(
            (title.casefold(), ">count", ">net", ">tax", ">gross"),
            [
                (row["key"], str(row["count"] or ""), *said(row, "net", "tax", "gross"))
                for row in rows
            ],
        )
    for name, value in data["foreign"].items():
        screen.line(f"Beside these, in the ledger in another currency: {value} {name}")
    _show_overdue(screen, data)
    _show_open(screen, statement)
    if data["verified"]:
        screen.line(f"Compared with both services: {verified_line(data['verified'])}")
    if statement.runs:
        calls = sum(run.calls for run in statement.runs)
        last = statement.runs[-1]
        screen.line(
            f"Runs: {len(statement.runs):,}, {calls:,} calls; the last one "
            f"{local(last.at)}, {ended(last.status)}"
        )


def _show_overdue(screen: Screen, data: dict[str, Any]) -> None:
    overdue = [item for item in data["instalments"] if item["state"] == "overdue"]
    listed = overdue if screen.verbose else overdue[:LISTED]
    for item in listed:
        of = f"{item['paid']} {data['currency']} of {item['amount']} {data['currency']}"
        paid = f", {of} paid" if Decimal(item["paid"]) else ""
        who = f", {item['contact']}" if item["contact"] else ""
        screen.line(
            f"  overdue since {item['date']}: {item['left']} {data['currency']} of invoice "
            f"{item['invoice_id']}{who}, instalment {item['place']} of {item['count']}{paid}"
        )
    if len(overdue) > len(listed):
        screen.line(f"  and {len(overdue) - len(listed):,} more overdue: report -v")


def _show_open(screen: Screen, statement: "Statement") -> None:
    listed = statement.open if screen.verbose else statement.open[:LISTED]
    for document, age in listed:
        state = f"{document.state}: {document.reason}" if document.reason else document.state
        screen.line(f"  {line_of(document, f'{age} days', state)}")
    more = len(statement.open) - len(listed)
    if more:
        screen.line(f"  and {more:,} more: invoicesync todo, or report -v")
