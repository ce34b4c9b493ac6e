"""Documents with a marker of ours in Xero, found by its search for texts and not one by one."""

from collections.abc import Iterator

from invoicesync_cli.load.ledger import Found, FoundNote
from invoicesync_cli.load.xero import replies
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.schemas import InvoiceRow, NoteRow
from invoicesync_cli.model import marked_order

SEARCH = "Keap order"
"""What every marker begins with. `searchTerm` looks into numbers and references (OpenAPI)."""


def marked(client: XeroClient) -> Iterator[Found | FoundNote]:
    """Sales invoices by Xero's own search, a thousand a call: one call where there are none.

    Credit notes cannot be searched, so that all of them are read, where there is an invoice that
    they could belong to.
    """
    some = False
    for row in client.all(InvoiceRow, {"searchTerm": SEARCH}):
        if row.type == "ACCREC" and marked_order(row.reference):
            some = True
            yield replies.found(row)
    if not some:
        return
    for note in client.all(NoteRow, {"where": 'Type=="ACCRECCREDIT"'}):
        if marked_order(note.reference):
            yield replies.found_note(note)
