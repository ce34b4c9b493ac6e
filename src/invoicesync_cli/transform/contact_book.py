"""The ledger's contacts during a run, found by what the steps of the matching compare (rule R9).

They are kept in a temporary database, which SQLite moves to disk as it grows: a ledger can have
more contacts than memory should hold.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from unicodedata import unidata_version

from invoicesync_cli import __version__
from invoicesync_cli.model import KeapContact, LedgerContact, LedgerId, PersonId
from invoicesync_cli.transform.names import folded

OWN = "keap-"
"""How the contact numbers begin that mark contacts as made for a Keap person."""

_COLUMNS = [field.name for field in fields(LedgerContact)]
_TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE contacts (place INTEGER PRIMARY KEY, {", ".join(_COLUMNS)}, usable);
CREATE UNIQUE INDEX contact_ids ON contacts (id);
CREATE INDEX contact_numbers ON contacts (number) WHERE number <> '';
CREATE TABLE found (step, key, place, PRIMARY KEY (step, key, place)) WITHOUT ROWID;
CREATE TABLE holders (contact PRIMARY KEY, person) WITHOUT ROWID;
"""
_TAKEN = "taken"
"""The step by which nobody is found, only whether a name is somebody's."""
# The names of the columns are our own.
_INSERT = f"INSERT INTO contacts VALUES (NULL{', ?' * len(_COLUMNS)}, ?)"  # noqa: S608
_SELECT = f"SELECT {', '.join(f'contacts.{name}' for name in _COLUMNS)} FROM contacts "  # noqa: S608


def own_number(person: PersonId) -> str:
    """The contact number that marks a ledger contact as made for a Keap person."""
    return f"{OWN}{person}"


def is_own(number: str) -> bool:
    """Whether a contact number is one of ours."""
    return number.startswith(OWN)


class ContactBook:
    """Contacts and who holds them; grows as contacts are made."""

    def __init__(
        self,
        contacts: Iterable[LedgerContact],
        *,
        archived_taken: bool = False,
        currency: str = "",
    ) -> None:
        self._archived_taken = archived_taken
        self._currency = currency
        # Without a name SQLite makes a file of its own, which goes with the connection.
        # Whichever thread collects it closes it.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.executescript(_TABLES)
        for contact in contacts:
            self.add(contact)

    @property
    def form(self) -> str:
        """What two books have in common of which one can be read as the other."""
        rules = f"{self._archived_taken} {self._currency} {unidata_version}"
        return f"{__version__} {rules} {_TABLES}"

    def save(self, file: sqlite3.Connection) -> None:
        """Copy everything into an empty database."""
        self._db.backup(file)

    def read(self, file: sqlite3.Connection) -> None:
        """Become what a database of the same form has in it."""
        file.backup(self._db)

    def add(self, contact: LedgerContact) -> None:
        """Take in one more contact, or one that is known already."""
        pending = self._numbered(contact.number)
        if self._known(contact.id) or (pending and pending.id == pending.number):
            return
        self._insert(contact)

    def put(self, contact: LedgerContact) -> None:
        """Take in a contact as it is now, instead of what was known of it."""
        row = self._db.execute("SELECT place FROM contacts WHERE id = ?", (contact.id,)).fetchone()
        if row:
            known = next(self._contacts("WHERE place = ?", row[0]))
            self._db.executemany(
                "DELETE FROM found WHERE step = ? AND key = ? AND place = ?",
                [(*key, row[0]) for key in self._keys_of(known)],
            )
            self._db.execute("DELETE FROM contacts WHERE place = ?", row)
        self._insert(contact)

    def _insert(self, contact: LedgerContact) -> None:
        values = {name: getattr(contact, name) for name in _COLUMNS}
        values["cities"] = json.dumps(contact.cities)
        usable = self._usable(contact)
        place = self._db.execute(_INSERT, [*values.values(), usable]).lastrowid
        self._db.executemany(
            "INSERT OR IGNORE INTO found VALUES (?, ?, ?)",
            [(*key, place) for key in self._keys_of(contact)],
        )

    def _usable(self, contact: LedgerContact) -> bool:
        """Whether it can be anybody's. Nobody is billed in another currency than his own."""
        return contact.customer and contact.currency in {"", self._currency}

    def _keys_of(self, contact: LedgerContact) -> Iterator[tuple[str, str]]:
        """What a contact is found by; one that is not usable has a name all the same."""
        if not contact.archived or self._archived_taken:
            yield _TAKEN, folded(contact.name)
        if self._usable(contact):
            yield from _keys_of(contact)

    def has_own(self) -> bool:
        """Whether any contact bears a number of ours."""
        after = OWN[:-1] + chr(ord(OWN[-1]) + 1)
        # The last condition is the index's.
        found = self._db.execute(
            "SELECT 1 FROM contacts WHERE number >= ? AND number < ? AND number <> '' LIMIT 1",
            (OWN, after),
        )
        return found.fetchone() is not None

    def made(self, number: str, ledger_id: LedgerId) -> None:
        """Note the id that the ledger has given to a contact that was about to be made."""
        if self._known(ledger_id):
            return
        self._db.execute("UPDATE contacts SET id = ? WHERE id = ?", (ledger_id, number))
        self._db.execute(
            "UPDATE OR IGNORE holders SET contact = ? WHERE contact = ?", (ledger_id, number)
        )

    def hold(self, contact: LedgerId, person: PersonId) -> None:
        """Note whose a contact is; the first that is named for it keeps it."""
        self._db.execute("INSERT OR IGNORE INTO holders VALUES (?, ?)", (contact, person))

    def holder(self, contact: LedgerId) -> PersonId | None:
        """Whose a contact was found to be in this run."""
        row = self._db.execute("SELECT person FROM holders WHERE contact = ?", (contact,))
        return next((PersonId(person) for (person,) in row), None)

    def get(self, contact: LedgerId) -> LedgerContact | None:
        """The contact of an id, or the one that it was merged into."""
        found = self._by_id(contact)
        return self._merged(found) if found else None

    def made_for(self, person: PersonId) -> LedgerContact | None:
        """The contact that this tool made for a person earlier, or that has taken its place."""
        found = self._numbered(own_number(person))
        return self._merged(found) if found else None

    def taken(self, name: str) -> bool:
        """Whether this name cannot be given to anybody else."""
        found = self._db.execute(
            "SELECT 1 FROM found WHERE step = ? AND key = ? LIMIT 1", (_TAKEN, folded(name))
        )
        return found.fetchone() is not None

    def hits(self, step: str, person: KeapContact) -> list[LedgerContact]:
        """The contacts that a step finds, archived ones among them."""
        found: dict[LedgerId, LedgerContact] = {}
        for key in _keys(step, person):
            there = self._contacts(
                "JOIN found USING (place) WHERE step = ? AND key = ? ORDER BY place", step, key
            )
            found |= {contact.id: contact for contact in map(self._merged, there)}
        return list(found.values())

    def _merged(self, contact: LedgerContact) -> LedgerContact:
        """The contact that stands for this one, after however many merges (R18)."""
        passed = {contact.id}
        while contact.merged_to and contact.merged_to not in passed:
            into = self._by_id(contact.merged_to)
            if into is None:
                break
            contact = into
            passed.add(contact.id)
        return contact

    def _known(self, contact: LedgerId) -> bool:
        found = self._db.execute("SELECT 1 FROM contacts WHERE id = ?", (contact,))
        return found.fetchone() is not None

    def _by_id(self, contact: LedgerId) -> LedgerContact | None:
        return next(self._contacts("WHERE id = ? AND usable", contact), None)

    def _numbered(self, number: str) -> LedgerContact | None:
        """The last contact that was taken in under a number."""
        if not number:
            return None
        # The second condition is the index's.
        where = "WHERE number = ? AND number <> '' AND usable ORDER BY place DESC LIMIT 1"
        return next(self._contacts(where, number), None)

    def _contacts(self, where: str, *values: object) -> Iterator[LedgerContact]:
        for row in self._db.execute(_SELECT + where, values).fetchall():
            contact = LedgerContact(*row)
            yield replace(
                contact,
                cities=tuple(json.loads(row[_COLUMNS.index("cities")])),
                archived=bool(contact.archived),
                customer=bool(contact.customer),
            )


def _keys_of(contact: LedgerContact) -> Iterator[tuple[str, str]]:
    """What a contact is found by: the step, and what it compares."""
    if contact.email.strip():
        yield "email", folded(contact.email)
    yield "name", folded(contact.name)
    if contact.first_name.strip() and contact.last_name.strip():
        yield "name", f"{folded(contact.first_name)} {folded(contact.last_name)}"
    for city in contact.cities:
        for company in (contact.name, contact.company):
            if city.strip() and company.strip():
                yield "company-city", _company_key(company, city)


def _keys(step: str, person: KeapContact) -> list[str]:
    """What a step compares a person by."""
    if step == "email":
        return [folded(email) for email in person.emails if email.strip()]
    if step == "name":
        first, last = folded(person.given_name), folded(person.family_name)
        return [f"{first} {last}"] if first and last else []
    company, city = person.company, person.billing.city
    return [_company_key(company, city)] if folded(company) and folded(city) else []


def _company_key(company: str, city: str) -> str:
    return f"{folded(company)}\n{folded(city)}"
