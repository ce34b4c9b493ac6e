"""Which ledger contact a Keap contact is."""

import json
import sqlite3
from collections.abc import Iterable, Iterator

from invoicesync_cli.model import LedgerId, PersonId


class Links:
    """The table `links`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def of(self, people: Iterable[str]) -> dict[PersonId, LedgerId]:
        """Ledger contacts that Keap people were matched with or created as."""
        rows = self._db.execute(
            "SELECT person_id, ledger_id FROM links "
            "WHERE person_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(people)),),
        )
        return {PersonId(row[0]): LedgerId(row[1]) for row in rows}

    def as_of(self, people: Iterable[str], run: str) -> dict[PersonId, LedgerId]:
        """Those of them that are as they were in a run."""
        rows = self._db.execute(
            "SELECT person_id, ledger_id FROM links "
            "WHERE person_id IN (SELECT value FROM json_each(?)) AND run <= ?",
            (json.dumps(list(people)), run),
        )
        return {PersonId(row[0]): LedgerId(row[1]) for row in rows}

    def people(self) -> Iterator[tuple[LedgerId, PersonId]]:
        """The linked ledger contacts with the people they stand for, the first links first."""
        rows = self._db.execute("SELECT ledger_id, person_id FROM links ORDER BY rowid")
        return ((LedgerId(row[0]), PersonId(row[1])) for row in rows)

    def holder(self, contact: LedgerId) -> PersonId | None:
        """Whom a ledger contact stands for: the first who was linked with it."""
        row = self._db.execute(
            "SELECT person_id FROM links WHERE ledger_id = ? ORDER BY rowid LIMIT 1", (contact,)
        ).fetchone()
        return PersonId(row[0]) if row else None

    def people_of(self, contacts: Iterable[str]) -> dict[LedgerId, PersonId]:
        """Who these ledger contacts stand for (the first, where several share one)."""
        rows = self._db.execute(
            "SELECT ledger_id, person_id FROM links "
            "WHERE ledger_id IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC",
            (json.dumps(list(contacts)),),
        )
        return {LedgerId(row[0]): PersonId(row[1]) for row in rows}

    def put(self, person: PersonId, contact: LedgerId, how: str, run: str) -> None:
        """Remember which ledger contact a Keap person is."""
        self._db.execute(
            "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)", (person, contact, how, run)
        )

    def remove(self, person: PersonId) -> None:
        """Forget a link that has turned out wrong."""
        self._db.execute("DELETE FROM links WHERE person_id = ?", (person,))
