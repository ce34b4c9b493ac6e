"""`demo` and `sandbox`: the whole job on simulated services."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from invoicesync_cli.cli.arguments import LedgerKey, To
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import UsageError
from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_sandbox.world import Sandbox

CompanyKind = Literal["uk", "us", "us-no-tax", "us-manual", "au"]
InvoiceStatus = Literal["draft", "submitted", "authorised"]
CompanyOption = Annotated[
    CompanyKind | None,
    typer.Option(help="Where the QuickBooks company is (uk); implies --to qbo."),
]


NEXT = (
    "Next, try every command yourself:   invoicesync sandbox",
    "      look into the demo's records:  invoicesync demo --keep",
    "      set it up for real:            invoicesync init",
)
"""What the demo ends with."""
KEPT = (
    "Then: invoicesync status, todo, log, report, or explain 1001 --offline",
    "Its shop and its books ended with it: sync, verify and whatever else asks them cannot go on "
    "from here.",
    "The same shop with fresh books, to work with: invoicesync sandbox",
)
"""What can and cannot be done with what the demo keeps."""


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "demo", help="The whole job on simulated services: no account, no network.")
    def _demo(
        call: Call,
        to: To = None,
        company: CompanyOption = None,
        keep: Annotated[
            bool, typer.Option("--keep", help="Keep the demo's config and state, and say where.")
        ] = False,
    ) -> Report:
        return _play(call, _scene(to, company), keep=keep)

    @command(app, "sandbox", help="Serve simulated services on this machine until Ctrl-C.")
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
        to: To = None,
        company: CompanyOption = None,
        status: Annotated[
            InvoiceStatus | None,
            typer.Option(help="Status of the invoices in Xero (draft), for a new config."),
        ] = None,
        sample: Annotated[
            bool,
            typer.Option(
                "--sample",
                help="QuickBooks Desktop has a sample file open, as doctor --write-test wants it.",
            ),
        ] = False,
    ) -> Report:
        scene = _scene(to, company, status or "draft")
        if sample and scene.to != "qbd":
            raise UsageError(
                "--sample is about the company file of QuickBooks Desktop.",
                hint="With it: invoicesync sandbox --to qbd --sample",
            )
        return _serve(call, scene, port, home, orders, sample=sample)


@dataclass(frozen=True)
class _Scene:
    """What is played: the ledger, the kind of company in QuickBooks, the status in Xero."""

    to: str
    company: CompanyKind
    status: InvoiceStatus

    @property
    def config(self) -> str:
        from invoicesync_sandbox.configs import DESKTOP, for_quickbooks, for_xero

        if self.to == "qbd":
            return DESKTOP
        return for_xero(self.status) if self.to == "xero" else for_quickbooks(self.company)

    def sign_in(self, workspace: "Workspace", call: Call, box: "Sandbox") -> None:
        """Sign in to QuickBooks, which has no way in without a person, unless somebody has."""
        from invoicesync_cli.load.qbd.rehearsed import sign_in_to_desktop
        from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo

        credentials = workspace.credentials(call)
        if self.to == "qbd" and credentials.kept("qbd") is None:
            sign_in_to_desktop(credentials, box.qbd.books.company_name)
        if self.to == "qbo" and credentials.kept("qbo") is None:
            realm = box.qbo.realm
            sign_in_to_qbo(credentials, realm, box.qbo.companies[realm], box.qbo.sign_in.grant)


def _scene(
    to: LedgerKey | None, company: CompanyKind | None, status: InvoiceStatus = "authorised"
) -> _Scene:
    if company is None:
        return _Scene(to or "xero", "us" if to == "qbd" else "uk", status)
    if to not in {None, "qbo"}:
        raise UsageError(
            f"A company in {company} is one of QuickBooks, and --to {to} is another ledger.",
            hint=f"Leave --to out, or: --to qbo --company {company}",
        )
    return _Scene("qbo", company, status)


def _play(call: Call, scene: _Scene, *, keep: bool) -> Report:
    import shutil
    import tempfile
    from pathlib import Path

    from invoicesync_cli.cli.sync import run
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.http.client import Network
    from invoicesync_cli.http.limits import Timing
    from invoicesync_cli.sync import Options
    from invoicesync_sandbox.world import INSIDE, Sandbox, environment

    call.config = call.profile = None
    home = Path(tempfile.mkdtemp(prefix="invoicesync-demo-"))
    try:
        box = Sandbox(company=scene.company)
        # Nobody has to wait for the limits of services that answer inside this process.
        clock = box.clock
        timing = Timing(lambda: clock.now().timestamp(), clock.advance, clock.now)
        network = Network(
            timing, apps=box.apps(), programs=box.programs(), recorder=call.recorder()
        )
        variables = environment(INSIDE, home, scene.config)
        workspace = Workspace(variables, network)
        scene.sign_in(workspace, call, box)
        report = run(call, Options(command="demo"), {}, workspace)
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
    show = report.text

    def text(screen: Screen) -> None:
        screen.line(
            f"A small shop in Keap and its books in {VENDORS[scene.to].product}, both simulated on "
            "this machine: every kind of order that the rules know. Nothing leaves this machine."
        )
        screen.line()
        show(screen)
        if report.exit_code:
            screen.note(
                "The held ones are there on purpose: the tool asks instead of guessing. "
                f"That is why this ends with exit code {int(report.exit_code)}."
            )
        if keep:
            screen.line(f"Kept: {home}")
            screen.note("Paste these lines into a terminal, to look into the demo's records:")
            screen.lines_to_copy("\n".join(_shell_lines(variables)))
            for step in KEPT:
                screen.note(step)
            return
        for step in NEXT:
            screen.note(step)

    report.text = text
    if keep:
        report.data |= {"home": str(home), "environment": variables}
    return report


def _serve(call: Call, scene: _Scene, port: int, home: str, orders: int, *, sample: bool) -> Report:
    import contextlib
    import tempfile
    import threading
    from pathlib import Path

    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.http.client import Network
    from invoicesync_sandbox.pages import site_of
    from invoicesync_sandbox.serve import serving
    from invoicesync_sandbox.world import Sandbox, environment

    if home and (Path(home) / "state.sqlite3").exists():
        call.screen.note(
            f"{home} has the records of an earlier sandbox or demo, whose books ended with it. "
            "They can be read (status, todo, log, report); to sync, name a new folder."
        )
    box = Sandbox(orders=orders, company=scene.company)
    box.qbd.books.sample = sample
    data: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        if home:
            folder = Path(home).absolute()
        else:
            made = tempfile.TemporaryDirectory(
                prefix="invoicesync-sandbox-", ignore_cleanup_errors=True
            )
            folder = Path(stack.enter_context(made))
        try:
            served: dict[str, Any] = {**box.served, "pages": site_of(box, scene.to)}
            roots = dict(stack.enter_context(serving(served, port)))
        except OSError as error:
            raise UsageError(
                f"--port: {error.strerror or error}.", hint="Choose another one."
            ) from None
        data["pages"] = roots.pop("pages") + "/"
        data["environment"] = environment(roots, folder, scene.config)
        try:
            scene.sign_in(Workspace(data["environment"], Network()), call, box)
            _announce(call, data, kept=bool(home))
            threading.Event().wait()
        except KeyboardInterrupt:
            call.screen.note("The sandbox is closed.")
    return Report(data, lambda _: None, printed=True)


def _announce(call: Call, data: dict[str, Any], *, kept: bool) -> None:
    """Print at once how to reach the sandbox: the environment, as lines that a shell takes over."""
    from invoicesync_cli.cli.report import envelope, write_json
    from invoicesync_cli.errors import ExitCode
    from invoicesync_sandbox.configs import CLIENT_ID
    from invoicesync_sandbox.world import API_KEY

    if call.json:
        write_json(envelope("sandbox", ExitCode.OK, data))
        sys.stdout.flush()
        return
    for line in _shell_lines(data["environment"]):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    call.screen.note("Paste these lines into another terminal, then run: invoicesync sync")
    call.screen.note(f"Look at the shop and the books, and change them: {data['pages']}")
    call.screen.note(
        "To rehearse the set-up too, name a new folder as INVOICESYNC_HOME, unset "
        f"INVOICESYNC_KEAP_API_KEY, and run: invoicesync init. When it asks: the key of Keap is "
        f"{API_KEY}, the client id of the apps {CLIENT_ID}."
    )
    end = (
        "its config and state can still be read"
        if kept
        else "config and state too; --home DIR keeps these two, to be read"
    )
    call.screen.note(f"Ctrl-C ends the sandbox, its shop and its books; {end}.")


def _shell_lines(variables: dict[str, str]) -> list[str]:
    """What sets these variables in the shells of this system."""
    import shlex

    posix = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    if os.name != "nt":
        return posix
    return [
        "# PowerShell",
        *(f'$env:{name} = "{value}"' for name, value in variables.items()),
        "rem cmd",
        *(f'set "{name}={value}"' for name, value in variables.items()),
        "# Git Bash",
        *posix,
    ]
