"""The money side of a run: payments, credits and refunds of the orders that have an invoice."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from invoicesync_cli.config import Config
from invoicesync_cli.fetch.keap import Keap
from invoicesync_cli.load.ledger import Found, Ledger
from invoicesync_cli.model import (
    ZERO,
    Booked,
    Document,
    Invoice,
    InvoiceId,
    Kind,
    LedgerId,
    MoneyDraft,
    OrderId,
    OrderMoney,
    PaymentId,
    PersonId,
    UnreadablePayment,
    money,
    share_key,
)
from invoicesync_cli.model import State as Outcome
from invoicesync_cli.state import State
from invoicesync_cli.state.codec import load_expected
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.money_documents import (
    as_booked,
    edited,
    failed,
    of_share,
    of_unreadable,
    source_of,
    unread_source,
    was_unread,
    what_changed,
)
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.outcomes import ENDED
from invoicesync_cli.sync.pay import Payer, PlannedMoney, dump_money
from invoicesync_cli.sync.receipts import receipt_in
from invoicesync_cli.sync.setup import Setup
from invoicesync_cli.transform.money import (
    Judged,
    Order,
    judge,
    judge_unreadable,
    shares_of,
    spoken_for,
)
from invoicesync_cli.transform.rules import Rules
from invoicesync_cli.transform.which import LeftOut

CHUNK = 1000


class Money:
    """Judges and books the money of orders, a thousand at a time."""

    def __init__(
        self,
        state: State,
        keap: Keap,
        ledger: Ledger,
        setup: Setup,
        config: Config,
        payer: Payer,
        made: Collection[str],
        options: Options,
    ) -> None:
        self._state = state
        self._keap = keap
        self._ledger = ledger
        self._setup = setup
        self._config = config
        self._payer = payer
        self._again = options.again
        self._recreate = options.recreate
        self._made = made
        self._left = config.sync.max_payments or None
        self._done: set[str] = set()
        self._paid: Mapping[str, str] = {}

    @property
    def stopped(self) -> bool:
        """Whether the run's budget of payments is used up."""
        return self._left == 0

    def settle(
        self, order_ids: Iterable[str], paid: Mapping[str, str] | None = None
    ) -> list[Document]:
        """Book what is due on these orders, each once in a run; the documents of what happened.

        `paid` is what Keap says now is paid on those that have changed.
        """
        self._paid = paid or {}
        wanted = [order for order in dict.fromkeys(order_ids) if order not in self._done]
        self._done.update(wanted)
        documents: list[Document] = []
        for start in range(0, len(wanted), CHUNK):
            if not self.stopped:
                documents += self._settle(wanted[start : start + CHUNK])
        return documents

    def _settle(self, order_ids: Sequence[str]) -> list[Document]:
        orders = self._read(order_ids)
        plans = self._judge(orders)
        stale = self._setup.stale(
            {plan.document.reason for plan in plans}, sends=any(plan.draft for plan in plans)
        )
        if stale:
            self._setup.refresh(stale)
            plans = self._judge(orders)
        if any(plan.draft and plan.draft.needs_item for plan in plans) and not self._payer.dry_run:
            self._setup.make_item()
            plans = self._judge(orders)
        plans = self._within_budget(plans)
        self._payer.pay(plans)
        self._end_unread(orders)
        self._note_dues(orders)
        return [plan.document for plan in plans if plan.news or plan.document.state.open]

    # --- what is known --------------------------------------------------------------------------

    def _read(self, order_ids: Sequence[str]) -> list[Order]:
        records: dict[str, list[Record]] = defaultdict(list)
        for record in self._state.records_of(order_ids, "order"):
            records[record.document.order_id].append(record)
        paid = {
            OrderId(record.key): Decimal(self._paid.get(record.key) or record.paid)
            for order in order_ids
            for record in records[order]
            if record.kind is Kind.INVOICE and record.paid
        }
        settled = {
            (OrderId(order), PaymentId(record.document.payment_id))
            for order in order_ids
            for record in records[order]
            if record.kind is not Kind.INVOICE and self._settled(record.document)
        }
        payments = self._keap.payments_of(order_ids, paid, settled)
        orders = [
            self._order(order, records[order], payments[OrderId(order)])
            for order in order_ids
            # Without a record it lies before the start, or has not been reached yet.
            if records[order] or self._config.sync.start != "first"
        ]
        for order in orders:
            order.again = self._again
        self._read_ledger([order for order in orders if self._open(order)], records)
        return orders

    def _order(self, order_id: str, records: Sequence[Record], keap: OrderMoney) -> Order:
        invoice = next((record for record in records if record.kind is Kind.INVOICE), None)
        document = invoice.document if invoice else None
        return Order(
            order_id=OrderId(order_id),
            invoice_id=InvoiceId(document.invoice_id if document else ""),
            currency=document.currency if document else self._setup.account.currency,
            invoice=document,
            booked=None,
            payments=keap.payments,
            unreadable=keap.unreadable,
            known={
                record.key: record.document
                for record in records
                if record.kind is not Kind.INVOICE
                # What was voided or deleted in the ledger is made anew when that is asked for.
                and not (self._recreate and record.document.message == ENDED)
            },
        )

    def _settled(self, document: Document) -> bool:
        """Whether money needs no further look, for all that is known without the ledger."""
        late = document.reason == "invoice-not-synced"
        return not (document.state.open or late or document.state in self._again)

    def _open(self, order: Order) -> bool:
        """Whether any of the order's money still has to be judged against the ledger."""
        settled = {key for key, document in order.known.items() if self._settled(document)}
        return any(
            payment.id not in settled and f"{payment.id}:{order.order_id}" not in settled
            for payment in order.payments
        )

    def _read_ledger(
        self, orders: Sequence[Order], records: Mapping[str, Sequence[Record]]
    ) -> None:
        """Give each order its invoice's standing: known for new ones, asked for older ones."""
        older: dict[LedgerId, Order] = {}
        for order in orders:
            invoice = order.invoice
            if invoice is None or invoice.state.open:
                continue
            record = next(item for item in records[order.order_id] if item.kind is Kind.INVOICE)
            if order.order_id in self._made and invoice.state is Outcome.CREATED:
                order.booked = self._just_made(record)
            elif invoice.ledger_id:
                older[LedgerId(invoice.ledger_id)] = order
        unknown = []
        for ledger_id, found in self._ledger.invoices(list(older)).items():
            order = older[ledger_id]
            order.booked = _standing(found) if found.alive else None
            if found.alive and found.total - found.due > _booked(order):
                unknown.append(ledger_id)
        for payment in self._ledger.payments_on(unknown):
            order = older[payment.target]
            ours = {document.ledger_id for document in order.known.values()}
            if payment.alive and payment.id not in ours:
                order.foreign.add(payment.reference)

    def _just_made(self, record: Record) -> Booked:
        document, expected = record.document, load_expected(record.draft)
        person = PersonId(json.loads(record.source)["contact"])
        total = document.ledger_total or ZERO
        return Booked(
            id=LedgerId(document.ledger_id),
            contact_id=self._state.links([person]).get(person, LedgerId("")),
            approved=self._ledger.approves,
            total=total,
            tax=expected.tax if expected else ZERO,
            due=ZERO if receipt_in(record) else total,
        )

    # --- verdicts -------------------------------------------------------------------------------

    def _judge(self, orders: Sequence[Order]) -> list[PlannedMoney]:
        self._setup.know_merchants(
            item for order in orders if order.booked for item in order.payments
        )
        rules = self._setup.rules()
        plans: list[PlannedMoney] = []
        for order in orders:
            plans += [self._planned(order, verdict, rules) for verdict in judge(order, rules)]
            plans += [self._unread(order, row, out) for row, out in judge_unreadable(order)]
            plans += self._edited(order, rules)
        return plans

    def _edited(self, order: Order, rules: Rules) -> list[PlannedMoney]:
        """Money edited, voided or deleted in Keap after it was booked: told, not undone."""
        shares = {share.key: share for share in shares_of(order, rules)}
        unread = {row.id: row.problem for row in order.unreadable}
        plans = []
        for key, document in order.known.items():
            if not document.ledger_id or document.state is Outcome.DISMISSED:
                continue
            if not spoken_for(document, order):
                continue
            record, share = self._state.record(document.kind, key), shares.get(key)
            if record is None or document.state not in {Outcome.CREATED, Outcome.HELD}:
                continue
            if share and share.shared and not share.payment.allocations:
                continue
            problem = unread.get(PaymentId(document.payment_id))
            told = (
                f"it cannot be read any more ({problem})"
                if problem
                else what_changed(record.source, share)
            )
            now = edited(document, told) if told else as_booked(document)
            plans.append(PlannedMoney(share, now, None, record, record.source))
        return plans

    def _unread(self, order: Order, row: UnreadablePayment, out: LeftOut) -> PlannedMoney:
        """The verdict on a row that cannot be read, for its record."""
        document = of_unreadable(order, row, out)
        key = share_key(row.id, order.order_id)
        known = order.known.get(key)
        record = self._state.record(known.kind, key) if known else None
        return PlannedMoney(None, document, None, record, unread_source(row), at=key)

    def _end_unread(self, orders: Sequence[Order]) -> None:
        """Take back what was recorded of rows that are no longer there as such: they can be read
        again, and have a record as what they are."""
        with self._state.transaction():
            for order in orders:
                now = {share_key(row.id, order.order_id) for row in order.unreadable}
                for key, document in order.known.items():
                    if document.state is not Outcome.FAILED or key in now:
                        continue
                    record = self._state.record(document.kind, key)
                    if record and was_unread(record.source):
                        self._state.forget(document.kind, key)

    def report_failed(self, unpaid: Mapping[str, Invoice]) -> list[Document]:
        """Failed charges on these orders: told once, in the gateway's words (S82)."""
        if not unpaid:
            return []
        since = min(invoice.order_time for invoice in unpaid.values()) - timedelta(days=1)
        told = []
        with self._state.transaction():
            for charge in self._keap.failed_charges(since):
                for order_id in charge.order_ids:
                    key = f"charge:{order_id}:{charge.reference or charge.time.isoformat()}"
                    invoice = unpaid.get(order_id)
                    if invoice and not self._state.record(Kind.PAYMENT, key):
                        document = failed(charge, invoice, self._setup.zone)
                        record = Record(Kind.PAYMENT, key, document, run=self._payer.run)
                        self._state.save(record)
                        told.append(document)
        return told

    def _planned(self, order: Order, verdict: Judged, rules: Rules) -> PlannedMoney:
        share, draft, out = verdict.share, verdict.draft, verdict.out
        document = of_share(order, share, rules.booking)
        if out:
            document = replace(
                document,
                state=out.state,
                reason=out.reason,
                message=out.message,
                hint=out.hint,
            )
        if draft:
            document = replace(
                document,
                state=Outcome.CREATED,
                total=draft.amount,
                number=draft.note.number if draft.note else "",
                account=_account(draft),
            )
        if verdict.rest:
            document = replace(
                document,
                reason="overpayment",
                message=f"The balance was paid; {money(verdict.rest)} {order.currency} of it "
                "are not booked.",
            )
        before = order.known.get(share.key)
        known = self._state.record(before.kind, share.key) if before else None
        plan = PlannedMoney(share, document, draft, known, source_of(share))
        if known and known.document.ledger_id:
            # Its credit note exists, whatever keeps its money from moving.
            there = known.document
            plan.document = replace(document, ledger_id=there.ledger_id, number=there.number)
        named = Outcome.SKIPPED in self._again
        refused = known and known.state is Outcome.FAILED and known.draft == dump_money(draft)
        if known and refused and not named:
            # Nothing has changed since.
            plan.document, plan.draft = known.document, None
        return plan

    def _within_budget(self, plans: list[PlannedMoney]) -> list[PlannedMoney]:
        if self._left is None:
            return plans
        kept = []
        for plan in plans:
            if plan.draft and self._left == 0:
                break
            self._left -= plan.draft is not None
            kept.append(plan)
        return kept

    def _note_dues(self, orders: Sequence[Order]) -> None:
        """Remember which invoices are not fully paid: their money is asked for in every run."""
        with self._state.transaction():
            for order in orders:
                invoice = order.invoice
                if invoice and invoice.ledger_id:
                    booked = self._state.booked_on(order.order_id)
                    total = invoice.ledger_total or ZERO
                    self._state.note_due(order.order_id, is_open=booked < total)


def _account(draft: MoneyDraft) -> str:
    """The account that money goes to or comes from; of a credit the one that it is booked on."""
    if draft.kind is Kind.CREDIT and draft.note:
        return draft.note.account
    return (draft.account.code or draft.account.id) if draft.account else ""


def _standing(found: Found) -> Booked:
    return Booked(found.id, found.contact_id, found.approved, found.total, found.tax, found.due)


def _booked(order: Order) -> Decimal:
    """What this tool has put onto the invoice."""
    return sum(
        (
            document.total or ZERO
            for document in order.known.values()
            if document.kind is not Kind.REFUND and document.state is Outcome.CREATED
        ),
        ZERO,
    )
