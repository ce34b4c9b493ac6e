"""Documents with a marker of ours in QuickBooks, whose queries cannot ask for private notes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice
from invoicesync_cli.load.qbo import payments as money
from invoicesync_cli.load.qbo.client import QboClient, Query
from invoicesync_cli.load.qbo.schemas import FORMS, InvoiceRow, SalesReceiptRow, all_read, as_read
from invoicesync_cli.model import LedgerId, marked_order


def marked(
    client: QboClient, since: date | None, known: Callable[[LedgerId], bool]
) -> Iterator[LedgerInvoice | LedgerCreditNote]:
    """Every form is read once and its private note looked into, a thousand a call.

    A form that is dated before `since` cannot be ours unless somebody has moved it there; the
    number still finds it then. Somebody else's form need not make sense, nor one that is `known`;
    any other of ours has to.
    """
    where = f"TxnDate >= '{since.isoformat()}'" if since else ""
    for statement, rows in client.pages([Query(entity, where) for entity in FORMS]):
        ours = [row for row in rows if marked_order(str(row.get("PrivateNote") or ""))]
        schema = FORMS[statement.entity]
        read = [row for row in ours if as_read(schema, row) or not known(_id_in(row))]
        for form in all_read(schema, read):
            if isinstance(form, InvoiceRow | SalesReceiptRow):
                yield money.found(form)
            else:
                yield money.found_note(form)


def _id_in(row: Mapping[str, Any]) -> LedgerId:
    return LedgerId(str(row.get("Id") or ""))
