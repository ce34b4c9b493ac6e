"""Addresses and headers of requests against the parameters of their operations."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from tests.contract.exchanges import Exchange
from tests.contract.schemas import Kind
from tests.contract.specification import Operation, Schema

ORDINARY = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
}
"""Headers that belong to HTTP and to signing, not to an operation."""

OPERATORS = ("==", "!=", "<=", ">=", "<", ">")
CLAUSE = re.compile(r"(?P<field>\w+)(?P<operator>==|!=|<=|>=|<|>)(?P<value>.+)")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:\d{2})")
"""What Keap's document says of times in filters: milliseconds and an offset."""

Said = Iterator[tuple[Kind, str, str]]


def request_problems(operation: Operation, exchange: Exchange) -> Said:
    """Everything about an address and its headers that the operation does not foresee."""
    by_place: dict[str, dict[str, Schema]] = defaultdict(dict)
    for parameter in operation.parameters:
        name = str(parameter["name"])
        by_place[parameter["in"]][name.lower() if parameter["in"] == "header" else name] = parameter
    yield from _query(by_place["query"], exchange)
    yield from _headers(by_place["header"], exchange)
    if exchange.method == "GET" and exchange.sent:
        yield "header", "Content-Length", "a GET carries a body"


def _query(known: Mapping[str, Schema], exchange: Exchange) -> Said:
    given: dict[str, list[str]] = defaultdict(list)
    for name, value in exchange.query:
        given[name].append(value)
    for name, values in given.items():
        if name not in known:
            yield "parameter", name, "no parameter of this name is known"
            continue
        yield from _value_problems(name, known[name], values)
    for name, parameter in known.items():
        if parameter.get("required") and name not in given:
            yield "parameter", name, "is missing"


def _value_problems(name: str, parameter: Schema, values: list[str]) -> Said:
    schema = parameter["schema"]
    listed = schema.get("type") == "array"
    if listed and parameter.get("explode") is False:
        values = [part for value in values for part in value.split(",")]
    if len(values) > 1 and not listed:
        yield "parameter", name, "is given more than once"
    read = [_typed(value, schema["items"] if listed else schema) for value in values]
    validator = OAS30Validator(schema, format_checker=oas30_format_checker)
    for error in validator.iter_errors(read if listed else read[0]):
        yield "parameter", name, error.message[:200]
    description = str(parameter.get("description", ""))
    if "allowed fields are" in description:
        yield from _filter_problems(description, values[0])
    if "Attribute and direction" in description:
        yield from _order_problems(description, values[0])
    if available := re.search(r"Available fields are: ([\w,\s]+)", description):
        unknown = set(values) - set(re.split(r"[,\s]+", available[1]))
        if unknown:
            yield "parameter", name, f"no such fields: {sorted(unknown)}"


def _typed(text: str, schema: Schema) -> Any:
    """A parameter as the type that it ought to have, or as text where it has not."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _filter_problems(description: str, text: str) -> Said:
    """Clauses of a Keap filter whose field, operator or value its description does not name."""
    lines = re.findall(r"^- \((\w+)(?:\[\w+\])?\) `(\w+)`(.*)$", description, re.MULTILINE)
    known = {field: (kind, rest) for kind, field, rest in lines}
    for clause in text.split(";"):
        read = CLAUSE.fullmatch(clause)
        if not read or read["field"] not in known:
            yield "parameter", "filter", f"{clause!r} filters by nothing that is known"
            continue
        kind, rest = known[read["field"]]
        operators = [one for one in OPERATORS if f'"{one}"' in rest or f"`{one}`" in rest]
        if read["operator"] not in (operators or ["=="]):
            yield "parameter", "filter", f"{clause!r} uses an operator that is not allowed"
        if kind == "Boolean" and read["value"] not in {"true", "false"}:
            yield "parameter", "filter", f"{clause!r} wants true or false"
        if read["field"].endswith("_time") and not TIME.fullmatch(read["value"]):
            yield "parameter", "filter", f"{clause!r} wants a full time with milliseconds and zone"


def _order_problems(description: str, text: str) -> Said:
    named = set(re.findall(r"^- `(\w+)`", description, re.MULTILINE))
    field, _, direction = text.partition(" ")
    if field not in named - {"asc", "desc"} or direction not in {"", "asc", "desc"}:
        yield "parameter", "order_by", f"{text!r} is no order that is known"


def _headers(known: Mapping[str, Schema], exchange: Exchange) -> Said:
    given = {name.lower(): value for name, value in exchange.sent_headers.items()}
    for name, parameter in known.items():
        if parameter.get("required") and not given.get(name):
            yield "header", name, "is missing"
    for name, value in given.items():
        if name not in ORDINARY and name not in known:
            yield "header", name, "no header of this name is known"
        if name == "idempotency-key" and not 0 < len(value) <= 128:
            yield "header", name, "is longer than 128 characters, or blank"
    if "application/json" not in given.get("accept", ""):
        yield "header", "accept", "does not ask for JSON"
    if exchange.sent and not given.get("content-type", "").startswith("application/json"):
        yield "header", "content-type", "is not JSON"
