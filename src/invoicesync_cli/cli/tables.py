"""Amounts, dates and documents as a person reads them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from invoicesync_cli.cli.report import Screen

if TYPE_CHECKING:
    from decimal import Decimal

    from invoicesync_cli.model import Document

STATES = {"new": "not sent yet", "sending": "without a known outcome"}
"""What an open state is called where its name does not say it."""


def amount(value: "Decimal | None", currency: str) -> str:
    """`119.00 GBP`; blank for no amount."""
    return "" if value is None else f"{value:.2f} {currency}".strip()


def local(at: str) -> str:
    """A time of the state file (ISO, UTC) by the clock on the wall, with its zone."""
    from datetime import datetime

    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M %Z}"


def why(document: "Document") -> str:
    """A document's reason with its message and hint."""
    parts = [f"{document.reason}: " if document.reason else "", document.message]
    said = "".join(parts).rstrip(": ")
    return f"{said} {document.hint}".strip()


def line_of(document: "Document", *more: str) -> str:
    """A document on a line: kind, ids, amount, day, `more`, contact; without what is blank."""
    ids = f"{document.kind} {document.invoice_id or '-'} (order {document.order_id or '-'})"
    day = document.date.isoformat() if document.date else "no date"
    parts = (ids, amount(document.total, document.currency), day, *more, document.contact)
    return "  ".join(filter(None, parts))


def table_of(screen: Screen, documents: "Iterable[Document]", title: str) -> None:
    """A table of documents that went through."""
    screen.table(
        ("invoice", "order", "number", "contact", "date", ">Keap", ">ledger"),
        (
            (
                item.invoice_id,
                item.order_id,
                item.number,
                item.contact,
                item.date.isoformat() if item.date else "",
                amount(item.total, item.currency),
                amount(item.ledger_total, item.currency),
            )
            for item in documents
        ),
        title,
    )


def money_of(screen: Screen, documents: "Iterable[Document]", title: str) -> None:
    """A table of payments, credits and refunds that went through."""
    screen.table(
        ("kind", "invoice", "order", "date", ">amount", "account", "reference"),
        (
            (
                item.kind,
                item.invoice_id,
                item.order_id,
                item.date.isoformat() if item.date else "",
                amount(item.total, item.currency),
                item.account or item.number,
                item.reference,
            )
            for item in documents
        ),
        title,
    )


def reasons_of(
    screen: Screen, documents: "Iterable[Document]", title: str, *, would: bool = False
) -> None:
    """A table of documents with the reason of each; `would` says that they only would be so."""
    screen.table(
        ("kind", "invoice", "order", ">total", "would be" if would else "state", "why"),
        (
            (
                item.kind,
                item.invoice_id,
                item.order_id,
                amount(item.total, item.currency),
                item.state,
                why(item),
            )
            for item in documents
        ),
        title,
    )
