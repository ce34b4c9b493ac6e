"""The simulated services in a process of their own, so that the tool's own cost can be told apart.

`Services` starts that process and speaks with it: lines of JSON on its standard input, each
answered with one on its standard output.
"""

import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from werkzeug.wrappers import Request

from invoicesync_cli.cli.command import Call as CommandCall
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo
from invoicesync_sandbox.base import Call, Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.configs import for_quickbooks, for_xero
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.shop.generator import generate
from invoicesync_sandbox.world import Sandbox, environment

READS = {"GET", "HEAD"}
SIGN_IN = re.compile("token|authorize|oauth2")
"""What the addresses of a sign-in have in them."""


class Services:
    """Keap with made-up orders, all paid by card, and empty books in one ledger, on loopback."""

    def __init__(self, to: str, orders: int, home: Path) -> None:
        self.to = to
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.services", to, str(orders), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        made = self._answer()
        self.environment: dict[str, str] = made["environment"]
        self.token: str = made["token"]
        """What the vendor's own client signs in with."""
        self.tenant: str = made["tenant"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def calls(self) -> dict[str, int]:
        """How many calls each service has had so far."""
        return self._ask(do="count")

    def days_pass(self, days: float) -> None:
        """Let time pass for the services."""
        self._ask(do="days", days=days)

    def order_again(self) -> None:
        """Let every buyer order once more."""
        self._ask(do="order")

    def order_more(self, orders: int, after: int = 0) -> None:
        """Let so many new buyers order now, with ids that come after `after`."""
        self._ask(do="more", orders=orders, after=after)

    def booked(self) -> tuple[int, int]:
        """How many invoices with a marker of ours the ledger has, and for how many orders."""
        found = self._ask(do="booked")
        return found["invoices"], found["orders"]

    def be_real(self, latency: float) -> None:
        """Refuse calls over the vendors' limits from now on, and let every write to the ledger take
        so many seconds."""
        self._ask(do="real", latency=latency)

    def _ask(self, **what: Any) -> dict[str, int]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        calls: dict[str, int] = self._answer()
        return calls

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The simulated services have ended.")
        return json.loads(line)


class _Tally(list[Call]):
    """How many calls there were that count, instead of what was in them; signing in does not."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def append(self, call: Call) -> None:
        self.number += not SIGN_IN.search(call.path)


class _ShiftedClock(Clock):
    """The machine's time, some days ahead."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def _slow(vendor: Vendor, seconds: float) -> None:
    """Let every write to `vendor` take so long, without keeping others waiting."""

    def wait(request: Request) -> None:
        if request.method not in READS:
            time.sleep(seconds)

    vendor.in_progress = wait


def _token(box: Sandbox, to: str) -> str:
    """An access token for the vendor's own client."""
    if to == "xero":
        return box.xero.issue_token(bound=True)
    return box.qbo.issue_token()


def _serve(to: str, orders: int, home: Path) -> None:
    clock = _ShiftedClock()
    box = Sandbox(orders=orders, clock=clock)
    tallies = {name: _Tally() for name in box.vendors}
    for name, vendor in box.vendors.items():
        vendor.calls = tallies[name]
        vendor.enforce_limits = False
    config = for_xero("authorised") if to == "xero" else for_quickbooks("uk")
    with serving(box.vendors) as roots:
        variables = environment(roots, home, config)
        if to == "qbo":
            credentials = Workspace(variables).credentials(CommandCall())
            name = box.qbo.companies[box.qbo.realm]
            sign_in_to_qbo(credentials, box.qbo.realm, name, box.qbo.sign_in.grant)
        tenant = box.xero.tenant_id if to == "xero" else box.qbo.realm
        _say({"environment": variables, "token": _token(box, to), "tenant": tenant})
        for line in sys.stdin:
            wanted = json.loads(line)
            if wanted["do"] == "real":
                for vendor in box.vendors.values():
                    vendor.enforce_limits = True
                _slow(box.vendors[to], wanted["latency"])
            elif wanted["do"] == "order":
                buyers = list(box.keap.contacts)
                generate(box.keap, len(buyers), seed=1, buyers=buyers)
            elif wanted["do"] == "more":
                if wanted["after"]:
                    _move_on(box, wanted["after"])
                buyers = [_buyer(box) for _ in range(wanted["orders"])]
                generate(box.keap, len(buyers), seed=2, buyers=buyers)
            elif wanted["do"] == "booked":
                ours = [mark for mark in _marks(box, to) if mark.startswith("Keap order")]
                _say({"invoices": len(ours), "orders": len(set(ours))})
                continue
            elif wanted["do"] == "days":
                clock.ahead += timedelta(days=wanted["days"])
            _say({name: tally.number for name, tally in tallies.items()})


def _marks(box: Sandbox, to: str) -> list[str]:
    """Where a marker of ours would stand, of every invoice of the ledger."""
    if to == "xero":
        return [str(invoice.reference) for invoice in box.xero.invoices.values()]
    return [invoice.private_note for invoice in box.qbo.invoices.values()]


def _buyer(box: Sandbox) -> str:
    """A contact of Keap's that nobody has met yet."""
    number = len(box.keap.contacts)
    return box.keap.add_contact(
        given_name="Kay",
        family_name=f"Lowe {number}",
        emails=(f"kay.lowe.{number}@example.net",),
        billing=next(iter(box.keap.contacts.values())).billing,
    )


def _move_on(box: Sandbox, after: int) -> None:
    """Let the ids of Keap's orders go on behind one: an order with that id, unpaid, sees to it."""
    buyer, line = next(iter(box.keap.contacts)), Item("PRODUCT", "10.00", name="Candle")
    now = box.clock.now()
    box.keap.add_order(contact_id=buyer, items=(line,), order_time=now, id=after + 1)


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
