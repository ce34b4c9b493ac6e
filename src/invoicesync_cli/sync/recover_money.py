"""Money that an interrupted run was sending: settled by replay, or by a look at the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.ledger import Ledger, Sent
from invoicesync_cli.model import Document, Kind, LedgerId, State
from invoicesync_cli.state.rows import Entry, Record
from invoicesync_cli.state.store import State as StateFile
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.notes import booked, of_notes
from invoicesync_cli.sync.pay import load_money

KINDS = (Kind.PAYMENT, Kind.CREDIT, Kind.REFUND)


def settle_replayed(
    state: StateFile, entry: Entry, sents: Sequence[Sent], run: str
) -> list[Document]:
    """Write the outcomes of a batch that was repeated under its own key."""
    settled = []
    for item, sent in zip(entry.items, sents, strict=True):
        kind, _, key = item.partition("/")
        record = state.record(Kind(kind), key)
        if record is None or sent.unclear or sent.taken:
            continue
        if sent.id is None:
            settled.append(_save(state, record, outcomes.refused(record.document, sent), run))
        elif entry.kind == "note":
            # The note exists; its money is looked at below, like everything still sending.
            document = replace(record.document, ledger_id=str(sent.id), ledger_total=sent.total)
            state.save(replace(record, document=document, run=run), log=False)
        else:
            settled.append(_save(state, record, booked(record.document, sent.id), run))
    return settled


def look_up_money(state: StateFile, ledger: Ledger, run: str) -> list[Document]:
    """Settle what is still sending: what the ledger has is created, what it has not is new."""
    settled = []
    for kind in KINDS:
        for record in state.records_in(kind, State.SENDING):
            document = (
                _of_payment(state, ledger, record)
                if kind is Kind.PAYMENT
                else _of_note(ledger, record)
            )
            with state.transaction():
                _save(state, record, document, run)
            if document.state is not State.NEW:
                settled.append(document)
    return settled


def _of_payment(state: StateFile, ledger: Ledger, record: Record) -> Document:
    draft = load_money(record.draft)
    ours = {
        item.document.ledger_id
        for item in state.records_of([record.document.order_id], "order")
        if item.kind is Kind.PAYMENT
    }
    for found in ledger.payments_on([LedgerId(draft["invoice"])]):
        same = found.reference == draft["reference"] and found.amount == Decimal(draft["amount"])
        if found.alive and same and found.id not in ours:
            return booked(record.document, found.id)
    return replace(record.document, state=State.NEW, ledger_id="")


def _of_note(ledger: Ledger, record: Record) -> Document:
    """A credit note goes on from where it is: not made, made, or made and used.

    One that is known to exist is looked for by its id: its number may have been given under other
    settings than those of now.
    """
    draft = load_money(record.draft)
    known = LedgerId(record.document.ledger_id)
    there = ledger.note(known) if known else None
    notes = [there] if there else ledger.find_notes([draft["note"]["number"]])
    return of_notes(record.document, notes, draft["order_id"], draft["invoice_id"])


def _save(state: StateFile, record: Record, document: Document, run: str) -> Document:
    state.save(replace(record, document=document, run=run))
    return document
