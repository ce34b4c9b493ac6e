"""What `init` asks, what is answered, and what the config then has."""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from invoicesync_cli.config import flatten
from tests.kits.command_line import Ran

XERO = ("2", "sandbox-client")
"""A custom connection, whose secret is in the environment, and its client id."""
ENTER = ""

Answers = Callable[..., Ran]
Given = dict[str, Any]


def clear(home: Path) -> None:
    """Leave nothing in the home."""
    shutil.rmtree(home)


def written(home: Path) -> Given:
    """The settings of the file by their dotted keys."""
    data = tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))
    return {key: value for key, value in flatten(data) if value != {}}


FOR_XERO = (
    (ENTER, ENTER, "2026-10-01", "y", ENTER),  # Xero, both, start, files, a key
    XERO,
    (ENTER, ENTER, "n", "1", "exempt inc"),  # currency, sales, tax types
    (ENTER, "yes"),  # untaxed invoices, taxed finance charges
    ("business", ENTER, "n", "30", "off", ENTER),  # payments, draft, days, no mail, one way
)
