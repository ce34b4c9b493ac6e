"""Whatever Xero says in one field: no crash, nothing twice, and all heals or is reported."""

import json
from collections import Counter
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
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import altered, failure, payments_of, sent
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_answers import run_with_one_wrong_value

SEEDS = range(40)
"""Each is a run; any other number does as well (see the id of a failure)."""


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


def check_nothing_twice(rehearsal: Rehearsal) -> None:
    """Nobody and nothing is in the books more than once, and what is not there is reported."""
    xero = rehearsal.xero
    people = Counter(row.contact_number for row in xero.contacts.values() if row.contact_number)
    assert all(count == 1 for count in people.values()), people
    booked = sent(rehearsal)
    assert all(len(rows) == 1 for rows in booked.values())
    living = [row for row in xero.payments.values() if row.status == "AUTHORISED"]
    paid = Counter((row.document_id, row.reference) for row in living)
    assert all(count == 1 for count in paid.values()), paid
    notes = Counter(row.number for row in xero.credit_notes.values() if row.status != "VOIDED")
    assert all(count == 1 for count in notes.values()), notes
    with rehearsal.state() as state:
        records = state.records_of(rehearsal.keap.orders, "order")
    for record in records:
        if record.kind is DocumentKind.INVOICE:
            there = [row.id for row in booked.get(record.key, ())]
            assert [record.document.ledger_id] == (there or [""]), record
        elif record.state is DocumentState.CREATED:
            ids = {*xero.payments, *xero.credit_notes}
            assert record.document.ledger_id in ids, record
    money = {
        record.document.payment_id for record in records if record.kind is not DocumentKind.INVOICE
    }
    assert money == set(rehearsal.keap.payments)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_wrong_value(shop: Rehearsal, seed: int) -> None:
    run_with_one_wrong_value(shop, seed)
    check_nothing_twice(shop)


@pytest.mark.parametrize("seed", range(100, 115))
def test_one_wrong_value_after_a_lost_answer(shop: Rehearsal, seed: int) -> None:
    """The look at what is there is answered wrongly."""
    paths = ["Contacts", "Invoices", "Payments", "CreditNotes", "Allocations"]
    shop.xero.fail(kind="lose", method="PUT", path=f"{paths[seed % 5]}$")
    run_with_one_wrong_value(shop, seed)
    check_nothing_twice(shop)


@pytest.mark.parametrize("seed", range(200, 220))
def test_one_wrong_value_in_a_later_run(shop: Rehearsal, seed: int) -> None:
    """What was sent before is read again, and money goes onto it."""
    shop.sync()
    first, *_ = shop.keap.orders
    payment = shop.keap.add_payment(order_id=first, amount="20.00").id
    shop.keap.add_payment(order_id=first, amount="15.00", type="Credit")
    shop.keap.add_refund(payment, Decimal("5.00"))
    shop.ticker.pass_time(3600)
    run_with_one_wrong_value(shop, seed)
    check_nothing_twice(shop)


def test_list_of_a_thousand_million_pages_ends(shop: Rehearsal) -> None:
    def endless(body: Any) -> None:
        body["pagination"] = {"page": 1, "pageSize": 1000, "pageCount": 10**9, "itemCount": 10**12}

    altered(shop, endless, method="GET", path="/Contacts")
    shop.sync()
    reads = [call for call in shop.xero.calls if call.path.endswith("/Contacts")]
    assert len(reads) < 20
    check_nothing_twice(shop)


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
