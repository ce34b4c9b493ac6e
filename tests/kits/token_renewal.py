"""A profile that was signed in everywhere a while ago, for tests of renewing its tokens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client

from invoicesync_cli.auth import Credentials
from invoicesync_cli.auth.records import (
    Access,
    SignIn,
    read_sign_in,
    write_access,
    write_sign_in,
)
from invoicesync_cli.auth.stores import FileStore
from invoicesync_cli.config import Config
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.paths import Paths
from invoicesync_cli.vendors import VENDORS
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.oauth import App, challenge
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET, INSIDE, Sandbox

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERVICES = ("keap", "xero", "qbo")
CONFIG = Config.model_validate({"auth": {"storage": "file"}, "xero": {"sign_in": "pkce"}})
LANDED = "https://robin.example/landed"
VERIFIER = "v" * 43


class Profile:
    """Every access token has run out; every refresh token is good, and two days old.

    Each `process` is another program with the same files.
    """

    def __init__(self, home: Path, clock: Clock) -> None:
        self.paths = Paths(home / "config.toml", home / "state.sqlite3", home / "secrets")
        self.store = FileStore(self.paths.secrets)
        self.clock = clock
        self.roots = dict(INSIDE)
        self.box = Sandbox(clock=clock)
        self.box.keap.enforce_limits = False
        self.box.xero.sign_in.add_app(CLIENT_ID, {LANDED})
        self.box.qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET, redirects={LANDED})
        for service in SERVICES:
            self.sign_in(service)
        if not clock.runs:
            clock.advance(2 * 86400)

    def sign_in(self, service: str) -> None:
        """Keep a sign-in as `auth` does, with an access token that has run out."""
        now = self.clock.now()
        root, ends = self.roots[service], now + timedelta(days=45)
        token, account = self._granted(service)
        made = SignIn(service, "oauth", root, account, "Wick & Wax", now, CLIENT_ID)
        write_sign_in(self.store, made.renewed(token, ends, now))
        write_access(self.store, service, Access("run-out", now - timedelta(days=1)))

    def _granted(self, service: str) -> tuple[str, str]:
        """A refresh token that somebody's consent has brought, and the account that it is for."""
        oauth, client = VENDORS[service].oauth, Client(self.box.vendors[service])
        account = {
            "keap": "iq146",
            "xero": self.box.xero.tenant_id,
            "qbo": next(iter(self.box.qbo.companies)),
        }[service]
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": LANDED,
            "response_type": "code",
            "scope": " ".join(oauth.scopes),
            "state": "s",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        clicked = {"decision": "allow", "choice": account}
        landing = client.post(oauth.authorize_path, query_string=asked, data=clicked)
        form = {
            "grant_type": "authorization_code",
            "code": dict(parse_qsl(urlsplit(landing.headers["Location"]).query))["code"],
            "redirect_uri": LANDED,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code_verifier": VERIFIER,
        }
        auth = (CLIENT_ID, CLIENT_SECRET) if service == "qbo" else None
        reply = client.post(oauth.token_path, data=form, auth=auth)
        return str(reply.get_json()["refresh_token"]), account

    def process(self, service: str) -> TokenSource:
        """The token source of one more process."""
        environ = {f"INVOICESYNC_{name.upper()}_ROOT": root for name, root in self.roots.items()}
        environ["INVOICESYNC_KEAP_CLIENT_SECRET"] = CLIENT_SECRET
        environ["INVOICESYNC_QBO_CLIENT_SECRET"] = CLIENT_SECRET
        network = Network(Timing(now=self.clock.now, sleep=lambda _: None), self.box.apps())
        return Credentials(CONFIG, self.paths, network, environ).tokens(service)

    def kept(self, service: str) -> SignIn:
        """The sign-in as it is kept now."""
        found = read_sign_in(self.store, service)
        assert found
        return found

    def refreshes(self, service: str) -> list[Call]:
        """The refresh requests so far."""
        return [
            call
            for call in self.vendor(service).calls
            if dict(parse_qsl(call.body.decode())).get("grant_type") == "refresh_token"
        ]

    def vendor(self, service: str) -> Any:
        """The simulated service."""
        return self.box.vendors[service]
