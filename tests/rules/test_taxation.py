"""Rule R6 as functions: the tax side of an order, in each way in which a ledger arrives at it."""

from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.model import (
    Decision,
    Line,
    StatedTax,
    TaxCode,
    TaxLine,
    TaxMode,
    TaxRate,
    TaxStyle,
)
from invoicesync_cli.transform.lines import take_apart
from invoicesync_cli.transform.rates import by_rate, nets_of, stated_by_rate
from invoicesync_cli.transform.taxation import Taxed, tax_of
from invoicesync_cli.transform.verdicts import Held
from tests.kits.keap_side import BOOK, CANDLE, CHARGE, OFF, POST, invoice, line
from tests.kits.ledger_side import PARTED, TAXED, UNTAXED, rules

STYLES = (TaxStyle.LINE, TaxStyle.RATE)
LOW = TaxCode("LOW", "15%", Decimal(15), usable=True)
AT_TWENTY = TaxRate("", Decimal(20))


def taxed(
    *lines: Line, style: TaxStyle = TaxStyle.LINE, code: TaxCode = TAXED, **settings: Any
) -> Taxed:
    """The tax side of an order, with settings of `[tax]`."""
    by = rules(
        {f"tax.{name}": value for name, value in settings.items()}, tax_style=style, taxable=code
    )
    made = invoice(*lines)
    return tax_of(made, take_apart(made), by.ledger, by.config.tax)


def tax(amount: str) -> Line:
    """A TAX line."""
    return line("TAX", amount)


def figures(found: Taxed) -> tuple[str, str]:
    """Expected total and tax, as they are written."""
    return str(found.expected_total), str(found.expected_tax)


# --- A: the invoice has tax -----------------------------------------------------------------------


def test_tax_of_keap_is_stated_line_by_line() -> None:
    """R6 A: 100 taxable, a book of 50, 10 off, 18.00 → 20.00 and −2.00; the book is untaxed."""
    found = taxed(CANDLE, BOOK, line("DISCOUNT", "10"), tax("18.00"))
    assert found.mode is TaxMode.EXCLUSIVE
    assert found.codes == (TAXED, UNTAXED, TAXED)
    assert found.stated == (Decimal("20.00"), None, Decimal("-2.00"))
    assert found.nets == (None, None, None)
    assert found.document is None
    assert figures(found) == ("158.00", "18.00")
    because = "flagged products + discounts: 90.00 at 20 % gives Keap's tax of 18.00"
    assert found.decision == Decision("tax", "18.00", "R6.A base 1", because)


@pytest.mark.parametrize("how", ["exempt", "inclusive", "exclusive"])
@pytest.mark.parametrize("style", [TaxStyle.LINE, TaxStyle.RATE, TaxStyle.TOTAL])
def test_tax_of_keap_stays_in_every_mode(how: str, style: TaxStyle) -> None:
    """R6 A, S20: lines are tax-exclusive whatever is set for untaxed invoices."""
    found = taxed(CANDLE, tax("20.00"), style=style, untaxed_invoices=how)
    assert found.mode is TaxMode.EXCLUSIVE
    assert figures(found) == ("120.00", "20.00")
    assert found.nets == (None,)


def test_finance_charges_bear_tax_only_if_they_are_to() -> None:
    """R6 A: bases 5 to 8 only if `tax_finance_charges`."""
    lines = (CANDLE, CHARGE, tax("22.00"))
    assert taxed(*lines).codes == (TAXED, UNTAXED)
    assert taxed(*lines, tax_finance_charges=True).codes == (TAXED, TAXED)


def test_tax_is_stated_by_rate_where_quickbooks_would_come_to_another() -> None:
    """R6, elsewhere: Keap's amount as an override when QuickBooks' own sum would differ."""
    agrees = taxed(CANDLE, OFF, tax("19.00"), style=TaxStyle.RATE)
    assert (agrees.stated, agrees.document) == ((None, None), None)
    assert agrees.codes == (TAXED, TAXED)
    differs = taxed(CANDLE, BOOK, tax("8.25"), style=TaxStyle.RATE)
    stated = TaxLine(AT_TWENTY, Decimal("100.00"), Decimal("8.25"))
    assert differs.document == StatedTax(Decimal("8.25"), (stated,))
    assert (differs.stated, differs.codes) == ((None, None), (TAXED, UNTAXED))
    assert figures(differs) == ("158.25", "8.25")


def test_tax_is_stated_in_one_sum_in_the_united_states() -> None:
    """R6, United States: base 1 without a rate; the amount goes in `TotalTax`; shipping NON."""
    found = taxed(CANDLE, POST, OFF, tax("7.13"), style=TaxStyle.TOTAL)
    assert found.codes == (TAXED, UNTAXED, TAXED)
    assert found.document == StatedTax(Decimal("7.13"))
    assert found.stated == (None, None, None)
    assert found.decision.rule == "R6 base 1"
    assert figures(found) == ("110.13", "7.13")


def test_company_without_sales_tax_holds_a_taxed_invoice() -> None:
    """R6: held with `tax-code-unknown`, saying what to set; an untaxed one goes."""
    with pytest.raises(Held) as caught:
        taxed(CANDLE, tax("20.00"), style=TaxStyle.OFF)
    assert caught.value.reason == "tax-code-unknown"
    assert caught.value.message == (
        "Keap has tax of 20.00 GBP on it, and sales tax is switched off in the ledger."
    )
    assert caught.value.hint == (
        "Switch sales tax on in the ledger's settings; the next sync goes on."
    )
    assert figures(taxed(CANDLE, style=TaxStyle.OFF)) == ("100.00", "0.00")


# --- B: the invoice has none ----------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("how", "price", "code", "mode", "expected"),
    [
        ("exempt", "100", TAXED, TaxMode.EXCLUSIVE, ("100.00", "0.00")),
        ("inclusive", "120", TAXED, TaxMode.INCLUSIVE, ("120.00", "20.00")),
        ("inclusive", "49.99", LOW, TaxMode.INCLUSIVE, ("49.99", "6.52")),
        ("exclusive", "100", TAXED, TaxMode.EXCLUSIVE, ("120.00", "20.00")),
    ],
)
def test_untaxed_invoice_by_the_users_choice(
    style: TaxStyle, how: str, price: str, code: TaxCode, mode: TaxMode, expected: tuple[str, str]
) -> None:
    """R6 B, the examples: 100 → 100; 120 incl. 20; 49.99 incl. 6.52; 100 + 20."""
    made = line("PRODUCT", price, taxable=False)
    found = taxed(made, style=style, code=code, untaxed_invoices=how)
    assert (found.mode, figures(found)) == (mode, expected)
    assert found.codes == ((UNTAXED if how == "exempt" else code),)
    assert (found.stated, found.document) == ((None,), None)
    net = found.expected_total - found.expected_tax
    assert found.nets == ((net if style is TaxStyle.RATE and how == "inclusive" else None),)
    because = f"Keap has no tax on it, and tax.untaxed_invoices is {how!r}"
    assert found.decision == Decision("tax", expected[1], "R6.B", because)


@pytest.mark.parametrize(
    ("style", "charges", "total_tax", "codes", "nets"),
    [
        (TaxStyle.LINE, False, "16.67", (TAXED, UNTAXED), (None, None)),
        (TaxStyle.LINE, True, "18.34", (TAXED, TAXED), (None, None)),
        (TaxStyle.RATE, False, "16.67", (TAXED, UNTAXED), ("83.33", "10.00")),
        (TaxStyle.RATE, True, "18.33", (TAXED, TAXED), ("83.34", "8.33")),
    ],
)
def test_finance_charge_inside_an_inclusive_invoice(
    style: TaxStyle,
    charges: bool,
    total_tax: str,
    codes: tuple[TaxCode, ...],
    nets: tuple[str | None, ...],
) -> None:
    """R6 B, S21: 100 + 10, inclusive → 110 incl. 16.67; taxed 18.34 per line, 18.33 by rate."""
    found = taxed(
        CANDLE,
        CHARGE,
        style=style,
        untaxed_invoices="inclusive",
        tax_finance_charges=charges,
    )
    assert figures(found) == ("110.00", total_tax)
    assert found.codes == codes
    assert found.nets == tuple(net and Decimal(net) for net in nets)


@pytest.mark.parametrize(
    ("style", "charges", "expected"),
    [
        (TaxStyle.LINE, False, ("130.00", "20.00")),
        (TaxStyle.RATE, False, ("130.00", "20.00")),
        (TaxStyle.LINE, True, ("132.00", "22.00")),
        (TaxStyle.RATE, True, ("132.00", "22.00")),
    ],
)
def test_finance_charge_of_an_exclusive_invoice(
    style: TaxStyle, charges: bool, expected: tuple[str, str]
) -> None:
    """R6 B: with `tax_finance_charges = false` they get the zero-tax code in every mode."""
    added = taxed(
        CANDLE,
        CHARGE,
        style=style,
        untaxed_invoices="exclusive",
        tax_finance_charges=charges,
    )
    assert figures(added) == expected
    exempt = taxed(CANDLE, CHARGE, style=style, tax_finance_charges=charges)
    assert (exempt.codes, figures(exempt)) == ((UNTAXED, UNTAXED), ("110.00", "0.00"))


def test_rounding_is_per_line_or_per_rate() -> None:
    """R6 B: three of 3.33 exclusive at 20 %: 2.01 line by line, 2.00 on their sum."""
    three = [line("PRODUCT", "3.33")] * 3
    per_line = taxed(*three, untaxed_invoices="exclusive")
    per_rate = taxed(*three, style=TaxStyle.RATE, untaxed_invoices="exclusive")
    assert (figures(per_line), figures(per_rate)) == (("12.00", "2.01"), ("11.99", "2.00"))


def test_tax_inside_is_stated_where_quickbooks_would_come_to_another() -> None:
    """R4 and R6, elsewhere: net amounts to the cent, and the tax that makes Keap's total."""
    three = [line("PRODUCT", "3.33")] * 3
    found = taxed(*three, style=TaxStyle.RATE, untaxed_invoices="inclusive")
    assert figures(found) == ("9.99", "1.67")
    assert found.nets == (Decimal("2.78"), Decimal("2.77"), Decimal("2.77"))
    stated = TaxLine(AT_TWENTY, Decimal("8.32"), Decimal("1.67"))
    assert found.document == StatedTax(Decimal("1.67"), (stated,))


def test_no_tax_is_stated_where_quickbooks_would_come_to_a_cent() -> None:
    """R6, elsewhere: at 17 % there is nothing in 0.03, but a cent on top of it."""
    code = TaxCode("HIGH", "17%", Decimal(17), usable=True)
    made = line("PRODUCT", "0.03")
    found = taxed(made, style=TaxStyle.RATE, code=code, untaxed_invoices="inclusive")
    assert figures(found) == ("0.03", "0.00")
    nothing = TaxLine(TaxRate("", Decimal(17)), Decimal("0.03"), Decimal("0.00"))
    assert found.document == StatedTax(Decimal("0.00"), (nothing,))


def test_nothing_is_stated_where_no_tax_is_inside() -> None:
    """R4, R6 B: a discount of the whole price, inclusive: the net amounts come to nothing too."""
    whole = line("DISCOUNT", "100")
    found = taxed(CANDLE, whole, style=TaxStyle.RATE, untaxed_invoices="inclusive")
    assert (figures(found), found.document) == (("0.00", "0.00"), None)
    assert found.nets == (Decimal("83.33"), Decimal("-83.33"))


# --- rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "code", "inclusive", "expected"),
    [
        ("100", TAXED, False, "20.00"),
        ("120", TAXED, True, "20.00"),
        # 5.00 + 9.98, not 14.975 % at once.
        ("100", PARTED, False, "14.98"),
        ("0.05", PARTED, False, "0.00"),
        ("114.98", PARTED, True, "14.98"),
        ("-9.99", TAXED, False, "-2.00"),
    ],
)
def test_each_rate_is_worked_out_on_the_sum(
    base: str, code: TaxCode, inclusive: bool, expected: str
) -> None:
    """R6, elsewhere: per rate, then rounded."""
    assert str(by_rate(Decimal(base), code, inclusive=inclusive)) == expected


@pytest.mark.parametrize(
    ("amount", "code", "parts"),
    [
        ("14.98", PARTED, None),
        ("14.97", PARTED, ["5.00", "9.97"]),
        ("20.00", TAXED, None),
        ("20.01", TAXED, ["20.01"]),
        ("3.00", UNTAXED, ["3.00"]),
        ("0.00", UNTAXED, None),
    ],
)
def test_tax_is_stated_unless_the_ledger_comes_to_it(
    amount: str, code: TaxCode, parts: list[str] | None
) -> None:
    """R6, elsewhere: on 100 net; several rates share it in proportion, to the cent."""
    found = stated_by_rate(Decimal(amount), Decimal(100), code)
    if parts is None:
        assert found is None
        return
    assert found
    assert found.total == Decimal(amount)
    rates = code.parts or (TaxRate("", code.rate),)
    expected = [
        TaxLine(rate, Decimal(100), Decimal(part)) for rate, part in zip(rates, parts, strict=True)
    ]
    assert list(found.lines) == expected


def test_rates_that_cancel_each_other_leave_the_tax_to_the_first() -> None:
    """R6, elsewhere: a reverse charge of +5 and −5 could not be shared by."""
    rates = (TaxRate("up", Decimal(5)), TaxRate("down", Decimal(-5)))
    code = TaxCode("RC", "Reverse charge", Decimal(0), usable=True, parts=rates)
    stated = TaxLine(rates[0], Decimal(100), Decimal(3))
    assert stated_by_rate(Decimal(3), Decimal(100), code) == StatedTax(Decimal(3), (stated,))


@pytest.mark.parametrize(
    ("values", "rate", "tax", "expected"),
    [
        # In proportion to the total these would be 416.70 and -375.03.
        (("500.00", "-450.00"), "20", "8.33", ("416.67", "-375.00")),
        (("60", "60", "-12"), "20", "18.00", ("50.00", "50.00", "-10.00")),
        # A total of zero has nets as well.
        (("100.00", "-100.00"), "20", "0.00", ("83.33", "-83.33")),
        (("100.00", "-50.00", "-50.00"), "20", "0.00", ("83.34", "-41.67", "-41.67")),
        # What is left goes to the largest remainder, and to the first of equal ones.
        (("3.33", "3.33", "3.33"), "20", "1.67", ("2.78", "2.77", "2.77")),
        (("0.01", "0.01", "0.01", "0.01"), "20", "0.01", ("0.01", "0.01", "0.01", "0.00")),
        # Half a cent of the net and half a cent of the tax, both rounded up: one cent too much.
        (("0.03",), "100", "0.02", ("0.01",)),
    ],
)
def test_net_amounts_are_each_lines_own(
    values: tuple[str, ...], rate: str, tax: str, expected: tuple[str, ...]
) -> None:
    """R4, `TaxInclusive`: a line's value without the tax in it, whatever the others come to."""
    gross = [Decimal(value) for value in values]
    nets = nets_of(gross, [True] * len(gross), Decimal(tax), Decimal(rate))
    assert nets == tuple(map(Decimal, expected))
    assert sum(gross) - sum(nets) == Decimal(tax)


def test_lines_without_tax_are_net_already() -> None:
    """R4: they take no part in what is left of the others."""
    values = [Decimal(value) for value in ("0.02", "10", "0.02")]
    nets = nets_of(values, [True, False, True], Decimal("0.01"), Decimal(20))
    assert nets == (Decimal("0.02"), Decimal(10), Decimal("0.01"))
    assert nets_of(values[1:2], [False], Decimal(0), Decimal(20)) == (Decimal(10),)
