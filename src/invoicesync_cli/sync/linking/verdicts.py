"""What becomes of an order's document that was found in the ledger without having been sent."""

from collections.abc import Sequence
from dataclasses import replace

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentState,
    Draft,
    Invoice,
    LedgerId,
    Reason,
    dismiss_command,
    marker,
)
from invoicesync_cli.state.rows import ADOPTED
from invoicesync_cli.sync.invoices.documents import drafted
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.linking.sales import FoundBy, Hit


def judge(plan: PlannedInvoice, draft: Draft, invoice: Invoice, hit: Hit, contact: str) -> None:
    """Make what was found the outcome of an order's plan: nothing is sent for it."""
    there = hit.only
    plan.decisions.append(Decision(ADOPTED, hit.step, "R1", "the ledger had it already"))
    if there is None:
        plan.draft = None
        document = replace(drafted(draft, invoice), number="", account="", contact=contact)
        plan.document = of_several(document, hit)
        return
    plan.draft = replace(
        draft,
        number=there.number,
        contact_id=LedgerId(there.contact_id),
        receipt=draft.receipt if there.receipt else None,
    )
    plan.decisions = [
        Decision("number", there.number, "R1", "its number in the ledger")
        if decision.field == "number"
        else decision
        for decision in plan.decisions
    ]
    # Which accounts somebody else has booked it on is not known.
    document = replace(drafted(plan.draft, invoice), account="", contact=contact)
    plan.document = of_one(document, plan.draft, there, hit.step)


def of_one(document: Document, draft: Draft, there: Listed, step: FoundBy) -> Document:
    """The document of which the ledger has exactly one."""
    document = replace(document, ledger_id=str(there.id), ledger_total=there.total)
    unit = document.currency
    has = there.currency or unit
    if (there.total, has) == (draft.expected_total, unit):
        tax = (
            f" Its tax is {there.tax} {unit} there; by the rules it would be {draft.expected_tax} "
            f"{unit}."
        )
        return replace(
            document,
            state=DocumentState.CREATED,
            reason=Reason.ADOPTED,
            message=f"The ledger had it already: found by its {step}."
            + (tax if there.tax != draft.expected_tax else ""),
        )
    return document.held(
        Reason.TOTALS_DIFFER,
        f"The ledger has {there.number} with {there.total} {has}; it should be "
        f"{draft.expected_total} {unit}.",
        "Nothing is sent. Correct whichever is wrong, then: invoicesync adopt. If it is "
        "another sale, give it another number there, then the same.",
    )


def of_several(document: Document, hit: Hit) -> Document:
    """The document that could be one of several, or one that is another order's."""
    unit = document.currency
    parts = "; ".join(
        f"{item.number or item.id} of {item.date} with {item.total} {item.currency or unit}"
        for item in hit.found
    )
    also = f" The same fits order {_listed(hit.rivals)} as well." if hit.rivals else ""
    mark = marker(document.order_id, document.invoice_id)
    return document.held(
        Reason.AMBIGUOUS,
        f"It could be in the ledger as: {parts}.{also}",
        f'Nothing is sent. Put "{mark}" into the reference (QuickBooks: the memo) of the '
        "right one, then: invoicesync adopt. If it is none of them: "
        f"{dismiss_command(document.invoice_id, 'none of them')}, "
        f"then: invoicesync sync-id {document.invoice_id}",
    )


def released(document: Document) -> Document:
    """A document of which the ledger no longer has what an earlier look has found: it is new."""
    return replace(
        document,
        state=DocumentState.NEW,
        reason=Reason.NONE,
        message="The ledger has nothing any more that could be it; the next sync sends it.",
        hint="",
        ledger_id="",
        ledger_total=None,
    )


def _listed(orders: Sequence[str]) -> str:
    return " and ".join(orders)
