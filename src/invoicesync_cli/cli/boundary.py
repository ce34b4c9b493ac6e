"""Runs a command line; errors of any kind become a sentence, a hint and an exit code."""

import contextlib
import os
import sys

import typer

from invoicesync_cli.cli.app import CURRENT, application
from invoicesync_cli.cli.report import Screen, envelope, write_json
from invoicesync_cli.errors import ExitCode, Interrupted, InvoiceSyncError, UsageError

BUG_HINT = "Please report this with the output of the same command with -v."


def run(typed: list[str]) -> int:
    """Run what was typed and give the exit code. Nothing is raised."""
    CURRENT.begin(typed)
    try:
        return _run(typed)
    finally:
        CURRENT.end()


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
    except BrokenPipeError:
        # Whoever read our output has gone; closing quietly is what is expected of a filter.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BUG
    except Exception as error:  # noqa: BLE001 - the boundary: a bug must not show a traceback
        if CURRENT.verbose:
            import traceback

            traceback.print_exc(file=sys.stderr)
        name = type(error).__name__
        return _tell(InvoiceSyncError(f"Unexpected error: {name}: {error}", hint=BUG_HINT))


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
        write_json(envelope(command, error.exit_code, dict(error.partial), error=told))
    else:
        screen = Screen()
        screen.note(f"invoicesync: {error.message}", style="bold red")
        if error.hint:
            screen.note(error.hint)
    return int(error.exit_code)
