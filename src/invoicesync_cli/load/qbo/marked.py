"""Documents with a marker of ours in QuickBooks, whose queries cannot ask for private notes."""

from datetime import date

from invoicesync_cli.load.ledger import Marked
from invoicesync_cli.load.qbo import money
from invoicesync_cli.load.qbo.client import QboClient, Statement
from invoicesync_cli.model import marked_order

FORMS = ("Invoice", "SalesReceipt")
NOTES = ("CreditMemo", "RefundReceipt")


def marked(client: QboClient, since: date | None) -> Marked:
    """Every form is read once and its private note looked into, a thousand a call.

    A form that is dated before `since` cannot be ours unless somebody has moved it there; the
    number still finds it then.
    """
    where = f"TxnDate >= '{since.isoformat()}'" if since else ""
    statements = [Statement(entity, where) for entity in (*FORMS, *NOTES)]
    invoices, receipts, *notes = client.select(statements)
    found = [
        *(money.found(row, receipt=False) for row in invoices),
        *(money.found(row, receipt=True) for row in receipts),
    ]
    found_notes = [money.found_note(row) for rows in notes for row in rows]
    return Marked(
        [form for form in found if marked_order(form.reference)],
        [note for note in found_notes if marked_order(note.reference)],
    )
