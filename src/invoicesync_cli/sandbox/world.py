"""A whole sandbox: both services with the same shop, and how to reach and configure them."""

from collections.abc import Mapping
from pathlib import Path

from invoicesync_cli.sandbox.base import Clock, Vendor
from invoicesync_cli.sandbox.keap import KeapSandbox
from invoicesync_cli.sandbox.shop.generator import generate
from invoicesync_cli.sandbox.shop.ledger import fill_xero
from invoicesync_cli.sandbox.shop.orders import fill_keap
from invoicesync_cli.sandbox.xero import XeroSandbox

INSIDE = {"keap": "http://keap.localhost", "xero": "http://xero.localhost"}
"""Origins at which the services answer inside this process."""

API_KEY = "KeapAK-sandbox"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox

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

[xero]
sign_in = "custom-connection"
client_id = "{CLIENT_ID}"
status = "authorised"
account = "200"
discount_account = "460"
shipping_account = "425"
tax_type = "OUTPUT2"         # 20 % (VAT on Income)
zero_tax_type = "ZERORATEDOUTPUT"
"""


class Sandbox:
    """Keap and Xero with the demo shop, or with `orders` made-up orders instead."""

    def __init__(self, *, orders: int = 0, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.keap = KeapSandbox(self.clock)
        self.xero = XeroSandbox(self.clock)
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
        return {"keap": self.keap, "xero": self.xero}

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
        "INVOICESYNC_XERO_CLIENT_SECRET": CLIENT_SECRET,
    }
