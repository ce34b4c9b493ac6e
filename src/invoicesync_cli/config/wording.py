"""What is wrong with a value or a line of the file, in the words of whoever wrote it."""

import re
from datetime import date, datetime, time
from typing import Any

Wording = tuple[str, str]
"""What is wrong, and a hint."""

PATTERNS: tuple[tuple[str, str, str], ...] = (
    (
        "Illegal character '\\\\[nr]'|Unterminated|Expected '\"",
        "a text that begins on this line does not end on it",
        'Put a double quote at its end: mode = "invoices".',
    ),
    (
        "Unescaped|Invalid hex value|Escaped character",
        "a backslash in double quotes begins a code for a character",
        "Put a text with a backslash in single quotes.",
    ),
    (
        "Cannot declare|Cannot mutate",
        "this table is in the file already",
        "Write its keys below its first [heading] and drop this one.",
    ),
    ("Cannot overwrite", "this key is in the file already", "Keep one of the two lines."),
    (
        "Expected '=' after a key",
        "there is no = between a key and its value",
        'Write it as key = value, such as due_days = 14, and "in quotes" a key with blanks.',
    ),
    (
        "Expected ']'|Unclosed array|Unclosed inline table|Expected '\\]\\]'",
        "a bracket is opened and not closed",
        "Close it on the same line.",
    ),
    (
        "Invalid value",
        "this is no value",
        "Text goes in double quotes, numbers without; true and false are in lower case.",
    ),
    (
        "Expected newline",
        "there is something left behind the value",
        "Put text in double quotes, and a remark behind a #.",
    ),
)
"""What Python says of a file that is no TOML, and what that means."""


def of_syntax(error: str) -> Wording:
    """What Python's reader says of a file, as a sentence without its end, and a hint."""
    for pattern, what, hint in PATTERNS:
        if re.match(pattern, error):
            return what, hint
    return (
        "this is no line of a config file",
        "A line is a [table], a key = value, or a remark behind a #.",
    )


def of_value(detail: Any) -> Wording:
    """What pydantic says of one value (an entry of `ValidationError.errors()`), and a hint."""
    name, value, context = str(detail["loc"][-1]), detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "string_type":
            return "this has to be text.", f"Write {name} = {_quoted(value)}, with double quotes."
        case "bool_type":
            return "this has to be true or false.", f"Write {name} = true or {name} = false."
        case "int_type":
            number = value if isinstance(value, str) and value.strip().isdigit() else "14"
            return (
                f"this has to be a whole number, not {_shown(value)}.",
                f"Write it without quotes or a point, such as {name} = {number}.",
            )
        case "literal_error":
            allowed = ", ".join(f'"{one}"' for one in re.findall("'([^']*)'", context["expected"]))
            return f"{_shown(value)} is none of its values.", f"Write one of {allowed}."
        case "greater_than_equal":
            return f"{_shown(value)} is too small.", f"The smallest number is {context['ge']}."
        case "less_than_equal":
            return f"{_shown(value)} is too large.", f"The largest number is {context['le']}."
        case "dict_type" | "model_type":
            table = ".".join(str(part) for part in detail["loc"])
            return (
                f"this has to be a table, not {_shown(value)}.",
                f"Write [{table}] on a line of its own, and its keys below it.",
            )
        case "tuple_type":
            return (
                f"this has to be a list, not {_shown(value)}.",
                'Write it in brackets: match = ["email", "name"].',
            )
        case "value_error":
            what, hint = context["error"].args
            return f"{_shown(value)} {what}", hint
    said = str(detail["msg"])
    return f"{said[0].lower()}{said[1:]}.", "examples/config.toml has every key with its values."


def _quoted(value: object) -> str:
    plain = isinstance(value, bool | int | float | date | time) or hasattr(value, "as_tuple")
    return f'"{_shown(value)}"' if plain else '"…"'


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return f'"{value}"' if isinstance(value, str) else str(value)
