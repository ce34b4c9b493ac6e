"""What goes to the ledger: drafts of documents, and the reason for each of their fields."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.model.keap import Address
from invoicesync_cli.model.ledger import LedgerAccount, TaxRate, TrackingPair
from invoicesync_cli.model.terms import (
    DocumentKind,
    InvoiceId,
    LedgerId,
    OrderId,
    PaymentId,
    PersonId,
)


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


class LineType(StrEnum):
    """What a ledger takes a line as."""

    ITEM = "item"
    DISCOUNT = "discount"
    SHIPPING = "shipping"


NOT_MADE_YET = "(to be made)"
"""The item code of a line whose item the ledger does not have yet."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft: `amount` is its value in the draft's tax mode.

    Quantity and price are given together or not at all. `tax` is the tax amount to state, or None
    where the ledger works it out; `net` the amount without tax, where the mode is inclusive and
    the ledger wants both.
    """

    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    account: str
    tax_code: str
    tax: Decimal | None = None
    item_code: str = ""
    type: LineType = LineType.ITEM
    net: Decimal | None = None
    tracking: tuple[TrackingPair, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate, as a document states it: `amount` of tax on `net`."""

    rate: TaxRate
    net: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StatedTax:
    """The tax of a whole document, stated because the ledger would come to another; by rate where
    the ledger has rates."""

    total: Decimal
    lines: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The payment that an invoice is one document with (a sales receipt).

    `key` is that of the payment's record, `memo` what does not fit into the reference.
    """

    payment_id: PaymentId
    key: str
    amount: Decimal
    reference: str
    account: LedgerAccount | None
    method: str = ""
    memo: str = ""


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
    company: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice ready to be sent.

    `contact_id` is the ledger's, None until it is known; `contact` the one that is created for it.
    """

    order_id: OrderId
    invoice_id: InvoiceId
    number: str
    reference: str
    person_id: PersonId
    date: dt.date
    due_date: dt.date
    currency: str
    tax_mode: TaxMode
    lines: tuple[DraftLine, ...]
    keap_total: Decimal
    expected_total: Decimal
    expected_tax: Decimal
    contact: NewContact | None = None
    contact_id: LedgerId | None = None
    stated_tax: StatedTax | None = None
    tax_after_discount: bool | None = None
    """Whether the discount line lowers what is taxed; None where there is nothing to say."""
    receipt: Receipt | None = None
    note: str = ""
    """What a person should know of it, though it is sent."""
    tracking: tuple[TrackingPair, ...] = ()
    """What the document itself is tracked by, beside its lines."""

    @property
    def needs_item(self) -> bool:
        """Whether a line's item has to be made before this can be sent."""
        return any(line.item_code == NOT_MADE_YET for line in self.lines)

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
class NewItem:
    """An item to be made in the ledger, which sells to the account `income`."""

    name: str
    income: LedgerAccount


@dataclass(frozen=True, slots=True)
class InvoiceBalance:
    """An invoice as it stands in the ledger, for the money that goes onto it."""

    id: LedgerId
    contact_id: LedgerId
    approved: bool
    total: Decimal
    tax: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note: one line, `net` and `tax` of it, on `account` or for an item.

    Of the `net`, `untaxed` is on a second line, where the ledger works tax out from the first:
    the credit of an invoice of which only a part is taxed.
    """

    number: str
    contact_id: LedgerId
    account: str
    tax_code: str
    net: Decimal
    tax: Decimal
    description: str
    item_code: str = ""
    stated_tax: StatedTax | None = None
    untaxed: Decimal = Decimal(0)
    untaxed_code: str = ""
    tracking: tuple[TrackingPair, ...] = ()
    """Of its lines."""
    document_tracking: tuple[TrackingPair, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentDraft:
    """A payment, credit or refund ready to be sent.

    A payment has no `note`; a credit has one that is allocated to the invoice, a refund one that
    is paid out. `account` is where money goes to or comes from; a credit has none. `method` is
    Keap's type of payment, `memo` what does not fit into the reference. `unapplied` is what of a
    payment stays with the customer, because the ledger has settled that much by a credit of theirs.
    `by_card` says of a refund that what it gives back was paid by card.
    """

    kind: DocumentKind
    key: str
    order_id: OrderId
    invoice_id: InvoiceId
    payment_id: PaymentId
    date: dt.date
    amount: Decimal
    currency: str
    reference: str
    invoice: LedgerId
    contact_id: LedgerId
    account: LedgerAccount | None = None
    note: CreditNote | None = None
    method: str = ""
    memo: str = ""
    unapplied: Decimal = Decimal("0.00")
    by_card: bool = False

    @property
    def applied(self) -> Decimal:
        """What of it goes onto the invoice."""
        return self.amount - self.unapplied

    @property
    def needs_item(self) -> bool:
        """Whether the credit note's item has to be made before this can be sent."""
        return self.note is not None and self.note.item_code == NOT_MADE_YET
