"""`doctor`: whatever stands in the way of a run, all at once, and nothing is written anywhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.doctor import examine
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.paths import locate
from invoicesync_cli.progress import SILENT
from invoicesync_cli.state import Store
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import Sandbox
from invoicesync_sandbox.xero.limits import XeroLimits
from tests.kits.command_line import Ran, Run, at_terminal
from tests.kits.findings_page import ROWS
from tests.kits.rehearsal import Rehearsal
from tests.kits.schedulers import FakeTools
from tests.kits.sign_in import SignInUser

Edit = Callable[[str, str], None]
Break = Callable[[Sandbox, Edit], object]

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ALWAYS = {"authorised", "setting-unused", "keap-lines", "period-locked", "tax-rate", "root-set"}
"""What is said of the demo shop and its config as they are."""


def of(ran: Ran, code: str) -> dict[str, Any]:
    """The only finding of a code."""
    assert code in codes(ran)
    (found,) = [finding for finding in ran.data["findings"] if finding["code"] == code]
    return dict(found)


def codes(ran: Ran) -> set[str]:
    """The codes of all findings, each of which docs/findings.md has, with that level."""
    for finding in ran.data["findings"]:
        assert finding["level"] in ROWS[finding["code"]].levels, finding
    return {finding["code"] for finding in ran.data["findings"]}


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


# --- one thing broken, one finding ----------------------------------------------------------------


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


@pytest.mark.parametrize(("minutes", "way"), [(30, "ahead of"), (-30, "behind"), (1, "")])
def test_clock_that_is_wrong_is_said_of_each_service(
    tmp_path: Path, minutes: int, way: str
) -> None:
    r = Rehearsal(tmp_path)
    off = timedelta(minutes=minutes)
    network = Network(Timing(now=lambda: r.clock.now() + off), r.network.apps)

    found = examine(locate(environ=r.environ), network, r.environ, SILENT).findings

    wrong = [one for one in found if one.code == "clock"]
    assert [one.where for one in wrong] == (["Keap", "Xero"] if way else [])
    assert all(f"30 minutes {way}" in one.message for one in wrong)


# --- services that cannot be asked ----------------------------------------------------------------


@pytest.mark.parametrize(("down", "other"), [("keap", "xero"), ("xero", "keap")])
def test_one_service_down_hides_nothing_of_the_other(
    run: Run, box: Sandbox, down: str, other: str
) -> None:
    box.vendors[down].fail(status=503, times=100)

    ran = run("doctor", "--json")

    assert ran.code == 7
    (error,) = [one for one in ran.data["findings"] if one["level"] == "error"]
    assert error["where"].lower() == down
    assert ran.data["calls"]["keap" if other == "keap" else "ledger"] > 4
    if other == "xero":
        edit_free = run("doctor")
        assert "Xero: ok. Wick & Wax Ltd" in edit_free.out


def test_wrong_config_weighs_more_than_a_service_that_is_down(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit('account = "200"', 'account = "2000"')
    box.keap.fail(status=503, times=100)

    ran = run("doctor", "--json")

    assert ran.code == 5
    assert {one["where"] for one in ran.data["findings"] if one["level"] == "error"} == {
        "Keap",
        "xero.account",
    }


def test_nobody_signed_in(run: Run, user: SignInUser) -> None:
    ran = run("doctor", "--json")

    assert ran.code == 4
    errors = [one for one in ran.data["findings"] if one["level"] == "error"]
    assert [(one["where"], one["hint"]) for one in errors] == [
        ("Keap", "Sign in: invoicesync auth keap"),
        ("Xero", "Sign in: invoicesync auth xero"),
    ]
    text = run("doctor").out
    assert "not checked, the ledger could not be asked" in text
    assert text.splitlines()[-1].endswith("Next: invoicesync auth status")


def test_one_signed_in_is_checked_without_the_other(run: Run, user: SignInUser) -> None:
    run("auth", "xero")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert "Xero: ok. Wick & Wax Ltd" in run("doctor").out
    assert [one["where"] for one in ran.data["findings"] if one["level"] == "error"] == ["Keap"]


def test_sign_in_that_ends_soon_is_said(run: Run, user: SignInUser) -> None:
    run("auth", "keap")
    run("auth", "xero")
    path = user.secrets / "xero"
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    text, changed = re.subn(
        r'"refresh_ends": ?"[^"]*"', f'"refresh_ends":"{ends}"', path.read_text()
    )
    assert changed
    path.write_text(text)

    found = of(run("doctor", "--json"), "sign-in-ends")

    assert (found["where"], found["level"]) == ("Xero", "warning")
    assert "invoicesync auth xero" in found["hint"]


def test_another_organisation_than_the_records_are_of(run: Run, box: Sandbox, home: Path) -> None:
    run("sync")
    with Store.open(home / "state.sqlite3") as state:
        state.set_meta("organisation_id", "00000000-0000-0000-0000-000000000000")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert of(ran, "wrong-account")["where"] == "Xero"


# --- this machine ---------------------------------------------------------------------------------


def test_file_that_others_can_read(run: Run, user: SignInUser, home: Path) -> None:
    run("auth", "keap")
    (home / "state.sqlite3").chmod(0o644)

    found = of(run("doctor", "--json"), "file-readable")

    assert found["level"] == "warning"
    assert f'chmod go= "{home / "state.sqlite3"}"' in found["hint"]


def test_keyring_that_is_not_there_is_said_once(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring
    from keyring.backends.fail import Keyring as Backend

    # Whatever this machine has, or another test has put there.
    backend = Backend()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")

    ran = run("doctor", "--json")

    assert ran.code == 4
    assert of(ran, "no-keyring")["where"] == "Keap"


def test_config_that_cannot_be_read_or_is_not_there(run: Run, home: Path) -> None:
    ran = run("doctor")
    assert ran.code == 5
    assert ran.out.splitlines()[-1] == "1 error. Next: invoicesync init"

    home.mkdir()
    (home / "config.toml").write_text("[sync\nmode = off\n")

    ran = run("doctor", "--json")
    assert ran.code == 5
    assert len(ran.data["findings"]) == 2


def test_schedule_that_cannot_work(
    run: Run, tools: FakeTools, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("schedule", "install", "--using", "cron")
    found = run("doctor", "--json")
    assert of(found, "keyring-unreached")["where"] == "auth.storage"
    assert "INVOICESYNC_KEAP_API_KEY" in of(found, "secret-unscheduled")["message"]
    assert not {"program-missing", "paused", "schedule-unclear", "not-scheduled"} & codes(found)

    run("pause")
    line = tools.crontab or b""
    gone = re.sub(rb"/\S+/python\S*", b"'/opt/old tools/bin/invoicesync'", line)
    tools.crontab = re.sub(rb"^\S+ \S+ \* \* \*", b"5 4 * * 1", gone)
    edit("[keap]\n", '[auth]\nstorage = "file"\n[keap]\n')

    found = run("doctor", "--json")
    assert {"program-missing", "paused", "schedule-unclear"} <= codes(found)
    assert "/opt/old tools/bin/invoicesync" in of(found, "program-missing")["message"]
    assert "keyring-unreached" not in codes(found)


def test_pings_that_nobody_would_send(run: Run, box: Sandbox, edit: Edit) -> None:
    assert of(run("doctor", "--json"), "not-scheduled")["level"] == "hint"
    edit("[keap]\n", '[notify]\nping_url = "https://ping.example/1"\n[keap]\n')

    found = of(run("doctor", "--json"), "not-scheduled")

    assert found["level"] == "warning"
    assert "only follow scheduled runs" in found["message"]


def test_scheduled_runs_that_are_not_made(run: Run, tools: FakeTools, home: Path) -> None:
    run("schedule", "install", "--using", "cron")
    run("sync", "--max-invoices", "1")
    assert "no-runs" not in codes(run("doctor", "--json"))
    with Store.open(home / "state.sqlite3") as state:
        state.db.execute("UPDATE runs SET at = '2026-11-01T00:00:00Z'")
    assert "days ago" in of(run("doctor", "--json"), "no-runs")["message"]


# --- another machine ------------------------------------------------------------------------------


def test_runs_of_another_machine_are_noticed(
    run: Run, box: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the profile elsewhere carries an order over, whose number here is still to come."""
    run("sync")
    order = box.keap.add_order(
        contact_id=next(iter(box.keap.contacts)),
        order_time=datetime(2026, 11, 20, tzinfo=UTC),
        items=[Item("PRODUCT", "9.00", name="Candle")],
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("config.toml", "state.sqlite3"):
        (elsewhere / name).write_bytes((home / name).read_bytes())
    assert "other-runs" not in codes(run("doctor", "--json"))
    with monkeypatch.context() as other:
        other.setenv("INVOICESYNC_HOME", str(elsewhere))
        run("sync-id", str(order.invoice_id))

    found = of(run("doctor", "--json"), "other-runs")

    assert (found["level"], found["where"]) == ("warning", "Xero")
    assert str(order.id) in found["message"]


# --- what a person reads --------------------------------------------------------------------------


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


# --- QuickBooks -----------------------------------------------------------------------------------


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
