"""What the shell offers after Tab: commands, and the values that an option or argument takes."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("dem", ["demo"]),
        ("auth log", ["logout"]),
        ("auth logout ", ["keap", "xero", "qbo"]),
        ("sync --only ", ["invoices", "payments"]),
        ("sync --order-status ", ["paid", "unpaid", "any"]),
        ("sync-id 1 --by o", ["order"]),
        ("lookup t", ["taxes"]),
        ("todo --state ", ["held", "failed", "waiting"]),
        ("todo --reason contact-am", ["contact-ambiguous"]),
        ("demo --to ", ["xero", "qbo"]),
    ],
)
def test_values_are_offered(typed: str, offered: list[str]) -> None:
    words = f"invoicesync {typed}"
    environ = {
        **os.environ,
        "_INVOICESYNC_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }

    command = [sys.executable, "-m", "invoicesync_cli"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

    assert done.stdout.split() == offered
