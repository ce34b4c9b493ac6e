"""What commands print at a terminal of 80 columns, in colour, and through a pager."""

import re
import sys
from pathlib import Path

import pytest

from invoicesync_cli.cli.report import Screen
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run, at_terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LEDGER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOWN = [
    ("log",),
    ("log", "--failed"),
    ("log", "--skipped"),
    ("todo",),
    ("todo", "-v"),
    ("status",),
    ("auth", "status"),
    ("lookup", "accounts"),
    ("lookup", "contacts"),
    ("lookup", "taxes"),
    ("lookup", "items"),
    ("lookup", "organisations"),
    ("explain", "1029"),
    ("explain", "1033"),
    ("config", "show"),
    ("config", "check"),
    ("sync", "--dry-run", "--from-start", "-v"),
    ("report",),
    ("verify",),
]


@pytest.mark.parametrize("typed", SHOWN, ids=" ".join)
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    run("sync")
    wide = run(*typed)
    at_terminal(monkeypatch)

    ran = run(*typed)

    # A path or an address that is wider than the terminal is still one word.
    lines = COLOUR.sub("", ran.out).splitlines()
    assert not [line for line in lines if len(line) > 80 and " " in line.strip()]
    words = set(wide.out.split())
    shown = COLOUR.sub("", ran.out).replace("─", "").split()
    assert [word for word in shown if word not in words] == []
    assert len(LEDGER_ID.findall(ran.out)) == len(LEDGER_ID.findall(wide.out))


def test_what_is_piped_is_as_wide_as_it_has_to_be(run: Run, box: Sandbox) -> None:
    out = run("sync").out + run("lookup", "contacts").out + run("config", "show").out

    assert not [line for line in out.splitlines() if line != line.rstrip()]
    contacts = run("lookup", "contacts").out.splitlines()
    alice = next(line for line in contacts if "Alice Baker" in line)
    assert LEDGER_ID.search(alice)
    assert "alice@example.com" in alice


def test_states_are_in_colour_unless_that_is_not_wanted(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync")
    at_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "xterm-256color")

    out = run("log").out

    assert "\x1b[32mcreated" in out
    assert "\x1b[31mheld" in out
    assert "\x1b[33mwaiting" in out
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[1-7]m", run("log").out)


def test_a_line_goes_on_below_itself(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, 30)

    Screen().line("    The ledger made it 119.99; it should be 120.00.", hang=2)

    assert capfd.readouterr().out.splitlines() == [
        "    The ledger made it 119.99;",
        "      it should be 120.00.",
    ]


def test_a_name_is_broken_only_where_it_has_no_room_on_a_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, 30)

    Screen().line("  held  invoice 1001  Alice van Baker", hang=4)
    Screen().line("  held  The Very Long Company Name of Somebody Ltd", hang=4)

    assert capfd.readouterr().out.splitlines() == [
        "  held  invoice 1001",
        "      Alice van Baker",
        "  held  The Very Long Company",
        "      Name of Somebody Ltd",
    ]


def test_what_is_to_be_copied_stays_on_its_line(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch)

    lines = COLOUR.sub("", run("schedule", "show", "--using", "cron").out).splitlines()

    (entry,) = [line for line in lines if "sync --scheduled" in line]
    assert entry.endswith(lines[-1])
    assert "INVOICESYNC_HOME=" in entry


def test_a_table_that_has_no_room_for_its_words_is_lines(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, 30)

    Screen().table(("what", ">total"), [("an-account-with-a-long-name", "119.00 GBP")])

    assert capfd.readouterr().out.split() == ["an-account-with-a-long-name", "119.00", "GBP"]


def test_figures_on_such_lines_are_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, 30)
    row = ("payments", "1,000", "1200000.00 GBP", "7", "90.00 GBP")

    Screen().table(("", ">Keap", ">", ">Xero", ">"), [row])

    said = "payments Keap 1,000 1200000.00 GBP Xero 7 90.00 GBP"
    assert " ".join(capfd.readouterr().out.split()) == said


def test_a_heading_is_broken_before_a_table_is_lines(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, 30)

    Screen().table(("tax, less credits and refunds", ">tax"), [("OUTPUT2", "119.00 GBP")])

    lines = COLOUR.sub("", capfd.readouterr().out).splitlines()
    assert [line.rstrip() for line in lines[:2]] == [
        "tax, less credits",
        "and refunds                tax",
    ]
    assert all(len(line) <= 30 for line in lines)


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terminal with ten lines, and a pager that notes what it was given there."""
    at_terminal(monkeypatch)
    monkeypatch.setenv("LINES", "10")
    noted = tmp_path / "noted"
    program = tmp_path / "pager.py"
    program.write_text(
        f"import sys, pathlib\npathlib.Path({str(noted)!r}).write_text(sys.stdin.read())\n"
    )
    monkeypatch.setenv("PAGER", f"{sys.executable} {program}")
    return noted


def test_a_long_list_goes_through_the_pager(run: Run, box: Sandbox, pager: Path) -> None:
    run("sync-id", "1002,1003,1004,1005,1006,1007,1008")

    ran = run("log")

    assert "created" not in ran.out
    text = pager.read_text()
    assert text.count("created") == 14
    assert COLOUR.search(text)


def test_a_short_list_needs_no_pager(run: Run, box: Sandbox, pager: Path) -> None:
    run("sync-id", "1002")

    assert "created" in run("log").out
    assert not pager.exists()


def test_csv_and_json_never_go_through_the_pager(run: Run, box: Sandbox, pager: Path) -> None:
    run("sync-id", "1002,1003,1004,1005,1006,1007,1008")

    assert run("log", "--csv").out.count("created") == 14
    assert len(run("log", "--json").data["entries"]) == 14
    assert not pager.exists()


def test_whoever_closes_the_pager_early_has_seen_enough(
    run: Run, box: Sandbox, pager: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", f"{sys.executable} -c pass")
    run("sync")

    ran = run("log")

    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("named", ["", "no-such-pager-anywhere"])
def test_without_a_pager_everything_is_printed(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    at_terminal(monkeypatch)
    monkeypatch.setenv("PAGER", named)
    monkeypatch.setenv("LINES", "3")
    run("sync-id", "1002,1003")

    assert run("log").out.count("created") == 4


@pytest.mark.parametrize(
    "command", ["sync", "status", "todo", "log", "report", "verify", "undo last"]
)
def test_money_stands_with_its_currency(run: Run, box: Sandbox, command: str) -> None:
    """Also in the columns of a table, which is copied without what stands above it."""
    if command != "sync":
        run("sync")

    out = run(*command.split(), *(["--dry-run"] if command.startswith("undo") else [])).out

    assert re.findall(r"\d+\.\d\d\b(?! (?:GBP|USD))", out) == []


def test_what_is_explained_names_the_currency_of_every_line(run: Run, box: Sandbox) -> None:
    out = run("explain", "1003").out

    assert "Pillar candle (product) at 100.00 GBP, taxable" in out
    assert "(discount order total) at -10.00 GBP" in out
