"""Whole runs of made-up orders into QuickBooks: each comes to Keap's totals, to the cent."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from invoicesync_cli.model import Document, DocumentState
from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.baskets import Basket, baskets, expected_reason
from tests.kits.qbo_company import quickbooks
from tests.kits.rehearsal import Rehearsal

ZERO = Decimal(0)


@pytest.mark.parametrize(
    ("company", "untaxed"),
    [
        ("uk", "exempt"),
        ("uk", "inclusive"),
        ("uk", "exclusive"),
        ("us", "exempt"),
        ("us-manual", "exempt"),
    ],
)
@settings(max_examples=8, phases=[Phase.generate])
@given(st.lists(baskets(), min_size=6, max_size=10), st.booleans(), st.booleans())
def test_whole_runs_come_to_keaps_totals(
    company: Any, untaxed: str, batch: list[Basket], own: bool, charges: bool
) -> None:
    """The invariant through the whole pipeline, read back from QuickBooks; every order is there
    or held for the right reason, whether QuickBooks has lines of its own or not."""
    with TemporaryDirectory() as home:
        settled = {"tax.untaxed_invoices": untaxed, "tax.tax_finance_charges": charges}
        r = quickbooks(Path(home), company, **settled, **{"invoices.skip_zero_total": False})
        r.qbo.switches = QboSwitches(tax_override_tolerance=None)
        r.qbo.set_preferences(allow_discount=own, allow_shipping=own)
        r.keap.switches = KeapSwitches(discount_style=batch[0].style)
        person = r.person()
        orders = {r.order(*basket.items, contact=person): basket for basket in batch}
        documents = {document.order_id: document for document in r.sync().documents}
        assert documents.keys() == orders.keys()
        for order, basket in orders.items():
            check(r, documents[order], basket, untaxed)


def check(r: Rehearsal, document: Document, basket: Basket, untaxed: str) -> None:
    """One order's invoice; an order of less than nothing is held and not sent."""
    found = r.qbo.invoices.find("number", document.order_id)
    if document.state is not DocumentState.CREATED:
        assert document.state is DocumentState.HELD
        assert document.reason == expected_reason(basket, untaxed), document.message
        assert not found
        return
    (invoice,) = found
    added = ZERO if basket.tax or untaxed != "exclusive" else invoice.tax
    assert invoice.total == basket.net + basket.tax + added
    assert invoice.total == document.ledger_total
    if basket.tax:
        assert invoice.tax == basket.tax
