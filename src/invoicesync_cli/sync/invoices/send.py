"""Carrying out a plan: contacts, then invoices, each with its outcome written down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import (
    ContactQuery,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    LedgerContact,
    LedgerId,
    NewContact,
    Reason,
    marked_order,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.batches import BatchItem
from invoicesync_cli.sync.contacts import MatchedContacts
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices import outcomes
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.payments.receipts import payment_of
from invoicesync_cli.transform.contacts import Matched


class InvoiceSender:
    """Carries out a plan and writes down what became of it."""

    def __init__(
        self,
        context: RunContext,
        matched: MatchedContacts,
    ) -> None:
        self._state = context.state
        self._ledger = context.ledger
        self._matched = matched
        self._run = context.run
        self._skip_synced = context.config.invoices.skip_synced
        self._dry_run = context.options.dry_run
        self._recreate = context.options.recreate
        self.made: dict[str, bool] = {}
        """The orders whose invoices the ledger has just made, with nothing paid on them yet, and
        whether their customer was made just before: then there is no credit of theirs either."""
        self._batches = context.batches()
        self._refused: dict[str, WriteResult] = {}
        """Contacts that the ledger did not create, by number; none is sent twice in a run."""
        self._received: list[Document] = []
        self._new_customers: set[str] = set()
        """The orders whose contacts were created for them."""

    def send(self, plans: Sequence[PlannedInvoice]) -> list[Document]:
        """Send what is to be sent; afterwards each plan's document is its outcome.

        Returns the documents of the payments that went with their invoices.
        """
        self._received = []
        _hold_twins([plan for plan in plans if plan.sends])
        with self._state.transaction():
            for plan in plans:
                if self._dry_run and plan.draft and plan.sends:
                    expected = plan.draft.expected_total
                    plan.document = replace(plan.document, ledger_total=expected)
                    self.made[plan.order.order_id] = False
                if plan.recorded and plan.needs_saving and (self._dry_run or not plan.sends):
                    self._save(plan)
                    self._link(plan)
        sending = [plan for plan in plans if plan.sends]
        if sending and not self._dry_run:
            self._contacts(sending)
            self._invoices([plan for plan in sending if plan.sends])
        return self._received

    # --- contacts -------------------------------------------------------------------------------

    def _contacts(self, sending: Sequence[PlannedInvoice]) -> None:
        wanted: dict[str, NewContact] = {}
        for plan in sending:
            made = self._matched.to_create(plan.match) if plan.match else None
            if made and made.contact.number not in self._refused:
                wanted[made.contact.number] = made.contact
        created, taken = self._create(list(wanted.values()))
        if taken:
            # The name is somebody else's after all, whom no list showed.
            there, free = self._matched.after_all(taken)
            created |= there
            created |= self._create(free)[0]
        with self._state.transaction():
            for plan in sending:
                self._give_contact(plan, created)

    def _create(
        self, wanted: Sequence[NewContact]
    ) -> tuple[dict[str, LedgerContact], list[NewContact]]:
        """Create contacts: those that were, by number, and those whose name is taken."""
        created: dict[str, LedgerContact] = {}
        taken: list[NewContact] = []

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                contact: NewContact = element.payload
                if sent.id is None:
                    self._refused[contact.number] = sent
                    if sent.taken:
                        taken.append(contact)
                    continue
                self._refused.pop(contact.number, None)
                created[contact.number] = LedgerContact(sent.id, contact.name)
                self._matched.made(contact, sent.id)
                self._state.links.put(contact.person_id, sent.id, "created", self._run)

        elements = [BatchItem(item.person_id, item.name, item) for item in wanted]
        self._batches.send("contact", elements, before=_nothing, settle=settle, undo=_nothing)
        return created, taken

    def _give_contact(self, plan: PlannedInvoice, created: dict[str, LedgerContact]) -> None:
        made = self._matched.to_create(plan.match) if plan.match else None
        number = made.contact.number if made else ""
        if number in self._refused and number not in created:
            plan.document = outcomes.of_no_contact(plan.document, self._refused[number])
            self._state.save(plan.as_record(self._run))
        elif number and plan.draft:
            plan.draft = plan.draft.with_contact(created[number].id)
            plan.match = Matched(created[number], "created")
            self._new_customers.add(plan.order.order_id)
        if plan.sends:
            self._link(plan)

    def _link(self, plan: PlannedInvoice) -> None:
        """Remember the contact of a document that goes to the ledger, or was found there."""
        if plan.draft is None or not isinstance(plan.match, Matched):
            return
        person, contact = plan.draft.person_id, LedgerId(plan.match.contact.id)
        known = self._state.links.of([person]).get(person)
        if contact == plan.draft.contact_id != known:
            self._state.links.put(person, contact, plan.match.step, self._run)

    # --- invoices -------------------------------------------------------------------------------

    def _invoices(self, sending: Sequence[PlannedInvoice]) -> None:
        if not self._ledger.capabilities.numbers_unique:
            sending = self._without_taken(sending)
        plans = {str(plan.order.order_id): plan for plan in sending}
        unsettled: dict[str, WriteResult] = {}

        def before(part: Sequence[BatchItem]) -> None:
            for element in part:
                self._forget_receipt(plans[element.key].record)
                self._forget_undone(element.key)
                record = plans[element.key].as_record(self._run)
                self._state.save(_as(record, DocumentState.SENDING), log=False)

        def undo(part: Sequence[BatchItem]) -> None:
            for element in part:
                record = plans[element.key].as_record(self._run)
                self._state.save(_as(record, DocumentState.NEW), log=False)

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                if sent.taken or sent.unclear:
                    unsettled[element.key] = sent
                else:
                    plan = plans[element.key]
                    draft: Draft = element.payload
                    self._write(plan, outcomes.of_sent(plan.document, draft.expected, sent))
                    self.made[element.key] = element.key in self._new_customers

        elements = [
            BatchItem(plan.order.order_id, plan.draft.number, plan.draft)
            for plan in sending
            if plan.draft
        ]
        dead = self._taken_back(sending)
        self._batches.send("invoice", elements, before=before, settle=settle, undo=undo, known=dead)
        self._unlink(sending)
        if unsettled:
            self._look_up([(plans[key], sent) for key, sent in unsettled.items()])

    def _unlink(self, sent: Sequence[PlannedInvoice]) -> None:
        """Let people be matched anew whose contact the ledger does not have, or not in use: where
        it may have meant an account or an item just as well, it is asked for the contact."""
        drafts = [(plan.document.reason, plan.draft) for plan in sent if plan.draft]
        lost = [draft for reason, draft in drafts if reason is Reason.CONTACT_MISSING]
        doubtful = [draft for reason, draft in drafts if reason is Reason.CONTACT_ARCHIVED]
        if doubtful:
            ids = tuple(LedgerId(draft.contact_id or "") for draft in doubtful)
            found = self._ledger.contacts(ContactQuery(ids=tuple(dict.fromkeys(ids))))
            in_use = {contact.id for contact in found if not contact.archived}
            lost += [draft for draft in doubtful if draft.contact_id not in in_use]
        if lost:
            self._matched.doubt()
        with self._state.transaction():
            for draft in lost:
                self._state.links.remove(draft.person_id)

    def _forget_receipt(self, old: Record | None) -> None:
        """Forget the payment that came with a document which is now made anew: it ended with it."""
        payment = payment_of(old) if old else None
        known = self._state.record(DocumentKind.PAYMENT, payment.key) if payment else None
        if payment and known and known.document.ledger_id == payment.document.ledger_id:
            self._state.forget(DocumentKind.PAYMENT, payment.key)

    def _forget_undone(self, order_id: str) -> None:
        """Forget the money that was taken back with an invoice which is made anew: it goes onto the
        new one, in whichever run."""
        for record in self._state.records_of([order_id], "order"):
            if record.kind is not DocumentKind.INVOICE and record.state is DocumentState.UNDONE:
                self._state.forget(record.kind, record.key)

    def _taken_back(self, plans: Iterable[PlannedInvoice]) -> set[LedgerId]:
        """What was ever taken back of these orders."""
        return self._state.history.taken_back(plan.order.order_id for plan in plans)

    def _without_taken(self, sending: Sequence[PlannedInvoice]) -> list[PlannedInvoice]:
        """Those whose numbers are free, of a ledger that would take a number twice."""
        numbers = [plan.draft.number for plan in sending if plan.draft]
        found = self._ledger.find_invoices(numbers)
        taken = [plan for plan in sending if plan.draft and plan.draft.number in found]
        if taken:
            self._judge_found([(plan, WriteResult(taken=True)) for plan in taken], found, refused=0)
        return [plan for plan in sending if plan not in taken]

    def _look_up(self, unsettled: Sequence[tuple[PlannedInvoice, WriteResult]]) -> None:
        """Settle what the ledger's answer alone does not: numbers taken, answers unclear."""
        drafts = [plan.draft for plan, _ in unsettled if plan.draft]
        found = self._ledger.find_invoices([draft.number for draft in drafts])
        self._judge_found(unsettled, found, refused=1)

    def _judge_found(
        self,
        unsettled: Sequence[tuple[PlannedInvoice, WriteResult]],
        found: Mapping[str, LedgerInvoice],
        *,
        refused: int,
    ) -> None:
        """Settle by what the ledger has of these numbers; `refused` is how often each of those that
        are taken went out to be refused. One that went out before has its number by itself."""
        again: list[PlannedInvoice] = []
        went_out = self._state.journal.invoices_sent(plan.order.order_id for plan, _ in unsettled)
        dead = self._taken_back([plan for plan, _ in unsettled])
        with self._state.transaction():
            for plan, sent in unsettled:
                if not plan.draft:
                    continue
                expected, there = plan.draft.expected, found.get(plan.draft.number)
                if there and not there.alive and (self._recreate or there.id in dead):
                    plan.renumber()
                    again.append(plan)
                    continue
                if there and not there.receipt:
                    # Made as an invoice, whatever the settings are now: its payment is apart.
                    plan.draft = replace(plan.draft, receipt=None)
                if there and _same_sale(plan.draft, there):
                    document = outcomes.of_same_sale(plan.document, there)
                elif sent.taken and (
                    there is None or went_out[plan.order.order_id, there.number] <= refused
                ):
                    skip = self._skip_synced
                    document = outcomes.of_taken(
                        plan.document, expected, sent, there, skip_synced=skip
                    )
                else:
                    document = outcomes.of_looked_up(plan.document, expected, there)
                self._write(plan, document)
        if again:
            self._invoices(again)

    def _write(self, plan: PlannedInvoice, document: Document) -> None:
        plan.document = document
        self._save(plan)

    def _save(self, plan: PlannedInvoice) -> None:
        """Write a record, and that of the payment that its document brings with it."""
        record = plan.as_record(self._run)
        self._state.save(record)
        payment = payment_of(record)
        if payment:
            self._state.save(payment)
            self._received.append(payment.document)


def _hold_twins(plans: Iterable[PlannedInvoice]) -> None:
    """Hold every order but the first that comes to the same number: ledgers do not agree on what
    becomes of a number that stands in one batch twice."""
    first: dict[str, PlannedInvoice] = {}
    for plan in plans:
        if plan.draft is None:
            continue
        other = first.setdefault(plan.draft.number.casefold(), plan)
        if other is not plan:
            plan.document = outcomes.of_twin(plan.document, other.order.order_id)


def _same_sale(draft: Draft, found: LedgerInvoice) -> bool:
    """Whether a document that is not ours is probably the same sale all the same."""
    ours = marked_order(found.reference) is not None
    alike = (draft.contact_id, draft.date, draft.expected_total)
    return found.alive and not ours and alike == (found.contact_id, found.date, found.total)


def _as(record: Record, state: DocumentState) -> Record:
    return replace(record, document=replace(record.document, state=state))


def _nothing(_: Iterable[BatchItem]) -> None:
    """Contacts have no records of their own: their number finds them again."""
