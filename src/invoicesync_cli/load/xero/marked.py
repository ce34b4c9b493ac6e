"""Documents with a marker of ours in Xero, found by its search for texts and not one by one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice
from invoicesync_cli.load.xero import replies
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.schemas import Element, InvoiceRow, NoteRow
from invoicesync_cli.model import LedgerId, marked_order

SEARCH = "Keap order"
"""What every marker begins with. `searchTerm` looks into numbers and references (OpenAPI)."""


def marked(
    client: XeroClient, known: Callable[[LedgerId], bool]
) -> Iterator[LedgerInvoice | LedgerCreditNote]:
    """Sales invoices by Xero's own search, a thousand a call: one call where there are none.

    Credit notes cannot be searched, so that all of them are read, where there is an invoice that
    they could belong to. A row that makes no sense is left out where it is `known`.
    """

    def of(schema: type[Element]) -> Callable[[Any], bool]:
        return lambda row: ours(row) and not known(LedgerId(schema.id_in(row)))

    some = False
    for row in _searched(client, of(InvoiceRow)):
        if row.type == "ACCREC" and marked_order(row.reference):
            some = True
            yield replies.found(row)
    if not some:
        return
    for note in client.sifted(NoteRow, {"where": 'Type=="ACCRECCREDIT"'}, of(NoteRow)):
        if marked_order(note.reference):
            yield replies.found_note(note)


def _searched(client: XeroClient, matters: Callable[[Any], bool]) -> Iterator[InvoiceRow]:
    """Invoices with the text in them; every sales invoice where Xero would not search them all."""
    try:
        yield from client.sifted(InvoiceRow, {"searchTerm": SEARCH}, matters)
    except ServiceRefused:
        yield from client.sifted(InvoiceRow, {"where": 'Type=="ACCREC"'}, matters)


def ours(row: Any) -> bool:
    """Whether a row that cannot be read bears a marker all the same."""
    return isinstance(row, Mapping) and marked_order(str(row.get("Reference"))) is not None
