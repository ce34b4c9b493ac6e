"""Batches of QuickBooks of which some items fail, or that are too much: the others never suffer."""

import itertools
import json
import re
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.qbo import QboLedger
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble, between, documents
from tests.kits.qbo_faults import check_books, quickbooks, writes
from tests.kits.rehearsal import Rehearsal

TRACE = re.compile(r"intuit_tid \d-[0-9a-f]{8}-[0-9a-f]{24}")


def orders(rehearsal: Rehearsal, many: int) -> list[str]:
    """So many orders of one person."""
    person = rehearsal.person()
    return [rehearsal.order(contact=person) for _ in range(many)]


def of(result: Result, order: str) -> Document:
    """The invoice of an order."""
    (found,) = [
        item
        for item in result.documents
        if item.order_id == order and item.kind is DocumentKind.INVOICE
    ]
    return found


def sizes(calls: list[Call]) -> list[int]:
    """How many items each batch had."""
    return [len(json.loads(call.body)["BatchItemRequest"]) for call in calls]


def test_three_of_thirty_fail(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    ids = orders(rehearsal, 30)
    refused = {
        ids[3]: ("2050", "String length specified does not match the supported length."),
        ids[17]: ("6000", "Business Validation Error: An error of its own kind."),
        ids[29]: ("6070", "Amount is not equal to UnitPrice * Qty. Supplied value:1,861.07"),
    }
    for order, (code, detail) in refused.items():
        rehearsal.qbo.refuse("Invoice", f'"DocNumber": "{order}"', code, detail=detail, times=99)

    result = rehearsal.sync()

    assert result.exit_code == ExitCode.NEEDS_PERSON
    assert Counter(item.state for item in result.documents) == {
        DocumentState.CREATED: 27,
        DocumentState.FAILED: 3,
    }
    for order, (code, detail) in refused.items():
        document = of(result, order)
        assert document.reason == "rejected"
        assert document.message.startswith("The ledger says: ")
        assert detail in document.message
        assert f"({code}; " in document.message
        assert TRACE.search(document.message)
        assert document.hint
    assert len(writes(rehearsal, kind="invoice")) == 1
    before = len(writes(rehearsal))
    assert rehearsal.sync().exit_code == ExitCode.NEEDS_PERSON
    assert len(writes(rehearsal)) == before

    rehearsal.qbo.company.refusals.clear()
    again = rehearsal.sync(command="retry", ids=tuple(refused), by="order")

    assert {item.order_id: item.state for item in again.documents} == dict.fromkeys(
        refused, DocumentState.CREATED
    )
    assert again.exit_code == ExitCode.OK
    check_books(rehearsal)


def test_each_item_of_a_batch_has_an_id_of_its_own(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    orders(rehearsal, 30)
    rehearsal.sync()
    (call,) = writes(rehearsal, kind="invoice")
    asked = [item["bId"] for item in json.loads(call.body)["BatchItemRequest"]]
    assert len(set(asked)) == 30
    assert all(len(place) <= 10 for place in asked)


def test_names_are_written_by_one_request_at_a_time(tmp_path: Path) -> None:
    """With calls that really overlap, QuickBooks refuses names that are written beside others."""
    rehearsal = quickbooks(tmp_path, QboSwitches(one_name_at_a_time=True))
    for _ in range(95):
        rehearsal.order()
    together = threading.Barrier(4)
    at_once = Counter[str]()
    counting = threading.Lock()

    def slowly(request: Request) -> None:
        body = request.get_data(as_text=True)
        kind = next((kind for kind in ("Customer", "Invoice") if f'"{kind}":{{' in body), "")
        if not kind:
            return
        with counting:
            at_once[kind] += 1
            most[kind] = max(most[kind], at_once[kind])
        if kind == "Invoice":
            together.wait(10)
        with counting:
            at_once[kind] -= 1

    most = Counter[str]()
    rehearsal.qbo.in_progress = slowly
    result = rehearsal.sync()
    assert {item.state for item in result.documents} == {DocumentState.CREATED}
    assert most == {"Customer": 1, "Invoice": 4}
    rehearsal.qbo.in_progress = None
    check_books(rehearsal)


@pytest.mark.parametrize("entity", ["Customer", "Item", "Invoice"])
def test_item_refused_for_the_moment_is_sent_again(tmp_path: Path, entity: str) -> None:
    rehearsal = quickbooks(tmp_path)
    for _ in range(5):
        rehearsal.order(Item("OTHER", "10.00", name="Something"))
    words = {"Item": "You can only add or edit one product or service at a time. Please try again."}
    detail = words.get(entity, "You can only add or edit one name at a time. Please try again.")
    rehearsal.qbo.refuse(
        entity, code="6000", detail=f"Business Validation Error: {detail}", times=2
    )
    rehearsal.sync()
    check_books(rehearsal)


def test_item_that_is_refused_for_the_moment_for_ever_is_reported(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    ids = orders(rehearsal, 3)
    rehearsal.qbo.refuse("Invoice", f'"DocNumber": "{ids[1]}"', "5010", times=99)
    result = rehearsal.sync()
    assert documents(result)[ids[1]] == ("failed", "rejected")
    assert "Stale Object Error" in of(result, ids[1]).message
    rehearsal.qbo.company.refusals.clear()
    rehearsal.sync(command="retry", ids=(ids[1],), by="order")
    check_books(rehearsal)


@pytest.mark.parametrize(("seconds", "later"), [(0.1, 30), (1.0, 15), (1.9, 8)])
def test_batches_shrink_while_quickbooks_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, later: int
) -> None:
    # One at a time, since they all share one clock.
    monkeypatch.setattr(QboLedger, "capabilities", replace(QboLedger.capabilities, in_flight=1))
    rehearsal = quickbooks(tmp_path)
    clock, ticker = rehearsal.clock, rehearsal.ticker
    rehearsal.network.timing = Timing(lambda: clock.now().timestamp(), ticker.sleep, clock.now)
    rehearsal.qbo.batch_item_seconds = seconds
    orders(rehearsal, 300)
    rehearsal.sync()
    sent = sizes(writes(rehearsal, kind="invoice"))
    assert sum(sent) == 300
    # The first goes out before anybody knows.
    assert (sent[0], max(sent[1:])) == (30, later)
    rehearsal.qbo.batch_item_seconds = 0
    check_books(rehearsal)


def test_batch_that_takes_longer_than_the_gateway_waits_is_found_and_not_sent_again(
    tmp_path: Path,
) -> None:
    rehearsal = quickbooks(tmp_path)
    orders(rehearsal, 60)
    rehearsal.qbo.batch_item_seconds = 5.0
    rehearsal.sync()
    numbers = itertools.chain.from_iterable(
        re.findall(r'"DocNumber":"(\d+)"', call.body.decode())
        for call in writes(rehearsal, kind="invoice")
    )
    assert max(Counter(numbers).values()) == 1
    rehearsal.qbo.batch_item_seconds = 0
    check_books(rehearsal)


@pytest.mark.parametrize("status", [504, 413])
def test_batch_that_is_too_much_goes_out_in_smaller_ones(tmp_path: Path, status: int) -> None:
    """The gateway gives up on what takes long, or will not have so much at once."""
    rehearsal = quickbooks(tmp_path)
    orders(rehearsal, 30)
    page = f"<html><title>{status} of the gateway</title></html>"
    eight = '("Invoice":{.*){8}'
    between(rehearsal)["qbo"].planned = [
        Trouble("before", text=eight, times=99, answer=lambda: Response(page, status))
    ]
    rehearsal.sync()
    assert max(sizes(writes(rehearsal, kind="invoice"))) < 8
    check_books(rehearsal)
