"""The list of everything that `doctor` can find, by its code: `docs/findings.md`.

`python -m tests.kits.findings_page` writes it anew.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.kits.findings.machine import MACHINE
from tests.kits.findings.row import Row
from tests.kits.findings.services import SERVICES
from tests.kits.findings.settings import SETTINGS

FILE = Path(__file__).parents[2] / "docs" / "findings.md"
COMMAND = "python -m tests.kits.findings_page"

HEAD = """\
# What doctor finds

`invoicesync doctor` holds the config, both services and this machine against each other, and says
everything at once. Each finding has a code, which stands in `code` with `--json`; at a terminal it
is said in words, with the figures of your own books.

An **error** stops every run, or would book wrongly; `doctor` then ends with 4 (somebody has to sign
in), 5 (the config) or 7 (a service is down). A **warning** is what would be held, left out, or come
to an end. A **hint** is good to know. `invoicesync config check` finds what is wrong with the file
alone, `invoicesync auth keap` what is remarkable about Keap's own data.
"""
SECTIONS = SETTINGS | SERVICES | MACHINE
ROWS = {row.code: row for rows in SECTIONS.values() for row in rows}


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name, rows) for name, rows in SECTIONS.items())


def _section(name: str, rows: Sequence[Row]) -> str:
    head = ["| code | level | what is the case | what to do |", "|---|---|---|---|"]
    lines = [
        f"| `{row.code}` | {', '.join(row.levels)} | {row.meaning} | {row.remedy} |" for row in rows
    ]
    return "\n".join(["", f"## {name}", "", *head, *lines, ""])


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
