"""What can be taken back, how, and what has to stay and why: worked out before anything is done."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.standing import StandingDocument, StandingMoney, Standings
from invoicesync_cli.model import ZERO, Document, DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.undo.scope import OrderScope


class UndoPhase(IntEnum):
    """What goes before what: nothing that something else is on can be taken back."""

    PAYMENT = 0
    ALLOCATION = 1
    NOTE = 2
    INVOICE = 3

    @property
    def kind(self) -> str:
        """What batches of it are called."""
        return f"undo/{self.name.lower()}"


@dataclass(frozen=True)
class Step:
    """One thing that is taken back; `key` is what the journal calls it: the document's own name,
    and of further things that are part of it that with their place."""

    phase: UndoPhase
    thing: StandingDocument | StandingMoney
    key: str


@dataclass(frozen=True)
class Block:
    """Why something stays."""

    reason: Reason
    message: str
    hint: str = ""


@dataclass(frozen=True)
class PlannedUndo:
    """A record with what becomes of it: the steps that would take it back, none where it is in the
    ledger no more; with a `block` it stays. `later` is the run that put it there after the one that
    is taken back, blank for that one itself."""

    record: Record
    steps: tuple[Step, ...] = ()
    block: Block | None = None
    later: str = ""

    @property
    def removed(self) -> bool:
        """Whether the ledger has it no more."""
        return not self.steps and self.block is None

    @property
    def todo(self) -> tuple[Step, ...]:
        """The steps that are to be done."""
        return () if self.block else self.steps

    @property
    def how(self) -> str:
        """What becomes of it in the ledger."""
        return self.steps[-1].thing.ending if self.steps else "it was gone there already"

    @property
    def remark(self) -> str:
        """What else there is to say of it."""
        return f"It was put there by a later run, {self.later}." if self.later else ""

    @property
    def document(self) -> Document:
        """The document as it would stand."""
        if self.block:
            return left_alone(self.record.document, self.block)
        document = outcomes.taken_back(self.record.document, self.how, would=True)
        return replace(document, message=f"{document.message} {self.remark}".rstrip())


def left_alone(document: Document, block: Block) -> Document:
    """A document that stays as it is: one that is held for another reason keeps that."""
    if document.state is DocumentState.CREATED:
        return replace(document, reason=block.reason, message=block.message, hint=block.hint)
    return replace(document, message=f"It stays as it is: {block.message}", hint=block.hint)


def judge(
    orders: Sequence[OrderScope],
    there: Standings,
    lock: dt.date | None,
    refused: Mapping[LedgerId, WriteResult],
) -> list[PlannedUndo]:
    """What becomes of orders: all of an invoice and what is on it, or nothing; money that goes
    without its invoice, each for itself. What hangs together because a credit or a payment is on
    several of these invoices, as QuickBooks may have put it, goes together or stays together.

    `lock` is the last day of the closed period, `refused` what the ledger has said no to.
    """
    documents, on = _documents(orders), _on(there)
    judges = [_Judge(order, there, lock, refused, documents, on) for order in orders]
    money = [[each.of_money(record) for record in each.money] for each in judges]
    ours = {step.thing.id for plans in money for plan in plans for step in plan.steps}
    found: list[PlannedUndo] = []
    for each, plans in zip(judges, money, strict=True):
        found += [*plans, *each.of_invoice(ours)]
    return _together(orders, there, found)


def _documents(orders: Iterable[OrderScope]) -> frozenset[LedgerId]:
    """The invoices, receipts, credit notes and refunds that are meant."""
    return frozenset(
        LedgerId(record.document.ledger_id)
        for order in orders
        for record in order.records
        if record.kind is not DocumentKind.PAYMENT
    )


def _on(there: Standings) -> Mapping[LedgerId, Sequence[StandingMoney]]:
    """The living money on each document."""
    on: dict[LedgerId, list[StandingMoney]] = defaultdict(list)
    for money in there.money.values():
        for ident in money.on if money.alive else ():
            on[ident].append(money)
    return on


def _together(
    orders: Sequence[OrderScope], there: Standings, plans: Sequence[PlannedUndo]
) -> list[PlannedUndo]:
    """The same, with everything staying that hangs together with something that stays."""
    groups = Groups()
    documents = _documents(orders)
    for money in there.money.values():
        if money.alive:
            groups.join(money.id, *(ident for ident in money.on if ident in documents))
    removed = {plan.record.document.ledger_id for plan in plans if plan.removed}
    for order in orders:
        if order.invoice and order.invoice_id not in removed:
            groups.join(*(record.document.ledger_id for record in order.records))
    first: dict[str, Block] = {}
    # An invoice says more of why than what is on it.
    for plan in sorted(plans, key=lambda plan: plan.record.kind is not DocumentKind.INVOICE):
        if plan.block:
            first.setdefault(groups.of(plan.record.document.ledger_id), plan.block)
    return [_with(plan, first.get(groups.of(plan.record.document.ledger_id))) for plan in plans]


class Groups:
    """Which things hang together, directly or by way of others."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The one that stands for a thing's group."""
        while (above := self._of.get(name, name)) != name:
            name = above
        return name

    def join(self, *names: str) -> None:
        """These hang together."""
        for name in names[1:]:
            one, other = self.of(names[0]), self.of(name)
            if one != other:
                self._of[other] = one


def _with(plan: PlannedUndo, block: Block | None) -> PlannedUndo:
    """The same, where something that it is on, or that is on it, has to stay."""
    if plan.block or plan.removed or block is None:
        return plan
    other = "what is on it" if plan.record.kind is DocumentKind.INVOICE else "its invoice"
    message = f"It stays with {other}: {block.message}"
    return replace(plan, block=replace(block, message=message))


@dataclass
class _Judge:
    """Judges the documents of one order; `documents` are those of all orders that are meant, `on`
    is the living money on each document."""

    order: OrderScope
    there: Standings
    lock: dt.date | None
    refused: Mapping[LedgerId, WriteResult]
    documents: frozenset[LedgerId]
    on: Mapping[LedgerId, Sequence[StandingMoney]]

    @property
    def money(self) -> list[Record]:
        """The money that is a document of its own: not that of a sales receipt."""
        return [item for item in self.order.money if not self._is_receipt(item)]

    def _is_receipt(self, record: Record) -> bool:
        return record.document.ledger_id == self.order.invoice_id

    def of_money(self, record: Record) -> PlannedUndo:
        """A payment, credit or refund."""
        ident = LedgerId(record.document.ledger_id)
        if record.kind is DocumentKind.PAYMENT:
            payment = self.there.money.get(ident)
            if payment is None or not payment.alive:
                return self._plan(record)
            block = self._of_payment(record.document, payment)
            return self._plan(record, (Step(UndoPhase.PAYMENT, payment, record.element),), block)
        note = self.there.documents.get(ident)
        if note is None or not note.alive:
            return self._plan(record)
        uses = list(self.on.get(ident, ()))
        steps = tuple(
            Step(
                UndoPhase.ALLOCATION if use.note else UndoPhase.PAYMENT,
                use,
                f"{record.element}#{place}" if place else record.element,
            )
            for place, use in enumerate(sorted(uses, key=lambda use: use.note is not None))
        )
        last = UndoPhase.PAYMENT if note.paid_out else UndoPhase.NOTE
        steps = (*steps, Step(last, note, record.element))
        return self._plan(record, steps, self._of_note(record, note, uses))

    def of_invoice(self, ours: Collection[LedgerId]) -> list[PlannedUndo]:
        """The invoice, if it is meant, with the payment that is one document with it; `ours` is
        what this tool has put onto invoices and takes off again."""
        invoice = self.order.invoice
        if invoice is None:
            return []
        plan = self._of_invoice(invoice, ours)
        receipts = [record for record in self.order.money if self._is_receipt(record)]
        return [*(replace(plan, record=record) for record in receipts), plan]

    def _of_invoice(self, record: Record, ours: Collection[LedgerId]) -> PlannedUndo:
        found = self.there.documents.get(LedgerId(record.document.ledger_id))
        if found is None or not found.alive:
            return self._plan(record)
        on_it = self.on.get(found.id, ())
        block = (
            self._of_others(record.document, [item for item in on_it if item.id not in ours])
            or self._of_figures(record, found)
            or self._of_period(found.date)
            or (_reconciled("It") if found.reconciled else None)
        )
        accounted = sum((money.on[found.id] for money in on_it), ZERO)
        if block is None and found.total - found.left != accounted:
            block = _changed("Something that this tool did not put there is on it.")
        return self._plan(record, (Step(UndoPhase.INVOICE, found, record.element),), block)

    def _plan(
        self, record: Record, steps: tuple[Step, ...] = (), block: Block | None = None
    ) -> PlannedUndo:
        block = block or next(
            (
                _refused(self.refused[step.thing.id])
                for step in steps
                if step.thing.id in self.refused
            ),
            None,
        )
        later = self.order.later.get(record.element, "")
        return PlannedUndo(record, steps, block, later)

    def _of_payment(self, document: Document, found: StandingMoney) -> Block | None:
        total = document.total or ZERO
        if found.amount != total:
            return _changed(_other(total, found.amount, document.currency))
        put = document.ledger_total if document.ledger_total is not None else total
        # What it left over may be on another invoice by now.
        moved = sum(found.on.values(), ZERO) < put
        if self._is_elsewhere(found) or (moved and document.state is DocumentState.CREATED):
            return _changed("It is on another invoice now, or on none.")
        return self._of_day(document, found)

    def _of_note(
        self, record: Record, note: StandingDocument, uses: list[StandingMoney]
    ) -> Block | None:
        document = record.document
        if note.total != document.total:
            return _changed(_other(document.total, note.total, document.currency))
        credit = record.kind is DocumentKind.CREDIT
        other = [use for use in uses if not self._is_own(use, record, note.id)]
        used = sum((use.on[note.id] for use in uses), ZERO)
        if other or note.total - note.left != used:
            what = "for something else than its invoice" if credit else "by somebody else"
            return _changed(f"Its credit note is used {what}.")
        blocks = (self._of_day(document, use) for use in uses)
        block = next((block for block in blocks if block), None)
        if note.reconciled:
            return block or _reconciled("It")
        return block or self._of_period(note.date)

    def _is_own(self, use: StandingMoney, record: Record, note: LedgerId) -> bool:
        """Whether a credit note is used as this tool has used it."""
        if record.kind is DocumentKind.CREDIT:
            return use.note == note and not self._is_elsewhere(use)
        return use.note is None and use.reference == record.document.reference

    def _is_elsewhere(self, found: StandingMoney) -> bool:
        """Whether money is on a document that is not meant, nor its own invoice."""
        return not set(found.on) <= {*self.documents, self.order.invoice_id}

    def _of_day(self, document: Document, found: StandingMoney) -> Block | None:
        if found.reconciled:
            return _reconciled("It" if found.note is None else "Its use")
        moved = found.note is None and None not in {found.date, document.date}
        if moved and found.date != document.date:
            return _changed(f"It was dated {document.date}, is dated {found.date} now.")
        return self._of_period(found.date)

    def _of_period(self, day: dt.date | None) -> Block | None:
        if day is None or self.lock is None or day > self.lock:
            return None
        return Block(
            Reason.PERIOD_LOCKED,
            f"It is dated {day}, the ledger is locked up to {self.lock}.",
            "Move the ledger's lock date, then run the command again.",
        )

    def _of_others(self, document: Document, others: Iterable[StandingMoney]) -> Block | None:
        amounts = [
            f"{money.on[LedgerId(document.ledger_id)]} {document.currency}" for money in others
        ]
        if not amounts:
            return None
        return _changed(f"Money that this tool did not put there is on it: {', '.join(amounts)}.")

    def _of_figures(self, record: Record, found: StandingDocument) -> Block | None:
        changes = list(differences(record, found, self.order.contact))
        return _changed(f"Changed in the ledger: {'; '.join(changes)}.") if changes else None


def differences(record: Record, found: StandingDocument, contact: LedgerId) -> Iterator[str]:
    """In which figures an invoice differs from what was sent, in words."""
    document, draft = record.document, record.invoice_draft
    total = document.ledger_total
    if draft and document.reason is Reason.CHANGED_AFTER_SYNC:
        # What was altered there has been written down since.
        total = draft.expected_total
    if total not in {None, found.total}:
        yield f"the total was {total} {document.currency}, is {found.total} {document.currency}"
    as_sent = draft is not None and draft.expected_total == found.total
    if draft and as_sent and found.tax not in {None, draft.expected_tax}:
        was = draft.expected_tax
        yield f"the tax was {was} {document.currency}, is {found.tax} {document.currency}"
    if None not in {document.date, found.date} and document.date != found.date:
        yield f"the date was {document.date}, is {found.date}"
    if contact and contact != found.contact_id:
        yield "it is another contact's now"


def _other(was: Decimal | None, found: Decimal, currency: str) -> str:
    return f"It was {was} {currency}, is {found} {currency} now."


def _changed(message: str) -> Block:
    hint = "Look at it in the ledger; void or delete it there by hand if it should go."
    return Block(Reason.CHANGED_IN_LEDGER, message, hint)


def _reconciled(what: str) -> Block:
    return Block(
        Reason.RECONCILED,
        f"{what} is reconciled with the bank, or part of a bank deposit.",
        "Undo that in the ledger first, then run the command again.",
    )


def _refused(result: WriteResult) -> Block:
    """What the ledger has refused, though nothing spoke against it."""
    known = result.reason in {Reason.RECONCILED, Reason.PERIOD_LOCKED}
    reason = result.reason if known else Reason.CHANGED_IN_LEDGER
    words = result.words or "it gave no reason."
    return Block(reason, f"The ledger says: {words}", result.hint or _changed("").hint)
