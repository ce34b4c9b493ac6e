"""What ended a command, as an error of ours."""

import typer

from invoicesync_cli.cli.command import CURRENT
from invoicesync_cli.errors import Interrupted, InvoiceSyncError

BUG_HINT = "Please report this with the output of the same command with -v."


def as_error(error: BaseException) -> InvoiceSyncError:
    """The error as a sentence, a hint and an exit code. Nothing is raised."""
    if isinstance(error, InvoiceSyncError):
        return error
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Interrupted()
    found = _of_machine(error) if isinstance(error, Exception) else None
    said = f"Unexpected error: {type(error).__name__}: {error}"
    return found or InvoiceSyncError(said, hint=BUG_HINT)


def _of_machine(error: Exception) -> InvoiceSyncError | None:
    """What a file, the disk or a damaged state has made fail, as an error of ours; else None."""
    from invoicesync_cli.machine import damaged, explained
    from invoicesync_cli.paths import locate
    from invoicesync_cli.state.checking import flaw

    try:
        state = locate(CURRENT.config, CURRENT.profile).state
        found = explained(error, state)
        why = "" if found else flaw(state)
    except InvoiceSyncError as failed:
        return failed
    return found or (damaged(f"The state file {state}", why) if why else None)
