"""The entries of `schedule` as each system reads them, by its own checker where it is there."""

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invoicesync_cli.schedule import SCHEDULERS, Entry, Job, Timetable, spread
from invoicesync_cli.schedule.timetable import EVEN
from tests.kits.schedulers import FakeTools

ANALYZE, PLUTIL, UNSHARE = (shutil.which(x) or "" for x in ("systemd-analyze", "plutil", "unshare"))
DAY = 24 * 60
ODD = "it's 50% of 'größe' $HOME ${X} \\ \\\\ a"
JOB = Job(
    name="invoicesync-second-0a1b2c3d",
    title="invoicesync (profile second)",
    program=("/opt/in voice/invoicesync",),
    arguments=("--config", f"/home/{ODD}/config.toml", "sync", "--scheduled"),
    environment={"INVOICESYNC_HOME": f"/home/{ODD}"},
    left_out=(),
    log=Path("/home/log"),
)
STAYS = Job(**{**vars(JOB), "arguments": ("--profile", "second", "serve"), "stays": True})
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
PRIVATE = """
mount -t tmpfs -o mode=1730 tmpfs /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
printf '%s' "$BEFORE" | crontab -
crontab -l >before
$PYTHON -m invoicesync_cli schedule install --using cron --every 1h --json >installed
$PYTHON -m invoicesync_cli schedule install --using cron --every 2h --json >again
crontab -l >during
$PYTHON -m invoicesync_cli schedule remove --using cron --json >removed
crontab -l >after
"""


def of_cron(entry: Entry) -> set[int]:
    """The minutes of the day of a crontab's line."""
    minutes, hours = entry.text.split()[:2]
    return {
        hour * 60 + minute
        for hour in (range(24) if hours == "*" else map(int, hours.split(",")))
        for minute in (range(60) if minutes == "*" else map(int, minutes.split(",")))
    }


def of_launchd(entry: Entry) -> set[int]:
    """The minutes of the day of a property list."""
    return {
        hour * 60 + time["Minute"]
        for time in plistlib.loads(entry.text.encode())["StartCalendarInterval"]
        for hour in ([time["Hour"]] if "Hour" in time else range(24))
    }


def of_task_scheduler(entry: Entry) -> set[int]:
    """The minutes of the day of a task."""
    trigger = ET.fromstring(entry.text).find(f".//{TASK}CalendarTrigger")  # noqa: S314 - ours
    assert trigger is not None
    assert trigger.findtext(f"{TASK}ScheduleByDay/{TASK}DaysInterval") == "1"
    first = datetime.fromisoformat(trigger.findtext(f"{TASK}StartBoundary") or "")
    assert first < datetime.now()  # noqa: DTZ005 - a task's times are local
    interval = trigger.findtext(f"{TASK}Repetition/{TASK}Interval")
    repeated = int((interval or f"PT{DAY}M").removeprefix("PT").removesuffix("M"))
    return set(range(first.hour * 60 + first.minute, DAY, repeated))


READERS: dict[str, Callable[[Entry], set[int]]] = {
    "cron": of_cron,
    "launchd": of_launchd,
    "task-scheduler": of_task_scheduler,
}


@pytest.mark.parametrize("using", READERS)
def test_runs_are_evenly_apart_all_day(using: str) -> None:
    for interval in EVEN:
        entry = SCHEDULERS[using].entry(JOB, Timetable.every(interval, 7))

        assert READERS[using](entry) == set(range(7 % interval, DAY, interval))


@pytest.mark.skipif(sys.platform == "win32", reason="the fake tools are shell scripts")
@pytest.mark.parametrize("using", SCHEDULERS)
def test_what_is_installed_says_when_it_runs(tools: FakeTools, using: str) -> None:
    one = SCHEDULERS[using]
    for interval in EVEN:
        times = Timetable.every(interval, 7)
        one.install(JOB.name, one.entry(JOB, times))

        there = one.installed(JOB.name)
        assert there
        assert there.timetable == times


def test_runs_keep_away_from_when_everybody_runs_and_stay_where_they_are() -> None:
    for interval in EVEN[1:]:
        firsts = [spread(f"invoicesync-{number}", interval) for number in range(100)]
        distances = {
            min(minute % 30, 30 - minute % 30)
            for first in firsts
            for minute in Timetable.every(interval, first).minutes
        }

        assert min(distances) >= (2 if interval > 4 else 1)
        assert firsts == [spread(f"invoicesync-{number}", interval) for number in range(100)]
        assert len(set(firsts)) > 1 or interval < 4


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
def test_systemd_reads_the_same_times() -> None:
    now = datetime.now(UTC)
    tables = [Timetable.every(interval, 7) for interval in EVEN]
    entries = [SCHEDULERS["systemd"].entry(JOB, times) for times in tables]
    calendars = [
        line.removeprefix("OnCalendar=")
        for entry in entries
        for line in entry.files[1][1].splitlines()
        if line.startswith("OnCalendar=")
    ]

    out = subprocess.run(
        [ANALYZE, "calendar", f"--base-time={now:%Y-%m-%d %H:%M:%S} UTC", *calendars],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    said = [line.split(":", 1)[1].strip() for line in out.splitlines() if "Next elapse" in line]
    due = [times.next_after(now) or now for times in tables]
    expected = [f"{moment.astimezone():%a %Y-%m-%d %H:%M:%S}" for moment in due]
    assert [line.rsplit(" ", 1)[0] for line in said] == expected


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for where, text in SCHEDULERS["systemd"].entry(JOB, Timetable.every(30, 7)).files:
        (tmp_path / Path(where).name).write_text(text, encoding="utf-8")

    ran = subprocess.run(
        [ANALYZE, "verify", "--user", *map(str, tmp_path.glob("invoicesync-*"))],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_systemd_gets_every_word_as_it_is() -> None:
    service, timer = (text for _, text in SCHEDULERS["systemd"].entry(JOB, Timetable((7,))).files)

    odd = "it's 50%% of 'größe' $HOME ${X} \\\\ \\\\\\\\ a"
    in_arguments = odd.replace("$", "$$")
    assert f'Environment="INVOICESYNC_HOME=/home/{odd}"\n' in service
    assert (
        'ExecStart=/usr/bin/env "/opt/in voice/invoicesync" "--config" '
        f'"/home/{in_arguments}/config.toml" "sync" "--scheduled"\n'
    ) in service
    assert "Persistent=true\n" in timer


def test_launchd_gets_every_word_as_it_is() -> None:
    text = SCHEDULERS["launchd"].entry(JOB, Timetable((7,))).text
    agent = plistlib.loads(text.encode())

    assert agent["Label"] == JOB.name
    assert agent["ProgramArguments"] == list(JOB.command)
    assert agent["EnvironmentVariables"] == JOB.environment
    if PLUTIL:
        subprocess.run([PLUTIL, "-lint", "-"], input=text.encode(), check=True)


def test_a_task_is_as_microsofts_schema_has_it() -> None:
    """Sequences count in it: of a trigger, StartBoundary, Repetition and ScheduleByDay."""
    text = SCHEDULERS["task-scheduler"].entry(JOB, Timetable.every(30, 7)).text
    task = ET.fromstring(text)  # noqa: S314 - ours

    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\n')
    assert ET.fromstring(text.encode("utf-16")).tag == f"{TASK}Task"  # noqa: S314 - ours
    assert [child.tag.removeprefix(TASK) for child in task] == [
        "RegistrationInfo",
        "Triggers",
        "Principals",
        "Settings",
        "Actions",
    ]
    trigger = task.find(f"{TASK}Triggers/{TASK}CalendarTrigger") or ()
    assert [child.tag.removeprefix(TASK) for child in trigger] == [
        "StartBoundary",
        "Repetition",
        "ScheduleByDay",
    ]
    settings = f"{TASK}Settings/{TASK}"
    assert task.findtext(f"{settings}MultipleInstancesPolicy") == "IgnoreNew"
    assert task.findtext(f"{settings}StartWhenAvailable") == "true"
    assert task.findtext(f"{settings}DisallowStartIfOnBatteries") == "false"


def test_a_task_brings_its_variables_along(tmp_path: Path) -> None:
    """An action has no environment; and Windows would replace a `%NAME%` in it."""
    home = tmp_path / "50% of größe"
    job = Job(
        **{**vars(JOB), "environment": {"INVOICESYNC_HOME": str(home)}, "arguments": ("todo",)}
    )
    task = ET.fromstring(  # noqa: S314 - ours
        SCHEDULERS["task-scheduler"].entry(job, Timetable((7,))).text
    )
    program = task.findtext(f".//{TASK}Command") or ""
    arguments = task.findtext(f".//{TASK}Arguments") or ""
    assert "%" not in arguments

    ran = subprocess.run(
        [program, *shlex.split(arguments)], capture_output=True, encoding="utf-8", check=False
    )

    assert ran.returncode == 5
    assert f"There is no config file at {home / 'config.toml'}" in ran.stderr


def test_a_task_without_variables_is_plain() -> None:
    job = Job(**{**vars(JOB), "environment": {}, "arguments": ("sync", "--scheduled")})
    text = SCHEDULERS["task-scheduler"].entry(job, Timetable((7,))).text

    assert "<Arguments>-m invoicesync_cli sync --scheduled</Arguments>" in text


@pytest.mark.skipif(sys.platform == "win32", reason="the fake tools are shell scripts")
@pytest.mark.parametrize("using", SCHEDULERS)
def test_what_stays_and_what_comes_again_take_each_others_place(
    tools: FakeTools, using: str
) -> None:
    one = SCHEDULERS[using]
    for job, times in ((JOB, Timetable((7,))), (STAYS, None)) * 2:
        one.install(job.name, one.entry(job, times))

        there = one.installed(job.name)
        assert there
        assert (there.stays, there.timetable) == (job.stays, times)
        assert ("--scheduled" in there.text, "serve" in there.text) == (not job.stays, job.stays)

    assert one.remove(JOB.name)
    assert one.installed(JOB.name) is None
    assert not one.remove(JOB.name)
    units = tools.folder.parent.glob("**/systemd/user/**/*")
    assert [path for path in units if path.is_file() or path.is_symlink()] == []


def test_what_stays_is_started_anew_by_cron_with_the_computer() -> None:
    line = SCHEDULERS["cron"].entry(STAYS, None).text

    assert line.startswith("@reboot /usr/bin/env ")
    assert line.endswith(f" serve # {STAYS.name}")


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
def test_systemd_takes_the_unit_of_what_stays(tmp_path: Path) -> None:
    ((where, text),) = SCHEDULERS["systemd"].entry(STAYS, None).files
    unit = tmp_path / Path(where).name
    unit.write_text(text, encoding="utf-8")

    ran = subprocess.run(
        [ANALYZE, "verify", "--user", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Restart=on-failure\n" in text
    assert text.endswith("[Install]\nWantedBy=default.target\n")


def test_launchd_keeps_what_stays_alive() -> None:
    """launchd.plist(5): KeepAlive/SuccessfulExit false starts it again unless it ended with 0."""
    agent = plistlib.loads(SCHEDULERS["launchd"].entry(STAYS, None).text.encode())

    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert "StartCalendarInterval" not in agent


def test_a_task_that_stays_begins_at_log_on_and_is_not_ended_by_windows() -> None:
    """logonTriggerType; settingsType: ExecutionTimeLimit PT0S is for ever, without it 3 days."""
    task = ET.fromstring(SCHEDULERS["task-scheduler"].entry(STAYS, None).text)  # noqa: S314 - ours
    settings = f"{TASK}Settings/{TASK}"

    assert task.find(f"{TASK}Triggers/{TASK}LogonTrigger") is not None
    assert task.findtext(f"{settings}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f"{settings}RestartOnFailure/{TASK}Interval") == "PT1M"
    assert task.findtext(f"{settings}MultipleInstancesPolicy") == "IgnoreNew"


def private_folders() -> bool:
    """Whether a folder can be put in the place of another for one program alone."""
    return bool(UNSHARE) and not subprocess.run([UNSHARE, "-m", "true"], check=False).returncode


@pytest.mark.skipif(
    not (shutil.which("crontab") and Path("/var/spool/cron/crontabs").is_dir()),
    reason="there is no crontab of Debian's",
)
def test_the_real_crontab_takes_and_gives_back_what_was_there(tmp_path: Path, home: Path) -> None:
    """In a folder of its own in the place of the machine's crontabs."""
    if not private_folders():
        pytest.skip("folders cannot be replaced for one program here")
    home.mkdir()
    (home / "config.toml").write_text("")
    before = '# mine\nMAILTO=""\n5 4 * * * echo "100\\%" é \n'
    variables = {"INVOICESYNC_HOME": str(home), "PYTHON": sys.executable, "BEFORE": before}

    subprocess.run(
        [UNSHARE, "-m", "/bin/sh", "-e", "-c", PRIVATE],
        env={**os.environ, **variables},
        cwd=tmp_path,
        check=True,
    )

    read = {name: (tmp_path / name).read_text() for name in ("before", "during", "after")}
    assert read["before"] == read["after"] == before
    added = read["during"].removeprefix(before)
    assert added.count("\n") == 1
    assert added.split()[1].count(",") == 11
