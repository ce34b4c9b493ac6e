"""`serve`: answers the Web Connector, runs what is due, and carries what others send."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.cli.serve import Due
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.json_schema import faults_in
from tests.kits.processes import program
from tests.kits.quickbooks_pc import LONG, PASSWORD, QuickBooksPC

NOTHING = "No data exchange required"


class Served:
    """A `serve` as a process of its own, and all that it says."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.lines: list[str] = []
        self._heard = threading.Condition()
        self._threads = [
            threading.Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (process.stdout, process.stderr)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: "Iterator[str]") -> None:
        for line in stream:
            with self._heard:
                self.lines.append(line)
                self._heard.notify_all()

    def says(self, words: str) -> None:
        """Wait until it has said this."""
        with self._heard:
            assert self._heard.wait_for(lambda: words in "".join(self.lines), LONG), self.lines

    def ends(self) -> int:
        """End it: its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(LONG)
        finally:
            self._process.kill()
        for thread in self._threads:
            thread.join(LONG)
        return code


@pytest.fixture
def served(signed_in: QuickBooksPC) -> Iterator[Served]:
    with program("serve", "-vv") as process:
        found = Served(process)
        try:
            found.says("Ctrl-C ends this.")
            yield found
        finally:
            code = found.ends()
    assert code == 0, found.lines
    assert "Traceback" not in "".join(found.lines)
    assert PASSWORD not in "".join(found.lines)


def test_the_first_poll_is_due_and_the_next_one_is_not(
    served: Served, signed_in: QuickBooksPC, run: Run
) -> None:
    assert signed_in.update() == "Done."
    served.says("Created:")
    assert run("status", "--json").data["in_ledger"]["invoices"] > 20

    assert signed_in.update() == NOTHING
    runs = {entry["run"] for entry in run("log", "--json").data["entries"]}
    assert len(runs) == 1


def test_a_sync_beside_it_goes_through_it(
    served: Served, signed_in: QuickBooksPC, run: Run
) -> None:
    assert signed_in.update() == "Done."
    served.says("Created:")

    # Not due, but somebody waits.
    with signed_in.polls():
        ran = run("sync-id", "1002", "--json")
    assert ran.code in {0, 3}
    assert ran.data["calls"]["ledger"] > 0
    assert "Done." in signed_in.statuses


def test_it_does_nothing_while_paused(served: Served, signed_in: QuickBooksPC, run: Run) -> None:
    run("pause")
    assert signed_in.update() == NOTHING

    run("resume")
    assert signed_in.update() == "Done."
    served.says("Created:")


def test_it_survives_a_keap_that_is_down(
    served: Served, signed_in: QuickBooksPC, shop: Sandbox, run: Run
) -> None:
    shop.keap.fail(times=1000, headers={"Retry-After": "7200"})
    assert signed_in.update() == "Done."
    served.says("Keap")

    # Whatever is not done is done by hand or next time; it goes on.
    assert signed_in.update() == NOTHING
    assert run("status", "--json").data["in_ledger"]["invoices"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_ends_in_the_middle_of_a_session(signed_in: QuickBooksPC, run: Run) -> None:
    with program("serve", "--json") as process:
        assert process.stdout
        text = ""
        while not text.endswith("}\n") or not _whole(text):
            text += process.stdout.readline()
        assert faults_in(json.loads(text)) == []
        connector = signed_in.added()
        ticket, where = connector.service.texts(
            "authenticate", strUserName="invoicesync", strPassword=PASSWORD
        )
        assert (bool(ticket), where) == (True, "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 0
    # What it had begun is done by the next run.
    with signed_in.polls():
        assert run("sync").code == 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_ends_in_the_middle_of_a_run(served: Served, signed_in: QuickBooksPC, run: Run) -> None:
    service = signed_in.added().service
    ticket, _ = service.texts("authenticate", strUserName="invoicesync", strPassword=PASSWORD)
    while service.text("sendRequestXML", ticket=ticket, strHCPResponse="") == "NoOp":
        pass
    # QuickBooks is at the run's first question.
    assert served.ends() == 0
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_it_is_for_what_comes_and_asks(run: Run, box: Sandbox) -> None:
    ran = run("serve", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "nothing-to-serve")
    assert "schedule install" in ran.json["error"]["hint"]


class _Session:
    def __init__(self) -> None:
        self.open = 0

    def __enter__(self) -> None:
        self.open += 1

    def __exit__(self, *_: object) -> None:
        self.open -= 1

    def run(self) -> "_Session":
        return self

    def ended(self) -> None:
        pass


def test_a_timer_that_is_early_and_a_clock_that_goes_back_are_still_due() -> None:
    time = 1000.0
    session = _Session()
    due = Due(900, lambda: False, lambda: time)
    due.sessions = session  # type: ignore[assignment]

    def polls(at: float) -> bool:
        nonlocal time
        time = at
        found = due()
        assert session.open == found
        due.done()
        return found

    assert [polls(at) for at in (1000, 1060, 1700, 1890, 1900, 500, 600)] == [
        True,
        False,
        False,
        True,
        False,
        True,
        False,
    ]


def test_schedule_install_starts_it(
    run: Run, signed_in: QuickBooksPC, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.kits.schedulers import FakeTools

    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    tools = FakeTools(tmp_path / "tools", tmp_path / "user")
    monkeypatch.setenv("PATH", str(tools.folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    ran = run("schedule", "install", "--using", "cron", "--json")

    assert ran.code == 0
    assert faults_in(ran.json) == []
    assert (ran.data["stays"], ran.data["next_run"]) == (True, None)
    assert ran.data["command"][-1] == "serve"
    assert (tools.crontab or b"").startswith(b"@reboot ")
    assert "start it yourself: invoicesync serve" in "\n".join(ran.json["messages"])
    assert "Web Connector comes" in run("schedule", "show").out
    assert "Next run: when QuickBooks' Web Connector comes" in run("status").out
    assert run("schedule", "install", "--every", "30m").code == 2
    assert run("schedule", "remove").out.startswith("Removed")
    assert os.environ["PATH"] == str(tools.folder)
