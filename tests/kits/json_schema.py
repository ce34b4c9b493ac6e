"""Writes `docs/json.schema.json`, by which what `--json` prints can be checked."""

import copy
import json
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from invoicesync_cli.cli.report import SCHEMA, STATUS
from tests.kits.json_shapes import SHAPES

FILE = Path(__file__).parents[2] / "docs" / "json.schema.json"
COMMAND = "python -m tests.kits.json_schema"
NOT_SHOWN = ("contact_id",)
"""Fields of a draft that `explain` leaves out."""

Schema = dict[str, Any]


def schema() -> Schema:
    """The schema of everything that is printed with `--json`."""
    mode: Literal["serialization"] = "serialization"
    inputs = [(name, mode, TypeAdapter[Any](kind)) for name, kind in SHAPES.items()]
    by_command, shared = TypeAdapter.json_schemas(
        inputs,
        ref_template="#/$defs/{model}",
    )
    definitions = shared["$defs"]
    for name in NOT_SHOWN:
        definitions["Draft"]["properties"].pop(name)
    _untitled(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What invoicesync prints with --json",
        "description": "One document for each command, also when it fails. Fields may be added to "
        "any object, none is ever renamed.",
        "type": "object",
        "required": ["schema", "command", "status", "exit_code", "data", "messages", "error"],
        "properties": {
            "schema": {"const": SCHEMA},
            "command": {"type": "string", "description": "The command's words, without arguments."},
            "status": {"enum": [*STATUS.values(), "error"]},
            "exit_code": {"type": "integer", "minimum": 0, "maximum": 255},
            "data": {"type": "object"},
            "messages": {"type": "array", "items": {"type": "string"}},
            "error": {
                "description": "Null where there is none, or where findings already say it.",
                "anyOf": [{"type": "null"}, {"$ref": "#/$defs/Error"}],
            },
        },
        "allOf": [_of_command(name, by_command[name, mode]) for name in SHAPES],
        "$defs": {"Error": ERROR, **definitions},
    }


def _untitled(part: Any) -> None:
    """Take away the titles that pydantic makes of the names."""
    if isinstance(part, dict) and isinstance(part.get("title"), str):
        del part["title"]
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            _untitled(inner)


ERROR: Schema = {
    "type": "object",
    "required": ["code", "message", "hint"],
    "properties": {
        "code": {"type": "string", "description": "A stable word."},
        "message": {"type": "string", "description": "What is wrong, in a sentence."},
        "hint": {"type": "string", "description": "What to do next; may be blank."},
    },
}


def _of_command(name: str, data: Schema) -> Schema:
    """The data of a command; after an error there may be none."""
    failed = {"properties": {"error": {"type": "object"}}}
    return {
        "if": {"properties": {"command": {"const": name}}},
        "then": {
            "if": failed,
            "then": {"properties": {"data": {"anyOf": [{"maxProperties": 0}, data]}}},
            "else": {"properties": {"data": data}},
        },
    }


def data_of(found: Schema, command: str) -> Schema:
    """The schema of a command's data when it worked, without room for a field not named there."""
    named = {"properties": {"command": {"const": command}}}
    rule = next(one for one in found["allOf"] if one["if"] == named)
    closed = copy.deepcopy({**rule["then"]["else"]["properties"]["data"], "$defs": found["$defs"]})
    _close(closed)
    return closed


def _close(part: Any) -> None:
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            _close(inner)
    if isinstance(part, dict) and part.get("type") == "object" and "properties" in part:
        part.setdefault("additionalProperties", False)


def faults_in(document: Any) -> list[str]:
    """What of a printed document is not as the file says, or is not in it."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    faults = list(Draft202012Validator(found).iter_errors(document))
    if document["error"] is None:
        data = data_of(found, document["command"])
        faults += Draft202012Validator(data).iter_errors(document["data"])
    return [f"{fault.json_path}: {fault.message[:300]}" for fault in faults]


def page() -> str:
    """The file as it has to be."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
