"""Every command that README and docs show is run on the sandbox, in the order of its page."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.errors import ExitCode
from tests.kits.command_line import Run
from tests.kits.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
ASKING = ("sandbox", "serve", "config edit", "auth qbd")
"""Commands that go on until somebody ends them: only their options are looked at."""
NOT_GIVEN = {ExitCode.OK, ExitCode.NEEDS_PERSON, ExitCode.SIGN_IN, ExitCode.CONFIG}
"""How a command may end that lacks what a person has: a crontab, a key, a browser."""


ALL_THE_SAME = (
    "Missing argument",
    "Nobody can be asked",
    "There is no file",
    "for QuickBooks Desktop only",
)
"""What a command says that prose names without what goes with it, one that asks first, one that
takes a file of an earlier day, and one that is of another ledger."""


def commands(page: Path) -> Iterator[str]:
    """What a page shows to be typed, without remarks and what comes in or goes out."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", "").splitlines():
            if found := re.search(r"(?:^|&& )\s*invoicesync .*", line):
                yield found.group().removeprefix("&& ").strip().partition(" #")[0].strip()
    for found in re.findall(r"`(invoicesync [^`]+)`", text):
        yield " ".join(found.split())


def typed(command: str) -> list[str]:
    """The words of a command, with something in the place of every placeholder."""
    words = shlex.split(re.split(r" [<|>] ", command)[0].replace("…", "reason"))
    places = {
        "FILE": "file.zip",
        "NAME": "Smith",
        "ID": "1002",
        "COMMAND": "sync",
        "MONTH": "2026-10",
    }
    return [places.get(word, word) for word in words[1:]]


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the pages take to be there, and no scheduler of this machine's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("EDITOR", "true")
    stripe = "automatic_payout_id,created,gross,net,reporting_category,source_id\n"
    (tmp_path / "payouts.csv").write_text(stripe)
    (tmp_path / "export.csv").write_text("Order ref,Paid,Commission,Batch\n")


@pytest.mark.usefixtures("at_hand", "box")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_is_one(page: Path, run: Run) -> None:
    run("sync")
    wrong = []
    for command in dict.fromkeys(commands(page)):
        words = typed(command)
        if " ".join(words).startswith(ASKING):
            words.append("--help")
        ran = run(*words, "--no-input")
        if ran.code not in NOT_GIVEN and not any(said in ran.err for said in ALL_THE_SAME):
            wrong.append((command, ran.code, ran.err))

    assert wrong == []


@pytest.mark.parametrize("words", COMMANDS)
def test_the_example_on_a_help_page_can_be_typed(run: Run, words: str) -> None:
    page = run(*words.split(), "--help").out
    options, _, rest = page.partition("Example:")
    example = rest.partition("The options")[0]

    assert example.split()[: 1 + len(words.split())] == ["invoicesync", *words.split()]
    for option in re.findall(r"--[a-z-]+", example):
        assert option in options or option in run("--help").out
