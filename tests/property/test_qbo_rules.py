"""The rules for QuickBooks on made-up orders, against a small model of its arithmetic.

The model is written from what is known of QuickBooks, not from the tool or the sandbox: net
amounts are summed, tax is taken rate by rate on what bears it and rounded once, its own discount
line is spread over the item lines where it comes before tax, and what is stated for a rate stands.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invoicesync_cli.config import Config
from invoicesync_cli.load.qbo.setup import NAMES
from invoicesync_cli.model import (
    Draft,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    LedgerSettings,
    LineType,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    TaxCode,
    TaxMode,
    TaxRate,
    TaxStyle,
)
from invoicesync_cli.transform.accounts import Items
from invoicesync_cli.transform.rates import nets_of, stated_by_rate, untaxed_of
from invoicesync_cli.transform.settings import DraftSettings
from tests.kits.baskets import NOON, Basket, as_read, baskets, drafted, half_up, kept

ZERO, CENT = Decimal(0), Decimal("0.01")
MODES = ("exempt", "inclusive", "exclusive")
RATES = (("20",), ("15",), ("8.25",), ("0",), ("5", "9.975"), ("5", "7"))
"""The rates that a tax code may be made of, in percent."""
SALES = LedgerAccount("1", "Sales", "Sales", usable=True)
CODES = st.sampled_from(RATES)


def item(number: str) -> LedgerItem:
    """An item that sells to the only account."""
    return LedgerItem("", f"Item {number}", "Sales", number)


@dataclass(frozen=True)
class Company:
    """How a company is set up."""

    style: TaxStyle
    rates: tuple[str, ...]
    discounts: bool
    """Whether it allows its own discount line."""
    shipping: bool
    named: bool
    """Whether the config names items for discounts and shipping."""
    receipts: bool = False


companies = st.builds(
    Company, st.just(TaxStyle.RATE), CODES, st.booleans(), st.booleans(), st.booleans()
)


def code_of(rates: tuple[str, ...]) -> TaxCode:
    """A tax code of these rates."""
    parts = tuple(TaxRate(f"r{at}", Decimal(rate)) for at, rate in enumerate(rates))
    whole = sum((part.percent for part in parts), ZERO)
    return TaxCode("T", "Taxed", whole, usable=True, parts=parts)


def rules_of(company: Company, untaxed: str = "exempt", charges: bool = False) -> DraftSettings:
    """The rules of a company."""
    free = TaxCode("Z", "Untaxed", ZERO, usable=True, parts=(TaxRate("z", ZERO),))
    taxable = code_of(company.rates)
    if company.style is TaxStyle.TOTAL:
        taxable, free = (TaxCode(name, name, ZERO, usable=True) for name in ("TAX", "NON"))
    facts = LedgerFacts("Books", "1", ("GBP",), None, (SALES,), (taxable, free), ())
    routing = ItemRouting(
        by="sku",
        unmatched=item("9"),
        income=SALES,
        section="qbo",
        discount=item("2") if company.named else None,
        shipping=item("3") if company.named else None,
        discount_account="" if company.discounts else None,
        shipping_account="" if company.shipping else None,
    )
    ledger = LedgerSettings(
        facts=facts,
        names=NAMES,
        unit_places=2,
        account="",
        discount_account="",
        finance_charge_account="",
        shipping_account="",
        taxable=taxable,
        untaxed=free,
        sku_accounts=False,
        sku_item_codes=False,
        tax_style=company.style,
        items=routing,
        deposit="35",
        receipts=company.receipts,
        reference_limit=21,
        number_limit=21,
    )
    tax = {"untaxed_invoices": untaxed, "tax_finance_charges": charges}
    return DraftSettings(
        config=Config.model_validate({"tax": tax}),
        ledger=ledger,
        items=Items(()),
        zone=ZoneInfo("Europe/London"),
        keap_currency="GBP",
    )


# --- QuickBooks' arithmetic -----------------------------------------------------------------------


def quickbooks(draft: Draft, code: TaxCode) -> tuple[Decimal, Decimal]:
    """Total and tax of a form in a company that goes by rates."""
    inclusive = draft.tax_mode is TaxMode.INCLUSIVE
    net: dict[str, Decimal] = defaultdict(Decimal)
    items, total = ZERO, ZERO
    for line in draft.lines:
        amount = line.amount if not inclusive or line.net is None else line.net
        total += amount
        if line.type is not LineType.DISCOUNT:
            net[line.tax_code] += amount
        if line.type is LineType.ITEM:
            items += amount
    (off,) = [line.amount for line in draft.lines if line.type is LineType.DISCOUNT] or [ZERO]
    if off and draft.tax_after_discount and items:
        for line in draft.lines:
            if line.type is LineType.ITEM:
                net[line.tax_code] += off * line.amount / items
    taxes = {part.id: half_up(net[code.code] * part.percent / 100) for part in code.parts}
    if draft.stated_tax:
        taxes |= {line.rate.id: line.amount for line in draft.stated_tax.lines}
    tax = sum(taxes.values(), ZERO)
    return total + tax, tax


def fits_quickbooks(draft: Draft) -> None:
    """What QuickBooks would refuse: each assertion is a rule of its forms."""
    kinds = [line.type for line in draft.lines]
    assert LineType.ITEM in kinds
    assert kinds.count(LineType.DISCOUNT) <= 1
    assert kinds.count(LineType.SHIPPING) <= 1
    sub_total = sum((line.amount for line in draft.lines if line.type is LineType.ITEM), ZERO)
    for line in draft.lines:
        assert line.amount == half_up(line.amount)
        if line.type is LineType.DISCOUNT:
            assert ZERO < -line.amount <= sub_total
            assert draft.tax_mode is TaxMode.EXCLUSIVE
        if line.quantity is not None and line.unit_price is not None:
            assert line.type is LineType.ITEM
            assert line.quantity * line.unit_price == line.amount
        assert (line.quantity is None) == (line.unit_price is None)


# --- the properties -------------------------------------------------------------------------------


@settings(max_examples=300)
@given(baskets(), companies, st.sampled_from(MODES), st.booleans())
def test_quickbooks_comes_to_keaps_total(
    basket: Basket, company: Company, untaxed: str, charges: bool
) -> None:
    """The invariant: to the cent, with Keap's tax; `exclusive` adds what was expected."""
    rules = rules_of(company, untaxed, charges)
    draft = drafted(basket, rules)
    total, tax = quickbooks(draft, rules.ledger.taxable)
    assert (draft.expected_total, draft.expected_tax) == (total, tax)
    fits_quickbooks(draft)
    if basket.tax:
        assert (total, tax) == (basket.net + basket.tax, basket.tax)
    elif untaxed == "exclusive":
        assert total == basket.net + tax
    else:
        assert total == basket.net
        assert untaxed == "inclusive" or tax == 0


@settings(max_examples=150)
@given(baskets(), companies, st.booleans())
def test_inclusive_nets_are_keaps_values_less_the_tax(
    basket: Basket, company: Company, charges: bool
) -> None:
    """R4, R6 B: the gross is Keap's; each line's net is its own value without the tax in it, to
    within a cent, and together they are without loss; a line without tax is net already."""
    basket = replace(basket, taxes=())
    rules = rules_of(company, "inclusive", charges)
    draft = drafted(basket, rules)
    nets = [line.net for line in draft.lines if line.net is not None]
    assert len(nets) == len(draft.lines)
    assert [line.amount for line in draft.lines] == kept(basket.goods)
    assert sum(nets, ZERO) == basket.net - draft.expected_tax
    for line, net in zip(draft.lines, nets, strict=True):
        assert net == half_up(net)
        bears = line.tax_code == rules.ledger.taxable.code
        own = Fraction(line.amount) / (1 + Fraction(rules.ledger.taxable.rate) / 100)
        assert abs(Fraction(net) - own) <= Fraction(CENT) if bears else net == line.amount
        assert line.quantity is None


@settings(max_examples=300)
@given(
    st.lists(st.decimals("-9999.99", "9999.99", places=2), min_size=1, max_size=60),
    st.one_of(st.decimals("0", "100", places=3), st.sampled_from([Decimal(20), Decimal(25)])),
)
def test_nets_leave_no_cent_whatever_the_lines_come_to(
    values: list[Decimal], rate: Decimal
) -> None:
    """R4: nets and tax are the gross, and a cent a line is always enough for what is left."""
    tax = half_up(sum(values, ZERO) * rate / (100 + rate))
    nets = nets_of(values, [True] * len(values), tax, rate)
    assert sum(nets, ZERO) + tax == sum(values, ZERO)
    for value, net in zip(values, nets, strict=True):
        assert net == half_up(net)
        assert abs(Fraction(net) - Fraction(value) / (1 + Fraction(rate) / 100)) <= Fraction(CENT)


@settings(max_examples=150)
@given(baskets(), companies)
def test_tax_is_stated_only_where_it_has_to_be(basket: Basket, company: Company) -> None:
    """R6: without the statement QuickBooks would come to another amount; with it, to Keap's."""
    assume(basket.tax)
    rules = rules_of(company)
    draft = drafted(basket, rules)
    _, own = quickbooks(replace(draft, stated_tax=None), rules.ledger.taxable)
    assert (draft.stated_tax is not None) == (own != basket.tax)
    if draft.stated_tax:
        assert draft.stated_tax.total == basket.tax
        parts = [line.amount for line in draft.stated_tax.lines]
        assert sum(parts, ZERO) == basket.tax
        assert len(parts) == len(company.rates)


@settings(max_examples=150)
@given(baskets(), st.booleans(), st.booleans(), st.booleans())
def test_american_forms_state_keaps_tax_and_a_taxable_line_for_it(
    basket: Basket, discounts: bool, own_shipping: bool, named: bool
) -> None:
    """R6: the amount goes in one sum, on at least one TAX line; shipping is NON unless there is
    nothing else; without tax every line is NON."""
    company = Company(TaxStyle.TOTAL, (), discounts, own_shipping, named)
    draft = drafted(basket, rules_of(company))
    fits_quickbooks(draft)
    total = sum((line.amount for line in draft.lines), ZERO)
    codes = {line.tax_code for line in draft.lines}
    if not basket.tax:
        assert (codes, draft.stated_tax) == ({"NON"}, None)
        assert draft.expected_total == total
        return
    assert draft.stated_tax is not None
    assert draft.stated_tax.total == draft.expected_tax == basket.tax
    assert draft.expected_total == total + basket.tax == basket.net + basket.tax
    assert any(line.tax_code == "TAX" for line in draft.lines if line.type is not LineType.DISCOUNT)


@settings(max_examples=100)
@given(baskets(), companies, st.sampled_from(MODES), st.data())
def test_receipt_is_exactly_what_the_ledger_comes_to(
    basket: Basket, company: Company, untaxed: str, data: Any
) -> None:
    """R10: one payment of real money of the day, for the ledger's total: neither more nor less."""
    rules = rules_of(replace(company, receipts=True), untaxed)
    total = drafted(basket, rules).expected_total
    assume(total)
    paid = data.draw(st.sampled_from((total, total + CENT, total - CENT, basket.net + basket.tax)))
    assume(paid > ZERO)
    kind = data.draw(st.sampled_from((PaymentKind.MONEY, PaymentKind.CREDIT, PaymentKind.PENDING)))
    draft = drafted(basket, rules, payment(as_read(basket).order_id, paid, kind))
    assert (draft.receipt is not None) == (paid == total and kind is PaymentKind.MONEY)
    if draft.receipt:
        assert draft.receipt.amount == draft.expected_total


def payment(order: OrderId, amount: Decimal, kind: PaymentKind) -> Payment:
    """Something paid at the time of the order."""
    return Payment(PaymentId("1"), kind, "Credit Card", amount, NOON, (order,))


notes = st.tuples(st.decimals("0.00", "999.99", places=2), st.decimals("0.01", "9999.99", places=2))


@settings(max_examples=300)
@given(notes, CODES)
def test_note_is_parted_so_that_its_tax_comes_out(
    amounts: tuple[Decimal, Decimal], rates: tuple[str, ...]
) -> None:
    """R11: of the net as much is taxed as gives the tax, all of it at most; what is stated is
    within a cent for each rate, unless the tax is more than the whole net would bear."""
    tax, net = amounts
    code = code_of(rates)
    untaxed = untaxed_of(tax, net, code)
    assert ZERO <= untaxed < net or not net
    stated = stated_by_rate(tax, net - untaxed, code)
    own = sum((half_up((net - untaxed) * part.percent / 100) for part in code.parts), ZERO)
    if stated:
        assert stated.total == tax
        assert not tax or tax > own or own - tax <= CENT * len(rates)
    else:
        assert own == tax


@pytest.mark.parametrize("rates", RATES)
def test_parting_leaves_a_wholly_taxed_note_whole(rates: tuple[str, ...]) -> None:
    """R11: the ordinary case, at every rate: one line."""
    code = code_of(rates)
    for cents in range(1, 3000, 7):
        net = Decimal(cents) / 100
        tax = sum((half_up(net * part.percent / 100) for part in code.parts), ZERO)
        assert untaxed_of(tax, net, code) == 0
