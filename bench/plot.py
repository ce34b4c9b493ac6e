"""Bars as an SVG file that stands alone, readable on a light and on a dark page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

NAME, WIDTH, FIGURE = 250, 330, 140
ROW, BAR, HEAD, GAP = 22, 14, 30, 18
STYLE = (
    "text{font:13px sans-serif;fill:#222}.head{font-weight:bold}.bar{fill:#2a78b8}"
    ".other{fill:#a9a9a9}@media(prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#6db3e8}"
    ".other{fill:#707070}}"
)


@dataclass(frozen=True)
class Bar:
    """A bar with its name and its figure in words; `ours` is drawn in the strong colour."""

    name: str
    value: float
    figure: str
    ours: bool = True


def picture(panels: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """The panels below each other, each with its heading and its own scale."""
    drawn, y = [], 0
    for heading, bars in panels:
        drawn.append(f'<text class="head" x="0" y="{y + 18}">{escape(heading)}</text>')
        y += HEAD
        largest = max((bar.value for bar in bars), default=0) or 1
        for bar in bars:
            width = max(1, round(bar.value / largest * WIDTH))
            style = "bar" if bar.ours else "other"
            drawn.append(
                f'<text x="0" y="{y + 12}">{escape(bar.name)}</text>'
                f'<rect class="{style}" x="{NAME}" y="{y}" width="{width}" height="{BAR}"/>'
                f'<text x="{NAME + width + 8}" y="{y + 12}">{escape(bar.figure)}</text>'
            )
            y += ROW
        y += GAP
    size = f'width="{NAME + WIDTH + FIGURE}" height="{y}"'
    lines = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
        f"<title>Calls, time, CPU and memory</title><style>{STYLE}</style>\n{lines}\n</svg>\n"
    )
