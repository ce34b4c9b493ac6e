"""Whose books a profile holds (R18): nothing of one company is ever sent to another."""

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.lock import only_run
from invoicesync_sandbox.shop.ledger import fill_books
from invoicesync_sandbox.world import API_KEY
from tests.kits.command_line import Run
from tests.kits.sign_in import SignInUser

pytestmark = pytest.mark.usefixtures("user")


OTHER = "Harbour Candles"


@pytest.fixture
def xero(run: Run, user: SignInUser) -> str:
    """Five invoices and a held one in Xero, then signed out: the id of another organisation."""
    other = user.box.xero.add_organisation(OTHER)
    fill_books(user.box.xero.others[other])
    for service in ("keap", "xero"):
        assert run("auth", service).code == 0
    assert run("sync", "--max-invoices", "5").code == 3
    assert run("auth", "logout", "xero").code == 0
    return other


@pytest.fixture
def quickbooks(run: Run, user: SignInUser) -> str:
    """Five invoices in QuickBooks, then signed out: the id of another company."""
    user.configure(
        {
            "sync.destination": "qbo",
            "payments.account": "Business current account",
            "payments.accounts": {"Stripe": "Stripe clearing"},
            "qbo.taxable_code": "20.0% S",
            "qbo.non_taxable_code": "0.0% Z",
            "qbo.default_item": "Sales",
        }
    )
    for service in ("keap", "qbo"):
        assert run("auth", service).code == 0
    assert run("sync", "--max-invoices", "5").code == 3
    assert run("auth", "logout", "qbo").code == 0
    user.box.qbo.companies["1002"] = OTHER
    return "1002"


def refused(ran: Any) -> str:
    """What a command said that was refused because of whose books these are."""
    assert (ran.code, ran.json["error"]["code"]) == (4, "wrong-account"), ran.out
    error = ran.json["error"]
    assert "--profile NAME" in error["hint"]
    assert "--forget-books" in error["hint"]
    return f"{error['message']} {error['hint']}"


def kept(user: SignInUser) -> list[Any]:
    """What the state file holds of documents, contacts and batches."""
    with closing(sqlite3.connect(user.home / "state.sqlite3")) as db:
        tables = ("records", "links", "journal", "events")
        return [db.execute(f"SELECT * FROM {name}").fetchall() for name in tables]  # noqa: S608


def in_other_xero(run: Run, user: SignInUser) -> Any:
    user.clicker.account = OTHER
    ran = run("auth", "xero", "--organisation", OTHER, "--json")
    user.clicker.account = ""
    return ran


def in_own_xero(run: Run) -> None:
    assert run("auth", "xero", "--organisation", "Wick & Wax Ltd").code == 0


def test_another_organisation_is_refused_after_a_logout(
    run: Run, user: SignInUser, xero: str
) -> None:
    before = kept(user)

    said = refused(in_other_xero(run, user))

    assert "Wick & Wax Ltd" in said
    assert OTHER in said
    assert "invoicesync auth logout xero --forget-books" in said
    assert "xero" not in user.kept()
    assert kept(user) == before


def test_the_same_organisation_is_signed_in_to_again(run: Run, user: SignInUser, xero: str) -> None:
    in_own_xero(run)

    documents = run("sync", "--json", "--max-invoices", "5").invoices

    assert len([item for item in documents if item["state"] == "created"]) == 5
    assert len({item.number for item in user.box.xero.invoices.values()}) == 11


def test_another_company_is_refused_after_a_logout(
    run: Run, user: SignInUser, quickbooks: str
) -> None:
    user.clicker.account = OTHER

    said = refused(run("auth", "qbo", "--json"))

    assert "Wick & Wax Ltd" in said
    assert OTHER in said
    assert "invoicesync auth logout qbo --forget-books" in said
    assert "qbo" not in user.kept()


def test_the_same_company_is_signed_in_to_again(
    run: Run, user: SignInUser, quickbooks: str
) -> None:
    assert run("auth", "qbo").code == 0
    assert run("sync", "--json", "--max-invoices", "5").data["invoices"]["created"] == 5


def test_another_keap_account_is_refused_after_a_logout(
    run: Run, user: SignInUser, xero: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_own_xero(run)
    assert run("auth", "logout", "keap").code == 0
    user.box.keap.profile.tenant_id = user.box.keap.limits.tenant_id = "zz9"
    before, writes = kept(user), len(user.box.xero.writes())

    said = refused(run("auth", "keap", "--json"))

    assert "iq146" in said
    assert "zz9" in said
    assert "invoicesync auth logout keap --forget-books" in said
    # A key of the environment is nobody's sign-in; the run itself sees whose it is.
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)
    refused(run("sync", "--json"))
    assert kept(user) == before
    assert len(user.box.xero.writes()) == writes


def test_a_copied_state_is_refused_where_somebody_else_is_signed_in(
    run: Run, user: SignInUser, xero: str
) -> None:
    """The sign-in came first, and the state file of another company after it."""
    copy = user.home / "copy.sqlite3"
    shutil.move(user.home / "state.sqlite3", copy)
    assert in_other_xero(run, user).data["id"] == xero
    with closing(sqlite3.connect(copy)) as db:
        db.execute("UPDATE journal SET done = 0, body = x'7b7d'")
        db.commit()
    (user.home / "state.sqlite3").unlink()
    shutil.move(copy, user.home / "state.sqlite3")
    before, writes = kept(user), len(user.box.xero.writes())

    for typed in (
        ["sync"],
        ["sync", "--dry-run"],
        ["sync", "--only", "payments"],
        ["sync-id", "1048"],
        ["retry"],
    ):
        refused(run(*typed, "--json"))

    assert kept(user) == before
    assert len(user.box.xero.writes()) == writes


def test_the_books_of_one_ledger_are_not_gone_on_with_in_another(
    run: Run, user: SignInUser, xero: str
) -> None:
    user.configure({"sync.destination": "qbo", "payments.account": "Business current account"})
    assert run("auth", "qbo").code == 0

    said = refused(run("sync", "--json"))

    assert "Xero organisation Wick & Wax Ltd" in said
    assert "QuickBooks company" in said
    assert "invoicesync auth logout xero --forget-books" in said


def test_forgetting_the_books_puts_them_away_and_begins_anew(
    run: Run, user: SignInUser, xero: str
) -> None:
    before = kept(user)
    assert (user.home / "contacts.sqlite3").exists()

    ran = run("auth", "logout", "xero", "--forget-books", "--json")

    assert (ran.code, ran.json["command"]) == (0, "auth logout")
    assert not (user.home / "contacts.sqlite3").exists()
    archived = Path(ran.data["archived"])
    assert archived.parent == user.home
    assert archived.name == f"state-{user.box.clock.now():%Y-%m-%d}.sqlite3"
    assert stat.S_IMODE(archived.stat().st_mode) == 0o600
    with closing(sqlite3.connect(archived)) as db:
        assert db.execute("SELECT count(*) FROM records").fetchone()[0] == len(before[0])
    assert in_other_xero(run, user).code == 0
    assert run("log", "--json").data["entries"] == []
    assert run("sync", "--max-invoices", "3", "--json").data["invoices"]["created"] == 3
    assert len(user.box.xero.others[xero].invoices) == 1 + 3
    # A second time on the same day takes a name of its own.
    again = run("auth", "logout", "xero", "--forget-books", "--json").data["archived"]
    assert Path(again) != archived
    assert archived.exists()


def test_what_is_put_away_is_said(run: Run, user: SignInUser, xero: str) -> None:
    ran = run("auth", "logout", "xero", "--forget-books")

    assert "state-" in ran.out
    assert "Nobody was signed in to Xero." in ran.err


def test_books_are_not_forgotten_during_a_run(run: Run, user: SignInUser, xero: str) -> None:
    with only_run(user.home / "state.sqlite3.lock"):
        assert run("auth", "logout", "xero", "--forget-books").code == 8

    assert kept(user)[0]


def test_books_are_not_forgotten_while_the_sign_in_cannot_be_withdrawn(
    run: Run, user: SignInUser, xero: str
) -> None:
    in_own_xero(run)
    user.box.xero.fail(path="revocation", status=503)

    assert run("auth", "logout", "xero", "--forget-books").code == 7

    assert kept(user)[0]
    assert "xero" in user.kept()


def test_a_logout_says_that_the_books_stay(run: Run, user: SignInUser, xero: str) -> None:
    in_own_xero(run)

    ran = run("auth", "logout", "xero")

    assert "Wick & Wax Ltd" in ran.err
    assert "--profile NAME" in ran.err
    assert "invoicesync auth logout xero --forget-books" in ran.err
    status = json.loads(run("auth", "status", "--json").out)["data"]["services"]["xero"]
    assert (status["signed_in"], status["name"]) == (False, "Wick & Wax Ltd")


def test_before_the_first_run_a_profile_is_free(run: Run, user: SignInUser) -> None:
    other = user.box.xero.add_organisation(OTHER)
    in_own_xero(run)
    run("auth", "keap")
    run("sync", "--dry-run")
    run("auth", "logout", "xero")

    assert in_other_xero(run, user).data["id"] == other


def test_the_way_out_is_that_of_the_profile_in_use(run: Run, user: SignInUser, xero: str) -> None:
    """Typed as it stands it must not put the books of another profile away."""
    north = user.home / "profiles" / "north"
    north.mkdir(parents=True)
    for name in ("config.toml", "state.sqlite3"):
        shutil.copy(user.home / name, north / name)
    user.clicker.account = OTHER

    ran = run("auth", "xero", "--organisation", OTHER, "--profile", "north", "--json")

    assert "invoicesync --profile north auth logout xero --forget-books" in refused(ran)
