"""Money against the plan that is applied: what comes out otherwise waits, what is new is left."""

from collections.abc import Iterable
from dataclasses import replace

from invoicesync_cli.model import DocumentState, Reason
from invoicesync_cli.sync.payments.planned import PlannedPayment
from invoicesync_cli.sync.plan_file import Plan, decided_by, waiting


def check_payments(plan: Plan, planned: Iterable[PlannedPayment]) -> None:
    """Let of these only that be booked which is in the plan and comes out the same. What came since
    is left, on record, for the next run."""
    for one in planned:
        key = (one.kind, one.record_key)
        if key not in plan.entries:
            if one.draft is not None:
                one.document, one.draft = replace(one.document, state=DocumentState.NEW), None
            continue
        there = one.draft is None and one.document.ledger_id
        if there or one.document.reason is Reason.INVOICE_NOT_SYNCED:
            # In the ledger already, whoever knows of it, or waiting for an invoice that differs.
            continue
        if what := plan.differs(key, one.document, decided_by(one.document, one.source, one.draft)):
            one.document, one.draft = waiting(one.document, what), None
