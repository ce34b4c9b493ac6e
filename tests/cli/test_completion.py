"""What the shell offers after Tab: commands, and the values that an option or argument takes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("dem", ["demo"]),
        ("auth log", ["logout"]),
        ("auth logout ", ["keap", "xero", "qbo", "qbd"]),
        ("sync --only ", ["invoices", "payments"]),
        ("sync --order-status ", ["paid", "unpaid", "any"]),
        ("sync-id 1 --by o", ["order"]),
        ("lookup t", ["taxes", "tracking"]),
        ("todo --state ", ["held", "failed", "waiting"]),
        ("todo --reason contact-am", ["contact-ambiguous"]),
        ("demo --to ", ["xero", "qbo", "qbd"]),
    ],
)
def test_values_are_offered(typed: str, offered: list[str]) -> None:
    assert completed(typed) == offered


def test_profiles_and_runs_are_offered(run: Run, box: Sandbox, home: Path) -> None:
    run("sync-id", "1048")
    name = run("log", "--json").data["entries"][0]["run"]
    (home / "profiles" / "second").mkdir(parents=True)

    assert completed("log --run ") == [name]
    assert completed(f"log --run {name[:4]}") == [name]
    assert completed("--profile second log --run ") == []
    assert completed("status --profile ") == ["second"]
    assert completed("status --profile x") == []


def completed(typed: str) -> list[str]:
    """What is offered behind what was typed."""
    words = f"invoicesync {typed}"
    environ = {
        **os.environ,
        "_INVOICESYNC_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }

    command = [sys.executable, "-m", "invoicesync_cli"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

    return done.stdout.split()
