"""Judging: for every order of a chunk, what would be done with it and why, before it is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import (
    ZERO,
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Instalment,
    Invoice,
    LedgerId,
    OrderId,
    OrderMoney,
    Reason,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.contacts import MatchedContacts, contact_of, step_of
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices.adopt import take_up
from invoicesync_cli.sync.invoices.changes import source_of, what_changed
from invoicesync_cli.sync.invoices.documents import (
    at_least,
    decided,
    drafted,
    fresh,
    on_its_way,
    there_already,
    unreadable,
)
from invoicesync_cli.sync.invoices.from_ledger import SaleMarks, found_by_mark
from invoicesync_cli.sync.invoices.outcomes import of_changed, of_held, of_reversed
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.payments.receipts import with_free_payment
from invoicesync_cli.sync.readable import readable, unread_orders
from invoicesync_cli.transform.contacts import Matched, Unclear
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.eligibility import before_start, needs_payments, skip_of
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.paid import paid_of
from invoicesync_cli.transform.verdicts import Held

STEPS = {
    "pin": "it is pinned in the config",
    "link": "it was matched or created by an earlier run",
    "email": "the only ledger contact with one of the person's e-mails",
    "name": "the only ledger contact with this first and last name",
    "company-city": "the only ledger contact with this company and city",
    "created": "nobody in the ledger matched, so a contact is created",
}
"""Why a ledger contact is the right one, by the step that found it (R9)."""


@dataclass
class InvoicePlans:
    """What is to become of a chunk of orders, and what was learned of them on the way.

    `touched` are the orders that are new or changed, with what is paid on each, `unpaid` those of
    them that are not paid in full; about the `unchanged` ones there is nothing new. `instalments`
    are those of every order, none for most.
    """

    plans: list[PlannedInvoice] = field(default_factory=list)
    touched: dict[str, str] = field(default_factory=dict)
    unpaid: dict[str, Invoice] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    instalments: dict[str, tuple[Instalment, ...]] = field(default_factory=dict)


class InvoicePlanner:
    """Judges chunks of orders. Reads payments, contacts and lists only as far as verdicts hang on
    them."""

    def __init__(
        self,
        context: RunContext,
        matched: MatchedContacts,
        adoption: Adoption,
    ) -> None:
        self._matched = matched
        self._state = context.state
        self._keap = context.keap
        self._ledger = context.ledger
        self._preflight = context.preflight
        self._adoption = adoption
        self._config = context.config
        self._options = context.options
        self._now = context.now
        self._marks = SaleMarks(context)
        self._payments: dict[OrderId, OrderMoney] = {}
        self.renewed: set[str] = set()
        """The orders of the last chunk of which that is sent again what was taken back."""

    def judge(self, chunk: Sequence[KeapOrder]) -> InvoicePlans:
        """A verdict for each order that has something to report or to do, in their order."""
        self._payments = {}
        self._matched.next_chunk()
        self._adoption.taken = {}
        self.renewed.clear()
        records = self._state.records(DocumentKind.INVOICE, [order.order_id for order in chunk])
        found = InvoicePlans()
        plans: list[PlannedInvoice] = []
        todo: list[PlannedInvoice] = []
        for order in chunk:
            record = records.get(order.order_id)
            if order.invoice:
                found.instalments[order.order_id] = order.invoice.instalments
            named = self._options.named or (self._options.ranged and self._in_range(order))
            if named and self._options.sends_undone:
                self.renewed.add(order.order_id)
            if named or record is None or self._changed(order, record):
                found.touched[order.order_id] = paid_of(order.invoice) if order.invoice else ""
                if order.invoice and order.invoice.total_paid < order.invoice.total:
                    found.unpaid[order.order_id] = order.invoice
            early = self._early(order, record)
            if early:
                plans.append(early)
            elif self._again(order, record):
                todo.append(PlannedInvoice(order, fresh(order, self._preflight.zone), record))
            elif record and self._in_range(order):
                found.unchanged.add(order.order_id)
        if todo:
            self._decide(todo)
            self._adopt(todo)
        self._verify([plan for plan in plans if plan.verify])
        found.plans = sorted(plans + todo, key=lambda plan: int(plan.order.order_id))
        return found

    # --- which orders are judged at all ---------------------------------------------------------

    def _early(self, order: KeapOrder, record: Record | None) -> PlannedInvoice | None:
        """A verdict that needs no judging: on its way, before the start, or there already."""
        options, invoice, start = self._options, order.invoice, self._config.sync.start
        sale = None if record else self._marks.sale_of(order)
        if sale:
            return found_by_mark(order, sale, self._marks.ledger, self._preflight.zone)
        if record and record.state is DocumentState.SENDING:
            return PlannedInvoice(order, on_its_way(record), record, recorded=False)
        if record and record.state is DocumentState.UNDONE:
            left = options.named and not options.sends_undone
            return PlannedInvoice(order, record.document, record, recorded=False) if left else None
        if record and record.document.ledger_id:
            return self._sent_before(order, record)
        if options.named:
            dismissed = record is not None and record.state is DocumentState.DISMISSED
            if record and dismissed and DocumentState.DISMISSED not in options.again:
                return PlannedInvoice(order, record.document, record, recorded=False)
            return None
        if record or invoice is None or not before_start(invoice, start, self._preflight.zone):
            return None
        if not (options.ranged and self._in_range(order)):
            return None
        document = replace(
            fresh(order, self._preflight.zone),
            state=DocumentState.SKIPPED,
            reason=Reason.BEFORE_START,
            message=f"It lies before sync.start ({start}).",
            hint=f"invoicesync sync-id {order.invoice_id} sends it all the same.",
        )
        return PlannedInvoice(order, document, recorded=False)

    def _sent_before(self, order: KeapOrder, record: Record) -> PlannedInvoice | None:
        """A verdict on what is in the ledger already; None when it is to be made anew."""
        if self._options.named and self._options.recreate and not record.reversed:
            there = self._ledger.invoices([LedgerId(record.document.ledger_id)])
            if not any(found.alive for found in there.values()):
                return None
        if record.state.open and record.reversed and not _agrees(record.document):
            # Whichever side is corrected, the hold ends once both agree.
            return PlannedInvoice(order, record.document, record, verify=True)
        changed = what_changed(record.source, source_of(order.invoice)) if order.invoice else ""
        if record.document.reason is Reason.TOTALS_DIFFER and record.adopted:
            # It never was what Keap had; whoever corrects Keap lets `adopt` look at it again.
            changed = ""
        dismissed = record.state is DocumentState.DISMISSED
        if changed and not (dismissed and changed == record.document.noticed):
            return PlannedInvoice(order, of_changed(record.document, changed), record)
        if record.state.open:
            return PlannedInvoice(order, record.document, record, verify=True)
        if not self._options.named:
            return None
        retried = self._options.command == "retry"
        document = there_already(record, alive=self._options.recreate, retried=retried)
        return PlannedInvoice(order, document, record, recorded=False)

    def _verify(self, plans: Sequence[PlannedInvoice]) -> None:
        """Look again at documents that the ledger has, but not as they should be."""
        unclear = unread_orders(self._state)
        held = {
            LedgerId(plan.record.document.ledger_id): plan
            for plan in plans
            if plan.record and plan.record.document.ledger_id and plan.record.key not in unclear
        }
        if not held:
            return
        found, unread = readable(self._ledger.invoices, held)
        if len(found) + len(unread) < len(held):
            # In another organisation nothing would be found.
            self._preflight.check_organisation()
        for ledger_id, plan in held.items():
            if ledger_id in unread:
                continue
            draft = plan.record.invoice_draft if plan.record else None
            there = found.get(ledger_id)
            if plan.record and plan.record.reversed:
                total = plan.order.invoice.total if plan.order.invoice else None
                plan.document = of_reversed(plan.document, total, there)
            elif draft:
                adopted = plan.record is not None and plan.record.adopted
                plan.document = of_held(plan.document, draft.expected, there, adopted=adopted)

    def _again(self, order: KeapOrder, record: Record | None) -> bool:
        if self._options.named:
            return True
        if record is None:
            start, invoice = self._config.sync.start, order.invoice
            outside = invoice and before_start(invoice, start, self._preflight.zone)
            return self._in_range(order) and not outside
        named = self._options.ranged and self._in_range(order)
        if record.state is DocumentState.UNDONE:
            return named
        if record.document.ledger_id:
            return False
        if record.state is DocumentState.SKIPPED:
            return named or self._changed(order, record)
        return record.state.open

    def _in_range(self, order: KeapOrder) -> bool:
        options, invoice = self._options, order.invoice
        if invoice is None:
            return True
        if options.since_id and not at_least(invoice.invoice_id, options.since_id):
            return False
        day: date = local_date(invoice.order_time, self._preflight.zone)
        if options.since_date and day < options.since_date:
            return False
        return not (options.until_date and day > options.until_date)

    def _judged_before(self, plan: PlannedInvoice) -> bool:
        """Whether only the ledger can have changed since the order was judged last.

        Its payments matter then only if it is to be sent now.
        """
        return plan.record is not None and not self._changed(plan.order, plan.record)

    @staticmethod
    def _changed(order: KeapOrder, record: Record) -> bool:
        invoice = order.invoice
        if invoice is None:
            return False
        return record.source != source_of(invoice) or record.paid != paid_of(invoice)

    # --- the verdicts ---------------------------------------------------------------------------

    def _decide(self, todo: list[PlannedInvoice]) -> None:
        """Judge by the lists that are at hand, and again by fresh ones where a verdict needs it."""
        self._read_payments(
            plan for plan in todo if needs_payments(self._config) or not self._judged_before(plan)
        )
        while True:
            for plan in todo:
                self._draft(plan)
            self._match([plan for plan in todo if plan.sends])
            reasons = {plan.document.reason for plan in todo if plan.by_ledger}
            stale = self._preflight.stale(reasons, sends=any(plan.sends for plan in todo))
            if not stale:
                break
            self._preflight.refresh(stale)
        wanting = any(plan.draft and plan.draft.needs_item for plan in todo if plan.sends)
        if wanting and not self._options.dry_run:
            self._preflight.make_item()
        for plan in todo:
            if self._judged_before(plan):
                self._keep_refusal(plan)
        sending = [plan for plan in todo if plan.sends]
        self._read_payments(sending)
        for plan in sending:
            self._draft(plan)
        self._match([plan for plan in sending if plan.sends])
        for plan in sending:
            self._keep_refusal(plan)

    def _read_payments(self, plans: Iterable[PlannedInvoice]) -> None:
        wanted = {
            plan.order.order_id: plan.order.invoice.total_paid if plan.order.invoice else ZERO
            for plan in plans
            if plan.order.order_id not in self._payments
        }
        if wanted:
            found = self._keap.payments_of(list(wanted), wanted)
            self._payments |= found
            if self._preflight.rules().ledger.receipts:
                self._preflight.know_merchants(
                    item for money in found.values() for item in money.payments
                )

    def _draft(self, plan: PlannedInvoice) -> None:
        """Judge one order as far as its contact."""
        invoice, rules = plan.order.invoice, self._preflight.rules()
        plan.draft, plan.match, plan.decisions, plan.by_ledger = None, None, [], True
        if invoice is None:
            plan.document = unreadable(plan.order, self._preflight.zone)
            return
        money = self._payments.get(invoice.order_id, OrderMoney())
        named = self._options.command == "sync-id"
        out = skip_of(invoice, money.payments, self._config, named=named)
        if out:
            plan.decisions = [Decision("state", out.state, "R8", out.message)]
            plan.document = replace(
                fresh(plan.order, self._preflight.zone),
                state=out.state,
                reason=out.reason,
                message=out.message,
                hint=out.hint,
            )
            return
        try:
            draft = make_draft(invoice, money.payments, rules, plan.decisions)
            plan.draft = with_free_payment(
                draft, plan.record, self._state, plan.decisions, money.unreadable
            )
        except Held as ground:
            plan.by_ledger = ground.by_ledger
            known = decided(fresh(plan.order, self._preflight.zone), plan.decisions)
            plan.document = known.held(ground.reason, ground.message, ground.hint)
            plan.decisions.append(
                Decision("state", DocumentState.HELD, ground.reason, ground.message)
            )
            return
        plan.document = drafted(plan.draft, invoice)

    def _match(self, plans: Sequence[PlannedInvoice]) -> None:
        if not plans:
            return
        matches = self._matched.match([plan.order.person for plan in plans])
        for plan in plans:
            match = matches[plan.order.person.id]
            plan.match = match
            if isinstance(match, Unclear):
                plan.document = plan.document.held(match.reason, match.message, match.hint)
                plan.decisions.append(Decision("contact", "", "R9", match.message))
                continue
            if plan.draft and isinstance(match, Matched) and not self._matched.to_create(match):
                plan.draft = plan.draft.with_contact(LedgerId(match.contact.id))
            name = contact_of(match)
            plan.document = replace(plan.document, contact=name or plan.document.contact)
            plan.decisions.append(Decision("contact", name, "R9", STEPS[step_of(match)]))

    def _adopt(self, plans: Sequence[PlannedInvoice]) -> None:
        """Take up what the ledger has of these orders, before anything is sent for them."""
        sending = [plan.match for plan in plans if plan.sends]
        if not (sending and self._matched.strangers(sending)):
            self._adoption.look()
        found = self._adoption.invoices(plan.order.order_id for plan in plans)
        self._adoption.taken = {item.id: item for there in found.values() for item in there}
        sent = self._state.journal.invoices_sent(found)
        for plan in plans:
            there = found.get(plan.order.order_id, ())
            if there and (not self._options.recreate or any(item.alive for item in there)):
                money = self._payments.get(plan.order.order_id, OrderMoney())
                skip = self._config.invoices.skip_synced
                rules = self._preflight.rules()
                take_up(plan, there, money.payments, rules, sent=sent, skip_synced=skip)

    def _keep_refusal(self, plan: PlannedInvoice) -> None:
        """Leave a document alone that the ledger refused for what it is, until that has changed;
        and one that it may have, until somebody has said which it is."""
        record = plan.record
        if not record:
            return
        if record.state is DocumentState.HELD and record.document.reason is Reason.AMBIGUOUS:
            plan.document = record.document
            return
        if self._options.tries_refused:
            return
        if (
            record.state is not DocumentState.FAILED
            and record.document.reason is not Reason.TAX_CODE_UNKNOWN
        ):
            return
        if plan.draft and plan.sends and self._same(plan, record):
            plan.document = record.document

    def _same(self, plan: PlannedInvoice, record: Record) -> bool:
        """Whether the draft is the one that was refused.

        Without a change in Keap its payments are not read, and what hangs on them is as it was.
        """
        before, now = record.invoice_draft, plan.kept_draft
        if before and now and plan.order.order_id not in self._payments:
            before = replace(before, due_date=now.due_date, receipt=now.receipt)
        return before == now


def _agrees(document: Document) -> bool:
    """Whether what the ledger has of a document comes to what Keap has of it."""
    return not document.ended and document.total == document.ledger_total
