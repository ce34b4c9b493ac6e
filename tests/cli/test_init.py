"""`init`: from an empty home to a config that works, by questions or by options."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from invoicesync_cli.cli import prompt
from invoicesync_cli.cli.setting_options import GENERAL, OPTIONS
from invoicesync_cli.config import Config, flatten
from invoicesync_cli.vendors import VENDORS, ledgers
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.world import API_KEY, CLIENT_ID, CLIENT_SECRET, Sandbox
from tests.kits.command_line import Run, at_terminal
from tests.kits.consent import Clicker
from tests.kits.interviewing import ENTER, FOR_XERO, XERO, Answers, Given, clear, written
from tests.kits.sign_in import free_port


def test_from_an_empty_home_to_a_first_run(
    run: Run, empty: Sandbox, home: Path, answer: Answers
) -> None:
    ran = answer(*(line for part in FOR_XERO for line in part))

    assert ran.code == 0, ran.err
    assert written(home) == {
        "sync.destination": "xero",
        "sync.mode": "invoices-and-payments",
        "sync.start": "2026-10-01",
        "auth.storage": "file",
        "keap.sign_in": "api-key",
        "keap.currency": "auto",
        "xero.sign_in": "custom-connection",
        "xero.client_id": "sandbox-client",
        "xero.account": "200",
        "xero.tax_type": "OUTPUT2",
        "xero.zero_tax_type": "EXEMPTOUTPUT",
        "tax.untaxed_invoices": "exempt",
        "tax.tax_finance_charges": True,
        "payments.account": "090",
        "xero.status": "draft",
        "invoices.due_days": 30,
        "notify.email": "off",
        "reverse.enabled": False,
    }
    assert "Keap sells in GBP; the books of Wick & Wax Ltd are kept in GBP." in ran.err
    assert "send one test invoice (sync-id)" in ran.err
    assert "invoicesync doctor" in ran.out
    assert "invoicesync schedule install" in ran.out
    assert empty.xero.writes() == []
    assert (home / "config.toml").stat().st_mode & 0o777 == 0o600
    assert run("config", "check").code == 0
    codes = {finding["code"] for finding in run("doctor", "--json").data["findings"]}
    assert "setting-unused" not in codes
    assert run("sync", "--dry-run").code == 3
    assert run("sync", "--json").data["invoices"]["created"] == 47


@pytest.mark.parametrize(
    ("where", "picked", "expected"),
    [
        (
            "company",
            (ENTER, "0.0% Z", "inclusive", "no"),
            {
                "qbo.taxable_code": "20.0% S",
                "qbo.non_taxable_code": "0.0% Z",
                "tax.untaxed_invoices": "inclusive",
                "tax.tax_finance_charges": False,
            },
        ),
        ("american", (), {}),
    ],
)
def test_quickbooks_with_a_sign_in_on_the_way(
    request: pytest.FixtureRequest,
    run: Run,
    home: Path,
    where: str,
    picked: tuple[str, ...],
    expected: Given,
) -> None:
    """In the United States nothing is asked about tax: QuickBooks works it out."""
    box: Sandbox = request.getfixturevalue(where)
    answer: Answers = request.getfixturevalue("answer")
    clicker: Clicker = request.getfixturevalue("clicker")
    clear(home)
    redirect = f"http://localhost:{free_port()}/callback"
    box.qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET, redirects={redirect})

    ran = answer(
        *("quickbooks", ENTER, ENTER, "y", ENTER),  # both, first, files, a key
        *("2", "sandbox-client", "wick.example", redirect, "y"),  # development keys, and sign in
        *(ENTER, *picked, "Business current account", ENTER, ENTER, "sales", "n"),
        *("y", "Stripe", "stripe", ENTER, ENTER, "off", ENTER),  # card payments, days, no mail
    )

    assert ran.code == 0, ran.err
    assert "is no redirect address" in ran.err
    assert "Signed in to QuickBooks: Wick & Wax" in ran.err
    assert len(clicker.opened) == 1
    found = written(home)
    assert {key: found.get(key) for key in expected} == expected
    tax = ("tax.untaxed_invoices", "tax.tax_finance_charges")
    assert {"qbo.taxable_code" in found, *(key in found for key in tax)} == {bool(expected)}
    assert found["payments.account"] == "Business current account"
    assert found["payments.accounts.Stripe"] == "Stripe clearing"
    assert found["qbo.default_item"] == "Sales"
    assert "qbo.discount_item" not in found
    assert run("config", "check").code == 0
    assert run("sync", "--json").data["invoices"]["created"] > 40


FLAGS = (
    *("--destination", "xero", "--start", "1002", "--storage", "file"),
    *("--xero-sign-in", "custom-connection", "--xero-client-id", "sandbox-client"),
    *("--tax-type", "output2", "--zero-tax-type", "ZERORATEDOUTPUT"),
    *("--payments-account", "Business current account", "--payments-accounts", "Stripe=091"),
    *("--due-days", "30", "--tax-finance-charges", "--status", "authorised"),
)


def test_the_same_by_options_alone(run: Run, empty: Sandbox, home: Path) -> None:
    ran = run("init", "--no-input", "--json", *FLAGS)

    assert ran.code == 0, ran.out
    assert ran.err == ""
    expected = {
        "sync.destination": "xero",
        "sync.start": "id:1002",
        "auth.storage": "file",
        "xero.sign_in": "custom-connection",
        "xero.client_id": "sandbox-client",
        "xero.tax_type": "OUTPUT2",
        "xero.zero_tax_type": "ZERORATEDOUTPUT",
        "payments.account": "090",
        "payments.accounts.Stripe": "091",
        "invoices.due_days": 30,
        "tax.tax_finance_charges": True,
        "xero.status": "authorised",
    }
    assert written(home) == expected
    assert ran.data["written"] == expected
    assert ran.data["path"] == str(home / "config.toml")
    assert ran.data["signed_in"] == {"keap": True, "xero": True}
    assert [item["code"] for item in ran.data["findings"]] == ["authorised"]
    assert "invoicesync sync --dry-run" in [item["command"] for item in ran.data["next"]]
    (tracked,) = [step for step in ran.data["next"] if "tracks sales by Region" in step["why"]]
    assert tracked["command"] == "invoicesync lookup tracking"
    assert "[xero.tracking]" in tracked["why"]
    text = (home / "config.toml").read_text(encoding="utf-8")
    named = text.replace("\n[xero.tracking]", '\n[xero.tracking]\n"Region" = "North"', 1)
    (home / "config.toml").write_text(named, encoding="utf-8")
    assert run("sync", "--json").data["invoices"]["created"] > 40

    again = run("init", "--no-input", "--json", *FLAGS)
    assert (again.code, again.data["written"]) == (0, {})
    assert "lookup tracking" not in str(again.data["next"])


def without(*names: str) -> list[str]:
    """The options without these and their values."""
    found = list(FLAGS)
    for name in names:
        at = found.index(name)
        del found[at : at + 2]
    return found


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        (without("--tax-type", "--payments-account"), 2, "--tax-type, --payments-account"),
        ([*FLAGS, "--tax-type", "OUTPUT"], 5, "Did you mean OUTPUT2"),
        ([*FLAGS, "--tax-type", "INPUT2"], 5, "--tax-type: there is no tax type for sales"),
        ([*FLAGS, "--payments-account", "200"], 5, "090 Business current account"),
        ([*FLAGS, "--start", "yesterday"], 2, "--start"),
        ([*FLAGS, "--due-days", "-1"], 2, "--due-days: -1 is too small"),
        ([*FLAGS, "--payments-accounts", "Stripe"], 2, "NAME=ACCOUNT"),
        ([*FLAGS, "--status", "final"], 5, "--status"),
        (["--mode", "everything"], 2, "--mode"),
        ([], 2, "--xero-client-id, --tax-type, --zero-tax-type, --payments-account"),
    ],
)
def test_an_answer_that_is_wrong_or_missing_names_its_option(
    run: Run, empty: Sandbox, home: Path, typed: list[str], code: int, words: str
) -> None:
    ran = run("init", "--no-input", "--json", *typed)

    assert ran.code == code, ran.out
    error = ran.json["error"]
    assert words in f"{error['message']} {error['hint']}"
    assert not (home / "config.toml").exists()


def test_without_a_sign_in_codes_are_taken_as_they_are(
    run: Run, empty: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEAP_API_KEY", "XERO_CLIENT_SECRET"):
        monkeypatch.delenv(f"INVOICESYNC_{name}")

    ran = run("init", "--no-input", *FLAGS)

    assert ran.code == 0
    assert written(home)["payments.account"] == "Business current account"
    assert "invoicesync auth keap" in ran.out
    assert "invoicesync auth xero" in ran.out


def test_sign_ins_can_wait(
    run: Run, empty: Sandbox, home: Path, answer: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the ledger knows is typed in, and what to do later is said."""
    for name in ("KEAP_API_KEY", "XERO_CLIENT_SECRET"):
        monkeypatch.delenv(f"INVOICESYNC_{name}")

    ran = answer(
        *(ENTER, ENTER, ENTER, "y", ENTER, "n", *XERO, "n"),
        *(ENTER, ENTER, "n", "OUTPUT2", "NONE", ENTER, ENTER, "090", ENTER, "n", ENTER, "off"),
        ENTER,
        options=("--profile", "second"),
    )

    assert ran.code == 0, ran.err
    assert written(home / "profiles" / "second")["xero.zero_tax_type"] == "NONE"
    assert "invoicesync --profile second auth keap" in ran.out
    assert "invoicesync --profile second auth xero" in ran.err


def test_a_wrong_answer_is_asked_again(
    run: Run, empty: Sandbox, home: Path, answer: Answers
) -> None:
    """With what is wrong, near names, and lists that get shorter as one types."""
    ran = answer(
        *("sage", "n", "Xero", ENTER, "yesterday", "2062-01-01", "1002", "maybe", "y", ENTER),
        *(*XERO, ENTER, "sale", "2", "n", "OUTPT2", "1", ENTER, ENTER, ENTER, "zzz", "*"),
        *("stripe", "auto", "1", "n", "soon", "-1", "30", "off", ENTER),
    )

    assert ran.code == 0, ran.err
    found = written(home)
    assert found["sync.start"] == "id:1002"
    assert found["xero.account"] == "201"
    assert found["payments.account"] == "091"
    assert found["xero.status"] == "draft"
    assert found["invoices.due_days"] == 30
    for words in (
        "There is no such answer 'sage'.",
        '"yesterday" is no date.',
        "more than a year from now",
        "Please type y for yes or n for no.",
        "   2  201  Candle sales",
        "Did you mean OUTPUT2",
        "There is no account that takes payments 'zzz'.",
        'whole number, not "soon"',
        "-1 is too small",
    ):
        assert words in ran.err


def test_a_sign_in_that_fails_is_offered_again(
    run: Run, empty: Sandbox, home: Path, answer: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")
    lines = [line for part in FOR_XERO for line in part]
    # Behind the way to sign in to Keap.
    lines[5:5] = ["y", "KeapAK-wrong", "y", API_KEY]

    ran = answer(*lines)

    assert "Check that the key is whole" in ran.err
    assert "Signed in to Keap: Wick & Wax (iq146)." in ran.err
    assert API_KEY not in ran.err
    assert ran.code == 0


def test_lists_and_steps_go_on_below_their_own_text(
    run: Run, empty: Sandbox, answer: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a terminal of 60 columns, where the longest of them have no room in a line."""
    at_terminal(monkeypatch, 60)
    monkeypatch.setattr(prompt, "is_terminal", lambda _: True)

    ran = answer(*(line for part in FOR_XERO for line in part))

    assert ran.code == 0, ran.err
    assert (
        "   2  problems  When something newly needs a person, or a\n"
        "                run failed (advised)\n"
    ) in ran.err
    assert (
        "Do some payments go to another account, as those by a card\nprocessor? [y/N] "
    ) in ran.err
    assert (
        " 3. Send one invoice, by its id in Keap as the dry run lists\n"
        "    it, and look at it in Xero.\n"
    ) in re.sub(r"\x1b\[[0-9;]*m", "", ran.out)


def test_every_option_is_a_setting_with_the_values_that_it_has() -> None:
    keys = dict(flatten(Config().model_dump(mode="json", by_alias=True)))
    assert {key for key in OPTIONS if key not in keys} == set()
    for ledger in ledgers():
        section = Config.model_fields[ledger].annotation
        assert section is not None
        assert set(VENDORS[ledger].settings) <= set(section.model_fields)
    for key, (kind, _) in GENERAL.items():
        table, name = key.split(".")
        section = Config.model_fields[table].annotation
        assert section is not None
        fields = {field.alias or found: field for found, field in section.model_fields.items()}
        allowed = get_args(fields[name].annotation)
        if allowed and isinstance(allowed[0], str):
            assert set(get_args(kind)) == set(allowed), key


def test_it_is_shown_on_a_terminal_that_is_not_utf_8(
    empty: Sandbox, home: Path, tmp_path: Path
) -> None:
    empty.xero.add_account("207", "Ventes à l’étranger ✓", "SALES")
    shown = tmp_path / "shown.txt"
    environ = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    for typed in (["init", "--no-input", *FLAGS], ["config", "check"], ["help"], []):
        with shown.open("wb") as out:
            done = subprocess.run(
                [sys.executable, "-m", "invoicesync_cli", *typed],
                env=environ,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
        assert done.returncode == 0, shown.read_bytes()
        assert shown.read_bytes().strip()
