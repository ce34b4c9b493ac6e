"""A whole sandbox: the services with the same shop, and how to reach and configure them."""

from collections.abc import Mapping
from pathlib import Path

from invoicesync_cli.sandbox.base import Clock, Vendor
from invoicesync_cli.sandbox.keap import KeapSandbox
from invoicesync_cli.sandbox.oauth import App
from invoicesync_cli.sandbox.qbo import QboSandbox
from invoicesync_cli.sandbox.shop.generator import generate
from invoicesync_cli.sandbox.shop.ledger import fill_xero
from invoicesync_cli.sandbox.shop.orders import fill_keap
from invoicesync_cli.sandbox.xero import XeroSandbox

INSIDE = {
    "keap": "http://keap.localhost",
    "xero": "http://xero.localhost",
    "qbo": "http://qbo.localhost",
}
"""Origins at which the services answer inside this process."""

API_KEY = "KeapAK-sandbox"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
REDIRECT = "http://localhost:8743/callback"
"""The redirect address that the sandbox's apps at Xero and QuickBooks are registered with."""

CONFIG = f"""\
# A config for the sandbox. examples/config.toml has every key.

[invoices]
due_days = 14
skip_zero_total = true

[tax]
untaxed_invoices = "exempt"

[payments]
account = "090"              # the business current account

[payments.accounts]
"Stripe" = "091"             # the clearing account of the card processor

[keap]
client_id = "{CLIENT_ID}"   # for sign_in = "oauth"
redirect_uri = "https://example.com/landed"

[qbo]
client_id = "{CLIENT_ID}"
redirect_uri = "{REDIRECT}"
environment = "sandbox"

[xero]
sign_in = "custom-connection"   # or "pkce", to rehearse a sign-in in a browser
client_id = "{CLIENT_ID}"
status = "authorised"
account = "200"
discount_account = "460"
shipping_account = "425"
tax_type = "OUTPUT2"         # 20 % (VAT on Income)
zero_tax_type = "ZERORATEDOUTPUT"
"""


class Sandbox:
    """Keap and Xero with the demo shop, or with `orders` made-up orders instead; QuickBooks so far
    only to sign in to."""

    def __init__(self, *, orders: int = 0, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.keap = KeapSandbox(self.clock)
        self.xero = XeroSandbox(self.clock)
        self.qbo = QboSandbox(self.clock)
        self._add_apps()
        fill_xero(self.xero)
        if orders:
            # Made-up orders reach back two years, behind the demo ledger's lock date.
            self.xero.set_lock_dates()
            generate(self.keap, orders)
        else:
            fill_keap(self.keap)

    @property
    def vendors(self) -> dict[str, Vendor]:
        """The services by name."""
        return {"keap": self.keap, "xero": self.xero, "qbo": self.qbo}

    def _add_apps(self) -> None:
        """The apps that sign-ins can be rehearsed with. At Xero it is one without a secret."""
        self.keap.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET)
        self.xero.sign_in.add_app(CLIENT_ID, {REDIRECT})
        self.qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET, redirects={REDIRECT})

    def apps(self) -> dict[str, Vendor]:
        """The services by the origin at which they answer inside this process."""
        return {INSIDE[name]: vendor for name, vendor in self.vendors.items()}


def environment(roots: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment that sends every request to these roots; `home` gets a config for it."""
    home.mkdir(parents=True, exist_ok=True)
    config = home / "config.toml"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    return {
        "INVOICESYNC_HOME": str(home),
        **{f"INVOICESYNC_{name.upper()}_ROOT": root for name, root in roots.items()},
        "INVOICESYNC_KEAP_API_KEY": API_KEY,
        "INVOICESYNC_KEAP_CLIENT_SECRET": CLIENT_SECRET,
        "INVOICESYNC_XERO_CLIENT_SECRET": CLIENT_SECRET,
        "INVOICESYNC_QBO_CLIENT_SECRET": CLIENT_SECRET,
    }
