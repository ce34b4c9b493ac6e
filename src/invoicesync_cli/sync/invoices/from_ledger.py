"""Orders that were made of an invoice of the ledger (R14): known by the marker in their notes, also
where no record says so. None of them is ever sent back."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import Decision, Document, DocumentState, LedgerId, Reason, marked_sale
from invoicesync_cli.state.rows import REVERSED
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.invoices.documents import fresh
from invoicesync_cli.sync.invoices.planned import PlannedInvoice


class SaleMarks:
    """Reads the markers of orders that were made of invoices of this run's ledger."""

    def __init__(self, context: RunContext) -> None:
        self.ledger = context.ledger_title
        self._pins = Pins(context.state)
        self._destination = context.config.sync.destination

    @property
    def organisation(self) -> str:
        """The id of the organisation whose invoices are meant."""
        return self._pins.known(self._destination).id

    def sale_of(self, order: KeapOrder) -> LedgerId | None:
        """The invoice that an order was made of; None where it was not made of one."""
        if order.invoice is None:
            return None
        return marked_sale(order.invoice.notes, self.ledger, self.organisation)


def found_by_mark(order: KeapOrder, sale: LedgerId, ledger: str, zone: ZoneInfo) -> PlannedInvoice:
    """What becomes of an order without a record that bears the marker of an invoice."""
    document = replace(
        fresh(order, zone),
        state=DocumentState.SKIPPED,
        reason=Reason.ALREADY_SYNCED,
        reference=order.invoice.notes if order.invoice else "",
        ledger_id=sale,
        message=f"It was made from an invoice in {ledger}, whose marker it bears.",
    )
    return PlannedInvoice(order, document, decisions=list(made_from(document, sale, ledger)))


def made_from(document: Document, sale: LedgerId, ledger: str) -> Sequence[Decision]:
    """The decision by which a record is known to be of an invoice that became an order."""
    named = document.number or sale
    return [Decision(REVERSED, named, "R14", f"it was made in {ledger}, and not by this tool")]
