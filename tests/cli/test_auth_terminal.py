"""Somebody at a terminal: asked which organisation, and typing what must not be shown."""

import os
import select
import shutil
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

import pytest

from invoicesync_sandbox.world import API_KEY, CLIENT_SECRET
from tests.kits.consent import click
from tests.kits.sign_in import SignInUser

SETSID = shutil.which("setsid")

pytestmark = pytest.mark.skipif(not SETSID, reason="needs setsid, of util-linux")


class Typist:
    """The tool in a pseudo-terminal, and somebody who types there."""

    def __init__(self, *typed: str) -> None:
        self._side, inner = os.openpty()
        self._seen = ""
        try:
            self.process = subprocess.Popen(
                [str(SETSID), "--ctty", "--wait", sys.executable, "-m", "invoicesync_cli", *typed],
                stdin=inner,
                stdout=inner,
                stderr=inner,
                env={**os.environ, "COLUMNS": "200"},
            )
        finally:
            os.close(inner)

    def until(self, words: str) -> str:
        """Everything shown so far, once `words` are."""
        until = time.monotonic() + 60
        while words not in self._seen:
            assert time.monotonic() < until, self._seen
            if select.select([self._side], [], [], 1)[0]:
                self._seen += os.read(self._side, 65536).decode()
        return self._seen

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._side, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._side, b"\x03")

    def close(self) -> None:
        """Wait for the end."""
        assert self.process.wait(60) is not None
        os.close(self._side)


def address(shown: str) -> str:
    return next(line.strip() for line in shown.splitlines() if line.startswith("http://127"))


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [("2", 0, "Signed in to Xero: Harbour Candles"), ("3", 4, "is none of the numbers")],
)
def test_the_organisation_is_asked_for(
    run: Any, user: SignInUser, answer: str, code: int, words: str
) -> None:
    other = user.box.xero.add_organisation("Harbour Candles")
    run("auth", "xero")
    run("auth", "logout", "xero")

    with closing(Typist("auth", "xero", "--no-browser")) as typist:
        typist.type(click(address(typist.until("Paste the address")), account="Harbour Candles"))
        shown = typist.until("Which one (1-2)? ")
        assert "1  Wick & Wax Ltd" in shown
        assert f"2  Harbour Candles ({other})" in shown
        typist.type(answer)
        user.hear(typist.until(words).partition("Paste the address")[0])

    assert typist.process.returncode == code
    assert ("xero" in user.kept()) == (code == 0)


@pytest.mark.parametrize(("service", "words"), [("xero", " (or just the code): "), ("qbo", ": ")])
def test_what_is_to_be_pasted_is_said(user: SignInUser, service: str, words: str) -> None:
    """QuickBooks' code alone does not say for which company it is."""
    with closing(Typist("auth", service, "--no-browser")) as typist:
        shown = typist.until(f"Paste the address{words}")
        typist.type(click(address(shown)))
        typist.until("Signed in to")


def test_a_key_is_not_shown_while_it_is_typed(user: SignInUser) -> None:
    with closing(Typist("auth", "keap", "--api-key")) as typist:
        typist.until("Keap API key (Personal Access Token or Service Account Key): ")
        typist.type(API_KEY)
        shown = typist.until("Signed in to Keap: Wick & Wax (iq146).")

    assert API_KEY not in shown
    assert typist.process.returncode == 0
    assert user.kept() == ["keap", "keap.api-key"]


def test_a_wrong_paste_is_asked_for_again(user: SignInUser) -> None:
    """The page that has the right one may still be open."""
    with closing(Typist("auth", "keap", "--no-browser")) as typist:
        landing = click(address(typist.until("Paste the address")))
        typist.type("what is it?")
        typist.until("neither an address nor a code")
        typist.type("https://robin.example/landed?nothing=here")
        typist.until("paste it again")
        typist.type(landing.replace("state=", "state=x"))
        typist.until("does not belong to this sign-in")
        typist.type(landing)
        user.hear(typist.until("Signed in to Keap").partition("Paste the address")[0])

    assert typist.process.returncode == 0
    assert "keap" in user.kept()


def test_the_client_secret_is_asked_for_once_it_is_of_use(
    user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in that fails on the vendor's page has cost nobody the typing."""
    monkeypatch.delenv("INVOICESYNC_QBO_CLIENT_SECRET")

    with closing(Typist("auth", "qbo", "--no-browser")) as typist:
        refused = click(address(typist.until("Paste the address")), "deny")
        typist.type(refused)
        assert "Client secret" not in typist.until("Access was refused")
    assert typist.process.returncode == 4

    with closing(Typist("auth", "qbo", "--no-browser")) as typist:
        typist.type(click(address(typist.until("Paste the address"))))
        typist.until("Client secret of the QuickBooks app: ")
        typist.type(CLIENT_SECRET)
        shown = typist.until("Signed in to QuickBooks")

    assert typist.process.returncode == 0
    assert CLIENT_SECRET not in shown


def test_ctrl_c_in_a_sign_in_says_nothing_of_a_sync(user: SignInUser) -> None:
    with closing(Typist("auth", "keap", "--no-browser")) as typist:
        typist.until("Paste the address")
        typist.interrupt()
        shown = typist.until("Interrupted.")
        shown = typist.until("Run the same command again")

    assert typist.process.returncode == 130
    assert "sync goes on" not in shown
