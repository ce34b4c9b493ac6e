"""Reading back what was sent: whether another machine has made the same at the same minute.

The lock holds for one machine. Two that keep the same books from the same shop, with a copied state
or one of their own, may both look, find nothing, and both send. So whatever was sent is read back,
in bulk, as long as the journal says that it was not. Of documents that are alike the oldest stays,
whoever looks first; that leaves exactly one, since every machine takes back its own and only its
own. Invoices are read back before any credit note goes out for them (`PaymentSettler`): whoever
finds one by its number stands by it, and would lose it with an invoice that gives way.

What cannot be taken back, and what somebody else should, is held until one is left.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    LedgerId,
    Reason,
)
from invoicesync_cli.state.journal import JournalEntry
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.adoption import note_other_machine
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices import outcomes as invoice_outcomes
from invoicesync_cli.sync.payments import outcomes as payment_outcomes
from invoicesync_cli.sync.payments.receipts import payment_of
from invoicesync_cli.sync.undo.result import UndoResult
from invoicesync_cli.sync.undo.scope import Given, OrderScope
from invoicesync_cli.sync.undo.send import UndoSender

BATCHES = 100
"""How many batches are read back together: invoices and payments of a thousand orders."""
DONE = {DocumentState.UNDONE, DocumentState.SKIPPED, DocumentState.DISMISSED}
"""States of records that stand for nothing that this machine has to answer for."""


@dataclass(frozen=True)
class _Sent:
    """A document that was sent, and the `others` that are alike and should not be there: of those
    it is one itself if there is an `older` one in its place."""

    record: Record
    older: LedgerId | None
    others: bool


class Duplicates:
    """Reads back what this state has sent. `made` are the orders whose invoices this run has made,
    which lose those that give way to another machine's."""

    def __init__(self, context: RunContext, made: MutableMapping[str, bool]) -> None:
        self._context = context
        self._state = context.state
        self._ledger = context.ledger
        self._made = made

    def settle(self, *, last: bool = False) -> list[Document]:
        """Read back what was not read back yet; the documents whose outcome is another by it.

        What another machine has to take back is given time until the `last` look of a run.
        """
        if self._context.options.dry_run:
            return []
        changed: list[Document] = []
        entries = self._state.journal.unread()
        for start in range(0, len(entries), BATCHES):
            changed += self._settle(entries[start : start + BATCHES], last=last)
        return changed

    def _settle(self, entries: Sequence[JournalEntry], *, last: bool) -> list[Document]:
        of_entry = {entry.id: self._records(entry) for entry in entries}
        elements = {
            record.element: (entry.kind, record)
            for entry in entries
            for record in of_entry[entry.id]
        }
        sent = self._compare(list(elements.values()))
        changed = self._give_way([item for item in sent if item.older])
        waiting = [item for item in sent if item.others and not item.older]
        with self._state.transaction():
            held = self._hold(waiting) if last else []
            held += self._release([item for item in sent if not item.others])
            # What is twice is read back in every run until it is not.
            twice = {item.record.element for item in sent if item.others}
            self._state.journal.read_back(
                entry
                for entry in entries
                if not any(record.element in twice for record in self._records(entry))
            )
        return [*changed, *held]

    # --- what was sent, and what else is like it ------------------------------------------------

    def _records(self, entry: JournalEntry) -> list[Record]:
        """The records of a batch whose documents are to be read back."""
        found = []
        for item in entry.items:
            kind, _, key = item.rpartition("/")
            record = self._state.record(DocumentKind(kind or DocumentKind.INVOICE), key)
            # What is paid out of a credit note is limited by that.
            pays_out = entry.kind == "payment" and kind != DocumentKind.PAYMENT
            if record and record.document.ledger_id and record.state not in DONE and not pays_out:
                found.append(record)
        return found

    def _compare(self, elements: Sequence[tuple[str, Record]]) -> list[_Sent]:
        """Each document with what is like it."""
        asked = [
            (kind, payload, record)
            for kind, record in elements
            if (payload := _payload(kind, record)) and self._can_be_twice(record)
        ]
        alike = self._ledger.alike([(kind, payload) for kind, payload, _ in asked]) if asked else []
        ours = self._ours(ident for found in alike for ident in found)
        free: dict[tuple[LedgerId, ...], list[LedgerId]] = {}
        sent = []
        for (_, _, record), found in zip(asked, alike, strict=True):
            ident = LedgerId(record.document.ledger_id)
            mine = sum(other in ours for other in found)
            stay = found[:mine]
            older = None
            if ident in found and ident not in stay:
                theirs = [other for other in stay if other not in ours]
                older = (free.setdefault(tuple(found), theirs) or stay).pop(0)
            sent.append(_Sent(record, older, ident in found and len(found) > mine))
        return sent

    def _can_be_twice(self, record: Record) -> bool:
        """Whether the ledger would take it twice: not a payment of which only one fits."""
        capabilities = self._ledger.capabilities
        if record.kind is DocumentKind.INVOICE:
            return not capabilities.numbers_unique
        if record.kind is not DocumentKind.PAYMENT or not capabilities.refuses_overpayments:
            return True
        invoice = self._state.record(DocumentKind.INVOICE, record.document.order_id)
        total = invoice.document.ledger_total if invoice else None
        return total is None or 2 * (record.document.total or ZERO) <= total

    def _ours(self, ids: Iterable[LedgerId]) -> set[LedgerId]:
        """Those that records of this state stand for."""
        return {
            LedgerId(record.document.ledger_id)
            for record in self._state.records_at(dict.fromkeys(ids))
            if record.state is not DocumentState.UNDONE
        }

    # --- what becomes of it ---------------------------------------------------------------------

    def _give_way(self, sent: Sequence[_Sent]) -> list[Document]:
        """Take back what another machine has made before; the documents as they stand then."""
        if not sent:
            return []
        note_other_machine(self._state, self._context.now())
        context = self._context
        ending = {item.record.key for item in sent if item.record.kind is DocumentKind.INVOICE}
        sent = [
            item
            for item in sent
            if item.record.kind is DocumentKind.INVOICE
            or item.record.document.order_id not in ending
        ]
        scope = Given([self._scope(item.record) for item in sent])
        result = UndoResult(context.run, dry_run=False)
        sender = UndoSender(context, scope, result, context.preflight.lock_date())
        sender.carry_out(list(dict.fromkeys(item.record.document.order_id for item in sent)))
        there = self._invoices(sent)
        documents = []
        with self._state.transaction():
            for item in sent:
                record = self._state.record(item.record.kind, item.record.key)
                if record is None or item.older is None:
                    continue
                if record.state is not DocumentState.UNDONE:
                    documents += self._hold([replace(item, record=record)])
                    continue
                documents += self._replaced(record, item.older, there)
        return documents

    def _scope(self, record: Record) -> OrderScope:
        """A document with the money that was put onto it."""
        order = record.document.order_id
        if record.kind is DocumentKind.INVOICE:
            money = self._money(order)
            return OrderScope(order, LedgerId(record.document.ledger_id), record, tuple(money))
        invoice = self._state.record(DocumentKind.INVOICE, order)
        ident = LedgerId(invoice.document.ledger_id if invoice else "")
        return OrderScope(order, ident, None, (record,))

    def _money(self, order_id: str) -> list[Record]:
        return [
            item
            for item in self._state.records_of([order_id], "order")
            if item.kind is not DocumentKind.INVOICE
            and item.document.ledger_id
            and item.state not in DONE
        ]

    def _invoices(self, sent: Iterable[_Sent]) -> Mapping[LedgerId, Any]:
        older = [
            item.older for item in sent if item.older and item.record.kind is DocumentKind.INVOICE
        ]
        return self._ledger.invoices(older) if older else {}

    def _replaced(
        self, record: Record, older: LedgerId, there: Mapping[LedgerId, Any]
    ) -> list[Document]:
        """Write down that the ledger has another machine's document in place of this one."""
        before = outcomes.renewed(record.document)
        if record.kind is not DocumentKind.INVOICE:
            document = payment_outcomes.of_other_machine(before, older)
            self._state.save(replace(record, document=document, run=self._context.run))
            return [document]
        self._made.pop(record.key, None)
        for money in self._state.records_of([record.key], "order"):
            if money.state is DocumentState.UNDONE and money.kind is not DocumentKind.INVOICE:
                # It is judged against the other invoice.
                self._state.forget(money.kind, money.key)
        draft, found = record.invoice_draft, there.get(older)
        document = before
        if draft and found:
            unsent = replace(before, ledger_id="")
            document = invoice_outcomes.of_marked(
                unsent, draft.expected, [found], found, skip_synced=True
            )
        record = replace(record, document=document, money="", run=self._context.run)
        self._state.save(record)
        payment = payment_of(record)
        if payment is None:
            return [document]
        paid = payment_outcomes.of_other_machine(payment.document, older)
        self._state.save(replace(payment, document=paid))
        return [document, paid]

    def _hold(self, sent: Iterable[_Sent]) -> list[Document]:
        documents = []
        for item in sent:
            record = item.record
            note_other_machine(self._state, self._context.now())
            if record.state is DocumentState.HELD:
                continue
            document = outcomes.of_duplicate(record.document)
            self._state.save(replace(record, document=document, run=self._context.run))
            documents.append(document)
        return documents

    def _release(self, sent: Iterable[_Sent]) -> list[Document]:
        """End the holds of documents that are the only ones left."""
        documents = []
        for item in sent:
            if item.record.document.reason is not Reason.AMBIGUOUS:
                continue
            document = replace(outcomes.renewed(item.record.document), state=DocumentState.CREATED)
            self._state.save(replace(item.record, document=document, run=self._context.run))
            documents.append(document)
        return documents


def _payload(kind: str, record: Record) -> Any:
    """What was sent of a record in a batch of this kind; None where that is not known."""
    if kind == "invoice":
        return record.invoice_draft
    draft = record.payment_draft
    if draft is None or (kind != "payment" and draft.note is None):
        return None
    return (draft, None) if kind == "payment" else draft
