"""`docs/findings.md` has every code that `doctor` can give, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.doctor.findings import LEVELS
from tests.kits import findings_page
from tests.kits.command_line import Run

SOURCES = Path(__file__).parents[2] / "src" / "invoicesync_cli"
ASKED = ("http", "load", "fetch", "notify", "state", "config", "auth", "sync/preflight.py")
"""Whose errors can end a part of the check early."""
MADE_BY = {"Finding", "_of_key", "Observation", "_observation"}
ELSEWHERE = {
    # What only signing in comes to, in a browser or by pasting.
    *("wrong-state", "wrong-address", "wrong-key", "legacy-key", "redirect-uri", "timed-out"),
    *("consent-refused", "code-refused", "no-code", "no-realm", "keyring-forgets"),
    "address-refused",
    *("organisation-unknown", "organisation-open", "no-organisation", "read-only"),
    # Only on sending a mail; only of backups.
    *("mail-refused", "mail-letters"),
    *("nothing-to-back-up", "would-replace", "backup-newer", "backup-damaged"),
    # Only of a write test, which is not one of the checks.
    *("no-sample-company", "write-test-file"),
}
"""Codes of the same places that no check can meet."""
OF_ACCOUNT = {
    *("keap-discounts", "keap-ids", "keap-order-status", "keap-payment-touches-order"),
    *("keap-allocation-unit", "keap-refunds", "keap-page"),
}
"""What is only ever said of an account as a detail."""
CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def texts(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def constant(node: ast.AST | None) -> str:
    found = node.value if isinstance(node, ast.Constant) else ""
    if not isinstance(found, str) or found in LEVELS or not CODE.fullmatch(found):
        return ""
    return found


def made_by_checks() -> Iterator[str]:
    """The codes of the findings that the checks make themselves."""
    for path in (SOURCES / "doctor").glob("*.py"):
        for node in texts(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id not in MADE_BY:
                    continue
                code = next(filter(None, map(constant, node.args)), "")
                keap = path.name == "source_check.py"
                yield f"keap-{code}" if keap and code else code


def of_errors() -> Iterator[str]:
    """The codes of errors, of settings that the ledger does not have, and of warnings."""
    files = [SOURCES / "errors.py", SOURCES / "machine.py", SOURCES / "lock.py"]
    files += [SOURCES / "services.py"]
    for name in ASKED:
        place = SOURCES / name
        files += [place] if place.suffix else sorted(place.rglob("*.py"))
    for path in files:
        for node in texts(path):
            if isinstance(node, ast.keyword) and node.arg == "code":
                yield from map(constant, ast.walk(node.value))
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(
                    isinstance(one, ast.Name) and one.id in {"code", "UNKNOWN"} for one in targets
                ):
                    yield constant(node.value)
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in {"wrong", "unknown"}:
                yield from (found for one in node.args[3:] if (found := constant(one)))


NOT_FOR_CHECKS = {"usage", "bug", "try-later", "run-active", "interrupted"}


def test_the_page_is_made_of_the_codes() -> None:
    assert findings_page.FILE.read_text(encoding="utf-8") == findings_page.page(), (
        f"docs/findings.md is out of date; write it anew: {findings_page.COMMAND}"
    )


def test_every_code_of_the_checks_is_on_the_page_and_no_other() -> None:
    made, errors = set(made_by_checks()) - {""} - OF_ACCOUNT, set(of_errors()) - {""}
    known = set(findings_page.ROWS)

    assert made - known == set(), "give it a row in tests/kits/findings"
    assert errors - known - ELSEWHERE - NOT_FOR_CHECKS == set(), (
        "give it a row in tests/kits/findings, or ELSEWHERE if doctor cannot meet it"
    )
    assert known - made - errors - {"authorised"} == set(), "nothing gives this code"


@pytest.mark.parametrize(
    "command",
    sorted(set(re.findall(r"`invoicesync ([^`]+)`", findings_page.page()))),
)
def test_every_command_on_the_page_is_one(run: Run, home: object, command: str) -> None:
    words = [word for word in command.split() if word.islower() and not word.startswith("-")]

    assert run(*words, "--help").code == 0
