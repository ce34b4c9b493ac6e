"""What the adapter reads of QuickBooks' own list of changes, and where it does not rely on it."""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.found import LedgerChanges
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import ZERO, LedgerId
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.qbo.screens import sale
from tests.kits.ledger_changes import changes_since
from tests.kits.qbo_faults import everything, quickbooks
from tests.kits.rehearsal import Rehearsal


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    """A company with an invoice paid in three parts, one credited, one refunded; an hour ago."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    rehearsal.sync()
    rehearsal.ticker.pass_time(3600)
    return rehearsal


@pytest.fixture
def ledger(r: Rehearsal) -> Iterator[Ledger]:
    with Workspace(r.environ, r.network).run(Call(), {}, dry_run=True) as deps:
        yield deps.ledger


def changed(r: Rehearsal, ledger: Ledger, **ago: float) -> LedgerChanges:
    return changes_since(ledger, r.clock.now() - timedelta(**(ago or {"minutes": 30})))


def paid(r: Rehearsal) -> tuple[LedgerId, LedgerId]:
    """The first invoice with a payment, and that payment."""
    payment = next(row for row in r.qbo.payments.values() if row.total)
    return LedgerId(payment.lines[0].txn_id), LedgerId(payment.id)


def test_one_call_and_nothing_new(r: Rehearsal, ledger: Ledger) -> None:
    before = ledger.usage.calls
    found = changed(r, ledger)
    assert (found.invoices, found.notes, found.payments, found.complete) == ({}, {}, {}, True)
    assert r.clock.now() - found.until < timedelta(seconds=1)
    assert ledger.usage.calls - before == 1


def test_everything_that_was_made_is_there(r: Rehearsal, ledger: Ledger) -> None:
    found = changed(r, ledger, hours=2)
    assert found.complete
    numbers = {invoice.number for invoice in found.invoices.values() if invoice}
    assert numbers >= {"1001", "1002", "1003", "1004"}
    assert {note.number for note in found.notes.values() if note} == {"CR-4", "RF-6"}
    assert set(found.payments) == set(r.qbo.payments)


@pytest.mark.parametrize("how", ["void", "delete", "take off"])
def test_payment_that_is_no_longer_on_its_invoice(r: Rehearsal, ledger: Ledger, how: str) -> None:
    """However it got off, and only that one."""
    invoice, payment = paid(r)
    others = set(r.qbo.invoices[invoice].links) - {payment}
    if how == "take off":
        r.qbo.edit_payment(payment, Line=[])
    else:
        getattr(r.qbo, f"{how}_payment")(payment)
    found = changed(r, ledger)
    there = found.payments[payment]
    if how == "delete":
        assert there is None
    else:
        assert there
        assert (there.alive, there.amount) == (how == "take off", ZERO)
    assert found.removed(payment, invoice)
    assert not any(found.removed(LedgerId(other), invoice) for other in others)


def test_voided_invoice_leaves_its_payments_on_nothing(r: Rehearsal, ledger: Ledger) -> None:
    invoice, payment = paid(r)
    r.qbo.void_invoice(invoice)
    found = changed(r, ledger)
    there, money = found.invoices[invoice], found.payments[payment]
    assert there
    assert not there.alive
    assert money
    assert (money.alive, money.target, money.amount) == (True, LedgerId(""), ZERO)
    assert found.removed(payment, invoice)


def test_credit_that_was_taken_off_its_invoice_has_something_left(
    r: Rehearsal, ledger: Ledger
) -> None:
    (memo,) = r.qbo.credit_memos.values()
    (applied,) = [row for row in r.qbo.payments.values() if not row.total]
    r.qbo.delete_payment(applied.id)
    note = changed(r, ledger).notes[LedgerId(memo.id)]
    assert note
    assert (note.alive, note.left) == (True, memo.total)


def test_deleted_refund_leaves_its_id(r: Rehearsal, ledger: Ledger) -> None:
    (refund,) = r.qbo.refund_receipts.values()
    r.qbo.delete_refund_receipt(refund.id)
    found = changed(r, ledger)
    assert found.notes == {refund.id: None}
    assert found.complete


def test_time_that_is_too_long_ago(r: Rehearsal, ledger: Ledger) -> None:
    """QuickBooks refuses it; its clock is known all the same."""
    found = changed(r, ledger, days=31)
    assert not found.complete
    assert r.clock.now() - found.until < timedelta(seconds=1)


def test_more_than_it_tells(r: Rehearsal, ledger: Ledger) -> None:
    """1,000 objects at most: what came after them is not known."""
    crowd(r, 1000)
    assert not changed(r, ledger).complete


def crowd(r: Rehearsal, number: int) -> list[str]:
    """So many more invoices, ten a second."""
    customer, code = next(iter(r.qbo.customers)), next(iter(r.qbo.tax_codes))
    made = []
    for place in range(number):
        made.append(r.qbo.enter_invoice(customer, [sale("10.00", tax_code=code)]))
        if place % 10 == 9:
            r.ticker.pass_time(1)
    return made


def test_more_than_it_tells_is_read_on_where_there_is_a_mark(r: Rehearsal, ledger: Ledger) -> None:
    """Everything once, though it moves about meanwhile; a thousand a call."""
    mark = ledger.mark(r.clock.now() - timedelta(minutes=30))
    made = crowd(r, 2300)
    handle, last = r.qbo.handle, iter(made)

    def moving(request: Request) -> Response:
        if b"LastUpdatedTime" in request.get_data():
            for ident in itertools.islice(last, 600):
                r.qbo.edit_invoice(ident, PrivateNote="moved")
        return handle(request)

    r.qbo.handle = moving  # type: ignore[method-assign]
    before = ledger.usage.calls
    found = changes_since(ledger, r.clock.now() - timedelta(minutes=10), mark)
    assert (found.complete, found.shows_deleted) == (True, False)
    assert set(found.invoices) >= set(made)
    assert ledger.usage.calls - before <= 12


@pytest.mark.parametrize("kind", ["invoice", "credit memo", "refund", "payment", "new invoice"])
def test_what_is_gone_shows_by_the_count_unless_it_was_made_after_the_mark(
    r: Rehearsal, ledger: Ledger, kind: str
) -> None:
    qbo = r.qbo
    code = next(iter(qbo.tax_codes))
    plain = qbo.enter_invoice(next(iter(qbo.customers)), [sale("10.00", tax_code=code)])
    payment = paid(r)[1]
    r.ticker.pass_time(60)
    mark = ledger.mark(r.clock.now())
    new, *_ = crowd(r, 1000)
    if kind == "credit memo":
        (applied,) = [row for row in qbo.payments.values() if not row.total]
        qbo.delete_payment(applied.id)
    ids = {
        "invoice": plain,
        "credit memo": next(iter(qbo.credit_memos)),
        "refund": next(iter(qbo.refund_receipts)),
        "payment": payment,
        "new invoice": new,
    }
    qbo.delete(ids[kind])

    found = changes_since(ledger, r.clock.now() - timedelta(minutes=10), mark)

    assert (found.complete, found.shows_deleted) == (kind == "new invoice", False)


def test_no_mark_where_quickbooks_cannot_count(r: Rehearsal, ledger: Ledger) -> None:
    before = r.clock.now() - timedelta(minutes=30)
    mark = ledger.mark(before)
    r.qbo.switches = QboSwitches(creation_queried=False)
    assert (bool(mark), ledger.mark(before)) == (True, "")
    crowd(r, 1000)
    assert not changes_since(ledger, r.clock.now() - timedelta(minutes=10), mark).complete


def test_row_of_a_page_that_cannot_be_read_is_not_passed_over(r: Rehearsal, ledger: Ledger) -> None:
    mark = ledger.mark(r.clock.now() - timedelta(minutes=30))
    made = crowd(r, 1000)
    handle = r.qbo.handle

    def odd(request: Request) -> Response:
        response = handle(request)
        if b"LastUpdatedTime >=" in request.get_data():
            spoilt = re.sub(
                rb'"TotalAmt": [\d.]+', b'"TotalAmt":"ten"', response.get_data(), count=1
            )
            response.set_data(spoilt)
        return response

    r.qbo.handle = odd  # type: ignore[method-assign]
    found = changes_since(ledger, r.clock.now() - timedelta(minutes=10), mark)
    assert found.unreadable
    assert found.invoices.keys() | found.unreadable >= set(made)


@pytest.mark.parametrize(
    ("entity", "rows", "ids", "complete"),
    [
        ("Invoice", [{"Id": "7"}], {"7"}, True),
        ("Payment", [{"Id": None, "status": "Deleted"}], set(), False),
        ("CreditMemo", {"Id": "7"}, {"7"}, True),
        ("RefundReceipt", None, set(), False),
        ("SalesReceipt", ["7"], set(), False),
        ("Payment", [{"Id": "7"}, {"Id": "eight"}], {"7"}, False),
    ],
)
def test_row_that_cannot_be_read_is_not_passed_over(
    r: Rehearsal, ledger: Ledger, entity: str, rows: Any, ids: set[str], complete: bool
) -> None:
    """Its id is known, or not everything is."""
    handle = r.qbo.handle

    def odd(request: Request) -> Response:
        response = handle(request)
        if request.path.endswith("/cdc"):
            data = json.loads(response.get_data())
            data["CDCResponse"][0]["QueryResponse"][0][entity] = rows
            response.set_data(json.dumps(data))
        return response

    r.qbo.handle = odd  # type: ignore[method-assign]
    found = changed(r, ledger)
    assert found.unreadable == ids
    assert found.complete == complete
