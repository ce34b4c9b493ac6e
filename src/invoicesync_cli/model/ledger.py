"""What comes from the ledger: its lists, and the user's settings found in them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from invoicesync_cli.model.terms import LedgerId

AccountKind = Literal["bank", "income", ""]


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of the ledger's chart; `usable` for sales lines, `payable` for receiving money.

    `code` is what the config and the documents call it: in QuickBooks, its name. `kind` is blank
    for what is neither a bank account nor one for income.
    """

    id: str
    code: str
    name: str
    usable: bool
    payable: bool = False
    archived: bool = False
    kind: AccountKind = ""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One of the rates, in percent, that a tax code is made of."""

    id: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code of the ledger with its rate in percent, and the rates that this is the sum of
    where the ledger works them out one by one."""

    code: str
    name: str
    rate: Decimal
    usable: bool
    parts: tuple[TaxRate, ...] = ()
    id: str = ""
    """What the ledger numbers it by, where it does."""


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """A product of the ledger; `code` is its SKU, `account` the code of its sales account.

    The account is blank where it has none. `id` is what a line names it by where that is not the
    code, blank for one that is still to be made.
    """

    code: str
    name: str
    account: str
    id: str = ""


class TaxStyle(StrEnum):
    """How a ledger arrives at a document's tax."""

    LINE = "line"
    """Line by line, or as each line states it (Xero)."""
    RATE = "rate"
    """By rate on the sum of the lines, or as a tax line states it (QuickBooks elsewhere)."""
    TOTAL = "total"
    """As the document states it; what the ledger would come to is not known (QuickBooks, US)."""
    FORM = "form"
    """By the rate of the whole form, which nothing can override (QuickBooks Desktop)."""
    OFF = "off"
    """Not at all: the company has switched sales tax off."""


@dataclass(frozen=True, slots=True)
class TrackingPair:
    """A category and an option of it, by which sales are reported: in Xero a region, say, in
    QuickBooks a `class` or a `location`. `id` is what a line names it by where names do not do."""

    category: str
    option: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.category}: {self.option}"


@dataclass(frozen=True, slots=True)
class Tracking:
    """What goes on every line, on the lines of an SKU, and on the document itself (R15)."""

    general: tuple[TrackingPair, ...] = ()
    by_sku: Mapping[str, tuple[TrackingPair, ...]] = field(default_factory=dict)
    document: tuple[TrackingPair, ...] = ()


NOT_TRACKED = Tracking()


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
    tax_style: TaxStyle = TaxStyle.LINE
    counts_on: bool = False
    """Whether the ledger itself numbers what is entered there by hand, from the last number on."""
    tracking: tuple[TrackingPair, ...] = ()
    """The options of every category that can be used, where they were read."""


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a ledger allows as a contact's name: its length, and what replaces refused letters.

    `archived_taken` says whether a name is taken by a contact that is archived.
    """

    limit: int
    replace: tuple[tuple[str, str], ...]
    archived_taken: bool = False


@dataclass(frozen=True, slots=True)
class ItemRouting:
    """The items that lines go to in a ledger whose lines are items (R5, QuickBooks).

    `by` is what the Keap SKU is compared with, and `matched` the field of an item that has
    it; `income` the account that a new item sells to. `section` is the
    config's that names these items.
    `discount_account` and `shipping_account` are
    those of the ledger's own discount and shipping lines, None where the company has none, and
    `own_lines` whether there could be such lines at all.
    """

    by: Literal["sku", "name", "part-number", "barcode"]
    unmatched: LedgerItem
    income: LedgerAccount | None
    section: str
    matched: Literal["code", "name"] = "code"
    default: LedgerItem | None = None
    discount: LedgerItem | None = None
    finance_charge: LedgerItem | None = None
    shipping: LedgerItem | None = None
    discount_account: str | None = None
    shipping_account: str | None = None
    own_lines: bool = True


@dataclass(frozen=True, slots=True)
class NoteNumbers:
    """What is before the payment's id in the numbers of credit notes, for credits and for refunds;
    with `prefixed` the user's own prefix is before that."""

    credit: str = "CR-"
    refund: str = "RF-"
    prefixed: bool = True


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Where lines and taxes go in this ledger: the user's settings, found in the ledger's lists.

    Accounts are codes. `unit_places` is how many decimals the ledger keeps of a unit price.
    With `items` lines go to these instead of to accounts. `deposit` is the account that takes
    money when none is named, `receipts` whether a paid order becomes one document with its payment.
    """

    facts: LedgerFacts
    names: NameRules
    unit_places: int
    taxable: TaxCode
    untaxed: TaxCode
    account: str = ""
    discount_account: str = ""
    finance_charge_account: str = ""
    shipping_account: str = ""
    sku_accounts: bool = False
    sku_item_codes: bool = False
    tax_style: TaxStyle = TaxStyle.LINE
    items: ItemRouting | None = None
    deposit: str = ""
    receipts: bool = False
    reference_limit: int = 255
    number_limit: int = 255
    notes: NoteNumbers = NoteNumbers()
    tracking: Tracking = NOT_TRACKED


@dataclass(frozen=True, slots=True)
class LedgerContact:
    """A contact of the ledger with what the matching compares.

    `company` is what it is called as one, where that is not its name; `currency` the only one it
    deals in, blank for any. One that is no `customer` only takes its name from others. `merged_to`
    is the contact that has taken its place.
    """

    id: LedgerId
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    cities: tuple[str, ...] = ()
    number: str = ""
    archived: bool = False
    company: str = ""
    currency: str = ""
    customer: bool = True
    merged_to: LedgerId | None = None


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """What contacts are looked for by, when not all of them are read: anyone with one of these
    could be somebody who is to be matched, or have a name that is to be given.

    `names` are compared with the ledger's own name for a contact, `given` are those among them that
    a new contact could get.
    """

    ids: tuple[LedgerId, ...] = ()
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    last_names: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
