"""Taking back, phase by phase: what is there is read and judged anew before each of them.

What is gone is written down as such, whoever made it go; what is still there and may go is taken
back; what the ledger refuses is looked at again, and stays. So it does not matter where a run of it
ended or which answer was lost: the next one reads what is there, and goes on (R16).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.limits import LONGEST_WAIT, THROTTLED_TRIES, TRIES, back_off
from invoicesync_cli.http.responses import Throttled
from invoicesync_cli.load.ledger import Ledger, WriteResult
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.model import Document, DocumentKind, LedgerId
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.batches import BatchItem
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.removals import note_taken_back, settle_removals, standing_of
from invoicesync_cli.sync.undo.plan import PlannedUndo, Step, judge
from invoicesync_cli.sync.undo.result import UndoResult
from invoicesync_cli.sync.undo.scope import Given, Scope

LOOKING = "Looking at what is there"
FEW = 10
"""How many documents may be missing at once without a doubt that it is the right ledger."""
FINAL = {"limit-reached", "company-closed", "mostly-missing"}
"""Errors that do not pass in a moment."""
PASSES = WriteResult(words="it gave no clear answer.")


def repeated(ledger: Ledger, attempt: Callable[[], bool]) -> None:
    """Do again what leaves something to be done, also after an answer that was lost, or a limit
    that passes. Raises what does not."""
    tries = throttled = 0
    while True:
        try:
            if not attempt():
                return
            tries = throttled = 0
            continue
        except Throttled as error:
            throttled += 1
            wait = min(2.0**throttled, 60.0) if error.wait is None else error.wait
            if wait > LONGEST_WAIT or throttled == THROTTLED_TRIES:
                raise
        except TryLater as error:
            tries += 1
            wait = back_off(tries)
            if error.code in FINAL or tries == TRIES:
                raise
        ledger.pause(wait)


class UndoSender:
    """Takes back orders, a thousand at a time. `lock` is the last day of the closed period."""

    def __init__(
        self, context: RunContext, scope: Scope | Given, result: UndoResult, lock: dt.date | None
    ) -> None:
        self._context = context
        self._state = context.state
        self._ledger = context.ledger
        self._scope = scope
        self._result = result
        self._lock = lock
        self._refused: dict[LedgerId, WriteResult] = {}
        self._tries: Counter[LedgerId] = Counter()
        """What was sent, and how often without a clear answer."""
        self._batches = context.batches()

    def plan(self, order_ids: Sequence[str]) -> list[PlannedUndo]:
        """What becomes of each document of these orders that is meant, as it is now."""
        self._context.progress.phase(LOOKING)
        orders = self._scope.orders(order_ids)
        records = [record for order in orders for record in order.records]
        # QuickBooks shows the use of a credit memo only on the invoice.
        credited = [
            order.invoice_id
            for order in orders
            if order.invoice_id and any(item.kind is DocumentKind.CREDIT for item in order.money)
        ]
        there = standing_of(self._ledger, records, credited)
        _check_missing(records, there)
        return judge(orders, there, self._lock, self._refused)

    def others(self) -> list[Document]:
        """What was named and this tool has not made: it stays."""
        return [
            replace(
                document,
                message="This tool has not made it, or not by the records that there are: it stays "
                "as it is.",
                hint="Void or delete it in the ledger by hand if it should go.",
            )
            for document in self._scope.others()
        ]

    def carry_out(self, order_ids: Sequence[str]) -> None:
        """Take back what may go of these orders, and report all of it.

        Raises what ends the run.
        """
        repeated(self._ledger, lambda: self._phase(order_ids))

    def _phase(self, order_ids: Sequence[str]) -> bool:
        """Take back what comes next; whether anything was left."""
        self._result.change(settle_removals(self._state, self._ledger, self._context.run))
        plans = self.plan(order_ids)
        self._note_removed([plan for plan in plans if plan.removed])
        steps = _next(plans)
        if steps:
            self._send(steps, {plan.record.document.ledger_id: plan for plan in plans})
        else:
            self._leave([plan for plan in plans if plan.block])
        return bool(steps)

    def _send(self, steps: Sequence[Step], plans: dict[str, PlannedUndo]) -> None:
        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                ident = LedgerId(element.name)
                if sent.removed:
                    self._note(ident, plans.get(element.name))
                elif sent.unclear:
                    self._tries[ident] += 1
                    if self._tries[ident] == TRIES:
                        self._refused[ident] = PASSES
                else:
                    self._refused[ident] = sent

        self._tries.update(dict.fromkeys((step.thing.id for step in steps), 0))
        elements = [BatchItem(step.key, step.thing.id, step.thing) for step in steps]
        kind = steps[0].phase.kind
        self._batches.send(kind, elements, before=_nothing, settle=settle, undo=_nothing)
        if any(self._tries[step.thing.id] for step in steps):
            # It may be at work on them.
            self._ledger.pause(back_off(1))

    def _note(self, ident: LedgerId, plan: PlannedUndo | None) -> None:
        """Write down what has just been taken back, with the payment that a receipt brought along;
        a pay-out or an allocation is no document of its own."""
        if plan is None:
            return
        records = self._state.records_at([ident])
        run = self._context.run
        self._result.change(note_taken_back(self._state, records, run, plan.how, plan.remark))

    def _note_removed(self, plans: Iterable[PlannedUndo]) -> None:
        with self._state.transaction():
            for plan in plans:
                ours = plan.record.document.ledger_id in self._tries
                how = "" if ours else plan.how
                run = self._context.run
                self._result.change(
                    note_taken_back(self._state, [plan.record], run, how, plan.remark)
                )

    def _leave(self, plans: Iterable[PlannedUndo]) -> None:
        """Report what stays; its record is what it was."""
        documents = [plan.document for plan in plans]
        with self._state.transaction():
            for document in documents:
                self._state.history.log(self._context.run, document)
        self._result.leave_alone(documents)


def _check_missing(records: Sequence[Record], there: Standings) -> None:
    """Doubt that it is the right ledger, rather than that most of it was deleted there."""
    known = {*there.documents, *there.money}
    missing = [record for record in records if record.document.ledger_id not in known]
    if len(missing) > FEW and len(missing) > len(records) / 2:
        raise TryLater(
            f"{len(missing)} of {len(records)} documents are missing from the ledger.",
            hint="Nothing was recorded as taken back. Check that the sign-in may read invoices and "
            "payments, then run the command again.",
            code="mostly-missing",
            unknown=False,
        )


def _next(plans: Iterable[PlannedUndo]) -> list[Step]:
    """The steps of the first phase in which anything is to be done, each thing once."""
    steps = [step for plan in plans for step in plan.todo]
    first = min((step.phase for step in steps), default=None)
    return list({step.thing.id: step for step in steps if step.phase is first}.values())


def _nothing(_: Sequence[BatchItem]) -> None:
    """A document that is about to be taken back is what it is until it is gone."""
