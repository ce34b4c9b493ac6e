"""`schedule` as a user types it, with the systems' tools replaced by scripts."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from invoicesync_cli import schedule
from invoicesync_cli.schedule import SCHEDULERS
from invoicesync_sandbox.world import API_KEY, CLIENT_ID, CLIENT_SECRET
from tests.kits.command_line import Edit, Run
from tests.kits.json_schema import faults_in
from tests.kits.schedulers import FakeTools, program, read_back, start
from tests.kits.sign_in import SignInUser

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake tools are shell scripts")

OTHERS = b'# mine\nMAILTO=""\n5 4 * * * echo "100\\%" \xe9  \n'
CHANGES = {"cron": "crontab", "systemd": "systemctl", "launchd": "launchctl"}
CHANGES["task-scheduler"] = "schtasks"


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let one system be what this platform has."""
    return lambda key: monkeypatch.setattr(schedule, "possible", lambda: [SCHEDULERS[key]])


@pytest.mark.parametrize("using", SCHEDULERS)
def test_an_entry_comes_is_shown_and_goes(
    run: Run, tools: FakeTools, only: Callable[[str], None], using: str
) -> None:
    only(using)
    would = run("schedule", "show", "--json").data
    assert (would["installed"], would["using"], would["next_run"]) == (False, using, None)
    assert run("status", "--json").data["next_run"] is None

    ran = run("schedule", "install", "--every", "15m", "--json")

    assert (ran.code, ran.data["installed"], ran.data["every"]) == (0, True, "15m")
    assert faults_in(ran.json) == []
    there = run("schedule", "show", "--json").data
    assert (there["installed"], there["using"], there["every"]) == (True, using, "15m")
    due = datetime.fromisoformat(run("status", "--json").data["next_run"])
    assert timedelta(0) < due - datetime.now(UTC) <= timedelta(minutes=15)
    assert f"Next run: {due.astimezone():%Y-%m-%d %H:%M %Z}" in run("status").out
    assert "--scheduled" in there["entry"]

    ran = run("schedule", "remove", "--json")

    assert ran.data == {"installed": False, "removed": [using]}
    assert faults_in(ran.json) == []
    assert run("schedule", "show", "--json").data["installed"] is False
    assert run("status", "--json").data["next_run"] is None
    assert "none is scheduled" in run("status").out
    assert "invoicesync todo" not in run("schedule", "show").err
    for shown in (run("schedule", "install").err, run("schedule", "show").err):
        assert "What needs you: invoicesync todo" in shown
        assert "To take the entry away again: invoicesync schedule remove" in shown
    run("schedule", "remove")
    calls = len(tools.calls)
    assert run("schedule", "remove").out == "There was no entry of this profile.\n"
    assert len(tools.calls) == calls


@pytest.mark.parametrize("using", SCHEDULERS)
def test_show_changes_nothing(run: Run, tools: FakeTools, home: Path, using: str) -> None:
    ran = run("schedule", "show", "--using", using, "--every", "6h")

    assert ran.code == 0
    assert ran.out.startswith("Not installed.")
    assert not (tools.folder / "calls").exists()
    assert not (tools.folder.parent / "user").exists()
    assert not (home / "state.sqlite3").exists()


def test_the_other_lines_of_a_crontab_stay_as_they_are(
    run: Run, tools: FakeTools, home: Path
) -> None:
    tools.crontab = OTHERS
    second = home / "profiles" / "second"
    second.mkdir(parents=True)
    (second / "config.toml").write_text((home / "config.toml").read_text())
    for every in ("15m", "1h"):
        run("schedule", "install", "--every", every)
    run("--profile", "second", "schedule", "install")

    lines = (tools.crontab or b"").removeprefix(OTHERS).splitlines()

    assert len(lines) == 2
    assert b"second" not in lines[0]
    assert b"--profile second sync --scheduled" in lines[1]
    assert run("schedule", "show", "--json").data["every"] == "1h"
    run("--profile", "second", "schedule", "remove")
    assert tools.crontab == OTHERS + lines[0] + b"\n"
    run("schedule", "remove")
    assert tools.crontab == OTHERS


def test_a_crontab_that_was_not_there_is_not_left_behind(run: Run, tools: FakeTools) -> None:
    run("schedule", "install")
    assert (tools.crontab or b"").count(b"\n") == 1

    run("schedule", "remove")

    assert tools.crontab is None


@pytest.mark.parametrize(
    ("edited", "every", "due"),
    [
        ("*/10 * * * *", "10m", 10),
        ("7 9-17/2 * * *", "", 24 * 60),
        ("7 9 * * 1-5", "", None),
        ("@hourly", "", None),
        ("75 * * * *", "", None),
    ],
)
def test_a_line_that_was_edited_by_hand_is_read_as_it_is(
    run: Run, tools: FakeTools, edited: str, every: str, due: int | None
) -> None:
    run("schedule", "install")
    line = (tools.crontab or b"").decode()
    tools.crontab = f"{edited} {line.split(maxsplit=5)[5]}".encode()

    data = run("schedule", "show", "--json").data

    assert (data["installed"], data["every"]) == (True, every)
    assert (data["next_run"] is None) == (due is None)
    if due:
        wait = datetime.fromisoformat(data["next_run"]) - datetime.now(UTC)
        assert timedelta(0) < wait <= timedelta(minutes=due)


def test_a_line_that_is_commented_out_starts_nothing_and_is_ours(
    run: Run, tools: FakeTools
) -> None:
    run("schedule", "install")
    tools.crontab = b"#" + (tools.crontab or b"")

    assert run("schedule", "show", "--json").data["installed"] is False
    tools.crontab = 2 * (tools.crontab or b"")
    run("schedule", "install")
    assert (tools.crontab or b"").count(b"\n") == 1


def test_another_system_takes_the_entry_over(
    run: Run, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a machine got systemd, or a user changed their mind: one entry, not two."""
    run("schedule", "install", "--using", "cron")
    monkeypatch.setattr(schedule, "manager_runs", lambda: True)

    data = run("schedule", "install", "--json").data

    assert data["using"] == "systemd"
    assert tools.crontab is None
    assert run("schedule", "show", "--json").data["using"] == "systemd"
    assert tools.calls[1:4] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable {Path(data['files'][1]['path']).name}",
        f"systemctl --user restart {Path(data['files'][1]['path']).name}",
    ]


@pytest.mark.parametrize("using", SCHEDULERS)
def test_a_system_that_is_not_there_is_a_sentence(run: Run, tools: FakeTools, using: str) -> None:
    tools.without(CHANGES[using])

    ran = run("schedule", "install", "--using", using, "--json")

    error = ran.json["error"]
    assert (ran.code, error["code"]) == (5, "scheduler-missing")
    assert f"There is no {CHANGES[using]} on this machine." in error["message"]
    assert f"invoicesync schedule show --using {using}" in error["hint"]
    assert run("schedule", "show", "--using", using).code == 0
    assert run("status").code == 0


@pytest.mark.parametrize("using", SCHEDULERS)
def test_what_a_system_refuses_leaves_nothing_behind(
    run: Run, tools: FakeTools, only: Callable[[str], None], using: str
) -> None:
    only(using)
    tools.refuse(CHANGES[using], "You are not allowed to do that.")

    ran = run("schedule", "install", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "scheduler-refused")
    assert "You are not allowed to do that." in ran.json["error"]["message"]
    assert run("schedule", "show", "--json").data["installed"] is False
    assert not [path for path in tools.folder.parent.glob("user/**/*") if path.is_file()]


def test_the_run_gets_what_install_was_called_with_and_no_secret(
    run: Run, tools: FakeTools, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the bare environment of cron, from paths that a shell and cron would take apart."""
    odd = tmp_path / 'it\'s 50%% of \\ a\\\\b "größe" $HOME `id`'
    script = program(odd)
    monkeypatch.setattr(sys, "argv", [str(script), "schedule", "install"])
    monkeypatch.setenv("INVOICESYNC_HOME", str(odd / "home"))
    monkeypatch.setenv("INVOICESYNC_PROFILE", "second")
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", "not-to-be-written")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:not-to-be-written@proxy:8080")
    monkeypatch.setenv("SSL_CERT_FILE", "/certificates")
    config = odd / "own.toml"
    mail = '[auth]\nstorage = "file"\n[notify]\nemail = "daily"\nsmtp_user = "me@example.com"\n'
    config.write_text((home / "config.toml").read_text() + mail)
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", "not-to-be-written")

    ran = run("schedule", "install", "--config", str(config), "--json")
    start((tools.crontab or b"").decode(), tmp_path)

    arguments, variables = read_back(script)
    expected = ["--config", str(config), "--profile", "second", "sync", "--scheduled"]
    assert arguments == expected
    assert ran.data["command"] == [str(script), *expected]
    assert variables["INVOICESYNC_HOME"] == str(odd / "home")
    assert variables["INVOICESYNC_KEAP_ROOT"].startswith("http://127.0.0.1:")
    assert variables["SSL_CERT_FILE"] == "/certificates"
    assert "not-to-be-written" not in ran.out + (tools.crontab or b"").decode()
    said = "\n".join(ran.json["messages"])
    assert "not signed in to Keap: invoicesync auth keap" in said
    assert "not signed in to Xero: invoicesync auth xero" in said
    assert "INVOICESYNC_SMTP_PASSWORD, INVOICESYNC_XERO_CLIENT_SECRET, HTTPS_PROXY" in said
    assert "cannot send mail. There is no password for me@example.com" in said
    assert "Scheduled runs go to what stands in for the services now: http://127.0.0.1:" in said


def test_secrets_that_the_config_does_not_use_are_no_matter(
    tools: FakeTools, run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key for Keap and PKCE for Xero no client secret is used, nor is QuickBooks."""
    user.configure({"keap.sign_in": "api-key", "xero.client_id": CLIENT_ID})
    for vendor in ("KEAP", "XERO", "QBO"):
        monkeypatch.setenv(f"INVOICESYNC_{vendor}_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)
    monkeypatch.setenv("INVOICESYNC_QBO_ROOT", "http://127.0.0.1:9")

    said = run("schedule", "install").err

    assert "not signed in to Keap: invoicesync auth keap" in said
    assert "unset them before you sign in: INVOICESYNC_KEAP_API_KEY\n" in said
    assert "CLIENT_SECRET" not in said
    assert "http://127.0.0.1:9\n" not in said
    assert "http://127.0.0.1:9," not in said

    user.configure({"keap.sign_in": "oauth", "sync.destination": "qbo"})
    said = run("schedule", "install").err
    names = ("KEAP_API_KEY", "KEAP_CLIENT_SECRET", "QBO_CLIENT_SECRET")
    assert f"sign in: {', '.join(f'INVOICESYNC_{name}' for name in names)}\n" in said
    assert "http://127.0.0.1:9\n" in said


def test_who_is_signed_in_is_not_asked_to_sign_in(
    tools: FakeTools, run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.configure({"keap.sign_in": "api-key"})
    user.clicker.type(f"{API_KEY}\n")
    assert run("auth", "keap").code == 0
    assert run("auth", "xero").code == 0
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)

    said = run("schedule", "install").err

    assert "not signed in" not in said
    assert "unset" not in said
    assert (
        "Scheduled runs use what is stored here, not these variables, which no entry may contain: "
        "INVOICESYNC_KEAP_API_KEY. There is nothing to do while both are the same.\n"
    ) in said
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")
    assert "variables" not in run("schedule", "install").err


def test_a_program_that_is_no_script_is_started_by_its_interpreter(
    run: Run, tools: FakeTools
) -> None:
    command = run("schedule", "show", "--json").data["command"]

    assert command == [sys.executable, "-m", "invoicesync_cli", "sync", "--scheduled"]


def test_install_says_what_a_scheduled_run_lacks(
    run: Run, tools: FakeTools, edit: Edit, home: Path
) -> None:
    text = (home / "config.toml").read_text()
    (home / "config.toml").write_text(f'{text}\n[auth]\nstorage = "file"\n')
    run("pause")
    said = run("schedule", "install", "--every", "5m").err
    assert "keyring" not in said
    assert "Scheduled runs are paused, until: invoicesync resume" in said
    assert "does not make up for runs that were missed" in said
    assert "they allow so many calls a day" in said

    (home / "config.toml").write_text('[auth]\nstorage = "keyring"\n')
    run("resume")
    said = run("schedule", "install").err

    assert 'Set auth.storage = "file"' in said
    assert "The config is not finished," in said
    assert "paused" not in said
    assert "calls a day" not in said


@pytest.mark.parametrize(
    ("every", "hint"),
    [
        ("45m", "Nearest: 30m or 1h."),
        ("90m", "Nearest: 1h or 2h."),
        ("5h", "Nearest: 4h or 6h."),
        ("7d", "Nearest: 1d."),
        ("0m", "Nearest: 1m."),
        ("half an hour", "Write minutes, hours or a day"),
        ("30", "Write minutes, hours or a day"),
    ],
)
def test_an_interval_that_cannot_be_kept_names_those_that_can(
    run: Run, tools: FakeTools, every: str, hint: str
) -> None:
    ran = run("schedule", "install", "--every", every, "--json")

    assert (ran.code, ran.json["command"]) == (2, "schedule install")
    assert hint in ran.json["error"]["hint"]
    assert tools.crontab is None


def test_one_of_the_runs_is_at_the_time_that_is_named(run: Run, tools: FakeTools) -> None:
    run("schedule", "install", "--every", "6h", "--at", "8:40")

    assert (tools.crontab or b"").startswith(b"40 2,8,14,20 * * * ")
    assert run("schedule", "install", "--at", "25:00").code == 2


def test_a_path_that_no_entry_can_hold_is_refused(
    run: Run, tools: FakeTools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    broken = tmp_path / "two\nlines"
    broken.mkdir()
    monkeypatch.setenv("INVOICESYNC_CONFIG", str(broken / "config.toml"))
    (broken / "config.toml").write_text((home / "config.toml").read_text())
    assert run("schedule", "install", "--json").json["error"]["code"] == "path-unusable"
    assert tools.crontab is None


def test_without_a_config_there_is_nothing_to_schedule(
    run: Run, tools: FakeTools, home: Path
) -> None:
    (home / "config.toml").unlink()

    assert run("schedule", "install", "--json").json["error"]["code"] == "config-missing"
    assert run("schedule", "show").code == 0
    assert run("schedule", "remove").code == 0


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed there")
def test_the_next_run_is_by_the_local_clock(
    run: Run, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("schedule", "install", "--every", "1d", "--at", "06:40")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        due = datetime.fromisoformat(run("status", "--json").data["next_run"])
        shown = run("status").out
        assert f"{due.astimezone():%H:%M}" == "06:40"
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()

    assert "06:40 NZ" in shown
