"""Credits and refunds in Xero: notes that are allocated or paid out, never money."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.keap import KeapSwitches
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_money import CANDLE, TAXED, balance, bank, money, rehearse, reported


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


@pytest.mark.parametrize("type_", ["Credit", "Adjustment"])
def test_a_credit_is_an_allocated_credit_note_never_money(r: Rehearsal, type_: str) -> None:
    order = r.order(*TAXED)
    made = r.keap.add_payment(order_id=order, amount="30.00", type=type_)

    (document,) = money(r.sync())

    assert (document.kind, document.number) == (DocumentKind.CREDIT, f"CR-{made.id}")
    (note,) = r.xero.credit_notes.values()
    assert (note.total, note.total_tax) == (Decimal("30.00"), Decimal("5.00"))
    assert note.lines[0].account_code == "460"
    assert note.remaining_credit == 0
    assert r.booked(order)["AmountDue"] == 90
    assert bank(r) == 0
    assert money(r.sync()) == []


REFUND_SWITCHES = [
    {},
    {"refund_sign": "positive"},
    {"refund_link": "on_refund"},
    {"refund_type": "as_paid"},
    {"refund_type": "as_paid", "refund_sign": "positive"},
    {"refund_type": "as_paid", "refund_sign": "positive", "refund_link": "on_refund"},
    {"refund_allocation_link": "on_original"},
    {"total_paid_net_of_refunds": True},
    {"payment_touches_order": True},
]


@pytest.mark.parametrize("switches", REFUND_SWITCHES)
def test_refunds_are_notes_paid_out_whatever_keap_shows(
    tmp_path: Path, switches: dict[str, Any]
) -> None:
    r = rehearse(tmp_path, **{"payments.accounts": {"Stripe": "091"}})
    r.keap.switches = KeapSwitches(**switches)
    order = r.order(*TAXED)
    paid = r.keap.add_payment(order_id=order, amount="120.00")
    r.sync()
    r.ticker.pass_time(86400)
    first = r.keap.add_refund(paid.id, "30.00")
    r.sync()
    r.ticker.pass_time(86400)
    r.keap.add_refund(paid.id, "90.00")

    last = r.sync()

    assert reported(last) == [("created", "", "90.00")]
    assert bank(r) == 0
    assert balance(r) == 0
    notes = {note.number: note for note in r.xero.credit_notes.values()}
    assert notes[f"RF-{first.id}"].total_tax == Decimal("5.00")
    assert notes[f"RF-{first.id}"].lines[0].account_code == "200"
    assert {note.remaining_credit for note in notes.values()} == {Decimal(0)}
    assert money(last)[0].account == "091"
    assert money(r.sync()) == []


def test_the_refund_of_a_payment_that_was_not_sent_is_reported(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="130.00")
    r.keap.add_refund(paid.id, "130.00")

    assert reported(r.sync()) == [
        ("skipped", "overpayment", "130.00"),
        ("skipped", "payment-not-synced", "130.00"),
    ]
    assert bank(r) == 0


def test_credits_and_refunds_can_be_left_out(tmp_path: Path) -> None:
    r = rehearse(tmp_path, **{"payments.credits": "skip", "payments.refunds": "skip"})
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="10.00", type="Credit")
    paid = r.keap.add_payment(order_id=order, amount="90.00")
    r.keap.add_refund(paid.id, "90.00")

    assert reported(r.sync()) == [
        ("skipped", "setting", "10.00"),
        ("created", "", "90.00"),
        ("skipped", "setting", "90.00"),
    ]


def test_the_ledger_agrees_with_keap_over_every_kind_of_money(r: Rehearsal) -> None:
    received = Decimal(0)
    for refund, credit in (("0", "20.00"), ("40.00", "0"), ("120.00", "0"), ("0", "0")):
        order = r.order(*TAXED)
        amount = Decimal("120.00") - Decimal(credit)
        paid = r.keap.add_payment(order_id=order, amount=str(amount))
        if credit != "0":
            r.keap.add_payment(order_id=order, amount=credit, type="Credit")
        if refund != "0":
            r.keap.add_refund(paid.id, refund)
        received += amount - Decimal(refund)
    owing = r.order(*TAXED)
    r.keap.add_payment(order_id=owing, amount="50.00")
    received += 50

    r.sync()

    assert bank(r) == received
    assert balance(r) == 70
    before = len(r.xero.writes())
    r.sync()
    assert len(r.xero.writes()) == before


def test_a_write_off_of_the_rest_settles_the_invoice_without_money(r: Rehearsal) -> None:
    order = r.order(*TAXED)
    paid = r.keap.add_payment(order_id=order, amount="50.00")
    r.sync()
    r.ticker.pass_time(86400)
    r.keap.add_refund(paid.id, "20.00")
    r.keap.add_payment(order_id=order, amount="70.00", type="Adjustment", note="written off")

    r.sync()

    assert r.booked(order)["AmountDue"] == 0
    assert balance(r) == 0
    assert bank(r) == 30
    assert money(r.sync()) == []
