"""`explain` on the demo shop: the texts, and that they are the record of what was decided."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

TEXTS = Path(__file__).parent / "explained"


def timeless(text: str) -> str:
    """A text with one time for all that its figures are of."""
    return re.sub(r"\(as of \d{4}-\d\d-\d\d \d\d:\d\d \S+\)", "(as of now)", text)


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
def test_it_reads_like_a_colleagues_note(
    run: Run, box: Sandbox, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoicesync_cli.cli.explain.today", lambda: date(2026, 12, 10))
    run("sync")

    ran = run("explain", CASES[case], "--by", "order")

    assert ran.code == 0
    assert timeless(ran.out) == (TEXTS / f"{case}.txt").read_text(encoding="utf-8")


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

    reported = run("explain", CASES["tax-remainder"], "--json").data

    assert reported["decisions"] == [
        {**item, "value": item["value"].removeprefix("would be ")} for item in planned["decisions"]
    ]
    assert [line["tax"] for line in reported["draft"]["lines"]] == ["0.67", "0.67", "0.66"]
    booked = box.xero.invoices[reported["document"]["ledger_id"]]
    assert [f"{line.tax_amount:.2f}" for line in booked.lines] == ["0.67", "0.67", "0.66"]
    assert reported["keap"]["total"] == "11.99"


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
    reported = run("explain", CASES["tax-no-base"], "--by", "order").out

    assert "tax code TAX: taxable [R6]" in reported
    assert " 0 %" not in reported
    rates = {
        item["name"]: item["rate"] for item in run("lookup", "taxes", "--json").data["entries"]
    }
    assert rates["TAX"] == rates["NON"] == ""


def test_a_name_that_somebody_else_has_is_explained(run: Run, box: Sandbox) -> None:
    """R9: why the contact of the second of two namesakes is called otherwise."""
    run("sync")

    reported = run("explain", CASES["namesake-b"], "--by", "order").out

    person = box.keap.orders[CASES["namesake-b"]].contact_id
    assert f"(Keap {person}): nobody in the ledger matched, so a contact is created; " in reported
    assert "belongs to somebody else in the ledger [R9]" in reported


@pytest.fixture(params=["xero", "qbo"])
def shop(request: pytest.FixtureRequest) -> Any:
    """The demo shop with its books in each ledger."""
    return request.getfixturevalue({"xero": "box", "qbo": "company"}[request.param])


def records(home: Path) -> list[Any]:
    """What the state file holds of documents, and of runs."""
    with closing(sqlite3.connect(home / "state.sqlite3")) as db:
        tables = ("records", "events", "runs", "journal", "links", "facts")
        return [db.execute(f"SELECT * FROM {name}").fetchall() for name in tables]  # noqa: S608


def void(shop: Sandbox, ledger_id: str) -> None:
    """Void an invoice in the ledger, with its money taken off first where that has to be."""
    if ledger_id in shop.xero.invoices:
        for payment in [*shop.xero.payments.values()]:
            if payment.document_id == ledger_id:
                shop.xero.delete_payment(payment.id)
        shop.xero.void_invoice(ledger_id)
    else:
        shop.qbo.void_invoice(ledger_id)


def test_what_keap_has_now_is_said_with_what_was_sent(run: Run, shop: Sandbox, home: Path) -> None:
    """An order that was raised since: its figures are those of now, what was sent is what was."""
    order = CASES["taxed-simple"]
    run("sync-id", order, "--by", "order")
    shop.keap.edit_order(
        order, items=[Item("PRODUCT", "115.00", name="Pillar candle"), Item("TAX", "23.00")]
    )
    before = records(home)

    ran = run("explain", order, "--by", "order")
    data = run("explain", order, "--by", "order", "--json").data

    text = timeless(ran.out)
    assert ran.code == 0
    assert "total was 120.00, is 138.00" in text
    assert "held, changed-after-sync" in text
    assert "Keap has 138.00 GBP" in text
    assert "It was sent for 120.00 GBP in Keap; the ledger had to arrive at 120.00 GBP" in text
    assert "The ledger has it as 1002: 120.00 GBP with tax of 20.00 GBP, 0.00 GBP still" in text
    assert (data["keap"]["total"], data["document"]["total"]) == ("138.00", "120.00")
    assert data["document"]["state"] == "created"
    assert (data["now"]["state"], data["now"]["reason"]) == ("held", "changed-after-sync")
    assert (data["ledger"]["total"], data["ledger"]["due"]) == ("120.00", "0.00")
    assert records(home) == before


def test_what_was_voided_in_the_ledger_is_not_said_to_be_there(
    run: Run, shop: Sandbox, home: Path
) -> None:
    order = CASES["taxed-simple"]
    booked = run("sync-id", order, "--by", "order", "--json").invoices[0]
    void(shop, booked["ledger_id"])
    before = records(home)

    ran = run("explain", order, "--by", "order")
    data = run("explain", order, "--by", "order", "--json").data

    text = timeless(ran.out)
    assert "The ledger no longer has it: it was voided or deleted there (as of now)." in text
    assert "still due" not in text
    assert f"invoicesync sync-id {booked['invoice_id']} --recreate" in text
    assert data["ledger"]["alive"] is False
    assert "created; it is no longer on the invoice in the ledger" in text
    assert [item["in_ledger"] for item in data["money"]] == [False]
    assert records(home) == before


def test_an_order_that_keap_no_longer_has(run: Run, shop: Sandbox) -> None:
    order = CASES["taxed-simple"]
    run("sync-id", order, "--by", "order")
    shop.keap.delete_order(order)

    text = timeless(run("explain", order, "--by", "order").out)

    assert "Keap no longer has the order (as of now). When it was judged:" in text
    assert "Keap has 120.00" not in text
    assert "The ledger has it as 1002: 120.00 GBP" in text


def test_what_was_not_sent_would_be(run: Run, shop: Sandbox) -> None:
    text = run("explain", CASES["taxed-simple"], "--by", "order").out

    assert "Alice Baker: would be created as 1002." in text
    assert "What would be sent, and why" in text
    assert "It would be sent for 120.00 GBP in Keap; the ledger would have to arrive at" in text
    assert "The ledger has nothing of it from this tool." in text
    (payment,) = [line for line in text.splitlines() if line.startswith("  payment 120.00 GBP")]
    assert payment.endswith(", would be created")


def test_a_hold_whose_cause_is_gone_says_what_becomes_of_it(run: Run, box: Sandbox) -> None:
    locked = CASES["locked"]
    run("sync")
    box.xero.set_lock_dates()

    text = run("explain", locked, "--by", "order").out
    data = run("explain", locked, "--by", "order", "--json").data

    assert "held, period-locked." in text
    assert "Judged again now it would be created as 1001." in text
    assert f"What to do: invoicesync retry {locked} sends it." in text
    assert (data["document"]["state"], data["now"]["state"]) == ("held", "created")


def calls(shop: Sandbox) -> int:
    return sum(len(vendor.calls) for vendor in shop.vendors.values())


def test_it_asks_few_questions(run: Run, shop: Sandbox) -> None:
    run("sync")
    before = calls(shop)

    run("explain", CASES["taxed-simple"], "--by", "order")

    assert calls(shop) - before <= 8


def test_offline_nobody_is_asked(run: Run, shop: Sandbox) -> None:
    order = CASES["taxed-simple"]
    run("sync-id", order, "--by", "order")
    shop.keap.edit_order(order, items=[Item("PRODUCT", "115.00", name="Pillar candle")])
    before = calls(shop)

    ran = run("explain", order, "--by", "order", "--offline")
    never = run("explain", "1048", "--offline", "--json")

    assert calls(shop) == before
    text = timeless(ran.out)
    assert ran.code == 0
    assert "Keap has 120.00 GBP, ordered 2026-10-05 09:15 UTC (as of now):" in text
    assert "The ledger's total was 120.00 GBP (as of now)." in text
    assert (never.code, never.data["document"]["reason"]) == (3, "not-found")
    assert "No run has met invoice 1048 yet." in never.data["document"]["message"]


@pytest.mark.parametrize("service", ["keap", "xero"])
def test_a_service_that_is_down_leaves_what_the_records_say(
    run: Run, box: Sandbox, service: str
) -> None:
    order = CASES["taxed-simple"]
    run("sync-id", order, "--by", "order")
    box.vendors[service].fail(path="/", status=503, times=100)

    text = run("explain", order, "--by", "order")
    ran = run("explain", order, "--by", "order", "--json")

    assert (text.code, ran.code) == (7, 7)
    assert "Keap has 120.00 GBP, ordered 2026-10-05 09:15 UTC (as of " in text.out
    assert "503" in text.err
    assert ran.json["error"]["code"] == "service-down"
    assert ran.data["document"]["state"] == "created"
    assert ran.data["ledger"] is None


def test_what_the_ledger_refused_is_not_said_to_be_created_next_time(
    run: Run, company: Sandbox
) -> None:
    """QuickBooks has refused Keap's tax; nothing about the order has changed since."""
    run("sync")

    data = run("explain", CASES["tax-no-base"], "--by", "order", "--json").data

    assert (data["document"]["state"], data["document"]["reason"]) == ("held", "tax-code-unknown")
    assert data["now"] is None
