"""`log`: what happened, newest first."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import a_date, an_id
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.completion import runs
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import line_of, local, why

if TYPE_CHECKING:
    from invoicesync_cli.model import Document

LogEntry = tuple[str, str, "Document"]


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
        run: Annotated[
            str, typer.Option(metavar="RUN", help="Only this run.", autocompletion=runs)
        ] = "",
        since: Annotated[
            date | None,
            typer.Option(metavar="DATE", help="From this day on, by local time.", parser=a_date),
        ] = None,
        id: Annotated[  # noqa: A002 - the option is called --id
            str,
            typer.Option(
                "--id", metavar="ID", help="Only this invoice or order id.", callback=an_id
            ),
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
    call: Call, states: Sequence[str], run: str, since: date | None, ident: str, limit: int
) -> Iterator[LogEntry]:
    """The entries asked for, read as they are used: a log may be longer than what memory holds.

    What is wrong with the state file shows before anything: a JSON document that has begun cannot
    become one about an error, so for that all are read once before.
    """
    entries = _read(call, states, run, since, ident, limit)
    if call.json:
        deque(entries, maxlen=0)
        return _read(call, states, run, since, ident, limit)
    return chain(list(islice(entries, 1)), entries)


def _read(
    call: Call, states: Sequence[str], run: str, since: date | None, ident: str, limit: int
) -> Iterator[LogEntry]:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.history import stamp

    start = stamp(datetime(since.year, since.month, since.day)) if since else ""  # noqa: DTZ001
    with Workspace().look(call) as (_, state):
        yield from state.history.events(
            states=states, run=run, since=start, ident=ident, limit=limit
        )


def _states(skipped: bool, failed: bool) -> list[str]:
    from invoicesync_cli.model import DocumentState

    left_out = [DocumentState.SKIPPED, DocumentState.HELD, DocumentState.WAITING] if skipped else []
    return [*left_out, *([DocumentState.FAILED, DocumentState.HELD] if failed else [])]


def _as_json(entries: Iterable[LogEntry]) -> Iterator[dict[str, object]]:
    from invoicesync_cli.state.codec import document_as_json

    for at, run, document in entries:
        yield {"at": at, "run": run, **document_as_json(document)}


def _csv(entries: Iterable[LogEntry]) -> None:
    from invoicesync_cli.model import DOCUMENT_FIELDS

    write_csv(("at", "run", *DOCUMENT_FIELDS), _as_json(entries))


def _show(screen: Screen, entries: Iterable[LogEntry]) -> None:
    nothing = True
    for at, _, document in entries:
        nothing = False
        screen.line(f"{local(at)}  {document.state:<9}  {line_of(document, document.reference)}")
        if said := why(document):
            screen.line(f"      {said}")
    if nothing:
        screen.line("Nothing has happened yet, or nothing of that kind.")
