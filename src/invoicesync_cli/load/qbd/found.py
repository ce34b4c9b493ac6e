"""What is in QuickBooks Desktop, in the tool's own terms."""

import re
from collections.abc import Collection
from decimal import Decimal

from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.qbd.schemas import (
    CardRefundRow,
    CheckRow,
    CreditMemoRow,
    InvoiceRow,
    PaymentRow,
    PersonRow,
    SalesReceiptRow,
    SalesRow,
    TransactionRow,
)
from invoicesync_cli.model import MARKER, ZERO, LedgerContact, LedgerId, money

VOID = "VOID:"
"""What QuickBooks puts in front of the memo of a voided transaction."""
OWN_NUMBER = re.compile(r"\bkeap-\w+")
PAYMENT = "ReceivePayment"
INVOICE = "Invoice"
CREDIT = "CreditMemo"
CURRENCY = "USD"
"""Only files of the United States are kept. One with several currencies names its own by its name
alone, which is that country's."""


def invoice(row: InvoiceRow, tax_items: Collection[str], currency: str) -> LedgerInvoice:
    """An invoice, with the money and the credits that are on it; `tax_items` are the ids of the
    sales tax items, whose lines are tax."""
    total = total_of(row)
    return LedgerInvoice(
        id=LedgerId(row.txn_id),
        number=row.ref_number,
        reference=reference(row),
        total=total,
        tax=tax_of(row, tax_items),
        alive=not voided(row, total),
        contact_id=LedgerId(row.customer_ref.list_id),
        approved=True,
        due=money(row.balance_remaining),
        currency=currency,
        date=row.txn_date,
        payments=tuple(
            LedgerPayment(
                LedgerId(link.txn_id),
                LedgerId(row.txn_id),
                link.ref_number,
                -money(link.amount),
                alive=True,
                credit=link.txn_type == CREDIT,
            )
            for link in row.linked_txn
            if link.txn_type in {PAYMENT, CREDIT}
        ),
    )


def receipt(row: SalesReceiptRow, tax_items: Collection[str], currency: str) -> LedgerInvoice:
    """A sales receipt, which is paid."""
    total = money(row.total_amount)
    return LedgerInvoice(
        id=LedgerId(row.txn_id),
        number=row.ref_number,
        reference=reference(row),
        total=total,
        tax=tax_of(row, tax_items),
        alive=not voided(row, total),
        contact_id=LedgerId(row.customer_ref.list_id),
        approved=True,
        due=ZERO,
        currency=currency,
        receipt=True,
        date=row.txn_date,
    )


def sale(
    row: InvoiceRow | SalesReceiptRow, tax_items: Collection[str], currency: str = CURRENCY
) -> LedgerInvoice:
    """An invoice or a sales receipt."""
    if isinstance(row, InvoiceRow):
        return invoice(row, tax_items, currency)
    return receipt(row, tax_items, currency)


def paid_out(row: CardRefundRow | CheckRow, target: LedgerId | None = None) -> LedgerPayment:
    """The pay-out of a credit memo, by card or by check. Its reference stands last in its memo."""
    if isinstance(row, CardRefundRow):
        total = money(row.total_amount)
        parts = [(one.txn_id, one.refund_amount) for one in row.refund_applied_to_txn_ret]
    else:
        total = money(row.amount)
        parts = [(one.txn_id, one.amount) for one in row.linked_txn if one.txn_type == CREDIT]
    on = {LedgerId(ident): abs(money(amount)) for ident, amount in parts}
    first = target or next(iter(on), LedgerId(""))
    return LedgerPayment(
        id=LedgerId(row.txn_id),
        target=first,
        reference=row.memo.rpartition("; ")[2] or row.ref_number,
        amount=on.get(first, ZERO),
        alive=not voided(row, total),
        on=on,
        version=row.edit_sequence,
    )


def receipt_payment(row: SalesReceiptRow) -> LedgerPayment:
    """The payment that a sales receipt is."""
    ident, total = LedgerId(row.txn_id), money(row.total_amount)
    alive = not voided(row, total)
    return LedgerPayment(ident, ident, row.check_number, total, alive=alive)


def credit_memo(row: CreditMemoRow) -> LedgerCreditNote:
    """A credit memo."""
    total = money(row.total_amount)
    return LedgerCreditNote(
        id=LedgerId(row.txn_id),
        number=row.ref_number,
        reference=reference(row),
        total=total,
        left=money(row.credit_remaining),
        alive=not voided(row, total),
    )


def payment(row: PaymentRow, target: LedgerId | None = None) -> LedgerPayment:
    """A payment as it stands, of this invoice, else of the first that it is on."""
    on: dict[LedgerId, Decimal] = {}
    for one in row.applied_to_txn_ret:
        if one.txn_type == INVOICE:
            key = LedgerId(one.txn_id)
            on[key] = on.get(key, ZERO) + money(one.amount)
    first = target or next(iter(on), LedgerId(""))
    return LedgerPayment(
        id=LedgerId(row.txn_id),
        target=first,
        reference=row.ref_number,
        amount=on.get(first, ZERO),
        alive=not voided(row, money(row.total_amount)),
        on=on,
        unapplied=money(row.unused_payment),
        version=row.edit_sequence,
    )


def contact(row: PersonRow) -> LedgerContact:
    """A customer with what the matching compares. A job goes by its whole name."""
    notes = OWN_NUMBER.search(row.notes)
    return LedgerContact(
        id=LedgerId(row.list_id),
        name=row.full_name or row.name,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        cities=(row.bill_address.city,),
        number=notes.group() if notes else "",
        archived=not row.is_active,
        company=row.company_name,
    )


def other_name(row: PersonRow) -> LedgerContact:
    """A vendor, an employee or another name, which only is taken."""
    return LedgerContact(LedgerId(row.list_id), row.name, customer=False)


def total_of(row: InvoiceRow) -> Decimal:
    """An invoice's total: what is due and what is applied, which QuickBooks shows as negative."""
    return money(row.balance_remaining - row.applied_amount)


def tax_of(row: SalesRow, tax_items: Collection[str]) -> Decimal:
    """The tax of a form: what QuickBooks worked out, and the lines with a sales tax item.

    Whether such a line is in the subtotal or in the tax total is not documented; the lines' sum
    says which it is.
    """
    by_lines = sum((line.amount for line in row.lines if line.item_ref.list_id in tax_items), ZERO)
    in_subtotal = sum((line.amount for line in row.lines), ZERO) == row.subtotal
    return money(row.sales_tax_total + (by_lines if in_subtotal else ZERO))


def reference(row: TransactionRow) -> str:
    """The marker in the memo, whatever else stands there; without one the memo."""
    there = MARKER.search(row.memo)
    return there.group() if there else row.memo


def voided(row: TransactionRow, total: Decimal) -> bool:
    """QuickBooks has no status for it: a voided transaction comes to nothing and says so."""
    return not total and row.memo.startswith(VOID)
