"""Carrying out one request: whatever it is refused for, nothing of it stays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.qbd import documents, lists, payments, voiding
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.forms import ZERO
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Row
from invoicesync_sandbox.qbd.views import View

_ADD: dict[str, Callable[[Books, Sent], Row | None]] = {
    "CustomerAdd": lists.add_customer,
    "CustomerMod": lists.change_customer,
    "ItemSalesTaxAdd": lists.add_tax_item,
    "PaymentMethodAdd": lists.add_payment_method,
    "InvoiceAdd": documents.add_invoice,
    "InvoiceMod": documents.change_invoice,
    "SalesReceiptAdd": documents.add_sales_receipt,
    "CreditMemoAdd": documents.add_credit_memo,
    "ReceivePaymentAdd": payments.add_payment,
    "ReceivePaymentMod": payments.change_payment,
    "ARRefundCreditCardAdd": payments.add_card_refund,
    "CheckAdd": payments.add_check,
}


@dataclass(frozen=True)
class Written:
    """What a request did: the elements that it is answered with, and how it is recovered."""

    children: list[tuple[str, Mapping[str, Any]]]
    row: Row | None = None
    recovery: Mapping[str, Any] | None = None


def perform(books: Books, name: str, sent: Sent) -> Written:
    """Carry out a request that writes. Raises `Refused`, with nothing changed."""
    with books.journal.attempt():
        view = View(books)
        what = name.removesuffix("Rq")
        if what in {"TxnVoid", "TxnDel"}:
            return _ended(books, view, what, sent)
        inner = sent.sub(what) or Sent({})
        if what in _ADD:
            row = _ADD[what](books, inner)
        else:
            row = lists.add_item(books, what.removesuffix("Add"), inner)
        if row is None:
            return Written([("ReceivePaymentRet", _credits_only(view, inner))])
        row = books.tables[type(row)][row.id]
        values = _only(view.row(row), sent.all("IncludeRetElement"))
        return Written([(view.name(row), values)], row, view.recovery(row))


def _ended(books: Books, view: View, what: str, sent: Sent) -> Written:
    word = sent.text(f"{what}Type")
    end = voiding.void if what == "TxnVoid" else voiding.delete
    row = end(books, word, sent.text("TxnID"))
    values: dict[str, Any] = {f"{what}Type": word, "TxnID": row.id, "RefNumber": row.ref}
    recovery: dict[str, Any] = {"TxnID": row.id, "TxnNumber": row.number}
    if what == "TxnDel":
        values["TimeDeleted"] = view.time(books.now())
        return Written([("TxnDelRs", values)], None, recovery)
    values |= {"TimeCreated": view.time(row.created), "TimeModified": view.time(row.modified)}
    return Written([("TxnVoidRs", values)], None, recovery)


def _credits_only(view: View, sent: Sent) -> Mapping[str, Any]:
    """The thin answer when credits were put onto invoices: no transaction came of it."""
    books = view.books
    applied = []
    for one in sent.all("AppliedToTxnAdd"):
        used = [each.number("AppliedAmount") or ZERO for each in one.all("SetCredit")]
        applied.append(view.applied(books.txn(one.text("TxnID")), sum(used, ZERO)))
    invoice = books.txn(sent.all("AppliedToTxnAdd")[0].text("TxnID"))
    customer = view.row(invoice)["CustomerRef"]
    return {
        "CustomerRef": customer,
        "TxnDate": sent.day("TxnDate") or books.today(),
        "TotalAmount": ZERO,
        "AppliedToTxnRet": applied,
    }


def _only(values: Mapping[str, Any], wanted: list[Any]) -> Mapping[str, Any]:
    """The elements that `IncludeRetElement` names, or all of them."""
    return {name: one for name, one in values.items() if not wanted or name in wanted}
