"""What is paid of what: balances of invoices and credit memos, and credit that is left over."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.faults import Refused, business, unsupported
from invoicesync_sandbox.qbo.forms import (
    CreditMemo,
    Invoice,
    Line,
    Link,
    Payment,
    SalesForm,
    TaxLine,
)
from invoicesync_sandbox.qbo.rows import ZERO


def book_form(books: Books, row: Any, before: Any) -> Any:
    """Put a sales form into the books. Raises `Refused` if its payments do not fit any more."""
    if not isinstance(row, Invoice | CreditMemo):
        return books.table_of(row).put(row)
    if before is not None and before.links and before.customer_id != row.customer_id:
        raise business("The customer cannot be changed while payments are linked.")
    balance = row.total - _applied(books, row)
    if balance < 0:
        raise business("The total is less than what has been applied to it.")
    return books.table_of(row).put(replace(row, balance=balance))


def book_payment(books: Books, row: Payment, before: Payment | None) -> Payment:
    """Put a payment into the books; everything that it touches gets a new token."""
    books.payments.put(row)
    touched = [*(before.lines if before else ()), *row.lines]
    for txn_id in dict.fromkeys(link.txn_id for link in touched):
        _settle(books, txn_id, row)
    return row


def detach(books: Books, form: SalesForm) -> None:
    """Take every payment off a form; their money stays with the customer, unapplied."""
    for payment_id in form.links:
        payment = books.payments[payment_id]
        kept = [link for link in payment.lines if link.txn_id != form.id]
        links = _fitting(kept, payment.total)
        unapplied = payment.total - net_applied(links)
        row = books.touched(payment, lines=links, unapplied=unapplied)
        book_payment(books, row, payment)


def _fitting(links: list[Link], total: Decimal) -> tuple[Link, ...]:
    """What is left of the links when one is gone: no credit without something that it pays, and
    no more paid than there is money and credit.
    """
    invoices = [link for link in links if link.txn_type == "Invoice"]
    credits_used = [link for link in links if link.txn_type == "CreditMemo"]
    owed = net_applied(tuple(invoices))
    credits_used = _at_most(credits_used, owed)
    credit = -net_applied(tuple(credits_used))
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


def net_applied(links: tuple[Link, ...]) -> Decimal:
    """What the money itself has to cover: invoices, less credit memos."""
    signs = {"Invoice": 1, "CreditMemo": -1}
    return sum((signs[link.txn_type] * link.amount for link in links), ZERO)


def void_form(books: Books, row: Any) -> Any:
    """All amounts become nothing, and the note says why. Raises `Refused`."""
    books.check_open(row.txn_date)
    _check_not_deposited(row)
    if isinstance(row, Invoice):
        detach(books, row)
        row = books.invoices[row.id]
    lines = tuple(_emptied(line) for line in row.lines)
    taxes = tuple(
        TaxLine(rate_id=tax.rate_id, amount=ZERO, net=ZERO, percent=tax.percent)
        for tax in row.tax_lines
    )
    voided = books.touched(
        row,
        lines=lines,
        tax=ZERO,
        tax_lines=taxes,
        tax_overridden=False,
        total=ZERO,
        balance=ZERO,
        status="voided",
        private_note=_voided(row.private_note),
    )
    return books.table_of(row).put(voided)


def delete_form(books: Books, row: Any) -> Any:
    """Delete a sales form. Raises `Refused`."""
    books.check_open(row.txn_date)
    _check_not_deposited(row)
    if row.links:
        if not books.switches.linked_deletable:
            raise business("The transaction is linked to others. Delete or unlink them first.")
        detach(books, row)
        row = books.table_of(row)[row.id]
    return books.table_of(row).put(books.touched(row, status="deleted", balance=ZERO))


def void_payment(books: Books, row: Payment) -> Payment:
    """The payment stays, of nothing and for nothing. Raises `Refused`."""
    return _without_money(books, row, "voided", _voided(row.private_note))


def delete_payment(books: Books, row: Payment) -> Payment:
    """Delete a payment; what it has paid is open again. Raises `Refused`."""
    return _without_money(books, row, "deleted", row.private_note)


def check_changeable(row: Any) -> None:
    """Raise `Refused` for a transaction that no update may touch."""
    if row.status == "voided":
        raise unsupported("update of a voided transaction")
    _check_not_deposited(row)


def _without_money(books: Books, row: Payment, status: str, note: str) -> Payment:
    books.check_open(row.txn_date)
    _check_not_deposited(row)
    emptied = books.touched(
        row, lines=(), total=ZERO, unapplied=ZERO, status=status, private_note=note
    )
    return book_payment(books, emptied, row)


def _check_not_deposited(row: Any) -> None:
    if row.deposited:
        raise Refused(
            "6540",
            "Deposited Transaction cannot be changed : If the transaction was deposited, delete"
            " the associated deposit and try again.",
        )


def _settle(books: Books, txn_id: str, payment: Payment) -> None:
    form = books.transaction(txn_id)
    others = tuple(link for link in form.links if link != payment.id)
    own = any(link.txn_id == txn_id for link in payment.lines)
    linked = replace(form, links=(*others, payment.id) if own else others)
    balance = linked.total - _applied(books, linked)
    if form.status == "live":
        books.table_of(form).put(books.touched(linked, balance=balance))


def _applied(books: Books, form: SalesForm) -> Decimal:
    return sum(
        (
            link.amount
            for payment_id in form.links
            for link in books.payments[payment_id].lines
            if link.txn_id == form.id
        ),
        ZERO,
    )


def _emptied(line: Line) -> Line:
    qty = None if line.qty is None else ZERO
    gross = None if line.gross is None else ZERO
    return replace(line, amount=ZERO, qty=qty, gross=gross)


def _voided(note: str) -> str:
    return f"Voided - {note}" if note else "Voided"
