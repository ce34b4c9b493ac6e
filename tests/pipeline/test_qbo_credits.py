"""Rule R11 in QuickBooks: credit memos put onto their invoice, and refund receipts."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.qbo_company import (
    WITH_MONEY,
    amounts,
    book,
    invoice_of,
    item_names,
    money,
    ours,
    payments,
    product,
    quickbooks,
    received,
    reported,
    tax,
    tax_names,
    totals,
)
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")
TAXED = (product("100.00"), tax("20.00"))
UNMATCHED = "unknown_do_not_delete"
FREE = "0.0% Z"


def rehearse(home: Path, company: Any = "uk", **settings: Any) -> Rehearsal:
    """A company that is to have money too."""
    return quickbooks(home, company, **{**WITH_MONEY, **settings})


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


def memos(r: Rehearsal) -> list[Any]:
    """The credit memos that this tool has made."""
    return ours(r.qbo.credit_memos)


def refunds(r: Rehearsal) -> list[Any]:
    """The refund receipts that this tool has made."""
    return ours(r.qbo.refund_receipts)


# --- credits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Credit", "Adjustment"])
def test_credit_is_a_memo_on_its_invoice_and_never_money(r: Rehearsal, kind: str) -> None:
    """R11: numbered CR-…, taxed in the invoice's proportion, applied in full, no bank money."""
    order = r.order(*TAXED)
    made = r.keap.add_payment(order_id=order, amount="30.00", type=kind)

    (document,) = money(r.sync())

    assert (document.kind, document.number) == (DocumentKind.CREDIT, f"CR-{made.id}")
    (memo,) = memos(r)
    assert memo.number == f"CR-{made.id}"
    assert memo.private_note.startswith(f"Keap order {order}, invoice {order}")
    assert totals(memo) == ("30.00", "5.00")
    assert item_names(r, memo) == [UNMATCHED]
    assert tax_names(r, memo) == ["20.0% S"]
    assert memo.balance == 0
    invoice = invoice_of(r, order)
    assert (invoice.balance, memo.customer_id) == (Decimal("90.00"), invoice.customer_id)
    (link,) = r.qbo.payments.values()
    assert (link.total, received(r)) == (Decimal(0), Decimal(0))
    assert money(r.sync()) == []


@pytest.mark.parametrize(
    ("settings", "item"),
    [({"qbo.discount_item": "Discount"}, "Discount"), ({}, UNMATCHED)],
)
def test_credit_takes_the_discount_item_or_the_unmatched_one(
    tmp_path: Path, settings: dict[str, str], item: str
) -> None:
    """R11: `discount_item`, else `unmatched_item`, which is made when it is missing."""
    r = rehearse(tmp_path, **settings)
    r.keap.add_payment(order_id=r.order(CANDLE), amount="30.00", type="Credit")
    assert reported(r.sync()) == [("created", "", "30.00")]
    (memo,) = memos(r)
    assert item_names(r, memo) == [item]
    assert (totals(memo), tax_names(r, memo)) == (("30.00", "0.00"), [FREE])


def test_credit_over_several_orders_has_a_memo_for_each(r: Rehearsal) -> None:
    """R11: `CR-<payment id>-<order id>` when it is on several orders."""
    r.qbo.set_preferences(auto_apply_credit=False)
    person = r.person()
    first, second = r.order(CANDLE, contact=person), r.order(CANDLE, contact=person)
    made = r.keap.add_payment(
        order_ids=[first, second],
        amount="50.00",
        type="Credit",
        allocations={first: "20.00", second: "30.00"},
    )
    r.sync()
    assert {memo.number: memo.total for memo in memos(r)} == {
        f"CR-{made.id}-{first}": 20,
        f"CR-{made.id}-{second}": 30,
    }
    assert [invoice_of(r, order).balance for order in (first, second)] == [80, 70]


@pytest.mark.parametrize("skip", [True, False])
def test_credit_over_the_balance_follows_the_setting(tmp_path: Path, skip: bool) -> None:
    """R11: over the balance it follows `skip_overpayment`."""
    r = rehearse(tmp_path, **{"payments.skip_overpayment": skip})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="80.00")
    r.sync()
    r.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    (document,) = money(r.sync())
    assert document.reason == "overpayment"
    assert [memo.total for memo in memos(r)] == ([] if skip else [20])
    assert invoice_of(r, order).balance == (20 if skip else 0)


def test_prefix_is_that_of_invoices(tmp_path: Path) -> None:
    """R11: `number_prefix` + CR-… and RF-…"""
    r = rehearse(tmp_path, **{"invoices.number_prefix": "K-"})
    order = r.order(CANDLE)
    credit = r.keap.add_payment(order_id=order, amount="10.00", type="Credit")
    paid = r.keap.add_payment(order_id=order, amount="90.00")
    refund = r.keap.add_refund(paid.id, "30.00")
    r.sync()
    assert [memo.number for memo in memos(r)] == [f"K-CR-{credit.id}"]
    assert [row.number for row in refunds(r)] == [f"K-RF-{refund.id}"]


def test_number_that_does_not_fit_is_reported_and_not_cut(tmp_path: Path) -> None:
    """R1, R11: QuickBooks holds 21 characters; nothing is ever truncated."""
    r = rehearse(tmp_path, **{"invoices.number_prefix": "WICK-AND-W-"})
    r.keap.add_payment(id=12345678, order_id=r.order(CANDLE), amount="10.00", type="Credit")
    (document,) = money(r.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "number-too-long")
    assert "WICK-AND-W-CR-12345678" in document.message
    assert "number_prefix" in document.hint
    assert memos(r) == []


@pytest.mark.parametrize("invoices", [1, 2])
def test_credit_that_quickbooks_applies_by_itself_is_not_applied_again(
    tmp_path: Path, invoices: int
) -> None:
    """QuickBooks may be told to set credits against the oldest open invoice at once: then there
    is nothing left to apply, and that is told, not taken for a failure."""
    r = rehearse(tmp_path)
    person = r.person()
    orders = [r.order(CANDLE, contact=person) for _ in range(invoices)]
    r.keap.add_payment(order_id=orders[-1], amount="30.00", type="Credit")
    result = r.sync()
    assert (reported(result), result.exit_code) == ([("created", "", "30.00")], 0)
    assert "applied the credit by itself" in money(result)[0].message
    assert sum(invoice_of(r, order).balance for order in orders) == 100 * invoices - 30
    assert money(r.sync()) == []
    assert len(memos(r)) == 1


# --- refunds --------------------------------------------------------------------------------------


def test_refunds_are_receipts_paid_out_of_where_the_money_went(r: Rehearsal) -> None:
    """R11: partial and repeated ones each stand alone; numbered RF-…, with a reference like a
    payment's, the default item, taxed in the invoice's proportion."""
    order = r.order(*TAXED)
    paid = r.keap.add_payment(order_id=order, amount="120.00")
    r.sync()
    r.ticker.pass_time(86400)
    first = r.keap.add_refund(paid.id, "30.00")
    r.sync()
    r.ticker.pass_time(86400)
    r.keap.add_refund(paid.id, "90.00", external_transaction_id="re_2")

    assert reported(r.sync()) == [("created", "", "90.00")]

    one, two = refunds(r)
    assert one.number == f"RF-{first.id}"
    assert [totals(one), totals(two)] == [("30.00", "5.00"), ("90.00", "15.00")]
    assert two.ref == "re_2"
    assert item_names(r, one) == ["Sales"]
    assert {r.qbo.accounts[row.account_id].name for row in (one, two)} == {"Stripe clearing"}
    assert r.qbo.accounts[payments(r)[0].account_id].name == "Stripe clearing"
    assert invoice_of(r, order).balance == 0
    assert received(r) == 0
    assert memos(r) == []
    assert money(r.sync()) == []


def test_refund_without_a_default_item_takes_the_unmatched_one(tmp_path: Path) -> None:
    """R11: `default_item`, else `unmatched_item`."""
    r = rehearse(tmp_path, **{"qbo.default_item": ""})
    paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.keap.add_refund(paid.id)
    r.sync()
    (refund,) = refunds(r)
    assert item_names(r, refund) == [UNMATCHED]


def test_refund_in_the_run_of_its_payment_leaves_the_same_account(tmp_path: Path) -> None:
    """R11: of the account that the payment went to, also when both are new; undeposited money
    goes back from there: QuickBooks needs an account to pay out of."""
    r = rehearse(tmp_path, **{"payments.account": "", "payments.accounts": {}})
    paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00", type="Cash")
    r.keap.add_refund(paid.id, "40.00")
    assert reported(r.sync()) == [("created", "", "100.00"), ("created", "", "40.00")]
    (refund,) = refunds(r)
    assert refund.account_id == r.qbo.undeposited
    assert received(r) == 60


def test_refund_leaves_the_account_of_its_payment_after_the_setting_has_changed(
    r: Rehearsal,
) -> None:
    """R11: the account that the payment went to, not that to which such payments go by now."""
    paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    r.configure({"payments.accounts": {"Stripe": "Savings account"}})
    r.keap.add_refund(paid.id, "40.00")
    r.sync()
    (refund,) = refunds(r)
    assert r.qbo.accounts[refund.account_id].name == "Stripe clearing"


def test_refund_of_a_payment_that_was_not_sent_is_reported(r: Rehearsal) -> None:
    """R11: `payment-not-synced`, nothing sent; of one still waiting, it waits with it."""
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="130.00")
    r.keap.add_refund(paid.id, "130.00")
    assert reported(r.sync()) == [
        ("skipped", "overpayment", "130.00"),
        ("skipped", "payment-not-synced", "130.00"),
    ]
    assert refunds(r) == []


def test_credits_and_refunds_can_be_left_out(tmp_path: Path) -> None:
    """R11: with `"skip"` both are reported and nothing is sent."""
    r = rehearse(tmp_path, **{"payments.credits": "skip", "payments.refunds": "skip"})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="10.00", type="Credit")
    paid = r.keap.add_payment(order_id=order, amount="90.00")
    r.keap.add_refund(paid.id, "90.00")
    result = r.sync()
    assert reported(result) == [
        ("skipped", "setting", "10.00"),
        ("created", "", "90.00"),
        ("skipped", "setting", "90.00"),
    ]
    assert (memos(r), refunds(r), result.exit_code) == ([], [], 0)


def test_write_off_of_the_rest_settles_the_invoice_without_money(r: Rehearsal) -> None:
    """R11: a write-off of the rest is a credit."""
    order = r.order(*TAXED)
    r.keap.add_payment(order_id=order, amount="50.00")
    r.keap.add_payment(order_id=order, amount="70.00", type="Adjustment", note="written off")
    r.sync()
    assert invoice_of(r, order).balance == 0
    assert received(r) == 50


# --- tax ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("company", ["us", "us-manual", "us-no-tax", "au"])
def test_notes_are_taxed_in_the_invoices_proportion_everywhere(
    tmp_path: Path, company: str
) -> None:
    """R11: 108 with 8 tax in the United States (nothing where tax is off), 110 with 10 elsewhere;
    a half of it is half of both."""
    r = rehearse(tmp_path, company)
    taxes = {"us-no-tax": [], "au": [tax("10.00")]}.get(company, [tax("8.00")])
    order = r.order(product("100"), *taxes)
    total = Decimal(str(invoice_total(r, order)))
    paid = r.keap.add_payment(order_id=order, amount=total / 2)
    r.keap.add_payment(order_id=order, amount=total / 2, type="Credit")
    r.keap.add_refund(paid.id, total / 2)
    assert {state for state, _, _ in reported(r.sync())} == {"created"}
    invoice = invoice_of(r, order)
    (memo,), (refund,) = memos(r), refunds(r)
    half = (f"{invoice.total / 2:.2f}", f"{invoice.tax / 2:.2f}")
    assert (totals(memo), totals(refund)) == (half, half)
    assert (invoice.balance, received(r)) == (Decimal(0), Decimal(0))


def invoice_total(r: Rehearsal, order: str) -> Decimal:
    """Keap's total of an order."""
    return r.keap.orders[order].total


@pytest.mark.parametrize("kind", ["credit", "refund"])
def test_note_of_a_partly_taxed_invoice_is_parted_as_the_tax_says(
    tmp_path: Path, kind: str
) -> None:
    """R11: 100 at 20 % and a book of 50: all of it given back is 100 taxed and 50 not, so that
    QuickBooks comes to the 20.00 by itself, and an override far from its own sum is not needed."""
    r = rehearse(tmp_path)
    order = r.order(product("100"), book("50"), tax("20.00"))
    if kind == "credit":
        r.keap.add_payment(order_id=order, amount="170.00", type="Credit")
    else:
        r.keap.add_refund(r.keap.add_payment(order_id=order, amount="170.00").id)
    assert {state for state, _, _ in reported(r.sync())} == {"created"}
    (note,) = [*memos(r), *refunds(r)]
    assert (totals(note), amounts(note)) == (("170.00", "20.00"), ["100.00", "50.00"])
    assert tax_names(r, note) == ["20.0% S", FREE]
    assert not note.tax_overridden


def test_cent_that_quickbooks_would_round_otherwise_is_stated(r: Rehearsal) -> None:
    """R11: rounded half up; 0.33 of 120 incl. 20 is 0.06 on 0.27; 20 % would be 0.05."""
    order = r.order(*TAXED)
    r.keap.add_payment(order_id=order, amount="0.33", type="Credit")
    r.sync()
    (memo,) = memos(r)
    assert (totals(memo), amounts(memo)) == (("0.33", "0.06"), ["0.27"])
    assert memo.tax_overridden


@pytest.mark.parametrize("kind", ["credit", "refund"])
def test_note_that_comes_out_otherwise_is_reported_with_both_figures(
    tmp_path: Path, kind: str
) -> None:
    """The invariant: the ledger's reply is compared on every create, of notes too."""
    r = rehearse(tmp_path)
    r.qbo.switches = QboSwitches(tax_override_tolerance=None)
    order = r.order(product("100"), tax("25.00"))
    if kind == "credit":
        r.sync()
        r.keap.add_payment(order_id=order, amount="125.00", type="Credit")
    else:
        paid = r.keap.add_payment(order_id=order, amount="125.00")
        r.sync()
        r.keap.add_refund(paid.id)
    r.qbo.switches = QboSwitches(tax_override_beyond="recompute")
    (document,) = money(r.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert "120.00" in document.message
    assert "125.00" in document.message
    assert document.ledger_total == Decimal("120.00")
    assert len([*memos(r), *refunds(r)]) == 1
    assert [item.reason for item in money(r.sync())] == ["totals-differ"]
    assert len([*memos(r), *refunds(r)]) == 1
