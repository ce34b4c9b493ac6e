"""`retry` and `dismiss`: working off what is open."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import AnyIdKind, AnyIds, By, ByAny, Ids, ids_by
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.sync import run
from invoicesync_cli.cli.tables import BY_HAND, reasons_of
from invoicesync_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from invoicesync_cli.model import Document


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(
        app, "retry", help="Try what is open again; by its ids also what was skipped or undone."
    )
    def _retry(
        call: Call,
        ids: Ids = [],  # noqa: B006 - Typer's way to say that there may be none
        by: By = "invoice",
        undone: Annotated[
            bool, typer.Option("--undone", help="Send again all that was taken back by undo.")
        ] = False,
    ) -> Report:
        from invoicesync_cli.sync import Options

        if ids:
            return run(call, Options(command="retry", ids=tuple(ids), by=by, undone=True), {})
        orders = _orders_to_try(call, undone=undone)
        if not orders:
            return _idle(call, "Nothing is undone." if undone else "Nothing is open.")
        return run(call, Options(command="retry", ids=orders, by="order", undone=undone), {})

    @command(app, "dismiss", help="Take documents off the open list; they are not sent.")
    def _dismiss(
        call: Call,
        ids: AnyIds,
        reason: Annotated[
            str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")
        ] = "",
        by: ByAny = "invoice",
    ) -> Report:
        if not reason.strip():
            raise UsageError("--reason is missing.", hint='Say why: --reason "entered by hand"')
        return _dismissed(call, ids_by(ids, by), by, reason.strip())


def _orders_to_try(call: Call, *, undone: bool) -> tuple[str, ...]:
    """The orders of everything that is open, or instead of what was undone; what was skipped has
    to be named."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.model import DocumentKind, DocumentState

    with Workspace().look(call) as (_, state):
        found = [
            record.document.order_id
            for kind in DocumentKind
            for one in DocumentState
            if (one is DocumentState.UNDONE if undone else one.open)
            for record in state.records_in(kind, one)
            if record.document.order_id
        ]
    return tuple(dict.fromkeys(found))


def _idle(call: Call, words: str) -> Report:
    """That there is nothing to try; what else is open needs a person all the same."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.sync import Result

    result = Result("", dry_run=False)
    with Workspace().look(call) as (_, state):
        result.cursor, result.needs_person = state.cursor(), state.needs_person()
    return Report(result.as_json(), lambda screen: screen.line(words), result.exit_code)


def _dismissed(call: Call, ids: Sequence[str], by: AnyIdKind, reason: str) -> Report:
    """Dismiss what is open of these invoices; what is in the ledger stays as it is."""
    from dataclasses import replace

    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.model import DocumentState
    from invoicesync_cli.sync.invoices.documents import on_its_way
    from invoicesync_cli.sync.invoices.missing import unmet

    documents, ended = [], set()
    with Workspace().change(call) as state, state.transaction():
        known = state.sales_named(ids) if by == "ledger" else state.records_of(ids, by)
        underway = {key for entry in state.journal.open() for key in entry.items}
        for record in known:
            document = record.document
            if record.state.open:
                ended |= _names(document, by)
                if record.element in underway:
                    # Dismissed, it would not be looked up, and could be in the ledger unknown.
                    document = on_its_way(record)
                else:
                    document = replace(
                        document, state=DocumentState.DISMISSED, message=reason, hint=""
                    )
                    state.save(replace(record, document=document, run=BY_HAND))
            documents.append(document)
        seen = {name for item in known for name in _names(item.document, by)}
        other: AnyIdKind = "order" if by == "invoice" else "invoice"
        elsewhere = state.records_of(ids, other) if by != "ledger" else []
        mistaken = {name for item in elsewhere for name in _names(item.document, other)}
    documents += [
        unmet(typed, by, mistaken=typed in mistaken) for typed in ids if typed not in seen
    ]
    nothing = [f"Nothing of {by} {typed} is open." for typed in ids if typed in seen - ended]
    return _report(documents, nothing)


def _names(document: "Document", by: AnyIdKind) -> set[str]:
    """What a document goes by."""
    if by == "ledger":
        return {document.number, document.ledger_id}
    return {document.order_id if by == "order" else document.invoice_id}


def _report(documents: "Sequence[Document]", messages: list[str]) -> Report:
    from invoicesync_cli.model import Reason
    from invoicesync_cli.state.codec import document_as_json

    unsolved = {Reason.NOT_FOUND, Reason.OUTCOME_UNKNOWN}
    wanting = any(document.reason in unsolved for document in documents)
    return Report(
        {"documents": [document_as_json(document) for document in documents]},
        lambda screen: reasons_of(screen, documents, ""),
        ExitCode.NEEDS_PERSON if wanting else ExitCode.OK,
        messages,
    )
