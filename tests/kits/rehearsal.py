"""A rehearsal for tests: both services in this process, a home folder, and time that tests own."""

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.qbd.rehearsed import sign_in_to_desktop
from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.state import Store
from invoicesync_cli.sync import Options, Result, run
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.configs import CLIENT_ID, DESKTOP, XERO, for_quickbooks
from invoicesync_sandbox.keap import Item, KeapSandbox
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.qbd import QbdSandbox
from invoicesync_sandbox.qbd.worker_calls import InProcess
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.shop.company import fill_qbo
from invoicesync_sandbox.shop.desktop import fill_qbd
from invoicesync_sandbox.shop.ledger import fill_xero
from invoicesync_sandbox.world import CLIENT_SECRET, INSIDE, environment, worker_command
from invoicesync_sandbox.xero import XeroSandbox

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Ticker:
    """Monotonic seconds and sleep for the client, moving the sandbox's clock along."""

    clock: Clock
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """Move both clocks."""
        self.seconds += seconds
        self.clock.advance(seconds)

    def timing(self) -> Timing:
        """What the client is given."""
        return Timing(lambda: self.seconds, self.sleep, self.clock.now)


class Rehearsal:
    """An empty Keap, a demo ledger, and a config for both; `sync` is a whole run.

    The ledger is Xero unless `to` says `qbo`, with the kind of `company`, or `qbd`.
    """

    def __init__(
        self, home: Path, *, to: Any = "xero", company: Any = "uk", **settings: Any
    ) -> None:
        self.clock = Clock(START)
        self.ticker = Ticker(self.clock)
        self.xero = XeroSandbox(self.clock)
        self.qbo = QboSandbox(self.clock, world=company)
        self.qbd = QbdSandbox(self.clock, world="us-no-tax" if company == "us-no-tax" else "us")
        currency = "USD" if to == "qbd" else self.qbo.world.currency
        self.keap = KeapSandbox(self.clock, currency=currency)
        self.keap.enforce_limits = False
        self.to = to
        config = XERO
        if to == "xero":
            fill_xero(self.xero)
            self.xero.set_lock_dates()
        elif to == "qbd":
            fill_qbd(self.qbd)
            self.qbd.close_books(None)
            config = DESKTOP
        else:
            fill_qbo(self.qbo)
            self.qbo.set_preferences(close_date=None)
            config = for_quickbooks(company)
        self.environ = environment(INSIDE, home, config)
        self.home = home
        self.connect()
        # Most tests are about invoices; those about money name a mode with payments.
        self.configure({"sync.mode": "invoices", **settings})
        if to == "qbo":
            self._sign_in()
        if to == "qbd":
            credentials = Workspace(self.environ, self.network).credentials(Call())
            sign_in_to_desktop(credentials, self.qbd.books.company_name)

    def connect(self) -> None:
        """Let the tool reach the services, and nothing stand between."""
        vendors = (self.keap, self.xero, self.qbo)
        worker = worker_command(INSIDE["qbd"])
        self.network = Network(
            self.ticker.timing(),
            {INSIDE[vendor.name]: vendor for vendor in vendors},
            {worker: lambda: InProcess(self.qbd)},
        )

    def _sign_in(self) -> None:
        self.qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET)
        credentials = Workspace(self.environ, self.network).credentials(Call())
        name = self.qbo.companies[self.qbo.realm]
        sign_in_to_qbo(credentials, self.qbo.realm, name, self.qbo.sign_in.grant)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Put settings (`{"tax.untaxed_invoices": "inclusive"}`) over the sandbox's config."""
        path = self.home / "config.toml"
        data = tomllib.loads(path.read_text())
        for key, value in settings.items():
            table, name = key.split(".")
            data.setdefault(table, {})[name] = value
        path.write_text(tomli_w.dumps(data))

    def sync(self, **options: Any) -> Result:
        """One run with the fields of `Options`."""
        wanted = Options(**options)
        world = Workspace(self.environ, self.network)
        with world.run(Call(), {}, dry_run=wanted.dry_run) as deps:
            return run(deps, wanted)

    @contextlib.contextmanager
    def clock_ahead(self, by: timedelta) -> Iterator[None]:
        """The clock of this machine is wrong for a while; the services' clocks are not."""
        right = self.network
        timing = replace(right.timing, now=lambda: self.clock.now() + by)
        self.network = replace(right, timing=timing)
        yield
        self.network = right

    def order(self, *items: Any, contact: str = "", **fields: Any) -> str:
        """Enter an order in Keap: its id. By default today, a candle, a new person."""
        person = contact or self.person()
        items = items or (Item("PRODUCT", "100.00", name="Candle"),)
        fields.setdefault("order_time", self.clock.now() - timedelta(hours=1))
        return str(self.keap.add_order(contact_id=person, items=items, **fields).id)

    def person(self, **fields: Any) -> str:
        """Enter a contact in Keap: its id."""
        number = len(self.keap.contacts) + 1
        fields.setdefault("given_name", f"Test{number}")
        fields.setdefault("family_name", f"Person{number}")
        fields.setdefault("emails", (f"test{number}@example.com",))
        return self.keap.add_contact(**fields)

    def booked(self, number: str) -> dict[str, Any]:
        """The invoice of a number, read back from Xero as any client would."""
        from werkzeug.test import Client

        token = self.xero.issue_token(bound=True)
        reply = Client(self.xero).get(
            f"/api.xro/2.0/Invoices/{number}?unitdp=4",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        import json

        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = json.loads(reply.text, parse_float=Decimal)["Invoices"][0]
        return found

    def numbers(self) -> list[str]:
        """The numbers of every sales invoice that this tool made in Xero."""
        made = (invoice for invoice in self.xero.invoices.values())
        return sorted(
            str(invoice.number) for invoice in made if str(invoice.reference).startswith("Keap ")
        )

    def state(self) -> Store:
        """The state file, to look into."""
        return Store.open(self.home / "state.sqlite3")


def only(result: Result) -> Document:
    """The single invoice of a run."""
    invoices = [document for document in result.documents if document.kind is DocumentKind.INVOICE]
    assert len(invoices) == 1, result.documents
    return invoices[0]


def reasons(result: Result) -> dict[str, str]:
    """The reason of every invoice that was not created, by order id."""
    return {
        document.order_id: document.reason
        for document in result.documents
        if document.state is not DocumentState.CREATED and document.kind is DocumentKind.INVOICE
    }
