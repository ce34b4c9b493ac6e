"""What a Keap account holds: contacts, products, orders with their lines, payments, attempts.

Money is `Decimal` in major units, dates and times are aware and in UTC.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

Money = Decimal | str | int
NOTHING = Decimal(0)

CARD = "Credit Card"
PAYPAL = "PayPal"
CREDITS = frozenset({"Credit", "Adjustment"})
# Kinds of line that Keap cannot hold without a product.
PRODUCT_KINDS = frozenset({"PRODUCT", "SUBSCRIPTION", "UPSELL", "PROGRAM"})
UNSETTLED = frozenset({"PENDING", "VOIDED", "FAILED", "ERROR"})


def utc(moment: datetime) -> datetime:
    """`moment` in UTC, to the millisecond that Keap shows. Naive times are refused."""
    if moment.tzinfo is None:
        msg = f"{moment} has no time zone"
        raise ValueError(msg)
    if moment.tzinfo is UTC and moment.microsecond % 1000 == 0:
        return moment
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country_code` is ISO alpha-3, `region_code` ISO 3166-2."""

    line1: str = ""
    line2: str = ""
    locality: str = ""
    region: str = ""
    region_code: str = ""
    postal_code: str = ""
    country_code: str = "GBR"
    country: str = "United Kingdom"


@dataclass(slots=True)
class Contact:
    """A person, or a company without one. Names may be missing."""

    id: str
    create_time: datetime
    update_time: datetime
    given_name: str | None = None
    family_name: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    company: str | None = None
    job_title: str | None = None
    billing: Address | None = None
    shipping: Address | None = None


@dataclass(slots=True)
class Product:
    """An entry of the catalogue. SKUs need not be unique."""

    id: str
    name: str
    create_time: datetime
    update_time: datetime
    sku: str = ""
    price: Decimal = NOTHING
    taxable: bool = False
    description: str = ""
    shippable: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """How often a subscription is billed, and at what price (major units)."""

    id: str
    name: str
    price: Decimal
    cycle_type: str = "MONTHLY"
    frequency: int = 1
    total_cycles: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A line as it is entered.

    `price` is per unit, in major units. A line of a kind that needs a product and names none
    (`product` is a product's id) gets the product with this `name`, `sku` and `taxable`, made
    when there is none. A discount is entered as a price of either sign or as a `discount` figure.
    """

    kind: str
    price: Money = NOTHING
    quantity: int = 1
    name: str | None = None
    description: str = ""
    notes: str = ""
    product: str | None = None
    sku: str = ""
    taxable: bool = False
    discount: Money | None = None
    discount_percent: Money | None = None
    cost: Money = NOTHING
    subscription_id: str | None = None
    subscription_plan: SubscriptionPlan | None = None


@dataclass(slots=True)
class Line:
    """A line as Keap holds it."""

    id: str
    kind: str
    price: Decimal
    quantity: int
    name: str
    description: str
    notes: str
    product_id: str | None
    discount: Decimal | None
    discount_percent: Decimal | None
    cost: Decimal
    subscription_id: str | None
    subscription_plan: SubscriptionPlan | None

    @property
    def is_discount(self) -> bool:
        """Whether the line takes from the total."""
        return self.kind.startswith("DISCOUNT")

    @property
    def value(self) -> Decimal:
        """What the line adds to the total."""
        if not self.is_discount:
            return self.price * self.quantity
        return -abs(self.price * self.quantity if self.discount is None else self.discount)


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of the total and the day, in the account's time zone, when it falls due."""

    due_date: date
    amount: Money


@dataclass(slots=True)
class Order:
    """An order and its invoice. `fixed_total` is a total that the lines do not add up to."""

    id: str
    invoice_id: str
    contact_id: str
    title: str
    order_time: datetime
    creation_time: datetime
    modification_time: datetime
    currency: str
    lines: tuple[Line, ...]
    fixed_total: Decimal | None = None
    plan: tuple[Instalment, ...] = ()
    auto_charge: bool = False
    order_type: str = "ONLINE"
    source_type: str = "CHECKOUT_FORM"
    status: str | None = None
    notes: str | None = None
    terms: str | None = None
    promo_code: str | None = None
    synced: bool = False
    sent_time: datetime | None = None
    due_time: datetime | None = None
    shipping: Address | None = None
    payments_time: datetime | None = None

    @property
    def total(self) -> Decimal:
        """The order's total in major units."""
        if self.fixed_total is not None:
            return self.fixed_total
        return sum((line.value for line in self.lines), NOTHING)


@dataclass(frozen=True, slots=True)
class Merchant:
    """A payment gateway account."""

    id: str
    name: str
    type: str
    is_test: bool = False


@dataclass(slots=True)
class Allocation:
    """The part of a payment that is on one invoice; `refund_of` is the allocation it reverses."""

    id: str
    order_id: str
    invoice_id: str
    amount: Decimal
    pay_status: str
    last_updated_time: datetime
    refund_of: str | None = None


@dataclass(slots=True)
class Payment:
    """A payment, credit, adjustment or refund; `amount` is never negative."""

    id: str
    contact_id: str
    type: str
    amount: Decimal
    status: str
    payment_time: datetime
    update_time: datetime
    note: str | None = None
    external_transaction_id: str | None = None
    merchant: Merchant | None = None
    refund_of: str | None = None
    void_time: datetime | None = None
    synced: bool = False
    allocations: list[Allocation] = field(default_factory=list)

    @property
    def order_ids(self) -> list[str]:
        """The orders that the payment is on."""
        return [allocation.order_id for allocation in self.allocations]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a gateway, or a person for a manual payment, did and how it ended."""

    method: str
    status: str
    amount: Decimal
    time: datetime
    contact_id: str
    order_ids: tuple[str, ...]
    payment_id: str | None = None
    reference: str | None = None
    merchant: Merchant | None = None
    response_code: str | None = None
    error: str | None = None
