"""The `filter` parameter of the lists: clauses joined by `;`, each a field, a sign and a value."""

import re
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.keap.errors import BadQuery
from invoicesync_sandbox.keap.fields import Shown, Test

CLAUSE = re.compile(r"(?s)\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|<=|>=|<|>)(.*)")


@dataclass(frozen=True)
class Clause:
    """One condition as it was written."""

    field: str
    sign: str
    value: str


def parse(text: str) -> list[Clause]:
    """The clauses of a filter; none for an empty one. Raises `BadQuery`."""
    return [_clause(part) for part in text.split(";")] if text else []


def tests(clauses: list[Clause], table: FieldTable, books: Any) -> list[Test]:
    """The tests that a row must all pass. Raises `BadQuery`."""
    found = []
    for clause in clauses:
        asked = table.asked(clause.field)
        if not isinstance(asked, Shown) or asked.name != clause.field:
            raise BadQuery(f"Invalid filter field: {clause.field}")
        if clause.sign not in asked.allowed_signs:
            raise BadQuery(f"Operator {clause.sign} is not allowed for {clause.field}")
        found.append(asked.test(books, clause.sign, clause.value))
    return found


def _clause(part: str) -> Clause:
    match = CLAUSE.fullmatch(part)
    if match is None:
        raise BadQuery(f"Invalid filter: {part!r}")
    return Clause(match[1], match[2], match[3])
