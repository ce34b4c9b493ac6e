"""What each line of a document is without tax, and its tax. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from invoicesync_cli.model import ZERO, Draft, DraftLine, LineType, TaxMode
from invoicesync_cli.statement.figures import Names
from invoicesync_cli.transform.cents import share

ONE = Decimal(1)


def with_tax(draft: Draft, names: Names) -> Iterator[tuple[DraftLine, Decimal, Decimal]]:
    """Each line with its net amount and its tax; together they are the draft's total and tax.

    Where the tax stands on the whole document, each line whose code bears tax has its part of it by
    amount and rate.
    """
    stated = [line.tax for line in draft.lines]
    if any(tax is not None for tax in stated):
        taxes = [tax or ZERO for tax in stated]
    else:
        taxes = _shared(draft, names)
    for line, tax in zip(draft.lines, taxes, strict=True):
        net = line.amount - tax if draft.tax_mode is TaxMode.INCLUSIVE else line.amount
        yield line, net, tax


def _shared(draft: Draft, names: Names) -> list[Decimal]:
    tax, lines = draft.expected_tax, draft.lines
    if not tax:
        return [ZERO] * len(lines)
    weights = [line.amount * _rate(line, draft, names) for line in lines]
    if not sum(weights):
        weights = [line.amount for line in lines]
    if not sum(weights):
        return [tax, *[ZERO] * (len(lines) - 1)]
    return share(tax, weights)


def _rate(line: DraftLine, draft: Draft, names: Names) -> Decimal:
    if line.type is LineType.DISCOUNT and draft.tax_after_discount is False:
        return ZERO
    rate = names.rates.get(line.tax_code, ZERO)
    # A code of QuickBooks in the United States says that a line is taxed, not by how much.
    return rate or (ONE if line.tax_code == names.taxable else ZERO)
