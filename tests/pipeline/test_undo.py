"""`undo`: what a run sent is taken back exactly, and what somebody else has touched stays."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode, UsageError
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.undoing import send_again, stays, take_back

WRONG = {"xero": "090", "qbo": "Business current account"}
RIGHT = {"xero": "091", "qbo": "Stripe clearing"}


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all, in which invoices are approved at once."""
    return rehearse(tmp_path, request.param)


def rehearse(home: Path, to: str, **settings: Any) -> Rehearsal:
    """The same of one ledger."""
    known = {"sync.mode": "invoices-and-payments", "xero.status": "authorised"}
    found = Rehearsal(home, to=to, **{**known, **settings})
    found.qbo.set_preferences(auto_apply_credit=False, auto_apply_payments=False)
    return found


def paid(r: Rehearsal, amount: str = "100.00", **fields: Any) -> str:
    """An order that is paid in Keap."""
    order = r.order()
    r.keap.add_payment(order_id=order, amount=amount, **{"type": "Cash", **fields})
    return order


def alive(r: Rehearsal) -> list[tuple[str, Decimal]]:
    """The number and balance of every invoice of ours that is in the ledger."""
    if r.to == "xero":
        return [
            (row.number, row.amount_due)
            for row in r.xero.invoices.values()
            if row.reference.startswith("Keap order") and row.status not in {"VOIDED", "DELETED"}
        ]
    return [
        (row.number, row.balance)
        for row in r.qbo.invoices.values()
        if row.private_note.startswith("Keap order") and row.status == "live"
    ]


def money(r: Rehearsal) -> list[tuple[str, Decimal]]:
    """The account and amount of every payment that is in the ledger."""
    if r.to == "xero":
        return [
            (r.xero.accounts[row.account_id].code, row.amount)
            for row in r.xero.payments.values()
            if row.status == "AUTHORISED"
        ]
    return [
        (r.qbo.accounts[row.account_id].name, row.total)
        for row in r.qbo.payments.values()
        if row.status == "live" and row.total
    ]


def invoice_id(r: Rehearsal, number: str) -> str:
    """The ledger's id of the invoice of a number."""
    table: Any = r.xero.invoices if r.to == "xero" else r.qbo.invoices
    (row,) = table.find("number", number)
    return str(row.id)


def pay_by_hand(r: Rehearsal, number: str, amount: str) -> None:
    """Somebody enters a payment of an invoice."""
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    ledger.pay(invoice_id(r, number), amount)


def lock(r: Rehearsal, day: date | None) -> None:
    """Close the books up to a day."""
    if r.to == "xero":
        r.xero.set_lock_dates(day)
    else:
        r.qbo.set_preferences(close_date=day)


def snapshot(r: Rehearsal) -> list[Any]:
    """Everything that is in the ledger's books."""
    tables: tuple[Any, ...] = (r.xero.invoices, r.xero.payments, r.xero.credit_notes)
    if r.to == "qbo":
        tables = tuple(r.qbo.transactions.values())
    return [row for table in tables for row in table.values()]


# --- taking back and sending again ----------------------------------------------------------------


def test_run_to_the_wrong_account_is_taken_back_and_sent_to_the_right_one(r: Rehearsal) -> None:
    r.configure({"payments.account": WRONG[r.to]})
    orders = [paid(r) for _ in range(5)]
    r.sync()
    assert money(r) == [(WRONG[r.to], Decimal(100))] * 5
    before = snapshot(r)

    shown = take_back(r, dry_run=True)

    assert snapshot(r) == before
    assert {item.state for item in shown.documents} == {DocumentState.UNDONE}
    assert len(shown.documents) == 10
    assert all(item.message.startswith("Would be taken back: ") for item in shown.documents)

    gone = take_back(r)

    assert gone.exit_code is ExitCode.OK
    assert (gone.counts(DocumentKind.INVOICE)["undone"], alive(r), money(r)) == (5, [], [])
    r.configure({"payments.account": RIGHT[r.to]})

    again = send_again(r)

    assert {item.state for item in again.documents} == {DocumentState.CREATED}
    assert money(r) == [(RIGHT[r.to], Decimal(100))] * 5
    assert sorted(alive(r)) == sorted((f"{order}-2", Decimal(0)) for order in orders)
    assert r.sync().documents == []


def test_second_undo_of_the_last_run_does_nothing(r: Rehearsal) -> None:
    first = paid(r)
    r.sync()
    second = paid(r)
    r.sync()
    take_back(r)
    before = snapshot(r)

    again = take_back(r)

    assert (again.documents, again.exit_code, snapshot(r)) == ([], ExitCode.OK, before)
    assert [number for number, _ in alive(r)] == [first]
    assert second not in {number for number, _ in alive(r)}


def test_what_was_undone_is_sent_again_only_when_it_is_named(r: Rehearsal) -> None:
    order = paid(r)
    r.sync()
    take_back(r)
    r.ticker.pass_time(8 * 86400)

    assert r.sync().documents == []
    assert r.sync(command="retry", ids=(order,), by="order").documents[0].state == "undone"
    with r.state() as state:
        assert (state.open_orders(), state.needs_person(), state.cursor()[0]) == ([], False, order)
    assert alive(r) == []

    assert only(r.sync(from_start=True)).state is DocumentState.CREATED
    assert alive(r) == [(f"{order}-2", Decimal(0))]


def test_sync_id_sends_it_again(r: Rehearsal) -> None:
    order = paid(r)
    r.sync()
    take_back(r)

    r.sync(command="sync-id", ids=(order,), by="order")

    assert alive(r) == [(f"{order}-2", Decimal(0))]


def test_payment_of_a_later_run_goes_with_its_invoice(r: Rehearsal) -> None:
    order = r.order()
    first = r.sync().run
    r.keap.add_payment(order_id=order, amount="40.00")
    later = r.sync().run

    result = take_back(r, run=first)

    assert (alive(r), money(r)) == ([], [])
    (payment,) = (item for item in result.documents if item.kind is DocumentKind.PAYMENT)
    assert later in payment.message


def test_run_that_sent_only_money_leaves_the_invoice(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    r.keap.add_payment(order_id=order, amount="40.00")
    r.sync()

    take_back(r)

    assert (alive(r), money(r)) == ([(order, Decimal(100))], [])
    assert r.sync().documents == []
    send_again(r)
    assert (alive(r), len(money(r))) == ([(order, Decimal(60))], 1)


def test_payments_alone_are_taken_back_and_sent_again(r: Rehearsal) -> None:
    order = paid(r)
    r.configure({"payments.account": WRONG[r.to]})
    r.sync()

    take_back(r, run="last", only="payments")

    assert (alive(r), money(r)) == ([(order, Decimal(100))], [])
    r.configure({"payments.account": RIGHT[r.to]})
    send_again(r)
    assert (alive(r), money(r)) == ([(order, Decimal(0))], [(RIGHT[r.to], Decimal(100))])
    assert r.sync().documents == []


def test_named_invoices_are_taken_back_whatever_run_sent_them(r: Rehearsal) -> None:
    kept, named = paid(r), paid(r)
    r.sync()

    result = take_back(r, ids=(named, "987"), by="order")

    assert [number for number, _ in alive(r)] == [kept]
    (unknown,) = (item for item in result.documents if item.state is DocumentState.FAILED)
    assert (unknown.order_id, unknown.reason, result.exit_code) == ("987", "not-found", 3)


def test_there_is_no_such_run(r: Rehearsal) -> None:
    with pytest.raises(UsageError, match="There was no run 1234"):
        take_back(r, run="1234")


def test_new_money_of_an_undone_invoice_is_not_booked(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    take_back(r)
    r.keap.add_payment(order_id=order, amount="40.00")

    r.sync()

    assert money(r) == []
    send_again(r)
    assert (alive(r), len(money(r))) == ([(f"{order}-2", Decimal(60))], 1)


def test_credit_and_refund_are_taken_off_before_they_are_ended(r: Rehearsal) -> None:
    order = paid(r, "60.00")
    r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
    refunded = r.order()
    r.keap.add_refund(r.keap.add_payment(order_id=refunded, amount="100.00").id, "30.00")
    r.sync()

    result = take_back(r)

    assert (stays(result), alive(r), money(r)) == ({}, [], [])
    notes: Any = r.xero.credit_notes if r.to == "xero" else r.qbo.credit_memos
    assert {row.status for row in notes.values()} <= {"VOIDED", "deleted"}
    send_again(r)
    assert sorted(due for _, due in alive(r)) == [0, 0]
    assert r.sync().documents == []


# --- what stays -----------------------------------------------------------------------------------


def test_invoice_with_somebody_elses_payment_stays_with_ours(r: Rehearsal) -> None:
    touched, other = paid(r, "60.00"), paid(r, "60.00")
    r.sync()
    pay_by_hand(r, touched, "40.00")

    result = take_back(r)

    assert stays(result) == {
        ("invoice", touched): "changed-in-ledger",
        ("payment", touched): "changed-in-ledger",
    }
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert "40.00 GBP" in next(
        item.message for item in result.documents if item.order_id == touched
    )
    assert alive(r) == [(touched, Decimal(0))]
    assert sorted(amount for _, amount in money(r)) == [40, 60]
    assert other not in {number for number, _ in alive(r)}
    # It is as it was: nothing is held, and nothing is sent.
    assert r.sync().documents == []


def test_money_that_is_reconciled_stays_with_its_invoice(r: Rehearsal) -> None:
    order = paid(r)
    r.sync()
    if r.to == "xero":
        (row,) = r.xero.payments.values()
        r.xero.payments.put(replace(row, is_reconciled=True))
    else:
        (payment,) = (row for row in r.qbo.payments.values() if row.total)
        r.qbo.deposit(payment.id)

    result = take_back(r)

    assert set(stays(result).values()) == {"reconciled"}
    assert (alive(r), len(money(r)), result.exit_code) == ([(order, Decimal(0))], 1, 3)


def test_closed_period_stays(r: Rehearsal) -> None:
    yesterday = r.clock.now() - timedelta(days=2)
    old = r.order(order_time=yesterday)
    new = r.order()
    r.sync()
    lock(r, yesterday.date())

    result = take_back(r)

    assert stays(result) == {("invoice", old): "period-locked"}
    assert [number for number, _ in alive(r)] == [old]
    lock(r, None)
    assert take_back(r).exit_code is ExitCode.OK
    assert (alive(r), new) == ([], new)


def test_invoice_with_other_figures_stays(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    if r.to == "xero":
        r.xero.edit_invoice(invoice_id(r, order), Date="2026-11-01")
    else:
        r.qbo.edit_invoice(invoice_id(r, order), TxnDate="2026-11-01")

    result = take_back(r)

    assert stays(result) == {("invoice", order): "changed-in-ledger"}
    assert "is 2026-11-01" in only(result).message


def test_what_somebody_has_voided_before_counts_as_taken_back(r: Rehearsal) -> None:
    order = r.order()
    r.sync()
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    ledger.void_invoice(invoice_id(r, order))
    r.sync()

    result = take_back(r)

    assert (only(result).state, result.exit_code) == (DocumentState.UNDONE, ExitCode.OK)
    assert r.sync().exit_code is ExitCode.OK


def test_document_of_a_lost_state_is_not_taken_back(r: Rehearsal) -> None:
    """No record says that this tool has made it: it may as well be somebody else's."""
    order = paid(r)
    r.sync()
    (r.home / "state.sqlite3").unlink()
    r.sync()

    result = take_back(r, ids=(order,), by="order")

    assert (only(result).reason, result.exit_code) == ("already-synced", 3)
    assert alive(r) == [(order, Decimal(0))]


def test_what_the_ledger_refuses_stays_in_its_words(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "qbo")
    order = paid(r)
    r.sync()
    r.qbo.refuse("Payment", code="6000", detail="Somebody is at it.")

    result = take_back(r)

    assert set(stays(result).values()) == {"changed-in-ledger"}
    assert any("Somebody is at it." in item.message for item in result.documents)
    assert alive(r) == [(order, Decimal(0))]
    assert take_back(r).exit_code is ExitCode.OK


def test_archived_contact_keeps_xero_from_voiding(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "xero")
    order = r.order()
    r.sync()
    (row,) = r.xero.invoices.find("number", order)
    r.xero.archive_contact(row.contact_id)

    result = take_back(r)

    assert stays(result) == {("invoice", order): "changed-in-ledger"}
    assert "archived" in only(result).message


# --- kinds of documents ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_drafts_are_deleted_and_their_waiting_money_is_let_go(tmp_path: Path, status: str) -> None:
    r = rehearse(tmp_path, "xero", **{"xero.status": status})
    order = paid(r)
    r.sync()

    result = take_back(r)

    assert "deleted" in only(result).message
    assert [row.status for row in r.xero.invoices.find("number", order)] == ["DELETED"]
    with r.state() as state:
        assert state.open_orders() == []
    assert r.sync().documents == []
    r.configure({"xero.status": "authorised"})
    send_again(r)
    assert (alive(r), len(money(r))) == ([(f"{order}-2", Decimal(0))], 1)


def test_sales_receipt_is_voided_with_its_payment(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "qbo", **{"qbo.document": "sales-receipt-when-paid"})
    order = paid(r)
    r.sync()

    result = take_back(r)

    assert [item.state for item in result.documents] == ["undone", "undone"]
    assert [row.status for row in r.qbo.sales_receipts.values()] == ["voided"]
    assert r.sync().documents == []
    send_again(r)
    assert [row.number for row in r.qbo.sales_receipts.values() if row.status == "live"] == [
        f"{order}-2"
    ]
    with r.state() as state:
        states = {record.state for record in state.records_of([order], "order")}
    assert states == {DocumentState.CREATED}


# --- how many calls it takes ----------------------------------------------------------------------


def test_reads_are_in_bulk(r: Rehearsal) -> None:
    """Xero has one call for each payment that is deleted; all else goes by 28 or more."""
    for _ in range(60):
        paid(r)
    r.sync()

    def calls() -> int:
        return len((r.xero if r.to == "xero" else r.qbo).calls)

    before = calls()

    shown = take_back(r, dry_run=True)

    assert (len(shown.documents), calls() - before <= 8) == (120, True)
    before = calls()
    take_back(r)
    assert calls() - before <= (60 + 13 if r.to == "xero" else 14)


def test_items_of_many_kinds_go(r: Rehearsal) -> None:
    """An invoice with tax and a discount is compared by what was sent."""
    order = r.order(
        Item("PRODUCT", "100.00", name="Candle", taxable=True),
        Item("DISCOUNT", "-10.00", name="Sale"),
        Item("TAX", "18.00", name="Tax"),
    )
    r.sync()

    assert (take_back(r).exit_code, alive(r), order) == (ExitCode.OK, [], order)


def test_credit_that_quickbooks_has_put_elsewhere_goes_with_all_that_hangs_on_it(
    tmp_path: Path,
) -> None:
    """QuickBooks applies credits by itself: the credit of one invoice pays another one of ours."""
    r = rehearse(tmp_path, "qbo")
    r.qbo.set_preferences(auto_apply_credit=True)
    person = r.person()
    first, second = r.order(contact=person), r.order(contact=person)
    r.keap.add_payment(order_id=second, amount="30.00", type="Credit")
    r.keap.add_payment(order_id=first, amount="100.00", type="Cash")
    r.sync()
    (memo,) = r.qbo.credit_memos.values()
    (use,) = (row for row in r.qbo.payments.values() if not row.total)
    assert invoice_id(r, first) in {link.txn_id for link in use.lines}

    alone = take_back(r, ids=(second,), by="order")

    assert set(stays(alone).values()) == {"changed-in-ledger"}
    assert r.qbo.credit_memos[memo.id].status == "live"
    whole = take_back(r)
    assert (stays(whole), alive(r), money(r)) == ({}, [], [])
    assert r.qbo.credit_memos[memo.id].status == "deleted"


def test_receipt_in_a_bank_deposit_stays(tmp_path: Path) -> None:
    r = rehearse(tmp_path, "qbo", **{"qbo.document": "sales-receipt-when-paid"})
    order = paid(r)
    r.sync()
    (receipt,) = r.qbo.sales_receipts.values()
    r.qbo.deposit(receipt.id)

    result = take_back(r)

    assert stays(result) == {("invoice", order): "reconciled", ("payment", order): "reconciled"}


def test_version_that_is_out_of_date_is_read_again(tmp_path: Path) -> None:
    """5010: somebody else has just saved it, or QuickBooks itself has."""
    r = rehearse(tmp_path, "qbo")
    paid(r)
    r.sync()
    r.qbo.refuse("Payment", code="5010")
    r.qbo.refuse("Invoice", code="5010")

    assert (take_back(r).exit_code, alive(r), money(r)) == (ExitCode.OK, [], [])


def test_only_invoices_leaves_money_on_older_ones(r: Rehearsal) -> None:
    old = r.order()
    r.sync()
    r.keap.add_payment(order_id=old, amount="40.00", type="Cash")
    paid(r)
    r.sync()

    take_back(r, run="last", only="invoices")

    assert (alive(r), [amount for _, amount in money(r)]) == ([(old, Decimal(60))], [Decimal(40)])


def test_recreate_sends_it_again_too(r: Rehearsal) -> None:
    order = paid(r)
    r.sync()
    take_back(r)

    r.sync(command="sync-id", ids=(order,), by="order", recreate=True)

    assert (alive(r), len(money(r))) == ([(f"{order}-2", Decimal(0))], 1)


def test_held_and_dismissed_documents_of_the_run_go_too(r: Rehearsal) -> None:
    """The order was changed in Keap, and nobody has changed the ledger's document since."""
    order = r.order()
    r.sync()
    r.keap.edit_order(order, items=[Item("PRODUCT", "80.00", name="Candle")])
    r.sync()

    result = take_back(r)

    assert (only(result).state, alive(r)) == (DocumentState.UNDONE, [])
    send_again(r)
    assert alive(r) == [(f"{order}-2", Decimal(80))]
    assert r.sync().exit_code is ExitCode.OK


def test_keap_is_not_asked(r: Rehearsal) -> None:
    paid(r)
    r.sync()
    r.keap.fail(kind="drop", times=1000)

    assert (take_back(r).exit_code, alive(r)) == (ExitCode.OK, [])


def test_refunds_of_undone_payments_wait_for_them(r: Rehearsal) -> None:
    """Nothing is paid back that the books do not have."""
    order = r.order()
    payment = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    take_back(r, run="last", only="payments")
    r.keap.add_refund(payment.id, "30.00")

    r.sync()

    assert money(r) == []
    send_again(r)
    assert r.sync().documents == []
    assert max(amount for _, amount in money(r)) == 100


@pytest.mark.parametrize("batch_void", ["ignored", "refused"])
@pytest.mark.parametrize("document", ["invoice", "sales-receipt-when-paid"])
def test_void_that_a_batch_does_not_do_is_done_one_by_one(
    tmp_path: Path, batch_void: Any, document: str
) -> None:
    """Intuit's pages say how one is voided; that a batch can, only its schema and libraries say."""
    r = rehearse(tmp_path, "qbo", **{"qbo.document": document})
    paid(r)
    r.order()
    r.sync()
    r.qbo.switches = replace(r.qbo.switches, batch_void=batch_void)

    result = take_back(r)

    assert (stays(result), alive(r), money(r)) == ({}, [], [])
    assert {row.status for row in r.qbo.sales_receipts.values()} <= {"voided"}
