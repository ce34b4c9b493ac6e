"""Orders whose documents the ledger has without a record: these become their outcome (R1, R16)."""

from collections.abc import Container, Sequence
from dataclasses import replace

from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.model import Decision, Draft, Invoice, Payment, Reason
from invoicesync_cli.sync.invoices import outcomes
from invoicesync_cli.sync.invoices.documents import drafted
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Held


def take_up(
    plan: PlannedInvoice,
    found: Sequence[LedgerInvoice],
    payments: Sequence[Payment],
    rules: DraftSettings,
    *,
    sent: Container[tuple[str, str]],
    skip_synced: bool,
) -> None:
    """Make a document that the ledger has the outcome of an order's plan: nothing is sent. One that
    was `sent` from here, by its order and number, had an answer that did not say so, unless its
    number was refused: then somebody else has made it, and given it our marker since.

    What keeps an order from being sent today, a lock date or a rule of the user's, does not count
    for one that was sent.
    """
    invoice = plan.order.invoice
    draft = plan.draft
    if draft is None and invoice is not None:
        plan.decisions = []
        draft = draft_of(invoice, payments, rules, plan.decisions)
    if draft is None or invoice is None:
        return
    living = [document for document in found if document.alive]
    there = (living or list(found))[-1]
    plan.draft = replace(
        draft,
        number=there.number,
        receipt=draft.receipt if there.receipt else None,
        contact_id=there.contact_id,
    )
    plan.document = replace(drafted(plan.draft, invoice), contact=plan.document.contact)
    because = "its number in the ledger, where it was found by its marker"
    found_there = Decision("number", there.number, "R1", because)
    plan.decisions = [
        found_there if decision.field == "number" else decision for decision in plan.decisions
    ]
    refused = plan.record is not None and plan.record.document.reason is Reason.NUMBER_TAKEN
    if len(living) == 1 and not refused and (invoice.order_id, there.number) in sent:
        plan.document = outcomes.of_looked_up(plan.document, plan.draft.expected, there)
        return
    plan.document = outcomes.of_marked(
        plan.document, plan.draft.expected, living, there, skip_synced=skip_synced
    )


def draft_of(
    invoice: Invoice, payments: Sequence[Payment], rules: DraftSettings, decisions: list[Decision]
) -> Draft | None:
    """What would be sent if nothing was locked; None where no sense can be made of the order."""
    ledger = rules.ledger
    open_ = replace(ledger, facts=replace(ledger.facts, lock_date=None))
    try:
        return make_draft(invoice, payments, replace(rules, ledger=open_), decisions)
    except Held:
        return None
