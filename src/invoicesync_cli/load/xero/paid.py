"""The payments of invoices in Xero, however many there are, in few calls."""

from collections.abc import Iterable, Iterator
from datetime import date

from invoicesync_cli.http.schemas import BadRow
from invoicesync_cli.load.found import LedgerPayment
from invoicesync_cli.load.xero import replies
from invoicesync_cli.load.xero.client import NAMES, XeroClient
from invoicesync_cli.load.xero.finding import between, payments_of
from invoicesync_cli.load.xero.schemas import InvoiceRow, PaymentRow


def payments_on(client: XeroClient, invoices: Iterable[InvoiceRow]) -> Iterator[LedgerPayment]:
    """The payments that invoices list themselves.

    Where they list them without references, the payments are asked for: a few invoices' by those,
    those of many by all the payments of their days, a thousand a call.
    """
    unsaid: dict[str, InvoiceRow] = {}
    for row in invoices:
        listed = replies.payments_in(row)
        if listed is None:
            unsaid[row.id] = row
        else:
            yield from listed
    days = _days(unsaid.values()) if len(unsaid) > NAMES else []
    if days:
        conditions = [f'PaymentType=="ACCRECPAYMENT" AND {between(min(days), max(days))}']
    else:
        conditions = [payments_of(ident) for ident in unsaid]
    rows = (row for row in client.where(PaymentRow, conditions) if row.target in unsaid)
    # A list may be read again from the start.
    yield from {row.id: replies.found_payment(row) for row in rows}.values()


def _days(invoices: Iterable[InvoiceRow]) -> list[date]:
    """The days of the payments on invoices; none where one of them is not known."""
    items = [item for row in invoices for item in row.payments]
    days = [None if isinstance(item, BadRow) else item.day for item in items]
    known = [day for day in days if day]
    return known if len(known) == len(days) else []
