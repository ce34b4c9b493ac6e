"""Sales forms: adding an invoice, credit memo or sales receipt, and changing an invoice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from invoicesync_sandbox.qbd import forms, rows
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.credits import apply_credit
from invoicesync_sandbox.qbd.errors import bad_reference, not_enabled, unsaved
from invoicesync_sandbox.qbd.forms import CreditMemo, Invoice, SalesForm, SalesReceipt
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.lines import Lines, totalled

AnyForm = TypeVar("AnyForm", bound=SalesForm)
_KEPT = (
    "BillAddress",
    "ShipAddress",
    "IsPending",
    "IsFinanceCharge",
    "PONumber",
    "FOB",
    "ShipDate",
    "IsToBePrinted",
    "IsToBeEmailed",
    "Other",
    "CheckNumber",
)
"""What a form only gives back."""


def add_invoice(books: Books, sent: Sent) -> Invoice:
    """A new invoice. Raises `Refused`."""
    values = _head(books, Invoice, sent)
    terms = books.tables[rows.Terms].get(values["terms_id"])
    day = values["txn_date"] + timedelta(days=terms.days if terms else 0)
    values["due_date"] = sent.day("DueDate") or day
    values["account_id"] = _receivables(books, sent, Invoice.word)
    invoice = _saved(books, Invoice, values, sent.all("InvoiceLineAdd"))
    _set_credits(books, sent, invoice)
    return invoice


def add_credit_memo(books: Books, sent: Sent) -> CreditMemo:
    """A new credit memo. Raises `Refused`."""
    values = _head(books, CreditMemo, sent)
    values["due_date"] = sent.day("DueDate") or values["txn_date"]
    values["account_id"] = _receivables(books, sent, CreditMemo.word)
    return _saved(books, CreditMemo, values, sent.all("CreditMemoLineAdd"))


def add_sales_receipt(books: Books, sent: Sent) -> SalesReceipt:
    """A new sales receipt. Raises `Refused`."""
    values = _head(books, SalesReceipt, sent)
    values["due_date"] = sent.day("DueDate") or values["txn_date"]
    word = SalesReceipt.word
    values["method_id"] = books.refer_id(rows.PaymentMethod, sent, "PaymentMethodRef", word)
    found = books.refer_id(rows.Account, sent, "DepositToAccountRef", word)
    values["deposit_to_id"] = found or books.undeposited
    return _saved(books, SalesReceipt, values, sent.all("SalesReceiptLineAdd"))


def change_invoice(books: Books, sent: Sent) -> Invoice:
    """An invoice changed in what is sent; lines, if any are, replace those that it has.

    Raises `Refused`.
    """
    before = books.live(Invoice, sent.text("TxnID"))
    books.check_lock(before.id, Invoice.word)
    books.check_sequence(before, sent.text("EditSequence"))
    books.check_open(before.txn_date, Invoice.word)
    changes: dict[str, Any] = {}
    if "CustomerRef" in sent:
        changes["customer_id"] = _customer(books, Invoice, sent)
    simple = {"txn_date": "TxnDate", "due_date": "DueDate"}
    changes |= {name: sent.day(field) for name, field in simple.items() if sent.day(field)}
    texts = {"ref": "RefNumber", "memo": "Memo"}
    changes |= {name: sent.text(field) for name, field in texts.items() if field in sent}
    references: dict[str, tuple[str, type[rows.Named]]] = {
        "class_id": ("ClassRef", rows.TrackingClass),
        "terms_id": ("TermsRef", rows.Terms),
        "account_id": ("ARAccountRef", rows.Account),
        "tax_item_id": ("ItemSalesTaxRef", rows.Item),
        "customer_tax_code_id": ("CustomerSalesTaxCodeRef", rows.SalesTaxCode),
    }
    for name, (field, kind) in references.items():
        if field in sent:
            changes[name] = books.refer_id(kind, sent, field, Invoice.word)
    changes["kept"] = dict(before.kept) | _kept(sent)
    if sent.all("InvoiceLineMod"):
        lines = Lines(books, Invoice.word).read(sent.all("InvoiceLineMod"), before.lines)
        changes["lines"] = lines
    found = totalled(books, replace(before, **changes))
    books.check_open(found.txn_date, Invoice.word)
    if found.total < books.applied(before.id):
        raise unsaved(Invoice.word, "The amount is less than what has been applied to it.")
    found = books.change(found)
    _set_credits(books, sent, found)
    return found


def _head(books: Books, kind: type[SalesForm], sent: Sent) -> dict[str, Any]:
    """What all forms have above their lines."""
    word = kind.word
    customer_id = _customer(books, kind, sent)
    day = sent.day("TxnDate") or books.today()
    books.check_open(day, word)
    books.check_lock(customer_id, word, related=True)
    books.check_guid(sent.text("ExternalGUID"), word)
    taxed = {"ItemSalesTaxRef", "CustomerSalesTaxCodeRef"} & set(sent)
    if taxed and not books.preferences.sales_tax:
        raise not_enabled()
    customer = books.tables[rows.Customer].get(customer_id)
    return {
        "customer_id": customer_id,
        "txn_date": day,
        "ref": sent.text("RefNumber") if "RefNumber" in sent else books.next_ref(kind),
        "memo": sent.text("Memo"),
        "guid": sent.text("ExternalGUID"),
        "class_id": books.refer_id(rows.TrackingClass, sent, "ClassRef", word),
        "terms_id": books.refer_id(rows.Terms, sent, "TermsRef", word)
        or (customer.terms_id if customer else ""),
        "tax_item_id": _tax_item(books, sent, word, customer),
        "customer_tax_code_id": books.refer_id(
            rows.SalesTaxCode, sent, "CustomerSalesTaxCodeRef", word
        )
        or (customer.tax_code_id if customer else "")
        or books.preferences.taxable_code,
        "kept": _kept(sent),
    }


def _customer(books: Books, kind: type[SalesForm], sent: Sent) -> str:
    return books.refer_id(rows.Customer, sent, "CustomerRef", kind.word)


def _tax_item(books: Books, sent: Sent, word: str, customer: rows.Customer | None) -> str:
    """The form's own, or the customer's, or the company's."""
    if not books.preferences.sales_tax:
        return ""
    item = books.refer(rows.Item, sent, "ItemSalesTaxRef", word)
    if item is not None:
        if not item.is_tax:
            raise bad_reference("ItemSalesTax", item.name, word)
        return item.id
    return (customer.tax_item_id if customer else "") or books.preferences.default_tax_item


def _receivables(books: Books, sent: Sent, word: str) -> str:
    account = books.refer(rows.Account, sent, "ARAccountRef", word)
    if account is not None and account.type != "AccountsReceivable":
        raise unsaved(word, "The account must be an accounts receivable account.")
    return account.id if account else books.receivables


def _kept(sent: Sent) -> dict[str, Any]:
    found = {name: sent.get(name) for name in _KEPT if name in sent}
    return {name: address(one) if isinstance(one, Sent) else one for name, one in found.items()}


def address(sent: Sent) -> dict[str, str]:
    """An address as it is kept."""
    return {name: sent.text(name) for name in sent}


def _saved(books: Books, kind: type[AnyForm], values: dict[str, Any], sent: list[Sent]) -> AnyForm:
    lines = Lines(books, kind.word).read(sent)
    form = books.add(kind, **values, lines=lines)
    return books.change(totalled(books, form))


def _set_credits(books: Books, sent: Sent, invoice: forms.Invoice) -> None:
    for one in sent.all("SetCredit"):
        apply_credit(books, one, invoice)
