"""What an app has sent, value by value: read as it was meant, or refused in the vendor's words."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal

Wanted = Literal["text", "number", "flag", "date", "choice", "object", "list"]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_DIGITS = 15


class Posted:
    """One object that an app has sent. A null or a blank text is like nothing.

    A vendor's own class says how values are refused (`problem`, `too_long`).
    """

    most_digits: ClassVar[int] = _MOST_DIGITS
    """Of a number, before its point."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def problem(self, name: str, wanted: Wanted) -> Exception:
        """What is raised for a value that is not what was wanted."""
        raise NotImplementedError

    def too_long(self, name: str, most: int, length: int) -> Exception:
        """What is raised for a text of more than `most` characters."""
        raise NotImplementedError

    def missing(self, name: str) -> Exception:
        """What is raised where a field that is needed is absent."""
        raise NotImplementedError

    def has(self, name: str) -> bool:
        """Whether the field is there and says something."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, most: int | None = None) -> str:
        """The text, blank when it is absent, of at most so many characters."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, bool | dict | list):
            raise self.problem(name, "text")
        text = str(value)
        if most is not None and len(text) > most:
            raise self.too_long(name, most, len(text))
        return text

    def number(self, name: str) -> Decimal | None:
        """The number, which may have been sent as text; None when it is absent."""
        if not self.has(name):
            return None
        number = as_number(self.values[name], self.most_digits)
        if number is None:
            raise self.problem(name, "number")
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """The truth value, `default` when it is absent."""
        if not self.has(name):
            return default
        value = str(self.values[name]).lower()
        if value not in {"true", "false"}:
            raise self.problem(name, "flag")
        return value == "true"

    def day(self, name: str) -> date | None:
        """The calendar day, written `YYYY-MM-DD`; None when it is absent."""
        if not self.has(name):
            return None
        value = str(self.values[name])
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise self.problem(name, "date")

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of a fixed set of words; blank when it is absent."""
        value = self.text(name)
        if value and value not in allowed:
            raise self.problem(name, "choice")
        return value


def as_number(value: object, most_digits: int = _MOST_DIGITS) -> Decimal | None:
    """The number that a JSON value stands for, also as text; None when it is none, or has more
    digits before its point."""
    try:
        number = None if isinstance(value, bool | dict | list) else Decimal(str(value))
    except InvalidOperation:
        return None
    if number is None or not number.is_finite() or number.adjusted() > most_digits:
        return None
    return number
