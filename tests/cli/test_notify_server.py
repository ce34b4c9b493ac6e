"""Mail servers: those that break off, refuse, cannot encrypt or are not who they say."""

import socket
from pathlib import Path

import pytest

from invoicesync_cli.notify import mail as mail_module
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Ran, Run
from tests.kits.json_schema import faults_in
from tests.kits.mail_server import (
    PASSWORD,
    Certificate,
    MailServer,
    breaking_off,
    certificate,
    mail_server,
)
from tests.kits.notified import notify, silent
from tests.kits.sign_in import free_port


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
