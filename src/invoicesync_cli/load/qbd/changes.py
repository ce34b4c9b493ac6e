"""What has changed in QuickBooks Desktop since a time: by the time of the last change, and by its
own list of what was deleted, which goes back 90 days."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.client import DETAILS, DesktopClient, Query
from invoicesync_cli.load.qbd.finding import is_void
from invoicesync_cli.load.qbd.schemas import (
    CreditMemoRow,
    DeletedRow,
    InvoiceRow,
    PaymentRow,
    SalesReceiptRow,
    sifted,
)
from invoicesync_cli.model import LedgerId

OVERLAP = dt.timedelta(minutes=15)
"""How much further back changes are asked for: the PC with QuickBooks has a clock of its own."""
FURTHEST = dt.timedelta(days=60)
MOST = 1000
"""Changes of a kind that are read; where there are more, what is known is looked up by id."""
KINDS: Mapping[str, type[Any]] = {
    "InvoiceQuery": InvoiceRow,
    "SalesReceiptQuery": SalesReceiptRow,
    "CreditMemoQuery": CreditMemoRow,
    "ReceivePaymentQuery": PaymentRow,
}
PAID_OUT = ("ARRefundCreditCard", "Check")
OURS = ("Invoice", "SalesReceipt", "CreditMemo", "ReceivePayment")


def changes(client: DesktopClient, since: dt.datetime, tax_items: Collection[str]) -> LedgerChanges:
    """The transactions that have changed, in one message.

    Not complete when the time is too long ago or too much has changed, or of a row not even the id
    can be read; nor where a pay-out was voided or deleted, which may be one of ours: which credit
    memo it paid out does not show.
    """
    until = client.timing.now()
    begin = since - OVERLAP
    if until - begin > FURTHEST:
        return LedgerChanges({}, {}, {}, {}, until, complete=False)
    queries = _queries(begin)
    found = dict(zip([query.name for query in queries], client.all(queries), strict=True))
    deleted, bad = sifted(DeletedRow, found["TxnDeletedQuery"])
    unreadable = set(bad)
    invoices: dict[LedgerId, LedgerInvoice | None] = {}
    notes: dict[LedgerId, LedgerCreditNote | None] = {}
    payments: dict[LedgerId, LedgerPayment | None] = {}
    paid_by: dict[LedgerId, frozenset[LedgerId]] = {}
    for name, schema in KINDS.items():
        rows, bad = sifted(schema, found[name])
        unreadable |= set(bad)
        for row in rows:
            ident = LedgerId(row.txn_id)
            if isinstance(row, CreditMemoRow):
                notes[ident] = there.credit_memo(row)
            elif isinstance(row, PaymentRow):
                payments[ident] = there.payment(row)
            elif isinstance(row, InvoiceRow | SalesReceiptRow):
                invoices[ident] = there.sale(row, tax_items)
            if isinstance(row, InvoiceRow):
                links = (LedgerId(link.txn_id) for link in row.linked_txn)
                paid_by[ident] = frozenset(links)
    for deletion in deleted:
        ident = LedgerId(deletion.txn_id)
        if deletion.txn_del_type in {"Invoice", "SalesReceipt"}:
            invoices[ident] = None
        elif deletion.txn_del_type == "CreditMemo":
            notes[ident] = None
        elif deletion.txn_del_type == "ReceivePayment":
            payments[ident] = None
    crowded = any(len(rows) >= MOST for rows in found.values())
    pay_out_ended = any(row.txn_del_type in PAID_OUT for row in deleted) or any(
        is_void(row) for kind in PAID_OUT for row in found[f"{kind}Query"]
    )
    complete = not (crowded or pay_out_ended or "" in unreadable)
    return LedgerChanges(
        invoices,
        notes,
        payments,
        paid_by,
        until,
        complete,
        unreadable=frozenset(map(LedgerId, unreadable - {""})),
    )


def _queries(begin: dt.datetime) -> list[Query]:
    changed = {"ModifiedDateRangeFilter": {"FromModifiedDate": begin}, "MaxReturned": MOST}
    short = {"IncludeRetElement": ["TxnID", "Memo"]}
    kinds = [*OURS, *PAID_OUT]
    return [
        *(Query(name, {**changed, **DETAILS[name]}) for name in KINDS),
        *(Query(f"{kind}Query", {**changed, **short}) for kind in PAID_OUT),
        Query(
            "TxnDeletedQuery",
            {"TxnDelType": kinds, "DeletedDateRangeFilter": {"FromDeletedDate": begin}},
        ),
    ]
