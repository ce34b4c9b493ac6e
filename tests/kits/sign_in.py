"""A user who signs in: config, sandbox, and clicks on consent pages; nothing secret may show."""

import contextlib
import os
import random
import socket
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import tomli_w

from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET, Sandbox
from tests.kits.consent import Clicker

LANDED = "https://robin.example/landed"
ENVIRONMENT_SECRETS = ("KEAP_API_KEY", "XERO_CLIENT_SECRET")
# No system gives ports below 32768 to whoever asks for any, such as a test's server or a
# connection; each of the processes that tests run in has its own of them.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_OWN_PORTS = range(12_000 + _WORKER, 32_768, _WORKERS)


class SignInUser:
    """Secrets go into files; Keap signs in by OAuth, Xero by PKCE, QuickBooks on localhost."""

    def __init__(self, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.box = box
        self.home = home
        self.secrets = home / "secrets"
        self.redirect = f"http://localhost:{free_port()}/callback"
        for name in ENVIRONMENT_SECRETS:
            monkeypatch.delenv(f"INVOICESYNC_{name}", raising=False)
        self.register(self.redirect, LANDED)
        self.clicker = Clicker(monkeypatch)
        self._heard: list[str] = []
        self._known: set[str] = set()
        self.configure(
            {
                "auth.storage": "file",
                "keap.sign_in": "oauth",
                "keap.redirect_uri": LANDED,
                "xero.sign_in": "pkce",
                "xero.redirect_uri": self.redirect,
                "qbo.redirect_uri": self.redirect,
            }
        )

    def close(self) -> None:
        """The end; nothing secret may lie about anywhere."""
        self.clicker.close()
        assert self.leaks() == []

    def hear(self, text: str) -> None:
        """Remember what was said, and what was secret then."""
        self._heard.append(text)
        self._note_secrets()

    def leaks(self) -> list[str]:
        """Where a token, code or secret shows: what was said, and every file but the secrets."""
        found = [f"said: {text}" for text in self._heard if any(one in text for one in self._known)]
        for path in self.home.parent.rglob("*"):
            if path.is_file() and "secrets" not in path.parts:
                content = path.read_bytes()
                found += [str(path) for one in self._known if one.encode() in content]
        return found

    def _note_secrets(self) -> None:
        self._known |= self.issued()
        for landing in self.clicker.landings:
            self._known |= set(parse_qs(urlsplit(landing).query).get("code", ()))

    def register(self, *addresses: str) -> None:
        """Register redirect addresses with the apps at Xero and QuickBooks."""
        self.box.xero.sign_in.add_app(CLIENT_ID, set(addresses))
        app = App(CLIENT_ID, CLIENT_SECRET, redirects=set(addresses))
        self.box.qbo.sign_in.apps[CLIENT_ID] = app

    def configure(self, settings: dict[str, Any]) -> None:
        """Put settings (`{"xero.sign_in": "pkce"}`) over the config."""
        path = self.home / "config.toml"
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for key, value in settings.items():
            table, name = key.split(".")
            data.setdefault(table, {})[name] = value
        path.write_text(tomli_w.dumps(data), encoding="utf-8")

    def kept(self) -> list[str]:
        """The names of the secrets that are kept."""
        return sorted(path.name for path in self.secrets.glob("*"))

    def issued(self) -> set[str]:
        """Every token, code and secret that the sandbox knows: none may show anywhere else."""
        keap, xero, qbo = self.box.keap, self.box.xero, self.box.qbo
        return {
            CLIENT_SECRET,
            *keap.api_keys,
            *keap.sign_in.access_tokens,
            *keap.sign_in.refresh_tokens,
            *keap.sign_in.codes,
            *xero.sign_in.access_tokens,
            *xero.sign_in.refresh_tokens,
            *xero.sign_in.codes,
            *qbo.sign_in.access_tokens,
            *qbo.sign_in.refresh_tokens,
            *qbo.sign_in.codes,
        }


def free_port() -> int:
    """A port that nobody listens at just now, and that no test elsewhere is given."""
    while True:
        port = random.SystemRandom().choice(_OWN_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
