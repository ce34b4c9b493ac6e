"""The money of a run into Xero: what was reported, what is in the bank, what is still due."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from invoicesync_cli.model import Document, DocumentKind
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")
TAXED = (Item("PRODUCT", "100.00", name="Candle", taxable=True), Item("TAX", "20.00"))


def rehearse(home: Path, **settings: Any) -> Rehearsal:
    return Rehearsal(home, **{"sync.mode": "invoices-and-payments", **settings})


def reported(result: Result, *kinds: DocumentKind) -> list[tuple[str, str, str]]:
    """State, reason and amount of what a run tells of money."""
    wanted = kinds or (DocumentKind.PAYMENT, DocumentKind.CREDIT, DocumentKind.REFUND)
    return [
        (item.state, item.reason, f"{item.total:.2f}")
        for item in result.documents
        if item.kind in wanted
    ]


def money(result: Result) -> list[Document]:
    return [item for item in result.documents if item.kind is not DocumentKind.INVOICE]


def bank(r: Rehearsal) -> Decimal:
    """What the bank accounts received, less what was paid out."""
    total = Decimal(0)
    for payment in r.xero.payments.values():
        if payment.status != "DELETED":
            received = payment.type == "ACCRECPAYMENT"
            total += payment.amount if received else -payment.amount
    return total


def balance(r: Rehearsal) -> Decimal:
    """What all customers owe, less the credit that they have left."""
    due = sum((item.amount_due for item in r.xero.invoices.values()), Decimal(0))
    old = next(item for item in r.xero.invoices.values() if item.number == "INV-0001")
    left = sum((item.remaining_credit for item in r.xero.credit_notes.values()), Decimal(0))
    return due - old.amount_due - left
