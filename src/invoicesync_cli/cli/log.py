"""`log`: what happened, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.app import Call, command
from invoicesync_cli.cli.money import amount, why
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.sync import a_date, id_list

if TYPE_CHECKING:
    from invoicesync_cli.model import Document

Entry = tuple[str, str, "Document"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "log", help="What happened, newest first.")
    def _log(
        call: Call,
        skipped: Annotated[
            bool,
            typer.Option("--skipped", help="Only what was left out: skipped, held or waiting."),
        ] = False,
        failed: Annotated[
            bool, typer.Option("--failed", help="Only what failed or is held for you.")
        ] = False,
        run: Annotated[str, typer.Option(metavar="RUN", help="Only this run.")] = "",
        since: Annotated[
            str, typer.Option(metavar="DATE", help="From this day on, by local time.")
        ] = "",
        id: Annotated[  # noqa: A002 - the option is called --id
            str, typer.Option("--id", metavar="ID", help="Only this invoice or order id.")
        ] = "",
        limit: Annotated[int, typer.Option(min=0, help="At most so many (0: all).")] = 0,
        as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
    ) -> Report:
        entries = _entries(call, _states(skipped, failed), run, since, id, limit)
        return Report(
            data={"entries": _as_json(entries)},
            text=lambda screen: _csv(entries) if as_csv else _show(screen, entries),
        )


def _entries(
    call: Call, states: Sequence[str], run: str, since: str, ident: str, limit: int
) -> list[Entry]:
    from invoicesync_cli.cli.open import World

    day = a_date(since, "--since")
    start = _utc(datetime(day.year, day.month, day.day)) if day else ""  # noqa: DTZ001
    named = id_list([ident])[0] if ident else ""
    with World().look(call) as (_, state):
        return list(state.events(states=states, run=run, since=start, ident=named, limit=limit))


def _utc(local: datetime) -> str:
    """A time of this machine's zone as the state file writes times."""
    from datetime import UTC

    return local.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _local(at: str) -> str:
    """A time of the state file by the clock on the wall, like the day of --since."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def _states(skipped: bool, failed: bool) -> list[str]:
    from invoicesync_cli.model import State

    left_out = [State.SKIPPED, State.HELD, State.WAITING] if skipped else []
    return [*left_out, *([State.FAILED, State.HELD] if failed else [])]


def _as_json(entries: Sequence[Entry]) -> list[dict[str, object]]:
    from invoicesync_cli.state.codec import document_as_json

    return [{"at": at, "run": run, **document_as_json(document)} for at, run, document in entries]


def _csv(entries: Sequence[Entry]) -> None:
    from invoicesync_cli.model import DOCUMENT_FIELDS

    write_csv(("at", "run", *DOCUMENT_FIELDS), _as_json(entries))


def _show(screen: Screen, entries: Sequence[Entry]) -> None:
    if not entries:
        screen.line("Nothing has happened yet, or nothing of that kind.")
        return
    screen.table(
        ("local time", "invoice", "order", "number", ">total", "state", "why"),
        [
            (
                _local(at),
                document.invoice_id,
                document.order_id,
                document.number,
                amount(document.total, document.currency),
                document.state,
                why(document),
            )
            for at, _, document in entries
        ],
    )
