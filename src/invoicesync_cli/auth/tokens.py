"""What signs the requests of a sign-in without a browser: an API key, or client credentials."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from invoicesync_cli.auth.oauth import Client, TokenAnswer, basic
from invoicesync_cli.auth.records import EARLY
from invoicesync_cli.auth.stores import variable
from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import Reply, failure, words_of
from invoicesync_cli.http.schemas import read
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import Vendor


def direct_tokens(
    vendor: Vendor, origins: Origins, network: Network, client: Client, command: str
) -> TokenSource:
    """What signs by the vendor's direct sign-in: the key that is the client's secret, or with it.

    `command` signs in again.
    """
    assert vendor.direct  # noqa: S101 - whoever asks has looked
    if vendor.direct.kind == "api-key":
        return ApiKey(client.secret, vendor.direct.key_header)
    return ClientCredentials(vendor, origins, network, client, command)


class ApiKey:
    """A key, such as Keap's Personal Access Tokens and Service Account Keys.

    A header of the vendor's own for keys is tried when the first is refused.
    """

    def __init__(self, key: str, header: str = "") -> None:
        self._forms = [{"Authorization": f"Bearer {key}"}, *([{header: key}] if header else [])]
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


class ClientCredentials:
    """Client credentials (RFC 6749, 4.4), such as Xero's custom connections: tokens for half an
    hour, kept in memory only."""

    def __init__(
        self, vendor: Vendor, origins: Origins, network: Network, client: Client, command: str
    ) -> None:
        self._vendor = vendor
        self._basic = basic(client)
        self._command = command
        limits = ServiceLimits(f"{vendor.title} sign-in", windows=())
        self._service = network.service(origins.at("token"), limits, None)
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
        scopes = self._vendor.direct.scopes if self._vendor.direct else ()
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        headers = {
            "Authorization": self._basic,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = self._vendor.oauth.token_path
        reply = self._service.ask("POST", path, body=urlencode(form).encode(), headers=headers)
        if not reply.good:
            raise self._refused(reply)
        answer = read(reply, TokenAnswer)
        self._token = answer.access_token
        self._ends = self._timing.now() + timedelta(seconds=answer.expires_in)

    def _refused(self, reply: Reply) -> InvoiceSyncError:
        found = failure(reply)
        if isinstance(found, TryLater):
            return found
        vendor, secret = self._vendor, variable(self._vendor.secret("client-secret"))
        return SignInNeeded(
            f"{vendor.title} refused the custom connection: {words_of(reply)}",
            hint=f"Check {vendor.key}.client_id in the config and the client secret ({secret}, or "
            f"sign in again: {self._command}).",
            code="sign-in-refused",
        )


class Unsigned:
    """Of a vendor whose requests bear no signature: its program is on the same PC, or shows a
    `secret` when it comes here."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def headers(self) -> dict[str, str]:
        """None."""
        return {}

    def renew(self, used: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's parameter
        """There is nothing to renew."""
        return False
