"""`docs/reasons.md` is what the tool knows of its reasons, and names only commands that exist."""

import re

import pytest

from invoicesync_cli.model import DocumentState, Reason
from tests.kits import reasons_page
from tests.kits.command_line import Run

REASONS = [reason for reason in Reason if reason is not Reason.NONE]


def test_the_page_is_made_of_the_reasons() -> None:
    assert reasons_page.FILE.read_text(encoding="utf-8") == reasons_page.page(), (
        f"docs/reasons.md is out of date; write it anew: {reasons_page.COMMAND}"
    )


def test_every_reason_is_on_the_page_in_each_state_that_it_may_stand_in() -> None:
    page, (_, *sections) = (
        reasons_page.page(),
        re.split(r"^## ", reasons_page.page(), flags=re.MULTILINE),
    )
    shown = {
        (section.split("\n")[0], word)
        for section in sections
        for word in re.findall(r"^\| `([a-z-]+)`", section, flags=re.MULTILINE)
    }

    assert shown == {(str(state), str(reason)) for reason in REASONS for state in reason.states}
    assert "| |" not in page.replace("|  |", ""), "a reason without a meaning or a remedy"


@pytest.mark.parametrize("command", sorted({reason.command for reason in REASONS} - {""}))
def test_every_command_exists_with_its_options(run: Run, home: object, command: str) -> None:
    _, name, *rest = command.split()
    asked = run(name, "--help")

    assert asked.code == 0
    assert all(word in asked.out for word in rest if word.islower() or word.startswith("--"))


def test_what_needs_a_person_says_what_to_do_and_which_command() -> None:
    for reason in REASONS:
        if any(state.needs_person for state in reason.states):
            assert reason.command.startswith("invoicesync "), reason


@pytest.mark.parametrize("state", [DocumentState.HELD, DocumentState.WAITING, DocumentState.FAILED])
def test_what_is_open_always_has_a_reason(state: DocumentState) -> None:
    assert not Reason.NONE.may_stand_in(state)
    assert state.reasons
