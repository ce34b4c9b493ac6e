"""Makes the pictures in this folder: of the terminal and of the sandbox's pages, from real runs.

    python docs/pictures/make.py

Each command runs in a terminal of 80 columns of its own (Linux and macOS); what it writes there,
colours and all, becomes an SVG by rich. The pages are photographed afterwards by a Chromium without
a window, where there is one. Nothing else but invoicesync and what it needs is used.
"""

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console  # noqa: TID253 - nothing has to start fast here
from rich.text import Text  # noqa: TID253

from invoicesync_cli.__main__ import main  # noqa: F401 - fails here when it is not installed

HERE = Path(__file__).parent
WIDTH = 80
HOME = re.compile(r"(/[\w.-]+)*/invoicesync-pictures-\w+/home")
PICTURES = {
    "sync": "sync",
    "todo": "todo --reason contact-ambiguous",
    "explain": "explain 1003",
    "status": "status",
    "report": "report --month 2026-10",
    "doctor": "doctor",
}
"""The pictures by their names, in the order in which the commands are run."""
PAGES = {
    "shop": ("shop/orders", 560),
    "order": ("shop/orders/1002", 1300),
    "books": ("xero/invoices", 560),
}
"""The pictures of pages by their names, as they are after these commands, and their heights."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


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
def sandbox(home: Path) -> Iterator[dict[str, Any]]:
    """What a sandbox says of itself: environment and pages. It ends with the block."""
    program = [sys.executable, "-m", "invoicesync_cli", "sandbox", "--json"]
    program += ["--status", "authorised", "--home", str(home)]
    with subprocess.Popen(  # noqa: S603 - our own command line
        program, stdout=subprocess.PIPE, text=True
    ) as server:
        said = ""
        try:
            for line in server.stdout or []:
                said += line
                if line.rstrip() == "}":
                    break
            yield json.loads(said)["data"]
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


def photograph(browser: str, name: str, address: str, height: int, folder: Path) -> None:
    """Take the picture of one page, as it is on a screen."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
    mine = (f"--user-data-dir={folder}", f"--window-size=1000,{height}")
    picture = f"--screenshot={HERE / name}.png"
    subprocess.run(  # noqa: S603 - found by its name
        [browser, *options, *mine, picture, address], check=True, capture_output=True, timeout=120
    )


def make() -> None:
    """Make all of them."""
    with (
        tempfile.TemporaryDirectory(prefix="invoicesync-pictures-") as folder,
        sandbox(Path(folder, "home")) as said,
    ):
        environ = dict(os.environ) | said["environment"]
        for root in ("INVOICESYNC_QBO_ROOT", "INVOICESYNC_QBD_WORKER"):
            # `status` would show it, though nothing of it is used here.
            environ.pop(root, None)
        for name, command in PICTURES.items():
            draw(name, command, in_terminal(command, environ))
            sys.stdout.write(f"{name}.svg\n")
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            sys.exit("The pages are not photographed: there is no Chromium (Debian: chromium).")
        for name, (page, height) in PAGES.items():
            photograph(browser, name, said["pages"] + page, height, Path(folder, "browser"))
            sys.stdout.write(f"{name}.png\n")


if __name__ == "__main__":
    make()
