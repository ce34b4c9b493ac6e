"""Writes `help_page.py`, the page that `invoicesync --help` prints without making it."""

import contextlib
import io
import os
from pathlib import Path
from unittest import mock

import invoicesync_cli
from invoicesync_cli.cli.boundary import run

FILE = Path(invoicesync_cli.__file__).with_name("help_page.py")
COMMAND = "python -m tests.kits.help_page"
COLUMNS = 80
HEAD = f'''"""What `invoicesync --help` prints, made by {COMMAND}."""

COLUMNS = {COLUMNS}
"""How wide a terminal has to be for these lines; Typer makes them no longer on a wider one."""
PAGE = """\\
'''


def page() -> str:
    """The page as Typer makes it."""
    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": str(COLUMNS)}),
        contextlib.redirect_stdout(printed),
    ):
        run(["--help"])
    return printed.getvalue()


if __name__ == "__main__":
    FILE.write_text(f'{HEAD}{page()}"""\n', encoding="utf-8")
