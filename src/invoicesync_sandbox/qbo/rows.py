"""What a company's books consist of: one frozen row for each list element or transaction."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

ZERO = Decimal(0)
Status = Literal["live", "voided", "deleted"]
LineKind = Literal["sale", "shipping", "discount", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What everything has. Times are UTC, to the second."""

    id: str
    sync_token: int = 0
    created: dt.datetime
    updated: dt.datetime
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What was posted and only has to be given back, by the vendor's names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Row):
    """An element of a list. An inactive one keeps its name, and is shown as `Name (deleted)`."""

    name: str
    active: bool = True
    parent_id: str = ""

    @property
    def shown(self) -> str:
        """The name as it is answered."""
        return self.name if self.active else f"{self.name} (deleted)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Named):
    """A customer, vendor or employee; they share ids and names. `name` is the display name."""

    title: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""
    currency: str = ""
    taxable: bool = True
    tax_code: str = ""
    term_id: str = ""


class Customer(Person):
    """Somebody who buys."""


class Vendor(Person):
    """Somebody who sells to the company."""


class Employee(Person):
    """Somebody who works for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Named):
    """A product or service."""

    type: str = "Service"
    sku: str = ""
    description: str = ""
    unit_price: Decimal | None = None
    taxable: bool = True
    income_account: str = ""
    expense_account: str = ""
    tax_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Named):
    """An account of the chart of accounts."""

    type: str
    subtype: str
    currency: str
    number: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate(Named):
    """A tax rate of `percent` per cent."""

    percent: Decimal
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPart:
    """One rate of a tax code: what it is taken on, and in which order."""

    rate_id: str
    applies: str = "TaxOnAmount"
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCode(Named):
    """A tax code. `sales` are its rates on what is sold, none for one without any tax."""

    description: str = ""
    taxable: bool = True
    group: bool = True
    hidden: bool = False
    sales: tuple[TaxPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod(Named):
    """A way to pay; `type` is CREDIT_CARD or NON_CREDIT_CARD."""

    type: str = "NON_CREDIT_CARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Named):
    """Payment terms: due so many days after the date of a document."""

    due_days: int = 0


class TrackingClass(Named):
    """A class, in the sense of tracking."""


class Department(Named):
    """A location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCurrency(Named):
    """A foreign currency in use; `rate` is home units for one of it."""

    code: str
    rate: Decimal = Decimal(1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Txn(Row):
    """A transaction. All share one sequence of ids."""

    number: str = ""
    txn_date: dt.date
    customer_id: str = ""
    currency: str
    rate: Decimal = Decimal(1)
    """Home units for one unit of the currency."""
    total: Decimal = ZERO
    private_note: str = ""
    status: Status = "live"
    deposited: bool = False
    """Whether its money is part of a bank deposit."""
    account_id: str = ""
    """Where the money goes to, or comes from."""
    method_id: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesForm(Txn):
    """What invoices, sales receipts, credit memos and refund receipts have in common."""

    lines: tuple[Line, ...] = ()
    tax: Decimal = ZERO
    tax_lines: tuple[TaxLine, ...] = ()
    tax_code: str = ""
    """The tax code of the whole form, in the United States."""
    tax_overridden: bool = False
    calculation: str = ""
    """TaxExcluded, TaxInclusive or NotApplicable; blank in the United States."""
    discount_first: bool = False
    """Whether the discount is taken off before the tax is worked out."""
    shipping_tax_included: bool = False
    balance: Decimal = ZERO
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

    due_date: dt.date
    term_id: str = ""


class SalesReceipt(SalesForm):
    """A sale that is paid on the spot."""


class CreditMemo(SalesForm):
    """Credit given to a customer."""


class RefundReceipt(SalesForm):
    """Money given back to a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Txn):
    """Money received from a customer, or a link between invoices and credit memos."""

    lines: tuple[Link, ...] = ()
    unapplied: Decimal = ZERO
