"""Rule R10 in QuickBooks: which paid orders become a sales receipt, one document with its money."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import (
    WITH_MONEY,
    charge,
    decisions,
    discount,
    invoices,
    item_names,
    money,
    payments,
    product,
    quickbooks,
    receipts,
    received,
    reported,
    shipping,
    tax,
    totals,
)
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "100.00", name="Candle")
RECEIPTS = {**WITH_MONEY, "qbo.document": "sales-receipt-when-paid"}
Entry = Callable[[Rehearsal, str], Any]


def rehearse(home: Path, company: Any = "uk", **settings: Any) -> Rehearsal:
    """A company that books paid orders as sales receipts."""
    return quickbooks(home, company, **{**RECEIPTS, **settings})


def test_order_paid_on_its_day_is_one_document(tmp_path: Path) -> None:
    """R10: number, marker, lines and tax of the invoice; reference, account and method of the
    payment; and the payment is told as created with it."""
    r = rehearse(tmp_path)
    order = r.order(product("100"), discount("10"), shipping("8"), tax("18.00"))
    r.keap.add_payment(order_id=order, amount="116.00", external_transaction_id="ch_1")
    result = r.sync()
    (receipt,) = receipts(r)
    assert (receipt.number, receipt.ref) == (order, "ch_1")
    assert receipt.private_note == f"Keap order {order}, invoice {order}"
    assert totals(receipt) == ("116.00", "18.00")
    assert item_names(r, receipt) == ["Sales", "discount", "shipping"]
    assert receipt.balance == 0
    assert r.qbo.accounts[receipt.account_id].name == "Stripe clearing"
    assert r.qbo.payment_methods[receipt.method_id].name == "Credit Card"
    assert (invoices(r), payments(r)) == ([], [])
    assert reported(result) == [("created", "", "116.00")]
    (paid,) = money(result)
    assert (paid.reference, paid.account) == ("ch_1", "Stripe clearing")
    assert paid.ledger_id == only(result).ledger_id == receipt.id
    assert decisions(r, order)["document"][0] == "sales receipt"
    assert r.sync().documents == []


def test_long_reference_and_undeposited_money(tmp_path: Path) -> None:
    """R10: as for payments: 21 characters, the rest in the note; no account is Undeposited."""
    r = rehearse(tmp_path, **{"payments.account": "", "payments.accounts": {}})
    order = r.order(CANDLE)
    made = r.keap.add_payment(
        order_id=order, amount="100.00", external_transaction_id="pi_3OqKdT2eZvKYlo2C1gAb"
    )
    r.sync()
    (receipt,) = receipts(r)
    assert receipt.ref == f"keap-{made.id}"
    assert "pi_3OqKdT2eZvKYlo2C1gAb" in receipt.private_note
    assert receipt.account_id == r.qbo.undeposited


def _pay(amount: str, **fields: Any) -> Entry:
    return lambda r, order: r.keap.add_payment(order_id=order, amount=amount, **fields)


def _later(r: Rehearsal, order: str) -> None:
    r.keap.add_payment(order_id=order, amount="100.00", time=r.clock.now() + timedelta(days=1))


def _refunded(r: Rehearsal, order: str) -> None:
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_refund(paid.id, "10.00")


def _failed_first(r: Rehearsal, order: str) -> None:
    r.keap.add_failed_charge(order, "100.00")
    r.keap.add_payment(order_id=order, amount="100.00")


def _voided_first(r: Rehearsal, order: str) -> None:
    r.keap.void_payment(r.keap.add_payment(order_id=order, amount="100.00").id)
    r.keap.add_payment(order_id=order, amount="100.00")


def _shared(r: Rehearsal, order: str) -> None:
    other = r.order(CANDLE)
    r.keap.add_payment(
        order_ids=[order, other], amount="150.00", allocations={order: "100.00", other: "50.00"}
    )


AGAINST: dict[str, tuple[list[Entry], str]] = {
    "nothing paid": ([], "0 payments"),
    "two payments": ([_pay("40.00"), _pay("60.00")], "2 payments"),
    "with a credit": ([_pay("90.00"), _pay("10.00", type="Credit")], "2 payments"),
    "only a credit": ([_pay("100.00", type="Credit")], "credit"),
    "pending": ([_pay("100.00", status="PENDING")], "pending"),
    "with a refund": ([_refunded], "2 payments"),
    "paid in part": ([_pay("99.99")], "99.99"),
    "paid too much": ([_pay("100.01")], "100.01"),
    "paid on another day": ([_later], "another day"),
    "shared with another order": ([_shared], "several orders"),
}


@pytest.mark.parametrize("against", AGAINST)
def test_anything_else_is_an_invoice(tmp_path: Path, against: str) -> None:
    """R10: exactly one payment of real money, no credit, refund or pending one, dated the invoice
    date and covering the ledger total; otherwise invoice and payments, and why."""
    entries, why = AGAINST[against]
    r = rehearse(tmp_path)
    order = r.order(CANDLE)
    for enter in entries:
        enter(r, order)
    r.sync()
    assert receipts(r) == []
    (invoice,) = [form for form in invoices(r) if form.number == order]
    assert invoice.total == 100
    value, rule, because = decisions(r, order)["document"]
    assert (value, rule) == ("invoice", "R10")
    assert why in because


@pytest.mark.parametrize("enter", [_failed_first, _voided_first])
def test_charge_that_failed_first_does_not_count(tmp_path: Path, enter: Entry) -> None:
    """R10: what failed or was voided is no payment."""
    r = rehearse(tmp_path)
    enter(r, r.order(CANDLE))
    r.sync()
    assert [totals(form) for form in receipts(r)] == [("100.00", "0.00")]
    assert received(r) == 100


@pytest.mark.parametrize(
    ("untaxed", "paid", "document"),
    [
        ("exclusive", "100.00", "invoice"),
        ("exclusive", "120.00", "receipt"),
        ("inclusive", "100.00", "receipt"),
    ],
)
def test_payment_has_to_cover_what_the_ledger_comes_to(
    tmp_path: Path, untaxed: str, paid: str, document: str
) -> None:
    """R10: covering the ledger's total, which `exclusive` makes more than Keap's."""
    r = rehearse(tmp_path, **{"tax.untaxed_invoices": untaxed})
    r.keap.add_payment(order_id=r.order(CANDLE), amount=paid)
    r.sync()
    assert (len(receipts(r)), len(invoices(r))) == ((1, 0) if document == "receipt" else (0, 1))


@pytest.mark.parametrize("mode", ["invoices", "paid-only"])
def test_mode_without_payments_makes_no_receipts(tmp_path: Path, mode: str) -> None:
    """R8: mode `invoices` sends no payments; a receipt would be one."""
    r = rehearse(tmp_path, **{"sync.mode": mode})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    assert (len(receipts(r)), len(invoices(r))) == ((0, 1) if mode == "invoices" else (1, 0))


@pytest.mark.parametrize("company", ["us", "us-manual", "au"])
def test_receipts_are_taxed_like_invoices(tmp_path: Path, company: str) -> None:
    """R6, R10: the amount is Keap's on either document."""
    r = rehearse(tmp_path, company)
    order = r.order(product("100"), charge("10"), tax("10.00"))
    r.keap.add_payment(order_id=order, amount="120.00")
    assert only(r.sync()).state is DocumentState.CREATED
    assert [totals(form) for form in receipts(r)] == [("120.00", "10.00")]


def test_money_after_a_receipt_is_judged_against_nothing_due(tmp_path: Path) -> None:
    """R10, R11: a second payment is too much; a refund is given back from where it went."""
    r = rehearse(tmp_path)
    order = r.order(product("100"), tax("20.00"))
    paid = r.keap.add_payment(order_id=order, amount="120.00")
    r.sync()
    r.ticker.pass_time(86400)
    r.keap.add_payment(order_id=order, amount="5.00", type="Cash")
    r.keap.add_refund(paid.id, "60.00")
    result = r.sync()
    assert reported(result) == [("skipped", "overpayment", "5.00"), ("created", "", "60.00")]
    (refund,) = r.qbo.refund_receipts.values()
    assert totals(refund) == ("60.00", "10.00")
    assert r.qbo.accounts[refund.account_id].name == "Stripe clearing"
    assert received(r) == Decimal(60)


def test_receipt_found_again_without_memory_is_adopted_with_its_payment(tmp_path: Path) -> None:
    """R8, S61: neither the sale nor its money is booked a second time."""
    r = rehearse(tmp_path)
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    (tmp_path / "state.sqlite3").unlink()
    result = r.sync()
    assert only(result).reason == "already-synced"
    assert (len(receipts(r)), invoices(r), payments(r)) == (1, [], [])
    assert received(r) == 100
    assert r.sync().documents == []


def test_receipt_whose_payment_is_edited_or_voided_is_reported(tmp_path: Path) -> None:
    """R12: a payment edited after it was sent, here with its sale."""
    r = rehearse(tmp_path)
    order = r.order(CANDLE)
    made = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    r.keap.void_payment(made.id)
    r.keap.edit_order(order, notes="charged back")
    found = [item for item in r.sync().documents if item.kind is DocumentKind.PAYMENT]
    assert [(item.state, item.reason) for item in found] == [
        (DocumentState.HELD, "changed-after-sync")
    ]
    assert len(receipts(r)) == 1
