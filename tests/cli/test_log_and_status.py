"""`log` and `status` as a user types them."""

import csv
import io
import re
import time
from pathlib import Path

import pytest

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.state import Store
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run, at_terminal

COLUMNS = (
    "at,run,kind,order_id,invoice_id,payment_id,number,contact,date,total,currency,reference,"
    "account,state,reason,message,hint,ledger_id,ledger_total"
)


def test_log_lists_newest_first_and_filters(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")
    second = run("sync", "--json").data["run"]

    entries = run("log", "--json").invoices

    assert entries[-1]["invoice_id"] == "1048"
    assert entries == sorted(entries, key=lambda entry: entry["at"], reverse=True)
    skipped = run("log", "--skipped", "--json").data["entries"]
    assert {entry["state"] for entry in skipped} == {"skipped", "held", "waiting"}
    assert {entry["state"] for entry in run("log", "--failed", "--json").invoices} == {"held"}
    by_run = run("log", "--run", second, "--json").invoices
    assert len(by_run) == len(entries) - 1
    assert len(run("log", "--limit", "3", "--json").data["entries"]) == 3
    assert run("log", "--since", "2031-01-01", "--json").invoices == []


def test_log_finds_an_invoice_by_either_id(run: Run, box: Sandbox) -> None:
    run("sync")

    by_order = run("log", "--id", CASES["unpaid"], "--json").invoices
    by_invoice = run("log", "--id", str(int(CASES["unpaid"]) - 2), "--json").invoices

    assert CASES["unpaid"] in [entry["order_id"] for entry in by_order]
    assert CASES["unpaid"] in [entry["order_id"] for entry in by_invoice]


def test_log_finds_money_by_its_reference_or_payment_id(run: Run, box: Sandbox) -> None:
    run("sync")

    (by_reference,) = run("log", "--id", "txn_2", "--json").data["entries"]
    by_payment = run("log", "--id", by_reference["payment_id"], "--json").data["entries"]

    assert (by_reference["kind"], by_reference["total"]) == ("payment", "120.00")
    assert by_reference in by_payment


def test_log_as_csv_has_the_documented_columns(run: Run, box: Sandbox) -> None:
    run("sync")

    out = run("log", "--csv").out

    assert out.splitlines()[0] == COLUMNS
    rows = [row for row in csv.DictReader(io.StringIO(out)) if row["kind"] == "invoice"]
    # Also of what was never drafted: a filter by month loses nothing.
    assert [row for row in rows if not row["date"]] == []
    assert len(rows) == len(CASES)
    unpaid = next(row for row in rows if row["order_id"] == CASES["unpaid"])
    assert unpaid["reference"] == f"Keap order {unpaid['order_id']}, invoice {unpaid['invoice_id']}"


def test_a_held_document_is_logged_once_however_often_it_is_judged(run: Run, box: Sandbox) -> None:
    run("sync")
    before = run("log", "--json").invoices

    run("sync")

    assert run("log", "--json").invoices == before


def test_status_tells_connections_runs_and_what_is_open(run: Run, box: Sandbox) -> None:
    before = run("status", "--json").data
    assert before["last_run"] is None
    assert before["cursor"] == {"order_id": "", "invoice_id": ""}
    done = run("sync", "--json").data

    data = run("status", "--json").data

    assert data["connections"]["xero"]["name"] == "Wick & Wax Ltd"
    assert data["connections"]["keap"]["id"] == "iq146"
    assert data["last_run"]["run"] == done["run"]
    assert data["last_run"]["status"] == "partial"
    assert data["open"] == {"skipped": 2, "held": 6, "waiting": 5, "failed": 0}
    assert data["processing"] == "on"
    assert data["sandbox"] is True
    assert data["calls_left_today"]["ledger"] < 1000
    assert "127.0.0.1" in run("status").out


def test_status_says_how_the_last_run_ended(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")
    assert re.search(r"Last run: .*, done\n", run("status").out)

    run("sync")

    assert ", done, with documents that need a person\n" in run("status").out


def test_the_cursor_moves_over_settled_invoices_only(run: Run, box: Sandbox) -> None:
    box.keap.delete_order(CASES["locked"])

    cursor = run("sync", "--json").data["cursor"]

    # The first order that is held comes right after this one.
    assert cursor["order_id"] == str(int(CASES["negative-total"]) - 1)


@pytest.fixture
def second(box: Sandbox, home: Path) -> None:
    """A profile of this name with the same config."""
    other = home / "profiles" / "second"
    other.mkdir(parents=True)
    (other / "config.toml").write_text((home / "config.toml").read_text())


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("sync",), "List: invoicesync --profile second todo"),
        (("sync", "-q"), "List: invoicesync --profile second todo"),
        (("explain", "1022"), "then: invoicesync --profile second dismiss 1022"),
        (("status",), "List: invoicesync --profile second todo"),
        (("verify",), "List: invoicesync --profile second todo"),
    ],
    ids=lambda typed: " ".join(typed) if isinstance(typed, tuple) else "",
)
def test_commands_that_are_named_are_those_of_the_profile(
    run: Run, box: Sandbox, typed: tuple[str, ...], said: str
) -> None:
    """Typed as they stand, they must not work on another company's books."""
    run("sync", "--profile", "second")

    ran = run(*typed, "--profile", "second")

    shown = ran.out + ran.err
    assert said in shown
    assert not re.search("invoicesync (todo|explain|dismiss|retry|verify|sync)", shown)


@pytest.mark.usefixtures("second")
def test_profiles_have_their_own_state(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")

    assert run("status", "--profile", "second", "--json").data["last_run"] is None
    assert run("status", "--json").data["last_run"] is not None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed there")
def test_the_day_of_since_and_the_times_shown_are_local(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past nine in the evening in London is the next day in Auckland."""
    home.mkdir()
    (home / "config.toml").write_text('[xero]\nclient_id = "app"\n[sync]\nmode = "off"\n')
    monkeypatch.setattr("invoicesync_cli.state.history.now", lambda: "2026-11-20T21:30:00.000Z")
    with Store.open(home / "state.sqlite3") as state:
        state.history.log(
            "a run", Document(DocumentKind.INVOICE, DocumentState.CREATED, order_id="1")
        )
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        shown = run("log", "--since", "2026-11-21").out
        later = run("log", "--since", "2026-11-22", "--json").data["entries"]
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()

    assert "2026-11-21 10:30 NZDT" in shown
    assert later == []


def test_a_bare_call_shows_the_help(run: Run, home: Path) -> None:
    ran = run()

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == run("--help").out
    assert "sync-id" in ran.out


def test_a_long_log_is_whole_in_every_form(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is longer than what is held at a time is read while it is written."""
    monkeypatch.setattr("invoicesync_cli.cli.report.ROWS", 10)
    home.mkdir()
    (home / "config.toml").write_text('[xero]\nclient_id = "app"\n[sync]\nmode = "off"\n')
    assert run("log", "--json").data["entries"] == []
    with Store.open(home / "state.sqlite3") as state:
        for number in range(25):
            document = Document(
                DocumentKind.INVOICE, DocumentState.CREATED, order_id=f"10{number:02}"
            )
            state.history.log("a run", document)
    orders = [f"10{number:02}" for number in reversed(range(25))]

    assert [entry["order_id"] for entry in run("log", "--json").data["entries"]] == orders
    rows = csv.DictReader(io.StringIO(run("log", "--csv").out))
    assert [row["order_id"] for row in rows] == orders
    assert re.findall("10[0-9]{2}", run("log").out) == orders
    assert len(run("log", "--limit", "12", "--json").data["entries"]) == 12


def test_log_says_what_each_entry_is_about(run: Run, box: Sandbox) -> None:
    """An invoice is distinguished from its payment, each with who, when, how much and why."""
    run("sync-id", "1048,1001")

    out = run("log").out

    assert "created    invoice 1048 (order 1050)  100.00 GBP  2026-11-11  Grace Hill" in out
    assert "created    payment 1048 (order 1050)  80.00 GBP  2026-11-11  txn_47  Grace Hill" in out
    assert "period-locked: The invoice is dated 2026-10-01" in out


def test_status_says_why_documents_are_open(run: Run, box: Sandbox) -> None:
    run("sync")

    ran, out = run("status", "--json"), run("status").out

    assert {"state": "held", "reason": "period-locked", "count": 1} in ran.data["reasons"]
    # Of two currencies.
    waiting = {"state": "waiting", "reason": "invoice-not-synced", "count": 5}
    assert waiting in ran.data["reasons"]
    assert "  1 held: period-locked" in out
    assert "Settled up to: nothing yet: the first invoice is open" in out
    assert "List: invoicesync todo" in out


def test_every_root_that_is_set_is_shown_and_warned_of(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a ledger that this profile does not use: another one would go there."""
    monkeypatch.setenv("INVOICESYNC_QBO_ROOT", "http://127.0.0.1:8751")
    monkeypatch.setenv("INVOICESYNC_QBD_WORKER", "python worker.py")
    at_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "xterm-256color")

    out = run("status").out

    assert "\x1b[1;33mqbo: all requests go to http://127.0.0.1:8751" in out
    assert "\x1b[1;33mqbd: all requests go to python worker.py" in out
    assert "\x1b[1;33mkeap: all requests go to http://127.0.0.1:" in out
    assert "\x1b[1;33mxero: all requests go to http://127.0.0.1:" in out


def test_an_invoice_has_its_marker_as_reference_whatever_becomes_of_it(
    run: Run, box: Sandbox
) -> None:
    invoices = run("sync", "--json").invoices

    assert {item["state"] for item in invoices} == {"created", "skipped", "held"}
    for item in invoices:
        marker = f"Keap order {item['order_id']}, invoice {item['invoice_id']}"
        assert item["reference"] == marker
