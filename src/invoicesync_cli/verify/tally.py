"""The sums of both sides, and what was found on the way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from invoicesync_cli.model import ZERO, Document, DocumentKind
from invoicesync_cli.verify.differences import Difference, Weighed


@dataclass
class SideSum:
    """How many documents, and what they come to."""

    count: int = 0
    total: Decimal = ZERO

    def add(self, amount: Decimal) -> None:
        """Take one in."""
        self.count += 1
        self.total += amount


@dataclass
class Sums:
    """Both sides of a kind, or of a month's invoices: keap - explained - ledger is what nothing
    accounts for, and nothing where there is no difference."""

    keap: SideSum = field(default_factory=SideSum)
    ledger: SideSum = field(default_factory=SideSum)
    explained: SideSum = field(default_factory=SideSum)
    differences: int = 0

    @property
    def rest(self) -> Decimal:
        """What nothing accounts for."""
        return self.keap.total - self.explained.total - self.ledger.total

    def add(self, weighed: Weighed) -> None:
        """Take in a document's figures."""
        if weighed.keap is not None:
            self.keap.add(weighed.keap)
        if weighed.ledger is not None:
            self.ledger.add(weighed.ledger)
        if weighed.accounted and not (weighed.keap is None and weighed.ledger is None):
            self.explained.add(weighed.explained)


@dataclass
class Tally:
    """Sums by kind and, of invoices, by month (`2026-10`), in one currency.

    What is in another currency is in `foreign`, by its code, and in no sum.
    """

    currency: str
    sums: dict[DocumentKind, Sums] = field(
        default_factory=lambda: {kind: Sums() for kind in DocumentKind}
    )
    months: dict[str, Sums] = field(default_factory=dict)
    foreign: dict[str, Decimal] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    explained: list[Document] = field(default_factory=list)

    def add(self, kind: DocumentKind, month: str, currency: str, weighed: Weighed) -> None:
        """Take in a document's figures; `month` is blank where it has no date."""
        if currency and currency != self.currency:
            amount = weighed.keap if weighed.keap is not None else weighed.ledger
            self.foreign[currency] = self.foreign.get(currency, ZERO) + (amount or ZERO)
            return
        self.sums[kind].add(weighed)
        if kind is DocumentKind.INVOICE and month:
            self.months.setdefault(month, Sums()).add(weighed)

    def note(self, found: Iterable[Difference]) -> None:
        """Take in differences."""
        for one in found:
            self.differences.append(one)
            self.sums[one.kind].differences += 1

    @property
    def needs_person(self) -> bool:
        """Whether anything explained waits for somebody."""
        return any(document.state.needs_person for document in self.explained)
