"""How the tests are laid out: what they share stands in kits, and no test imports another."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def imported(file: Path) -> set[str]:
    """The modules that a file imports anywhere in it, with the names taken from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_module_imports_a_test_module() -> None:
    breaches = {
        f"{file.relative_to(TESTS)} imports {name}"
        for file in TESTS.rglob("*.py")
        for name in imported(file)
        if name.startswith("tests.")
        and any(part == "conftest" or part.startswith("test_") for part in name.split("."))
    }

    assert breaches == set()


def test_the_kits_import_no_area() -> None:
    breaches = {
        f"{file.relative_to(TESTS)} imports {name}"
        for file in TESTS.glob("kits/**/*.py")
        for name in imported(file)
        if name.startswith("tests.") and not name.startswith("tests.kits")
    }

    assert breaches == set()


def test_every_kit_is_named_in_the_readme() -> None:
    known = (TESTS / "README.md").read_text(encoding="utf-8")
    kits = [path for path in TESTS.glob("kits/*") if not path.name.startswith("_")]

    assert [path.name for path in kits if f"`{path.name}" not in known] == []
