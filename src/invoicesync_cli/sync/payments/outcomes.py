"""What a ledger's word on one payment, credit or refund means for its document."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import ZERO, Document, DocumentState, LedgerId, Reason, dismiss_command
from invoicesync_cli.sync import outcomes


def of_money(document: Document, sent: WriteResult, unapplied: Decimal = ZERO) -> Document:
    """Money that the ledger has taken, of which as much as foreseen is `unapplied`. Of a credit
    note its own id is kept."""
    document = replace(document, ledger_id=document.ledger_id or sent.id or "")
    if sent.removed:
        return outcomes.ended(document, document.invoice_id)
    if sent.unapplied > unapplied:
        return of_unapplied(booked(document), sent.unapplied)
    return replace(booked(document), ledger_total=(document.total or ZERO) - unapplied)


def booked(document: Document) -> Document:
    """Money that is in the ledger."""
    return replace(document, state=DocumentState.CREATED, ledger_total=document.total)


def of_note(document: Document, amount: Decimal, sent: WriteResult) -> Document:
    """Money whose credit note the ledger has made: what it is for is still to be done."""
    document = replace(document, ledger_id=sent.id or "", ledger_total=sent.total)
    if sent.removed:
        return outcomes.ended(document, document.invoice_id)
    if sent.total == amount:
        return replace(document, state=DocumentState.NEW)
    return document.held(
        Reason.TOTALS_DIFFER,
        f"The ledger made it {sent.total} {document.currency}, it should be "
        f"{amount} {document.currency}.",
        "Correct or void the credit note in the ledger, then: "
        + dismiss_command(document.invoice_id, "corrected by hand"),
    )


def of_other_amount(document: Document, total: Decimal) -> Document:
    """A credit note that was found in the ledger with another amount than Keap has."""
    return document.held(
        Reason.TOTALS_DIFFER,
        f"The ledger has it with {total} {document.currency}, as {document.number}.",
        "Correct whichever is wrong, then: "
        + dismiss_command(document.invoice_id, "corrected by hand"),
    )


def of_unclear(document: Document, _: WriteResult) -> Document:
    """Money of which neither the ledger's answer nor a look there shows what became of it."""
    return document.held(
        Reason.OUTCOME_UNKNOWN,
        "The ledger's answer does not say what became of it.",
        "The next sync looks it up in the ledger first.",
    )


def of_unapplied(document: Document, unapplied: Decimal) -> Document:
    """Money that is in the ledger, but not on its invoice, or not all of it."""
    return document.held(
        Reason.TOTALS_DIFFER,
        f"The ledger took it and left {unapplied} {document.currency} of it on no invoice.",
        "Put it onto the invoice in the ledger, then: "
        + dismiss_command(document.invoice_id, "put onto the invoice by hand"),
    )


def of_used_up(document: Document, total: Decimal) -> Document:
    """The document of money whose credit note turns out to be used up."""
    used = (
        "Its credit note is used up: by this, or because the ledger applied the credit by itself."
    )
    return replace(
        document,
        state=DocumentState.CREATED,
        message=" ".join(words for words in (document.message, used) if words),
        hint="See that it is on its own invoice. Where the ledger applies credits by itself, that "
        "can be switched off.",
        ledger_total=total,
    )


def of_other_machine(document: Document, older: LedgerId) -> Document:
    """Money that another machine has booked at the same time, and before: this run's own was taken
    back."""
    return replace(
        document,
        state=DocumentState.SKIPPED,
        reason=Reason.DUPLICATE_PAYMENT,
        message="Another machine booked it at the same time; what this one had booked was taken "
        "back.",
        hint="Let one machine keep these books: see invoicesync doctor.",
        ledger_id=older,
        ledger_total=document.total,
    )
