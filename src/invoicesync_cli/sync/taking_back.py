"""An undo or an approval, as a run of its own: with the lock, journal and history of a sync."""

from collections.abc import Callable, Iterable

from invoicesync_cli.model import Document, DocumentState
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices.missing import unmet
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.recover import recover
from invoicesync_cli.sync.run import RunResources, new_name, recorded
from invoicesync_cli.sync.undo.approve import Approver
from invoicesync_cli.sync.undo.result import UndoResult
from invoicesync_cli.sync.undo.scope import Scope, Target
from invoicesync_cli.sync.undo.send import UndoSender

Confirm = Callable[[UndoResult], bool]
"""Shows what would be done, and asks whether it shall be."""


def undo(
    resources: RunResources, target: Target, *, dry_run: bool, confirm: Confirm | None = None
) -> UndoResult:
    """Take back in the ledger what a target names, the newest first. Keap is not asked.

    With `confirm` it is asked first. Raises `UsageError` for a run that there never was, and what
    ends it early; the same again goes on from there.
    """
    return _run(resources, "undo", target, UndoSender, dry_run=dry_run, confirm=confirm)


def approve(
    resources: RunResources, target: Target, *, dry_run: bool, confirm: Confirm | None = None
) -> UndoResult:
    """Approve what a target names of drafted and submitted invoices, likewise."""
    return _run(resources, "approve", target, Approver, dry_run=dry_run, confirm=confirm)


def _run(
    resources: RunResources,
    command: str,
    target: Target,
    sender: type[UndoSender] | type[Approver],
    *,
    dry_run: bool,
    confirm: Confirm | None,
) -> UndoResult:
    scope = Scope(resources.state, target)
    result = UndoResult(new_name(resources), dry_run=dry_run)
    result.target = scope.run

    def work(context: RunContext, result: UndoResult) -> None:
        context.preflight.check_organisation()
        if not result.dry_run:
            settled = recover(context.state, context.ledger, context.run, context.progress)
            result.change(item for item in settled if item.state is DocumentState.UNDONE)
        found = sender(context, scope, result, context.preflight.lock_date())
        others = [*_unknown(scope, target), *found.others()]
        if result.dry_run:
            _show(found, scope, result, others)
            return
        if confirm:
            shown = UndoResult(result.run, dry_run=True)
            shown.target = result.target
            _show(found, scope, shown, others)
            if shown.changed and not confirm(shown):
                result.declined = True
                return
        for chunk in scope.chunks():
            found.carry_out(chunk)
        result.leave_alone(others)

    recorded(resources, Options(command=command, dry_run=dry_run), result, work)
    return result


def _show(
    sender: UndoSender | Approver, scope: Scope, result: UndoResult, others: Iterable[Document]
) -> None:
    """Report what would become of everything."""
    for chunk in scope.chunks():
        for plan in sender.plan(chunk):
            if plan.block:
                result.leave_alone([plan.document])
            else:
                result.change([plan.document])
            result.currency = plan.document.currency
    result.leave_alone(others)


def _unknown(scope: Scope, target: Target) -> list[Document]:
    return [unmet(ident, target.by) for ident in scope.unmet()]
