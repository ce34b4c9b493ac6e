"""What flows through the tool: Keap's invoices, the drafts made of them, and what became of those.

Money is `Decimal` in major units (119.00 is one hundred and nineteen pounds). Times are aware and
UTC; dates are calendar dates in the Keap account's time zone.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NewType

OrderId = NewType("OrderId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
PersonId = NewType("PersonId", str)
LedgerId = NewType("LedgerId", str)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int) -> Decimal:
    """`value` in whole cents, rounded half up (away from zero), as both ledgers do."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


class Kind(StrEnum):
    """The kinds of document."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"
    REFUND = "refund"


class State(StrEnum):
    """What became of a document (rules, "Reasons and states")."""

    NEW = "new"
    SENDING = "sending"
    CREATED = "created"
    SKIPPED = "skipped"
    HELD = "held"
    WAITING = "waiting"
    FAILED = "failed"
    UNCHANGED = "unchanged"
    DISMISSED = "dismissed"

    @property
    def open(self) -> bool:
        """Whether the document still has to come to an end, by itself or by a person."""
        return self in {State.NEW, State.SENDING, State.HELD, State.WAITING, State.FAILED}

    @property
    def needs_person(self) -> bool:
        """Whether the document makes a run end with exit code 3."""
        return self in {State.HELD, State.FAILED}


# --- from Keap --------------------------------------------------------------------------------


class LineKind(StrEnum):
    """The kinds of line that the rules tell apart (R4)."""

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


@dataclass(frozen=True, slots=True)
class Instalment:
    """One item of a payment plan."""

    due_date: dt.date
    amount_due: Decimal


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
class Person:
    """A Keap contact."""

    id: PersonId
    given_name: str = ""
    family_name: str = ""
    emails: tuple[str, ...] = ()
    phone: str = ""
    company: str = ""
    billing: Address = field(default_factory=Address)


class PaymentKind(StrEnum):
    """What a Keap payment row stands for (R10, R11)."""

    MONEY = "money"
    PENDING = "pending"
    FAILED = "failed"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
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

    def amount_on(self, order_id: OrderId) -> Decimal:
        """What of this payment belongs to `order_id`."""
        if self.allocations:
            return sum((amount for order, amount in self.allocations if order == order_id), ZERO)
        return self.amount if order_id in self.order_ids else ZERO


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


# --- from the ledger --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of the ledger's chart; `usable` for sales lines, `payable` for receiving money."""

    id: str
    code: str
    name: str
    usable: bool
    payable: bool = False


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code of the ledger with its rate in percent."""

    code: str
    name: str
    rate: Decimal
    usable: bool


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """A product of the ledger; `account` is the code of its sales account, or blank."""

    code: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger's setup lists, read once per run."""

    organisation: str
    organisation_id: str
    currencies: tuple[str, ...]
    lock_date: dt.date | None
    """Documents dated on or before this day are refused by the ledger."""
    accounts: tuple[LedgerAccount, ...]
    tax_codes: tuple[TaxCode, ...]
    items: tuple[LedgerItem, ...]


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a ledger allows as a contact's name: its length, and what replaces refused letters."""

    limit: int
    replace: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """Where lines and taxes go in this ledger: the user's settings, found in the ledger's lists.

    Accounts are codes. `unit_places` is how many decimals the ledger keeps of a unit price.
    """

    facts: LedgerFacts
    names: NameRules
    unit_places: int
    account: str
    discount_account: str
    finance_charge_account: str
    shipping_account: str
    taxable: TaxCode
    untaxed: TaxCode
    sku_accounts: bool
    sku_item_codes: bool


@dataclass(frozen=True, slots=True)
class LedgerContact:
    """A contact of the ledger with what the ladder compares."""

    id: LedgerId
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    cities: tuple[str, ...] = ()
    number: str = ""
    archived: bool = False


# --- to the ledger ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """Why one field of a document has its value: the rule, and what it found."""

    field: str
    value: str
    rule: str
    because: str


class TaxMode(StrEnum):
    """How the amounts of a draft's lines are meant."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft: `amount` is quantity x unit price, in the draft's tax mode.

    `tax` is the tax amount to state, or None where the ledger works it out.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    account: str
    tax_code: str
    tax: Decimal | None = None
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ledger has to say of a document once it has it."""

    invoice_id: str
    number: str
    reference: str
    total: Decimal
    tax: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice ready to be sent. `contact_id` is the ledger's; blank until it is created."""

    order_id: OrderId
    invoice_id: InvoiceId
    number: str
    reference: str
    person_id: PersonId
    contact: str
    date: dt.date
    due_date: dt.date
    currency: str
    tax_mode: TaxMode
    lines: tuple[DraftLine, ...]
    keap_total: Decimal
    expected_total: Decimal
    expected_tax: Decimal
    contact_id: LedgerId | None = None

    @property
    def expected(self) -> Expected:
        """What the ledger has to answer."""
        return Expected(
            self.invoice_id,
            self.number,
            self.reference,
            self.expected_total,
            self.expected_tax,
            self.currency,
        )

    def with_contact(self, contact_id: LedgerId) -> "Draft":
        """The same draft for a contact that exists now."""
        return replace(self, contact_id=contact_id)


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be created in the ledger for a Keap person."""

    person_id: PersonId
    name: str
    number: str
    first_name: str
    last_name: str
    email: str
    phone: str
    address: Address


@dataclass(frozen=True, slots=True)
class Booked:
    """An invoice as it stands in the ledger, for the money that goes onto it."""

    id: LedgerId
    contact_id: LedgerId
    approved: bool
    total: Decimal
    tax: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """A credit note: one line, `net` and `tax` of it, on `account`."""

    number: str
    contact_id: LedgerId
    account: str
    tax_code: str
    net: Decimal
    tax: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class MoneyDraft:
    """A payment, credit or refund ready to be sent.

    A payment has no `note`; a credit has one that is allocated to the invoice, a refund one that
    is paid out. `account` is where money goes to or comes from; a credit has none.
    """

    kind: Kind
    key: str
    order_id: OrderId
    invoice_id: InvoiceId
    payment_id: PaymentId
    date: dt.date
    amount: Decimal
    currency: str
    reference: str
    invoice: LedgerId
    account: LedgerAccount | None = None
    note: Note | None = None


# --- what became of it --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """One document as `--json` and the log show it."""

    kind: Kind
    state: State
    order_id: str = ""
    invoice_id: str = ""
    payment_id: str = ""
    number: str = ""
    contact: str = ""
    date: dt.date | None = None
    total: Decimal | None = None
    currency: str = ""
    reference: str = ""
    account: str = ""
    reason: str = ""
    message: str = ""
    hint: str = ""
    ledger_id: str = ""
    ledger_total: Decimal | None = None


DOCUMENT_FIELDS = (
    "kind",
    "order_id",
    "invoice_id",
    "payment_id",
    "number",
    "contact",
    "date",
    "total",
    "currency",
    "reference",
    "account",
    "state",
    "reason",
    "message",
    "hint",
    "ledger_id",
    "ledger_total",
)
"""The fields of a document in the order of `--json`, which is also the order of the CSV."""
