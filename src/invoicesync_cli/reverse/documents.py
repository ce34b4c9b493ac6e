"""The documents of invoices that go to Keap at every stage, as the log and `--json` show them."""

from dataclasses import replace

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerSale, Reason


def fresh(sale: LedgerSale, marker: str) -> Document:
    """An invoice that has not been judged yet."""
    readable = not sale.problem
    return Document(
        DocumentKind.INVOICE,
        DocumentState.NEW,
        number=sale.number,
        contact=sale.contact,
        date=sale.date,
        total=sale.total if readable else None,
        currency=sale.currency,
        reference=marker,
        ledger_id=sale.id,
        ledger_total=sale.total if readable else None,
    )


def held(document: Document, reason: Reason, message: str, hint: str) -> Document:
    """An invoice that a person has to look at."""
    if not document.order_id:
        name = document.number or document.ledger_id
        command = f'invoicesync dismiss "{name}" --by ledger --reason TEXT'
        hint = f"{hint} To take it off the list: {command}"
    return document.held(reason, message, hint)


def unreadable(document: Document, sale: LedgerSale, ledger: str) -> Document:
    """An invoice that the ledger gave in a form that cannot be read."""
    return replace(
        document,
        state=DocumentState.FAILED,
        reason=Reason.REJECTED,
        message=f"{ledger}'s invoice cannot be read: {sale.problem}.",
        hint="The next run reads it again. If it stays so, open the invoice in "
        f"{ledger} and save it again.",
    )


def left_over(document: Document) -> Document:
    """An invoice that the limit of this run has left for the next one."""
    return replace(document, state=DocumentState.NEW)


def refused(document: Document, sent: WriteResult) -> Document:
    """An invoice whose order, or whose contact, Keap refused, in its words."""
    return replace(
        document,
        state=DocumentState.FAILED,
        reason=Reason.REJECTED,
        message=f"Keap refused it: {sent.words or 'it gave no reason.'}",
        hint="Correct what Keap complains about; invoicesync reverse-sync tries it again.",
    )


def same_sale(document: Document, order: KeapOrder) -> Document:
    """An invoice that is probably an order which Keap has already, entered there by somebody."""
    return held(
        document,
        Reason.NUMBER_TAKEN,
        f"Keap has order {order.order_id} with the same contact, date and total: probably the same "
        "sale.",
        "If it is, invoicesync adopt links the two. If it is another sale, enter it in Keap by "
        "hand.",
    )


def twice(document: Document, older: KeapOrder) -> Document:
    """An invoice whose order is in Keap once more, made by another machine before."""
    return document.held(
        Reason.AMBIGUOUS,
        f"Keap has two orders of this invoice: another machine has made order {older.order_id} at "
        "the same time.",
        f"Delete order {document.order_id} in Keap; the next run then takes order "
        f"{older.order_id} for it. Let one machine run only.",
    )


def made(document: Document, order: KeapOrder) -> Document:
    """An invoice whose order is in Keap: created, or held where the totals differ."""
    total = order.invoice.total if order.invoice else None
    found = replace(
        document,
        state=DocumentState.CREATED,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        total=total,
        reason=Reason.NONE,
        message="",
        hint="",
    )
    if total == document.ledger_total:
        return found
    return held(
        found,
        Reason.TOTALS_DIFFER,
        f"Keap made it {total}; the invoice comes to {document.ledger_total} {document.currency}.",
        "Correct the order in Keap; once the totals agree the hold ends.",
    )
