"""Credit notes that are in the ledger: what finding one means for the money it was made for."""

from collections.abc import Sequence
from dataclasses import replace

from invoicesync_cli.load.found import LedgerCreditNote
from invoicesync_cli.model import Document, DocumentState, Reason, marker
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.payments import outcomes as payment_outcomes


def of_notes(
    document: Document, notes: Sequence[LedgerCreditNote], order_id: str, invoice_id: str
) -> Document | None:
    """The document of money whose credit note these could be, all of its number; None when none
    of them is it or stands in its way."""
    ours = [note for note in notes if note.reference == marker(order_id, invoice_id)]
    found = next((note for note in ours if note.alive), next(iter(ours), None))
    if found is None:
        other = next((note for note in notes if note.alive), None)
        return number_taken(document, other.number) if other else None
    document = replace(document, ledger_id=str(found.id))
    if not found.alive:
        return outcomes.ended(document, invoice_id)
    if found.left:
        return replace(document, state=DocumentState.NEW)
    return payment_outcomes.booked(document)


def number_taken(document: Document, number: str) -> Document:
    """Money whose credit note's number is somebody else's."""
    return replace(
        document.held(
            Reason.NUMBER_TAKEN,
            f"The number {number} belongs to another credit note in the ledger.",
            "Give that credit note another number in the ledger; the next sync goes on.",
        ),
        ledger_id="",
    )


def of_refused(document: Document, found: LedgerCreditNote | None) -> Document | None:
    """The document of an allocation or a pay-out that was refused, after a look at its credit
    note: one that is used up was used by it. None where it was really refused."""
    if found and not found.alive:
        return outcomes.ended(document, document.invoice_id)
    if found and not found.left:
        return payment_outcomes.of_used_up(document, found.total)
    return None


def next_number(number: str, copy: int) -> tuple[int, str]:
    """Which copy comes after this one, and its number (`-2`, `-3`, …): of a document that is made
    anew the ledger keeps the old one's."""
    first = number.removesuffix(f"-{copy}") if copy > 1 else number
    return copy + 1, f"{first}-{copy + 1}"
