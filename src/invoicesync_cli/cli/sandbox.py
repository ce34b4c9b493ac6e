"""`demo` and `sandbox`: the whole job on simulated services."""

import os
import sys
from typing import Annotated

import typer

from invoicesync_cli.cli.app import Call, command
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import UsageError

INTRODUCTION = (
    "A small shop in Keap and its books in Xero, both simulated on this machine: every kind of "
    "order that the rules know. Nothing leaves this machine."
)


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "demo", help="The whole job on simulated services: no account, no network.")
    def _demo(
        call: Call,
        to: Annotated[str, typer.Option(metavar="xero", help="The ledger to show.")] = "xero",
        keep: Annotated[
            bool, typer.Option("--keep", help="Keep the demo's config and state, and say where.")
        ] = False,
    ) -> Report:
        if to != "xero":
            raise UsageError(f"--to: {to!r} is no ledger of this version.", hint="Use --to xero.")
        return _play(call, keep=keep)

    @command(app, "sandbox", help="Serve simulated Keap and Xero on this machine until Ctrl-C.")
    def _sandbox(
        call: Call,
        port: Annotated[
            int, typer.Option(min=0, max=65000, help="First port; 0: any free ones.")
        ] = 0,
        home: Annotated[
            str, typer.Option(metavar="DIR", help="Folder for the rehearsal's config and state.")
        ] = "",
        orders: Annotated[
            int, typer.Option(min=0, help="So many made-up orders instead of the demo shop.")
        ] = 0,
    ) -> Report:
        return _serve(call, port, home, orders)


def _play(call: Call, *, keep: bool) -> Report:
    import shutil
    import tempfile
    from pathlib import Path

    from invoicesync_cli.cli.open import World
    from invoicesync_cli.cli.sync import run
    from invoicesync_cli.http import Network
    from invoicesync_cli.sandbox.world import INSIDE, Sandbox, environment
    from invoicesync_cli.sync import Options

    call.config = call.profile = None
    home = Path(tempfile.mkdtemp(prefix="invoicesync-demo-"))
    try:
        network = Network(apps=Sandbox().apps(), recorder=call.recorder())
        world = World(environment(INSIDE, home), network)
        report = run(call, Options(command="demo"), {}, world)
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
    show = report.text

    def text(screen: Screen) -> None:
        screen.line(INTRODUCTION)
        screen.line()
        show(screen)
        if report.exit_code:
            screen.note(
                "The held ones are there on purpose: the tool asks instead of guessing. "
                f"That is why this ends with exit code {int(report.exit_code)}."
            )
        if keep:
            screen.line(f"Kept: {home}")

    report.text = text
    if keep:
        report.data["home"] = str(home)
    return report


def _serve(call: Call, port: int, home: str, orders: int) -> Report:
    import tempfile
    import threading
    from pathlib import Path

    from invoicesync_cli.sandbox.serve import serving
    from invoicesync_cli.sandbox.world import Sandbox, environment

    folder = (
        Path(home).absolute() if home else Path(tempfile.mkdtemp(prefix="invoicesync-sandbox-"))
    )
    box = Sandbox(orders=orders)
    try:
        with serving(box.vendors, port) as roots:
            variables = environment(roots, folder)
            _announce(call, variables)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                call.screen.note("The sandbox is closed.")
    except OSError as error:
        raise UsageError(
            f"--port: {error.strerror or error}.", hint="Choose another one."
        ) from None
    return Report({"environment": variables}, lambda _: None)


def _announce(call: Call, variables: dict[str, str]) -> None:
    """Print the environment at once, as lines that a shell can take over."""
    import shlex

    if call.json:
        return
    for name, value in variables.items():
        powershell, posix = f'$env:{name} = "{value}"', f"export {name}={shlex.quote(value)}"
        sys.stdout.write((powershell if os.name == "nt" else posix) + "\n")
    sys.stdout.flush()
    call.screen.note("Paste these lines into another terminal, then run: invoicesync sync")
    call.screen.note("Ctrl-C ends the sandbox.")
