"""Reading back what was entered in Keap: whether another machine has made an order of the same
invoice at the same minute (R14).

The lock holds for one machine, and Keap knows no keys. So every order that was made is looked for
by its marker afterwards, as long as the journal says that it was not. The oldest of several stays;
whoever has made a later one holds it until somebody has deleted one of them: the tool deletes
nothing in Keap. None of them goes to the ledger, for all bear the marker.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from invoicesync_cli.fetch.finding import orders_created
from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerId, OrderId, Reason
from invoicesync_cli.reverse.documents import made, twice
from invoicesync_cli.state.journal import JournalEntry
from invoicesync_cli.state.rows import SALE, Record
from invoicesync_cli.sync.adoption import note_other_machine
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices.from_ledger import SaleMarks, found_by_mark

MARGIN = dt.timedelta(days=1)
"""How much earlier than they were made orders are asked for, wherever Keap's own clock stands."""
DONE = {DocumentState.SKIPPED, DocumentState.DISMISSED}
"""States of records of orders that this machine has not made, or has no more to answer for."""
Twins = Mapping[LedgerId, Mapping[OrderId, KeapOrder]]
"""The orders that were made of each invoice."""


class OrderDuplicates:
    """Reads back the orders that this state has made."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._state = context.state
        self._marks = SaleMarks(context)

    def settle(self) -> list[Document]:
        """Read back what was not read back yet; the documents whose outcome is another by it."""
        journal = self._state.journal
        entries = [] if self._context.options.dry_run else journal.unread(orders=True)
        mine = {entry.id: record for entry in entries if (record := self._record(entry))}
        twins = self._in_keap(entries, mine.values()) if mine else {}
        deleted = self._deleted(mine.values(), twins)
        changed: list[Document] = []
        with self._state.transaction():
            for entry in entries:
                found = self._judge(mine[entry.id], twins, deleted) if entry.id in mine else None
                if found and found.document != mine[entry.id].document:
                    changed.append(found.document)
                    self._state.save(found)
                if found is None or found.document.reason is not Reason.AMBIGUOUS:
                    journal.read_back([entry])
        return changed

    def _record(self, entry: JournalEntry) -> Record | None:
        """The record of the order that a batch has made; None for none that counts."""
        (item,) = entry.items
        for record in self._state.records_at([item.removeprefix(SALE)]):
            order = record.kind is DocumentKind.INVOICE and not record.to_keap
            if order and record.reversed and record.state not in DONE:
                return record
        return None

    def _in_keap(self, entries: Sequence[JournalEntry], mine: Iterable[Record]) -> Twins:
        """Which orders Keap has of these invoices."""
        wanted = {LedgerId(record.document.ledger_id) for record in mine}
        zone = self._context.preflight.zone
        # By when they were made or by their date: which of the two Keap goes by is not documented.
        since = min(entry.sent_at for entry in entries)
        dates = [record.document.date for record in mine if record.document.date]
        if dates:
            since = min(since, dt.datetime.combine(min(dates), dt.time(), zone))
        found: dict[LedgerId, dict[OrderId, KeapOrder]] = {}
        for page in orders_created(self._context.keap, since - MARGIN):
            for order in page:
                sale = self._marks.sale_of(order)
                if sale in wanted:
                    found.setdefault(sale, {})[order.order_id] = order
        return found

    def _deleted(self, mine: Iterable[Record], twins: Twins) -> set[str]:
        """The orders that Keap does not have any more, of those that there is another one of."""
        unseen = [
            record.key
            for record in mine
            if (of_sale := twins.get(LedgerId(record.document.ledger_id)))
            and OrderId(record.key) not in of_sale
        ]
        there = self._context.keap.orders_by_id(unseen) if unseen else []
        return set(unseen) - {str(order.order_id) for order in there}

    def _judge(self, record: Record, twins: Twins, deleted: set[str]) -> Record | None:
        """The record as it is from now on."""
        of_sale = twins.get(LedgerId(record.document.ledger_id), {})
        older = [order for key, order in of_sale.items() if int(key) < int(record.key)]
        if not older:
            return self._alone(record, of_sale)
        first = min(older, key=lambda order: int(order.order_id))
        if record.key in deleted:
            return self._replaced(record, first)
        note_other_machine(self._state, self._context.now())
        document = twice(record.document, first)
        return replace(record, document=document, run=self._context.run)

    def _alone(self, record: Record, of_sale: Mapping[OrderId, KeapOrder]) -> Record:
        """The record of the oldest order that there is; a hold for another one ends."""
        order = of_sale.get(OrderId(record.key))
        if order is None or record.document.reason is not Reason.AMBIGUOUS:
            return record
        return replace(record, document=made(record.document, order), run=self._context.run)

    def _replaced(self, record: Record, order: KeapOrder) -> Record:
        """The record of the other machine's order, in place of one that was deleted."""
        self._state.forget(DocumentKind.INVOICE, record.key)
        sale, ledger = LedgerId(record.document.ledger_id), self._marks.ledger
        plan = found_by_mark(order, sale, ledger, self._context.preflight.zone)
        return plan.as_record(self._context.run)
