"""Amounts, dates and documents as a person reads them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from invoicesync_cli.cli.layout import STYLES
from invoicesync_cli.cli.report import Screen
from invoicesync_cli.printable import printable

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.text import Text

    from invoicesync_cli.model import Document, Instalment, InstalmentState

STATES = {"new": "not sent yet", "sending": "without a known outcome"}
"""What an open state is called where its name does not say it."""
BY_HAND = "by hand"
"""What stands in the place of a run's id where a person has changed something."""
BELOW = 4
"""How far to the right of a document's line stands what is said about it."""


def amount(value: "Decimal | None", currency: str) -> str:
    """`119.00 GBP`; blank for no amount."""
    return "" if value is None else f"{value:.2f} {currency}".strip()


def counted(count: int, kind: str = "invoice") -> str:
    """`1 invoice`, `1,000 payments`."""
    return f"{count:,} {kind}{'' if count == 1 else 's'}"


def local(at: str) -> str:
    """A time of the state file (ISO, UTC) by the clock on the wall, with its zone."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M %Z}"


def ended(status: str) -> str:
    """How a run ended."""
    from invoicesync_cli.state.history import ENDED

    return ENDED.get(status, status)


def verified_line(verified: Mapping[str, Any]) -> str:
    """When `verify` last ran, for which days, and what it found; `verified` as `--json` has it."""
    days, number = verified["period"], verified["differences"]
    since = f"from {days['from']} on" if days["from"] else "from the beginning"
    period = f"{since}, up to {days['until']}" if days["until"] else since
    found = counted(number, "difference") if number else "no difference"
    return f"{local(verified['at'])}, {period}: {found}"


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


def state_line(document: "Document", *, indent: int = 0, would: bool = False) -> "Text":
    """A document on a line, after its state in colour; `would` says that it only would be so."""
    from rich.text import Text

    state = f"{'would be ' if would else ''}{document.state:<9}"
    rest = printable(line_of(document, *named(document)))
    return Text.assemble(" " * indent, (state, STYLES.get(document.state, "")), f"  {rest}")


def named(document: "Document") -> list[str]:
    """What a document is called where its ids do not say it: its number, or its reference."""
    if document.kind == "invoice":
        ids = {document.order_id, document.invoice_id}
        return [] if document.number in ids else [document.number]
    return [document.reference]


def table_of(screen: Screen, documents: "Iterable[Document]", title: str) -> None:
    """A table of invoices that went through; the ledger has the same total unless it says so."""
    screen.table(
        ("invoice", "order", "number", "contact", "date", ">total"),
        (
            (
                item.invoice_id,
                item.order_id,
                item.number,
                item.contact,
                item.date.isoformat() if item.date else "",
                _totals(item),
            )
            for item in documents
        ),
        title,
    )


def _totals(item: "Document") -> str:
    total = amount(item.total, item.currency)
    if item.ledger_total in {None, item.total}:
        return total
    return f"{total}, ledger {amount(item.ledger_total, item.currency)}"


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
    """Documents with the reason of each below it; `would` says that they only would be so."""
    shown = False
    for item in documents:
        if title and not shown:
            screen.line(title, style="bold")
        shown = True
        reason_of(screen, item, indent=2, would=would)
    if shown:
        screen.line()


def reason_of(screen: Screen, item: "Document", *, indent: int = 0, would: bool = False) -> None:
    """A document, and why it is in its state below it."""
    screen.line(state_line(item, indent=indent, would=would), hang=BELOW)
    if said := why(item):
        screen.line(f"{'':{indent + BELOW}}{said}")


def today() -> date:
    """The day of this machine."""
    return datetime.now(UTC).astimezone().date()


def instalment_as_json(item: "Instalment", state: "InstalmentState") -> dict[str, Any]:
    """An instalment as `--json` shows it, here and in `explain`."""
    return {
        "date": item.due_date.isoformat(),
        "amount": f"{item.amount_due:.2f}",
        "paid": f"{item.amount_paid:.2f}",
        "left": f"{item.left:.2f}",
        "state": state.value,
    }
