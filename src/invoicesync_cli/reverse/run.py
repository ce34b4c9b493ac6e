"""The way back on one screen: settle what is open, go through the ledger's invoices by pages."""

import datetime as dt
from collections.abc import Sequence

from invoicesync_cli.fetch.finding import orders_created
from invoicesync_cli.model import Document, DocumentKind, LedgerId, LedgerSale, PersonId
from invoicesync_cli.reverse.documents import left_over
from invoicesync_cli.reverse.duplicates import OrderDuplicates
from invoicesync_cli.reverse.people import People
from invoicesync_cli.reverse.plan import OrderPlanner
from invoicesync_cli.reverse.planned import PlannedOrder
from invoicesync_cli.reverse.recover import recover
from invoicesync_cli.reverse.scan import Scan
from invoicesync_cli.reverse.send import OrderSender
from invoicesync_cli.reverse.writer import KeapWriter
from invoicesync_cli.state.codec import load
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.invoices.changes import InvoiceSource
from invoicesync_cli.sync.invoices.from_ledger import SaleMarks, found_by_mark
from invoicesync_cli.sync.ledger_check import LedgerCheck
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.result import Result
from invoicesync_cli.sync.run import RunResources, new_name, recorded

LOOKED = "reverse_looked"
"""From which day on Keap was asked for orders that were made of invoices (ISO); blank for never."""
MARGIN = dt.timedelta(days=1)
"""How much earlier than that day orders are asked for, wherever Keap's own clock stands."""


def reverse(resources: RunResources, options: Options) -> Result:
    """One run of this direction alone. Raises what ends it early, with the result so far as
    `partial` on the error."""
    result = Result(new_name(resources), dry_run=options.dry_run)
    recorded(resources, options, result, lambda context, found: _Run(context, found).alone())
    return result


def also(context: RunContext, result: Result) -> None:
    """This direction as a part of a run that has gone the other way before, where that is set."""
    if context.config.reverse.enabled:
        forward = context.config.sync.mode != "off"
        run = _Run(context, result)
        if forward:
            run.go()
        else:
            run.alone()


class _Run:
    """One run's parts and its budget of orders."""

    def __init__(self, context: RunContext, result: Result) -> None:
        self._context = context
        self._state = context.state
        self._result = result
        self._scan = Scan(context)
        self._people = People(context)
        self._writer = KeapWriter(context.keap, context.now)
        self._planner = OrderPlanner(context, self._people, self._scan.first)
        self._sender = OrderSender(context, self._people, self._writer)
        self._stopped = False
        self._left = context.config.sync.max_invoices or None

    def alone(self) -> None:
        """Do everything, and see what became in the ledger of what was done before."""
        context = self._context
        context.progress.phase(f"Reading {context.ledger_title}'s settings")
        context.preflight.check_organisation()
        context.progress.phase(f"Looking for changes in {context.ledger_title}")
        context.report(LedgerCheck(context, Adoption(context)).look())
        self.go()

    def go(self) -> None:
        """Read what is new in the ledger, and enter it in Keap."""
        context = self._context
        context.preflight.check_organisation()
        self._result.currency = context.preflight.account.currency
        if not context.options.dry_run:
            context.report(list(recover(context, self._writer)))
        self._look()
        seen: set[LedgerId] = set()
        for page in self._scan.pages():
            seen.update(sale.id for sale in page)
            self._link_known(page)
            self._report_nameless(page)
            self._carry_out(self._planner.judge(page))
            self._scan.done(page)
        self._carry_out(self._planner.judge_open(seen))
        context.report(OrderDuplicates(context).settle())
        if self._stopped:
            limit = context.config.sync.max_invoices
            self._result.messages.append(
                f"Stopped after {limit} orders (sync.max_invoices); the next run goes on."
            )

    def _carry_out(self, plans: Sequence[PlannedOrder]) -> None:
        for start in range(0, len(plans), CHUNK):
            part = plans[start : start + CHUNK]
            for plan in part:
                if plan.sends and self._left == 0:
                    plan.document = left_over(plan.document)
                    self._stopped = True
                elif plan.sends and self._left:
                    self._left -= 1
            self._sender.send(part)
            self._context.report(plan.document for plan in part)

    def _report_nameless(self, page: Sequence[LedgerSale]) -> None:
        for sale in page:
            if not sale.id:
                self._result.messages.append(
                    f"An invoice in {self._context.ledger_title} cannot be read: {sale.problem}."
                )

    # --- what a lost state does not know ----------------------------------------------------------

    def _look(self) -> None:
        """Ask Keap once for the orders that were made of invoices, so that a state that was lost
        makes none of them again."""
        first = self._scan.first.isoformat()
        looked = self._state.get_meta(LOOKED)
        if looked and looked <= first:
            return
        context, marks = self._context, SaleMarks(self._context)
        context.progress.phase("Looking for orders of invoices in Keap")
        zone = context.preflight.zone
        since = dt.datetime.combine(self._scan.first, dt.time(), zone) - MARGIN
        for page in orders_created(context.keap, since):
            known = self._state.records(DocumentKind.INVOICE, [one.order_id for one in page])
            found: list[Document] = []
            with self._state.transaction():
                for order in page:
                    sale = marks.sale_of(order)
                    if sale and order.order_id not in known:
                        plan = found_by_mark(order, sale, marks.ledger, zone)
                        self._state.save(plan.as_record(context.run))
                        found.append(plan.document)
            context.report(found)
        self._state.set_meta(LOOKED, first)

    def _link_known(self, page: Sequence[LedgerSale]) -> None:
        """Remember the contacts of orders that were found by their marker."""
        contacts = {sale.id: sale.contact_id for sale in page if sale.contact_id}
        links = self._state.links
        with self._state.transaction():
            for record in self._state.records_at(contacts):
                if not record.reversed or record.to_keap or not record.source:
                    continue
                person = PersonId(load(InvoiceSource, record.source).contact)
                contact = contacts[LedgerId(record.document.ledger_id)]
                if person and not links.of([person]) and not links.people_of([contact]):
                    links.put(person, contact, "link", self._context.run)
