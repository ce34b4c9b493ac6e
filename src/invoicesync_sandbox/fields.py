"""One table of fields per kind of object: what each is called, holds, and may be used for.

A row class names its fields where it declares its attributes:

    sku: Annotated[str, Text("Sku", 100, asked=True, index="sku")] = ""

and everything else follows from that: what an app may send and how it is checked, what it is
shown, what a query may name, and what can be looked up fast.
"""

import dataclasses
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import KW_ONLY, MISSING, dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal, get_type_hints

from invoicesync_sandbox.posted import Posted, as_number

Kind = Literal["text", "id", "number", "date", "moment", "flag", "object"]
Json = dict[str, Any]
EQUAL = frozenset({"=", "==", "!=", "<>", "in"})
RANGE = EQUAL | {"<", ">", "<=", ">="}
PATTERN = frozenset({"like", "contains", "startswith", "endswith"})


@dataclass(frozen=True)
class Field:
    """A field by the vendor's name.

    Its value is an attribute of the row, or worked out by `get`, or else one of the things in
    `row.kept` that only have to be given back. `most` is the number of characters that an app may
    send.
    """

    name: str
    most: int | None = None
    _: KW_ONLY
    attribute: str = ""
    """The row's attribute; `columns` fills it in."""
    get: Callable[[Any, Any], Any] | None = None
    """Works the value out from the books and the row, where it is no attribute."""
    asked: bool = False
    """Whether a query may name it."""
    index: str = ""
    """The table's look-up by it, if any."""
    sent: bool | None = None
    """Whether an app may set it; otherwise what is sent is ignored, as of what is worked out."""
    needed: bool = False
    """Whether an app has to send it."""
    stays: bool = False
    """Whether it stays as it was when it is not sent; otherwise it is emptied."""
    default: Any = None
    """What is shown when nothing is there."""
    shown: Collection[str] | None = None
    """The views that show it (a vendor's own words, such as `list` or `one`); None for all."""
    blank: bool = False
    """Whether it is shown when there is nothing in it."""
    kind: ClassVar[Kind] = "object"
    signs: ClassVar[frozenset[str]] = RANGE
    """The comparisons that a query may make."""

    def own(self, books: Any, row: Any) -> Any:
        """The row's value."""
        if self.get:
            return self.get(books, row)
        if self.attribute:
            return getattr(row, self.attribute)
        return row.kept.get(self.name)

    def read(self, posted: Any) -> Any:
        """The value that was sent, checked; None when it is absent."""
        return posted.values[self.name] if posted.has(self.name) else None

    def is_in(self, detail: str) -> bool:
        """Whether a view of so much detail shows it."""
        return self.shown is None or detail in self.shown

    def show(self, books: Any, row: Any) -> Any:
        """The row's value as it is answered; None or blank for nothing."""
        value = self.own(books, row)
        return self.default if value is None else value

    def key(self, books: Any, row: Any) -> Any:
        """The row's value as queries compare and sort it."""
        return self.own(books, row)

    def literal(self, value: Any) -> Any:
        """What a query was given, as it is compared with `key`. Raises `ValueError`."""
        return value

    def look_up(self, value: Any) -> Hashable | None:
        """The key of an index; None for what cannot be found by it."""
        return value or None


class Text(Field):
    """A text, which queries compare in any case of letters."""

    kind = "text"
    signs = RANGE | PATTERN

    def read(self, posted: Any) -> Any:
        return posted.text(self.name, self.most) if self.name in posted.values else None

    def key(self, books: Any, row: Any) -> Any:
        return str(self.own(books, row) or "").casefold()

    def literal(self, value: Any) -> Any:
        return of_type(value, str).casefold()

    def look_up(self, value: Any) -> Hashable | None:
        return value.casefold() or None


@dataclass(frozen=True)
class Choice(Text):
    """One of a few words."""

    _: KW_ONLY
    allowed: Collection[str] = ()

    def read(self, posted: Any) -> Any:
        return posted.choice(self.name, self.allowed) or None


class Id(Field):
    """An id, which is the same or is not."""

    kind = "id"
    signs = EQUAL

    def read(self, posted: Any) -> Any:
        return posted.text(self.name, self.most) or None

    def literal(self, value: Any) -> Any:
        return of_type(value, str)


class Number(Field):
    """A number, always `Decimal`."""

    kind = "number"

    def read(self, posted: Any) -> Any:
        return posted.number(self.name)

    def literal(self, value: Any) -> Any:
        number = as_number(value)
        if number is None:
            raise ValueError(value)
        return number


class Flag(Field):
    """A truth value."""

    kind = "flag"
    signs = EQUAL

    def read(self, posted: Any) -> Any:
        return posted.flag(self.name) if posted.has(self.name) else None

    def literal(self, value: Any) -> Any:
        return of_type(value, bool)


class Day(Field):
    """A calendar day."""

    kind = "date"

    def read(self, posted: Any) -> Any:
        return posted.day(self.name)

    def show(self, books: Any, row: Any) -> Any:
        value = self.own(books, row)
        return value and value.isoformat()

    def literal(self, value: Any) -> Any:
        return date.fromisoformat(of_type(value, str))


class Moment(Field):
    """A moment in time, kept in UTC."""

    kind = "moment"

    def literal(self, value: Any) -> Any:
        return datetime.fromisoformat(of_type(value, str))


def of_type(value: Any, kind: type) -> Any:
    """The value, which has to be of exactly that type. Raises `ValueError`."""
    if type(value) is not kind:
        raise ValueError(value)
    return value


def always(value: Any) -> Callable[[Any, Any], Any]:
    """The `get` of a field that is the same in every row."""
    return lambda _, __: value


def columns(kind: type) -> tuple[Field, ...]:
    """The fields that a row class, and those above it, have named beside their attributes."""
    return tuple(
        dataclasses.replace(found, attribute=attribute)
        for attribute, hint in get_type_hints(kind, include_extras=True).items()
        for found in getattr(hint, "__metadata__", ())
        if isinstance(found, Field)
    )


def defaults(kind: type) -> dict[str, Any]:
    """What the attributes of a row class are when nothing is said; not those that must be given."""
    found = {}
    for known in dataclasses.fields(kind):
        if known.default is not MISSING:
            found[known.name] = known.default
        elif known.default_factory is not MISSING:
            found[known.name] = known.default_factory()
    return found


class FieldTable:
    """The fields of one kind of object, and the names that are known of it beside them.

    The names of `read` are understood by the code that saves it, those of `kept` are only given
    back, `output` are the server's own and ignored; `elsewhere` mean something that is not
    simulated. All are written with blanks between them.
    """

    def __init__(
        self,
        name: str,
        *fields: Field,
        row: type | None = None,
        read: str = "",
        kept: str = "",
        output: str = "",
        elsewhere: str = "",
    ) -> None:
        self.name = name
        self.fields = (*(columns(row) if row else ()), *fields)
        self.kept = frozenset(kept.split())
        self.defaults = defaults(row) if row else {}
        self.elsewhere = frozenset(elsewhere.split())
        own = {found.name.partition(".")[0] for found in self.fields}
        self.known = frozenset(f"{read} {output}".split()) | self.kept | own
        """Every name that may be sent."""
        self._sent = [one for one in self.fields if one.sent or (one.sent is None and not one.get)]
        self._views: dict[str, list[_Place]] = {}
        self._asked = {found.name.lower(): found for found in self.fields if found.asked}

    def asked(self, name: str) -> Field | None:
        """The field that a query names, in any case of letters; None for one it may not."""
        return self._asked.get(name.lower())

    def indexes(self) -> dict[str, Callable[[Any], Hashable | None]]:
        """The look-ups of a `Table` of these rows."""

        def key(found: Field) -> Callable[[Any], Hashable | None]:
            return lambda row: found.look_up(getattr(row, found.attribute))

        return {found.index: key(found) for found in self.fields if found.index}

    def values(self, posted: Posted, before: Any = None) -> dict[str, Any]:
        """What was sent, by the row's attributes. What was not is as in a new row, unless it stays
        as in the one `before`.
        """
        found: dict[str, Any] = {}
        sent = (name for name in posted.values if name in self.kept and posted.has(name))
        kept = {name: posted.values[name] for name in sent}
        for one in self._sent:
            value = one.read(posted)
            if value is None and one.stays and before is not None:
                value = getattr(before, one.attribute)
            if value is None and one.needed:
                raise posted.missing(one.name)
            if value is None and one.attribute in self.defaults:
                value = self.defaults[one.attribute]
            elif value is None:
                continue
            (found if one.attribute else kept)[one.attribute or one.name] = value
        return found | {"kept": kept} if "kept" in self.defaults else found

    def view(self, books: Any, row: Any, detail: str = "") -> Json:
        """What an app gets to see of the row, in a view of so much detail. A field with a dot in
        its name is part of an object.
        """
        shown: Json = {}
        if self.kept:
            shown = {name: value for name, value in row.kept.items() if name in self.kept}
        places = self._views.get(detail)
        if places is None:
            places = self._views[detail] = [_place(one) for one in self.fields if one.is_in(detail)]
        for attribute, show, group, name, blank in places:
            value = getattr(row, attribute) if attribute else show(books, row)
            if blank or (value is not None and value != ""):
                (shown.setdefault(group, {}) if group else shown)[name] = value
        return shown


_Place = tuple[str, Callable[[Any, Any], Any], str, str, bool]
"""The attribute of a field that is shown as it is, else blank; how the field is shown; the object
that it is part of, if any; its name there; and whether it is shown with nothing in it."""


def _place(one: Field) -> _Place:
    kind = type(one)
    as_it_is = kind.show is Field.show and kind.own is Field.own and not one.get
    attribute = one.attribute if as_it_is and one.default is None else ""
    group, _, name = one.name.rpartition(".")
    return attribute, one.show, group, name, one.blank


def sorted_rows(
    rows: Iterable[Any], order: Iterable[tuple[Field, bool]], books: Any = None
) -> list[Any]:
    """The rows by these fields, each with whether it is descending; nothing comes before all."""
    found = list(rows)
    for by, descending in reversed(list(order)):
        found.sort(key=_ordering(by, books), reverse=descending)
    return found


def _ordering(by: Field, books: Any) -> Callable[[Any], Any]:
    def key(row: Any) -> Any:
        value = by.key(books, row)
        if by.kind == "id" and value is not None:
            return (1, int(value), "") if value.isdigit() else (1, 0, value)
        return (0,) if value is None else (1, value)

    return key
