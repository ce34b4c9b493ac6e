"""The elements of a company file's lists: a frozen row each.

What an element only gives back is in `kept`, by QuickBooks' names. Times are UTC, to the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Anything with an id, which QuickBooks calls `ListID` or `TxnID`."""

    word: ClassVar[str] = ""
    """What QuickBooks calls the kind in requests and answers."""
    id: str
    created: datetime
    modified: datetime
    guid: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def edit_sequence(self) -> str:
        """The seconds of the last change: two changes in one second look alike."""
        return str(int(self.modified.timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Row):
    """An element of a list. An inactive one keeps its name."""

    plural: ClassVar[str] = ""
    name: str
    active: bool = True
    parent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Named):
    """An account."""

    word: ClassVar[str] = "Account"
    plural: ClassVar[str] = "Accounts"
    type: str
    special: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTaxCode(Named):
    """A code for lines and customers, which says whether they are taxed."""

    word: ClassVar[str] = "SalesTaxCode"
    plural: ClassVar[str] = "Sales Tax Codes"
    taxable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Named):
    """An item; `type` is QuickBooks' word, such as `ItemService`.

    `rate` is the per cent of an `ItemSalesTax`, or that of an `ItemDiscount` with `percent`;
    `parts` are the ids of a group's tax items.
    """

    word: ClassVar[str] = "Item"
    plural: ClassVar[str] = "Items"
    type: str
    description: str = ""
    account_id: str = ""
    tax_code_id: str = ""
    price: Decimal | None = None
    percent: Decimal | None = None
    rate: Decimal = Decimal(0)
    parts: tuple[str, ...] = ()
    part_number: str = ""
    barcode: str = ""

    @property
    def is_tax(self) -> bool:
        """Whether it is a tax item or a group of them, which only tax can refer to."""
        return self.type in {"ItemSalesTax", "ItemSalesTaxGroup"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Named):
    """A name: customers, vendors, employees and other names share one name space."""

    tax_code_id: str = ""
    tax_item_id: str = ""
    terms_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Entity):
    """A customer, or a job below one."""

    word: ClassVar[str] = "Customer"
    plural: ClassVar[str] = "Customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier(Entity):
    """A vendor."""

    word: ClassVar[str] = "Vendor"
    plural: ClassVar[str] = "Vendors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee(Entity):
    """An employee."""

    word: ClassVar[str] = "Employee"
    plural: ClassVar[str] = "Employees"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName(Entity):
    """A name that is none of the others."""

    word: ClassVar[str] = "OtherName"
    plural: ClassVar[str] = "Other Names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Named):
    """Standard terms: due so many days after the date."""

    word: ClassVar[str] = "StandardTerms"
    plural: ClassVar[str] = "Terms"
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingClass(Named):
    """A class, in the sense of tracking."""

    word: ClassVar[str] = "Class"
    plural: ClassVar[str] = "Classes"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod(Named):
    """A payment method."""

    word: ClassVar[str] = "PaymentMethod"
    plural: ClassVar[str] = "Payment Methods"
    type: str

    @property
    def is_card(self) -> bool:
        """Whether it is of a card type."""
        return self.type in {
            "AmericanExpress",
            "DebitCard",
            "Discover",
            "MasterCard",
            "OtherCreditCard",
            "Visa",
        }
