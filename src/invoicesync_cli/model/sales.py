"""What goes from the ledger to Keap: sales invoices as they stand there, and the orders made of
them."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from invoicesync_cli.model.keap import Address, LineKind
from invoicesync_cli.model.ledger import LedgerContact
from invoicesync_cli.model.terms import ZERO, LedgerId, PersonId

NOBODY = PersonId("")


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A line of a sales invoice; `net` is what it adds to the total before tax, discounts taken
    off. A line without figures, such as a remark, has no quantity and comes to nothing.

    `item` is the name of the ledger's item, `sku` its code.
    """

    net: Decimal
    description: str = ""
    item: str = ""
    sku: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    kind: LineKind = LineKind.PRODUCT


@dataclass(frozen=True, slots=True)
class LedgerSale:
    """A sales invoice of the ledger, whoever made it.

    `approved` says that it is a claim: authorised or paid; `alive` that it is neither voided nor
    deleted. `reference` is the text that bears our marker on what this tool has sent. `updated` is
    the ledger's own time of its last change (UTC), or an earlier one. `problem` says why it cannot
    be read; blank where it can.
    """

    id: LedgerId
    number: str
    date: dt.date | None
    currency: str
    contact_id: LedgerId
    contact: str
    total: Decimal
    tax: Decimal
    approved: bool
    alive: bool
    reference: str = ""
    lines: tuple[SaleLine, ...] = ()
    updated: dt.datetime | None = None
    problem: str = ""


def unreadable_sale(ident: str, number: str, problem: str) -> LedgerSale:
    """An invoice of which no more is known than that it cannot be read."""
    return LedgerSale(
        id=LedgerId(ident),
        number=number,
        date=None,
        currency="",
        contact_id=LedgerId(""),
        contact="",
        total=ZERO,
        tax=ZERO,
        approved=True,
        alive=True,
        problem=problem,
    )


@dataclass(frozen=True, slots=True)
class LedgerPerson:
    """A contact of the ledger with what a new contact in Keap gets besides."""

    contact: LedgerContact
    phone: str = ""
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True)
class KeapProduct:
    """A product of Keap's; several may have the same SKU."""

    id: str
    name: str
    sku: str
    active: bool


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A contact that is to be made in Keap for one of the ledger's."""

    contact_id: LedgerId
    given_name: str
    family_name: str
    email: str
    phone: str
    address: Address

    @property
    def name(self) -> str:
        """What the person is called."""
        return " ".join(part for part in (self.given_name, self.family_name) if part)


@dataclass(frozen=True, slots=True)
class NewOrderLine:
    """A line of an order to be; `type` is Keap's word, `price` per unit in major units. A discount
    has a price below zero."""

    type: str
    name: str
    quantity: int
    price: Decimal
    description: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order that is to be made in Keap of an invoice. `time` is aware, `notes` has the marker
    by which it is found again; `person_id` is blank while its contact is still to be made. It never
    names a way to pay: no card is ever charged."""

    sale_id: LedgerId
    time: dt.datetime
    title: str
    notes: str
    lines: tuple[NewOrderLine, ...]
    total: Decimal
    tax: Decimal
    person_id: PersonId = NOBODY
