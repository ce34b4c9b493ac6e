"""What a ledger's word means for a document of either lane."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason, dismiss_command

HINTS = {
    Reason.REJECTED: "Correct what the ledger complains about; the next sync sends it again once "
    "it has changed, sync-id at once.",
    Reason.PERIOD_LOCKED: "Move the ledger's lock date; the next sync goes on.",
    Reason.LEDGER_BUSY: "The next sync tries it again.",
    Reason.CONTACT_MISSING: "The next sync matches the person anew.",
    Reason.CONTACT_ARCHIVED: "Restore the contact in the ledger, or pin another under "
    "[contacts.pins].",
}


def refused(document: Document, sent: WriteResult) -> Document:
    """The document that the ledger refused, in its words."""
    state = refused_state(sent)
    usual = HINTS.get(sent.reason, "Correct it in the ledger or in Keap; the next sync goes on.")
    hint = sent.hint or usual
    words = f"The ledger says: {sent.words}"
    return replace(document, state=state, reason=sent.reason, message=words, hint=hint)


def refused_state(sent: WriteResult) -> DocumentState:
    """How a document stands that was refused: what passes by itself is waited for."""
    for state in (DocumentState.FAILED, DocumentState.HELD):
        if state in sent.reason.states:
            return state
    return DocumentState.WAITING


def renewed(document: Document) -> Document:
    """A document that is judged again as if nothing had been said of it."""
    return replace(
        document, state=DocumentState.NEW, reason=Reason.NONE, message="", hint="", ended=""
    )


def of_duplicate(document: Document) -> Document:
    """A document that the ledger has once more, made by somebody else at the same time."""
    what = "invoice" if document.kind is DocumentKind.INVOICE else str(document.kind)
    return document.held(
        Reason.AMBIGUOUS,
        f"The ledger has this {what} twice: somebody else has entered it too, by hand or "
        "on another machine.",
        "Void or delete one of the two in the ledger; the next sync goes on with the other.",
    )


def of_altered(document: Document, was: Decimal, total: Decimal) -> Document:
    """A document whose figure was changed in the ledger after it was sent."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            f"Changed in the ledger after it was booked: it was {was} "
            f"{document.currency}, is {total} {document.currency}.",
            "Change it back in the ledger. If it is right as it is: "
            + dismiss_command(document.invoice_id, "changed on purpose"),
        ),
        ledger_total=total,
        ended="",
    )


def unread(document: Document, what: str) -> Document:
    """An invoice of which, or of `what` is on it, the ledger's answers make no sense."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            f"The ledger's answer about {what} makes no sense, so that nobody can tell what has "
            "changed there.",
            "Open it in the ledger and save it once more. The next sync looks at it again.",
        ),
        ended="",
    )


def ended(document: Document, invoice_id: str) -> Document:
    """A document that was voided or deleted in the ledger after it was sent (R12)."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            "It was created, and voided or deleted in the ledger since.",
            f"To make it anew: invoicesync sync-id {invoice_id} --recreate",
        ),
        ended="ledger",
    )


def taken_back(document: Document, how: str = "", *, would: bool = False) -> Document:
    """A document that was taken back in the ledger; `how` says what became of it there."""
    said = "Would be taken back" if would else "Taken back in the ledger"
    again = f"invoicesync retry {document.invoice_id} sends it again."
    return replace(
        document,
        state=DocumentState.UNDONE,
        reason=Reason.NONE,
        message=f"{said}: {how}." if how else f"{said}.",
        hint="" if would else again,
        ended="ledger",
    )
