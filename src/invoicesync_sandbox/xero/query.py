"""The filter and order language of the lists: `Type=="ACCREC" AND Date>=DateTime(2026,1,1)`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from lark import Transformer, v_args

from invoicesync_sandbox.fields import Field, FieldTable
from invoicesync_sandbox.language import Condition, Language, Unreadable
from invoicesync_sandbox.xero.errors import QueryParseError
from invoicesync_sandbox.xero.fields import GuidText, Text

Test = Callable[[Any], bool]

# `&&` and `and` join closer than `||` and `or`. Only a method has a blank-free name with its dot.
_GRAMMAR = r"""
start: _any
_any: either
?either: both (_OR both)*
?both: _one (_AND _one)*
_one: "(" _any ")" | condition | pattern
condition: NAME SIGN literal
pattern: METHOD "(" TEXT ")"
?literal: text | number | flag | null | guid | moment
text: TEXT
number: NUMBER
flag: TRUE | FALSE
null: _NULL
guid: _GUID "(" TEXT ")"
moment: _DATETIME "(" NUMBER ("," NUMBER)* ")"

_OR: "||" | /or(?![\w.])/i
_AND: "&&" | /and(?![\w.])/i
METHOD.2: /[a-z_][\w.]*\.(contains|startswith|endswith)(?=\s*\()/i
NAME: /(?!(and|or)(?![\w.]))[a-z_][\w.]*/i
SIGN: /==|=|!=|<>|>=|<=|>|</
TEXT: /"(?:[^"\\]|\\.)*"/s
NUMBER: /-?\d+(?:\.\d+)?m?/i
%ignore /\s+/
"""
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@dataclass(frozen=True)
class Joined:
    """Conditions of which all have to be met, or any."""

    how: Literal["all", "any"]
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Asked:
    """What one list can be asked, and which of it the vendor does fast and so over any number of
    rows: filters for equality or for a range, and orders. Names are in lower case.
    """

    table: FieldTable
    equal: frozenset[str] = frozenset()
    range: frozenset[str] = frozenset()
    ordered: frozenset[str] = frozenset()

    def field(self, name: str) -> Field:
        """The field of that name, in any case. Raises `QueryParseError`."""
        found = self.table.asked(name)
        if found is None:
            raise QueryParseError(f"No property or field '{name}' exists")
        return found


@dataclass(frozen=True)
class Filter:
    """A filter over the rows of some books."""

    takes: Test
    optimised: bool


@v_args(inline=True)
class _Rules(Transformer[Any, Any]):
    """What the rules of the grammar stand for."""

    def start(self, found: Any) -> Any:
        return found

    def either(self, *parts: Any) -> Joined:
        return Joined("any", parts)

    def both(self, *parts: Any) -> Joined:
        return Joined("all", parts)

    def condition(self, name: str, sign: str, value: Any) -> Condition:
        return Condition(str(name), str(sign), (value,))

    def pattern(self, name: str, part: str) -> Condition:
        field, _, method = name.rpartition(".")
        return Condition(field, method.lower(), (_unquoted(part),))

    def text(self, token: str) -> str:
        return _unquoted(token)

    def number(self, token: str) -> Decimal:
        return Decimal(token.rstrip("mM"))

    def flag(self, token: str) -> bool:
        return token.lower() == "true"

    def null(self) -> None:
        return None

    def guid(self, token: str) -> GuidText:
        return GuidText(_unquoted(token))

    def moment(self, *parts: str) -> datetime:
        try:
            return datetime(*(int(part) for part in parts))  # type: ignore[arg-type] # noqa: DTZ001
        except (ValueError, TypeError, OverflowError):
            raise QueryParseError("No applicable method 'DateTime' exists") from None


_LANGUAGE = Language(_GRAMMAR, _Rules(), "true false _null _guid _datetime")


def parse_where(text: str, asked: Asked, books: Any = None) -> Filter:
    """Read a filter. Raises `QueryParseError`."""
    try:
        return _filter(_LANGUAGE.parse(text), asked, books)
    except Unreadable as error:
        problem = f"Syntax error near '{error.word}'" if error.word else "Expression expected"
        raise QueryParseError(problem) from None


def parse_order(text: str, asked: Asked) -> tuple[list[tuple[Field, bool]], bool]:
    """The fields of an order with whether each is descending, and whether all are optimised."""
    order = []
    for part in text.split(","):
        name, direction = [*part.split(), "ASC"][:2] if part.strip() else ("", "")
        if direction.upper() not in {"ASC", "DESC"} or len(part.split()) > 2:
            raise QueryParseError(f"Syntax error in order '{text}'")
        order.append((asked.field(name), direction.upper() == "DESC"))
    return order, all(field.name.lower() in asked.ordered for field, _ in order)


def _filter(node: Any, asked: Asked, books: Any) -> Filter:
    if isinstance(node, Condition):
        return _condition(node, asked, books)
    parts = [_filter(part, asked, books) for part in node.parts]
    tests = [part.takes for part in parts]
    if node.how == "any":
        return Filter(lambda row: any(test(row) for test in tests), optimised=False)
    optimised = all(part.optimised for part in parts)
    return Filter(lambda row: all(test(row) for test in tests), optimised)


def _condition(condition: Condition, asked: Asked, books: Any) -> Filter:
    field, (value,) = asked.field(condition.field), condition.values
    if condition.sign in _TEXT_TESTS:
        if not isinstance(field, Text):
            raise QueryParseError("A text was expected")
        test = _TEXT_TESTS[condition.sign]
        return Filter(lambda row: test(field.own(books, row) or "", value), optimised=False)
    equal = condition.sign in {"=", "=="}
    if value is None and (equal or condition.sign in {"!=", "<>"}):
        return Filter(lambda row: (not field.own(books, row)) is equal, optimised=False)
    try:
        takes = condition.test(field, books)
    except ValueError:
        raise QueryParseError(
            f"Operator '{condition.sign}' incompatible with operand types '{field.kind}' and"
            f" '{type(value).__name__}' of '{condition.field}'"
        ) from None
    name = field.name.lower()
    return Filter(takes, name in asked.range or (equal and name in asked.equal))


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
