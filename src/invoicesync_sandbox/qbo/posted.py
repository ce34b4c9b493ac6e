"""Reads what an app sent: values by type, and a refusal for what the vendor does not know."""

from collections.abc import Mapping
from typing import Any

from invoicesync_sandbox import fields
from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.fields import Wanted
from invoicesync_sandbox.qbo import shapes
from invoicesync_sandbox.qbo.faults import Refused, business, missing, too_long
from invoicesync_sandbox.qbo.shapes import Shape
from invoicesync_sandbox.qbo.switches import QboSwitches

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


class Posted(fields.Posted):
    """One object of a request body."""

    def __init__(self, values: object, shape: Shape) -> None:
        if not isinstance(values, Mapping):
            raise unreadable(shape.name)
        super().__init__(values)
        self.shape = shape
        for name, value in values.items():
            if name in shape.elsewhere:
                # Some clients send every property that they know, most of them empty.
                if value in _NOTHING:
                    continue
                raise NotSimulated(f"{shape.name}.{name}")
            if name not in shape.read and name not in shape.kept and name not in shape.output:
                raise unreadable(name)

    def problem(self, name: str, wanted: Wanted) -> Refused:
        if wanted == "number":
            return Refused("2060", f"{name} is not a number.", element=name)
        if wanted == "date":
            return Refused("2090", f"{name} is not a date of the form YYYY-MM-DD.", element=name)
        if wanted == "choice":
            detail = f"Invalid Enumeration : {name} cannot be {self.values[name]}"
            return Refused("2170", detail, element=name)
        return unreadable(name)

    def too_long(self, name: str, most: int, length: int) -> Refused:
        return too_long(name, most, length)

    def ref(self, name: str) -> str:
        """The id that a reference holds; blank when it is absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return Posted(value, shapes.REF).text("value")

    def object(self, name: str, shape: Shape) -> "Posted | None":
        """The object inside; None when it is absent."""
        value = self.values.get(name)
        return None if value is None else Posted(value, shape)

    def objects(self, name: str, shape: Shape) -> "list[Posted]":
        """The objects of a list, none when it is absent."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise unreadable(name)
        return [Posted(item, shape) for item in value]

    def kept(self, *more: str) -> dict[str, Any]:
        """What only has to be given back, and `more` properties."""
        names = self.shape.kept | set(more)
        return {name: self.values[name] for name in self.values if name in names and self.has(name)}

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
        return {part: parts[part] for part in found.values if parts.get(part)}

    def email(self, name: str, switches: QboSwitches) -> str:
        """An e-mail address; blank when it is absent. Raises `Refused` (2210, or 6000)."""
        found = self.object(name, shapes.EMAIL)
        address = found.text("Address", _LONGEST_EMAIL) if found else ""
        if address and not ("@" in address and "." in address):
            if switches.bad_email_code == "6000":
                raise business("The email address is not valid.")
            raise Refused("2210", f"Email Address {address} is not valid.", element=name)
        return address
