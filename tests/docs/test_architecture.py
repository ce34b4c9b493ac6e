"""What the map of the code names is there: its files, its functions and classes, their members."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

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
