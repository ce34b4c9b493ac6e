"""Money of invoices that are made anew: what went with the old one, and what has outlived it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from invoicesync_cli.load.found import LedgerPayment
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    LedgerId,
    Reason,
    dismiss_command,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import outcomes


@dataclass
class FreedMoney:
    """What became of the money on documents that are made anew, by the keys of its records.

    What is `lost` is in the ledger no more and has to be booked again. The payments `surviving` are
    there, on no invoice, and the credit notes `unused` likewise: they go onto the new one. What is
    `elsewhere` somebody has put onto another invoice.
    """

    lost: set[str] = field(default_factory=set)
    surviving: dict[str, LedgerPayment] = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)

    def known(self, record: Record) -> Document | None:
        """What is known of money now, to judge it by; None for what is to be booked."""
        if record.key in self.lost or record.key in self.surviving:
            return None
        if record.key in self.unused:
            return outcomes.renewed(record.document)
        if record.key in self.elsewhere:
            return replace(
                record.document.held(
                    Reason.CHANGED_AFTER_SYNC,
                    "Its invoice was made anew, and this is used elsewhere in the ledger, or "
                    "on the new one already.",
                    "See that it is on the new invoice in the ledger, then: "
                    + dismiss_command(record.document.invoice_id, "on the new invoice"),
                ),
                ended="",
            )
        return record.document


def freed_money(ledger: Ledger, records: Iterable[Record]) -> FreedMoney:
    """Find what became of money that is on no document any more, or was itself removed.

    Refunds stand by themselves: they are as they were unless somebody has removed them. So does
    money that is on the new document already: it came with it, or the ledger has put it there.
    """
    freed = FreedMoney()
    records = list(records)
    made = {
        record.document.order_id: LedgerId(record.document.ledger_id)
        for record in records
        if record.kind is DocumentKind.INVOICE
    }
    booked = [
        record
        for record in records
        if record.document.ledger_id not in {"", made.get(record.document.order_id)}
        and record.state is not DocumentState.DISMISSED
    ]
    payments = {
        LedgerId(record.document.ledger_id): record
        for record in booked
        if record.kind is DocumentKind.PAYMENT
    }
    surviving = ledger.surviving_payments(list(payments)) if payments else {}
    for ident, record in payments.items():
        payment = surviving.get(ident)
        if payment is None:
            freed.lost.add(record.key)
        elif payment.unapplied >= (record.document.total or 0):
            freed.surviving[record.key] = payment
        elif made.get(record.document.order_id) not in payment.on:
            freed.elsewhere.add(record.key)
    for record in booked:
        if record.kind is DocumentKind.CREDIT or (
            record.document.ended and record.kind is DocumentKind.REFUND
        ):
            note = ledger.note(LedgerId(record.document.ledger_id))
            if note is None or not note.alive:
                freed.lost.add(record.key)
            else:
                (freed.unused if note.left else freed.elsewhere).add(record.key)
    return freed
