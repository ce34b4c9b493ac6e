"""Adds a period's records up, one by one: nothing holds them all but what is open."""

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    DraftLine,
    LineType,
    Reason,
)
from invoicesync_cli.state import instalments
from invoicesync_cli.state.codec import Plain, load
from invoicesync_cli.state.rows import Record, record_of
from invoicesync_cli.statement.figures import (
    DueInstalment,
    Money,
    MonthFigures,
    Names,
    Period,
    Run,
    Statement,
    Sum,
)
from invoicesync_cli.statement.lines import with_tax

NOT_KNOWN = ""
"""The account and the tax code of what was found in the ledger and not made by this tool."""
OWN_LINES = {LineType.DISCOUNT: "Discount", LineType.SHIPPING: "Shipping"}


def statement_of(db: sqlite3.Connection, period: Period, names: Names, today: dt.date) -> Statement:
    """The statement of a period: documents by their dates in Keap, runs by the day they began.

    Days are the machine's; `today` is for the age of what is open.
    """
    # A period without documents has instalments all the same.
    statement = Statement(period, _currency(db, period) or _currency(db, Period()))
    books = _Books(statement, names)
    for record in _records(db, period):
        books.add(record)
        document = record.document
        if record.state.open:
            since = document.date or dt.datetime.fromisoformat(record.at).astimezone().date()
            statement.open.append((document, (today - since).days))
    statement.open.sort(key=lambda item: -item[1])
    statement.months = dict(sorted(statement.months.items()))
    statement.sales = dict(sorted(statement.sales.items()))
    statement.credits = dict(sorted(statement.credits.items()))
    statement.tax = dict(sorted(statement.tax.items()))
    statement.money = dict(sorted(statement.money.items()))
    statement.instalments = _instalments(db, statement, today)
    statement.runs = [run for run in _runs(db) if period.has(_day(run.at))]
    return statement


def in_ledger(document: Document) -> Decimal | None:
    """What of a document is in the ledger, with tax, whoever has put it there; None when it is not
    there."""
    if not document.ledger_id or document.ended or document.state is DocumentState.UNDONE:
        return None
    amount = document.ledger_total if document.ledger_total is not None else document.total
    return amount or ZERO


class _Books:
    """Takes records into a statement."""

    def __init__(self, statement: Statement, names: Names) -> None:
        self._statement = statement
        self._names = names

    def add(self, record: Record) -> None:
        """Take in what of it is in the ledger, and of an invoice what Keap has."""
        document, amount = record.document, in_ledger(record.document)
        if document.currency not in {"", self._statement.currency}:
            if amount:
                foreign = self._statement.foreign
                foreign[document.currency] = foreign.get(document.currency, ZERO) + amount
            return
        if record.kind is DocumentKind.INVOICE:
            self._invoice(record, amount)
        elif amount is not None and record.kind is not DocumentKind.PAYMENT:
            self._credit(record, amount)
        if amount is not None and record.kind in {DocumentKind.PAYMENT, DocumentKind.REFUND}:
            called = str(load(Plain, record.source).get("type", "")) if record.source else ""
            key = (document.account, str(record.kind))
            self._statement.money.setdefault(key, Money()).add(amount, called)

    def _invoice(self, record: Record, amount: Decimal | None) -> None:
        document = record.document
        if document.date is None:
            return
        month = self._statement.months.setdefault(f"{document.date:%Y-%m}", MonthFigures())
        month.keap += document.total or ZERO
        if amount is None:
            return
        month.ledger += amount
        parts = list(self._parts(record, amount))
        for key in {key for key, *_ in parts}:
            self._statement.sales.setdefault(key, Sum()).count += 1
        for key, code, net, tax in parts:
            self._statement.sales[key].add(net, tax)
            self._tax(code).add(net, tax)
            month.sum.add(net, tax)
        month.sum.count += 1

    def _parts(
        self, record: Record, amount: Decimal
    ) -> Iterator[tuple[str, str, Decimal, Decimal]]:
        """Key, tax code, net and tax of each line; one of all of it where no line is known."""
        draft = record.invoice_draft
        adopted = record.document.reason is Reason.ADOPTED
        if draft is None or draft.expected_total != amount or adopted:
            yield record.document.account or NOT_KNOWN, NOT_KNOWN, amount, ZERO
            return
        for line, net, tax in with_tax(draft, self._names):
            yield self._key(line), line.tax_code, net, tax

    def _key(self, line: DraftLine) -> str:
        if not self._names.by_item:
            return line.account
        return OWN_LINES.get(line.type) or self._names.items.get(line.item_code, line.item_code)

    def _credit(self, record: Record, amount: Decimal) -> None:
        draft = record.payment_draft
        note = draft.note if draft else None
        if note is None or note.net + note.tax != amount:
            key, code, net, tax = NOT_KNOWN, NOT_KNOWN, amount, ZERO
        else:
            item = self._names.items.get(note.item_code, note.item_code)
            key = item if self._names.by_item and item else note.account
            code, net, tax = note.tax_code, note.net - note.untaxed, note.tax
            if note.untaxed:
                self._tax(note.untaxed_code).take_off(note.untaxed, ZERO)
        found = self._statement.credits.setdefault((str(record.kind), key), Sum())
        found.add(amount - tax, tax, 1)
        self._tax(code).take_off(net, tax)

    def _tax(self, code: str) -> Sum:
        return self._statement.tax.setdefault(code, Sum())


def _records(db: sqlite3.Connection, period: Period) -> Iterator[Record]:
    first, last = _bounds(period)
    rows = db.execute(
        "SELECT * FROM records WHERE (date BETWEEN ? AND ?) OR date = '' "
        "ORDER BY date, CAST(order_id AS INTEGER), kind, key",
        (first, last),
    )
    return map(record_of, rows)


def _instalments(
    db: sqlite3.Connection, statement: Statement, today: dt.date
) -> list[DueInstalment]:
    """The instalments due in the period, of invoices that are in the ledger or may come there."""
    found = []
    for record, plan in instalments.with_records(db):
        document = record.document
        there = in_ledger(document) is not None or document.state.open
        if document.currency != statement.currency or not there:
            continue
        found += [
            DueInstalment(document, item, item.state_on(today), place, len(plan))
            for place, item in enumerate(plan, 1)
            if statement.period.has(item.due_date)
        ]
    return sorted(found, key=lambda due: due.instalment.due_date)


def _currency(db: sqlite3.Connection, period: Period) -> str:
    """The currency of most documents that are in the ledger, else of most documents."""
    first, last = _bounds(period)
    counts: Counter[tuple[bool, str]] = Counter()
    for currency, there, count in db.execute(
        "SELECT coalesce(json_extract(document, '$.currency'), ''), ledger_id <> '', count(*) "
        "FROM records WHERE (date BETWEEN ? AND ?) OR date = '' GROUP BY 1, 2",
        (first, last),
    ):
        if currency:
            counts[bool(there), currency] += count
    if not counts:
        return ""
    return max(counts, key=lambda key: (key[0], counts[key], key[1]))[1]


def _bounds(period: Period) -> tuple[str, str]:
    """As the state file has dates, which are blank where there is none."""
    first = period.first or dt.date.min
    last = period.last or dt.date.max
    return first.isoformat(), last.isoformat()


def _runs(db: sqlite3.Connection) -> Iterator[Run]:
    for row in db.execute("SELECT run, at, command, status, data FROM runs ORDER BY at, rowid"):
        data = load(Plain, row["data"]) if row["data"] else {}
        calls = data.get("calls")
        count = sum(calls.values()) if isinstance(calls, dict) else 0
        yield Run(row["run"], row["at"], row["command"], row["status"], count)


def _day(at: str) -> dt.date:
    return dt.datetime.fromisoformat(at).astimezone().date()
