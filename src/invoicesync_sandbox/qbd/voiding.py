"""How a transaction is voided or deleted, an invoice as well."""

from dataclasses import replace
from typing import Any

from invoicesync_sandbox.qbd.books import KINDS, Books
from invoicesync_sandbox.qbd.errors import bad_id, undeletable, unsaved
from invoicesync_sandbox.qbd.forms import ZERO, Check, SalesForm, Txn


def void(books: Books, word: str, txn_id: str) -> Txn:
    """Void a transaction: its amounts become zero, what stood against it is free again.

    Raises `Refused`.
    """
    row = _ended(books, word, txn_id)
    if row.voided:
        return row
    if row.deposited:
        raise unsaved(word, "This transaction has already been deposited.")
    books.unlink(row.id)
    memo = f"VOID: {row.memo}" if books.switches.void_memo == "kept" else "VOID:"
    changes: dict[str, Any] = {"voided": True, "memo": memo.strip()}
    if isinstance(row, SalesForm):
        lines = tuple(
            replace(line, quantity=line.quantity and ZERO, amount=line.amount and ZERO)
            for line in row.lines
        )
        changes |= {"lines": lines, "subtotal": ZERO, "tax": ZERO}
    elif isinstance(row, Check):
        lines_of_check = tuple(replace(line, amount=ZERO) for line in row.lines)
        changes |= {"lines": lines_of_check, "amount": ZERO}
    else:
        changes["amount"] = ZERO
    voided: Txn = books.change(books.txn(row.id), **changes)
    return voided


def delete(books: Books, word: str, txn_id: str) -> Txn:
    """Delete a transaction. Raises `Refused`."""
    row = _ended(books, word, txn_id)
    if row.deposited:
        raise undeletable(txn_id, "This transaction has already been deposited.")
    books.remove(row)
    return row


def _ended(books: Books, word: str, txn_id: str) -> Txn:
    """The transaction that is to go, if it may."""
    kind = KINDS.get(word)
    if kind is None or not issubclass(kind, Txn):
        raise bad_id("TxnID", txn_id)
    row = books.live(kind, txn_id)
    books.check_lock(row.id, word)
    for link in (*books.links.each("source", row.id), *books.links.each("target", row.id)):
        other = link.target_id if link.source_id == row.id else link.source_id
        books.check_lock(other, word, related=True)
    books.check_open(row.txn_date, word)
    return row
