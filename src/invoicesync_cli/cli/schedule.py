"""`schedule`: the entry that starts `sync --scheduled` again and again, or `serve` once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from invoicesync_cli.cli.command import Call, command, group
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.tables import local
from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.vendors import KEAP, VENDORS

if TYPE_CHECKING:
    from datetime import datetime

    from invoicesync_cli.config import Config
    from invoicesync_cli.paths import Paths
    from invoicesync_cli.schedule import Entry, Job, Scheduler, Timetable
    from invoicesync_cli.state import Store

USUAL = "30m"
OFTEN = 10
"""Minutes between two runs below which they use up many of a day's calls."""
MANY_CALLS = (
    "Every run asks both services, also when there is nothing new, and they allow so many calls a "
    "day. Look now and then what is left: invoicesync status"
)
AFTERWARDS = "How the last run went: invoicesync status. What needs you: invoicesync todo"
REMOVING = "To take the entry away again: invoicesync schedule remove"

Every = Annotated[
    str, typer.Option("--every", metavar="TIME", help="How often: 15m, 30m (usual), 1h, 6h, 1d.")
]
At = Annotated[
    str, typer.Option("--at", metavar="HH:MM", help="A time at which one of the runs is.")
]
Using = Annotated[
    Literal["cron", "systemd", "launchd", "task-scheduler"] | None,
    typer.Option("--using", help="Which system starts it; by default the one that fits here."),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    schedule = group("Run `sync` by itself, by the system's own schedule.")
    app.add_typer(schedule, name="schedule")

    @command(schedule, "schedule show", help="The entry that is or would be installed.")
    def _show(call: Call, every: Every = "", at: At = "", using: Using = None) -> Report:
        from invoicesync_cli.schedule import SCHEDULERS, found, possible

        job = _job(call)
        if every or at:
            there = None
        else:
            entry = SCHEDULERS[using].installed(job.name) if using else None
            there = (SCHEDULERS[using], entry) if using and entry else None
            there = there or (None if using else found(job.name))
        if there:
            scheduler, shown = there
        else:
            scheduler = SCHEDULERS[using] if using else possible()[0]
            shown = scheduler.entry(job, _timetable(job, every, at))
        return _report(call, job, scheduler, shown, installed=bool(there))

    @command(schedule, "schedule install", help="Put the entry in, or in the place of an old one.")
    def _install(call: Call, every: Every = "", at: At = "", using: Using = None) -> Report:
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.schedule import SCHEDULERS, interval_of, possible

        config = Workspace().config(call, complete=False).config
        job = _job(call)
        scheduler = SCHEDULERS[using] if using else possible()[0]
        entry = scheduler.entry(job, _timetable(job, every, at))
        scheduler.install(job.name, entry)
        for other in possible():
            if other is not scheduler and other.installed(job.name):
                other.remove(job.name)
        report = _report(call, job, scheduler, entry, installed=True)
        report.messages += _warnings(call, job, scheduler, config)
        if not job.stays and interval_of(every or USUAL) < OFTEN:
            report.messages.append(MANY_CALLS)
        return report

    @command(schedule, "schedule remove", help="Take our entry away, and nothing else.")
    def _remove(call: Call, using: Using = None) -> Report:
        from invoicesync_cli.schedule import SCHEDULERS, possible

        name = _job(call).name
        if using:
            removed = [SCHEDULERS[using]] if SCHEDULERS[using].remove(name) else []
        else:
            removed = [one for one in possible() if one.installed(name) and one.remove(name)]
        titles = " and ".join(one.title for one in removed)
        said = f"Removed from {titles}." if removed else "There was no entry of this profile."
        return Report(
            {"installed": False, "removed": [one.key for one in removed]},
            lambda screen: screen.line(said),
        )


def next_run(call: Call) -> "datetime | None":
    """When the entry that is installed for this profile starts the next run; None for none."""
    from datetime import UTC, datetime

    entry = _installed(call)
    times = entry.timetable if entry else None
    return times.next_after(datetime.now(UTC)) if times else None


def serves(call: Call) -> bool:
    """Whether the entry that is installed for this profile starts `serve`."""
    entry = _installed(call)
    return bool(entry and entry.stays)


def _installed(call: Call) -> "Entry | None":
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.schedule import found, job_name

    there = found(job_name(Workspace().paths(call)))
    return there[1] if there else None


def _job(call: Call) -> "Job":
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.schedule import job_of

    workspace = Workspace()
    paths = workspace.paths(call)
    named = bool(call.config or workspace.environ.get("INVOICESYNC_CONFIG"))
    return job_of(paths, workspace.environ, config_named=named, stays=_stays(paths))


def _stays(paths: "Paths") -> bool:
    """Whether the ledger comes and asks, by what of the config can be read."""
    from invoicesync_cli.config import usable

    try:
        config, _ = usable(paths.config)
    except ConfigError:
        return False
    return config.vendor(config.sync.destination).polled


def _timetable(job: "Job", every: str, at: str) -> "Timetable | None":
    from invoicesync_cli.schedule import Timetable, interval_of, spread, time_of

    if job.stays:
        if every or at:
            raise UsageError(
                "--every and --at do not go with the Web Connector: it comes when it wants to.",
                hint="How often is set by qbd.every, and in the window of the Web Connector.",
            )
        return None
    every = every or USUAL
    interval = interval_of(every)
    return Timetable.every(interval, time_of(at) if at else spread(job.name, interval))


def _report(
    call: Call, job: "Job", scheduler: "Scheduler", entry: "Entry", *, installed: bool
) -> Report:
    from invoicesync_cli.state.history import stamp

    times = entry.timetable
    due = next_run(call) if installed else None
    interval = times.interval if times else ""
    data: dict[str, Any] = {
        "installed": installed,
        "using": scheduler.key,
        "every": interval,
        "next_run": stamp(due) if due else None,
        "entry": entry.text,
        "files": [{"path": where, "text": text} for where, text in entry.files],
        "command": list(job.command),
        "stays": entry.stays,
        "environment": dict(job.environment),
    }

    def text(screen: Screen) -> None:
        how = f"{scheduler.title}, {f'every {interval}' if interval else 'at times of your own'}"
        after = f"Next run: {local(data['next_run'])}" if due else "No next run is known."
        if entry.stays:
            how = f"{scheduler.title}, as a program that keeps running"
            after = "A run begins whenever the Web Connector comes and one is due."
        screen.line(
            f"Installed with {how}. {after}"
            if installed
            else f"Not installed. With {how}, it would be:"
        )
        screen.line()
        screen.lines_to_copy(entry.text)
        if installed:
            screen.note(AFTERWARDS)
            screen.note(REMOVING)

    return Report(data, text)


def _warnings(call: Call, job: "Job", scheduler: "Scheduler", config: "Config") -> list[str]:
    """What whoever installs an entry has to know of it."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config import problems_of
    from invoicesync_cli.state import Store

    paths = Workspace().paths(call)
    said = scheduler.notes(stays=job.stays)
    if problems_of(paths.config):
        said.append("The config is not finished, and no run gets further: invoicesync config check")
    if config.auth.storage == "keyring" and scheduler.keyring:
        said.append(
            f'{scheduler.keyring} Set auth.storage = "file" in the config, then sign in again: '
            f"invoicesync auth keap, invoicesync auth {config.sync.destination}"
        )
    with Store.read(paths.state) as state:
        said += _lacking(call, job, state)
        if state.is_paused():
            said.append("Scheduled runs are paused, until: invoicesync resume")
    in_use = [VENDORS[key].variable for key in (KEAP.key, config.sync.destination)]
    roots = dict.fromkeys(filter(None, map(job.environment.get, in_use)))
    if roots:
        said.append(f"Scheduled runs go to what stands in for the services now: {', '.join(roots)}")
    if {part.lower() for part in Path(job.program[0]).parts} & {"cache", ".cache"}:
        said.append(
            f"{job.program[0]} is in a cache that may be emptied. Install invoicesync for good, "
            "and run this again."
        )
    return said


def _lacking(call: Call, job: "Job", state: "Store") -> list[str]:
    """What a run is without because no entry may contain a secret."""
    from invoicesync_cli.auth import Pins, connections, variables
    from invoicesync_cli.auth.stores import variable
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.errors import InvoiceSyncError
    from invoicesync_cli.notify.mail import SECRET, smtp_password
    from invoicesync_cli.schedule.job import NETWORK

    workspace = Workspace()
    environ = {n: value for n, value in workspace.environ.items() if n not in job.left_out}
    credentials = Workspace(environ, workspace.network).credentials(call, None, state)
    said, lacking, stored = [], set(NETWORK), set[str]()
    for service, found in connections(credentials, Pins(state)).items():
        (stored if found["signed_in"] else lacking).update(variables(credentials, service))
        if not found["signed_in"]:
            title = VENDORS[service].title
            said.append(f"A scheduled run is not signed in to {title}: invoicesync auth {service}")
    if credentials.config.notify.email != "off":
        try:
            stored |= {variable(SECRET)} if smtp_password(credentials) else set()
        except InvoiceSyncError as error:
            said.append(f"A scheduled run cannot send mail. {error.message} {error.hint}")
            lacking.add(variable(SECRET))
    if missed := [name for name in job.left_out if name in lacking]:
        said.append(
            "No entry may contain a secret. Scheduled runs are without what these variables bring "
            f"here; unset them before you sign in: {', '.join(missed)}"
        )
    if kept := [name for name in job.left_out if name in stored]:
        said.append(
            "Scheduled runs use what is stored here, not these variables, which no entry may "
            f"contain: {', '.join(kept)}. There is nothing to do while both are the same."
        )
    return said
