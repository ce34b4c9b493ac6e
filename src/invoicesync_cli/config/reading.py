"""The text of a config file, read as far as it can be: each line without sense, and the rest.

Python's own reader ends at the first mistake and says no lines; whoever edits the file by hand
wants all of them at once.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from invoicesync_cli.config.wording import Wording, of_syntax

LONGEST = 200
"""Lines that one value, such as a list, may go over."""
HEADING = re.compile(r"\s*\[+\s*([^\[\]#]*)")
LEFT = re.compile(r"\s*([^=#\s]+(?:\s+[^=#\s]+)*?)\s*=")
BYTE_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SAVE_AGAIN = (
    'Save it again with the encoding "UTF-8", which Notepad asks for beside the name of the file.'
)


@dataclass(frozen=True)
class BrokenLine:
    """A line (from 1) that cannot be read: its key, if that shows, and what is wrong."""

    line: int
    key: str
    wording: Wording


@dataclass
class ConfigText:
    """What a file says: its tables and keys, the line of each, and what could not be read."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[BrokenLine] = field(default_factory=list)


def decoded(raw: bytes) -> tuple[str, list[BrokenLine]]:
    """The text of a file, and what is wrong with the way it was saved."""
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    for mark, encoding in BYTE_MARKS.items():
        if raw.startswith(mark):
            what = 'the file is saved as "Unicode" (UTF-16), not saved as UTF-8'
            return raw.decode(encoding, "replace"), [BrokenLine(1, "", (what, SAVE_AGAIN))]
    what = "this line has letters in another encoding: the file is not saved as UTF-8"
    return raw.decode("cp1252", "replace"), [BrokenLine(line, "", (what, SAVE_AGAIN))]


def read(text: str) -> ConfigText:
    """Read the text. What makes no sense is a fault of its line, and nothing else suffers."""
    found = ConfigText()
    table: tuple[str, ...] = ()
    headed: set[tuple[str, ...]] = set()
    for line, statement in _statements(text.splitlines()):
        try:
            part = _parsed(statement)
        except tomllib.TOMLDecodeError as error:
            guess, heading = _guess(statement)
            table = guess if heading else table
            key = ".".join(guess if heading else (*table, *guess))
            found.lines.setdefault(key, line)
            found.faults.append(BrokenLine(line, key, of_syntax(str(error), statement)))
            continue
        path, value = _path(part, statement)
        if statement.lstrip().startswith("["):
            table = path
            if path in headed:
                found.faults.append(BrokenLine(line, ".".join(path), of_syntax("Cannot declare")))
            headed.add(path)
        else:
            path = (*table, *path)
        if path:
            _put(found, line, path, value)
    return found


def line_of(lines: Mapping[str, int], key: str) -> int:
    """The line at which a dotted key is set or a table begins, else its table's, else 1.

    What is below a key, as in [payment.accounts] and `payment.account = ""`, stands for the key.
    """
    if key in lines:
        return lines[key]
    below = [line for known, line in lines.items() if known.startswith(f"{key}.")]
    if below:
        return min(below)
    table, _, _ = key.rpartition(".")
    return line_of(lines, table) if table else 1


def _parsed(statement: str) -> dict[str, Any]:
    if statement.lstrip().startswith("[["):
        raise tomllib.TOMLDecodeError("Two brackets")
    return tomllib.loads(statement, parse_float=Decimal)


def _statements(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Each heading and each key with its value, over as many lines as that takes."""
    at = 0
    while at < len(lines):
        bare, end = lines[at].strip(), at + 1
        if bare and not bare.startswith("#"):
            for ended in range(at + 1, min(at + LONGEST, len(lines)) + 1):
                if _whole("\n".join(lines[at:ended])):
                    end = ended
                    break
                if not _opened(lines[at]):
                    break
            yield at + 1, "\n".join(lines[at:end])
        at = end


def _whole(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _opened(line: str) -> bool:
    """Whether a line may begin a value of several lines."""
    return '"""' in line or "'''" in line or "[" in line.partition("=")[2]


def _guess(statement: str) -> tuple[tuple[str, ...], bool]:
    """The key or table that a broken line seems to be about, and whether it is a table."""
    heading = HEADING.match(statement) if statement.lstrip().startswith("[") else None
    found = heading or LEFT.match(statement)
    if not found:
        return (), False
    parts = (part.strip().strip("\"'") for part in found.group(1).split("."))
    return tuple(filter(None, parts)), heading is not None


def _path(part: dict[str, Any], statement: str) -> tuple[tuple[str, ...], Any]:
    """Where a statement puts its value, and the value."""
    heading = statement.lstrip().startswith("[")
    path: list[str] = []
    value: Any = part
    depth = len(_dots(statement)) if not heading else len(statement)
    while isinstance(value, dict) and len(value) == 1 and len(path) < depth:
        ((name, value),) = value.items()
        path.append(name)
    return tuple(path), value


def _dots(statement: str) -> list[str]:
    """The parts of the key on the left, so that a table in braces is not taken for part of it."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "x", statement).partition("=")[0]
    return bare.split(".")


def _put(found: ConfigText, line: int, path: tuple[str, ...], value: Any) -> None:
    """Put a value into the data, unless there is one already."""
    *tables, name = path
    data = found.data
    for number, table in enumerate(tables, 1):
        found.lines.setdefault(".".join(path[:number]), line)
        inner = data.setdefault(table, {})
        if not isinstance(inner, dict):
            found.faults.append(BrokenLine(line, ".".join(path), of_syntax("Cannot overwrite")))
            return
        data = inner
    key = ".".join(path)
    if name in data and not (data[name] == {} or isinstance(value, dict)):
        found.faults.append(BrokenLine(line, key, of_syntax("Cannot overwrite")))
        return
    found.lines.setdefault(key, line)
    if isinstance(value, dict):
        for inner in value:
            found.lines.setdefault(f"{key}.{inner}", line)
        data.setdefault(name, {})
        if isinstance(data[name], dict):
            data[name] |= value
        else:
            found.faults.append(BrokenLine(line, key, of_syntax("Cannot overwrite")))
    else:
        data[name] = value
