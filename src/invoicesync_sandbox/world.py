"""A whole sandbox: the services with the same shop, and how to reach and configure them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.configs import CLIENT_ID, LANDED, REDIRECT, XERO
from invoicesync_sandbox.keap import KeapSandbox
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.qbd import QbdSandbox
from invoicesync_sandbox.qbd.worker_calls import InProcess
from invoicesync_sandbox.qbo import QboSandbox, WorldName
from invoicesync_sandbox.shop.company import credit_qbo, fill_qbo
from invoicesync_sandbox.shop.desktop import credit_qbd, fill_qbd
from invoicesync_sandbox.shop.generator import generate
from invoicesync_sandbox.shop.ledger import credit_xero, fill_xero
from invoicesync_sandbox.shop.orders import VAT, fill_keap
from invoicesync_sandbox.xero import XeroSandbox

INSIDE = {
    "keap": "http://keap.localhost",
    "xero": "http://xero.localhost",
    "qbo": "http://qbo.localhost",
    "qbd": "http://qbd.localhost",
}
"""Origins at which the services answer inside this process."""

__all__ = [
    "API_KEY",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "INSIDE",
    "REDIRECT",
    "Sandbox",
    "environment",
]

API_KEY = "KeapAK-sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox


TAX_RATES: dict[WorldName, Decimal] = {"au": Decimal(10)}
"""At how many percent the shop reckons its tax, where that is not the United Kingdom's rate."""


class Sandbox:
    """Keap, Xero and QuickBooks with the demo shop, or with `orders` made-up orders instead.

    `company` is the kind of company in QuickBooks; the shop sells in its currency. `qbd` is
    QuickBooks Desktop beside them, which is no web service; its company file is always American.
    """

    def __init__(
        self, *, orders: int = 0, clock: Clock | None = None, company: WorldName = "uk"
    ) -> None:
        self.clock = clock or Clock()
        self.xero = XeroSandbox(self.clock)
        self.qbo = QboSandbox(self.clock, world=company)
        self.keap = KeapSandbox(self.clock, currency=self.qbo.world.currency)
        self._add_apps()
        self.qbd = QbdSandbox(self.clock, world="us-no-tax" if company == "us-no-tax" else "us")
        fill_xero(self.xero)
        fill_qbo(self.qbo)
        fill_qbd(self.qbd)
        if orders:
            # Made-up orders reach back two years, behind the demo ledgers' lock dates.
            self.xero.set_lock_dates()
            self.qbo.set_preferences(close_date=None)
            self.qbd.close_books(None)
            generate(self.keap, orders)
        else:
            fill_keap(self.keap, TAX_RATES.get(company, VAT))
            credit_xero(self.xero)
            credit_qbo(self.qbo)
            credit_qbd(self.qbd)

    @property
    def vendors(self) -> dict[str, Vendor]:
        """The services by name."""
        return {"keap": self.keap, "xero": self.xero, "qbo": self.qbo}

    @property
    def served(self) -> dict[str, Vendor]:
        """The services, and QuickBooks Desktop as its worker reaches it."""
        return {**self.vendors, "qbd": self.qbd}

    def _add_apps(self) -> None:
        """The apps that sign-ins can be rehearsed with. At Xero it is one without a secret."""
        self.keap.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET)
        self.xero.sign_in.add_app(CLIENT_ID, {REDIRECT})
        both = {REDIRECT, LANDED}
        self.qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET, redirects=both)

    def apps(self) -> dict[str, Vendor]:
        """The services by the origin at which they answer inside this process."""
        return {INSIDE[name]: vendor for name, vendor in self.vendors.items()}

    def programs(self) -> dict[str, Callable[[], InProcess]]:
        """What answers inside this process in place of the worker of QuickBooks Desktop."""
        return {worker_command(INSIDE["qbd"]): lambda: InProcess(self.qbd)}


def environment(roots: Mapping[str, str], home: Path, config: str = XERO) -> dict[str, str]:
    """The environment that sends every request to these roots; `home` gets the config for it,
    unless it has one. At the root `qbd`, QuickBooks Desktop is reached by a worker."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "config.toml"
    if not path.exists():
        path.write_text(config, encoding="utf-8")
    web = {name: root for name, root in roots.items() if name != "qbd"}
    desktop = {"INVOICESYNC_QBD_WORKER": worker_command(roots["qbd"])} if "qbd" in roots else {}
    return {
        "INVOICESYNC_HOME": str(home),
        **{f"INVOICESYNC_{name.upper()}_ROOT": root for name, root in web.items()},
        **desktop,
        "INVOICESYNC_KEAP_API_KEY": API_KEY,
        "INVOICESYNC_KEAP_CLIENT_SECRET": CLIENT_SECRET,
        "INVOICESYNC_XERO_CLIENT_SECRET": CLIENT_SECRET,
        "INVOICESYNC_QBO_CLIENT_SECRET": CLIENT_SECRET,
    }


def worker_command(root: str) -> str:
    """The command of the worker that reaches QuickBooks Desktop at `root`, as this system's shell
    would take it."""
    words = [sys.executable, "-m", "invoicesync_sandbox.qbd.worker", root]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
