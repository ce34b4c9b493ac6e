"""Documents with a marker of ours in QuickBooks, whose queries cannot ask for private notes."""

from collections.abc import Iterator
from datetime import date

from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice
from invoicesync_cli.load.qbo import payments as money
from invoicesync_cli.load.qbo.client import QboClient, Query
from invoicesync_cli.load.qbo.schemas import FORMS, InvoiceRow, SalesReceiptRow, all_read
from invoicesync_cli.model import marked_order


def marked(client: QboClient, since: date | None) -> Iterator[LedgerInvoice | LedgerCreditNote]:
    """Every form is read once and its private note looked into, a thousand a call.

    A form that is dated before `since` cannot be ours unless somebody has moved it there; the
    number still finds it then. Somebody else's form need not make sense, one of ours has to.
    """
    where = f"TxnDate >= '{since.isoformat()}'" if since else ""
    for statement, rows in client.pages([Query(entity, where) for entity in FORMS]):
        ours = [row for row in rows if marked_order(str(row.get("PrivateNote") or ""))]
        for form in all_read(FORMS[statement.entity], ours):
            if isinstance(form, InvoiceRow | SalesReceiptRow):
                yield money.found(form)
            else:
                yield money.found_note(form)
