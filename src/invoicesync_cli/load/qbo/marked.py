"""Documents with a marker of ours in QuickBooks, whose queries cannot ask for private notes."""

from datetime import date

from invoicesync_cli.load.ledger import Marked
from invoicesync_cli.load.qbo import money
from invoicesync_cli.load.qbo.client import QboClient, Statement
from invoicesync_cli.load.qbo.schemas import (
    FORMS,
    CreditMemo,
    Invoice,
    RefundReceipt,
    SalesReceipt,
    all_read,
)
from invoicesync_cli.model import marked_order


def marked(client: QboClient, since: date | None) -> Marked:
    """Every form is read once and its private note looked into, a thousand a call.

    A form that is dated before `since` cannot be ours unless somebody has moved it there; the
    number still finds it then.
    """
    where = f"TxnDate >= '{since.isoformat()}'" if since else ""
    found = client.select([Statement(name, where) for name in FORMS])
    read = [
        form
        for (_, kind), rows in zip(FORMS.items(), found, strict=True)
        for form in all_read(kind, rows)
    ]
    forms = [form for form in read if marked_order(money.reference(form))]
    return Marked(
        [money.found(form) for form in forms if isinstance(form, Invoice | SalesReceipt)],
        [money.found_note(form) for form in forms if isinstance(form, CreditMemo | RefundReceipt)],
    )
