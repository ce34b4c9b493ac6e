"""`todo`: exactly what is open, to work through; a run points there instead of repeating it."""

import csv
import io
import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from invoicesync_cli.cli import run_report, todo
from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason
from invoicesync_cli.state import Store
from invoicesync_cli.state.rows import Record
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Ran, Run

HELD = ("locked", "ambiguous", "archived", "negative-total", "currency-differs", "sums-differ")
DRAFTS = ('status = "authorised"', 'status = "draft"')


def listed(ran: Ran) -> set[tuple[str, str]]:
    """Kind and order of what `todo` lists."""
    return {(item["kind"], item["order_id"]) for item in ran.data["documents"]}


def test_all_that_is_open_is_listed_once_with_its_age(run: Run, box: Sandbox) -> None:
    run("sync")

    ran = run("todo", "--json")

    held = {CASES[case] for case in HELD}
    assert {order for kind, order in listed(ran) if kind == "invoice"} == held
    assert len(listed(ran)) == len(ran.data["documents"]) == 11
    assert sum(group["count"] for group in ran.data["groups"]) == 11
    locked = next(item for item in ran.data["documents"] if item["order_id"] == CASES["locked"])
    assert locked["state"] == "held"
    assert locked["age_days"] == (box.clock.now().date() - date(2026, 10, 1)).days
    assert "invoice 1029 (order 1031)" in run("todo").out


def test_what_was_resolved_or_dismissed_or_mistyped_is_not_in_it(run: Run, box: Sandbox) -> None:
    run("sync")
    box.xero.set_lock_dates()
    run("retry", "1001")
    run("dismiss", "1029", "--reason", "entered by hand")
    run("sync-id", "9999")
    run("dismiss", "1234567", "--reason", "a slip")

    ran = run("todo", "--state", "held", "--json")

    held = {CASES[case] for case in HELD} - {CASES["locked"], CASES["ambiguous"]}
    assert listed(ran) == {("invoice", order) for order in held}
    assert listed(run("todo", "--state", "failed", "--json")) == set()
    assert "Nothing is open." in run("todo", "--state", "failed").out


def test_what_is_said_to_dismiss_can_be_copied(run: Run, box: Sandbox) -> None:
    """The command stands in the hint with the invoice's id and a reason, and does what it says."""
    run("sync")
    hints = {
        item["invoice_id"]: item["hint"]
        for item in run("todo", "--json").data["documents"]
        if "dismiss" in item["hint"]
    }
    assert len(hints) == 3

    for invoice, hint in hints.items():
        (command,) = re.findall(r'invoicesync (dismiss \d+ --reason "[^"]+")', hint)
        assert run(*shlex.split(command)).code == 0
        left = run("todo", "--json").data["documents"]
        assert invoice not in {item["invoice_id"] for item in left if item["kind"] == "invoice"}


def test_the_list_ends_with_what_goes_on_from_there(run: Run, box: Sandbox) -> None:
    run("sync")

    last = run("todo").out.splitlines()[-1]

    assert last == 'Next: invoicesync explain ID, retry, or dismiss ID --reason "…"'
    assert "Next: " not in run("todo", "-q").out
    assert "Next: " not in run("todo", "--csv").out
    assert "Next: " not in run("todo", "--state", "failed").out


def test_one_reason_or_state_and_the_spreadsheet(run: Run, box: Sandbox) -> None:
    run("sync")

    rows = list(csv.DictReader(io.StringIO(run("todo", "--reason", "period-locked", "--csv").out)))
    waiting = run("todo", "--state", "waiting", "--json")

    assert [(row["invoice_id"], row["reason"]) for row in rows] == [("1001", "period-locked")]
    assert {item["state"] for item in waiting.data["documents"]} == {"waiting"}
    assert [group["reason"] for group in waiting.data["groups"]] == ["invoice-not-synced"] * 2
    assert sorted(group["total"] for group in waiting.data["groups"]) == ["100.00", "407.00"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--state", "skipped"), "is not one of 'held', 'failed', 'waiting'"),
        (("--reason", "contact-ambigous"), "Did you mean contact-ambiguous?"),
    ],
)
def test_a_misspelt_choice_is_refused(
    run: Run, home: Path, typed: tuple[str, str], words: str
) -> None:
    ran = run("todo", *typed)

    assert ran.code == 2
    assert words in ran.err


def test_many_that_wait_are_one_group_and_a_run_counts_them(
    run: Run, home: Path, box: Sandbox, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drafts that Keap says are paid: what waits is told in groups, and once."""
    monkeypatch.setattr(run_report, "LISTED", 5)
    monkeypatch.setattr(todo, "LISTED", 5)
    edit(*DRAFTS)
    run("sync")
    run("dismiss", *(CASES[case] for case in HELD), "--by", "order", "--reason", "by hand")

    again, whole = run("sync"), run("sync", "-v")

    assert len(again.out.splitlines()) <= 6
    assert "Open as before: 49 waiting. List: invoicesync todo" in again.out
    assert whole.out.count("invoice-not-approved") == 49
    groups = run("todo", "--json").data["groups"]
    assert [(group["reason"], group["count"]) for group in groups] == [("invoice-not-approved", 49)]
    assert "and 44 more" in run("todo").out


def test_each_document_has_its_addresses_in_keap_and_the_ledger(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[xero]\nclient_id = "app"\n[sync]\nmode = "off"\n')
    with Store.open(home / "state.sqlite3") as state:
        state.set_meta("keap_tenant", "iq146.infusionsoft.com")
        for ledger_id in ("", "4587783d"):
            document = Document(
                DocumentKind.INVOICE,
                DocumentState.HELD,
                order_id=f"12{ledger_id}",
                reason=Reason.TOTALS_DIFFER,
                ledger_id=ledger_id,
            )
            state.save(Record(DocumentKind.INVOICE, document.order_id, document))

    links = [item["links"] for item in run("todo", "--json").data["documents"]]

    keap = "https://iq146.infusionsoft.com/Job/manageJob.jsp?view=edit&ID="
    xero = "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=4587783d"
    assert links == [
        {"keap": f"{keap}12", "ledger": ""},
        {"keap": f"{keap}124587783d", "ledger": xero},
    ]
    assert xero in run("todo").out
