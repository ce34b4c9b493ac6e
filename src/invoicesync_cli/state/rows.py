"""The rows of the state file that flow through a run: records, and batches of the journal."""

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.state import codec


@dataclass(frozen=True)
class Record:
    """What is known of one document: its last outcome and what that was judged by.

    `source` is what Keap held of it (canonical JSON), `draft` the fingerprint of what was or would
    be sent, `decisions` why (JSON). Of an invoice, `paid` is what Keap says is paid on it, and
    `money` what it said when all its payments had last been gone through; blank for never. `at` is
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
    def element(self) -> str:
        """What the journal calls it."""
        return self.key if self.kind is DocumentKind.INVOICE else f"{self.kind}/{self.key}"


@dataclass(frozen=True)
class Entry:
    """A batch of the journal, sent or about to be.

    `items` are its records' keys in order, `names` what the ledger will call them.
    """

    id: int
    run: str
    kind: str
    idempotency_key: str
    body: bytes
    items: tuple[str, ...]
    names: tuple[str, ...]
    sent_at: datetime


def record_of(row: sqlite3.Row) -> Record:
    """The record in a row of its table."""
    return Record(
        DocumentKind(row["kind"]),
        row["key"],
        codec.load_document(row["document"]),
        row["source"],
        row["paid"],
        row["draft"],
        row["decisions"],
        row["run"],
        row["money"],
        row["at"],
    )
