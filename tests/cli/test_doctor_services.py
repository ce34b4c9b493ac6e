"""`doctor` where a service cannot be asked, or is another one than the records are of."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from invoicesync_cli.doctor import examine
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.paths import locate
from invoicesync_cli.progress import SILENT
from invoicesync_cli.state import Store
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run
from tests.kits.doctoring import of
from tests.kits.rehearsal import Rehearsal
from tests.kits.sign_in import SignInUser


@pytest.mark.parametrize(("minutes", "way"), [(30, "ahead of"), (-30, "behind"), (1, "")])
def test_clock_that_is_wrong_is_said_of_each_service(
    tmp_path: Path, minutes: int, way: str
) -> None:
    r = Rehearsal(tmp_path)
    off = timedelta(minutes=minutes)
    network = Network(Timing(now=lambda: r.clock.now() + off), r.network.apps)

    found = examine(locate(environ=r.environ), network, r.environ, SILENT).findings

    wrong = [one for one in found if one.code == "clock"]
    assert [one.where for one in wrong] == (["Keap", "Xero"] if way else [])
    assert all(f"30 minutes {way}" in one.message for one in wrong)


@pytest.mark.parametrize(("down", "other"), [("keap", "xero"), ("xero", "keap")])
def test_one_service_down_hides_nothing_of_the_other(
    run: Run, box: Sandbox, down: str, other: str
) -> None:
    box.vendors[down].fail(status=503, times=100)

    ran = run("doctor", "--json")

    assert ran.code == 7
    (error,) = [one for one in ran.data["findings"] if one["level"] == "error"]
    assert error["where"].lower() == down
    assert ran.data["calls"]["keap" if other == "keap" else "ledger"] > 4
    if other == "xero":
        edit_free = run("doctor")
        assert "Xero: ok. Wick & Wax Ltd" in edit_free.out


def test_wrong_config_weighs_more_than_a_service_that_is_down(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit('account = "200"', 'account = "2000"')
    box.keap.fail(status=503, times=100)

    ran = run("doctor", "--json")

    assert ran.code == 5
    assert {one["where"] for one in ran.data["findings"] if one["level"] == "error"} == {
        "Keap",
        "xero.account",
    }


def test_nobody_signed_in(run: Run, user: SignInUser) -> None:
    ran = run("doctor", "--json")

    assert ran.code == 4
    errors = [one for one in ran.data["findings"] if one["level"] == "error"]
    assert [(one["where"], one["hint"]) for one in errors] == [
        ("Keap", "Sign in: invoicesync auth keap"),
        ("Xero", "Sign in: invoicesync auth xero"),
    ]
    text = run("doctor").out
    assert "not checked, the ledger could not be asked" in text
    assert text.splitlines()[-1].endswith("Next: invoicesync auth status")


def test_one_signed_in_is_checked_without_the_other(run: Run, user: SignInUser) -> None:
    run("auth", "xero")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert "Xero: ok. Wick & Wax Ltd" in run("doctor").out
    assert [one["where"] for one in ran.data["findings"] if one["level"] == "error"] == ["Keap"]


def test_sign_in_that_ends_soon_is_said(run: Run, user: SignInUser) -> None:
    run("auth", "keap")
    run("auth", "xero")
    path = user.secrets / "xero"
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    text, changed = re.subn(
        r'"refresh_ends": ?"[^"]*"', f'"refresh_ends":"{ends}"', path.read_text()
    )
    assert changed
    path.write_text(text)

    found = of(run("doctor", "--json"), "sign-in-ends")

    assert (found["where"], found["level"]) == ("Xero", "warning")
    assert "invoicesync auth xero" in found["hint"]


def test_another_organisation_than_the_records_are_of(run: Run, box: Sandbox, home: Path) -> None:
    run("sync")
    with Store.open(home / "state.sqlite3") as state:
        state.set_meta("organisation_id", "00000000-0000-0000-0000-000000000000")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert of(ran, "wrong-account")["where"] == "Xero"
