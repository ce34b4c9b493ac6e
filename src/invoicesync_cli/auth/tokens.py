"""What signs the requests: Keap's API key, and Xero's custom connection."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from invoicesync_cli.auth.oauth import Client, TokenAnswer, basic
from invoicesync_cli.auth.providers import XERO_DATA_SCOPES
from invoicesync_cli.auth.records import EARLY
from invoicesync_cli.auth.stores import variable
from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import Reply, failure, words_of
from invoicesync_cli.http.schemas import read
from invoicesync_cli.services import Origins


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
        self,
        origins: Origins,
        network: Network,
        client_id: str,
        client_secret: str,
        command: str,
    ) -> None:
        self._basic = basic(Client(client_id, client_secret))
        self._command = command
        self._service = network.service(
            origins.at("token"), ServiceLimits("Xero sign-in", windows=()), None
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
        scope = " ".join(XERO_DATA_SCOPES)
        body = urlencode({"grant_type": "client_credentials", "scope": scope}).encode()
        headers = {
            "Authorization": self._basic,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        reply = self._service.ask("POST", "/connect/token", body=body, headers=headers)
        if not reply.good:
            raise self._refused(reply)
        answer = read(reply, TokenAnswer)
        self._token = answer.access_token
        self._ends = self._timing.now() + timedelta(seconds=answer.expires_in)

    def _refused(self, reply: Reply) -> InvoiceSyncError:
        found = failure(reply)
        if isinstance(found, TryLater):
            return found
        return SignInNeeded(
            f"Xero refused the custom connection: {words_of(reply)}",
            hint="Check xero.client_id in the config and the client secret "
            f"({variable('xero.client-secret')}, or sign in again: {self._command}).",
            code="sign-in-refused",
        )
