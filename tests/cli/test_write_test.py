"""`doctor --write-test`, as a user types it, over both ways to QuickBooks Desktop."""

import contextlib
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.qbd.rehearsed import sign_in_to_desktop
from invoicesync_cli.load.qbd.write_test import course
from invoicesync_cli.lock import only_run
from invoicesync_sandbox.configs import DESKTOP
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox, environment
from tests.kits.command_line import Run
from tests.kits.json_schema import faults_in
from tests.kits.processes import program
from tests.kits.quickbooks_pc import LONG, PASSWORD, Halting, QuickBooksPC

TYPED = ("doctor", "--write-test")


@contextlib.contextmanager
def shop_beside(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop, whose books are in a sample file of QuickBooks on this machine."""
    sandbox = Sandbox(company="us")
    sandbox.qbd.books.sample = True
    with serving(sandbox.served) as roots:
        variables = environment(roots, home, DESKTOP)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        credentials = Workspace(variables).credentials(Call())
        sign_in_to_desktop(credentials, sandbox.qbd.books.company_name)
        yield sandbox


@pytest.fixture
def beside(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """That shop."""
    with shop_beside(home, monkeypatch) as sandbox:
        yield sandbox


def answers(data: dict[str, Any]) -> dict[str, str]:
    """What was found, by question, without what is of one moment only."""
    test = data["write_test"]
    every = [one for write in test["writes"] for one in write["findings"]] + test["afterwards"]
    known = {one["question"]: one["found"] for one in every}
    changing = re.compile(r"[0-9A-F]+-\d{10}|\d+\.\d\d to \d+\.\d\d s")
    return {question: changing.sub("…", found) for question, found in known.items()}


def test_both_ways_find_the_same_and_keep_the_messages(
    run: Run, signed_in: QuickBooksPC, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in.qbd.books.sample = True
    with signed_in.polls():
        polled = run(*TYPED, "--json")
    assert polled.code == 0, polled.out
    assert faults_in(polled.json) == []
    file = Path(polled.data["write_test"]["file"])
    assert file.parent == home
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text()
    assert "by web-connector" in text.splitlines()[0]
    assert PASSWORD not in text

    with shop_beside(tmp_path / "beside", monkeypatch) as shop:
        called = run(*TYPED, "--json")
    assert called.code == 0, called.out
    assert faults_in(called.json) == []
    assert answers(called.data) == answers(polled.data)
    assert called.data["calls"]["keap"] == 0
    assert shop.keap.calls == []


def test_what_is_printed_says_each_question_and_the_file(run: Run, beside: Sandbox) -> None:
    ran = run(*TYPED)

    assert ran.code == 0
    words = " ".join(ran.out.split())
    for number in range(1, 9):
        assert f"{number}. " in words
    assert "Where a line of tax counts: in Subtotal" in words
    assert "All messages, without a password: " in words
    assert re.search(r"write-test-\d{8}-\d{6}\.txt", ran.out.replace("\n", ""))
    assert "Please send this file in" in ran.err


def test_a_real_company_file_is_refused(run: Run, beside: Sandbox) -> None:
    beside.qbd.books.sample = False

    ran = run(*TYPED, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "no-sample-company")
    assert "is no sample" in ran.json["error"]["message"]
    assert "--profile sample" in ran.json["error"]["hint"]
    assert beside.qbd.writes_sent() == []


@pytest.mark.parametrize("ledger", ["Xero", "QuickBooks"])
def test_other_ledgers_have_nothing_to_try(
    run: Run, request: pytest.FixtureRequest, ledger: str
) -> None:
    request.getfixturevalue("box" if ledger == "Xero" else "american")

    ran = run(*TYPED, "--json")

    assert ran.code == 2
    message = ran.json["error"]["message"]
    assert "for QuickBooks Desktop only" in message
    assert f"about {ledger} nothing is open" in message


def test_nobody_is_signed_in(run: Run, shop: Sandbox) -> None:
    assert run(*TYPED, "--json").json["error"]["code"] == "sign-in-needed"
    assert shop.qbd.exchanges == []


def test_another_company_than_the_profiles_is_refused(
    run: Run, signed_in: QuickBooksPC, shop: Sandbox
) -> None:
    with signed_in.polls():
        assert run("sync").code == 3
    shop.qbd.books.company_name = "Sample Rock Castle Construction"
    shop.qbd.books.file_ids.clear()
    shop.qbd.books.sample = True
    writes = len(shop.qbd.writes_sent())

    with signed_in.polls():
        ran = run(*TYPED, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (4, "wrong-account")
    assert len(shop.qbd.writes_sent()) == writes


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [1, 5])
def test_a_test_that_is_killed_is_taken_back_by_the_next_one(
    run: Run, signed_in: QuickBooksPC, shop: Sandbox, home: Path, number: int
) -> None:
    shop.qbd.books.sample = True
    halting = Halting(shop.qbd, number)
    signed_in.desktop, signed_in.connector = halting, None
    with program(*TYPED) as process:
        halting.halt = process.kill
        with signed_in.polls():
            process.communicate(timeout=LONG)
    assert process.returncode == -signal.SIGKILL
    (file,) = home.glob("write-test-*.txt")
    # Also the message that was out when it was killed.
    assert [one.xml for one in shop.qbd.writes_sent() if "AddRq" in one.xml][-1] in file.read_text()

    with signed_in.polls():
        ran = run(*TYPED, "--json")
    assert ran.code == 0
    assert (ran.data["write_test"]["earlier"] > 0) is (number > 1)
    test = [row for row in shop.qbd.invoices.values() if "write test" in row.memo]
    assert test
    assert all(row.voided for row in test)


def test_ctrl_c_says_where_it_is(
    run: Run, beside: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(course.EightWrites, "_payment", stop)
    ran = run(*TYPED, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (130, "interrupted")
    assert "takes that back first" in ran.json["error"]["hint"]


def test_the_sandbox_can_be_a_sample_file(run: Run) -> None:
    refused = run("sandbox", "--to", "xero", "--sample", "--json")

    assert refused.code == 2
    assert "--to qbd --sample" in refused.json["error"]["hint"]


def test_a_run_that_is_active_is_not_joined(run: Run, beside: Sandbox, home: Path) -> None:
    with only_run(home / "state.sqlite3.lock"):
        ran = run(*TYPED, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (8, "run-active")
    assert beside.qbd.exchanges == []


def test_two_keys_are_config_enough(run: Run, beside: Sandbox, home: Path) -> None:
    # The third is for a machine without a keyring.
    config = '[sync]\ndestination = "qbd"\n[qbd]\ntransport = "com"\n[auth]\nstorage = "file"\n'
    (home / "config.toml").write_text(config)
    assert run("auth", "qbd").code == 0

    ran = run(*TYPED, "--json")

    assert ran.code == 0, ran.out
    first = ran.data["write_test"]["writes"][1]["findings"][0]
    assert (first["question"], first["settled"]) == ("Where a line of tax counts", True)
