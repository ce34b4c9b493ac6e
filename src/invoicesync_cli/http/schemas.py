"""Answers read by typed schemas: what does not fit is a `BadRow` or `TryLater`, never a crash.

A vendor's adapter describes what it reads of an answer, and reads nothing else:

    class OrderRow(Schema):
        id: Id
        total: Amount
        note: Text = ""

    class OrderPage(Schema):
        orders: Rows[OrderRow] = ()
        next_page_token: Text = ""

    page = read(reply, OrderPage)  # TryLater: "Keap's answer makes no sense: orders should be …"
    for row in page.orders:
        if isinstance(row, BadRow):
            ...  # row.row is what came, row.problem says what is wrong with it

An answer that is a list is read with `read(reply, TypeAdapter(Rows[Connection]))`. Fields that
are not named are ignored, null is the same as missing, and a number that no ledger could hold
(NaN, 1e400) spoils the field that it is in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar, Union, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from invoicesync_cli.http.responses import Reply, unreadable_answer

T = TypeVar("T")

LARGEST = Decimal(10) ** 15
"""No amount or quantity comes near it."""
PLAIN = {
    "missing": "is missing",
    "tuple_type": "should be a list",
    "model_type": "should be an object",
}
"""What some of pydantic's findings are called in an answer."""
YEARS = range(1900, 2101)
"""The years a date may lie in: what is beyond is a typing mistake."""


class Schema(BaseModel):
    """What is read of an object; null is the same as a missing field."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not fit its schema: as it came, and what is wrong, without its data."""

    row: Any
    problem: str


class _OneByOne:
    """Reads `T | BadRow` as a `T` where it is one."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        kinds = tuple(kind for kind in get_args(source) if kind is not BadRow)
        wanted = handler.generate_schema(Union[kinds])  # noqa: UP007 - made at run time
        return core_schema.no_info_wrap_validator_function(_row, wanted)


Rows = tuple[Annotated[T | BadRow, _OneByOne()], ...]
"""A list of which every row is read for itself."""


def read(reply: Reply, schema: type[T] | TypeAdapter[T]) -> T:
    """The answer as its schema has it.

    Raises `TryLater` with code `not-json` when it is no JSON, and `unreadable-answer`, naming the
    field, when it is something else than the schema says.
    """
    adapter = schema if isinstance(schema, TypeAdapter) else TypeAdapter(schema)
    try:
        return adapter.validate_python(reply.data())
    except (ValidationError, RecursionError) as error:
        raise unreadable_answer(reply.service, problem_of(error)) from None


def problem_of(error: ValidationError | RecursionError) -> str:
    """What the first thing wrong is, without the data that came: `total.amount is missing`."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "it"
    return f"{where} {PLAIN.get(first['type'], first['msg'].removeprefix('Input '))}"


def _row(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except (ValidationError, RecursionError) as error:
        return BadRow(value, problem_of(error))


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise PydanticCustomError("text", "should be a text")
    return str(value)


def _id(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise PydanticCustomError("id", "should be a number that stands for a record")
    return text


def _amount(value: Any) -> Decimal:
    plain = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,16}(\.[0-9]{1,16})?", value)
    if plain or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        amount = Decimal(value)
        if amount.is_finite() and abs(amount) < LARGEST:
            return amount
    raise PydanticCustomError("amount", "should be a number below 10 to the power of 15")


def _time(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("time", "should be a date with a time") from None
    _in_range(found)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(value: Any) -> date:
    try:
        found = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("day", "should be a date") from None
    _in_range(found)
    return found


def _in_range(found: date) -> None:
    if found.year not in YEARS:
        raise PydanticCustomError("year", "should be a date from 1900 to 2100")


Text = Annotated[str, BeforeValidator(_text)]
"""A text; a number as its digits."""
Id = Annotated[str, BeforeValidator(_id)]
"""A whole number that stands for a record, as a text of ASCII digits."""
Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""A finite number, also where it comes as a text."""
Time = Annotated[datetime, BeforeValidator(_time)]
"""An aware time in ISO 8601; one without a zone is in UTC."""
Day = Annotated[date, BeforeValidator(_day)]
"""A date in ISO 8601."""
