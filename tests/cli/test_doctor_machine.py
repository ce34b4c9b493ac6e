"""What `doctor` says of this machine, of its schedule, and of another one with the same books."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invoicesync_cli.state import Store
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run
from tests.kits.doctoring import codes, of
from tests.kits.schedulers import FakeTools
from tests.kits.sign_in import SignInUser


def test_file_that_others_can_read(run: Run, user: SignInUser, home: Path) -> None:
    run("auth", "keap")
    (home / "state.sqlite3").chmod(0o644)

    found = of(run("doctor", "--json"), "file-readable")

    assert found["level"] == "warning"
    assert f'chmod go= "{home / "state.sqlite3"}"' in found["hint"]


def test_keyring_that_is_not_there_is_said_once(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring
    from keyring.backends.fail import Keyring as Backend

    # Whatever this machine has, or another test has put there.
    backend = Backend()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert of(ran, "no-keyring")["where"] == "Keap"


def test_config_that_cannot_be_read_or_is_not_there(run: Run, home: Path) -> None:
    ran = run("doctor")
    assert ran.code == 5
    assert ran.out.splitlines()[-1] == "1 error. Next: invoicesync init"

    home.mkdir()
    (home / "config.toml").write_text("[sync\nmode = off\n")

    ran = run("doctor", "--json")
    assert ran.code == 5
    assert len(ran.data["findings"]) == 2


def test_schedule_that_cannot_work(
    run: Run, tools: FakeTools, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("schedule", "install", "--using", "cron")
    found = run("doctor", "--json")
    assert of(found, "keyring-unreached")["where"] == "auth.storage"
    assert "INVOICESYNC_KEAP_API_KEY" in of(found, "secret-unscheduled")["message"]
    assert not {"program-missing", "paused", "schedule-unclear", "not-scheduled"} & codes(found)

    run("pause")
    line = tools.crontab or b""
    gone = re.sub(rb"/\S+/python\S*", b"'/opt/old tools/bin/invoicesync'", line)
    tools.crontab = re.sub(rb"^\S+ \S+ \* \* \*", b"5 4 * * 1", gone)
    edit("[keap]\n", '[auth]\nstorage = "file"\n[keap]\n')

    found = run("doctor", "--json")
    assert {"program-missing", "paused", "schedule-unclear"} <= codes(found)
    assert "/opt/old tools/bin/invoicesync" in of(found, "program-missing")["message"]
    assert "keyring-unreached" not in codes(found)


def test_pings_that_nobody_would_send(run: Run, box: Sandbox, edit: Edit) -> None:
    assert of(run("doctor", "--json"), "not-scheduled")["level"] == "hint"
    edit("[keap]\n", '[notify]\nping_url = "https://ping.example/1"\n[keap]\n')

    found = of(run("doctor", "--json"), "not-scheduled")

    assert found["level"] == "warning"
    assert "only follow scheduled runs" in found["message"]


def test_scheduled_runs_that_are_not_made(run: Run, tools: FakeTools, home: Path) -> None:
    run("schedule", "install", "--using", "cron")
    run("sync", "--max-invoices", "1")
    assert "no-runs" not in codes(run("doctor", "--json"))
    with Store.open(home / "state.sqlite3") as state:
        state.db.execute("UPDATE runs SET at = '2026-11-01T00:00:00Z'")
    assert "days ago" in of(run("doctor", "--json"), "no-runs")["message"]


def test_runs_of_another_machine_are_noticed(
    run: Run, box: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the profile elsewhere carries an order over, whose number here is still to come."""
    run("sync")
    order = box.keap.add_order(
        contact_id=next(iter(box.keap.contacts)),
        order_time=datetime(2026, 11, 20, tzinfo=UTC),
        items=[Item("PRODUCT", "9.00", name="Candle")],
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("config.toml", "state.sqlite3"):
        (elsewhere / name).write_bytes((home / name).read_bytes())
    assert "other-runs" not in codes(run("doctor", "--json"))
    with monkeypatch.context() as other:
        other.setenv("INVOICESYNC_HOME", str(elsewhere))
        run("sync-id", str(order.invoice_id))

    found = of(run("doctor", "--json"), "other-runs")

    assert (found["level"], found["where"]) == ("warning", "Xero")
    assert str(order.id) in found["message"]
