"""What is changed, deleted or voided after it was sent: told, with the difference (R12)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})


def writes(r: Rehearsal) -> int:
    return len(r.xero.writes())


def test_a_changed_order_is_reported_with_the_difference_until_it_is_undone(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    before = writes(r)
    r.keap.edit_order(order, items=[Item("PRODUCT", "80.00", name="Candle")])

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "total was 100.00, is 80.00" in document.message
    assert only(r.sync()).message == document.message
    assert writes(r) == before
    r.keap.edit_order(order, items=[CANDLE])
    assert r.sync().exit_code is ExitCode.OK


def test_only_the_lines_that_changed_are_named_whatever_their_new_ids(r: Rehearsal) -> None:
    offer = Item("DISCOUNT_ORDER_TOTAL", "-10.00", name="Autumn offer")
    books = [Item("PRODUCT", price, name="Book") for price in ("50.00", "30.00")]
    order = r.order(CANDLE, offer, Item("SHIPPING", "5.00", name="Post"), *books)
    r.sync()
    dearer, card = Item("PRODUCT", "120.00", name="Candle"), Item("OTHER", "2.00", name="Card")

    r.keap.edit_order(order, items=[dearer, offer, card, books[1]])

    assert only(r.sync()).message.startswith(
        "Changed in Keap after it was sent: total was 175.00, is 142.00; line Post (1 x 5.00) was "
        "removed; line Book (1 x 50.00) was removed; line Card (1 x 2.00) is new; line Candle "
        "(1 x 100.00) became Candle (1 x 120.00)."
    )


def test_a_dismissed_change_lets_payments_through(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    r.keap.edit_order(order, items=[Item("PRODUCT", "80.00", name="Candle")])
    r.keap.add_payment(order_id=order, amount="80.00")
    waiting = [item for item in r.sync().documents if item.kind is DocumentKind.PAYMENT]
    assert [(item.state, item.reason) for item in waiting] == [
        (DocumentState.WAITING, "invoice-not-synced")
    ]
    dismiss(r, order)

    result = r.sync()

    assert [item.state for item in result.documents if item.kind is DocumentKind.PAYMENT] == [
        DocumentState.CREATED
    ]
    assert result.exit_code is ExitCode.OK


def dismiss(r: Rehearsal, order: str) -> None:
    from dataclasses import replace

    with r.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
        assert record
        state.save(
            replace(record, document=replace(record.document, state=DocumentState.DISMISSED))
        )


def test_payments_and_new_product_names_are_no_change(r: Rehearsal) -> None:
    order = r.order(Item("PRODUCT", "100.00", name="Candle", sku="C1"))
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")
    for product in r.keap.products.values():
        product.name = "Renamed"

    result = r.sync()

    assert [item.kind for item in result.documents] == [DocumentKind.PAYMENT]


def test_a_deleted_order_is_reported_while_it_is_not_paid(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    r.keap.delete_order(order)

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert document.ledger_id


def test_a_settled_order_is_looked_after_once_a_week(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    r.keap.delete_order(order)
    r.ticker.pass_time(2 * 86400)
    assert [item for item in r.sync().documents if item.kind is DocumentKind.INVOICE] == []
    r.ticker.pass_time(6 * 86400)

    assert only(r.sync()).reason == "changed-after-sync"


def test_a_document_voided_in_the_ledger_is_reported_once_and_not_made_again(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    r.xero.void_invoice(r.booked(order)["InvoiceID"])
    before = writes(r)

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "--recreate" in document.hint
    r.sync(from_start=True)
    assert writes(r) == before
    again = only(r.sync(command="sync-id", ids=(order,), recreate=True))
    assert (again.state, again.number) == (DocumentState.CREATED, f"{order}-2")


def test_what_still_exists_is_not_made_anew(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    before = writes(r)

    document = only(r.sync(command="sync-id", ids=(order,), recreate=True))

    assert (document.state, document.reason) == (DocumentState.SKIPPED, "already-synced")
    assert document.message == "It still exists in the ledger."
    assert writes(r) == before


@pytest.fixture(params=["xero", "qbo"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger."""
    return Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})


def ledger(r: Rehearsal) -> Any:
    """What a person sees and does in the ledger itself."""
    return getattr(r, r.to)


def test_a_paid_document_voided_in_the_ledger_is_reported_by_the_next_run(
    either: Rehearsal,
) -> None:
    order = either.order(CANDLE)
    either.keap.add_payment(order_id=order, amount="100.00")
    made = either.sync()
    payment = next(item for item in made.documents if item.kind is DocumentKind.PAYMENT)
    ledger(either).delete_payment(payment.ledger_id)
    ledger(either).void_invoice(only(made).ledger_id)
    either.ticker.pass_time(3600)

    document = only(either.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")


def test_a_credit_names_the_account_that_it_is_booked_on(either: Rehearsal) -> None:
    order = either.order(CANDLE)
    either.keap.add_payment(order_id=order, amount="20.00", type="Credit")

    (document,) = money(either.sync().documents)

    expected = {"xero": "460", "qbo": "Sales of Product Income"}
    assert (document.kind, document.account) == (DocumentKind.CREDIT, expected[either.to])


def test_without_payments_a_voided_document_is_reported_by_the_next_run(
    either: Rehearsal,
) -> None:
    either.configure({"sync.mode": "invoices"})
    either.order(CANDLE)
    made = either.sync()
    ledger(either).void_invoice(only(made).ledger_id)

    assert only(either.sync()).reason == "changed-after-sync"


def test_a_payment_deleted_in_the_ledger_is_reported_and_made_anew_when_asked(
    either: Rehearsal,
) -> None:
    order = either.order(CANDLE)
    either.keap.add_payment(order_id=order, amount="40.00")
    either.keap.add_payment(order_id=order, amount="25.00")
    made = money(either.sync().documents)
    ledger(either).delete_payment(made[0].ledger_id)
    before = len(ledger(either).payments)

    reported = money(either.sync().documents)

    assert [(item.payment_id, item.state, item.reason) for item in reported] == [
        (made[0].payment_id, DocumentState.HELD, "changed-after-sync")
    ]
    assert "--recreate" in reported[0].hint
    either.sync(from_start=True)
    assert len(ledger(either).payments) == before
    invoice = made[0].invoice_id
    again = money(either.sync(command="sync-id", ids=(invoice,), recreate=True).documents)
    assert [(item.payment_id, item.state) for item in again] == [
        (made[0].payment_id, DocumentState.CREATED)
    ]
    assert len(ledger(either).payments) == before + 1
    assert either.sync().exit_code is ExitCode.OK


def money(documents: list[Document]) -> list[Document]:
    return [item for item in documents if item.kind is not DocumentKind.INVOICE]


def test_an_edited_payment_is_reported_and_not_sent_again(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="40.00", type="Cash")
    r.sync()
    before = writes(r)
    r.keap.edit_payment(paid.id, amount="50.00")

    (document,) = money(r.sync().documents)

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "amount was 40.00, is 50.00" in document.message
    r.sync()
    assert writes(r) == before
    r.keap.edit_payment(paid.id, amount="40.00")
    assert r.sync().exit_code is ExitCode.OK


@pytest.mark.parametrize("how", ["void_payment", "delete_payment"])
def test_an_undone_payment_is_reported(r: Rehearsal, how: str) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="40.00")
    r.sync()
    getattr(r.keap, how)(paid.id)

    (document,) = money(r.sync().documents)

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")


def test_a_refund_and_a_shared_payment_are_no_edit(r: Rehearsal) -> None:
    person = r.person()
    first, second = r.order(CANDLE, contact=person), r.order(CANDLE, contact=person)
    shared = r.keap.add_payment(
        order_ids=[first, second], amount="150.00", allocations={first: "50.00", second: "100.00"}
    )
    r.sync()
    r.ticker.pass_time(3600)
    r.keap.add_refund(shared.id, "50.00", allocations={first: "50.00"})

    documents = money(r.sync().documents)

    assert [(item.kind, item.state) for item in documents] == [
        (DocumentKind.REFUND, DocumentState.CREATED)
    ]
    r.ticker.pass_time(timedelta(days=1).total_seconds())
    assert money(r.sync().documents) == []


def refunded(r: Rehearsal) -> Document:
    """The refund of a paid order, as it was booked."""
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_refund(paid.id, "30.00")
    (document,) = [item for item in r.sync().documents if item.kind is DocumentKind.REFUND]
    assert document.state is DocumentState.CREATED
    return document


def test_a_refund_whose_pay_out_was_taken_back_is_reported(r: Rehearsal) -> None:
    document = refunded(r)
    (pay_out,) = [
        item for item in r.xero.payments.values() if item.document_id == document.ledger_id
    ]
    r.xero.delete_payment(pay_out.id)

    (reported,) = r.sync().documents

    assert (reported.kind, reported.reason) == (DocumentKind.REFUND, "changed-after-sync")
    assert [item.state for item in r.sync().documents] == [DocumentState.HELD]


def test_a_credit_note_that_was_voided_is_reported(either: Rehearsal) -> None:
    order = either.order(CANDLE)
    either.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    (made,) = money(either.sync().documents)
    if either.to == "xero":
        (allocation,) = either.xero.allocations
        either.xero.take_back(allocation)
        either.xero.void_credit_note(made.ledger_id)
    else:
        for applied in [*either.qbo.payments]:
            either.qbo.delete_payment(applied)
        either.qbo.delete_credit_memo(made.ledger_id)

    (reported,) = money(either.sync().documents)

    assert (reported.kind, reported.reason) == (DocumentKind.CREDIT, "changed-after-sync")


def test_an_amount_that_was_changed_in_the_ledger_is_reported_until_it_is_right(
    r: Rehearsal,
) -> None:
    r.order(CANDLE)
    made = only(r.sync())
    untaxed = {"AccountCode": "200", "TaxType": "ZERORATEDOUTPUT"}
    wrong = [{"Description": "Candle", "Quantity": 1, "UnitAmount": 80, **untaxed}]
    r.xero.edit_invoice(made.ledger_id, LineItems=wrong)

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "80.00" in document.message
    assert only(r.sync()).reason == "changed-after-sync"
    wrong[0]["UnitAmount"] = 100
    r.xero.edit_invoice(made.ledger_id, LineItems=wrong)
    assert r.sync().exit_code is ExitCode.OK


def test_one_run_with_the_clock_ahead_hides_nothing_later(either: Rehearsal) -> None:
    order = either.order(CANDLE)
    either.keap.add_payment(order_id=order, amount="100.00")
    either.sync()
    made = either.order(CANDLE)
    either.sync()
    with either.clock_ahead(timedelta(days=365)):
        either.sync()
    either.keap.delete_order(order)
    ledger_id = next(
        item.ledger_id for item in either.sync(command="sync-id", ids=(made,)).documents
    )
    ledger(either).void_invoice(ledger_id)

    reported = {item.order_id for item in either.sync().documents}
    either.ticker.pass_time(8 * 86400)
    reported |= {item.order_id for item in either.sync().documents}
    assert reported == {order, made}
