"""QuickBooks' kinds of fields, and how it reads what an app sends."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from invoicesync_sandbox import fields, posted
from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.fields import Field, FieldTable, Id, Text, always
from invoicesync_sandbox.posted import Wanted
from invoicesync_sandbox.qbo.errors import Refused, business, missing, too_long

SERVER_ZONE = ZoneInfo("America/Los_Angeles")
_REF = FieldTable("Reference", read="value name type")
_MARK_OF_INACTIVE = " (deleted)"
_FORBIDDEN = (":", "\t", "\n", "\r")
_ADDRESS = FieldTable(
    "PhysicalAddress",
    *(Text(f"Line{place}", 500) for place in range(1, 6)),
    Text("City", 255),
    Text("PostalCode", 30),
    *map(Text, ("Country", "CountryCode", "County", "CountrySubDivisionCode")),
    output="Id Lat Long Tag Note PostalCodeSuffix",
)
_NOTHING: tuple[object, ...] = (None, "", 0, [], {})
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")


def unreadable(name: str) -> Refused:
    """A property that the vendor does not have, or cannot read."""
    return Refused("2010", f"Property Name:{name} specified is unsupported or invalid")


class Posted(posted.Posted):
    """One object of a request body, for the books of a company."""

    def __init__(self, values: object, table: FieldTable, books: Any) -> None:
        if not isinstance(values, Mapping):
            raise unreadable(table.name)
        super().__init__(values)
        self.books = books
        for name, value in values.items():
            if name in table.elsewhere:
                # Some clients send every property that they know, most of them empty.
                if value in _NOTHING:
                    continue
                raise NotSimulated(f"{table.name}.{name}")
            if name not in table.known:
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

    def missing(self, name: str) -> Refused:
        return missing(name)

    def ref(self, name: str) -> str:
        """The id that a reference holds; blank when it is absent."""
        found = self.object(name, _REF)
        return found.text("value") if found else ""

    def object(self, name: str, table: FieldTable) -> "Posted | None":
        """The object inside; None when it is absent."""
        value = self.values.get(name)
        return None if value is None else Posted(value, table, self.books)

    def objects(self, name: str, table: FieldTable) -> "list[Posted]":
        """The objects of a list, none when it is absent."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise unreadable(name)
        return [Posted(item, table, self.books) for item in value]

    def need(self, *names: str) -> None:
        """Raise `Refused` (2020) with an error for each of these that is absent."""
        absent = [name for name in names if not self.has(name)]
        if absent:
            raise missing(*absent)


def reference(books: Any, kind: type, row_id: str) -> dict[str, str] | None:
    """A reference with the name of what it refers to; None for none."""
    if not row_id:
        return None
    row = books.tables[kind].get(row_id)
    return {"value": row_id, "name": row.shown} if row else {"value": row_id}


@dataclass(frozen=True)
class Ref(Id):
    """A reference to a row of the kind `of`, which has to be in use where that is checked."""

    _: KW_ONLY
    of: type
    checked: bool = False

    def read(self, posted: Posted) -> Any:
        row_id = posted.ref(self.name)
        if row_id and self.checked:
            posted.books.pick(self.of, row_id)
        return row_id or None

    def show(self, books: Any, row: Any) -> Any:
        return reference(books, self.of, self.own(books, row))


class ParentRef(Id):
    """A reference to a row of the same table."""

    def read(self, posted: Posted) -> Any:
        return posted.ref(self.name) or None

    def show(self, books: Any, row: Any) -> Any:
        return reference(books, type(row), self.own(books, row))


class Code(Id):
    """A reference that is a code, such as that of a currency."""

    def read(self, posted: Posted) -> Any:
        return posted.ref(self.name) or None

    def show(self, books: Any, row: Any) -> Any:
        value = self.own(books, row)
        return value and {"value": value}


class Words(Text):
    """A text without colons, tabs and line breaks."""

    def read(self, posted: Posted) -> Any:
        text = posted.text(self.name, self.most)
        if any(sign in text for sign in _FORBIDDEN):
            detail = f"Invalid String : {self.name} has invalid characters."
            raise Refused("2040", detail, element=self.name)
        return text or None


class Name(Words):
    """The name of a list element. An inactive one is shown with a mark, and may be sent back so."""

    def read(self, posted: Posted) -> Any:
        text = super().read(posted) or ""
        return text.strip().removesuffix(_MARK_OF_INACTIVE) or None

    def show(self, books: Any, row: Any) -> Any:  # noqa: ARG002 - as other fields are shown
        return row.shown

    def key(self, books: Any, row: Any) -> Any:
        shown = books.switches.inactive_found_by == "shown"
        return (row.shown if shown else row.name).casefold()


class DisplayName(Name):
    """The name of a person, made of its parts where it is not given."""

    def read(self, posted: Posted) -> Any:
        given, most = super().read(posted) or "", posted.books.switches.longest_display_name
        if len(given) > most:
            raise too_long(self.name, most, len(given))
        joined = " ".join(text for part in _NAME_PARTS if (text := posted.text(part)))
        found = given or joined
        if found or posted.books.switches.no_name_code == "2020":
            return found or None
        raise Refused("6080", "At least one of the name fields is needed.", element=self.name)


@dataclass(frozen=True)
class Inside(Text):
    """A text that is the part `inner` of an object, whose other parts are ignored."""

    _: KW_ONLY
    inner: str = "value"
    others: str = "id"

    @cached_property
    def _table(self) -> FieldTable:
        return FieldTable(self.name, read=self.inner, output=self.others)

    def read(self, posted: Posted) -> Any:
        found = posted.object(self.name, self._table)
        return found.text(self.inner, self.most) or None if found else None

    def show(self, books: Any, row: Any) -> Any:
        value = self.own(books, row)
        return {self.inner: value} if value else None


@dataclass(frozen=True)
class Email(Inside):
    """An e-mail address."""

    _: KW_ONLY
    inner: str = "Address"
    others: str = "Id Default Tag"

    def read(self, posted: Posted) -> Any:
        address = super().read(posted)
        if address and not ("@" in address and "." in address):
            if posted.books.switches.bad_email_code == "6000":
                raise business("The email address is not valid.")
            raise Refused("2210", f"Email Address {address} is not valid.", element=self.name)
        return address


class Address(Field):
    """An address, kept as it is answered."""

    def read(self, posted: Posted) -> Any:
        found = posted.object(self.name, _ADDRESS)
        if found is None:
            return None
        parts = {one.name: one.read(found) for one in _ADDRESS.fields}
        return {name: parts[name] for name in found.values if parts.get(name)} or None


class Moment(fields.Moment):
    """A moment, in the server's zone where there is no offset."""

    def literal(self, value: Any) -> Any:
        return as_moment(str(value))

    def show(self, books: Any, row: Any) -> Any:
        return moment(self.own(books, row))


def as_moment(text: str) -> datetime:
    """A moment; without an offset it is the server's time. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SERVER_ZONE)


def moment(time: datetime) -> str:
    """A moment as the server writes it, in its own zone."""
    return time.astimezone(SERVER_ZONE).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What everything has. Times are UTC, to the second."""

    id: Annotated[str, Id("Id", asked=True, sent=False)]
    sync_token: int = 0
    created: Annotated[datetime, Moment("MetaData.CreateTime", asked=True, sent=False)]
    updated: Annotated[datetime, Moment("MetaData.LastUpdatedTime", asked=True, sent=False)]
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What was sent and only has to be given back, by the vendor's names."""

    read_only: ClassVar[bool] = False
    """Whether apps can neither write it nor ask for changes of it."""
    serial: ClassVar[str] = ""
    """What is written one at a time: `name` or `item`."""


def table(
    row: type[Row],
    *fields: Field,
    name: str = "",
    read: str = "",
    kept: str = "",
    output: str = "",
    elsewhere: str = "",
) -> None:
    """Put down the fields of a row: its own, further ones, and those that every object has."""
    every = (
        Field("domain", get=always("QBO")),
        Field("sparse", get=always(False)),
        Field("SyncToken", get=lambda _, row: str(row.sync_token)),
    )
    name = name or row.__name__
    KINDS[name.lower()] = row
    TABLES[row] = FieldTable(
        name,
        *fields,
        *every,
        row=row,
        read=read,
        kept=kept,
        output=f"status AttachableRef {output}",
        elsewhere=elsewhere,
    )


TABLES: dict[type[Row], FieldTable] = {}
"""The fields of every kind of row."""
KINDS: dict[str, type[Row]] = {}
"""The kinds by the vendor's names, in lower case."""
