"""The README tells the truth about the commands."""

import re
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.cli.application import parser
from tests.kits.command_line import Run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_there_are_exactly_two_set_up_commands() -> None:
    assert len(re.findall(r"^```sh$", README, re.MULTILINE)) == 2
    assert "pip install . && invoicesync demo" in README
    assert "<!-- tests -->\n```sh\npython -m pip install -c constraints.txt -e '.[test]'" in README


def test_each_way_to_install_is_one_line_on_each_system() -> None:
    rows = re.findall(r"^\| (?:\[)?(uv|pipx|pip)\b.*$", README, re.MULTILINE)
    assert rows == ["uv", "pipx", "pip"]
    cells = re.findall(r"`([^`]*install \.)`", README)
    assert len(cells) == 9
    powershell, cmd = cells[7], cells[8]
    # PowerShell 5 has no &&, cmd no $HOME.
    assert "&&" not in powershell
    assert "$" not in cmd


@pytest.mark.parametrize(
    "words", sorted(set(re.findall(r"`invoicesync ([a-z-]+(?: [a-z]+)?)", README)))
)
def test_every_command_that_it_names_exists(run: Run, home: Path, words: str) -> None:
    assert run(*words.split(), "--help").code == 0


def options(command: Any) -> set[str]:
    """Every option of a command and of those below it."""
    below = getattr(command, "commands", {}).values()
    own = {name for parameter in command.params for name in parameter.opts}
    return own.union(*map(options, below))


def test_every_option_that_it_names_exists() -> None:
    known = options(parser()) | {"--help"}

    assert set(re.findall(r"(--[a-z][a-z-]+)", README)) - known == set()


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_file_that_it_links_exists(link: str) -> None:
    assert (ROOT / link).exists()
