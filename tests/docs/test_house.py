"""How the house is laid out: what tests share stands in kits; modules are short, names plain."""

import ast
import re
import tokenize
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
HOUSE = TESTS.parent
DIALECT = {"told", "desk", "courtesy", "sought", "parted", "mend", "mends", "odd", "ladder"} | {
    *("climb", "walk", "walks", "gone", "dues")
}
"""Words that CONTRIBUTING.md asks to put in the field's own."""


def words_of(name: str) -> set[str]:
    """The words that a name is made of, in small letters."""
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


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


def test_no_module_has_more_than_400_lines() -> None:
    files = [file for root in ("src", "tests", "bench") for file in (HOUSE / root).rglob("*.py")]
    long = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in files}

    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_no_name_in_the_source_is_of_a_dialect() -> None:
    found = set()
    for file in (HOUSE / "src").rglob("*.py"):
        with file.open("rb") as lines:
            for token in tokenize.tokenize(lines.readline):
                if token.type == tokenize.NAME and not DIALECT.isdisjoint(words_of(token.string)):
                    found.add(f"{file.name}: {token.string}")

    assert found == set(), "CONTRIBUTING.md has the words to use instead"


def test_no_two_classes_of_the_product_share_a_name() -> None:
    """But what each vendor has of its own, and what runs of either direction have."""
    places: dict[str, list[str]] = defaultdict(list)
    product = HOUSE / "src" / "invoicesync_cli"
    for file in product.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                part = file.relative_to(product).parts
                places[node.name].append("/".join(part[:2] if part[0] == "load" else part[:1]))
    apart = ({"load/xero", "load/qbo", "load/qbd", "fetch"}, {"sync", "reverse"})

    assert {
        name: owners
        for name, owners in places.items()
        if len(owners) > 1
        and (len(set(owners)) < len(owners) or not any(set(owners) <= those for those in apart))
    } == {}
