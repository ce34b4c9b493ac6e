"""`log`: what happened, newest first."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import IdKind, a_date
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.completion import runs
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import BY_HAND, local, reason_of

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
                "--id",
                metavar="ID",
                help="Only this id of an invoice, order or payment, or this reference.",
            ),
        ] = "",
        by: Annotated[
            IdKind | None, typer.Option("--by", help="Which of Keap's ids --id is.")
        ] = None,
        limit: Annotated[int, typer.Option(min=0, help="At most so many (0: all).")] = 0,
        as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
    ) -> Report:
        entries = _entries(call, _Filter(_states(skipped, failed), run, since, id, by or "", limit))
        return Report(
            data={"entries": _as_json(entries)},
            text=lambda screen: _csv(entries) if as_csv else _show(screen, entries),
            long=not as_csv,
            messages=_warnings(call),
        )


@dataclass(frozen=True)
class _Filter:
    """Which entries are asked for."""

    states: Sequence[str]
    run: str
    since: date | None
    ident: str
    by: str
    limit: int


def _entries(call: Call, wanted: _Filter) -> Iterator[LogEntry]:
    """The entries asked for, read as they are used: a log may be longer than what memory holds.

    What is wrong with the state file shows before anything: a JSON document that has begun cannot
    become one about an error, so for that all are read once before.
    """
    entries = _read(call, wanted)
    if call.json:
        deque(entries, maxlen=0)
        return _read(call, wanted)
    return chain(list(islice(entries, 1)), entries)


def _read(call: Call, wanted: _Filter) -> Iterator[LogEntry]:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.history import stamp

    day = wanted.since
    with Workspace().look(call) as (_, state):
        yield from state.history.events(
            states=wanted.states,
            run=wanted.run,
            since=stamp(datetime(day.year, day.month, day.day)) if day else "",  # noqa: DTZ001
            ident=wanted.ident,
            by=wanted.by,
            limit=wanted.limit,
        )


def _warnings(call: Call) -> list[str]:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.notify.memory import recall, warnings

    with Workspace().look(call) as (_, state):
        return warnings(recall(state))


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
    """The documents, below the run and the minute in which they were written down."""
    above = ""
    for at, run, document in entries:
        heading = f"{local(at)}  {run if run == BY_HAND else f'run {run}'}"
        if heading != above:
            screen.line(f"{heading}", style="bold")
            above = heading
        reason_of(screen, document)
    if not above:
        screen.line("Nothing has happened yet, or nothing of that kind.")
