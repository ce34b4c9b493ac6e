"""Mistakes planted into real requests and answers: the contract check has to report each one."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from tests.contract.check import problems
from tests.contract.departures import departures, left
from tests.contract.exchanges import Exchange
from tests.contract.schemas import Kind
from tests.contract.specification import needs_specifications

pytestmark = needs_specifications

Runs = dict[str, list[Exchange]]


def found_in(exchange: Exchange) -> set[tuple[Kind, str]]:
    """Kind and place of everything that is reported of an exchange of a signed-in run."""
    return {(one.kind, one.where) for one in left(problems(exchange), departures("signed_in"))}


def asked(runs: Runs, method: str, path: str, having: str = "") -> Exchange:
    """A request of the signed-in run, in which nothing is wrong as it is."""
    fitting = (
        exchange
        for exchange in runs["signed_in"]
        if exchange.method == method and exchange.path.endswith(path)
        if not having or any(having in value for _, value in exchange.query)
    )
    exchange = next(fitting)
    assert found_in(exchange) == set()
    return exchange


def changed(body: Any, change: Callable[[Any], object]) -> Any:
    """A copy with the mistake in it."""
    copied = copy.deepcopy(body)
    change(copied)
    return copied


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """Put a value at a place of a document."""

    def change(body: Any) -> None:
        for part in path[:-1]:
            body = body[part]
        body[path[-1]] = value

    return change


def misspelt(*path: str | int, name: str) -> Callable[[Any], None]:
    """Give a field another name."""

    def change(body: Any) -> None:
        for part in path[:-1]:
            body = body[part]
        body[name] = body.pop(path[-1])

    return change


INVOICE = ("Invoices", 0)
LINE = (*INVOICE, "LineItems", 0)
PLANTED: dict[str, tuple[str, Callable[[Any], None], tuple[Kind, str]]] = {
    "wrong status": (
        "/Invoices",
        put(*INVOICE, "Status", value="APPROVED"),
        ("enum", "sent Invoices/*/Status"),
    ),
    "wrong type of document": (
        "/Invoices",
        put(*INVOICE, "Type", value="SALES"),
        ("enum", "sent Invoices/*/Type"),
    ),
    "tax mode in capitals": (
        "/Invoices",
        put(*INVOICE, "LineAmountTypes", value="EXCLUSIVE"),
        ("enum", "sent Invoices/*/LineAmountTypes"),
    ),
    "unknown currency": (
        "/Invoices",
        put(*INVOICE, "CurrencyCode", value="POUND"),
        ("enum", "sent Invoices/*/CurrencyCode"),
    ),
    "string for a number": (
        "/Invoices",
        put(*LINE, "UnitAmount", value="100.00"),
        ("type", "sent Invoices/*/LineItems/*/UnitAmount"),
    ),
    "number for a string": (
        "/Invoices",
        put(*INVOICE, "InvoiceNumber", value=1002),
        ("type", "sent Invoices/*/InvoiceNumber"),
    ),
    "misspelt field": (
        "/Invoices",
        misspelt(*INVOICE, "DueDate", name="DateDue"),
        ("name", "sent Invoices/*/DateDue"),
    ),
    "misspelt field of a line": (
        "/Invoices",
        misspelt(*LINE, "TaxType", name="TaxCode"),
        ("name", "sent Invoices/*/LineItems/*/TaxCode"),
    ),
    "misspelt collection": (
        "/Invoices",
        misspelt("Invoices", name="Invoice"),
        ("name", "sent Invoice"),
    ),
    "date with a time": (
        "/Invoices",
        put(*INVOICE, "Date", value="2026-11-03T00:00:00"),
        ("date", "sent Invoices/*/Date"),
    ),
    "date with the day first": (
        "/Payments",
        put("Payments", 0, "Date", value="03/11/2026"),
        ("date", "sent Payments/*/Date"),
    ),
    "what only Xero may say": (
        "/Invoices",
        put(*INVOICE, "AmountDue", value=100),
        ("read-only", "sent Invoices/*/AmountDue"),
    ),
    "contact that is no id": (
        "/Invoices",
        put(*INVOICE, "Contact", "ContactID", value="alice"),
        ("format", "sent Invoices/*/Contact/ContactID"),
    ),
    "empty value": (
        "/Payments",
        put("Payments", 0, "Reference", value=None),
        ("empty", "sent Payments/*/Reference"),
    ),
    "number that is too long": (
        "/Contacts",
        put("Contacts", 0, "ContactNumber", value="9" * 51),
        ("bounds", "sent Contacts/*/ContactNumber"),
    ),
    "allocation without its amount": (
        "/Allocations",
        lambda body: body["Allocations"][0].pop("Amount"),
        ("missing", "sent Allocations/*"),
    ),
    "credit note of the wrong kind": (
        "/CreditNotes",
        put("CreditNotes", 0, "Type", value="ACCREC"),
        ("enum", "sent CreditNotes/*/Type"),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_mistake_in_a_body_is_reported(runs: Runs, name: str) -> None:
    path, mistake, reported = PLANTED[name]
    exchange = asked(runs, "PUT", path)

    assert reported in found_in(exchange.sending(changed(exchange.body, mistake)))


@pytest.mark.parametrize(
    ("header", "reported"),
    [("Xero-Tenant-Id", "xero-tenant-id"), ("Accept", "accept"), ("Content-Type", "content-type")],
)
def test_missing_header_is_reported(runs: Runs, header: str, reported: str) -> None:
    exchange = asked(runs, "PUT", "/Invoices")
    fewer = Headers([(name, value) for name, value in exchange.sent_headers if name != header])

    assert len(fewer) < len(exchange.sent_headers)
    assert ("header", reported) in found_in(replace(exchange, sent_headers=fewer))


@pytest.mark.parametrize(
    ("header", "value"), [("Idempotency-Key", "k" * 129), ("X-Keap-Key", "of another vendor")]
)
def test_wrong_header_is_reported(runs: Runs, header: str, value: str) -> None:
    exchange = asked(runs, "PUT", "/Invoices")
    headers = Headers(exchange.sent_headers)
    headers[header] = value

    assert ("header", header.lower()) in found_in(replace(exchange, sent_headers=headers))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("summarizeErrors", "no"),
        ("summariseErrors", "false"),
        ("unitdp", "four"),
        ("pageSize", "1000"),
    ],
)
def test_wrong_parameter_of_xero_is_reported(runs: Runs, parameter: str, value: str) -> None:
    exchange = asked(runs, "PUT", "/Invoices")
    query = tuple({**dict(exchange.query), parameter: value}.items())

    assert ("parameter", parameter) in found_in(replace(exchange, query=query))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("filter", "order_id==1002"),
        ("filter", "id=>0"),
        ("filter", "id=0"),
        ("filter", "paid==yes"),
        ("filter", "modified_since_time==2026-11-01"),
        ("filter", "modified_since_time==2026-11-01T00:00:00Z"),
        ("filter", "title>b"),
        ("order_by", "date asc"),
        ("order_by", "id up"),
        ("page_size", "1001"),
        ("page_size", "all"),
        ("since", "2026-11-01T00:00:00.000Z"),
    ],
)
def test_wrong_parameter_of_keap_is_reported(runs: Runs, parameter: str, value: str) -> None:
    """Keap ignores what it does not know, and then answers with everything."""
    exchange = asked(runs, "GET", "/orders")
    query = tuple({**dict(exchange.query), parameter: value}.items())

    assert ("parameter", parameter) in found_in(replace(exchange, query=query))


def test_unknown_contact_field_is_reported(runs: Runs) -> None:
    exchange = asked(runs, "GET", "/contacts")
    query = tuple({**dict(exchange.query), "fields": "id,email"}.items())

    assert ("parameter", "fields") in found_in(replace(exchange, query=query))


def test_body_of_a_get_is_reported(runs: Runs) -> None:
    exchange = asked(runs, "GET", "/orders")

    assert ("header", "Content-Length") in found_in(replace(exchange, sent=b"{}"))


def test_address_that_nobody_knows_is_reported(runs: Runs) -> None:
    exchange = asked(runs, "PUT", "/Invoices")

    assert ("operation", "path") in found_in(replace(exchange, path="/api.xro/2.0/Invoice"))
    assert ("operation", "path") in found_in(replace(exchange, method="PATCH"))


ANSWERS: dict[str, tuple[str, str, Callable[[Any], None], tuple[Kind, str]]] = {
    "misspelt field of an order": (
        "GET",
        "/orders",
        misspelt("orders", 0, "total_paid", name="paid_total"),
        ("name", "got orders/*/paid_total"),
    ),
    "major units for minor ones": (
        "GET",
        "/orders",
        put("orders", 0, "total", "amount", value=60.5),
        ("type", "got orders/*/total/amount"),
    ),
    "order with an id that is a number": (
        "GET",
        "/orders",
        put("orders", 0, "id", value=1001),
        ("type", "got orders/*/id"),
    ),
    "time without a zone": (
        "GET",
        "/orders",
        put("orders", 0, "order_time", value="2026-11-03 07:00"),
        ("format", "got orders/*/order_time"),
    ),
    "state of a payment that is none": (
        "GET",
        "/sales/payments",
        put("payments", 0, "status", value="PAID"),
        ("enum", "got payments/*/status"),
    ),
    "date as text where Xero has milliseconds": (
        "PUT",
        "/Invoices",
        put(*INVOICE, "Date", value="2026-11-03"),
        ("date", "got Invoices/*/Date"),
    ),
    "amount as text": (
        "PUT",
        "/Payments",
        put("Payments", 0, "Amount", value="12.00"),
        ("type", "got Payments/*/Amount"),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_mistake_of_the_sandbox_is_reported(runs: Runs, name: str) -> None:
    method, path, mistake, reported = ANSWERS[name]
    exchange = asked(runs, method, path)

    assert reported in found_in(exchange.answering(changed(exchange.answer, mistake)))


def test_answer_that_is_no_json_or_has_a_strange_status_is_reported(
    runs: Runs,
) -> None:
    exchange = asked(runs, "GET", "/orders")
    page = replace(exchange, got_headers=Headers([("Content-Type", "text/html")]))

    assert ("media type", "got") in found_in(page)
    assert ("status", "418") in found_in(replace(exchange, status=418))
