"""Which ledger contact a Keap person is (rule R9): the matching steps, for many people at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from invoicesync_cli.model import (
    ContactQuery,
    KeapContact,
    LedgerContact,
    LedgerId,
    NameRules,
    NewContact,
    PersonId,
    Reason,
)
from invoicesync_cli.transform.contact_book import ContactBook, own_number
from invoicesync_cli.transform.names import contact_name, cut, legal, spaced


@dataclass(frozen=True, slots=True)
class Matched:
    """A person is this ledger contact, found at this step."""

    contact: LedgerContact
    step: str


@dataclass(frozen=True, slots=True)
class ToCreate:
    """A person has no ledger contact and gets one."""

    contact: NewContact


@dataclass(frozen=True, slots=True)
class Unclear:
    """A person has to be matched by hand."""

    reason: Reason
    message: str
    hint: str


Match = Matched | ToCreate | Unclear


def contact_query(
    people: Iterable[KeapContact], ids: Iterable[LedgerId], rules: NameRules
) -> ContactQuery:
    """What to look for so that every step finds whom it would find among all contacts."""
    emails, names, given, last_names, companies = [], [], [], [], []
    for person in people:
        company = spaced(person.company)
        name = legal(contact_name(person), rules)
        emails += [email.strip() for email in person.emails]
        given.append(name)
        names += [
            name,
            _set_apart(name, person.id, rules.limit),
            spaced(f"{person.given_name} {person.family_name}"),
            company,
        ]
        last_names.append(spaced(person.family_name))
        companies.append(company)
    return ContactQuery(
        tuple(sorted(set(ids))), *map(_each_once, (emails, names, given, last_names, companies))
    )


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


class ContactMatcher:
    """Matches people with ledger contacts. `linked` says whose a contact has been so far."""

    def __init__(
        self,
        book: ContactBook,
        names: NameRules,
        *,
        steps: Sequence[str],
        pins: Mapping[str, str],
        links: Mapping[PersonId, LedgerId],
        linked: Callable[[LedgerId], PersonId | None],
        create: bool,
        currency: str = "",
    ) -> None:
        self._book = book
        self._names = names
        self._steps = steps
        self._pins = pins
        self._links = links
        self._linked = linked
        self._create = create
        self._currency = currency
        self._archived: dict[PersonId, LedgerContact] = {}

    def match(self, people: Sequence[KeapContact]) -> dict[PersonId, Match]:
        """The match of each person; give them in the order of their first order id.

        Everybody is matched by one step before anybody is by the next, so that somebody's name
        never takes a contact that is another's by e-mail.
        """
        found: dict[PersonId, Match] = {}
        steps: list[Callable[[KeapContact], Match | None]] = [self._pinned, self._remembered]
        steps += [self._step(step) for step in self._steps]
        for step in steps:
            for person in people:
                if person.id not in found:
                    self._note(found, person, step(person))
        for person in people:
            if person.id not in found:
                self._note(found, person, self._last(person))
        return found

    def _note(self, found: dict[PersonId, Match], person: KeapContact, match: Match | None) -> None:
        if match is None:
            return
        found[person.id] = match
        if isinstance(match, Matched):
            self._book.hold(match.contact.id, person.id)

    def _pinned(self, person: KeapContact) -> Match | None:
        pin = self._pins.get(person.id)
        if not pin:
            return None
        contact = self._book.get(LedgerId(pin))
        setting = f'contacts.pins."{person.id}"'
        if contact is None:
            message = f"{setting} names the ledger contact {pin}, which does not exist."
            return Unclear(Reason.CONTACT_MISSING, message, "Correct the pin in the config.")
        if contact.archived:
            return _archived(contact, setting)
        return Matched(contact, "pin")

    def _remembered(self, person: KeapContact) -> Match | None:
        linked = self._links.get(person.id)
        known = self._book.get(linked) if linked else None
        for contact in (known, self._book.made_for(person.id)):
            if contact and contact.archived:
                self._archived.setdefault(person.id, contact)
            elif contact:
                return Matched(contact, "link")
        return None

    def _step(self, step: str) -> Callable[[KeapContact], Match | None]:
        def by_step(person: KeapContact) -> Match | None:
            hits = self._book.hits(step, person)
            for contact in hits:
                if contact.archived:
                    self._archived.setdefault(person.id, contact)
            active = [contact for contact in hits if not contact.archived]
            if step == "name":
                active = [item for item in active if self._free(item, person)]
            if len(active) == 1:
                return Matched(active[0], step)
            return _ambiguous(person, step, active) if active else None

        return by_step

    def _free(self, contact: LedgerContact, person: KeapContact) -> bool:
        holder = self._linked(contact.id) or self._book.holder(contact.id)
        return holder in {None, person.id}

    def _last(self, person: KeapContact) -> Match:
        """No step has matched: somebody made in this run, or archived, missing, or to be made."""
        for step in self._steps:
            again = self._step(step)(person)
            if again:
                return again
        passed_over = self._archived.get(person.id)
        if passed_over:
            return _archived(passed_over, contact_name(person))
        if not self._create:
            message = f"{contact_name(person)} (Keap contact {person.id}) is not in the ledger."
            hint = "Create the contact in the ledger, or pin it under [contacts.pins]."
            return Unclear(Reason.CONTACT_MISSING, message, hint)
        return self._make(person)

    def _make(self, person: KeapContact) -> ToCreate:
        limit = self._names.limit
        base = legal(contact_name(person), self._names)
        name = base if len(base) <= limit else cut(base, limit - len(_suffix(person.id)))
        if self._book.taken(name):
            name = _set_apart(base, person.id, limit)
        made = NewContact(
            person_id=person.id,
            name=name,
            number=own_number(person.id),
            first_name=cut(legal(person.given_name, self._names), limit),
            last_name=cut(legal(person.family_name, self._names), limit),
            email=next((email.strip() for email in person.emails if email.strip()), ""),
            phone=person.phone.strip(),
            address=person.billing,
            company=cut(legal(person.company, self._names), limit),
            currency=self._currency,
        )
        pending = pending_contact(made)
        self._book.add(pending)
        self._book.hold(pending.id, person.id)
        return ToCreate(made)


def _suffix(person: PersonId) -> str:
    return f" (Keap {person})"


def _set_apart(name: str, person: PersonId, limit: int) -> str:
    """A name that can only be this person's."""
    return cut(name, limit - len(_suffix(person))) + _suffix(person)


def renamed(contact: NewContact, names: NameRules) -> NewContact:
    """The contact under the name that it gets when somebody else has its own."""
    bare = contact.name.removesuffix(_suffix(contact.person_id))
    return replace(contact, name=_set_apart(bare, contact.person_id, names.limit))


def pending_contact(made: NewContact) -> LedgerContact:
    """A contact that is about to be created, as the matching will find it afterwards.

    Its id is its number until the ledger has given it one.
    """
    return LedgerContact(
        id=LedgerId(made.number),
        name=made.name,
        first_name=made.first_name,
        last_name=made.last_name,
        email=made.email,
        cities=(made.address.city,),
        number=made.number,
    )


def _ambiguous(person: KeapContact, step: str, hits: Sequence[LedgerContact]) -> Unclear:
    # The ledger lists them in an order of its own, by the time of their last change for one. None
    # of the ids stands in the line to copy: which is right is for a person to say.
    hits = sorted(hits, key=lambda contact: (contact.name, contact.id))
    listed = ", ".join(f"{contact.name} ({contact.id})" for contact in hits)
    return Unclear(
        Reason.CONTACT_AMBIGUOUS,
        f"{contact_name(person)} (Keap contact {person.id}) matches {len(hits)} ledger contacts "
        f"by {step}: {listed}.",
        f'Pin the right one (invoicesync config edit): [contacts.pins] "{person.id}" = '
        '"<id of the right one>".',
    )


def _archived(contact: LedgerContact, who: str) -> Unclear:
    return Unclear(
        Reason.CONTACT_ARCHIVED,
        f"{who} matches {contact.name} ({contact.id}), which is archived in the ledger.",
        "Restore the contact in the ledger, or pin another one under [contacts.pins].",
    )
