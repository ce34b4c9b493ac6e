"""An app of each vendor with a browser, for tests of how the simulated services sign in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox, KeapSwitches
from invoicesync_sandbox.oauth import App, challenge
from invoicesync_sandbox.qbo import QboSandbox, QboSwitches
from invoicesync_sandbox.xero import XeroSandbox, XeroSwitches

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECURE = "https://robin.example/landed"
LOCAL = "http://localhost:8743/callback"
SECRET = "secret"
VERIFIER = "v" * 43
SCOPES = "offline_access accounting.invoices accounting.settings.read"
Fields = Mapping[str, str]
DAY = 86400


def landing(reply: TestResponse) -> tuple[str, dict[str, str]]:
    """Where a click leads, and with what."""
    assert reply.status_code == 302, reply.text
    where = urlsplit(reply.headers["Location"])
    return f"{where.scheme}://{where.netloc}{where.path}", dict(parse_qsl(where.query))


class Keap:
    """An app of Keap's and a browser."""

    def __init__(self, switches: KeapSwitches | None = None) -> None:
        self.vendor = KeapSandbox(Clock(START), switches)
        self.vendor.sign_in.apps["app"] = App("app", "secret")
        self.client = Client(self.vendor)
        self.asked = {
            "client_id": "app",
            "redirect_uri": SECURE,
            "response_type": "code",
            "scope": "full",
            "state": "s1",
        }

    def consent(self, decision: str = "allow", **changes: str) -> TestResponse:
        form = {"decision": decision, "choice": "iq146"}
        asked = self.asked | changes
        return self.client.post("/app/oauth/authorize", query_string=asked, data=form)

    def exchange(self, **changes: str) -> TestResponse:
        _, found = landing(self.consent())
        form = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "client_secret": "secret",
            "redirect_uri": SECURE,
            "code": found["code"],
        }
        return self.client.post("/token", data=form | changes)

    def refresh(self, token: str, secret: str = SECRET) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.client.post("/token", data=form, auth=("app", secret))

    def read(self, token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.get("/crm/rest/v2/oauth/connect/userinfo", headers=headers)


class Xero:
    """A PKCE app of Xero's and a browser."""

    def __init__(self, switches: XeroSwitches | None = None) -> None:
        self.vendor = XeroSandbox(Clock(START), switches)
        self.vendor.sign_in.add_app("app", {LOCAL, SECURE})
        self.client = Client(self.vendor)
        self.asked = {
            "client_id": "app",
            "redirect_uri": LOCAL,
            "response_type": "code",
            "scope": SCOPES,
            "state": "s1",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }

    def consent(self, decision: str = "allow", tenant: str = "", **changes: str) -> TestResponse:
        form = {"decision": decision, "choice": tenant or self.vendor.tenant_id}
        asked = self.asked | changes
        return self.client.post("/identity/connect/authorize", query_string=asked, data=form)

    def exchange(self, tenant: str = "", **changes: str) -> TestResponse:
        _, found = landing(self.consent(tenant=tenant))
        form = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "redirect_uri": LOCAL,
            "code": found["code"],
            "code_verifier": VERIFIER,
        }
        return self.client.post("/connect/token", data=form | changes)

    def refresh(self, token: str, client_id: str = "app") -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client_id}
        return self.client.post("/connect/token", data=form)

    def read(self, path: str, token: str, tenant: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return self.client.get(path, headers=headers | {"Xero-Tenant-Id": tenant})


class Qbo:
    """An app of Intuit's and a browser."""

    def __init__(self, switches: QboSwitches | None = None) -> None:
        companies = {"1001": "Wick & Wax Ltd", "1002": "Harbour Candles"}
        self.vendor = QboSandbox(Clock(START), switches, companies)
        self.vendor.sign_in.apps["app"] = App("app", "secret", redirects={LOCAL, SECURE})
        self.client = Client(self.vendor)
        self.asked = {
            "client_id": "app",
            "redirect_uri": LOCAL,
            "response_type": "code",
            "scope": "com.intuit.quickbooks.accounting",
            "state": "s1",
        }

    def consent(self, decision: str = "allow", **changes: str) -> TestResponse:
        form = {"decision": decision, "choice": "1001"}
        asked = self.asked | changes
        return self.client.post("/connect/oauth2", query_string=asked, data=form)

    def exchange(self, secret: str = SECRET, **changes: str) -> TestResponse:
        _, found = landing(self.consent())
        form = {"grant_type": "authorization_code", "redirect_uri": LOCAL, "code": found["code"]}
        return self.token(form | changes, secret)

    def refresh(self, token: str) -> TestResponse:
        return self.token({"grant_type": "refresh_token", "refresh_token": token})

    def token(
        self, form: Fields, secret: str = SECRET, headers: Fields | None = None
    ) -> TestResponse:
        path = "/oauth2/v1/tokens/bearer"
        return self.client.post(path, data=form, auth=("app", secret), headers=headers)

    def read(self, token: str, realm: str = "1001", accept: str = "application/json") -> Any:
        path = f"/v3/company/{realm}/companyinfo/{realm}"
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return self.client.get(path, headers=headers)
