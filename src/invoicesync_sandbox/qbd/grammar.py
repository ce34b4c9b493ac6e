"""The shape of qbXML: tables of elements in their order, and the strict reader that goes by them.

A table is a text of `Name:kind` in QuickBooks' order. After a name stand `!` (needed), `*` (any
number) or `+` (at least one); kinds are `str41` (the number is the longest text), `id`, `guid`,
`amt`, `price`, `quan`, `pct`, `int`, `float`, `date`, `time`, `bool`, `is(A|B)` (one of these
words), `ref41` (a reference by `ListID` or `FullName`) and `=Table` (another table). `~Name` is an
element that QuickBooks knows and the sandbox does not simulate. `( A | B )` is a choice; it takes
the same marks behind its end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from xml.etree.ElementTree import Element, SubElement

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbd.errors import Refused, Unparsable, bad_word, too_long

_TOKEN = re.compile(r"(~?)(\w+)([!*+]?)(?::(=?\w+?)(\d*)(?:\(([\w|]*)\))?)?")
_PATTERNS = {
    "amt": re.compile(r"[+-]?\d{1,13}(\.\d\d)?"),
    "price": re.compile(r"[+-]?\d{1,10}(\.\d{1,5})?"),
    "int": re.compile(r"[+-]?\d{1,10}"),
    "float": re.compile(r"[+-]?\d{1,10}(\.\d{1,10})?"),
    "guid": re.compile(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"),
    "time": re.compile(
        r"\d{4}-\d\d?-\d\d?(T\d\d?(:\d\d?(:\d\d?([+-]\d\d?:\d\d?)?)?)?)?",
    ),
    "bool": re.compile(r"true|false|1|0"),
}
_PATTERNS["quan"] = _PATTERNS["pct"] = _PATTERNS["price"]
NUMBERS = frozenset({"amt", "price", "quan", "pct", "float"})
_LONGEST_ID = 36


@dataclass(frozen=True)
class Part:
    """An element by its name, or a choice between sequences when it has `options`."""

    name: str
    kind: str = ""
    most: int | None = None
    words: tuple[str, ...] = ()
    needed: bool = False
    many: bool = False
    simulated: bool = True
    options: "tuple[tuple[Part, ...], ...]" = ()

    def with_marks(self, mark: str) -> "Part":
        """The same part, needed or repeated as the mark says."""
        values = vars(self) | {"needed": mark in {"!", "+"}, "many": mark in {"*", "+"}}
        return Part(**values)


@dataclass(frozen=True)
class Table:
    """The elements of an aggregate, in their order; `tables` has those that it refers to."""

    text: str
    tables: "Callable[[], Mapping[str, Table]]"

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the text."""
        words = iter(self.text.split())
        found, end = _sequence(words)
        if end or any(words):
            msg = f"unbalanced table: {self.text}"
            raise ValueError(msg)
        return found

    @cached_property
    def order(self) -> dict[str, tuple[int, Part]]:
        """The place of each name."""
        return {part.name: (place, part) for place, part in enumerate(_flat(self.parts))}

    def below(self, part: Part) -> "Table | None":
        """The table of an element that has elements of its own."""
        if part.kind.startswith("="):
            return self.tables()[part.kind[1:]]
        return REFERENCE if part.kind == "ref" else None


def _sequence(words: Iterator[str]) -> tuple[tuple[Part, ...], str]:
    """The parts up to the end of a choice's option, and the word that ends it."""
    found: list[Part] = []
    for word in words:
        if word == "(":
            found.append(_choice(words))
        elif word[0] in "|)":
            return tuple(found), word
        else:
            found.append(_part(word))
    return tuple(found), ""


def _choice(words: Iterator[str]) -> Part:
    options = []
    end = "|"
    while end == "|":
        option, end = _sequence(words)
        options.append(option)
    return Part("", options=tuple(options)).with_marks(end[1:])


def _part(word: str) -> Part:
    read = _TOKEN.fullmatch(word)
    if read is None:
        msg = f"not a part of a table: {word}"
        raise ValueError(msg)
    unknown, name, mark, kind, most, words = read.groups()
    part = Part(
        name,
        kind or "any",
        int(most) if most else None,
        tuple(words.split("|")) if words else (),
        simulated=not unknown,
    )
    return part.with_marks(mark)


def _flat(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        if part.options:
            for option in part.options:
                yield from _flat(option)
        else:
            yield part


REFERENCE = Table("ListID:id FullName:str", dict)


class Sent:
    """What an aggregate holds, by the names of its elements: texts, numbers, dates and the like,
    and further aggregates. An element that is there and empty has the value None."""

    def __init__(self, values: dict[str, list[Any]]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, name: str) -> Any:
        """The value, None for none."""
        return self._values.get(name, [None])[0]

    def text(self, name: str) -> str:
        """The text, blank for none."""
        return self.get(name) or ""

    def number(self, name: str) -> Decimal | None:
        """The number, in major units where it is money."""
        return cast("Decimal | None", self.get(name))

    def day(self, name: str) -> date | None:
        """The date."""
        return cast("date | None", self.get(name))

    def all(self, name: str) -> list[Any]:
        """Every value of that name."""
        return self._values.get(name, [])

    def sub(self, name: str) -> "Sent | None":
        """The aggregate of that name."""
        return cast("Sent | None", self.get(name))


class Reader:
    """Reads an aggregate by its table. The first value that only spoils its own request is kept as
    `refusal`; what spoils the message raises `Unparsable`."""

    def __init__(self) -> None:
        self.refusal: Refused | None = None

    def read(self, table: Table, element: Element) -> Sent:
        """The values. Raises `Unparsable`, `NotSimulated`."""
        children = list(element)
        if (element.text or "").strip() or any((one.tail or "").strip() for one in children):
            raise Unparsable(f"text between the elements of {element.tag}")
        values: dict[str, list[Any]] = {}
        end = self._match(table, table.parts, children, 0, values)
        if end < len(children):
            raise Unparsable(f"{children[end].tag} in {element.tag}")
        return Sent(values)

    def _match(
        self,
        table: Table,
        parts: tuple[Part, ...],
        children: list[Element],
        place: int,
        values: dict[str, list[Any]],
    ) -> int:
        for part in parts:
            before = place
            if part.options:
                place = self._chosen(table, part, children, place, values)
            else:
                while place < len(children) and children[place].tag == part.name:
                    found = self._value(table, part, children[place])
                    values.setdefault(part.name, []).append(found)
                    place += 1
                    if not part.many:
                        break
            if part.needed and place == before:
                raise Unparsable(f"without {part.name or 'one of several elements'}")
        return place

    def _chosen(
        self,
        table: Table,
        part: Part,
        children: list[Element],
        place: int,
        values: dict[str, list[Any]],
    ) -> int:
        while place < len(children):
            tag = children[place].tag
            option = next((one for one in part.options if tag in _names(one)), None)
            if option is None:
                break
            place = self._match(table, option, children, place, values)
            if not part.many:
                break
        return place

    def _value(self, table: Table, part: Part, element: Element) -> Any:
        if not part.simulated:
            raise NotSimulated(f"the element {part.name}")
        if set(element.attrib) - {"defMacro", "useMacro"}:
            raise Unparsable(f"attributes of {part.name}")
        if element.attrib:
            raise NotSimulated("macros")
        below = table.below(part)
        if below is not None:
            return self.read(below, element)
        if len(element):
            raise Unparsable(f"elements in {part.name}")
        return self._scalar(part, element.text or "")

    def _scalar(self, part: Part, text: str) -> Any:
        if part.kind == "str":
            if part.most is not None and len(text) > part.most:
                self.refusal = self.refusal or too_long(part.name, text)
            return text or None
        text = text.strip()
        if part.kind == "is":
            if text not in part.words:
                self.refusal = self.refusal or bad_word(part.name, text)
            return text
        if part.kind == "id":
            if len(text) > _LONGEST_ID:
                raise Unparsable(f"a long id in {part.name}")
            return text or None
        if not text:
            return None
        if part.kind == "date":
            return _day(part.name, text)
        if not _PATTERNS[part.kind].fullmatch(text):
            raise Unparsable(f"{text} in {part.name}")
        if part.kind in NUMBERS:
            return Decimal(text)
        if part.kind == "bool":
            return text in {"true", "1"}
        return int(text) if part.kind == "int" else text


def _names(option: tuple[Part, ...]) -> set[str]:
    """The names of the elements that an option may begin with, whatever is left out."""
    return {part.name for part in _flat(option)}


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unparsable(f"{text} in {name}") from None


Values = Mapping[str, Any]


def write(parent: Element, table: Table, values: Values) -> None:
    """Put values below `parent` as elements, in the table's order. None and blank are left out.

    Raises `ValueError` for a name that the table does not have: QuickBooks never shows it.
    """
    unknown = set(values) - set(table.order)
    if unknown:
        msg = f"{parent.tag} has no {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    for name in sorted(values, key=lambda name: table.order[name][0]):
        part = table.order[name][1]
        value = values[name]
        for one in value if isinstance(value, list) else [value]:
            if one is None or one == "":
                continue
            element = SubElement(parent, name)
            below = table.below(part)
            if below is not None:
                write(element, below, one)
            else:
                element.text = _written(part, one)


def _written(part: Part, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:.2f}" if part.kind == "amt" else _short(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _short(value: Decimal) -> str:
    """A number with at most five decimals and none to spare."""
    text = f"{round(value, 5):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
