"""What the map of the code names is there: its files, its functions and classes, their members."""

import ast
import dataclasses
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest

from invoicesync_cli.load.ledger import Capabilities
from invoicesync_cli.vendors import VENDORS, ledgers

ROOT = Path(__file__).parents[2]
SOURCES = {
    file: file.read_text(encoding="utf-8")
    for folder in ("src", "tests")
    for file in (ROOT / folder).rglob("*.py")
}
PAGES = ("architecture.md", "adding-a-ledger.md")
FILE, NAME = r"`([\w/]+\.py)`", r"`([A-Za-z_][\w.]*)`"
PAIRS = (
    (rf"{FILE}:\s+{NAME}", False),
    (rf"{NAME}\s+in\s+{FILE}", True),
    (rf"{NAME}\s+\({FILE}", True),
)
"""How a page says that a file has a name, and whether the name comes first."""
MEMBER = r"`(_?[A-Z]\w*)\.(?!md|toml)(\w+)`"


def defined(tree: ast.AST) -> set[str]:
    """What a piece of code defines: functions, classes, what is assigned, and commands."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Call):
            found |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    return found


@cache
def in_file(file: Path) -> set[str]:
    """What a file defines."""
    return defined(ast.parse(SOURCES[file]))


@cache
def in_class(name: str) -> set[str]:
    """What the classes of a name have: methods and attributes."""
    found = set()
    for text in SOURCES.values():
        if f"class {name}" in text:
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    found |= defined(node)
    return found


def files_named(path: str) -> list[Path]:
    """The files that a page can mean by a path."""
    return [file for file in SOURCES if file.as_posix().endswith(f"/{path}")]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    missing = {path for path in re.findall(FILE, text) if not files_named(path)}
    for pattern, name_first in PAIRS:
        for pair in re.findall(pattern, text):
            name, path = pair if name_first else reversed(pair)
            last = name.rpartition(".")[2]
            if not any(last in in_file(file) for file in files_named(path)):
                missing.add(f"{name} in {path}")
    for owner, member in re.findall(MEMBER, text):
        if member not in in_class(owner):
            missing.add(f"{owner}.{member}")

    assert missing == set()


def as_table(value: object) -> str:
    """How the table of capabilities begins to say a value; blank for what it words freely."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | str):
        return str(value)
    return "" if value else "none"


def table() -> dict[tuple[str, ...], dict[str, str]]:
    """The table of capabilities: what it says of each ledger, by the names of a row."""
    text = (ROOT / "docs" / "adding-a-ledger.md").read_text(encoding="utf-8")
    lines = text.partition("### `Capabilities`\n")[2].partition("\nIf the pipeline")[0].split("\n")
    heads, *rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    keys = re.findall(r"\(`(\w+)`\)", " ".join(heads))
    return {
        tuple(re.findall(r"`(\w+)`", row[0])): dict(
            zip(keys, (cell.strip() for cell in row[2:]), strict=True)
        )
        for row in rows[1:]
    }


def test_the_table_of_capabilities_is_true() -> None:
    fields = {field.name for field in dataclasses.fields(Capabilities)}
    assert {name for names in table() for name in names} == fields
    wrong = []
    for names, row in table().items():
        assert set(row) == set(ledgers())
        for key, said in row.items():
            of = capabilities(key)
            words = ", ".join(filter(None, (as_table(getattr(of, name)) for name in names)))
            if not said.startswith(words):
                wrong.append((key, names, said, words))
    assert wrong == []


def capabilities(key: str) -> Capabilities:
    """Those of a ledger."""
    package = import_module(VENDORS[key].package)
    (found,) = {
        id(one.capabilities): one.capabilities
        for one in vars(package).values()
        if isinstance(getattr(one, "capabilities", None), Capabilities)
    }.values()
    return cast("Capabilities", found)
