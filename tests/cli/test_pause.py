"""`pause` and `resume`: the processing switch."""

from pathlib import Path

from invoicesync_cli.lock import only_run
from invoicesync_cli.paths import locate
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run


def processing(run: Run) -> str:
    """The switch as `status` has it."""
    return str(run("status", "--json").data["processing"])


def test_status_shows_the_switch(run: Run, box: Sandbox) -> None:
    assert processing(run) == "on"
    assert "Processing: on" in run("status").out

    ran = run("pause", "--json")

    assert (ran.code, ran.data) == (0, {"processing": "off"})
    assert processing(run) == "off"
    assert "Processing: off, scheduled runs do nothing" in run("status").out
    assert "already" in run("pause").out
    assert run("resume", "--json").data == {"processing": "on"}
    assert processing(run) == "on"
    assert run("resume").out == "Scheduled runs were not paused.\n"


def test_a_sync_typed_by_hand_runs_and_says_that_scheduled_runs_are_paused(
    run: Run, box: Sandbox
) -> None:
    assert "paused" not in run("sync", "--dry-run").err
    run("pause")

    ran = run("sync")

    assert "Scheduled runs are paused, until: invoicesync resume" in ran.err
    assert "Created: 46 invoices" in ran.out
    assert any("paused" in message for message in run("sync", "--json").json["messages"])
    run("resume")
    assert "paused" not in run("sync").err


def test_the_switch_moves_while_a_run_is_active_and_whatever_the_config_is(
    run: Run, box: Sandbox, home: Path, edit: Edit
) -> None:
    run("sync-id", "1048")
    with only_run(locate().lock):
        assert run("pause").code == 0
    edit("[invoices]", "[invoces]")

    assert run("resume").out == "Scheduled runs are no longer paused.\n"


def test_a_profile_that_is_not_there_cannot_be_paused(run: Run, box: Sandbox, home: Path) -> None:
    ran = run("pause", "--profile", "secnd", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "config-missing")
    assert not (home / "profiles").exists()


def test_records_that_are_put_away_leave_the_switch_as_it_is(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")
    run("pause")

    run("auth", "logout", "xero", "--forget-books")

    assert processing(run) == "off"


def test_a_scheduled_run_does_nothing_while_paused(run: Run, box: Sandbox) -> None:
    run("pause")
    calls = len(box.keap.calls) + len(box.xero.calls)

    ran = run("sync", "--scheduled")

    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert run("sync", "--scheduled", "--json").data["invoices"]["created"] == 0
    assert len(box.keap.calls) + len(box.xero.calls) == calls
    run("resume")
    assert "Created: 46 invoices" in run("sync", "--scheduled").out


def test_a_scheduled_run_is_silent_when_nothing_is_new(run: Run, box: Sandbox) -> None:
    run("sync")

    ran = run("sync", "--scheduled")

    assert (ran.code, ran.out, ran.err) == (3, "", "")
    assert run("sync", "--scheduled", "--json").data["invoices"]["held"] == 6
