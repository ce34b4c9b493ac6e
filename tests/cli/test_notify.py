"""Mail and pings after scheduled runs, with a real mail server on loopback."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from invoicesync_cli.cli import scheduled
from invoicesync_cli.config import Notify
from invoicesync_cli.lock import only_run
from invoicesync_cli.notify.letter import Group, Letter, LetterRow, message
from invoicesync_cli.paths import locate
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run
from tests.kits.mail_server import (
    PASSWORD,
    USER,
    MailServer,
)
from tests.kits.notified import notify, silent


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many hours pass for whoever decides about mail."""
    passed = timedelta()
    now = scheduled.now

    def wait(hours: float) -> None:
        nonlocal passed
        passed += timedelta(hours=hours)

    monkeypatch.setattr(scheduled, "now", lambda: now() + passed)
    return wait


def text_of(mail: EmailMessage) -> str:
    """The plain text."""
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """The HTML."""
    part = mail.get_body(("html",))
    assert part
    return str(part.get_content())


def hold(box: Sandbox, name: str = "Zoe") -> str:
    """Let the shop get an order dated in a period that is locked: the id of its invoice."""
    person = box.keap.add_contact(given_name=name, family_name="Novak")
    when = datetime(2026, 10, 1, 12, tzinfo=UTC)
    goods = [Item("PRODUCT", "70.00", name="Pillar candle")]
    return box.keap.add_order(contact_id=person, order_time=when, items=goods).invoice_id


def test_a_mail_lists_what_newly_needs_a_person_once(
    run: Run, box: Sandbox, mail: MailServer
) -> None:
    ran = run("sync", "--scheduled")

    assert ran.code == 3
    assert "Created: 46 invoices" in ran.out
    (letter,) = mail.mails
    assert letter["Subject"] == "Wick & Wax Ltd: 6 documents need you"
    assert (letter["To"], mail.to) == ("me@example.com", [["me@example.com"]])
    assert USER in letter["From"]
    assert letter["Auto-Submitted"] == "auto-generated"
    assert (mail.encrypted, mail.logins) == ([True], ["right"])
    text, html = text_of(letter), html_of(letter)
    for shown in (text, html):
        assert "period-locked" in shown
        assert "72.00 GBP" in shown
        assert "invoice 1029 (order 1031)" in shown
        assert re.search(r"2026-10-01, \d+ days", shown)
        assert "invoicesync todo" in shown
    assert "invoicesync retry" in text
    assert PASSWORD not in mail.raw[0].decode()

    ran = run("sync", "--scheduled")

    assert ran.code == 3
    assert silent(ran)
    assert len(mail.mails) == 1


def test_only_what_is_new_is_a_reason_and_it_comes_first(
    run: Run, box: Sandbox, mail: MailServer
) -> None:
    run("sync")
    assert silent(run("sync", "--scheduled"))
    assert mail.mails == []
    invoice = hold(box)

    ran = run("sync", "--scheduled")

    assert invoice in ran.out
    (letter,) = mail.mails
    assert letter["Subject"] == "Wick & Wax Ltd: 1 new document needs you, 7 in all"
    text = text_of(letter)
    assert re.search(rf"  - invoice {invoice} .*NEW", text)
    assert text.count("NEW") == 1
    assert text.index(f"invoice {invoice} ") < text.index("invoice 1001 (order")


@pytest.mark.parametrize("email", ["problems", "daily"])
def test_a_mail_says_what_was_left_out_since_the_last_one(
    run: Run,
    box: Sandbox,
    mail: MailServer,
    home: Path,
    later: Callable[[float], None],
    edit: Edit,
    email: str,
) -> None:
    """Rules of the user's did it, so that it is no reason for a mail: money may be among it."""
    notify(home, mail.port, email=email)
    run("sync", "--scheduled")
    for shown in (text_of(mail.mails[0]), html_of(mail.mails[0])):
        assert "1 document newly skipped: payment-failed, 120.00 GBP" in shown
        assert "1 document newly skipped: zero-total, 0.00 GBP" in shown
        assert "invoicesync log --skipped" in shown

    box.keap.add_payment(order_id="1002", amount="30.00")
    assert "overpayment" in run("sync", "--scheduled").out
    assert len(mail.mails) == 1
    later(24)
    hold(box)
    run("sync", "--scheduled")

    second = text_of(mail.mails[1])
    assert "1 document newly skipped: overpayment, 30.00 GBP" in second
    assert "Nothing of it was booked." in second
    assert second.count("newly") == 1

    edit("[payments]\n", "[payments]\nskip_overpayment = false\n")
    goods = [Item("PRODUCT", "50.00", name="Pillar candle")]
    order = box.keap.add_order(contact_id="101", order_time=datetime.now(UTC), items=goods)
    box.keap.add_payment(order_id=order.id, amount="70.00")
    later(24)
    hold(box)
    run("sync", "--scheduled")

    third = text_of(mail.mails[2])
    assert "1 document newly created: overpayment, 50.00 GBP" in third
    assert "The balance was paid, and the rest was not booked." in third
    assert third.count("newly") == 1


def test_a_document_that_was_found_by_a_run_that_was_killed_is_mailed_by_the_next(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync")
    invoice = hold(box)
    with monkeypatch.context() as killed:
        killed.setattr(scheduled.Notifier, "ended", lambda *_: [])
        run("sync", "--scheduled")
    assert mail.mails == []

    run("sync", "--scheduled")

    assert f"invoice {invoice} " in text_of(mail.mails[0])


def test_many_documents_are_listed_up_to_a_limit(run: Run, box: Sandbox, mail: MailServer) -> None:
    for _ in range(14):
        hold(box)

    run("sync", "--scheduled")

    text = text_of(mail.mails[0])
    locked = text.partition("15 documents held: period-locked, ")[2].partition("\n\n")[0]
    assert locked.count("  - invoice") == 10
    assert "and 5 more: invoicesync todo --reason period-locked" in locked


@pytest.mark.parametrize(
    "name",
    [
        "Eve\r\nBcc: victim@example.com\r\n\r\nHello",
        "<script>alert(1)</script><img src=http://evil.example/x.png>",
        'A" onmouseover="x',
        "\u202eevil\x1b[31m",
        "x" * 5000,
    ],
)
def test_hostile_names_are_text(run: Run, box: Sandbox, mail: MailServer, name: str) -> None:
    """Of a buyer, and of the company, which stands in the subject."""
    box.xero.organisation["Name"] = f"Evil {name}"
    hold(box, name)

    run("sync", "--scheduled")

    (letter,) = mail.mails
    assert mail.to == [["me@example.com"]]
    assert letter["Bcc"] is None
    assert letter.keys() == [
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    ]
    html = html_of(letter)
    for tag in re.findall(r"<\w+[^>]*>", html):
        assert not re.match(r"<(script|img|link|iframe)|.*(onmouseover|src)=", tag)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", text_of(letter))
    assert len(mail.raw[0]) < 60_000


def test_a_failure_is_mailed_once_then_daily_and_that_it_works_again(
    run: Run, box: Sandbox, mail: MailServer, later: Callable[[float], None]
) -> None:
    run("sync")
    box.keap.fail(kind="reply", status=503, times=10_000)

    ran = run("sync", "--scheduled")

    assert ran.code == 7
    assert "Keap" in ran.err
    assert [letter["Subject"] for letter in mail.mails] == [
        "Wick & Wax Ltd: a service is down or a limit is reached"
    ]
    text = text_of(mail.mails[0])
    assert "failed (exit code 7)" in text
    assert "Keap" in text
    assert "Scheduled runs fail since" in run("status").out

    run("sync", "--scheduled")
    later(5)
    run("sync", "--scheduled")
    assert len(mail.mails) == 1
    later(16)
    run("sync", "--scheduled")
    assert len(mail.mails) == 2
    assert "Runs have failed since" in text_of(mail.mails[1])

    box.keap.faults.clear()
    assert silent(run("sync", "--scheduled"))
    assert mail.mails[2]["Subject"] == "Wick & Wax Ltd: works again; 6 documents need you"
    assert "Runs had failed since" in text_of(mail.mails[2])
    assert "fail since" not in run("status").out
    assert silent(run("sync", "--scheduled"))
    assert len(mail.mails) == 3


def test_a_different_failure_is_mailed_at_once(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch, edit: Edit
) -> None:
    """Of each kind, also those that come before a run begins."""
    run("sync-id", "1048")
    with only_run(locate().lock):
        assert run("sync", "--scheduled").code == 8
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", "")
    assert run("sync", "--scheduled").code == 4
    edit("[invoices]", "[invoces]")
    assert run("sync", "--scheduled").code == 5
    assert run("sync", "--scheduled").code == 5
    edit("[invoces]", "[invoices")
    assert run("sync", "--scheduled").code == 5

    subjects = [letter["Subject"].partition(": ")[2] for letter in mail.mails]
    assert subjects == [
        "another run is still active",
        "sign-in needed",
        "the configuration is wrong",
        "the configuration is wrong",
    ]
    assert "Did you mean 'invoices'" in text_of(mail.mails[2]).replace('"', "'")


def test_a_bug_is_mailed_too(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("invoicesync_cli.sync.run", broken)

    assert run("sync", "--scheduled").code == 1

    assert "Unexpected error: ZeroDivisionError: by zero" in text_of(mail.mails[0])


def test_without_a_state_that_can_be_opened_a_mail_goes_out_once(
    run: Run, box: Sandbox, mail: MailServer, home: Path, later: Callable[[float], None]
) -> None:
    (home / "state.sqlite3").write_text("this is no state file, but a text of some length")

    for _ in range(2):
        assert run("sync", "--scheduled").code == 5
    assert [letter["Subject"] for letter in mail.mails] == [
        "invoicesync: the configuration is wrong"
    ]
    later(21)
    run("sync", "--scheduled")
    assert len(mail.mails) == 2

    (home / "state.sqlite3").unlink()
    run("sync", "--scheduled")
    assert mail.mails[2]["Subject"] == "Wick & Wax Ltd: works again; 6 documents need you"


def test_the_daily_mail_comes_with_the_first_run_of_a_day(
    run: Run, box: Sandbox, mail: MailServer, home: Path, later: Callable[[float], None]
) -> None:
    notify(home, mail.port, email="daily")
    run("sync", "--scheduled")
    hold(box)
    run("sync", "--scheduled")

    (first,) = mail.mails
    assert first["Subject"] == "Wick & Wax Ltd: 6 documents need you"
    assert "So far: 1 run." in text_of(first)
    assert "Created: 46 invoices, " in text_of(first)
    assert "4268.37 GBP" in text_of(first)

    later(24)
    assert silent(run("sync", "--scheduled"))

    (_, second) = mail.mails
    assert second["Subject"] == "Wick & Wax Ltd: 1 new document needs you, 7 in all"
    assert re.search(r"Since \d{4}-.*: 2 runs\.", text_of(second))
    assert "Nothing new came from Keap." in text_of(second)


def test_links_go_to_pages_of_the_services_and_nowhere_else() -> None:
    settings = Notify.model_validate({"to": "me@example.com", "from": "a@example.com"})
    links = [("See it in Keap", 'https://keap.example/?id=1"x'), ("No", "javascript:alert(1)")]
    row = LetterRow("invoice 1 (order 2)", "1.00 GBP", "2026-10-01, 2 days", "Zoe", links=links)

    mail = message(Letter("Shop", "1 document", [], [Group("held", "why", [row])]), settings)

    assert re.findall(r'href="([^"]*)"', html_of(mail)) == ["https://keap.example/?id=1&quot;x"]
    assert 'https://keap.example/?id=1"x' in text_of(mail)


def test_the_first_run_ever_may_fail(
    run: Run, box: Sandbox, home: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify(home, mail.port, '[auth]\nstorage = "file"')
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", "")

    assert run("sync", "--scheduled").code == 4
    assert run("sync", "--scheduled").code == 4

    assert [letter["Subject"] for letter in mail.mails] == ["invoicesync: sign-in needed"]
    assert "invoicesync auth keap" in text_of(mail.mails[0])


def test_a_scheduled_run_that_sends_nothing_by_its_setting_is_silent(
    run: Run, box: Sandbox, home: Path
) -> None:
    text = (home / "config.toml").read_text()
    (home / "config.toml").write_text(f'[sync]\nmode = "off"\n{text}')

    assert 'sync.mode is "off"' in run("sync").err
    assert silent(run("sync", "--scheduled"))


def test_commands_in_the_mail_are_for_the_profile(
    run: Run, box: Sandbox, home: Path, mail: MailServer
) -> None:
    second = home / "profiles" / "second"
    second.mkdir(parents=True)
    (second / "config.toml").write_text((home / "config.toml").read_text())

    run("--profile", "second", "sync", "--scheduled")

    text = text_of(mail.mails[0])
    assert "invoicesync --profile second todo" in text
    assert 'invoicesync --profile second dismiss 1001 --reason "entered by hand"' in text
    assert not re.search(r"invoicesync (todo|retry|explain|status|dismiss)", text)
