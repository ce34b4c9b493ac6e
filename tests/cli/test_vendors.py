"""A vendor is one row: what is asked, offered and said about it comes from there."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import invoicesync_cli
from invoicesync_cli.vendors import VENDORS, ledgers

SOURCE = Path(invoicesync_cli.__file__).parent
OWN = {"vendors.py", "config/sections.py", "cli/sandbox.py"}
"""The rows, the default of `sync.destination`, and what is rehearsed."""

WITH_ANOTHER = """
import sys
from dataclasses import replace
from invoicesync_cli import vendors
vendors.VENDORS["ledgerly"] = replace(
    vendors.XERO, key="ledgerly", title="Ledgerly", product="Ledgerly Books", sign_in_options=()
)
from invoicesync_cli.__main__ import main
sys.exit(main())
"""


def run_with_another(home: Path, *typed: str) -> str:
    """What a command prints where `vendors.py` has one more row."""
    environ = {**os.environ, "INVOICESYNC_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-c", WITH_ANOTHER, *typed]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("auth", "--help"), "Sign in to Ledgerly Books."),
        (("auth", "ledgerly", "--help"), "--redirect-uri"),
        (("auth", "ledgerly"), "ledgerly"),
        (("auth", "logout", "nobody"), "ledgerly"),
        (("auth", "logout", "--help"), "ledgerly"),
        (("config", "check"), '"xero", "qbo", "qbd", "ledgerly"'),
    ],
)
def test_a_new_row_is_offered_everywhere(
    tmp_path: Path, typed: tuple[str, ...], words: str
) -> None:
    (tmp_path / "config.toml").write_text('[sync]\ndestination = "ledger"\n', encoding="utf-8")

    assert words in run_with_another(tmp_path, *typed)


def test_nothing_but_its_row_and_its_folder_names_a_ledger() -> None:
    names = set(ledgers()) | {VENDORS[key].title for key in ledgers()}
    folders = {VENDORS[key].package.removeprefix("invoicesync_cli.") for key in ledgers()}
    found = []
    for file in SOURCE.rglob("*.py"):
        path = file.relative_to(SOURCE)
        inside = {".".join(path.parts[:end]) for end in range(1, len(path.parts))}
        if path.as_posix() in OWN or inside & folders:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in names:
                found.append(f"{path.as_posix()}:{node.lineno}: {node.value!r}")
            if isinstance(node, ast.Attribute) and node.attr in ledgers():
                found.append(f"{path.as_posix()}:{node.lineno}: .{node.attr}")

    assert found == []
