"""What undo leaves, and why: what somebody else has put on it, closed, or refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.undoing import (
    alive,
    invoice_id,
    money,
    paid,
    rehearse,
    stays,
    take_back,
)


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all, in which invoices are approved at once."""
    return rehearse(tmp_path, request.param)


def pay_by_hand(r: Rehearsal, number: str, amount: str) -> None:
    """Somebody enters a payment of an invoice."""
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    ledger.pay(invoice_id(r, number), amount)


def lock(r: Rehearsal, day: date | None) -> None:
    """Close the books up to a day."""
    if r.to == "xero":
        r.xero.set_lock_dates(day)
    else:
        r.qbo.set_preferences(close_date=day)


def test_invoice_with_somebody_elses_payment_stays_with_ours(r: Rehearsal) -> None:
    touched, other = paid(r, "60.00"), paid(r, "60.00")
    r.sync()
    pay_by_hand(r, touched, "40.00")

    result = take_back(r)

    assert stays(result) == {
        ("invoice", touched): "changed-in-ledger",
        ("payment", touched): "changed-in-ledger",
    }
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert "40.00 GBP" in next(
        item.message for item in result.documents if item.order_id == touched
    )
    assert alive(r) == [(touched, Decimal(0))]
    assert sorted(amount for _, amount in money(r)) == [40, 60]
    assert other not in {number for number, _ in alive(r)}
    # It is as it was: nothing is held, and nothing is sent.
    assert r.sync().documents == []


def test_money_that_is_reconciled_stays_with_its_invoice(r: Rehearsal) -> None:
    order = paid(r)
    r.sync()
    if r.to == "xero":
        (row,) = r.xero.payments.values()
        r.xero.payments.put(replace(row, is_reconciled=True))
    else:
        (payment,) = (row for row in r.qbo.payments.values() if row.total)
        r.qbo.deposit(payment.id)

    result = take_back(r)

    assert set(stays(result).values()) == {"reconciled"}
    assert (alive(r), len(money(r)), result.exit_code) == ([(order, Decimal(0))], 1, 3)


def test_closed_period_stays(r: Rehearsal) -> None:
    yesterday = r.clock.now() - timedelta(days=2)
    old = r.order(order_time=yesterday)
    new = r.order()
    r.sync()
    lock(r, yesterday.date())

    result = take_back(r)

    assert stays(result) == {("invoice", old): "period-locked"}
    assert [number for number, _ in alive(r)] == [old]
    lock(r, None)
    assert take_back(r).exit_code is ExitCode.OK
    assert (alive(r), new) == ([], new)


def test_invoice_with_other_figures_stays(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    if r.to == "xero":
        r.xero.edit_invoice(invoice_id(r, order), Date="2026-11-01")
    else:
        r.qbo.edit_invoice(invoice_id(r, order), TxnDate="2026-11-01")

    result = take_back(r)

    assert stays(result) == {("invoice", order): "changed-in-ledger"}
    assert "is 2026-11-01" in only(result).message


def test_what_somebody_has_voided_before_counts_as_taken_back(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    ledger.void_invoice(invoice_id(r, order))
    r.sync()

    result = take_back(r)

    assert (only(result).state, result.exit_code) == (DocumentState.UNDONE, ExitCode.OK)
    assert r.sync().exit_code is ExitCode.OK


def test_document_of_a_lost_state_is_not_taken_back(r: Rehearsal) -> None:
    """No record says that this tool has made it: it may as well be somebody else's."""
    order = paid(r)
    r.sync()
    (r.home / "state.sqlite3").unlink()
    r.sync()

    result = take_back(r, ids=(order,), by="order")

    assert (only(result).reason, result.exit_code) == ("already-synced", 3)
    assert alive(r) == [(order, Decimal(0))]


def test_what_the_ledger_refuses_stays_in_its_words(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "qbo")
    order = paid(r)
    r.sync()
    r.qbo.refuse("Payment", code="6000", detail="Somebody is at it.")

    result = take_back(r)

    assert set(stays(result).values()) == {"changed-in-ledger"}
    assert any("Somebody is at it." in item.message for item in result.documents)
    assert alive(r) == [(order, Decimal(0))]
    assert take_back(r).exit_code is ExitCode.OK


def test_archived_contact_keeps_xero_from_voiding(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "xero")
    order = r.order()
    r.sync()
    (row,) = r.xero.invoices.find("number", order)
    r.xero.archive_contact(row.contact_id)

    result = take_back(r)

    assert stays(result) == {("invoice", order): "changed-in-ledger"}
    assert "archived" in only(result).message


def test_receipt_in_a_bank_deposit_stays(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "qbo", **{"qbo.document": "sales-receipt-when-paid"})
    order = paid(r)
    r.sync()
    (receipt,) = r.qbo.sales_receipts.values()
    r.qbo.deposit(receipt.id)

    result = take_back(r)

    assert stays(result) == {("invoice", order): "reconciled", ("payment", order): "reconciled"}
