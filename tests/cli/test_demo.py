"""`demo` and `sandbox`, and how the program starts."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from invoicesync_cli import __version__
from invoicesync_cli.cli.sandbox import KEPT
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.http.client import Network
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.json_schema import faults_in

PROGRAM = [sys.executable, "-m", "invoicesync_cli"]


def test_the_demo_shows_created_skipped_and_equal_totals(run: Run, home: Path) -> None:
    ran = run("demo")

    assert ran.code == 3
    assert "Chloe Davies" in ran.out
    assert "zero-total" in ran.out
    totals = re.search(
        r"Created: \d+ invoices, (\S+ GBP); the ledger has (\S+ GBP) of them\n"
        r"Not in the ledger: 6 held, 402\.00 GBP and 100\.00 USD\n",
        ran.out,
    )
    assert totals
    assert totals[1] == totals[2]
    assert not home.exists()


def test_the_demo_as_data(run: Run, home: Path) -> None:
    ran = run("demo", "--json")

    assert ran.json["command"] == "demo"
    assert len(ran.invoices) == len(CASES)
    assert ran.data["totals"]["keap"] == ran.data["totals"]["ledger"]


def test_the_demo_can_keep_its_files(run: Run, home: Path) -> None:
    kept = Path(run("demo", "--keep", "--json").data["home"])

    try:
        assert (kept / "state.sqlite3").exists()
    finally:
        for file in kept.iterdir():
            file.unlink()
        kept.rmdir()


def test_the_demo_needs_no_network(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the demo went to the network")

    monkeypatch.setattr("httpx.HTTPTransport.__init__", no_network)
    assert Network().apps == {}

    assert run("demo", "--json").code == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_the_sandbox_prints_its_environment_and_ends_well(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "sandbox", "--home", str(tmp_path / "rehearsal"), "--status", "authorised"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(8)]
        environ = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        ran = subprocess.run(
            [*PROGRAM, "sync", "-v"],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 3, ran.stderr
        assert "46 created, 1 skipped, 6 held" in ran.stdout
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert (tmp_path / "rehearsal" / "state.sqlite3").exists()
    again = subprocess.Popen(
        [*PROGRAM, "sandbox", "--home", str(tmp_path / "rehearsal")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert again.stderr
    assert "the records of an earlier sandbox or demo" in again.stderr.readline()
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=30)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_the_sandbox_as_data_says_at_once_how_to_reach_it_and_leaves_no_folder() -> None:
    process = subprocess.Popen(
        [*PROGRAM, "sandbox", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        lines = [process.stdout.readline()]
        while lines[-1] != "}\n":
            lines.append(process.stdout.readline())
        said = json.loads("".join(lines))
        assert faults_in(said) == []
        data = said["data"]
        home = Path(data["environment"]["INVOICESYNC_HOME"])
        assert 'status = "draft"' in (home / "config.toml").read_text(encoding="utf-8")
        with urlopen(data["pages"], timeout=30) as answer:  # noqa: S310 - loopback only
            assert "New order" in answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert rest == ""
    assert not home.exists()


def test_version_costs_no_import() -> None:
    code = (
        "import sys; from invoicesync_cli.__main__ import main; main(['--version']); "
        "print([m for m in ('typer', 'pydantic', 'httpx', 'rich') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == [f"invoicesync {__version__}", "[]"]


NEVER = ("httpx", "rich", "keyring", "authlib", "werkzeug", "sqlite3", "importlib.metadata")


@pytest.mark.parametrize(
    ("typed", "columns", "unused"),
    [
        ("--help", "80", (*NEVER, "typer", "pydantic", "json", "decimal", "dataclasses")),
        ("--help", "60", (*NEVER, "pydantic")),
    ],
)
def test_what_only_runs_need_is_not_loaded(
    typed: str, columns: str, unused: tuple[str, ...]
) -> None:
    code = (
        f"import sys; from invoicesync_cli.__main__ import main; main([{typed!r}]); "
        f"print([m for m in {unused!r} if m in sys.modules])"
    )
    environ = {**os.environ, "COLUMNS": columns}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )

    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_demo_says_what_to_do_next(run: Run) -> None:
    """And advises nothing that leads nowhere: the demo's records are gone when it ends."""
    ran = run("demo")

    assert "invoicesync log" not in ran.err
    assert "invoicesync sandbox" in ran.err
    assert "invoicesync init" in ran.err


@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_a_kind_of_company_is_one_of_quickbooks(run: Run, command: str) -> None:
    ran = run(command, "--to", "xero", "--company", "us", "--json")

    assert ran.code == 2
    assert "--to qbo" in ran.json["error"]["hint"]


def test_a_kind_of_company_implies_quickbooks(run: Run) -> None:
    ran = run("demo", "--company", "us", "--json")

    assert ran.code == 3
    assert ran.data["totals"]["currency"] == "USD"
    assert ran.data["totals"]["keap"] == ran.data["totals"]["ledger"]


def test_what_the_demo_has_kept_can_be_opened(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = run("demo", "--keep", "--json").data
    try:
        for name, value in data["environment"].items():
            monkeypatch.setenv(name, value)

        assert run("status", "--json").data["open"]["held"] == 6
        assert "period-locked" in run("explain", "1001", "--offline").out
        assert len(run("log", "--json").invoices) == 53
        for named in KEPT[0].removeprefix("Then: invoicesync ").replace(", or ", ", ").split(", "):
            assert run(*named.split()).code in {ExitCode.OK, ExitCode.NEEDS_PERSON}, named
    finally:
        shutil.rmtree(data["home"])


def test_a_dry_run_does_not_send_anybody_to_the_log(run: Run, box: Sandbox) -> None:
    ran = run("sync", "--dry-run")

    assert "invoicesync log" not in ran.err
    assert "Something would need you: see above." in ran.err
