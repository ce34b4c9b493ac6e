"""Payments: money from a customer, for invoices or for later, and credit memos used up."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo import documents
from invoicesync_sandbox.qbo.applying import book_payment, net_applied
from invoicesync_sandbox.qbo.books import Books, cents
from invoicesync_sandbox.qbo.faults import Refused, business, not_found, unknown_reference
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import LINKED, CreditMemo, Invoice, Link, Payment
from invoicesync_sandbox.qbo.rows import TABLES, ZERO, Customer

_LINE = FieldTable(
    "Line", read="Amount LinkedTxn", output="Id LineNum LineEx Description DetailType"
)
_OTHER_CUSTOMER = "The transaction that is paid belongs to another customer."


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
    unapplied = total - net_applied(links)
    if unapplied < 0:
        raise business(books.switches.over_applied_text)
    if not total and (unapplied or not any(link.txn_type == "CreditMemo" for link in links)):
        raise business("You must specify a transaction amount that is more than 0.")
    values["account_id"] = documents.money_account(books, values["account_id"])
    return books.row(Payment, before, **values, total=total, lines=links, unapplied=unapplied)


def auto_applied(books: Books, payment: Payment) -> Payment:
    """The payment with what was left over set against the customer's oldest invoices."""
    paid = {link.txn_id for link in payment.lines}
    links, left = list(payment.lines), payment.unapplied
    for invoice in open_invoices(books, payment.customer_id, payment.currency):
        amount = min(left, invoice.balance)
        if amount <= 0 or invoice.id in paid:
            continue
        links.append(Link(txn_id=invoice.id, txn_type="Invoice", amount=amount))
        left -= amount
    return replace(payment, lines=tuple(links), unapplied=left)


def use_credit(books: Books, customer_id: str) -> None:
    """Set the customer's credit memos against the oldest open invoices."""
    for memo in books.credit_memos.find("customer", customer_id):
        credit = _credit_payment(books, memo) if memo.status == "live" else None
        if credit:
            book_payment(books, credit, None)


def _credit_payment(books: Books, memo: CreditMemo) -> Payment | None:
    """The payment of nothing that uses a credit memo up; None where there is nothing to pay."""
    left, links = memo.balance, list[Link]()
    for invoice in open_invoices(books, memo.customer_id, memo.currency):
        amount = min(left, invoice.balance)
        if amount > 0:
            links.append(Link(txn_id=invoice.id, txn_type="Invoice", amount=amount))
            left -= amount
    used = memo.balance - left
    if not used:
        return None
    links.append(Link(txn_id=memo.id, txn_type="CreditMemo", amount=used))
    return books.row(
        Payment,
        customer_id=memo.customer_id,
        txn_date=memo.txn_date,
        currency=memo.currency,
        rate=memo.rate,
        account_id=books.undeposited,
        lines=tuple(links),
    )


def open_invoices(books: Books, customer_id: str, currency: str) -> list[Invoice]:
    """The customer's invoices with something to pay, oldest first."""
    rows = books.invoices.find("customer", customer_id)
    found = [row for row in rows if row.status == "live" and row.currency == currency]
    return sorted((row for row in found if row.balance > 0), key=lambda row: row.txn_date)


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
            raise business(
                "The currency of the transaction is invalid for customer/vendor/account."
            )
        so_far = found[form.id].amount if form.id in found else ZERO
        link = Link(txn_id=form.id, txn_type=type(form).__name__, amount=so_far + amount)
        most = _open_balance(form, before)
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
    form = tables[kind].get(txn_id)
    if form is None:
        raise unknown_reference("Txn", txn_id)
    if form.status == "deleted":
        raise not_found()
    found: Invoice | CreditMemo = form
    return found


def _pays_for(books: Books, payer: Customer, customer_id: str) -> bool:
    """Whether the payer is the customer, or one of those above it."""
    while customer_id:
        if customer_id == payer.id:
            return True
        customer_id = books.customers[customer_id].parent_id
    return False


def _open_balance(form: Invoice | CreditMemo, before: Payment | None) -> Decimal:
    """What may be applied, with what an earlier version of the payment had applied already."""
    own = before.lines if before else ()
    return form.balance + sum((link.amount for link in own if link.txn_id == form.id), ZERO)
