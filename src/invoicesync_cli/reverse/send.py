"""Sending: the contacts that Keap lacks, then the orders, each noted in the journal before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import (
    DocumentKind,
    DocumentState,
    LedgerId,
    NewPerson,
    OrderId,
    PersonId,
)
from invoicesync_cli.reverse.documents import made, refused
from invoicesync_cli.reverse.people import FoundPerson, MissingPerson, People
from invoicesync_cli.reverse.planned import PlannedOrder
from invoicesync_cli.reverse.writer import ORDER, PERSON, KeapWriter
from invoicesync_cli.sync.batches import BatchItem
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.transform.names import folded


class OrderSender:
    """Carries out plans."""

    def __init__(self, context: RunContext, people: People, writer: KeapWriter) -> None:
        self._state = context.state
        self._people = people
        self._writer = writer
        self._run = context.run
        self._dry_run = context.options.dry_run
        self._batches = context.batches(writer)
        self._by_email: dict[str, PersonId] = {}

    def send(self, plans: Sequence[PlannedOrder]) -> None:
        """Do what the plans say; afterwards each document says what became of it."""
        with self._state.transaction():
            for plan in plans:
                if plan.there:
                    self._keep_made(plan)
                elif self._dry_run or not plan.sends:
                    self._keep(plan)
        sending = [plan for plan in plans if plan.sends]
        if self._dry_run or not sending:
            return
        self._make_people(sending)
        self._make_orders([plan for plan in sending if plan.sends])

    def _keep(self, plan: PlannedOrder) -> None:
        record, before = plan.as_record(self._run), plan.record
        judged = (record.document, record.source, record.decisions)
        if before is None or judged != (before.document, before.source, before.decisions):
            self._state.save(record, log=record.state is not DocumentState.NEW)

    def _keep_made(self, plan: PlannedOrder) -> None:
        if plan.there is None:
            return
        self._link(plan)
        self._state.forget(DocumentKind.INVOICE, plan.key)
        self._state.save(plan.as_made(plan.there, self._run))

    # --- contacts ---------------------------------------------------------------------------------

    def _make_people(self, sending: Sequence[PlannedOrder]) -> None:
        wanted: dict[LedgerId, NewPerson] = {}
        for plan in sending:
            if isinstance(plan.answer, MissingPerson):
                wanted.setdefault(plan.sale.contact_id, plan.answer.person)
        created: dict[LedgerId, PersonId] = {}
        denied: dict[LedgerId, WriteResult] = {}

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                person: NewPerson = element.payload
                if sent.id is None:
                    denied[person.contact_id] = sent
                    continue
                created[person.contact_id] = PersonId(sent.id)
                if person.email:
                    self._by_email[folded(person.email)] = PersonId(sent.id)
                self._people.made(person.contact_id, PersonId(sent.id), person)
                self._state.links.put(PersonId(sent.id), person.contact_id, "created", self._run)

        for contact, person in wanted.items():
            twin = self._by_email.get(folded(person.email)) if person.email else None
            if twin:
                # Somebody with this e-mail was made a moment ago, for another contact.
                created[contact] = twin
                continue
            element = BatchItem(contact, person.name, person)
            self._batches.send(PERSON, [element], before=_nothing, settle=settle, undo=_nothing)
        with self._state.transaction():
            for plan in sending:
                self._give_person(plan, created, denied)

    def _give_person(
        self,
        plan: PlannedOrder,
        created: dict[LedgerId, PersonId],
        denied: dict[LedgerId, WriteResult],
    ) -> None:
        contact = plan.sale.contact_id
        if contact in denied:
            plan.document = refused(plan.document, denied[contact])
            self._state.save(plan.as_record(self._run))
        elif contact in created and plan.order:
            plan.order = replace(plan.order, person_id=created[contact])
        else:
            self._link(plan)

    def _link(self, plan: PlannedOrder) -> None:
        """Remember whom a contact of the ledger was found to be, unless either is somebody's."""
        if not isinstance(plan.answer, FoundPerson):
            return
        person, contact = plan.answer.person.id, plan.sale.contact_id
        taken = person in self._state.links.of([person])
        if not taken and not self._state.links.people_of([contact]):
            self._state.links.put(person, contact, plan.answer.step, self._run)

    # --- orders -----------------------------------------------------------------------------------

    def _make_orders(self, sending: Sequence[PlannedOrder]) -> None:
        plans = {plan.key: plan for plan in sending}

        def before(part: Sequence[BatchItem]) -> None:
            for element in part:
                record = plans[element.key].as_record(self._run, DocumentState.SENDING)
                self._state.save(record, log=False)

        def undo(part: Sequence[BatchItem]) -> None:
            for element in part:
                record = plans[element.key].as_record(self._run, DocumentState.NEW)
                self._state.save(record, log=False)

        def settle(part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            for element, sent in zip(part, sents, strict=True):
                plan = plans[element.key]
                if sent.id is None:
                    plan.document = refused(plan.document, sent)
                    self._state.save(plan.as_record(self._run))
                    continue
                plan.there = self._writer.orders[OrderId(sent.id)]
                plan.document = made(plan.document, plan.there)
                self._state.forget(DocumentKind.INVOICE, plan.key)
                self._state.save(plan.as_made(plan.there, self._run))

        elements = [
            BatchItem(plan.key, plan.order.title, plan.order) for plan in sending if plan.order
        ]
        self._batches.send(ORDER, elements, before=before, settle=settle, undo=undo)


def _nothing(_: Iterable[BatchItem]) -> None:
    """Contacts have no records of their own: their link is what is known of them."""
