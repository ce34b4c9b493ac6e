"""`undo` and `approve`: taking back what a run has sent, approving what it has drafted."""

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invoicesync_cli.cli.arguments import By, DryRun, some_ids
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.completion import runs
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.prompt import Terminal
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.undo_text import show_plan, show_result
from invoicesync_cli.errors import UsageError
from invoicesync_cli.printable import printable
from invoicesync_cli.progress import SILENT

if TYPE_CHECKING:
    from invoicesync_cli.sync.undo.result import UndoResult
    from invoicesync_cli.sync.undo.scope import Target

NamedRun = Annotated[
    str,
    typer.Argument(
        metavar="[RUN|last]",
        help="A run, as log shows it, or the last that sent anything.",
        autocompletion=runs,
    ),
]
NamedIds = Annotated[
    list[str],
    typer.Option(
        "--id", metavar="ID[,ID…]", help="These invoices instead of a run.", callback=some_ids
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "undo", help="Take back in the ledger what a run, or some invoices, put there.")
    def _undo(
        call: Call,
        run: NamedRun = "",
        ids: NamedIds = [],  # noqa: B006 - Typer's way to say that there may be none
        by: By = "invoice",
        only: Annotated[
            Literal["invoices", "payments"] | None,
            typer.Option(
                help="Invoices, with the money on them; or payments, credits and refunds alone."
            ),
        ] = None,
        dry_run: DryRun = False,
        yes: Yes = False,
    ) -> Report:
        from invoicesync_cli.sync.taking_back import undo
        from invoicesync_cli.sync.undo.scope import Target

        _check(call, run, ids, dry_run=dry_run, yes=yes)
        target = Target(run, tuple(ids), by, only or "")
        return _done(call, "undo", undo, target, dry_run=dry_run, yes=yes)

    @command(app, "approve", help="Approve in the ledger what a run, or some invoices, drafted.")
    def _approve(
        call: Call,
        run: NamedRun = "",
        ids: NamedIds = [],  # noqa: B006
        by: By = "invoice",
        dry_run: DryRun = False,
        yes: Yes = False,
    ) -> Report:
        from invoicesync_cli.sync.taking_back import approve
        from invoicesync_cli.sync.undo.scope import Target

        _check_drafts(call)
        _check(call, run, ids, dry_run=dry_run, yes=yes)
        target = Target(run, tuple(ids), by, "invoices")
        return _done(call, "approve", approve, target, dry_run=dry_run, yes=yes)


def _check(call: Call, run: str, ids: Sequence[str], *, dry_run: bool, yes: bool) -> None:
    """Raise `UsageError` for what has no meaning, and where nobody can be asked."""
    name = call.words[0]
    if bool(run) is bool(ids):
        raise UsageError(
            "Name a run or, with --id, invoices: one of the two.",
            hint=f"The newest run: invoicesync {name} last. The runs: invoicesync log",
        )
    asks = Terminal(call.no_input or call.json).at_terminal
    if not (dry_run or yes or asks):
        raise UsageError(
            "Nobody can be asked here whether it shall be done.",
            hint=f"Look first: invoicesync {name} … --dry-run. Then add --yes.",
        )


def _check_drafts(call: Call) -> None:
    """Raise `UsageError` where the ledger has nothing to approve."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.vendors import VENDORS

    config = Workspace().config(call, complete=False).config
    ledger = VENDORS[config.sync.destination]
    if not ledger.drafts:
        raise UsageError(
            f"{ledger.title} knows no drafts: every invoice is approved as soon as it is there.",
            hint="There is nothing to approve, and nothing was changed.",
        )


def _done(
    call: Call,
    name: str,
    do: "Callable[..., UndoResult]",
    target: "Target",
    *,
    dry_run: bool,
    yes: bool,
) -> Report:
    from invoicesync_cli.cli.workspace import Workspace

    confirm = None if yes or dry_run else lambda shown: _confirm(call, name, shown)
    with (
        # Nothing moves on a terminal where a question stands.
        nullcontext(SILENT) if confirm else progress(call) as show,
        Workspace().run(call, {}, dry_run=dry_run, progress=show, asks_keap=False) as resources,
    ):
        result = do(resources, target, dry_run=dry_run, confirm=confirm)
    return Report(
        data=result.as_json(),
        text=lambda screen: show_result(screen, result, name, asked=confirm is not None),
        exit_code=result.exit_code,
        messages=result.messages,
    )


def _confirm(call: Call, name: str, shown: "UndoResult") -> bool:
    """Show what would be done, and ask."""
    show_plan(call.screen, shown, name)
    # `last` may mean another run than when it was looked at: one may have come between.
    what = f"what run {shown.target} put there" if shown.target else "what is listed"
    question = f"{'Take back' if name == 'undo' else 'Approve'} in the ledger {what}?"
    sys.stderr.write(printable(f"{question} [y/N] "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}
