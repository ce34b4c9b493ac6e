"""`match`: a payout report against what a sync has booked, from the state alone."""

import csv
import io
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

LONG = "ch_3NqKfO2eZvKYlo2C1a2b3c4d"
"""As long as Stripe's ids are, longer than QuickBooks' references."""
HELD = ("locked", "ambiguous", "archived", "currency-differs", "sums-differ")


def report(box: Sandbox, file: Path, leave_out: Collection[str] = ()) -> Decimal:
    """Write what Stripe reports of the shop's cards, but for some orders; the deposit."""
    lines = [
        "automatic_payout_id,automatic_payout_effective_at,created,currency,gross,fee,net,"
        "reporting_category,source_id,charge_id"
    ]
    deposit = Decimal(0)
    for payment in box.keap.payments.values():
        sign = {"Credit Card": 1, "Refund": -1}.get(payment.type, 0)
        if not sign or set(payment.order_ids) & set(leave_out):
            continue
        gross, fee = sign * payment.amount, Decimal("0.30") if sign > 0 else Decimal(0)
        deposit += gross - fee
        name = payment.external_transaction_id
        lines.append(
            f"po_1,2026-11-20,{payment.payment_time:%Y-%m-%d},{box.keap.currency.lower()},{gross},"
            f"{fee},{gross - fee},{'charge' if sign > 0 else 'refund'},{name},{name}"
        )
    file.write_text("\n".join(lines), encoding="utf-8")
    return deposit


@pytest.mark.parametrize("ledger", ["box", "company"])
def test_the_books_are_held_against_the_report(
    ledger: str, run: Run, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    box: Sandbox = request.getfixturevalue(ledger)
    box.keap.payments["2"].external_transaction_id = LONG
    run("sync")
    held = {
        item["order_id"]
        for item in run("todo", "--json").data["documents"]
        if item["kind"] == "payment"
    }
    calls = len(box.keap.calls), len(box.xero.calls), len(box.qbo.calls)
    file = tmp_path / "payout.csv"
    deposit = report(box, file, held)

    ran = run("match", str(file), "--json")

    assert ran.code == 0, ran.out
    (payout,) = ran.data["payouts"]
    assert Decimal(payout["net"]) == deposit
    assert Decimal(payout["total"]) - Decimal(payout["fees"]) == deposit
    assert payout["payments"] == len(ran.data["matched"])
    assert LONG in {item["reference"] for item in ran.data["matched"]}
    assert "Every payment of the report is in the books" in run("match", str(file)).out
    assert (len(box.keap.calls), len(box.xero.calls), len(box.qbo.calls)) == calls


def test_what_is_missing_on_either_side_is_a_difference(
    run: Run, box: Sandbox, tmp_path: Path
) -> None:
    run("sync")
    file = tmp_path / "payout.csv"
    missing = CASES["refund-part"]
    report(box, file, [missing])

    ran = run("match", str(file), "--json")

    assert ran.code == 6
    sides: dict[str, set[str]] = {"report": set(), "books": set()}
    for item in ran.data["unmatched"]:
        sides[item["side"]] |= {document["order_id"] for document in item["documents"]}
    assert sides == {"report": {CASES[case] for case in HELD}, "books": {missing}}
    text = run("match", str(file)).out
    assert "waiting: invoice-not-synced" in text
    assert "is not in the report" in text


def test_the_spreadsheet_has_a_row_for_each(run: Run, box: Sandbox, tmp_path: Path) -> None:
    run("sync")
    file = tmp_path / "payout.csv"
    report(box, file, [CASES["refund-part"]])
    data = run("match", str(file), "--json").data

    rows = list(csv.DictReader(io.StringIO(run("match", str(file), "--csv").out)))

    assert len(rows) == len(data["matched"]) + len(data["unmatched"])
    assert {row["side"] for row in rows} == {"both", "report", "books"}
    paid = next(row for row in rows if row["order_id"] == CASES["refund-full"])
    assert (paid["amount"], paid["fee"], paid["net"]) == ("60.00", "0.30", "59.70")


def test_no_such_file_and_no_such_column(run: Run, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "payout.csv"
    report(box, file)
    run("sync")

    assert run("match", str(tmp_path / "nothing.csv")).code == 2
    assert run("match", str(file), "--reference", "nothing").code == 2
    file.write_text(file.read_text().replace("-60.00", "lots"))
    assert run("match", str(file)).code == 5
