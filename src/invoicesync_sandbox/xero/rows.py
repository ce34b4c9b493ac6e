"""What the books hold. Money is `Decimal` in major units, times are UTC, dates have no zone.

An attribute names the vendor's field beside it, and what the field may be used for.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.xero.fields import (
    Day,
    DayString,
    Flag,
    Guid,
    Loose,
    Moment,
    MomentString,
    Number,
    Text,
)

ZERO = Decimal(0)

UpdatedTwice = Annotated[
    dt.datetime, Moment("UpdatedDateUTC", asked=True), MomentString("UpdatedDateUTCString")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the chart of accounts."""

    id: Annotated[str, Guid("AccountID", asked=True)]
    code: Annotated[str, Text("Code", asked=True)]
    name: Annotated[str, Text("Name", asked=True)]
    type: Annotated[str, Text("Type", asked=True)]
    account_class: Annotated[str, Text("Class", asked=True)]
    tax_type: Annotated[str, Text("TaxType", blank=True)]
    status: Annotated[str, Text("Status", asked=True)] = "ACTIVE"
    takes_payments: Annotated[bool, Flag("EnablePaymentsToAccount", asked=True)] = False
    system_account: Annotated[str, Text("SystemAccount", asked=True)] = ""
    currency: Annotated[str, Text("CurrencyCode", shown=("BANK",), blank=True)] = ""
    description: Annotated[str, Text("Description", shown=("other",))] = ""
    updated: Annotated[dt.datetime, Moment("UpdatedDateUTC")]

    @property
    def receives_money(self) -> bool:
        """Whether payments can be made to it."""
        return self.type == "BANK" or self.takes_payments


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A tax rate; `rate` is per cent."""

    tax_type: Annotated[str, Text("TaxType", asked=True)]
    name: Annotated[str, Text("Name", asked=True)]
    rate: Decimal
    report_tax_type: Annotated[str, Text("ReportTaxType")]
    classes: frozenset[str]
    """The account classes that it can be used with, e.g. `REVENUE`."""
    status: Annotated[str, Text("Status", asked=True)] = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency that the organisation is subscribed to; `rate` is units per base unit."""

    code: Annotated[str, Text("Code")]
    description: Annotated[str, Text("Description")]
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product or service."""

    id: Annotated[str, Guid("ItemID", asked=True)]
    code: Annotated[str, Text("Code", asked=True)]
    name: Annotated[str, Text("Name", asked=True, blank=True)] = ""
    description: Annotated[str, Text("Description", blank=True)] = ""
    unit_price: Decimal | None = None
    account_code: str = ""
    tax_type: str = ""
    is_sold: Annotated[bool, Flag("IsSold", asked=True)] = True
    updated: Annotated[dt.datetime, Moment("UpdatedDateUTC")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingOption:
    """An option of a tracking category."""

    id: Annotated[str, Guid("TrackingOptionID")]
    name: Annotated[str, Text("Name")]
    status: Annotated[str, Text("Status")] = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingCategory:
    """What lines are tracked by, such as a region, and the options of it."""

    id: Annotated[str, Guid("TrackingCategoryID")]
    name: Annotated[str, Text("Name")]
    status: Annotated[str, Text("Status")] = "ACTIVE"
    options: tuple[TrackingOption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer or supplier. Phones and addresses are keyed by their type."""

    id: Annotated[str, Guid("ContactID", asked=True)]
    name: Annotated[str, Loose("Name", 255, asked=True, blank=True)]
    status: Annotated[str, Text("ContactStatus", asked=True)] = "ACTIVE"
    first_name: Annotated[str, Text("FirstName", 255, asked=True)] = ""
    last_name: Annotated[str, Text("LastName", 255, asked=True)] = ""
    email: Annotated[str, Loose("EmailAddress", 255, asked=True, blank=True)] = ""
    contact_number: Annotated[str, Text("ContactNumber", 50, asked=True)] = ""
    account_number: Annotated[str, Loose("AccountNumber", 50, asked=True)] = ""
    company_number: Annotated[str, Text("CompanyNumber", 50)] = ""
    tax_number: Annotated[str, Text("TaxNumber", 50)] = ""
    default_currency: Annotated[str, Text("DefaultCurrency", 3)] = ""
    phones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sales_terms: tuple[int, str] | None = None
    """Day and type, e.g. `(14, "DAYSAFTERBILLDATE")`."""
    merged_to: Annotated[str, Text("MergedToContactID", shown=("one", "page"))] = ""
    updated: Annotated[dt.datetime, Moment("UpdatedDateUTC", asked=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document. A line with a description only has no quantity and no unit amount."""

    id: Annotated[str, Guid("LineItemID")]
    description: Annotated[str, Text("Description")]
    quantity: Annotated[Decimal | None, Number("Quantity")] = None
    unit_amount: Decimal | None = None
    line_amount: Annotated[Decimal, Number("LineAmount")] = ZERO
    item_code: Annotated[str, Text("ItemCode")] = ""
    account_code: Annotated[str, Text("AccountCode")] = ""
    tax_type: Annotated[str, Text("TaxType")] = ""
    tax_amount: Annotated[Decimal, Number("TaxAmount")] = ZERO
    discount_rate: Annotated[Decimal | None, Number("DiscountRate")] = None
    discount_amount: Annotated[Decimal | None, Number("DiscountAmount")] = None
    tracking: tuple[tuple[str, str], ...] = ()
    """Ids of a tracking category and of an option of it, two pairs at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What invoices and credit notes have in common."""

    id: str
    type: Annotated[str, Text("Type", asked=True)]
    number: str
    contact_id: Annotated[str, Guid("Contact.ContactID", asked=True, shown=())]
    date: Annotated[dt.date, Day("Date", asked=True), DayString("DateString")]
    status: Annotated[str, Text("Status", asked=True)]
    reference: Annotated[str, Text("Reference", asked=True, blank=True)] = ""
    line_amount_types: Annotated[str, Text("LineAmountTypes")] = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: Annotated[str, Text("CurrencyCode")]
    currency_rate: Annotated[Decimal, Number("CurrencyRate")] = Decimal(1)
    sub_total: Annotated[Decimal, Number("SubTotal")] = ZERO
    total_tax: Annotated[Decimal, Number("TotalTax")] = ZERO
    total: Annotated[Decimal, Number("Total", asked=True)] = ZERO
    sent: Annotated[bool, Flag("SentToContact")] = False
    branding_theme: Annotated[str, Text("BrandingThemeID")] = ""
    fully_paid_on: dt.date | None = None
    app: str = ""
    """The client id of the app that created it; blank for a person."""
    updated: UpdatedTwice


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Document):
    """A sales invoice (`ACCREC`), or a bill (`ACCPAY`) that a person has entered."""

    due_date: Annotated[dt.date, Day("DueDate", asked=True), DayString("DueDateString")]
    expected_payment_date: Annotated[dt.date | None, Day("ExpectedPaymentDate")] = None
    url: Annotated[str, Text("Url")] = ""
    amount_paid: Annotated[Decimal, Number("AmountPaid", asked=True)] = ZERO
    amount_credited: Annotated[Decimal, Number("AmountCredited", asked=True)] = ZERO

    @property
    def amount_due(self) -> Decimal:
        """What is still to be paid; nothing when it is voided or deleted."""
        if self.status in {"VOIDED", "DELETED"}:
            return ZERO
        return self.total - self.amount_paid - self.amount_credited

    @property
    def touched(self) -> bool:
        """Whether any money or credit is applied to it."""
        return self.amount_paid != 0 or self.amount_credited != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote(Document):
    """A sales credit note (`ACCRECCREDIT`)."""

    allocated: Decimal = ZERO
    refunded: Decimal = ZERO

    @property
    def remaining_credit(self) -> Decimal:
        """What is neither allocated nor refunded."""
        return self.total - self.allocated - self.refunded

    @property
    def touched(self) -> bool:
        """Whether any of it is allocated or refunded."""
        return self.allocated != 0 or self.refunded != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money received for an invoice, or paid back for a credit note."""

    id: Annotated[str, Guid("PaymentID", asked=True)]
    document_id: Annotated[str, Guid("Invoice.InvoiceID", asked=True, shown=())]
    type: Annotated[str, Text("PaymentType", asked=True)]
    """`ACCRECPAYMENT`, or `ARCREDITPAYMENT` for a refund in cash."""
    account_id: str
    date: Annotated[dt.date, Day("Date", asked=True)]
    amount: Annotated[Decimal, Number("Amount", asked=True), Number("BankAmount")]
    reference: Annotated[str, Text("Reference", asked=True, blank=True)] = ""
    status: Annotated[str, Text("Status", asked=True)] = "AUTHORISED"
    is_reconciled: Annotated[bool, Flag("IsReconciled", asked=True)] = False
    app: str = ""
    updated: UpdatedTwice


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A part of a credit note that is set against an invoice."""

    id: Annotated[str, Guid("AllocationID")]
    credit_note_id: str
    invoice_id: str
    amount: Annotated[Decimal, Number("Amount")]
    date: Annotated[dt.date, Day("Date")]
    deleted: bool = False


def _contact(books: Any, row: Document) -> Contact:
    found: Contact = books.contacts[row.contact_id]
    return found


_CONTACT_NAME = Text(
    "Contact.Name", get=lambda books, row: _contact(books, row).name, asked=True, shown=()
)
ACCOUNT = FieldTable("Account", row=Account)
ALLOCATION = FieldTable("Allocation", row=Allocation)
CONTACT = FieldTable("Contact", row=Contact)
CREDIT_NOTE = FieldTable(
    "CreditNote",
    Guid("CreditNoteID", attribute="id", asked=True),
    Guid("ID", attribute="id"),
    Text("CreditNoteNumber", attribute="number", asked=True, blank=True),
    Number("RemainingCredit", attribute="remaining_credit", asked=True),
    _CONTACT_NAME,
    row=CreditNote,
)
CURRENCY = FieldTable("Currency", row=Currency)
INVOICE = FieldTable(
    "Invoice",
    Guid("InvoiceID", attribute="id", asked=True),
    Text("InvoiceNumber", attribute="number", asked=True, blank=True),
    Number("AmountDue", attribute="amount_due", asked=True),
    Text("CurrencyCode", attribute="currency", asked=True),
    Flag("SentToContact", attribute="sent", asked=True),
    _CONTACT_NAME,
    Text(
        "Contact.ContactNumber",
        get=lambda books, row: _contact(books, row).contact_number,
        asked=True,
        shown=(),
    ),
    row=Invoice,
)
ITEM = FieldTable("Item", row=Item)
LINE = FieldTable("Line", row=Line)
PAYMENT = FieldTable(
    "Payment",
    Text(
        "Invoice.InvoiceNumber",
        get=lambda books, row: books.document_of(row).number,
        asked=True,
        shown=(),
    ),
    row=Payment,
)
TAX_RATE = FieldTable("TaxRate", row=TaxRate)
TRACKING_CATEGORY = FieldTable("TrackingCategory", row=TrackingCategory)
TRACKING_OPTION = FieldTable("TrackingOption", row=TrackingOption)
