"""What became of each document, as `--json` and the log show it."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from invoicesync_cli.model.reasons import DocumentState, Reason
from invoicesync_cli.model.terms import DocumentKind, JsonAmount


@dataclass(frozen=True, slots=True)
class Document:
    """One document as `--json` and the log show it.

    That its state and reason go together (`check_reason`) is not asked here: an older version may
    have written a pair down that is none any more, and its state has to be read.
    """

    kind: DocumentKind
    state: DocumentState
    order_id: str = ""
    invoice_id: str = ""
    payment_id: str = ""
    number: str = ""
    contact: str = ""
    date: dt.date | None = None
    total: JsonAmount | None = None
    currency: str = ""
    reference: str = ""
    account: str = ""
    reason: Reason = Reason.NONE
    message: str = ""
    hint: str = ""
    ledger_id: str = ""
    ledger_total: JsonAmount | None = None
    ended: Literal["", "keap", "ledger"] = ""
    """Where the document no longer exists: `ledger` (voided or deleted there), `keap`, or blank."""
    noticed: str = ""
    """The change in Keap that was reported last: once dismissed, it is not reported again."""

    def held(self, reason: Reason, message: str, hint: str = "") -> "Document":
        """This document, once a person has to look at it."""
        return replace(self, state=DocumentState.HELD, reason=reason, message=message, hint=hint)


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
