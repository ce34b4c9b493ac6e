"""What the vendors' query languages have in common: a grammar each, evaluated over field tables."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import contains, eq, ge, gt, le, lt, ne
from typing import Any

from lark import Lark, Transformer, UnexpectedInput, UnexpectedToken

from invoicesync_sandbox.fields import Field

Test = Callable[[Any], bool]
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "==": eq,
    "!=": ne,
    "<>": ne,
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
    "in": lambda own, wanted: own in wanted,
    "like": lambda own, wanted: wanted.fullmatch(own) is not None,
    "contains": contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_WORD = re.compile(r"[\w.]+|'|<>|!=|\S")


class Unreadable(ValueError):
    """A text that the grammar has no place for: the word, blank at the end, and where it is."""

    def __init__(self, word: str, line: int, column: int) -> None:
        super().__init__(f"{word!r} at line {line}, column {column}")
        self.word = word
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Condition:
    """One comparison: the field's name, a sign of `fields.RANGE` or `fields.PATTERN`, and values.

    Only `in` has several values.
    """

    field: str
    sign: str
    values: tuple[Any, ...]

    def test(self, field: Field, books: Any = None) -> Test:
        """Whether a row fulfils it. A row without a value is unequal to every other.

        Raises `ValueError` for a value of the wrong type, or a sign that the field does not take.
        """
        if self.sign not in field.signs:
            raise ValueError(self.sign)
        compare, wanted = _SIGNS[self.sign], self._wanted(field)

        def takes(row: Any) -> bool:
            own = field.key(books, row)
            return compare is ne if own is None else compare(own, wanted)

        return takes

    def _wanted(self, field: Field) -> Any:
        values = [field.literal(value) for value in self.values]
        if self.sign == "in":
            return frozenset(values)
        if self.sign != "like":
            return values[0]
        pieces = (re.escape(piece) for piece in values[0].split("%"))
        return re.compile(".*".join(pieces), re.DOTALL)


class Language:
    """A query language: a grammar (LALR) for lark, and what its rules stand for.

    `keywords` become terminals of the grammar (`like` is LIKE), in any case of letters and as
    whole words only. Those that begin with `_` are left out of what the rules are given.
    """

    def __init__(self, grammar: str, rules: "Transformer[Any, Any]", keywords: str = "") -> None:
        terminals = (
            rf"{word.upper()}.1: /{word.lstrip('_')}(?![\w.])/i" for word in keywords.split()
        )
        grammar = "\n".join((grammar, *terminals))
        parser = Lark(grammar, parser="lalr", start="start", transformer=rules)
        # Programs say the same again and again; what the rules make of it never changes.
        self._read = lru_cache(maxsize=256)(parser.parse)

    def parse(self, text: str) -> Any:
        """What the text stands for. Raises `Unreadable`, and whatever the rules raise."""
        try:
            return self._read(text)
        except UnexpectedInput as error:
            place: Any = error.pos_in_stream
            found = None if _at_end(error) else _WORD.match(text, place)
            word = found[0] if found else ""
            raise Unreadable(word, max(error.line, 1), max(error.column, 1)) from None


def _at_end(error: Exception) -> bool:
    return isinstance(error, UnexpectedToken) and error.token.type == "$END"
