"""Money: receiving payments, refunds to cards and by check."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbd import rows
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.credits import TOO_MUCH, apply_credit, check_same_customer
from invoicesync_sandbox.qbd.documents import address
from invoicesync_sandbox.qbd.errors import (
    bad_amount,
    bad_reference,
    missing,
    unsaved,
)
from invoicesync_sandbox.qbd.forms import (
    ZERO,
    CardRefund,
    Check,
    CreditMemo,
    ExpenseLine,
    Invoice,
    Payment,
    Txn,
)
from invoicesync_sandbox.qbd.grammar import Sent

_REFUND_FROM = {"Bank", "OtherCurrentAsset", "OtherAsset", "CreditCard"}


def add_payment(books: Books, sent: Sent) -> Payment | None:
    """A new payment, applied as it says; None where nothing but credits were put onto invoices,
    which makes no transaction. Raises `Refused`."""
    applied = sent.all("AppliedToTxnAdd")
    values = _head(books, Payment, sent)
    total = sent.number("TotalAmount")
    given = sum((one.number("PaymentAmount") or ZERO for one in applied), ZERO)
    if not total and not given and any(one.all("SetCredit") for one in applied):
        _apply(books, None, applied, values["customer_id"])
        return None
    if total is None:
        total = given
    if total < 0:
        raise bad_amount("TotalAmount", total, "The amount must not be negative.")
    if given > total:
        words = "The amount applied is more than the amount of the payment."
        raise bad_amount("AppliedToTxnAdd payment amount", given, words)
    payment = books.add(
        Payment,
        **values,
        amount=total,
        account_id=books.refer_id(rows.Account, sent, "ARAccountRef", Payment.word)
        or books.receivables,
        method_id=books.refer_id(rows.PaymentMethod, sent, "PaymentMethodRef", Payment.word),
        deposit_to_id=books.refer_id(rows.Account, sent, "DepositToAccountRef", Payment.word)
        or books.undeposited,
    )
    if sent.get("IsAutoApply"):
        _apply_by_itself(books, payment)
    _apply(books, payment, applied, payment.customer_id)
    return payment


def change_payment(books: Books, sent: Sent) -> Payment:
    """A payment changed in what is sent; what it is applied to is replaced if that is sent.

    Raises `Refused`.
    """
    before = books.live(Payment, sent.text("TxnID"))
    books.check_lock(before.id, Payment.word)
    books.check_sequence(before, sent.text("EditSequence"))
    books.check_open(before.txn_date, Payment.word)
    if before.deposited and "TotalAmount" in sent:
        raise unsaved(Payment.word, "This payment has already been deposited.")
    changes: dict[str, Any] = {}
    texts = {"ref": "RefNumber", "memo": "Memo"}
    changes |= {name: sent.text(field) for name, field in texts.items() if field in sent}
    if sent.day("TxnDate"):
        changes["txn_date"] = sent.day("TxnDate")
        books.check_open(changes["txn_date"], Payment.word)
    if sent.number("TotalAmount") is not None:
        changes["amount"] = sent.number("TotalAmount")
    references: dict[str, tuple[str, type[rows.Named]]] = {
        "customer_id": ("CustomerRef", rows.Customer),
        "method_id": ("PaymentMethodRef", rows.PaymentMethod),
        "deposit_to_id": ("DepositToAccountRef", rows.Account),
    }
    for name, (field, kind) in references.items():
        if field in sent:
            changes[name] = books.refer_id(kind, sent, field, Payment.word)
    payment = books.change(replace(before, **changes))
    applied = sent.all("AppliedToTxnMod")
    if applied:
        books.unlink(payment.id)
        _apply(books, payment, applied, payment.customer_id)
    if books.balance(payment) < 0:
        words = "The amount applied is more than the amount of the payment."
        raise bad_amount("TotalAmount", payment.amount, words)
    return payment


def add_card_refund(books: Books, sent: Sent) -> CardRefund:
    """Money paid back to a card, against credit memos or unused payments. Raises `Refused`."""
    word = CardRefund.word
    values = _head(books, CardRefund, sent)
    account = books.refer(rows.Account, sent, "RefundFromAccountRef", word)
    if account is not None and account.type not in _REFUND_FROM:
        raise unsaved(word, "The account must be a bank or other asset account.")
    method = books.refer(rows.PaymentMethod, sent, "PaymentMethodRef", word)
    if method is None or not method.is_card:
        raise unsaved(word, "The payment method must be of a credit card type.")
    parts = sent.all("RefundAppliedToTxnAdd")
    total = sum((one.number("RefundAmount") or ZERO for one in parts), ZERO)
    refund = books.add(
        CardRefund,
        **values,
        amount=total,
        account_id=account.id if account else books.undeposited,
        receivables_id=books.refer_id(rows.Account, sent, "ARAccountRef", word)
        or books.receivables,
        method_id=method.id,
    )
    for one in parts:
        field = "RefundAppliedToTxnAdd refund amount"
        _pay_back(books, refund, one.text("TxnID"), one.number("RefundAmount"), field)
    return refund


def add_check(books: Books, sent: Sent) -> Check:
    """A check, which may pay back credit memos. Raises `Refused`."""
    word = Check.word
    day = sent.day("TxnDate") or books.today()
    books.check_open(day, word)
    books.check_guid(sent.text("ExternalGUID"), word)
    bank = books.refer(rows.Account, sent, "AccountRef", word)
    if bank is None or bank.type != "Bank":
        raise unsaved(word, "The account of a check must be a bank account.")
    lines = tuple(_expense(books, one) for one in sent.all("ExpenseLineAdd"))
    check = books.add(
        Check,
        customer_id=_payee(books, sent),
        txn_date=day,
        ref=sent.text("RefNumber"),
        memo=sent.text("Memo"),
        guid=sent.text("ExternalGUID"),
        account_id=bank.id,
        amount=sum((line.amount for line in lines), ZERO),
        lines=lines,
        kept=_kept(sent),
    )
    for one in sent.all("ApplyCheckToTxnAdd"):
        amount = one.number("Amount")
        amount = check.amount if amount is None else amount
        _pay_back(books, check, one.text("TxnID"), amount, "ApplyCheckToTxnAdd amount")
    if books.used(check.id) > check.amount:
        raise bad_amount(
            "ApplyCheckToTxnAdd amount",
            books.used(check.id),
            "The amount applied is more than the amount of the check.",
        )
    return check


def _payee(books: Books, sent: Sent) -> str:
    reference = sent.sub("PayeeEntityRef")
    if reference is None:
        return ""
    for kind in (rows.Customer, rows.Supplier, rows.Employee, rows.OtherName):
        row = books.find(kind, reference)
        if row is not None:
            return row.id
    wanted = reference.text("FullName") or reference.text("ListID")
    raise bad_reference("Entity", wanted, Check.word)


def _expense(books: Books, sent: Sent) -> ExpenseLine:
    account = books.refer(rows.Account, sent, "AccountRef", Check.word)
    if account is None:
        raise missing("AccountRef")
    customer = books.refer_id(rows.Customer, sent, "CustomerRef", Check.word)
    if account.type == "AccountsReceivable" and not customer:
        words = "You must enter a customer for an accounts receivable account."
        raise unsaved(Check.word, words)
    return ExpenseLine(
        id=books.line_id(),
        account_id=account.id,
        amount=sent.number("Amount") or ZERO,
        memo=sent.text("Memo"),
        customer_id=customer,
        class_id=books.refer_id(rows.TrackingClass, sent, "ClassRef", Check.word),
    )


def _head(books: Books, kind: type[Txn], sent: Sent) -> dict[str, Any]:
    word = kind.word
    customer_id = books.refer_id(rows.Customer, sent, "CustomerRef", word)
    day = sent.day("TxnDate") or books.today()
    books.check_open(day, word)
    books.check_lock(customer_id, word, related=True)
    books.check_guid(sent.text("ExternalGUID"), word)
    return {
        "customer_id": customer_id,
        "txn_date": day,
        "ref": sent.text("RefNumber"),
        "memo": sent.text("Memo"),
        "guid": sent.text("ExternalGUID"),
        "kept": _kept(sent),
    }


def _kept(sent: Sent) -> dict[str, Any]:
    found = sent.sub("Address") if "Address" in sent else None
    kept: dict[str, Any] = {"Address": address(found)} if found is not None else {}
    if "IsToBePrinted" in sent:
        kept["IsToBePrinted"] = sent.get("IsToBePrinted")
    return kept


def _apply(books: Books, payment: Payment | None, parts: list[Sent], customer_id: str) -> None:
    """Put money and credits onto invoices. Raises `Refused`, whereupon nothing is saved."""
    for one in parts:
        invoice = books.live(Invoice, one.text("TxnID"))
        books.check_lock(invoice.id, Payment.word, related=True)
        check_same_customer(books, customer_id, invoice, Payment.word)
        if payment is not None and payment.account_id != invoice.account_id:
            raise unsaved(Payment.word, "The accounts receivable accounts differ.")
        for credit in one.all("SetCredit"):
            apply_credit(books, credit, invoice)
        amount = one.number("PaymentAmount")
        if not amount:
            continue
        if payment is None:
            raise missing("TotalAmount")
        if amount < 0 or amount > books.balance(invoice):
            raise bad_amount("AppliedToTxnAdd payment amount", amount, TOO_MUCH)
        books.link(payment, invoice, amount)


def _apply_by_itself(books: Books, payment: Payment) -> None:
    """Onto the invoice of exactly that amount, else onto the oldest first."""
    customer = payment.customer_id
    due = [row for row in books.tables[Invoice].each("customer", customer) if books.balance(row)]
    due.sort(key=lambda row: (row.txn_date, row.number))
    exact = [row for row in due if books.balance(row) == payment.amount]
    left = payment.amount
    for invoice in exact[:1] or due:
        amount = min(left, books.balance(invoice))
        if amount:
            books.link(payment, invoice, amount)
        left -= amount


def _pay_back(
    books: Books, source: CardRefund | Check, txn_id: str, amount: Decimal | None, field: str
) -> None:
    memo = books.live(CreditMemo, txn_id)
    books.check_lock(memo.id, source.word, related=True)
    check_same_customer(books, source.customer_id, memo, source.word)
    amount = amount or ZERO
    if amount <= 0 or amount > books.balance(memo):
        words = "You cannot refund more than the credit that is left."
        raise bad_amount(field, amount, words)
    books.link(source, memo, amount)
