"""`lookup`: the ledger's lists as they are now."""

from pathlib import Path

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run


@pytest.mark.parametrize(
    ("typed", "code", "name"),
    [
        (("accounts", "candle"), "201", "Candle sales"),
        (("taxes", "OUTPUT2"), "OUTPUT2", "20% (VAT on Income)"),
        (("items", "TIL"), "TIL", None),
        (("contacts", "alice"), "", "Alice Baker"),
        (("organisations",), "", "Wick & Wax Ltd"),
    ],
)
def test_an_entry_is_found_by_a_piece_of_its_text(
    run: Run, box: Sandbox, typed: tuple[str, ...], code: str, name: str | None
) -> None:
    entries = run("lookup", *typed, "--json").data["entries"]

    found = [entry for entry in entries if entry["code"] == code]
    assert found
    assert name is None or found[0]["name"] == name
    assert {"code", "id", "name"} <= set(found[0])
    assert (name or code) in run("lookup", *typed).out


def test_tax_that_is_looked_up_is_not_offered(run: Run, box: Sandbox) -> None:
    """It is no rate of 0, though Xero shows it as one."""
    box.xero.add_tax_rate("AVALARA", "Auto Look Up", "0")
    assert run("lookup", "taxes", "auto look", "--json").data["entries"] == []


def test_nothing_found_and_a_wrong_list(run: Run, box: Sandbox) -> None:
    assert run("lookup", "accounts", "zzz", "--json").data["entries"] == []
    assert run("lookup", "vendors").code == 2


def test_nothing_is_kept_or_written(run: Run, box: Sandbox) -> None:
    run("lookup", "taxes")

    assert box.xero.writes() == []
    assert run("status", "--json").data["last_run"] is None


def test_it_works_as_soon_as_one_is_signed_in_to_the_ledger(
    run: Run, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The config is filled from it; nobody needs Keap for that."""
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")
    (home / "config.toml").write_text(
        '[xero]\nsign_in = "custom-connection"\nclient_id = "sandbox-client"\n'
        '[auth]\nstorage = "file"\n'
    )

    assert run("lookup", "accounts", "stripe").code == 0
    assert run("lookup", "taxes", "OUTPUT2", "--json").data["entries"][0]["code"] == "OUTPUT2"
    assert run("sync").code == 5


@pytest.mark.parametrize("name", ["accounts", "taxes", "contacts", "organisations", "classes"])
def test_who_is_not_signed_in_to_the_ledger_is_sent_to_sign_in(
    run: Run, box: Sandbox, edit: Edit, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    edit("[xero]", '[auth]\nstorage = "file"\n\n[xero]')
    monkeypatch.delenv("INVOICESYNC_XERO_CLIENT_SECRET")

    ran = run("lookup", name, "--json")

    assert (ran.code, ran.json["error"]["code"]) == (4, "sign-in-needed")
    assert ran.json["error"]["hint"] == "Sign in: invoicesync auth xero"
