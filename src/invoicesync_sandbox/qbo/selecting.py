"""Which fields can be asked about, and the rows that a statement selects."""

from collections.abc import Iterable
from typing import Any

from invoicesync_sandbox.fields import Field, sorted_rows
from invoicesync_sandbox.language import Condition, Test
from invoicesync_sandbox.qbo import preferences
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.entities import Entity, by_name
from invoicesync_sandbox.qbo.faults import Refused
from invoicesync_sandbox.qbo.forms import Txn
from invoicesync_sandbox.qbo.query import Statement, parse


def select(books: Books, text: str) -> dict[str, Any]:
    """The content of the `QueryResponse`. Raises `Refused`."""
    longest = books.switches.longest_query
    if longest is not None and len(text) > longest:
        raise Refused("4000", f"QueryParserError: the query is longer than {longest} characters.")
    statement = parse(text, clipped=books.switches.max_results_clipped)
    single = _single(books, statement)
    if single is not None:
        return single
    entity = by_name(statement.entity)
    if entity is None:
        raise Refused("4001", f"QueryValidationError: Invalid entity {statement.entity}")
    rows = _found(books, entity, statement)
    if statement.count:
        return {"totalCount": len(rows)}
    rows = _ordered(books, entity, statement, rows)
    page = rows[statement.start - 1 : statement.start - 1 + statement.limit]
    if not page:
        return {}
    shown = [_projected(entity.table.view(books, row), statement.fields) for row in page]
    return {entity.name: shown, "startPosition": statement.start, "maxResults": len(page)}


def _single(books: Books, statement: Statement) -> dict[str, Any] | None:
    """The answer about one of the two things that there is only one of."""
    known = {
        "companyinfo": ("CompanyInfo", preferences.company_info),
        "preferences": ("Preferences", preferences.view),
    }.get(statement.entity.lower())
    if known is None:
        return None
    name, view = known
    if statement.conditions:
        raise Refused("4001", f"QueryValidationError: {name} cannot be filtered")
    if statement.count:
        return {"totalCount": 1}
    return {name: [view(books)], "startPosition": 1, "maxResults": 1}


def _found(books: Books, entity: Entity, statement: Statement) -> list[Any]:
    """The rows that fulfil every condition; inactive ones only when they are asked for."""
    table = entity.rows(books)
    tests = [_test(books, entity, condition) for condition in statement.conditions]
    asked = any(condition.field.lower() == "active" for condition in statement.conditions)
    rows: Iterable[Any] = _candidates(books, entity, table, statement)
    return [
        row
        for row in rows
        if (asked or getattr(row, "active", True))
        and not (isinstance(row, Txn) and row.status == "deleted")
        and all(test(row) for test in tests)
    ]


def _candidates(books: Books, entity: Entity, table: Any, statement: Statement) -> Iterable[Any]:
    """The rows that an index gives for one of the conditions, else all."""
    for condition in statement.conditions:
        field = _field(entity, condition.field)
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


def _field(entity: Entity, name: str) -> Field:
    found = entity.table.asked(name)
    if found is None:
        raise Refused(
            "4001",
            f"QueryValidationError: Property {name} not found for Entity {entity.name},"
            " or it is not queryable",
        )
    return found


def _test(books: Books, entity: Entity, condition: Condition) -> Test:
    field = _field(entity, condition.field)
    try:
        return condition.test(field, books)
    except ValueError:
        values = ", ".join(str(value) for value in condition.values)
        detail = f"{condition.field} {condition.sign} {values} is not possible"
        raise Refused("4001", f"QueryValidationError: {detail}") from None


def _ordered(books: Books, entity: Entity, statement: Statement, rows: list[Any]) -> list[Any]:
    """In the order that was asked for; else the newest transactions and the oldest names first."""
    if not statement.order:
        return sorted_rows(rows, [(_field(entity, "Id"), entity.transaction)])
    order = [(_field(entity, name), descending) for name, descending in statement.order]
    return sorted_rows(rows, order, books)


def _projected(shown: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The object with only the properties that were named, whose parts are not picked out."""
    if not fields:
        return shown
    wanted = {name.split(".")[0].lower() for name in fields} | {"domain", "id"}
    picked = {name: value for name, value in shown.items() if name.lower() in wanted}
    return picked | {"sparse": True}
