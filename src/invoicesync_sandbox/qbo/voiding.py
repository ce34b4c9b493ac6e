"""How a transaction is voided or deleted, an invoice as well: its amounts become nothing, and what
was applied to it stays with the customer."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.errors import business
from invoicesync_sandbox.qbo.forms import Line, Link, Payment, SalesForm
from invoicesync_sandbox.qbo.payments import book_payment, check_not_deposited, net
from invoicesync_sandbox.qbo.rows import ZERO


def end(books: Books, row: Any, status: Literal["voided", "deleted"]) -> Any:
    """Void or delete a transaction: all its amounts become nothing. Raises `Refused`."""
    books.check_open(row.txn_date)
    check_not_deposited(row)
    changes: dict[str, Any] = {"status": status, "total": ZERO}
    if status == "voided":
        note = row.private_note
        changes["private_note"] = f"Voided - {note}" if note else "Voided"
    if isinstance(row, Payment):
        emptied = books.touched(row, **changes, lines=(), unapplied=ZERO)
        return book_payment(books, emptied, row)
    if row.links and status == "deleted" and not books.switches.linked_deletable:
        raise business("The transaction is linked to others. Delete or unlink them first.")
    _detach(books, row)
    row = books.transaction(row.id)
    emptied = books.touched(
        row,
        **changes,
        balance=ZERO,
        lines=tuple(_emptied(line) for line in row.lines),
        tax=ZERO,
        tax_lines=tuple(replace(tax, amount=ZERO, net=ZERO, delta=None) for tax in row.tax_lines),
        tax_overridden=False,
    )
    return books.table_of(row).put(emptied)


def _emptied(line: Line) -> Line:
    qty = None if line.qty is None else ZERO
    gross = None if line.gross is None else ZERO
    return replace(line, amount=ZERO, qty=qty, gross=gross)


def _detach(books: Books, form: SalesForm) -> None:
    """Take every payment off a form; their money stays with the customer, unapplied."""
    for payment_id in form.links:
        payment = books.payments[payment_id]
        kept = [link for link in payment.lines if link.txn_id != form.id]
        links = _fitting(kept, payment.total)
        row = books.touched(payment, lines=links, unapplied=payment.total - net(links))
        book_payment(books, row, payment)


def _fitting(links: list[Link], total: Decimal) -> tuple[Link, ...]:
    """What is left of the links without one of them: no credit without something that it pays, and
    no more paid than there is money and credit.
    """
    invoices = [link for link in links if link.txn_type == "Invoice"]
    credits_used = [link for link in links if link.txn_type == "CreditMemo"]
    credits_used = _at_most(credits_used, net(tuple(invoices)))
    credit = -net(tuple(credits_used))
    return (*_at_most(invoices, total + credit), *credits_used)


def _at_most(links: list[Link], most: Decimal) -> list[Link]:
    """The first of the links, as far as `most` goes."""
    found = []
    for link in links:
        amount = min(link.amount, most)
        if amount > 0:
            found.append(replace(link, amount=amount))
            most -= amount
    return found
