"""The rules on made-up orders: to the cent, nothing lost, the same every time."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from invoicesync_cli.config import Config
from invoicesync_cli.load.xero.setup import NAMES
from invoicesync_cli.model import (
    DocumentState,
    Draft,
    KeapContact,
    LedgerAccount,
    LedgerContact,
    LedgerFacts,
    LedgerId,
    LedgerSettings,
    PersonId,
    TaxCode,
    TaxMode,
)
from invoicesync_cli.transform.accounts import Items
from invoicesync_cli.transform.cents import share
from invoicesync_cli.transform.contact_book import ContactBook
from invoicesync_cli.transform.contacts import ContactMatcher, ToCreate
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_sandbox.keap import KeapSwitches
from tests.kits.baskets import (
    RATES,
    Basket,
    baskets,
    drafted,
    expected_reason,
    half_up,
    kept,
    prices,
)
from tests.kits.rehearsal import Rehearsal

MODES = ("exempt", "inclusive", "exclusive")
ZERO = Decimal(0)


def rules_of(untaxed: str, rate: Decimal, finance_charges: bool) -> DraftSettings:
    """The rules of a ledger whose taxable code has this rate in percent."""
    taxable = TaxCode("TAXED", "Taxed", rate, usable=True)
    untaxable = TaxCode("ZERO", "Untaxed", ZERO, usable=True)
    sales = LedgerAccount("1", "200", "Sales", usable=True)
    facts = LedgerFacts("Books", "1", ("GBP",), None, (sales,), (taxable, untaxable), ())
    tax = {"untaxed_invoices": untaxed, "tax_finance_charges": finance_charges}
    return DraftSettings(
        config=Config.model_validate({"tax": tax}),
        ledger=LedgerSettings(
            facts=facts,
            names=NAMES,
            unit_places=4,
            account="200",
            discount_account="200",
            finance_charge_account="200",
            shipping_account="200",
            taxable=taxable,
            untaxed=untaxable,
            sku_accounts=False,
            sku_item_codes=False,
        ),
        items=Items(()),
        zone=ZoneInfo("Europe/London"),
        keap_currency="GBP",
    )


def ledger(draft: Draft, rates: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
    """Total and tax as a ledger works them out, line by line (Xero's own rounding)."""
    amounts = [half_up((line.quantity or ZERO) * (line.unit_price or ZERO)) for line in draft.lines]
    taxes = []
    for line, amount in zip(draft.lines, amounts, strict=True):
        rate = rates[line.tax_code]
        whole = 100 + rate if draft.tax_mode is TaxMode.INCLUSIVE else Decimal(100)
        taxes.append(half_up(amount * rate / whole) if line.tax is None else line.tax)
    tax = sum(taxes, ZERO)
    return sum(amounts, ZERO) + (ZERO if draft.tax_mode is TaxMode.INCLUSIVE else tax), tax


@settings(max_examples=200)
@given(baskets(), st.sampled_from(MODES), st.sampled_from(RATES), st.booleans())
def test_ledger_comes_to_keaps_total(
    basket: Basket, untaxed: str, rate: Decimal, charges: bool
) -> None:
    """The invariant: to the cent, and with Keap's tax; `exclusive` adds what was expected."""
    draft = drafted(basket, rules_of(untaxed, rate, charges))
    total, tax = ledger(draft, {"TAXED": rate, "ZERO": ZERO})
    assert draft.expected_total == total
    assert draft.expected_tax == tax
    if basket.tax:
        assert tax == basket.tax
        assert total == basket.net + tax
    elif untaxed == "exclusive":
        assert total == basket.net + tax
    else:
        assert total == basket.net
        assert untaxed == "inclusive" or tax == 0


@settings(max_examples=100)
@given(baskets(), st.sampled_from(MODES), st.sampled_from(RATES), st.booleans())
def test_no_line_is_lost_or_moved(
    basket: Basket, untaxed: str, rate: Decimal, charges: bool
) -> None:
    """R4: one ledger line for each of Keap's, in Keap's order, each with its exact value."""
    draft = drafted(basket, rules_of(untaxed, rate, charges))
    assert [line.amount for line in draft.lines] == kept(basket.goods)
    worth = [(line.quantity or ZERO) * (line.unit_price or ZERO) for line in draft.lines]
    assert worth == kept(basket.goods)
    assert all(line.description for line in draft.lines)
    for line, item in zip(draft.lines, basket.goods, strict=True):
        if not item.kind.startswith("DISCOUNT"):
            assert line.quantity == item.quantity
            assert line.unit_price == Decimal(item.price)


@settings(max_examples=100)
@given(baskets(), st.sampled_from(RATES), st.booleans())
def test_tax_is_on_lines_that_may_bear_it(basket: Basket, rate: Decimal, charges: bool) -> None:
    """R6: stated tax and taxable code go together; finance charges only if they are to."""
    assume(basket.tax)
    draft = drafted(basket, rules_of("exempt", rate, charges))
    assert all((line.tax is not None) == (line.tax_code == "TAXED") for line in draft.lines)
    bearing = {
        item.kind
        for item, line in zip(basket.goods, draft.lines, strict=True)
        if line.tax is not None
    }
    if not charges and bearing != {"FINANCE_CHARGE"}:
        assert "FINANCE_CHARGE" not in bearing


@settings(max_examples=50)
@given(baskets(), st.sampled_from(MODES), st.sampled_from(RATES))
def test_same_order_gives_the_same_draft(basket: Basket, untaxed: str, rate: Decimal) -> None:
    """A draft is its fingerprint: nothing but the order and the rules goes into it."""
    rules = rules_of(untaxed, rate, finance_charges=False)
    assert drafted(basket, rules) == drafted(basket, rules)


amounts = st.one_of(prices, prices.map(lambda price: -price), st.just(ZERO))


@settings(max_examples=200)
@given(st.lists(amounts, min_size=1, max_size=40), st.decimals("-9999.99", "99999.99", places=2))
def test_sharing_loses_no_cent(values: list[Decimal], tax: Decimal) -> None:
    """R6 A: the shares sum to the tax, each less than a cent from its exact part."""
    base = sum(values, ZERO)
    assume(base)
    shares = share(tax, values)
    assert sum(shares, ZERO) == tax
    exact = [Fraction(tax) * Fraction(value) / Fraction(base) for value in values]
    assert all(
        abs(Fraction(part) - wanted) < Fraction(1, 100)
        for part, wanted in zip(shares, exact, strict=True)
    )
    assert all(part == half_up(part) for part in shares)


@settings(max_examples=100)
@given(st.integers(1, 40), prices, st.decimals("0.00", "999.99", places=2))
def test_equal_lines_share_alike_and_the_first_get_the_odd_cents(
    count: int, price: Decimal, tax: Decimal
) -> None:
    """R6 A: the remaining cents by largest remainder; ties: first line first."""
    shares = share(tax, [price] * count)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= Decimal("0.01")


odd_letters = st.sampled_from("<> \t\n\r\u0000\u0007\u0085\u00a0\u2028\u202e\ud83dé")
letters = st.text(st.one_of(st.characters(), odd_letters), max_size=40)
names = st.one_of(
    letters, letters.map(lambda text: f"{text}x" * 250), letters.map("{:x<250}".format)
)


@settings(max_examples=150)
@given(names, names, letters, st.booleans())
def test_every_name_becomes_one_that_xero_takes(
    given_name: str, family_name: str, company: str, taken: bool
) -> None:
    """R9: no angle brackets, control characters, repeated or outer blanks, and not too long."""
    person = KeapContact(PersonId("1234"), given_name, family_name, (), "", company)
    name = name_for(person, ContactBook([]))
    if taken:
        other = LedgerContact(LedgerId("other"), name.upper())
        name = name_for(person, ContactBook([other]))
        assert name.casefold() != other.name.casefold()
        assert name.endswith(" (Keap 1234)")
    assert 0 < len(name) <= NAMES.limit
    assert name == name.strip()
    assert "  " not in name
    assert not set("<>") & set(name)
    assert not any(category(letter) == "Cc" for letter in name)


def name_for(person: KeapContact, book: ContactBook) -> str:
    """What a person is called in a ledger with these contacts."""
    matcher = ContactMatcher(
        book, NAMES, steps=(), pins={}, links={}, linked=lambda _: None, create=True
    )
    match = matcher.match([person])[person.id]
    assert isinstance(match, ToCreate)
    return match.contact.name


@pytest.mark.parametrize("charges", [False, True])
@pytest.mark.parametrize("untaxed", MODES)
@settings(max_examples=5, phases=[Phase.generate])
@given(st.lists(baskets(), min_size=6, max_size=10), st.sampled_from(RATES))
def test_whole_runs_come_to_keaps_totals_in_xero(
    untaxed: str, charges: bool, batch: list[Basket], rate: Decimal
) -> None:
    """The invariant through the whole pipeline, read back from Xero."""
    with TemporaryDirectory() as home:
        settled = {"tax.untaxed_invoices": untaxed, "tax.tax_finance_charges": charges}
        rehearsal = Rehearsal(Path(home), **settled, **{"invoices.skip_zero_total": False})
        old = rehearsal.xero.tax_rates["OUTPUT2"]
        rehearsal.xero.tax_rates["OUTPUT2"] = replace(old, rate=rate)
        rehearsal.keap.switches = KeapSwitches(discount_style=batch[0].style)
        person = rehearsal.person()
        orders = {rehearsal.order(*basket.items, contact=person): basket for basket in batch}
        documents = {document.order_id: document for document in rehearsal.sync().documents}
        assert documents.keys() == orders.keys()
        for order, basket in orders.items():
            check(rehearsal, documents[order], basket, untaxed)


def check(rehearsal: Rehearsal, document: Any, basket: Basket, untaxed: str) -> None:
    """One order's invoice in Xero; an order of less than nothing is held and not sent."""
    found = rehearsal.xero.invoices.find("number", document.order_id)
    if document.state is not DocumentState.CREATED:
        assert document.state is DocumentState.HELD
        assert document.reason == expected_reason(basket, untaxed), document.message
        assert not found
        return
    (invoice,) = found
    assert [line.line_amount for line in invoice.lines] == kept(basket.goods)
    added = ZERO if basket.tax or untaxed != "exclusive" else invoice.total_tax
    assert invoice.total == basket.net + basket.tax + added
    if basket.tax:
        assert invoice.total_tax == basket.tax
