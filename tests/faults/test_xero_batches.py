"""Batches of Xero of which one element, contact or total is wrong: the others never suffer."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.errors import ExitCode, InvoiceSyncError, TryLater
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import altered, check_booked, documents, failure, puts, sent
from tests.kits.journal import unsettled
from tests.kits.rehearsal import Rehearsal, only


def test_refused_contact_fails_its_own_orders_only(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person(emails=("jürgen@exämple.de",))
    refused = [rehearsal.order(contact=person), rehearsal.order(contact=person)]
    others = [rehearsal.order() for _ in range(3)]

    result = rehearsal.sync()

    reported = documents(result)
    assert [reported[order] for order in refused] == [("failed", "rejected")] * 2
    assert sorted(sent(rehearsal)) == others
    failed = next(item for item in result.documents if item.order_id == refused[0])
    assert "refused the contact" in failed.message
    assert puts(rehearsal, "/Contacts") == 1

    rehearsal.sync()
    assert puts(rehearsal, "/Contacts") == 1
    rehearsal.keap.edit_contact(person, emails=("juergen@example.de",))
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize("strict", [True, False], ids=["checked", "unchecked"])
def test_two_orders_that_come_to_one_number_are_not_sent_together(
    tmp_path: Path, strict: bool
) -> None:
    """Nobody knows whether Xero compares the numbers within one batch."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number": "invoice"})
    rehearsal.xero.switches = XeroSwitches(batch_numbers_checked=strict)
    first = rehearsal.order()
    second = rehearsal.order(invoice_id=first)

    result = rehearsal.sync()

    assert documents(result) == {first: ("created", ""), second: ("held", "number-taken")}
    held = result.documents[1]
    assert f"order {first}" in held.message
    assert held.ledger_id == ""
    assert sorted(sent(rehearsal)) == [first]
    rehearsal.sync()
    assert sorted(sent(rehearsal)) == [first]


def test_element_without_an_id_is_looked_up(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()

    def blank(body: Any) -> None:
        body["Invoices"][0]["InvoiceID"] = "00000000-0000-0000-0000-000000000000"

    altered(rehearsal, blank, method="PUT", path="/Invoices")
    rehearsal.sync()
    check_booked(rehearsal)


def test_id_of_a_refused_element_is_never_kept(tmp_path: Path) -> None:
    """Xero answers some refused elements with an id that belongs to nothing."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()

    def refuse(body: Any) -> None:
        body["Invoices"][0]["ValidationErrors"] = [{"Message": "The date is not to our taste."}]

    altered(rehearsal, refuse, method="PUT", path="/Invoices")
    failed = only(rehearsal.sync())
    assert (failed.state, failed.reason, failed.ledger_id) == (DocumentState.FAILED, "rejected", "")
    assert "not to our taste" in failed.message


def test_warning_is_reported_and_the_document_kept(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()

    def warn(body: Any) -> None:
        element = body["Invoices"][0]
        element["StatusAttributeString"] = "WARNING"
        element["Warnings"] = [{"Message": "The account was removed."}]

    altered(rehearsal, warn, method="PUT", path="/Invoices")
    made = only(rehearsal.sync())
    assert (made.state, made.message) == (DocumentState.CREATED, "The account was removed.")


def test_total_that_differs_is_held_with_its_id_and_released_once_corrected(
    tmp_path: Path,
) -> None:
    """Somebody changes the tax rate in Xero between our look at it and our invoice."""
    rehearsal = Rehearsal(tmp_path, **{"tax.untaxed_invoices": "exclusive"})
    order = rehearsal.order()
    rates = rehearsal.xero.tax_rates

    def change(request: Request) -> None:
        if request.method == "PUT" and request.path.endswith("/Invoices"):
            rates["OUTPUT2"] = replace(rates["OUTPUT2"], rate=Decimal(21))

    rehearsal.xero.in_progress = change

    result = rehearsal.sync()

    held = only(result)
    assert (held.state, held.reason) == (DocumentState.HELD, "totals-differ")
    assert "121.00" in held.message
    assert "120.00" in held.message
    row = sent(rehearsal)[order][0]
    assert row.id == held.ledger_id
    assert result.exit_code == ExitCode.NEEDS_PERSON
    rehearsal.xero.in_progress = None
    before = puts(rehearsal)
    rehearsal.sync()
    rehearsal.keap.edit_order(order, title="Saved again")
    rehearsal.sync()
    assert puts(rehearsal) == before

    rates["OUTPUT2"] = replace(rates["OUTPUT2"], rate=Decimal(20))
    line = {"Description": "Candle", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    rehearsal.xero.edit_invoice(row.id, LineItems=[{**line, "TaxType": "OUTPUT2"}])
    released = only(rehearsal.sync())

    assert (released.state, released.ledger_total) == (DocumentState.CREATED, Decimal("120.00"))
    assert puts(rehearsal) == before
    assert rehearsal.sync().exit_code == ExitCode.OK


@pytest.mark.parametrize("status", [302, 404, 405, 407, 408, 503])
def test_refusal_by_something_in_between_fails_no_invoice(tmp_path: Path, status: int) -> None:
    rehearsal = Rehearsal(tmp_path)
    for _ in range(3):
        rehearsal.order()
    rehearsal.xero.fail(kind="reply", method="PUT", path="/Invoices", status=status, times=99)

    error = failure(rehearsal)

    assert puts(rehearsal) <= 4
    assert isinstance(error, TryLater) or str(status) in error.message
    with rehearsal.state() as state:
        assert state.records_in(DocumentKind.INVOICE, DocumentState.FAILED) == []
    rehearsal.xero.faults.clear()
    rehearsal.sync()
    check_booked(rehearsal)


def test_batches_in_flight_are_settled_when_one_of_them_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three batches at once; the answer of one is a limit that lasts until tomorrow."""
    smaller = replace(XeroLedger.capabilities, batch=2)
    monkeypatch.setattr(XeroLedger, "capabilities", smaller)
    rehearsal = Rehearsal(tmp_path)
    for _ in range(6):
        rehearsal.order()
    day = {"X-Rate-Limit-Problem": "day", "Retry-After": "40000"}
    rehearsal.xero.fail(
        kind="reply", method="PUT", path="/Invoices", status=429, headers=day, after=1
    )

    error = failure(rehearsal)

    assert error.exit_code == ExitCode.TRY_LATER
    assert len(sent(rehearsal)) == 4
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.CREATED)) == 4
        assert not unsettled(state)
    rehearsal.sync()
    check_booked(rehearsal)


def test_document_made_anew_keeps_its_own_number(tmp_path: Path) -> None:
    """A prefix that ends with a dash and an order id of 1 look like the mark of a first copy."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": "K-"})
    rehearsal.order(id=1)
    rehearsal.sync()
    for copy in ("K-1-2", "K-1-3"):
        rehearsal.xero.void_invoice(sent(rehearsal)["1"][0].id)
        rehearsal.sync(command="sync-id", ids=("1",), recreate=True)
        assert [row.number for row in sent(rehearsal)["1"]] == [copy]
    rehearsal.sync(command="sync-id", ids=("1",), recreate=True)
    assert [row.number for row in sent(rehearsal)["1"]] == ["K-1-3"]


def test_prefix_with_a_comma_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """Xero looks numbers up by a list with commas."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": "a,b"})
    rehearsal.order()
    with pytest.raises(InvoiceSyncError, match="number_prefix") as refused:
        rehearsal.sync()
    assert refused.value.exit_code == ExitCode.CONFIG
    assert rehearsal.xero.calls == []
