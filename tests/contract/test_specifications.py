"""Every request of the client and every answer of the sandbox, held against the vendors' words."""

from pathlib import Path

import pytest

from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.shop.orders import fill_keap
from tests.contract.check import problems
from tests.contract.departures import (
    ALWAYS,
    CUSTOM_CONNECTION,
    KEAP,
    departures,
    left,
)
from tests.contract.exchanges import Exchange, listen
from tests.contract.runs import RUNS
from tests.contract.schemas import document_problems
from tests.contract.specification import needs_specifications, specifications
from tests.kits.rehearsal import Rehearsal

pytestmark = needs_specifications

Runs = dict[str, list[Exchange]]


@pytest.mark.parametrize("run", RUNS)
def test_requests_and_answers_are_as_the_vendors_say(runs: Runs, run: str) -> None:
    found = {
        str(problem)
        for exchange in runs[run]
        for problem in left(problems(exchange), departures(run))
    }

    assert found == set()


def test_the_runs_use_every_kind_of_request(runs: Runs) -> None:
    """A run that says little proves little."""
    said = {
        (exchange.service, exchange.method, exchange.path.rstrip("/").rpartition("/")[2])
        for exchanges in runs.values()
        for exchange in exchanges
    }
    xero = {(method, name) for service, method, name in said if service == "xero"}

    written = {"Contacts", "Invoices", "Payments", "CreditNotes", "Allocations"}
    assert {name for method, name in xero if method == "PUT"} == written
    assert {"Organisation", "Accounts", "TaxRates", "Items", *written} - {"Allocations"} <= {
        name for method, name in xero if method == "GET"
    }
    assert {"orders", "payments", "transactions", "contacts", "merchants"} <= {
        name for service, _, name in said if service == "keap"
    }


def test_the_runs_send_every_kind_of_invoice(runs: Runs) -> None:
    invoices = [
        invoice
        for exchange in runs["every_setting"]
        if exchange.path.endswith("/Invoices") and exchange.method == "PUT"
        for invoice in exchange.body["Invoices"]
    ]

    assert {row["Status"] for row in invoices} == {"DRAFT", "SUBMITTED", "AUTHORISED"}
    assert {row["LineAmountTypes"] for row in invoices} == {"Exclusive", "Inclusive"}
    assert {name for row in invoices for line in row["LineItems"] for name in line} == {
        "AccountCode",
        "Description",
        "ItemCode",
        "Quantity",
        "TaxAmount",
        "TaxType",
        "Tracking",
        "UnitAmount",
    }


def test_every_departure_is_there_for_a_reason_that_still_holds(
    runs: Runs,
) -> None:
    found = [
        problem
        for exchanges in runs.values()
        for exchange in exchanges
        for problem in problems(exchange)
    ]
    idle = [
        departure
        for departure in (*ALWAYS, CUSTOM_CONNECTION)
        if not any(departure.covers(problem) for problem in found)
    ]

    assert idle == []


def test_keap_that_leaves_out_what_is_empty_departs_from_nothing(tmp_path: Path) -> None:
    """Whether an empty field is null or absent is not documented; the client reads both."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(empty_fields="absent")
    fill_keap(rehearsal.keap)
    heard = listen(rehearsal)

    rehearsal.sync()

    said = [exchange for exchange in heard if exchange.service == "keap"]
    assert said
    assert {str(one) for exchange in said for one in left(problems(exchange), KEAP)} == set()


def test_token_answers_are_as_xero_describes_them(runs: Runs) -> None:
    """The token endpoint is no operation of the document; its answer is a schema there."""
    identity = specifications("xero")[1]
    schema = {"$ref": "#/components/schemas/AccessToken"}
    answers = [
        exchange.answer
        for exchanges in runs.values()
        for exchange in exchanges
        if exchange.path == "/connect/token"
    ]
    found = {
        (kind, path)
        for answer in answers
        for kind, path, _ in document_problems(identity, schema, answer, sent=False)
    }

    assert answers
    # OAuth itself (RFC 6749, section 5.1) has the scope in every token answer.
    assert found <= {("name", ("scope",))}
