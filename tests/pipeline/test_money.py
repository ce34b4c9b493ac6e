"""Payments, credits and refunds through the whole pipeline, read back from Xero (R10, R11)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.faults import lose
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_money import CANDLE, TAXED, balance, bank, money, rehearse, reported


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


def test_a_hundred_is_twenty_five_and_seventy_five_in_two_runs(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="25.00", external_transaction_id="ch_1")
    first = r.sync()
    r.ticker.pass_time(5 * 86400)
    r.keap.add_payment(order_id=order, amount="75.00", external_transaction_id="ch_2")

    second = r.sync()

    assert reported(first) == [("created", "", "25.00")]
    assert reported(second) == [("created", "", "75.00")]
    booked = r.booked(order)
    assert booked["Status"] == "PAID"
    assert booked["AmountDue"] == 0
    references = {payment.reference for payment in r.xero.payments.values()}
    assert references == {"ch_1", "ch_2"}
    assert reported(r.sync()) == []


def test_a_payment_without_a_transaction_has_a_reference_of_its_own(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = r.keap.add_payment(order_id=order, amount="100.00", type="Cash")

    (document,) = money(r.sync())

    assert document.reference == f"keap-{made.id}"
    assert document.reference != document.invoice_id


@pytest.mark.parametrize("limit", [None, 64])
def test_a_long_transaction_id_is_the_reference_or_reported_as_refused(
    r: Rehearsal, limit: int | None
) -> None:
    """How long Xero lets a payment's reference be is not known."""
    r.xero.switches = replace(r.xero.switches, payment_reference_limit=limit)
    long = "pi_" + "9" * 70
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00", external_transaction_id=long)

    (document,) = money(r.sync())

    if limit is None:
        assert (document.state, document.reference) == (DocumentState.CREATED, long)
    else:
        assert (document.state, document.reason) == (DocumentState.FAILED, "rejected")
        assert "64 characters" in document.message


def test_a_manual_payment_typed_in_late_is_found_once(r: Rehearsal) -> None:
    order = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=12))
    r.sync()
    r.sync()
    day = (r.clock.now() - timedelta(days=10)).date()
    r.keap.add_payment(order_id=order, amount="100.00", type="Check", time=day)

    (document,) = money(r.sync())

    assert document.date == day
    assert r.booked(order)["Status"] == "PAID"
    assert money(r.sync()) == []


@pytest.mark.parametrize("touches", [True, False])
def test_a_second_payment_on_a_settled_order_is_found(tmp_path: Path, touches: bool) -> None:
    r = rehearse(tmp_path)
    r.keap.switches = KeapSwitches(payment_touches_order=touches)
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")

    assert reported(r.sync()) == [("skipped", "overpayment", "40.00")]
    assert money(r.sync()) == []


def test_payments_follow_once_a_draft_is_approved(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"xero.status": "draft"})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")

    first = r.sync()
    assert reported(first) == [("waiting", "invoice-not-approved", "100.00")]
    assert first.exit_code == 0
    r.xero.approve_invoice(r.booked(order)["InvoiceID"])

    assert reported(r.sync()) == [("created", "", "100.00")]
    assert r.booked(order)["Status"] == "PAID"


@pytest.mark.parametrize(("when", "after"), [("fully-paid", 3), ("any-payment", 1)])
def test_paid_only_sends_invoice_and_payments_at_once(
    tmp_path: Path, when: str, after: int
) -> None:
    r = rehearse(tmp_path, **{"sync.mode": "paid-only", "invoices.paid_only_when": when})
    order = r.order(Item("PRODUCT", "300.00", name="Course"))
    seen = []
    for _ in range(3):
        r.ticker.pass_time(30 * 86400)
        r.keap.add_payment(order_id=order, amount="100.00")
        result = r.sync()
        seen.append((result.counts(DocumentKind.INVOICE)["created"], len(r.xero.payments)))

    assert [made for made, _ in seen].index(1) == after - 1
    assert seen[after - 1] == (1, after)
    assert seen[-1][1] == 3
    assert r.booked(order)["Status"] == "PAID"


def test_accounts_by_type_then_merchant_then_the_default(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"payments.accounts": {"Stripe": "091", "cash": "091"}})
    for paid_by in ("Cash", "Credit Card", "Check"):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00", type=paid_by)
    named = {merchant.type: merchant.name for merchant in r.keap.merchants}
    assert named["STRIPE"] == "Stripe"

    documents = money(r.sync())

    assert [item.account for item in documents] == ["091", "091", "090"]


def test_a_shared_payment_is_split_as_keap_says(tmp_path: Path) -> None:
    for switches in (KeapSwitches(allocation_unit="major"), KeapSwitches(allocation_unit="minor")):
        r = rehearse(tmp_path / switches.allocation_unit)
        r.keap.switches = switches
        person = r.person()
        first, second = r.order(CANDLE, contact=person), r.order(CANDLE, contact=person)
        r.keap.add_payment(
            order_ids=[first, second],
            amount="130.00",
            allocations={first: "30.00", second: "100.00"},
        )

        assert reported(r.sync()) == [("created", "", "30.00"), ("created", "", "100.00")]
        assert r.booked(first)["AmountDue"] == 70
        assert r.booked(second)["AmountDue"] == 0


def test_too_much_is_left_out_or_cut_by_the_setting(tmp_path: Path) -> None:
    skipping = rehearse(tmp_path / "skip")
    cutting = rehearse(tmp_path / "cut", **{"payments.skip_overpayment": False})
    for r in (skipping, cutting):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="130.00")

    assert reported(skipping.sync()) == [("skipped", "overpayment", "130.00")]
    (cut,) = money(cutting.sync())
    assert (cut.state, cut.reason, cut.total) == (
        DocumentState.CREATED,
        "overpayment",
        Decimal("100.00"),
    )
    assert "30.00" in cut.message
    assert bank(cutting) == 100
    assert money(cutting.sync()) == []


def test_a_payment_typed_into_the_ledger_by_hand_is_not_booked_again(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    r.xero.pay(r.booked(order)["InvoiceID"], "40.00", reference="ch_9")
    r.keap.add_payment(order_id=order, amount="40.00", external_transaction_id="ch_9")

    assert reported(r.sync()) == [("skipped", "duplicate-payment", "40.00")]
    assert bank(r) == 40


def test_a_pending_payment_waits_until_it_is_through(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = r.keap.add_payment(order_id=order, amount="100.00", status="PENDING")

    assert reported(r.sync()) == [("waiting", "payment-pending", "100.00")]
    r.keap.edit_payment(made.id, status="APPROVED")
    assert reported(r.sync()) == [("created", "", "100.00")]


def test_money_of_a_held_invoice_follows_it(r: Rehearsal) -> None:
    r.xero.set_lock_dates(date(2026, 11, 20))
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00", time=r.clock.now() + timedelta(days=1))

    assert reported(r.sync()) == [("waiting", "invoice-not-synced", "100.00")]
    r.xero.set_lock_dates()
    assert reported(r.sync()) == [("created", "", "100.00")]


def test_a_payment_in_a_locked_period_is_held_one_in_an_open_goes_through(r: Rehearsal) -> None:
    order = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=30))
    r.sync()
    r.xero.set_lock_dates(r.clock.now().date() - timedelta(days=10))
    r.keap.add_payment(
        order_id=order, amount="40.00", type="Cash", time=r.clock.now() - timedelta(days=15)
    )
    r.keap.add_payment(order_id=order, amount="60.00", type="Cash", time=r.clock.now())

    result = r.sync()

    assert reported(result) == [("held", "period-locked", "40.00"), ("created", "", "60.00")]
    assert result.exit_code == 3


def test_money_of_a_skipped_invoice_is_reported_and_left(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"invoices.order_status": "unpaid"})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")

    assert reported(r.sync()) == [("skipped", "invoice-not-synced", "100.00")]
    r.configure({"invoices.order_status": "any"})
    # Named, the invoice goes, and its money with it.
    assert reported(r.sync(command="sync-id", ids=(order,))) == [("created", "", "100.00")]


def test_invoices_only_sends_no_money(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"sync.mode": "invoices"})
    r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")

    assert money(r.sync()) == []
    assert len(r.xero.payments) == 0


def test_max_payments_stops_and_the_next_run_goes_on(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"sync.max_payments": 2})
    for _ in range(5):
        r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")

    made = [r.sync().counts(DocumentKind.PAYMENT)["created"] for _ in range(4)]

    assert made == [2, 2, 1, 0]


def test_a_dry_run_plans_what_the_next_run_does(r: Rehearsal) -> None:
    order = r.order(*TAXED)
    payment = r.keap.add_payment(order_id=order, amount="120.00")
    r.keap.add_refund(payment.id, "30.00")

    planned, done = r.sync(dry_run=True), r.sync()

    assert reported(planned) == reported(done)
    assert not [item for item in reported(done) if item[0] != "created"]


def test_a_failed_charge_is_reported_once_in_the_gateways_words(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_failed_charge(order, "100.00", error="Do not honour")

    result = r.sync()

    assert reported(result) == [("skipped", "payment-failed", "100.00")]
    assert "Do not honour" in money(result)[0].message
    assert result.counts(DocumentKind.INVOICE)["created"] == 1
    assert r.booked(order)["AmountDue"] == 100
    assert reported(r.sync()) == []


@pytest.mark.parametrize("wait", [30, 600])
@pytest.mark.parametrize("path", ["Payments", "CreditNotes", "Allocations"])
def test_a_lost_answer_books_nothing_twice(tmp_path: Path, path: str, wait: int) -> None:
    r = rehearse(tmp_path)
    order = r.order(*TAXED)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_payment(order_id=order, amount="20.00", type="Credit")
    r.keap.add_refund(paid.id, "40.00")
    lose(r, path)
    r.ticker.pass_time(wait)
    for _ in range(3):
        r.sync()

    assert bank(r) == 60
    assert balance(r) == 0
    assert len(r.xero.credit_notes) == 2
    assert len([item for item in r.xero.payments.values() if item.status != "DELETED"]) == 2


@pytest.mark.parametrize("path", ["Payments$", "CreditNotes$", "Allocations$"])
def test_an_answer_that_never_came_is_made_up_for(tmp_path: Path, path: str) -> None:
    from invoicesync_cli.errors import TryLater

    r = rehearse(tmp_path)
    order = r.order(*TAXED)
    r.keap.add_payment(order_id=order, amount="20.00", type="Credit")
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_refund(paid.id, "40.00")
    # As often as a run sends it: after the second wait its key may be forgotten.
    r.xero.fail(kind="drop", method="PUT", path=path, times=2)

    with pytest.raises(TryLater):
        r.sync()
    r.ticker.pass_time(900)
    for _ in range(3):
        r.sync()

    assert bank(r) == 60
    assert balance(r) == 0
