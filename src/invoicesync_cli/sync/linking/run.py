"""One adoption: read what Keap and the ledger have, find what belongs together, write it down.

Nothing is sent to either side. Keap's orders are read as a run reads them, the ledger's side as
lists of the period. An order becomes known with all of its money in one transaction, so that an
adoption that was interrupted goes on and ends the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    Invoice,
    LedgerId,
    OrderId,
    OrderMoney,
    Reason,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.adoption import ADOPTING, SEEN, Adoption
from invoicesync_cli.sync.contacts import MatchedContacts
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.invoices.adopt import draft_of
from invoicesync_cli.sync.invoices.documents import fresh
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.linking import verdicts
from invoicesync_cli.sync.linking.candidates import Candidates
from invoicesync_cli.sync.linking.payments import linked
from invoicesync_cli.sync.linking.sales import Hit, OrderQuery, hits
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.payments.changes import source_of
from invoicesync_cli.sync.recover import recover
from invoicesync_cli.sync.result import Result
from invoicesync_cli.sync.run import RunResources, new_name, recorded
from invoicesync_cli.sync.scan import READING_ORDERS
from invoicesync_cli.transform.allocations import OrderPayments, shares_of
from invoicesync_cli.transform.contacts import Matched
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.eligibility import before_start
from invoicesync_cli.transform.number import document_number

SLACK = timedelta(days=31)
"""How long before the first order a document may be dated that is found by its number."""


def adopt(resources: RunResources, options: Options) -> Result:
    """Link what the ledger has. Raises what ends it early, with the result so far as `partial`."""
    result = Result(new_name(resources), dry_run=options.dry_run)
    recorded(resources, options, result, lambda context, found: _Adopting(context, found).go())
    return result


@dataclass
class _Order:
    """An order that nothing in the ledger is known to be, with what is needed to find it there."""

    order: KeapOrder
    invoice: Invoice
    draft: Draft
    record: Record | None
    match: Matched | None = None
    money: OrderMoney = field(default_factory=OrderMoney)

    @property
    def contact_id(self) -> LedgerId | None:
        """Its buyer in the ledger."""
        return LedgerId(self.match.contact.id) if self.match else None

    @property
    def contact(self) -> str:
        """What its buyer is called."""
        return self.match.contact.name if self.match else self.invoice.buyer


class _Adopting:
    """One adoption's parts."""

    def __init__(self, context: RunContext, result: Result) -> None:
        self._context = context
        self._state = context.state
        self._options = context.options
        self._result = result
        self._matched = MatchedContacts(context)
        self._adoption = Adoption(context)
        self._other_tax = 0

    def go(self) -> None:
        """Do everything that was asked for."""
        context, preflight = self._context, self._context.preflight
        context.progress.phase(f"Reading {context.ledger_title}'s settings")
        preflight.check_organisation()
        if not self._options.dry_run:
            context.report(recover(self._state, context.ledger, context.run, context.progress))
            self._state.set_meta(ADOPTING, context.now().isoformat())
        self._link_all()
        if not self._options.dry_run:
            self._state.set_meta(ADOPTING, "")

    def _link_all(self) -> None:
        """Link what the ledger has, and say what it does not have."""
        context, preflight = self._context, self._context.preflight
        self._result.currency = preflight.account.currency
        preflight.refresh(preflight.stale((), sends=True))
        orders = self._read_orders()
        if not orders:
            return
        there = self._read_ledger(orders)
        self._adoption.look()
        found = hits([self._query(item) for item in orders.values()], self._marked(orders), there)
        ids = sorted(orders, key=int)
        for start in range(0, len(ids), CHUNK):
            self._write([orders[ident] for ident in ids[start : start + CHUNK]], found, there)
        if self._other_tax:
            self._result.messages.append(
                f"The tax of {self._other_tax:,} of them is not what the rules come to: it stays "
                "as it is in the ledger. invoicesync log says of which."
            )
        missing = len(orders) - len(found)
        if missing:
            self._result.messages.append(
                f"Nothing in {context.ledger_title} could be {missing:,} of {len(orders):,} "
                "invoices: these are left to sync."
            )

    # --- what is read -----------------------------------------------------------------------------

    def _read_orders(self) -> dict[OrderId, _Order]:
        """The orders of the period that nothing in the ledger is known to be, with their buyers."""
        self._context.progress.phase(READING_ORDERS)
        rules = self._context.preflight.rules()
        found: dict[OrderId, _Order] = {}
        for page in self._context.keap.orders_after(0):
            self._context.progress.advance(len(page))
            records = self._state.records(DocumentKind.INVOICE, [item.order_id for item in page])
            for order in page:
                invoice, record = order.invoice, records.get(order.order_id)
                if invoice is None or not self._in_range(invoice):
                    continue
                if record and not _is_open(record):
                    self._result.leave([order.order_id])
                    continue
                draft = draft_of(invoice, (), rules, [])
                if draft:
                    found[OrderId(order.order_id)] = _Order(order, invoice, draft, record)
        self._match(sorted(found.values(), key=lambda item: int(item.order.order_id)))
        return found

    def _in_range(self, invoice: Invoice) -> bool:
        options, zone = self._options, self._context.preflight.zone
        day = local_date(invoice.order_time, zone)
        if options.until_date and day > options.until_date:
            return False
        if options.since_date:
            return day >= options.since_date
        return not before_start(invoice, self._context.config.sync.start, zone)

    def _match(self, orders: Sequence[_Order]) -> None:
        """Find the buyers in the ledger; nobody who would have to be created is one."""
        for start in range(0, len(orders), CHUNK):
            part = orders[start : start + CHUNK]
            self._matched.next_chunk()
            matches = self._matched.match([item.order.person for item in part])
            for item in part:
                match = matches[item.order.person.id]
                if isinstance(match, Matched) and not self._matched.to_create(match):
                    item.match = match

    def _read_ledger(self, orders: Mapping[OrderId, _Order]) -> Candidates:
        context = self._context
        context.progress.phase(f"Reading {context.ledger_title}'s documents")
        first = min(item.draft.date for item in orders.values()) - SLACK
        if not self._state.sent_invoices():
            # What becomes of all that is read now, the next sync learns from the list of changes.
            server = context.ledger.usage.server_time or context.now()
            self._state.set_meta(SEEN, min(server, context.now()).isoformat())
        ours = {LedgerId(item.record.document.ledger_id) for item in orders.values() if item.record}
        return Candidates(context.ledger.listed(first, None, money=True), self._state, ours)

    def _marked(self, orders: Mapping[OrderId, _Order]) -> dict[OrderId, list[Listed]]:
        """The living documents that bear the markers of these orders."""
        return {
            order: living
            for order, documents in self._adoption.invoices(orders).items()
            if (
                living := [
                    Listed(
                        kind="sale",
                        id=item.id,
                        total=item.total,
                        alive=True,
                        date=item.date,
                        number=item.number,
                        currency=item.currency,
                        tax=item.tax,
                        open=item.due,
                        contact_id=item.contact_id,
                        receipt=item.receipt,
                    )
                    for item in documents
                    if item.alive
                ]
            )
        }

    def _query(self, item: _Order) -> OrderQuery:
        invoice, draft = item.invoice, item.draft
        forms = [self._options.number] if self._options.number else ["{order}", "{invoice}"]
        numbers = [
            form.format(order=invoice.order_id, invoice=invoice.invoice_id) for form in forms
        ]
        if not self._options.number:
            numbers.insert(0, document_number(invoice, self._context.config.invoices)[0])
        return OrderQuery(
            OrderId(item.order.order_id),
            item.contact_id,
            draft.expected_total,
            draft.currency,
            draft.date,
            tuple(dict.fromkeys(numbers)),
        )

    # --- what is written --------------------------------------------------------------------------

    def _write(
        self, orders: Sequence[_Order], found: Mapping[OrderId, Hit], there: Candidates
    ) -> None:
        """Make records of what was found of these orders, with their money."""
        hit = [item for item in orders if OrderId(item.order.order_id) in found]
        self._read_money([item for item in hit if found[OrderId(item.order.order_id)].only])
        known: dict[str, list[Record]] = defaultdict(list)
        for record in self._state.records_of([item.order.order_id for item in hit], "order"):
            known[record.document.order_id].append(record)
        with self._state.transaction():
            for item in orders:
                one = found.get(OrderId(item.order.order_id))
                if one:
                    self._adopt(item, one, known[item.order.order_id], there)
                elif item.record and _held_before(item.record):
                    self._save(
                        replace(
                            item.record,
                            document=verdicts.released(item.record.document),
                            run=self._context.run,
                        )
                    )

    def _read_money(self, orders: Sequence[_Order]) -> None:
        if not orders:
            return
        self._context.progress.phase("Reading Keap's payments")
        paid = {OrderId(item.order.order_id): item.invoice.total_paid for item in orders}
        payments = self._context.keap.payments_of(list(paid), paid)
        for item in orders:
            item.money = payments[OrderId(item.order.order_id)]

    def _adopt(self, item: _Order, hit: Hit, known: Sequence[Record], there: Candidates) -> None:
        """The record of an order, and of its money as far as the ledger has it."""
        plan = PlannedInvoice(
            item.order, fresh(item.order, self._context.preflight.zone), item.record
        )
        rules = self._context.preflight.rules()
        draft = draft_of(item.invoice, item.money.payments, rules, plan.decisions) or item.draft
        verdicts.judge(plan, draft, item.invoice, hit, item.contact)
        self._save(plan.as_record(self._context.run))
        sale = hit.only
        if sale is None or sale.currency not in {"", draft.currency}:
            return
        self._other_tax += sale.total == draft.expected_total and sale.tax != draft.expected_tax
        self._link(item, sale)
        order = OrderPayments(
            order_id=OrderId(item.order.order_id),
            invoice_id=item.invoice.invoice_id,
            currency=item.invoice.currency,
            invoice=plan.document,
            booked=None,
            payments=item.money.payments,
            known=_settled(known),
            unreadable=item.money.unreadable,
        )
        found = linked(
            order,
            there.payments(sale.id),
            there.notes(sale.contact_id, order.order_id),
            rules,
            settled=not sale.open,
        )
        for one in found:
            if one.there and one.there.kind == "note":
                there.take(one.there)
            self._save(
                Record(
                    one.share.kind,
                    one.share.key,
                    one.document,
                    source=source_of(one.share),
                    run=self._context.run,
                )
            )
        shares = {share.key for share in shares_of(order, rules)}
        if shares <= {*order.known, *(one.share.key for one in found)}:
            # Otherwise the next sync looks at this order's money, however old it is.
            self._state.note_money([item.order.order_id])

    def _save(self, record: Record) -> None:
        before = self._state.record(record.kind, record.key)
        if before is None or before.document != record.document:
            self._state.save(record)
        self._context.report([record.document])

    def _link(self, item: _Order, sale: Listed) -> None:
        """Remember the buyer's contact, where the document is on that."""
        person = item.order.person.id
        known = self._state.links.of([person]).get(person)
        contact = LedgerId(sale.contact_id)
        if item.match and item.contact_id == contact != known:
            self._state.links.put(person, contact, item.match.step, self._context.run)


def _is_open(record: Record) -> bool:
    """Whether what is on record of an order leaves open what of it is in the ledger."""
    if record.state is DocumentState.SENDING or not record.state.open:
        return False
    return not record.document.ledger_id or _held_before(record)


def _held_before(record: Record) -> bool:
    """Whether an earlier adoption has found something that was not clear."""
    unclear = record.document.reason in {Reason.AMBIGUOUS, Reason.TOTALS_DIFFER}
    return record.state is DocumentState.HELD and unclear and record.adopted


def _settled(records: Sequence[Record]) -> dict[str, Document]:
    """The money of an order that needs no look: booked, on its way, or dismissed."""
    ended = {DocumentState.SENDING, DocumentState.DISMISSED}
    return {
        record.key: record.document
        for record in records
        if record.kind is not DocumentKind.INVOICE
        and (record.document.ledger_id or record.state in ended)
    }
