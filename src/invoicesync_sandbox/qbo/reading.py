"""What can be read: the rows that a statement selects, and what has changed since a moment."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from invoicesync_sandbox.fields import Field, sorted_rows
from invoicesync_sandbox.language import Condition, Test
from invoicesync_sandbox.qbo import preferences
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.errors import Refused, missing
from invoicesync_sandbox.qbo.fields import KINDS, TABLES, Row, as_moment, moment
from invoicesync_sandbox.qbo.forms import Txn
from invoicesync_sandbox.qbo.query import Statement, parse

MOST_OBJECTS = 1000
"""In the answer to a batch."""
MOST_CHANGES = 1000
"""In the answer to the question what has changed."""
_LONGEST_AGO = timedelta(days=30)
_SINGLE = {
    "companyinfo": ("CompanyInfo", preferences.company_info),
    "preferences": ("Preferences", preferences.view),
}
"""The two things that there is only one of."""


def select(books: Books, text: str) -> dict[str, Any]:
    """The content of the `QueryResponse`. Raises `Refused`."""
    longest = books.switches.longest_query
    if longest is not None and len(text) > longest:
        raise Refused("4000", f"QueryParserError: the query is longer than {longest} characters.")
    statement = parse(text, clipped=books.switches.max_results_clipped)
    word = statement.entity.lower()
    if word in _SINGLE:
        name, view = _SINGLE[word]
        if statement.conditions:
            raise _invalid(f"{name} cannot be filtered")
        rows, shown = [None], [view(books)]
    elif word in KINDS:
        kind = KINDS[word]
        name, table = TABLES[kind].name, TABLES[kind]
        rows = _found(books, kind, statement)
        page = _ordered(books, kind, statement, rows)[statement.start - 1 :][: statement.limit]
        shown = [_projected(table.view(books, row), statement.fields) for row in page]
    else:
        raise _invalid(f"QueryValidationError: invalid context declaration: {statement.entity}")
    if statement.count:
        return {"totalCount": len(rows)}
    counted = {"startPosition": statement.start, "maxResults": len(shown)}
    return {name: shown} | counted if shown else {}


def _invalid(detail: str) -> Refused:
    return Refused("4001", f"QueryValidationError: {detail}")


def _found(books: Books, kind: type[Row], statement: Statement) -> list[Any]:
    """The rows that fulfil every condition; inactive ones only when they are asked for."""
    tests = [_test(books, kind, condition) for condition in statement.conditions]
    asked = any(condition.field.lower() == "active" for condition in statement.conditions)
    return [
        row
        for row in _candidates(books, kind, statement)
        if (asked or getattr(row, "active", True))
        and not (isinstance(row, Txn) and row.status == "deleted")
        and all(test(row) for test in tests)
    ]


def _candidates(books: Books, kind: type[Row], statement: Statement) -> Iterable[Any]:
    """The rows that an index gives for one of the conditions, else all."""
    table = books.tables[kind]
    for condition in statement.conditions:
        field = _field(books, kind, condition.field)
        if condition.sign not in {"=", "in"}:
            continue
        values = dict.fromkeys(str(value) for value in condition.values)
        if field.name == "Id":
            return [table[value] for value in values if value in table]
        by_shown_name = field.index == "name" and books.switches.inactive_found_by == "shown"
        if field.index and not (by_shown_name and any("(deleted)" in text for text in values)):
            keys = dict.fromkeys(field.look_up(text) for text in values)
            return [row for key in keys for row in table.each(field.index, key)]
    return list(table.values())


def _field(books: Books, kind: type[Row], name: str) -> Field:
    found = TABLES[kind].asked(name)
    hidden = found and found.attribute == "created" and not books.switches.creation_queried
    if found is None or hidden:
        entity = TABLES[kind].name
        raise _invalid(f"Property {name} not found for Entity {entity}, or it is not queryable")
    return found


def _test(books: Books, kind: type[Row], condition: Condition) -> Test:
    try:
        return condition.test(_field(books, kind, condition.field), books)
    except Refused:
        raise
    except ValueError:
        values = ", ".join(str(value) for value in condition.values)
        raise _invalid(f"{condition.field} {condition.sign} {values} is not possible") from None


def _ordered(books: Books, kind: type[Row], statement: Statement, rows: list[Any]) -> list[Any]:
    """In the order that was asked for; else the newest transactions and the oldest names first."""
    order = statement.order or (("Id", issubclass(kind, Txn)),)
    return sorted_rows(rows, [(_field(books, kind, name), desc) for name, desc in order], books)


def _projected(shown: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The object with only the properties that were named, whose parts are not picked out."""
    if not fields:
        return shown
    wanted = {name.split(".")[0].lower() for name in fields} | {"domain", "id"}
    picked = {name: value for name, value in shown.items() if name.lower() in wanted}
    return picked | {"sparse": True}


def changed_since(books: Books, names: str, start: str) -> list[dict[str, Any]]:
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
    if books.now() - first > _LONGEST_AGO:
        raise Refused("4001", "changedSince is more than 30 days ago.", element="changedSince")
    left = MOST_CHANGES
    answers = []
    for kind in [_with_changes(name.strip()) for name in names.split(",")]:
        rows = [row for row in books.tables[kind].values() if row.updated >= first]
        shown = [_change(books, row) for row in rows[:left]]
        left -= len(shown)
        counted = {"startPosition": 1, "maxResults": len(shown)}
        answers.append({TABLES[kind].name: shown} | counted if shown else {})
    return [{"QueryResponse": answers}]


def _with_changes(name: str) -> type[Row]:
    kind = KINDS.get(name.lower())
    if kind is None or kind.read_only:
        raise Refused("4001", f"Changes of {name} cannot be asked for.", element="entities")
    return kind


def _change(books: Books, row: Row) -> dict[str, Any]:
    if isinstance(row, Txn) and row.status == "deleted":
        return row.stub | {"MetaData": {"LastUpdatedTime": moment(row.updated)}}
    return TABLES[type(row)].view(books, row)
