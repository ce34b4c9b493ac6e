"""A shop with both sides in this process, commands typed into it, and what its books hold."""

import contextlib
import io
import os
import re
import shutil
import tempfile
import webbrowser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from werkzeug.test import Client

from invoicesync_cli.__main__ import main
from invoicesync_cli.cli import workspace
from invoicesync_cli.http.client import Network, WsgiApp
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.configs import LANDED
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET, INSIDE
from tests.kits.hostile.between import Tampering
from tests.kits.qbo_faults import apply_by_hand
from tests.kits.rehearsal import START, Rehearsal

GONE = {"VOIDED", "DELETED", "voided", "deleted"}
DUE, WORDS, ACCOUNT, REFERENCE = "due ", "in words: ", "account ", "reference "
"""Stand before the day when an invoice falls due, before names and descriptions, and before the
account and the reference of a payment."""
SOLD = "sold on "
"""Stands before the account of a line in Xero."""
USUAL_ACCOUNT = f"{SOLD}200"
"""Where a line is sold that no item names another account for."""
MADE = "made of "
"""Stands before the number of the ledger's invoice, in the key of the record of an order that was
made of it."""
Books = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


class World:
    """A rehearsal whose commands are typed; the answers pass `tampering`."""

    def __init__(self, to: str, tampering: Tampering, **settings: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hostile"))
        self.r = Rehearsal(self.folder / "home", to=to, **settings)
        apply_by_hand(self.r.qbo)
        self.to = to
        self.tampering = tampering
        self.ids: dict[str, str] = {}
        """What the scene has entered, by a name of its own."""
        apps: dict[str, WsgiApp] = {
            INSIDE[name]: tampering.before(name, getattr(self.r, name)) for name in INSIDE
        }
        self.r.network = Network(self.r.ticker.timing(), apps)
        for name in ("keap", "xero", "qbo"):
            getattr(self.r, name).sign_in.apps[CLIENT_ID] = App(
                CLIENT_ID, CLIENT_SECRET, redirects={LANDED}
            )

    def close(self) -> None:
        """Remove what it has written."""
        shutil.rmtree(self.folder)

    def day(self, number: float) -> None:
        """Let so many days have passed since the beginning."""
        now = self.r.clock.now()
        self.r.ticker.pass_time((START + timedelta(days=number) - now).total_seconds())

    def type(self, line: str) -> Ran:
        """Type a command."""
        out, err = _stream(), _stream()
        environ = {**self.r.environ, "BROWSER": "one of the tests", "COLUMNS": "100"}
        with (
            patch.dict(os.environ, environ),
            patch.object(workspace, "Network", lambda **_: self.r.network),
            _browser(self),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(line.split())
        return Ran(code, _text(out), _text(err))

    def books(self) -> Books:
        """What is alive in the books and came from Keap, each with all that counts."""
        books = Counter(_xero(self.r) if self.to == "xero" else _qbo(self.r))
        books.update(_keap(self.r))
        return books

    def without_items(self, row: tuple[str, ...]) -> tuple[str, ...]:
        """A row of Xero's books as it is where there are no items to say where a line is sold."""
        named = {f"{SOLD}{item.account_code}" for item in self.r.xero.items.values()}
        return tuple(USUAL_ACCOUNT if text in named else text for text in row)

    def records(self) -> dict[tuple[str, str], tuple[str, str]]:
        """State and reason of every record, by its key; of one that became an order in Keap by the
        invoice's number, as orders are counted up."""
        with self.r.state() as state:
            return {
                (str(kind), f"{MADE}{row.document.number}" if row.reversed else row.key): (
                    str(row.state),
                    str(row.document.reason),
                )
                for kind in DocumentKind
                for one in DocumentState
                for row in state.records_in(kind, one)
            }


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: Any) -> str:
    raw: bytes = stream.buffer.getvalue()
    return raw.decode("utf-8")


@contextlib.contextmanager
def _browser(world: World) -> Iterator[None]:
    """A browser in which somebody allows everything, and pastes where it lands."""
    reading, typing = os.pipe()

    def visit(address: str) -> bool:
        os.write(typing, f"{consent(world, address)}\n".encode())
        return True

    with os.fdopen(reading) as stdin:
        try:
            with patch.object(webbrowser, "open", visit), patch("sys.stdin", stdin):
                yield
        finally:
            os.close(typing)


def consent(world: World, address: str) -> str:
    """Where a consent leads to."""
    origin = next(one for one in INSIDE.values() if address.startswith(one))
    name = next(name for name, one in INSIDE.items() if one == origin)
    client, path = Client(getattr(world.r, name)), address.removeprefix(origin)
    choices = re.findall(r'name="choice" value="([^"]*)"', client.get(path).text)
    form = {"decision": "allow", "choice": choices[0]}
    return client.post(path, data=form).headers["Location"]


def _keap(r: Rehearsal) -> Iterator[tuple[str, ...]]:
    """What was made in Keap of the ledger's invoices, and of their contacts."""
    made = [order for order in r.keap.orders.values() if "Made from" in str(order.notes)]
    for order in made:
        lines = [f"{line.kind} {_sum(line.price)} x {line.quantity}" for line in order.lines]
        buyer = r.keap.contacts[order.contact_id]
        whose = f"{WORDS}{buyer.given_name} {buyer.family_name} {buyer.emails}"
        made_of = str(order.notes).rpartition(" id ")[2]
        named = (f"{WORDS}{order.title}", f"{WORDS}{order.notes}", whose)
        yield ("order", made_of, *named, str(order.order_time.date()), _sum(order.total), *lines)
    for buyer in r.keap.contacts.values() if made else ():
        yield ("person", f"{WORDS}{buyer.given_name} {buyer.family_name} {buyer.emails}")


def _xero(r: Rehearsal) -> Iterator[tuple[str, ...]]:
    xero = r.xero
    for contact in xero.contacts.values():
        if contact.contact_number.startswith("keap-"):
            yield ("contact", contact.contact_number, WORDS + contact.name, contact.email)
    for kind, table in (("invoice", xero.invoices), ("note", xero.credit_notes)):
        rows: Any = table
        for row in rows.values():
            if row.status in GONE or not row.reference.startswith("Keap "):
                continue
            lines = [
                text
                for line in row.lines
                for text in (
                    WORDS + line.description,
                    SOLD + line.account_code,
                    f"{_sum(line.quantity)} x {_sum(line.unit_amount)} {line.item_code} "
                    f"{line.tax_type} {_sum(line.tax_amount)}",
                )
            ]
            buyer = WORDS + xero.contacts[row.contact_id].name
            due = f"{DUE}{getattr(row, 'due_date', '')}"
            approved = "approved" if row.status in {"AUTHORISED", "PAID"} else "draft"
            figures = (_sum(row.total), _sum(row.total_tax), str(row.date), due, approved)
            yield (kind, str(row.number), row.reference, buyer, *figures, *lines)
    for payment in xero.payments.values():
        if payment.status == "AUTHORISED" and payment.app:
            documents: Any = {**xero.invoices, **xero.credit_notes}
            number = str(documents[payment.document_id].number)
            account = f"{ACCOUNT}{xero.accounts[payment.account_id].code}"
            when = str(payment.date)
            reference = f"{REFERENCE}{payment.reference}"
            yield (payment.type, number, _sum(payment.amount), when, reference, account)
    for allocation in xero.allocations.values():
        if not allocation.deleted:
            note = str(xero.credit_notes[allocation.credit_note_id].number)
            invoice = str(xero.invoices[allocation.invoice_id].number)
            yield ("allocation", note, invoice, _sum(allocation.amount))


def _qbo(r: Rehearsal) -> Iterator[tuple[str, ...]]:
    qbo = r.qbo
    names = {item.id: item.name for item in qbo.items.values()}
    for customer in qbo.customers.values():
        if customer.notes:
            yield ("contact", customer.notes, WORDS + customer.name, customer.email)
    tables: dict[str, Any] = {
        "invoice": qbo.invoices,
        "receipt": qbo.sales_receipts,
        "memo": qbo.credit_memos,
        "refund": qbo.refund_receipts,
    }
    for kind, table in tables.items():
        for row in table.values():
            if row.status in GONE or not row.private_note.startswith("Keap "):
                continue
            lines = [
                text
                for line in row.lines
                for text in (
                    WORDS + line.description,
                    f"{line.kind} {names.get(line.item_id, line.item_id)} {line.tax_code} "
                    f"{_sum(line.amount)} {_sum(line.qty)} x {_sum(line.unit_price)}",
                )
            ]
            contact = WORDS + qbo.customers[row.customer_id].name
            due = f"{DUE}{getattr(row, 'due_date', '')}"
            figures = (_sum(row.total), _sum(row.tax), str(row.txn_date), due)
            yield (kind, row.number, row.private_note, contact, *figures, *lines)
    for payment in qbo.payments.values():
        if payment.status not in GONE and payment.private_note.startswith("Keap "):
            links = [f"{link.txn_type} {_sum(link.amount)}" for link in payment.lines]
            when = str(payment.txn_date)
            note, ref = payment.private_note, f"{REFERENCE}{payment.ref}"
            yield ("payment", note, _sum(payment.total), when, ref, *links)


def without_lines(row: tuple[str, ...]) -> tuple[str, ...]:
    """A row of QuickBooks' books, of an invoice all but the lines."""
    lines = next((at for at, text in enumerate(row) if text.startswith(DUE)), len(row))
    return row[: lines + 1] if row[0] in {"invoice", "receipt"} else row


def _sum(amount: Any) -> str:
    return "" if amount is None else f"{amount:.4f}"
