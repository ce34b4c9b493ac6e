"""Pings, and settings of notify that cannot work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.lock import only_run
from invoicesync_cli.paths import locate
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run
from tests.kits.mail_server import (
    PingService,
)
from tests.kits.notified import notify, silent
from tests.kits.sign_in import free_port


@pytest.fixture
def pings(home: Path, box: Sandbox) -> Iterator[PingService]:
    """A monitoring service."""
    service = PingService()
    with serving({"ping": service}) as roots:
        service.address = roots["ping"]
        yield service


def ping(home: Path, address: str) -> None:
    """Set a ping address, and no mail."""
    notify(home, 587, email="off", ping_url=address)


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
