"""Queries: by id, number or name, by filters, in pages, and over what was deleted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbd.books import ENTITIES, KINDS, TRANSACTIONS, Books, check_id, folded
from invoicesync_sandbox.qbd.errors import (
    NOTHING_FOUND,
    OK,
    Status,
    bad_id,
    bad_range,
    missing,
    some_missing,
)
from invoicesync_sandbox.qbd.filters import YEARS, between, in_times, named_so
from invoicesync_sandbox.qbd.forms import Deleted, SalesForm, Txn
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Customer, Item, Named, Row
from invoicesync_sandbox.qbd.views import Values, View

Answered = list[tuple[str, Values]]
_ITEM_TYPES = (
    "ItemService",
    "ItemNonInventory",
    "ItemOtherCharge",
    "ItemSalesTax",
    "ItemSalesTaxGroup",
)
_KEEPS_DELETED = timedelta(days=90)


@dataclass
class Found:
    """What a query found: `rows` yet to be shown, or `shown` ones."""

    status: Status = OK
    shown: Answered = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Iterated:
    """An iterator: what it was asked for, and the rows that it has not given yet."""

    request: str
    left: list[Row]


class Queries:
    """The queries of one session, which keeps its iterators."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.view = View(books)
        self.iterators: dict[str, Iterated] = {}

    def answer(self, name: str, sent: Sent, attributes: Mapping[str, str]) -> Found:
        """What a query finds. Raises `Refused`."""
        if name == "TxnDeletedQueryRq":
            return self._listed(self._deleted(sent, "TxnDelType"), sent, attributes)
        if name == "ListDeletedQueryRq":
            return self._listed(self._deleted(sent, "ListDelType"), sent, attributes)
        if name == "TransactionQueryRq":
            found = lambda: self._transactions(sent)  # noqa: E731
            return self._paged(name, sent, attributes, found, self._all_rows)
        kind = KINDS.get(name.removesuffix("QueryRq"))
        if kind is not None and issubclass(kind, Txn):
            show = self._shown_txn
            return self._paged(name, sent, attributes, lambda: self._txns(kind, sent), show)
        return self._paged(name, sent, attributes, lambda: self._named(name, sent), self._shown)

    def _listed(
        self, deleted: Iterable[Deleted], sent: Sent, attributes: Mapping[str, str]
    ) -> Found:
        shown = [self.view.deleted(one) for one in deleted]
        return self._finished(shown, sent, attributes, OK if shown else NOTHING_FOUND)

    # Pages

    def _paged(
        self,
        name: str,
        sent: Sent,
        attributes: Mapping[str, str],
        select: Callable[[], tuple[list[Row], Status]],
        show: Callable[[Row, Sent], Answered],
    ) -> Found:
        iterator = attributes.get("iterator", "")
        most = sent.get("MaxReturned")
        if not iterator:
            found, status = select()
            page = found[:most] if most else found
            return self._finished(_each(page, show, sent), sent, attributes, status)
        if iterator == "Start":
            if not most:
                raise missing("MaxReturned")
            found, status = select()
            key = f"{{{uuid4()}}}"
            self.iterators[key] = Iterated(name, found)
        else:
            key = attributes.get("iteratorID", "")
            known = self.iterators.get(key)
            if known is None or known.request != name:
                raise bad_id("iteratorID", key)
            if iterator == "Stop":
                del self.iterators[key]
                return Found()
            status = OK
        return self._page(key, most or 0, show, sent, attributes, status)

    def _page(
        self,
        key: str,
        most: int,
        show: Callable[[Row, Sent], Answered],
        sent: Sent,
        attributes: Mapping[str, str],
        status: Status,
    ) -> Found:
        left = self.iterators[key].left
        page, rest = left[:most], left[most:]
        self.iterators[key].left = rest
        current = [self._current(row) for row in page]
        alive = [row for row in current if row is not None]
        found = self._finished(_each(alive, show, sent), sent, attributes, status)
        found.attributes |= {"iteratorRemainingCount": str(len(rest)), "iteratorID": key}
        if not rest:
            del self.iterators[key]
        return found

    def _current(self, row: Row) -> Row | None:
        """The row as it is now; None once it has been deleted."""
        found: Row | None = self.books.tables[type(row)].get(row.id)
        return found

    def _finished(
        self, shown: Answered, sent: Sent, attributes: Mapping[str, str], status: Status
    ) -> Found:
        found = Found(status, shown)
        meta = attributes.get("metaData", "NoMetaData")
        if meta != "NoMetaData":
            found.attributes["retCount"] = str(len(shown))
        if meta == "MetaDataOnly":
            found.shown = []
        wanted = set(sent.all("IncludeRetElement"))
        if wanted:
            found.shown = [
                (name, {key: value for key, value in values.items() if key in wanted})
                for name, values in found.shown
            ]
        return found

    def _shown(self, row: Row, _: Sent) -> Answered:
        return [(self.view.name(row), self.view.row(row))]

    def _shown_txn(self, row: Row, sent: Sent) -> Answered:
        lines, links = bool(sent.get("IncludeLineItems")), bool(sent.get("IncludeLinkedTxns"))
        return [(self.view.name(row), self.view.row(row, lines=lines, links=links))]

    # Lists

    def _named(self, name: str, sent: Sent) -> tuple[list[Row], Status]:
        rows_of = list(self._of_list(name))
        if "ListID" in sent:
            for one in sent.all("ListID"):
                check_id(one or "", "ListID")
            by_id = {row.id: row for row in rows_of}
            return self._wanted(sent.all("ListID"), by_id)
        if "FullName" in sent:
            by_name = {folded(self._full_name(row)): row for row in rows_of}
            return self._wanted(sent.all("FullName"), by_name, folded)
        found = [row for row in rows_of if self._passes(row, sent)]
        found.sort(key=lambda row: folded(self._full_name(row)))
        return list(found), OK if found else NOTHING_FOUND

    def _full_name(self, row: Named) -> str:
        return self.books.full_name(row)

    def _of_list(self, name: str) -> Iterator[Named]:
        what = name.removesuffix("QueryRq")
        tables = self.books.tables
        if what == "Entity":
            for kind in ENTITIES:
                yield from tables[kind].values()
        elif what in _ITEM_TYPES:
            yield from (row for row in tables[Item].values() if row.type == what)
        else:
            word = "StandardTerms" if what == "Terms" else what
            yield from tables[KINDS[word]].values()

    def _passes(self, row: Named, sent: Sent) -> bool:
        active = sent.text("ActiveStatus") or "ActiveOnly"
        if active != "All" and row.active != (active == "ActiveOnly"):
            return False
        if not self._changed_in(row, sent):
            return False
        if sent.all("AccountType") and getattr(row, "type", "") not in sent.all("AccountType"):
            return False
        methods = sent.all("PaymentMethodType")
        if methods and getattr(row, "type", "") not in methods:
            return False
        name = self._full_name(row)
        return named_so(name, sent.sub("NameFilter"), "Name") and between(
            name, sent.sub("NameRangeFilter"), "Name"
        )

    # Transactions

    def _txns(self, kind: type[Txn], sent: Sent) -> tuple[list[Row], Status]:
        table = self.books.tables[kind]
        if "TxnID" in sent:
            for one in sent.all("TxnID"):
                check_id(one or "", "TxnID")
            return self._wanted(sent.all("TxnID"), table)
        exact = "RefNumberCaseSensitive" in sent
        numbers = sent.all("RefNumberCaseSensitive" if exact else "RefNumber")
        if numbers:
            found = [
                row
                for number in dict.fromkeys(numbers)
                for row in table.each("ref", folded(number or ""))
                if not exact or row.ref == number
            ]
            lacking = [
                one
                for one in numbers
                if not any(folded(row.ref) == folded(one or "") for row in found)
            ]
            if found and lacking:
                return list(found), some_missing(lacking[0])
            return list(found), OK if found else NOTHING_FOUND
        found = [row for row in table.values() if self._selected(row, sent)]
        found.sort(key=lambda row: (row.txn_date, row.number))
        return list(found), OK if found else NOTHING_FOUND

    def _selected(self, row: Txn, sent: Sent) -> bool:
        changed = sent.sub("ModifiedDateRangeFilter")
        if not self._changed_in(row, changed):
            return False
        return (
            self._of_day(row, sent.sub("TxnDateRangeFilter"))
            and self._of_entity(row, sent.sub("EntityFilter"))
            and named_so(row.ref, sent.sub("RefNumberFilter"), "RefNumber")
            and between(row.ref, sent.sub("RefNumberRangeFilter"), "RefNumber")
            and self._paid_so(row, sent.text("PaidStatus"))
        )

    def _of_day(self, row: Txn, dates: Sent | None) -> bool:
        if dates is None:
            return True
        first, last = dates.day("FromTxnDate"), dates.day("ToTxnDate")
        for name, day in (("FromTxnDate", first), ("ToTxnDate", last)):
            if day is not None and day.year not in YEARS:
                raise bad_range(name, day.isoformat())
        return (first is None or first <= row.txn_date) and (last is None or row.txn_date <= last)

    def _of_entity(self, row: Txn, whose: Sent | None) -> bool:
        if whose is None:
            return True
        kind = whose.text("EntityTypeFilter")
        if kind:
            return row.customer_id in self.books.tables[KINDS[kind]]
        own = {one or "" for one in (*whose.all("ListID"), *whose.all("ListIDWithChildren"))}
        names = {
            folded(one or "")
            for one in (*whose.all("FullName"), *whose.all("FullNameWithChildren"))
        }
        deep = "ListIDWithChildren" in whose or "FullNameWithChildren" in whose
        customers = self.books.tables[Customer]
        customer = customers.get(row.customer_id)
        while customer is not None:
            if customer.id in own or folded(self.books.full_name(customer)) in names:
                return True
            customer = customers.get(customer.parent_id) if deep else None
        return False

    def _paid_so(self, row: Txn, status: str) -> bool:
        if status not in {"PaidOnly", "NotPaidOnly"}:
            return True
        return (self.books.balance(row) == 0) == (status == "PaidOnly")

    def _transactions(self, sent: Sent) -> tuple[list[Row], Status]:
        if sent.text("TransactionPostingStatusFilter") == "NonPosting":
            return [], NOTHING_FOUND
        wanted = sent.sub("TransactionTypeFilter")
        words = set(wanted.all("TxnTypeFilter")) if wanted else {"All"}
        kinds = [kind for kind in TRANSACTIONS if "All" in words or kind.word in words]
        every = [row for kind in kinds for row in self.books.tables[kind].values()]
        if "TxnID" in sent:
            return self._wanted(sent.all("TxnID"), {row.id: row for row in every})
        found = [row for row in every if self._taken(row, sent)]
        found.sort(key=lambda row: (row.txn_date, row.number))
        return list(found), OK if found else NOTHING_FOUND

    def _taken(self, row: Txn, sent: Sent) -> bool:
        numbers = {folded(one or "") for one in sent.all("RefNumber")}
        exact = set(sent.all("RefNumberCaseSensitive"))
        if (numbers and folded(row.ref) not in numbers) or (exact and row.ref not in exact):
            return False
        paid = sent.text("TransactionPaidStatusFilter")
        if paid in {"Closed", "Open"} and (self.books.balance(row) == 0) != (paid == "Closed"):
            return False
        changed = sent.sub("TransactionModifiedDateRangeFilter")
        if not self._changed_in(row, changed):
            return False
        return (
            self._of_day(row, sent.sub("TransactionDateRangeFilter"))
            and self._of_entity(row, sent.sub("TransactionEntityFilter"))
            and named_so(row.ref, sent.sub("RefNumberFilter"), "RefNumber")
            and between(row.ref, sent.sub("RefNumberRangeFilter"), "RefNumber")
        )

    def _all_rows(self, row: Row, sent: Sent) -> Answered:
        """The whole of a transaction, its lines, or both."""
        if not isinstance(row, Txn):
            raise NotSimulated("a transaction of that kind")
        level = sent.text("TransactionDetailLevelFilter") or "All"
        lines = (
            [line for line in row.lines if line.amount is not None]
            if isinstance(row, SalesForm)
            else []
        )
        shown: Answered = []
        if level != "AllExceptSummary":
            shown.append(("TransactionRet", self.view.transaction(row)))
        if level != "SummaryOnly":
            shown += [("TransactionRet", self.view.transaction(row, line)) for line in lines]
        return shown

    # What was deleted

    def _deleted(self, sent: Sent, name: str) -> list[Deleted]:
        words = set(sent.all(name))
        times = sent.sub("DeletedDateRangeFilter")
        oldest = self.books.now() - _KEEPS_DELETED
        return [
            one
            for one in self.books.deleted
            if one.word in words
            and one.at >= oldest
            and isinstance(one.row, Txn) == (name == "TxnDelType")
            and in_times(one.at, times, "FromDeletedDate", "ToDeletedDate", self.books.zone)
        ]

    # Parts of several queries

    def _changed_in(self, row: Row, sent: Sent | None) -> bool:
        names = ("FromModifiedDate", "ToModifiedDate")
        return in_times(row.modified, sent, *names, self.books.zone)

    def _wanted(
        self,
        wanted: list[Any],
        known: Mapping[str, Row],
        key: Callable[[str], str] = str,
    ) -> tuple[list[Row], Status]:
        """The rows that are asked for one by one, and the status if some are not there."""
        found = [known[key(one)] for one in dict.fromkeys(wanted) if one and key(one) in known]
        lacking = [one for one in wanted if not one or key(one) not in known]
        if not lacking:
            return found, OK
        if not found and self.books.switches.nothing_by_id == "1":
            return found, NOTHING_FOUND
        return found, some_missing(lacking[0] or "")


def _each(found: Iterable[Row], show: Callable[[Row, Sent], Answered], sent: Sent) -> Answered:
    return [shown for row in found for shown in show(row, sent)]
