"""cron: one line of the user's crontab, marked at its end; the other lines stay as they are.

Facts: crontab(5) of Debian's cron, and what it was seen to do with backslashes.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.schedule.job import Job
from invoicesync_cli.schedule.scheduler import Entry, call
from invoicesync_cli.schedule.timetable import Timetable

START_IT = (
    "cron starts it when the computer starts next, and does not start it again when it has ended. "
    "For now, start it yourself: invoicesync serve"
)
DAEMONS = {"cron", "crond", "fcron", "dcron", "bcron-sched", "anacron"}
AT_START = "@reboot"
FIELD = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


class Cron:
    """The user's crontab."""

    key = "cron"
    title = "cron"
    keyring = "A run that cron starts does not reach the keyring."

    def entry(self, job: Job, timetable: Timetable | None) -> Entry:
        """The line."""
        variables = [f"{name}={value}" for name, value in job.environment.items()]
        # Not by the shell's own A=b: the crontab may name another shell.
        words = (*(("/usr/bin/env", *variables) if variables else ()), *job.command)
        command = f"{' '.join(map(_quoted, words))} {_marker(job.name)}"
        if timetable is None:
            return Entry((("crontab", f"{AT_START} {command}"),), None, stays=True)
        minutes = _field(timetable.minutes, 60)
        hours = _field(timetable.hours or range(24), 24)
        return Entry((("crontab", f"{minutes} {hours} * * * {command}"),), timetable)

    def installed(self, name: str) -> Entry | None:
        """Our line of the crontab, unless it is commented out."""
        try:
            lines = _read().splitlines()
        except ConfigError:
            return None
        for line in lines:
            if _is_ours(line, name) and not line.startswith(b"#"):
                text = line.decode(errors="replace")
                stays = text.startswith(f"{AT_START} ")
                return Entry((("crontab", text),), _timetable(text), stays)
        return None

    def install(self, name: str, entry: Entry) -> None:
        """Write our line where an earlier one was, else at the end."""
        line = entry.text.encode() + b"\n"
        lines = _read().splitlines(keepends=True)
        ours = [number for number, text in enumerate(lines) if _is_ours(text, name)]
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        for number in reversed(ours[1:]):
            del lines[number]
        if ours:
            lines[ours[0]] = line
        else:
            lines.append(line)
        call(self.key, "crontab", "-", given=b"".join(lines))

    def remove(self, name: str) -> bool:
        """Write the crontab without our line; one with nothing else in it goes."""
        lines = _read().splitlines(keepends=True)
        others = [line for line in lines if not _is_ours(line, name)]
        if others == lines:
            return False
        if others:
            call(self.key, "crontab", "-", given=b"".join(others))
        else:
            call(self.key, "crontab", "-r")
        return True

    def notes(self, *, stays: bool = False) -> list[str]:
        """That cron makes up for nothing, and whether it is there at all."""
        running = {_text(file) for file in Path("/proc").glob("[0-9]*/comm")}
        idle = running and not running & DAEMONS
        return [
            *(
                ["No cron runs on this machine now; until it does, nothing is started."]
                if idle
                else []
            ),
            START_IT
            if stays
            else "cron does not make up for runs that were missed while the computer was off. "
            "Nothing is lost by that: the next run brings everything.",
        ]


def _read() -> bytes:
    """The user's crontab; blank for none. Raises `ConfigError`."""
    try:
        return call(Cron.key, "crontab", "-l")
    except ConfigError as error:
        if "no crontab for" in error.message or "can't open" in error.message:
            return b""
        raise


def _marker(name: str) -> str:
    """What a line of ours ends with: a comment for the shell."""
    return f"# {name}"


def _is_ours(line: bytes, name: str) -> bool:
    return line.rstrip().endswith(f" {_marker(name)}".encode())


def _quoted(word: str) -> str:
    """A word for a shell, once cron has read it.

    To cron a `%` without a backslash before it ends the command, and two backslashes are one.
    """
    quoted = r"\%".join(shlex.quote(part) if part else "" for part in word.split("%")) or "''"
    return re.sub(r"\\(?=\\)", r"\\''", quoted)


def _field(numbers: Sequence[int], end: int) -> str:
    return "*" if len(numbers) == end else ",".join(map(str, numbers))


def _timetable(line: str) -> Timetable | None:
    """The times of a line, also of one that was edited; None where it is not of every day."""
    minute, hour, *days = line.split()[:5]
    minutes, hours = _numbers(minute, 60), _numbers(hour, 24)
    if days != ["*"] * 3 or not minutes or not hours:
        return None
    return Timetable(minutes, () if len(hours) == 24 else hours)


def _numbers(field: str, end: int) -> tuple[int, ...]:
    """The numbers that a field stands for; none where it cannot be read."""
    numbers: set[int] = set()
    for part in field.split(","):
        found = FIELD.fullmatch(part)
        if not found:
            return ()
        first, last, step = found.groups()
        until = end - 1 if first is None or (step and not last) else int(last or first)
        numbers.update(range(int(first or 0), until + 1, int(step or 1) or end))
    return tuple(sorted(numbers))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        # The process has ended since.
        return ""
