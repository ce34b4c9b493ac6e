"""A system that starts programs at set times: what it does for us, and how its tools are asked."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Protocol

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.schedule.job import Job
from invoicesync_cli.schedule.timetable import Timetable

MADE_UP = "A run that was missed while the computer was off is made up for when it is on again."
PATIENCE = 30
"""Seconds that a system's tool may take to answer."""


@dataclass(frozen=True)
class Entry:
    """What stands, or would stand, with the system."""

    files: tuple[tuple[str, str], ...]
    """Each text with where it is: the path of a file, or `crontab`."""
    timetable: Timetable | None
    """None where somebody has changed the times into what we cannot read, or switched it off."""
    stays: bool = False
    """Whether it starts a program that stays, when the user logs in or the computer starts."""

    @property
    def text(self) -> str:
        """All of it; what is in several files with a line above each that names it."""
        if len(self.files) == 1:
            return self.files[0][1]
        return "\n".join(f"# {where}\n{text}" for where, text in self.files)


class Scheduler(Protocol):
    """A system that starts programs at set times. Entries are known by the name of their job."""

    key: str
    """Its word for `--using`."""
    title: str

    @property
    def keyring(self) -> str:
        """Which run of its does not reach the keyring, in a sentence; blank for none."""

    def entry(self, job: Job, timetable: Timetable | None) -> Entry:
        """The entry that would be installed; without times for a job that stays."""

    def installed(self, name: str) -> Entry | None:
        """The entry that is there; None for none, and where the system itself is missing."""

    def install(self, name: str, entry: Entry) -> None:
        """Put the entry in, in the place of an earlier one. Raises `ConfigError`."""

    def remove(self, name: str) -> bool:
        """Take the entry away, and nothing else; say if there was one. Raises `ConfigError`."""

    def notes(self, *, stays: bool = False) -> list[str]:
        """What its user has to know on this machine, and what becomes of missed runs."""


def call(using: str, *command: str, given: bytes = b"", refusal: str = "") -> bytes:
    """What a tool of the system prints.

    Raises `ConfigError` when it is missing, refuses (`refusal` is the hint then) or hangs.
    """
    tool = shutil.which(command[0])
    if tool is None:
        raise ConfigError(
            f"There is no {command[0]} on this machine.",
            hint="Install it, or see what to put in by hand: "
            f"invoicesync schedule show --using {using}",
            code="scheduler-missing",
        )
    try:
        ran = subprocess.run(  # noqa: S603 - what runs is one of the tools named in this package
            (tool, *command[1:]),
            input=given,
            capture_output=True,
            timeout=PATIENCE,
            # Their words are read, and shown, in one language.
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"{command[0]} did not answer within {PATIENCE} seconds.", code="scheduler-refused"
        ) from None
    if ran.returncode:
        said = (ran.stderr or ran.stdout).decode(errors="replace").strip()
        raise ConfigError(
            f"{command[0]} refused: {said or f'exit code {ran.returncode}'}",
            hint=refusal
            or f"See what to put in by hand: invoicesync schedule show --using {using}",
            code="scheduler-refused",
        )
    return ran.stdout
