"""Standard streams of any kind, closed, full, narrow or a terminal's, and what goes there."""

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.__main__ import main
from invoicesync_cli.printable import cell, printable
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Ran, Run
from tests.kits.commands import COMMANDS, failing, working, write_payouts

NAME = "Łukasz Ünal 株式会社"
"""No code page has all of these letters."""
EVIL = "\x1b]0;owned\x07\x9b2J\u202eyrros\u2066\u200f\x08\x7f"
"""Sets a title, clears the screen, turns the text around."""

TYPED = [
    *(working(command) or failing(command) for command in COMMANDS),
    "log --csv",
    "log --json",
    "todo --csv",
    "report --csv",
    "sync --dry-run --from-start -v",
    f"synk '{NAME}'",
    f"lookup '{NAME}'",
    f"dismiss 1048 --reason '{NAME}'",
    f"status --config '/{NAME}'",
]
"""A line of every command, and some more."""


def enter(box: Sandbox, name: str, product: str = "Candle") -> str:
    """Enter an order of somebody with that name: its id."""
    person = box.keap.add_contact(given_name=name, family_name="", emails=("who@example.com",))
    when = datetime.fromisoformat("2026-11-10T10:00:00+00:00")
    item = Item("PRODUCT", "10.00", name=product)
    return str(box.keap.add_order(contact_id=person, items=(item,), order_time=when).id)


@pytest.mark.parametrize("line", TYPED)
def test_a_narrow_stream_changes_no_command(
    run: Run, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """As where output is redirected on Windows: cp1252, and an error for any other letter."""
    enter(box, NAME)
    if not line.startswith("sync"):
        run("sync")
    monkeypatch.chdir(tmp_path)
    write_payouts(tmp_path)
    run("backup", "books.zip")
    Path("books.zip").rename("before.zip")
    out, err = tmp_path / "out", tmp_path / "err"

    with (
        out.open("w", encoding="cp1252") as stdout,
        err.open("w", encoding="cp1252") as stderr,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", stdout)
        patch.setattr(sys, "stderr", stderr)
        code = main([*shlex.split(line.replace("restore books", "restore before")), "--no-input"])

    said = (out.read_bytes() + err.read_bytes()).decode("utf-8", "replace")
    assert code in {0, 2, 3, 4, 5, 6}
    assert "Unexpected" not in said


def shell(line: str, *typed: str) -> Ran:
    """The tool as a process of its own, with its streams as a shell's line says."""
    command = [sys.executable, "-m", "invoicesync_cli", *typed]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {line}', "sh", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=dict(os.environ),
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the full device of Linux")
@pytest.mark.parametrize(
    ("streams", "more"),
    [
        ("2>&-", ()),
        ("<&- >&- 2>&-", ()),
        (">/dev/full", ()),
        (">/dev/full 2>&1", ()),
        ("| :", ()),
        (">&-", ("--json",)),
        (">/dev/full", ("--json",)),
    ],
)
def test_a_run_books_whatever_becomes_of_its_output(
    box: Sandbox, streams: str, more: tuple[str, ...]
) -> None:
    """A code of a pipe is that of its last command."""
    ran = shell(streams, "sync", *more)

    assert ran.code == (0 if streams == "| :" else 3)
    assert len([one for one in box.xero.invoices.values() if one.reference]) == 47
    if "full 2" not in streams and streams.startswith(">/dev/full"):
        assert "could not be written: No space left on device" in ran.err
        assert len(ran.err.splitlines()) <= 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the full device of Linux")
@pytest.mark.parametrize(
    ("streams", "code"), [(">/dev/full", 7), (">&-", 0), ("2>/dev/full", 0), ("<&- 2>&-", 0)]
)
@pytest.mark.parametrize("typed", [("log", "--csv"), ("status", "--json"), ("config", "show")])
def test_a_result_that_was_lost_is_no_success(
    run: Run, box: Sandbox, streams: str, code: int, typed: tuple[str, ...]
) -> None:
    assert shell(streams, *typed).code == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the full device of Linux")
@pytest.mark.parametrize("streams", [">/dev/full", ">&-", "2>&-", "2>/dev/full"])
@pytest.mark.parametrize("typed", [("--version",), ("--help",), ("synk", "--json")])
def test_no_stream_makes_an_end_without_a_command(
    home: Path, streams: str, typed: tuple[str, ...]
) -> None:
    full = streams == ">/dev/full"
    expected = {"--version": {0, 7 if full else 0}, "--help": {7 if full else 0}, "synk": {2}}
    assert shell(streams, *typed).code in expected[typed[0]]


@pytest.mark.parametrize(
    "typed",
    [
        ("sync",),
        ("sync", "--dry-run", "-vv"),
        ("explain", "ORDER", "--by", "order"),
        ("log",),
        ("log", "--csv"),
        ("log", "--json"),
        ("todo", "-v"),
        ("todo", "--csv"),
        ("lookup", "contacts"),
        ("lookup", f"x{EVIL}"),
        (f"x{EVIL}",),
        ("config", "check", "--config", f"/etc/{EVIL}"),
        ("config", "path", "--config", f"/etc/{EVIL}"),
        ("dismiss", "ORDER", "--by", "order", "--reason", EVIL),
    ],
    ids=lambda typed: printable(" ".join(typed)),
)
def test_nothing_from_elsewhere_reaches_a_terminal_raw(
    run: Run, box: Sandbox, typed: tuple[str, ...]
) -> None:
    # A number twice makes the order one that is held, with its buyer's name in the open.
    order = enter(box, f"Mallory{EVIL}", f"Candle{EVIL}")
    box.keap.orders[order].currency = f"U{EVIL}"
    if typed[0] != "sync":
        run("sync")

    ran = run(*(order if word == "ORDER" else word for word in typed))

    said = ran.out + ran.err
    assert not [letter for letter in EVIL if letter.isprintable() is False and letter in said]
    if "--json" in typed:
        assert json.loads(ran.out)["exit_code"] == ran.code


def test_what_is_escaped_in_json_is_still_the_same(run: Run, box: Sandbox) -> None:
    ran = run("config", "path", "--json", "--config", f"/etc/{EVIL}\ud800")

    assert ran.data["config"].endswith(f"/etc/{EVIL}\ud800")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+cmd|x", "'+1+cmd|x"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\\u0009=1"),
        ("\r=1", "'\\u000d=1"),
        ("-12.00", "-12.00"),
        ("+44", "+44"),
        ("-", "'-"),
        ("Anna = Bob", "Anna = Bob"),
        ("two\nlines", "two\\u000alines"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_cell_is_no_formula(value: Any, shown: str) -> None:
    assert cell(value) == shown


def test_a_formula_in_a_name_is_text_in_the_csv(run: Run, box: Sandbox) -> None:
    order = enter(box, "=1+1")
    run("sync")

    out = run("log", "--csv").out

    row = next(row for row in csv.DictReader(io.StringIO(out)) if row["order_id"] == order)
    assert row["contact"] == "'=1+1"
    assert row["total"] == "10.00"


def test_the_csv_is_utf_8_and_marked_as_such_on_windows(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(box, NAME)
    run("sync")
    assert run("log", "--csv").out.startswith("at,run,")

    monkeypatch.setattr("invoicesync_cli.cli.report.WINDOWS", True)

    out = run("log", "--csv").out
    assert out.startswith("\ufeffat,run,")
    assert NAME in out
