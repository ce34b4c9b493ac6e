"""A number that the ledger has already, on a document that is not ours (R1)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all."""
    return Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})


def entered(r: Rehearsal, number: str, price: str, day: date) -> str:
    """An invoice that somebody has entered in the ledger for the person that Keap has too."""
    if r.to == "xero":
        contact = r.xero.add_contact("Robin Hill", EmailAddress="robin@example.com")
        line = {"Description": "Candle", "Quantity": 1, "UnitAmount": price, "AccountCode": "200"}
        fields = {"InvoiceNumber": number, "Date": str(day), "DueDate": str(day)}
        return str(r.xero.add_invoice(contact, [line | {"TaxType": "NONE"}], **fields))
    old = next(form for form in r.qbo.invoices.values() if form.number == "INV-0001")
    contact = r.qbo.add_customer("Robin Hill", email="robin@example.com")
    line = {
        "Amount": price,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": old.lines[0].item_id},
            "TaxCodeRef": {"value": untaxed(r)},
        },
    }
    return r.qbo.enter_invoice(contact, [line], DocNumber=number, TxnDate=str(day))


def untaxed(r: Rehearsal) -> str:
    """The tax code of QuickBooks that adds nothing."""
    return next(row.id for row in r.qbo.tax_codes.values() if row.name == "No VAT")


def ordered(r: Rehearsal) -> str:
    """An order of a hundred by the same person, paid."""
    person = r.person(given_name="Robin", family_name="Hill", emails=("robin@example.com",))
    order = r.order(CANDLE, contact=person)
    r.keap.add_payment(order_id=order, amount="100.00")
    return order


def today(r: Rehearsal) -> date:
    """The day of the order."""
    return r.clock.now().date()


def test_the_same_sale_from_elsewhere_is_called_that(r: Rehearsal) -> None:
    """Never a prefix: with one the sale and its payment would be in the books twice."""
    order = ordered(r)
    there = entered(r, order, "100.00", today(r))

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "number-taken")
    assert "the same contact, date and total" in document.message
    assert "prefix" not in document.hint
    marked(r, there, f"Keap order {order}, invoice {order}")
    result = r.sync()
    assert (only(result).reason, only(result).ledger_id) == ("already-synced", there)
    assert len(living(r, order)) == 1


def marked(r: Rehearsal, invoice: str, marker: str) -> None:
    """Do what the hint says."""
    name = {"xero": "Reference", "qbo": "PrivateNote"}[r.to]
    getattr(r, r.to).edit_invoice(invoice, **{name: marker})


def living(r: Rehearsal, number: str) -> list[Any]:
    """The invoices of a number."""
    return [row for row in getattr(r, r.to).invoices.values() if row.number == number]


@pytest.mark.parametrize(
    ("price", "days"), [("99.00", 0), ("100.00", -1)], ids=["another total", "another day"]
)
def test_another_sale_of_that_number_is_not_called_the_same(
    r: Rehearsal, price: str, days: int
) -> None:
    order = ordered(r)
    day = today(r)
    entered(r, order, price, day.replace(day=day.day + days))

    document = only(r.sync())

    assert (document.state, document.reason) == (DocumentState.HELD, "number-taken")
    assert "the same contact" not in document.message
    assert len(living(r, order)) == 1
