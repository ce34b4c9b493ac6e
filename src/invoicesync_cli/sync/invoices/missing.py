"""Documents that Keap does not have: ids typed wrongly, and orders that were deleted."""

from collections.abc import Sequence
from dataclasses import replace

from invoicesync_cli.fetch.keap import Nameless
from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason, dismiss_command
from invoicesync_cli.state import Store
from invoicesync_cli.state.rows import Record


def noted(document: Document) -> bool:
    """Whether an earlier run has reported that this document's order is no longer in Keap."""
    return document.ended == "keap"


def unknown(typed: str, by: str) -> Document:
    """The document of an id that Keap does not know."""
    if by == "ledger":
        return Document(
            DocumentKind.INVOICE,
            DocumentState.FAILED,
            number=typed,
            reason=Reason.NOT_FOUND,
            message=f"No invoice {typed} of the ledger is on record.",
            hint="The number and the id of an invoice in the ledger are known once a run has met "
            "it.",
        )
    other = "order" if by == "invoice" else "invoice"
    return Document(
        DocumentKind.INVOICE,
        DocumentState.FAILED,
        order_id=typed if by == "order" else "",
        invoice_id=typed if by == "invoice" else "",
        reason=Reason.NOT_FOUND,
        message=f"Keap has no {by} {typed}.",
        hint=f"If this is an {other} id, add --by {other}.",
    )


def unmet(typed: str, by: str, *, mistaken: bool = False) -> Document:
    """The document of an id that no run has met; `mistaken` says that one has met it as the other
    of Keap's ids."""
    if by == "ledger":
        return unknown(typed, by)
    other = "order" if by == "invoice" else "invoice"
    hint = f"invoicesync explain {typed} --by {by} says what would become of it."
    if mistaken:
        hint = f"A run has met {typed} as an {other} id: add --by {other}, or give the {by} id."
    return replace(unknown(typed, by), message=f"No run has met {by} {typed} yet.", hint=hint)


def nameless(row: Nameless) -> Document:
    """The document of an invoice whose order Keap has given without an id, or of a payment without
    an order."""
    again = f"Open the order in Keap and save it again, then: invoicesync sync-id {row.invoice_id}"
    return Document(
        DocumentKind.PAYMENT if row.payment_id else DocumentKind.INVOICE,
        DocumentState.FAILED,
        invoice_id=row.invoice_id,
        payment_id=row.payment_id,
        reason=Reason.REJECTED,
        message=row.problem,
        hint="Put it on its order in Keap, or delete it there." if row.payment_id else again,
    )


def _is_double(state: Store, record: Record) -> bool:
    """Whether Keap has, or had, another order of the same invoice of the ledger: that one still
    stands for it, and the invoice is not to go."""
    if not record.reversed:
        return False
    same = state.records_at([record.document.ledger_id])
    others = any(
        one.kind is DocumentKind.INVOICE and one.key != record.key and not one.document.ended
        for one in same
    )
    return others or record.document.reason is Reason.AMBIGUOUS


def no_longer_in_keap(state: Store, order_ids: Sequence[str], run: str) -> list[Document]:
    """Open documents whose order was deleted in Keap, as they stand from now on."""
    found = []
    with state.transaction():
        for record in state.records(DocumentKind.INVOICE, order_ids).values():
            document = record.document
            if record.state is DocumentState.DISMISSED or _is_double(state, record):
                continue
            sent = bool(document.ledger_id)
            document = replace(
                document,
                state=DocumentState.HELD if sent else DocumentState.FAILED,
                reason=Reason.CHANGED_AFTER_SYNC if sent else Reason.NOT_FOUND,
                message="The order no longer exists in Keap.",
                ended="keap",
                hint=(
                    "Void the document in the ledger if it should go too, then: "
                    if sent
                    else "Nothing was sent. To take it off the list: "
                )
                + dismiss_command(document.invoice_id, "deleted in Keap"),
            )
            state.save(replace(record, document=document, run=run))
            found.append(document)
    return found
