"""What became of each document, as `--json` and the log show it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.model.terms import DocumentKind, DocumentState


@dataclass(frozen=True, slots=True)
class Document:
    """One document as `--json` and the log show it."""

    kind: DocumentKind
    state: DocumentState
    order_id: str = ""
    invoice_id: str = ""
    payment_id: str = ""
    number: str = ""
    contact: str = ""
    date: dt.date | None = None
    total: Decimal | None = None
    currency: str = ""
    reference: str = ""
    account: str = ""
    reason: str = ""
    message: str = ""
    hint: str = ""
    ledger_id: str = ""
    ledger_total: Decimal | None = None
    ended: str = ""
    """Where the document no longer exists: `ledger` (voided or deleted there), `keap`, or blank."""


DOCUMENT_FIELDS = (
    "kind",
    "order_id",
    "invoice_id",
    "payment_id",
    "number",
    "contact",
    "date",
    "total",
    "currency",
    "reference",
    "account",
    "state",
    "reason",
    "message",
    "hint",
    "ledger_id",
    "ledger_total",
)
"""The fields of a document in the order of `--json`, which is also the order of the CSV."""
