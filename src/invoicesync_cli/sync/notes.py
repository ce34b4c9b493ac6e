"""Credit notes that are in the ledger: what finding one means for the money it was made for."""

from collections.abc import Sequence
from dataclasses import replace

from invoicesync_cli.load.ledger import FoundNote
from invoicesync_cli.model import Document, LedgerId, State, marker


def of_notes(
    document: Document, notes: Sequence[FoundNote], order_id: str, invoice_id: str
) -> Document:
    """The document of money whose credit note these could be, all of its number."""
    wanted = marker(order_id, invoice_id)
    alive = [note for note in notes if note.alive]
    found = next((note for note in alive if note.reference == wanted), next(iter(alive), None))
    if found is None:
        return replace(document, state=State.NEW, ledger_id="")
    if found.reference != wanted:
        return replace(
            document,
            state=State.HELD,
            reason="number-taken",
            message=f"The number {found.number} belongs to another credit note in the ledger.",
            hint="Set invoices.number_prefix so that numbers cannot meet.",
            ledger_id="",
        )
    if found.left:
        return replace(document, state=State.NEW, ledger_id=str(found.id))
    return booked(document, found.id)


def booked(document: Document, ledger_id: LedgerId) -> Document:
    """Money that is in the ledger."""
    return replace(
        document,
        state=State.CREATED,
        ledger_id=document.ledger_id or str(ledger_id),
        ledger_total=document.total,
    )
