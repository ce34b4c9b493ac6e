"""What commands print with `--json` is as `docs/json.schema.json` says, also when they fail."""

import json
import shlex
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.commands import BY_HAND, COMMANDS, WORKING, failing, write_payouts
from tests.kits.json_schema import FILE, faults_in

SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))
ADVICE = "change its shape (tests/kits/json_shapes.py), then: python -m tests.kits.json_schema"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_command_that_works_prints_what_the_schema_says(
    run: Run, box: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_payouts(tmp_path)
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[auth]\nstorage = "file"\n')
    tried = set()
    for line in WORKING:
        ran = run(*shlex.split(line), "--json", "--no-input")
        assert ran.json["error"] is None, line
        assert faults_in(ran.json) == [], f"{line}: {ADVICE}"
        assert (ran.json["exit_code"], ran.json["schema"]) == (ran.code, 1)
        tried.add(ran.json["command"])

    assert set(COMMANDS) - tried - set(BY_HAND) == set(), "give it a line in WORKING"


@pytest.mark.parametrize("command", BY_HAND)
def test_what_those_print_that_are_tried_elsewhere_is_checked_there(command: str) -> None:
    place = Path(__file__).parent / BY_HAND[command].rpartition(" ")[2]

    assert "faults_in(" in place.read_text(encoding="utf-8")


def test_the_same_with_quickbooks(run: Run, company: Sandbox) -> None:
    run("sync")
    for line in (
        "status",
        "explain 1002",
        "lookup accounts",
        "lookup taxes",
        "lookup items",
        "verify",
        "report",
    ):
        assert faults_in(run(*line.split(), "--json").json) == [], f"{line}: {ADVICE}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_fails_prints_what_the_schema_says(
    run: Run, home: Path, command: str
) -> None:
    typed = failing(command)

    ran = run(*shlex.split(typed), "--json", "--no-input")

    assert ran.code not in {0, 1}
    assert faults_in(ran.json) == [], f"{typed}: {ADVICE}"
    assert ran.json["exit_code"] == ran.code
    # Findings say it themselves.
    assert ran.json["error"] or ran.json["data"]


def test_what_is_not_in_the_schema_is_found(run: Run, box: Sandbox) -> None:
    document = run("status", "--json").json
    assert faults_in(document) == []

    document["data"]["new"] = 1
    document["data"]["open"].pop("held")

    assert len(faults_in(document)) == 3
