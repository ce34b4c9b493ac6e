"""`verify`: Keap and the ledger held against each other, as a user sees it."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.lock import only_run
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

KINDS = ["invoice", "payment", "credit", "refund"]
ORDER = CASES["untaxed-100"]
UNPAID = CASES["unpaid"]


def void(box: Sandbox, order: str) -> None:
    """Void an order's invoice in Xero."""
    (invoice,) = box.xero.invoices.find("number", order)
    box.xero.void_invoice(invoice.id)


def test_the_demo_shop_agrees_after_a_sync(run: Run, box: Sandbox) -> None:
    run("sync")
    before = len(box.xero.calls), len(box.keap.calls)

    ran = run("verify", "--json")

    assert (ran.code, ran.json["status"]) == (3, "partial")
    data = ran.data
    assert [row["kind"] for row in data["sums"]] == KINDS
    assert (data["period"], data["currency"]) == ({"from": None, "until": None}, "GBP")
    assert data["differences"] == []
    for row in [*data["sums"], *data["months"]]:
        keap, explained, ledger = (
            Decimal(part["total"] if isinstance(part, dict) else part)
            for part in (row["keap"], row["explained"], row["ledger"])
        )
        assert keap - explained == ledger
    assert {"held", "skipped", "waiting"} == {item["state"] for item in data["explained"]}
    assert data["foreign"] == {"USD": "200.00"}
    asked = [(call.method, call.path) for call in box.xero.calls[before[0] :]]
    assert {method for method, path in asked if "api.xro" in path} == {"GET"}
    assert data["calls"] == {
        "keap": len(box.keap.calls) - before[1],
        "ledger": len([path for _, path in asked if "api.xro" in path]),
    }
    assert data["calls"]["keap"] + data["calls"]["ledger"] <= 10


@pytest.mark.parametrize("fixture", ["company", "american"])
def test_the_demo_shop_agrees_in_quickbooks(
    fixture: str, run: Run, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(fixture)
    run("sync")

    ran = run("verify", "--json")

    assert (ran.code, ran.data["differences"]) == (3, [])
    if fixture == "company":
        # QuickBooks has put a credit of this customer onto another invoice of theirs by itself.
        (credit,) = [item for item in ran.data["explained"] if item["kind"] == "credit"]
        assert credit["order_id"] == CASES["adjustment"]


@pytest.mark.parametrize("fixture", ["box", "company", "american"])
def test_nothing_that_needs_a_person_is_exit_zero(
    fixture: str, run: Run, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(fixture)
    run("sync")
    ran = run("verify", "--json")
    needing = {
        item["order_id"] for item in ran.data["explained"] if item["state"] in {"held", "failed"}
    }
    assert (ran.code, bool(needing)) == (3, True)

    run("dismiss", *needing, "--by", "order", "--reason", "entered by hand")

    after = run("verify", "--json")
    assert (after.code, after.json["status"], after.data["differences"]) == (0, "ok", [])
    assert after.data["sums"] == ran.data["sums"]


@pytest.mark.parametrize("fixture", ["box", "company"])
def test_both_sides_agree_after_a_lost_state(
    fixture: str, run: Run, request: pytest.FixtureRequest, home: Path
) -> None:
    """In QuickBooks some payments stay with the customer in part: a credit came before them."""
    request.getfixturevalue(fixture)
    run("sync")
    for path in home.glob("state.sqlite3*"):
        path.unlink()
    run("sync")

    ran = run("verify", "--json")

    assert (ran.code, ran.data["differences"]) == (3, [])
    for row in ran.data["sums"]:
        totals = [Decimal(row[side]["total"]) for side in ("keap", "explained", "ledger")]
        assert totals[0] - totals[1] == totals[2]


def test_a_voided_invoice_is_named_with_its_figures(run: Run, box: Sandbox) -> None:
    run("sync")
    void(box, UNPAID)

    ran = run("verify", "--json")

    assert (ran.code, ran.json["status"]) == (6, "differences")
    (found,) = ran.data["differences"]
    assert {name: found[name] for name in ("what", "kind", "order_id", "keap", "ledger")} == {
        "what": "missing",
        "kind": "invoice",
        "order_id": UNPAID,
        "keap": "120.00",
        "ledger": None,
    }
    text = run("verify").out
    assert f"missing:  invoice {found['invoice_id']} (order {UNPAID})" in text
    assert "Keap 120.00 GBP, Xero nothing" in text
    closing = text.rstrip().splitlines()[-3:]
    assert closing[0] == "1 difference: Keap and Xero do not agree."
    assert "invoicesync explain ID" in closing[1]
    assert closing[2].endswith("List: invoicesync todo")
    table = list(csv.reader(io.StringIO(run("verify", "--csv").out)))
    assert table[0] == list(found)
    assert table[1][:3] == ["missing", "invoice", UNPAID]
    assert len(table) == 2


def test_what_was_taken_back_and_is_there_all_the_same_is_named(run: Run, box: Sandbox) -> None:
    """Its record says that it is not there: Xero said so, and it was not true."""
    run("sync")
    (there,) = box.xero.invoices.find("number", UNPAID)
    assert run("undo", "--id", UNPAID, "--by", "order", "--yes").code == 0
    assert run("verify", "--json").code == 3
    box.xero.invoices.put(there)

    ran = run("verify", "--json")

    assert ran.code == 6
    (found,) = ran.data["differences"]
    assert (found["what"], found["order_id"], found["ledger_id"]) == ("extra", UNPAID, there.id)
    assert "taken back" in found["hint"]
    (sums,) = [row for row in ran.data["sums"] if row["kind"] == "invoice"]
    left = Decimal(sums["keap"]["total"]) - Decimal(sums["explained"]["total"])
    assert left == Decimal(sums["ledger"]["total"]) - there.total


@pytest.mark.parametrize("gone", ["pending", "failed", "voided", "deleted"])
def test_booked_money_that_is_none_in_keap_any_more_is_named(
    run: Run, box: Sandbox, gone: str
) -> None:
    """And once a run has noticed it, its record says so."""
    run("sync")
    payment = next(
        row for row in box.keap.payments.values() if row.order_ids == [CASES["paid-at-once"]]
    )
    if gone == "voided":
        box.keap.void_payment(payment.id)
    elif gone == "deleted":
        box.keap.delete_payment(payment.id)
    else:
        box.keap.edit_payment(payment.id, status=gone.upper())

    ran = run("verify", "--json")

    assert ran.code == 6
    (found,) = [row for row in ran.data["differences"] if row["what"] != "balance"]
    assert (found["what"], found["payment_id"], found["keap"]) == ("extra", payment.id, None)
    assert Decimal(found["ledger"]) == payment.amount
    assert run("sync").code == 3
    after = run("verify", "--json")
    assert (after.code, after.data["differences"]) == (3, [])
    (held,) = [row for row in after.data["explained"] if row["payment_id"] == payment.id]
    assert (held["state"], held["reason"]) == ("held", "changed-after-sync")


def test_what_a_run_has_noticed_is_explained(run: Run, box: Sandbox) -> None:
    run("sync")
    void(box, UNPAID)
    run("sync")

    ran = run("verify", "--json")

    assert (ran.code, ran.data["differences"]) == (3, [])
    assert UNPAID in {item["order_id"] for item in ran.data["explained"]}


def test_a_month_is_compared_alone(run: Run, box: Sandbox) -> None:
    run("sync")
    void(box, UNPAID)

    october = run("verify", "--month", "2026-10", "--json")
    november = run("verify", "--month", "2026-11", "--json")

    assert (october.code, november.code) == (3, 6)
    assert [month["month"] for month in october.data["months"]] == ["2026-10"]
    whole = run("verify", "--json").data
    for place, row in enumerate(whole["sums"]):
        parts = [part.data["sums"][place]["ledger"]["count"] for part in (october, november)]
        assert sum(parts) == row["ledger"]["count"]
    assert run("verify", "--month", "2026-10", "--since-date", "2026-10-02").code == 2


def test_an_invoice_that_was_moved_to_another_month_differs_in_its_own(
    run: Run, box: Sandbox
) -> None:
    run("sync")
    (invoice,) = box.xero.invoices.find("number", UNPAID)
    box.xero.edit_invoice(invoice.id, Date="2026-10-20", DueDate="2026-12-01")

    november = run("verify", "--month", "2026-11", "--json").data["differences"]
    october = run("verify", "--month", "2026-10", "--json").data["differences"]

    assert [(found["what"], found["keap"], found["ledger"]) for found in november] == [
        ("date", "2026-11-03", "2026-10-20")
    ]
    assert october == []


def test_the_outcome_is_remembered(run: Run, box: Sandbox) -> None:
    run("sync")
    assert run("status", "--json").data["verified"] is None
    void(box, UNPAID)

    run("verify", "--until-date", "2026-11-30")

    verified = run("status", "--json").data["verified"]
    assert verified["differences"] == 1
    assert verified["period"] == {"from": None, "until": "2026-11-30"}
    assert "up to 2026-11-30: 1 difference" in run("status").out
    assert run("report", "--json").data["verified"] == verified
    assert "up to 2026-11-30: 1 difference" in run("report").out


def test_it_runs_beside_a_run_and_changes_nothing(run: Run, box: Sandbox, home: Path) -> None:
    run("sync")
    records = run("log", "--json").data
    writes = [call for call in box.xero.calls if call.method != "GET"]

    with only_run(home / "state.sqlite3.lock"):
        ran = run("verify", "--json")

    assert ran.code == 3
    assert [message for message in ran.json["messages"] if "A run is active" in message]
    assert run("log", "--json").data == records
    assert [call for call in box.xero.calls if call.method != "GET" and "api.xro" in call.path] == [
        call for call in writes if "api.xro" in call.path
    ]


def test_without_payments_only_invoices_are_compared(
    run: Run, box: Sandbox, edit: Callable[[str, str], None]
) -> None:
    edit("[invoices]", '[sync]\nmode = "invoices"\n\n[invoices]')
    run("sync")

    ran = run("verify", "--json")

    assert (ran.code, ran.data["differences"]) == (3, [])
    assert ran.json["messages"] == [
        'sync.mode is "invoices": payments, credits and refunds are not compared.'
    ]
    assert [row["keap"]["count"] > 0 for row in ran.data["sums"]] == [True, False, False, False]


def test_orders_before_the_start_are_no_concern(
    run: Run, box: Sandbox, edit: Callable[[str, str], None]
) -> None:
    edit("[invoices]", '[sync]\nstart = "2026-11-01"\n\n[invoices]')
    run("sync")

    data = run("verify", "--json").data

    assert (data["period"]["from"], data["differences"]) == ("2026-11-01", [])
    assert [month["month"] for month in data["months"]] == ["2026-11"]


def test_hostile_names_are_harmless(run: Run, box: Sandbox) -> None:
    run("sync")
    order = CASES["hostile-name"]
    (invoice,) = box.xero.invoices.find("number", order)
    other = box.xero.add_contact("=cmd()")
    payments = [row.id for row in box.xero.payments.values() if row.document_id == invoice.id]
    for payment in payments:
        box.xero.delete_payment(payment)
    box.xero.edit_invoice(invoice.id, Contact={"ContactID": other})

    ran = run("verify", "--csv")

    assert "'=cmd()" in ran.out
    assert "\x1b" not in run("verify").out
    assert json.loads(run("verify", "--json").out)["exit_code"] == 6
