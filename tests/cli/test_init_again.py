"""`init` with a config that is there already: kept, changed only when that was agreed."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from invoicesync_cli.cli.prompt import Terminal
from invoicesync_cli.config import Config
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.interviewing import ENTER, FOR_XERO, XERO, Answers, written


def test_what_was_answered_is_kept_and_stands_there_the_next_time(
    run: Run, empty: Sandbox, home: Path, answer: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = answer(ENTER, "paid-only", "2026-10-01")

    assert ended.code == 2
    assert "is kept in" in ended.err
    assert written(home)["sync.mode"] == "paid-only"

    def interrupt(_: Terminal, question: str) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Terminal, "answer", interrupt)
        stopped = run("init", "--json")
    assert stopped.code == 130
    assert "the next sync" not in stopped.json["error"]["hint"]

    ran = answer(
        *(ENTER, ENTER, ENTER, "y", ENTER, *XERO, ENTER, ENTER, "n", ENTER, ENTER, ENTER),
        *(ENTER, "091", ENTER, "n", ENTER, "off", ENTER),
    )
    assert ran.code == 0, ran.err
    assert "[paid-only]" in ran.err
    assert "[2026-10-01]" in ran.err
    assert written(home)["sync.start"] == "2026-10-01"


def test_a_file_that_works_is_changed_only_when_that_was_agreed(
    run: Run, box: Sandbox, home: Path, answer: Answers
) -> None:
    """What a person wrote in it stays, and half of new answers is never used."""
    before = (home / "config.toml").read_text(encoding="utf-8")
    same = (ENTER, ENTER, ENTER, "y", ENTER, ENTER, ENTER, ENTER)

    assert answer("xero", "invoices").code == 2
    assert (home / "config.toml").read_text(encoding="utf-8") == before

    lines = (*same, "201", "y", *([ENTER] * 9), "draft", "n", "30", "off", ENTER)
    refused = answer(*lines, "n")
    assert refused.code == 0, refused.err
    assert "xero.account: '200' -> '201'" in refused.err
    assert refused.out == "Nothing was changed.\n"
    assert (home / "config.toml").read_text(encoding="utf-8") == before

    assert answer(*lines, "y").code == 0
    after = (home / "config.toml").read_text(encoding="utf-8")
    assert 'account = "201"' in after
    assert 'zero_tax_type = "ZERORATEDOUTPUT"\n' in after
    assert '"Stripe" = "091"             # the clearing account of the card processor\n' in after


def test_what_the_file_names_and_the_ledger_lacks_is_said(
    run: Run, box: Sandbox, edit: Callable[[str, str], None]
) -> None:
    edit('account = "200"', 'account = "2000"')

    ran = run("init", "--no-input", "--json", "--due-days", "7")

    assert ran.code == 5
    assert ran.json["error"]["code"] == "account-unknown"
    assert "xero.account: there is no account '2000'" in ran.json["error"]["message"]
    assert "--xero-account" in ran.json["error"]["hint"]


def test_a_file_with_mistakes_is_not_touched(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[sync\n")

    ran = run("init", "--no-input")

    assert ran.code == 5
    assert "config.toml:1: sync" in ran.err
    assert (home / "config.toml").read_text() == "[sync\n"


def test_the_other_way_is_asked_for_with_a_start_of_its_own(
    run: Run, empty: Sandbox, home: Path, answer: Answers
) -> None:
    lines = [line for part in FOR_XERO for line in part][:-1]
    ran = answer(*lines, "yes", "some day", "2026-12-01")

    assert ran.code == 0, ran.err
    found = written(home)
    assert (found["reverse.enabled"], found["reverse.start"]) == (True, "2026-12-01")
    assert found["sync.start"] == "2026-10-01"
    assert "invoicesync reverse-sync --dry-run" in ran.out
    assert "   1  No\n   2  Yes  No payments do" in ran.err
    assert "Number [No]: " in ran.err
    assert "Number [browser]: " in ran.err
    assert "the way to sign in is called PKCE" in ran.err


def test_mail_is_asked_for_when_it_is_wanted(
    run: Run, empty: Sandbox, home: Path, answer: Answers
) -> None:
    lines = [line for part in FOR_XERO for line in part][:-2]
    mail = (ENTER, "me@example.com", ENTER, "smtp.example.com", "tls", ENTER, "me")
    ran = answer(*lines, *mail, ENTER)

    assert ran.code == 0, ran.err
    found = {key: value for key, value in written(home).items() if key.startswith("notify")}
    assert found == {
        "notify.email": "problems",
        "notify.to": "me@example.com",
        "notify.from": "me@example.com",
        "notify.smtp_host": "smtp.example.com",
        "notify.smtp_security": "tls",
        "notify.smtp_port": 465,
        "notify.smtp_user": "me",
    }
    assert "INVOICESYNC_SMTP_PASSWORD" in ran.out


@pytest.mark.parametrize(
    ("set_before", "host", "security", "expected"),
    [
        ("", "localhost", ENTER, ("none", 25)),
        ("", "127.0.0.1", "starttls", ("starttls", 587)),
        ("", "smtp.example.com", ENTER, ("starttls", 587)),
        ('smtp_security = "tls"\nsmtp_port = 465', ENTER, "starttls", ("starttls", 587)),
        ('smtp_security = "tls"\nsmtp_port = 2465', ENTER, "starttls", ("starttls", 2465)),
        ('smtp_security = "starttls"\nsmtp_port = 25', ENTER, ENTER, ("starttls", 25)),
        ('smtp_security = "starttls"', "localhost", ENTER, ("starttls", 587)),
        ('smtp_security = "none"\nsmtp_port = 25', "smtp.example.com", ENTER, ("starttls", 587)),
    ],
)
def test_enter_takes_the_usual_way_to_the_mail_server_and_its_port(
    run: Run,
    empty: Sandbox,
    home: Path,
    answer: Answers,
    set_before: str,
    host: str,
    security: str,
    expected: tuple[str, int],
) -> None:
    home.mkdir()
    there = '[notify]\nsmtp_host = "localhost"\n' if "none" in set_before else "[notify]\n"
    if set_before and not host:
        there += 'smtp_host = "smtp.example.com"\n'
    (home / "config.toml").write_text(f"{there}{set_before}\n", encoding="utf-8")
    lines = [line for part in FOR_XERO for line in part][:-2]

    ran = answer(*lines, ENTER, "me@example.com", ENTER, host, security, ENTER, ENTER, ENTER)

    assert ran.code == 0, ran.err
    settings = Config.model_validate(
        tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))
    ).notify
    assert (settings.smtp_security, settings.smtp_port) == expected
    assert settings.email == "problems"
