"""systemd: a timer and a service of the user's own manager; a service alone for what stays.

Facts: systemd.timer(5), systemd.service(5), systemd.exec(5), "Quoting" in systemd.syntax(7).
"""

import getpass
import os
import re
from pathlib import Path

from invoicesync_cli.schedule.files import written
from invoicesync_cli.schedule.job import Job
from invoicesync_cli.schedule.scheduler import MADE_UP, Entry, call
from invoicesync_cli.schedule.timetable import Timetable

HEAD = "# Written by `invoicesync schedule install`, taken away by `invoicesync schedule remove`.\n"
NO_MANAGER = (
    "Without a systemd of your own, as under `su` and in containers, use cron: "
    "invoicesync schedule install --using cron"
)
CALENDAR = re.compile(r"^OnCalendar=\*-\*-\* ([0-9,]+|\*):([0-9,]+):00$", re.MULTILINE)


class Systemd:
    """A timer of the user's manager."""

    key = "systemd"
    title = "a systemd timer"

    @property
    def keyring(self) -> str:
        """Without a log-in nobody unlocks the keyring."""
        return "A run while you are not logged in does not reach the keyring." if _lingers() else ""

    def entry(self, job: Job, timetable: Timetable | None) -> Entry:
        """The two units; of a program that stays the service alone."""
        service, timer = _units(job.name)
        variables = "".join(
            f"Environment={_quoted(f'{name}={value}')}\n" for name, value in job.environment.items()
        )
        # systemd takes no program with a quote or a backslash in its name; `env` does.
        words = ["/usr/bin/env", *(_quoted(word).replace("$", "$$") for word in job.command)]
        started = f"{variables}ExecStart={' '.join(words)}\n"
        if timetable is None:
            return Entry(((str(service), _staying(job, started)),), None, stays=True)
        hours = ",".join(f"{hour:02}" for hour in timetable.hours) or "*"
        minutes = ",".join(f"{minute:02}" for minute in timetable.minutes)
        # 3: documents need a person, which is reported elsewhere. 8: another run is active.
        return Entry(
            (
                (
                    str(service),
                    f"{HEAD}[Unit]\nDescription={job.title}: Keap into the ledger\n\n"
                    f"[Service]\nType=oneshot\n{started}SuccessExitStatus=3 8\n",
                ),
                (
                    str(timer),
                    f"{HEAD}[Unit]\nDescription={job.title}: when to run\n\n"
                    f"[Timer]\nOnCalendar=*-*-* {hours}:{minutes}:00\nPersistent=true\n\n"
                    "[Install]\nWantedBy=timers.target\n",
                ),
            ),
            timetable,
        )

    def installed(self, name: str) -> Entry | None:
        """The units as they are, if the timer, or the service that stays, is enabled."""
        service, timer = _units(name)
        if service.exists() and _enabled(service).is_symlink():
            return Entry(((str(service), _read(service)),), None, stays=True)
        if not (service.exists() and timer.exists() and _enabled(timer).is_symlink()):
            return None
        files = tuple((str(unit), _read(unit)) for unit in (service, timer))
        times = CALENDAR.findall(files[1][1])
        if len(times) != 1:
            return Entry(files, None)
        hours, minutes = (
            tuple(int(part) for part in field.split(",") if part not in {"", "*"})
            for field in times[0]
        )
        return Entry(files, Timetable(minutes, hours))

    def install(self, name: str, entry: Entry) -> None:
        """Write, enable and start the timer, or the service that stays; the other one goes."""
        service, timer = _units(name)
        started, other = (service, timer) if entry.stays else (timer, service)
        with written(entry):
            for words in (("daemon-reload",), ("enable", started.name), ("restart", started.name)):
                call(self.key, "systemctl", "--user", *words, refusal=NO_MANAGER)
        if _enabled(other).is_symlink():
            self._disable(other)
            if entry.stays:
                timer.unlink(missing_ok=True)

    def remove(self, name: str) -> bool:
        """Stop and disable what is started, and delete the units."""
        service, timer = _units(name)
        there = [unit for unit in (service, timer) if unit.exists()]
        if not there:
            return False
        self._disable(timer if timer in there else service)
        for unit in there:
            unit.unlink(missing_ok=True)
        call(self.key, "systemctl", "--user", "daemon-reload", refusal=NO_MANAGER)
        return True

    def _disable(self, unit: Path) -> None:
        call(self.key, "systemctl", "--user", "disable", "--now", unit.name, refusal=NO_MANAGER)

    def notes(self, *, stays: bool = False) -> list[str]:
        """When the user's manager runs."""
        logged_in = "It runs while you are logged in. For always: loginctl enable-linger"
        return [*([] if _lingers() else [logged_in]), *([] if stays else [MADE_UP])]


def manager_runs() -> bool:
    """Whether the user has a systemd manager here, which has a socket then."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return Path(folder, "systemd", "private").exists()


def _lingers() -> bool:
    """Whether the user's manager runs without a log-in."""
    return Path("/var/lib/systemd/linger", getpass.getuser()).is_file()


def _units(name: str) -> tuple[Path, Path]:
    """The files of the service and of the timer."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    folder = Path(base, "systemd", "user")
    return folder / f"{name}.service", folder / f"{name}.timer"


def _enabled(unit: Path) -> Path:
    """The link that systemd has for an enabled timer, or service."""
    wanted_by = "timers.target" if unit.suffix == ".timer" else "default.target"
    return unit.parent / f"{wanted_by}.wants" / unit.name


def _read(unit: Path) -> str:
    return unit.read_text(encoding="utf-8", errors="replace")


def _staying(job: Job, started: str) -> str:
    """The service of a program that stays: started anew a minute after it has failed, unless only
    a person can help (2: wrong usage, 4: nobody is signed in, 5: the config)."""
    return (
        f"{HEAD}[Unit]\nDescription={job.title}: answers the QuickBooks Web Connector\n\n"
        f"[Service]\nType=exec\n{started}Restart=on-failure\nRestartSec=60\n"
        "RestartPreventExitStatus=2 4 5\n\n"
        "[Install]\nWantedBy=default.target\n"
    )


def _quoted(word: str) -> str:
    """A word in quotes; a `%` alone would be a specifier."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
