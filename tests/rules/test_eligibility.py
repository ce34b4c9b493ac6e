"""Rule R8 as functions: what is paid, where the start lies, and the words for what is left out."""

from decimal import Decimal

import pytest

from invoicesync_cli.model import DocumentState, Payment, PaymentKind, Reason
from invoicesync_cli.transform.eligibility import before_start, needs_payments, skip_of
from invoicesync_cli.transform.paid import is_paid, paid_enough, real_money
from invoicesync_cli.transform.verdicts import Skip
from tests.kits.keap_side import CANDLE, NEW_YORK, ORDER, OTHER, config_of, invoice, line, payment

KINDS = {kind: payment("100", kind=kind) for kind in PaymentKind}


def test_only_money_received_is_money() -> None:
    """R10: not what is pending, failed, a credit, an adjustment or a refund."""
    found = {kind for kind, item in KINDS.items() if real_money([item], ORDER)}
    assert found == {PaymentKind.MONEY}
    assert (
        real_money([payment("25"), payment("75"), payment("9", order_ids=(OTHER,))], ORDER) == 100
    )
    assert real_money([], ORDER) == 0


def test_credits_and_adjustments_pay_and_refunds_do_not_unpay() -> None:
    """R8: *paid* means real money plus credits cover the total."""
    candle = invoice(CANDLE)
    found = {kind for kind, item in KINDS.items() if is_paid(candle, [item])}
    assert found == {PaymentKind.MONEY, PaymentKind.CREDIT, PaymentKind.ADJUSTMENT}
    assert is_paid(candle, [payment("100"), KINDS[PaymentKind.REFUND]])
    assert not is_paid(candle, [payment("99.99")])
    assert not is_paid(candle, [payment("100", order_ids=(OTHER,))])
    assert is_paid(invoice(line("PRODUCT", "0.00")), [])


@pytest.mark.parametrize(
    ("payments", "fully", "part"),
    [
        ([], False, False),
        ([payment("0.01")], False, True),
        ([payment("0.01", kind=PaymentKind.CREDIT)], False, False),
        ([payment("0.01", kind=PaymentKind.PENDING)], False, False),
        ([payment("0.01", order_ids=(OTHER,))], False, False),
        ([payment("60"), payment("40", kind=PaymentKind.CREDIT)], True, True),
        ([payment("100", kind=PaymentKind.CREDIT)], True, True),
    ],
)
def test_paid_enough_is_the_whole_or_any_real_money(
    payments: list[Payment], fully: bool, part: bool
) -> None:
    """R8: `any-payment`: paid, or any real money; a part credit alone doesn't count."""
    assert paid_enough(invoice(CANDLE), payments, "fully-paid") is fully
    assert paid_enough(invoice(CANDLE), payments, "any-payment") is part


@pytest.mark.parametrize(
    ("start", "before"),
    [
        ("first", False),
        ("id:811", False),
        ("id:812", True),
        ("id:92", False),
        ("id:1000", True),
        ("2026-11-03", False),
        ("2026-11-04", True),
    ],
)
def test_start_is_an_invoice_id_or_a_day_at_the_seller(start: str, before: bool) -> None:
    """R8 with R2: the order of half past eleven in the evening of 3 November, invoice 811."""
    assert before_start(invoice(CANDLE), start, NEW_YORK) is before


def test_invoice_id_that_is_no_number_lies_before_every_id() -> None:
    """R8: it cannot be compared, so it is not sent unasked."""
    assert before_start(invoice(CANDLE, invoice_id="A811"), "id:1", NEW_YORK) is True


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"sync.mode": "invoices"}, False),
        ({"sync.mode": "invoices-and-payments"}, False),
        ({"sync.mode": "paid-only"}, True),
        ({"sync.mode": "invoices", "invoices.order_status": "paid"}, True),
        ({"sync.mode": "paid-only", "invoices.order_status": "unpaid"}, True),
    ],
)
def test_payments_are_read_where_the_choice_hangs_on_them(
    settings: dict[str, str], needed: bool
) -> None:
    """R8: mode `paid-only` and `order_status` look at what is paid."""
    assert needs_payments(config_of(settings)) is needed


ALL_THE_SAME = "invoicesync sync-id 811 sends it all the same."


def out(total: str, *payments: Payment, **settings: object) -> Skip | None:
    """Why an invoice of this total is left out."""
    dotted = {key.replace("__", "."): value for key, value in settings.items()}
    return skip_of(invoice(line("PRODUCT", total)), payments, config_of(dotted))


def test_unpaid_invoice_waits_with_the_word_that_fits() -> None:
    """R8: in mode `paid-only` an unpaid invoice is `waiting`."""
    hint = "It is sent by itself once it is paid."
    fully = "Not fully paid yet, and mode is paid-only."
    anything = "Not paid yet, and mode is paid-only."
    assert out("100", payment("99"), sync__mode="paid-only") == Skip(
        DocumentState.WAITING, Reason.UNPAID, fully, hint
    )
    any_payment = {"sync__mode": "paid-only", "invoices__paid_only_when": "any-payment"}
    assert out("100", **any_payment) == Skip(DocumentState.WAITING, Reason.UNPAID, anything, hint)
    assert out("100", payment("1"), **any_payment) is None
    assert out("100", payment("100"), sync__mode="paid-only") is None
    assert out("100", sync__mode="invoices") is None


@pytest.mark.parametrize(("wanted", "found"), [("paid", "unpaid"), ("unpaid", "paid")])
def test_order_status_that_is_not_wanted_is_skipped(wanted: str, found: str) -> None:
    """R8, S83: `order_status`, told with what the invoice is and what was asked for."""
    payments = [payment("100")] if found == "paid" else []
    message = f"The invoice is {found}, and invoices.order_status is {wanted}."
    assert out("100", *payments, invoices__order_status=wanted) == Skip(
        DocumentState.SKIPPED, Reason.ORDER_STATUS, message, ALL_THE_SAME
    )
    assert out("100", *payments, invoices__order_status=found) is None
    assert out("100", *payments, invoices__order_status="any") is None


def test_zero_total_is_skipped_where_that_is_wished() -> None:
    """R8, S63: `skip_zero_total`: the order's total is zero."""
    message = "The total is zero, and invoices.skip_zero_total is on."
    skipped = Skip(DocumentState.SKIPPED, Reason.ZERO_TOTAL, message, ALL_THE_SAME)
    assert out("0.00", invoices__skip_zero_total=True) == skipped
    assert out("0.00", invoices__skip_zero_total=False) is None
    assert out("0.01", invoices__skip_zero_total=True) is None


def test_negative_total_is_held_with_its_figure() -> None:
    """R8: a negative Keap total is held with `negative-total`."""
    assert out("-0.01") == Skip(
        DocumentState.HELD,
        Reason.NEGATIVE_TOTAL,
        "Keap's total is -0.01 GBP; an invoice cannot be negative.",
        "Enter it as a credit note by hand, then: "
        'invoicesync dismiss 811 --reason "entered by hand"',
    )


def test_first_ground_counts() -> None:
    """R8: mode, order status, zero total, negative total."""
    every = {
        "sync__mode": "paid-only",
        "invoices__order_status": "unpaid",
        "invoices__skip_zero_total": True,
    }
    grounds = [
        out("100", **every),
        out("100", payment("100"), **every),
        out("-1", **every),
        out("-1", **{**every, "invoices__order_status": "any"}),
    ]
    assert [ground and ground.reason for ground in grounds] == [
        "unpaid",
        "order-status",
        "order-status",
        "negative-total",
    ]


def test_share_of_a_split_payment_is_what_counts() -> None:
    """R10: a payment over several orders is split by Keap's allocations."""
    split = payment("130", allocations=((ORDER, Decimal(30)), (OTHER, Decimal(100))))
    assert real_money([split], ORDER) == 30
