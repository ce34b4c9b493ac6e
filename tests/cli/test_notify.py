"""Mail and pings after scheduled runs, with a real mail server on loopback."""

import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from invoicesync_cli.cli import scheduled
from invoicesync_cli.config import Notify
from invoicesync_cli.lock import only_run
from invoicesync_cli.notify import mail as mail_module
from invoicesync_cli.notify.letter import Group, Letter, LetterRow, message
from invoicesync_cli.paths import locate
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Ran, Run
from tests.kits.json_schema import faults_in
from tests.kits.mail_server import (
    PASSWORD,
    USER,
    Certificate,
    MailServer,
    PingService,
    breaking_off,
    certificate,
    mail_server,
)
from tests.kits.sign_in import free_port

Edit = Callable[[str, str], None]


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of the mail server."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mail(
    trusted: Certificate, home: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MailServer]:
    """A mail server with STARTTLS and a login, whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", PASSWORD)
    with mail_server(trusted.context) as server:
        notify(home, server.port)
        yield server


@pytest.fixture
def pings(home: Path, box: Sandbox) -> Iterator[PingService]:
    """A monitoring service."""
    service = PingService()
    with serving({"ping": service}) as roots:
        service.address = roots["ping"]
        yield service


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


def notify(home: Path, port: int, more: str = "", **settings: str) -> None:
    """Write [notify] into the config, in the place of what was there."""
    values = {
        "email": "problems",
        "to": "me@example.com",
        "from": USER,
        "smtp_host": "localhost",
        "smtp_security": "starttls",
        "smtp_user": USER,
        **settings,
    }
    path = home / "config.toml"
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    text = path.read_text(encoding="utf-8").partition("\n[notify]")[0]
    table = "\n".join(["[notify]", *lines, f"smtp_port = {port}", more])
    path.write_text(f"{text}\n{table}\n", encoding="utf-8")


def ping(home: Path, address: str) -> None:
    """Set a ping address, and no mail."""
    notify(home, 587, email="off", ping_url=address)


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


def silent(ran: Ran) -> bool:
    """Whether a run said nothing at all."""
    return (ran.out, ran.err) == ("", "")


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


def test_what_could_not_be_mailed_is_a_warning_and_mailed_by_the_next_run(
    run: Run, box: Sandbox, mail: MailServer
) -> None:
    mail.refusal = "451 4.3.0 Mailbox busy"

    ran = run("sync", "--scheduled")

    assert ran.code == 3
    assert "Warning: The mail of " in ran.err
    assert "(451 4.3.0 Mailbox busy)" in ran.err
    assert "(451 4.3.0 Mailbox busy)" in run("status").out
    assert "(451 4.3.0 Mailbox busy)" in run("log").err
    assert "Mailbox busy" in run("status", "--json").data["warnings"][0]
    assert silent(run("sync", "--scheduled"))

    mail.refusal = ""
    assert silent(run("sync", "--scheduled"))
    assert mail.mails[0]["Subject"] == "Wick & Wax Ltd: 6 documents need you"
    assert run("status", "--json").data["warnings"] == []


def test_a_server_that_breaks_off_is_a_warning(
    run: Run, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    for script in ([], [b"220 hello\r\n"], [b"220 hello\r\n", b"250 hello\r\n", b"250-half"]):
        with breaking_off(script) as port:
            notify(home, port, smtp_security="none", smtp_user="")
            ran = run("notify", "test", "--json")
            said[len(script)] = (ran.code, ran.json["error"]["code"])
    notify(home, free_port(), smtp_security="none", smtp_user="")
    ran = run("sync", "--scheduled")

    assert set(said.values()) == {(7, "mail-no-connection")}
    assert ran.code == 3
    assert "cannot be reached on port" in ran.err


def test_a_server_that_never_says_a_word_is_left(
    run: Run, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_module, "PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        notify(home, listener.getsockname()[1], smtp_security="none", smtp_user="")
        ran = run("notify", "test")

    assert ran.code == 7
    assert "no answer in time" in ran.err


def test_a_refused_login_says_so_and_never_the_password(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", "wrong-secret")

    ran = run("notify", "test", "-vv")

    assert ran.code == 4
    assert "localhost refused the login of books@example.com (535 5.7.8" in ran.err
    assert "wrong-secret" not in ran.out + ran.err
    assert "invoicesync notify password" in ran.err


def test_a_certificate_that_nobody_vouches_for_ends_the_conversation(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    ran = run("notify", "test", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "mail-certificate")
    assert mail.logins == []


def test_a_certificate_of_another_host_is_refused(
    run: Run,
    box: Sandbox,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = certificate(tmp_path, "mail.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    with mail_server(other.context, login=False) as server:
        notify(home, server.port, smtp_user="")
        assert run("notify", "test", "--json").json["error"]["code"] == "mail-certificate"


def test_a_server_that_cannot_encrypt_gets_neither_password_nor_mail(
    run: Run, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", PASSWORD)
    with mail_server() as server:
        notify(home, server.port)
        ran = run("notify", "test", "--json")
        assert (ran.code, ran.json["error"]["code"]) == (5, "mail-not-offered")
        assert (server.logins, server.mails) == ([], [])
        notify(home, server.port, smtp_security="tls")
        assert run("notify", "test", "--json").json["error"]["code"] == "mail-tls"
        notify(home, server.port, smtp_security="none")
        assert run("notify", "test").code == 0
        assert server.mails[0]["Subject"].endswith(": a test of mail")


def test_tls_from_the_first_byte_on(
    run: Run,
    box: Sandbox,
    home: Path,
    trusted: Certificate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", PASSWORD)
    with mail_server(trusted.context, at_once=True) as server:
        notify(home, server.port, smtp_security="tls", to="A B <a@example.com>, b@example.com")
        ran = run("notify", "test")

    assert ran.code == 0, ran.err
    assert server.to == [["a@example.com", "b@example.com"]]


def test_one_of_several_who_is_refused_is_a_warning(
    run: Run, box: Sandbox, home: Path, mail: MailServer
) -> None:
    notify(home, mail.port, to="me@example.com, gone@example.com")
    mail.refused = {"gone@example.com"}

    ran = run("sync", "--scheduled")

    assert "gone@example.com (550 5.1.1 No such user here)" in ran.err
    assert len(mail.mails) == 1
    run("sync", "--scheduled")
    assert len(mail.mails) == 1


def test_the_password_is_kept_once_it_works(
    run: Run,
    box: Sandbox,
    home: Path,
    mail: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("INVOICESYNC_SMTP_PASSWORD")
    notify(home, mail.port, '[auth]\nstorage = "file"')

    def typed(password: str) -> Ran:
        (tmp_path / "typed").write_text(password)
        with (tmp_path / "typed").open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            return run("notify", "password", "--json")

    assert typed("wrong\n").code == 4
    assert run("notify", "test").code == 4
    ran = typed(f"{PASSWORD}\n")

    assert ran.code == 0, ran.err
    assert faults_in(ran.json) == []
    assert PASSWORD not in ran.out + ran.err
    ran = run("notify", "test", "--json")
    assert ran.code == 0
    assert faults_in(ran.json) == []
    assert len(mail.mails) == 1
    assert run("notify", "password", "--forget").code == 0
    assert "There is no password for books@example.com" in run("notify", "test").err


def test_pings_say_how_runs_ended(
    run: Run, box: Sandbox, home: Path, pings: PingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ping(home, f"{pings.address}/abc-123/?rid=7")
    assert run("sync", "--scheduled").code == 3
    run("pause")
    assert silent(run("sync", "--scheduled"))
    run("resume")
    with only_run(locate().lock):
        run("sync", "--scheduled")
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", "")
    run("sync", "--scheduled")

    worked, failed = "/abc-123/?rid=7", "/abc-123/fail?rid=7"
    assert pings.calls == [worked, worked, failed, failed]
    assert all("HTTP_AUTHORIZATION" not in headers for headers in pings.headers)
    run("sync")
    run("sync", "--scheduled", "--dry-run")
    assert len(pings.calls) == 4


def test_a_ping_goes_out_although_the_config_is_wrong_elsewhere(
    run: Run, box: Sandbox, home: Path, pings: PingService, edit: Edit
) -> None:
    ping(home, pings.address)
    edit("[invoices]", "[invoces]")

    assert run("sync", "--scheduled").code == 5

    assert pings.calls == ["/fail"]


def test_a_ping_that_fails_is_a_warning_that_does_not_show_the_address(
    run: Run, box: Sandbox, home: Path, pings: PingService
) -> None:
    run("sync")
    for status in ("500 Oops", "302 Found"):
        pings.status = status
        ping(home, f"{pings.address}/as-good-as-a-password")
        before = run("sync", "--scheduled", "-vv")
        assert f"The monitoring service GET (address not shown) -> {status[:3]}" in before.err
        assert "as-good-as" not in before.out + before.err
        ran = run("status")
        assert ran.code == 0
        assert "Warning: The ping of " in ran.out
        assert f"answered {status[:3]}" in ran.out
        assert "as-good-as" not in ran.out + ran.err
    assert pings.calls == ["/as-good-as-a-password"] * 2
    ping(home, f"http://127.0.0.1:{free_port()}/x")
    assert run("sync", "--scheduled").code == 3
    assert run("notify", "test", "--json").json["error"]["code"] == "ping-not-delivered"
    pings.status = "200 OK"
    ping(home, pings.address)
    assert "The monitoring service was called." in run("notify", "test").out
    assert run("status", "--json").data["warnings"] == []


@pytest.mark.parametrize(
    ("settings", "where", "what"),
    [
        ({"to": ""}, "notify.to", "needed"),
        ({"from": ""}, "notify.from", "needed"),
        ({"smtp_host": ""}, "notify.smtp_host", "needed"),
        ({"to": "me"}, "notify.to", '"me" is no mail address'),
        ({"to": "me@example.com, you"}, "notify.to", '"you" is no mail address'),
        ({"from": "a@example.com, b@example.com"}, "notify.from", "one address"),
        ({"smtp_host": "smtp.example.com:587"}, "notify.smtp_host", "no name of a server"),
        (
            {"smtp_host": "smtp.example.com", "smtp_security": "none"},
            "notify.smtp_security",
            "only for a mail server on this machine",
        ),
        ({"ping_url": "http://hc.example.com/x"}, "notify.ping_url", "no address"),
        ({"ping_url": "hc.example.com/x"}, "notify.ping_url", "no address"),
        ({"ping_url": "https://me:secret@hc.example.com/x"}, "notify.ping_url", "password"),
    ],
)
def test_settings_that_cannot_work_are_mistakes(
    run: Run, box: Sandbox, home: Path, settings: dict[str, str], where: str, what: str
) -> None:
    notify(home, 587, **settings)

    ran = run("config", "check", "--json")

    (finding,) = [item for item in ran.data["findings"] if item["level"] == "error"]
    assert ran.code == 5
    assert where in finding["where"]
    assert what in finding["message"]
    assert finding["hint"]
    assert "secret" not in ran.out
    assert run("sync", "--scheduled").code == 5


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


def test_doctor_tries_the_mail_server_and_sends_nothing(
    run: Run, box: Sandbox, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Mail: ok. localhost, port" in run("doctor").out
    assert (mail.logins, mail.mails) == (["right"], [])
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", "wrong-secret")

    ran = run("doctor", "--json")

    (found,) = [one for one in ran.data["findings"] if one["code"] == "mail-login-refused"]
    assert (ran.code, found["level"]) == (0, "warning")
    assert "wrong-secret" not in ran.out


def test_nothing_set_up_is_nothing_to_try(run: Run, box: Sandbox) -> None:
    assert run("notify", "test", "--json").json["error"]["code"] == "notify-off"


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
