"""Documents and decisions as text, as `--json` shows them: amounts as strings, dates as ISO."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from invoicesync_cli.model import (
    DOCUMENT_FIELDS,
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    Expected,
    Reason,
)

REASONS = {reason.value: reason for reason in Reason}


def document_as_json(document: Document) -> dict[str, Any]:
    """A document with its fields in their order."""

    def plain(value: object) -> Any:
        if isinstance(value, Decimal):
            return f"{value:.2f}"
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if isinstance(value, DocumentKind | DocumentState | Reason) else value

    return {name: plain(getattr(document, name)) for name in DOCUMENT_FIELDS}


def dump_document(document: Document) -> str:
    """A document as one line of JSON; empty fields are left out."""
    shown = {**document_as_json(document), "ended": document.ended}
    filled = {name: value for name, value in shown.items() if value}
    return json.dumps(filled, ensure_ascii=False, separators=(",", ":"))


def load_document(text: str) -> Document:
    """The document that `dump_document` wrote."""
    data = json.loads(text)
    data["kind"] = DocumentKind(data["kind"])
    data["state"] = DocumentState(data["state"])
    data["reason"] = REASONS[data.get("reason", "")]
    for name in ("total", "ledger_total"):
        if name in data:
            data[name] = Decimal(data[name])
    if "date" in data:
        data["date"] = date.fromisoformat(data["date"])
    return Document(**data)


def dump_decisions(decisions: Iterable[Decision]) -> str:
    """Decisions as one line of JSON."""
    return json.dumps(
        [asdict(decision) for decision in decisions], ensure_ascii=False, separators=(",", ":")
    )


def load_decisions(text: str) -> list[Decision]:
    """The decisions that `dump_decisions` wrote."""
    return [Decision(**item) for item in json.loads(text)]


def dump_draft(draft: Draft, contact: object) -> str:
    """A draft as one line of JSON, with the `contact` it goes to; equal drafts give equal text."""
    data = {**asdict(draft), "contact": contact}
    del data["contact_id"]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def load_expected(draft: str) -> Expected | None:
    """What the ledger has to say of the draft that `dump_draft` wrote."""
    if not draft:
        return None
    data = json.loads(draft)
    return Expected(
        invoice_id=data["invoice_id"],
        number=data["number"],
        reference=data["reference"],
        total=Decimal(data["expected_total"]),
        tax=Decimal(data["expected_tax"]),
        currency=data["currency"],
    )
