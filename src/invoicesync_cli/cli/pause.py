"""`pause` and `resume`: the processing switch, which scheduled runs obey."""

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "pause", help="Let scheduled runs do nothing until `resume`.")
    def _pause(call: Call) -> Report:
        state = "were paused already" if _switch(call, paused=True) else "are paused"
        said = f"Scheduled runs {state}. What is typed by hand still runs."
        return Report(
            {"processing": "off"},
            lambda screen: screen.line(f"{said} To go on: invoicesync resume"),
        )

    @command(app, "resume", help="Let scheduled runs work again.")
    def _resume(call: Call) -> Report:
        was_paused = _switch(call, paused=False)
        said = "are no longer paused" if was_paused else "were not paused"
        return Report({"processing": "on"}, lambda screen: screen.line(f"Scheduled runs {said}."))


def _switch(call: Call, *, paused: bool) -> bool:
    """Set the switch, also beside an active run; say whether scheduled runs were paused before.

    The config may be unfinished or broken. Raises `ConfigError` where there is neither a config nor
    a state: in a mistyped profile there is nothing to pause.
    """
    from invoicesync_cli.cli.workspace import Workspace

    workspace = Workspace()
    if not workspace.paths(call).state.exists():
        workspace.config(call, complete=False)
    with workspace.state(call) as state, state.transaction():
        before = state.is_paused()
        state.set_paused(paused)
    return before
