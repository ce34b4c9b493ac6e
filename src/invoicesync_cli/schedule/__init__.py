"""Scheduled runs: the systems that start them, and the entry that each of them gets."""

import sys

from invoicesync_cli.schedule.cron import Cron
from invoicesync_cli.schedule.job import Job, job_name, job_of
from invoicesync_cli.schedule.launchd import Launchd
from invoicesync_cli.schedule.scheduler import Entry, Scheduler
from invoicesync_cli.schedule.systemd import Systemd, manager_runs
from invoicesync_cli.schedule.task_scheduler import TaskScheduler
from invoicesync_cli.schedule.timetable import Timetable, interval_of, spread, time_of

__all__ = [
    "SCHEDULERS",
    "Entry",
    "Job",
    "Scheduler",
    "Timetable",
    "found",
    "interval_of",
    "job_name",
    "job_of",
    "possible",
    "spread",
    "time_of",
]

SCHEDULERS: dict[str, Scheduler] = {
    one.key: one for one in (Cron(), Systemd(), Launchd(), TaskScheduler())
}
"""Every system by its word."""


def possible() -> list[Scheduler]:
    """The systems that this platform may have, the one to use first."""
    if sys.platform == "win32":
        keys = ["task-scheduler"]
    elif sys.platform == "darwin":
        keys = ["launchd", "cron"]
    else:
        keys = ["systemd", "cron"] if manager_runs() else ["cron", "systemd"]
    return [SCHEDULERS[key] for key in keys]


def found(name: str) -> tuple[Scheduler, Entry] | None:
    """Where the job of that name is installed, and its entry as it is there."""
    for one in possible():
        entry = one.installed(name)
        if entry:
            return one, entry
    return None
