"""`verify`: Keap and the ledger held against each other, to the cent."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invoicesync_cli.cli.arguments import Month, SinceDate, UntilDate, days_of
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.layout import STYLES
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import amount, counted, line_of
from invoicesync_cli.errors import ExitCode

if TYPE_CHECKING:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.model import Document
    from invoicesync_cli.verify import Difference, Verified
    from invoicesync_cli.verify.tally import SideSum

CSV = (
    "what",
    "kind",
    "order_id",
    "invoice_id",
    "payment_id",
    "number",
    "date",
    "keap",
    "ledger",
    "ledger_id",
    "hint",
)
FIGURES = {"missing", "extra", "duplicate", "possible-duplicate", "total", "tax", "balance"}
"""Differences whose two sides are amounts."""
AS_SENT = {
    "invoice": "the config puts tax on top",
    "credit": "the ledger has put credits onto other invoices by itself",
}
"""Why a document that was created as it should be is not the same on both sides."""
ACTIVE = (
    "A run is active: what it is sending at the moment may show as a difference. Compare again "
    "once it has ended."
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "verify", help="Keap against the ledger, document by document, to the cent.")
    def _verify(
        call: Call,
        month: Month = None,
        since_date: SinceDate = None,
        until_date: UntilDate = None,
        as_csv: Annotated[bool, typer.Option("--csv", help="The differences as a table.")] = False,
    ) -> Report:
        first, last = days_of(month, since_date, until_date)
        return _verified(call, first, last, as_csv=as_csv)


def _verified(call: Call, first: dt.date | None, last: dt.date | None, *, as_csv: bool) -> Report:
    from invoicesync_cli.cli.progress import progress
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.lock import is_held
    from invoicesync_cli.statement import Period
    from invoicesync_cli.vendors import VENDORS
    from invoicesync_cli.verify import verify

    workspace = Workspace()
    active = is_held(workspace.paths(call).lock)
    # Both sides are only read, and the records as they are at this moment: no run has to wait.
    with (
        progress(call) as show,
        workspace.run(call, {}, dry_run=True, progress=show) as resources,
    ):
        found = verify(resources, Period(first, last))
        now, ledger = resources.now(), resources.loaded.config.sync.destination
    _remember(call, workspace, found, now)
    data, title = _as_json(found), VENDORS[ledger].title

    def text(screen: Screen) -> None:
        if as_csv:
            write_csv(CSV, data["differences"])
        else:
            _show(screen, found, title)

    messages = [*found.messages, *([ACTIVE] if active else [])]
    return Report(data, text, _code(found), messages, long=not as_csv)


def _code(found: "Verified") -> ExitCode:
    if found.tally.differences:
        return ExitCode.DIFFERENCES
    return ExitCode.NEEDS_PERSON if found.tally.needs_person else ExitCode.OK


def _remember(call: Call, workspace: "Workspace", found: "Verified", now: dt.datetime) -> None:
    from invoicesync_cli.state.history import stamp
    from invoicesync_cli.state.verified import LastVerify, remember

    tally, period = found.tally, found.period
    counts = len(tally.differences), len(tally.explained)
    with workspace.state(call) as state:
        remember(state, LastVerify(stamp(now), *counts, period.first, period.last))


def _as_json(found: "Verified") -> dict[str, Any]:
    from invoicesync_cli.state.codec import document_as_json

    tally, period = found.tally, found.period
    return {
        "period": {
            "from": period.first.isoformat() if period.first else None,
            "until": period.last.isoformat() if period.last else None,
        },
        "currency": tally.currency,
        "sums": [
            {
                "kind": str(kind),
                "keap": _amount(sums.keap),
                "ledger": _amount(sums.ledger),
                "explained": _amount(sums.explained),
                "differences": sums.differences,
            }
            for kind, sums in tally.sums.items()
        ],
        "months": [
            {
                "month": month,
                "keap": f"{sums.keap.total:.2f}",
                "ledger": f"{sums.ledger.total:.2f}",
                "explained": f"{sums.explained.total:.2f}",
            }
            for month, sums in tally.months.items()
        ],
        "foreign": {name: f"{value:.2f}" for name, value in sorted(tally.foreign.items())},
        "differences": [_difference(one) for one in tally.differences],
        "explained": [document_as_json(document) for document in tally.explained],
        "calls": found.calls,
    }


def _amount(side: "SideSum") -> dict[str, Any]:
    return {"count": side.count, "total": f"{side.total:.2f}"}


def _difference(found: "Difference") -> dict[str, Any]:
    row = {name: getattr(found, name) for name in CSV}
    return row | {
        "what": str(found.what),
        "kind": str(found.kind),
        "date": found.date.isoformat() if found.date else None,
    }


def _show(screen: Screen, found: "Verified", ledger: str) -> None:
    tally = found.tally
    screen.line(f"Keap and {ledger}, {found.period}", "bold")
    screen.table(
        ("", ">Keap", ">", f">{ledger}", ">", ">explained", ">", ">differ"),
        [
            (
                f"{kind}s",
                f"{sums.keap.count:,}",
                amount(sums.keap.total, tally.currency),
                f"{sums.ledger.count:,}",
                amount(sums.ledger.total, tally.currency),
                f"{sums.explained.count:,}",
                amount(sums.explained.total, tally.currency),
                str(sums.differences),
            )
            for kind, sums in tally.sums.items()
        ],
    )
    for name, value in sorted(tally.foreign.items()):
        screen.line(f"Documents in another currency, which are in no sum: {amount(value, name)}.")
    _show_differences(screen, found, ledger)
    _show_explained(screen, tally.explained)
    calls = found.calls
    screen.line(f"Calls: {calls['keap']} to Keap, {calls['ledger']} to {ledger}.")
    screen.line(_closing(found, ledger), "bold red" if tally.differences else "bold green")
    for step in _steps(found):
        screen.line(step)


def _show_differences(screen: Screen, found: "Verified", ledger: str) -> None:
    """Each difference with its ids and both figures; a hint that several share stands once."""
    from itertools import groupby
    from operator import attrgetter

    differences, currency = found.tally.differences, found.tally.currency
    for hint, alike in groupby(differences, attrgetter("hint")):
        for one in alike:
            screen.line(_named(one), "red", hang=4)
            screen.line(f"    {_sides(one, ledger, currency)}", hang=4)
        screen.line(f"    {hint}", "dim", hang=4)
    if differences:
        screen.line()


def _named(found: "Difference") -> str:
    """What differs of what."""
    number = found.number if found.number not in {"", found.order_id, found.invoice_id} else ""
    parts = (
        f"{found.what}:",
        f"{found.kind} {found.invoice_id or '-'} (order {found.order_id or '-'})",
        f"payment {found.payment_id}" if found.payment_id else "",
        f"number {number}" if number else "",
        found.date.isoformat() if found.date else "",
    )
    return "  ".join(filter(None, parts))


def _sides(found: "Difference", ledger: str, currency: str) -> str:
    """The compared figure, date or name of both sides."""
    unit = f" {currency}" if found.what in FIGURES else ""
    keap, there = (
        "nothing" if value is None else f"{value}{unit}" for value in (found.keap, found.ledger)
    )
    if found.what in {"duplicate", "possible-duplicate"}:
        return f"{ledger} {there}, id {found.ledger_id}"
    return f"Keap {keap}, {ledger} {there}"


def _show_explained(screen: Screen, explained: "list[Document]") -> None:
    """What the records account for: in groups, with -v one by one."""
    if not explained:
        return
    screen.line("Explained by the records:")
    if screen.verbose:
        for document in explained:
            state = f"{document.state}: {document.reason}" if document.reason else document.state
            screen.line(f"  {line_of(document, state)}", STYLES.get(document.state, ""), hang=4)
        return
    groups: dict[tuple[str, str, str], int] = {}
    for document in explained:
        key = (str(document.state), str(document.reason), str(document.kind))
        groups[key] = groups.get(key, 0) + 1
    for (state, reason, kind), count in sorted(groups.items()):
        why = reason or (AS_SENT.get(kind, "") if state == "created" else "")
        line = f"  {counted(count, kind)} {state}{f': {why}' if why else ''}"
        screen.line(line, STYLES.get(state, ""))
    screen.line("  One by one: invoicesync verify -v")


def _closing(found: "Verified", ledger: str) -> str:
    """One sentence that an accountant could sign, or what stands in its way. Its figures are those
    of the table."""
    tally = found.tally
    when = "" if str(found.period).startswith("all") else f" ({found.period})"
    if tally.differences:
        number = counted(len(tally.differences), "difference")
        return f"{number}: Keap and {ledger} do not agree{when}."
    kinds = [f"{kind}s" for kind, sums in tally.sums.items() if sums.keap.count]
    listed = " and ".join(filter(None, (", ".join(kinds[:-1]), *kinds[-1:])))
    if not listed:
        return f"Keap and {ledger} agree{when}: there is nothing on either side."
    less = ", less what is explained" if tally.explained else ""
    return f"Keap and {ledger} agree to the cent{when} in {listed}{less}."


def _steps(found: "Verified") -> Iterator[str]:
    """What to do now."""
    if found.tally.differences:
        yield "What to do stands below each. More of one: invoicesync explain ID; as a table: --csv"
    if found.tally.needs_person:
        yield "Some of what is explained needs a person. List: invoicesync todo"
