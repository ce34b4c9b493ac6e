"""The page that `invoicesync --help` prints without making it is the one that would be made."""

import pytest

from invoicesync_cli.help_page import PAGE
from tests.kits import help_page
from tests.kits.command_line import Run


def test_the_page_is_what_typer_makes_of_the_commands() -> None:
    assert help_page.page() == PAGE, f"help_page.py is out of date: {help_page.COMMAND}"


def test_a_narrow_terminal_gets_lines_that_fit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    lines = run("--help").out.splitlines()

    assert max(map(len, lines)) <= 60
    assert lines != PAGE.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  sync")] == ["sync", "sync-id"]


def test_a_wide_terminal_gets_the_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert run("--help").out == PAGE


def test_whoever_types_nothing_or_help_sees_the_page(run: Run) -> None:
    assert (run().code, run().out, run().err) == (0, PAGE, "")
    assert run("help").out == PAGE
    assert run("help", "sync").out == run("sync", "--help").out
    assert run("help", "nothing").code == 2
