"""One share of a payment with its verdict: what would be booked, before it is."""

from dataclasses import dataclass, replace

from invoicesync_cli.load.found import LedgerPayment
from invoicesync_cli.model import Document, DocumentKind, LedgerId, PaymentDraft
from invoicesync_cli.state.codec import dump
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.payments.credit_notes import next_number
from invoicesync_cli.transform.allocations import Allocation


@dataclass
class PlannedPayment:
    """One share of a Keap payment with its verdict, and the draft if it is to be booked.

    Without a share it is one that Keap no longer has, or a row that cannot be read.
    """

    share: Allocation | None
    document: Document
    draft: PaymentDraft | None
    record: Record | None
    source: str
    surviving: LedgerPayment | None = None
    """The payment in the ledger that has outlived its invoice, and goes onto the new one."""
    at: str = ""
    """The key of its record where there is neither share nor record."""
    anew: bool = False
    """Whether its credit note was made before, and is to be made anew."""
    copy: int = 1
    """Which copy of its credit note this is, for numbers that the ledger keeps taken."""

    @property
    def needs_saving(self) -> bool:
        """Whether the record has to be written."""
        record = self.record
        return record is None or (record.document, record.source) != (self.document, self.source)

    @property
    def kind(self) -> DocumentKind:
        """The kind of its record."""
        return self.share.kind if self.share and not self.booked else self.document.kind

    @property
    def booked(self) -> bool:
        """Whether it is in the ledger already."""
        return (
            self.draft is None and self.record is not None and bool(self.record.document.ledger_id)
        )

    @property
    def record_key(self) -> str:
        """The key of its record."""
        return self.share.key if self.share else self.record.key if self.record else self.at

    @property
    def key(self) -> str:
        """The key of its element in the journal."""
        return f"{self.kind}/{self.record_key}"

    @property
    def note_id(self) -> LedgerId | None:
        """The credit note, once it exists: its id stands in the record until money has moved."""
        made = self.document.ledger_id or (self.record.document.ledger_id if self.record else "")
        return LedgerId(made) if made and self.draft and self.draft.note else None

    def as_record(self, run: str, document: Document | None = None) -> Record:
        """The record of this share with this outcome."""
        before = self.record.draft if self.record else ""
        return Record(
            kind=self.kind,
            key=self.record_key,
            document=document or self.document,
            source=self.source,
            draft=dump(PaymentDraft, self.draft) if self.draft else before,
            run=run,
        )

    def renumber(self) -> None:
        """Give its credit note the next number (`-2`, `-3`, …): the ledger keeps the old one."""
        if self.draft and self.draft.note:
            self.copy, number = next_number(self.draft.note.number, self.copy)
            self.draft = replace(self.draft, note=replace(self.draft.note, number=number))
            self.document = replace(self.document, number=number)
