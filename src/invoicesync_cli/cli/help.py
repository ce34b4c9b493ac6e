"""The help page of a command: its own options in plain words, and an example."""

import re
from typing import Any

from typer.core import TyperCommand

PLAIN = {
    "<int range>": "NUMBER",
    "<int>": "NUMBER",
    "<float range>": "NUMBER",
    "<list[str]>": "",
    "<str>": "TEXT",
}
"""What Typer calls the kinds of values."""
LIMITS = r"(?:[0-9.]+<=?)?x[<>]=?[0-9.]+"
RANGE = re.compile(rf"; {LIMITS}|\s*\[{LIMITS}\]")
"""How Typer shows the limits of a number, as in [default: 0; x>=0]."""
EXAMPLES = {
    "init": "invoicesync init --destination xero --start 2026-12-01",
    "sync": "invoicesync sync --since-date 2026-11-01 --dry-run",
    "sync-id": "invoicesync sync-id 1234,1235",
    "apply": "invoicesync apply october.plan",
    "todo": "invoicesync todo --state held",
    "explain": "invoicesync explain 1234",
    "retry": "invoicesync retry 1234",
    "dismiss": 'invoicesync dismiss 1234 --reason "booked by hand"',
    "log": "invoicesync log --failed --since 2026-11-01",
    "status": "invoicesync status --json",
    "notify test": "invoicesync notify test",
    "notify password": "invoicesync notify password",
    "pause": "invoicesync pause",
    "resume": "invoicesync resume",
    "lookup": "invoicesync lookup accounts sales",
    "match": "invoicesync match payouts.csv",
    "backup": "invoicesync backup invoicesync-2026-11-30.zip",
    "restore": "invoicesync restore invoicesync-2026-11-30.zip",
    "report": "invoicesync report --month 2026-10",
    "doctor": "invoicesync doctor",
    "serve": "invoicesync serve",
    "verify": "invoicesync verify --month 2026-10",
    "undo": "invoicesync undo last --dry-run",
    "approve": "invoicesync approve last",
    "adopt": "invoicesync adopt --since-date 2026-01-01 --dry-run",
    "reverse-sync": "invoicesync reverse-sync --dry-run",
    "demo": "invoicesync demo --to qbo --company us",
    "sandbox": "invoicesync sandbox --orders 1000",
    "schedule show": "invoicesync schedule show",
    "schedule install": "invoicesync schedule install --every 30m",
    "schedule remove": "invoicesync schedule remove",
    "auth keap": "invoicesync auth keap --api-key",
    "auth qbd": "invoicesync auth qbd --timeout 900",
    "auth status": "invoicesync auth status",
    "auth logout": "invoicesync auth logout xero",
    "config show": "invoicesync config show",
    "config path": "invoicesync config path --profile second",
    "config check": "invoicesync config check",
    "config edit": "invoicesync config edit",
    "config schema": "invoicesync config schema --json",
}
"""What somebody might type; the sign-ins in a browser have one in common."""


class CommandPage(TyperCommand):
    """A command whose page leaves out `everywhere`: what every command has."""

    everywhere: frozenset[str] = frozenset()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, each with what Typer says of it."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            own = (
                item
                for item in self.get_params(ctx)
                if item.param_type_name == kind and item.name not in self.everywhere
            )
            rows = [record for item in own if (record := item.get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(
                        [(_plain(left), RANGE.sub("", right)) for left, right in rows]
                    )

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """What is to be said besides, an example, and where the other options are."""
        super().format_epilog(ctx, formatter)
        words = ctx.command_path.partition(" ")[2]
        with formatter.section("Example"):
            formatter.write_text(EXAMPLES.get(words) or f"invoicesync {words} --no-browser")
        formatter.write_paragraph()
        formatter.write_text("The options of every command, such as --json: invoicesync --help")


def _plain(left: str) -> str:
    for theirs, ours in PLAIN.items():
        left = left.replace(theirs, ours)
    return left.rstrip()
