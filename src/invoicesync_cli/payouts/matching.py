"""Holds the rows of a report against the payments of the books, by reference. No I/O."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from invoicesync_cli.model import Document, DocumentKind
from invoicesync_cli.payouts.books import BookedPayment
from invoicesync_cli.payouts.layouts import RowKind
from invoicesync_cli.payouts.reading import ZERO, ReportRow

PayoutSide = Literal["report", "books"]


@dataclass
class Payout:
    """A payout: `total` is what customers paid and got back, `fees` what the service kept, `net`
    what is left; `deposit` is what went to the bank by the report's own row, where it has one."""

    payout: str
    date: dt.date | None
    currency: str
    payments: int = 0
    total: Decimal = ZERO
    net: Decimal = ZERO
    deposit: Decimal | None = None

    @property
    def fees(self) -> Decimal:
        """What the service kept; negative for what it gave back."""
        return self.total - self.net


@dataclass(frozen=True)
class MatchedRow:
    """A row of the report and what of the books it is: several where a payment has shares."""

    row: ReportRow
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Unmatched:
    """What only one side has, or both with another amount. `documents` are those of the state that
    bear the reference, in the ledger or not."""

    side: PayoutSide
    reference: str
    amount: Decimal
    date: dt.date | None
    message: str
    payout: str = ""
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class ReportOutcome:
    """What became of a report."""

    payouts: list[Payout] = field(default_factory=list)
    matched: list[MatchedRow] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)


@dataclass
class _Group:
    """All shares of one payment or refund of Keap."""

    payments: list[BookedPayment] = field(default_factory=list)
    taken: bool = False

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(one.document for one in self.payments)

    @property
    def booked(self) -> tuple[Document, ...]:
        return tuple(one.document for one in self.payments if one.booked)

    @property
    def refund(self) -> bool:
        return self.payments[0].document.kind is DocumentKind.REFUND

    @property
    def amount(self) -> Decimal:
        """What of it is in the ledger; negative for what was given back."""
        total = sum((one.total or ZERO for one in self.booked), ZERO)
        return -total if self.refund else total


def match(rows: Sequence[ReportRow], payments: Iterable[BookedPayment]) -> ReportOutcome:
    """What a report and the books have in common, and what only one of them has.

    Of the books only that counts as missing in the report which was booked on one of its days, by
    the same type of payment and to the same account as something that is in it.
    """
    groups = _grouped(payments)
    known = _by_reference(groups)
    outcome = ReportOutcome(_payouts(rows))
    for row in rows:
        if row.kind is RowKind.PAYMENT:
            group = _found(row, known, groups)
            outcome.unmatched.extend(_judged(row, group, outcome.matched))
    outcome.unmatched.extend(_not_in_report(rows, groups, outcome.matched))
    return outcome


def _payouts(rows: Sequence[ReportRow]) -> list[Payout]:
    """The payouts in the order of their rows; money that was not paid out yet has a blank name."""
    found: dict[tuple[str, str], Payout] = {}
    for row in rows:
        key = (row.payout, row.currency)
        payout = found.setdefault(key, Payout(row.payout, row.payout_date, row.currency))
        payout.date = payout.date or row.payout_date
        if row.kind is RowKind.PAYOUT:
            payout.deposit = (payout.deposit or ZERO) - row.amount
            continue
        payout.payments += row.kind is RowKind.PAYMENT
        payout.total += ZERO if row.kind is RowKind.FEE else row.amount
        payout.net += row.net
    return list(found.values())


def _grouped(payments: Iterable[BookedPayment]) -> list[_Group]:
    groups: dict[tuple[str, str], _Group] = {}
    for payment in payments:
        document = payment.document
        # A failed charge has no payment's id, but an id of its own.
        key = (document.kind, document.payment_id or f"-{payment.references}")
        groups.setdefault(key, _Group()).payments.append(payment)
    return list(groups.values())


def _by_reference(groups: Sequence[_Group]) -> dict[tuple[bool, str], list[_Group]]:
    known: dict[tuple[bool, str], list[_Group]] = {}
    for group in groups:
        references = {name for one in group.payments for name in one.references}
        for name in references:
            known.setdefault((group.refund, name.casefold()), []).append(group)
    return known


def _found(
    row: ReportRow, known: dict[tuple[bool, str], list[_Group]], groups: Sequence[_Group]
) -> _Group | None:
    """What of the books a row is: by one of its references, the one of its amount before others.

    A refund without a reference of its own is found by the payment that it gives back.
    """
    refund = row.amount < 0
    named = [
        group
        for name in row.references
        for group in known.get((refund, name.casefold()), ())
        if not group.taken
    ]
    if not named and refund and row.original:
        orders = {
            document.order_id
            for group in known.get((False, row.original.casefold()), ())
            for document in group.documents
        }
        named = [
            group
            for group in groups
            if group.refund
            and not group.taken
            and group.amount == row.amount
            and orders.intersection(document.order_id for document in group.documents)
        ]
    found = next((group for group in named if group.amount == row.amount), None)
    found = found or next(iter(named), None)
    if found:
        found.taken = True
    return found


def _judged(row: ReportRow, group: _Group | None, matched: list[MatchedRow]) -> Iterator[Unmatched]:
    reference = row.references[0] if row.references else ""
    if group is None:
        message = "It is in the report, and Keap has no payment by this reference."
        yield Unmatched("report", reference, row.amount, row.date, message, row.payout)
        return
    documents = group.documents
    name = next(iter(group.payments[0].references), reference)
    same = row.currency in {"", documents[0].currency}
    if group.booked and group.amount == row.amount and same:
        matched.append(MatchedRow(row, group.booked))
        return
    if group.booked:
        figures = f"{row.amount} {row.currency}".strip(), f"{group.amount} {documents[0].currency}"
        message = f"It is in both: {figures[0]} in the report, {figures[1]} in the books."
        yield Unmatched("report", name, row.amount, row.date, message, row.payout, documents)
        day = documents[0].date
        yield Unmatched("books", name, group.amount, day, message, row.payout, documents)
        return
    state = documents[0]
    why = f"{state.state}: {state.reason}" if state.reason else str(state.state)
    message = f"It is not in the ledger ({why}). {state.message}".strip()
    yield Unmatched("report", name, row.amount, row.date, message, row.payout, documents)


def _not_in_report(
    rows: Sequence[ReportRow], groups: Sequence[_Group], matched: Sequence[MatchedRow]
) -> Iterator[Unmatched]:
    days = [row.date for row in rows if row.date and row.kind is RowKind.PAYMENT]
    documents = {id(document) for match in matched for document in match.documents}
    alike = {
        (payment.type, payment.document.account)
        for group in groups
        for payment in group.payments
        if id(payment.document) in documents and not group.refund
    }
    accounts = {account for _, account in alike}
    for group in groups:
        first = group.payments[0]
        document = first.document
        if group.taken or not group.booked or not days or document.date is None:
            continue
        if not min(days) <= document.date <= max(days):
            continue
        # Keap's type of a refund is no more than that.
        if (
            document.account in accounts
            if group.refund
            else (first.type, document.account) in alike
        ):
            message = "It was booked in these days, and is not in the report."
            yield Unmatched(
                "books",
                next(iter(first.references), ""),
                group.amount,
                document.date,
                message,
                documents=group.booked,
            )
