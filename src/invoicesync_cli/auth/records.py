"""What a sign-in leaves behind: whose it is, for how long it is good, and the tokens themselves."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from invoicesync_cli.auth.stores import SecretStore
from invoicesync_cli.state.codec import dump, load

SignInKind = Literal["api-key", "oauth", "custom-connection", "com", "web-connector"]
"""The last two are of a program on somebody's PC, and of the ways to it."""
R = TypeVar("R", "SignIn", "Access")

EARLY = timedelta(minutes=2)
"""How long before its end an access token is replaced."""


@dataclass(frozen=True)
class SignIn:
    """One service's sign-in. Times are UTC; `root` is what replaced the vendor's hosts, or blank.

    `account` is Keap's app name, Xero's tenant id, QuickBooks' realm or what a company file is
    known by; `refresh_ends` is when the
    refresh token dies if it is not used before, None where the vendor does not say; `refused` says
    that the vendor has already turned it down.
    """

    service: str
    kind: SignInKind
    root: str
    account: str
    name: str
    at: datetime
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    refresh_token: str = field(default="", repr=False)
    refresh_ends: datetime | None = None
    refreshed: datetime | None = None
    refused: bool = False

    def renewed(self, refresh_token: str, ends: datetime | None, now: datetime) -> "SignIn":
        """The sign-in after a refresh; vendors that send no new refresh token keep the old one."""
        return replace(
            self,
            refresh_token=refresh_token or self.refresh_token,
            refresh_ends=ends,
            refreshed=now,
            refused=False,
        )


@dataclass(frozen=True)
class Access:
    """An access token and its end (UTC). Kept apart, because it changes often and can be long."""

    token: str = field(repr=False)
    ends: datetime

    def good_at(self, now: datetime) -> bool:
        """Whether there is enough time left for a request."""
        return now < self.ends - EARLY


def read_sign_in(store: SecretStore, service: str) -> SignIn | None:
    """The sign-in that is kept for a service. Raises `SecretsUnavailable`."""
    return _load(SignIn, store.read(service))


def write_sign_in(store: SecretStore, sign_in: SignIn) -> None:
    """Keep a sign-in durably. Raises `SecretsUnavailable`."""
    store.write(sign_in.service, dump(SignIn, sign_in))


def read_access(store: SecretStore, service: str) -> Access | None:
    """The access token that is kept for a service. Raises `SecretsUnavailable`."""
    return _load(Access, store.read(f"{service}.access"))


def write_access(store: SecretStore, service: str, access: Access) -> None:
    """Keep an access token. Raises `SecretsUnavailable`."""
    store.write(f"{service}.access", dump(Access, access))


def _load(kind: type[R], text: str) -> R | None:
    """What is kept; what cannot be read counts as nothing, and is signed in anew."""
    try:
        return load(kind, text)
    except ValueError:
        return None
