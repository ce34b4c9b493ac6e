"""The kinds of field that Keap has: how each is shown, null without a value, and filtered by."""

import re
from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, ClassVar

from invoicesync_sandbox import fields
from invoicesync_sandbox.fields import always
from invoicesync_sandbox.keap.errors import BadQuery
from invoicesync_sandbox.keap.wire import money_json, time_text

Test = Callable[[Any], bool]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": eq,
    "!=": ne,
    "<=": le,
    ">=": ge,
    "<": lt,
    ">": gt,
}
EQUAL = frozenset({"=="})
RANGES = frozenset(COMPARE)
NO_UNEQUAL = RANGES - {"!="}
# Extended ISO 8601 with a zone. Dates alone are refused; so is a `+` that became a blank.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Shown(fields.Field):
    """Anything that is shown as it is."""

    blank: bool = field(default=True, kw_only=True)
    _: KW_ONLY
    allowed_signs: frozenset[str] = EQUAL

    def test(self, books: Any, sign: str, value: str) -> Test:
        """Whether a row fulfils a clause. Raises `BadQuery`."""
        compare, wanted = COMPARE[sign], self.wanted(books, value)
        return lambda row: compare(self.key(books, row), wanted)

    def wanted(self, _books: Any, value: str) -> Any:
        """What a filter was given, as it is compared with `key`. Raises `BadQuery`."""
        return value


class Number(Shown):
    """A number."""

    def wanted(self, _books: Any, value: str) -> Any:
        if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", value):
            raise BadQuery(f"{value!r} is not a number")
        return Decimal(value) if "." in value else int(value)


class RowId(Number):
    """The id of the row itself, which filters compare as a number."""

    def key(self, books: Any, row: Any) -> Any:
        return int(self.own(books, row))


class Reference(Shown):
    """The id of something else, of which a row may have several: one of them has to be meant."""

    def test(self, books: Any, _sign: str, value: str) -> Test:
        wanted = self.wanted(books, value)
        return lambda row: not wanted.isdisjoint(self._ids(books, row))

    def key(self, books: Any, row: Any) -> Any:
        return int(self.own(books, row))

    def wanted(self, _books: Any, value: str) -> Any:
        return {str(whole(value))}

    def _ids(self, books: Any, row: Any) -> Collection[Any]:
        own = self.own(books, row)
        return (own,) if own is None or isinstance(own, str) else own


class Listed(Reference):
    """The same for a comma list of ids."""

    def wanted(self, books: Any, value: str) -> Any:
        found, longest = {str(whole(part)) for part in value.split(",")}, longest_list(books)
        if longest is not None and len(value.split(",")) > longest:
            raise BadQuery(f"At most {longest} ids are allowed")
        return found


@dataclass(frozen=True)
class Text(Shown):
    """A text, or several, in any case of letters. With `wildcard` a trailing `*` stands open."""

    _: KW_ONLY
    wildcard: bool = False

    def test(self, books: Any, _sign: str, value: str) -> Test:
        open_end = self.wildcard and value.endswith("*")
        wanted = (value[:-1] if open_end else value).casefold()
        compare = str.startswith if open_end else str.__eq__
        return lambda row: any(compare(one.casefold(), wanted) for one in self._texts(books, row))

    def key(self, books: Any, row: Any) -> Any:
        return next(iter(self._texts(books, row)), "")

    def _texts(self, books: Any, row: Any) -> list[str]:
        own = self.own(books, row)
        return [one for one in ((own,) if isinstance(own, str) else own or ()) if one]


@dataclass(frozen=True)
class Choice(Shown):
    """One of a few words."""

    _: KW_ONLY
    allowed: frozenset[str]

    def wanted(self, _books: Any, value: str) -> Any:
        if value not in self.allowed:
            raise BadQuery(f"{value!r} is none of {', '.join(sorted(self.allowed))}")
        return value


class Flag(Shown):
    """A truth value, written `true` or `false`."""

    def wanted(self, _books: Any, value: str) -> Any:
        if value not in {"true", "false"}:
            raise BadQuery(f"{value!r} is not a boolean")
        return value == "true"


class Time(Shown):
    """A moment in UTC."""

    def show(self, books: Any, row: Any) -> Any:
        return time_text(self.own(books, row))


class Since(Shown):
    """A filter for what is later than a moment; whether the moment itself counts is a switch."""

    sign: ClassVar[str] = ">"

    def test(self, books: Any, _sign: str, value: str) -> Test:
        inclusive = books.switches.bounds == "inclusive"
        return super().test(books, f"{self.sign}=" if inclusive else self.sign, value)

    def wanted(self, books: Any, value: str) -> Any:
        match = TIME.fullmatch(value)
        try:
            if match and (match[1] or not books.switches.milliseconds_required):
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        raise BadQuery(
            f"{value!r} is not a date and time in ISO 8601, such as 2026-01-01T00:00:00.000Z"
        )


class Until(Since):
    """A filter for what is earlier than a moment."""

    sign: ClassVar[str] = "<"


class Money(Shown):
    """An amount in the currency of the row, or of the account."""

    def show(self, books: Any, row: Any) -> Any:
        amount = self.own(books, row)
        currency = getattr(row, "currency", books.currency)
        return None if amount is None else money_json(amount, currency)


def only_asked(kind: type[Shown], name: str, get: Callable[[Any, Any], Any], **more: Any) -> Shown:
    """A field that filters know and nothing shows."""
    return kind(name, get=get, asked=True, shown=(), **more)


def constants(shown: Collection[str] | None = None, **values: Any) -> list[Shown]:
    """Fields that are the same in every row, shown in these views or in all."""
    return [Shown(name, get=always(value), shown=shown) for name, value in values.items()]


def whole(value: str) -> int:
    """An id. Raises `BadQuery`."""
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise BadQuery(f"{value!r} is not an id")
    return int(value)


def longest_list(books: Any) -> int | None:
    """How many ids a list may have; None for any number."""
    longest: int | None = books.switches.max_listed_ids
    return longest
