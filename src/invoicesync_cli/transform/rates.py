"""Tax as a ledger works it out that goes by rates: each on the sum of the lines, then rounded."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from invoicesync_cli.model import CENT, ZERO, StatedTax, TaxCode, TaxLine, TaxRate, money
from invoicesync_cli.transform.cents import in_cents, share
from invoicesync_cli.transform.tax import HUNDRED, added, inside


def by_rate(base: Decimal, code: TaxCode, *, inclusive: bool) -> Decimal:
    """The tax on (or inside) the sum of the lines that bear it."""
    if inclusive:
        return inside(base, code.rate)
    return sum((added(base, rate.percent) for rate in _rates(code)), ZERO)


def stated_by_rate(tax: Decimal, net: Decimal, code: TaxCode) -> StatedTax | None:
    """The tax to state for lines of `net`, by rate; None when the ledger comes to it by itself."""
    rates = _rates(code)
    if sum((added(net, rate.percent) for rate in rates), ZERO) == tax:
        return None
    parts = share(tax, [rate.percent for rate in rates]) if code.rate else [tax]
    lines = [TaxLine(rate, net, part) for rate, part in zip(rates, parts, strict=False)]
    return StatedTax(tax, tuple(lines))


def untaxed_of(tax: Decimal, net: Decimal, code: TaxCode) -> Decimal:
    """How much of `net` bears no tax when the whole of it would bear more than `tax`.

    Zero when the whole fits but for a cent for each rate, which can be stated.
    """
    whole = by_rate(net, code, inclusive=False)
    if not tax or whole - tax <= CENT * len(_rates(code)):
        return ZERO
    return net - money(tax * HUNDRED / code.rate)


def nets_of(
    values: Sequence[Decimal], bearing: Sequence[bool], tax: Decimal, rate: Decimal
) -> tuple[Decimal, ...]:
    """Net amounts of gross lines, of which those that bear tax have `tax` inside at `rate` percent.

    Each is the line's own value / (1 + rate), to the cent so that together they are the gross less
    the tax. Each stays within a cent of its exact value, because the tax is within half a cent of
    its own. Lines that bear no tax are net already.
    """
    gross = [value for value, bears in zip(values, bearing, strict=True) if bears]
    exact = [Fraction(value) * 100 / (1 + Fraction(rate) / 100) for value in gross]
    nets = iter(in_cents(exact, sum(gross, ZERO) - tax))
    return tuple(
        next(nets) if bears else value for value, bears in zip(values, bearing, strict=True)
    )


def _rates(code: TaxCode) -> tuple[TaxRate, ...]:
    """The rates of a code; the code itself where it is made of none."""
    return code.parts or (TaxRate("", code.rate),)
