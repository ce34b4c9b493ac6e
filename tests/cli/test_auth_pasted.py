"""`auth … --no-browser`: over SSH, as a program of its own, with an address that is pasted."""

import os
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET, REDIRECT, Sandbox
from tests.kits.consent import click
from tests.kits.sign_in import LANDED, SignInUser

PATIENCE = 60


@dataclass
class Program:
    """The tool as a process, with pipes for everything."""

    user: SignInUser
    process: subprocess.Popen[str]
    said: str = ""

    def address(self) -> str:
        """The address that it asks to open."""
        assert self.process.stderr
        while not (found := re.search(r"^(http://127\S+)$", self.said, re.MULTILINE)):
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line
        return found.group(1)

    def finish(self, typed: str) -> tuple[int, str, str]:
        """Type the rest: exit code, stdout and stderr."""
        out, err = self.process.communicate(typed, timeout=PATIENCE)
        self.user.hear(out + self.said + err)
        return self.process.returncode, out, self.said + err


def start(user: SignInUser, *typed: str) -> Program:
    return Program(
        user,
        subprocess.Popen(
            [sys.executable, "-m", "invoicesync_cli", *typed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        ),
    )


@pytest.mark.parametrize(
    ("service", "name"),
    [("keap", "Wick & Wax (iq146)"), ("xero", "Wick & Wax Ltd"), ("qbo", "Wick & Wax Ltd")],
)
def test_the_landing_address_is_pasted_back(user: SignInUser, service: str, name: str) -> None:
    program = start(user, "auth", service, "--no-browser")
    landing = click(program.address())

    code, out, err = program.finish(f"{landing}\n")

    assert code == 0, err
    assert name in out
    assert user.clicker.opened == []
    assert service in user.kept()


@pytest.mark.parametrize("service", ["keap", "xero"])
def test_just_the_code_will_do(user: SignInUser, service: str) -> None:
    program = start(user, "auth", service, "--no-browser", "--redirect-uri", LANDED)
    found = dict(parse_qsl(urlsplit(click(program.address())).query))

    code, _, err = program.finish(found["code"])

    assert code == 0, err
    assert service in user.kept()


def test_quickbooks_code_needs_the_company_too(user: SignInUser) -> None:
    program = start(user, "auth", "qbo", "--no-browser")
    found = dict(parse_qsl(urlsplit(click(program.address())).query))

    code, out, err = program.finish(f"{found['code']}\n{found['realmId']}\n")

    assert code == 0, err
    assert "Wick & Wax Ltd (9341450000000001)" in out
    assert "qbo" in user.kept()


@pytest.mark.parametrize("pasted", ["{code}", "{landed}?code={code}&state={state}"])
def test_quickbooks_wants_the_whole_address(user: SignInUser, pasted: str) -> None:
    program = start(user, "auth", "qbo", "--no-browser")
    found = dict(parse_qsl(urlsplit(click(program.address())).query))

    code, _, err = program.finish(pasted.format(landed=user.redirect, **found) + "\n")

    assert code == 4
    assert "company id is missing" in err
    assert "paste the whole address" in err
    assert user.kept() == []


def test_the_sandbox_plays_production_keys_too(
    box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app as the sandbox comes, with the https address that production keys want."""
    registered = box.qbo.sign_in.apps[CLIENT_ID]
    with closing(SignInUser(box, home, monkeypatch)) as user:
        box.qbo.sign_in.apps[CLIENT_ID] = registered
        user.configure(
            {
                "qbo.redirect_uri": "https://example.com/landed",
                "qbo.environment": "production",
            }
        )
        program = start(user, "auth", "qbo")
        landing = click(program.address())
        assert landing.startswith("https://example.com/landed?")

        code, out, err = program.finish(f"{landing}\n")

    assert code == 0, err
    assert "Wick & Wax Ltd" in out


def test_development_keys_need_no_redirect_address_in_the_config(user: SignInUser) -> None:
    user.register(REDIRECT)
    user.configure({"qbo.redirect_uri": "", "qbo.environment": "sandbox"})
    program = start(user, "auth", "qbo", "--no-browser")
    landing = click(program.address())
    assert landing.startswith(f"{REDIRECT}?")

    assert program.finish(f"{landing}\n")[0] == 0


def test_a_company_id_has_digits(user: SignInUser) -> None:
    program = start(user, "auth", "qbo", "--no-browser")
    found = dict(parse_qsl(urlsplit(click(program.address())).query))

    code, _, err = program.finish(f"{found['code']}\nWick & Wax\n")

    assert code == 4
    assert "no QuickBooks company id" in err
    assert user.kept() == []


@pytest.mark.parametrize("wrapped", ["  {}  ", "<{}>", '"{}"', "{}\r"])
def test_what_terminals_put_around_an_address_is_no_matter(user: SignInUser, wrapped: str) -> None:
    program = start(user, "auth", "xero", "--no-browser")
    landing = click(program.address())

    assert program.finish(wrapped.format(landing) + "\n")[0] == 0
    assert "xero" in user.kept()


def test_the_query_of_the_address_will_do_and_its_state_is_checked(user: SignInUser) -> None:
    program = start(user, "auth", "xero", "--no-browser")
    query = urlsplit(click(program.address())).query
    code, _, err = program.finish(f"?{query.replace('state=', 'state=x')}\n")
    assert (code, "does not belong to this sign-in" in err) == (4, True)

    program = start(user, "auth", "xero", "--no-browser")
    query = urlsplit(click(program.address())).query
    assert program.finish(f"?{query}\n")[0] == 0
    assert "xero" in user.kept()


def test_secret_and_address_come_from_one_pipe(
    user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICESYNC_QBO_CLIENT_SECRET")
    program = start(user, "auth", "qbo", "--no-browser")
    assert program.process.stdin
    program.process.stdin.write(f"{CLIENT_SECRET}\n")
    program.process.stdin.flush()
    landing = click(program.address())

    code, out, err = program.finish(f"{landing}\n")

    assert code == 0, err
    assert CLIENT_SECRET not in out + err
    assert "qbo.client-secret" in user.kept()


def test_the_address_is_shown_beside_json(user: SignInUser) -> None:
    program = start(user, "auth", "keap", "--no-browser", "--json", "--quiet")
    landing = click(program.address())

    code, out, _ = program.finish(f"{landing}\n")

    assert code == 0
    assert out.startswith("{\n")
    assert "keap" in user.kept()
