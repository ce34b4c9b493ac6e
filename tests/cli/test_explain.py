"""`explain` on the demo shop: the texts, and that they are the record of what was decided."""

from collections.abc import Callable
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


def test_a_sales_receipt_and_its_payment_say_what_they_are(
    run: Run, company: Sandbox, edit: Callable[[str, str], None]
) -> None:
    """R10: the decision for one document, and why another order is none."""
    edit("[qbo]\n", '[qbo]\ndocument = "sales-receipt-when-paid"\n')
    run("sync")

    one = run("explain", CASES["refund-part"], "--by", "order").out
    other = run("explain", CASES["unpaid"], "--by", "order").out

    assert "document invoice: no sales receipt: the order has 2 payments" in one
    assert "document invoice: no sales receipt: the order has 0 payments" in other
    paid = run("explain", CASES["tax-after-discount"], "--by", "order").out
    assert "document sales receipt: paid in full by one payment" in paid
    assert "created: Booked with its invoice as a sales receipt." in paid


def test_american_tax_codes_have_no_rate(run: Run, american: Sandbox) -> None:
    """R6: TAX and NON say whether a line is taxed, and nothing of how much."""
    told = run("explain", CASES["tax-no-base"], "--by", "order").out

    assert "tax code TAX: taxable [R6]" in told
    assert " 0 %" not in told
    rates = {
        item["name"]: item["rate"] for item in run("lookup", "taxes", "--json").data["entries"]
    }
    assert rates["TAX"] == rates["NON"] == ""


def test_a_name_that_somebody_else_has_is_explained(run: Run, box: Sandbox) -> None:
    """R9: why the contact of the second of two namesakes is called otherwise."""
    run("sync")

    told = run("explain", CASES["namesake-b"], "--by", "order").out

    person = box.keap.orders[CASES["namesake-b"]].contact_id
    assert f"(Keap {person}): nobody in the ledger matched, so a contact is created; " in told
    assert "belongs to somebody else in the ledger [R9]" in told
