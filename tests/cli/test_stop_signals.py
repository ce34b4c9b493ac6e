"""Whatever ends a program: within seconds, with the state saved, and 130."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.cli import boundary
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.shop.generator import generate
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.processes import PATIENCE, makes_invoices, program, silent
from tests.kits.sign_in import SignInUser

if os.name == "nt":
    pytest.skip("there a program cannot be sent signals", allow_module_level=True)

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Programs start as at a terminal, though whoever runs these tests may have signals ignored."""
    found = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in found.items():
        signal.signal(number, handler)


def stopped(process: "subprocess.Popen[str]", number: int) -> int:
    """Send it a signal: its exit code."""
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    return process.returncode


def read_of(name: str) -> Callable[[Request], bool]:
    """A request that reads such a list."""
    return lambda request: request.method == "GET" and request.path.endswith(name)


@pytest.mark.parametrize("number", SIGNALS)
def test_batches_that_are_never_answered_are_not_waited_for(
    run: Run, box: Sandbox, number: int
) -> None:
    """Several are in flight, each in a thread of its own."""
    box.xero.set_lock_dates()
    generate(box.keap, 60)
    with program("sync") as process, silent(box.xero, makes_invoices) as came:
        assert came.wait(PATIENCE)
        # It ends though no answer has come, nor ever will.
        assert stopped(process, number) == 130
    # What was on its way arrives all the same.
    until(lambda: sum(map(makes_invoices_call, box.xero.calls)) == len(came.requests))
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"
    again = run("sync")
    assert again.code == 3, again.err
    references = [row.reference for row in box.xero.invoices.values() if row.reference]
    assert len(references) == len(set(references)) > 60


@pytest.mark.parametrize("number", SIGNALS)
def test_a_wait_for_a_limit_is_ended(run: Run, box: Sandbox, number: int) -> None:
    """Xero wants to be left alone for a minute and a half."""
    box.xero.fail(kind="reply", status=429, headers={"Retry-After": "85"}, times=99)
    with program("sync") as process:
        until(lambda: any(call.status == 429 for call in box.xero.calls))
        assert stopped(process, number) == 130
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"


@pytest.mark.parametrize(
    ("typed", "asked", "number"),
    [
        (("verify",), read_of("/Invoices"), signal.SIGINT),
        (("undo", "last", "--yes"), read_of("/Invoices"), signal.SIGTERM),
        (("doctor",), read_of("/Organisation"), signal.SIGHUP),
        (("adopt",), read_of("/Invoices"), signal.SIGTERM),
    ],
    ids=["verify", "undo", "doctor", "adopt"],
)
def test_every_command_ends(
    run: Run, box: Sandbox, typed: tuple[str, ...], asked: Callable[[Request], bool], number: int
) -> None:
    run("sync")
    with program(*typed) as process, silent(box.xero, asked) as came:
        assert came.wait(PATIENCE)
        assert stopped(process, number) == 130


@pytest.mark.parametrize("number", SIGNALS)
def test_a_sign_in_that_waits_for_its_browser_ends(user: SignInUser, number: int) -> None:
    with program("auth", "xero", "--no-browser") as process:
        assert process.stderr
        assert any("http://127" in line for line in iter(process.stderr.readline, ""))
        assert stopped(process, number) == 130


def test_a_closed_terminal_ends_a_run(run: Run, box: Sandbox) -> None:
    """Its window is gone: nothing that it wants to say can be written any more."""
    master, slave = os.openpty()
    with silent(box.xero, makes_invoices) as came:
        process = subprocess.Popen(
            [sys.executable, "-c", AT_TERMINAL, "sync"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(slave)
        assert came.wait(PATIENCE)
        os.close(master)
        assert process.wait(PATIENCE) == 130
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"


AT_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from invoicesync_cli.__main__ import main
sys.exit(main())
"""
"""The tool with the terminal that it is started at as its own, whose end is a signal."""


def test_a_run_under_nohup_outlives_its_terminal(run: Run, box: Sandbox) -> None:
    ignored = "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    start = ignored + "from invoicesync_cli.__main__ import main; sys.exit(main())"
    with silent(box.xero, makes_invoices) as came:
        process = subprocess.Popen([sys.executable, "-c", start, "sync"], env=dict(os.environ))
        assert came.wait(PATIENCE)
        process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE) == 3
    assert run("status", "--json").data["last_run"]["status"] == "partial"


def test_signals_that_come_together_interrupt_no_saving(run: Run, box: Sandbox) -> None:
    """A terminal that is closed, and the system that goes down with it."""
    with program("sync") as process, silent(box.xero, makes_invoices) as came:
        assert came.wait(PATIENCE)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
        assert stopped(process, signal.SIGTERM) == 130
    assert run("status", "--json").data["last_run"]["status"] == "interrupted"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("where", ["text", "callback"])
def test_no_signal_is_lost_or_outlives_its_end(tmp_path: Path, number: int, where: str) -> None:
    """It comes while Python runs code from a text, as it does for each dataclass that is made, or
    where it can raise nothing, as at the end of each import."""
    (tmp_path / "interrupted.py").write_text(INTERRUPTED, encoding="utf-8")
    started = [sys.executable, "-m", "interrupted", where, str(int(number))]
    ran = subprocess.run(
        started, cwd=tmp_path, env=dict(os.environ), check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


INTERRUPTED = f"""
import signal, sys, threading, weakref

from invoicesync_cli.cli import boundary

_, where, number = sys.argv

class Thing:
    pass

def _run(typed):
    thing = Thing()
    seen = weakref.ref(thing, lambda _: signal.raise_signal(int(number)))
    try:
        if where == "text":
            exec("signal.raise_signal(int(number))")
        del thing
        threading.Event().wait({PATIENCE})
    except KeyboardInterrupt:
        return 0
    return 1

boundary._run = _run
sys.exit(boundary.run([]))
"""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("typed", ["status", "log", "log --json", "log --csv"])
def test_a_result_that_nobody_reads_on_is_not_waited_for(
    run: Run, box: Sandbox, typed: str, number: int
) -> None:
    """The reader of a pipe has stopped, and the program hangs in its writing."""
    run("sync")
    reader, writer = full_pipe()
    started = [sys.executable, "-c", UNREAD, str(int(number)), *typed.split()]
    process = subprocess.Popen(
        started, stdout=writer, stderr=subprocess.PIPE, env=dict(os.environ), text=True
    )
    os.close(writer)
    try:
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        os.close(reader)
    assert (process.returncode, said) == (130, "")


def full_pipe() -> tuple[int, int]:
    """A pipe into which nothing more goes."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b" " * 4096)
    os.set_blocking(writer, True)
    return reader, writer


UNREAD = """
import signal, sys
from invoicesync_cli import streams
from invoicesync_cli.__main__ import main

write, heard = streams._Forgiving.write, []

def interrupted(stream, data):
    if stream.fileno() == 1 and not heard:
        heard.append(True)
        signal.raise_signal(int(sys.argv[1]))
    return write(stream, data)

streams._Forgiving.write = interrupted
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_one_more_signal_at_the_very_end_changes_no_exit_code(home: Path, number: int) -> None:
    """Of somebody who presses Ctrl-C once more while Python takes itself down."""
    started = [sys.executable, "-c", AT_THE_END, str(int(number))]
    ran = subprocess.run(started, env=dict(os.environ), check=False, capture_output=True, text=True)
    assert (ran.returncode, "Exception ignored" in ran.stderr) == (5, False), ran.stderr
    assert "config" in ran.stderr


AT_THE_END = """
import atexit, signal, sys
atexit.register(lambda: signal.raise_signal(int(sys.argv[1])))
from invoicesync_cli.__main__ import main
sys.exit(main(["status"]))
"""
"""What was registered first is called last."""


def test_ctrl_break_is_taken_like_ctrl_c(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' own signal, in the place of another one that is here as well."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)

    def command(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGUSR1)

    monkeypatch.setattr(boundary, "parser", lambda: command)

    ran = run("status")

    assert (ran.code, "Interrupted." in ran.err) == (130, True)
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


def makes_invoices_call(call: Call) -> bool:
    return call.method == "PUT" and call.path.endswith("/Invoices")


def until(happened: Callable[[], bool]) -> None:
    """Look until something has happened."""
    for _ in range(PATIENCE * 100):
        if happened():
            return
        threading.Event().wait(0.01)
    raise AssertionError
