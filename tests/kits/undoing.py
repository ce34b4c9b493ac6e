"""Taking back and approving in tests: a run of `undo` or `approve` in a rehearsal."""

from typing import Any

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import Result, taking_back
from invoicesync_cli.sync.undo.result import UndoResult
from invoicesync_cli.sync.undo.scope import Target
from tests.kits.rehearsal import Rehearsal


def take_back(rehearsal: Rehearsal, *, dry_run: bool = False, **target: Any) -> UndoResult:
    """One `undo`, of the last run unless a target is given."""
    wanted = Target(**{"run": "" if "ids" in target else "last", **target})
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), {}, dry_run=dry_run) as resources:
        return taking_back.undo(resources, wanted, dry_run=dry_run)


def approve(rehearsal: Rehearsal, *, dry_run: bool = False, **target: Any) -> UndoResult:
    """One `approve`, likewise."""
    wanted = Target(**{"run": "" if "ids" in target else "last", "only": "invoices", **target})
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), {}, dry_run=dry_run) as resources:
        return taking_back.approve(resources, wanted, dry_run=dry_run)


def send_again(rehearsal: Rehearsal) -> Result:
    """`retry --undone`."""
    with rehearsal.state() as state:
        orders = {
            record.document.order_id
            for kind in DocumentKind
            for record in state.records_in(kind, DocumentState.UNDONE)
        }
    ids = tuple(sorted(orders, key=int))
    return rehearsal.sync(command="retry", ids=ids, by="order", undone=True)


def stays(result: Result) -> dict[tuple[str, str], str]:
    """The reason of every document that stays, by kind and order."""
    return {
        (str(item.kind), item.order_id): str(item.reason)
        for item in result.documents
        if item.state is not DocumentState.UNDONE
    }
