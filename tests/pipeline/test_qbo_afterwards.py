"""Rules R12 and R13 in QuickBooks, and what happens when the tool remembers nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import (
    WITH_MONEY,
    discount,
    invoice_of,
    invoices,
    money,
    ours,
    payments,
    product,
    quickbooks,
    receipts,
    received,
    reported,
    shipping,
    tax,
    totals,
)
from tests.kits.rehearsal import Rehearsal, only, reasons

CANDLE = Item("PRODUCT", "100.00", name="Candle")
YESTERDAY = date(2026, 11, 19)


def rehearse(home: Path, **settings: Any) -> Rehearsal:
    """A company that is to have money too."""
    return quickbooks(home, **{**WITH_MONEY, **settings})


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return rehearse(tmp_path)


def everything(r: Rehearsal) -> list[tuple[str, str, int, Decimal]]:
    """All transactions of the company, with the tokens that any change would raise."""
    qbo = r.qbo
    tables: tuple[Any, ...] = (
        qbo.invoices,
        qbo.sales_receipts,
        qbo.credit_memos,
        qbo.refund_receipts,
        qbo.payments,
    )
    rows = [row for table in tables for row in table.values()]
    return sorted((row.id, row.status, row.sync_token, row.total) for row in rows)


# --- R12: changed in Keap -------------------------------------------------------------------------


def test_changed_order_is_reported_with_the_difference_and_nothing_is_overwritten(
    r: Rehearsal,
) -> None:
    """R12: until it is undone (or dismissed)."""
    order = r.order(CANDLE)
    r.sync()
    before = everything(r)
    r.keap.edit_order(order, items=[Item("PRODUCT", "80.00", name="Candle")])
    document = only(r.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "changed-after-sync")
    assert "total was 100.00, is 80.00" in document.message
    assert everything(r) == before
    r.keap.edit_order(order, items=[CANDLE])
    assert r.sync().exit_code is ExitCode.OK


def test_payments_that_arrive_are_no_change(r: Rehearsal) -> None:
    """R12: neither money nor what QuickBooks does to the invoice for it."""
    order = r.order(CANDLE)
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")
    assert {item.kind for item in r.sync().documents} == {DocumentKind.PAYMENT}
    assert r.sync().documents == []


def test_payment_edited_after_it_was_sent_is_reported(r: Rehearsal) -> None:
    """R12: reported likewise, and not sent again."""
    order = r.order(CANDLE)
    made = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    before = everything(r)
    r.keap.edit_payment(made.id, amount="60.00")
    r.keap.edit_order(order, notes="partly charged back")
    assert [item.reason for item in money(r.sync())] == ["changed-after-sync"]
    assert everything(r) == before


# --- R12: voided or deleted in QuickBooks ---------------------------------------------------------


@pytest.mark.parametrize("ended", ["void", "delete"])
@pytest.mark.parametrize("document", ["invoice", "sales_receipt"])
def test_document_that_ended_in_quickbooks_is_made_anew_only_when_asked(
    tmp_path: Path, ended: str, document: str
) -> None:
    """R12: `changed-after-sync`; `sync-id --recreate` makes it again, under the same number or,
    where the voided one keeps it, with `-2`. A sale comes back with its money."""
    r = rehearse(tmp_path)
    order = r.order(product("100"), tax("20.00"))
    if document == "sales_receipt":
        r.configure({"qbo.document": "sales-receipt-when-paid"})
        r.keap.add_payment(order_id=order, amount="120.00")
    r.sync()
    table: Any = getattr(r.qbo, f"{document}s")
    (first,) = ours(table)
    getattr(r.qbo, f"{ended}_{document}")(first.id)
    r.ticker.pass_time(8 * 86400)
    for _ in range(2):
        r.sync()
        assert ours(table) == []

    again = only(r.sync(ids=(order,), recreate=True))

    assert again.state is DocumentState.CREATED, again
    (second,) = ours(table)
    assert second.number == (f"{order}-2" if ended == "void" else order)
    assert totals(second) == ("120.00", "20.00")
    assert received(r) == (0 if document == "invoice" else 120)
    assert payments(r) == []
    result = r.sync()
    assert (result.documents, result.exit_code) == ([], ExitCode.OK)


def test_payment_that_outlives_its_invoice_stays_known_though_it_was_moved_in_keap(
    r: Rehearsal,
) -> None:
    """R10, R12: it is in QuickBooks as it was booked; its parts are not booked beside it."""
    moved, other = r.order(product("100")), r.order(product("100"))
    payment = r.keap.add_payment(order_id=moved, amount="100.00")
    r.sync()
    r.keap.move_payment(payment.id, {other: Decimal(30), moved: Decimal(70)})
    r.qbo.void_invoice(invoice_of(r, moved).id)

    r.sync(ids=(moved,), recreate=True)
    for _ in range(2):
        result = r.sync()

    there = [(str(row.status), row.total) for row in r.qbo.payments.values()]
    assert there == [("live", Decimal(100))]
    assert result.exit_code is ExitCode.NEEDS_PERSON
    with r.state() as state:
        held = [
            item.document
            for item in state.records_of([moved, other], "order")
            if item.kind is DocumentKind.PAYMENT
        ]
    assert [document.reason for document in held] == ["changed-after-sync"] * 2
    assert all("it was 100.00" in document.message for document in held)


def test_voided_invoice_is_reported_by_itself(r: Rehearsal) -> None:
    """R12: found among the open documents in the next run, once in the log, exit code 3."""
    order = r.order(CANDLE)
    r.sync()
    r.qbo.void_invoice(invoice_of(r, order).id)
    result = r.sync()
    assert reasons(result) == {order: "changed-after-sync"}
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert "voided or deleted" in only(result).message


def test_money_for_a_voided_invoice_is_not_sent(r: Rehearsal) -> None:
    """R12: its invoice needs a person first."""
    order = r.order(CANDLE)
    r.sync()
    r.qbo.void_invoice(invoice_of(r, order).id)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    r.sync()
    assert received(r) == 0


def test_note_that_somebody_has_added_to_is_still_ours(r: Rehearsal) -> None:
    """R1: the marker is found wherever it stands in the private note."""
    order = r.order(CANDLE)
    r.sync()
    note = f"Rang up on Monday. Keap order {order}, invoice {order} / paid soon"
    r.qbo.edit_invoice(invoice_of(r, order).id, PrivateNote=note)
    (r.home / "state.sqlite3").unlink()
    assert only(r.sync()).reason == "already-synced"
    assert len(invoices_numbered(r, order)) == 1


def invoices_numbered(r: Rehearsal, number: str) -> list[Any]:
    """The invoices of a number."""
    return [row for row in r.qbo.invoices.find("number", number) if row.status == "live"]


# --- R13: closed books ----------------------------------------------------------------------------


def test_invoice_in_the_closed_period_is_held_without_being_sent(r: Rehearsal) -> None:
    """R13: dated on `BookCloseDate` or before; a day later it goes, and when the date moves."""
    r.qbo.set_preferences(close_date=YESTERDAY)
    on = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=1))
    after = r.order(CANDLE)
    result = r.sync()
    assert reasons(result) == {on: "period-locked"}
    told_of = next(item for item in result.documents if item.order_id == on)
    assert "The ledger says" not in told_of.message
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert [form.number for form in invoices(r)] == [after]
    r.qbo.set_preferences(close_date=YESTERDAY - timedelta(days=1))
    assert only(r.sync()).state is DocumentState.CREATED


Entry = Callable[[Rehearsal, str, Any], Any]


def _payment(r: Rehearsal, order: str, when: Any) -> None:
    r.keap.add_payment(order_id=order, amount="100.00", type="Cash", time=when)


def _credit(r: Rehearsal, order: str, when: Any) -> None:
    r.keap.add_payment(order_id=order, amount="100.00", type="Credit", time=when)


def _refund(r: Rehearsal, order: str, when: Any) -> None:
    (paid,) = r.keap.payments_of(order)
    r.keap.add_refund(paid.id, "100.00", time=when)


def test_refund_that_was_deleted_is_noticed_after_months_without_a_run(r: Rehearsal) -> None:
    """QuickBooks lists the changes of 30 days; beyond that no invoice's balance shows a refund."""
    order = r.order(CANDLE)
    _payment(r, order, r.clock.now())
    _refund(r, order, r.clock.now())
    r.sync()
    r.ticker.pass_time(40 * 86_400)
    r._sign_in()
    assert r.sync().documents == []
    r.ticker.pass_time(40 * 86_400)
    r._sign_in()
    (receipt,) = r.qbo.refund_receipts.values()
    r.qbo.delete_refund_receipt(receipt.id)

    assert reported(r.sync()) == [("held", "changed-after-sync", "100.00")]


@pytest.mark.parametrize("enter", [_payment, _credit, _refund])
def test_money_in_the_closed_period_is_held_without_being_sent(r: Rehearsal, enter: Entry) -> None:
    """R13: payments, credits and refunds too."""
    order = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=30))
    if enter is _refund:
        _payment(r, order, r.clock.now() - timedelta(days=29))
    r.sync()
    before = everything(r)
    r.qbo.set_preferences(close_date=YESTERDAY)
    enter(r, order, r.clock.now() - timedelta(days=1))
    result = r.sync()
    assert reported(result) == [("held", "period-locked", "100.00")]
    assert "The ledger says" not in money(result)[0].message
    assert everything(r) == before
    r.qbo.set_preferences(close_date=None)
    assert reported(r.sync()) == [("created", "", "100.00")]


def test_payment_in_an_open_period_for_an_invoice_in_a_closed_one_goes(r: Rehearsal) -> None:
    """R13: it is the payment's own date that counts."""
    order = r.order(CANDLE, order_time=r.clock.now() - timedelta(days=30))
    r.sync()
    r.qbo.set_preferences(close_date=YESTERDAY)
    r.keap.add_payment(order_id=order, amount="100.00")
    assert reported(r.sync()) == [("created", "", "100.00")]
    assert invoice_of(r, order).balance == 0


def test_sales_receipt_in_the_closed_period_is_held(tmp_path: Path) -> None:
    """R13: all kinds; the payment waits with its sale."""
    r = rehearse(tmp_path, **{"qbo.document": "sales-receipt-when-paid"})
    r.qbo.set_preferences(close_date=YESTERDAY)
    when = r.clock.now() - timedelta(days=1)
    order = r.order(CANDLE, order_time=when)
    r.keap.add_payment(order_id=order, amount="100.00", time=when)
    assert only(r.sync()).reason == "period-locked"
    assert (receipts(r), received(r)) == ([], Decimal(0))


# --- S61: nothing is remembered -------------------------------------------------------------------


def shop(r: Rehearsal) -> None:
    """An order of each kind with each kind of money."""
    r.order(CANDLE)
    taxed = r.order(product("100"), discount("10"), shipping("8"), tax("18.00"))
    paid = r.keap.add_payment(order_id=taxed, amount="100.00")
    r.keap.add_payment(order_id=taxed, amount="16.00", type="Credit")
    r.keap.add_refund(paid.id, "30.00")
    whole = r.order(product("50"), tax("10.00"))
    r.keap.add_payment(order_id=whole, amount="60.00", external_transaction_id="ch_77")
    parts = r.order(CANDLE)
    r.keap.add_payment(order_id=parts, amount="25.00", external_transaction_id="p" * 30)
    r.keap.add_payment(order_id=parts, amount="75.00", type="Cash")


@pytest.mark.parametrize("document", ["invoice", "sales-receipt-when-paid"])
@pytest.mark.parametrize("duplicates", ["refused", "taken silently"])
def test_lost_state_file_books_nothing_twice(
    tmp_path: Path, duplicates: str, document: str
) -> None:
    """R10: what is there is adopted, whether QuickBooks minds duplicate numbers or not."""
    r = rehearse(tmp_path, **{"qbo.document": document})
    r.qbo.set_preferences(warn_duplicate_numbers=duplicates == "refused")
    shop(r)
    r.sync()
    before = everything(r)
    (tmp_path / "state.sqlite3").unlink()
    for _ in range(2):
        result = r.sync()
        assert everything(r) == before, reported(result)
        assert set(reasons(result).values()) <= {"already-synced"}


@pytest.mark.parametrize("duplicates", ["refused", "taken silently"])
def test_adopted_invoice_takes_the_money_that_comes_later(tmp_path: Path, duplicates: str) -> None:
    """S61: adopted, not merely passed over: its balance and customer are known."""
    r = rehearse(tmp_path)
    r.qbo.set_preferences(warn_duplicate_numbers=duplicates == "refused")
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="40.00", external_transaction_id="ch_1")
    r.sync()
    (tmp_path / "state.sqlite3").unlink()
    r.sync()
    r.keap.add_payment(order_id=order, amount="60.00", external_transaction_id="ch_2")
    assert reported(r.sync()) == [("created", "", "60.00")]
    assert invoice_of(r, order).balance == 0
    assert len(payments(r)) == 2


@pytest.mark.parametrize("duplicates", ["refused", "taken silently"])
def test_number_of_somebody_elses_invoice_is_held(tmp_path: Path, duplicates: str) -> None:
    """`number-taken`: also where QuickBooks would take the number twice without a word."""
    r = rehearse(tmp_path)
    r.qbo.set_preferences(warn_duplicate_numbers=duplicates == "refused")
    order = r.order(CANDLE)
    old = next(form for form in r.qbo.invoices.values() if form.number == "INV-0001")
    r.qbo.edit_invoice(old.id, DocNumber=order)
    document = only(r.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "number-taken")
    assert "Ordered by telephone" in document.message
    assert invoices(r) == []
    r.configure({"invoices.number_prefix": "K-"})
    assert only(r.sync()).state is DocumentState.CREATED
