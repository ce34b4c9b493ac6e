"""launchd: an agent of the user's session on macOS.

Facts: launchd.plist(5) and launchctl(1).
"""

import contextlib
import itertools
import os
import plistlib
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.schedule.files import written
from invoicesync_cli.schedule.job import Job
from invoicesync_cli.schedule.scheduler import Entry, call
from invoicesync_cli.schedule.timetable import Timetable


class Launchd:
    """An agent of the user's."""

    key = "launchd"
    title = "launchd"
    keyring = ""

    def entry(self, job: Job, timetable: Timetable | None) -> Entry:
        """The property list."""
        agent: dict[str, Any] = {
            "Label": job.name,
            "ProgramArguments": list(job.command),
            "EnvironmentVariables": dict(job.environment),
            **(_when(timetable) if timetable else STAYING),
            "ProcessType": "Background",
            # launchd itself keeps nothing of what a program prints.
            "StandardOutPath": str(job.log),
            "StandardErrorPath": str(job.log),
        }
        text = plistlib.dumps(agent, sort_keys=False).decode().replace("\t", "  ")
        return Entry(((str(_file(job.name)), text),), timetable, stays=timetable is None)

    def installed(self, name: str) -> Entry | None:
        """The property list as it is."""
        path = _file(name)
        if not path.exists():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
        return Entry(((str(path), text),), _timetable(text), stays="<key>KeepAlive</key>" in text)

    def install(self, name: str, entry: Entry) -> None:
        """Write the property list and load it."""
        with written(entry):
            self._unload(name)
            call(self.key, "launchctl", "bootstrap", _session(), entry.files[0][0])

    def remove(self, name: str) -> bool:
        """Unload the agent and delete its property list."""
        path = _file(name)
        if not path.exists():
            return False
        self._unload(name)
        path.unlink()
        return True

    def notes(self, *, stays: bool = False) -> list[str]:
        """When agents run."""
        if stays:
            return ["It runs while you are logged in, and is started again when it has failed."]
        return [
            "It runs while you are logged in. What was missed while the computer was asleep is "
            "made up for when it wakes; what was missed while it was off is not, and the next run "
            "brings everything."
        ]

    def _unload(self, name: str) -> None:
        try:
            call(self.key, "launchctl", "bootout", f"{_session()}/{name}")
        except ConfigError as error:
            # It refuses what is not loaded.
            if error.code != "scheduler-refused":
                raise


def _session() -> str:
    # Windows has no such number, and no launchctl to ask for it.
    return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"


def _file(name: str) -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{name}.plist"


def _when(timetable: Timetable) -> dict[str, Any]:
    every_hour: tuple[int | None, ...] = (None,)
    times = itertools.product(timetable.hours or every_hour, timetable.minutes)
    return {
        "StartCalendarInterval": [
            {"Minute": minute} if hour is None else {"Hour": hour, "Minute": minute}
            for hour, minute in times
        ]
    }


def _timetable(text: str) -> Timetable | None:
    """The times of a property list of ours; None for others."""
    with contextlib.suppress(
        plistlib.InvalidFileException, ExpatError, KeyError, TypeError, ValueError
    ):
        times = plistlib.loads(text.encode())["StartCalendarInterval"]
        pairs = {(time.get("Hour"), time["Minute"]) for time in times if time.keys() <= KEYS}
        hours = tuple(sorted({hour for hour, _ in pairs if hour is not None}))
        minutes = tuple(sorted({minute for _, minute in pairs}))
        if pairs and len(pairs) == len(times) == len(minutes) * (len(hours) or 1):
            return Timetable(minutes, hours)
    return None


STAYING = {
    "RunAtLoad": True,
    "KeepAlive": {"SuccessfulExit": False},
    "ThrottleInterval": 60,
}
"""Started at log-in, and again a minute after it has failed; not after somebody has ended it."""
KEYS = {"Hour", "Minute"}
