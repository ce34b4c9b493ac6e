"""What the tests of every ledger ask of its simulated service, whichever it is."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_cli.model import DocumentKind, LedgerId
from tests.kits.rehearsal import Rehearsal

WRITES = "(?i)invoices$|batch$"
"""The paths that invoices are written by."""


@dataclass(frozen=True)
class LedgerKit:
    """A ledger with a web service."""

    missing: LedgerId
    """An id of the right form that nothing has."""
    empty: str
    """An answer that does not tell what became of anything."""
    digits: bool
    """Whether ids are numbers."""
    number: str = "number"
    """What the simulated service calls a document's number."""
    company: str = "Wick & Wax Ltd"
    currency: str = "GBP"
    rate: Decimal = Decimal(20)
    older: str = "INV-0001"
    """The number of an invoice that the demo ledger has."""
    nonsense: str = "<html>Sign in to Wi-Fi</html>"

    def ident(self, number: int) -> str:
        """An id of the ledger's own form."""
        return str(number) if self.digits else str(uuid.UUID(int=number))

    def lose(self, rehearsal: Rehearsal) -> None:
        """Lose the answer to the next invoices, which are made."""
        box(rehearsal).fail(kind="lose", path=WRITES, times=1)

    def answer(self, rehearsal: Rehearsal, text: str, times: int = 1) -> None:
        """Answer the next invoices with this instead."""
        box(rehearsal).fail(kind="reply", path=WRITES, status=200, body=text, times=times)

    def take_back(self, rehearsal: Rehearsal, note: LedgerId, kind: DocumentKind) -> None:  # noqa: ARG002 - the only one
        """Take off the only credit note what it was used for, as a person does."""
        xero = rehearsal.xero
        if kind is DocumentKind.CREDIT:
            xero.take_back(next(iter(xero.allocations.values())).id)
        else:
            xero.delete_payment(next(iter(xero.payments.values())).id)


@dataclass(frozen=True)
class DesktopKit(LedgerKit):
    """QuickBooks Desktop, which answers a worker."""

    def ident(self, number: int) -> str:
        """A counter in hexadecimal digits, and a time."""
        return f"{number:X}-1700000000"

    def lose(self, rehearsal: Rehearsal) -> None:
        """Lose the answer to the next message that writes."""
        rehearsal.qbd.break_down("lose")

    def answer(self, rehearsal: Rehearsal, text: str, times: int = 1) -> None:
        """Answer the next messages that write with this instead."""
        rehearsal.qbd.break_down("answer", text=text, times=times, writes_only=times == 1)

    def take_back(self, rehearsal: Rehearsal, note: LedgerId, kind: DocumentKind) -> None:
        """Take a credit memo off its invoice, or void the check that pays it out."""
        qbd = rehearsal.qbd
        if kind is DocumentKind.CREDIT:
            qbd.books.unlink(note)
            qbd.books.touch(qbd.transaction(note))
        else:
            qbd.void(next(iter(qbd.checks)))


KITS: Mapping[str, LedgerKit] = {
    "xero": LedgerKit(
        LedgerId("00000000-0000-4000-8000-000000000000"), '{"Invoices": [{}]}', digits=False
    ),
    "qbo": LedgerKit(LedgerId("999999"), '{"BatchItemResponse": []}', digits=True),
    "qbd": DesktopKit(
        LedgerId("FFFF-1700000000"),
        "<QBXML><QBXMLMsgsRs></QBXMLMsgsRs></QBXML>",
        digits=False,
        number="ref",
        company="Wick & Wax LLC",
        currency="USD",
        rate=Decimal("10.25"),
        older="1001",
    ),
}


def kit(rehearsal: Rehearsal) -> LedgerKit:
    """The kit of the ledger that is rehearsed."""
    return KITS[rehearsal.to]


def box(rehearsal: Rehearsal) -> Any:
    """The simulated service of the ledger that is rehearsed."""
    return getattr(rehearsal, rehearsal.to)
