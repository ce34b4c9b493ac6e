"""`todo`: what is open, to work through."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.layout import STYLES
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import BELOW, STATES, amount, line_of
from invoicesync_cli.errors import UsageError

if TYPE_CHECKING:
    from invoicesync_cli.model import Document, DocumentState
    from invoicesync_cli.state.todo import OpenDocument, OpenGroup

OpenState = Literal["held", "failed", "waiting"]
LISTED = 20
"""Documents of a group that are listed; -v lists all."""
NEXT = 'Next: invoicesync explain ID, retry, or dismiss ID --reason "…"'


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "todo", help="What is open, to work through: by reason, the oldest first.")
    def _todo(
        call: Call,
        state: Annotated[OpenState | None, typer.Option(help="Only what is in this state.")] = None,
        reason: Annotated[
            str,
            typer.Option(
                metavar="REASON",
                help="Only what is open for this reason.",
                autocompletion=_reasons,
            ),
        ] = "",
        as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
    ) -> Report:
        groups = _groups(call, _states(state), _known(reason))
        rows = _rows(call, groups)
        return Report(
            data={"documents": (_as_json(row) for row in rows), "groups": list(map(_sum, groups))},
            text=lambda screen: _csv(rows) if as_csv else _show(screen, rows),
            long=not as_csv,
        )


def _reasons(incomplete: str) -> list[str]:
    """The reasons that begin so, for completion."""
    from invoicesync_cli.model import Reason

    return [str(one) for one in Reason if one and one.startswith(incomplete)]


def _states(state: OpenState | None) -> "Sequence[DocumentState]":
    """The open states that are asked for."""
    from invoicesync_cli.state.todo import ORDER

    named = {"waiting", *STATES} if state == "waiting" else {state}
    return [one for one in ORDER if not state or one in named]


def _known(reason: str) -> str:
    import difflib

    from invoicesync_cli.model import Reason

    if reason in list(Reason):
        return reason
    near = difflib.get_close_matches(reason, [str(one) for one in Reason if one], 1)
    raise UsageError(
        f"--reason: {reason!r} is no reason.",
        hint=f"Did you mean {near[0]}?" if near else "They are listed in docs/reasons.md.",
    )


def _groups(call: Call, states: "Sequence[DocumentState]", reason: str) -> "Sequence[OpenGroup]":
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.todo import open_groups

    with Workspace().look(call) as (_, state):
        return open_groups(state.db, states, reason)


def _rows(call: Call, groups: "Sequence[OpenGroup]") -> "Iterator[OpenDocument]":
    """The documents, group by group; read as they are used, for there may be very many."""
    from datetime import UTC, datetime

    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.todo import open_documents

    today, workspace = datetime.now(UTC).astimezone().date(), Workspace()
    with workspace.look(call) as (loaded, state):
        pages = workspace.pages(loaded.config, state)
        for group in groups:
            yield from open_documents(state.db, group, today, pages)


def _as_json(row: "OpenDocument") -> dict[str, Any]:
    from invoicesync_cli.state.codec import document_as_json

    return {**document_as_json(row.document), "age_days": row.age, "links": row.links}


def _sum(group: "OpenGroup") -> dict[str, Any]:
    return {
        "state": group.state,
        "reason": group.reason,
        "currency": group.currency,
        "count": group.count,
        "total": f"{group.total:.2f}",
    }


def _csv(rows: "Iterator[OpenDocument]") -> None:
    from invoicesync_cli.model import DOCUMENT_FIELDS

    write_csv((*DOCUMENT_FIELDS, "age_days"), map(_as_json, rows))


def _show(screen: Screen, rows: "Iterator[OpenDocument]") -> None:
    """The groups, and which commands go on from here."""
    nothing = True
    for group, found in groupby(rows, key=attrgetter("group")):
        nothing = False
        _show_group(screen, group, found)
    if nothing:
        screen.line("Nothing is open.")
    elif not screen.quiet:
        screen.line(NEXT)


def _show_group(screen: Screen, group: "OpenGroup", found: "Iterator[OpenDocument]") -> None:
    """A heading, what the reason means, and the documents; what is said of all is said once."""
    first = list(islice(found, LISTED))
    said = {_words(row.document) for row in first}
    shared = said.pop() if len(said) == 1 else ""
    why = f": {group.reason}" if group.reason else ""
    total = amount(group.total, group.currency)
    style = f"bold {STYLES.get(group.state, '')}"
    screen.line(f"{group.count:,} {STATES.get(group.state, group.state)}{why}, {total}", style)
    screen.line(f"  {shared or group.reason.meaning_in(group.state)}")
    for row in chain(first, found) if screen.verbose else first:
        words = _words(row.document)
        _show_document(screen, row, "" if words == shared else words)
    more = 0 if screen.verbose else group.count - len(first)
    if more:
        screen.line(f"  and {more:,} more: invoicesync todo -v, or --csv")
    screen.line()


def _show_document(screen: Screen, row: "OpenDocument", words: str) -> None:
    screen.line(f"  {line_of(row.document, _days(row.age))}", hang=BELOW)
    for line in (words, *row.links.values()):
        if line:
            screen.line(f"      {line}")


def _days(age: int) -> str:
    return f"{age} day{'' if age == 1 else 's'}"


def _words(document: "Document") -> str:
    return f"{document.message} {document.hint}".strip()
