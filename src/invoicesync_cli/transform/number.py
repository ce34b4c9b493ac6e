"""The document number and the marker by which a document is found again (rule R1)."""

from invoicesync_cli.config import Invoices
from invoicesync_cli.model import Decision, Invoice


def document_number(invoice: Invoice, settings: Invoices) -> tuple[str, Decision]:
    """The prefix and the id that `invoices.number` names."""
    chosen = invoice.order_id if settings.number == "order" else invoice.invoice_id
    number = f"{settings.number_prefix}{chosen}"
    prefix = f" after the prefix {settings.number_prefix!r}" if settings.number_prefix else ""
    because = f"Keap's {settings.number} id{prefix} (invoices.number)"
    return number, Decision("number", number, "R1", because)
