"""Approving what was drafted: only what is in the ledger as it was sent, line by line."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.standing import StandingDocument, StandingLine, Standings
from invoicesync_cli.model import Document, DocumentState, Draft, DraftLine, LedgerId, Reason
from invoicesync_cli.state.journal import APPROVE
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.batches import BatchItem
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.removals import settle_removals, standing_of
from invoicesync_cli.sync.undo.plan import Block, differences, left_alone
from invoicesync_cli.sync.undo.result import UndoResult
from invoicesync_cli.sync.undo.scope import OrderScope, Scope
from invoicesync_cli.sync.undo.send import LOOKING, repeated

LOOK = "Look at it in the ledger, and approve it there by hand if it is right."


@dataclass(frozen=True)
class PlannedApproval:
    """An invoice that would be approved, or stays because of its `block`."""

    record: Record
    thing: StandingDocument | None = None
    block: Block | None = None

    @property
    def document(self) -> Document:
        """The document as it would stand."""
        if self.block:
            return left_alone(self.record.document, self.block)
        return replace(self.record.document, message="It would be approved.")


class Approver:
    """Approves the invoices of orders. `lock` is the last day of the closed period."""

    def __init__(
        self, context: RunContext, scope: Scope, result: UndoResult, lock: dt.date | None
    ) -> None:
        self._context = context
        self._state = context.state
        self._ledger = context.ledger
        self._scope = scope
        self._result = result
        self._lock = lock
        self._refused: dict[LedgerId, WriteResult] = {}
        self._sent: dict[LedgerId, Record] = {}
        self._done: set[str] = set()
        self._batches = context.batches()

    def others(self) -> list[Document]:
        """Named invoices that this tool has not made."""
        return [
            replace(document, message="This tool has not made it: it stays as it is.", hint=LOOK)
            for document in self._scope.others()
        ]

    def plan(self, order_ids: Sequence[str]) -> list[PlannedApproval]:
        """What becomes of each invoice of these orders that is not approved yet."""
        self._context.progress.phase(LOOKING)
        orders = [order for order in self._scope.orders(order_ids) if order.invoice]
        records = [order.invoice for order in orders if order.invoice]
        there = standing_of(self._ledger, records)
        return [plan for order in orders if (plan := self._judge(order, there))]

    def carry_out(self, order_ids: Sequence[str]) -> None:
        """Approve what may be, and report all of it. Raises what ends the run."""
        repeated(self._ledger, lambda: self._approve(order_ids))

    def _approve(self, order_ids: Sequence[str]) -> bool:
        settle_removals(self._state, self._ledger, self._context.run)
        plans = self.plan(order_ids)
        waiting = {plan.record.document.ledger_id for plan in plans}
        self._note([ident for ident in self._sent if ident not in waiting])
        things = [plan.thing for plan in plans if plan.thing and not plan.block]
        if not things:
            self._leave([plan for plan in plans if plan.block])
            return False
        self._sent |= {
            LedgerId(plan.record.document.ledger_id): plan.record
            for plan in plans
            if not plan.block
        }

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                if sent.id is None:
                    self._refused[LedgerId(element.name)] = sent

        elements = [BatchItem(thing.id, thing.id, thing) for thing in things]
        self._batches.send(APPROVE, elements, before=_nothing, settle=settle, undo=_nothing)
        self._note([thing.id for thing in things if thing.id not in self._refused])
        return True

    def _note(self, idents: Sequence[LedgerId]) -> None:
        """Report what was approved; its record is what it was."""
        records = [self._sent.pop(ident) for ident in idents]
        documents = [
            replace(record.document, message="Approved in the ledger.", hint="")
            for record in records
        ]
        with self._state.transaction():
            for document in documents:
                self._state.history.log(self._context.run, document)
        self._done.update(idents)
        self._result.change(documents)

    def _leave(self, plans: Sequence[PlannedApproval]) -> None:
        documents = [plan.document for plan in plans]
        with self._state.transaction():
            for document in documents:
                self._state.history.log(self._context.run, document)
        self._result.leave_alone(documents)

    def _judge(self, order: OrderScope, there: Standings) -> PlannedApproval | None:
        """None where it is approved already."""
        record = order.invoice
        if record is None:
            return None
        found = there.documents.get(LedgerId(record.document.ledger_id))
        if found and found.alive and found.approved:
            if record.document.ledger_id not in {*self._done, *self._sent}:
                self._result.leave([record.key])
            return None
        return PlannedApproval(record, found, self._block(order, record, found))

    def _block(
        self, order: OrderScope, record: Record, found: StandingDocument | None
    ) -> Block | None:
        if found is None or not found.alive:
            words = "It was voided or deleted in the ledger."
            return Block(Reason.CHANGED_IN_LEDGER, words, "Nothing, if that was meant.")
        if record.state is not DocumentState.CREATED:
            return Block(Reason.CHANGED_IN_LEDGER, record.document.message, record.document.hint)
        if found.date and self._lock and found.date <= self._lock:
            return Block(
                Reason.PERIOD_LOCKED,
                f"It is dated {found.date}, the ledger is locked up to {self._lock}.",
                "Move the ledger's lock date, then run the command again.",
            )
        changes = [*differences(record, found, order.contact)]
        draft = record.invoice_draft
        changes += _changes(draft, found) if draft else []
        if changes:
            words = f"Changed in the ledger: {'; '.join(changes)}."
            return Block(Reason.CHANGED_IN_LEDGER, words, LOOK)
        refused = self._refused.get(found.id)
        if refused:
            locked = refused.reason is Reason.PERIOD_LOCKED
            reason = Reason.PERIOD_LOCKED if locked else Reason.CHANGED_IN_LEDGER
            return Block(reason, f"The ledger says: {refused.words}", LOOK)
        return None


def _changes(draft: Draft, found: StandingDocument) -> Iterator[str]:
    """In what a draft in the ledger differs from what was sent, beside its figures; in words."""
    heads = (
        ("number", draft.number, found.number),
        ("reference", draft.reference, found.reference),
        ("due date", draft.due_date, found.due_date),
    )
    for name, was, now in heads:
        if was != now:
            yield f"the {name} was {was}, is {now}"
    if len(draft.lines) != len(found.lines):
        yield f"it had {len(draft.lines)} lines, has {len(found.lines)}"
        return
    for place, (sent, there) in enumerate(zip(draft.lines, found.lines, strict=True), 1):
        yield from _changes_of_line(place, sent, there)


def _changes_of_line(place: int, sent: DraftLine, there: StandingLine) -> Iterator[str]:
    parts = (
        ("text", _plain(sent.description), _plain(there.description)),
        ("amount", sent.amount, there.amount),
        ("account", sent.account, there.account),
        ("tax code", sent.tax_code, there.tax_code),
        ("tax", there.tax if sent.tax is None else sent.tax, there.tax),
        ("tracking", _tracked(map(str, sent.tracking)), _tracked(there.tracking)),
    )
    for name, was, now in parts:
        if was != now:
            yield f"the {name} of line {place} was {was}, is {now}"


def _tracked(pairs: Iterable[str]) -> str:
    return ", ".join(sorted(pairs)) or "nothing"


def _plain(text: str) -> str:
    """A text without what a ledger may do to its blanks and its length."""
    return " ".join(text[:4000].split())


def _nothing(_: Sequence[BatchItem]) -> None:
    """A draft that is about to be approved is what it is until it was."""
