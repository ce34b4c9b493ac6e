"""What is wrong with a value or a line of the file, in the words of whoever wrote it."""

import difflib
import re
from datetime import date, datetime, time
from typing import Any

Wording = tuple[str, str]
"""What is wrong, and a hint."""
SettingFinding = tuple[str, str, str]
"""What is wrong with a setting: its key, the problem, and a hint."""

OTHER_QUOTES = re.compile("=\\s*[“”„«»‘’`´]")
"""Quotes as word processors and web pages make them."""
WORDS = {
    "yes": "true",
    "on": "true",
    "no": "false",
    "off": "false",
    "true": "true",
    "false": "false",
}
"""What people write for true and false."""

VALUE = ("Invalid value", "Expected newline")
"""How Python's reader begins when it is about a value that it does not know."""
OPEN = ("Illegal character", "Unterminated", "Expected '\"'")

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
    (
        "Two brackets",
        "a table is written with one bracket on either side, not with two",
        "Write it as [table].",
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


def of_syntax(error: str, statement: str = "") -> Wording:
    """What Python's reader says of a statement, as a sentence without its end, and a hint."""
    if OTHER_QUOTES.search(statement):
        return (
            "the quotes around the text are not plain ones",
            'Type them anew as " on the keyboard; word processors change them.',
        )
    if "\u00a0" in statement:
        return (
            "there is a blank on this line that is no plain one, as web pages and word processors "
            "have them",
            "Type the line anew.",
        )
    key, _, value = (part.strip() for part in statement.partition("#")[0].partition("="))
    if error.startswith("Invalid value") and value.casefold() in WORDS:
        right = WORDS[value.casefold()]
        return f"{value} is no value", f"Write {key} = {right}, in lower case and without quotes."
    if error.startswith(VALUE) and re.fullmatch(r"0[0-9]+", value):
        return (
            f"{value} is neither a number nor text",
            f'Put a code in double quotes: {key} = "{value}"; a number has no 0 in front.',
        )
    if error.startswith(VALUE) and re.fullmatch(r"[0-9][0-9 .,']*", value):
        digits = re.split(r"[.,](?=[0-9]{1,2}$)", value)[0]
        number = re.sub(r"[^0-9]", "", digits)
        return (
            f"{value} is no whole number",
            f"Write it without comma, point or blank: {key} = {number}.",
        )
    if error.startswith(VALUE) and re.fullmatch(r"[\w ,.+@:/-]+", value):
        return f"{value} is no value", f'Put text in double quotes: {key} = "{value}".'
    if error.startswith(OPEN) and re.fullmatch(r"\"[^\"]*", value):
        return PATTERNS[0][1], f'Put a double quote at its end: {key} = {value}".'
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
            left = name if re.fullmatch(r"[\w-]+", name) else f'"{name}"'
            return "this has to be text.", f"Write {left} = {_quoted(value)}, with double quotes."
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
            near = difflib.get_close_matches(
                str(value), re.findall("'([^']*)'", context["expected"]), 1
            )
            meant = f'Did you mean "{near[0]}"? ' if near else ""
            return f"{_shown(value)} is none of its values.", f"{meant}Write one of {allowed}."
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
    return (
        f"{said[0].lower()}{said[1:]}.",
        "`invoicesync config show` lists every key with its value.",
    )


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
