"""Runs a command line; errors of any kind become a sentence, a hint and an exit code."""

import _thread
import contextlib
import functools
import re
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import typer

from invoicesync_cli.cli.application import application, parser
from invoicesync_cli.cli.command import CURRENT
from invoicesync_cli.cli.failures import as_error
from invoicesync_cli.cli.report import Screen, envelope, write_json
from invoicesync_cli.errors import ExitCode, InvoiceSyncError, UsageError
from invoicesync_cli.printable import printable_lines
from invoicesync_cli.streams import let_go, refused

STOPS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""What ends a program, beside SIGINT, on any system."""
SOON = 0.01
"""Seconds after which a request to end that was lost is made again."""


def run(typed: list[str]) -> int:
    """Run what was typed and give the exit code. Nothing is raised."""
    CURRENT.begin(typed)
    CURRENT.for_profile = _for_profile
    with _terminable():
        try:
            return _written(_run(typed))
        except KeyboardInterrupt:
            # While the last of what was said was written.
            let_go(sys.stdout, sys.stderr)
            return int(ExitCode.INTERRUPTED)
        finally:
            CURRENT.end()
            _forget_interruption()


def _forget_interruption() -> None:
    """Have the exit code be ours. Where an interruption has come out of code that Python ran from a
    text, as it does for each dataclass that is made, `python -m` ends by that signal though it was
    handled: until the next text is run."""
    exec("")  # noqa: S102 - ours


def _written(code: int) -> int:
    """The exit code, once the result is written: without its result, a look has not worked."""
    why = refused(sys.stdout)
    if not why:
        return code
    Screen().note(f"invoicesync: The result could not be written: {why}.", style="bold red")
    return code or (ExitCode.OK if CURRENT.acts else ExitCode.TRY_LATER)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let what else ends a program be what Ctrl-C is: SIGTERM of systems and containers, SIGHUP of
    a terminal that is closed, Ctrl-Break on Windows. Where somebody has them ignored, as `nohup`
    does, that stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in STOPS if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        # They may come together: what is saved then is not to be interrupted by the next one.
        stopping.append(number)
        if len(stopping) == 1:
            signal.default_int_handler(number, frame)

    def lost(what: "sys.UnraisableHookArgs") -> None:
        # Where Python can raise nothing, as at the end of an import, it drops what was raised: the
        # request to end would be lost, and is made again once that place is left.
        if issubclass(what.exc_type, KeyboardInterrupt):
            number = stopping[0] if stopping else signal.SIGINT
            stopping.clear()
            again = threading.Timer(SOON, _interrupt, (number,))
            again.daemon = True
            again.start()
        else:
            found(what)

    found = sys.unraisablehook
    sys.unraisablehook = lost
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        sys.unraisablehook = found
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int) -> None:
    """Send the main thread a signal, whatever it waits for."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


def _run(typed: list[str]) -> int:
    try:
        # Whoever types nothing wants to see what there is.
        code = parser()(typed or ["--help"], standalone_mode=False, prog_name="invoicesync")
        return int(code or 0)
    except typer.TyperException as error:
        return _usage(error)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the boundary: no traceback
        found = as_error(error)
        if found.code == InvoiceSyncError.code and CURRENT.verbose:
            import traceback

            sys.stderr.write(printable_lines(traceback.format_exc()))
        return _report(found)


def _usage(error: typer.TyperException) -> int:
    # Typer checks values with pydantic, whose sentences begin so.
    message = error.format_message().replace(": Value error, ", ": ")
    # It sets what there is to choose from one below the other, which is escaped as data are.
    message = re.sub(r"\s*\n\s*", " ", message)
    known = not message.startswith("No such command")
    words = " ".join(["invoicesync", *(CURRENT.words if known else ())])
    return _report(UsageError(message, hint=f"See {words} --help"))


def _for_profile(hint: str) -> str:
    """The hint with its commands for the profile in use; without, they would be about another."""
    profile = f"--profile {CURRENT.profile}"
    if not CURRENT.profile or profile in hint:
        return hint
    return re.sub(rf"\binvoicesync (?=({_commands()})\b)", f"invoicesync {profile} ", hint)


@functools.cache
def _commands() -> str:
    """The commands, as a pattern."""
    app = application()
    names = [item.name for item in app.registered_commands]
    names += [item.name for item in app.registered_groups]
    return "|".join(filter(None, names))


def _report(error: InvoiceSyncError) -> int:
    hint = _for_profile(error.hint)
    if CURRENT.json:
        said = {"code": error.code, "message": error.message, "hint": hint}
        command = " ".join(CURRENT.words)
        write_json(envelope(command, error.exit_code, dict(error.partial), error=said))
    else:
        screen = Screen()
        for line in f"invoicesync: {error.message}".split("\n"):
            screen.note(line, style="bold red")
        if hint:
            screen.note(hint)
    return int(error.exit_code)
