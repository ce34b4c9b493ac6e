"""Somebody who clicks through consent pages for tests, without a browser."""

import os
import re
import webbrowser
from collections.abc import Callable, Mapping
from html import unescape
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest


class _Stay(HTTPRedirectHandler):
    """Does not follow redirects: where they lead is what a test wants to know."""

    def redirect_request(self, *_: object) -> None:
        return None


def click(address: str, decision: str = "allow", account: str = "") -> str:
    """Open a consent page, choose an account by its name, and click: where the browser lands.

    Blank when the vendor keeps the browser on a page of its own.
    """
    status, page, _ = fetch(address)
    if status != 200:
        return ""
    choices = re.findall(r'name="choice" value="([^"]*)"[^>]*> ([^<]*)</label>', page)
    known = {unescape(name): value for value, name in choices}
    choice = known[account] if account else choices[0][0]
    _, _, headers = fetch(address, {"decision": decision, "choice": choice})
    return headers.get("Location", "")


def fetch(
    address: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str, Mapping[str, str]]:
    """Status, page and headers of one request; redirects are not followed."""
    body = urlencode(form).encode() if form is not None else None
    request = Request(address, body, dict(headers or {}))  # noqa: S310 - loopback only
    try:
        with build_opener(_Stay()).open(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


class Clicker:
    """Stands in for the browser that the tool opens: clicks, and goes where that leads to.

    `pages` are what was shown in the end. An https address leads to no page here; it is typed into
    the terminal instead, as a person would paste it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decision = "allow"
        self.account = ""
        self.pages: list[tuple[int, str, Mapping[str, str]]] = []
        self.opened: list[str] = []
        self.landings: list[str] = []
        self.spoil: Callable[[str], str] = str
        """Changes the address that the browser lands on, before it does."""
        self._monkeypatch = monkeypatch
        self._typing = -1
        self._terminals: list[IO[str]] = []
        monkeypatch.setenv("BROWSER", "a browser that tests bring along")
        monkeypatch.setattr(webbrowser, "open", self.open)
        self.type("", end=False)

    def open(self, address: str) -> bool:
        """What the tool calls."""
        self.opened.append(address)
        landing = click(address, self.decision, self.account)
        if landing:
            self.landings.append(landing)
            landing = self.spoil(landing)
            if landing.startswith("https:"):
                self.write(f"{landing}\n")
            else:
                self.pages.append(fetch(landing))
        return True

    def type(self, text: str, *, end: bool = True) -> None:
        """Make standard input a pipe with `text` in it, and more to come unless it is the `end`."""
        self.hang_up()
        reading, self._typing = os.pipe()
        self.write(text)
        if end:
            self.hang_up()
        self._terminals.append(os.fdopen(reading))
        self._monkeypatch.setattr("sys.stdin", self._terminals[-1])

    def write(self, text: str) -> None:
        """Type more."""
        os.write(self._typing, text.encode())

    def hang_up(self) -> None:
        """End standard input."""
        if self._typing >= 0:
            os.close(self._typing)
            self._typing = -1

    def close(self) -> None:
        """Stop clicking."""
        self.hang_up()
        for terminal in self._terminals:
            terminal.close()
