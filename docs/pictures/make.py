"""Makes the pictures of the terminal in this folder, from real runs on the sandbox.

    python docs/pictures/make.py

Each command runs in a terminal of 80 columns of its own (Linux and macOS); what it writes there,
colours and all, becomes an SVG by rich. Nothing but invoicesync and what it needs is used.
"""

import contextlib
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console  # noqa: TID253 - nothing has to start fast here
from rich.text import Text  # noqa: TID253

from invoicesync_cli.__main__ import main  # noqa: F401 - fails here when it is not installed

HERE = Path(__file__).parent
WIDTH = 80
HOME = re.compile(r"(/[\w.-]+)*/invoicesync-pictures-\w+")
PICTURES = {
    "sync": "sync",
    "todo": "todo --reason contact-ambiguous",
    "explain": "explain 1003",
    "status": "status",
    "report": "report --month 2026-10",
    "doctor": "doctor",
}
"""The pictures by their names, in the order in which the commands are run."""


def in_terminal(command: str, environ: dict[str, str]) -> str:
    """What a command writes to a terminal of 80 columns."""
    program = [sys.executable, "-m", "invoicesync_cli", *command.split()]
    terminal, end = pty.openpty()
    size = {"COLUMNS": str(WIDTH), "LINES": "40", "TERM": "xterm-256color", "PAGER": "cat"}
    with subprocess.Popen(  # noqa: S603 - our own command line
        program, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=environ | size
    ):
        os.close(end)
        said = b""
        # A terminal whose other end is closed reads as an error on Linux.
        with contextlib.suppress(OSError):
            while part := os.read(terminal, 65536):
                said += part
    os.close(terminal)
    return said.decode(errors="replace")


def last_state(said: str) -> str:
    """What is left on the screen: without the lines of a progress bar that were wiped."""
    said = re.sub(r"\x1b\[\?25[lh]", "", said.replace("\r\n", "\n"))
    lines: list[str] = []
    for line in said.split("\n"):
        for _ in range(line.count("\x1b[1A")):
            lines and lines.pop()
        lines.append(re.sub(r"^.*(\x1b\[2K|\r)", "", line).replace("\x1b[1A", ""))
    return "\n".join(lines).strip("\n")


@contextlib.contextmanager
def sandbox(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a sandbox, which ends with the block."""
    program = [sys.executable, "-m", "invoicesync_cli", "sandbox", "--status", "authorised"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - our own command line
        program, stdout=subprocess.PIPE, env=environ, cwd=home, text=True
    ) as server:
        lines = server.stdout or []
        found = dict(os.environ)
        try:
            for line in lines:
                if named := re.match(r"export (\w+)=(.*)", line):
                    found[named[1]] = named[2].strip().strip("'\"")
                if "INVOICESYNC_QBO_CLIENT_SECRET" in line:
                    break
            yield found
        finally:
            server.terminate()


def draw(name: str, command: str, said: str) -> None:
    """Write one picture."""
    console = Console(width=WIDTH, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(Text("$ ", "bold green") + Text(f"invoicesync {command}", "bold"))
    console.print(Text.from_ansi(HOME.sub("~/invoicesync", last_state(said))))
    svg = console.export_svg(title=f"invoicesync {command}", unique_id=f"invoicesync-{name}")
    # Fonts are the reader's own: nothing is loaded from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (HERE / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")


def make() -> None:
    """Make all of them."""
    with (
        tempfile.TemporaryDirectory(prefix="invoicesync-pictures-") as folder,
        sandbox(Path(folder)) as environ,
    ):
        for name, command in PICTURES.items():
            draw(name, command, in_terminal(command, environ))
            sys.stdout.write(f"{name}.svg\n")


if __name__ == "__main__":
    make()
