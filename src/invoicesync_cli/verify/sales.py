"""Keap's orders against the ledger's invoices and sales receipts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import ZERO, DocumentKind, LedgerId, OrderId, PersonId
from invoicesync_cli.state.rows import Record
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.eligibility import before_start
from invoicesync_cli.transform.number import document_number
from invoicesync_cli.verify.books import sale_key
from invoicesync_cli.verify.comparison import Balance, Comparison
from invoicesync_cli.verify.differences import HINTS, Difference, What, of_sale, weigh
from invoicesync_cli.verify.sides import InKeap, Known, known_of, sale_of, unread_sale


class SaleCheck:
    """Takes Keap's orders page by page."""

    def __init__(self, comparison: Comparison) -> None:
        self._all = comparison
        self._contacts: list[tuple[Difference, str, str]] = []

    def page(self, orders: Sequence[KeapOrder]) -> None:
        """Compare those of these orders that belong to the period."""
        compared = self._all
        records, money = _by_order(compared.state.records_of([o.order_id for o in orders], "order"))
        chosen: list[tuple[KeapOrder, InKeap, Record | None]] = []
        for order in orders:
            compared.orders[order.order_id] = order.invoice_id  # type: ignore[assignment]
            record = records.get(order.order_id)
            sale = self._in_keap(order, record)
            if sale is None:
                continue
            compared.scope.add(order.order_id)
            if compared.period.has(sale.date):
                chosen.append((order, sale, record))
        people = [sale.person for _, sale, _ in chosen]
        links = compared.state.links.of(people)
        known = {
            sale.order_id: known_of(record) for _, sale, record in chosen if record is not None
        }
        compared.books.read_also(item.document for item in known.values() if item.in_ledger)
        for order, sale, record in chosen:
            there = self._sale(order, sale, record, known.get(sale.order_id), links)
            if there:
                self._note_balance(
                    sale, known.get(sale.order_id), there, money.get(sale.order_id, ())
                )

    def _in_keap(self, order: KeapOrder, record: Record | None) -> InKeap | None:
        """An order's figures; None for one that is no concern of this tool's."""
        compared = self._all
        if order.invoice is None:
            if record:
                return unread_sale(record.document)
            compared.messages.append(f"Order {order.order_id}: {order.problem}")
            return None
        sync = compared.config.sync
        unsent = sync.mode == "off" or before_start(order.invoice, sync.start, compared.zone)
        if unsent and record is None:
            return None
        return sale_of(order.invoice, local_date(order.invoice.order_time, compared.zone))

    def _sale(
        self,
        order: KeapOrder,
        sale: InKeap,
        record: Record | None,
        known: Known | None,
        links: Mapping[PersonId, LedgerId],
    ) -> Listed | None:
        compared = self._all
        document = known.document if known else None
        number = document.number if document else ""
        if document is None and order.invoice:
            number, _ = document_number(order.invoice, compared.config.invoices)
        totals = {sale.total, document.ledger_total if document else None}
        ident = document.ledger_id if document else ""
        there = compared.books.sale(sale.order_id, ident, number, totals)
        weighed = weigh(sale.total, known, there)
        compared.weighed(weighed, sale, record, known, there)
        if there is None:
            return None
        compared.sold[sale.order_id] = there.id
        compared.ours[sale_key(there)] = compared.ours[there.number.casefold()] = sale.order_id
        if order.invoice and not (known and known.accounts):
            sent = known.sent if known else None
            same = sent is not None and sent.person == sale.person
            contact = (sent.contact_id if sent and same else "") or links.get(
                PersonId(sale.person), ""
            )
            for found in of_sale(sale, known, there, contact, figures=weighed.what is None):
                if found.what is What.CONTACT and contact:
                    self._contacts.append((found, contact, there.contact_id))
                else:
                    compared.tally.note([found])
        return there

    def _note_balance(
        self, sale: InKeap, known: Known | None, there: Listed, money: Iterable[Record]
    ) -> None:
        compared = self._all
        if there.receipt or not compared.money:
            return
        paying = [known_of(record) for record in money if record.kind is not DocumentKind.REFUND]
        booked = [item for item in paying if item.in_ledger]
        # What is dated outside the period is as its record has it.
        inside = (item.document for item in booked if compared.period.has(item.document.date))
        compared.books.read_also(inside)
        paid = sum((self._paid(item) for item in booked), ZERO)
        unsure = any(item.accounts or item.adopted for item in booked)
        given = [item.document for item in booked if item.document.kind is DocumentKind.CREDIT]
        compared.balances[sale.order_id] = Balance(
            order_id=sale.order_id,
            invoice_id=sale.invoice_id,
            date=sale.date,
            number=there.number or (known.document.number if known else ""),
            from_ledger=known is not None and known.from_ledger,
            there=there,
            paid=paid,
            unsure=unsure,
            credits=given,
        )

    def _paid(self, known: Known) -> Decimal:
        document = known.document
        entry = self._all.books.get(document.ledger_id)
        if entry:
            return entry.total if entry.alive else ZERO
        if self._all.period.has(document.date):
            return ZERO
        return known.sent.ledger if known.sent else document.total or ZERO

    def finish(self) -> None:
        """Compare the balances, and contacts once it is known which were merged into others."""
        compared = self._all
        merged: dict[str, str] = {}
        if self._contacts and compared.ledger.capabilities.contacts_whole:
            contacts = compared.ledger.contacts()
            merged = {item.id: item.merged_to for item in contacts if item.merged_to}
        for found, expected, actual in self._contacts:
            if _followed(expected, merged) != actual:
                compared.tally.note([found])
        self._balances()

    def _balances(self) -> None:
        compared = self._all
        customers: dict[str, list[Balance]] = defaultdict(list)
        for item in compared.balances.values():
            paid_there = item.from_ledger and item.beyond < 0
            if item.beyond and not item.unsure and not paid_there:
                customers[item.there.contact_id].append(item)
        for items in customers.values():
            if _credits_moved(items) and compared.applies_credits():
                compared.tally.explained += [credit for item in items for credit in item.credits]
                continue
            for item in items:
                due = f"{item.there.total - item.paid:.2f}"
                shown = f"{item.there.open:.2f}"
                found = Difference(
                    what=What.BALANCE,
                    kind=DocumentKind.INVOICE,
                    order_id=item.order_id,
                    invoice_id=item.invoice_id,
                    number=item.number,
                    date=item.date,
                    keap=due,
                    ledger=shown,
                    ledger_id=item.there.id,
                    hint=HINTS[What.BALANCE],
                )
                compared.tally.note([found])


def _credits_moved(items: Sequence[Balance]) -> bool:
    """Whether a customer's balances differ by nothing but credits of theirs that are on others of
    their invoices."""
    given = (sum((credit.total or ZERO for credit in item.credits), ZERO) for item in items)
    fits = all(item.beyond <= most for item, most in zip(items, given, strict=True))
    return fits and not sum((item.beyond for item in items), ZERO)


def _followed(contact: str, merged: Mapping[str, str]) -> str:
    """The contact that one was merged into in the end."""
    seen = set()
    while contact in merged and contact not in seen:
        seen.add(contact)
        contact = merged[contact]
    return contact


def _by_order(
    records: Iterable[Record],
) -> tuple[dict[OrderId, Record], dict[OrderId, list[Record]]]:
    """The invoices' records by order, and those of their money."""
    invoices: dict[OrderId, Record] = {}
    money: dict[OrderId, list[Record]] = defaultdict(list)
    for record in records:
        order = OrderId(record.document.order_id)
        if record.kind is DocumentKind.INVOICE:
            invoices[order] = record
        else:
            money[order].append(record)
    return invoices, money
