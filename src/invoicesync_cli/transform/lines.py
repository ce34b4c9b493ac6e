"""Keap's lines and what each is worth (rule R4 and the sum check of the invariant)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from invoicesync_cli.model import ZERO, Decision, Invoice, Line, LineKind, Reason, money
from invoicesync_cli.transform.cents import HALF_CENT, share
from invoicesync_cli.transform.verdicts import Held

LONGEST = 3900
"""Letters of a line's name that leave room for its quantity, whatever a ledger cuts."""

KINDS = {
    "SHIPPING": LineKind.SHIPPING,
    "TAX": LineKind.TAX,
    "FINANCE_CHARGE": LineKind.FINANCE_CHARGE,
}


@dataclass(frozen=True, slots=True)
class Valued:
    """A line with its kind and its value (a discount's is negative)."""

    line: Line
    kind: LineKind
    value: Decimal


Figures = tuple[Decimal | None, Decimal | None, str]
"""Quantity, unit price (both or neither) and description of a ledger line."""


@dataclass(frozen=True, slots=True)
class Lines:
    """An order taken apart: the lines to be booked in Keap's order, and its tax."""

    goods: tuple[Valued, ...]
    tax: Decimal
    decisions: tuple[Decision, ...] = ()


def kind_of(item_type: str) -> LineKind:
    """The kind of a Keap item type; one not known yet is a product."""
    if item_type.startswith("DISCOUNT"):
        return LineKind.DISCOUNT
    return KINDS.get(item_type, LineKind.PRODUCT)


def extended(line: Line) -> Decimal:
    """Price x quantity, with the sign that Keap gives, rounded once."""
    return money(line.unit_price * line.quantity)


def as_discount(line: Line) -> Decimal:
    """A discount line's usual reading: the figure, or price x quantity, taken off."""
    return -abs(money(line.discount)) if line.discount else -abs(extended(line))


def take_apart(invoice: Invoice) -> Lines:
    """Read the lines so that they add up to Keap's total.

    Raises `Held` (totals-differ) with the lines when no reading does, or when none can be booked.
    """
    usual = _valued(invoice, as_discount)
    if _total(usual) == invoice.total:
        return _split(invoice, usual, [])
    own_sign = _valued(invoice, extended)
    if _total(own_sign) == invoice.total:
        note = Decision(
            "lines",
            f"{_total(own_sign)}",
            "R4",
            "the discount lines add up to Keap's total with the sign of their own price",
        )
        return _split(invoice, own_sign, [note])
    fractions = _with_fractions(invoice, usual)
    if fractions:
        return _split(invoice, *fractions)
    raise Held(
        Reason.TOTALS_DIFFER,
        f"Keap's lines add up to {_total(usual)} {invoice.currency}, its total is "
        f"{money(invoice.total)} {invoice.currency}: {_shown(usual, invoice.currency)}.",
        hint="Open the order in Keap and correct its lines; the next sync looks at it again.",
    )


def _valued(invoice: Invoice, discount: Callable[[Line], Decimal]) -> list[Valued]:
    found = []
    for line in invoice.lines:
        kind = kind_of(line.item_type)
        value = discount(line) if kind is LineKind.DISCOUNT else extended(line)
        found.append(Valued(line, kind, value))
    return found


def _total(lines: Iterable[Valued]) -> Decimal:
    return sum((line.value for line in lines), ZERO)


def _with_fractions(
    invoice: Invoice, lines: list[Valued]
) -> tuple[list[Valued], list[Decision]] | None:
    """The lines at the prices that Keap keeps with fractions of a cent and gives in whole cents;
    None where that does not explain its total.

    A line of several pieces is worth up to half a cent a piece more or less than it seems.
    """
    left = invoice.total - _total(lines)
    pieces = [_rounded_pieces(line) for line in lines]
    if not any(pieces) or abs(left) > HALF_CENT * sum(pieces):
        return None
    found, notes = [], []
    for valued, part in zip(lines, share(left, pieces), strict=True):
        line, value = valued.line, valued.value + part
        found.append(replace(valued, value=value))
        if part:
            seems = f"{line.quantity} at {line.unit_price} would be {valued.value}"
            because = f"{seems}; by its total Keap has it at a price with a fraction of a cent"
            notes.append(Decision(f"line {line.id}", f"{value}", "R4", because))
    return found, notes


def _rounded_pieces(valued: Valued) -> Decimal:
    """The pieces of a line whose price may have been rounded; none where it would not show."""
    line = valued.line
    priced = abs(valued.value) == abs(extended(line)) and line.unit_price == money(line.unit_price)
    if valued.kind is LineKind.TAX or not priced or not line.unit_price or line.gaps:
        return ZERO
    return ZERO if abs(line.quantity) == 1 else abs(line.quantity)


def _split(invoice: Invoice, lines: list[Valued], notes: list[Decision]) -> Lines:
    goods = tuple(line for line in lines if line.kind is not LineKind.TAX)
    if not goods:
        raise Held(
            Reason.TOTALS_DIFFER,
            f"The order has no line that could be booked, its total is {money(invoice.total)} "
            f"{invoice.currency}.",
            hint="Add a line to the order in Keap, or take it off the list.",
        )
    tax = _total(line for line in lines if line.kind is LineKind.TAX)
    gaps = [
        Decision(f"line {line.line.id}", gap, "R4", "Keap gave no value")
        for line in goods
        for gap in line.line.gaps
    ]
    return Lines(goods, tax, (*notes, *gaps))


def _shown(lines: list[Valued], currency: str) -> str:
    return "; ".join(f"{title(line.line)} {line.value} {currency}" for line in lines) or "no lines"


def title(line: Line) -> str:
    """What a line is called: product name, else its name, else its description."""
    for text in (line.product_name, line.name, line.description):
        if text.strip():
            return text.strip()
    return f"Keap item {line.id}"


def quantity_and_price(valued: Valued, places: int) -> tuple[Decimal, Decimal, str]:
    """Quantity, unit price and description of the ledger line.

    Both figures are kept when their product is the exact value in what the ledger multiplies (a
    price of `places` decimals); else it is quantity 1 at the exact value, and the description
    says what it was.
    """
    line = valued.line
    if _kept(valued, places):
        return line.quantity, line.unit_price, title(line)
    return Decimal(1), valued.value, _counted(line)


def as_amount(valued: Valued, places: int, *, bare: bool) -> Figures:
    """Like `quantity_and_price`, for a ledger that takes an amount without them; `bare` lines go
    without them in any case."""
    line = valued.line
    if _kept(valued, places) and not bare:
        return line.quantity, line.unit_price, title(line)
    return None, None, _counted(line)


def _kept(valued: Valued, places: int) -> bool:
    """Whether quantity x price is the exact value in what the ledger multiplies."""
    line = valued.line
    whole = line.unit_price == round(line.unit_price, places) and line.quantity > 0
    return whole and line.quantity * line.unit_price == valued.value


def _counted(line: Line) -> str:
    """The title of a line, with its quantity and price where that was not one."""
    if line.quantity == 1:
        return title(line)
    return f"{title(line)[:LONGEST]} ({line.quantity} x {line.unit_price})"
