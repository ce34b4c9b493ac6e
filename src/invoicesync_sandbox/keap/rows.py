"""What a Keap account holds: contacts, products, orders with their lines, payments, attempts.

Money is `Decimal` in major units, dates and times are aware and in UTC. An attribute names Keap's
field beside it where it is shown or filtered by as it is; `views` has what is worked out.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from invoicesync_sandbox.keap.fields import (
    NO_UNEQUAL,
    RANGES,
    Choice,
    Number,
    Reference,
    RowId,
    Shown,
    Text,
    Time,
)
from invoicesync_sandbox.keap.fields import (
    Money as MoneyField,
)

Money = Decimal | str | int
NOTHING = Decimal(0)

CARD = "Credit Card"
PAYPAL = "PayPal"
CREDITS = frozenset({"Credit", "Adjustment"})
# Kinds of line that Keap cannot hold without a product.
PRODUCT_KINDS = frozenset({"PRODUCT", "SUBSCRIPTION", "UPSELL", "PROGRAM"})
UNSETTLED = frozenset({"PENDING", "VOIDED", "FAILED", "ERROR"})


FULL = ("full",)
"""The views of an address that is not the business's own, and of a product in the list."""
PAY_STATUSES = frozenset(
    {"MANUAL_PAID", "REFUNDED", "VOIDED", "PAYPAL_PAID", "APPROVED", "FAILED", "ERROR", "PENDING"}
)
ATTEMPT_STATUSES = frozenset({"APPROVED", "PENDING", "ERROR", "FAILED", "NONE"})
METHODS = frozenset({"CAPTURE", "REFUND", "VOID", "MANUAL"})
MERCHANT_TYPES = frozenset(
    {"PAYPAL", "UNSUPPORTED", "AUTHORIZE", "EWAY", "WEPAY", "STRIPE", "KEAP_PAY"}
)


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

    line1: Annotated[str, Shown("line1")] = ""
    line2: Annotated[str, Shown("line2")] = ""
    locality: Annotated[str, Shown("locality")] = ""
    region: Annotated[str, Shown("region")] = ""
    region_code: Annotated[str, Shown("region_code", shown=FULL)] = ""
    postal_code: Annotated[str, Shown("postal_code"), Shown("zip_code", shown=FULL)] = ""
    country_code: Annotated[str, Shown("country_code")] = "GBR"
    country: Annotated[str, Shown("country", shown=FULL)] = "United Kingdom"


@dataclass(slots=True)
class Contact:
    """A person, or a company without one. Names may be missing."""

    id: Annotated[str, RowId("id"), RowId("contact_id", asked=True, allowed_signs=NO_UNEQUAL)]
    create_time: Annotated[datetime, Time("create_time")]
    update_time: Annotated[datetime, Time("update_time")]
    given_name: Annotated[str | None, Text("given_name", asked=True, wildcard=True)] = None
    family_name: Annotated[str | None, Text("family_name", asked=True, wildcard=True)] = None
    emails: Annotated[tuple[str, ...], Text("email", asked=True, wildcard=True)] = ()
    phones: tuple[str, ...] = ()
    company: str | None = None
    job_title: Annotated[str | None, Shown("job_title")] = None
    billing: Address | None = None
    shipping: Address | None = None


@dataclass(slots=True)
class Product:
    """An entry of the catalogue. SKUs need not be unique."""

    id: Annotated[
        str, Shown("id"), RowId("product_id", asked=True, allowed_signs=NO_UNEQUAL, shown=())
    ]
    name: Annotated[str, Text("name", asked=True, wildcard=True)]
    create_time: Annotated[datetime, Time("create_time", shown=FULL)]
    update_time: Annotated[datetime, Time("update_time", shown=FULL)]
    sku: Annotated[str, Text("sku", asked=True, wildcard=True)] = ""
    price: Annotated[Decimal, MoneyField("price", shown=FULL)] = NOTHING
    taxable: Annotated[bool, Shown("taxable"), Shown("country_taxable", shown=FULL)] = False
    description: Annotated[str, Text("description", asked=True, wildcard=True)] = ""
    shippable: Annotated[bool, Shown("shippable")] = True
    active: Annotated[bool, Shown("active", shown=FULL)] = True


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """How often a subscription is billed, and at what price (major units)."""

    id: Annotated[str, Shown("id")]
    name: Annotated[str, Shown("subscription_plan_name")]
    price: Decimal
    cycle_type: Annotated[str, Shown("cycle_type")] = "MONTHLY"
    frequency: Annotated[int, Shown("frequency")] = 1
    total_cycles: Annotated[int, Shown("total_cycles")] = 0


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

    id: Annotated[str, Shown("id")]
    kind: Annotated[str, Shown("item_type")]
    price: Decimal
    quantity: Annotated[int, Shown("quantity")]
    name: Annotated[str, Shown("name")]
    description: Annotated[str, Shown("description")]
    notes: Annotated[str, Shown("notes")]
    product_id: str | None
    discount: Decimal | None
    discount_percent: Decimal | None
    cost: Decimal
    subscription_id: Annotated[str | None, Shown("subscription_id")]
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

    id: Annotated[str, RowId("id", asked=True, allowed_signs=RANGES)]
    invoice_id: Annotated[str, Reference("invoice_id", asked=True)]
    contact_id: Annotated[str, Reference("contact_id", asked=True, shown=())]
    title: Annotated[str, Text("title", asked=True, wildcard=True)]
    order_time: Annotated[datetime, Time("order_time")]
    creation_time: Annotated[datetime, Time("creation_time")]
    modification_time: datetime
    currency: str
    lines: tuple[Line, ...]
    fixed_total: Decimal | None = None
    plan: tuple[Instalment, ...] = ()
    auto_charge: bool = False
    order_type: Annotated[
        str, Choice("order_type", asked=True, allowed=frozenset({"ONLINE", "OFFLINE"}))
    ] = "ONLINE"
    source_type: Annotated[str, Shown("source_type")] = "CHECKOUT_FORM"
    status: str | None = None
    notes: Annotated[str | None, Shown("notes")] = None
    terms: Annotated[str | None, Shown("terms")] = None
    promo_code: Annotated[str | None, Shown("promo_code")] = None
    synced: Annotated[bool, Shown("synced")] = False
    sent_time: Annotated[datetime | None, Time("sent_time")] = None
    due_time: Annotated[datetime | None, Time("due_time")] = None
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

    id: Annotated[str, Reference("id", asked=True)]
    name: Annotated[str, Text("name", asked=True)]
    type: Annotated[str, Choice("type", asked=True, allowed=MERCHANT_TYPES)]
    is_test: Annotated[bool, Shown("is_test")] = False


@dataclass(slots=True)
class Payment:
    """A payment, credit, adjustment or refund; `amount` is never negative."""

    id: Annotated[str, RowId("id", asked=True, allowed_signs=NO_UNEQUAL)]
    contact_id: Annotated[str, Reference("contact_id", asked=True)]
    type: str
    amount: Decimal
    status: Annotated[str, Shown("status")]
    payment_time: Annotated[datetime, Time("payment_time")]
    update_time: Annotated[datetime, Time("update_time")]
    note: Annotated[str | None, Shown("note")] = None
    external_transaction_id: Annotated[str | None, Shown("external_transaction_id")] = None
    merchant: Merchant | None = None
    refund_of: str | None = None
    void_time: datetime | None = None
    synced: Annotated[bool, Shown("synced")] = False
    allocations: list["Allocation"] = field(default_factory=list)

    @property
    def order_ids(self) -> list[str]:
        """The orders that the payment is on."""
        return [allocation.order_id for allocation in self.allocations]


@dataclass(slots=True)
class Allocation:
    """The part of a payment that is on one invoice; `refund_of` is the allocation it reverses."""

    id: Annotated[str, Shown("id")]
    payment: Payment = field(repr=False, compare=False)
    order_id: str
    invoice_id: Annotated[str, Reference("invoice_id", asked=True)]
    amount: Decimal
    pay_status: Annotated[str, Choice("pay_status", asked=True, allowed=PAY_STATUSES)]
    last_updated_time: Annotated[datetime, Time("last_updated_time")]
    refund_of: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a gateway, or a person for a manual payment, did and how it ended."""

    method: Annotated[str, Choice("transaction_method", asked=True, allowed=METHODS)]
    status: Annotated[str, Choice("status", asked=True, allowed=ATTEMPT_STATUSES)]
    amount: Annotated[Decimal, Number("amount", asked=True, allowed_signs=RANGES)]
    time: Annotated[datetime, Time("transaction_time")]
    contact_id: Annotated[str, Reference("contact_id", asked=True)]
    order_ids: Annotated[tuple[str, ...], Shown("order_ids")]
    payment_id: Annotated[str | None, Shown("payment_id")] = None
    reference: Annotated[str | None, Shown("external_reference_id")] = None
    merchant: Merchant | None = None
    response_code: Annotated[str | None, Shown("external_response_code")] = None
    error: Annotated[str | None, Shown("error_details")] = None
    number: int = 0
    """Its place among all attempts by time, which have no ids."""
