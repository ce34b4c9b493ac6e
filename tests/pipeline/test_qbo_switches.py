"""Open questions about QuickBooks that touch totals, taxes, names and numbers, in every kind of
company and every way to tax: what is booked equals Keap's to the cent, or is held."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.shop.company import CLOSE_DATE
from invoicesync_sandbox.shop.orders import VAT, fill_keap
from invoicesync_sandbox.world import TAX_RATES
from tests.kits.qbo_company import (
    WITH_MONEY,
    discount,
    invoices,
    ours,
    product,
    quickbooks,
    receipts,
    shipping,
    totals,
)
from tests.kits.rehearsal import Rehearsal

ELSEWHERE = [("uk", "exempt"), ("uk", "inclusive"), ("uk", "exclusive"), ("au", "inclusive")]
AMERICAN = [("us", "exempt"), ("us-manual", "exempt"), ("us-no-tax", "exempt")]
SETTINGS: dict[str, tuple[Any, ...]] = {
    "global_tax_calculation_required": (False,),
    "tax_override_tolerance": (None, Decimal("0.05")),
    "tax_override_beyond": ("recompute",),
    "inclusive_total": ("gross",),
    "discount_line_taxed": ("own-code",),
    "discount_line_needs_tax_code": (True,),
}
AMERICAN_SETTINGS: dict[str, tuple[Any, ...]] = {
    "override_needs_tax_code": (True,),
    "override_without_taxable_line": ("ignore",),
    "shipping_taxed": ("state",),
    "tax_off_code": ("6000",),
}
ANYWHERE: dict[str, tuple[Any, ...]] = {
    "names_escaped": (True,),
    "inactive_found_by": ("plain",),
    "inactive_names_reserved": (False,),
    "duplicate_numbers_checked": ("custom",),
    "zero_total_refused": (True,),
}
CASES = [
    (company, untaxed, name, value)
    for settings, places in (
        (SETTINGS, ELSEWHERE),
        (AMERICAN_SETTINGS, AMERICAN),
        (ANYWHERE, [ELSEWHERE[1], AMERICAN[0]]),
    )
    for name, values in settings.items()
    for value in values
    for company, untaxed in places
]
HELD = {
    "negative-total",
    "contact-ambiguous",
    "contact-archived",
    "currency-differs",
    "period-locked",
    "tax-code-unknown",
    "totals-differ",
}
"""Why an order of the demo shop may be held in one company or another."""


@pytest.mark.parametrize(("company", "untaxed", "name", "value"), CASES)
def test_demo_shop_is_booked_to_the_cent_or_held(
    tmp_path: Path, company: Any, untaxed: str, name: str, value: Any
) -> None:
    """Paid orders as sales receipts, the others as invoices; a second run writes nothing."""
    r = quickbooks(
        tmp_path,
        company,
        **WITH_MONEY,
        **{"tax.untaxed_invoices": untaxed, "qbo.document": "sales-receipt-when-paid"},
    )
    r.qbo.switches = QboSwitches(**{name: value})
    r.qbo.set_preferences(close_date=CLOSE_DATE)
    fill_keap(r.keap, TAX_RATES.get(company, VAT))

    documents = r.sync().documents

    made = [item for item in documents if item.kind is DocumentKind.INVOICE]
    assert {item.reason for item in made if item.state is DocumentState.HELD} <= HELD
    assert not [item for item in documents if item.state is DocumentState.FAILED]
    check(r, made, untaxed)
    before = tokens(r)
    r.sync()
    assert tokens(r) == before


def check(r: Rehearsal, documents: list[Document], untaxed: str) -> None:
    """Every document is there once; one that is created has Keap's total and tax, one that came
    out otherwise is held with both figures."""
    forms = {form.id: form for form in (*invoices(r), *receipts(r))}
    assert forms
    assert len({form.number for form in forms.values()}) == len(forms)
    booked = {item.ledger_id: item for item in documents if item.ledger_id}
    assert booked.keys() == forms.keys()
    for ledger_id, item in booked.items():
        form, order = forms[ledger_id], r.keap.orders[item.order_id]
        tax = sum((line.price for line in order.lines if line.kind == "TAX"), Decimal(0))
        total = order.total
        if untaxed == "exclusive" and not tax:
            total += form.tax
        if item.state is DocumentState.CREATED:
            assert form.total == item.ledger_total == total
            assert form.tax == tax or (not tax and untaxed != "exempt")
        else:
            assert item.reason == "totals-differ"
            assert (form.total, form.tax) != (total, tax)
            assert f"{form.total:.2f}" in item.message


def tokens(r: Rehearsal) -> list[tuple[str, str, int]]:
    """Everything in the company, with the tokens that any change would raise."""
    qbo = r.qbo
    tables: tuple[Any, ...] = (qbo.invoices, qbo.sales_receipts, qbo.credit_memos)
    tables += (qbo.refund_receipts, qbo.payments, qbo.customers, qbo.items)
    rows = [row for table in tables for row in table.values()]
    return sorted((type(row).__name__, row.id, row.sync_token) for row in rows)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("currencies", [True, False])
def test_currency_is_named_wherever_it_may_have_to_be(
    tmp_path: Path, required: bool, currencies: bool
) -> None:
    """Whether documents need a currency where several are in use: they have it in either case."""
    r = quickbooks(tmp_path, **WITH_MONEY)
    r.qbo.switches = QboSwitches(currency_required=required)
    r.qbo.set_preferences(multicurrency=currencies)
    order = r.order(product("100"))
    r.keap.add_payment(order_id=order, amount="60.00")
    r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
    assert {item.state for item in r.sync().documents} == {DocumentState.CREATED}
    tables: tuple[Any, ...] = (r.qbo.invoices, r.qbo.payments, r.qbo.credit_memos)
    assert {row.currency for table in tables for row in ours(table)} == {"GBP"}


@pytest.mark.parametrize("company", ["uk", "us"])
def test_invoice_of_nothing_is_booked_or_refused_in_quickbooks_words(
    tmp_path: Path, company: Any
) -> None:
    """Whether QuickBooks takes a total of nothing is not known: it is there, or told."""
    for refused in (False, True):
        r = quickbooks(tmp_path / str(refused), company, **{"invoices.skip_zero_total": False})
        r.qbo.switches = QboSwitches(zero_total_refused=refused)
        r.order(product("50"), discount("50"))
        (document,) = r.sync().documents
        assert document.state is (DocumentState.FAILED if refused else DocumentState.CREATED)
        assert [totals(form) for form in invoices(r)] == ([] if refused else [("0.00", "0.00")])
        assert ("0 or greater" in document.message) == refused


@pytest.mark.parametrize("taxed", ["spread", "own-code"])
@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("base", ["18.00", "20.00", "19.60", "21.60"])
def test_discount_and_shipping_come_to_the_same_however_discounts_are_taxed(
    tmp_path: Path, taxed: Any, allowed: bool, base: str
) -> None:
    """Whether a discount lowers all lines in proportion or those of its own code is not known."""
    r = quickbooks(tmp_path)
    r.qbo.switches = QboSwitches(discount_line_taxed=taxed)
    r.qbo.set_preferences(allow_shipping=allowed)
    r.order(product("100"), discount("10"), shipping("8"), Item("TAX", base))
    (document,) = r.sync().documents
    assert document.state is DocumentState.CREATED, document
    (form,) = invoices(r)
    assert totals(form) == (f"{98 + Decimal(base):.2f}", base)
