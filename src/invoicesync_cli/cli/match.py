"""`match`: a payout report of the merchant account against the payments that were booked."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report, Screen, write_csv
from invoicesync_cli.cli.tables import amount
from invoicesync_cli.errors import ExitCode

if TYPE_CHECKING:
    from decimal import Decimal

    from invoicesync_cli.model import Document
    from invoicesync_cli.payouts import Columns, MatchedRow, ReportOutcome, Unmatched

CSV = (
    "side",
    "payout",
    "date",
    "kind",
    "reference",
    "amount",
    "fee",
    "net",
    "order_id",
    "invoice_id",
    "payment_id",
    "contact",
    "account",
    "ledger_id",
    "state",
    "message",
)
"""The columns of `--csv`: a row for each payment of the report, then what only the books have."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "match", help="A payout report of the merchant account against the payments.")
    def _match(
        call: Call,
        file: Annotated[str, typer.Argument(metavar="FILE", help="The report, as CSV.")],
        reference: Annotated[
            str, typer.Option(metavar="COLUMN", help="The column of the transaction id.")
        ] = "",
        amount: Annotated[
            str, typer.Option(metavar="COLUMN", help="The column of what the customer paid.")
        ] = "",
        fee: Annotated[str, typer.Option(metavar="COLUMN", help="The column of the fee.")] = "",
        payout: Annotated[
            str, typer.Option(metavar="COLUMN", help="The column of the payout's id.")
        ] = "",
        as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
    ) -> Report:
        from invoicesync_cli.payouts import Columns

        references = (reference,) if reference else ()
        columns = Columns(references, amount, fee=fee, payout=payout)
        return _matched(call, Path(file).expanduser(), columns, as_csv=as_csv)


def _matched(call: Call, file: Path, columns: "Columns", *, as_csv: bool) -> Report:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.payouts import booked_payments, match, read_report

    source, rows = read_report(file, columns)
    with Workspace().look(call) as (_, state):
        outcome = match(rows, booked_payments(state.db))

    def text(screen: Screen) -> None:
        if as_csv:
            write_csv(CSV, _table(outcome))
        else:
            _show(screen, source, outcome)

    code = ExitCode.DIFFERENCES if outcome.unmatched else ExitCode.OK
    return Report(_as_json(source, outcome), text, code)


def _as_json(source: str, outcome: "ReportOutcome") -> dict[str, Any]:
    return {
        "source": source,
        "payouts": [
            {
                "payout": one.payout,
                "date": one.date.isoformat() if one.date else None,
                "currency": one.currency,
                "payments": one.payments,
                "total": _money(one.total),
                "fees": _money(one.fees),
                "net": _money(one.net),
                "deposit": None if one.deposit is None else _money(one.deposit),
            }
            for one in outcome.payouts
        ],
        "matched": [_as_row(one) for one in outcome.matched],
        "unmatched": [_as_missing(one) for one in outcome.unmatched],
    }


def _as_row(found: "MatchedRow") -> dict[str, Any]:
    row, document = found.row, found.documents[0]
    return {
        "payout": row.payout,
        "reference": row.references[0] if row.references else document.reference,
        "amount": _money(row.amount),
        "fee": _money(row.amount - row.net),
        "net": _money(row.net),
        "date": row.date.isoformat() if row.date else None,
        "kind": str(document.kind),
        "documents": _documents(found.documents),
    }


def _as_missing(found: "Unmatched") -> dict[str, Any]:
    return {
        "side": found.side,
        "reference": found.reference,
        "amount": _money(found.amount),
        "date": found.date.isoformat() if found.date else None,
        "payout": found.payout,
        "message": found.message,
        "documents": _documents(found.documents),
    }


def _documents(documents: "tuple[Document, ...]") -> list[dict[str, Any]]:
    from invoicesync_cli.state.codec import document_as_json

    return [document_as_json(document) for document in documents]


def _money(value: "Decimal") -> str:
    return f"{value:.2f}"


def _table(outcome: "ReportOutcome") -> Iterator[dict[str, Any]]:
    """The rows of the spreadsheet."""
    for found in outcome.matched:
        yield _line("both", _as_row(found), "")
    for missing in outcome.unmatched:
        row = _as_missing(missing)
        yield _line(missing.side, row, missing.message)


def _line(side: str, row: dict[str, Any], message: str) -> dict[str, Any]:
    documents = row["documents"]
    named = {name: documents[0][name] for name in CSV if name in documents[0]} if documents else {}
    found = {**dict.fromkeys(CSV, ""), **named, **{key: row[key] for key in CSV if key in row}}
    for name in ("order_id", "invoice_id"):
        # A payment over several orders stands on one line.
        found[name] = " ".join(str(document[name]) for document in documents)
    return {**found, "side": side, "message": message}


def _show(screen: Screen, source: str, outcome: "ReportOutcome") -> None:
    screen.table(
        ("payout", "date", ">payments", ">total", ">fees", ">net", ">to the bank"),
        [
            (
                one.payout or "not paid out yet",
                one.date.isoformat() if one.date else "",
                str(one.payments),
                amount(one.total, one.currency),
                amount(one.fees, one.currency),
                amount(one.net, one.currency),
                amount(one.deposit, one.currency),
            )
            for one in outcome.payouts
        ],
        f"{source or 'Report'}: {_currencies(outcome)}",
    )
    screen.line(f"Matched: {_count(len(outcome.matched), 'payment')}")
    for side, title in (("report", "Only in the report"), ("books", "Only in the books")):
        missing = [one for one in outcome.unmatched if one.side == side]
        if not missing:
            continue
        screen.line(f"{title}, or with another amount: {len(missing)}", "bold red")
        for one in missing:
            screen.line(f"  {_named(one)}")
            screen.line(f"      {one.message}")
    if not outcome.unmatched:
        screen.line(
            "Every payment of the report is in the books, and the other way round.", "green"
        )


def _named(one: "Unmatched") -> str:
    invoices = ", ".join(document.invoice_id for document in one.documents)
    # A report need not say in which currency it is.
    currency = one.documents[0].currency if one.side == "books" else ""
    parts = (
        one.reference or "no reference",
        amount(one.amount, currency),
        one.date.isoformat() if one.date else "no date",
        f"payout {one.payout}" if one.payout else "",
        f"invoice {invoices}" if invoices else "",
        one.documents[0].contact if one.documents else "",
    )
    return "  ".join(filter(None, parts))


def _currencies(outcome: "ReportOutcome") -> str:
    found = {one.currency for one in outcome.payouts if one.currency}
    return ", ".join(sorted(found)) or "amounts as the report has them"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
