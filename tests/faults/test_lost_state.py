"""The state is lost: what the ledger has is taken up by its marker.

Whatever has changed since, the prefix, the kind of number or a number in the ledger itself, nothing
is booked again (R1, R16).
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.lost_state import (
    CANDLE,
    SINCE,
    books,
    copy_of,
    ledger,
    lose_state,
    of_kind,
    shop,
    verdicts,
    void,
    writes,
)
from tests.kits.rehearsal import Rehearsal, only


@pytest.mark.parametrize("since", SINCE)
def test_a_lost_state_books_nothing_again(r: Rehearsal, since: str) -> None:
    shop(r)
    r.order(CANDLE, invoice_id=7001)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)
    r.configure(SINCE[since])

    result = r.sync()
    later = r.sync()

    assert verdicts(result, DocumentKind.INVOICE) == {("skipped", "already-synced"): 5}
    assert verdicts(result, DocumentKind.PAYMENT) == {("skipped", "duplicate-payment"): 4}
    assert verdicts(result, DocumentKind.CREDIT) == {("skipped", "duplicate-payment"): 1}
    assert verdicts(result, DocumentKind.REFUND) == {("skipped", "duplicate-payment"): 1}
    assert all(item.ledger_id for item in result.documents)
    assert result.exit_code == ExitCode.OK
    assert later.documents == []
    assert books(r) == before
    assert writes(r) == written


def test_a_new_order_goes_out_under_the_new_prefix(r: Rehearsal) -> None:
    r.order(CANDLE)
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})
    order = r.order(CANDLE)

    result = r.sync()

    found = {item.number: item.state for item in of_kind(result, DocumentKind.INVOICE)}
    assert found == {"1001": DocumentState.SKIPPED, f"K-{order}": DocumentState.CREATED}


def renumber(r: Rehearsal, invoice: str, number: str) -> None:
    """Give an invoice another number by hand."""
    name = {"xero": "InvoiceNumber", "qbo": "DocNumber"}[r.to]
    ledger(r).edit_invoice(invoice, **{name: number})


def test_a_document_renumbered_by_hand_is_found_by_its_marker(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    made = only(r.sync())
    renumber(r, made.ledger_id, "S-77")
    before = books(r)
    lose_state(r)

    document = only(r.sync())

    assert (document.reason, document.number) == ("already-synced", "S-77")
    with r.state() as state:
        decisions = state.records(DocumentKind.INVOICE, [order])[order].decided
    assert [item.value for item in decisions if item.field == "number"] == ["S-77"]
    assert document.ledger_id == made.ledger_id
    r.sync()
    assert books(r) == before


def test_nobody_is_made_a_contact_again(r: Rehearsal) -> None:
    """Who is called otherwise in Keap now fits nobody, and needs no contact for what is there."""
    person = r.person()
    r.order(CANDLE, contact=person)
    r.sync()
    r.keap.edit_contact(person, given_name="New", family_name="Name", emails=("new@example.com",))
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    assert only(r.sync()).reason == "already-synced"
    assert books(r) == before


def lock(r: Rehearsal, day: date) -> None:
    """Close the books up to a day."""
    if r.to == "xero":
        r.xero.set_lock_dates(period=day)
    else:
        r.qbo.set_preferences(close_date=day)


def test_what_lies_in_a_locked_period_is_taken_up(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    made = only(r.sync())
    lose_state(r)
    lock(r, r.clock.now().date())

    result = r.sync()

    assert only(result).ledger_id == made.ledger_id
    assert verdicts(result, DocumentKind.INVOICE) == {("skipped", "already-synced"): 1}
    assert verdicts(result, DocumentKind.PAYMENT) == {("skipped", "duplicate-payment"): 1}
    assert result.exit_code == ExitCode.OK


def test_what_would_not_be_sent_any_more_is_taken_up(r: Rehearsal) -> None:
    r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    r.configure({"sync.mode": "paid-only"})

    document = only(r.sync())

    assert (document.reason, document.ledger_id) == ("already-synced", made.ledger_id)


def test_totals_that_differ_are_shown(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    r.keap.edit_order(order, items=(Item("PRODUCT", "120.00", name="Candle"),))

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "totals-differ")
    assert document.ledger_id == made.ledger_id
    assert "100.00" in document.message
    assert "120.00" in document.message


def test_without_leave_to_skip_a_person_is_asked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.skip_synced": False, "invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "number-taken")
    assert order in document.message
    assert "invoicesync adopt" in document.hint
    # It is this very sale: neither is there another one, nor would another number end the hold.
    assert "number_prefix" not in document.hint
    r.configure({"invoices.skip_synced": True})
    assert only(r.sync()).reason == "already-synced"
    assert books(r) == before


def test_a_dry_run_tells_what_is_there(r: Rehearsal) -> None:
    shop(r)
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(dry_run=True)

    assert verdicts(result, DocumentKind.INVOICE) == {("skipped", "already-synced"): 4}


def test_a_named_invoice_is_taken_up(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync(command="sync-id", ids=(order,)))

    assert document.reason == "already-synced"
    assert books(r) == before


def test_a_limited_run_takes_up_what_is_there_and_goes_on(r: Rehearsal) -> None:
    known = [r.order(CANDLE) for _ in range(3)]
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-", "sync.max_invoices": 1})
    new = [r.order(CANDLE) for _ in range(2)]
    numbers = []
    for _ in range(4):
        numbers += [
            item.number
            for item in of_kind(r.sync(), DocumentKind.INVOICE)
            if item.state is DocumentState.CREATED
        ]
    assert numbers == [f"K-{order}" for order in new]
    assert not set(known) & set(new)


def test_a_voided_document_is_not_made_again_until_that_is_asked_for(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    void(r, made.ledger_id)
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "--recreate" in document.hint
    assert books(r) == before
    again = only(r.sync(command="sync-id", ids=(order,), recreate=True))
    assert (again.state, again.number) == (DocumentState.CREATED, f"K-{order}")


def test_two_documents_of_one_order_are_held_with_both_numbers(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    twin = copy_of(r, made.ledger_id, "S-77")
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "ambiguous")
    assert order in document.message
    assert "S-77" in document.message
    void(r, twin)
    assert only(r.sync()).ledger_id == made.ledger_id


def test_a_refund_after_a_lost_state_is_booked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    r.sync()
    r.keap.add_refund(paid.id, "40.00")
    r.ticker.pass_time(86400)

    (document,) = of_kind(r.sync(), DocumentKind.REFUND)

    assert (document.state, document.total) == (DocumentState.CREATED, Decimal("40.00"))


def test_an_edit_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    r.sync()
    r.keap.edit_payment(paid.id, amount="90.00")

    (document,) = of_kind(r.sync(), DocumentKind.PAYMENT)

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")


def test_a_payment_removed_from_the_ledger_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    (payment,) = of_kind(r.sync(), DocumentKind.PAYMENT)
    r.ticker.pass_time(3600)
    ledger(r).delete_payment(payment.ledger_id)
    r.ticker.pass_time(3600)

    (document,) = of_kind(r.sync(), DocumentKind.PAYMENT)

    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")


def test_an_invoice_voided_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    r.order(CANDLE)
    r.sync()
    lose_state(r)
    made = only(r.sync())
    r.ticker.pass_time(3600)
    void(r, made.ledger_id)
    r.ticker.pass_time(3600)

    assert only(r.sync()).reason == "changed-after-sync"


def test_a_shared_payment_is_found_on_each_of_its_orders(r: Rehearsal) -> None:
    orders = [r.order(CANDLE) for _ in range(2)]
    shares = dict.fromkeys(orders, "100.00")
    r.keap.add_payment(order_ids=orders, amount="200.00", allocations=shares)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync()

    assert verdicts(result, DocumentKind.PAYMENT) == {("skipped", "duplicate-payment"): 2}
    assert len({item.ledger_id for item in of_kind(result, DocumentKind.PAYMENT)}) == 2
    assert books(r) == before


def test_a_document_made_anew_is_found_beside_the_one_that_was_voided(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    void(r, only(r.sync()).ledger_id)
    r.ticker.pass_time(3600)
    r.sync()
    made = only(r.sync(command="sync-id", ids=(order,), recreate=True))
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.reason, document.ledger_id) == ("already-synced", made.ledger_id)
    assert document.number == made.number
    assert books(r) == before


@pytest.mark.parametrize("since", ["invoice", "sales-receipt-when-paid"])
def test_sales_receipts_are_taken_up_with_their_payments(tmp_path: Path, since: str) -> None:
    settings = {"sync.mode": "invoices-and-payments", "qbo.document": "sales-receipt-when-paid"}
    r = Rehearsal(tmp_path / "home", to="qbo", **settings)
    paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-", "qbo.document": since})

    assert only(r.sync()).reason == "already-synced"
    r.sync()
    assert books(r) == before
    r.keap.add_refund(paid.id, "40.00")
    r.ticker.pass_time(86400)
    (document,) = of_kind(r.sync(), DocumentKind.REFUND)
    assert document.state is DocumentState.CREATED
