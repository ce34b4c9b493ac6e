"""Ends that come from outside: a closed pipe, a signal, and the machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from werkzeug.wrappers import Request

from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

PATIENCE = 60


def program(*typed: str) -> "subprocess.Popen[str]":
    """The tool as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "invoicesync_cli", *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def end_while_writing(box: Sandbox, ended: Callable[["subprocess.Popen[str]"], None]) -> int:
    """Start a sync, end it while Xero is making invoices: its exit code."""
    running: list[subprocess.Popen[str]] = []

    def end(request: Request) -> None:
        if request.method == "PUT" and request.path.endswith("/Invoices") and running:
            ended(running.pop())

    box.xero.in_progress = end
    with program("sync") as process:
        running.append(process)
        process.communicate(timeout=PATIENCE)
        box.xero.in_progress = None
        return process.returncode


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("explain", CASES["discounts"], "--by", "order"), 0),
        (("sync",), 3),
        (("log", "--csv"), 0),
        (("status", "--json"), 0),
        (("log", "--run", "none", "--json", "--limit", "many"), 2),
        (("--help",), 0),
    ],
    ids=["a text", "a run", "a csv", "a document", "an error", "help"],
)
def test_a_reader_that_has_enough_changes_nothing(
    run: Run, box: Sandbox, typed: tuple[str, ...], code: int
) -> None:
    """As in `invoicesync log --csv | head -1`: the exit code is that of what was done."""
    with program(*typed) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(PATIENCE) == code
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    assert "Unexpected" not in said


@pytest.mark.skipif(os.name == "nt", reason="there a program cannot be asked to end")
def test_a_request_to_end_is_taken_like_ctrl_c(run: Run, box: Sandbox) -> None:
    code = end_while_writing(box, lambda process: process.send_signal(signal.SIGTERM))

    assert code == 130
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"
    run("sync")
    numbers = [invoice.reference for invoice in box.xero.invoices.values() if invoice.reference]
    assert len(numbers) == len(set(numbers))


@pytest.mark.skipif(os.name == "nt", reason="there a program cannot be asked to end")
def test_the_sandbox_ends_when_it_is_asked_to(run: Run, home: object) -> None:
    with program("sandbox") as process:
        assert process.stdout
        assert "INVOICESYNC_HOME" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "The sandbox is closed." in said) == (0, True)


def test_a_killed_run_did_not_end(run: Run, box: Sandbox) -> None:
    end_while_writing(box, lambda process: process.kill())

    assert run("status", "--json").data["last_run"]["status"] == "did not end"
    assert "did not end" in run("status").out


def test_a_run_at_work_is_running(run: Run, box: Sandbox) -> None:
    seen: list[str] = []

    def look(process: "subprocess.Popen[str]") -> None:
        with program("status") as status:
            seen.append(status.communicate(timeout=PATIENCE)[0])

    assert end_while_writing(box, look) == 3
    assert "at work" in seen[0]
