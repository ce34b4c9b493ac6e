"""What comes from Keap: invoices with their lines, people, payments."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.model.terms import ZERO, InvoiceId, OrderId, PaymentId, PersonId


class LineKind(StrEnum):
    """The kinds of line that the rules distinguish (R4)."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    FINANCE_CHARGE = "finance charge"
    DISCOUNT = "discount"
    TAX = "tax"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a Keap order, as read; its value is found by `transform.lines`."""

    id: str
    item_type: str
    name: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal | None
    product_id: str
    product_name: str
    sku: str
    taxable: bool
    gaps: tuple[str, ...] = ()
    """Fields that were null or absent where a value was due, as notes for the reader."""


class InstalmentState(StrEnum):
    """Where an instalment stands on a day."""

    PAID = "paid"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One item of a payment plan: its whole amount, and what of it Keap has as paid."""

    due_date: dt.date
    amount_due: Decimal
    amount_paid: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return max(self.amount_due - self.amount_paid, ZERO)

    def state_on(self, day: dt.date) -> InstalmentState:
        """Paid, due on this day or a later one, or overdue."""
        if not self.left:
            return InstalmentState.PAID
        return InstalmentState.OVERDUE if self.due_date < day else InstalmentState.DUE


@dataclass(frozen=True, slots=True)
class Invoice:
    """A Keap order, which is an invoice: both ids, its lines, and who bought."""

    order_id: OrderId
    invoice_id: InvoiceId
    order_time: dt.datetime
    modified: dt.datetime | None
    person_id: PersonId
    total: Decimal
    total_paid: Decimal
    currency: str
    lines: tuple[Line, ...]
    plan: tuple[Instalment, ...] = ()
    title: str = ""
    buyer: str = ""
    """The buyer's name or e-mail as the order carries it, for messages."""
    refunded: Decimal = ZERO
    notes: str = ""
    """Internal notes; they hold our marker where the order was made of a ledger's invoice (R14)."""

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """The instalments, the earliest first; none of a plan with one item, which Keap gives
        almost every order (R3)."""
        ordered = sorted(self.plan, key=lambda item: item.due_date)
        return tuple(ordered) if len(ordered) > 1 else ()


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is what Keap holds (ISO alpha-3 as a rule)."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class KeapContact:
    """A Keap contact."""

    id: PersonId
    given_name: str = ""
    family_name: str = ""
    emails: tuple[str, ...] = ()
    phone: str = ""
    company: str = ""
    billing: Address = field(default_factory=Address)
    problem: str = ""
    """Why Keap's contact cannot be read; blank where it can."""


class PaymentKind(StrEnum):
    """What a Keap payment row stands for (R10, R11)."""

    MONEY = "money"
    PENDING = "pending"
    FAILED = "failed"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
    INCREASE = "increase"
    """A negative credit or adjustment: it raises what is owed (R18)."""
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of Keap's payments: money, a credit, an adjustment or a refund, always positive."""

    id: PaymentId
    kind: PaymentKind
    type: str
    amount: Decimal
    time: dt.datetime
    order_ids: tuple[OrderId, ...]
    reference: str = ""
    merchant_account_id: str = ""
    note: str = ""
    refund_payment_id: str = ""
    """Keap's link between a payment and its refund; which of the two bears it is not documented."""
    refund_of: str = ""
    """The payment that a refund gives back, once that is worked out."""
    allocations: tuple[tuple[OrderId, Decimal], ...] = ()
    """How a payment over several orders is split; empty for a payment of one order."""
    shares_problem: str = ""
    """Why it is not known how the payment is split, with the figures; blank where it is, or where
    nobody has asked."""

    @property
    def shares(self) -> dict[OrderId, Decimal]:
        """How the whole payment is spread over its orders."""
        return {order_id: self.amount_on(order_id) for order_id in self.order_ids}

    def amount_on(self, order_id: OrderId) -> Decimal:
        """What of this payment belongs to `order_id`."""
        if self.allocations:
            return sum((amount for order, amount in self.allocations if order == order_id), ZERO)
        return self.amount if order_id in self.order_ids else ZERO


@dataclass(frozen=True, slots=True)
class UnreadablePayment:
    """A row of Keap's payments that cannot be read: on which orders it is, and why."""

    id: PaymentId
    """Keap's id; where the row has none, `row-` and a hash of the row."""
    order_ids: tuple[OrderId, ...]
    problem: str
    reference: str = ""


KeapPayment = Payment | UnreadablePayment


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """The rows of Keap's payments that are on one order."""

    payments: tuple[Payment, ...] = ()
    unreadable: tuple[UnreadablePayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Merchants:
    """Names of the merchant accounts by id; without `complete` there is one that cannot be read."""

    names: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class FailedCharge:
    """An attempt to charge that failed, with the gateway's words."""

    order_ids: tuple[OrderId, ...]
    amount: Decimal
    time: dt.datetime
    reference: str
    words: str


@dataclass(frozen=True, slots=True)
class KeapAccount:
    """What a run has to know of the Keap account."""

    tenant: str
    company: str
    currency: str
    time_zone: str
