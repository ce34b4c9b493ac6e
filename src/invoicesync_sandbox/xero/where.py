"""The filter and order language of the lists: `Type=="ACCREC" AND Date>=DateTime(2026,1,1)`."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Generic, Literal, TypeVar

from invoicesync_sandbox.xero.errors import QueryParseError

Row = TypeVar("Row")
Kind = Literal["text", "guid", "number", "date", "flag"]
Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?[mM]?)
    | (?P<sign>==|!=|<>|>=|<=|&&|\|\||[=<>(),])
    | (?P<name>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE,
)
_COMPARE = {"==": eq, "=": eq, "!=": ne, "<>": ne, ">=": ge, "<=": le, ">": gt, "<": lt}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@dataclass(frozen=True)
class Field(Generic[Row]):
    """A property that can be filtered and ordered by.

    `optimised` names what the vendor does fast, and therefore over any number of rows.
    """

    kind: Kind
    get: Callable[[Row], Any]
    optimised: Literal["", "equal", "range"] = ""
    ordered: bool = False
    """Whether ordering by it is optimised."""
    loose: bool = False
    """Whether texts are compared without regard to case and accents."""


Fields = Mapping[str, Field[Row]]


@dataclass(frozen=True)
class Filter:
    """A parsed filter."""

    takes: Test
    optimised: bool


def parse_where(text: str, fields: Fields[Any]) -> Filter:
    """Read a filter. Raises `QueryParseError`."""
    try:
        return _Parser(text, fields).parse()
    except RecursionError:
        raise QueryParseError("The filter is nested too deeply") from None


def parse_order(
    text: str, fields: Fields[Any]
) -> tuple[list[tuple[Callable[[Any], Any], bool]], bool]:
    """The keys of an order with whether each is descending, and whether all are optimised."""
    keys = []
    optimised = True
    for part in text.split(","):
        words = part.split()
        if (
            not words
            or len(words) > 2
            or words[-1].upper() not in {"ASC", "DESC", words[0].upper()}
        ):
            raise QueryParseError(f"Syntax error in order '{text}'")
        field = _field(words[0], fields)
        optimised = optimised and field.ordered
        keys.append((_ordering(field), len(words) == 2 and words[1].upper() == "DESC"))
    return keys, optimised


def _ordering(field: Field[Any]) -> Callable[[Any], Any]:
    def key(row: Any) -> Any:
        value = field.get(row)
        return (value is not None, value)

    return key


def plain(text: str) -> str:
    """The text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _field(name: str, fields: Fields[Any]) -> Field[Any]:
    found = next((field for known, field in fields.items() if known.lower() == name.lower()), None)
    if found is None:
        raise QueryParseError(f"No property or field '{name}' exists")
    return found


class _Parser:
    """Recursive descent over the tokens; `_place` is the next one."""

    def __init__(self, text: str, fields: Fields[Any]) -> None:
        self._fields = fields
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        end = 0
        while text[end:].strip():
            found = _TOKEN.match(text, end)
            if not found:
                raise QueryParseError(f"Syntax error at position {end} in '{text}'")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            end = found.end()

    def parse(self) -> Filter:
        parsed = self._any()
        if self._place < len(self._tokens):
            raise QueryParseError(f"Syntax error near '{self._tokens[self._place][1]}'")
        return parsed

    def _any(self) -> Filter:
        parsed = self._all()
        while self._took("||", "or"):
            one, other = parsed, self._all()
            parsed = Filter(_either(one.takes, other.takes), optimised=False)
        return parsed

    def _all(self) -> Filter:
        parsed = self._one()
        while self._took("&&", "and"):
            one, other = parsed, self._one()
            parsed = Filter(_both(one.takes, other.takes), one.optimised and other.optimised)
        return parsed

    def _one(self) -> Filter:
        if self._took("("):
            parsed = self._any()
            self._need(")")
            return parsed
        kind, name = self._next()
        if kind != "name":
            raise QueryParseError(f"Syntax error near '{name}'")
        path, _, method = name.rpartition(".")
        if method.lower() in _TEXT_TESTS and path:
            return self._text_test(_field(path, self._fields), _TEXT_TESTS[method.lower()])
        return self._comparison(name, _field(name, self._fields))

    def _text_test(self, field: Field[Any], test: Callable[[str, str], bool]) -> Filter:
        self._need("(")
        kind, literal = self._next()
        self._need(")")
        if field.kind != "text" or kind != "text":
            raise QueryParseError("A text was expected")
        part = _unquoted(literal)
        return Filter(lambda row: test(field.get(row) or "", part), optimised=False)

    def _comparison(self, name: str, field: Field[Any]) -> Filter:
        _, sign = self._next()
        compare = _COMPARE.get(sign)
        if compare is None:
            raise QueryParseError(f"Syntax error near '{sign}'")
        kind, value = self._literal()
        same = compare in {eq, ne}
        if kind == "null" and same:
            wants_null = compare is eq
            return Filter(lambda row: (not field.get(row)) is wants_null, optimised=False)
        if kind != field.kind or (field.kind in {"guid", "flag"} and not same):
            raise QueryParseError(
                f"Operator '{sign}' incompatible with operand types '{field.kind}' and '{kind}'"
                f" of '{name}'"
            )
        optimised = field.optimised == "range" or (field.optimised == "equal" and compare is eq)
        wanted = plain(value) if field.loose else value

        def takes(row: Any) -> bool:
            own = field.get(row)
            if own is None:
                return compare is ne
            return bool(compare(plain(own) if field.loose else own, wanted))

        return Filter(takes, optimised)

    def _literal(self) -> tuple[str, Any]:
        """Its kind and its value."""
        kind, token = self._next()
        if kind == "text":
            return "text", _unquoted(token)
        if kind == "number":
            return "number", Decimal(token.rstrip("mM"))
        word = token.lower()
        if word in {"true", "false"}:
            return "flag", word == "true"
        if word == "null":
            return "null", None
        if word in {"guid", "datetime"}:
            return self._call(word)
        raise QueryParseError(f"Syntax error near '{token}'")

    def _call(self, word: str) -> tuple[str, Any]:
        self._need("(")
        arguments = [self._next()]
        while self._took(","):
            arguments.append(self._next())
        self._need(")")
        if word == "guid" and len(arguments) == 1 and arguments[0][0] == "text":
            return "guid", _unquoted(arguments[0][1]).lower()
        try:
            if word == "datetime" and len(arguments) >= 3:
                return "date", datetime(*(int(token) for _, token in arguments))  # type: ignore[arg-type] # noqa: DTZ001
        except (ValueError, TypeError, OverflowError):
            pass
        raise QueryParseError(f"No applicable method '{word}' exists")

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise QueryParseError("Expression expected")
        self._place += 1
        return self._tokens[self._place - 1]

    def _took(self, *words: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1].lower() in words:
            self._place += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise QueryParseError(f"'{word}' expected")


def _either(one: Test, other: Test) -> Test:
    return lambda row: one(row) or other(row)


def _both(one: Test, other: Test) -> Test:
    return lambda row: one(row) and other(row)


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
