"""What comes from elsewhere, so that a terminal or a spreadsheet shows it and does nothing else."""

import re

# C0, DEL and C1 controls; marks, overrides and isolates of direction; separators of lines and
# paragraphs; halves of characters, which no encoding can write.
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, also in a text."""
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def printable(text: str) -> str:
    r"""The text with what a terminal would obey, or show as something else, written as `\uXXXX`.

    JSON is still JSON afterwards, and means the same.
    """
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def printable_lines(text: str) -> str:
    """A text of several lines of ours, each of them printable."""
    return "\n".join(printable(line) for line in text.split("\n"))


def cell(value: object) -> str:
    """A value for a cell of a CSV; blank for None. What would be a formula is marked as text."""
    text = "" if value is None else str(value)
    formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return ("'" if formula else "") + printable(text)
