"""The contact side of a run: who bought, and which ledger contact that is."""

from collections.abc import Mapping, Sequence

from invoicesync_cli.config import Contacts
from invoicesync_cli.fetch.keap import Keap
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import (
    LedgerContact,
    LedgerId,
    NameRules,
    NewContact,
    Person,
    PersonId,
)
from invoicesync_cli.state import State
from invoicesync_cli.transform.contacts import (
    ContactBook,
    Ladder,
    Match,
    Matched,
    ToCreate,
    Unclear,
)

NOBODY = Unclear(
    "contact-missing",
    "Keap's order names no contact.",
    "Open the order in Keap and give it a contact; the next sync goes on.",
)


class People:
    """Matches people in bulk. Nothing is read while everybody is linked from an earlier run."""

    def __init__(
        self, state: State, keap: Keap, ledger: Ledger, settings: Contacts, names: NameRules
    ) -> None:
        self._state = state
        self._keap = keap
        self._ledger = ledger
        self._settings = settings
        self._names = names
        self._ladder: Ladder | None = None
        self._links: dict[PersonId, LedgerId] = {}
        self._pending: dict[LedgerId, ToCreate] = {}
        self._made: dict[LedgerId, LedgerContact] = {}
        self._matches: dict[PersonId, Match] = {}

    def match(self, people: Sequence[Person]) -> Mapping[PersonId, Match]:
        """The match of everybody asked for so far; give `people` in the order of their orders."""
        new = {person.id: person for person in people if person.id not in self._matches}
        if "" in new:
            self._matches[PersonId("")] = NOBODY
            del new[PersonId("")]
        self._links |= self._state.links(new)
        if self._ladder is None and all(self._settled(person) for person in new):
            for person in new.values():
                contact = LedgerContact(self._links[person.id], _called(person))
                self._matches[person.id] = Matched(contact, "link")
        elif new:
            self._climb(new)
        return self._matches

    def to_create(self, match: Match) -> ToCreate | None:
        """What has to be created before a document with this match can be sent."""
        if isinstance(match, ToCreate):
            return match
        return self._pending.get(match.contact.id) if isinstance(match, Matched) else None

    def made(self, contact: NewContact, ledger_id: LedgerId) -> None:
        """Take note that a contact was created: whoever comes to it next finds it there."""
        there = LedgerContact(ledger_id, contact.name)
        for person, match in self._matches.items():
            if _is(match, contact.number):
                self._matches[person] = Matched(there, "created")
        self._made[LedgerId(contact.number)] = there

    def _settled(self, person: PersonId) -> bool:
        pin = self._settings.pins.get(person)
        return person in self._links and pin in {None, self._links[person]}

    def _climb(self, new: Mapping[PersonId, Person]) -> None:
        if self._ladder is None:
            self._ladder = Ladder(
                ContactBook(self._ledger.contacts()),
                self._names,
                steps=self._settings.match,
                pins=self._settings.pins,
                links=self._links,
                linked=self._state.linked_people(),
                create=self._settings.when_missing == "create",
            )
        unknown = [person for person in new if not self._settled(person)]
        known = self._keap.people(unknown) if unknown else {}
        found = self._ladder.match([known.get(person.id, person) for person in new.values()])
        for person, match in found.items():
            if isinstance(match, ToCreate):
                self._pending[LedgerId(match.contact.number)] = match
            elif isinstance(match, Matched):
                # The ladder knows a contact that it has called for by its number only.
                there = self._made.get(match.contact.id, match.contact)
                found[person] = Matched(there, match.step)
        self._matches |= found


def _is(match: Match, number: str) -> bool:
    """Whether this match is the contact to be created under a contact number."""
    if isinstance(match, ToCreate):
        return match.contact.number == number
    return isinstance(match, Matched) and match.contact.id == number


def _called(person: Person) -> str:
    names = f"{person.given_name} {person.family_name}".strip()
    return names or next(iter(person.emails), "")


def contact_of(match: Match) -> str:
    """The name of the ledger contact of a match."""
    if isinstance(match, Matched):
        return match.contact.name
    return match.contact.name if isinstance(match, ToCreate) else ""


def step_of(match: Match) -> str:
    """The step that a match was found by; `created` when there was none."""
    return match.step if isinstance(match, Matched) else "created"
