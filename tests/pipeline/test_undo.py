"""`undo`: what a run sent is taken back exactly, and sent again when it is named."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode, UsageError
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.undoing import alive, money, paid, rehearse, send_again, stays, take_back

WRONG = {"xero": "090", "qbo": "Business current account"}
RIGHT = {"xero": "091", "qbo": "Stripe clearing"}


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all, in which invoices are approved at once."""
    return rehearse(tmp_path, request.param)


def snapshot(r: Rehearsal) -> list[Any]:
    """Everything that is in the ledger's books."""
    tables: tuple[Any, ...] = (r.xero.invoices, r.xero.payments, r.xero.credit_notes)
    if r.to == "qbo":
        tables = tuple(r.qbo.transactions.values())
    return [row for table in tables for row in table.values()]


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


def test_credits_alone_are_taken_off_their_invoices(r: Rehearsal) -> None:
    order = r.order()
    r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
    r.sync()
    assert alive(r) == [(order, Decimal(60))]

    result = take_back(r, run="last", only="payments")

    assert (stays(result), alive(r)) == ({}, [(order, Decimal(100))])
    assert r.sync().documents == []
    send_again(r)
    assert alive(r) == [(order, Decimal(60))]


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
