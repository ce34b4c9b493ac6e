"""The `filter` parameter: clauses joined by `;`, each tested against a row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from invoicesync_sandbox.keap.errors import BadQuery

Test = Callable[[Any], bool]
Read = Callable[[Any], Any]

CLAUSE = re.compile(r"(?s)\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|<=|>=|<|>)(.*)")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": eq,
    "!=": ne,
    "<=": le,
    ">=": ge,
    "<": lt,
    ">": gt,
}
RANGES = frozenset(COMPARE)
EQUAL = frozenset({"=="})
# Extended ISO 8601 with a zone. Dates alone are refused; so is a `+` that became a blank.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Clause:
    """One condition as it was written."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class Field:
    """What can be asked about one field: the operators, and the test that a clause makes."""

    test: Callable[[str, str], Test]
    operators: frozenset[str] = EQUAL


def parse(text: str) -> list[Clause]:
    """The clauses of a filter; none for an empty one."""
    if not text:
        return []
    return [_clause(part) for part in text.split(";")]


def tests(clauses: list[Clause], fields: Mapping[str, Field]) -> list[Test]:
    """The tests that a row must all pass, or `BadQuery`."""
    found = []
    for clause in clauses:
        field = fields.get(clause.field)
        if field is None:
            msg = f"Invalid filter field: {clause.field}"
            raise BadQuery(msg)
        if clause.operator not in field.operators:
            msg = f"Operator {clause.operator} is not allowed for {clause.field}"
            raise BadQuery(msg)
        found.append(field.test(clause.operator, clause.value))
    return found


def id_list(value: str, longest: int | None) -> list[int]:
    """The ids of a comma list, or `BadQuery` for anything else or for too many."""
    ids = [_whole(part) for part in value.split(",")]
    if longest is not None and len(ids) > longest:
        msg = f"At most {longest} ids are allowed"
        raise BadQuery(msg)
    return ids


def number(read: Read, operators: frozenset[str] = RANGES) -> Field:
    """A number, compared by any of `operators`."""

    def test(operator: str, value: str) -> Test:
        compare, wanted = COMPARE[operator], _number(value)
        return lambda row: compare(read(row), wanted)

    return Field(test, operators)


def reference(read: Read) -> Field:
    """The id of something else; `read` may give several, of which one must be meant."""

    def test(_: str, value: str) -> Test:
        wanted = str(_whole(value))
        return lambda row: wanted in read(row)

    return Field(test)


def one_of(read: Read, longest: int | None) -> Field:
    """A comma list of ids; `read` gives the row's ids."""

    def test(_: str, value: str) -> Test:
        wanted = {str(one) for one in id_list(value, longest)}
        return lambda row: not wanted.isdisjoint(read(row))

    return Field(test)


def text(read: Read, *, wildcard: bool = False) -> Field:
    """A text, whatever its case; `read` gives the row's texts. A trailing `*` may stand open."""

    def test(_: str, value: str) -> Test:
        if wildcard and value.endswith("*"):
            start = value[:-1].casefold()
            return lambda row: any(one.casefold().startswith(start) for one in read(row) if one)
        wanted = value.casefold()
        return lambda row: any(one.casefold() == wanted for one in read(row) if one)

    return Field(test)


def choice(read: Read, values: frozenset[str]) -> Field:
    """One of a few words."""

    def test(_: str, value: str) -> Test:
        if value not in values:
            msg = f"{value!r} is none of {', '.join(sorted(values))}"
            raise BadQuery(msg)
        return lambda row: bool(read(row) == value)

    return Field(test)


def flag(read: Read) -> Field:
    """A truth value, written `true` or `false`."""

    def test(_: str, value: str) -> Test:
        if value not in {"true", "false"}:
            msg = f"{value!r} is not a boolean"
            raise BadQuery(msg)
        return lambda row: bool(read(row)) == (value == "true")

    return Field(test)


def bound(read: Read, operator: str, *, inclusive: bool, milliseconds: bool) -> Field:
    """A limit in time: `operator` is `>` for a beginning, `<` for an end."""
    compare = COMPARE[f"{operator}=" if inclusive else operator]

    def test(_: str, value: str) -> Test:
        limit = _time(value, milliseconds)
        return lambda row: compare(read(row), limit)

    return Field(test)


def _clause(part: str) -> Clause:
    match = CLAUSE.fullmatch(part)
    if match is None:
        msg = f"Invalid filter: {part!r}"
        raise BadQuery(msg)
    return Clause(match[1], match[2], match[3])


def _whole(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):
        msg = f"{value!r} is not an id"
        raise BadQuery(msg)
    return int(value)


def _number(value: str) -> Decimal | int:
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", value):
        msg = f"{value!r} is not a number"
        raise BadQuery(msg)
    return Decimal(value) if "." in value else int(value)


def _time(value: str, milliseconds: bool) -> datetime:
    match = TIME.fullmatch(value)
    try:
        if match and (match[1] or not milliseconds):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    msg = f"{value!r} is not a date and time in ISO 8601, such as 2026-01-01T00:00:00.000Z"
    raise BadQuery(msg)
