"""The one place where an error becomes a message and an exit code."""

import atexit
import gc
import sys
from collections.abc import Sequence

from invoicesync_cli import __version__
from invoicesync_cli.streams import Streams, refused

YOUNG = 20_000
"""New objects after which Python looks for garbage among them. Loading the program makes ten times
as many, all to stay."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed[:1] == ["help"]:
        typed = [*typed[1:], "--help"]
    with Streams():
        text = _known(typed)
        if text:
            sys.stdout.write(text)
            # 7, as `boundary.py` has it: importing what knows that would take longer than the rest.
            return 7 if refused(sys.stdout) else 0
        gc.set_threshold(YOUNG)
        from invoicesync_cli.cli.boundary import run

        return run(typed)


@atexit.register
def _leave_all_to_the_system() -> None:
    """Python would look once more for garbage in all that there is, which takes it longer than some
    commands; with the process it is gone anyway. One more request to end, of somebody who is in a
    hurry, changes no exit code."""
    gc.disable()
    gc.freeze()
    if "signal" in sys.modules:
        import signal

        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)


def _known(typed: list[str]) -> str:
    """What is printed whatever the config is, and so without importing anything; else blank."""
    if typed == ["--version"]:
        return f"invoicesync {__version__}\n"
    if typed in (["-h"], ["--help"]):
        from shutil import get_terminal_size

        from invoicesync_cli.help_page import COLUMNS, PAGE

        # On a narrower terminal Typer breaks the lines elsewhere.
        return PAGE if get_terminal_size().columns >= COLUMNS else ""
    return ""


if __name__ == "__main__":
    sys.exit(main())
