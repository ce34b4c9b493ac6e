"""Transactions: a frozen row each, and what its fields are to an app."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from invoicesync_sandbox.fields import Choice, Day, Field, FieldTable, Flag, Number, Text, always
from invoicesync_sandbox.qbo.fields import Address, Code, Email, Inside, Ref, Row, table
from invoicesync_sandbox.qbo.rows import (
    ZERO,
    Account,
    Customer,
    Department,
    Item,
    PaymentMethod,
    TaxCode,
    Term,
    TrackingClass,
)
from invoicesync_sandbox.qbo.wire import extension

Status = Literal["live", "voided", "deleted"]
LineKind = Literal["sale", "shipping", "discount", "text"]
SHIPPING = "SHIPPING_ITEM_ID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a sales form. `amount` is net of tax, positive for a discount line."""

    kind: LineKind = "sale"
    id: str = ""
    amount: Decimal = ZERO
    description: str = ""
    item_id: str = ""
    qty: Decimal | None = None
    unit_price: Decimal | None = None
    tax_code: str = ""
    gross: Decimal | None = None
    """The amount with its tax, where it was said."""
    service_date: dt.date | None = None
    class_id: str = ""
    percent: Decimal | None = None
    """Of a discount line that is a percentage."""
    account_id: str = ""
    """The account of a discount line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """The tax of one rate on a whole document."""

    rate_id: str
    amount: Decimal
    net: Decimal
    percent: Decimal
    delta: Decimal | None = None
    """How far an amount that was forced is from the one worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What ties an amount of a payment to the invoice or credit memo that it is for."""

    txn_id: str
    txn_type: str
    amount: Decimal


class _ItemRef(Ref):
    """The item of a line, which may be the one that stands for shipping."""

    def show(self, books: Any, row: Any) -> Any:
        if row.kind == "shipping":
            return {"value": SHIPPING, "name": "Shipping"}
        return super().show(books, row)


class _TaxCodeRef(Ref):
    """The tax code of a line, in the United States one of two words."""

    def show(self, books: Any, row: Any) -> Any:
        if books.world.american:
            return row.tax_code and {"value": row.tax_code}
        return super().show(books, row)


def _item_account(books: Any, line: Line) -> str:
    if line.kind == "shipping":
        return str(books.preferences.shipping_account)
    return str(books.items[line.item_id].income_account)


SALE = FieldTable(
    "SalesItemLineDetail",
    _ItemRef("ItemRef", of=Item, attribute="item_id"),
    Number("Qty", attribute="qty"),
    Number("UnitPrice", attribute="unit_price"),
    Ref("ItemAccountRef", of=Account, get=_item_account),
    _TaxCodeRef("TaxCodeRef", of=TaxCode, attribute="tax_code"),
    Ref("ClassRef", of=TrackingClass, attribute="class_id"),
    Day("ServiceDate", attribute="service_date"),
    Number("TaxInclusiveAmt", attribute="gross"),
    row=Line,
    elsewhere="DiscountRate DiscountAmt MarkupInfo RatePercent PriceLevelRef UOMRef"
    " InventorySiteRef TaxClassificationRef DeferredRevenue RetainageAmount UnitCostPrice",
)
DISCOUNT = FieldTable(
    "DiscountLineDetail",
    Flag("PercentBased", get=lambda _, row: row.percent is not None),
    Number("DiscountPercent", attribute="percent"),
    Ref("DiscountAccountRef", of=Account, attribute="account_id"),
    _TaxCodeRef("TaxCodeRef", of=TaxCode, attribute="tax_code"),
    Ref("ClassRef", of=TrackingClass, attribute="class_id"),
    row=Line,
    output="ServiceDate",
    elsewhere="DiscountRef",
)
TAX_LINE = FieldTable(
    "TaxLine", read="Amount DetailType TaxLineDetail", output="Id LineNum Description"
)
TAX_LINE_DETAIL = FieldTable(
    "TaxLineDetail",
    Code("TaxRateRef", attribute="rate_id"),
    Field("PercentBased", get=always(True)),
    Number("TaxPercent", attribute="percent"),
    Number("NetAmountTaxable", attribute="net"),
    Number("OverrideDeltaAmount", get=lambda _, row: row.delta or None),
    output="TaxInclusiveAmount ServiceDate",
)


def _tax_lines(books: Any, row: "SalesForm") -> list[dict[str, Any]] | None:
    kind = TAX_LINE_DETAIL.name
    return [
        {"Amount": tax.amount, "DetailType": kind, kind: TAX_LINE_DETAIL.view(books, tax)}
        for tax in row.tax_lines
    ] or None


def _review(books: Any, row: "SalesForm") -> str:
    forced = row.tax_overridden and books.world.tax == "automated"
    return "AST_TAX_OVERRIDE" if forced else ""


TAX_DETAIL = FieldTable(
    "TxnTaxDetail",
    Number("TotalTax", attribute="tax"),
    Code("TxnTaxCodeRef", attribute="tax_code"),
    Field("TaxReviewStatus", get=_review),
    Field("TaxLine", get=_tax_lines),
    read="UseAutomatedSalesTax",
    output="DefaultTaxCodeRef",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Txn(Row):
    """A transaction. All share one sequence of ids."""

    number: str = ""
    txn_date: Annotated[dt.date, Day("TxnDate", asked=True)]
    customer_id: Annotated[
        str, Ref("CustomerRef", of=Customer, asked=True, index="customer", sent=False)
    ] = ""
    currency: str
    rate: Decimal = Decimal(1)
    """Home units for one unit of the currency."""
    total: Annotated[Decimal, Number("TotalAmt", asked=True, sent=False)] = ZERO
    private_note: Annotated[str, Text("PrivateNote", 4000)] = ""
    status: Status = "live"
    deposit_id: str = ""
    """The bank deposit that its money is part of."""
    account_id: str = ""
    """Where the money goes to, or comes from."""
    method_id: str = ""
    ref: str = ""

    @property
    def stub(self) -> dict[str, Any]:
        """What is answered of one that is deleted."""
        return {"status": "Deleted", "domain": "QBO", "Id": self.id}


PaymentRef = Annotated[str, Text("PaymentRefNum", 21, asked=True, index="ref")]
Method = Annotated[str, Ref("PaymentMethodRef", of=PaymentMethod, checked=True)]
MoneyAccount = Annotated[str, Ref("DepositToAccountRef", of=Account, checked=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesForm(Txn):
    """What invoices, sales receipts, credit memos and refund receipts have in common."""

    number: Annotated[str, Text("DocNumber", asked=True, index="number")] = ""
    lines: tuple[Line, ...] = ()
    tax: Decimal = ZERO
    tax_lines: tuple[TaxLine, ...] = ()
    tax_code: str = ""
    """The tax code of the whole form, in the United States."""
    tax_overridden: bool = False
    calculation: Annotated[str, Text("GlobalTaxCalculation", sent=False)] = ""
    """TaxExcluded, TaxInclusive or NotApplicable; blank in the United States."""
    discount_first: Annotated[bool, Flag("ApplyTaxAfterDiscount")] = False
    """Whether the discount is taken off before the tax is worked out."""
    shipping_tax_included: Annotated[bool, Flag("ShippingTaxIncludedInTotalTax", shown=())] = False
    balance: Annotated[Decimal, Number("Balance", asked=True, sent=False)] = ZERO
    """What is still open: to be paid of an invoice, to be used of a credit memo."""
    links: tuple[str, ...] = ()
    """The payments that touch it."""

    @property
    def sub_total(self) -> Decimal:
        """The sum of the item lines."""
        return sum((line.amount for line in self.lines if line.kind == "sale"), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(SalesForm):
    """A sales invoice."""

    due_date: Annotated[dt.date, Day("DueDate", asked=True)]
    term_id: Annotated[str, Ref("SalesTermRef", of=Term, checked=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReceipt(SalesForm):
    """A sale that is paid on the spot."""

    account_id: MoneyAccount = ""
    method_id: Method = ""
    ref: PaymentRef = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemo(SalesForm):
    """Credit given to a customer."""

    balance: Annotated[
        Decimal, Number("Balance", asked=True, sent=False), Number("RemainingCredit", sent=False)
    ] = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReceipt(SalesForm):
    """Money given back to a customer."""

    account_id: MoneyAccount = ""
    method_id: Method = ""
    ref: Annotated[str, Text("PaymentRefNum", 21)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Txn):
    """Money received from a customer, or a link between invoices and credit memos."""

    account_id: MoneyAccount = ""
    method_id: Method = ""
    ref: PaymentRef = ""
    lines: tuple[Link, ...] = ()
    unapplied: Annotated[Decimal, Number("UnappliedAmt", asked=True, sent=False)] = ZERO


def _currency(books: Any, row: Txn) -> dict[str, Any]:
    home = row.currency == books.world.currency
    name = books.world.currency_name if home else row.currency
    return {"value": row.currency, "name": name}


def _foreign(value: str) -> Any:
    """An attribute where there are several currencies, as an amount at home unless it is the
    rate.
    """

    def get(books: Any, row: Any) -> Decimal | None:
        if not books.preferences.multicurrency:
            return None
        found: Decimal = getattr(row, value)
        return found if value == "rate" else books.home(found, row.rate)

    return get


def _payments(_: Any, row: SalesForm) -> list[dict[str, str]] | None:
    found = [{"TxnId": link, "TxnType": "Payment"} for link in row.links]
    return found if found or isinstance(row, Invoice) else None


def _lines(books: Any, row: SalesForm) -> list[dict[str, Any]]:
    """Goods and words, their sum, then discount and shipping."""
    goods = [line for line in row.lines if line.id]
    others = [line for line in row.lines if not line.id]
    sub_total = {
        "Amount": row.sub_total,
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    numbered = [
        {"Id": line.id, "LineNum": place, **_line(books, line)}
        for place, line in enumerate(goods, 1)
    ]
    return [*numbered, sub_total, *(_line(books, line) for line in others)]


def _line(books: Any, line: Line) -> dict[str, Any]:
    words = {"Description": line.description} if line.description else {}
    if line.kind == "text":
        return words | {"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    table = DISCOUNT if line.kind == "discount" else SALE
    detail = {"DetailType": table.name, table.name: table.view(books, line)}
    return words | {"Amount": line.amount} | detail


def _tax_detail(books: Any, row: SalesForm) -> dict[str, Any] | None:
    return TAX_DETAIL.view(books, row) if books.preferences.using_sales_tax else None


def _links(books: Any, row: Payment) -> list[dict[str, Any]]:
    found = []
    for link in row.lines:
        form = books.transaction(link.txn_id)
        more = extension(txnId=form.id, txnOpenBalance=form.balance, txnReferenceNumber=form.number)
        linked = [{"TxnId": link.txn_id, "TxnType": link.txn_type}]
        found.append({"Amount": link.amount, "LinkedTxn": linked, "LineEx": more})
    return found


def _deposit(_: Any, row: Payment) -> list[dict[str, str]] | None:
    return [{"TxnId": row.deposit_id, "TxnType": "Deposit"}] if row.deposit_id else None


_TXN = (Field("CurrencyRef", get=_currency), Field("ExchangeRate", get=_foreign("rate")))
_OUTPUT = "TxnStatus TxnSource TotalCostAmount HomeTotalCostAmount ARAccountRef "
_ELSEWHERE = (
    "TxnSubType TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef"
    " RecurringInfo ProjectRef RemitToRef CheckPayment PaymentType "
)


def _form(kind: type[SalesForm], kept: str = "", output: str = "", elsewhere: str = "") -> None:
    """Put down the fields of a sales form, with the names that are its own."""
    table(
        kind,
        *_TXN,
        Field("Line", get=_lines),
        Field("TxnTaxDetail", get=_tax_detail),
        Field("LinkedTxn", get=_payments),
        Field("HomeTotalAmt", get=_foreign("total")),
        Field("HomeBalance", get=_foreign("balance")),
        Field(
            "ShippingTaxIncludedInTotalTax",
            get=lambda _, row: row.shipping_tax_included or None,
        ),
        Choice("EmailStatus", allowed=("NotSet", "NeedToSend", "EmailSent"), default="NotSet"),
        Choice("PrintStatus", allowed=("NotSet", "NeedToPrint", "PrintComplete"), default="NotSet"),
        Email("BillEmail", 100),
        Inside("CustomerMemo", 1000),
        Address("BillAddr"),
        Address("ShipAddr"),
        Address("ShipFromAddr"),
        Ref("ClassRef", of=TrackingClass),
        Ref("DepartmentRef", of=Department),
        Day("ShipDate"),
        read="AutoDocNumber",
        kept="CustomField FreeFormAddress BillEmailCc BillEmailBcc TemplateRef PONumber FOB"
        f" SalesRepRef ShipMethodRef TrackingNum {kept}",
        # What receipts and invoices have is ignored on the others.
        output=f"{_OUTPUT} DeliveryInfo PaymentMethodRef PaymentRefNum DepositToAccountRef"
        f" SalesTermRef DueDate {output}",
        elsewhere=f"{_ELSEWHERE} FinanceCharge CreditCardPayment DiscountRate DiscountAmt"
        f" GovtTxnRefIdentifier TaxExemptionRef {elsewhere}",
    )


_form(
    Invoice,
    kept="AllowOnlineCreditCardPayment AllowOnlineACHPayment AllowOnlinePayPalPayment"
    " AllowOnlineAffirmPayment AllowOnlinePayment AllowIPNPayment",
    output="InvoiceLink EInvoiceStatus ECloudStatusTimeStamp invoiceStatus callToAction"
    " invoiceStatusLog InvoiceLinkSecurityCode InvoiceLinkExpiryDate",
    elsewhere="Deposit LessCIS TxnRetainageDetail GratuityEnabled AutoPayEligible"
    " SchedulePayEligible ScheduledPaymentId ConvenienceFeeDetail EnabledSurchargeInfo"
    " FinancingProductType SubscriptionPaymentsSetting PaymentDetailsMessage CfdiUse Exportation"
    " GlobalInfo",
)
_form(SalesReceipt, elsewhere="LessCIS")
_form(CreditMemo, elsewhere="InvoiceRef")
_form(RefundReceipt, output="RemainingCredit")
table(
    Payment,
    *_TXN,
    Field("Line", get=_links),
    Field("LinkedTxn", get=_deposit),
    Field("ProcessPayment", default=False),
    kept="CustomField DepartmentRef",
    output=f"{_OUTPUT} DocNumber",
    elsewhere=f"{_ELSEWHERE} CreditCardPayment TxnTaxDetail PaymentExtendedType",
)
LINKED = FieldTable("LinkedTxn", read="TxnId TxnType", output="TxnLineId")
