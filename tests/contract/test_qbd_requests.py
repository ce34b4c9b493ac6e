"""What is sent to QuickBooks Desktop against Intuit's schema and the simulated QuickBooks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.load.qbd.answers import SET_DONE, each, read
from invoicesync_cli.load.qbd.requests import PROLOG, message, request
from invoicesync_cli.load.qbd.tables import TABLES, Field, fields
from invoicesync_sandbox.qbd.message import read as taken
from tests.kits.qbxml import Desk, assert_valid

SENT = [name for name in TABLES if not name.isupper()]
WORDS = {
    "ActiveStatus": "All",
    "MatchCriterion": "StartsWith",
    "PaidStatus": "NotPaidOnly",
    "AccountType": "Bank",
    "TxnVoidType": "Invoice",
    "TxnDelType": "Invoice",
    "ListDelType": "Customer",
    "TxnTypeFilter": "Invoice",
    "TransactionDetailLevelFilter": "SummaryOnly",
    "TransactionPostingStatusFilter": "Posting",
    "TransactionPaidStatusFilter": "Open",
    "ExternalGUID": "{0b6f9d52-6e1f-5d0e-9a44-6f2f6a1c1042}",
    "OwnerID": "{0b6f9d52-6e1f-5d0e-9a44-6f2f6a1c1042}",
    "MaxReturned": "100",
    # A reference to a tax code is the shortest.
    "FullName": "xxx",
}
ALONE = {"IsAutoApply"}
"""What cannot stand beside the rest."""


def example(field: Field) -> Any:
    """A value of an element, as long as it may be."""
    if field.below == "ENTITY":
        return {"FullName": "x"}
    if field.below:
        return {one.name: example(one) for one in fields(field.below)}
    if field.name in WORDS:
        return WORDS[field.name]
    if field.form:
        return Decimal("1.5")
    if field.name.startswith("Is") or field.name.startswith("Include"):
        return "ListID" if field.name == "IncludeRetElement" else True
    if field.name.endswith("Date"):
        return date(2026, 11, 3)
    if field.name.endswith("ID"):
        return "1A-1793800000"
    return "x" * (field.longest or 16)


def check(name: str, values: dict[str, Any]) -> None:
    """Hold one request against the schema, and against the reader of the simulated QuickBooks."""
    xml = message([request(name, values, "1")], key="k1")
    assert xml.isascii()
    assert_valid(xml.removeprefix(PROLOG))
    assert taken(xml, newest="13.0", raw_letters=False).requests[0].refusal is None


@pytest.mark.parametrize(
    "name", [one for one in SENT if one.endswith(("Add", "Mod", "Void", "Del"))]
)
def test_with_everything_that_it_can_hold(name: str) -> None:
    check(name, {one.name: example(one) for one in fields(name) if one.name not in ALONE})


@pytest.mark.parametrize("name", [one for one in SENT if one.endswith("Query")])
def test_a_query_by_each_of_its_filters(name: str) -> None:
    needed = {"TxnDelType", "ListDelType"} & {one.name for one in fields(name)}
    for one in fields(name):
        values = {each: WORDS[each] for each in needed} | {one.name: example(one)}
        check(name, values)


def test_a_payment_that_finds_its_invoice() -> None:
    check(
        "ReceivePaymentAdd",
        {"CustomerRef": {"ListID": "1-1"}, "TotalAmount": Decimal(5), "IsAutoApply": False},
    )


def test_an_order_with_its_payment_and_what_is_read_of_it() -> None:
    desk = Desk()
    customer = request(
        "CustomerAdd",
        {"Name": "Zo\u00eb \u0141uk \u2013 \u201cZ\u201d (Keap 12)", "Email": "zoe@example.com"},
        "1",
    )

    def sent(*requests: str, key: str) -> Any:
        """The answers to a message."""
        ticket = desk.qbd.begin("invoicesync")
        return read(desk.qbd.request(ticket, message(requests, key=key)))

    made = sent(customer, key="c1").answers[0]
    assert made.objects[0][1]["Name"] == 'Zo\u00eb Luk - "Z" (Keap 12)'

    def line(item: str, amount: str, code: str, **more: Any) -> dict[str, Any]:
        taxed = {"SalesTaxCodeRef": {"FullName": code}} if code else {}
        return {"ItemRef": {"FullName": item}, "Amount": Decimal(amount), **taxed, **more}

    invoice = request(
        "InvoiceAdd",
        {
            "InvoiceLineAdd": [
                line("Coaching", "100.00", "Tax", Quantity=Decimal(2)),
                line("Shipping", "8.00", "Non"),
                line("Keap sales tax", "8.25", ""),
            ],
            "CustomerRef": {"ListID": made.id},
            "TxnDate": date(2026, 11, 3),
            "RefNumber": "K1042",
            "Memo": "Keap order 1042, invoice 1042",
            "ItemSalesTaxRef": {"FullName": "No tax"},
        },
        "1",
    )
    booked = sent(invoice, key="i1")
    assert booked.status == SET_DONE
    shown = booked.answers[0].objects[0][1]
    assert (shown["BalanceRemaining"], shown["Memo"]) == ("116.25", "Keap order 1042, invoice 1042")
    assert [one["Amount"] for one in each(shown, "InvoiceLineRet")] == ["100.00", "8.00", "8.25"]

    again = sent(invoice, key="i1").answers[0]
    assert (again.id, again.objects) == (booked.answers[0].id, ())
    payment = request(
        "ReceivePaymentAdd",
        {
            "CustomerRef": {"ListID": made.id},
            "TotalAmount": Decimal("200.00"),
            "AppliedToTxnAdd": {"TxnID": again.id, "PaymentAmount": Decimal("116.26")},
        },
        "1",
    )
    assert sent(payment, key="p1").answers[0].outcome == "too-much"
    assert len(desk.qbd.invoices) == 1
