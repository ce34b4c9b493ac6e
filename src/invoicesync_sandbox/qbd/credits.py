"""Putting a customer's credits against an invoice."""

from decimal import Decimal

from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.errors import bad_amount, not_found, unsaved
from invoicesync_sandbox.qbd.forms import CreditMemo, Invoice, Payment, Txn
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Customer

TOO_MUCH = "You cannot pay more than the amount due."


def apply_credit(books: Books, sent: Sent, invoice: Invoice) -> Decimal:
    """Put what a `SetCredit` names against the invoice, and say how much that is.

    Raises `Refused` (3120, 3210).
    """
    row = books.txn(sent.text("CreditTxnID"))
    if not isinstance(row, CreditMemo | Payment):
        raise not_found(sent.text("CreditTxnID"))
    check_same_customer(books, row.customer_id, invoice, "SetCredit")
    amount = sent.number("AppliedAmount") or Decimal(0)
    if amount > books.balance(row):
        words = "You cannot apply more than the credit that is left."
        raise bad_amount("SetCredit applied amount", amount, words)
    if amount > books.balance(invoice):
        raise bad_amount("SetCredit applied amount", amount, TOO_MUCH)
    books.check_lock(row.id, row.word, related=True)
    books.link(row, invoice, amount)
    books.touch(row)
    return amount


def check_same_customer(books: Books, customer_id: str, other: Txn, where: str) -> None:
    """Raise `Refused` (3180) unless `other` is the customer's, or that of a job below it."""
    above = other.customer_id
    while above and above != customer_id:
        above = books.tables[Customer][above].parent_id
    if above != customer_id:
        raise unsaved(where, "The transaction belongs to another customer.")
