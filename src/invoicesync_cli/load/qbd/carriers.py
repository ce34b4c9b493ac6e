"""Opening the way to QuickBooks Desktop that the config names.

Each carrier is a module with `open_channel(reach)`, which gives the `Channel`, and
`sign_in(session, options)`, the way to sign in by it; what both sign-ins have in common stands in
`company.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from invoicesync_cli.auth.sign_in import SignedIn, SignInOptions, SignInSession
from invoicesync_cli.config.sections import Qbd
from invoicesync_cli.http.client import Network
from invoicesync_cli.load.qbd.channel import Channel
from invoicesync_cli.services import Origins

CARRIERS: Mapping[str, str] = {
    "com": "invoicesync_cli.load.qbd.com",
    "web-connector": "invoicesync_cli.load.qbd.web_connector",
}
"""The module of each `qbd.transport`. Only the one that is used is imported."""


@dataclass(frozen=True)
class Reach:
    """What a carrier needs: the section [qbd], the command that stands in for the COM worker (in
    `where`), clock and sleep (in `network`), and the password of the sign-in, blank where there is
    none."""

    config: Qbd
    where: Origins
    network: Network
    password: str = ""


class Carrier(Protocol):
    """What a carrier's module has."""

    def open_channel(self, reach: Reach) -> Channel:
        """The channel; nothing is sent yet. Raises `ConfigError` where it cannot be used here."""
        ...

    def sign_in(self, session: SignInSession, options: SignInOptions) -> SignedIn:
        """Sign in. Raises `SignInNeeded`, `ConfigError`, or `TryLater`."""
        ...


def carrier(config: Qbd) -> Carrier:
    """The carrier of the config."""
    return cast("Carrier", import_module(CARRIERS[config.transport]))


def open_channel(reach: Reach) -> Channel:
    """The channel of the config. Raises `ConfigError`."""
    return carrier(reach.config).open_channel(reach)
