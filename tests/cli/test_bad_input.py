"""What can be wrong, and that each is told in one sentence with a way out and the right code."""

import os
import re
import socket
from pathlib import Path

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[xero]\nacount = "200"\n', 2, "'account'"),
        ('[xerro]\naccount = "200"\n', 1, "'xero'"),
        ('[sync]\n\n[payment.accounts]\n"Stripe" = "091"\n', 3, "'payments'"),
        ("[sync]\n[payments]\n[payments.accounts]\nStripe = 91\n", 4, 'Stripe = "91"'),
        ('[invoices]\n\ndue_days = "14"\n', 3, 'whole number, not "14". Write it without'),
        ("[invoices]\ndue_days = 14.5\n", 2, "whole number, not 14.5"),
        ('[tax]\nuntaxed_invoices = "inclusiv"\n', 2, 'one of "exempt", "inclusive"'),
        ("[xero]\naccount = 200\n", 2, 'account = "200"'),
        ("[sync]\nstart = 2026-01-31\n", 2, 'start = "2026-01-31"'),
        ('[sync]\nstart = "yesterday"\n', 2, '"yesterday" is no date. Write a date such as'),
        ('[sync]\nstart = "20260131"\n', 2, "is no date"),
        ('[invoices]\nskip_synced = "yes"\n', 2, "skip_synced = true or skip_synced = false"),
        ("[notify]\nsmtp_port = 70000\n", 2, "70000 is too large. The largest number is 65535"),
        ("[sync]\n[contacts]\nmatch = 'email'\n", 3, "a list"),
        ('xero = "yes"\n', 1, "[xero] on a line of its own"),
        ("[invoices]\ndue_days = 14\nskip_synced = yes\n", 3, "lower case"),
        ('[sync]\nmode = "invoices\n', 2, "double quote at its end"),
        ("[sync]\n[payments]\n[sync]\n", 3, "in the file already"),
        ('[sync]\nmode = "off"\nmode = "invoices"\n', 3, "one of the two lines"),
        ('[notify]\nto = "C:\\Users"\n', 2, "single quotes"),
        ('[sync]\nmode "off"\n', 2, "no = between"),
        ('[sync]\nmode = "off" on weekends\n', 2, "behind the value"),
        ('[contacts]\nmatch = ["email"\n', 2, "bracket"),
        ("[sync\n", 1, "bracket"),
        ("[invoices]\nnumber_prefix = 'RÉ'\n", 2, "ASCII"),
        ("[invoices]\ndue_days = -1\n", 2, "-1 is too small. The smallest number is 0."),
        ('[contacts.pins]\n"1" = "a"\nalice = "b"\n', 3, "no Keap contact id"),
        ('[tax]\n[contacts]\npins = { "1" = " " }\n', 3, "names no contact"),
    ],
)
@pytest.mark.parametrize("command", [("sync",), ("config", "check")])
def test_a_mistake_in_the_config_is_reported_with_its_line(
    run: Run, home: Path, text: str, line: int, words: str, command: tuple[str, ...]
) -> None:
    home.mkdir()
    (home / "config.toml").write_text(text, encoding="utf-8")

    ran = run(*command)

    assert ran.code == 5
    assert f"config.toml:{line}: " in ran.out + ran.err
    assert words in ran.out + ran.err
    assert not re.search("pydantic|datetime|Decimal|valid |TOML|None", ran.out + ran.err)


def test_a_file_that_is_saved_in_another_encoding_is_reported(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[sync]\n", encoding="utf-16")

    ran = run("config", "check")

    assert ran.code == 5
    assert "not saved as UTF-8" in ran.out
    assert "Notepad" in ran.out


def test_config_check_lists_every_problem_as_data(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[xero]\nacount = "1"\n[tax]\nx = 1\n')

    ran = run("config", "check", "--json")

    assert ran.code == 5
    assert ran.json["error"] is None
    findings = ran.data["findings"]
    assert {finding["where"].rpartition("config.toml:")[2] for finding in findings} == {
        "4: tax.x",
        "2: xero.acount",
    }
    assert all(finding["level"] == "error" for finding in findings)
    assert all(finding["hint"] for finding in findings)


def test_what_is_missing_for_payments_is_reported(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[xero]\ntax_type = 'OUTPUT2'\nzero_tax_type = 'NONE'\n")

    ran = run("config", "check")

    assert ran.code == 5
    assert "payments.account" in ran.out


def test_blank_account_of_a_payment_type_is_reported(run: Run, box: Sandbox, edit: Edit) -> None:
    """It would match the first bank account without a code."""
    edit('"Stripe" = "091"', '"Cash" = ""')

    ran = run("sync")

    assert ran.code == 5
    assert "payments.accounts.Cash" in ran.err
    assert box.xero.writes() == []


def test_a_good_config_passes_and_authorised_is_warned_of(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    ran = run("config", "check", "--json")
    assert ran.code == 0
    assert [finding["level"] for finding in ran.data["findings"]] == ["warning"]
    assert 'Start with "draft"' in ran.data["findings"][0]["hint"]

    edit('status = "authorised"', 'status = "draft"')

    assert run("config", "check").code == 0
    assert run("config", "check", "--json").data["findings"] == []


def test_a_missing_config_is_reported(run: Run, home: Path) -> None:
    ran = run("sync")

    assert ran.code == 5
    assert str(home / "config.toml") in ran.err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('account = "200"', 'account = "2000"', "xero.account"),
        ('shipping_account = "425"', 'shipping_account = "299"', "xero.shipping_account"),
        ('"OUTPUT2"', '"OUTPUT22"', "Did you mean 'OUTPUT2'?"),
        ('"ZERORATEDOUTPUT"', '"RROUTPUT"', "untaxed"),
        ('account = "090"', 'account = "200"', "payments.account"),
    ],
)
def test_what_the_ledger_does_not_have_is_reported_before_anything_is_sent(
    run: Run, box: Sandbox, edit: Edit, home: Path, old: str, new: str, words: str
) -> None:
    edit(old, new)

    ran = run("sync")

    assert ran.code == 5
    assert words in ran.err
    assert "config.toml:" in ran.err
    assert box.xero.writes() == []
    assert run("log", "--json").invoices == []


def test_an_account_made_after_the_last_run_is_found(run: Run, box: Sandbox, edit: Edit) -> None:
    run("sync-id", "1048")
    box.xero.add_account("210", "Workshops")
    edit('account = "200"', 'account = "210"')

    ran = run("sync-id", "1049", "--json")

    assert ran.code == 0
    assert ran.invoices[0]["account"] == "210"


def test_no_network_is_reported(run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("INVOICESYNC_KEAP_ROOT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("invoicesync_cli.http.limits.TRIES", 1)

    ran = run("sync", "--json")

    assert ran.code == 7
    assert ran.json["error"]["code"] == "no-connection"
    assert "127.0.0.1" in ran.json["error"]["message"]


def test_a_wrong_key_is_reported_in_keaps_words(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", "KeapAK-wrong")

    ran = run("sync", "--json")

    assert ran.code == 4
    assert "Invalid" in ran.json["error"]["message"]
    assert "KeapAK-wrong" not in ran.out + ran.err


def test_a_wrong_secret_is_reported(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICESYNC_XERO_CLIENT_SECRET", "wrong-one")

    ran = run("sync")

    assert ran.code == 4
    assert "invalid_client" in ran.err
    assert "wrong-one" not in ran.out + ran.err


@pytest.mark.parametrize("service", ["keap", "xero"])
def test_a_web_page_instead_of_data_is_reported(run: Run, box: Sandbox, service: str) -> None:
    vendor = box.vendors[service]
    page = "<html><head><title>Back soon</title></head><body>…</body></html>"
    vendor.fail(path="(orders|Accounts)", status=200, body=page, content_type="text/html")

    ran = run("sync", "--json")

    assert ran.code == 7
    assert "web page" in ran.json["error"]["message"]
    assert "Back soon" in ran.json["error"]["message"]
    assert box.xero.writes() == []


@pytest.mark.parametrize(
    "root", ["http://example.com", "ftp://127.0.0.1", "https://x/y", "nonsense"]
)
def test_a_root_elsewhere_is_refused(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    monkeypatch.setenv("INVOICESYNC_XERO_ROOT", root)

    ran = run("sync")

    assert ran.code == 5
    assert "INVOICESYNC_XERO_ROOT" in ran.err


@pytest.mark.parametrize("command", ["sync", "status", "auth status", "doctor", "lookup accounts"])
def test_a_refused_root_is_a_mistake_whatever_it_is_for(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("INVOICESYNC_QBO_ROOT", "http://example.com")

    ran = run(*command.split())

    assert ran.code == 5
    assert "INVOICESYNC_QBO_ROOT" in ran.err


def test_what_there_is_to_choose_from_is_one_sentence(run: Run, box: Sandbox) -> None:
    assert "Missing argument 'LIST'. Choose from: accounts, taxes, items" in run("lookup").err


def test_a_state_from_another_root_is_refused(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync-id", "1048")
    monkeypatch.delenv("INVOICESYNC_XERO_ROOT")

    for command in ("sync", "status", "log"):
        assert run(command).code == 5


@pytest.mark.parametrize(
    "typed",
    [
        ("synk",),
        ("sync", "--since-dat", "2026-01-01"),
        ("sync", "--since-date", "yesterday"),
        ("sync", "--since-date", "20260101"),
        ("sync", "--since-date", "2026-W01-1"),
        ("sync", "--until-date", "9999-12-31"),
        ("sync", "--since-date", "2026-02-01", "--until-date", "2026-01-31"),
        ("log", "--since", "0001-01-01"),
        ("sync", "--since-date", "2026-01-01", "--from-start"),
        ("sync", "--only", "orders"),
        ("sync", "--max-invoices", "many"),
        ("sync-id",),
        ("sync-id", "12a"),
        ("sync-id", "1", "--by", "number"),
        ("log", "--limit", "-1"),
        ("demo", "--to", "sage"),
        ("config",),
        ("status", "--profile", "../other"),
    ],
)
def test_wrong_usage_ends_with_two(run: Run, box: Sandbox, typed: tuple[str, ...]) -> None:
    ran = run(*typed)

    assert ran.code == 2
    assert box.xero.writes() == []


def test_a_wrong_value_is_reported_with_those_there_are(run: Run) -> None:
    ran = run("sync", "--only", "orders", "--json")

    message = ran.json["error"]["message"]
    assert message == "Invalid value for '--only': 'orders' is not one of 'invoices', 'payments'."


def test_wrong_usage_prints_the_document_too(run: Run, home: Path) -> None:
    ran = run("sync", "--since-date", "soon", "--json")

    assert ran.json["exit_code"] == 2
    assert ran.json["status"] == "error"
    assert ran.json["error"]["hint"]


@pytest.mark.usefixtures("box")
def test_a_key_is_needed_where_there_is_nothing_to_read_it_from(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program without a standard input of its own, as a window's is."""
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")
    with (Path(os.environ["INVOICESYNC_HOME"]) / "config.toml").open("a") as config:
        config.write('[auth]\nstorage = "file"\n')

    ran = run("auth", "keap", "--api-key", "--no-input")

    assert ran.code == 4
    assert "there is none" in ran.err
