"""`adopt` as it is typed: what it says, its exit codes, and its run in the log."""

from dataclasses import replace
from pathlib import Path

import pytest

from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run


@pytest.fixture
def moved_in(box: Sandbox, run: Run, home: Path, edit: Edit) -> int:
    """Another program has booked the shop under `INV-<order id>` and left; the number of its
    invoices. Our profile knows nothing."""
    edit("[invoices]", '[invoices]\nnumber_prefix = "INV-"')
    made = run("sync", "--json").data["invoices"]["created"]
    for row in list(box.xero.invoices.values()):
        if row.reference.startswith("Keap order"):
            box.xero.invoices.put(replace(row, reference=""))
    (home / "state.sqlite3").unlink()
    edit('number_prefix = "INV-"', "")
    return int(made)


def test_what_another_program_has_booked_is_linked_and_reported(
    run: Run, box: Sandbox, moved_in: int
) -> None:
    before = len(box.xero.calls)

    dry = run("adopt", "--number", "INV-{order}", "--dry-run")
    ran = run("adopt", "--number", "INV-{order}")

    assert (dry.code, ran.code) == (0, 0)
    assert f"Would be linked: {moved_in} invoices, " in dry.out
    assert dry.out.endswith("Nothing was changed.\n")
    assert "Invoices linked" in ran.out
    assert f"Linked: {moved_in} invoices, " in ran.out
    assert "invoicesync sync --dry-run" in ran.err
    assert {call.method for call in box.xero.calls[before:]} <= {"GET", "POST"}
    assert not any(
        call.method == "POST" and "api.xro" in call.path for call in box.xero.calls[before:]
    )
    again = run("adopt", "--number", "INV-{order}")
    assert f"Invoices: {moved_in} known before." in again.out


def test_its_run_is_in_the_log_with_its_documents(run: Run, moved_in: int) -> None:
    made = run("adopt", "--number", "INV-{order}", "--json")

    assert made.data["invoices"]["created"] == moved_in
    assert {item["reason"] for item in made.data["documents"]} == {"adopted"}
    name = made.data["run"]
    shown = run("log", "--run", name, "--json", "--limit", "500").data["entries"]
    assert len(shown) == len(made.data["documents"])
    assert run("report", "--json").data["runs"][-1]["command"] == "adopt"


def test_an_adopted_invoice_is_explained_and_never_undone(run: Run, moved_in: int) -> None:
    run("adopt", "--number", "INV-{order}")
    paid = CASES["taxed-simple"]

    told = run("explain", paid).out
    assert "The ledger had it already: found by its number." in told
    assert "It was not sent" in told
    undone = run("undo", "last", "--yes", "--json")
    assert undone.data["documents"] == []
    named = run("undo", "--id", paid, "--yes", "--json")
    assert {item["state"] for item in named.data["documents"]} == {"created"}


@pytest.mark.parametrize(
    "typed", ["", "INV-", "{", "{x}", "{0}", "{}", "{invoice!r}", "{order:>9}", "{order.x}"]
)
def test_a_format_that_is_none_ends_with_2(run: Run, home: Path, typed: str) -> None:
    ran = run("adopt", "--number", typed)

    assert ran.code == 2
    assert "{order} or {invoice}" in ran.err


def test_dates_in_the_wrong_order_end_with_2(run: Run, home: Path) -> None:
    assert run("adopt", "--since-date", "2026-12-01", "--until-date", "2026-11-01").code == 2


def test_what_is_not_clear_is_said_once_more_as_a_count(
    run: Run, box: Sandbox, moved_in: int
) -> None:
    paid = CASES["taxed-simple"]
    number = f"INV-{paid}"
    row = next(item for item in box.xero.invoices.values() if item.number == number)
    box.xero.invoices.put(replace(row, total=row.total + 1))

    first = run("adopt", "--number", "INV-{order}")
    again = run("adopt", "--number", "INV-{order}")

    assert (first.code, again.code) == (3, 3)
    assert "totals-differ" in first.out
    assert "totals-differ" not in again.out
    assert "Not clear, as before: 1." in again.out
    assert run("todo", "--reason", "totals-differ", "--json").data["documents"]
