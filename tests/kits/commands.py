"""The commands of the command line: their words, lines that work, and lines that do not."""

from pathlib import Path
from typing import Any

from invoicesync_cli.cli.application import parser
from invoicesync_cli.cli.help import EXAMPLES


def commands(command: Any, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command below one."""
    below = getattr(command, "commands", {})
    if not below:
        return [words]
    return [found for name, inner in below.items() for found in commands(inner, (*words, name))]


COMMANDS = [" ".join(words) for words in commands(parser())]
PAYOUTS = "reference,amount,fee,payout\ntxn_2,120.00,1.00,po_1\ntxn_none,5.00,0.10,po_1\n"

WORKING = [
    "init --destination xero",
    "config path",
    "config show",
    "config check",
    "config schema",
    "auth status",
    "auth xero",
    "auth logout xero",
    "doctor",
    "sync --dry-run",
    "sync --dry-run --save october.plan",
    "sync",
    "apply october.plan",
    "sync  --only payments",
    "sync-id 1002,9999",
    "retry 1001",
    "retry",
    "dismiss 1025 --reason x",
    "todo",
    "todo --state waiting",
    "log",
    "log --failed --limit 3",
    "status",
    "explain 1002",
    "explain 1001",
    "explain 1001 --offline",
    "explain 9999",
    "lookup accounts",
    "lookup taxes",
    "lookup items",
    "lookup contacts",
    "lookup organisations",
    "match payouts.csv --reference reference --amount amount --fee fee --payout payout",
    "verify",
    "verify --month 2026-10",
    "report",
    "report --month 2026-10",
    "pause",
    "resume",
    "backup books.zip",
    "restore books.zip --force",
    "schedule show --using systemd",
    "lookup tracking",
    "adopt --dry-run",
    "reverse-sync --since-date 2026-01-01 --dry-run",
    "undo last --dry-run",
    "approve last --yes",
    "undo last --yes",
    "demo",
    "demo --keep",
]
"""Commands that work, one after the other, on the demo shop."""
BY_HAND = {
    "auth keap": "needs a person's key: test_auth_sign_in.py",
    "auth qbo": "needs a browser: test_auth_sign_in.py",
    "auth qbd": "needs QuickBooks Desktop: test_desktop.py",
    "notify test": "needs a mail server: test_notify_server.py",
    "notify password": "needs a mail server and its password: test_notify_server.py",
    "config edit": "needs an editor: test_config_edit.py",
    "sandbox": "does not end by itself: test_demo.py",
    "serve": "does not end by itself: test_serve.py",
    "schedule install": "changes this machine: test_schedule.py",
    "schedule remove": "changes this machine: test_schedule.py",
}
"""Commands whose success, and what they print then, is tested in another file of tests/cli; what
they print when they fail is tested for all of them."""


FAILING = {
    "auth keap": "auth keap --no-input",
    "auth xero": "auth xero --no-input",
    "auth qbo": "auth qbo --no-input",
    "auth qbd": "auth qbd --profile ../x",
    "auth logout": "auth logout nobody",
    "config edit": "config edit --no-input",
    "config path": "config path --profile ../x",
    "demo": "demo --company mars",
    "sandbox": "sandbox --port many",
    "config schema": "config schema --nothing",
    "schedule show": "schedule show --every never",
    "schedule install": "schedule install --every never",
    "schedule remove": "schedule remove --profile ../x",
}
"""Where the example of a command would not fail on an empty machine, or would change it."""


def write_payouts(folder: Path) -> None:
    """Write the payout report that `match` reads."""
    (folder / "payouts.csv").write_text(PAYOUTS)


def working(command: str) -> str:
    """A line with which a command works on the demo shop; blank where there is none."""
    found = (line for line in WORKING if line == command or line.startswith(f"{command} "))
    return next(found, "")


def failing(command: str) -> str:
    """A line with which a command fails on a machine without a config."""
    return FAILING.get(command) or EXAMPLES[command].removeprefix("invoicesync ")
