"""Judging: for every invoice of a page, what would be entered in Keap and why, before it is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from invoicesync_cli.fetch.finding import orders_of, products_of
from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import (
    Decision,
    DocumentKind,
    DocumentState,
    KeapProduct,
    LedgerId,
    LedgerSale,
    PersonId,
    marked_order,
    sale_marker,
)
from invoicesync_cli.reverse.documents import fresh, held, made, same_sale, unreadable
from invoicesync_cli.reverse.people import FoundPerson, People
from invoicesync_cli.reverse.planned import PlannedOrder
from invoicesync_cli.state.codec import load
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices.from_ledger import SaleMarks
from invoicesync_cli.transform.contacts import Unclear
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.names import folded
from invoicesync_cli.transform.orders import order_of
from invoicesync_cli.transform.verdicts import Held

NEAR = dt.timedelta(days=1)
"""How far the dates of what is probably the same sale may lie apart."""
STEPS = {
    "pin": "it is pinned in the config",
    "link": "it was matched or created by an earlier run, or bears its number",
    "email": "the only contact in Keap with this e-mail",
    "name": "the only contact in Keap with this first and last name",
    "company-city": "the only contact in Keap with this company and city",
    "created": "nobody in Keap matched, so a contact is created",
}
"""Why a contact in Keap is the right one, by the step that found it (R9, R14)."""


class OrderPlanner:
    """Judges pages of invoices. Reads contacts, products and orders of Keap's only for those that
    are to become an order."""

    def __init__(self, context: RunContext, people: People, first: dt.date) -> None:
        self._state = context.state
        self._keap = context.keap
        self._ledger = context.ledger
        self._preflight = context.preflight
        self._config = context.config
        self._people = people
        self._marks = SaleMarks(context)
        self._first = first
        self._again = context.options.command == "reverse-sync"
        self._products: dict[str, list[KeapProduct]] = {}
        self._orders: dict[PersonId, list[KeapOrder]] = {}

    def judge(self, page: Sequence[LedgerSale]) -> list[PlannedOrder]:
        """A verdict on each invoice that is to become an order, in their order."""
        known = self._known(page)
        plans = []
        for sale in {sale.id: sale for sale in page if sale.id}.values():
            record = known.get(sale.id)
            if record and record.to_keap and not sale.alive:
                self._forget(record)
            elif record and record.to_keap and self._changed(sale, record):
                if load(LedgerSale, record.source).problem and not self._concerns(sale):
                    # It shows only now that it never was one that goes to Keap.
                    self._forget(record)
                    continue
                plans.append(self._fresh(sale, record))
            elif record is None and self._concerns(sale):
                plans.append(self._fresh(sale, None))
        return self._decide(plans)

    def judge_open(self, seen: set[LedgerId]) -> list[PlannedOrder]:
        """A verdict on what earlier runs have left open and this one has not met, by what the
        ledger said of it then. Before any of it is entered the ledger is asked whether it still
        has it; what it does not have is forgotten."""
        records = [
            record
            for record in self._state.sales_open()
            if LedgerId(record.document.ledger_id) not in seen
        ]
        plans = []
        for record in records:
            sale = load(LedgerSale, record.source)
            if self._changed(sale, record):
                plans.append(self._fresh(sale, record))
        return self._still_there(self._decide(plans))

    def _still_there(self, plans: list[PlannedOrder]) -> list[PlannedOrder]:
        there = self._ledger.invoices([plan.sale.id for plan in plans if plan.sends])
        alive = {found.id for found in there.values() if found.alive}
        kept = []
        for plan in plans:
            if not plan.sends or plan.sale.id in alive:
                kept.append(plan)
            elif plan.record:
                self._forget(plan.record)
        return kept

    # --- which invoices are judged at all ---------------------------------------------------------

    def _known(self, page: Iterable[LedgerSale]) -> dict[str, Record]:
        """The records of these invoices by the ledger's id: that of an order goes before that of an
        invoice without one, which then has come to its end."""
        found: dict[str, list[Record]] = {}
        for record in self._state.records_at([sale.id for sale in page]):
            if record.kind is not DocumentKind.INVOICE:
                continue
            found.setdefault(record.document.ledger_id, []).append(record)
        for same in found.values():
            same.sort(key=lambda record: record.to_keap)
            for ended in same[1:]:
                self._forget(ended)
        return {ident: same[0] for ident, same in found.items()}

    def _concerns(self, sale: LedgerSale) -> bool:
        """Whether an invoice without a record is one that goes to Keap: a claim since the start,
        and not one of ours."""
        if not (sale.approved and sale.alive) or marked_order(sale.reference):
            return False
        return sale.date is None or sale.date >= self._first

    def _changed(self, sale: LedgerSale, record: Record) -> bool:
        """Whether a document is to be judged again: while it is open, and not on its way; one that
        was refused only once it has changed, or where somebody asks for it."""
        if not record.state.open or record.state is DocumentState.SENDING:
            return False
        refused = record.state is DocumentState.FAILED
        before = load(LedgerSale, record.source)
        same = replace(sale, updated=None) == replace(before, updated=None)
        return self._again or not (refused and same)

    def _fresh(self, sale: LedgerSale, record: Record | None) -> PlannedOrder:
        ledger = self._marks.ledger
        marker = sale_marker(ledger, sale.number, sale.id, self._marks.organisation)
        return PlannedOrder(sale, fresh(sale, marker), ledger, record)

    def _forget(self, record: Record) -> None:
        with self._state.transaction():
            self._state.forget(record.kind, record.key)

    # --- the verdicts -----------------------------------------------------------------------------

    def _decide(self, plans: list[PlannedOrder]) -> list[PlannedOrder]:
        for plan in plans:
            self._draft(plan)
        drafted = [plan for plan in plans if plan.order]
        answers = self._people.match([plan.sale.contact_id for plan in drafted])
        for plan in drafted:
            plan.answer = answers[plan.sale.contact_id]
            self._give_person(plan)
        for plan in drafted:
            if plan.sends:
                self._look_in_keap(plan)
        return plans

    def _draft(self, plan: PlannedOrder) -> None:
        sale, chosen = plan.sale, self._config.keap.currency
        if sale.problem:
            plan.document = unreadable(plan.document, sale, self._marks.ledger)
            return
        try:
            plan.order = order_of(
                sale,
                self._products_of(sale),
                self._preflight.zone,
                self._preflight.account.currency if chosen == "auto" else chosen,
                self._marks.ledger,
                self._marks.organisation,
                plan.decisions,
            )
        except Held as ground:
            plan.document = held(plan.document, ground.reason, ground.message, ground.hint)
            plan.decisions.append(Decision("state", "held", ground.reason, ground.message))
            return
        currency = plan.document.currency or self._preflight.account.currency
        plan.document = replace(plan.document, state=DocumentState.CREATED, currency=currency)

    def _products_of(self, sale: LedgerSale) -> dict[str, list[KeapProduct]]:
        for sku in {folded(line.sku) for line in sale.lines if line.sku.strip()}:
            if sku not in self._products:
                found = products_of(self._keap, sku)
                self._products[sku] = [one for one in found if folded(one.sku) == sku]
        return self._products

    def _give_person(self, plan: PlannedOrder) -> None:
        answer = plan.answer
        if isinstance(answer, Unclear):
            plan.document = held(plan.document, answer.reason, answer.message, answer.hint)
            plan.decisions.append(Decision("contact", "", "R9", answer.message))
            return
        name, step = plan.sale.contact, "created"
        if isinstance(answer, FoundPerson):
            step = answer.step
            if plan.order:
                plan.order = replace(plan.order, person_id=answer.person.id)
        elif answer:
            name = answer.person.name
        shown = f"{name} ({plan.person_id})" if plan.person_id else name
        plan.decisions.append(Decision("contact", shown, "R14", STEPS[step]))

    def _look_in_keap(self, plan: PlannedOrder) -> None:
        """See whether Keap has the order already: with its marker, or entered by somebody."""
        if not isinstance(plan.answer, FoundPerson) or plan.answer.step == "created":
            return
        person = plan.answer.person.id
        if person not in self._orders:
            self._orders[person] = [
                order for page in orders_of(self._keap, person) for order in page if order.invoice
            ]
        orders = self._orders[person]
        for order in orders:
            if self._marks.sale_of(order) == plan.sale.id:
                plan.there = order
                plan.document = made(plan.document, order)
                return
        alike = [order for order in orders if self._is_alike(order, plan.sale)]
        records = self._state.records(DocumentKind.INVOICE, [order.order_id for order in alike])
        for order in alike:
            record = records.get(order.order_id)
            if not (record and record.document.ledger_id) and not self._marks.sale_of(order):
                plan.document = same_sale(plan.document, order)
                return

    def _is_alike(self, order: KeapOrder, sale: LedgerSale) -> bool:
        invoice = order.invoice
        if invoice is None or sale.date is None or invoice.total != sale.total:
            return False
        return abs(local_date(invoice.order_time, self._preflight.zone) - sale.date) <= NEAR
