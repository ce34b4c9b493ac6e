"""What signs the requests: Keap's API key, and Xero's custom connection."""

import base64
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from invoicesync_cli.answers import ServiceRefused
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.http import Network, ServiceRules
from invoicesync_cli.services import Origins

XERO_SCOPES = "accounting.invoices accounting.payments accounting.contacts accounting.settings.read"
"""Xero's granular scopes; apps made since March 2026 can ask for no others."""
EARLY = timedelta(minutes=2)
"""How long before its end a token is replaced."""


class KeapKey:
    """A Personal Access Token or Service Account Key.

    Keap documents two headers for keys; the second is tried when the first is refused.
    """

    def __init__(self, key: str) -> None:
        self._forms = [{"Authorization": f"Bearer {key}"}, {"X-Keap-API-Key": key}]
        self._lock = threading.Lock()

    def headers(self) -> dict[str, str]:
        """The header in use."""
        return dict(self._forms[0])

    def renew(self, used: Mapping[str, str]) -> bool:
        """Go over to the other header, once."""
        with self._lock:
            if dict(used) == self._forms[0] and len(self._forms) > 1:
                self._forms.pop(0)
                return True
            return dict(used) != self._forms[0]


class XeroCustomConnection:
    """Client credentials of a custom connection: a token for half an hour, kept in memory only."""

    def __init__(
        self, origins: Origins, network: Network, client_id: str, client_secret: str
    ) -> None:
        pair = f"{client_id}:{client_secret}".encode()
        self._basic = "Basic " + base64.b64encode(pair).decode()
        self._service = network.service(
            origins.at("token"), ServiceRules("Xero sign-in", windows=()), None
        )
        self._timing = network.timing
        self._lock = threading.Lock()
        self._token = ""
        self._ends: datetime | None = None

    def headers(self) -> dict[str, str]:
        """The bearer header, with a new token when the old one is about to end."""
        with self._lock:
            if not self._ends or self._timing.now() >= self._ends - EARLY:
                self._ask()
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        """Get a new token, unless another thread already has."""
        with self._lock:
            if used.get("Authorization") == f"Bearer {self._token}":
                self._ask()
            return True

    def _ask(self) -> None:
        body = urlencode({"grant_type": "client_credentials", "scope": XERO_SCOPES}).encode()
        headers = {
            "Authorization": self._basic,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            reply = self._service.call("POST", "/connect/token", body=body, headers=headers)
        except ServiceRefused as error:
            raise SignInNeeded(
                f"Xero refused the custom connection: {error.words}",
                hint="Check xero.client_id in the config and INVOICESYNC_XERO_CLIENT_SECRET.",
                code="sign-in-refused",
            ) from None
        data = reply.json()
        self._token = str(data["access_token"])
        self._ends = self._timing.now() + timedelta(seconds=int(data.get("expires_in", 1800)))
