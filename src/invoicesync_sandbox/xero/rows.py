"""What the books hold. Money is `Decimal` in major units, times are UTC, dates have no zone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the chart of accounts."""

    id: str
    code: str
    name: str
    type: str
    account_class: str
    tax_type: str
    status: str = "ACTIVE"
    takes_payments: bool = False
    system_account: str = ""
    currency: str = ""
    description: str = ""
    updated: dt.datetime

    @property
    def receives_money(self) -> bool:
        """Whether payments can be made to it."""
        return self.type == "BANK" or self.takes_payments


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A tax rate; `rate` is per cent."""

    tax_type: str
    name: str
    rate: Decimal
    report_tax_type: str
    classes: frozenset[str]
    """The account classes that it can be used with, e.g. `REVENUE`."""
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency that the organisation is subscribed to; `rate` is units per base unit."""

    code: str
    description: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product or service."""

    id: str
    code: str
    name: str = ""
    description: str = ""
    unit_price: Decimal | None = None
    account_code: str = ""
    tax_type: str = ""
    is_sold: bool = True
    updated: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer or supplier. Phones and addresses are keyed by their type."""

    id: str
    name: str
    status: str = "ACTIVE"
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    contact_number: str = ""
    account_number: str = ""
    company_number: str = ""
    tax_number: str = ""
    default_currency: str = ""
    phones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sales_terms: tuple[int, str] | None = None
    """Day and type, e.g. `(14, "DAYSAFTERBILLDATE")`."""
    merged_to: str = ""
    updated: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document. A line with a description only has no quantity and no unit amount."""

    id: str
    description: str
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal = ZERO
    item_code: str = ""
    account_code: str = ""
    tax_type: str = ""
    tax_amount: Decimal = ZERO
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What invoices and credit notes have in common."""

    id: str
    type: str
    number: str
    contact_id: str
    date: dt.date
    status: str
    reference: str = ""
    line_amount_types: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: str
    currency_rate: Decimal = Decimal(1)
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    sent: bool = False
    branding_theme: str = ""
    fully_paid_on: dt.date | None = None
    app: str = ""
    """The client id of the app that created it; blank for a person."""
    updated: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Document):
    """A sales invoice (`ACCREC`), or a bill (`ACCPAY`) that a person has entered."""

    due_date: dt.date
    expected_payment_date: dt.date | None = None
    url: str = ""
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO

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

    id: str
    document_id: str
    type: str
    """`ACCRECPAYMENT`, or `ARCREDITPAYMENT` for a refund in cash."""
    account_id: str
    date: dt.date
    amount: Decimal
    reference: str = ""
    status: str = "AUTHORISED"
    is_reconciled: bool = False
    app: str = ""
    updated: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A part of a credit note that is set against an invoice."""

    id: str
    credit_note_id: str
    invoice_id: str
    amount: Decimal
    date: dt.date
    deleted: bool = False
