"""What goes to the ledger: drafts of documents, and the reason for each of their fields."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.model.keap import Address
from invoicesync_cli.model.ledger import LedgerAccount
from invoicesync_cli.model.terms import InvoiceId, Kind, LedgerId, OrderId, PaymentId, PersonId


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
