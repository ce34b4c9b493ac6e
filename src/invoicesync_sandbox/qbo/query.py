"""The query language: `select * from Invoice where DocNumber in ('A', 'B') orderby Id`."""

import re
from dataclasses import dataclass, replace
from typing import Any

from lark import Token, Transformer, v_args

from invoicesync_sandbox.language import Condition, Language, Unreadable
from invoicesync_sandbox.qbo.errors import Refused

_DEFAULT_ROWS = 100
_MOST_ROWS = 1000

# Keywords and fields in any case of letters, the last two clauses in either order. Only truth
# values are written without quotes.
_GRAMMAR = r"""
start: _SELECT _selection _FROM NAME [where] [order] _paging
_paging: [first] [most] | most first
_selection: "*" | COUNT | fields
fields: NAME ("," NAME)*
where: _WHERE condition (_AND condition)*
condition: NAME (SIGN | LIKE) _value -> compared
         | NAME IN "(" _value ("," _value)* ")" -> compared
_value: text | flag
text: TEXT
flag: TRUE | FALSE
order: (_ORDERBY | _ORDER _BY) ordering ("," ordering)*
ordering: NAME [ASC | DESC]
first: _STARTPOSITION NUMBER
most: _MAXRESULTS NUMBER

COUNT.2: /count\s*\(\s*\*\s*\)/i
NAME: /(?!(select|from|where|and|orderby|order|startposition|maxresults)(?![\w.]))[a-z_][\w.]*/i
SIGN: "<=" | ">=" | /<(?!>)/ | "=" | ">"
TEXT: /'(?:[^'\\]|\\.)*'/s
NUMBER: /\d+(?![\w.])/
%ignore /\s+/
"""
_KEYWORDS = (
    "_select _from _where _and _orderby _order _by _startposition _maxresults"
    " asc desc like in true false"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNSUPPORTED = frozenset({"or", "not", "join", "group", "having", "union", "!=", "<>"})


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
    limit: int = _DEFAULT_ROWS


@v_args(inline=True)
class _Rules(Transformer[Any, Any]):
    """What the rules of the grammar stand for."""

    def text(self, token: str) -> str:
        return _ESCAPED.sub(r"\1", token[1:-1])

    def flag(self, token: str) -> bool:
        return token.lower() == "true"

    def compared(self, name: str, sign: str, *values: str | bool) -> Condition:
        return Condition(str(name), sign.lower(), values)

    def ordering(self, name: str, direction: str | None) -> tuple[str, bool]:
        return str(name), (direction or "").lower() == "desc"

    @v_args(inline=False)
    def fields(self, names: list[Token]) -> tuple[str, ...]:
        return tuple(map(str, names))

    where = order = v_args(inline=False)(tuple)

    def first(self, number: str) -> tuple[str, int]:
        return "start", _counted(number)

    def most(self, number: str) -> tuple[str, int]:
        return "limit", _counted(number)

    def start(self, *parts: Any) -> Statement:
        *selected, entity, where, order, one, other = parts
        count = bool(selected) and isinstance(selected[0], Token)
        return Statement(
            str(entity),
            () if count or not selected else selected[0],
            count,
            where or (),
            order or (),
            **dict(part for part in (one, other) if part),
        )


def _counted(number: str) -> int:
    if int(number) < 1:
        detail = f"QueryValidationError: value {number} is too small. Min allowed value is 1"
        raise Refused("4001", detail)
    return int(number)


_LANGUAGE = Language(_GRAMMAR, _Rules(), _KEYWORDS)


def parse(text: str, *, clipped: bool = False) -> Statement:
    """Read a statement. `clipped` takes MAXRESULTS over the most for the most.

    Raises `Refused`: 4000 for what cannot be read, 4001 for values out of range, 4002 for what
    the language does not have.
    """
    try:
        statement: Statement = _LANGUAGE.parse(text)
    except Unreadable as error:
        if error.word.lower() in _UNSUPPORTED:
            detail = f"QueryValidationError: {error.word} is not supported"
            raise Refused("4002", detail) from None
        detail = (
            f'QueryParserError: Encountered " "{error.word or "<EOF>"}" "'
            f" at line {error.line}, column {error.column}."
        )
        raise Refused("4000", detail) from None
    if statement.limit <= _MOST_ROWS or clipped:
        return replace(statement, limit=min(statement.limit, _MOST_ROWS))
    detail = f"QueryValidationError: value {statement.limit} is too large. Max: {_MOST_ROWS}"
    raise Refused("4001", detail)
