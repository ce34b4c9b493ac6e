"""How transactions are answered, with the lines that the server adds."""

from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.lines import SHIPPING
from invoicesync_sandbox.qbo.rows import (
    CreditMemo,
    Invoice,
    Line,
    Payment,
    RefundReceipt,
    SalesForm,
    SalesReceipt,
    TaxLine,
    Txn,
)
from invoicesync_sandbox.qbo.views import filled, money_in, reference, stamp


def form(books: Books, row: SalesForm) -> dict[str, Any]:
    """A sales form of any kind."""
    fields: dict[str, Any] = {
        **_common(books, row),
        "DocNumber": row.number,
        "Line": _lines(books, row),
        "TxnTaxDetail": _tax_detail(books, row),
        "TotalAmt": row.total,
        "GlobalTaxCalculation": row.calculation,
        "ApplyTaxAfterDiscount": row.discount_first,
        "Balance": row.balance,
    }
    if row.shipping_tax_included:
        fields["ShippingTaxIncludedInTotalTax"] = True
    if row.links:
        fields["LinkedTxn"] = [{"TxnId": link, "TxnType": "Payment"} for link in row.links]
    if books.preferences.multicurrency:
        fields["HomeTotalAmt"] = books.home(row.total, row.rate)
        fields["HomeBalance"] = books.home(row.balance, row.rate)
    if isinstance(row, Invoice):
        fields["DueDate"] = row.due_date.isoformat()
        fields["SalesTermRef"] = reference(books.terms, row.term_id)
    if isinstance(row, CreditMemo):
        fields["RemainingCredit"] = row.balance
    if isinstance(row, SalesReceipt | RefundReceipt):
        fields |= _money(books, row)
    return filled(fields) | stamp(row)


def payment(books: Books, row: Payment) -> dict[str, Any]:
    """A payment with one line for each transaction that it is for."""
    lines = [
        {
            "Amount": link.amount,
            "LinkedTxn": [{"TxnId": link.txn_id, "TxnType": link.txn_type}],
        }
        for link in row.lines
    ]
    fields = {
        **_common(books, row),
        **_money(books, row),
        "Line": lines,
        "TotalAmt": row.total,
        "UnappliedAmt": row.unapplied,
        "ProcessPayment": row.kept.get("ProcessPayment", False),
    }
    return filled(fields) | stamp(row)


def deleted(row: Txn) -> dict[str, Any]:
    """What is left of a deleted transaction."""
    return {"status": "Deleted", "domain": "QBO", "Id": row.id}


def _common(books: Books, row: Txn) -> dict[str, Any]:
    return {
        **row.kept,
        "TxnDate": row.txn_date.isoformat(),
        "CustomerRef": reference(books.customers, row.customer_id),
        "PrivateNote": row.private_note,
        **money_in(books, row.currency, row.rate),
    }


def _money(books: Books, row: Txn) -> dict[str, Any]:
    return {
        "PaymentRefNum": row.ref,
        "PaymentMethodRef": reference(books.payment_methods, row.method_id),
        "DepositToAccountRef": reference(books.accounts, row.account_id),
    }


def _lines(books: Books, row: SalesForm) -> list[dict[str, Any]]:
    """Goods and words, their sum, then discount and shipping."""
    goods = [line for line in row.lines if line.id]
    others = [line for line in row.lines if not line.id]
    sub_total = {
        "Amount": row.sub_total,
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    numbered = [
        {"Id": line.id, "LineNum": place, **_line(books, row, line)}
        for place, line in enumerate(goods, 1)
    ]
    return [*numbered, sub_total, *(_line(books, row, line) for line in others)]


def _line(books: Books, row: SalesForm, line: Line) -> dict[str, Any]:
    words = {"Description": line.description} if line.description else {}
    if line.kind == "text":
        return words | {"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    if line.kind == "discount":
        detail = {
            "PercentBased": line.percent is not None,
            "DiscountPercent": line.percent,
            "DiscountAccountRef": reference(books.accounts, line.account_id),
            "TaxCodeRef": reference(books.tax_codes, line.tax_code),
        }
        kind = "DiscountLineDetail"
    else:
        detail = _sale(books, row, line)
        kind = "SalesItemLineDetail"
    return words | {"Amount": line.amount, "DetailType": kind, kind: filled(detail)}


def _sale(books: Books, row: SalesForm, line: Line) -> dict[str, Any]:
    if line.kind == "shipping":
        item: dict[str, str] | None = {"value": SHIPPING, "name": "Shipping"}
        account = books.preferences.shipping_account
    else:
        item = reference(books.items, line.item_id)
        account = books.items[line.item_id].income_account
    code = {"value": line.tax_code} if line.tax_code else None
    gross = line.gross if row.calculation == "TaxInclusive" else None
    return {
        "ItemRef": item,
        "Qty": line.qty,
        "UnitPrice": line.unit_price,
        "ItemAccountRef": reference(books.accounts, account),
        "TaxCodeRef": code if books.world.american else reference(books.tax_codes, line.tax_code),
        "ClassRef": reference(books.classes, line.class_id),
        "ServiceDate": line.service_date.isoformat() if line.service_date else None,
        "TaxInclusiveAmt": gross,
    }


def _tax_detail(books: Books, row: SalesForm) -> dict[str, Any] | None:
    if not books.preferences.using_sales_tax:
        return None
    detail: dict[str, Any] = {"TotalTax": row.tax}
    if row.tax_code:
        detail["TxnTaxCodeRef"] = {"value": row.tax_code}
    if row.tax_overridden and books.world.tax == "automated":
        detail["TaxReviewStatus"] = "AST_TAX_OVERRIDE"
    if row.tax_lines:
        detail["TaxLine"] = [_tax_line(tax) for tax in row.tax_lines]
    return detail


def _tax_line(tax: TaxLine) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "TaxRateRef": {"value": tax.rate_id},
        "PercentBased": True,
        "TaxPercent": tax.percent,
        "NetAmountTaxable": tax.net,
    }
    if tax.delta:
        detail["OverrideDeltaAmount"] = Decimal(tax.delta)
    return {"Amount": tax.amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
