"""`doctor`: whatever stands in the way of a run, all at once, and nothing is written anywhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.world import Sandbox
from invoicesync_sandbox.xero.limits import XeroLimits
from tests.kits.command_line import Edit, Run, at_terminal
from tests.kits.doctoring import codes, of

Break = Callable[[Sandbox, Edit], object]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ALWAYS = {"authorised", "setting-unused", "keap-lines", "period-locked", "tax-rate", "root-set"}
"""What is said of the demo shop and its config as they are."""


def test_demo_shop_can_start(run: Run, box: Sandbox) -> None:
    ran = run("doctor", "--json")

    assert ran.code == 0
    assert ran.json["error"] is None
    assert codes(ran) == {*ALWAYS, "not-scheduled"}
    assert not [one for one in ran.data["findings"] if one["level"] == "error"]
    for finding in ran.data["findings"]:
        assert {"code", "level", "where", "message", "hint"} <= set(finding)
        assert finding["message"].endswith((".", "held."))
    assert of(ran, "authorised")["where"] == "xero.status"
    assert "28" in str(of(ran, "authorised")["line"])


@pytest.mark.parametrize("books", ["box", "company", "american"])
def test_it_reads_little_and_writes_nothing(
    run: Run, books: str, home: Path, request: pytest.FixtureRequest
) -> None:
    """Some thirty calls to Keap, of which the check of its data makes the most, and at most nine to
    the ledger, however many documents there are."""
    sandbox: Sandbox = request.getfixturevalue(books)
    path = home / "config.toml"
    path.write_text(path.read_text() + '\n[contacts.pins]\n"1" = "x"\n')
    run("sync")
    before = path.read_bytes(), (home / "state.sqlite3").read_bytes()
    for vendor in sandbox.vendors.values():
        vendor.calls.clear()

    ran = run("doctor", "--json")

    ledger = sandbox.xero if books == "box" else sandbox.qbo
    asked = [call for call in ledger.calls if "token" not in call.path]
    assert ran.data["calls"] == {"keap": len(sandbox.keap.calls), "ledger": len(asked)}
    assert len(sandbox.keap.calls) <= 36
    assert len(asked) <= 9
    assert {call.method for call in sandbox.keap.calls} == {"GET"}
    assert sandbox.xero.writes() == []
    written = b"".join(call.body for call in sandbox.qbo.calls)
    assert b"operation" not in written
    assert (path.read_bytes(), (home / "state.sqlite3").read_bytes()) == before


def test_ten_things_that_are_wrong_are_found_at_once(run: Run, box: Sandbox, edit: Edit) -> None:
    edit('account = "200"', 'account = "2000"')
    edit('shipping_account = "425"', 'shipping_account = "299"')
    edit('tax_type = "OUTPUT2"', 'tax_type = "OUTPUT3"')
    edit('zero_tax_type = "ZERORATEDOUTPUT"', 'zero_tax_type = "OUTPUT2"')
    edit('account = "090"', 'account = "200"')
    edit('"Stripe" = "091"', '"Strippe" = "999"')
    edit("due_days = 14", 'due_days = 14\nnumber_prefix = "€"\npaid_only_when = "any-payment"')
    edit("[payments]\n", '[contacts.pins]\n"999" = "abc"\n[payments]\n')

    ran = run("doctor", "--json")

    assert ran.code == 5
    errors = {one["where"] for one in ran.data["findings"] if one["level"] == "error"}
    assert errors == {
        "xero.account",
        "xero.shipping_account",
        "xero.tax_type",
        "xero.zero_tax_type",
        "payments.account",
        "payments.accounts.Strippe",
        "invoices.number_prefix",
    }
    assert {"payment-type-unknown", "pin-unknown", "setting-unused"} <= codes(ran)
    levels = [one["level"] for one in ran.data["findings"]]
    assert levels[0] == "error"
    assert all(one["hint"] for one in ran.data["findings"] if one["level"] == "error")


def test_what_keap_does_not_have_is_answered_with_a_name_that_it_has(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit('"Stripe" = "091"', '"Strippe" = "091"')

    found = of(run("doctor", "--json"), "payment-type-unknown")

    assert (found["where"], found["level"]) == ("payments.accounts.Strippe", "warning")
    assert "Did you mean 'Stripe'?" in found["hint"]


def test_types_and_merchants_that_keap_has_are_no_finding(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit('"Stripe" = "091"', '"stripe " = "091"\n"bank transfer" = "091"')
    assert "payment-type-unknown" not in codes(run("doctor", "--json"))


def _number_of_others(box: Sandbox, _: Edit) -> None:
    contact = next(iter(box.xero.contacts))
    line = {"Description": "By hand", "Quantity": "1", "UnitAmount": "5", "AccountCode": "200"}
    box.xero.add_invoice(contact, [line], InvoiceNumber="1050", Date="2026-11-01")


def _other_rate(box: Sandbox, edit: Edit) -> None:
    edit('\ntax_type = "OUTPUT2"', '\ntax_type = "RROUTPUT"')


BROKEN: dict[str, tuple[Break, str, str, str, str]] = {
    "archived account": (
        lambda box, _: box.xero.archive_account("460"),
        "account-unknown",
        "error",
        "xero.discount_account",
        "is archived",
    ),
    "account of another type": (
        lambda _, edit: edit('"460"', '"310"'),
        "account-type",
        "warning",
        "xero.discount_account",
        "310 (Cost of goods sold)",
    ),
    "item with an archived account": (
        lambda box, _: box.xero.archive_account("201"),
        "item-account",
        "warning",
        "Xero",
        "TIL, WAX-1",
    ),
    "currency that the ledger does not have": (
        lambda _, edit: edit("[keap]\n", '[keap]\ncurrency = "USD"\n'),
        "currency-differs",
        "error",
        "keap.currency",
        "Xero has GBP",
    ),
    "start before the lock date": (
        lambda _, edit: edit("[invoices]\n", '[sync]\nstart = "2026-09-01"\n[invoices]\n'),
        "period-locked",
        "warning",
        "sync.start",
        "locked up to 2026-10-02, and sync.start is 2026-09-01",
    ),
    "number of somebody else's": (
        _number_of_others,
        "number-taken",
        "warning",
        "Xero",
        "have 1: 1050",
    ),
    "rate that is not Keap's": (
        _other_rate,
        "tax-rate",
        "warning",
        "xero.tax_type",
        "not 5 % of any",
    ),
    "nearly no calls left": (
        lambda box, _: setattr(box.xero, "limits", XeroLimits(box.xero.tenant_id, 9, "")),
        "day-limit",
        "warning",
        "Xero",
        "are left today",
    ),
    "mode off": (
        lambda _, edit: edit("[invoices]\n", '[sync]\nmode = "off"\n[invoices]\n'),
        "nothing-sent",
        "warning",
        "sync.mode",
        "nothing is sent",
    ),
    "nobody is looked for": (
        lambda _, edit: edit("[invoices]\n", "[contacts]\nmatch = []\n[invoices]\n"),
        "match-empty",
        "warning",
        "contacts.match",
        "Nobody is looked for",
    ),
    "tracking category that is not there": (
        lambda _, edit: edit("[invoices]\n", '[xero.tracking]\n"Regoin" = "North"\n[invoices]\n'),
        "tracking-unknown",
        "error",
        "xero.tracking.Regoin",
        "'Regoin'",
    ),
    "the other way without a day to begin at": (
        lambda _, edit: edit("[invoices]\n", "[reverse]\nenabled = true\n[invoices]\n"),
        "reverse-start",
        "error",
        "reverse.start",
        "from which day on",
    ),
    "time zone of nowhere": (
        lambda box, _: setattr(
            box.keap, "profile", replace(box.keap.profile, time_zone="Mars/Base")
        ),
        "time-zone-unknown",
        "error",
        "Keap",
        "Mars/Base",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_thing_that_is_wrong_is_found(run: Run, box: Sandbox, edit: Edit, what: str) -> None:
    spoil, code, level, where, words = BROKEN[what]
    before = run("doctor", "--json").data["findings"]
    spoil(box, edit)

    ran = run("doctor", "--json")

    new = [one for one in ran.data["findings"] if one not in before and one["code"] == code]
    (found,) = [one for one in new if words in one["message"]]
    assert (found["level"], found["where"]) == (level, where)
    assert found["hint"]
    assert ran.code == (5 if level == "error" else 0)


UNUSED = {
    'paid_only_when = "any-payment"': "paid-only",
    'skip_zero_total = true\n[reverse]\nstart = "2026-01-01"': "reverse.enabled is false",
    'skip_zero_total = true\n[notify]\nto = "a@b.example"': 'notify.email is "off"',
    'skip_zero_total = true\n[sync]\nmode = "invoices"': "sends no payments",
}


@pytest.mark.parametrize("text", UNUSED)
def test_setting_that_does_nothing_is_a_hint(run: Run, box: Sandbox, edit: Edit, text: str) -> None:
    edit("skip_zero_total = true", text)

    unused = [
        one for one in run("doctor", "--json").data["findings"] if one["code"] == "setting-unused"
    ]

    assert any(UNUSED[text] in one["message"] for one in unused)
    assert {one["level"] for one in unused} == {"hint"}


def test_better_tax_code_is_named(run: Run, box: Sandbox, edit: Edit) -> None:
    _other_rate(box, edit)
    assert "20% (VAT on Income) fits" in of(run("doctor", "--json"), "tax-rate")["hint"]


def test_text_fits_eighty_columns_worst_first(
    run: Run, box: Sandbox, home: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit('account = "200"', 'account = "2000"')
    at_terminal(monkeypatch)

    lines = COLOUR.sub("", run("doctor").out).splitlines()

    assert [line for line in lines if len(line) > 80 and str(home) not in line] == []
    assert any(line.startswith("      ") and "(Sales)" not in line for line in lines)
    assert lines[0].startswith("Accounts, tax codes and items")
    assert lines[1] == "  error: xero.account, line 29"
    assert "Xero: ok. Wick & Wax Ltd, GBP" in "\n".join(lines)
    assert lines[-1].startswith("1 error, 3 warnings, ")
    assert lines[-1].endswith("Next: invoicesync config edit")


def test_hints_are_for_the_profile_in_use(run: Run, box: Sandbox, home: Path, edit: Edit) -> None:
    edit('account = "200"', 'account = "2000"')
    second = home / "profiles" / "second"
    second.mkdir(parents=True)
    (home / "config.toml").rename(second / "config.toml")

    ran = run("--profile", "second", "doctor")

    assert ran.code == 5
    assert "invoicesync --profile second schedule install" in ran.out
    assert ran.out.splitlines()[-1].endswith("Next: invoicesync --profile second config edit")


def test_quiet_says_only_what_needs_a_person(run: Run, box: Sandbox) -> None:
    out = run("doctor", "-q").out
    assert "warning: xero.status" in out
    assert "hint: " not in out
    assert "ok." not in out


def test_verbose_says_what_keaps_data_are_like(run: Run, box: Sandbox) -> None:
    assert "page-token: 3 pages of an order each" in run("doctor", "-v").out


def test_quickbooks_account_code_and_item_at_once(run: Run, company: Sandbox, edit: Edit) -> None:
    edit('taxable_code = "20.0% S"', 'taxable_code = "20.0% X"')
    edit('default_item = "Sales"', 'default_item = "Sale"')
    edit('account = "Business current account"', 'account = "Busines current account"')

    ran = run("doctor", "--json")

    assert ran.code == 5
    errors = [
        (one["code"], one["where"]) for one in ran.data["findings"] if one["level"] == "error"
    ]
    assert errors == [
        ("tax-code-unknown", "qbo.taxable_code"),
        ("account-unknown", "payments.account"),
        ("item-missing", "qbo.default_item"),
    ]


def test_it_says_what_it_has_looked_up_of_numbers(run: Run, box: Sandbox) -> None:
    words = "looked up whether another document has the number of each of the next 40 invoices"
    assert any(words in area["what"] for area in run("doctor", "--json").data["checked"])


@pytest.mark.parametrize(
    ("books", "words"), [("company", "tax codes of its own"), ("american", "in the United States")]
)
def test_it_says_which_kind_of_company_it_is(
    run: Run, books: str, words: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(books)
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert any(words in area["what"] for area in ran.data["checked"])


QUICKBOOKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "sales tax off": ({"using_sales_tax": False}, "tax-code-unknown", "switched off there"),
    "its own numbers": ({"custom_numbers": False}, "numbers-counted", "the next number"),
    "closed books": ({"close_date": date(2026, 12, 31)}, "period-locked", "2026-12-31"),
    "credits by itself": ({"auto_apply_credit": True}, "ledger-setting", "by itself"),
}


@pytest.mark.parametrize("what", QUICKBOOKS)
def test_settings_of_the_company(run: Run, company: Sandbox, what: str) -> None:
    changes, code, words = QUICKBOOKS[what]
    company.qbo.set_preferences(custom_numbers=True, close_date=None, auto_apply_credit=False)
    assert code not in codes(run("doctor", "--json"))
    company.qbo.set_preferences(**changes)

    assert words in of(run("doctor", "--json"), code)["message"]
