"""Task Scheduler: a task of the user's on Windows, by its XML.

Facts: Microsoft's "Task Scheduler Schema" (elements and their sequence) and "schtasks".
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.schedule.job import Job
from invoicesync_cli.schedule.scheduler import MADE_UP, Entry, call
from invoicesync_cli.schedule.timetable import DAY, EVEN, HOUR, UNITS, Timetable

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
FIRST_DAY = "2026-01-01"
"""A day in the past: a task runs from its first day on."""
START = re.compile(r"<StartBoundary>[0-9-]+T([0-9]{2}):([0-9]{2})")
SWITCHED_OFF = "<Enabled>false</Enabled>"
SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
}
REPEATED = re.compile(r"<Interval>PT([0-9]+)([MH])</Interval>")


class TaskScheduler:
    """A task of the user's."""

    key = "task-scheduler"
    title = "the Task Scheduler"
    keyring = ""

    def entry(self, job: Job, timetable: Timetable | None) -> Entry:
        """The task."""
        program, arguments = _windowless(job)
        task = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
        _add(task, "RegistrationInfo", {"Description": f"{job.title}: Keap into the ledger"})
        triggers = _add(task, "Triggers")
        if timetable:
            _calendar(triggers, timetable)
        else:
            who = _user().get("UserId")
            _add(triggers, "LogonTrigger", {"UserId": who} if who else {})
        principal = _add(_add(task, "Principals"), "Principal", _user())
        principal.set("id", "Author")
        settings = _add(task, "Settings", SETTINGS)
        if timetable is None:
            # By itself a task is ended after three days.
            _add(settings, "ExecutionTimeLimit").text = "PT0S"
            _add(settings, "RestartOnFailure", {"Interval": "PT1M", "Count": "255"})
        actions = _add(task, "Actions")
        actions.set("Context", "Author")
        _add(actions, "Exec", {"Command": program, "Arguments": arguments})
        ET.indent(task)
        text = '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(task, encoding="unicode")
        return Entry(((job.name, text),), timetable, stays=timetable is None)

    def installed(self, name: str) -> Entry | None:
        """The task as the system has it, with its times if it is switched on."""
        try:
            out = call(self.key, "schtasks", "/query", "/tn", name, "/xml")
        except ConfigError:
            return None
        text = out.decode("utf-16" if out.startswith(b"\xff\xfe") else "utf-8", "replace")
        stays = "<LogonTrigger" in text and SWITCHED_OFF not in text
        return Entry(((name, text),), _timetable(text), stays)

    def install(self, name: str, entry: Entry) -> None:
        """Register the task, in the place of an earlier one."""
        with tempfile.TemporaryDirectory(prefix="invoicesync-") as folder:
            file = Path(folder, "task.xml")
            file.write_text(entry.text, encoding="utf-16")
            call(self.key, "schtasks", "/create", "/tn", name, "/xml", str(file), "/f")
        if entry.stays:
            call(self.key, "schtasks", "/run", "/tn", name)

    def remove(self, name: str) -> bool:
        """Delete the task."""
        if self.installed(name) is None:
            return False
        call(self.key, "schtasks", "/delete", "/tn", name, "/f")
        return True

    def notes(self, *, stays: bool = False) -> list[str]:
        """When tasks of a user run."""
        logged_in = "It runs while you are logged in, also with the screen locked."
        return [logged_in, *([] if stays else [MADE_UP])]


def _add(parent: ET.Element, tag: str, children: dict[str, str] | None = None) -> ET.Element:
    """Add an element, with elements of text inside."""
    element = ET.SubElement(parent, tag)
    for name, text in (children or {}).items():
        ET.SubElement(element, name).text = text
    return element


def _calendar(triggers: ET.Element, timetable: Timetable) -> None:
    """Times of every day."""
    hours = timetable.hours or range(24)
    first = f"{FIRST_DAY}T{hours[0]:02}:{timetable.minutes[0]:02}:00"
    interval = DAY // (len(hours) * len(timetable.minutes))
    trigger = _add(triggers, "CalendarTrigger", {"StartBoundary": first})
    if interval < DAY:
        _add(trigger, "Repetition", {"Interval": f"PT{interval}M", "Duration": "P1D"})
    _add(trigger, "ScheduleByDay", {"DaysInterval": "1"})


def _user() -> dict[str, str]:
    """Who the task runs as: the user, with the session's own rights and stored credentials."""
    name, domain = os.environ.get("USERNAME", ""), os.environ.get("USERDOMAIN", "")
    user = f"{domain}\\{name}" if domain and name else name
    known = {"UserId": user} if user else {}
    return {**known, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"}


def _windowless(job: Job) -> tuple[str, str]:
    """The program and its arguments, in a line, for a start without a console window.

    An action has no environment of its own, and a `%NAME%` in it is replaced: what needs either is
    said in Python.
    """
    python = Path(sys.executable)
    without = python.with_name(python.name.replace("python", "pythonw", 1))
    program = str(without if without.exists() else python)
    if not job.environment and not any("%" in word for word in job.arguments):
        return program, subprocess.list2cmdline(("-m", "invoicesync_cli", *job.arguments))
    code = (
        f"import os; os.environ.update({dict(job.environment)!r}); "
        f"from invoicesync_cli.__main__ import main; raise SystemExit(main({[*job.arguments]!r}))"
    ).replace("%", r"\x25")
    return program, subprocess.list2cmdline(("-c", code))


def _timetable(text: str) -> Timetable | None:
    """The times of a task of ours that is switched on; None for others."""
    first = START.findall(text)
    if len(first) != 1 or SWITCHED_OFF in text:
        return None
    repeated = REPEATED.search(text)
    interval = int(repeated[1]) * UNITS[repeated[2].lower()] if repeated else DAY
    if interval not in EVEN:
        return None
    return Timetable.every(interval, int(first[0][0]) * HOUR + int(first[0][1]))
