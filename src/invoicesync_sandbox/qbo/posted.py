"""Reads what an app sent: values by type, and a refusal for what the vendor does not know."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from invoicesync_sandbox.qbo import shapes
from invoicesync_sandbox.qbo.faults import NotSimulated, Refused, business, missing, too_long
from invoicesync_sandbox.qbo.shapes import Shape
from invoicesync_sandbox.qbo.switches import QboSwitches

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_DIGITS = 15
_ADDRESS_LIMITS = {
    **dict.fromkeys(("Line1", "Line2", "Line3", "Line4", "Line5"), 500),
    "City": 255,
    "PostalCode": 30,
}
_LONGEST_EMAIL = 100
_NOTHING: tuple[object, ...] = (None, "", 0, [], {})


def unreadable(name: str) -> Refused:
    """A property that the vendor does not have, or cannot read."""
    return Refused("2010", f"Property Name:{name} specified is unsupported or invalid")


class Posted:
    """One object of a request body. A null or a blank text is like nothing."""

    def __init__(self, fields: object, shape: Shape) -> None:
        if not isinstance(fields, Mapping):
            raise unreadable(shape.name)
        self.fields: Mapping[str, Any] = fields
        self.shape = shape
        for name, value in fields.items():
            if name in shape.elsewhere:
                # Some clients send every property that they know, most of them empty.
                if value in _NOTHING:
                    continue
                raise NotSimulated(f"{shape.name}.{name}")
            if name not in shape.read and name not in shape.kept and name not in shape.output:
                raise unreadable(name)

    def has(self, name: str) -> bool:
        """Whether the property is there and says something."""
        return self.fields.get(name) not in (None, "")

    def text(self, name: str, most: int | None = None) -> str:
        """The text, blank when it is absent. Raises `Refused` (2050) over `most` characters."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if isinstance(value, bool | dict | list):
            raise unreadable(name)
        text = str(value)
        if most is not None and len(text) > most:
            raise too_long(name, most, len(text))
        return text

    def number(self, name: str) -> Decimal | None:
        """The number, which may have been sent as text; None when it is absent."""
        if not self.has(name):
            return None
        value = self.fields[name]
        try:
            number = None if isinstance(value, bool | dict | list) else Decimal(str(value))
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or number.adjusted() > _MOST_DIGITS:
            raise Refused("2060", f"{name} is not a number.", element=name)
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """The truth value, `default` when it is absent."""
        if not self.has(name):
            return default
        value = self.fields[name]
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"true", "false"}:
            return str(value).lower() == "true"
        raise unreadable(name)

    def day(self, name: str) -> date | None:
        """The calendar day; None when it is absent."""
        if not self.has(name):
            return None
        value = str(self.fields[name])
        try:
            return date.fromisoformat(value) if _DAY.fullmatch(value) else self._no_day(name)
        except ValueError:
            return self._no_day(name)

    def _no_day(self, name: str) -> date:
        raise Refused("2090", f"{name} is not a date of the form YYYY-MM-DD.", element=name)

    def ref(self, name: str) -> str:
        """The id that a reference holds; blank when it is absent."""
        value = self.fields.get(name)
        if value is None:
            return ""
        return Posted(value, shapes.REF).text("value")

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of a fixed set of words; blank when it is absent."""
        value = self.text(name)
        if value and value not in allowed:
            detail = f"Invalid Enumeration : {name} {value} is not one of {', '.join(allowed)}"
            raise Refused("2170", detail, element=name)
        return value

    def object(self, name: str, shape: Shape) -> "Posted | None":
        """The object inside; None when it is absent."""
        value = self.fields.get(name)
        return None if value is None else Posted(value, shape)

    def objects(self, name: str, shape: Shape) -> "list[Posted]":
        """The objects of a list, none when it is absent."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise unreadable(name)
        return [Posted(item, shape) for item in value]

    def kept(self, *more: str) -> dict[str, Any]:
        """What only has to be given back, and `more` properties."""
        names = self.shape.kept | set(more)
        return {name: self.fields[name] for name in self.fields if name in names and self.has(name)}

    def need(self, *names: str) -> None:
        """Raise `Refused` (2020) for the first of these that is absent."""
        for name in names:
            if not self.has(name):
                raise missing(name)

    def address(self, name: str) -> Mapping[str, Any] | None:
        """An address within its limits; None when it is absent."""
        found = self.object(name, shapes.ADDRESS)
        if found is None:
            return None
        parts = {part: found.text(part, _ADDRESS_LIMITS.get(part)) for part in shapes.ADDRESS.read}
        return {part: parts[part] for part in found.fields if parts.get(part)}

    def email(self, name: str, switches: QboSwitches) -> str:
        """An e-mail address; blank when it is absent. Raises `Refused` (2210, or 6000)."""
        found = self.object(name, shapes.EMAIL)
        address = found.text("Address", _LONGEST_EMAIL) if found else ""
        if address and not ("@" in address and "." in address):
            if switches.bad_email_code == "6000":
                raise business("The email address is not valid.")
            raise Refused("2210", f"Email Address {address} is not valid.", element=name)
        return address
