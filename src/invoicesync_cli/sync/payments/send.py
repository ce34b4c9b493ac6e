"""Booking money exactly once: payments, credits as allocated notes, refunds as notes paid out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    LedgerId,
    Reason,
)
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.batches import BatchItem
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments import outcomes as payment_outcomes
from invoicesync_cli.sync.payments.credit_notes import (
    number_taken,
    of_notes,
    of_refused,
)
from invoicesync_cli.sync.payments.planned import PlannedPayment


class PaymentSender:
    """Sends what was planned and writes down what became of it."""

    def __init__(
        self,
        context: RunContext,
    ) -> None:
        self.run = context.run
        self._state = context.state
        self._ledger = context.ledger
        self.dry_run = context.options.dry_run
        self._recreate = context.options.recreate
        self._batches = context.batches()

    def send(self, plans: Sequence[PlannedPayment]) -> None:
        """Book what has a draft; afterwards each plan's document is its outcome."""
        with self._state.transaction():
            for plan in plans:
                if plan.record and plan.record.kind is not plan.kind:
                    # Keap has shown since that it is of another kind.
                    self._state.forget(plan.record.kind, plan.record.key)
                if plan.needs_saving and (self.dry_run or not plan.draft):
                    self._state.save(plan.as_record(self.run))
        if self.dry_run:
            return
        noted = [plan for plan in plans if plan.draft and plan.draft.note]
        self._look_for([plan for plan in noted if self._may_be_there(plan)])
        whole = self._ledger.capabilities.refunds_whole
        refunds = [plan for plan in noted if whole and plan.kind is DocumentKind.REFUND]
        self._notes([plan for plan in noted if plan.draft and plan not in refunds])
        self._refunds([plan for plan in refunds if plan.draft])
        for plan in plans:
            if plan.draft and plan.kind is DocumentKind.CREDIT:
                self._allocate(plan)
        paying = [
            plan for plan in plans if plan.kind is not DocumentKind.CREDIT and plan not in refunds
        ]
        self._payments([plan for plan in paying if plan.draft])

    def _may_be_there(self, plan: PlannedPayment) -> bool:
        """Whether the number of a plan's credit note is looked for before it is sent: where it was
        somebody else's, and in a ledger that would take it twice."""
        held = plan.record is not None and plan.record.document.reason is Reason.NUMBER_TAKEN
        return plan.note_id is None and (held or not self._ledger.capabilities.numbers_unique)

    def _look_for(self, plans: Sequence[PlannedPayment]) -> list[PlannedPayment]:
        """Settle what of these credit notes is in the ledger; those that it does not have."""
        numbers = [plan.draft.note.number for plan in plans if plan.draft and plan.draft.note]
        found = self._ledger.find_notes(numbers) if numbers else []
        orders = [plan.draft.order_id for plan in plans if plan.draft]
        dead = self._state.history.taken_back(orders)
        free = []
        for plan in plans:
            draft = plan.draft
            if draft is None or draft.note is None:
                continue
            number = draft.note.number.casefold()
            same = [note for note in found if note.number.casefold() == number]
            there = of_notes(plan.document, same, draft.order_id, draft.invoice_id)
            anew = self._recreate or any(note.id in dead for note in same)
            if there is None or (anew and not any(note.alive for note in same)):
                plan.anew = anew
                free.append(plan)
            else:
                self._stands(plan, there)
        return free

    def _stands(self, plan: PlannedPayment, document: Document) -> None:
        """Write how a credit note is found to stand; only one that is not used yet goes on."""
        plan.document = document
        if document.state is not DocumentState.NEW:
            with self._state.transaction():
                self._state.save(plan.as_record(self.run))
            plan.draft = None

    def _refunds(self, plans: Sequence[PlannedPayment]) -> None:
        """Make refunds that are one document with the money that they pay out."""

        def done(plan: PlannedPayment, sent: WriteResult) -> None:
            if self._as_expected(plan, sent):
                self._created(plan, sent)

        self._send("refund", [_of_note(plan) for plan in plans], done)

    def _as_expected(self, plan: PlannedPayment, sent: WriteResult) -> bool:
        """Whether the ledger has made a credit note of the right total; another one is held."""
        document = plan.document
        plan.document = payment_outcomes.of_note(
            document, plan.draft.amount if plan.draft else ZERO, sent
        )
        if plan.document.state is not DocumentState.NEW:
            self._state.save(plan.as_record(self.run))
            plan.draft = None
            return False
        return True

    def _notes(self, plans: Sequence[PlannedPayment]) -> None:
        """Make the credit notes that do not exist yet."""

        def done(plan: PlannedPayment, sent: WriteResult) -> None:
            if self._as_expected(plan, sent):
                self._mark(plan, DocumentState.NEW)

        self._send("note", [_of_note(plan) for plan in plans if plan.note_id is None], done)
        for plan in plans:
            made = plan.note_id
            if made and not plan.document.ledger_id:
                plan.document = replace(plan.document, ledger_id=made)

    def _allocate(self, plan: PlannedPayment) -> None:
        """Put a credit note onto its invoice."""
        note = plan.note_id
        if note and plan.draft:
            element = BatchItem(plan.key, note, plan.draft)
            self._send(f"allocation/{note}", [(plan, element)], self._created)

    def _payments(self, plans: Sequence[PlannedPayment]) -> None:
        made: list[tuple[PlannedPayment, BatchItem]] = []
        overpaying: list[tuple[PlannedPayment, BatchItem]] = []
        applied: list[tuple[PlannedPayment, BatchItem]] = []
        for plan in plans:
            if plan.draft:
                target = plan.note_id or plan.draft.invoice
                name = self._ledger.payment_name(target, plan.draft.reference)
                if plan.surviving:
                    applied.append((plan, BatchItem(plan.key, name, (plan.draft, plan.surviving))))
                else:
                    element = BatchItem(plan.key, name, (plan.draft, plan.note_id))
                    (overpaying if plan.draft.unapplied else made).append((plan, element))
        self._send("payment", made, self._created)
        # What these leave over the ledger may put onto other invoices, beside whose own payments.
        self._send("payment", overpaying, self._created)
        self._send("apply", applied, self._created)

    def _created(self, plan: PlannedPayment, sent: WriteResult) -> None:
        unapplied = plan.draft.unapplied if plan.draft else ZERO
        plan.document = payment_outcomes.of_money(plan.document, sent, unapplied)
        self._state.save(plan.as_record(self.run))

    def _send(
        self,
        kind: str,
        elements: Sequence[tuple[PlannedPayment, BatchItem]],
        done: Callable[[PlannedPayment, WriteResult], None],
    ) -> None:
        """Send elements of one kind; `done` writes what went through, the rest is written here."""
        plans = {element.key: plan for plan, element in elements}

        def before(part: Sequence[BatchItem]) -> None:
            for element in part:
                self._mark(plans[element.key], DocumentState.SENDING)

        def undo(part: Sequence[BatchItem]) -> None:
            for element in part:
                self._mark(plans[element.key], DocumentState.NEW)

        orders = [plan.draft.order_id for plan, _ in elements if plan.draft]
        dead = self._state.history.taken_back(orders)
        known = known_payments(self._state, orders) if kind == "payment" else dead
        refused: list[tuple[PlannedPayment, Document]] = []
        taken: list[PlannedPayment] = []

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                plan = plans[element.key]
                if sent.id is not None:
                    if kind == "payment":
                        known.add(sent.id)
                    done(plan, sent)
                    continue
                if sent.taken and plan.note_id is None:
                    # Whose it is, is looked up below, or by the next run.
                    held = number_taken(plan.document, element.name)
                    self._state.save(plan.as_record(self.run, held), log=False)
                    taken.append(plan)
                    continue
                refused.append((plan, plan.document))
                outcome = payment_outcomes.of_unclear if sent.unclear else outcomes.refused
                if plan.note_id:
                    # A run that ends before it has looked at the note leaves that to the next one.
                    self._mark(plan, DocumentState.NEW)
                plan.document = outcome(plan.document, sent)
                if not plan.note_id:
                    self._state.save(plan.as_record(self.run))

        every = [element for _, element in elements]
        self._batches.send(kind, every, before=before, settle=settle, undo=undo, known=known)
        self._refused(refused)
        again = self._taken(taken)
        if again:
            self._send(kind, [_of_note(plan) for plan in again], done)

    def _refused(self, plans: Sequence[tuple[PlannedPayment, Document]]) -> None:
        """See of refused money, with its document before, whether its credit note is used up, and
        so by it."""
        for plan, before in plans:
            note = plan.note_id
            if note:
                plan.document = of_refused(before, self._ledger.note(note)) or plan.document
                with self._state.transaction():
                    self._state.save(plan.as_record(self.run))
            plan.draft = None

    def _taken(self, plans: Sequence[PlannedPayment]) -> list[PlannedPayment]:
        """Settle credit notes whose numbers the ledger has; those to be sent under other ones."""
        again = []
        for plan in self._look_for(plans):
            number = plan.draft.note.number if plan.draft and plan.draft.note else ""
            if plan.anew:
                plan.renumber()
                again.append(plan)
            else:
                self._stands(plan, number_taken(plan.document, number))
        return again

    def _mark(self, plan: PlannedPayment, state: DocumentState) -> None:
        marked = replace(plan.document, state=state)
        self._state.save(plan.as_record(self.run, marked), log=False)


def _of_note(plan: PlannedPayment) -> tuple[PlannedPayment, BatchItem]:
    number = plan.draft.note.number if plan.draft and plan.draft.note else ""
    return plan, BatchItem(plan.key, number, plan.draft)


def known_payments(state: Store, order_ids: Iterable[str]) -> set[LedgerId]:
    """The payments that records of these orders stand for, and whatever was taken back of them."""
    orders = list(order_ids)
    return state.history.taken_back(orders) | {
        LedgerId(record.document.ledger_id)
        for record in state.records_of(orders, "order")
        if record.kind is DocumentKind.PAYMENT and record.document.ledger_id
    }
