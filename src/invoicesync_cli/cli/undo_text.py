"""An undo or an approval as a person reads it: what goes and how, what stays and why."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicesync_cli.cli.report import Screen
from invoicesync_cli.cli.run_report import LISTED
from invoicesync_cli.cli.tables import amount, counted, reasons_of

if TYPE_CHECKING:
    from invoicesync_cli.model import Document
    from invoicesync_cli.sync.undo.result import UndoResult

NOTHING = {"undo": "There is nothing to take back.", "approve": "There is nothing to approve."}
NEXT = {
    "undo": "To send it again, after the config was corrected: invoicesync retry --undone",
    "approve": "The next invoicesync sync books the money that waits for it.",
}


def show_plan(screen: Screen, shown: "UndoResult", name: str) -> None:
    """What would be done, before it is asked for."""
    _show(screen, shown, name, would=True)


def show_result(screen: Screen, result: "UndoResult", name: str, *, asked: bool) -> None:
    """What was done, or would be; where it was `asked` for, the plan has listed it before."""
    if result.declined:
        screen.line("Nothing was changed.")
        return
    if not screen.quiet or result.left_alone:
        _show(screen, result, name, would=result.dry_run, listed=not asked)
    if result.dry_run:
        screen.line("Nothing was changed.")
    elif result.changed:
        screen.note(NEXT[name])


def _show(
    screen: Screen, result: "UndoResult", name: str, *, would: bool, listed: bool = True
) -> None:
    from invoicesync_cli.model import DocumentState

    state = DocumentState.UNDONE if name == "undo" else DocumentState.CREATED
    if result.target and not screen.quiet:
        screen.line(f"Run {result.target}.")
    if not screen.quiet:
        changed = (item for item in result.chosen([state]) if not item.reason)
        few = screen.verbose > 0 or result.changed <= LISTED
        _changed(screen, changed, detailed=listed and few)
    others = [other for other in DocumentState if other is not state]
    left = (item for item in result.chosen([*others, state]) if item.state in others or item.reason)
    reasons_of(screen, left, "Would stay as it is:" if would else "Stays as it is:")
    if not (result.changed or screen.quiet):
        screen.line(NOTHING[name])


def _changed(screen: Screen, documents: "Iterable[Document]", *, detailed: bool) -> None:
    """What goes: a line for all of a kind with which the same is done; before that, a few one by
    one."""
    sums: dict[tuple[str, str], tuple[int, dict[str, Decimal]]] = {}
    rows = []
    for item in documents:
        key = (str(item.kind), item.message)
        count, totals = sums.get(key, (0, {}))
        totals[item.currency] = totals.get(item.currency, Decimal()) + (item.total or 0)
        sums[key] = (count + 1, totals)
        if detailed:
            rows.append(
                (
                    item.kind,
                    item.invoice_id,
                    item.order_id,
                    item.number or item.reference,
                    item.contact,
                    amount(item.total, item.currency),
                )
            )
    columns = ("kind", "invoice", "order", "number or reference", "contact", ">amount")
    screen.table(columns, rows)
    for (kind, message), (count, totals) in sums.items():
        came = " and ".join(amount(total, currency) for currency, total in totals.items())
        screen.line(f"{counted(count, kind)}, {came}. {message}")
