"""Whole cents that come to a total, without loss."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from invoicesync_cli.model import CENT, ZERO, money

HALF_CENT = Decimal("0.005")


def share(amount: Decimal, values: Sequence[Decimal]) -> list[Decimal]:
    """`amount` shared over `values` in proportion, to the cent, without loss.

    The values must not sum to zero.
    """
    base = Fraction(sum(values, ZERO))
    return in_cents([Fraction(amount) * 100 * Fraction(value) / base for value in values], amount)


def in_cents(exact: Sequence[Fraction], total: Decimal) -> list[Decimal]:
    """Amounts in whole cents that come to `total`, for `exact` ones in cents.

    Each is floored; the cents that remain go to the largest remainders, the first among equals.
    """
    floored = [part.numerator // part.denominator for part in exact]
    left = int(total * 100) - sum(floored)
    by_remainder = sorted(range(len(exact)), key=lambda place: floored[place] - exact[place])
    for place in by_remainder[:left]:
        floored[place] += 1
    return [money(Decimal(part) * CENT) for part in floored]
