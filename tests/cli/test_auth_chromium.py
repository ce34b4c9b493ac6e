"""All three sign-ins by a real browser that clicks through the consent pages."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.kits.chromium import Chromium, needs_chromium
from tests.kits.command_line import Run
from tests.kits.sign_in import SignInUser

pytestmark = [needs_chromium, pytest.mark.usefixtures("user")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with closing(Chromium(tmp_path_factory.mktemp("chromium"))) as found:
        yield found


class Visitor:
    """Opens what the tool asks to open, and clicks a button there."""

    def __init__(
        self, chromium: Chromium, user: SignInUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.button = "#allow"
        self.seen: list[str] = []
        self.done = threading.Event()
        self._chromium = chromium
        self._user = user
        monkeypatch.setattr("webbrowser.open", self.open)

    def open(self, address: str) -> bool:
        """What the tool calls instead of the desktop's browser."""
        self._chromium.open(address)
        self.seen.append(self._chromium.text())
        self._chromium.click(self.button)
        landed = self._chromium.address_after(address)
        self._user.clicker.landings.append(landed)
        if landed.startswith("https:"):
            self._user.clicker.write(f"{landed}\n")
        else:
            self.seen.append(self._chromium.text())
        self.done.set()
        return True


@pytest.fixture
def visitor(chromium: Chromium, user: SignInUser, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    return Visitor(chromium, user, monkeypatch)


@pytest.mark.parametrize(
    ("service", "name"),
    [("keap", "Wick & Wax"), ("xero", "Wick & Wax Ltd"), ("qbo", "Wick & Wax Ltd")],
)
def test_a_browser_signs_in(run: Run, visitor: Visitor, service: str, name: str) -> None:
    ran = run("auth", service, "--timeout", "60", "--json")

    assert ran.code == 0, ran.err
    assert ran.data["name"] == name
    assert "wants access to" in visitor.seen[0]


@pytest.mark.parametrize("service", ["xero", "qbo"])
def test_a_browser_shows_that_it_has_worked(
    run: Run, visitor: Visitor, chromium: Chromium, tmp_path: Path, service: str
) -> None:
    assert run("auth", service).code == 0

    assert visitor.done.wait(20)
    assert "has let invoicesync in" in visitor.seen[1]
    assert "go back to the terminal" in visitor.seen[1]
    picture = tmp_path / "page.png"
    chromium.screenshot(picture)
    assert picture.stat().st_size > 5000


def test_a_browser_shows_a_refusal(run: Run, visitor: Visitor) -> None:
    visitor.button = "#cancel"

    assert run("auth", "xero").code == 4

    assert visitor.done.wait(20)
    assert "Nothing was connected" in visitor.seen[1]
    assert "invoicesync auth xero" in visitor.seen[1]


def test_a_browser_shows_that_an_answer_was_not_expected(
    run: Run, chromium: Chromium, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forge(_: str) -> bool:
        chromium.open(f"{user.redirect}?code=of-somebody-else&state=forged")
        return True

    monkeypatch.setattr("webbrowser.open", forge)

    assert run("auth", "xero").code == 4

    assert "This answer was not expected" in chromium.text("h1")


def test_another_site_cannot_slip_an_answer_in(
    run: Run,
    chromium: Chromium,
    user: SignInUser,
    visitor: Visitor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = tmp_path / "other-site.html"
    forged = f"{user.redirect}?code=of-somebody-else&state=forged"
    page.write_text(f'<title>x</title><img src="{forged}"><script src="{forged}"></script>')

    def lured(address: str) -> bool:
        chromium.open(page.as_uri())
        return visitor.open(address)

    monkeypatch.setattr("webbrowser.open", lured)

    ran = run("auth", "xero", "--json")

    assert (ran.code, ran.data["name"]) == (0, "Wick & Wax Ltd")


def test_a_login_that_xero_refuses_stays_on_its_page(
    run: Run, chromium: Chromium, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.register("https://robin.example/other")

    def look(address: str) -> bool:
        chromium.open(address)
        return True

    monkeypatch.setattr("webbrowser.open", look)

    ran = run("auth", "xero", "--timeout", "2", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (4, "timed-out")
    assert "Invalid redirect_uri" in chromium.text()
    assert parse_qs(urlsplit(chromium.address).query)["redirect_uri"] == [user.redirect]
