"""One invoice of the ledger with its verdict: what would be entered in Keap, before it is."""

from dataclasses import dataclass, field, replace

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    LedgerSale,
    NewOrder,
)
from invoicesync_cli.reverse.people import FoundPerson, PersonMatch
from invoicesync_cli.state.codec import dump
from invoicesync_cli.state.rows import SALE, Record
from invoicesync_cli.sync.invoices.changes import source_of
from invoicesync_cli.sync.invoices.from_ledger import made_from
from invoicesync_cli.transform.paid import paid_of


@dataclass
class PlannedOrder:
    """An invoice with its verdict: `document` as it will stand, the `order` if it is to be made,
    `there` what of it is in Keap already."""

    sale: LedgerSale
    document: Document
    ledger: str
    record: Record | None = None
    order: NewOrder | None = None
    answer: PersonMatch | None = None
    there: KeapOrder | None = None
    decisions: list[Decision] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What its record is called until there is an order."""
        return key_of(self.sale.id)

    @property
    def sends(self) -> bool:
        """Whether an order is to be made."""
        created = self.document.state is DocumentState.CREATED
        return self.order is not None and self.there is None and created

    @property
    def person_id(self) -> str:
        """The contact in Keap; blank while it is still to be made."""
        return self.answer.person.id if isinstance(self.answer, FoundPerson) else ""

    def as_record(self, run: str, state: DocumentState | None = None) -> Record:
        """The record of an invoice that has no order yet: with all of the invoice, so that it can
        be judged again without asking for it."""
        document = replace(self.document, state=state) if state else self.document
        return Record(
            kind=DocumentKind.INVOICE,
            key=self.key,
            document=document,
            source=dump(LedgerSale, self.sale),
            decisions=dump(list[Decision], self._decided()),
            run=run,
        )

    def as_made(self, order: KeapOrder, run: str) -> Record:
        """The record of an invoice whose order is there: that of the order, as any other."""
        invoice = order.invoice
        return Record(
            kind=DocumentKind.INVOICE,
            key=order.order_id,
            document=self.document,
            source=source_of(invoice) if invoice else "",
            paid=paid_of(invoice) if invoice else "",
            decisions=dump(list[Decision], self._decided()),
            run=run,
            money=paid_of(invoice) if invoice and not invoice.total_paid else "",
        )

    def _decided(self) -> list[Decision]:
        return [*made_from(self.document, self.sale.id, self.ledger), *self.decisions]


def key_of(sale_id: str) -> str:
    """The key of the record of an invoice that has no order yet."""
    return f"{SALE}{sale_id}"
