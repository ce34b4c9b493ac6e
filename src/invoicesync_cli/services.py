"""The vendors' hosts, and the one origin that may stand in for all of a vendor's."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from invoicesync_cli.errors import ConfigError

HOSTS = {
    "keap": {
        "login": "https://accounts.infusionsoft.com",
        "token": "https://api.infusionsoft.com",
        "api": "https://api.infusionsoft.com",
    },
    "xero": {
        "login": "https://login.xero.com",
        "token": "https://identity.xero.com",
        "revoke": "https://identity.xero.com",
        "api": "https://api.xero.com",
    },
    "qbo": {
        "login": "https://appcenter.intuit.com",
        "token": "https://oauth.platform.intuit.com",
        "revoke": "https://developer.api.intuit.com",
        "api": "https://quickbooks.api.intuit.com",
        "sandbox-api": "https://sandbox-quickbooks.api.intuit.com",
    },
}
"""Which host answers which kind of request, by the documentation of each vendor."""


@dataclass(frozen=True)
class Origins:
    """The origins that one vendor is reached at. `root` is blank for the vendor's own."""

    vendor: str
    root: str = ""

    def at(self, kind: str) -> str:
        """The origin for `login`, `token`, `revoke` or `api` requests."""
        return self.root or HOSTS[self.vendor][kind]


def origins(vendor: str, environ: Mapping[str, str] | None = None) -> Origins:
    """The origins of a vendor, by `INVOICESYNC_<VENDOR>_ROOT` where that is set.

    Raises `ConfigError` for a root that is neither https nor on this machine.
    """
    environ = os.environ if environ is None else environ
    name = f"INVOICESYNC_{vendor.upper()}_ROOT"
    root = environ.get(name, "").strip().rstrip("/")
    if root:
        _check(name, root)
    return Origins(vendor, root)


def _check(name: str, root: str) -> None:
    try:
        parts = urlsplit(root)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if not (host and safe and bare):
        raise ConfigError(
            f"{name} is {root!r}, which is no root that can be used.",
            hint="Give an origin without a path, https or a loopback address, such as "
            "http://127.0.0.1:8751; or unset it to use the real service.",
            code="root-refused",
        )


def app_name(text: str) -> str:
    """Keap's bare name of an account: `iq146`, also where `iq146.infusionsoft.com` was said."""
    host = text.strip().lower().removeprefix("https://").partition("/")[0]
    return host.removesuffix(".infusionsoft.com")


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
