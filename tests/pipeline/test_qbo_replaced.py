"""R12 in QuickBooks with a full list of changes: money that no balance shows to be gone.

Somebody has put something else in its place, or its invoice is looked after by a person already.
"""

from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.state.rows import Record
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.qbo.screens import sale as line_of
from tests.kits.crowded import (
    DAY,
    Crowded,
    Hand,
    crowded,
    fill,
    memo_deleted,
    name,
    payment_deleted,
    refund_deleted,
    short_list,
)

MONEY = [("payment", payment_deleted), ("credit memo", memo_deleted), ("refund", refund_deleted)]


@pytest.fixture(autouse=True)
def _short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    short_list(monkeypatch)


@pytest.fixture(params=[True, False], ids=["counted", "not counted"])
def c(tmp_path: Path, request: pytest.FixtureRequest) -> Crowded:
    """A company whose documents can be counted by the time when they were made, or cannot."""
    return crowded(tmp_path, switches=QboSwitches(creation_queried=request.param))


def invoice(c: Crowded, age: str, of: str) -> str:
    """The id of an order's invoice in QuickBooks."""
    (record,) = c.records(age, of, DocumentKind.INVOICE)
    return record.document.ledger_id


def last_payment(c: Crowded) -> tuple[Record, str]:
    """The payment that was sent last, and the invoice that it is on: beyond what is listed."""
    with c.r.state() as state:
        record = max(
            (row for row in state.money_since("", ()) if row.kind is DocumentKind.PAYMENT),
            key=lambda row: int(row.document.ledger_id),
        )
        (sale,) = (
            row
            for row in state.records_of([record.document.order_id], "order")
            if row.kind is DocumentKind.INVOICE
        )
    return record, sale.document.ledger_id


@pytest.mark.parametrize(("of", "hand"), MONEY[:2])
@pytest.mark.parametrize("age", ["old", "young"])
def test_money_that_somebody_has_replaced_by_a_payment_is_noticed(
    c: Crowded, of: str, hand: Hand, age: str
) -> None:
    on = invoice(c, age, of)
    due = c.r.qbo.invoices[on].balance
    done = hand(c, age)
    c.r.qbo.pay(on, str(c.r.qbo.invoices[on].balance - due))
    c.r.ticker.pass_time(DAY)

    assert c.look()[0] == {name(done)}


@pytest.mark.parametrize("left", ["", "60.00"], ids=["deleted", "lowered"])
def test_last_payment_is_noticed_when_another_makes_up_for_it(c: Crowded, left: str) -> None:
    done, on = last_payment(c)
    payment = done.document.ledger_id
    if left:
        link = {"TxnId": on, "TxnType": "Invoice"}
        c.r.qbo.edit(payment, TotalAmt=left, Line=[{"Amount": left, "LinkedTxn": [link]}])
    else:
        c.r.qbo.delete_payment(payment)
    c.r.qbo.pay(on)
    c.r.ticker.pass_time(DAY)

    assert c.look()[0] == {name(done)}


@pytest.mark.parametrize(("of", "hand"), MONEY)
def test_money_of_an_invoice_that_is_held_is_looked_after(c: Crowded, of: str, hand: Hand) -> None:
    line = line_of("120.00", tax_code=next(iter(c.r.qbo.tax_codes)))
    c.r.qbo.edit_invoice(invoice(c, "old", of), Line=[line], TxnTaxDetail={})
    assert c.look()[0] == {f"invoice {c.old[of]}"}
    c.r.ticker.pass_time(DAY)
    fill(c.r)
    done = hand(c, "old")
    c.r.ticker.pass_time(DAY)

    assert c.look()[0] == {name(done)}
