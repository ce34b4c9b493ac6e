"""What a page consists of: figures, tables and forms, and the one template that shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from unicodedata import category

from jinja2 import Environment, PackageLoader, StrictUndefined


class Wrong(ValueError):
    """What was typed cannot be meant."""


@dataclass(frozen=True)
class Link:
    """A cell that leads to another page."""

    text: str
    to: str


Cell = str | Link


@dataclass(frozen=True)
class Field:
    """An input with its label; `options` (value and text) make it a choice."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    begins: bool = False
    """Whether a new row of the form begins with it."""


@dataclass(frozen=True)
class Form:
    """One thing that can be done; `act` is its name among the section's acts."""

    act: str
    button: str
    fields: tuple[Field, ...] = ()
    note: str = ""
    ends: bool = False
    """Whether it takes something away."""


@dataclass(frozen=True)
class Table:
    """Rows below a heading; columns named with a leading `>` are figures."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


@dataclass
class Page:
    """One page. `facts` are label and value."""

    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


@cache
def _templates() -> Environment:
    loader = PackageLoader("invoicesync_sandbox.pages")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["shown"] = shown
    return environment


def shown(text: str) -> str:
    """The text with what a browser would obey instead of show, e.g. a change of direction."""
    return "".join(
        f"\\u{ord(letter):04x}" if category(letter) in {"Cc", "Cf"} else letter for letter in text
    )


def render(page: Page, **around: object) -> str:
    """The page as HTML."""
    return _templates().get_template("page.html").render(page=page, **around)


class Typed:
    """What was typed into a form. Methods raise `Wrong` for what cannot be read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The text, blank where there is none."""
        return self._values.get(name, "").strip()

    def needed(self, name: str, label: str) -> str:
        """The text, which may not be blank."""
        found = self.text(name)
        if not found:
            raise Wrong(f"{label}: please fill it in.")
        return found

    def amount(self, name: str, label: str) -> Decimal | None:
        """An amount of zero or more in major units, None for a blank."""
        found = self.text(name)
        if not found:
            return None
        try:
            amount = Decimal(found)
        except InvalidOperation:
            raise Wrong(f"{label}: {found} is no amount.") from None
        if not amount.is_finite() or not 0 <= amount < 10**9 or amount != round(amount, 2):
            raise Wrong(f"{label}: an amount of at least 0 with at most two decimals, please.")
        return amount

    def money(self, name: str, label: str) -> Decimal:
        """An amount above zero."""
        amount = self.amount(name, label)
        if not amount:
            raise Wrong(f"{label}: an amount above 0, please.")
        return amount

    def count(self, name: str, label: str) -> int:
        """A whole number of at least one."""
        found = self.text(name)
        if not (found.isascii() and found.isdigit()) or not 1 <= int(found[:7]) < 10**6:
            raise Wrong(f"{label}: a whole number of at least 1, please.")
        return int(found)

    def day(self, name: str, label: str) -> date | None:
        """A date, None for a blank."""
        found = self.text(name)
        try:
            return date.fromisoformat(found) if found else None
        except ValueError:
            raise Wrong(f"{label}: {found} is no date like 2026-11-30.") from None


def figure(amount: Decimal) -> str:
    """An amount as it is shown."""
    return f"{amount:,.2f}"


def choices(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Options in the order of their texts."""
    return tuple(sorted(rows, key=lambda row: row[1].casefold()))
