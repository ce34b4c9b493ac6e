"""What comes from the ledger: its lists, and the user's settings found in them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.model.terms import LedgerId


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
