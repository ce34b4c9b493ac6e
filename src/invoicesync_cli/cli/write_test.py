"""`doctor --write-test`: runs the test of the ledger that the config names, and shows it."""

from typing import TYPE_CHECKING

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from invoicesync_cli.load.qbd.write_test.results import OneWrite, OpenQuestion, WriteTest


def tested(call: Call) -> Report:
    """The report of a write test. Raises `UsageError` for a ledger that has none."""
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.load import registry
    from invoicesync_cli.lock import only_run
    from invoicesync_cli.state import Store
    from invoicesync_cli.vendors import VENDORS

    workspace = Workspace()
    loaded, paths = workspace.config(call, complete=False), workspace.paths(call)
    ledger = VENDORS[loaded.config.sync.destination]
    if not ledger.write_test:
        raise UsageError(
            f"--write-test is for QuickBooks Desktop only: about {ledger.title} nothing is open "
            "that would have to be tried by writing.",
            hint="Nothing was written. Everything else is checked by: invoicesync doctor",
        )
    call.acts = True
    with only_run(paths.lock), progress(call) as shown, Store.read(paths.state) as state:
        pins = Pins(state)
        credentials = workspace.credentials(call, loaded, state)
        pins.check_root(credentials.where(ledger.key))
        try:
            found = registry.write_test(
                credentials,
                paths.state.parent,
                lambda account: pins.check_books(ledger.key, account),
                shown,
            )
        except KeyboardInterrupt:
            raise Interrupted(
                "What the write test has written is on a customer of its own in the company file. "
                "The same command takes that back first, and begins anew."
            ) from None
    data = {"findings": [], "checked": [], "calls": {"keap": 0, "ledger": found.calls}}
    return Report(
        {**data, "write_test": found.as_json()},
        lambda screen: _show(screen, found),
        found.exit_code,
    )


def _show(screen: Screen, found: "WriteTest") -> None:
    screen.line(f"{found.company}, {found.product}: all of it on the customer {found.customer}.")
    if found.earlier:
        screen.line(f"Taken back first, left by an earlier test: {_counted(found.earlier)}.")
    screen.line()
    for write in found.writes:
        _show_write(screen, write)
    screen.line("Afterwards", style="bold")
    for finding in found.afterwards:
        _show_finding(screen, finding)
    screen.line()
    screen.line(f"Taken back: {_counted(found.taken_back)}, and the customer is out of use.")
    for one in found.left:
        screen.line(f"Left, to be voided by hand: {one}", style="bold red", hang=2)
    screen.line(f"All messages, without a password: {found.file}")
    screen.note("Please send this file in: it settles what docs/desktop.md says is open.")


def _show_write(screen: Screen, write: "OneWrite") -> None:
    took = f" ({write.seconds:.2f} s)" if write.seconds else ""
    screen.line(f"{write.number}. {write.what}: {write.outcome.replace('-', ' ')}{took}", hang=3)
    if write.words:
        screen.line(f"   {write.words}", hang=3)
    for finding in write.findings:
        _show_finding(screen, finding)
    screen.line()


def _show_finding(screen: Screen, finding: "OpenQuestion") -> None:
    found = " ".join(finding.found.split()).rstrip(".")
    if not finding.settled:
        screen.line(f"   {finding.question}: not tried, {found}.", style="yellow", hang=5)
    elif finding.counted_on:
        screen.line(f"   {finding.question}: {found}.", hang=5)
    else:
        screen.line(
            f"   {finding.question}: {found}. invoicesync counts on something else.",
            style="bold red",
            hang=5,
        )


def _counted(count: int) -> str:
    return f"{count} transaction{'' if count == 1 else 's'}"
