"""How each kind of document is taken back, and how many calls that takes."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.undoing import (
    alive,
    invoice_id,
    money,
    paid,
    rehearse,
    send_again,
    stays,
    take_back,
)


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all, in which invoices are approved at once."""
    return rehearse(tmp_path, request.param)


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


def test_version_that_is_out_of_date_is_read_again(tmp_path: Path) -> None:
    """5010: somebody else has just saved it, or QuickBooks itself has."""
    r = rehearse(tmp_path, "qbo")
    paid(r)
    r.sync()
    r.qbo.refuse("Payment", code="5010")
    r.qbo.refuse("Invoice", code="5010")

    assert (take_back(r).exit_code, alive(r), money(r)) == (ExitCode.OK, [], [])


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
