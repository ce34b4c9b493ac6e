"""The tax side of an invoice (rule R6): which lines are taxed, how much, and what is stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.config import Tax
from invoicesync_cli.model import (
    ZERO,
    Decision,
    Invoice,
    LedgerSettings,
    LineKind,
    Reason,
    StatedTax,
    TaxCode,
    TaxMode,
    TaxStyle,
)
from invoicesync_cli.transform import tax as taxes
from invoicesync_cli.transform.cents import share
from invoicesync_cli.transform.lines import Lines
from invoicesync_cli.transform.rates import by_rate, nets_of, stated_by_rate
from invoicesync_cli.transform.verdicts import Held


@dataclass(frozen=True)
class Taxed:
    """How a draft's amounts are meant, and what each line has of the tax.

    `stated` is the tax to state on each line, `nets` the net amount of each where amounts are
    inclusive; `document` the tax to state for the whole document.
    """

    mode: TaxMode
    codes: tuple[TaxCode, ...]
    stated: tuple[Decimal | None, ...]
    nets: tuple[Decimal | None, ...]
    document: StatedTax | None
    expected_tax: Decimal
    expected_total: Decimal
    decision: Decision


def tax_of(invoice: Invoice, lines: Lines, ledger: LedgerSettings, settings: Tax) -> Taxed:
    """The tax side of an invoice.

    Raises `Held`: tax-code-unknown for a taxed invoice and a company without sales tax,
    totals-differ where a form's own rate does not come to Keap's tax (R17).
    """
    if not lines.tax:
        return _untaxed(invoice, lines, ledger, settings)
    if ledger.tax_style is TaxStyle.OFF:
        raise Held(
            Reason.TAX_CODE_UNKNOWN,
            f"Keap has tax of {lines.tax} {invoice.currency} on it, and sales tax is switched off "
            "in the ledger.",
            hint="Switch sales tax on in the ledger's settings; the next sync goes on.",
        )
    return _taxed_by_keap(invoice, lines, ledger, settings)


def _taxed_by_keap(invoice: Invoice, lines: Lines, ledger: LedgerSettings, settings: Tax) -> Taxed:
    """Part A: the amount is Keap's; only which lines bear it is worked out."""
    goods, tax, taxable = lines.goods, lines.tax, ledger.taxable
    if ledger.tax_style is TaxStyle.TOTAL:
        base = taxes.base_without_rate(goods, tax)
    else:
        base = taxes.find_base(goods, tax, taxable.rate, settings.tax_finance_charges)
    bearing = [goods[place].value for place in base.lines]
    stated: dict[int, Decimal] = {}
    document = None
    if ledger.tax_style is TaxStyle.LINE:
        stated = dict(zip(base.lines, share(tax, bearing), strict=True))
    elif ledger.tax_style is TaxStyle.TOTAL:
        document = StatedTax(tax)
    elif ledger.tax_style is TaxStyle.FORM:
        _check_form(sum(bearing, ZERO), tax, taxable, invoice.currency)
        document = StatedTax(tax)
    else:
        document = stated_by_rate(tax, sum(bearing, ZERO), taxable)
    places = range(len(goods))
    return Taxed(
        TaxMode.EXCLUSIVE,
        tuple(taxable if place in base.lines else ledger.untaxed for place in places),
        tuple(stated.get(place) for place in places),
        (None,) * len(goods),
        document,
        tax,
        invoice.total,
        Decision("tax", f"{tax}", base.rule, base.because),
    )


def _check_form(base: Decimal, tax: Decimal, code: TaxCode, currency: str) -> None:
    found = taxes.added(base, code.rate)
    if found != tax:
        raise Held(
            Reason.TOTALS_DIFFER,
            f"Keap has tax of {tax} {currency} on it; the ledger would make it {found}, "
            f"{code.rate:f} % of {base}, and nothing can override that.",
            hint="Correct the order in Keap, name the tax item with Keap's rate, or have Keap's "
            "amount booked as a line of its own.",
        )


def _untaxed(invoice: Invoice, lines: Lines, ledger: LedgerSettings, settings: Tax) -> Taxed:
    """Part B: what stands on the invoice is the user's choice."""
    how = settings.untaxed_invoices
    codes = tuple(
        ledger.untaxed
        if how == "exempt"
        or (line.kind is LineKind.FINANCE_CHARGE and not settings.tax_finance_charges)
        else ledger.taxable
        for line in lines.goods
    )
    inclusive = how == "inclusive"
    values = [line.value for line in lines.goods]
    nets: tuple[Decimal | None, ...] = (None,) * len(values)
    document = None
    if ledger.tax_style is TaxStyle.LINE:
        tax = _line_by_line(values, codes, inclusive=inclusive)
    else:
        base = sum((value for value, code in zip(values, codes, strict=True) if code.rate), ZERO)
        tax = by_rate(base, ledger.taxable, inclusive=inclusive)
        if inclusive:
            bearing = [bool(code.rate) for code in codes]
            nets = nets_of(values, bearing, tax, ledger.taxable.rate)
            document = stated_by_rate(tax, base - tax, ledger.taxable)
    because = f"Keap has no tax on it, and tax.untaxed_invoices is {how!r}"
    return Taxed(
        TaxMode.INCLUSIVE if inclusive else TaxMode.EXCLUSIVE,
        codes,
        (None,) * len(codes),
        nets,
        document,
        tax,
        invoice.total + tax if how == "exclusive" else invoice.total,
        Decision("tax", f"{tax}", "R6.B", because),
    )


def _line_by_line(
    values: Sequence[Decimal], codes: Sequence[TaxCode], *, inclusive: bool
) -> Decimal:
    part = taxes.inside if inclusive else taxes.added
    return sum((part(value, code.rate) for value, code in zip(values, codes, strict=True)), ZERO)
