"""Answers that are lost while somebody removes, or uses, what was made."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from tests.kits.faults import Trouble, between, check_booked, lose, sent
from tests.kits.journal import unsettled
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_refunds import check_refunded, forgetful, order, switched

WITHIN, LATER = 100, 6000
"""Seconds: within the time that Xero keeps an idempotency key, and well after it."""


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """Xero takes a credit note's number twice, so that only looking keeps it from being booked
    twice."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    switched(rehearsal, credit_note_number_unique=False)
    return rehearsal


def money(result: Result, kind: DocumentKind = DocumentKind.PAYMENT) -> list[Document]:
    """The money of a kind in a result."""
    return [document for document in result.documents if document.kind is kind]


@pytest.mark.parametrize("seconds", [0, WITHIN, LATER])
@pytest.mark.parametrize("forgets", [True, False])
def test_payment_removed_while_its_answer_was_lost(
    shop: Rehearsal, seconds: int, forgets: bool
) -> None:
    if forgets:
        forgetful(shop)
    made = order(shop, ("30.00", "Credit Card"))
    lose(shop, "/Payments")
    (payment,) = shop.xero.payments
    shop.xero.delete_payment(payment)
    shop.ticker.pass_time(seconds)

    (held,) = money(shop.sync())

    assert (held.state, held.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "--recreate" in held.hint
    assert held.ledger_id == payment
    shop.sync()
    assert len(shop.xero.payments) == 1

    shop.sync(command="sync-id", ids=(made,), recreate=True)
    check_booked(shop)


@pytest.mark.parametrize("seconds", [0, LATER])
@pytest.mark.parametrize("forgets", [True, False])
def test_pay_out_removed_while_its_answer_was_lost(
    shop: Rehearsal, seconds: int, forgets: bool
) -> None:
    made = order(shop, ("100.00", "Credit Card"))
    shop.sync()
    (paid_in,) = shop.xero.payments
    shop.keap.add_refund(next(iter(shop.keap.payments)), Decimal("40.00"))
    if forgets:
        forgetful(shop)
    lose(shop, "/Payments")
    (paid_out,) = set(shop.xero.payments) - {paid_in}
    shop.xero.delete_payment(paid_out)
    shop.ticker.pass_time(seconds)

    (held,) = money(shop.sync(), DocumentKind.REFUND)

    assert (held.state, held.reason) == (DocumentState.HELD, "changed-after-sync")
    shop.sync()
    assert len(shop.xero.payments) == 2
    shop.sync(command="sync-id", ids=(made,), recreate=True)
    check_refunded(shop)


@pytest.mark.parametrize("seconds", [0, WITHIN, LATER])
@pytest.mark.parametrize("forgets", [True, False])
def test_invoice_voided_while_its_answer_was_lost(
    shop: Rehearsal, seconds: int, forgets: bool
) -> None:
    if forgets:
        forgetful(shop)
    made = shop.order()
    lose(shop, "/Invoices")
    shop.xero.void_invoice(sent(shop)[made][0].id)
    shop.ticker.pass_time(seconds)

    (held,) = shop.sync().documents

    assert (held.state, held.reason) == (DocumentState.HELD, "changed-after-sync")
    shop.sync()
    assert sent(shop) == {}


@pytest.mark.parametrize("path", ["/CreditNotes", "/Allocations"])
@pytest.mark.parametrize("seconds", [0, WITHIN, LATER])
@pytest.mark.parametrize("unique", [True, False])
def test_credit_note_voided_while_an_answer_was_lost(
    shop: Rehearsal, path: str, seconds: int, unique: bool
) -> None:
    switched(shop, credit_note_number_unique=unique)
    made = order(shop, ("30.00", "Credit"))
    lose(shop, path)
    (note,) = shop.xero.credit_notes
    for allocation in list(shop.xero.allocations.values()):
        shop.xero.take_back(allocation.id)
    shop.xero.void_credit_note(note)
    shop.ticker.pass_time(seconds)

    (held,) = money(shop.sync(), DocumentKind.CREDIT)

    assert (held.state, held.reason) == (DocumentState.HELD, "changed-after-sync")
    writes = len(shop.xero.writes())
    assert shop.sync().exit_code == ExitCode.NEEDS_PERSON
    assert len(shop.xero.writes()) == writes

    shop.sync(command="sync-id", ids=(made,), recreate=True)
    number = f"{held.number}-2" if unique else held.number
    alive = [note for note in shop.xero.credit_notes.values() if note.status != "VOIDED"]
    assert [(item.number, item.remaining_credit) for item in alive] == [(number, Decimal(0))]
    assert shop.sync().exit_code == ExitCode.OK


def test_credit_note_is_made_anew_again_and_again(shop: Rehearsal) -> None:
    """Somebody voids it each time; Xero keeps the numbers taken."""
    switched(shop)
    made = order(shop, ("30.00", "Credit"))
    shop.sync()
    for copy in ("", "-2", "-3"):
        (note,) = [item for item in shop.xero.credit_notes.values() if item.status != "VOIDED"]
        assert note.number == f"CR-1{copy}"
        (allocation,) = shop.xero.allocations.find("credit_note", note.id)
        shop.xero.take_back(allocation.id)
        shop.xero.void_credit_note(note.id)
        shop.ticker.pass_time(8 * 24 * 3600)
        assert shop.sync().exit_code == ExitCode.NEEDS_PERSON
        result = shop.sync(command="sync-id", ids=(made,), recreate=True)
        assert result.exit_code == ExitCode.OK, result.documents


def test_number_of_a_credit_note_that_is_somebody_elses_is_not_asked_for_again(
    shop: Rehearsal,
) -> None:
    switched(shop)
    order(shop, ("30.00", "Credit"))
    someone = shop.xero.add_contact("Somebody")
    line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 9, "AccountCode": "200"}
    other = shop.xero.add_credit_note(someone, [line], CreditNoteNumber="CR-1", Reference="mine")

    (held,) = money(shop.sync(), DocumentKind.CREDIT)
    assert (held.state, held.reason) == (DocumentState.HELD, "number-taken")
    assert "prefix" not in held.hint
    with shop.state() as state:
        assert not unsettled(state)
    notes = sum(call.path.endswith("/CreditNotes") for call in shop.xero.writes())
    shop.sync()
    shop.sync()
    assert sum(call.path.endswith("/CreditNotes") for call in shop.xero.writes()) == notes

    shop.xero.credit_notes.put(replace(shop.xero.credit_notes[other], number="CN-7"))
    shop.sync()
    assert [item.number for item in shop.xero.credit_notes.values()] == ["CN-7", "CR-1"]
    assert shop.sync().exit_code == ExitCode.OK


@pytest.mark.parametrize("path", ["/Allocations", "/Payments"])
def test_refused_use_of_a_credit_note_that_is_used_up_was_made(shop: Rehearsal, path: str) -> None:
    """Xero says no to the use of a credit note, which it has used all the same."""
    kind = DocumentKind.CREDIT if path == "/Allocations" else DocumentKind.REFUND
    made = order(shop, ("70.00", "Credit Card"))
    shop.sync()
    (payment,) = shop.keap.payments
    if kind is DocumentKind.CREDIT:
        shop.keap.add_payment(order_id=made, amount="30.00", type="Credit")
    else:
        shop.keap.add_refund(payment, Decimal("30.00"))
    refusal = Response('{"Message": "no"}', 400, content_type="application/json")
    between(shop)["xero"].planned = [
        Trouble("after", method="PUT", path=path, answer=lambda: refusal)
    ]

    result = shop.sync()

    (document,) = money(result, kind)
    assert (document.state, document.reason, document.order_id) == (DocumentState.CREATED, "", made)
    assert result.exit_code == ExitCode.OK
    writes = len(shop.xero.writes())
    shop.sync()
    assert len(shop.xero.writes()) == writes
