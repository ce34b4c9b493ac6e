"""Documents with a marker of ours in Xero, found by its search for texts and not one by one."""

from collections.abc import Iterator

from invoicesync_cli.load.ledger import Found, FoundNote
from invoicesync_cli.load.xero import money, replies
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.model import marked_order

SEARCH = "Keap order"
"""What every marker begins with. `searchTerm` looks into numbers and references (OpenAPI)."""


def marked(client: XeroClient) -> Iterator[Found | FoundNote]:
    """Sales invoices by Xero's own search, a thousand a call: one call where there are none.

    Credit notes cannot be searched, so that all of them are read, where there is an invoice that
    they could belong to.
    """
    some = False
    for page in client.pages("Invoices", {"searchTerm": SEARCH}):
        for element in page:
            invoice = replies.found(element)
            if element.get("Type") == "ACCREC" and marked_order(invoice.reference):
                some = True
                yield invoice
    if not some:
        return
    for page in client.pages("CreditNotes", {"where": 'Type=="ACCRECCREDIT"'}):
        for element in page:
            note = money.found_note(element)
            if marked_order(note.reference):
                yield note
