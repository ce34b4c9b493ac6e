"""What the parts of a comparison share: both sides, the sums, and what was seen so far."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.load.found import Listed
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import Document, DocumentKind, InvoiceId, LedgerId, OrderId, PaymentId
from invoicesync_cli.state import Store
from invoicesync_cli.state.rows import Record
from invoicesync_cli.statement import Period
from invoicesync_cli.verify.books import Books, SaleKey
from invoicesync_cli.verify.differences import Weighed, of_figures
from invoicesync_cli.verify.sides import InKeap, Known
from invoicesync_cli.verify.tally import Tally


@dataclass(slots=True)
class Balance:
    """A sale that is in the ledger, and what of Keap's money the ledger has for it.

    There is one for every sale of the period, so it has no more than a difference would show.
    `unsure` says that a record of its money says that the two sides may differ, `from_ledger` that
    the invoice was made there.
    """

    order_id: OrderId
    invoice_id: InvoiceId
    date: dt.date | None
    number: str
    from_ledger: bool
    there: Listed
    paid: Decimal
    unsure: bool
    credits: Sequence[Document] = ()

    @property
    def beyond(self) -> Decimal:
        """What is due in the ledger beyond what should be; less, where too little is due."""
        return self.there.open - (self.there.total - self.paid)


@dataclass
class Comparison:
    """One comparison. `money` says whether payments, credits and refunds are compared."""

    config: Config
    state: Store
    keap: KeapClient
    ledger: Ledger
    zone: ZoneInfo
    period: Period
    tally: Tally
    books: Books
    money: bool
    applies_credits: Callable[[], bool]
    """Whether the ledger puts credits onto other invoices of their customer by itself."""
    messages: list[str] = field(default_factory=list)
    orders: dict[OrderId, InvoiceId] = field(default_factory=dict)
    """Every order that Keap has shown, whenever it was."""
    scope: set[OrderId] = field(default_factory=set)
    """Those of them that have a record, or should be sent."""
    payments: set[PaymentId] = field(default_factory=set)
    """Every payment that Keap has shown."""
    judged: set[tuple[DocumentKind, str]] = field(default_factory=set)
    """The records, by kind and key, that both sides were compared for."""
    balances: dict[OrderId, Balance] = field(default_factory=dict)
    sold: dict[OrderId, LedgerId] = field(default_factory=dict)
    """The sale in the ledger of each order of the period."""
    ours: dict[SaleKey | str, OrderId] = field(default_factory=dict)
    """The orders of sales in the ledger, by number and by contact, total and date."""

    def weighed(
        self,
        weighed: Weighed,
        keap: InKeap | None,
        record: Record | None,
        known: Known | None,
        there: Listed | None,
    ) -> None:
        """Take in what was found of one document: its figures, and what its record accounts for."""
        document = known.document if known else None
        if record:
            self.judged.add((record.kind, record.key))
        kind = keap.kind if keap else document.kind if document else DocumentKind.INVOICE
        date = (keap and keap.date) or (document and document.date) or (there and there.date)
        currency = (keap and keap.currency) or (document and document.currency) or ""
        self.tally.add(kind, f"{date:%Y-%m}" if date else "", currency, weighed)
        if weighed.accounted and document:
            self.tally.explained.append(document)
        self.tally.note(of_figures(weighed, keap, known, there))

    def add_paid(self, order: OrderId, amount: Decimal) -> None:
        """Note money that the ledger has for an order, beside what its records say."""
        balance = self.balances.get(order)
        if balance:
            balance.paid += amount
