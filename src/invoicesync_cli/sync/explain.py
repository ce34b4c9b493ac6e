"""One invoice as both sides have it now, and what a run would do with it. Nothing is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import Document, DocumentKind, LedgerId, Reason
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.run import RunResources, run


@dataclass(frozen=True)
class Standing:
    """What the ledger has of an invoice: the document, None where it has none, and its money."""

    invoice: LedgerInvoice | None
    payments: Sequence[LedgerPayment]
    notes: Mapping[LedgerId, LedgerCreditNote | None]

    def has(self, document: Document) -> bool:
        """Whether money that was booked is still there."""
        ident = LedgerId(document.ledger_id)
        if ident in self.notes:
            note = self.notes[ident]
            return note is not None and note.alive
        if self.invoice and self.invoice.receipt and ident == self.invoice.id:
            return self.invoice.alive
        return any(payment.id == ident and payment.alive for payment in self.payments)


@dataclass(frozen=True)
class Explanation:
    """What was asked and found at a time (aware). `judged` are the records as a run would leave
    them, `verdict` what it would say of the invoice, None for nothing new; `order` is what Keap
    has, None for nothing; `ledger` is None for an invoice that was never sent."""

    at: datetime
    judged: Sequence[Record]
    verdict: Document | None
    order: KeapOrder | None
    ledger: Standing | None


def explain(resources: RunResources, ident: str, by: str) -> Explanation:
    """Ask both sides about one invoice; `resources` have a copy of the state.

    Raises what ends a run early.
    """
    at = resources.now()
    sent = _sent(resources.state.records_of([ident], by))
    result = run(resources, Options(command="explain", ids=(ident,), by=by, dry_run=True))
    judged = resources.state.records_of([ident], by)
    verdict = next((item for item in result.documents if item.kind is DocumentKind.INVOICE), None)
    orders = [record.document.order_id for record in judged if record.kind is DocumentKind.INVOICE]
    found = resources.keap.orders_by_id(orders) if orders else []
    return Explanation(
        at,
        judged,
        None if verdict and verdict.reason is Reason.ALREADY_SYNCED else verdict,
        found[0] if found else None,
        _standing(resources.ledger, sent, judged) if sent else None,
    )


def _sent(records: Sequence[Record]) -> LedgerId | None:
    for record in records:
        if record.kind is DocumentKind.INVOICE and record.document.ledger_id:
            return LedgerId(record.document.ledger_id)
    return None


def _standing(ledger: Ledger, sent: LedgerId, records: Sequence[Record]) -> Standing:
    notes = [
        LedgerId(record.document.ledger_id)
        for record in records
        if record.kind in {DocumentKind.CREDIT, DocumentKind.REFUND} and record.document.ledger_id
    ]
    return Standing(
        ledger.invoices([sent]).get(sent),
        ledger.payments_on([sent]),
        {note: ledger.note(note) for note in notes},
    )
