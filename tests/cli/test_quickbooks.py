"""Every command with QuickBooks as the ledger, over real HTTP."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

TEXTS = Path(__file__).parent / "explained" / "qbo"
WORLDS = ("uk", "us", "us-no-tax", "us-manual", "au")
NAMED = {"tax-code-unknown": ("qbo.taxable_code", "sales tax on")}
"""What a hint has to name for a reason that lies in the settings."""


@pytest.mark.parametrize("world", WORLDS)
def test_demo_agrees_to_the_cent_or_says_which_setting_is_missing(run: Run, world: str) -> None:
    ran = run("demo", "--to", "qbo", "--company", world, "--json")

    assert ran.code == 3
    assert len(ran.invoices) == len(CASES)
    created = [item for item in ran.invoices if item["state"] == "created"]
    assert created
    assert all(item["total"] == item["ledger_total"] for item in created)
    assert ran.data["totals"]["keap"] == ran.data["totals"]["ledger"]
    for item in ran.invoices:
        if item["reason"] in NAMED:
            assert item["state"] == "held"
            hint = item["hint"].casefold()
            assert any(name in hint for name in NAMED[item["reason"]])


@pytest.mark.parametrize("world", ["us", "us-manual"])
def test_demo_in_the_united_states_holds_nothing_for_its_tax(run: Run, world: str) -> None:
    ran = run("demo", "--to", "qbo", "--company", world, "--json")

    reasons = {item["reason"] for item in ran.invoices if item["state"] == "held"}
    assert not reasons & {"tax-code-unknown"}
    mine = {item["order_id"]: item for item in ran.invoices}
    assert mine[CASES["tax-no-base"]]["ledger_total"] == "108.25"


def test_demo_as_a_person_reads_it(run: Run) -> None:
    ran = run("demo", "--to", "qbo")

    assert "QuickBooks Online" in ran.out
    assert "Created, but look at" in ran.out
    assert "unknown_do_not_delete" in ran.out


def test_help_names_both_ledgers(run: Run) -> None:
    words = " ".join(run("--help").out.split())
    assert "invoices and payments into Xero or QuickBooks Online" in words


def test_a_ledger_or_company_that_there_is_not(run: Run) -> None:
    assert run("demo", "--to", "sage").code == 2
    assert run("demo", "--to", "qbo", "--company", "mars").code == 2


def test_second_run_has_nothing_to_do(run: Run, company: Sandbox) -> None:
    first = run("sync", "--json")
    before = len(company.qbo.writes())
    again = run("sync", "--json")

    assert first.code == again.code == 3
    writes = [call for call in company.qbo.writes()[before:] if b'"operation"' in call.body]
    assert writes == []
    assert sum(again.data["calls"].values()) <= 8
    assert not any(item["state"] == "created" for item in again.data["documents"])


@pytest.mark.parametrize(
    ("typed", "code", "name"),
    [
        (("accounts", "candle"), "Sales - candles", "Sales - candles"),
        (("taxes", "20.0"), None, "20.0% S"),
        (("items", "TIL"), "TIL", "Tealights"),
        (("contacts", "alice"), "", "Alice Baker"),
        (("organisations",), "", "Wick & Wax Ltd"),
    ],
)
def test_look_up(
    run: Run, company: Sandbox, typed: tuple[str, ...], code: str | None, name: str
) -> None:
    (found, *_) = run("lookup", *typed, "--json").data["entries"]

    assert found["name"] == name
    assert code is None or found["code"] == code
    assert found["id"]


def test_account_is_named_by_what_lookup_shows(
    run: Run, company: Sandbox, edit: Callable[[str, str], None]
) -> None:
    (found, *_) = run("lookup", "accounts", "savings", "--json").data["entries"]
    edit('account = "Business current account"', f'account = "{found["id"]}"')
    ran = run("sync-id", "1002", "--json")
    payments = [item for item in ran.data["documents"] if item["kind"] == "payment"]
    assert payments[0]["account"] in {"Savings account", "Stripe clearing"}


def test_status_names_the_company(run: Run, company: Sandbox) -> None:
    run("sync")
    data = run("status", "--json").data

    assert data["connections"]["qbo"] == {
        "signed_in": True,
        "name": "Wick & Wax Ltd",
        "id": company.qbo.realm,
        "hint": "",
    }
    assert "xero" not in data["connections"]


@pytest.mark.parametrize(
    "case",
    [
        "tax-after-discount",
        "tax-no-base",
        "tax-shipping",
        "sku-match",
        "discounts",
        "free-text-line",
        "refund-part",
    ],
)
def test_explain_reads_like_a_colleagues_note(run: Run, company: Sandbox, case: str) -> None:
    run("sync")

    reported = run("explain", CASES[case], "--by", "order").out

    # Ids are given as requests arrive, of which some are on their way together.
    reported = re.sub(r"ledger id \d+", "ledger id 1", reported)
    reported = re.sub(r"\(as of [^)]*\)", "(as of now)", reported)
    reported = re.sub(r"intuit_tid [0-9a-f-]+", "intuit_tid 1", reported)
    assert reported == (TEXTS / f"{case}.txt").read_text(encoding="utf-8")


def test_signed_in_to_nobody(run: Run, company: Sandbox) -> None:
    assert run("auth", "logout", "qbo").code == 0
    ran = run("sync", "--json")
    assert ran.code == 4
    assert "invoicesync auth qbo" in ran.json["error"]["hint"]


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ('"20.0% S"', '"20.0% X"', "20.0% S"),
        ('"0.0% Z"', '"5.0% R"', "0.0% Z"),
        ('default_item = "Sales"', 'default_item = "Sale"', "Sales"),
        ('"Stripe clearing"', '"Strip clearing"', "Stripe clearing"),
    ],
    ids=["tax code", "untaxed code with a rate", "item", "account"],
)
def test_setting_that_quickbooks_does_not_have(
    run: Run,
    company: Sandbox,
    edit: Callable[[str, str], None],
    old: str,
    new: str,
    reported: str,
) -> None:
    edit(old, new)
    ran = run("sync", "--json")

    assert ran.code == 5
    assert "config.toml:" in ran.json["error"]["message"]
    assert reported in ran.json["error"]["message"] + ran.json["error"]["hint"]
    assert not any(b'"operation"' in call.body for call in company.qbo.writes())
