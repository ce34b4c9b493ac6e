"""QuickBooks Desktop by the Web Connector, as a user types it, over real HTTP on loopback."""

import re
import signal
import socket
import sys
from pathlib import Path
from typing import Literal

import pytest

from invoicesync_cli.load.qbd.web_connector import first_session, sessions
from invoicesync_sandbox.qbd import QbdSandbox
from invoicesync_sandbox.qbd.web_connector import Kill
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run
from tests.kits.json_schema import faults_in
from tests.kits.processes import program
from tests.kits.quickbooks_pc import LONG, PASSWORD, Halting, QuickBooksPC, books, demo_books


def test_a_sign_in_says_what_to_click_and_pins_the_company(
    run: Run, pc: QuickBooksPC, home: Path, port: int
) -> None:
    with pc.polls():
        ran = run("auth", "qbd", "--timeout", "60", "--json")

    assert ran.code == 0
    assert faults_in(ran.json) == []
    data = ran.data
    assert (data["signed_in"], data["name"], data["sign_in"]) == (
        True,
        "Wick & Wax LLC",
        "web-connector",
    )
    assert ran.err.splitlines().count(f"Password: {PASSWORD}") == 1
    assert (ran.out + ran.err).count(PASSWORD) == 1
    assert str(home / "invoicesync.qwc") in ran.err
    text = (home / "invoicesync.qwc").read_text()
    assert f"<AppURL>http://localhost:{port}/qbwc</AppURL>" in text
    assert "<RunEveryNMinutes>15</RunEveryNMinutes>" in text
    assert (home / "invoicesync.qwc").stat().st_mode & 0o077 == 0
    assert (home / "secrets" / "qbd.password").read_text() == PASSWORD

    status = run("auth", "status", "--json").data["services"]["qbd"]
    assert (status["signed_in"], status["name"]) == (True, "Wick & Wax LLC")
    assert status["id"] == re.findall("<FileID>(.*)</FileID>", text)[0]


def test_a_password_is_long_and_can_be_typed() -> None:
    made = {first_session.new_password() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch("[a-hj-km-np-z2-9]{5}(-[a-hj-km-np-z2-9]{5}){3}", one) for one in made)


def test_nobody_comes_in_time(run: Run, shop: Sandbox, home: Path) -> None:
    ran = run("auth", "qbd", "--timeout", "0.2", "--no-input", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (4, "timed-out")
    assert "--timeout 1800" in ran.json["error"]["hint"]
    assert [path.name for path in (home / "secrets").glob("*")] == []


def test_the_wrong_password_signs_nobody_in(run: Run, pc: QuickBooksPC, home: Path) -> None:
    pc.password = "guess"
    with pc.polls():
        ran = run("auth", "qbd", "--timeout", "2", "--json")

    assert ran.code == 4
    assert "Authentication failed" in pc.statuses
    assert "guess" not in ran.out + ran.err


def test_a_file_keeps_its_id_until_a_new_one_is_asked_for_which_goes_on_another_pc(
    run: Run, signed_in: QuickBooksPC, home: Path
) -> None:
    file = home / "invoicesync.qwc"
    before = file.read_text()
    with signed_in.polls():
        assert run("auth", "qbd", "--timeout", "60").code == 0
    assert file.read_text() == before

    # On another PC the file is not taken on; a new one is.
    signed_in.known.clear()
    signed_in.connector = None
    with signed_in.polls():
        assert run("auth", "qbd", "--timeout", "2").code == 4
    assert "QBWC1039: Unique OwnerID/FileID pair value required." in signed_in.statuses
    with signed_in.polls():
        ran = run("auth", "qbd", "--renew", "--timeout", "60", "--json")
    assert ran.code == 0
    assert file.read_text() != before
    assert run("auth", "status", "--json").data["services"]["qbd"]["id"] == ran.data["id"]


def test_another_company_is_refused(run: Run, signed_in: QuickBooksPC) -> None:
    with signed_in.polls():
        assert run("sync").code == 3
    signed_in.qbd.books.company_name = "Another Ltd"
    signed_in.qbd.books.file_ids.clear()

    for typed in (("auth", "qbd", "--timeout", "60"), ("sync",)):
        with signed_in.polls():
            ran = run(*typed, "--json")
        assert (ran.code, ran.json["error"]["code"]) == (4, "wrong-account")


def test_a_file_of_another_country_is_refused(run: Run, pc: QuickBooksPC, home: Path) -> None:
    pc.desktop = QbdSandbox(world="ca")
    with pc.polls():
        ran = run("auth", "qbd", "--timeout", "60", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (5, "company-country")
    assert [path.name for path in (home / "secrets").glob("*")] == []


@pytest.mark.parametrize("typed", [("auth", "qbd"), ("sync",), ("serve",)])
def test_a_port_that_is_taken_is_named(
    run: Run, signed_in: QuickBooksPC, port: int, typed: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ran = run(*typed, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (7, "port-in-use")
    assert f"Port {port} " in ran.json["error"]["message"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('listen = "127.0.0.1:', 'listen = "0.0.0.0:'),
        ('listen = "127.0.0.1:', 'listen = "192.168.1.5:'),
        ("[qbd]\n", '[qbd]\nurl = "http://books.example.com"\n'),
        ("[qbd]\n", '[qbd]\nurl = "http://127.0.0.1:8085"\n'),
    ],
)
def test_what_others_could_reach_is_refused(
    run: Run, shop: Sandbox, edit: Edit, old: str, new: str
) -> None:
    edit(old, new)
    for typed in (("auth", "qbd", "--timeout", "1"), ("sync",), ("serve",), ("config", "check")):
        assert run(*typed).code == 5, typed


def test_signing_out_forgets_the_password(run: Run, signed_in: QuickBooksPC, home: Path) -> None:
    ran = run("auth", "logout", "qbd")

    assert ran.code == 0
    assert [path.name for path in (home / "secrets").glob("*")] == []
    assert "Integrated Applications" in ran.out + ran.err
    assert run("auth", "status").code == 4
    assert run("sync", "--json").json["error"]["code"] == "sign-in-needed"
    assert run("serve").code == 4


def test_nobody_polls_while_a_run_waits(run: Run, signed_in: QuickBooksPC, edit: Edit) -> None:
    edit("[qbd]\n", '[qbd]\nwait = "1s"\n')
    ran = run("sync", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (7, "no-web-connector")
    assert "1 second" in ran.json["error"]["message"]


def test_the_shop_is_as_by_com_and_nothing_is_sent_twice(
    run: Run, signed_in: QuickBooksPC, shop: Sandbox
) -> None:
    with signed_in.polls():
        first = run("sync", "--json")
    assert (first.code, first.data["invoices"]["created"] > 20) == (3, True)
    assert books(shop.qbd) == list(demo_books())

    writes = adds(shop.qbd)
    with signed_in.polls():
        again = run("sync", "--json")
    assert (again.code, again.data["invoices"]["created"]) == (3, 0)
    assert adds(shop.qbd) == writes
    assert books(shop.qbd) == list(demo_books())


def adds(qbd: QbdSandbox) -> int:
    """How many messages with something to write have reached QuickBooks."""
    return sum("AddRq" in exchange.xml for exchange in qbd.exchanges)


@pytest.mark.parametrize("when", ["handed", "worked", "sent"])
@pytest.mark.parametrize("after", [4, 6, 8])
def test_a_web_connector_that_dies_leaves_every_document_once(
    run: Run,
    signed_in: QuickBooksPC,
    shop: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    when: Literal["handed", "worked", "sent"],
    after: int,
) -> None:
    # It comes again at once, as after a click, and need not wait until it is believed to be gone.
    monkeypatch.setattr(sessions, "SILENT", 0.2)
    signed_in.kills = [Kill(when, after=after)]
    codes = []
    with signed_in.polls():
        while 3 not in codes:
            codes.append(run("sync", "--json").code)

    assert signed_in.kills[0].times == 0
    assert set(codes) <= {3, 7}
    assert books(shop.qbd) == list(demo_books())
    assert "outcome-unknown" not in run("todo", "--json").out


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_tool_that_is_killed_with_a_message_out_leaves_every_document_once(
    run: Run, signed_in: QuickBooksPC, shop: Sandbox, number: int
) -> None:
    halting = Halting(shop.qbd, number)
    signed_in.desktop, signed_in.connector = halting, None
    with program("sync") as process:
        halting.halt = process.kill
        with signed_in.polls():
            process.communicate(timeout=LONG)
    assert process.returncode == -signal.SIGKILL

    with signed_in.polls():
        assert run("sync", "--json").code == 3
    assert books(shop.qbd) == list(demo_books())
    assert "outcome-unknown" not in run("todo", "--json").out


def test_other_commands_go_over_it_too(run: Run, signed_in: QuickBooksPC, shop: Sandbox) -> None:
    with signed_in.polls():
        assert run("sync").code == 3
        booked = books(shop.qbd)
        for typed, codes in (
            (("doctor",), {0, 4, 5}),
            (("lookup", "items"), {0}),
            (("verify",), {0, 3, 6}),
            (("explain", "1002"), {0}),
            (("undo", "last", "--yes"), {0, 3}),
        ):
            ran = run(*typed, "--json")
            assert ran.code in codes, (typed, ran.out[-800:])
    assert books(shop.qbd) != booked
