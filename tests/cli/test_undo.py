"""`undo`, `retry --undone` and `approve` as they are typed: what is shown, asked and answered."""

import io
from collections.abc import Callable

import pytest

from invoicesync_cli.cli.prompt import Terminal
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run

PAID = CASES["taxed-simple"]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody sits at the terminal and answers the question."""

    def typed(text: str) -> None:
        monkeypatch.setattr(Terminal, "at_terminal", property(lambda self: not self.no_input))
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))

    return typed


def standing(box: Sandbox) -> int:
    """How many invoices of ours are in Xero."""
    return sum(
        row.reference.startswith("Keap order") and row.status not in {"VOIDED", "DELETED"}
        for row in box.xero.invoices.values()
    )


def test_dry_run_says_what_would_go_and_how(run: Run, box: Sandbox) -> None:
    made = run("sync", "--json").data["invoices"]["created"]

    ran = run("undo", "last", "--dry-run")

    assert ran.code == 0
    assert f"{made} invoices, " in ran.out
    assert "Would be taken back: voided." in ran.out
    assert "Would be taken back: deleted." in ran.out
    assert ran.out.endswith("Nothing was changed.\n")
    assert standing(box) == made


@pytest.mark.parametrize("more", [(), ("--no-input",), ("--json",)])
def test_nothing_is_taken_back_where_nobody_can_be_asked(
    run: Run, box: Sandbox, more: tuple[str, ...]
) -> None:
    run("sync")
    made = standing(box)

    ran = run("undo", "last", *more)

    assert (ran.code, standing(box)) == (2, made)
    assert "--yes" in ran.out + ran.err


@pytest.mark.parametrize(("typed", "goes"), [("y", True), ("Yes", True), ("", False), ("n", False)])
def test_at_a_terminal_it_is_shown_and_asked(
    run: Run, box: Sandbox, answer: Callable[[str], None], typed: str, goes: bool
) -> None:
    sent = run("sync-id", PAID, "--by", "order", "--json").data["run"]
    made = standing(box)
    answer(typed)

    ran = run("undo", "last")

    assert "Would be taken back" in ran.out
    assert f"Take back in the ledger what run {sent} put there? [y/N]" in ran.err
    assert (ran.code, standing(box)) == (0, made - 1 if goes else made)
    assert ("Nothing was changed." in ran.out) is not goes


def test_run_is_taken_back_and_sent_again(run: Run, box: Sandbox) -> None:
    made = run("sync", "--json").data["invoices"]["created"]

    ran = run("undo", "last", "--yes", "--json")

    assert (ran.code, ran.json["command"], ran.json["status"]) == (0, "undo", "ok")
    assert ran.data["invoices"]["undone"] == made
    assert {item["state"] for item in ran.data["documents"]} == {"undone"}
    assert ran.data["calls"]["keap"] == 0
    assert standing(box) == 0
    assert run("undo", "last", "--yes").out.endswith("There is nothing to take back.\n")
    assert run("sync", "--json").data["invoices"]["created"] == 0
    assert "undone" not in run("todo").out
    assert run("retry", "--json").data["invoices"]["created"] == 0

    again = run("retry", "--undone", "--json")

    assert (again.json["command"], again.data["invoices"]["created"]) == ("retry", made)
    assert standing(box) == made
    assert run("retry", "--undone").out == "Nothing is undone.\n"


def test_nobody_has_to_be_signed_in_to_keap(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync")
    monkeypatch.delenv("INVOICESYNC_KEAP_API_KEY")

    assert (run("undo", "last", "--yes").code, standing(box)) == (0, 0)


def test_what_stays_is_reported_with_its_reason(run: Run, box: Sandbox) -> None:
    ran = run("sync", "--json")
    (document,) = (item for item in ran.invoices if item["order_id"] == CASES["unpaid"])
    box.xero.pay(document["ledger_id"], "1.00")

    ran = run("undo", "last", "--yes")

    assert ran.code == 3
    assert "changed-in-ledger" in ran.out
    assert "1.00 GBP" in ran.out
    assert standing(box) == 1
    shown = run("log", "--id", document["invoice_id"], "--json").data["entries"]
    assert (shown[0]["state"], shown[0]["reason"]) == ("created", "changed-in-ledger")
    assert run("undo", "last", "--yes", "-q").out.count("changed-in-ledger") == 1


def test_undone_invoice_is_explained(run: Run, box: Sandbox) -> None:
    run("sync-id", PAID, "--by", "order")
    run("undo", "last", "--yes")

    ran = run("explain", PAID, "--by", "order")

    assert (ran.code, "undone." in ran.out) == (0, True)
    assert "invoicesync retry" in ran.out
    assert run("explain", PAID, "--by", "order", "--json").data["document"]["state"] == "undone"


def test_invoices_can_be_named(run: Run, box: Sandbox) -> None:
    run("sync")
    made = standing(box)

    ran = run("undo", "--id", f"{PAID},99999", "--by", "order", "--yes", "--json")

    assert (ran.code, standing(box)) == (3, made - 1)
    assert ran.json["status"] == "partial"
    unknown = ran.data["documents"][-1]
    assert (unknown["order_id"], unknown["state"], unknown["reason"]) == (
        "99999",
        "failed",
        "not-found",
    )


@pytest.mark.parametrize(
    "typed",
    [
        ("undo",),
        ("undo", "last", "--id", "1"),
        ("undo", "20260101T000000-00000000", "--yes"),
        ("undo", "--id", "abc", "--yes"),
        ("undo", "last", "--only", "contacts"),
        ("approve",),
    ],
)
def test_what_has_no_meaning_is_wrong_usage(run: Run, box: Sandbox, typed: tuple[str, ...]) -> None:
    assert run(*typed).code == 2


def test_drafts_are_approved(run: Run, box: Sandbox, edit: Edit) -> None:
    edit('status = "authorised"', 'status = "draft"')
    made = run("sync", "--json").data["invoices"]["created"]
    assert run("approve", "last").code == 2
    shown = run("approve", "last", "--dry-run")
    assert f"{made} invoices, " in shown.out
    assert "It would be approved." in shown.out

    ran = run("approve", "last", "--yes", "--json")

    assert (ran.code, ran.json["command"], ran.data["invoices"]["created"]) == (0, "approve", made)
    assert run("sync", "--json").data["payments"]["created"] > 0
    assert run("approve", "last", "--yes").out.endswith("There is nothing to approve.\n")


def test_quickbooks_has_nothing_to_approve(run: Run, company: Sandbox) -> None:
    ran = run("approve", "last", "--yes", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (2, "usage")
    assert ran.json["error"]["message"].startswith("QuickBooks knows no drafts")


def test_quickbooks_is_taken_back(run: Run, company: Sandbox) -> None:
    """But for the invoice that QuickBooks has paid in part from a credit that the customer had."""
    made = run("sync", "--json").data["invoices"]["created"]

    ran = run("undo", "last", "--yes", "--json")

    stays = [item for item in ran.data["documents"] if item["state"] != "undone"]
    assert {item["invoice_id"] for item in stays} == {"1028"}
    assert all("18.00 GBP" in item["message"] for item in stays)
    assert (ran.code, ran.data["invoices"]["undone"]) == (3, made - 1)
    living = [row for row in company.qbo.payments.values() if row.status == "live" and row.ref]
    assert len(living) == 1
