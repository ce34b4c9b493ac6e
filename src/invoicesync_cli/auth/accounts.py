"""An account at a vendor: whose a sign-in is."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.limits import ServiceLimits


@dataclass(frozen=True)
class Account:
    """An account, by the id by which the vendor knows it."""

    id: str
    name: str


def described(account: Account) -> str:
    """Name and id for a person."""
    return f"{account.name} ({account.id})" if account.name else account.id


@contextlib.contextmanager
def asking(network: Network, origin: str, title: str, tokens: TokenSource) -> Iterator[Service]:
    """A service for the call or two that say whose account it is."""
    service = network.service(origin, ServiceLimits(title, windows=()), tokens)
    try:
        yield service
    finally:
        service.close()
