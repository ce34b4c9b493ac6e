"""Lists of Xero's that do not end, and refusals that stand inside a part of an answer."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.responses import Reply
from invoicesync_cli.load.xero.client import page_of
from invoicesync_cli.load.xero.replies import sent as outcome
from invoicesync_cli.load.xero.writing import SCHEMAS
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import altered, failure, payments_of
from tests.kits.rehearsal import Rehearsal


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """Orders with everything that goes into Xero, which would take a credit note twice."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    rehearsal.xero.switches = XeroSwitches(credit_note_number_unique=False)
    person = rehearsal.person(emails=("alice@example.com",))
    early = rehearsal.clock.now() - timedelta(days=2)
    rehearsal.order(Item("PRODUCT", "80.00", name="Candle", sku="TIL"), contact=person)
    for kinds in (("Credit Card",), ("Credit Card", "Credit"), ("Credit Card", "Refund")):
        order = rehearsal.order()
        for kind in kinds:
            if kind == "Refund":
                rehearsal.keap.add_refund(payments_of(rehearsal, order)[0].id, Decimal("10.00"))
            else:
                rehearsal.keap.add_payment(order_id=order, amount="30.00", type=kind, time=early)
    return rehearsal


def test_list_of_a_thousand_million_pages_ends(shop: Rehearsal) -> None:
    def endless(body: Any) -> None:
        body["pagination"] = {"page": 1, "pageSize": 1000, "pageCount": 10**9, "itemCount": 10**12}

    altered(shop, endless, method="GET", path="/Contacts")
    shop.sync()
    reads = [call for call in shop.xero.calls if call.path.endswith("/Contacts")]
    assert len(reads) < 20
    assert shop.numbers() == sorted(shop.keap.orders)


def test_list_that_brings_ever_new_rows_is_given_up(shop: Rehearsal) -> None:
    count = 0
    rows: list[Any] = []

    def endless(body: Any) -> None:
        nonlocal count
        rows.extend(body["Contacts"])
        count += 1
        body["Contacts"] = [{**rows[0], "ContactID": f"00000000-0000-4000-8000-{count:012}"}]
        body["pagination"] = {"page": 1, "pageSize": 1000, "pageCount": 10**9, "itemCount": 10**12}

    altered(shop, endless, method="GET", path="/Contacts")
    error = failure(shop)
    assert isinstance(error, TryLater)
    assert "does not end" in error.message


@pytest.mark.parametrize(
    ("kind", "collection", "part"),
    [
        ("invoice", "Invoices", "Contact"),
        ("payment", "Payments", "Invoice"),
        ("payment", "Payments", "Account"),
        ("note", "CreditNotes", "Contact"),
        ("payment", "Payments", "CreditNote"),
        ("allocation", "Allocations", "Invoice"),
    ],
)
def test_refusal_inside_a_part_is_said(kind: str, collection: str, part: str) -> None:
    """Xero can refuse a document for what is wrong with its contact, and money for its invoice."""
    error = {"ValidationErrors": [{"Message": "The e-mail is odd."}, {"Message": "So is this."}]}
    element = {"HasErrors": True, "Amount": 5, part: error}
    reply = Reply("Xero", 200, {}, json.dumps({collection: [element]}).encode())

    (row,) = page_of(reply, collection, SCHEMAS[kind]).rows

    assert outcome(row).words == "The e-mail is odd. So is this."


def test_refusal_inside_the_contact_is_said(shop: Rehearsal) -> None:
    def refuse(body: Any) -> None:
        body["Invoices"][0]["HasErrors"] = True
        body["Invoices"][0]["Contact"]["ValidationErrors"] = [{"Message": "The e-mail is odd."}]

    altered(shop, refuse, method="PUT", path="/Invoices")
    failed = [item for item in shop.sync().documents if item.state is DocumentState.FAILED]
    assert ["The e-mail is odd" in item.message for item in failed] == [True]


def test_batch_refused_as_a_whole_says_what_is_wrong_inside(shop: Rehearsal) -> None:
    """As Xero does where errors are summed up."""
    inside = {"Contact": {"ValidationErrors": [{"Message": "The e-mail is odd."}]}}
    body = {"ErrorNumber": 10, "Message": "A validation exception occurred", "Elements": [inside]}
    shop.xero.fail(method="PUT", path="/Invoices$", status=400, body=json.dumps(body), times=99)
    failed = [item for item in shop.sync().documents if item.state is DocumentState.FAILED]
    assert failed
    assert all("The e-mail is odd." in item.message for item in failed)
