"""What of the state file flows through a run: records, and how far Keap was read."""

import json
import sqlite3
from dataclasses import dataclass, field

from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    PaymentDraft,
)
from invoicesync_cli.state.codec import load

OPEN = json.dumps([state.value for state in DocumentState if state.open])
"""The open states, for `IN (SELECT value FROM json_each(?))`."""

ADOPTED = "adopted"
"""The decision that says by what a document was found that this tool has not sent."""

REVERSED = "made from"
"""The decision that names the ledger's invoice that an order in Keap was made of."""
SALE = "sale:"
"""How the keys of invoices of the ledger begin that have no order in Keap yet; then follows the
ledger's id."""


@dataclass(frozen=True)
class Record:
    """What is known of one document: its last outcome and what that was judged by.

    `source` is what Keap held of it (canonical JSON), `draft` the fingerprint of what was or would
    be sent, `decisions` why (JSON). Of an invoice, `paid` is what Keap says is paid on it, and
    `money` what it said when all its payments had last been read; blank for never. `at` is
    when it was written last (ISO, UTC), blank before.
    """

    kind: DocumentKind
    key: str
    document: Document
    source: str = ""
    paid: str = ""
    draft: str = ""
    decisions: str = "[]"
    run: str = ""
    money: str = ""
    at: str = field(default="", compare=False)

    @property
    def state(self) -> DocumentState:
        """Where the document stands."""
        return self.document.state

    @property
    def decided(self) -> list[Decision]:
        """Why each field has its value."""
        return load(list[Decision], self.decisions) if self.decisions else []

    @property
    def adopted(self) -> bool:
        """Whether its document was found in the ledger by `adopt`, and not sent."""
        return any(decision.field == ADOPTED for decision in self.decided)

    @property
    def reversed(self) -> bool:
        """Whether it is an invoice of the ledger that became an order in Keap, or is to."""
        return self.to_keap or any(decision.field == REVERSED for decision in self.decided)

    @property
    def to_keap(self) -> bool:
        """Whether it is an invoice of the ledger that has no order in Keap yet."""
        return self.key.startswith(SALE)

    @property
    def invoice_draft(self) -> Draft | None:
        """What was or would be sent, of an invoice that was judged so far; else None."""
        invoice = self.kind is DocumentKind.INVOICE
        return load(Draft, self.draft) if self.draft and invoice else None

    @property
    def payment_draft(self) -> PaymentDraft | None:
        """The same of a payment, credit or refund."""
        invoice = self.kind is DocumentKind.INVOICE
        return load(PaymentDraft, self.draft) if self.draft and not invoice else None

    @property
    def element(self) -> str:
        """What the journal calls it."""
        return self.key if self.kind is DocumentKind.INVOICE else f"{self.kind}/{self.key}"


@dataclass(frozen=True)
class Progress:
    """How much of Keap has been read since `start` was last set.

    Until `complete`, every order id up to `position` has been looked at; afterwards, every change
    up to `watermark`. `began` is when going through began (ISO, UTC).
    """

    start: str
    position: int = 0
    began: str = ""
    complete: bool = False
    watermark: str = ""


def record_of(row: sqlite3.Row) -> Record:
    """The record in a row of its table."""
    return Record(
        DocumentKind(row["kind"]),
        row["key"],
        load(Document, row["document"]),
        row["source"],
        row["paid"],
        row["draft"],
        row["decisions"],
        row["run"],
        row["money"],
        row["at"],
    )
