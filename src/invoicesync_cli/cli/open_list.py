"""`retry` and `dismiss`: working off what is open."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from invoicesync_cli.cli.app import Call, command
from invoicesync_cli.cli.money import reasons_of
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.sync import id_list, one_of, run
from invoicesync_cli.errors import ExitCode, UsageError

By = Annotated[
    str, typer.Option("--by", metavar="invoice|order", help="Which of Keap's ids these are.")
]
BY = ("invoice", "order")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "retry", help="Try skipped, held and failed documents again; all without ids.")
    def _retry(
        call: Call,
        ids: Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Ids.")] = None,
        by: By = "invoice",
    ) -> Report:
        from invoicesync_cli.sync import Options

        if ids:
            named = id_list(ids)
            return run(call, Options(command="retry", ids=named, by=one_of(by, BY, "--by")), {})
        orders = _orders_to_try(call)
        if not orders:
            from invoicesync_cli.sync import Result

            nothing = Result("", dry_run=False)
            return Report(nothing.as_json(), lambda screen: screen.line("Nothing is open."))
        return run(call, Options(command="retry", ids=orders, by="order"), {})

    @command(app, "dismiss", help="Take documents off the open list; they are not sent.")
    def _dismiss(
        call: Call,
        ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids.")],
        reason: Annotated[
            str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")
        ] = "",
        by: By = "invoice",
    ) -> Report:
        if not reason.strip():
            raise UsageError("--reason is missing.", hint='Say why: --reason "entered by hand"')
        documents = _dismissed(call, id_list(ids), one_of(by, BY, "--by"), reason.strip())
        return _told(documents)


def _orders_to_try(call: Call) -> tuple[str, ...]:
    from invoicesync_cli.cli.open import World
    from invoicesync_cli.model import Kind, State

    again = (State.SKIPPED, State.HELD, State.FAILED)
    with World().look(call) as (_, state):
        found = [
            record.document.order_id
            for kind in Kind
            for one in again
            for record in state.records_in(kind, one)
        ]
    return tuple(dict.fromkeys(found))


def _dismissed(call: Call, ids: Sequence[str], by: str, reason: str) -> list[Any]:
    """Dismiss what is open of these invoices; what is in the ledger stays as it is."""
    from dataclasses import replace

    from invoicesync_cli.cli.open import World
    from invoicesync_cli.model import State
    from invoicesync_cli.sync.missing import unknown

    documents = []
    with World().change(call) as state, state.transaction():
        known = state.records_of(ids, by)
        for record in known:
            settled = record.state in {State.CREATED, State.DISMISSED, State.SENDING}
            document = record.document
            if not settled:
                document = replace(document, state=State.DISMISSED, message=reason, hint="")
                state.save(replace(record, document=document, run="by hand"))
            documents.append(document)
        seen = {getattr(item.document, f"{by}_id") for item in known}
        documents += [
            replace(
                unknown(typed, by),
                message=f"No run has met {by} {typed} yet.",
                hint=f"invoicesync explain {typed} --by {by} tells what would become of it.",
            )
            for typed in ids
            if typed not in seen
        ]
    return documents


def _told(documents: Sequence[Any]) -> Report:
    from invoicesync_cli.state.codec import document_as_json

    missing = any(document.reason == "not-found" for document in documents)
    return Report(
        {"documents": [document_as_json(document) for document in documents]},
        lambda screen: reasons_of(screen, documents, ""),
        ExitCode.NEEDS_PERSON if missing else ExitCode.OK,
    )
