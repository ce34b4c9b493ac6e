"""`explain` on the demo shop: the texts, and that they are the record of what was decided."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from invoicesync_cli.sandbox.shop.orders import CASES
from invoicesync_cli.sandbox.world import Sandbox

TEXTS = Path(__file__).parent / "explained"


@pytest.mark.parametrize(
    "case",
    [
        "taxed-simple",
        "tax-no-base",
        "tax-shipping",
        "sku-match",
        "plan",
        "late-evening",
        "zero-total",
        "sums-differ",
        "ambiguous",
        "locked",
        "email-second-slot",
        "finance-charge",
    ],
)
def test_it_reads_like_a_colleagues_note(run: Run, box: Sandbox, case: str) -> None:
    run("sync")

    ran = run("explain", CASES[case], "--by", "order")

    assert ran.code == 0
    assert ran.out == (TEXTS / f"{case}.txt").read_text(encoding="utf-8")


def test_a_never_seen_invoice_is_judged_without_a_trace(run: Run, box: Sandbox, home: Path) -> None:
    ran = run("explain", CASES["taxed-simple"], "--json")

    assert ran.data["document"]["state"] == "created"
    assert ran.data["document"]["ledger_id"] == ""
    assert ran.data["judged"].startswith("now")
    assert box.xero.writes() == []
    assert not (home / "state.sqlite3").exists()


def test_what_is_explained_is_what_was_sent(run: Run, box: Sandbox) -> None:
    planned = run("explain", CASES["tax-remainder"], "--json").data
    run("sync")

    told = run("explain", CASES["tax-remainder"], "--json").data

    assert told["decisions"] == planned["decisions"]
    assert [line["tax"] for line in told["draft"]["lines"]] == ["0.67", "0.67", "0.66"]
    booked = box.xero.invoices[told["document"]["ledger_id"]]
    assert [f"{line.tax_amount:.2f}" for line in booked.lines] == ["0.67", "0.67", "0.66"]
    assert told["keap"]["total"] == "11.99"


def test_either_id_finds_the_invoice(run: Run, box: Sandbox) -> None:
    run("sync")
    order = CASES["unpaid"]
    invoice = str(int(order) - 2)

    by_invoice = run("explain", invoice, "--json").data["document"]
    by_order = run("explain", order, "--by", "order", "--json").data["document"]

    assert by_invoice == by_order
    assert (by_invoice["order_id"], by_invoice["invoice_id"]) == (order, invoice)


def test_an_id_that_keap_does_not_know(run: Run, box: Sandbox) -> None:
    ran = run("explain", "4711", "--json")

    assert ran.code == 3
    assert ran.data["document"]["reason"] == "not-found"
