"""The pager at a real terminal: whoever has never met one is told how to go on, and out."""

import os
import shutil
import subprocess
import sys

import pytest

LONG = """
import sys
from invoicesync_cli.cli.pager import through_pager
with through_pager(sys.stdout, 5) as shown:
    shown.write("a row\\n" * 200)
"""
AT_A_TERMINAL = "import pty, sys; pty.spawn(sys.argv[1:])"
OWN = {"LESS", "PAGER"}


@pytest.mark.skipif(os.name == "nt" or not shutil.which("less"), reason="less is not here")
@pytest.mark.parametrize(
    ("keys", "settings", "prompt"),
    [
        ("q", {}, "Space goes on, q leaves"),
        ("Gq", {}, "The end, q leaves"),
        ("q", {"LESS": "PsMy own prompt$"}, "My own prompt"),
    ],
)
def test_less_says_how_to_go_on_and_leave(keys: str, settings: dict[str, str], prompt: str) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in OWN}
    shown = subprocess.run(
        [sys.executable, "-c", AT_A_TERMINAL, sys.executable, "-c", LONG],
        input=keys.encode(),
        capture_output=True,
        check=True,
        env={**environ, "TERM": "xterm", **settings},
    ).stdout.decode()

    assert shown.rpartition("\n")[2].count(prompt) == 1
