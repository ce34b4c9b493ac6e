"""What becomes of payments, credits and refunds of the orders that have an invoice, and why."""

from collections.abc import Sequence
from dataclasses import replace

from invoicesync_cli.load.found import LedgerPayment
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
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments.changes import source_of, unread_source, what_changed
from invoicesync_cli.sync.payments.documents import (
    as_booked,
    edited,
    of_share,
    of_unreadable,
)
from invoicesync_cli.sync.payments.planned import PlannedPayment
from invoicesync_cli.sync.payments.read import PaymentReader
from invoicesync_cli.transform.allocations import Allocation, OnInvoice, OrderPayments, shares_of
from invoicesync_cli.transform.payments import Verdict, is_settled, judge, judge_unreadable
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Skip

DISMISSED = DocumentState.DISMISSED
IN_BOOKS = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.HELD, DISMISSED}
"""The states of money that the ledger has, whether this run's state knows who put it there."""


class PaymentPlanner:
    """Decides what becomes of the money of orders."""

    def __init__(self, context: RunContext, reader: PaymentReader) -> None:
        self._context = context
        self._state = context.state
        self._preflight = context.preflight
        self._reader = reader

    def judge(self, orders: Sequence[OrderPayments]) -> list[PlannedPayment]:
        """A plan for each payment, credit and refund of orders that the reader has read.

        What of the ledger's lists no longer holds is asked for anew, and all judged once more.
        """
        plans = self._judge(orders)
        stale = self._preflight.stale(
            {plan.document.reason for plan in plans}, sends=any(plan.draft for plan in plans)
        )
        if stale:
            self._preflight.refresh(stale)
            plans = self._judge(orders)
        needs_item = any(plan.draft and plan.draft.needs_item for plan in plans)
        if needs_item and not self._context.options.dry_run:
            self._preflight.make_item()
            plans = self._judge(orders)
        if self._context.options.recreate:
            self._take_up(plans)
        return plans

    def _take_up(self, plans: Sequence[PlannedPayment]) -> None:
        """Find the payments that somebody has entered for what is to be booked anew, and that have
        outlived the invoice they were on: no run has seen them on it."""
        drafts = {
            plan.draft.reference: plan
            for plan in plans
            if plan.draft and plan.kind is DocumentKind.PAYMENT and not plan.surviving
        }
        found = self._context.ledger.unapplied_payments(list(drafts)) if drafts else []
        for payment in found:
            plan = drafts.get(payment.reference)
            if plan is None or plan.draft is None:
                continue
            theirs = payment.order_id not in {None, plan.draft.order_id}
            if not theirs and payment.unapplied >= plan.draft.amount:
                plan.surviving = payment

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
            if not document.ledger_id:
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
            if document.state is DISMISSED and difference in {"", document.noticed}:
                continue
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

    def _planned(
        self, order: OrderPayments, verdict: Verdict, rules: DraftSettings
    ) -> PlannedPayment:
        share, draft, skip = verdict.share, verdict.draft, verdict.skip
        before = order.known.get(share.key)
        known = self._state.record(before.kind, share.key) if before else None
        booked = verdict.already_booked
        sent = _sent(known, booked)
        document = of_share(order, share, rules.ledger)
        if skip and not sent:
            document = replace(
                document,
                state=skip.state,
                reason=skip.reason,
                message=skip.message,
                hint=skip.hint,
            )
        if booked:
            document = replace(document, ledger_id=booked.id, ledger_total=booked.amount)
        made = draft or sent
        if made:
            document = replace(
                document,
                state=DocumentState.CREATED,
                total=made.amount,
                number=made.note.number if made.note else "",
                account=_account(made),
            )
        unbooked = share.amount - sent.amount if sent else verdict.unbooked
        if unbooked:
            document = replace(
                document,
                reason=Reason.OVERPAYMENT,
                message=f"The balance was paid; {money(unbooked)} {order.currency} of it "
                "are not booked.",
            )
        if made and made.unapplied:
            kept = f"{made.unapplied} {order.currency}"
            document = replace(
                document,
                reason=Reason.OVERPAYMENT,
                message=f"A credit of the customer's has settled a part of the invoice by itself: "
                f"{made.applied} {order.currency} went onto it, {kept} stay with the customer.",
            )
        surviving = self._reader.freed.surviving.get(share.key)
        if surviving and not draft:
            return self._left_there(share, document, surviving)
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

    def _left_there(
        self, share: Allocation, document: Document, surviving: LedgerPayment
    ) -> PlannedPayment:
        """A payment that has outlived its invoice and cannot go onto the new one: it is in the
        ledger as it was booked, and stays known as that."""
        known = self._state.record(document.kind, share.key)
        document = replace(document, ledger_id=surviving.id)
        source = known.source if known else source_of(share)
        return PlannedPayment(share, document, None, known, source)


def _sent(known: Record | None, booked: OnInvoice | None) -> PaymentDraft | None:
    """What was sent of money that its invoice turns out to have, though neither the answer nor the
    look after it had said so (R16); None where it is somebody else's, or of a state that was lost.

    What was refused and then entered by hand has no marker, and is no answer.
    """
    draft = known.payment_draft if known else None
    if known is None or booked is None or draft is None:
        return None
    unclear = known.document.reason is Reason.OUTCOME_UNKNOWN
    ours = booked.marked or (unclear and draft.reference == booked.reference)
    return draft if ours and draft.applied == booked.amount else None


def _account(draft: PaymentDraft) -> str:
    """The account that money goes to or comes from; of a credit the one that it is booked on."""
    if draft.kind is DocumentKind.CREDIT and draft.note:
        return draft.note.account
    return (draft.account.code or draft.account.id) if draft.account else ""
