"""QuickBooks' transactions of a period as whole lists, a thousand a call."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from invoicesync_cli.load.found import Listed, ListedKind
from invoicesync_cli.load.qbo import payments
from invoicesync_cli.load.qbo.client import QboClient, Query
from invoicesync_cli.load.qbo.schemas import (
    CreditMemoRow,
    Form,
    InvoiceRow,
    PaymentRow,
    RefundReceiptRow,
    SalesReceiptRow,
    Transaction,
    all_read,
    as_read,
    name_of,
)
from invoicesync_cli.model import LedgerId, marked_order, money

ENTITIES: Mapping[ListedKind, tuple[type[Transaction], ...]] = {
    "sale": (InvoiceRow, SalesReceiptRow),
    "note": (CreditMemoRow, RefundReceiptRow),
    "payment": (PaymentRow,),
}
"""What is listed of each kind."""


def listed(
    client: QboClient, first: date | None, last: date | None, *, with_money: bool
) -> Iterator[Listed]:
    """Sales forms and payments by their dates; without payments of nothing, which put a credit memo
    onto an invoice. Somebody else's form need not make sense; one of ours, and every payment, has
    to."""
    conditions = [f"TxnDate >= '{first.isoformat()}'"] if first else []
    conditions += [f"TxnDate <= '{last.isoformat()}'"] if last else []
    kinds = [kind for kind in ENTITIES if with_money or kind == "sale"]
    schemas = {name_of(schema): schema for kind in kinds for schema in ENTITIES[kind]}
    where = " and ".join(conditions)
    for statement, rows in client.pages([Query(entity, where) for entity in schemas]):
        schema = schemas[statement.entity]
        if schema is not PaymentRow:
            rows = [row for row in rows if as_read(schema, row) or _ours(row)]
        for row in all_read(schema, rows):
            found = entry(row)
            if found.kind != "payment" or found.total or not found.alive:
                yield found


def _ours(row: Mapping[str, Any]) -> bool:
    return marked_order(str(row.get("PrivateNote") or "")) is not None


def entry(row: Transaction) -> Listed:
    """A transaction as it stands in QuickBooks."""
    form = row if isinstance(row, Form) else None
    payment = row if isinstance(row, PaymentRow) else None
    on = payments.applied(payment) if payment else {}
    target = next(iter(on), LedgerId(""))
    sale = isinstance(row, InvoiceRow | SalesReceiptRow)
    return Listed(
        kind="payment" if payment else "sale" if sale else "note",
        id=LedgerId(row.id),
        total=money(row.total_amt),
        alive=not payments.voided(row),
        date=row.txn_date,
        number=form.doc_number if form else "",
        order=marked_order(row.private_note),
        reference=form.payment_ref_num if form else payment.payment_ref_num if payment else "",
        currency=form.currency_ref.value if form else "",
        tax=money(form.txn_tax_detail.total_tax if form else 0),
        open=money(form.open_amt if form else 0),
        contact_id=LedgerId(row.customer_ref.value),
        contact=row.customer_ref.name,
        target=target,
        applied=on.get(target, money(0)),
        account_id=row.deposit_to_account_ref.value,
        account=row.deposit_to_account_ref.name,
        receipt=isinstance(row, SalesReceiptRow | RefundReceiptRow),
        on=on,
    )
