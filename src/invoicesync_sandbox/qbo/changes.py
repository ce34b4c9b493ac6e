"""What has changed since a moment, deleted transactions included."""

from datetime import timedelta
from typing import Any

from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.entities import Entity, by_name
from invoicesync_sandbox.qbo.faults import Refused, missing
from invoicesync_sandbox.qbo.fields import as_moment, moment
from invoicesync_sandbox.qbo.forms import Txn, deleted
from invoicesync_sandbox.qbo.rows import Row

MOST_OBJECTS = 1000
LONGEST_AGO = timedelta(days=30)


def since(books: Books, names: str, start: str) -> list[dict[str, Any]]:
    """The content of the `CDCResponse`: for each entity of the comma-separated `names` one answer.

    `start` is ISO 8601. Raises `Refused`.
    """
    if not names.strip():
        raise missing("entities")
    if not start:
        raise missing("changedSince")
    try:
        first = as_moment(start)
    except ValueError:
        raise Refused("2090", f"Invalid Date : {start}", element="changedSince") from None
    if books.now() - first > LONGEST_AGO:
        raise Refused("4001", "changedSince is more than 30 days ago.", element="changedSince")
    entities = [_entity(name.strip()) for name in names.split(",")]
    left = MOST_OBJECTS
    answers = []
    for entity in entities:
        rows = [row for row in entity.rows(books).values() if row.updated >= first]
        shown = [_shown(books, entity, row) for row in rows[:left]]
        left -= len(shown)
        counted = {"startPosition": 1, "maxResults": len(shown)}
        answers.append({entity.name: shown} | counted if shown else {})
    return [{"QueryResponse": answers}]


def _entity(name: str) -> Entity:
    entity = by_name(name)
    if entity is None or entity.tax:
        raise Refused("4001", f"Changes of {name} cannot be asked for.", element="entities")
    return entity


def _shown(books: Books, entity: Entity, row: Row) -> dict[str, Any]:
    if isinstance(row, Txn) and row.status == "deleted":
        updated = {"LastUpdatedTime": moment(row.updated)}
        return deleted(row) | {"MetaData": updated}
    return entity.table.view(books, row)
