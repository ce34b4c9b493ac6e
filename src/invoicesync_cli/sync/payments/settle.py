"""The money side of a run: read, judged, sent and written down, a thousand orders at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from invoicesync_cli.model import Document, DocumentKind, DocumentState, PaymentId
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.payments.as_planned import check_payments
from invoicesync_cli.sync.payments.documents import without_payment
from invoicesync_cli.sync.payments.due import OrderSet, due_orders
from invoicesync_cli.sync.payments.plan import PaymentPlanner
from invoicesync_cli.sync.payments.planned import PlannedPayment
from invoicesync_cli.sync.payments.read import PaymentReader
from invoicesync_cli.sync.payments.send import PaymentSender
from invoicesync_cli.transform.allocations import OrderPayments

READING_PAYMENTS = "Reading Keap's payments"


class PaymentSettler:
    """Settles the money of orders, each once in a run. `read_back` looks at what was sent."""

    def __init__(
        self,
        context: RunContext,
        made: Mapping[str, bool],
        renewed: Collection[str],
        adoption: Adoption,
        read_back: Callable[[], list[Document]],
    ) -> None:
        self._context = context
        self._state = context.state
        self._reader = PaymentReader(context, made, renewed, adoption)
        self._planner = PaymentPlanner(context, self._reader)
        self._sender = PaymentSender(context)
        self._read_back = read_back
        self._left = context.config.sync.max_payments or None
        self.left_over = False
        """Whether there were orders that the budget of payments left no look at."""
        self._done = OrderSet()
        self._voided: set[PaymentId] = set()

    def settle(self, order_ids: Iterable[str]) -> None:
        """Book what is due on these orders, each once in a run.

        What the budget of payments leaves over is recorded as new: the next run goes on there.
        """
        wanted = [order for order in dict.fromkeys(order_ids) if order not in self._done]
        self._done.update(wanted)
        for start in range(0, len(wanted), CHUNK):
            if self._left == 0:
                self.left_over = True
                return
            self._context.report(self._settle(wanted[start : start + CHUNK]))
            self._context.report(self._read_back())

    def settle_open(self, since: datetime) -> None:
        """Book the money that came without its order having changed (R10)."""
        self._context.progress.phase(READING_PAYMENTS)
        self._voided = self._context.keap.voided_since(since)
        self.settle(due_orders(self._context, since, self._voided, self._done))

    def _settle(self, order_ids: Sequence[str]) -> list[Document]:
        self._context.progress.phase(READING_PAYMENTS)
        self._reader.credited = False
        orders, plans = self._read(order_ids)
        adopted = self._reader.adopted
        # Another machine that looks for a credit note finds it by number and marker, whichever
        # invoice it is on. So none goes out for an invoice that may still have to give way.
        if any(plan.draft and plan.draft.note for plan in plans) and (changed := self._read_back()):
            self._context.report(changed)
            orders, plans = self._read(order_ids)
            adopted = [*adopted, *self._reader.adopted]
        credited = self._credits_first(plans)
        if credited:
            # They may be on any invoice of their customers now: what is due is asked for again.
            self._reader.credited = True
            orders, plans = self._read(order_ids)
            known = {plan.key for plan in credited}
            plans = [plan for plan in plans if plan.key not in known]
        self._leave_over(plans)
        self._sender.send(plans)
        ended = self._end_missing(orders)
        with self._state.transaction():
            self._state.note_money(order.order_id for order in orders)
        return [
            *ended,
            *adopted,
            *(
                plan.document
                for plan in [*credited, *plans]
                if plan.document.state is not DocumentState.NEW
                and (plan.needs_saving or plan.document.state.open)
            ),
        ]

    def _read(self, order_ids: Sequence[str]) -> tuple[list[OrderPayments], list[PlannedPayment]]:
        """The orders, and what would become of their money, as far as it is in the plan, where one
        is applied."""
        orders = self._reader.read(order_ids, self._voided)
        plans = self._planner.judge(orders)
        if self._context.options.plan:
            check_payments(self._context.options.plan, plans)
        return orders, plans

    def _credits_first(self, plans: Sequence[PlannedPayment]) -> list[PlannedPayment]:
        """Book the credits where the ledger puts them onto invoices by itself, before the payments
        that are still due on these are known; the plans that are done with."""
        if not self._context.ledger.applies_credits or self._sender.dry_run:
            return []
        found = [plan for plan in plans if plan.draft and plan.kind is DocumentKind.CREDIT]
        self._leave_over(found)
        if found:
            self._sender.send(found)
        return found

    def _end_missing(self, orders: Sequence[OrderPayments]) -> list[Document]:
        """End what Keap no longer has and nothing was booked of: deleted, moved to another order,
        or a row that can be read again. Nothing is left to account for, so no record stays."""
        ended = []
        with self._state.transaction():
            for order in orders:
                there = {payment.id for payment in order.payments}
                there |= {row.id for row in order.unreadable}
                for key, document in order.known.items():
                    unbooked = document.state.open and not document.ledger_id
                    if document.payment_id in there or not unbooked:
                        continue
                    if document.state is not DocumentState.SENDING:
                        self._state.forget(document.kind, key)
                        document = without_payment(document)
                        self._state.history.log(self._context.run, document)
                        ended.append(document)
        return ended

    def _leave_over(self, plans: Sequence[PlannedPayment]) -> None:
        """Leave what goes over the run's budget of payments for the next one, on record. What is in
        the ledger already, and only goes onto its new invoice, is not counted."""
        if self._left is None:
            return
        for plan in plans:
            if plan.surviving:
                continue
            if plan.draft and self._left == 0:
                plan.document, plan.draft = replace(plan.document, state=DocumentState.NEW), None
            self._left -= plan.draft is not None
