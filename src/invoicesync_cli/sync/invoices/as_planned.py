"""Invoices against the plan that is applied: what comes out otherwise waits."""

from collections.abc import Iterable

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.plan_file import Plan, decided_by, waiting


def check_invoices(plan: Plan, planned: Iterable[PlannedInvoice]) -> None:
    """Let of these only that be sent which is in the plan and comes out the same."""
    for one in planned:
        key = (DocumentKind.INVOICE, one.order.order_id)
        if key not in plan.entries or not one.recorded or one.document.ledger_id:
            # What has a ledger id is in the ledger: because the plan was applied before, or taken
            # up there by its marker where the state was lost. Nothing would be sent for it.
            continue
        decided = decided_by(one.document, one.as_record("").source, one.draft)
        if what := plan.differs(key, one.document, decided):
            one.document, one.draft = waiting(one.document, what), None
