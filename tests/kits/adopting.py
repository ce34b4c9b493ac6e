"""Documents that are in a ledger already, of another program, for `adopt`."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.statement import Period
from invoicesync_cli.sync import Options, Result
from invoicesync_cli.sync.linking import adopt as adopt_once
from invoicesync_cli.verify import verify
from invoicesync_sandbox.keap import Item
from tests.kits.elsewhere import Elsewhere
from tests.kits.rehearsal import Rehearsal

CREATED, HELD = DocumentState.CREATED, DocumentState.HELD


class Scene:
    """A shop whose owner moves in: Keap with orders, a ledger that knows some of them already."""

    def __init__(self, home: Path, to: str, **settings: Any) -> None:
        money = {"sync.mode": "invoices-and-payments", "xero.status": "authorised"}
        self.r = Rehearsal(home, to=to, **{**money, **settings})
        self.books = Elsewhere(self.r)
        self.person = self.r.person(given_name="Robin", family_name="Hill", emails=(EMAIL,))
        self.contact = self.books.contact("Robin Hill", EMAIL)

    @property
    def today(self) -> dt.date:
        """The day of every order that is entered without one."""
        return self.r.clock.now().date()

    def order(self, price: str = "100.00", days: int = 0, **fields: Any) -> str:
        """An order of Robin's, some days ago."""
        time = self.r.clock.now() - dt.timedelta(days=days, hours=1)
        item = Item("PRODUCT", price, name="Candle")
        return self.r.order(item, contact=self.person, order_time=time, **fields)

    def day(self, days: int) -> dt.date:
        """The day so many days ago."""
        return self.today - dt.timedelta(days=days)

    def adopt(self, **options: Any) -> Result:
        """One adoption."""
        wanted = Options(command="adopt", **options)
        world = Workspace(self.r.environ, self.r.network)
        with world.run(Call(), {}, dry_run=wanted.dry_run) as resources:
            return adopt_once(resources, wanted)

    def dismiss(self, kind: DocumentKind, key: str) -> None:
        """Somebody takes a document off the list."""
        with self.r.state() as state:
            record = state.record(kind, key)
            assert record
            gone = replace(record.document, state=DocumentState.DISMISSED)
            state.save(replace(record, document=gone))

    def differences(self) -> list[str]:
        """What `verify` finds."""
        world = Workspace(self.r.environ, self.r.network)
        with world.run(Call(), {}, dry_run=True) as resources:
            found = verify(resources, Period(None, None))
        return [f"{item.what} {item.kind} {item.order_id}" for item in found.tally.differences]

    def records(self) -> dict[tuple[str, str], tuple[str, str, str]]:
        """State, reason and ledger id of every record, by kind and key."""
        with self.r.state() as state:
            return {
                (row["kind"], row["key"]): (row["state"], row["reason"] or "", row["ledger_id"])
                for row in state.db.execute(
                    "SELECT kind, key, state, json_extract(document, '$.reason') AS reason, "
                    "ledger_id FROM records ORDER BY kind, key"
                )
            }


EMAIL = "robin@example.com"


def of(result: Result, kind: DocumentKind) -> list[Document]:
    return list(result.chosen(kinds=[kind]))


def verdict(document: Document) -> tuple[str, str, str]:
    return document.state, document.reason, document.ledger_id
