"""This machine: the store of secrets, the files and their rights, and the schedule."""

import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from invoicesync_cli.auth.overview import needed
from invoicesync_cli.auth.stores import check, variable
from invoicesync_cli.config.sections import Notify
from invoicesync_cli.doctor.checkup import Checkup
from invoicesync_cli.doctor.findings import Area, Finding, of_error
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.schedule import Entry, Scheduler, found, job_name
from invoicesync_cli.vendors import VENDORS

HERE = "this machine"
SCHEDULE = "schedule"
SHARED = ("dropbox", "google drive", "onedrive", "icloud drive", "nextcloud")
"""Folders that are copied to other machines."""
OLD = timedelta(days=2)
"""How long ago the last run may be where runs are scheduled."""
WORD = re.compile(r"\"([^\"]+)\"|'([^']+)'|>([^<>]+)<|(?:^|(?<=[\s=]))([^\s\"'<>=]+)")
"""A word of an entry, with or without quotes, or the text of an XML element."""
PROGRAM = re.compile(r"(?:/|[A-Za-z]:\\)(?:.*[/\\])?(?:invoicesync|pythonw?[0-9.]*)(?:\.exe)?")
"""The path of a program that an entry starts: ours, or the Python that it runs in."""


def check_machine(checkup: Checkup) -> Area:
    """Secrets and files, and where requests go."""
    findings = [*_secrets(checkup), *_files(checkup), *_roots(checkup)]
    try:
        checked = f"secrets in {checkup.credentials.store.label}"
    except InvoiceSyncError:
        checked = "secrets from the environment"
    return Area("This machine", f"{checked}; the state file and who may read it", findings)


def check_schedule(checkup: Checkup) -> Area:
    """The entry that starts runs by itself."""
    title = "Schedule"
    there = found(job_name(checkup.credentials.paths))
    if there is None:
        return Area(title, "none", [_none(checkup.loaded.config.notify)])
    scheduler, entry = there
    findings = [*_entry(checkup, scheduler, entry), *_scheduled(checkup)]
    times = entry.timetable
    next_run = f", next run {times.next_after(checkup.now):%Y-%m-%d %H:%M} UTC" if times else ""
    next_run = ", which keeps `serve` running" if entry.stays else next_run
    return Area(title, f"by {scheduler.title}{next_run}", findings)


def _none(notify: Notify) -> Finding:
    """That nothing is scheduled, which whoever waits for mail or pings has to know."""
    message = "No runs are scheduled; `invoicesync sync` is run by hand."
    awaited = notify.email != "off" or bool(notify.ping_url)
    if awaited:
        message += " Mail and pings of [notify] only follow scheduled runs."
    return Finding(
        "not-scheduled",
        "warning" if awaited else "hint",
        SCHEDULE,
        message,
        "To have it done by itself: invoicesync schedule install",
    )


def _secrets(checkup: Checkup) -> Iterator[Finding]:
    """Whether the store can be used. Where the environment brings everything, nobody needs one."""
    credentials = checkup.credentials
    try:
        if all(credentials.from_environment(service) for service in needed(credentials)):
            return
        if credentials.config.auth.storage == "keyring":
            check(credentials.store)
        if "PLAIN TEXT" in credentials.store.label:
            yield Finding(
                "keyring-plain",
                "warning",
                "auth.storage",
                f"Secrets are not encrypted: {credentials.store.label}.",
                "Install a keyring that encrypts, or keep them in files that only you can read: "
                'auth.storage = "file"',
                line=checkup.loaded.line("auth.storage"),
            )
    except InvoiceSyncError as error:
        said = {one.code for one in (*checkup.keap.problems, *checkup.books.problems)}
        if error.code not in said:
            yield from of_error(error, "auth.storage")


def _files(checkup: Checkup) -> Iterator[Finding]:
    """Files that others can read, and a state that is copied to other machines."""
    paths = checkup.credentials.paths
    private = [paths.state, paths.secrets]
    private += sorted(paths.secrets.glob("*")) if paths.secrets.is_dir() else []
    open_to_others = [path for path in private if _readable(path)]
    if open_to_others:
        names = " ".join(f'"{path}"' for path in open_to_others)
        yield Finding(
            "file-readable",
            "warning",
            HERE,
            f"Others on this machine can read {names}.",
            f"Let only yourself read it: chmod go= {names}",
        )
    shared = [part for part in paths.state.parts if part.casefold().startswith(SHARED)]
    if shared:
        yield Finding(
            "state-shared",
            "warning",
            HERE,
            f"The state file is in {shared[0]}, which copies it to other machines: {paths.state}.",
            "Move it to a folder of this machine alone. Two machines with one state may book "
            "twice, and a copy made in the middle of a run is damaged.",
        )


def _readable(path: Path) -> bool:
    """Whether others than the owner can do anything with it; Windows has no such bits."""
    if os.name == "nt" or not path.exists():
        return False
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _roots(checkup: Checkup) -> Iterator[Finding]:
    """Services that a sandbox stands in for."""
    places = [checkup.credentials.where(service) for service in needed(checkup.credentials)]
    roots = {VENDORS[where.vendor].variable: where.root for where in places if where.root}
    if roots:
        yield Finding(
            "root-set",
            "hint",
            HERE,
            f"All requests go to {' and '.join(roots.values())}, not to the real services.",
            f"That is right for a rehearsal. Else unset {' and '.join(roots)}.",
        )


def _entry(checkup: Checkup, scheduler: Scheduler, entry: Entry) -> Iterator[Finding]:
    """Whether the entry can do what it is for."""
    install = "Put it in again: invoicesync schedule install"
    words = ("".join(found) for found in WORD.findall(entry.text))
    missing = [word for word in words if PROGRAM.fullmatch(word) and not Path(word).exists()]
    if missing:
        yield Finding(
            "program-missing",
            "warning",
            SCHEDULE,
            f"The entry of {scheduler.title} starts {missing[0]}, which does not exist any more.",
            install,
        )
    if entry.timetable is None and not entry.stays:
        yield Finding(
            "schedule-unclear",
            "warning",
            SCHEDULE,
            f"The entry of {scheduler.title} was changed or switched off: no next run is known.",
            install,
        )
    config, services = checkup.loaded.config, needed(checkup.credentials)
    if config.auth.storage == "keyring" and scheduler.keyring:
        yield Finding(
            "keyring-unreached",
            "warning",
            "auth.storage",
            scheduler.keyring,
            'Set auth.storage = "file", then sign in again.',
            line=checkup.loaded.line("auth.storage"),
        )
    secrets = [
        variable(VENDORS[service].secret(direct.secret))
        for service in services
        if (direct := VENDORS[service].direct) and checkup.credentials.from_environment(service)
    ]
    if secrets:
        yield Finding(
            "secret-unscheduled",
            "warning",
            SCHEDULE,
            f"Scheduled runs do not have {' and '.join(secrets)}, by which you are signed in here.",
            "Unset it and sign in, so that the secret is stored: invoicesync auth status",
        )


def _scheduled(checkup: Checkup) -> Iterator[Finding]:
    """Whether runs do anything, and are made at all."""
    if checkup.state.is_paused():
        message = "Scheduled runs are paused: they do nothing."
        hint = "To go on: invoicesync resume"
        yield Finding("paused", "warning", SCHEDULE, message, hint)
        return
    last = checkup.state.history.last_run()
    ago = checkup.now - datetime.fromisoformat(last["at"]) if last else timedelta(0)
    if ago > OLD:
        yield Finding(
            "no-runs",
            "warning",
            SCHEDULE,
            f"The last run was {ago.days} days ago, though runs are scheduled.",
            "See what the entry is: invoicesync schedule show",
        )
