"""The page that `invoicesync --help` prints without making it is the one that would be made."""

import re
import shlex

import pytest

from invoicesync_cli.cli.application import parser
from invoicesync_cli.cli.command import COMMON
from invoicesync_cli.cli.help import EXAMPLES
from invoicesync_cli.help_page import PAGE
from tests.kits import help_page
from tests.kits.command_line import Run
from tests.kits.commands import commands


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


@pytest.mark.parametrize("words", commands(parser()), ids=" ".join)
def test_a_page_has_its_own_options_in_plain_words_and_an_example(
    run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = run(*words, "--help").out

    assert not re.search(r"<(int|str|float|list)|x[<>]=|--json  ", page)
    assert "--json: invoicesync --help" in page
    in_browser = words[0] == "auth" and "--no-browser" in page
    assert " ".join(words) in EXAMPLES or in_browser, "give it an example in cli/help.py"
    example = page.partition("\nExample:\n")[2].partition("\n")[0]
    typed = shlex.split(example)
    assert typed[: len(words) + 1] == ["invoicesync", *words]
    offered = re.findall(r"--[a-z-]+", page) + [f"--{name.replace('_', '-')}" for name in COMMON]
    assert set(re.findall(r"--[a-z-]+", example)) <= set(offered)
