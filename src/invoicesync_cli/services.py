"""Where a vendor is reached: at its own hosts, or at the one origin that stands in for all."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.vendors import VENDORS


@dataclass(frozen=True)
class Origins:
    """The origins that one vendor is reached at. `root` is blank for the vendor's own, and a
    command where that is what stands in for it."""

    vendor: str
    root: str = ""

    def at(self, kind: str) -> str:
        """The origin for `login`, `token`, `revoke` or `api` requests."""
        return self.root or VENDORS[self.vendor].hosts[kind]


def origins(vendor: str, environ: Mapping[str, str] | None = None) -> Origins:
    """The origins of a vendor, by its environment variable where that is set.

    Raises `ConfigError` for a root that is neither https nor on this machine.
    """
    environ = os.environ if environ is None else environ
    row = VENDORS[vendor]
    root = environ.get(row.variable, "").strip()
    if row.stand_in == "worker":
        return Origins(vendor, root)
    root = root.rstrip("/")
    if root:
        _check(row.variable, root)
    return Origins(vendor, root)


def all_origins(environ: Mapping[str, str]) -> dict[str, Origins]:
    """The origins of every vendor, also of those that a profile does not use: a root that cannot be
    used is a mistake whatever it is for.

    Raises `ConfigError` as `origins` does.
    """
    return {vendor: origins(vendor, environ) for vendor in VENDORS}


def _check(name: str, root: str) -> None:
    parts = urlsplit(root if is_safe(root) else "")
    if not parts.hostname or parts.path or parts.query or parts.username:
        raise ConfigError(
            f"{name} is {root!r}, which is no root that can be used.",
            hint="Give an origin without a path, https or a loopback address, such as "
            "http://127.0.0.1:8751; or unset it to use the real service.",
            code="root-refused",
        )


LANDING_HINT = (
    "Give the address that is registered with the app, exactly so: a page of yours with https, or "
    "http://localhost:8743/callback where the service allows that."
)


def is_safe(address: str) -> bool:
    """Whether nobody else hears what goes to an address: https, or http on this machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return bool(host) and safe and not parts.fragment


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
