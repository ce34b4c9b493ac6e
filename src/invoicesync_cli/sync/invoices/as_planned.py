"""Invoices against the plan that is applied: what comes out otherwise waits."""

from collections.abc import Iterable

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.plan_file import Plan, decided_by, waiting


def check_invoices(plan: Plan, planned: Iterable[PlannedInvoice]) -> None:
    """Let of these only that be sent which is in the plan and comes out the same."""
    for one in planned:
        key = (DocumentKind.INVOICE, one.order.order_id)
        there = one.record is not None and one.record.document.ledger_id and one.draft is None
        if key not in plan.entries or not one.recorded or there:
            # Such as what is in the ledger, because the plan was applied before.
            continue
        decided = decided_by(one.document, one.as_record("").source, one.draft)
        if what := plan.differs(key, one.document, decided):
            one.document, one.draft = waiting(one.document, what), None
