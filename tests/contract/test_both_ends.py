"""What the tool has carried over, read at both ends by clients that others wrote.

A schema cannot tell pence from pounds, nor net from gross. Clients that know nothing of this
project can: what one reads in Keap, the other has to read in the ledger.
"""

from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from quickbooks import QuickBooks
from quickbooks.objects import Invoice
from requests_oauthlib import OAuth2Session

from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.load.qbo import bodies as qbo_bodies
from invoicesync_cli.load.xero import bodies as xero_bodies
from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.keap import KeapSandbox
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.shop.orders import CASES, fill_keap
from invoicesync_sandbox.world import API_KEY
from invoicesync_sandbox.xero import XeroSandbox
from tests.contract.runs import WITH_MONEY
from tests.kits.faults import attempt
from tests.kits.qbo_faults import apply_by_hand
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_sdk import XeroSdk

LEDGERS = ("xero", "qbo")
APART = CASES["unknown-kind"]
"""Keap's client refuses to read an order with a kind of line that is newer than it."""

Amounts = dict[str, Decimal]
"""By order id, which is the document's number as well."""
End = tuple[Amounts, Amounts]
"""Totals, and what was received."""


@pytest.fixture(params=LEDGERS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """The demo shop, nothing carried over yet."""
    rehearsal = Rehearsal(tmp_path, to=request.param, **WITH_MONEY)
    fill_keap(rehearsal.keap)
    rehearsal.xero.enforce_limits = False
    return rehearsal


def in_keap(keap: KeapSandbox) -> End:
    """Order totals, and what was paid by card, as Keap's own client reads them."""
    # It takes seconds to load, which is not for every process that collects tests.
    from keap_core_v2_client import ApiClient, Configuration, OrdersApi, SalesApi

    totals: Amounts = {}
    money: Amounts = {}
    with serving({"keap": keap}) as roots:
        client = ApiClient(Configuration(host=f"{roots['keap']}/crm", access_token=API_KEY))
        for bound in (f"id<{APART}", f"id>{APART}"):
            page = OrdersApi(client).list_orders(filter=bound, page_size=1000)
            totals |= {row.id: Decimal(row.total.amount) / 100 for row in page.orders}
        for payment in SalesApi(client).list_payments(page_size=1000).payments:
            if payment.type == "Credit Card" and payment.amount > 0:
                (order,) = payment.order_ids
                money[order] = money.get(order, Decimal(0)) + Decimal(str(payment.amount))
        client.rest_client.pool_manager.clear()
    return totals, money


def in_xero(xero: XeroSandbox) -> End:
    """The tool's invoices as Xero's own client reads them."""
    with serving({"xero": xero}) as roots:
        sdk = XeroSdk(xero, roots["xero"])
        booked = sdk.accounting.get_invoices(
            sdk.tenant, page=1, page_size=1000, where='Type=="ACCREC"'
        ).invoices
        sdk.client.rest_client.pool_manager.clear()
    ours = [row for row in booked if (row.reference or "").startswith("Keap order ")]
    totals = {row.invoice_number: row.total for row in ours}
    return totals, {row.invoice_number: row.amount_paid for row in ours if row.amount_paid}


def in_quickbooks(qbo: QboSandbox, patch: pytest.MonkeyPatch) -> End:
    """The tool's invoices as python-quickbooks reads them."""
    # oauthlib's own way to allow http, here to this machine.
    patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with serving({"qbo": qbo}) as roots:
        client = QuickBooks(company_id=qbo.realm, minorversion=75, use_decimal=True)
        client.api_url_v3 = f"{roots['qbo']}/v3"
        client.session = OAuth2Session("any", token={"access_token": qbo.issue_token()})
        booked = Invoice.all(max_results=1000, qb=client)
        client.session.close()
    ours = [row for row in booked if row.PrivateNote.startswith("Keap order ")]
    totals = {row.DocNumber: Decimal(row.TotalAmt) for row in ours}
    paid = {row.DocNumber: Decimal(row.TotalAmt - row.Balance) for row in ours}
    return totals, {number: amount for number, amount in paid.items() if amount}


def ledger_end(shop: Rehearsal) -> End:
    """The end that the shop is carried to."""
    if shop.to == "xero":
        return in_xero(shop.xero)
    with pytest.MonkeyPatch.context() as patched:
        return in_quickbooks(shop.qbo, patched)


def differences(there: Amounts, here: Amounts) -> dict[str, tuple[Decimal, Decimal]]:
    """Where the ends differ, of what is at both."""
    return {
        number: (there[number], here[number])
        for number in there.keys() & here.keys()
        if there[number] != here[number]
    }


def test_every_invoice_has_the_total_that_it_has_in_keap(shop: Rehearsal) -> None:
    apply_by_hand(shop.qbo)
    made = shop.sync().counts(DocumentKind.INVOICE)["created"]

    (totals, received), (booked, paid) = in_keap(shop.keap), ledger_end(shop)

    assert len(booked) == made > 40
    assert differences(totals, booked) == {}
    whole = {number: amount for number, amount in paid.items() if number not in CREDITED}
    assert differences(received, whole) == {}
    assert len(received.keys() & whole.keys()) > 30


CREDITED = {CASES["credit"], CASES["adjustment"]}
"""Orders that are settled by a card and by a credit; QuickBooks tells only the balance."""


def pence_read_as_pounds() -> AbstractContextManager[object]:
    """The reader takes an order's amounts for major units."""
    read_rightly = readers.minor

    def minor(value: schemas.MoneyRow) -> Decimal | None:
        found = read_rightly(value)
        return found and found * 100

    return patch.object(readers, "minor", minor)


def pence_written_to_xero() -> AbstractContextManager[object]:
    """The writer sends minor units where major ones are due."""
    written_rightly = xero_bodies.invoice

    def invoice(*draft: Any) -> dict[str, Any]:
        sent = written_rightly(*draft)
        for line in sent["LineItems"]:
            line["UnitAmount"] *= 100
        return sent

    return patch.object(xero_bodies, "invoice", invoice)


def pence_written_to_quickbooks() -> AbstractContextManager[object]:
    """The writer sends minor units where major ones are due."""
    written_rightly = qbo_bodies.form

    def form(*draft: Any) -> tuple[str, dict[str, Any]]:
        entity, sent = written_rightly(*draft)
        for line in sent["Line"]:
            line["Amount"] *= 100
            detail = line.get("SalesItemLineDetail", {})
            detail.update({"UnitPrice": detail["UnitPrice"] * 100} if "UnitPrice" in detail else {})
        return entity, sent

    return patch.object(qbo_bodies, "form", form)


WRITERS = {"xero": pence_written_to_xero, "qbo": pence_written_to_quickbooks}


@pytest.mark.parametrize("where", ["reader", "writer"])
def test_minor_units_taken_for_major_ones_are_seen(shop: Rehearsal, where: str) -> None:
    """No schema is hurt by 10000 instead of 100.00: both are numbers."""
    with pence_read_as_pounds() if where == "reader" else WRITERS[shop.to]():
        attempt(shop)

    (totals, _), (booked, _) = in_keap(shop.keap), ledger_end(shop)

    assert len(differences(totals, booked)) == len(totals.keys() & booked.keys()) > 0
