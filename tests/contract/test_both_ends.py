"""What the tool has carried over, read at both ends by the vendors' own clients.

A schema cannot tell pence from pounds, nor net from gross. Two clients that know nothing of this
project can: what one reads in Keap, the other has to read in Xero.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from keap_core_v2_client import ApiClient, Configuration, OrdersApi, SalesApi

from invoicesync_cli.fetch import readers
from invoicesync_cli.load.xero import bodies
from invoicesync_cli.model import Kind
from invoicesync_cli.sandbox.serve import serving
from invoicesync_cli.sandbox.shop.orders import CASES, fill_keap
from invoicesync_cli.sandbox.world import API_KEY
from tests.contract.test_xero_python import Desk
from tests.contract.walks import WITH_MONEY
from tests.faults.kit import attempt
from tests.rehearsal import Rehearsal

APART = CASES["unknown-kind"]
"""Keap's client refuses to read an order with a kind of line that is newer than it."""


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """The demo shop, nothing carried over yet."""
    rehearsal = Rehearsal(tmp_path, **WITH_MONEY)
    fill_keap(rehearsal.keap)
    rehearsal.xero.enforce_limits = False
    return rehearsal


Ends = tuple[dict[str, Decimal], dict[str, Decimal]]


def read(shop: Rehearsal) -> tuple[Ends, Ends]:
    """Totals of invoices and sums of money received, by order id, at both ends."""
    with serving({"keap": shop.keap, "xero": shop.xero}) as roots:
        keap = ApiClient(Configuration(host=f"{roots['keap']}/crm", access_token=API_KEY))
        orders, sales = OrdersApi(keap), SalesApi(keap)
        totals: dict[str, Decimal] = {}
        money: dict[str, Decimal] = {}
        for bound in (f"id<{APART}", f"id>{APART}"):
            page = orders.list_orders(filter=bound, page_size=1000)
            totals |= {row.id: Decimal(row.total.amount) / 100 for row in page.orders}
        for payment in sales.list_payments(page_size=1000).payments:
            if payment.type == "Credit Card" and payment.amount > 0:
                (order,) = payment.order_ids
                money[order] = money.get(order, Decimal(0)) + Decimal(str(payment.amount))
        desk = Desk(shop.xero, roots["xero"])
        booked = desk.accounting.get_invoices(
            desk.tenant, page=1, page_size=1000, where='Type=="ACCREC"'
        ).invoices
        keap.rest_client.pool_manager.clear()
        desk.client.rest_client.pool_manager.clear()
    ours = [row for row in booked if (row.reference or "").startswith("Keap order ")]
    assert ours
    in_xero = {row.invoice_number: row.total for row in ours}
    paid = {row.invoice_number: row.amount_paid for row in ours if row.amount_paid}
    return (totals, in_xero), (money, paid)


def differences(ends: Ends) -> dict[str, tuple[Decimal, Decimal]]:
    """Where the ends differ, of what is at both."""
    there, here = ends
    return {
        number: (there[number], here[number])
        for number in there.keys() & here.keys()
        if there[number] != here[number]
    }


def test_every_invoice_has_the_total_that_it_has_in_keap(shop: Rehearsal) -> None:
    made = shop.sync().counts(Kind.INVOICE)["created"]

    totals, money = read(shop)

    assert len(totals[1]) == made > 40
    assert differences(totals) == {}
    assert differences(money) == {}
    assert len(money[0].keys() & money[1].keys()) > 30


def pence_read_as_pounds() -> AbstractContextManager[object]:
    """The reader takes an order's amounts for major units."""
    read_rightly = readers.minor

    def minor(value: object) -> Decimal | None:
        found = read_rightly(value)
        return found and found * 100

    return patch.object(readers, "minor", minor)


def pence_written_for_pounds() -> AbstractContextManager[object]:
    """The writer sends minor units where major ones are due."""
    written_rightly = bodies.invoice

    def invoice(*draft: Any) -> dict[str, Any]:
        sent = written_rightly(*draft)
        for line in sent["LineItems"]:
            line["UnitAmount"] *= 100
        return sent

    return patch.object(bodies, "invoice", invoice)


@pytest.mark.parametrize("mistake", [pence_read_as_pounds, pence_written_for_pounds])
def test_minor_units_taken_for_major_ones_are_seen(
    shop: Rehearsal, mistake: Callable[[], AbstractContextManager[object]]
) -> None:
    """No schema is hurt by 10000 instead of 100.00: both are numbers."""
    with mistake():
        attempt(shop)

    totals, _ = read(shop)

    assert len(differences(totals)) == len(totals[0].keys() & totals[1].keys()) > 0
