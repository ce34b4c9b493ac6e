"""One order with its verdict: what would be done with it, before it is done."""

from dataclasses import dataclass, field, replace

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import Decision, Document, DocumentKind, DocumentState, Draft
from invoicesync_cli.state.codec import dump
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.invoices.changes import source_of
from invoicesync_cli.sync.payments.credit_notes import next_number
from invoicesync_cli.transform.contacts import Match, ToCreate
from invoicesync_cli.transform.paid import paid_of


@dataclass
class PlannedInvoice:
    """One order with its verdict: `document` as it will stand, the draft if it is to be sent."""

    order: KeapOrder
    document: Document
    record: Record | None = None
    draft: Draft | None = None
    match: Match | None = None
    decisions: list[Decision] = field(default_factory=list)
    recorded: bool = True
    """False for what is only reported, such as an order before the start."""
    verify: bool = False
    """Whether the ledger has the document, and another look there decides."""
    by_ledger: bool = True
    """Whether a change in the ledger alone could change the verdict."""
    copy: int = 1
    """Which copy of the document this is, for numbers that the ledger keeps taken."""

    @property
    def sends(self) -> bool:
        """Whether this order is to be sent."""
        return self.draft is not None and self.document.state is DocumentState.CREATED

    def as_record(self, run: str, document: Document | None = None) -> Record:
        """The record of this order with this outcome."""
        invoice = self.order.invoice
        known = self.record is not None and self.record.state is not DocumentState.UNDONE
        if self.record and known and self.draft is None and self.record.document.ledger_id:
            # Only what is known of the ledger's document has changed, not what was sent.
            source = self.record.source
            if invoice and self.document.state is DocumentState.CREATED and self.record.reversed:
                # Both sides agree as they are now.
                source = source_of(invoice)
            return replace(self.record, document=document or self.document, source=source, run=run)
        return Record(
            kind=DocumentKind.INVOICE,
            key=self.order.order_id,
            document=document or self.document,
            source=source_of(invoice) if invoice else "",
            paid=paid_of(invoice) if invoice else "",
            draft=dump(Draft, kept) if (kept := self.kept_draft) else "",
            decisions=dump(list[Decision], self.decisions),
            run=run,
            money=self.record.money if self.record and not self.draft else "",
        )

    @property
    def needs_saving(self) -> bool:
        """Whether the record has to be written: its outcome or what it was judged by is new."""
        invoice, record = self.order.invoice, self.record
        if record is None or record.document != self.document:
            return True
        return invoice is not None and record.source != source_of(invoice)

    @property
    def kept_draft(self) -> Draft | None:
        """The draft with the contact that is created for it; whom it goes to otherwise is no part
        of what would be sent anew."""
        contact = self.match.contact if isinstance(self.match, ToCreate) else None
        return replace(self.draft, contact_id=None, contact=contact) if self.draft else None

    def renumber(self) -> None:
        """Give its document the next number (`-2`, `-3`, …): the ledger keeps the old one."""
        if self.draft:
            self.copy, number = next_number(self.draft.number, self.copy)
            self.draft = replace(self.draft, number=number)
            self.document = replace(self.document, number=number)
