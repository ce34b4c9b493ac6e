"""`--record` on the command line."""

import json
from pathlib import Path

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.sign_in import SignInUser


def test_demo_can_be_recorded(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "demo.jsonl"

    ran = run("demo", "--record", str(file))

    head, *rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert head["recording"] == 1
    assert {row["service"].split()[0] for row in rows} == {"Keap", "Xero"}
    assert str(file) in ran.err
    assert "Chloe" in ran.out
    assert "Chloe" not in file.read_text(encoding="utf-8")


def test_real_run_can_be_recorded(run: Run, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sync.jsonl"

    ran = run("--record", str(file), "sync", "--max-invoices", "3", "--json")

    rows = file.read_text(encoding="utf-8").splitlines()[1:]
    calls = ran.data["calls"]
    asked = [json.loads(row) for row in rows]
    data = [row for row in asked if not row["path"].endswith("token")]
    assert len(data) == calls["keap"] + calls["ledger"]
    assert ran.json["command"] == "sync"


def test_recording_is_there_when_a_run_fails(run: Run, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sync.jsonl"
    box.keap.fail(status=400, times=99)

    ran = run("sync", "--record", str(file))

    assert ran.code != 0
    rows = [json.loads(row) for row in file.read_text().splitlines()[1:]]
    assert {row["status"] for row in rows if row["service"] == "Keap"} == {400}


def test_file_that_exists_is_not_written_over(run: Run, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("precious", encoding="utf-8")

    ran = run("sync", "--record", str(file))

    assert ran.code == 2
    assert "exists already" in ran.err
    assert file.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("service", ["keap", "xero", "qbo"])
def test_sign_in_is_recorded_without_anything_that_opens(
    run: Run, user: SignInUser, tmp_path: Path, service: str
) -> None:
    file = tmp_path / "auth.jsonl"
    assert run("auth", service, "--record", str(file)).code == 0

    rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()[1:]]
    forms = [row["sent"]["form"] for row in rows if row["sent"] and "form" in row["sent"]]
    assert [form["grant_type"] for form in forms] == ["authorization_code"]
    # Every code, token and secret is looked for in every file.
    assert user.leaks() == []
