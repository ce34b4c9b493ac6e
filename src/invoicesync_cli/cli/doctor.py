"""`doctor`: everything that could stand in the way of a run, found at once."""

import textwrap
from typing import TYPE_CHECKING

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
WIDEST = 100
"""Columns of a line of text, however wide the terminal is."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(
        app,
        "doctor",
        help="Check the config and both services against each other.",
        epilog="Example, to see also what is as it should be: invoicesync doctor -v",
    )
    def _doctor(call: Call) -> Report:
        from invoicesync_cli.cli.progress import progress
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.doctor import examine

        workspace = Workspace()
        with progress(call) as show:
            found = examine(workspace.paths(call), workspace.network, workspace.environ, show)
        return Report(found.as_json(), lambda screen: _show(screen, found), found.exit_code)


def _show(screen: Screen, found: "Diagnosis") -> None:
    for area in found.areas:
        show_area(screen, area)
    if screen.quiet:
        return
    counts = {level: sum(one.level == level for one in found.findings) for level in STYLES}
    said = [f"{count} {name}{'s'[: count != 1]}" for name, count in counts.items() if count]
    missing = any(finding.code == "config-missing" for finding in found.findings)
    what_next = "Next: invoicesync init" if missing else NEXT[found.exit_code]
    screen.line(f"{', '.join(said) or 'Nothing to complain about'}. {what_next}")


def show_area(screen: Screen, area: "Area") -> None:
    """What was looked at, and the findings, each with its hint; with --quiet no more than needs a
    person."""
    worth = [one for one in area.findings if not screen.quiet or one.level != "hint"]
    if screen.quiet and not worth:
        return
    if worth:
        _paragraph(screen, f"{area.title}: {area.checked}", "  ", "bold")
    elif area.done:
        _paragraph(screen, f"{area.title}: ok. {area.checked}", "  ", "green")
    else:
        _paragraph(screen, f"{area.title}: {area.checked}", "  ", "yellow")
    for finding in worth:
        line = f", line {finding.line}" if finding.line else ""
        screen.line(f"  {finding.level}: {finding.where}{line}", style=STYLES[finding.level])
        _paragraph(screen, finding.message, "    ", first="    ")
        if finding.hint:
            _paragraph(screen, finding.hint, "      ", first="    > ")
    for detail in area.details if screen.verbose else ():
        _paragraph(screen, detail, "    ", first="  ")
    if worth:
        screen.line()


def _paragraph(screen: Screen, text: str, rest: str, style: str = "", first: str = "") -> None:
    """A text in lines of the terminal's width; words, paths and ids are left whole."""
    lines = textwrap.wrap(
        text,
        min(screen.out.width, WIDEST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        screen.line(line, style=style)
