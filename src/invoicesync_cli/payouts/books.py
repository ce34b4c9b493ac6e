"""The payments and refunds that the state knows, by the references that reports have them under."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason
from invoicesync_cli.state.codec import Plain, load
from invoicesync_cli.state.rows import Record, record_of

BOOKED = {Reason.DUPLICATE_PAYMENT, Reason.ALREADY_SYNCED}
"""Why money is in the ledger though this tool has not sent it."""


@dataclass(frozen=True)
class BookedPayment:
    """A payment or refund, or the share of one that belongs to an order.

    `references` are the gateway's id and ours; `type` is Keap's type of payment.
    """

    document: Document
    references: tuple[str, ...]
    type: str

    @property
    def booked(self) -> bool:
        """Whether the ledger has it."""
        document = self.document
        return document.state is DocumentState.CREATED or (
            document.state is DocumentState.SKIPPED and document.reason in BOOKED
        )


def booked_payments(db: sqlite3.Connection) -> Iterator[BookedPayment]:
    """Every payment and refund of the state, the lowest order first."""
    rows = db.execute(
        "SELECT * FROM records WHERE kind IN (?, ?) ORDER BY CAST(order_id AS INTEGER), kind, key",
        (DocumentKind.PAYMENT, DocumentKind.REFUND),
    )
    return map(_payment, map(record_of, rows))


def _payment(record: Record) -> BookedPayment:
    draft = record.payment_draft
    # An id that the ledger has no room for stands in the memo.
    found = (record.document.reference, draft.memo if draft else "")
    kind = load(Plain, record.source).get("type", "") if record.source else ""
    return BookedPayment(record.document, tuple(filter(None, found)), str(kind))
