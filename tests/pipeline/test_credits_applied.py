"""A customer has an open credit, and the ledger may put it onto new invoices by itself."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.shop.company import credit_qbo
from invoicesync_sandbox.shop.ledger import credit_xero
from invoicesync_sandbox.shop.orders import fill_keap
from tests.kits.qbo_company import WITH_MONEY, invoice_of, quickbooks, reported
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")
CREDITED = "Dawson Interiors Ltd"
"""The customer of the demo shop who has 18.00 from before."""


def shop(home: Path, to: str) -> Rehearsal:
    """The demo shop and its books."""
    r = Rehearsal(home, to=to, **WITH_MONEY, **{"qbo.taxable_code": "20.0% S"})
    fill_keap(r.keap)
    if to == "xero":
        credit_xero(r.xero)
    else:
        credit_qbo(r.qbo)
    return r


def balances(r: Rehearsal) -> dict[str, Decimal]:
    """What each customer owes: invoices, less credits and money that are on no invoice."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    if r.to == "xero":
        for invoice in r.xero.invoices.values():
            found[r.xero.contacts[invoice.contact_id].name] += invoice.amount_due
        for note in r.xero.credit_notes.values():
            found[r.xero.contacts[note.contact_id].name] -= note.remaining_credit
        return found
    tables: tuple[tuple[Any, int], ...] = ((r.qbo.invoices, 1), (r.qbo.credit_memos, -1))
    for table, sign in tables:
        for row in table.values():
            found[r.qbo.customers[row.customer_id].name] += sign * row.balance
    for payment in r.qbo.payments.values():
        found[r.qbo.customers[payment.customer_id].name] -= payment.unapplied
    return found


def test_same_shop_in_both_ledgers_leaves_each_customer_with_the_same_balance(
    tmp_path: Path,
) -> None:
    """R10: QuickBooks puts the credit onto the new invoice by itself, Xero leaves it; in both the
    customer has paid in full and has the credit."""
    in_xero, in_qbo = (shop(tmp_path / to, to) for to in ("xero", "qbo"))
    for r in (in_xero, in_qbo):
        r.configure({"xero.status": "authorised"})
        r.sync()
    xero, qbo = balances(in_xero), balances(in_qbo)
    assert xero[CREDITED] == qbo[CREDITED] == Decimal("-18.00")
    # What one of the two companies refuses, for its own reasons, is held there.
    held = {item.contact for r in (in_xero, in_qbo) for item in r.sync().documents}
    both = xero.keys() & qbo.keys() - held
    assert {name: xero[name] for name in both} == {name: qbo[name] for name in both}


def test_demo_shop_pays_what_the_credit_has_left_due(tmp_path: Path) -> None:
    """R10: nothing fails, and what stays with the customer is told."""
    r = shop(tmp_path, "qbo")
    result = r.sync()
    (paid,) = (
        item
        for item in result.documents
        if item.contact == CREDITED and item.kind is DocumentKind.PAYMENT
    )
    assert (paid.state, paid.reason, paid.total) == ("created", "overpayment", Decimal("120.00"))
    assert "102.00 GBP went onto it, 18.00 GBP stay" in paid.message
    assert invoice_of(r, paid.order_id).balance == 0


@pytest.mark.parametrize("payments", [True, False])
def test_credits_of_the_same_run_are_due_no_more_when_its_payments_go_out(
    tmp_path: Path, payments: bool
) -> None:
    """R10: what QuickBooks puts onto older invoices is no surprise, whether or not it does the same
    with money that is left over."""
    r = quickbooks(tmp_path, **WITH_MONEY)
    r.qbo.set_preferences(auto_apply_payments=payments)
    person = r.person()
    first, second = (r.order(CANDLE, contact=person) for _ in range(2))
    r.keap.add_payment(order_id=first, amount="100.00")
    r.keap.add_payment(order_id=second, amount="70.00")
    r.keap.add_payment(order_id=second, amount="30.00", type="Credit")

    result = r.sync()

    assert sorted((state, total) for state, _, total in reported(result)) == [
        ("created", "100.00"),
        ("created", "30.00"),
        ("created", "70.00"),
    ]
    assert not result.exit_code
    assert balances(r)["Test1 Person"] == 0
    assert invoice_of(r, first).balance == 0
    # The 30.00 that are too much for the first go where the credit should have gone, if anywhere.
    assert invoice_of(r, second).balance == (0 if payments else 30)
    assert r.sync().documents == []


def test_dry_run_says_of_money_what_a_run_would_do(tmp_path: Path) -> None:
    """The invoice is not there yet, so that nothing can be asked of it."""
    r = quickbooks(tmp_path, **WITH_MONEY)
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    assert reported(r.sync(dry_run=True)) == [("created", "", "100.00")]


def test_what_the_setting_means_is_said_once(tmp_path: Path) -> None:
    """And again only once it was off meanwhile."""
    r = quickbooks(tmp_path, **WITH_MONEY)
    said = []
    for applied in (True, True, False, True):
        r.qbo.set_preferences(auto_apply_credit=applied)
        r.order(CANDLE)
        said.append(["Automatically apply credits" in text for text in r.sync().messages])
    assert said == [[True], [], [], [True]]


def test_order_paid_in_full_by_a_credit_elsewhere_leaves_nothing_open(tmp_path: Path) -> None:
    """R10, R11: QuickBooks puts a credit onto the oldest invoice instead of its own: with money
    for both nothing is due, on whichever invoice each is."""
    r = quickbooks(tmp_path, **WITH_MONEY)
    person = r.person()
    first, second = (r.order(CANDLE, contact=person) for _ in range(2))
    r.keap.add_payment(order_id=second, amount="30.00", type="Credit")
    r.sync()
    assert invoice_of(r, first).balance == 70
    r.keap.add_payment(order_id=first, amount="100.00")
    r.keap.add_payment(order_id=second, amount="70.00")
    result = r.sync()
    assert reported(result) == [("created", "overpayment", "100.00"), ("created", "", "70.00")]
    # What was there before.
    assert [balance for balance in balances(r).values() if balance] == [Decimal(60)]
    assert [invoice_of(r, order).balance for order in (first, second)] == [0, 0]
