"""A JSON document against its schema, stricter than schemas are: names and dates count too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30WriteValidator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)

from tests.contract.specification import ROOT, Schema, Specification

Kind = Literal[
    "operation",
    "parameter",
    "header",
    "status",
    "media type",
    "name",
    "type",
    "enum",
    "format",
    "date",
    "missing",
    "empty",
    "bounds",
    "read-only",
    "left out",
    "added",
    "form",
]
KINDS: dict[str, Kind] = {
    "type": "type",
    "enum": "enum",
    "format": "format",
    "required": "missing",
    "readOnly": "read-only",
    "writeOnly": "read-only",
}
"""Keywords of schemas, and what it means when they are not obeyed; any other is about bounds."""

CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MS_DATE = re.compile(r"/Date\(-?\d+([+-]\d{4})?\)/")


@dataclass(frozen=True)
class Problem:
    """One thing that is not as specified. `where` is a path such as `sent Invoices/*/Date`."""

    operation: str
    kind: Kind
    where: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.operation}: {self.kind}: {self.where}: {self.what}"


Found = Iterator[tuple[Kind, tuple[str, ...], str]]
"""What is wrong, at which path, in words."""


def document_problems(spec: Specification, schema: Schema, value: Any, *, sent: bool) -> Found:
    """Everything in a body that its schema does not allow or does not name."""
    yield from _breaches(spec, schema, value, sent=sent)
    yield from _unnamed(spec, schema, value, (), sent=sent)


def _breaches(spec: Specification, schema: Schema, value: Any, *, sent: bool) -> Found:
    """What the schema itself refuses."""
    if spec.version == "3.0":
        strict = OAS30WriteValidator if sent else OAS30ReadValidator
        formats = oas30_format_checker
    else:
        strict, formats = OAS31Validator, oas31_format_checker
    validator = strict(_absolute(schema), registry=spec.registry, format_checker=formats)
    for error in validator.iter_errors(value):
        path = tuple("*" if isinstance(part, int) else str(part) for part in error.absolute_path)
        kind = KINDS.get(str(error.validator), "bounds")
        yield ("empty" if error.instance is None else kind), path, error.message[:200]


def _absolute(schema: Schema) -> Schema:
    """The schema with its outermost references leading into the document."""
    return {
        name: _absolute(value)
        if isinstance(value, dict)
        else f"{ROOT}{value}"
        if name == "$ref"
        else value
        for name, value in schema.items()
    }


def _unnamed(
    spec: Specification, schema: Schema, value: Any, path: tuple[str, ...], *, sent: bool
) -> Found:
    """Fields whose names the schema does not know, and Xero's dates in the wrong form.

    A schema that does not forbid further properties allows every misspelling.
    """
    schema = spec.resolved(schema)
    if isinstance(value, list):
        for item in value:
            yield from _unnamed(spec, schema.get("items", {}), item, (*path, "*"), sent=sent)
    elif isinstance(value, dict):
        properties, open_ended = _properties(spec, schema)
        for name, item in value.items():
            if name in properties:
                yield from _unnamed(spec, properties[name], item, (*path, name), sent=sent)
            elif not open_ended:
                yield "name", (*path, name), "no field of this name is known"
    elif isinstance(value, str) and (schema.get("x-is-msdate") or schema.get("x-is-msdate-time")):
        # Written as a calendar date, read as milliseconds since 1970.
        form = CALENDAR_DATE if sent else MS_DATE
        if not form.fullmatch(value):
            yield "date", path, f"{value!r} is not in the form {form.pattern}"


def _properties(spec: Specification, schema: Schema) -> tuple[dict[str, Schema], bool]:
    """The fields that a schema names, and whether any other is meant to be there as well."""
    found: dict[str, Schema] = dict(schema.get("properties") or {})
    extra = schema.get("additionalProperties")
    open_ended = extra is True or isinstance(extra, dict)
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword) or ():
            more, opened = _properties(spec, spec.resolved(part))
            found.update(more)
            open_ended = open_ended or opened
    return found, open_ended
