"""The money side of a run: payments, credits and refunds of the orders that have an invoice."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    PaymentDraft,
    PaymentId,
    Reason,
    UnreadablePayment,
    money,
    share_key,
)
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.payments.changes import source_of, unread_source, what_changed
from invoicesync_cli.sync.payments.documents import (
    as_booked,
    edited,
    of_share,
    of_unreadable,
    without_payment,
)
from invoicesync_cli.sync.payments.due import due_orders
from invoicesync_cli.sync.payments.planned import PlannedPayment
from invoicesync_cli.sync.payments.read import PaymentReader
from invoicesync_cli.sync.payments.send import PaymentSender
from invoicesync_cli.transform.allocations import OrderPayments, shares_of
from invoicesync_cli.transform.payments import Verdict, is_settled, judge, judge_unreadable
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Skip

IN_BOOKS = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.HELD}
"""The states of money that the ledger has, whether this run's state knows who put it there."""


class PaymentPlanner:
    """Judges and books the money of orders, a thousand at a time."""

    def __init__(
        self,
        context: RunContext,
        sender: PaymentSender,
        made: Collection[str],
        adoption: Adoption,
    ) -> None:
        self._context = context
        self._state = context.state
        self._preflight = context.preflight
        self._sender = sender
        self._reader = PaymentReader(context, made, adoption)
        self._left = context.config.sync.max_payments or None
        self._done: set[str] = set()
        self._voided: set[PaymentId] = set()

    def settle(self, order_ids: Iterable[str]) -> None:
        """Book what is due on these orders, each once in a run.

        What the budget of payments leaves over is recorded as new: the next run goes on there.
        """
        wanted = [order for order in dict.fromkeys(order_ids) if order not in self._done]
        self._done.update(wanted)
        for start in range(0, len(wanted), CHUNK):
            if self._left != 0:
                self._context.report(self._settle(wanted[start : start + CHUNK]))

    def settle_open(self, since: datetime) -> None:
        """Book the money that came without its order having changed (R10)."""
        self._voided = self._context.keap.voided_since(since)
        self.settle(due_orders(self._context, since, self._voided, self._done))

    def _settle(self, order_ids: Sequence[str]) -> list[Document]:
        orders = self._reader.read(order_ids, self._voided)
        plans = self._judge(orders)
        stale = self._preflight.stale(
            {plan.document.reason for plan in plans}, sends=any(plan.draft for plan in plans)
        )
        if stale:
            self._preflight.refresh(stale)
            plans = self._judge(orders)
        if any(plan.draft and plan.draft.needs_item for plan in plans) and not self._sender.dry_run:
            self._preflight.make_item()
            plans = self._judge(orders)
        adopted = self._reader.adopted
        credited = self._credits_first(plans)
        if credited:
            # They may be on any invoice of their customers now: what is due is asked for again.
            orders = self._reader.read(order_ids, self._voided)
            known = {plan.key for plan in credited}
            plans = [plan for plan in self._judge(orders) if plan.key not in known]
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

    # --- verdicts -------------------------------------------------------------------------------

    def _judge(self, orders: Sequence[OrderPayments]) -> list[PlannedPayment]:
        self._preflight.know_merchants(
            item for order in orders if order.booked for item in order.payments
        )
        rules = self._preflight.rules()
        plans: list[PlannedPayment] = []
        for order in orders:
            plans += [self._planned(order, verdict, rules) for verdict in judge(order, rules)]
            plans += [self._unread(order, row, skip) for row, skip in judge_unreadable(order)]
            plans += self._edited(order, rules)
        return plans

    def _edited(self, order: OrderPayments, rules: DraftSettings) -> list[PlannedPayment]:
        """Money edited, voided or deleted in Keap after it was booked: reported, not undone."""
        shares = {share.key: share for share in shares_of(order, rules)}
        unread = {row.id: row.problem for row in order.unreadable}
        plans = []
        for key, document in order.known.items():
            if not document.ledger_id or document.state is DocumentState.DISMISSED:
                continue
            if not is_settled(document, order):
                continue
            record, share = self._state.record(document.kind, key), shares.get(key)
            if record is None or document.state not in IN_BOOKS:
                continue
            if share and share.shared and not share.payment.allocations:
                continue
            problem = unread.get(PaymentId(document.payment_id))
            difference = (
                f"it cannot be read any more ({problem})"
                if problem
                else what_changed(record.source, share, order.currency)
            )
            now = edited(document, difference) if difference else as_booked(document)
            plans.append(PlannedPayment(share, now, None, record, record.source))
        return plans

    def _unread(self, order: OrderPayments, row: UnreadablePayment, skip: Skip) -> PlannedPayment:
        """The verdict on a row that cannot be read, for its record."""
        document = of_unreadable(order, row, skip)
        key = share_key(row.id, order.order_id)
        known = order.known.get(key)
        record = self._state.record(known.kind, key) if known else None
        return PlannedPayment(None, document, None, record, unread_source(row), at=key)

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
                        self._state.history.log(self._sender.run, document)
                        ended.append(document)
        return ended

    def _planned(
        self, order: OrderPayments, verdict: Verdict, rules: DraftSettings
    ) -> PlannedPayment:
        share, draft, skip = verdict.share, verdict.draft, verdict.skip
        document = of_share(order, share, rules.ledger)
        if skip:
            document = replace(
                document,
                state=skip.state,
                reason=skip.reason,
                message=skip.message,
                hint=skip.hint,
            )
        if verdict.already_booked:
            booked = verdict.already_booked
            document = replace(document, ledger_id=booked.id, ledger_total=booked.amount)
        if draft:
            document = replace(
                document,
                state=DocumentState.CREATED,
                total=draft.amount,
                number=draft.note.number if draft.note else "",
                account=_account(draft),
            )
        if verdict.unbooked:
            document = replace(
                document,
                reason=Reason.OVERPAYMENT,
                message=f"The balance was paid; {money(verdict.unbooked)} {order.currency} of it "
                "are not booked.",
            )
        if draft and draft.unapplied:
            kept = f"{draft.unapplied} {order.currency}"
            document = replace(
                document,
                reason=Reason.OVERPAYMENT,
                message=f"A credit of the customer's has settled a part of the invoice by itself: "
                f"{draft.applied} {order.currency} went onto it, {kept} stay with the customer.",
            )
        surviving = self._reader.freed.surviving.get(share.key) if draft else None
        before = order.known.get(share.key)
        known = self._state.record(before.kind, share.key) if before else None
        plan = PlannedPayment(share, document, draft, known, source_of(share), surviving)
        if known and known.document.ledger_id:
            # Its credit note exists, whatever keeps its money from moving.
            note = known.document
            plan.document = replace(document, ledger_id=note.ledger_id, number=note.number)
        refused = known and known.state is DocumentState.FAILED and known.payment_draft == draft
        if known and draft and refused and not self._context.options.tries_refused:
            # Nothing has changed since.
            plan.document, plan.draft = known.document, None
        return plan

    def _leave_over(self, plans: Sequence[PlannedPayment]) -> None:
        """Leave what goes over the run's budget of payments for the next one, on record."""
        if self._left is None:
            return
        for plan in plans:
            if plan.draft and self._left == 0:
                plan.document, plan.draft = replace(plan.document, state=DocumentState.NEW), None
            self._left -= plan.draft is not None


def _account(draft: PaymentDraft) -> str:
    """The account that money goes to or comes from; of a credit the one that it is booked on."""
    if draft.kind is DocumentKind.CREDIT and draft.note:
        return draft.note.account
    return (draft.account.code or draft.account.id) if draft.account else ""
