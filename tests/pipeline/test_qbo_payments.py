"""Rule R10 in QuickBooks: payments of invoices, read back from the company's books."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.qbo_company import (
    WITH_MONEY,
    invoice_of,
    money,
    payments,
    product,
    quickbooks,
    received,
    rehearse,
    reported,
    tax,
)
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")
LONG = "pi_3OqKdT2eZvKYlo2C1gAbCdEf"
BANK = "Business current account"


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


def account_of(r: Rehearsal, txn: Any) -> str:
    """The name of the account that money went to."""
    return r.qbo.accounts[txn.account_id].name


def test_hundred_is_twenty_five_and_seventy_five_in_two_runs(r: Rehearsal) -> None:
    """R10, S84 to S88: two payments, references their own, each applied once."""
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="25.00", external_transaction_id="ch_1")
    assert reported(r.sync()) == [("created", "", "25.00")]
    assert invoice_of(r, order).balance == 75
    r.ticker.pass_time(5 * 86400)
    r.keap.add_payment(order_id=order, amount="75.00", external_transaction_id="ch_2")

    assert reported(r.sync()) == [("created", "", "75.00")]

    invoice = invoice_of(r, order)
    assert invoice.balance == 0
    first, second = payments(r)
    assert [first.ref, second.ref] == ["ch_1", "ch_2"]
    assert [first.txn_date, second.txn_date] == [date(2026, 11, 20), date(2026, 11, 25)]
    marker = f"Keap order {order}, invoice {order}"
    assert all(payment.private_note.startswith(marker) for payment in (first, second))
    assert [payment.lines[0].txn_id for payment in (first, second)] == [invoice.id] * 2
    assert {first.customer_id, second.customer_id} == {invoice.customer_id}
    assert reported(r.sync()) == []


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ("ch_1", "ch_1"),
        ("T" * 21, "T" * 21),
        ("T" * 22, "keap-{}"),
        (LONG, "keap-{}"),
        ("", "keap-{}"),
    ],
)
def test_reference_is_the_gateways_or_one_of_our_own(
    r: Rehearsal, given: str, reference: str
) -> None:
    """R10: QuickBooks holds 21 characters; a longer id goes in the note, nothing is cut."""
    order = r.order(CANDLE)
    fields: dict[str, Any] = {"external_transaction_id": given} if given else {"type": "Cash"}
    made = r.keap.add_payment(order_id=order, amount="100.00", **fields)
    (document,) = money(r.sync())
    (payment,) = payments(r)
    assert payment.ref == document.reference == reference.format(made.id)
    assert payment.private_note.startswith(f"Keap order {order}, invoice {order}")
    assert given in f"{payment.ref} {payment.private_note}"


def test_payments_have_their_method_where_there_is_one_of_the_name(r: Rehearsal) -> None:
    """Keap's type names QuickBooks' payment method, whatever its case; none is made up."""
    for kind in ("Cash", "CREDIT CARD", "Bank Transfer", "Barter"):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00", type=kind)
    r.sync()
    names = {row.id: row.name for row in r.qbo.payment_methods.values()}
    found = [names.get(payment.method_id, "") for payment in payments(r)]
    assert found == ["Cash", "Credit Card", "Bank transfer", ""]


def test_account_is_by_type_then_merchant_then_the_default(tmp_path: Path) -> None:
    """R10: `payments.accounts` by type, then by merchant name, else `payments.account`."""
    accounts = {"cash": "Savings account", "Stripe": "Stripe clearing"}
    r = rehearse(tmp_path, **{"payments.accounts": accounts})
    for kind in ("Cash", "Credit Card", "Check"):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00", type=kind)
    documents = money(r.sync())
    expected = ["Savings account", "Stripe clearing", BANK]
    assert [account_of(r, payment) for payment in payments(r)] == expected
    assert [document.account for document in documents] == expected


def test_blank_account_leaves_the_money_undeposited(tmp_path: Path) -> None:
    """The config: `""` = Undeposited Funds, whatever QuickBooks calls that account."""
    r = rehearse(tmp_path, **{"payments.account": "", "payments.accounts": {}})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    (payment,) = payments(r)
    assert payment.account_id == r.qbo.undeposited


def test_account_can_be_given_by_its_id(tmp_path: Path) -> None:
    """The config: an account's name or its id."""
    r = rehearse(tmp_path, **{"payments.accounts": {}})
    r.configure({"payments.account": r.qbo.account_id("Savings account")})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    assert [account_of(r, payment) for payment in payments(r)] == ["Savings account"]


@pytest.mark.parametrize("name", ["Bussiness current account", "Sales - candles"])
def test_account_that_takes_no_payments_is_a_configuration_error(tmp_path: Path, name: str) -> None:
    """The last table: exit code 5; an income account is none, and near names are told."""
    r = rehearse(tmp_path, **{"payments.account": name})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    with pytest.raises(ConfigError, match=f"payments.account.*{name}") as caught:
        r.sync()
    assert caught.value.exit_code == 5
    assert payments(r) == []


def test_payment_over_several_orders_is_split_as_keap_says(r: Rehearsal) -> None:
    """R10: by Keap's allocations, each to its own invoice."""
    person = r.person()
    first, second = r.order(CANDLE, contact=person), r.order(CANDLE, contact=person)
    r.keap.add_payment(
        order_ids=[first, second], amount="130.00", allocations={first: "30.00", second: "100.00"}
    )
    assert reported(r.sync()) == [("created", "", "30.00"), ("created", "", "100.00")]
    assert [invoice_of(r, order).balance for order in (first, second)] == [70, 0]
    assert received(r) == 130


def test_too_much_is_left_out_or_cut_by_the_setting(tmp_path: Path) -> None:
    """R10: `skip_overpayment`: nothing is sent; else the balance, and the rest is told. Neither
    leaves credit with the customer."""
    skipping = rehearse(tmp_path / "skip")
    cutting = rehearse(tmp_path / "cut", **{"payments.skip_overpayment": False})
    for r in (skipping, cutting):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="130.00")
    assert reported(skipping.sync()) == [("skipped", "overpayment", "130.00")]
    assert received(skipping) == 0
    (cut,) = money(cutting.sync())
    assert (cut.state, cut.reason, cut.total) == (
        DocumentState.CREATED,
        "overpayment",
        Decimal("100.00"),
    )
    assert "30.00" in cut.message
    (paid,) = payments(cutting)
    assert (paid.total, paid.unapplied) == (Decimal("100.00"), Decimal(0))
    assert money(cutting.sync()) == []


@pytest.mark.parametrize("skip", [True, False])
def test_payment_of_a_paid_invoice_is_never_sent(tmp_path: Path, skip: bool) -> None:
    """R10: nothing is left to pay, so there is nothing to book in either setting."""
    r = rehearse(tmp_path, **{"payments.skip_overpayment": skip})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")
    assert reported(r.sync()) == [("skipped", "overpayment", "40.00")]
    assert received(r) == 100


def test_payment_typed_in_by_hand_is_not_booked_again(r: Rehearsal) -> None:
    """R10: the same reference on the same invoice, not by this tool: `duplicate-payment`."""
    order = r.order(CANDLE)
    r.sync()
    r.qbo.pay(invoice_of(r, order).id, "40.00", ref="ch_9")
    r.keap.add_payment(order_id=order, amount="40.00", external_transaction_id="ch_9")
    r.keap.add_payment(order_id=order, amount="60.00", external_transaction_id="ch_10")
    assert reported(r.sync()) == [
        ("skipped", "duplicate-payment", "40.00"),
        ("created", "", "60.00"),
    ]
    assert invoice_of(r, order).balance == 0
    assert len(r.qbo.payments) == 2


def test_same_reference_on_another_invoice_is_no_duplicate(r: Rehearsal) -> None:
    """R10: only on the same invoice."""
    first, second = r.order(CANDLE), r.order(CANDLE)
    r.sync()
    r.qbo.pay(invoice_of(r, first).id, "100.00", ref="ch_9")
    r.keap.add_payment(order_id=second, amount="100.00", external_transaction_id="ch_9")
    assert reported(r.sync()) == [("created", "", "100.00")]
    assert invoice_of(r, second).balance == 0


def test_voided_payment_of_ones_own_is_no_duplicate(r: Rehearsal) -> None:
    """R10: a payment that somebody typed in and voided pays nothing."""
    order = r.order(CANDLE)
    r.sync()
    by_hand = r.qbo.pay(invoice_of(r, order).id, "100.00", ref="ch_9")
    r.qbo.void_payment(by_hand)
    r.keap.add_payment(order_id=order, amount="100.00", external_transaction_id="ch_9")
    assert reported(r.sync()) == [("created", "", "100.00")]


def test_payment_typed_in_late_has_its_own_date(r: Rehearsal) -> None:
    """R10: found although it is back-dated to before the last run."""
    order = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=12))
    r.sync()
    day = (r.clock.now() - timedelta(days=10)).date()
    r.keap.add_payment(order_id=order, amount="100.00", type="Check", time=day)
    assert reported(r.sync()) == [("created", "", "100.00")]
    assert [payment.txn_date for payment in payments(r)] == [day]


def test_pending_payment_waits_until_it_is_through(r: Rehearsal) -> None:
    """R10: `payment-pending`, and exit code 0."""
    order = r.order(CANDLE)
    made = r.keap.add_payment(order_id=order, amount="100.00", status="PENDING")
    first = r.sync()
    assert (reported(first), first.exit_code) == ([("waiting", "payment-pending", "100.00")], 0)
    r.keap.edit_payment(made.id, status="APPROVED")
    assert reported(r.sync()) == [("created", "", "100.00")]


def test_failed_charge_is_reported_and_books_nothing(r: Rehearsal) -> None:
    """R8, S82: an unpaid invoice, and `payment-failed` in the gateway's words."""
    order = r.order(CANDLE)
    r.keap.add_failed_charge(order, "100.00", error="Do not honour")
    result = r.sync()
    assert reported(result) == [("skipped", "payment-failed", "100.00")]
    assert "Do not honour" in money(result)[0].message
    assert invoice_of(r, order).balance == 100


@pytest.mark.parametrize("when", ["fully-paid", "any-payment"])
def test_paid_only_sends_the_invoice_with_its_payments(tmp_path: Path, when: str) -> None:
    """R8: waiting until paid (or until any real money), then everything at once."""
    r = rehearse(tmp_path, **{"sync.mode": "paid-only", "invoices.paid_only_when": when})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    assert r.sync().counts(DocumentKind.INVOICE)["waiting"] == 1
    r.keap.add_payment(order_id=order, amount="30.00")
    assert r.sync().counts(DocumentKind.INVOICE)["created"] == (when == "any-payment")
    r.keap.add_payment(order_id=order, amount="40.00")
    r.sync()
    assert invoice_of(r, order).balance == 0
    assert received(r) == 70


def test_invoices_only_sends_no_money(tmp_path: Path) -> None:
    """R8: mode `invoices`."""
    r = rehearse(tmp_path, **{"sync.mode": "invoices"})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    assert money(r.sync()) == []
    assert len(r.qbo.payments) == 0


@pytest.mark.parametrize("currencies", [False, True])
def test_money_of_a_taxed_order_settles_it_in_every_company(
    tmp_path: Path, currencies: bool
) -> None:
    """The invariant: what Keap says is paid leaves nothing open, also with several currencies."""
    for company in ("uk", "us", "us-manual", "au"):
        r = quickbooks(tmp_path / company, company, **WITH_MONEY)
        r.qbo.switches = QboSwitches(tax_override_tolerance=None)
        r.qbo.set_preferences(multicurrency=currencies)
        order = r.order(product("100"), tax("8.25"))
        r.keap.add_payment(order_id=order, amount="108.25")
        assert reported(r.sync()) == [("created", "", "108.25")]
        assert invoice_of(r, order).balance == 0
