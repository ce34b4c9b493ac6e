"""Rules R10 and R11 as functions: what becomes of each payment, credit and refund of an order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.model import (
    ItemRouting,
    Kind,
    LedgerAccount,
    LedgerItem,
    MoneyDraft,
    Note,
    Payment,
    PaymentKind,
    State,
    StatedTax,
    TaxCode,
    TaxLine,
    TaxStyle,
)
from invoicesync_cli.transform.money import (
    Judged,
    Order,
    judge,
    shares_of,
    spoken_for,
)
from invoicesync_cli.transform.references import memo_of, reference_of
from invoicesync_cli.transform.rules import Rules
from invoicesync_cli.transform.which import LeftOut
from tests.books import (
    BANK,
    CASH,
    PARTED,
    ROUTING,
    SAVINGS,
    TAXED,
    UNMATCHED,
    booked,
    order,
    record,
    rules,
)
from tests.given import DAY, EVENING, ORDER, OTHER, payment

ON_ITS_DAY = rules()


def credit(amount: str, number: str = "1", **fields: Any) -> Payment:
    """A credit that Keap stores as a payment."""
    return payment(amount, number, **{"kind": PaymentKind.CREDIT, "type": "Credit", **fields})


def refund(amount: str, number: str = "2", **fields: Any) -> Payment:
    """Money given back."""
    return payment(amount, number, **{"kind": PaymentKind.REFUND, "type": "Refund", **fields})


def verdicts(made: Order, by: Rules = ON_ITS_DAY) -> list[Judged]:
    """The verdicts, each of which is either a draft or a ground."""
    found = judge(made, by)
    assert all((one.draft is None) != (one.out is None) for one in found)
    return found


def sent(made: Order, by: Rules = ON_ITS_DAY) -> MoneyDraft:
    """The only draft."""
    (found,) = verdicts(made, by)
    assert found.draft, found.out
    return found.draft


def left(made: Order, by: Rules = ON_ITS_DAY) -> LeftOut:
    """The only ground; nothing is sent."""
    (found,) = verdicts(made, by)
    assert found.out
    assert found.rest == 0
    return found.out


def told(made: Order, by: Rules = ON_ITS_DAY) -> list[str]:
    """Each verdict: id and amount, or id and reason."""
    return [
        f"{one.share.payment.id} {one.draft.amount if one.draft else one.out and one.out.reason}"
        for one in verdicts(made, by)
    ]


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
    assert reference_of(payment("1", "9", reference="  "), ON_ITS_DAY.booking) == "keap-9"


def test_payment_draft_says_everything() -> None:
    """R10: whose, when, how much, on which invoice, into which account; no note."""
    draft = sent(order(payment("100", "5", reference="ch_5")))
    assert (draft.kind, draft.key, draft.payment_id) == (Kind.PAYMENT, "5", "5")
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
    assert memo_of(made, ON_ITS_DAY.booking) == ""
    ours = order(made, foreign={"keap-5"})
    assert told(ours, small) == (["5 10.00"] if fits else ["5 duplicate-payment"])


# --- balance --------------------------------------------------------------------------------------


def test_too_much_is_left_out_with_both_figures() -> None:
    """R10: too much for the balance: `skip_overpayment` → `overpayment`, nothing sent."""
    assert left(order(payment("130"))) == LeftOut(
        State.SKIPPED,
        "overpayment",
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
    assert told(made) == [
        "1 60.00",
        "2 overpayment",
        "3 30.00",
        "4 overpayment",
        "5 10.00",
        "7 overpayment",
        "6 60.00",
    ]


def test_balance_is_paid_and_the_rest_is_told_where_that_is_wished() -> None:
    """R10: otherwise the balance is paid and the rest reported; of nothing left, nothing."""
    cut = rules({"payments.skip_overpayment": False})
    found = verdicts(order(payment("130", "1"), payment("5", "2")), cut)
    assert [one.draft and one.draft.amount for one in found] == [Decimal("100.00"), None]
    assert [one.rest for one in found] == [Decimal("30.00"), Decimal(0)]
    assert found[1].out
    assert found[1].out.message == "It is 5.00 GBP, the invoice's balance is 0.00."
    (exact,) = verdicts(order(payment("100")), cut)
    assert exact.draft
    assert (exact.draft.amount, exact.rest) == (Decimal("100.00"), Decimal(0))
    assert told(order(payment("5"), standing=booked(due="-1.00")), cut) == ["1 overpayment"]
    (small,) = verdicts(order(payment("5"), standing=booked(due="0.50")), cut)
    assert small.draft
    assert (small.draft.amount, small.rest) == (Decimal("0.50"), Decimal("4.50"))


def test_credit_over_the_balance_follows_the_setting_too() -> None:
    """R11: over the balance it follows `skip_overpayment`; the note is of what is booked."""
    assert told(order(credit("130"))) == ["1 overpayment"]
    (found,) = verdicts(order(credit("130")), rules({"payments.skip_overpayment": False}))
    assert found.draft
    assert found.draft.note
    assert found.draft.amount == found.draft.note.net == 100
    assert found.rest == 30


def test_refund_is_no_matter_of_the_balance() -> None:
    """R11: it is paid out whatever is still due."""
    assert told(order(refund("500"), standing=booked(due="0.00"))) == ["2 500.00"]


# --- what is settled already ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "fields", "settled"),
    [
        (State.SENDING, {}, True),
        (State.SENDING, {"ledger_id": "p1"}, True),
        (State.CREATED, {"ledger_id": "p1"}, True),
        (State.CREATED, {}, True),
        (State.SKIPPED, {"reason": "overpayment"}, True),
        (State.DISMISSED, {}, True),
        (State.SKIPPED, {"ledger_id": "n1"}, True),
        (State.DISMISSED, {"ledger_id": "n1"}, True),
        (State.HELD, {"reason": "period-locked"}, False),
        (State.WAITING, {}, False),
        (State.FAILED, {}, False),
        (State.WAITING, {"ledger_id": "n1"}, False),
        (State.FAILED, {"ledger_id": "n1", "reason": "rejected"}, False),
        (State.HELD, {"ledger_id": "p1", "reason": "totals-differ"}, True),
        (State.HELD, {"ledger_id": "p1", "reason": "changed-after-sync"}, True),
        (State.HELD, {"ledger_id": "n1", "reason": "period-locked"}, False),
        (State.HELD, {"reason": "totals-differ"}, False),
    ],
)
def test_each_payment_is_applied_once(state: State, fields: dict[str, Any], settled: bool) -> None:
    """R10: what is in the ledger, or was ended, is not sent again; what is open is."""
    known = {"1": record(state, **fields)}
    made = order(payment("10"), known=known)
    assert spoken_for(known["1"], made) is settled
    assert told(made) == ([] if settled else ["1 10.00"])


def test_skip_for_want_of_an_invoice_ends_when_that_is_there() -> None:
    """R10: `invoice-not-synced` is judged again once the invoice is in the ledger."""
    known = {"1": record(State.SKIPPED, reason="invoice-not-synced")}
    assert told(order(payment("10"), known=known)) == ["1 10.00"]
    assert told(order(payment("10"), known=known, booked=None)) == []
    other = {"1": record(State.SKIPPED, reason="overpayment")}
    assert told(order(payment("10"), known=other)) == []


@pytest.mark.parametrize("state", [State.SKIPPED, State.DISMISSED])
def test_what_was_named_is_judged_again(state: State) -> None:
    """The last table: a skipped one when it is named, a dismissed one by `sync-id`."""
    known = {"1": record(state, reason="overpayment")}
    assert told(order(payment("10"), known=known, again=frozenset({state}))) == ["1 10.00"]
    assert told(order(payment("10"), known=known)) == []
    others = frozenset({State.SKIPPED, State.DISMISSED} - {state})
    assert told(order(payment("10"), known=known, again=others)) == []
    there = {"1": record(state, ledger_id="n1")}
    assert told(order(payment("10"), known=there, again=frozenset({state}))) == []


def test_one_that_is_settled_does_not_end_the_others() -> None:
    """R10: each on its own."""
    known = {"1": record()}
    assert told(order(payment("10", "1"), payment("20", "2"), known=known)) == ["2 20.00"]


def test_share_of_a_payment_over_several_orders_has_a_key_of_its_own() -> None:
    """R10: split by Keap's allocations, each part applied once."""
    parts = ((ORDER, Decimal(30)), (OTHER, Decimal(100)))
    split = payment("130", "4", order_ids=(ORDER, OTHER), allocations=parts)
    draft = sent(order(split))
    assert (draft.key, draft.payment_id, draft.amount) == ("4:812", "4", Decimal("30.00"))
    assert told(order(split, known={"4:812": record()})) == []
    assert told(order(split, known={"4": record()})) == ["4 30.00"]


def test_payment_over_several_orders_whose_parts_are_unknown_is_left_alone() -> None:
    """R10: how much of it belongs here must not be guessed; the others go on."""
    whole = payment("130", "4", order_ids=(ORDER, OTHER))
    assert told(order(whole, payment("10", "5"))) == ["5 10.00"]


# --- grounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("note", "shown"), [("", "."), ("Card expired.", ": Card expired.")])
def test_failed_charge_is_told_in_the_gateways_words(note: str, shown: str) -> None:
    """R8, S82: the failed attempt is reported as `payment-failed`."""
    failed = payment("10", kind=PaymentKind.FAILED, note=note)
    message = f"The charge failed or was voided{shown}"
    assert left(order(failed)) == LeftOut(State.SKIPPED, "payment-failed", message)


def test_pending_payment_waits() -> None:
    """R10: a pending one is `waiting` with `payment-pending`."""
    pending = payment("10", kind=PaymentKind.PENDING)
    message = "The payment is still pending in Keap."
    assert left(order(pending)) == LeftOut(State.WAITING, "payment-pending", message)


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
    assert left(order(made), skipping) == LeftOut(State.SKIPPED, "setting", message)
    assert sent(order(made), rules({f"payments.{other}": "skip"})).amount == 10
    both = rules({"payments.credits": "skip", "payments.refunds": "skip"})
    assert sent(order(payment("10")), both).amount == 10


@pytest.mark.parametrize("state", [state for state in State if state.open])
def test_money_waits_for_an_invoice_that_is_still_to_be_sent(state: State) -> None:
    """R10: `waiting`, `invoice-not-synced`: its invoice is itself waiting, held or failed."""
    hint = "It goes through by itself after its invoice."
    for reason, shown in (("contact-missing", "contact-missing"), ("", "not sent yet")):
        invoice = record(state, Kind.INVOICE, reason=reason)
        message = f"Its invoice is {state} ({shown})."
        assert left(order(payment("10"), invoice=invoice, booked=None)) == LeftOut(
            State.WAITING, "invoice-not-synced", message, hint
        )


def test_money_of_an_invoice_that_will_not_be_sent_is_skipped() -> None:
    """R10: a payment whose invoice will not be sent: `invoice-not-synced`."""
    skipped = record(State.SKIPPED, Kind.INVOICE, reason="zero-total")
    expected = {
        "Its invoice is not sent (zero-total).": skipped,
        "Its invoice is not sent (it lies before sync.start, or is not reached yet).": None,
    }
    for message, invoice in expected.items():
        assert left(order(payment("10"), invoice=invoice, booked=None)) == LeftOut(
            State.SKIPPED, "invoice-not-synced", message
        )


def test_money_waits_for_the_invoices_approval() -> None:
    """R10: money goes to authorised invoices only; for others it waits."""
    assert left(order(payment("10"), standing=booked(approved=False))) == LeftOut(
        State.WAITING,
        "invoice-not-approved",
        "The invoice is not approved in the ledger yet.",
        "It goes through by itself once the invoice is approved.",
    )


@pytest.mark.parametrize(("lock", "held"), [(2, False), (3, True), (4, True)])
def test_money_in_a_locked_period_is_held(lock: int, held: bool) -> None:
    """R13: dated on or before the lock date: `period-locked` without being sent."""
    locked = rules(lock_date=date(2026, 11, lock))
    if not held:
        assert told(order(payment("10")), locked) == ["1 10.00"]
        return
    assert left(order(payment("10")), locked) == LeftOut(
        State.HELD,
        "period-locked",
        f"It is dated 2026-11-03, the ledger is locked up to 2026-11-0{lock}.",
        "Move the lock date in the ledger, or enter this document by hand and dismiss it.",
    )
    assert told(order(credit("10")), locked) == ["1 period-locked"]
    assert told(order(refund("10")), locked) == ["2 period-locked"]


def test_reference_that_is_on_the_invoice_already_is_not_paid_again() -> None:
    """R10: not sent by this tool → `duplicate-payment`, nothing sent. Credits have none."""
    typed_in = {"ch_1", "keap-2"}
    paid = payment("10", "1", reference="ch_1")
    message = "A payment with the reference ch_1 is on the invoice already."
    assert left(order(paid, foreign=typed_in)) == LeftOut(
        State.SKIPPED, "duplicate-payment", message
    )
    others = (payment("10", "2"), payment("10", "3"), credit("10", "4", reference="ch_1"))
    assert told(order(*others, refund("5", "5", reference="ch_1"), foreign=typed_in)) == [
        "2 duplicate-payment",
        "3 10.00",
        "4 10.00",
        "5 5.00",
    ]


def test_first_ground_counts() -> None:
    """R10: the payment itself, its invoice, approval, what it gives back, the lock date."""
    locked = rules({"payments.refunds": "skip"}, lock_date=DAY)
    open_lock = rules(lock_date=DAY)
    draft = booked(approved=False)
    given_back = refund("10", refund_of="1")
    assert told(order(given_back, booked=None), locked) == ["2 setting"]
    assert told(order(given_back, booked=None, invoice=None), open_lock) == ["2 invoice-not-synced"]
    assert told(order(given_back, standing=draft), open_lock) == ["2 invoice-not-approved"]
    assert told(order(given_back), open_lock) == ["2 payment-not-synced"]
    assert told(order(payment("130")), open_lock) == ["1 period-locked"]


# --- refunds and what they give back --------------------------------------------------------------


@pytest.mark.parametrize("key", ["1", "1:812"])
def test_refund_of_a_payment_that_is_in_the_ledger_is_sent(key: str) -> None:
    """R11: of a payment that was sent, whole or this order's part of it."""
    given_back = refund("10", refund_of="1")
    assert told(order(given_back, known={key: record()})) == ["2 10.00"]
    assert told(order(given_back, known={key: record(State.SKIPPED)})) == ["2 payment-not-synced"]
    assert told(order(given_back, known={key: record(State.HELD)})) == ["2 payment-pending"]
    assert told(order(given_back, known={"1:900": record()})) == ["2 payment-not-synced"]


def test_refund_follows_what_becomes_of_its_payment_in_this_run() -> None:
    """R11: sent after it, waiting with it, or nothing where it was never sent."""
    given_back = refund("10", refund_of="1")
    assert told(order(payment("10"), given_back)) == ["1 10.00", "2 10.00"]
    waits = payment("10", kind=PaymentKind.PENDING)
    assert told(order(waits, given_back)) == ["1 payment-pending", "2 payment-pending"]
    fails = payment("10", kind=PaymentKind.FAILED)
    assert told(order(fails, given_back)) == ["1 payment-failed", "2 payment-not-synced"]
    # What becomes of it now counts more than what became of it before.
    known = {"1": record(State.WAITING)}
    assert told(order(payment("10"), given_back, known=known)) == ["1 10.00", "2 10.00"]


def test_refund_that_waits_or_is_left_out_says_why() -> None:
    """R11: `payment-pending` of one still waiting, `payment-not-synced` of one never sent."""
    given_back = refund("10", refund_of="1")
    assert left(order(given_back, known={"1": record(State.FAILED)})) == LeftOut(
        State.WAITING, "payment-pending", "The payment that it gives back is not sent yet."
    )
    assert left(order(given_back)) == LeftOut(
        State.SKIPPED, "payment-not-synced", "The payment that it gives back was never sent."
    )


def test_refund_without_a_link_is_sent() -> None:
    """R11: no link: the amount is given back all the same."""
    assert told(order(refund("10"))) == ["2 10.00"]


def test_link_on_what_is_no_refund_means_nothing() -> None:
    """R11: only a refund gives something back."""
    assert told(order(payment("10", refund_of="9"))) == ["1 10.00"]


# --- accounts -------------------------------------------------------------------------------------

BY_NAME = {" stripe ": "091", "CASH": "id-092"}


@pytest.mark.parametrize(
    ("paid_by", "merchant", "account"),
    [
        ("Cash", "", CASH),
        (" cash ", "m1", CASH),
        ("Credit Card", "m1", SAVINGS),
        ("Credit Card", "m2", BANK),
        ("Credit Card", "", BANK),
        ("", "", BANK),
    ],
)
def test_account_is_by_type_then_merchant_then_the_default(
    paid_by: str, merchant: str, account: LedgerAccount
) -> None:
    """R10: `payments.accounts` by type, then by merchant name, else `payments.account`."""
    merchants = {"m1": "Stripe", "m2": "Square"}
    by = rules({"payments.accounts": BY_NAME}, merchants=merchants)
    made = payment("10", type=paid_by, merchant_account_id=merchant)
    assert sent(order(made), by).account == account


def test_account_is_a_code_or_an_id_that_takes_money() -> None:
    """R10: a sales account is none."""
    assert ON_ITS_DAY.payable("090") == ON_ITS_DAY.payable("id-090") == BANK
    assert ON_ITS_DAY.payable("200") is None
    assert ON_ITS_DAY.payable("999") is None


@pytest.mark.parametrize(
    ("account", "deposit", "expected"),
    [("090", "091", BANK), ("", "091", SAVINGS), ("", "999", None)],
)
def test_account_of_none_is_where_the_ledger_deposits(
    account: str, deposit: str, expected: LedgerAccount | None
) -> None:
    """R10: `payments.account`, else the ledger's own account for money that is not deposited."""
    by = rules({"payments.account": account}, deposit=deposit)
    assert sent(order(payment("10")), by).account == expected


def test_refund_goes_out_of_the_account_that_the_payment_went_to() -> None:
    """R11: as recorded; else as its payment would go; no link: `payments.account`."""
    by = rules({"payments.accounts": BY_NAME}, merchants={"m1": "Stripe"})
    paid = payment("10", "1", type="Cash")
    given_back = refund("10", refund_of="1", type="Credit Card", merchant_account_id="m1")
    for key in ("1", "1:812"):
        known = {key: record(account="091")}
        assert sent(order(given_back, known=known), by).account == SAVINGS
    both = {"1": record(account="id-090"), "1:812": record(account="091")}
    assert sent(order(given_back, known=both), by).account == BANK
    half = {"1": record(account=""), "1:812": record(account="091")}
    assert sent(order(given_back, known=half), by).account == SAVINGS
    assert sent(order(paid, given_back, known={"1": record()}), by).account == CASH
    assert sent(order(given_back, known={"1": record()}), by).account == SAVINGS
    assert sent(order(refund("10", type="Refund")), by).account == BANK


# --- notes ----------------------------------------------------------------------------------------


def test_credit_is_a_note_on_the_discount_account() -> None:
    """R11: an authorised credit note, taxed in the invoice's proportion, no bank money."""
    draft = sent(order(credit("30", "5"), standing=booked(total="120.00", tax="20.00")))
    assert (draft.kind, draft.amount, draft.account) == (Kind.CREDIT, Decimal("30.00"), None)
    assert draft.note == Note(
        number="CR-5",
        contact_id=booked().contact_id,
        account="460",
        tax_code="TAXED",
        net=Decimal("25.00"),
        tax=Decimal("5.00"),
        description="Credit, Keap order 812",
    )


def test_refund_is_a_note_on_the_sales_account() -> None:
    """R11: `number_prefix` + `RF-<payment id>`, on `account`, untaxed like its invoice."""
    by = rules({"invoices.number_prefix": "WW-"})
    draft = sent(order(refund("30", "6")), by)
    assert (draft.kind, draft.amount, draft.account) == (Kind.REFUND, Decimal("30.00"), BANK)
    assert draft.note == Note(
        number="WW-RF-6",
        contact_id=booked().contact_id,
        account="200",
        tax_code="ZERO",
        net=Decimal("30.00"),
        tax=Decimal("0.00"),
        description="Refund, Keap order 812",
    )


@pytest.mark.parametrize(
    ("made", "number", "called"),
    [
        (credit("30", "5", type=""), "WW-CR-5", "Credit"),
        (refund("30", "5", type=""), "WW-RF-5", "Refund"),
        (
            credit("30", "5", kind=PaymentKind.ADJUSTMENT, type="Adjustment"),
            "WW-CR-5",
            "Adjustment",
        ),
    ],
)
def test_note_is_called_by_its_type(made: Payment, number: str, called: str) -> None:
    """R11: numbered by the payment's id; named as in Keap."""
    note = sent(order(made), rules({"invoices.number_prefix": "WW-"})).note
    assert note
    assert (note.number, note.description) == (number, f"{called}, Keap order 812")


def test_note_for_one_of_several_orders_has_the_order_in_its_number() -> None:
    """R11: `CR-<payment id>-<order id>` when it is on several orders."""
    parts = ((ORDER, Decimal(30)), (OTHER, Decimal(10)))
    made = credit("40", "5", order_ids=(ORDER, OTHER), allocations=parts)
    note = sent(order(made)).note
    assert note
    assert (note.number, note.net) == ("CR-5-812", Decimal("30.00"))


@pytest.mark.parametrize(
    ("amount", "total", "tax", "expected"),
    [
        ("100.00", "120.00", "20.00", "16.67"),
        ("0.03", "120.00", "20.00", "0.01"),
        ("0.02", "120.00", "20.00", "0.00"),
        ("100.00", "108.25", "8.25", "7.62"),
        ("5.00", "0.00", "0.00", "0.00"),
        ("1.00", "0.50", "0.01", "0.02"),
    ],
)
def test_note_is_taxed_in_the_invoices_proportion(
    amount: str, total: str, tax: str, expected: str
) -> None:
    """R11: rounded half up; net and tax make the amount; without tax the zero-tax code."""
    note = sent(order(refund(amount), standing=booked(total=total, tax=tax))).note
    assert note
    assert (note.tax, note.net) == (Decimal(expected), Decimal(amount) - Decimal(expected))
    assert note.tax_code == ("TAXED" if Decimal(expected) else "ZERO")
    assert str(note.tax) == expected


def test_note_without_a_number_that_fits_is_rejected_and_the_balance_stays() -> None:
    """R1: nothing is ever truncated; QuickBooks holds 21 characters."""
    prefix, made = "W" * 15, credit("30", "333")
    fits = rules({"invoices.number_prefix": prefix}, number_limit=21)
    long = rules({"invoices.number_prefix": prefix + "W"}, number_limit=21)
    assert told(order(made, payment("100", "334")), fits) == ["333 30.00", "334 overpayment"]
    assert left(order(made), long) == LeftOut(
        State.FAILED,
        "rejected",
        f"Its number {prefix}WCR-333 is longer than the ledger's 21 characters.",
        "Use a shorter invoices.number_prefix.",
    )
    assert told(order(made, payment("100", "334")), long) == ["333 rejected", "334 100.00"]


SALES = LedgerItem("", "Sales", "210", "21")
OFF = LedgerItem("", "Discounts", "460", "22")


@pytest.mark.parametrize(
    ("routing", "for_credit", "for_refund"),
    [
        (ROUTING, ("200", "99"), ("200", "99")),
        (replace(ROUTING, default=SALES), ("200", "99"), ("210", "21")),
        (replace(ROUTING, discount=OFF), ("460", "22"), ("200", "99")),
        (replace(ROUTING, unmatched=replace(UNMATCHED, id="")), ("200", "(to be made)"), None),
    ],
)
def test_note_of_a_ledger_with_items(
    routing: ItemRouting, for_credit: tuple[str, str], for_refund: tuple[str, str] | None
) -> None:
    """R11: a credit with `discount_item`, a refund with `default_item`, else `unmatched_item`."""
    by = rules(items=routing)
    for made, expected in ((credit("30"), for_credit), (refund("30"), for_refund or for_credit)):
        note = sent(order(made), by).note
        assert note
        assert (note.account, note.item_code) == expected


def test_note_of_a_ledger_without_items_has_none() -> None:
    """R11, Xero: accounts only."""
    note = sent(order(credit("30"))).note
    assert note
    assert (note.item_code, note.stated_tax) == ("", None)


@pytest.mark.parametrize(
    ("style", "code", "stated"),
    [
        (TaxStyle.LINE, TAXED, None),
        (TaxStyle.TOTAL, TAXED, StatedTax(Decimal("5.00"))),
        # QuickBooks comes to 20 % of 25.00 by itself.
        (TaxStyle.RATE, TAXED, None),
        (
            TaxStyle.RATE,
            PARTED,
            StatedTax(
                Decimal("5.00"),
                (
                    TaxLine(PARTED.parts[0], Decimal("25.00"), Decimal("1.67")),
                    TaxLine(PARTED.parts[1], Decimal("25.00"), Decimal("3.33")),
                ),
            ),
        ),
    ],
)
def test_tax_of_a_note_is_stated_where_the_ledger_would_come_to_another(
    style: TaxStyle, code: TaxCode, stated: StatedTax | None
) -> None:
    """R11: taxed in the invoice's proportion, whatever the ledger's own sum."""
    by = rules(tax_style=style, taxable=code)
    note = sent(order(credit("30"), standing=booked(total="120", tax="20")), by).note
    assert note
    assert (note.tax, note.net, note.stated_tax) == (Decimal("5.00"), Decimal("25.00"), stated)
    untaxed = sent(order(credit("30")), by).note
    assert untaxed
    assert untaxed.stated_tax is None
