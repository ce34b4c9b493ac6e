"""Booking money exactly once: payments, credits as allocated notes, refunds as notes paid out."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from invoicesync_cli.load.ledger import FoundNote, FoundPayment, Ledger, Sent
from invoicesync_cli.model import Document, Kind, LedgerId, MoneyDraft, Note, State
from invoicesync_cli.state.rows import Record
from invoicesync_cli.state.store import State as StateFile
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.batches import Batches, Element
from invoicesync_cli.sync.notes import of_notes
from invoicesync_cli.transform.money import Share


@dataclass
class PlannedMoney:
    """One share of a Keap payment with its verdict, and the draft if it is to be booked.

    Without a share it is one that Keap no longer has, or a row that cannot be read.
    """

    share: Share | None
    document: Document
    draft: MoneyDraft | None
    known: Record | None
    source: str
    loose: FoundPayment | None = None
    """The payment in the ledger that has outlived its invoice, and goes onto the new one."""
    at: str = ""
    """The key of its record where there is neither share nor record."""

    @property
    def news(self) -> bool:
        """Whether the record has to be written."""
        return self.known is None or self.known.document != self.document

    @property
    def kind(self) -> Kind:
        """The kind of its record."""
        return self.share.kind if self.share and not self.booked else self.document.kind

    @property
    def booked(self) -> bool:
        """Whether it is in the ledger already."""
        return self.draft is None and self.known is not None and bool(self.known.document.ledger_id)

    @property
    def record_key(self) -> str:
        """The key of its record."""
        return self.share.key if self.share else self.known.key if self.known else self.at

    @property
    def key(self) -> str:
        """The key of its element in the journal."""
        return f"{self.kind}/{self.record_key}"

    @property
    def note_id(self) -> LedgerId | None:
        """The credit note, once it exists: its id stands in the record until money has moved."""
        made = self.document.ledger_id or (self.known.document.ledger_id if self.known else "")
        return LedgerId(made) if made and self.draft and self.draft.note else None

    def as_record(self, run: str, document: Document | None = None) -> Record:
        """The record of this share with this outcome."""
        return Record(
            kind=self.kind,
            key=self.record_key,
            document=document or self.document,
            source=self.source,
            draft=dump_money(self.draft) if self.draft or not self.known else self.known.draft,
            run=run,
        )


def dump_money(draft: MoneyDraft | None) -> str:
    """A draft as one line of JSON; equal drafts give equal text."""
    return json.dumps(asdict(draft), ensure_ascii=False, default=str) if draft else ""


class Payer:
    """Sends what was planned and writes down what became of it."""

    def __init__(
        self,
        state: StateFile,
        ledger: Ledger,
        run: str,
        *,
        dry_run: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.run = run
        self._state = state
        self._ledger = ledger
        self.dry_run = dry_run
        self._batches = Batches(state, ledger, run, now)

    def pay(self, plans: Sequence[PlannedMoney]) -> None:
        """Book what has a draft; afterwards each plan's document is its outcome."""
        with self._state.transaction():
            for plan in plans:
                if plan.known and plan.known.kind is not plan.kind:
                    # Keap has shown since that it is of another kind.
                    self._state.forget(plan.known.kind, plan.known.key)
                if plan.news and (self.dry_run or not plan.draft):
                    self._state.save(plan.as_record(self.run))
        if self.dry_run:
            return
        noted = [plan for plan in plans if plan.draft and plan.draft.note]
        if not self._ledger.capabilities.numbers_unique:
            self._look_for([plan for plan in noted if plan.note_id is None])
        whole = self._ledger.capabilities.refunds_whole
        refunds = [plan for plan in noted if whole and plan.kind is Kind.REFUND]
        self._notes([plan for plan in noted if plan not in refunds])
        self._refunds([plan for plan in refunds if plan.draft])
        for plan in plans:
            if plan.draft and plan.kind is Kind.CREDIT:
                self._allocate(plan)
        paying = [plan for plan in plans if plan.kind is not Kind.CREDIT and plan not in refunds]
        self._payments([plan for plan in paying if plan.draft])

    def _look_for(self, plans: Sequence[PlannedMoney]) -> None:
        """See whether a ledger that would take a number twice has these credit notes already."""
        numbers = [plan.draft.note.number for plan in plans if plan.draft and plan.draft.note]
        found = self._ledger.find_notes(numbers) if numbers else []
        for plan in plans:
            draft = plan.draft
            same = [note for note in found if draft and draft.note and _named(note, draft.note)]
            if draft is None or not any(note.alive for note in same):
                continue
            plan.document = of_notes(plan.document, same, draft.order_id, draft.invoice_id)
            if plan.document.state is not State.NEW:
                with self._state.transaction():
                    self._state.save(plan.as_record(self.run))
                plan.draft = None

    def _refunds(self, plans: Sequence[PlannedMoney]) -> None:
        """Make refunds that are one document with the money that they pay out."""
        elements = [
            (plan, Element(plan.key, plan.draft.note.number, plan.draft))
            for plan in plans
            if plan.draft and plan.draft.note
        ]

        def done(plan: PlannedMoney, sent: Sent) -> None:
            if not self._differs(plan, sent):
                self._created(plan, sent)

        self._send("refund", elements, done)

    def _differs(self, plan: PlannedMoney, sent: Sent) -> bool:
        """Hold a credit note that the ledger has made of another total."""
        expected = plan.draft.amount if plan.draft else None
        if sent.total == expected:
            return False
        plan.document = replace(
            plan.document,
            state=State.HELD,
            reason="totals-differ",
            message=f"The ledger made it {sent.total}, it should be {expected}.",
            hint="Correct or void the credit note in the ledger, then dismiss this.",
            ledger_id=str(sent.id),
            ledger_total=sent.total,
        )
        plan.draft = None
        self._state.save(plan.as_record(self.run))
        return True

    def _notes(self, plans: Sequence[PlannedMoney]) -> None:
        """Make the credit notes that do not exist yet."""

        def done(plan: PlannedMoney, sent: Sent) -> None:
            if self._differs(plan, sent):
                return
            plan.document = replace(plan.document, ledger_id=str(sent.id), ledger_total=sent.total)
            self._mark(plan, State.SENDING)

        missing = [plan for plan in plans if plan.note_id is None]
        elements = [
            (plan, Element(plan.key, plan.draft.note.number, plan.draft))
            for plan in missing
            if plan.draft and plan.draft.note
        ]
        self._send("note", elements, done)
        for plan in plans:
            made = plan.note_id
            if made and not plan.document.ledger_id:
                plan.document = replace(plan.document, ledger_id=made)

    def _allocate(self, plan: PlannedMoney) -> None:
        """Put a credit note onto its invoice."""
        note = plan.note_id
        if note and plan.draft:
            element = Element(plan.key, note, plan.draft)
            self._send(f"allocation/{note}", [(plan, element)], self._created)
            if plan.document.state is State.FAILED:
                self._used_up(plan, note)

    def _used_up(self, plan: PlannedMoney, note: LedgerId) -> None:
        """See whether the ledger, told to, has applied a credit note by itself already."""
        found = self._ledger.note(note)
        if found and found.alive and not found.left:
            plan.document = outcomes.of_used_up(plan.document, found.total)
            self._state.save(plan.as_record(self.run))

    def _payments(self, plans: Sequence[PlannedMoney]) -> None:
        made, applied = [], []
        for plan in plans:
            if plan.draft:
                target = plan.note_id or plan.draft.invoice
                name = self._ledger.payment_name(target, plan.draft.reference)
                if plan.loose:
                    applied.append((plan, Element(plan.key, name, (plan.draft, plan.loose))))
                else:
                    made.append((plan, Element(plan.key, name, (plan.draft, plan.note_id))))
        self._send("payment", made, self._created)
        self._send("apply", applied, self._created)

    def _created(self, plan: PlannedMoney, sent: Sent) -> None:
        ledger_id = plan.document.ledger_id or str(sent.id)
        amount = plan.draft.amount if plan.draft else None
        plan.document = replace(
            plan.document, state=State.CREATED, ledger_id=ledger_id, ledger_total=amount
        )
        if sent.unapplied:
            plan.document = outcomes.of_unapplied(plan.document, sent.unapplied)
        self._state.save(plan.as_record(self.run))

    def _send(
        self,
        kind: str,
        elements: Sequence[tuple[PlannedMoney, Element]],
        done: Callable[[PlannedMoney, Sent], None],
    ) -> None:
        """Send elements of one kind; `done` writes what went through, the rest is written here."""
        plans = {element.key: plan for plan, element in elements}

        def before(part: Sequence[Element]) -> None:
            for element in part:
                self._mark(plans[element.key], State.SENDING)

        def undo(part: Sequence[Element]) -> None:
            for element in part:
                self._mark(plans[element.key], State.NEW)

        def settle(part: Sequence[Element], sents: Sequence[Sent]) -> None:
            for element, sent in zip(part, sents, strict=True):
                plan = plans[element.key]
                if sent.unclear or sent.taken:
                    # Its record stays sending: the next run looks it up before anything else.
                    plan.draft = None
                    plan.document = replace(
                        plan.document,
                        state=State.HELD,
                        reason="outcome-unknown",
                        message="The ledger's answer does not tell what became of it.",
                        hint="The next sync looks it up in the ledger first.",
                    )
                elif sent.id is None:
                    plan.document = outcomes.refused(plan.document, sent)
                    self._state.save(plan.as_record(self.run))
                    plan.draft = None
                else:
                    done(plan, sent)

        every = [element for _, element in elements]
        self._batches.send(kind, every, before=before, settle=settle, undo=undo)

    def _mark(self, plan: PlannedMoney, state: State) -> None:
        marked = replace(plan.document, state=state)
        self._state.save(plan.as_record(self.run, marked), log=False)


def _named(found: FoundNote, note: Note) -> bool:
    return found.number.casefold() == note.number.casefold()


def load_money(text: str) -> dict[str, Any]:
    """The draft that `dump_money` wrote, as plain data."""
    found: dict[str, Any] = json.loads(text or "{}")
    return found
