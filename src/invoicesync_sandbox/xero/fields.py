"""The kinds of field that Xero has: how each is shown, filtered and ordered by."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from invoicesync_sandbox import fields
from invoicesync_sandbox.xero.wire import iso_date, iso_time, midnight, ms_date, ms_time


class GuidText(str):
    """The text of `guid("…")` in a filter."""


class Text(fields.Text):
    """A text, which filters compare as it is written."""

    def key(self, books: Any, row: Any) -> Any:
        return self.own(books, row) or ""

    def literal(self, value: Any) -> Any:
        return fields.of_type(value, str)


class Loose(Text):
    """A text that filters find without regard to case and accents, in whole but not in parts."""

    def key(self, books: Any, row: Any) -> Any:
        return plain(super().key(books, row))

    def literal(self, value: Any) -> Any:
        return plain(super().literal(value))


class Guid(fields.Id):
    """An id, which filters write as `guid("…")`."""

    def literal(self, value: Any) -> Any:
        return fields.of_type(value, GuidText).lower()


class Flag(fields.Flag):
    """A truth value."""


class Number(fields.Number):
    """A number, always `Decimal`."""

    def literal(self, value: Any) -> Any:
        return fields.of_type(value, Decimal)


class Day(fields.Day):
    """A calendar day, shown as midnight UTC; filters write `DateTime(2026, 1, 31)`."""

    def show(self, books: Any, row: Any) -> Any:
        day = self.own(books, row)
        return day and ms_date(day)

    def key(self, books: Any, row: Any) -> Any:
        day: date | None = self.own(books, row)
        return day and midnight(day).replace(tzinfo=None)

    def literal(self, value: Any) -> Any:
        return fields.of_type(value, datetime)


class DayString(Day):
    """The same as a `…String` field shows it."""

    def show(self, books: Any, row: Any) -> Any:
        day = self.own(books, row)
        return day and iso_date(day)


class Moment(fields.Moment):
    """A moment; filters leave the zone out."""

    def show(self, books: Any, row: Any) -> Any:
        return ms_time(self.own(books, row))

    def key(self, books: Any, row: Any) -> Any:
        return self.own(books, row).replace(tzinfo=None)

    def literal(self, value: Any) -> Any:
        return fields.of_type(value, datetime)


class MomentString(Moment):
    """The same as a `…String` field shows it."""

    def show(self, books: Any, row: Any) -> Any:
        return iso_time(self.own(books, row))


def plain(text: str) -> str:
    """The text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
