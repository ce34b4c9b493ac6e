"""Payments that have outlived their invoice in QuickBooks, put onto another one."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.found import LedgerPayment
from invoicesync_cli.load.ledger import Ledger, WriteResult
from invoicesync_cli.model import (
    DocumentKind,
    InvoiceId,
    LedgerId,
    OrderId,
    PaymentDraft,
    PaymentId,
)
from invoicesync_sandbox.qbo.screens import sale
from tests.kits.qbo_faults import quickbooks
from tests.kits.rehearsal import Rehearsal

NAMES = ["keap-1"]


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    """A company in which the invoice of a paid order was voided."""
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order()
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.sync()
    (payment,) = rehearsal.qbo.payments.values()
    rehearsal.qbo.void_invoice(payment.lines[0].txn_id)
    return rehearsal


@pytest.fixture
def ledger(r: Rehearsal) -> Iterator[Ledger]:
    with Workspace(r.environ, r.network).run(Call(), {}, dry_run=True) as deps:
        deps.ledger.settings(deps.ledger.read_lists(deps.ledger.capabilities.lists), deps.loaded)
        yield deps.ledger


def another(r: Rehearsal, amount: str = "100.00") -> LedgerId:
    """Another invoice of the same customer."""
    (payment,) = r.qbo.payments.values()
    code = next(row.id for row in r.qbo.tax_codes.values() if row.name == "0.0% Z")
    return LedgerId(r.qbo.enter_invoice(payment.customer_id, [sale(amount, tax_code=code)]))


def draft(r: Rehearsal, invoice: LedgerId, amount: str) -> PaymentDraft:
    """The money of the order, for another invoice."""
    (payment,) = r.qbo.payments.values()
    return PaymentDraft(
        kind=DocumentKind.PAYMENT,
        key="1:1001",
        order_id=OrderId("1001"),
        invoice_id=InvoiceId("1001"),
        payment_id=PaymentId("1"),
        date=payment.txn_date,
        amount=Decimal(amount),
        currency="GBP",
        reference=payment.ref,
        invoice=invoice,
        contact_id=LedgerId(payment.customer_id),
    )


def loose(r: Rehearsal, ledger: Ledger) -> LedgerPayment:
    (ident,) = r.qbo.payments
    return ledger.surviving_payments([LedgerId(ident)])[LedgerId(ident)]


def apply(
    r: Rehearsal, ledger: Ledger, invoice: LedgerId, amount: str = "100.00", key: str = "k1"
) -> WriteResult:
    body = ledger.body("apply", [(draft(r, invoice, amount), loose(r, ledger))])
    (sent,) = ledger.send("apply", body, key, NAMES)
    return sent


def test_payment_of_a_voided_invoice_is_on_none(r: Rehearsal, ledger: Ledger) -> None:
    found = loose(r, ledger)
    assert (found.unapplied, found.on, found.alive) == (Decimal("100.00"), {}, True)


def test_voided_and_deleted_payments_are_not_among_them(r: Rehearsal, ledger: Ledger) -> None:
    (ident,) = r.qbo.payments
    other = r.qbo.pay(another(r))
    assert ledger.surviving_payments([LedgerId(other)])[LedgerId(other)].unapplied == 0
    r.qbo.void_payment(ident)
    assert ledger.surviving_payments([LedgerId(ident)]) == {}


def test_it_goes_onto_another_invoice_and_stays_one_payment(r: Rehearsal, ledger: Ledger) -> None:
    invoice = another(r)
    sent = apply(r, ledger, invoice)
    (payment,) = r.qbo.payments.values()
    assert (sent.id, sent.unapplied) == (payment.id, Decimal("0.00"))
    assert (payment.total, payment.unapplied) == (Decimal("100.00"), Decimal("0.00"))
    assert r.qbo.invoices[invoice].balance == 0


def test_what_is_elsewhere_by_now_stays_there(r: Rehearsal, ledger: Ledger) -> None:
    """A bookkeeper has used a part of it for another invoice; the rest goes onto ours."""
    r.qbo.set_preferences(auto_apply_payments=False)
    (payment,) = r.qbo.payments.values()
    theirs, ours = another(r, "30.00"), another(r, "70.00")
    linked = [{"TxnId": theirs, "TxnType": "Invoice"}]
    r.qbo.edit_payment(payment.id, Line=[{"Amount": Decimal("30.00"), "LinkedTxn": linked}])
    found = loose(r, ledger)
    assert (found.on, found.unapplied) == ({theirs: Decimal("30.00")}, Decimal("70.00"))
    assert apply(r, ledger, ours, "70.00").id == payment.id
    assert [r.qbo.invoices[invoice].balance for invoice in (theirs, ours)] == [0, 0]


def test_payment_in_a_bank_deposit_is_refused(r: Rehearsal, ledger: Ledger) -> None:
    (ident,) = r.qbo.payments
    invoice = another(r)
    r.qbo.deposit(ident)
    sent = apply(r, ledger, invoice)
    assert (sent.id, sent.reason) == (None, "rejected")
    assert "deposit" in sent.hint


@pytest.mark.parametrize("forgotten", [True, False])
def test_lost_answer_is_looked_up_in_the_payment(
    r: Rehearsal, ledger: Ledger, forgotten: bool
) -> None:
    """The same bytes once more: whatever the request id says, it is done once."""
    if forgotten:
        r.qbo.switches = replace(r.qbo.switches, requestid_hours=0)
    invoice = another(r)
    body = ledger.body("apply", [(draft(r, invoice, "100.00"), loose(r, ledger))])
    ledger.send("apply", body, "k1", NAMES)
    before = r.qbo.payments[next(iter(r.qbo.payments))].sync_token
    (sent,) = ledger.send("apply", body, "k1", NAMES, sent_at=r.clock.now())
    (payment,) = r.qbo.payments.values()
    assert (sent.id, payment.sync_token) == (payment.id, before)
    assert r.qbo.invoices[invoice].balance == 0
