"""Documents with a marker of ours in Xero, found by its search for texts and not one by one."""

from collections.abc import Iterable
from typing import Any

from invoicesync_cli.load.ledger import Marked
from invoicesync_cli.load.xero import money, replies
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.model import marked_order

SEARCH = "Keap order"
"""What every marker begins with. `searchTerm` looks into numbers and references (xero.md 3.9)."""


def marked(client: XeroClient) -> Marked:
    """Sales invoices by Xero's own search, a thousand a call: one call where there are none.

    Credit notes cannot be searched, so that all of them are read, where there is an invoice that
    they could belong to.
    """
    invoices = [
        replies.found(element)
        for element in _pages(client, "Invoices", {"searchTerm": SEARCH})
        if element.get("Type") == "ACCREC"
    ]
    invoices = [found for found in invoices if marked_order(found.reference)]
    if not invoices:
        return Marked((), ())
    where = 'Type=="ACCRECCREDIT"'
    elements = _pages(client, "CreditNotes", {"where": where})
    notes = [money.found_note(element) for element in elements]
    return Marked(invoices, [found for found in notes if marked_order(found.reference)])


def _pages(client: XeroClient, name: str, params: dict[str, str]) -> Iterable[Any]:
    """The elements of a list, each once: a page may be read again."""
    ident = f"{name.removesuffix('s')}ID"
    every = {element.get(ident): element for page in client.pages(name, params) for element in page}
    return every.values()
