"""Payments and credits whose answers are lost: Xero refuses no payment for being there already."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import (
    CutOff,
    Trouble,
    altered,
    attempt,
    between,
    check_booked,
    documents,
    failure,
    lose,
    sent,
)
from tests.kits.rehearsal import Rehearsal

WITHIN, LATER = 200, 600


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """A ledger that would take a credit note's number twice, which nobody knows."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    rehearsal.xero.switches = XeroSwitches(credit_note_number_unique=False)
    return rehearsal


def paid(rehearsal: Rehearsal, *amounts: str, kind: str = "Credit Card", **more: Any) -> str:
    """An order of 100.00 with these payments."""
    order = rehearsal.order()
    for amount in amounts:
        rehearsal.keap.add_payment(order_id=order, amount=amount, type=kind, **more)
    return order


@pytest.mark.parametrize("seconds", [WITHIN, LATER])
@pytest.mark.parametrize("kind", ["lose", "drop"])
def test_equal_part_payments_whose_answer_was_lost(
    shop: Rehearsal, seconds: int, kind: Literal["lose", "drop"]
) -> None:
    paid(shop, "25.00", "25.00", "50.00")
    lose(shop, "/Payments", kind)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("seconds", [WITHIN, LATER])
def test_payments_of_one_reference_are_told_apart(shop: Rehearsal, seconds: int) -> None:
    """Two cheques on one slip: same reference, same amount, same invoice."""
    paid(shop, "30.00", "30.00", external_transaction_id="slip 7")
    lose(shop, "/Payments")
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)
    with shop.state() as state:
        ids = [
            row.document.ledger_id
            for row in state.records_in(DocumentKind.PAYMENT, DocumentState.CREATED)
        ]
    assert len(set(ids)) == 2


def test_second_of_two_alike_that_is_refused_is_not_taken_for_the_first(shop: Rehearsal) -> None:
    order = paid(shop, "30.00", "30.00", external_transaction_id="slip 7")

    def refuse(body: Any) -> None:
        second = body["Payments"][1]
        shop.xero.delete_payment(second["PaymentID"])
        second["ValidationErrors"] = [{"Message": "Not this one."}]

    altered(shop, refuse, method="PUT", path="/Payments")
    result = shop.sync()
    states = sorted(item.state for item in result.documents if item.kind is DocumentKind.PAYMENT)
    assert states == [DocumentState.CREATED, DocumentState.FAILED]
    assert len(sent(shop)[order]) == 1


def test_payment_is_not_sent_anew_while_xero_may_be_at_work_on_it(shop: Rehearsal) -> None:
    """A gateway gives up, again and again, on a request that Xero is still working on. Only when
    that must be over, a look at the invoice can tell that the payment was never made."""
    paid(shop, "25.00")
    sent_at: list[datetime] = []

    def gave_up() -> Response:
        sent_at.append(shop.clock.now())
        return Response("", 504)

    place = between(shop)["xero"]
    place.planned = [Trouble(method="PUT", path="/Payments", times=99, answer=gave_up)]
    failure(shop)
    shop.ticker.pass_time(30)

    failure(shop)

    between_two = [later - one for one, later in pairwise(sent_at)]
    assert len(between_two) >= 2
    assert min(between_two) >= timedelta(seconds=120)
    place.planned = []
    shop.ticker.pass_time(LATER)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("path", ["/CreditNotes", "/Allocations"])
@pytest.mark.parametrize("seconds", [WITHIN, LATER])
@pytest.mark.parametrize("prefix", ["", "INV/", "A #1? ", "100% "])
def test_credit_whose_answer_was_lost(
    shop: Rehearsal, path: str, seconds: int, prefix: str
) -> None:
    """Whatever signs stand in its number, which is looked up."""
    shop.configure({"invoices.number_prefix": prefix})
    paid(shop, "30.00", kind="Credit")
    lose(shop, path)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)


@pytest.mark.parametrize("path", ["/CreditNotes", "/Allocations"])
@pytest.mark.parametrize("second", ["", "/Allocations"])
def test_numbering_changed_while_a_credit_is_on_its_way(
    shop: Rehearsal, path: str, second: str
) -> None:
    paid(shop, "30.00", kind="Credit")
    lose(shop, path)
    for prefix in ("K-", "L-"):
        shop.ticker.pass_time(LATER)
        shop.configure({"invoices.number_prefix": prefix})
        if second:
            shop.xero.faults.append(CutOff(kind="lose", method="PUT", path=second))
            attempt(shop)
            shop.xero.faults.clear()
    shop.ticker.pass_time(LATER)
    shop.sync()
    check_booked(shop)
    assert [note.number for note in shop.xero.credit_notes.values()] == ["CR-1"]


@pytest.mark.parametrize(
    "answer", ['{"Allocations": []}', '{"Allocations": [{}]}', '{"Allocations": null}']
)
def test_allocation_without_a_word_is_looked_up(shop: Rehearsal, answer: str) -> None:
    paid(shop, "30.00", kind="Credit")
    place = between(shop)["xero"]
    place.planned = [
        Trouble("before", method="PUT", path="/Allocations", answer=lambda: Response(answer))
    ]
    attempt(shop)
    shop.ticker.pass_time(LATER)
    shop.sync()
    check_booked(shop)


def test_refused_allocation_is_tried_again_when_it_is_asked_for(shop: Rehearsal) -> None:
    order = paid(shop, "30.00", kind="Credit")
    shop.xero.fail(
        kind="reply", method="PUT", path="/Allocations", status=400, body='{"Message": "no"}'
    )
    assert documents(shop.sync())[order] == ("failed", "rejected")
    before = len(shop.xero.writes())
    shop.sync()
    assert len(shop.xero.writes()) == before

    shop.sync(command="retry", ids=(order,), by="order")

    check_booked(shop)


def test_refused_payment_is_tried_again_when_it_is_asked_for(shop: Rehearsal) -> None:
    order = paid(shop, "30.00")
    shop.xero.fail(
        kind="reply", method="PUT", path="/Payments", status=400, body='{"Message": "no"}'
    )
    assert documents(shop.sync())[order] == ("failed", "rejected")
    shop.sync(command="retry", ids=(order,), by="order")
    check_booked(shop)


def test_refused_payment_that_was_then_entered_by_hand_is_not_ours(shop: Rehearsal) -> None:
    order = paid(shop, "30.00")
    shop.xero.fail(
        kind="reply", method="PUT", path="/Payments", status=400, body='{"Message": "no"}'
    )
    assert documents(shop.sync())[order] == ("failed", "rejected")
    shop.xero.pay(sent(shop)[order][0].id, "30.00", reference="txn_1")

    result = shop.sync(command="retry", ids=(order,), by="order")

    (payment,) = [item for item in result.documents if item.kind is DocumentKind.PAYMENT]
    assert (payment.state, payment.reason) == (DocumentState.SKIPPED, "duplicate-payment")


@pytest.mark.parametrize("path", ["/Contacts", "/Invoices"])
@pytest.mark.parametrize("seconds", [WITHIN, LATER])
def test_money_follows_an_invoice_that_was_found_again(
    shop: Rehearsal, path: str, seconds: int
) -> None:
    paid(shop, "25.00", "75.00")
    paid(shop, "30.00", kind="Credit")
    lose(shop, path)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)
    assert sum(row.amount_due for (row,) in sent(shop).values()) == Decimal("70.00")


def test_payment_entered_by_hand_on_an_invoice_that_was_found_again(shop: Rehearsal) -> None:
    """While our answer was lost, somebody paid the invoice in Xero, under the same reference."""
    order = paid(shop, "25.00")
    lose(shop, "/Invoices")
    shop.xero.pay(sent(shop)[order][0].id, "25.00", reference="txn_1")
    shop.ticker.pass_time(LATER)

    result = shop.sync()

    (payment,) = [item for item in result.documents if item.kind is DocumentKind.PAYMENT]
    assert (payment.state, payment.reason) == (DocumentState.SKIPPED, "duplicate-payment")
    assert len(shop.xero.payments) == 1
