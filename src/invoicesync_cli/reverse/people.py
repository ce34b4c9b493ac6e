"""Which Keap contact a contact of the ledger is: the steps of R9, from the other side."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from invoicesync_cli.fetch.entering import EMAIL, NAME
from invoicesync_cli.fetch.finding import people_where
from invoicesync_cli.model import (
    KeapContact,
    LedgerContact,
    LedgerId,
    LedgerPerson,
    NewPerson,
    PersonId,
    Reason,
)
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.transform.contact_book import OWN, is_own
from invoicesync_cli.transform.contacts import Unclear
from invoicesync_cli.transform.names import contact_name, cut, folded, spaced

SPLITS = 3
"""At how many of its blanks a name is taken apart into a first and a last one."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A contact of the ledger is this Keap contact, found at this step."""

    person: KeapContact
    step: str


@dataclass(frozen=True, slots=True)
class MissingPerson:
    """A contact of the ledger is nobody in Keap, and gets a contact there."""

    person: NewPerson


PersonMatch = FoundPerson | MissingPerson | Unclear


class People:
    """Finds Keap contacts for contacts of the ledger, each once in a run."""

    def __init__(self, context: RunContext) -> None:
        self._keap = context.keap
        self._links = context.state.links
        self._ledger = context.ledger
        self._config = context.config.contacts
        self._title = context.ledger_title
        self._answers: dict[LedgerId, PersonMatch] = {}

    def match(self, contacts: Iterable[LedgerId]) -> Mapping[LedgerId, PersonMatch]:
        """Who these are; a contact that the ledger does not show is not clear."""
        wanted = [one for one in dict.fromkeys(contacts) if one not in self._answers]
        if wanted:
            people = self._ledger.people(wanted)
            known = self._known(people)
            for contact in wanted:
                self._answers[contact] = self._answer(contact, people.get(contact), known)
        return self._answers

    def made(self, contact: LedgerId, person: PersonId, new: NewPerson) -> None:
        """Note that a contact was made in Keap."""
        found = KeapContact(person, new.given_name, new.family_name)
        self._answers[contact] = FoundPerson(found, "created")

    def _known(self, people: Mapping[LedgerId, LedgerPerson]) -> dict[LedgerId, KeapContact]:
        """Whom pins, links and our own numbers name, as far as Keap still has them."""
        linked = self._links.people_of(people)
        pinned = {contact: person for person, contact in self._config.pins.items()}
        named: dict[LedgerId, list[str]] = {}
        for ident, one in people.items():
            number = one.contact.number
            own = number.removeprefix(OWN) if is_own(number) else ""
            ids = (pinned.get(ident, ""), linked.get(ident, ""), own)
            named[ident] = [found for found in ids if found.isdigit()]
        every = sorted({one for ids in named.values() for one in ids}, key=int)
        there = self._keap.people(every) if every else {}
        return {
            ident: next(there[PersonId(one)] for one in ids if PersonId(one) in there)
            for ident, ids in named.items()
            if any(PersonId(one) in there for one in ids)
        }

    def _answer(
        self,
        ident: LedgerId,
        person: LedgerPerson | None,
        known: Mapping[LedgerId, KeapContact],
    ) -> PersonMatch:
        if ident in known:
            pinned = ident in self._config.pins.values()
            return FoundPerson(known[ident], "pin" if pinned else "link")
        if person is None:
            return Unclear(
                Reason.CONTACT_MISSING,
                f"{self._title} does not show the contact of the invoice.",
                "Look at the invoice's contact there; the next run looks again.",
            )
        for step in self._config.match:
            found = STEPS[step](self, person)
            if len(found) == 1:
                return FoundPerson(found[0], step)
            if found:
                return _ambiguous(person.contact, step, found)
        return self._missing(person)

    def _missing(self, person: LedgerPerson) -> PersonMatch:
        contact = person.contact
        if self._config.when_missing == "hold":
            return Unclear(
                Reason.CONTACT_MISSING,
                f'Nobody in Keap is {contact.name}, and contacts.when_missing is "hold".',
                "Create the contact in Keap, or put its id under [contacts.pins].",
            )
        given, family = _names(contact)
        email = contact.email.strip()
        return MissingPerson(
            NewPerson(
                contact_id=contact.id,
                given_name=given,
                family_name=family,
                email=email if "@" in email and len(email) <= EMAIL else "",
                phone=person.phone,
                address=person.address,
            )
        )

    # --- the steps --------------------------------------------------------------------------------

    def _by_email(self, person: LedgerPerson) -> list[KeapContact]:
        email = person.contact.email.strip()
        if not email:
            return []
        found = people_where(self._keap, {"email": email})
        return [one for one in found if folded(email) in map(folded, one.emails)]

    def _by_name(self, person: LedgerPerson) -> list[KeapContact]:
        found: dict[PersonId, KeapContact] = {}
        for given, family in _pairs(person.contact):
            asked = {"given_name": given, "family_name": family}
            for one in people_where(self._keap, asked):
                pair = (folded(one.given_name), folded(one.family_name))
                if pair == (folded(given), folded(family)):
                    found[one.id] = one
        return self._free(person.contact, found.values())

    def _by_company(self, person: LedgerPerson) -> list[KeapContact]:
        contact = person.contact
        companies = {folded(name) for name in (contact.name, contact.company) if name.strip()}
        found: dict[PersonId, KeapContact] = {}
        for city in dict.fromkeys(spaced(city) for city in contact.cities if city.strip()):
            for one in people_where(self._keap, {"city": city}):
                same = folded(one.billing.city) == folded(city)
                if same and one.company.strip() and folded(one.company) in companies:
                    found[one.id] = one
        return self._free(contact, found.values())

    def _free(self, contact: LedgerContact, found: Iterable[KeapContact]) -> list[KeapContact]:
        """Those that are not known to be another contact of the ledger."""
        people = list(found)
        links = self._links.of([one.id for one in people])
        return [one for one in people if links.get(one.id, contact.id) == contact.id]


STEPS: Mapping[str, Callable[[People, LedgerPerson], list[KeapContact]]] = {
    "email": People._by_email,
    "name": People._by_name,
    "company-city": People._by_company,
}


def _pairs(contact: LedgerContact) -> Iterator[tuple[str, str]]:
    """First and last name: the ledger's own, and its name taken apart."""
    own = (spaced(contact.first_name), spaced(contact.last_name))
    if all(own):
        yield own
    words = spaced(contact.name).split(" ")
    for place in range(1, min(len(words), SPLITS + 1)):
        pair = (" ".join(words[:place]), " ".join(words[place:]))
        if pair != own:
            yield pair


def _names(contact: LedgerContact) -> tuple[str, str]:
    """First and last name of a new contact, from which its name in the ledger comes out again."""
    given, family = spaced(contact.first_name), spaced(contact.last_name)
    if not (given or family):
        given, _, family = spaced(contact.name).rpartition(" ")
    if len(given) > NAME:
        given, family = cut(given, NAME), f"{given[NAME:].strip()} {family}".strip()
    return given, cut(family, NAME)


def _ambiguous(contact: LedgerContact, step: str, found: Sequence[KeapContact]) -> Unclear:
    listed = "; ".join(f"{contact_name(one)} ({one.id})" for one in found)
    return Unclear(
        Reason.CONTACT_AMBIGUOUS,
        f"Several contacts in Keap could be {contact.name} by {step}: {listed}.",
        f'Put the right one under [contacts.pins]: "<id in Keap>" = "{contact.id}".',
    )
