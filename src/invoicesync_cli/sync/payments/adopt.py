"""Credit notes and refunds that the ledger has though no record knows them, taken up like their
invoices (see adoption.py): by their order's marker, then by the payment that their number names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from invoicesync_cli.load.found import LedgerCreditNote
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    LedgerSettings,
    NoteNumbers,
    Reason,
)
from invoicesync_cli.state import Store
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.payments import outcomes as payment_outcomes
from invoicesync_cli.sync.payments.changes import source_of
from invoicesync_cli.sync.payments.documents import of_share
from invoicesync_cli.transform.allocations import (
    Allocation,
    OrderPayments,
    may_be_there,
    shares_of,
)
from invoicesync_cli.transform.settings import DraftSettings


def take_up_notes(
    orders: Iterable[OrderPayments],
    adoption: Adoption,
    state: Store,
    rules: DraftSettings,
    run: str,
    *,
    recreate: bool,
) -> list[Document]:
    """Make records of the credits and refunds of these orders that the ledger has though none
    stands for them, and let the orders know of them. What was voided there is left out where it is
    to be made anew."""
    wanted = {
        order.order_id: (order, shares)
        for order in orders
        if (shares := [share for share in shares_of(order, rules) if _is_new(share, order)])
    }
    if not wanted:
        return []
    adoption.look()
    documents = []
    with state.transaction():
        for order_id, notes in adoption.notes(wanted).items():
            order, shares = wanted[order_id]
            found = [note for note in notes if note.alive or not recreate]
            records = taken_up(order, shares, found, rules.ledger, run)
            for record in records:
                state.save(record)
                documents.append(record.document)
            order.known = {**order.known, **{item.key: item.document for item in records}}
    return documents


def _is_new(share: Allocation, order: OrderPayments) -> bool:
    return share.kind is not DocumentKind.PAYMENT and may_be_there(order.known.get(share.key))


def taken_up(
    order: OrderPayments,
    shares: Iterable[Allocation],
    notes: Sequence[LedgerCreditNote],
    ledger: LedgerSettings,
    run: str,
) -> list[Record]:
    """The records of an order's credits and refunds, as the ledger's notes have them.

    A note is that of the payment in its number; one that somebody has renumbered, that of a share
    of its amount. Of several notes of one share the one that is alive counts.
    """
    left = sorted(notes, key=lambda note: not note.alive)
    records = []
    for share in shares:
        if not _is_new(share, order):
            continue
        named = [note for note in left if names(note.number, share, ledger.notes)]
        others = (
            note
            for note in left
            if not _payment_in(note.number, ledger.notes) and note.total == share.amount
        )
        note = named[0] if named else next(others, None)
        if note:
            left = [other for other in left if other is not note and other not in named]
            document = _document(of_share(order, share, ledger), note)
            records.append(
                Record(share.kind, share.key, document, source=source_of(share), run=run)
            )
    return records


def names(number: str, share: Allocation, notes: NoteNumbers) -> bool:
    """Whether a note's number names this payment, as the kind that it is."""
    return _payment_in(number, notes) == (share.kind, share.payment.id)


def _payment_in(number: str, notes: NoteNumbers) -> tuple[DocumentKind, str] | None:
    """The kind and the payment that a note's number names, whatever prefix it was made under."""
    prefix = ".*" if notes.prefixed else ""
    for before, kind in (notes.credit, DocumentKind.CREDIT), (notes.refund, DocumentKind.REFUND):
        pattern = rf"{prefix}{re.escape(before)}(\d+)(?:-\d+)*"
        if found := re.fullmatch(pattern, number, re.IGNORECASE | re.DOTALL):
            return kind, found.group(1)
    return None


def _document(document: Document, note: LedgerCreditNote) -> Document:
    """What is known of a share from its note."""
    found = replace(document, number=note.number, ledger_id=str(note.id), ledger_total=note.total)
    if not note.alive:
        return outcomes.ended(found, document.invoice_id)
    if note.left:
        # It was made, and nobody got so far as to move its money.
        return found
    if note.total != document.total:
        return payment_outcomes.of_other_amount(found, note.total)
    return replace(
        found,
        state=DocumentState.SKIPPED,
        reason=Reason.DUPLICATE_PAYMENT,
        message="It was in the ledger already, with this order's marker.",
    )
