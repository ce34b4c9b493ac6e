"""Payments, and what they are for: money and credit, balances, and what is left over."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo import documents
from invoicesync_sandbox.qbo.books import Books, cents
from invoicesync_sandbox.qbo.errors import (
    Refused,
    business,
    removed,
    unknown_reference,
    unsupported,
)
from invoicesync_sandbox.qbo.fields import TABLES, Posted
from invoicesync_sandbox.qbo.forms import (
    LINKED,
    CreditMemo,
    Invoice,
    Link,
    Payment,
    SalesForm,
    Txn,
)
from invoicesync_sandbox.qbo.rows import ZERO, Customer

_LINE = FieldTable(
    "Line", read="Amount LinkedTxn", output="Id LineNum LineEx Description DetailType"
)
_OTHER_CUSTOMER = "The transaction that is paid belongs to another customer."
_WRONG_CURRENCY = "The currency of the transaction is invalid for customer/vendor/account."


def save(books: Books, posted: Posted, before: Payment | None) -> Payment:
    """A payment as it will be, not yet in the books. Raises `Refused`."""
    posted.need("CustomerRef", "TotalAmt")
    values = TABLES[Payment].values(posted, before)
    customer = documents.customer_of(books, posted)
    total = cents(posted.number("TotalAmt") or ZERO)
    if total < 0:
        raise Refused("2290", "The amount of a payment is not negative.", element="TotalAmt")
    values |= documents.header(books, posted, customer, before)
    links = _links(books, posted, customer, values["currency"], before)
    unapplied = total - net(links)
    if unapplied < 0:
        raise business(books.switches.over_applied_text)
    if not total and (unapplied or not any(link.txn_type == "CreditMemo" for link in links)):
        raise business("You must specify a transaction amount that is more than 0.")
    values["account_id"] = documents.money_account(books, values["account_id"])
    if books.preferences.auto_apply_payments:
        paid = {link.txn_id for link in links}
        more = _shared_out(books, unapplied, customer.id, values["currency"], paid)
        links += more
        unapplied -= net(more)
    return books.row(Payment, before, **values, total=total, lines=links, unapplied=unapplied)


def _links(
    books: Books, posted: Posted, customer: Customer, currency: str, before: Payment | None
) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for line in posted.objects("Line", _LINE):
        line.need("Amount", "LinkedTxn")
        amount = cents(line.number("Amount") or ZERO)
        if amount < 0:
            raise Refused("2290", "The amount of a line is not negative.", element="Amount")
        targets = line.objects("LinkedTxn", LINKED)
        if len(targets) != 1:
            raise Refused("620", "Transaction cannot be linked : one transaction for each line.")
        form = _target(books, targets[0])
        if not _pays_for(books, customer, form.customer_id):
            if books.switches.other_customer_payment == "refuse":
                raise business(_OTHER_CUSTOMER)
            continue
        if form.currency != currency:
            raise business(_WRONG_CURRENCY)
        so_far = found[form.id].amount if form.id in found else ZERO
        link = Link(txn_id=form.id, txn_type=type(form).__name__, amount=so_far + amount)
        # What an earlier version of the payment had applied may be applied again.
        own = before.lines if before else ()
        most = form.balance + sum(each.amount for each in own if each.txn_id == form.id)
        if link.amount > most:
            kept = isinstance(form, Invoice) and form.status == "live"
            if books.switches.over_applied == "refuse" or not kept:
                raise business(books.switches.over_applied_text)
            link = replace(link, amount=most)
        if link.amount:
            found[form.id] = link
    return tuple(found.values())


def _target(books: Books, target: Posted) -> Invoice | CreditMemo:
    """The invoice or credit memo that a line is for. Raises `Refused`."""
    kind, txn_id = target.text("TxnType"), target.text("TxnId")
    tables: dict[str, Any] = {"Invoice": books.invoices, "CreditMemo": books.credit_memos}
    if kind not in tables:
        raise Refused("620", f"Transaction cannot be linked : {kind or 'no type given'}.")
    form: Invoice | CreditMemo | None = tables[kind].get(txn_id)
    if form is None:
        raise unknown_reference("Txn", txn_id)
    if form.status == "deleted":
        raise removed()
    return form


def _pays_for(books: Books, payer: Customer, customer_id: str) -> bool:
    """Whether the payer is the customer, or one of those above it."""
    while customer_id:
        if customer_id == payer.id:
            return True
        customer_id = books.customers[customer_id].parent_id
    return False


def _shared_out(
    books: Books, left: Decimal, customer_id: str, currency: str, paid: set[str]
) -> tuple[Link, ...]:
    """The links that set an amount against a customer's open invoices, oldest first."""
    links: list[Link] = []
    rows = books.invoices.find("customer", customer_id) if left > 0 else []
    for invoice in sorted(rows, key=lambda row: row.txn_date):
        amount = min(left, invoice.balance)
        if amount > 0 and invoice.currency == currency and invoice.id not in paid:
            links.append(Link(txn_id=invoice.id, txn_type="Invoice", amount=amount))
            left -= amount
    return tuple(links)


def _use_credit(books: Books, customer_id: str) -> None:
    """Set a customer's credit memos against open invoices, by payments of nothing."""
    for memo in books.credit_memos.find("customer", customer_id):
        links = _shared_out(books, memo.balance, customer_id, memo.currency, set())
        if links:
            own = Link(txn_id=memo.id, txn_type="CreditMemo", amount=net(links))
            payment = books.row(
                Payment,
                customer_id=customer_id,
                txn_date=memo.txn_date,
                currency=memo.currency,
                rate=memo.rate,
                account_id=books.undeposited,
                lines=(*links, own),
            )
            book_payment(books, payment, None)


def book_form(books: Books, row: SalesForm, before: SalesForm | None) -> SalesForm:
    """Put a sales form into the books. Raises `Refused` if its payments do not fit any more."""
    table = books.table_of(row)
    if isinstance(row, Invoice | CreditMemo):
        if before is not None and before.links and before.customer_id != row.customer_id:
            raise business("The customer cannot be changed while payments are linked.")
        row = replace(row, balance=_balance(books, row))
        if row.balance < 0:
            raise business("The total is less than what has been applied to it.")
    table.put(row)
    if before is None and books.preferences.auto_apply_credit:
        _use_credit(books, row.customer_id)
    saved: SalesForm = table[row.id]
    return saved


def book_payment(books: Books, row: Payment, before: Payment | None) -> Payment:
    """Put a payment into the books; everything that it touches gets a new token."""
    books.payments.put(row)
    touched = [*(before.lines if before else ()), *row.lines]
    for txn_id in dict.fromkeys(link.txn_id for link in touched):
        form = books.transaction(txn_id)
        others = tuple(link for link in form.links if link != row.id)
        own = any(link.txn_id == txn_id for link in row.lines)
        linked = replace(form, links=(*others, row.id) if own else others)
        if form.status == "live":
            balance = _balance(books, linked)
            books.table_of(form).put(books.touched(linked, balance=balance))
    return row


def _balance(books: Books, form: SalesForm) -> Decimal:
    """The total less what payments have applied to it."""
    links = (link for payment_id in form.links for link in books.payments[payment_id].lines)
    return form.total - sum((link.amount for link in links if link.txn_id == form.id), ZERO)


def check_changeable(row: Txn) -> None:
    """Raise `Refused` for a transaction that no update may touch."""
    if row.status == "voided":
        raise unsupported("update of a voided transaction")
    check_not_deposited(row)


def check_not_deposited(row: Txn) -> None:
    """Raise `Refused` for a transaction whose money is in a deposit."""
    if row.deposit_id:
        raise Refused(
            "6540",
            "Deposited Transaction cannot be changed : If the transaction was deposited, delete"
            " the associated deposit and try again.",
        )


def net(links: tuple[Link, ...]) -> Decimal:
    """What the money itself has to cover: invoices, less credit memos."""
    signs = {"Invoice": 1, "CreditMemo": -1}
    return sum((signs[link.txn_type] * link.amount for link in links), ZERO)
