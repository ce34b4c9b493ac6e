"""Which lines bear tax, and how much each (rule R6)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.model import ZERO, LineKind, Reason, money
from invoicesync_cli.transform.cents import HALF_CENT
from invoicesync_cli.transform.lines import Valued
from invoicesync_cli.transform.verdicts import Held

HUNDRED = Decimal(100)

Picks = Callable[[Valued], bool]


@dataclass(frozen=True, slots=True)
class TaxBase:
    """The lines (by position) that bear an invoice's tax, and why those."""

    lines: tuple[int, ...]
    rule: str
    because: str


def _flagged(line: Valued) -> bool:
    return line.kind is LineKind.PRODUCT and line.line.taxable


def _is(*kinds: LineKind) -> Picks:
    return lambda line: line.kind in kinds


def _any(*picks: Picks) -> Picks:
    return lambda line: any(pick(line) for pick in picks)


def _bases(finance_charges: bool) -> list[tuple[int, str, Picks]]:
    """The bases of R6 A in their order: number, name, which lines."""
    product, shipping = _is(LineKind.PRODUCT), _is(LineKind.SHIPPING)
    discount, charge = _is(LineKind.DISCOUNT), _is(LineKind.FINANCE_CHARGE)
    flagged: list[tuple[int, str, Picks]] = [
        (1, "flagged products + discounts", _any(_flagged, discount)),
        (2, "flagged products", _flagged),
        (3, "flagged products + shipping + discounts", _any(_flagged, shipping, discount)),
        (4, "flagged products + shipping", _any(_flagged, shipping)),
    ]
    charged = [
        (number + 4, f"{name} + finance charges", _any(picks, charge))
        for number, name, picks in flagged
    ]
    everything = _any(product, shipping, discount, *([charge] if finance_charges else []))
    return [
        *flagged,
        *(charged if finance_charges else []),
        (9, "all products + discounts", _any(product, discount)),
        (10, "all products", product),
        (11, "all lines", everything),
    ]


def find_base(
    lines: Sequence[Valued], tax: Decimal, rate: Decimal, finance_charges: bool
) -> TaxBase:
    """The lines that Keap's `tax` was worked out from, by a `rate` in percent (R6 A).

    Raises `Held` when no line could bear tax.
    """
    fitting = fitting_base(lines, tax, rate, finance_charges)
    if fitting:
        return _usable(lines, tax, fitting)
    fallback = 1 if any(_flagged(line) for line in lines) else 9
    name, picks = next(
        (name, picks) for number, name, picks in _bases(finance_charges) if number == fallback
    )
    chosen = _chosen(lines, picks)
    because = (
        f"no base gives Keap's tax of {tax} at {rate:f} %, so {name} bear it; "
        "the amount is Keap's all the same"
    )
    return _usable(lines, tax, TaxBase(chosen, f"R6.A base {fallback}, no fit", because))


def fitting_base(
    lines: Sequence[Valued], tax: Decimal, rate: Decimal, finance_charges: bool
) -> TaxBase | None:
    """The first base of R6 A whose tax at a `rate` in percent is Keap's; None where none fits."""
    for number, name, picks in _bases(finance_charges):
        chosen = _chosen(lines, picks)
        base = _sum(lines, chosen)
        if abs(base * rate / HUNDRED - tax) <= HALF_CENT * len(chosen):
            found = f"{name}: {base} at {rate:f} % gives Keap's tax of {tax}"
            return TaxBase(chosen, f"R6.A base {number}", found)
    return None


def base_without_rate(lines: Sequence[Valued], tax: Decimal) -> TaxBase:
    """The lines that bear Keap's `tax` where the ledger has no rate to search with (R6, US).

    Raises `Held` when no line could bear tax.
    """
    flagged = any(_flagged(line) for line in lines)
    number, name, picks = next(
        item for item in _bases(finance_charges=False) if item[0] == (1 if flagged else 9)
    )
    because = f"{name} bear it; the amount is Keap's"
    base = TaxBase(_chosen(lines, picks), f"R6 base {number}", because)
    return _usable(lines, tax, base)


def _usable(lines: Sequence[Valued], tax: Decimal, found: TaxBase) -> TaxBase:
    """The base itself, or its positive lines when tax cannot be shared over it as it stands."""
    base = _sum(lines, found.lines)
    if base and (base > ZERO) == (tax > ZERO):
        return found
    positive = [place for place, line in enumerate(lines) if line.value > ZERO]
    inside = [place for place in positive if place in found.lines]
    products = [place for place in inside if lines[place].kind is LineKind.PRODUCT]
    for chosen, which in (
        (products, "its positive product lines"),
        (inside, "its positive lines"),
        (positive, "all positive lines"),
    ):
        if chosen:
            because = f"{found.because}; it comes to {base}, so {which} bear the tax"
            return TaxBase(tuple(chosen), found.rule, because)
    raise Held(
        Reason.TOTALS_DIFFER,
        f"Keap has tax of {tax} on this order, but no line that could bear it.",
        hint="Correct the order's lines in Keap; the next sync looks at it again.",
    )


def _chosen(lines: Sequence[Valued], picks: Picks) -> tuple[int, ...]:
    return tuple(place for place, line in enumerate(lines) if picks(line))


def _sum(lines: Sequence[Valued], places: Iterable[int]) -> Decimal:
    return sum((lines[place].value for place in places), ZERO)


def added(value: Decimal, rate: Decimal) -> Decimal:
    """The tax that a ledger adds to a net line at `rate` percent."""
    return money(value * rate / HUNDRED)


def inside(value: Decimal, rate: Decimal) -> Decimal:
    """The tax inside a gross line at `rate` percent."""
    return money(value * rate / (HUNDRED + rate))
