"""Mistakes planted into what is said to QuickBooks: the contract check has to report each one."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from tests.contract.check import problems
from tests.contract.exchanges import Exchange
from tests.contract.schemas import Kind
from tests.contract.specification import needs_specifications

pytestmark = needs_specifications

Runs = dict[str, list[Exchange]]


def found_in(exchange: Exchange) -> set[tuple[Kind, str]]:
    """Kind and place of everything that is reported."""
    return {(problem.kind, problem.where) for problem in problems(exchange)}


def items_of(exchange: Exchange, entity: str) -> list[Any]:
    """The items of a batch that send an entity."""
    if not exchange.sent.startswith(b'{"BatchItemRequest"'):
        return []
    return [item[entity] for item in exchange.body["BatchItemRequest"] if entity in item]


def batch(runs: Runs, entity: str) -> Exchange:
    """A batch that sends an entity, in which nothing is wrong as it is."""
    said = (*runs["quickbooks"], *runs["quickbooks_receipts"])
    exchange = next(one for one in said if one.status == 200 and items_of(one, entity))
    assert found_in(exchange) == set()
    return exchange


def test_the_runs_send_everything_that_there_is_to_send(runs: Runs) -> None:
    said = (*runs["quickbooks"], *runs["quickbooks_receipts"])

    for entity in ("Customer", "Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt"):
        assert any(items_of(exchange, entity) for exchange in said), entity


Mistake = Callable[[Any], object]
SENT = "sent BatchItemRequest/*"
PLANTED: dict[str, tuple[str, Mistake, tuple[Kind, str]]] = {
    "misspelt field": (
        "Invoice",
        lambda row: row.update(DateOfTxn=row.pop("TxnDate")),
        ("name", f"{SENT}/Invoice/DateOfTxn"),
    ),
    "misspelt field of a line": (
        "Invoice",
        lambda row: row["Line"][0]["SalesItemLineDetail"].update(Quantity=1),
        ("name", f"{SENT}/Invoice/Line/*/SalesItemLineDetail/Quantity"),
    ),
    "reference by name alone": (
        "Invoice",
        lambda row: row.update(CustomerRef="Ada Lovelace"),
        ("type", f"{SENT}/Invoice/CustomerRef"),
    ),
    "string for an amount": (
        "Payment",
        lambda row: row.update(TotalAmt="120.00"),
        ("type", f"{SENT}/Payment/TotalAmt"),
    ),
    "number for a document number": (
        "Invoice",
        lambda row: row.update(DocNumber=1002),
        ("type", f"{SENT}/Invoice/DocNumber"),
    ),
    "date with the day first": (
        "Payment",
        lambda row: row.update(TxnDate="03/11/2026"),
        ("date", f"{SENT}/Payment/TxnDate"),
    ),
    "kind of line that there is not": (
        "CreditMemo",
        lambda row: row["Line"][0].update(DetailType="ItemLine"),
        ("enum", f"{SENT}/CreditMemo/Line/*/DetailType"),
    ),
    "one line that is no list": (
        "RefundReceipt",
        lambda row: row.update(Line=row["Line"][0]),
        ("type", f"{SENT}/RefundReceipt/Line"),
    ),
    "what amounts mean, misspelt": (
        "SalesReceipt",
        lambda row: row.update(GlobalTaxCalculation="Exclusive"),
        ("enum", f"{SENT}/SalesReceipt/GlobalTaxCalculation"),
    ),
    "e-mail that is no object": (
        "Customer",
        lambda row: row.update(PrimaryEmailAddr="ada@example.com"),
        ("type", f"{SENT}/Customer/PrimaryEmailAddr"),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_mistake_in_what_is_sent_is_reported(runs: Runs, name: str) -> None:
    entity, mistake, reported = PLANTED[name]
    exchange = batch(runs, entity)
    body = copy.deepcopy(exchange.body)
    mistake(next(item[entity] for item in body["BatchItemRequest"] if entity in item))

    assert found_in(exchange.sending(body)) == {reported}


def test_mistake_in_the_batch_itself_is_reported(runs: Runs) -> None:
    exchange = batch(runs, "Invoice")
    body = copy.deepcopy(exchange.body)
    body["BatchItemRequest"][0]["operation"] = "insert"
    body["BatchItemRequest"][0]["batchId"] = "1"

    assert found_in(exchange.sending(body)) == {
        ("enum", f"{SENT}/operation"),
        ("name", f"{SENT}/batchId"),
    }


def test_mistake_in_an_answer_is_reported(runs: Runs) -> None:
    exchange = batch(runs, "Invoice")
    answer = copy.deepcopy(exchange.answer)
    row = next(item["Invoice"] for item in answer["BatchItemResponse"] if "Invoice" in item)
    row["Id"] = 7
    row["MetaData"]["CreateTime"] = "2026-11-20 01:00"
    row["TotalAmount"] = row.pop("TotalAmt")
    got = "got BatchItemResponse/*/Invoice"

    assert found_in(exchange.answering(answer)) == {
        ("type", f"{got}/Id"),
        ("date", f"{got}/MetaData/CreateTime"),
        ("name", f"{got}/TotalAmount"),
    }


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("requestid", "k" * 37), ("request_id", "k"), ("minorversion", "65")],
)
def test_wrong_parameter_is_reported(runs: Runs, parameter: str, value: str) -> None:
    """A request id that nobody reads leaves a repeated batch without its protection."""
    exchange = batch(runs, "Invoice")
    query = tuple({**dict(exchange.query), parameter: value}.items())

    assert ("parameter", parameter) in found_in(replace(exchange, query=query))


def test_answer_in_another_form_than_json_has_to_be_asked_for(runs: Runs) -> None:
    """Without the header QuickBooks answers in XML."""
    exchange = batch(runs, "Invoice")
    headers = Headers([(name, value) for name, value in exchange.sent_headers if name != "Accept"])

    assert ("header", "accept") in found_in(replace(exchange, sent_headers=headers))
