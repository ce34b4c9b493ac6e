"""What tests of a lost or older state share: losing it, and a look at either ledger."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from invoicesync_cli.model import Document, DocumentKind
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.xero import credit_notes
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.posted import Posted
from tests.kits.rehearsal import Rehearsal

STATE = "state.sqlite3"


CANDLE = Item("PRODUCT", "100.00", name="Candle")


SINCE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a prefix": {"invoices.number_prefix": "K-"},
    "invoice ids": {"invoices.number": "invoice"},
}
"""What was changed in the config since the documents were made."""


def ledger(r: Rehearsal) -> Any:
    """What a person sees and does in the ledger itself."""
    return getattr(r, r.to)


def lose_state(r: Rehearsal) -> None:
    """The home folder is new, the ledger is not."""
    for path in r.home.glob(f"{STATE}*"):
        path.unlink()


def copied(r: Rehearsal, where: Path) -> Path:
    """A copy of the state file as it is now."""
    with r.state() as state:
        state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(r.home / STATE, where))


def restored(r: Rehearsal, backup: Path) -> None:
    """The state file is that of the backup again, and an hour has gone by."""
    lose_state(r)
    shutil.copy(backup, r.home / STATE)
    r.ticker.pass_time(3600)


def books(r: Rehearsal) -> Counter[str]:
    """Everything that is alive in the ledger, in a form that shows what came or went."""
    if r.to == "xero":
        tables: list[Any] = [r.xero.invoices, r.xero.credit_notes, r.xero.payments]
        rows = [row for table in tables for row in table.values()]
        living = [row for row in rows if row.status not in {"VOIDED", "DELETED"}]
        people: Any = r.xero.contacts.values()
        names = [f"{type(row).__name__} {row.id}" for row in living]
    else:
        living = [
            row
            for table in r.qbo.transactions.values()
            for row in table.values()
            if row.status == "live"
        ]
        people = r.qbo.customers.values()
        names = [f"{type(row).__name__} {row.id} {row.total}" for row in living]
    return Counter([*names, *(f"person {row.id}" for row in people)])


def writes(r: Rehearsal) -> int:
    """How many calls have written something."""
    if r.to == "xero":
        return len(r.xero.writes())
    return sum(b'"operation"' in call.body for call in r.qbo.calls)


def shop(r: Rehearsal) -> dict[str, str]:
    """Orders with every kind of money, by what they are for."""
    keap = r.keap
    plain, paid, credited, refunded = (r.order(CANDLE) for _ in range(4))
    for amount in ("25.00", "25.00", "50.00"):
        keap.add_payment(order_id=paid, amount=amount)
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")
    return {"plain": plain, "paid": paid, "credited": credited, "refunded": refunded}


def of_kind(result: Result, kind: DocumentKind) -> list[Document]:
    """The documents of a kind."""
    return [item for item in result.documents if item.kind is kind]


def verdicts(result: Result, kind: DocumentKind) -> Counter[tuple[str, str]]:
    """State and reason of what a run tells of a kind."""
    return Counter((str(item.state), item.reason) for item in of_kind(result, kind))


def void(r: Rehearsal, invoice: str) -> None:
    ledger(r).void_invoice(invoice)


def copy_of(r: Rehearsal, invoice: str, number: str) -> str:
    """A copy of an invoice, as a person makes one."""
    row = ledger(r).invoices[invoice]
    if r.to == "xero":
        line = {
            "Description": "Candle",
            "Quantity": 1,
            "UnitAmount": "100.00",
            "AccountCode": "200",
            "TaxType": row.lines[0].tax_type,
        }
        fields = {"InvoiceNumber": number, "Reference": row.reference, "DueDate": "2026-12-24"}
        return str(r.xero.add_invoice(row.contact_id, [line], **fields))
    twin = replace(row, id="9999", number=number)
    r.qbo.invoices.put(twin)
    return str(twin.id)


def renumber(r: Rehearsal, ident: str, number: str) -> None:
    """Give an invoice, a credit note or a refund another number, as a person does."""
    if r.to == "qbo":
        r.qbo.edit(ident, DocNumber=number)
    elif ident in r.xero.invoices:
        r.xero.edit_invoice(ident, InvoiceNumber=number)
    else:
        note, posted = r.xero.credit_notes[ident], Posted({"CreditNoteNumber": number}, "")
        r.xero._try(lambda findings: credit_notes.change(r.xero, note, posted, Writer(), findings))


def lock(r: Rehearsal, day: date | None) -> None:
    """Close the books up to a day, or open them."""
    if r.to == "xero":
        r.xero.set_lock_dates(day)
    else:
        r.qbo.set_preferences(close_date=day)
