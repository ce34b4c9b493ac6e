"""Payments of invoices as they are read in bulk, whether Xero shows their references or not."""

from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.model import LedgerId
from tests.kits.changed_answers import leave_out_references
from tests.kits.rehearsal import Rehearsal

LINE = {"Description": "Candle", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}


@pytest.mark.parametrize(("shown", "calls"), [(True, 3), (False, 9)])
def test_payments_of_a_hundred_invoices(tmp_path: Path, shown: bool, calls: int) -> None:
    shop = Rehearsal(tmp_path)
    if not shown:
        leave_out_references(shop.xero)
    contact = shop.xero.add_contact("Somebody")
    invoices = [shop.xero.add_invoice(contact, [LINE]) for _ in range(100)]
    paid = {
        shop.xero.pay(invoice, "25.00", reference=f"ch_{place}"): (invoice, f"ch_{place}")
        for place, invoice in enumerate(invoices)
    }
    world = Workspace(shop.environ, shop.network)
    with world.run(Call(), {}, dry_run=False) as deps:
        before = deps.ledger.usage.calls

        found = deps.ledger.payments_on([LedgerId(invoice) for invoice in invoices])

        assert {item.id: (item.target, item.reference) for item in found} == paid
        assert all(item.alive for item in found)
        assert deps.ledger.usage.calls - before <= calls
