"""Draws what docs/desktop.md explains: windows at the QuickBooks PC, and the ways to it.

    python docs/pictures/desktop.py

They are drawn after Intuit's own descriptions, not taken from a screen: yours may look otherwise.
"""

from collections.abc import Callable
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
FONT = "font-family='Segoe UI, Helvetica, Arial, sans-serif'"
INK, PAPER, BAR, LINE, HERE_CLICK = "#222", "#f7f7f7", "#2c5f8a", "#9aa5b1", "#c0392b"


class Drawing:
    """An SVG that is put together piece by piece; sizes are in pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = (width, height)
        self._title = title
        self._parts: list[str] = []
        self.box(0, 0, width, height, fill="#e9edf1", line="none")

    def box(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        *,
        fill: str = "white",
        line: str = LINE,
        stroke: int = 1,
        round_: int = 3,
    ) -> None:
        """A rectangle."""
        self._parts.append(
            f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='{round_}' "
            f"fill='{fill}' stroke='{line}' stroke-width='{stroke}'/>"
        )

    def text(
        self, x: int, y: int, words: str, *, size: int = 14, ink: str = INK, bold: bool = False
    ) -> None:
        """A line of text, from its left end."""
        weight = " font-weight='bold'" if bold else ""
        self._parts.append(
            f"<text x='{x}' y='{y}' font-size='{size}' fill='{ink}'{weight}>{escape(words)}</text>"
        )

    def window(self, x: int, y: int, width: int, height: int, title: str) -> None:
        """A window with its title bar."""
        self.box(x, y, width, height, fill=PAPER)
        self.box(x, y, width, 28, fill=BAR, line=BAR)
        self.text(x + 10, y + 19, title, ink="white", bold=True)

    def button(self, x: int, y: int, width: int, words: str) -> None:
        """A button."""
        self.box(x, y, width, 26, fill="#e1e5ea", line="#6c7883")
        self.text(x + 10, y + 18, words)

    def tick(self, x: int, y: int, *, ticked: bool = True) -> None:
        """A box to tick."""
        self.box(x, y, 14, 14, line="#55606b")
        if ticked:
            self._parts.append(
                f"<path d='M{x + 3} {y + 7} l3 4 l6 -9' fill='none' stroke='{INK}' "
                "stroke-width='2'/>"
            )

    def choice(self, x: int, y: int, words: str, *, chosen: bool = False) -> None:
        """One of several choices."""
        self._parts.append(f"<circle cx='{x}' cy='{y}' r='7' fill='white' stroke='#55606b'/>")
        if chosen:
            self._parts.append(f"<circle cx='{x}' cy='{y}' r='4' fill='{INK}'/>")
        self.text(x + 16, y + 5, words, bold=chosen)

    def step(self, x: int, y: int, number: int) -> None:
        """The number of a step, where it is done."""
        self._parts.append(f"<circle cx='{x}' cy='{y}' r='13' fill='{HERE_CLICK}'/>")
        self.text(x - 4, y + 5, str(number), ink="white", bold=True)

    def arrow(self, x: int, y: int, to_x: int, to_y: int, words: str) -> None:
        """An arrow with words above its beginning."""
        self._parts.append(
            f"<line x1='{x}' y1='{y}' x2='{to_x}' y2='{to_y}' stroke='{BAR}' stroke-width='2' "
            "marker-end='url(#end)'/>"
        )
        self.text(min(x, to_x) + 8, min(y, to_y) - 8, words, size=12)

    def write(self, name: str) -> None:
        """Write it as a file beside this one."""
        width, height = self._size
        end = (
            "<defs><marker id='end' markerWidth='10' markerHeight='8' refX='9' refY='4' "
            f"orient='auto'><path d='M0 0 L10 4 L0 8 z' fill='{BAR}'/></marker></defs>"
        )
        svg = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
            f"width='{width}' height='{height}' role='img' {FONT}>"
            f"<title>{escape(self._title)}</title>{end}{''.join(self._parts)}</svg>\n"
        )
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def ways() -> Drawing:
    """The ways from invoicesync to QuickBooks."""
    drawing = Drawing(860, 520, "The ways from invoicesync to QuickBooks Desktop")
    rows = (
        ("A. On the QuickBooks PC, by COM", 'transport = "com"', 20),
        ("B. On the QuickBooks PC, by the Web Connector", 'transport = "web-connector"', 145),
        ("C. On another machine, through SSH", "ssh -L 8085:localhost:8085 …", 270),
        ("D. On another machine, by https", 'url = "https://books.example.com"', 395),
    )
    for title, setting, y in rows:
        drawing.text(20, y + 14, title, bold=True)
        drawing.text(420, y + 14, setting, size=13)
    for y, between in (
        (45, ""),
        (170, "Web Connector"),
        (295, "Web Connector"),
        (420, "Web Connector"),
    ):
        inside = y < 290
        drawing.box(20, y, 820 if inside else 250, 70, fill="#d8e6f3" if inside else "#fdf3dc")
        if not inside:
            drawing.box(400, y, 440, 70, fill="#d8e6f3")
        drawing.box(40, y + 15, 130, 40)
        drawing.text(60, y + 40, "invoicesync", bold=True)
        drawing.box(690, y + 15, 130, 40)
        drawing.text(715, y + 40, "QuickBooks", bold=True)
        if between:
            drawing.box(450, y + 15, 150, 40)
            drawing.text(470, y + 40, between)
            words = {170: "asks http://localhost:8085", 295: "forwarded port", 420: "https"}[y]
            drawing.arrow(450, y + 35, 172, y + 35, words)
            drawing.arrow(600, y + 35, 688, y + 35, "")
        else:
            drawing.arrow(172, y + 35, 688, y + 35, "calls QuickBooks directly")
    drawing.text(20, 510, "Blue: the Windows PC with QuickBooks. Yellow: another machine.", size=12)
    return drawing


def add() -> Drawing:
    """The Web Connector, before the application is there."""
    drawing = Drawing(760, 330, "Adding the application to the Web Connector")
    drawing.window(20, 20, 720, 290, "QuickBooks Web Connector")
    drawing.button(40, 64, 160, "Add an Application")
    drawing.button(540, 64, 140, "Update Selected")
    drawing.step(215, 60, 1)
    drawing.box(40, 106, 680, 184)
    drawing.text(60, 130, "Application", bold=True)
    drawing.text(300, 130, "Auto-Run", bold=True)
    drawing.text(400, 130, "Every-Min", bold=True)
    drawing.text(520, 130, "Password", bold=True)
    drawing.window(180, 150, 420, 128, "Browse QBWC File")
    drawing.text(200, 205, "File name:")
    drawing.box(280, 188, 300, 26)
    drawing.text(290, 206, "invoicesync.qwc")
    drawing.button(500, 236, 80, "Open")
    drawing.step(600, 232, 2)
    return drawing


def allow() -> Drawing:
    """QuickBooks' question about the application."""
    drawing = Drawing(760, 390, "QuickBooks asks whether invoicesync may have access")
    drawing.window(60, 20, 640, 350, "QuickBooks - Application with No Certificate")
    drawing.text(84, 76, "An application without a certificate is requesting access to the")
    drawing.text(84, 96, "following QuickBooks company file: Wick & Wax LLC")
    drawing.text(84, 132, "Application: invoicesync", bold=True)
    drawing.text(84, 166, "Do you want to allow this application to read and modify this file?")
    for place, (words, chosen) in enumerate(
        (
            ("No", False),
            ("Yes, prompt each time", False),
            ("Yes, whenever this QuickBooks company file is open", False),
            ("Yes, always; allow access even if QuickBooks is not running", True),
        )
    ):
        drawing.choice(104, 194 + 28 * place, words, chosen=chosen)
    drawing.step(78, 278, 3)
    drawing.text(122, 310, "Login as:")
    drawing.box(196, 292, 200, 26)
    drawing.text(206, 310, "Admin")
    drawing.button(500, 328, 100, "Continue")
    drawing.button(610, 328, 72, "Cancel")
    drawing.step(486, 340, 4)
    return drawing


def password() -> Drawing:
    """The Web Connector with the application."""
    drawing = Drawing(760, 330, "The password, Auto-Run, and the first update")
    drawing.window(20, 20, 720, 290, "QuickBooks Web Connector")
    drawing.button(40, 64, 160, "Add an Application")
    drawing.button(540, 64, 140, "Update Selected")
    drawing.step(695, 60, 8)
    drawing.box(40, 106, 680, 184)
    for x, words in ((90, "Application"), (300, "Auto-Run"), (400, "Every-Min"), (520, "Password")):
        drawing.text(x, 130, words, bold=True)
    drawing.box(44, 142, 672, 60, fill="#eef4fa")
    drawing.tick(60, 160)
    drawing.step(58, 196, 7)
    drawing.text(90, 172, "invoicesync", bold=True)
    drawing.text(90, 192, "Keap orders and payments to QuickBooks", size=12)
    drawing.tick(322, 160)
    drawing.step(350, 166, 6)
    drawing.box(402, 156, 50, 24)
    drawing.text(414, 173, "15")
    drawing.box(520, 156, 170, 24)
    drawing.text(530, 174, "•••••-•••••-•••••")
    drawing.step(702, 168, 5)
    drawing.text(60, 232, "Status:")
    drawing.text(116, 232, "Done.")
    return drawing


def shut_out() -> Drawing:
    """Where access is taken away, or given back."""
    drawing = Drawing(760, 300, "Edit > Preferences > Integrated Applications")
    drawing.window(20, 20, 720, 260, "Preferences")
    drawing.box(36, 60, 170, 204)
    for place, words in enumerate(("General", "Integrated", "Applications", "Items")):
        drawing.text(50, 84 + 22 * place, words, bold=place in {1, 2})
    drawing.text(226, 78, "My Preferences")
    drawing.text(360, 78, "Company Preferences", bold=True)
    drawing.tick(228, 96, ticked=False)
    drawing.text(250, 108, "Don't allow any applications to access this company file")
    drawing.box(228, 122, 380, 130)
    drawing.text(244, 142, "Allow access", bold=True)
    drawing.text(360, 142, "Application name", bold=True)
    drawing.tick(270, 156)
    drawing.text(360, 168, "invoicesync")
    drawing.button(624, 122, 96, "Properties…")
    drawing.button(624, 156, 96, "Remove")
    return drawing


PICTURES: dict[str, Callable[[], Drawing]] = {
    "desktop-ways": ways,
    "desktop-add": add,
    "desktop-allow": allow,
    "desktop-password": password,
    "desktop-preferences": shut_out,
}


if __name__ == "__main__":
    for picture, made in PICTURES.items():
        made().write(picture)
