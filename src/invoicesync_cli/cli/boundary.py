"""Runs a command line; errors of any kind become a sentence, a hint and an exit code."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

import typer

from invoicesync_cli.cli.app import CURRENT, application
from invoicesync_cli.cli.report import Screen, envelope, leave, while_read, write_json
from invoicesync_cli.errors import ExitCode, Interrupted, InvoiceSyncError, UsageError

BUG_HINT = "Please report this with the output of the same command with -v."


def run(typed: list[str]) -> int:
    """Run what was typed and give the exit code. Nothing is raised."""
    CURRENT.begin(typed)
    with _terminable():
        try:
            return _run(typed)
        finally:
            CURRENT.end()


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, by which systems and containers end a program, be what Ctrl-C is."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(typed: list[str]) -> int:
    try:
        app = application()
        code = app(typed, standalone_mode=False, prog_name="invoicesync")
        return int(code or 0)
    except InvoiceSyncError as error:
        return _tell(error)
    except typer.TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(Interrupted())
    except SystemExit as ending:
        # Typer ends the program when it cannot print the help.
        if not isinstance(ending.__context__, BrokenPipeError):
            raise
        leave(sys.stdout)
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 - the boundary: a bug must not show a traceback
        machine = _of_machine(error)
        if machine:
            return _tell(machine)
        if CURRENT.verbose:
            import traceback

            traceback.print_exc(file=sys.stderr)
        name = type(error).__name__
        return _tell(InvoiceSyncError(f"Unexpected error: {name}: {error}", hint=BUG_HINT))


def _of_machine(error: Exception) -> InvoiceSyncError | None:
    """What a file or the disk has refused, as an error of ours; None for a bug."""
    from invoicesync_cli.machine import explained
    from invoicesync_cli.paths import locate

    with contextlib.suppress(InvoiceSyncError):
        return explained(error, locate(CURRENT.config, CURRENT.profile).state)
    return explained(error)


def _usage(error: typer.TyperException) -> int:
    message = error.format_message()
    if not message.strip():
        # No command was typed: the help has been printed.
        return int(getattr(error, "exit_code", ExitCode.USAGE))
    known = not message.startswith("No such command")
    words = " ".join(["invoicesync", *(CURRENT.words if known else ())])
    return _tell(UsageError(message, hint=f"See {words} --help"))


def _tell(error: InvoiceSyncError) -> int:
    if CURRENT.json:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        command = " ".join(CURRENT.words)
        with while_read():
            write_json(envelope(command, error.exit_code, dict(error.partial), error=told))
    else:
        screen = Screen()
        screen.note(f"invoicesync: {error.message}", style="bold red")
        if error.hint:
            screen.note(error.hint)
    return int(error.exit_code)
