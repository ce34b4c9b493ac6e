"""The README tells the truth about the commands."""

import re
from pathlib import Path

import pytest

from tests.kits.command_line import Run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_there_are_exactly_two_set_up_commands() -> None:
    assert len(re.findall(r"^```sh$", README, re.MULTILINE)) == 2
    assert "pip install . && invoicesync demo" in README
    assert "<!-- tests -->\n```sh\npython -m pip install -c constraints.txt -e '.[test]'" in README


@pytest.mark.parametrize(
    "words", sorted(set(re.findall(r"`invoicesync ([a-z-]+(?: [a-z]+)?)", README)))
)
def test_every_command_that_it_names_exists(run: Run, home: Path, words: str) -> None:
    assert run(*words.split(), "--help").code == 0


@pytest.mark.parametrize("option", sorted(set(re.findall(r"(--[a-z][a-z-]+)", README))))
def test_every_option_that_it_names_exists(run: Run, home: Path, option: str) -> None:
    commands = (
        "sync",
        "sync-id",
        "dismiss",
        "log",
        "todo",
        "sandbox",
        "demo",
        "status",
        "auth keap",
        "auth logout",
        "explain",
    )
    assert any(option in run(*command.split(), "--help").out for command in commands)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_file_that_it_links_exists(link: str) -> None:
    assert (ROOT / link).exists()
