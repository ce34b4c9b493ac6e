"""Rule R10 as functions: what is applied, in which order, against which balance, and once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.transform.allocations import OnInvoice, shares_of
from invoicesync_cli.transform.payments import is_settled
from invoicesync_cli.transform.references import memo_of, reference_of
from invoicesync_cli.transform.verdicts import Skip
from tests.kits.keap_side import DAY, EVENING, ORDER, OTHER, payment
from tests.kits.ledger_side import BANK, booked, order, record, rules
from tests.kits.payment_verdicts import ON_ITS_DAY, credit, left, refund, reported, sent, verdicts

# --- what is applied, and in which order ----------------------------------------------------------


def test_order_of_application_is_by_local_date_then_id_and_refunds_come_last() -> None:
    """R10: local date, then id (as a number), credits among them, refunds after them."""
    early = EVENING - timedelta(days=1)
    morning_after = EVENING + timedelta(minutes=30)
    made = order(
        refund("1", "1", time=early),
        payment("2", "3", time=morning_after),
        payment("3", "10"),
        credit("4", "9"),
        payment("5", "11", time=early),
        payment("6", "12", time=EVENING - timedelta(hours=1)),
    )
    found = shares_of(made, ON_ITS_DAY)
    assert [share.payment.id for share in found] == ["11", "9", "10", "12", "3", "1"]
    assert [share.date.day for share in found] == [2, 3, 3, 3, 4, 2]
    assert [share.amount for share in found] == [5, 4, 3, 6, 2, 1]


def test_payment_of_nothing_or_of_another_order_is_no_share() -> None:
    """R10: only what belongs to the order."""
    split = payment("130", "3", allocations=((ORDER, Decimal(30)), (OTHER, Decimal(100))))
    made = order(payment("0", "1"), payment("5", "2", order_ids=(OTHER,)), split)
    (share,) = shares_of(made, ON_ITS_DAY)
    assert (share.payment.id, share.amount) == ("3", Decimal(30))


def test_hundred_is_twenty_five_and_seventy_five() -> None:
    """R10, the example: two payments, references their own."""
    made = order(payment("25", "1", reference=" ch_1 "), payment("75", "2"))
    drafts = [one.draft for one in verdicts(made)]
    assert [(draft.amount, draft.reference) for draft in drafts if draft] == [
        (Decimal("25.00"), "ch_1"),
        (Decimal("75.00"), "keap-2"),
    ]
    assert reference_of(payment("1", "9", reference="  "), ON_ITS_DAY.ledger) == "keap-9"


def test_payment_draft_says_everything() -> None:
    """R10: whose, when, how much, on which invoice, into which account; no note."""
    draft = sent(order(payment("100", "5", reference="ch_5")))
    assert (draft.kind, draft.key, draft.payment_id) == (DocumentKind.PAYMENT, "5:812", "5")
    assert (draft.order_id, draft.invoice_id, draft.invoice) == ("812", "811", "invoice-1")
    assert (draft.date, draft.amount, draft.currency) == (DAY, Decimal("100.00"), "GBP")
    assert (draft.reference, draft.account, draft.note) == ("ch_5", BANK, None)
    assert (draft.contact_id, draft.method, draft.memo) == ("contact-1", "Credit Card", "")
    assert str(sent(order(payment("99.9"))).amount) == "99.90"


@pytest.mark.parametrize(("length", "fits"), [(20, True), (21, True), (22, False)])
def test_reference_that_the_ledger_could_not_hold_goes_into_the_memo(
    length: int, fits: bool
) -> None:
    """R10: QuickBooks holds 21 characters: a longer id is a note, the reference our own."""
    given = "c" * length
    small = rules(reference_limit=21)
    made = payment("10", "5", reference=f" {given} ")
    draft = sent(order(made), small)
    assert (draft.reference, draft.memo) == ((given, "") if fits else ("keap-5", given))
    assert memo_of(made, ON_ITS_DAY.ledger) == ""
    ours = order(made, foreign=[OnInvoice(LedgerId("p-1"), "keap-5", Decimal(10))])
    assert reported(ours, small) == (["5 10.00"] if fits else ["5 duplicate-payment"])


# --- balance --------------------------------------------------------------------------------------


def test_too_much_is_left_out_with_both_figures() -> None:
    """R10: too much for the balance: `skip_overpayment` → `overpayment`, nothing sent."""
    assert left(order(payment("130"))) == Skip(
        DocumentState.SKIPPED,
        Reason.OVERPAYMENT,
        "It is 130.00 GBP, the invoice's balance is 100.00.",
        "Set payments.skip_overpayment = false to pay the balance, or book it by hand.",
    )


def test_balance_goes_down_by_what_is_sent_and_by_nothing_else() -> None:
    """R10: applied one after the other, credits among them; refunds and skipped ones apart."""
    made = order(
        payment("60", "1"),
        payment("50", "2"),
        credit("30", "3"),
        payment("10.01", "4"),
        payment("10", "5"),
        refund("60", "6", refund_of="1"),
        payment("0.01", "7"),
    )
    assert reported(made) == [
        "1 60.00",
        "2 overpayment",
        "3 30.00",
        "4 overpayment",
        "5 10.00",
        "7 overpayment",
        "6 60.00",
    ]


def test_balance_is_paid_and_the_rest_is_reported_where_that_is_wished() -> None:
    """R10: otherwise the balance is paid and the rest reported; of nothing left, nothing."""
    cut = rules({"payments.skip_overpayment": False})
    found = verdicts(order(payment("130", "1"), payment("5", "2")), cut)
    assert [one.draft and one.draft.amount for one in found] == [Decimal("100.00"), None]
    assert [one.unbooked for one in found] == [Decimal("30.00"), Decimal(0)]
    assert found[1].skip
    assert found[1].skip.message == "It is 5.00 GBP, the invoice's balance is 0.00."
    (exact,) = verdicts(order(payment("100")), cut)
    assert exact.draft
    assert (exact.draft.amount, exact.unbooked) == (Decimal("100.00"), Decimal(0))
    assert reported(order(payment("5"), standing=booked(due="-1.00")), cut) == ["1 overpayment"]
    (small,) = verdicts(order(payment("5"), standing=booked(due="0.50")), cut)
    assert small.draft
    assert (small.draft.amount, small.unbooked) == (Decimal("0.50"), Decimal("4.50"))


def test_credit_over_the_balance_follows_the_setting_too() -> None:
    """R11: over the balance it follows `skip_overpayment`; the note is of what is booked."""
    assert reported(order(credit("130"))) == ["1 overpayment"]
    (found,) = verdicts(order(credit("130")), rules({"payments.skip_overpayment": False}))
    assert found.draft
    assert found.draft.note
    assert found.draft.amount == found.draft.note.net == 100
    assert found.unbooked == 30


def test_refund_is_no_matter_of_the_balance() -> None:
    """R11: it is paid out whatever is still due."""
    assert reported(order(refund("500"), standing=booked(due="0.00"))) == ["2 500.00"]


# --- what is settled already ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "fields", "settled"),
    [
        (DocumentState.SENDING, {}, True),
        (DocumentState.SENDING, {"ledger_id": "p1"}, True),
        (DocumentState.CREATED, {"ledger_id": "p1"}, True),
        (DocumentState.CREATED, {}, True),
        (DocumentState.SKIPPED, {"reason": Reason.OVERPAYMENT}, True),
        (DocumentState.DISMISSED, {}, True),
        (DocumentState.SKIPPED, {"ledger_id": "n1"}, True),
        (DocumentState.DISMISSED, {"ledger_id": "n1"}, True),
        (DocumentState.HELD, {"reason": Reason.PERIOD_LOCKED}, False),
        (DocumentState.WAITING, {}, False),
        (DocumentState.FAILED, {}, False),
        (DocumentState.WAITING, {"ledger_id": "n1"}, False),
        (DocumentState.FAILED, {"ledger_id": "n1", "reason": Reason.REJECTED}, False),
        (DocumentState.HELD, {"ledger_id": "p1", "reason": Reason.TOTALS_DIFFER}, True),
        (DocumentState.HELD, {"ledger_id": "p1", "reason": Reason.CHANGED_AFTER_SYNC}, True),
        (DocumentState.HELD, {"ledger_id": "n1", "reason": Reason.PERIOD_LOCKED}, False),
        (DocumentState.HELD, {"reason": Reason.TOTALS_DIFFER}, False),
    ],
)
def test_each_payment_is_applied_once(
    state: DocumentState, fields: dict[str, Any], settled: bool
) -> None:
    """R10: what is in the ledger, or was ended, is not sent again; what is open is."""
    known = {"1": record(state, **fields)}
    made = order(payment("10"), known=known)
    assert is_settled(known["1"], made) is settled
    assert reported(made) == ([] if settled else ["1 10.00"])


def test_skip_for_want_of_an_invoice_ends_when_that_is_there() -> None:
    """R10: `invoice-not-synced` is judged again once the invoice is in the ledger."""
    known = {"1": record(DocumentState.SKIPPED, reason=Reason.INVOICE_NOT_SYNCED)}
    assert reported(order(payment("10"), known=known)) == ["1 10.00"]
    assert reported(order(payment("10"), known=known, booked=None)) == []
    other = {"1": record(DocumentState.SKIPPED, reason=Reason.OVERPAYMENT)}
    assert reported(order(payment("10"), known=other)) == []


@pytest.mark.parametrize("state", [DocumentState.SKIPPED, DocumentState.DISMISSED])
def test_what_was_named_is_judged_again(state: DocumentState) -> None:
    """The last table: a skipped one when it is named, a dismissed one by `sync-id`."""
    known = {"1": record(state, reason=Reason.OVERPAYMENT)}
    assert reported(order(payment("10"), known=known, again=frozenset({state}))) == ["1 10.00"]
    assert reported(order(payment("10"), known=known)) == []
    others = frozenset({DocumentState.SKIPPED, DocumentState.DISMISSED} - {state})
    assert reported(order(payment("10"), known=known, again=others)) == []
    there = {"1": record(state, ledger_id="n1")}
    assert reported(order(payment("10"), known=there, again=frozenset({state}))) == []


def test_one_that_is_settled_does_not_end_the_others() -> None:
    """R10: each on its own."""
    known = {"1": record()}
    assert reported(order(payment("10", "1"), payment("20", "2"), known=known)) == ["2 20.00"]


def test_share_of_a_payment_over_several_orders_has_a_key_of_its_own() -> None:
    """R10: split by Keap's allocations, each part applied once."""
    parts = ((ORDER, Decimal(30)), (OTHER, Decimal(100)))
    split = payment("130", "4", order_ids=(ORDER, OTHER), allocations=parts)
    draft = sent(order(split))
    assert (draft.key, draft.payment_id, draft.amount) == ("4:812", "4", Decimal("30.00"))
    assert reported(order(split, known={"4:812": record()})) == []
    assert reported(order(split, known={"4:900": record()})) == ["4 30.00"]


def test_payment_over_several_orders_whose_parts_are_unknown_is_left_alone() -> None:
    """R10: how much of it belongs here must not be guessed; the others go on."""
    whole = payment("130", "4", order_ids=(ORDER, OTHER))
    assert reported(order(whole, payment("10", "5"))) == ["5 10.00"]
