"""Batches of which one element is wrong, or answered oddly: the others never suffer."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.model import DocumentState
from invoicesync_cli.sync import scan
from invoicesync_sandbox.keap import Item
from tests.kits.faults import Between, Trouble, Where, between, check_booked, documents
from tests.kits.qbo_faults import check_books
from tests.kits.rehearsal import Rehearsal

UNREADABLE = {
    "xero": '{"ErrorNumber":14,"Type":"PostDataInvalidException","Message":"Invalid Json data"}',
    "qbo": '{"Fault":{"Error":[{"Message":"Unsupported","Detail":"Invalid Json data","code":"2010"}'
    '],"type":"ValidationFault"}}',
}
"""What a ledger says to a batch that it cannot read, which is all of it."""


@dataclass
class Altered(Trouble):
    """The answer as it is, but for what `change` does to the list of its elements."""

    where: Where = "after"
    elements: str = ""
    change: Callable[[list[Any]], object] = list.reverse

    def instead(self, given: Response | None) -> Response:
        """The service's own answer, with its elements changed."""
        assert given is not None
        body = json.loads(given.get_data())
        self.change(body[self.elements])
        given.set_data(json.dumps(body))
        return given


@dataclass
class Batches:
    """Batches of one ledger: what in a body tells those of `invoices` and of `contacts`, the start
    of an order's `number` there, and the name of an answer's list of `elements`."""

    r: Rehearsal
    place: Between
    elements: str
    invoices: str
    contacts: str
    number: str

    def count(self, text: str) -> int:
        """How many of the batches that went out have this in them."""
        service = self.r.xero if self.r.to == "xero" else self.r.qbo
        return sum(re.search(text, call.body.decode()) is not None for call in service.calls)

    def spoil(self, order: str) -> None:
        """From now on no batch in which this order's invoice stands can be read."""
        answer = Response(UNREADABLE[self.r.to], 400, content_type="application/json")
        text = f'{self.invoices}.*{self.number}"{order}"'
        self.place.planned = [Trouble(text=text, times=99, answer=lambda: answer)]

    def alter(self, change: Callable[[list[Any]], object]) -> None:
        """Let `change` have its way with the elements of the next answer to invoices."""
        self.place.planned = [
            Altered(text=self.invoices, elements=self.elements, change=change),
        ]

    def check(self) -> None:
        """Every order is in the books exactly once, with its total and its money."""
        self.place.planned = []
        (check_booked if self.r.to == "xero" else check_books)(self.r)


@pytest.fixture
def batches(r: Rehearsal) -> Batches:
    """What is sent to either ledger, with a place for trouble."""
    words = {
        "xero": ("Invoices", '"Invoices":', '"Contacts":', '"InvoiceNumber":'),
        "qbo": ("BatchItemResponse", '"Invoice":{"CustomerRef', '"Customer":{', '"DocNumber":'),
    }
    return Batches(r, between(r)[r.to], *words[r.to])


def test_one_unreadable_element_leaves_the_others_alone(r: Rehearsal, batches: Batches) -> None:
    orders = [r.order() for _ in range(30)]
    bad = orders[11]
    batches.spoil(bad)

    result = r.sync()

    reported = documents(result)
    assert reported.pop(bad) == ("failed", "rejected")
    assert set(reported.values()) == {("created", "")}
    assert len(reported) == 29
    assert result.exit_code == ExitCode.NEEDS_PERSON
    (failed,) = [item for item in result.documents if item.order_id == bad]
    assert "Invalid Json data" in failed.message
    # Halved, not sent one by one.
    assert batches.count(batches.invoices) <= 13


def test_unreadable_element_is_sent_again_only_when_its_order_has_changed(
    r: Rehearsal, batches: Batches
) -> None:
    order = r.order()
    batches.spoil(order)
    r.sync()
    before = batches.count(batches.invoices)

    r.sync()
    assert batches.count(batches.invoices) == before

    batches.place.planned = []
    r.keap.edit_order(order, items=[Item("PRODUCT", "80.00", name="Candle")])
    r.sync()
    batches.check()


def test_unreadable_element_is_sent_again_when_it_is_asked_for(
    r: Rehearsal, batches: Batches
) -> None:
    order = r.order()
    batches.spoil(order)
    r.sync()
    batches.place.planned = []

    r.sync(command="retry", ids=(order,), by="order")

    batches.check()


def test_new_person_with_orders_in_two_chunks_is_created_once(
    r: Rehearsal, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "CHUNK", 1)
    monkeypatch.setattr(keap_reader, "PAGE", 1)
    person = r.person()
    for _ in range(3):
        r.order(contact=person)

    result = r.sync()

    assert {document.state for document in result.documents} == {DocumentState.CREATED}
    assert batches.count(batches.contacts) == 1
    batches.check()


def priced(r: Rehearsal) -> None:
    """Three orders whose totals tell them apart."""
    for price in ("10.00", "20.00", "30.00"):
        r.order(Item("PRODUCT", price, name="Candle"))


def test_answers_in_another_order_each_go_to_their_own(r: Rehearsal, batches: Batches) -> None:
    priced(r)
    batches.alter(list.reverse)
    r.sync()
    batches.check()


def test_element_missing_from_the_answer_is_looked_up(r: Rehearsal, batches: Batches) -> None:
    priced(r)
    batches.alter(lambda elements: elements.pop(1))
    r.sync()
    batches.check()
