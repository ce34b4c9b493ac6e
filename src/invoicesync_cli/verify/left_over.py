"""What one side still has when all of Keap's lists were compared: records that Keap shows no more,
and documents of the ledger that nobody has claimed."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import DocumentKind, InvoiceId, LedgerId, OrderId, PaymentId
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import CHUNK
from invoicesync_cli.verify.books import sale_key
from invoicesync_cli.verify.comparison import Comparison
from invoicesync_cli.verify.differences import HINTS, Difference, Weighed, What, weigh
from invoicesync_cli.verify.payments import MoneyCheck
from invoicesync_cli.verify.sales import SaleCheck
from invoicesync_cli.verify.sides import known_of

KEAP_PAYMENT = re.compile(r"keap-(\d+)")
"""The reference of money whose gateway has none."""


class LeftOver:
    """Settles what the lists have left."""

    def __init__(self, comparison: Comparison, sales: SaleCheck, money: MoneyCheck) -> None:
        self._all = comparison
        self._sales = sales
        self._money = money

    def settle(self) -> None:
        """Records first: what they stand for is nobody else's."""
        part: list[Record] = []
        period = self._all.period
        first, last = period.first or dt.date.min, period.last or dt.date.max
        for record in self._all.state.booked_between(first.isoformat(), last.isoformat()):
            if self._open(record):
                part.append(record)
            if len(part) == CHUNK:
                self._records(part)
                part = []
        self._records(part)
        self._strangers()

    def _open(self, record: Record) -> bool:
        """Whether a record was not compared; of other years nobody looks at the money."""
        invoice = record.kind is DocumentKind.INVOICE
        return (record.kind, record.key) not in self._all.judged and (invoice or self._all.money)

    def _records(self, records: Sequence[Record]) -> None:
        """Ask Keap for what these stand for by ids, many at once."""
        compared = self._all
        orders = [item.key for item in records if item.kind is DocumentKind.INVOICE]
        found = compared.keap.orders_by_id(orders) if orders else []
        self._sales.page(found)
        money = [item for item in records if item.kind is not DocumentKind.INVOICE]
        wanted = {item.document.payment_id for item in money}
        theirs = sorted({item.document.order_id for item in money}, key=int)
        listed = compared.keap.payments_listed(theirs) if theirs else {}
        rows = {ident: row for ident, row in listed.items() if ident in wanted}
        self._money.page(list(rows.values()))
        there = {(order.order_id, "") for order in found}
        there |= {(order, row.id) for row in rows.values() for order in row.order_ids}
        missing = [item for item in records if self._open(item) and _keaps_id(item) not in there]
        compared.books.read_also(item.document for item in missing)
        for record in missing:
            known = known_of(record)
            entry = compared.books.living(record.document.ledger_id)
            if entry:
                compared.books.claim(entry)
            compared.weighed(weigh(None, known, entry), None, record, known, entry)

    # --- documents that nobody has claimed --------------------------------------------------------

    def _strangers(self) -> None:
        compared = self._all
        left = compared.books.left()
        marked = [entry for entry in left if entry.order and entry.kind != "payment"]
        exist = self._orders_in_keap({entry.order for entry in marked if entry.order})
        elsewhere = self._recorded(marked)
        for entry in marked:
            order = entry.order or OrderId("")
            if entry.id in elsewhere:
                continue
            if order not in exist:
                self._found(What.EXTRA, entry, order)
            elif entry.kind == "note" or order in compared.sold or self._sold_elsewhere(order):
                self._found(What.DUPLICATE, entry, order)
        self._money_left([entry for entry in left if entry.kind == "payment"])
        for entry in left:
            if entry.kind == "sale" and not entry.order:
                self._maybe_twice(entry)

    def _orders_in_keap(self, orders: Iterable[OrderId]) -> set[OrderId]:
        known = self._all.orders
        asked = sorted(
            (order for order in orders if order not in known and order.isdigit()), key=int
        )
        found = self._all.keap.orders_by_id(asked) if asked else []
        return known.keys() | {order.order_id for order in found}

    def _recorded(self, entries: Sequence[Listed]) -> set[str]:
        """Those that a record stands for: they belong to another period."""
        found = self._all.state.records_at([entry.id for entry in entries])
        return {record.document.ledger_id for record in found}

    def _sold_elsewhere(self, order: OrderId) -> bool:
        """Whether an order outside the period has its own sale in the ledger."""
        record = self._all.state.record(DocumentKind.INVOICE, order)
        return record is not None and known_of(record).in_ledger

    def _money_left(self, payments: Sequence[Listed]) -> None:
        """Money that bears the mark of one of Keap's payments, and is none of them."""
        elsewhere = self._recorded(payments)
        claimed: dict[str, OrderId] = {ident: order for order, ident in self._all.sold.items()}
        numbered: dict[str, list[tuple[Listed, OrderId]]] = defaultdict(list)
        for entry in payments:
            order = claimed.get(entry.target, entry.order or OrderId(""))
            named = KEAP_PAYMENT.fullmatch(entry.reference)
            if entry.id in elsewhere:
                continue
            if self._all.books.twin(entry):
                self._found(What.DUPLICATE, entry, order)
            elif named and PaymentId(named.group(1)) not in self._all.payments:
                numbered[named.group(1)].append((entry, order))
        asked = sorted(
            {order for found in numbered.values() for _, order in found if order.isdigit()}, key=int
        )
        older = self._all.keap.payments_listed(asked) if asked and self._all.period.first else {}
        for ident, found in numbered.items():
            for entry, order in found if PaymentId(ident) not in older else ():
                self._found(What.EXTRA, entry, order, ident)

    def _maybe_twice(self, entry: Listed) -> None:
        ours = self._all.ours
        order = ours.get(entry.number.casefold()) if entry.number else None
        order = order or ours.get(sale_key(entry))
        if order:
            found = self._difference(What.POSSIBLE_DUPLICATE, entry, order)
            self._all.tally.note([found])

    def _found(self, what: What, entry: Listed, order: OrderId, payment: str = "") -> None:
        """A living document with our mark that Keap has not, or not twice."""
        found = self._difference(what, entry, order, payment)
        month = f"{entry.date:%Y-%m}" if entry.date else ""
        self._all.tally.add(found.kind, month, "", Weighed(None, entry.total))
        self._all.tally.note([found])
        if entry.kind == "payment":
            self._all.add_paid(order, entry.total)

    def _difference(
        self, what: What, entry: Listed, order: OrderId, payment: str = ""
    ) -> Difference:
        return Difference(
            what=what,
            kind=_kind(entry),
            order_id=order,
            invoice_id=self._all.orders.get(order, InvoiceId("")),
            payment_id=payment,
            number=entry.number or entry.reference,
            date=entry.date,
            ledger=f"{entry.total:.2f}",
            ledger_id=LedgerId(entry.id),
            hint=HINTS[what],
        )


def _keaps_id(record: Record) -> tuple[str, str]:
    return record.document.order_id, record.document.payment_id


def _kind(entry: Listed) -> DocumentKind:
    if entry.kind == "sale":
        return DocumentKind.INVOICE
    if entry.kind == "payment":
        return DocumentKind.PAYMENT
    return DocumentKind.REFUND if entry.receipt or "RF-" in entry.number else DocumentKind.CREDIT
