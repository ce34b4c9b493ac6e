"""Taking back and approving in tests: a run of `undo` or `approve` in a rehearsal."""

from decimal import Decimal
from pathlib import Path
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


def rehearse(home: Path, to: str, **settings: Any) -> Rehearsal:
    """The same of one ledger."""
    known = {"sync.mode": "invoices-and-payments", "xero.status": "authorised"}
    found = Rehearsal(home, to=to, **{**known, **settings})
    found.qbo.set_preferences(auto_apply_credit=False, auto_apply_payments=False)
    return found


def paid(r: Rehearsal, amount: str = "100.00", **fields: Any) -> str:
    """An order that is paid in Keap."""
    order = r.order()
    r.keap.add_payment(order_id=order, amount=amount, **{"type": "Cash", **fields})
    return order


def alive(r: Rehearsal) -> list[tuple[str, Decimal]]:
    """The number and balance of every invoice of ours that is in the ledger."""
    if r.to == "xero":
        return [
            (row.number, row.amount_due)
            for row in r.xero.invoices.values()
            if row.reference.startswith("Keap order") and row.status not in {"VOIDED", "DELETED"}
        ]
    return [
        (row.number, row.balance)
        for row in r.qbo.invoices.values()
        if row.private_note.startswith("Keap order") and row.status == "live"
    ]


def money(r: Rehearsal) -> list[tuple[str, Decimal]]:
    """The account and amount of every payment that is in the ledger."""
    if r.to == "xero":
        return [
            (r.xero.accounts[row.account_id].code, row.amount)
            for row in r.xero.payments.values()
            if row.status == "AUTHORISED"
        ]
    return [
        (r.qbo.accounts[row.account_id].name, row.total)
        for row in r.qbo.payments.values()
        if row.status == "live" and row.total
    ]


def invoice_id(r: Rehearsal, number: str) -> str:
    """The ledger's id of the invoice of a number."""
    table: Any = r.xero.invoices if r.to == "xero" else r.qbo.invoices
    (row,) = table.find("number", number)
    return str(row.id)
