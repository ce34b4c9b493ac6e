"""The contact side of a run: who bought, and which ledger contact that is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from invoicesync_cli.load.ledger import ChangedContacts
from invoicesync_cli.model import (
    KeapContact,
    LedgerContact,
    LedgerId,
    NameRules,
    NewContact,
    PersonId,
    Reason,
)
from invoicesync_cli.state import Store
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.kept_contacts import KeptContacts
from invoicesync_cli.transform.contact_book import ContactBook, own_number
from invoicesync_cli.transform.contacts import (
    ContactMatcher,
    Match,
    Matched,
    ToCreate,
    Unclear,
    contact_query,
    renamed,
)

KEPT_FOR = timedelta(hours=1)

NOBODY = Unclear(
    Reason.CONTACT_MISSING,
    "Keap's order names no contact.",
    "Open the order in Keap and give it a contact; the next sync goes on.",
)


class MatchedContacts:
    """Matches people in bulk. Nothing is read while everybody is linked from an earlier run."""

    def __init__(
        self,
        context: RunContext,
    ) -> None:
        self._state = context.state
        # Whoever names a document wants it judged by what is so now.
        self._cached = None if context.options.named else CachedPeople(context.state, context.now)
        self._keap = context.keap
        self._ledger = context.ledger
        self._progress = context.progress
        self._preflight = context.preflight
        self._settings = context.config.contacts
        self._matcher: ContactMatcher | None = None
        self._links: dict[PersonId, LedgerId] = {}
        self._pending: dict[LedgerId, ToCreate] = {}
        self._made: set[LedgerId] = set()
        self._matches: dict[PersonId, Match] = {}
        self._kept = KeptContacts(context)
        self._ours = False

    @cached_property
    def _names(self) -> NameRules:
        return self._preflight.rules().ledger.names

    @cached_property
    def _currency(self) -> str:
        return self._preflight.rules().keap_currency

    @cached_property
    def _book(self) -> ContactBook:
        taken = self._names.archived_taken
        return ContactBook((), archived_taken=taken, currency=self._currency)

    def next_chunk(self) -> None:
        """Forget whose match is known: who comes again is matched again, with what is so then."""
        self._links.clear()
        self._matches.clear()
        for number in self._made:
            self._pending.pop(number, None)
        self._made.clear()

    def match(self, people: Sequence[KeapContact]) -> Mapping[PersonId, Match]:
        """The match of everybody asked for in this chunk; give `people` in the order of their
        orders."""
        new = {person.id: person for person in people if person.id not in self._matches}
        if "" in new:
            self._matches[PersonId("")] = NOBODY
            del new[PersonId("")]
        self._links |= self._state.links.of(new)
        if self._matcher is None and all(self._settled(person) for person in new):
            for person in new.values():
                contact = LedgerContact(self._links[person.id], _called(person))
                self._matches[person.id] = Matched(contact, "link")
        elif new:
            self._match(new)
        return self._matches

    def to_create(self, match: Match) -> ToCreate | None:
        """What has to be created before a document with this match can be sent."""
        if isinstance(match, ToCreate):
            return match
        return self._pending.get(match.contact.id) if isinstance(match, Matched) else None

    def strangers(self, matches: Iterable[Match | None]) -> bool:
        """Whether the ledger can have nothing of these people: every contact was read, none bears
        a number of ours, and all of them are to be created."""
        whole = self._matcher is not None and self._ledger.capabilities.contacts_whole
        return whole and not self._ours and all(item and self.to_create(item) for item in matches)

    def made(self, contact: NewContact, ledger_id: LedgerId) -> None:
        """Take note that a contact was created: whoever comes to it next finds it there."""
        self._book.made(contact.number, ledger_id)
        self._made.add(LedgerId(contact.number))

    def doubt(self) -> None:
        """Note that the ledger has said otherwise of a contact than what was read: the next run
        reads all of them."""
        self._kept.doubt()

    def _settled(self, person: PersonId) -> bool:
        pin = self._settings.pins.get(person)
        return person in self._links and pin in {None, self._links[person]}

    def after_all(
        self, taken: Sequence[NewContact]
    ) -> tuple[dict[str, LedgerContact], list[NewContact]]:
        """Contacts whose names the ledger has: those that are there already, made by an earlier
        request, by number; and the others under another name."""
        self.doubt()
        looked_for = contact_query([_as_person(contact) for contact in taken], (), self._names)
        contacts = self._ledger.contacts(looked_for)
        found = {item.number: item for item in contacts if not item.archived}
        there = {item.number: found[item.number] for item in taken if item.number in found}
        for contact in taken:
            if contact.number in there:
                self.made(contact, there[contact.number].id)
        free = [renamed(item, self._names) for item in taken if item.number not in there]
        return there, free

    def _match(self, new: Mapping[PersonId, KeapContact]) -> None:
        self._progress.phase("Matching contacts")
        unknown = [person for person in new if not self._settled(person)]
        known = self._read([new[person] for person in unknown])
        self._know_contacts(new, known)
        if self._matcher is None:
            self._matcher = ContactMatcher(
                self._book,
                self._names,
                steps=self._settings.match,
                pins=self._settings.pins,
                links=self._links,
                linked=self._state.links.holder,
                create=self._settings.when_missing == "create",
                currency=self._currency,
            )
        wanted = [known.get(person.id, person) for person in new.values()]
        found = self._matcher.match([person for person in wanted if not person.problem])
        for person, match in found.items():
            if isinstance(match, ToCreate):
                self._pending[LedgerId(match.contact.number)] = match
            elif isinstance(match, Matched) and match.contact.number == own_number(person):
                # Called for in an earlier chunk, and not made yet.
                found[person] = self._pending.get(match.contact.id, match)
        unread = {person.id: _unread(person) for person in wanted if person.problem}
        self._matches |= found | unread
        if self._cached:
            unclear = [person for person in known if isinstance(found.get(person), Unclear)]
            self._cached.keep({person: (new[person], known[person]) for person in unclear})

    def _know_contacts(
        self, new: Mapping[PersonId, KeapContact], known: Mapping[PersonId, KeapContact]
    ) -> None:
        """Read the contacts that these people could be: once, or for each of them."""
        ledger = self._ledger
        if self._matcher is not None and ledger.capabilities.contacts_whole:
            return
        if isinstance(ledger, ChangedContacts):
            self._kept.fill(self._book, ledger, ledger.usage.server_time)
        else:
            people = [known.get(person.id, person) for person in new.values()]
            ids = [self._links[person] for person in new if person in self._links]
            pins = self._settings.pins
            ids += [LedgerId(pins[person]) for person in new if person in pins]
            for contact in ledger.contacts(contact_query(people, ids, self._names)):
                self._book.add(contact)
        # Before anybody is about to be made.
        self._ours = self._book.has_own()

    def _read(self, wanted: Sequence[KeapContact]) -> dict[PersonId, KeapContact]:
        """These people as Keap has them; those that were held lately, as they were then."""
        kept = self._cached.those(wanted) if self._cached else {}
        missing = [person.id for person in wanted if person.id not in kept]
        return kept | (self._keap.people(missing) if missing else {})


@dataclass(frozen=True)
class CachedPerson:
    """Somebody as Keap had them `at` a time, and as the order has `shown` them."""

    at: datetime
    shown: KeapContact
    person: KeapContact


PeopleById = dict[PersonId, CachedPerson]


class CachedPeople:
    """People whose match was unclear, as Keap had them, for an hour.

    So that a run with nothing new need not read them again. An order that shows its contact
    otherwise than before, or a document that is named, is judged by a fresh look.
    """

    def __init__(self, state: Store, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now
        self._used: PeopleById = {}

    def those(self, wanted: Sequence[KeapContact]) -> dict[PersonId, KeapContact]:
        """The people of these that are kept; `wanted` is how their orders show them."""
        kept = load(PeopleById, self._state.get_meta("held_people") or "{}")
        found = {
            shown.id: item
            for shown in wanted
            if (item := kept.get(shown.id)) and item.shown == shown and self._young(item.at)
        }
        self._used |= found
        return {ident: item.person for ident, item in found.items()}

    def keep(self, people: Mapping[PersonId, tuple[KeapContact, KeapContact]]) -> None:
        """Keep these instead of the ones before: how an order shows each, and as Keap has them."""
        now = self._now()
        kept = {
            ident: CachedPerson(self._used[ident].at if ident in self._used else now, shown, person)
            for ident, (shown, person) in people.items()
        }
        self._state.set_meta("held_people", dump(PeopleById, kept))

    def _young(self, at: datetime) -> bool:
        return timedelta(0) <= self._now() - at < KEPT_FOR


def _as_person(contact: NewContact) -> KeapContact:
    """A contact that was to be made, as somebody to look for."""
    return KeapContact(
        id=contact.person_id,
        given_name=contact.first_name,
        family_name=contact.last_name,
        emails=(contact.email,) if contact.email else (),
        company=contact.company or contact.name,
    )


def _unread(person: KeapContact) -> Unclear:
    hint = "Open the contact in Keap and save it again; the next sync goes on."
    return Unclear(Reason.CONTACT_MISSING, person.problem, hint)


def _called(person: KeapContact) -> str:
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
