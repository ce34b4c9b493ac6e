"""What the shop knows of its sales, of money and of how a run ended, beside what Keap holds."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tests.kits.bookkeepers import Books
from tests.kits.bookkeeping import Moved, Sold

DONE = {0, 3}
"""The exit codes of runs that came to their end."""


@dataclass
class Sale:
    """What the shop knows of an order, beside what Keap holds."""

    trouble: str = ""
    """Why it cannot be sent: `currency` or `total`; or `odd`, where that is not looked into."""
    changed: bool = False
    """Whether it was changed or deleted in Keap once it was, or may have been, in the ledger."""
    removed: bool = False
    """Whether its invoice was voided or deleted in the ledger."""
    dismissed: bool = False
    remade: int = 0
    totals: set[Decimal] = field(default_factory=set)
    dated: datetime | None = None


@dataclass
class Money:
    """What the shop knows of a payment, credit or refund, beside what Keap holds."""

    kind: str
    most: Decimal
    """The largest amount that Keap ever held."""
    original: str = ""
    early: bool = False
    """Whether it came before any run had looked at its orders, and has not been changed since: then
    it is looked at however old it is."""
    changed: bool = False
    """Whether it was changed in Keap once any of it was, or may have been, in the ledger."""
    removed: set[str] = field(default_factory=set)
    """Orders on which it was taken back in the ledger."""
    by_hand: str = ""
    """The order whose invoice somebody put it on in the ledger."""
    dismissed: set[str] = field(default_factory=set)
    remade: int = 0
    excused: bool = False
    """Whether nothing can be asked of it: its history was lost with the state."""
    time_when_deleted: datetime | None = None
    """When it was said to have been made, of one that was deleted in Keap."""
    raises: bool = False
    """Whether it is a negative adjustment, which nobody can book."""


@dataclass(frozen=True)
class Ended:
    """How a run ended; no code where the process died."""

    code: int | None


class Snapshot:
    """What is in the books at one moment, gone through once and not for each order."""

    def __init__(self, books: Books) -> None:
        self._sold = {row.order: row for row in reversed(list(books.sold())) if row.alive}
        self._moved: dict[str, list[Moved]] = defaultdict(list)
        for row in books.moved():
            self._moved[row.payment].append(row)

    def sold(self, order: str) -> Sold | None:
        """The living invoice of an order."""
        return self._sold.get(order)

    def moved(self, payment: str, *, ever: bool = False) -> list[Moved]:
        """What is in the ledger of a payment, or ever was."""
        return [row for row in self._moved.get(payment, ()) if row.alive or ever]
