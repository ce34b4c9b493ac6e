"""Writing the config file: a new one from the example, or single keys of one that is there.

What a person has written stays as it is, comments, order and all.
"""

import contextlib
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invoicesync_cli.paths import private_folder

Key = tuple[str, ...]
"""A key with its tables: `("payments", "accounts", "Stripe")`."""

HEAD = """\
# The settings of invoicesync. What begins with # is not set, and stands here with its default:
# take the # away and change the value to set it. `invoicesync config check` checks this file.
"""
SET = re.compile(
    r'(?P<name>[\w-]+)(?P<between>\s*=\s*)(?P<value>"[^"]*"|\[[^\]]*\]|[^\s#]+)(?P<rest>.*)'
)
COMMENT_GAP = 3
"""Blanks before a remark, where it cannot stay in its column."""


def example() -> str:
    """The example file: every key with its default and what it means."""
    packed = Path(__file__).with_name("example.toml")
    source = Path(__file__).parents[3] / "examples" / "config.toml"
    return (packed if packed.exists() else source).read_text(encoding="utf-8")


def blank() -> str:
    """A new file: the example with every key behind a `#`."""
    _, _, body = example().partition("\n[")
    lines = [_commented(line) for line in f"[{body}".split("\n")]
    return f"{HEAD}\n" + "\n".join(lines)


def changed(text: str, values: Mapping[Key, Any]) -> str:
    """The text with these keys set. One that stands there behind a `#` is set in its place."""
    import tomlkit

    end = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    written = tomllib.loads(text)
    for key, value in values.items():
        if not _has(written, key):
            text = _uncommented(text, key, tomlkit.item(value).as_string())
    document = tomlkit.parse(text)
    for key, value in values.items():
        table: Any = document
        for name in key[:-1]:
            if name not in table:
                table[name] = tomlkit.table()
            table = table[name]
        _set(table, key[-1], value)
    return document.as_string().replace("\n", end)


def write(path: Path, text: str) -> None:
    """Put the text into the file at once, or not at all. Its folder is made if need be; what is new
    is its owner's only, what was there keeps its mode."""
    path = path.resolve()
    private_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _commented(line: str) -> str:
    found = SET.fullmatch(line)
    if not found:
        return line
    rest = found["rest"]
    kept = rest[2:] if rest.startswith("    ") else rest
    return f"# {found['name']}{found['between']}{found['value']}{kept}"


def _uncommented(text: str, key: Key, value: str) -> str:
    """The text with the line `# key = …` of its table in use, where there is one."""
    lines = text.split("\n")
    table: Key = ()
    for number, line in enumerate(lines):
        heading = re.match(r"\s*\[([^\[\]]+)\]", line)
        if heading:
            table = tuple(part.strip().strip("\"'") for part in heading[1].split("."))
        found = SET.fullmatch(line.removeprefix("# ")) if line.startswith("# ") else None
        if found and table == key[:-1] and found["name"] == key[-1]:
            rest = _in_column(f"  {found['value']}{found['rest']}", value, found["rest"])
            lines[number] = f"{found['name']}{found['between']}{value}{rest}"
            return "\n".join(lines)
    return text


def _in_column(before: str, value: str, rest: str) -> str:
    """The remark behind a value, in the column where it was."""
    remark = rest.lstrip()
    if not remark.startswith("#"):
        return rest
    return " " * max(COMMENT_GAP, len(before) - len(remark) - len(value)) + remark


def _has(data: Any, key: Key) -> bool:
    for name in key:
        if not isinstance(data, Mapping) or name not in data:
            return False
        data = data[name]
    return True


def _set(table: Any, name: str, value: Any) -> None:
    """Set a key of a table, unless it has this value already; a remark behind it stays in place."""
    before = _item(table, name)
    if before is not None and type(before.unwrap()) is type(value) and before.unwrap() == value:
        return
    table[name] = value
    now = _item(table, name)
    if before is not None and now is not None and now.trivia.comment:
        gap = len(now.trivia.comment_ws) + len(before.as_string()) - len(now.as_string())
        now.trivia.comment_ws = " " * max(COMMENT_GAP, gap)


def _item(table: Any, name: str) -> Any:
    """What stands for a key, with its remark; tomlkit gives true and false themselves otherwise."""
    if name not in table:
        return None
    holder = table.value if hasattr(table.value, "item") else table
    return holder.item(name)
