"""Bars as SVG. Each chart stands beside a table of the same figures, so it is a picture only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ROW, BAR, GAP = 22, 14, 10
LABEL, WIDTH, AMOUNT = 190, 340, 110
"""Widths in pixels of a row's name, of its longest bar, and of its figure."""


@dataclass(frozen=True)
class Bar:
    """A bar in a place from the left, in pixels; `style` is a class of the page's style sheet."""

    y: int
    width: int
    style: str
    figure: str


@dataclass(frozen=True)
class BarRow:
    """A name and its bars, one below the other."""

    y: int
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """Rows of bars, with the size of the picture in pixels."""

    rows: tuple[BarRow, ...]
    height: int
    width: int = LABEL + WIDTH + AMOUNT
    label: int = LABEL


def bars(values: Sequence[tuple[str, Sequence[tuple[str, Decimal]]]]) -> Chart:
    """A chart of names, each with its amounts by style. A minus is drawn like a plus, and said."""
    largest = max((abs(amount) for _, parts in values for _, amount in parts), default=Decimal(0))
    rows, y = [], 0
    for name, parts in values:
        drawn = tuple(
            Bar(
                y + place * ROW,
                int(abs(amount) / largest * WIDTH) if largest else 0,
                style if amount >= 0 else f"{style} minus",
                f"{amount:,.2f}",
            )
            for place, (style, amount) in enumerate(parts)
        )
        rows.append(BarRow(y, name, drawn))
        y += len(parts) * ROW + GAP
    return Chart(tuple(rows), max(y, 1))
