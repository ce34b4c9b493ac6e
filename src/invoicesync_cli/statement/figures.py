"""The figures of a statement. Amounts are in whole cents of the currency beside them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from invoicesync_cli.model import ZERO, Document, Instalment, InstalmentState


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both of them in it; None where it is open."""

    first: dt.date | None = None
    last: dt.date | None = None

    def has(self, day: dt.date | None) -> bool:
        """Whether a day is in it; what has no date is in every period."""
        if day is None:
            return True
        return (self.first or day) <= day <= (self.last or day)

    def __str__(self) -> str:
        if self.first and self.last:
            return f"{self.first} to {self.last}"
        if self.first:
            return f"from {self.first} on"
        return f"up to {self.last}" if self.last else "all that is known"


@dataclass(frozen=True)
class Names:
    """What the ledger calls things that documents have by a code or an id.

    `rates` has the rate of each tax code, in percent; `taxable` is the code for taxed lines, and
    `by_item` whether sales go by item.
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    taxable: str = ""
    by_item: bool = False


@dataclass
class Sum:
    """How many documents, and what they come to; `gross` is `net` and `tax`."""

    count: int = 0
    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """With tax."""
        return self.net + self.tax

    def add(self, net: Decimal, tax: Decimal, count: int = 0) -> None:
        """Take something in."""
        self.net, self.tax, self.count = self.net + net, self.tax + tax, self.count + count

    def take_off(self, net: Decimal, tax: Decimal) -> None:
        """Take something back."""
        self.net, self.tax = self.net - net, self.tax - tax


def total_of(sums: Iterable[Sum]) -> Sum:
    """Their sum."""
    total = Sum()
    for one in sums:
        total.add(one.net, one.tax, one.count)
    return total


@dataclass
class MonthFigures:
    """The invoices of a month: what Keap has of those that are known, what the ledger has, and the
    difference that the records explain (skipped, held, waiting, changed afterwards, taxed on top).
    """

    sum: Sum = field(default_factory=Sum)
    keap: Decimal = ZERO
    ledger: Decimal = ZERO

    @property
    def explained(self) -> Decimal:
        """What of Keap's total is not in the ledger's."""
        return self.keap - self.ledger


@dataclass
class Money:
    """Payments or refunds of an account, by Keap's type of payment too; never negative."""

    count: int = 0
    total: Decimal = ZERO
    types: dict[str, Decimal] = field(default_factory=dict)

    def add(self, amount: Decimal, called: str) -> None:
        """Take one in."""
        self.count += 1
        self.total += amount
        self.types[called] = self.types.get(called, ZERO) + amount


@dataclass(frozen=True)
class DueInstalment:
    """An instalment of an invoice's payment plan, the `place`th of `count`, and where it stood when
    the statement was made."""

    document: Document
    instalment: Instalment
    state: InstalmentState
    place: int
    count: int


@dataclass(frozen=True)
class Run:
    """A run: its name, when it began (ISO, UTC), and how many calls it took."""

    run: str
    at: str
    command: str
    status: str
    calls: int


@dataclass
class Statement:
    """What is in the books for a period.

    `sales` is by account (in QuickBooks by item), `credits` by kind and the same, `money` by
    account and kind, `tax` by code: invoices less credits and refunds. `currency` is that of most
    documents; what is in another one is counted in `foreign` by its currency and nowhere else.
    """

    period: Period
    currency: str = ""
    months: dict[str, MonthFigures] = field(default_factory=dict)
    sales: dict[str, Sum] = field(default_factory=dict)
    credits: dict[tuple[str, str], Sum] = field(default_factory=dict)
    tax: dict[str, Sum] = field(default_factory=dict)
    money: dict[tuple[str, str], Money] = field(default_factory=dict)
    open: list[tuple[Document, int]] = field(default_factory=list)
    """What is open, the oldest first, with its age in days."""
    instalments: list[DueInstalment] = field(default_factory=list)
    """Those due in the period, in the order of their days, whenever their invoice was made."""
    runs: list[Run] = field(default_factory=list)
    foreign: dict[str, Decimal] = field(default_factory=dict)

    @property
    def needs_person(self) -> bool:
        """Whether anything open waits for somebody."""
        return any(document.state.needs_person for document, _ in self.open)
