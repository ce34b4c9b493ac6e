"""Rules R10 and R11 as functions: why a payment, credit or refund is not sent, or not yet."""

from datetime import date
from decimal import Decimal

import pytest

from invoicesync_cli.model import (
    DocumentKind,
    DocumentState,
    LedgerId,
    Payment,
    PaymentKind,
    Reason,
)
from invoicesync_cli.transform.allocations import OnInvoice
from invoicesync_cli.transform.verdicts import Skip
from tests.kits.keap_side import DAY, payment
from tests.kits.ledger_side import booked, order, record, rules
from tests.kits.payment_verdicts import credit, left, refund, reported, sent

# --- grounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("note", "shown"), [("", "."), ("Card expired.", ": Card expired.")])
def test_failed_charge_is_reported_in_the_gateways_words(note: str, shown: str) -> None:
    """R8, S82: the failed attempt is reported as `payment-failed`."""
    failed = payment("10", kind=PaymentKind.FAILED, note=note)
    message = f"The charge failed or was voided{shown}"
    assert left(order(failed)) == Skip(DocumentState.SKIPPED, Reason.PAYMENT_FAILED, message)


def test_pending_payment_waits() -> None:
    """R10: a pending one is `waiting` with `payment-pending`."""
    pending = payment("10", kind=PaymentKind.PENDING)
    message = "The payment is still pending in Keap."
    assert left(order(pending)) == Skip(DocumentState.WAITING, Reason.PAYMENT_PENDING, message)


@pytest.mark.parametrize(
    ("made", "setting"),
    [
        (credit("10"), "credits"),
        (credit("10", kind=PaymentKind.ADJUSTMENT), "credits"),
        (refund("10"), "refunds"),
    ],
)
def test_credits_and_refunds_are_left_out_where_that_is_wished(made: Payment, setting: str) -> None:
    """R11: with `"skip"` both are reported and nothing is sent, each by its own setting."""
    other = "refunds" if setting == "credits" else "credits"
    skipping = rules({f"payments.{setting}": "skip"})
    message = f'payments.{setting} is "skip".'
    assert left(order(made), skipping) == Skip(DocumentState.SKIPPED, Reason.SETTING, message)
    assert sent(order(made), rules({f"payments.{other}": "skip"})).amount == 10
    both = rules({"payments.credits": "skip", "payments.refunds": "skip"})
    assert sent(order(payment("10")), both).amount == 10


@pytest.mark.parametrize("state", [state for state in DocumentState if state.open])
def test_money_waits_for_an_invoice_that_is_still_to_be_sent(state: DocumentState) -> None:
    """R10: `waiting`, `invoice-not-synced`: its invoice is itself waiting, held or failed."""
    hint = "It goes through by itself after its invoice."
    invoice = record(state, DocumentKind.INVOICE)
    message = f"Its invoice is {state} ({invoice.reason or 'not sent yet'})."
    assert left(order(payment("10"), invoice=invoice, booked=None)) == Skip(
        DocumentState.WAITING, Reason.INVOICE_NOT_SYNCED, message, hint
    )


def test_money_of_an_invoice_that_will_not_be_sent_is_skipped() -> None:
    """R10: a payment whose invoice will not be sent: `invoice-not-synced`."""
    skipped = record(DocumentState.SKIPPED, DocumentKind.INVOICE, reason=Reason.ZERO_TOTAL)
    expected = {
        "Its invoice is not sent (zero-total).": skipped,
        "Its invoice is not sent (it lies before sync.start, or is not reached yet).": None,
    }
    for message, invoice in expected.items():
        assert left(order(payment("10"), invoice=invoice, booked=None)) == Skip(
            DocumentState.SKIPPED, Reason.INVOICE_NOT_SYNCED, message
        )


def test_money_waits_for_the_invoices_approval() -> None:
    """R10: money goes to authorised invoices only; for others it waits."""
    assert left(order(payment("10"), standing=booked(approved=False))) == Skip(
        DocumentState.WAITING,
        Reason.INVOICE_NOT_APPROVED,
        "The invoice is not approved in the ledger yet.",
        "It goes through by itself once the invoice is approved.",
    )


@pytest.mark.parametrize(("lock", "held"), [(2, False), (3, True), (4, True)])
def test_money_in_a_locked_period_is_held(lock: int, held: bool) -> None:
    """R13: dated on or before the lock date: `period-locked` without being sent."""
    locked = rules(lock_date=date(2026, 11, lock))
    if not held:
        assert reported(order(payment("10")), locked) == ["1 10.00"]
        return
    assert left(order(payment("10")), locked) == Skip(
        DocumentState.HELD,
        Reason.PERIOD_LOCKED,
        f"It is dated 2026-11-03, the ledger is locked up to 2026-11-0{lock}.",
        "Move the lock date in the ledger. Or enter this document by hand, then: "
        'invoicesync dismiss 811 --reason "entered by hand"',
    )
    assert reported(order(credit("10")), locked) == ["1 period-locked"]
    assert reported(order(refund("10")), locked) == ["2 period-locked"]


def there(reference: str, amount: str) -> OnInvoice:
    """A payment that is on the invoice without a record."""
    return OnInvoice(LedgerId(f"{reference}-{amount}"), reference, Decimal(amount))


def test_reference_that_is_on_the_invoice_already_is_not_paid_again() -> None:
    """R10: not sent by this tool → `duplicate-payment`, nothing sent. Credits have none."""
    typed_in = [there("ch_1", "10"), there("keap-2", "10")]
    paid = payment("10", "1", reference="ch_1")
    message = "A payment with the reference ch_1 is on the invoice already."
    assert left(order(paid, foreign=typed_in)) == Skip(
        DocumentState.SKIPPED, Reason.DUPLICATE_PAYMENT, message
    )
    others = (payment("10", "2"), payment("10", "3"), credit("10", "4", reference="ch_1"))
    assert reported(order(*others, refund("5", "5", reference="ch_1"), foreign=typed_in)) == [
        "2 duplicate-payment",
        "3 10.00",
        "4 10.00",
        "5 5.00",
    ]


@pytest.mark.parametrize(
    ("on_invoice", "outcome"),
    [
        (["10"], ["1 duplicate-payment", "2 20.00"]),
        (["20"], ["1 10.00", "2 duplicate-payment"]),
        (["10", "20"], ["1 duplicate-payment", "2 duplicate-payment"]),
        (["30"], ["1 duplicate-payment", "2 duplicate-payment"]),
    ],
    ids=["the first", "the second", "both", "their sum"],
)
def test_payments_of_one_reference_are_told_apart_by_their_amounts(
    on_invoice: list[str], outcome: list[str]
) -> None:
    """R10: one of two that is there already does not stand for the other; a sum may."""
    paid = (payment("10", "1", reference="ch_1"), payment("20", "2", reference="ch_1"))
    assert reported(order(*paid, foreign=[there("ch_1", each) for each in on_invoice])) == outcome


def test_what_is_on_the_invoice_already_is_there_whatever_else_holds() -> None:
    """R10, R13: a lock date says nothing of what is there, and its refund goes out."""
    paid = payment("10", "1", reference="ch_1")
    locked = rules(lock_date=DAY)
    assert reported(order(paid, foreign=[there("ch_1", "10")]), locked) == ["1 duplicate-payment"]
    back = refund("10", "2", refund_of="1")
    assert reported(order(paid, back, foreign=[there("ch_1", "10")])) == [
        "1 duplicate-payment",
        "2 10.00",
    ]


def test_first_ground_counts() -> None:
    """R10: the payment itself, its invoice, approval, what it gives back, the lock date."""
    locked = rules({"payments.refunds": "skip"}, lock_date=DAY)
    open_lock = rules(lock_date=DAY)
    draft = booked(approved=False)
    given_back = refund("10", refund_of="1")
    assert reported(order(given_back, booked=None), locked) == ["2 setting"]
    assert reported(order(given_back, booked=None, invoice=None), open_lock) == [
        "2 invoice-not-synced"
    ]
    assert reported(order(given_back, standing=draft), open_lock) == ["2 invoice-not-approved"]
    assert reported(order(given_back), open_lock) == ["2 payment-not-synced"]
    assert reported(order(payment("130")), open_lock) == ["1 period-locked"]


# --- refunds and what they give back --------------------------------------------------------------


def test_refund_of_a_payment_that_is_in_the_ledger_is_sent() -> None:
    """R11: of a payment that was sent, whole or this order's part of it."""
    given_back = refund("10", refund_of="1")
    assert reported(order(given_back, known={"1": record()})) == ["2 10.00"]
    assert reported(order(given_back, known={"1": record(DocumentState.SKIPPED)})) == [
        "2 payment-not-synced"
    ]
    assert reported(order(given_back, known={"1": record(DocumentState.HELD)})) == [
        "2 payment-pending"
    ]
    assert reported(order(given_back, known={"1:900": record()})) == ["2 payment-not-synced"]


def test_refund_follows_what_becomes_of_its_payment_in_this_run() -> None:
    """R11: sent after it, waiting with it, or nothing where it was never sent."""
    given_back = refund("10", refund_of="1")
    assert reported(order(payment("10"), given_back)) == ["1 10.00", "2 10.00"]
    waits = payment("10", kind=PaymentKind.PENDING)
    assert reported(order(waits, given_back)) == ["1 payment-pending", "2 payment-pending"]
    fails = payment("10", kind=PaymentKind.FAILED)
    assert reported(order(fails, given_back)) == ["1 payment-failed", "2 payment-not-synced"]
    # What becomes of it now counts more than what became of it before.
    known = {"1": record(DocumentState.WAITING)}
    assert reported(order(payment("10"), given_back, known=known)) == ["1 10.00", "2 10.00"]


def test_refund_that_waits_or_is_left_out_says_why() -> None:
    """R11: `payment-pending` of one still waiting, `payment-not-synced` of one never sent."""
    given_back = refund("10", refund_of="1")
    assert left(order(given_back, known={"1": record(DocumentState.FAILED)})) == Skip(
        DocumentState.WAITING,
        Reason.PAYMENT_PENDING,
        "The payment that it gives back is not sent yet.",
    )
    assert left(order(given_back)) == Skip(
        DocumentState.SKIPPED,
        Reason.PAYMENT_NOT_SYNCED,
        "The payment that it gives back was never sent.",
    )


def test_refund_without_a_link_is_sent() -> None:
    """R11: no link: the amount is given back all the same."""
    assert reported(order(refund("10"))) == ["2 10.00"]


def test_link_on_what_is_no_refund_means_nothing() -> None:
    """R11: only a refund gives something back."""
    assert reported(order(payment("10", refund_of="9"))) == ["1 10.00"]
