"""The money side of a run: payments, credits and refunds of the orders that have an invoice."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from invoicesync_cli.load.ledger import Found
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
    Payment,
    PaymentId,
    PersonId,
    UnreadablePayment,
    money,
    share_key,
)
from invoicesync_cli.model import State as Outcome
from invoicesync_cli.state.codec import load_expected
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.adopted_money import take_up_notes
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.money_documents import (
    as_booked,
    edited,
    failed,
    of_share,
    of_unreadable,
    shares_in,
    source_differs,
    source_of,
    unread_source,
    what_changed,
    without_payment,
)
from invoicesync_cli.sync.pay import Payer, PlannedMoney, dump_money
from invoicesync_cli.sync.receipts import receipt_in
from invoicesync_cli.sync.recreated import FreedMoney, freed_money
from invoicesync_cli.sync.source import paid_in
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.money import (
    Judged,
    OnInvoice,
    Order,
    in_ledger,
    judge,
    judge_unreadable,
    shares_of,
    spoken_for,
    spread,
)
from invoicesync_cli.transform.rules import Rules
from invoicesync_cli.transform.which import LeftOut

CHUNK = 1000
IN_BOOKS = {Outcome.CREATED, Outcome.SKIPPED, Outcome.HELD}
"""The states of money that the ledger has, whether this run's state knows who put it there."""


class Money:
    """Judges and books the money of orders, a thousand at a time."""

    def __init__(
        self,
        context: RunContext,
        payer: Payer,
        made: Collection[str],
        adoption: Adoption,
    ) -> None:
        self._state = context.state
        self._keap = context.keap
        self._ledger = context.ledger
        self._setup = context.setup
        self._config = context.config
        self._payer = payer
        self._again = context.options.again
        self._tries_refused = context.options.tries_refused
        self._recreate = context.options.recreate
        self._made = made
        self._left = context.config.sync.max_payments or None
        self._done: set[str] = set()
        self._voided: set[PaymentId] = set()
        self._report = context.report
        self._freed = FreedMoney()
        self._adoption = adoption
        self._taken: list[Document] = []

    def settle(self, order_ids: Iterable[str]) -> None:
        """Book what is due on these orders, each once in a run.

        What the budget of payments leaves over is recorded as new: the next run goes on there.
        """
        wanted = [order for order in dict.fromkeys(order_ids) if order not in self._done]
        self._done.update(wanted)
        for start in range(0, len(wanted), CHUNK):
            if self._left != 0:
                self._report(self._settle(wanted[start : start + CHUNK]))

    def settle_open(self, since: datetime) -> None:
        """Book the money that came without its order having changed (R10).

        Keap stamps a payment with the day it is said to be of, so a new one may be dated long ago,
        and on an order that is paid. So everything dated since `since` is held against the records,
        beside whatever they say is open.
        """
        self._voided = self._keap.voided_since(since)
        voided = [
            record.document.order_id
            for record in self._state.payment_records(self._voided)
            if record.document.ledger_id and record.state is not Outcome.DISMISSED
        ]
        due = [*self._state.money_due(), *self._open_money(), *self._differing(since), *voided]
        self.settle(sorted(set(due), key=int))

    def _open_money(self) -> Iterator[str]:
        """The orders with money that has not come to an end, and could by now."""
        money = [
            (record, invoice)
            for record, invoice in self._state.open_money()
            if record.document.order_id not in self._done
        ]
        stale = self._setup.stale({record.document.reason for record, _ in money}, sends=False)
        if stale:
            self._setup.refresh(stale)
        lock = self._setup.rules().booking.facts.lock_date
        for record, invoice in money:
            if _hangs_on_ledger(record, invoice, lock):
                self._report([record.document])
            else:
                yield record.document.order_id

    def _differing(self, since: datetime) -> set[str]:
        """The orders of payments that Keap has otherwise than the records have them.

        A payment may be known to one order and be on another now: both are looked into.
        """
        orders: set[str] = set()
        seen: set[str] = set()
        for page in self._keap.payments_since(since):
            seen.update(payment.id for payment in page)
            records: dict[str, list[Record]] = defaultdict(list)
            for record in self._state.payment_records(payment.id for payment in page):
                records[record.document.payment_id].append(record)
            for payment in page:
                known = records[payment.id]
                ended = [
                    record
                    for record in known
                    if in_ledger(record.document) or record.state is Outcome.SKIPPED
                ]
                if isinstance(payment, UnreadablePayment) or any(
                    source_differs(item.source, payment, self._setup.zone) for item in ended
                ):
                    orders.update(record.document.order_id for record in ended)
                orders.update(set(payment.order_ids) - {item.document.order_id for item in known})
        # What lies on the edge may be left out by the vendor's clock.
        day = local_date(since, self._setup.zone) + timedelta(days=2)
        orders.update(
            record.document.order_id
            for record in self._state.money_since(day.isoformat())
            if record.document.payment_id not in seen
            and (record.state.open or in_ledger(record.document))
            and record.state is not Outcome.DISMISSED
        )
        return orders

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
        self._leave_over(plans)
        self._payer.pay(plans)
        ended = self._end_missing(orders)
        with self._state.transaction():
            self._state.note_money(order.order_id for order in orders)
        taken, self._taken = self._taken, []
        return (
            ended
            + taken
            + [
                plan.document
                for plan in plans
                if plan.document.state is not Outcome.NEW
                and (plan.news or plan.document.state.open)
            ]
        )

    # --- what is known --------------------------------------------------------------------------

    def _read(self, order_ids: Sequence[str]) -> list[Order]:
        records: dict[str, list[Record]] = defaultdict(list)
        for record in self._state.records_of(order_ids, "order"):
            records[record.document.order_id].append(record)
        invoices = [
            record
            for order in order_ids
            for record in records[order]
            if record.kind is Kind.INVOICE
        ]
        paid = {OrderId(item.key): paid_in(item.paid) for item in invoices if item.paid}
        due = {item.key for item in invoices if item.money != item.paid}
        settled = {
            (OrderId(order), PaymentId(record.document.payment_id))
            for order in order_ids
            for record in records[order]
            if record.kind is not Kind.INVOICE
            and self._settled(record.document)
            and order not in due
        }
        payments = self._keap.payments_of(order_ids, paid, settled, self._voided)
        self._freed = self._free(records)
        orders = [
            self._order(order, records[order], payments[OrderId(order)])
            for order in order_ids
            # Without a record it lies before the start, or has not been reached yet.
            if records[order] or self._config.sync.start != "first"
        ]
        for order in orders:
            order.again = self._again
        self._find_spread(orders)
        older = [order for order in orders if order.order_id not in self._made]
        self._taken += take_up_notes(
            older,
            self._adoption,
            self._state,
            self._setup.rules(),
            self._payer.run,
            recreate=self._recreate,
        )
        self._read_ledger([order for order in orders if self._open(order)], records)
        return orders

    def _order(self, order_id: str, records: Sequence[Record], keap: OrderMoney) -> Order:
        invoice = next((record for record in records if record.kind is Kind.INVOICE), None)
        document = invoice.document if invoice else None
        payments = {payment.id: payment for payment in keap.payments}
        return Order(
            order_id=OrderId(order_id),
            invoice_id=InvoiceId(document.invoice_id if document else ""),
            currency=document.currency if document else self._setup.account.currency,
            invoice=document,
            booked=None,
            payments=keap.payments,
            unreadable=keap.unreadable,
            known={
                record.key: known
                for record in records
                if record.kind is not Kind.INVOICE and (known := self._known(record, payments))
            },
        )

    def _known(self, record: Record, payments: Mapping[PaymentId, Payment]) -> Document | None:
        """What is known of money, to judge it by; None for what is to be booked again.

        What was left out is judged again once it is another payment in Keap than it was.
        """
        document = self._freed.known(record)
        if document is None or document.state is not Outcome.SKIPPED or in_ledger(document):
            return document
        payment = payments.get(PaymentId(document.payment_id))
        if payment and source_differs(record.source, payment, self._setup.zone):
            return replace(document, state=Outcome.NEW)
        return document

    def _free(self, records: Mapping[str, Sequence[Record]]) -> FreedMoney:
        """See what became of the money that is to be made anew, for its invoice was or it was
        removed from the ledger."""
        if not self._recreate:
            return FreedMoney()
        every = (record for part in records.values() for record in part)
        return freed_money(
            self._ledger,
            (
                record
                for record in every
                if record.document.order_id in self._made or record.document.ended == "ledger"
            ),
        )

    def _find_spread(self, orders: Sequence[Order]) -> None:
        """Find the payments of which a share was booked when they were spread otherwise."""
        by_id = {payment.id: payment for order in orders for payment in order.payments}
        before: dict[str, str] = {}
        for record in self._state.payment_records(by_id):
            payment = by_id[PaymentId(record.document.payment_id)]
            shares = shares_in(record.source)
            stands = in_ledger(record.document) or record.state is Outcome.SENDING
            if stands and shares is not None and shares != payment.shares:
                before[payment.id] = spread(shares, record.document.currency)
        for order in orders:
            order.elsewhere = before

    def _settled(self, document: Document) -> bool:
        """Whether money needs no further look, for all that is known without the ledger."""
        late = document.reason == "invoice-not-synced"
        return not (document.state.open or late or document.state in self._again)

    def _open(self, order: Order) -> bool:
        """Whether any of the order's money still has to be judged against the ledger."""
        settled = {key for key, document in order.known.items() if self._settled(document)}
        keys = {share_key(payment.id, order.order_id) for payment in order.payments}
        return not keys <= settled

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
            made = order.order_id in self._made and invoice.state is Outcome.CREATED
            if made and not self._ledger.applies_credits:
                order.booked = self._just_made(record)
            elif invoice.ledger_id:
                older[LedgerId(invoice.ledger_id)] = order
        unknown: list[Found] = []
        for found in self._standings(older):
            order = older[found.id]
            order.booked = _standing(found) if found.alive else None
            if found.alive and found.total - found.due > _booked(order, Kind.PAYMENT, Kind.CREDIT):
                unknown.append(found)
        listed = [payment for found in unknown for payment in found.payments or ()]
        asked = [found.id for found in unknown if found.payments is None]
        for payment in [*listed, *self._ledger.payments_on(asked)]:
            order = older[payment.target]
            ours = {document.ledger_id for document in order.known.values()}
            if payment.alive and payment.credit:
                order.credited += payment.amount
            elif payment.alive and payment.id not in ours:
                there = OnInvoice(payment.id, payment.reference, payment.amount)
                order.foreign = [*order.foreign, there]
        for order in older.values():
            # Those of Keap's are on it as well.
            order.credited = max(ZERO, order.credited - _booked(order, Kind.CREDIT))

    def _standings(self, orders: Mapping[LedgerId, Order]) -> list[Found]:
        """The invoices of these orders as they are: those just taken up are known."""
        taken = self._adoption.taken
        asked = self._ledger.invoices([ident for ident in orders if ident not in taken])
        return [*(taken[ident] for ident in orders if ident in taken), *asked.values()]

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
            plans.append(PlannedMoney(share, now, None, record, record.source))
        return plans

    def _unread(self, order: Order, row: UnreadablePayment, out: LeftOut) -> PlannedMoney:
        """The verdict on a row that cannot be read, for its record."""
        document = of_unreadable(order, row, out)
        key = share_key(row.id, order.order_id)
        known = order.known.get(key)
        record = self._state.record(known.kind, key) if known else None
        return PlannedMoney(None, document, None, record, unread_source(row), at=key)

    def _end_missing(self, orders: Sequence[Order]) -> list[Document]:
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
                    if document.state is not Outcome.SENDING:
                        self._state.forget(document.kind, key)
                        document = without_payment(document)
                        self._state.log(self._payer.run, document)
                        ended.append(document)
        return ended

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
        if verdict.there:
            there = verdict.there
            document = replace(document, ledger_id=there.id, ledger_total=there.amount)
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
        loose = self._freed.loose.get(share.key) if draft else None
        before = order.known.get(share.key)
        known = self._state.record(before.kind, share.key) if before else None
        plan = PlannedMoney(share, document, draft, known, source_of(share), loose)
        if known and known.document.ledger_id:
            # Its credit note exists, whatever keeps its money from moving.
            note = known.document
            plan.document = replace(document, ledger_id=note.ledger_id, number=note.number)
        refused = known and known.state is Outcome.FAILED and known.draft == dump_money(draft)
        if known and refused and not self._tries_refused:
            # Nothing has changed since.
            plan.document, plan.draft = known.document, None
        return plan

    def _leave_over(self, plans: Sequence[PlannedMoney]) -> None:
        """Leave what goes over the run's budget of payments for the next one, on record."""
        if self._left is None:
            return
        for plan in plans:
            if plan.draft and self._left == 0:
                plan.document, plan.draft = replace(plan.document, state=Outcome.NEW), None
            self._left -= plan.draft is not None


def _hangs_on_ledger(record: Record, invoice: Outcome | None, lock: date | None) -> bool:
    """Whether money waits for something that has not happened; `invoice` is where its invoice is.

    That an invoice was approved is noticed by the ledger's own list of changes, which makes its
    money new again.
    """
    document = record.document
    if document.state is Outcome.WAITING and document.reason == "invoice-not-approved":
        return True
    if document.state is Outcome.WAITING and document.reason == "invoice-not-synced":
        return invoice is not None and invoice.open
    day = document.date if document.reason == "period-locked" else None
    return day is not None and lock is not None and day <= lock


def _account(draft: MoneyDraft) -> str:
    """The account that money goes to or comes from; of a credit the one that it is booked on."""
    if draft.kind is Kind.CREDIT and draft.note:
        return draft.note.account
    return (draft.account.code or draft.account.id) if draft.account else ""


def _stands(document: Document) -> bool:
    return document.state in {Outcome.CREATED, Outcome.SKIPPED}


def _standing(found: Found) -> Booked:
    return Booked(found.id, found.contact_id, found.approved, found.total, found.tax, found.due)


def _booked(order: Order, *kinds: Kind) -> Decimal:
    """What this tool has put onto the invoice, of these kinds."""
    return sum(
        (
            document.ledger_total or document.total or ZERO
            for document in order.known.values()
            if document.kind in kinds and document.ledger_id and _stands(document)
        ),
        ZERO,
    )
