"""A real browser for tests: Chromium, driven by WebDriver's plain HTTP."""

import base64
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.kits.sign_in import free_port

BROWSER = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--window-size=900,700",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key that the WebDriver standard has for elements."""

needs_chromium = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="needs chromium and chromedriver (Debian: chromium-driver)"
)


class Chromium:
    """A browser with a fresh profile, driven by WebDriver's plain HTTP."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self._base = f"http://127.0.0.1:{port}"
        self._driver = subprocess.Popen(
            [str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        options = {"binary": BROWSER, "args": [*FLAGS, f"--user-data-dir={folder}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self._base += f"/session/{self._begin(wanted)['sessionId']}"

    def _begin(self, wanted: dict[str, Any]) -> Any:
        """A session; the driver takes a moment until it listens."""
        until = time.monotonic() + 60
        while True:
            try:
                return self._ask("POST", "/session", wanted)
            except URLError:
                if self._driver.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if method == "GET" else json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self._base + path, data, headers, method=method)  # noqa: S310
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback only
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        """Go to an address."""
        self._ask("POST", "/url", {"url": address})

    def element(self, selector: str) -> str:
        """An element of the page."""
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def click(self, selector: str) -> None:
        """Click, as a person does."""
        self._ask("POST", f"/element/{self.element(selector)}/click")

    def follow(self, selector: str) -> None:
        """Click, and wait until the page that was clicked on is gone."""
        clicked, until = self.element(selector), time.monotonic() + 30
        self._ask("POST", f"/element/{clicked}/click")
        try:
            while time.monotonic() < until:
                self._ask("GET", f"/element/{clicked}/name")
                time.sleep(0.02)
        except HTTPError:
            return
        raise TimeoutError(selector)

    def type(self, selector: str, text: str) -> None:
        """Type into an input, over what is in it."""
        place = f"/element/{self.element(selector)}"
        self._ask("POST", f"{place}/clear")
        self._ask("POST", f"{place}/value", {"text": text})

    def text(self, selector: str = "body") -> str:
        """What a person reads."""
        return str(self._ask("GET", f"/element/{self.element(selector)}/text"))

    @property
    def address(self) -> str:
        """What the address bar shows."""
        return str(self._ask("GET", "/url"))

    def address_after(self, before: str) -> str:
        """What the address bar shows once it has changed; a page that fails to load takes time."""
        until = time.monotonic() + 30
        while (found := self.address) == before and time.monotonic() < until:
            time.sleep(0.02)
        return found

    def screenshot(self, path: Path) -> None:
        """A picture of the page."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def close(self) -> None:
        """End the browser and its driver."""
        try:
            self._ask("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait(30)
