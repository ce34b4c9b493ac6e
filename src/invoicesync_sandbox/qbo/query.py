"""The query language: `select * from Invoice where DocNumber in ('A', 'B') orderby Id`."""

import re
from dataclasses import dataclass

from invoicesync_sandbox.qbo.faults import Refused

DEFAULT_ROWS = 100
MOST_ROWS = 1000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>\d+(?![\w.]))
    | (?P<sign><=|>=|!=|<>|[=<>(),*])
    | (?P<word>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = frozenset({"=", "<", ">", "<=", ">="})
_KEYWORDS = frozenset(
    {"select", "from", "where", "and", "orderby", "order", "startposition", "maxresults"}
)
_UNSUPPORTED = frozenset({"or", "not", "join", "group", "having", "union"})


@dataclass(frozen=True)
class Condition:
    """One condition: `sign` is a comparison, `in` or `like`. A truth value was written bare."""

    field: str
    sign: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True)
class Statement:
    """A parsed statement. Without `fields` everything is selected; `start` counts from 1."""

    entity: str
    fields: tuple[str, ...] = ()
    count: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """The fields to order by, each with whether it is descending."""
    start: int = 1
    limit: int = DEFAULT_ROWS


def parse(text: str, *, clipped: bool = False) -> Statement:
    """Read a statement. `clipped` takes MAXRESULTS over the most for the most.

    Raises `Refused`: 4000 for what cannot be read, 4001 for values out of range, 4002 for what
    the language does not have.
    """
    return _Parser(text, clipped=clipped).parse()


class _Parser:
    """Recursive descent over the tokens; `_place` is the next one."""

    def __init__(self, text: str, *, clipped: bool) -> None:
        self._clipped = clipped
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        end = 0
        while text[end:].strip():
            found = _TOKEN.match(text, end)
            if not found:
                raise _encountered(text[end:].strip()[:20], f"position {end}")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            end = found.end()

    def parse(self) -> Statement:
        self._need("select")
        fields, count = self._selection()
        self._need("from")
        entity = self._name()
        conditions = self._conditions() if self._took("where") else ()
        order = self._order()
        start = self._position("startposition", 1)
        limit = self._position("maxresults", DEFAULT_ROWS)
        if self._place < len(self._tokens):
            raise self._unexpected()
        if limit > MOST_ROWS:
            if not self._clipped:
                raise Refused(
                    "4001", f"QueryValidationError: value {limit} is too large. Max: {MOST_ROWS}"
                )
            limit = MOST_ROWS
        return Statement(entity, fields, count, conditions, order, start, limit)

    def _selection(self) -> tuple[tuple[str, ...], bool]:
        if self._took("*"):
            return (), False
        first = self._name()
        if first.lower() == "count" and self._took("("):
            self._need("*")
            self._need(")")
            return (), True
        names = [first]
        while self._took(","):
            names.append(self._name())
        return tuple(names), False

    def _conditions(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._took("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        field = self._name()
        kind, sign = self._next()
        if sign in {"!=", "<>"}:
            raise Refused("4002", f"QueryValidationError: operator {sign} is not supported")
        if sign in _SIGNS:
            return Condition(field, sign, (self._value(),))
        if kind == "word" and sign.lower() == "like":
            return Condition(field, "like", (self._value(),))
        if kind == "word" and sign.lower() == "in":
            return Condition(field, "in", self._values())
        self._place -= 1
        raise self._unexpected()

    def _values(self) -> tuple[str | bool, ...]:
        self._need("(")
        found = [self._value()]
        while self._took(","):
            found.append(self._value())
        self._need(")")
        return tuple(found)

    def _value(self) -> str | bool:
        """A quoted text, or a truth value without quotes."""
        kind, token = self._next()
        if kind == "text":
            return _ESCAPED.sub(r"\1", token[1:-1])
        if kind == "word" and token.lower() in {"true", "false"}:
            return token.lower() == "true"
        self._place -= 1
        raise self._unexpected()

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._took("order"):
            self._need("by")
        elif not self._took("orderby"):
            return ()
        found = [self._ordering()]
        while self._took(","):
            found.append(self._ordering())
        return tuple(found)

    def _ordering(self) -> tuple[str, bool]:
        name = self._name()
        descending = self._took("desc")
        if not descending:
            self._took("asc")
        return name, descending

    def _position(self, word: str, default: int) -> int:
        if not self._took(word):
            return default
        kind, token = self._next()
        if kind != "number":
            self._place -= 1
            raise self._unexpected()
        if int(token) < 1:
            raise Refused("4001", f"QueryValidationError: value {token} is too small. Min: 1")
        return int(token)

    def _name(self) -> str:
        kind, token = self._next()
        if kind != "word" or token.lower() in _KEYWORDS:
            self._place -= 1
            raise self._unexpected()
        return token

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise self._unexpected()
        self._place += 1
        return self._tokens[self._place - 1]

    def _took(self, wanted: str) -> bool:
        """Whether that is the next token, a keyword in any case of letters; goes past it if so."""
        if self._place >= len(self._tokens):
            return False
        kind, token = self._tokens[self._place]
        if kind == "text" or token.lower() != wanted:
            return False
        self._place += 1
        return True

    def _need(self, wanted: str) -> None:
        if not self._took(wanted):
            raise self._unexpected()

    def _unexpected(self) -> Refused:
        if self._place >= len(self._tokens):
            return _encountered("<EOF>", "the end")
        kind, token = self._tokens[self._place]
        if kind == "word" and token.lower() in _UNSUPPORTED:
            return Refused("4002", f"QueryValidationError: {token} is not supported")
        return _encountered(token, f"token {self._place + 1}")


def _encountered(token: str, where: str) -> Refused:
    return Refused("4000", f'QueryParserError: Encountered " "{token}" " at {where}.')
