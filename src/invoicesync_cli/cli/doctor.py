"""`doctor`: everything that could stand in the way of a run, found at once."""

from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import ExitCode

if TYPE_CHECKING:
    from invoicesync_cli.doctor import Area, Diagnosis

STYLES = {"error": "bold red", "warning": "yellow", "hint": "cyan"}
NEXT = {
    ExitCode.CONFIG: "Next: invoicesync config edit",
    ExitCode.SIGN_IN: "Next: invoicesync auth status",
    ExitCode.TRY_LATER: "Next, after a while: invoicesync doctor",
    ExitCode.OK: "Next: invoicesync sync --dry-run",
}
"""What to do next, by how it ends."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "doctor", help="Check the config and both services against each other.")
    def _doctor(
        call: Call,
        write_test: Annotated[
            bool,
            typer.Option(
                "--write-test",
                help="QuickBooks Desktop (preview): eight writes into a sample company file, read "
                "back and voided, to settle what is not known of it.",
            ),
        ] = False,
    ) -> Report:
        if write_test:
            from invoicesync_cli.cli.write_test import tested

            return tested(call)
        from invoicesync_cli.cli.progress import progress
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.doctor import examine

        workspace = Workspace()
        with progress(call) as show:
            found = examine(workspace.paths(call), workspace.network, workspace.environ, show)
        found = found.worded(call.for_profile)

        def text(screen: Screen) -> None:
            _show(screen, found, _next(found))

        return Report(found.as_json(), text, found.exit_code)


def _show(screen: Screen, found: "Diagnosis", what_next: str) -> None:
    for area in found.areas:
        show_area(screen, area)
    if not screen.quiet:
        counts = {level: sum(one.level == level for one in found.findings) for level in STYLES}
        said = [f"{count} {name}{'s'[: count != 1]}" for name, count in counts.items() if count]
        screen.line(f"{', '.join(said) or 'Nothing to complain about'}. {what_next}")


def _next(found: "Diagnosis") -> str:
    missing = any(finding.code == "config-missing" for finding in found.findings)
    return "Next: invoicesync init" if missing else NEXT[found.exit_code]


def show_area(screen: Screen, area: "Area") -> None:
    """What was looked at, and the findings, each with its hint; with --quiet no more than needs a
    person."""
    worth = [one for one in area.findings if not screen.quiet or one.level != "hint"]
    if screen.quiet and not worth:
        return
    well = "ok. " if area.done and not worth else ""
    style = "bold" if worth else "green" if area.done else "yellow"
    screen.line(f"{area.title}: {well}{area.checked}", style=style, hang=2)
    for finding in worth:
        line = f", line {finding.line}" if finding.line else ""
        screen.line(f"  {finding.level}: {finding.where}{line}", style=STYLES[finding.level])
        screen.line(f"    {finding.message}")
        if finding.hint:
            screen.line(f"    > {finding.hint}", hang=2)
    for detail in area.details if screen.verbose else ():
        screen.line(f"  {detail}", hang=2)
    if worth:
        screen.line()
