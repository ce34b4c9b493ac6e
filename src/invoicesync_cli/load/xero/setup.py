"""Xero's setup lists in the tool's own terms, and the user's settings found in them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from invoicesync_cli.config import Loaded
from invoicesync_cli.http.responses import unreadable_answer
from invoicesync_cli.http.schemas import BadRow, Schema
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.settings import SettingsCheck, shown
from invoicesync_cli.load.xero.schemas import rows_adapter
from invoicesync_cli.load.xero.setup_schemas import (
    AccountRow,
    CurrencyRow,
    ItemRow,
    OrganisationRow,
    TaxRateRow,
    TrackingRow,
)
from invoicesync_cli.model import (
    AccountKind,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    LedgerSettings,
    NameRules,
    TaxCode,
    Tracking,
    TrackingPair,
)

S = TypeVar("S", bound=Schema)

NAMES = NameRules(limit=255, replace=(("<", "‹"), (">", "›")))
"""Xero refuses angle brackets in contact names."""

UNIT_PLACES = 4
TRACKING = "TrackingCategories"
"""The list that is only read where the config names something of it."""
UNKNOWN = "tracking-unknown"
KINDS: Mapping[str, AccountKind] = {
    "BANK": "bank",
    "SALES": "income",
    "REVENUE": "income",
    "OTHERINCOME": "income",
}
"""Types of accounts that sales and payments usually go to."""
LOOKED_UP = {"AVALARA"}
"""Tax types that are no rate: Xero works such a tax out by itself, so that no total could be said
beforehand. It shows them with a rate of 0."""


def facts(lists: SetupLists) -> LedgerFacts:
    """The facts in the answers to Organisation, Accounts, TaxRates, Items and Currencies.

    Raises `TryLater` for an organisation that makes no sense.
    """
    organisation = next(iter(_rows(lists, "Organisation", OrganisationRow)), None)
    if organisation is None:
        raise unreadable_answer("Xero", "it names no organisation")
    more = [row.code for row in _rows(lists, "Currencies", CurrencyRow)]
    locks = [lock for lock in (organisation.period_lock, organisation.year_lock) if lock]
    return LedgerFacts(
        organisation=organisation.name,
        organisation_id=organisation.id,
        currencies=tuple(dict.fromkeys([organisation.currency, *more])),
        lock_date=max(locks, default=None),
        accounts=tuple(_account(row) for row in _rows(lists, "Accounts", AccountRow)),
        tax_codes=tuple(
            _tax_code(row)
            for row in _rows(lists, "TaxRates", TaxRateRow)
            if row.code not in LOOKED_UP
        ),
        items=tuple(
            LedgerItem(row.code, row.name, row.sales.account)
            for row in _rows(lists, "Items", ItemRow)
        ),
        tracking=tuple(
            TrackingPair(category.name, option.name)
            for category in _rows(lists, TRACKING, TrackingRow)
            for option in category.options
            if category.status == "ACTIVE"
            and not isinstance(option, BadRow)
            and option.status == "ACTIVE"
        ),
    )


def _rows(lists: SetupLists, name: str, schema: type[S]) -> list[S]:
    """The rows of a list that make sense."""
    found = rows_adapter(schema).validate_python(lists.get(name) or [])
    return [row for row in found if not isinstance(row, BadRow)]


def _account(row: AccountRow) -> LedgerAccount:
    active, kind = row.status == "ACTIVE", KINDS.get(row.type, "")
    bank = kind == "bank"
    return LedgerAccount(
        id=row.id,
        code=row.code,
        name=row.name,
        usable=active and not bank and bool(row.code),
        payable=active and (bank or row.takes_payments),
        archived=not active,
        kind=kind,
    )


def _tax_code(row: TaxRateRow) -> TaxCode:
    usable = row.status == "ACTIVE" and row.for_sales
    return TaxCode(code=row.code, name=row.name, rate=row.rate, usable=usable)


def settings_of(found: LedgerFacts, loaded: Loaded) -> LedgerSettings:
    """The settings of [xero], each found in the organisation's lists.

    Raises `WrongSettings` naming file, line and key for whatever is not there.
    """
    xero, check = loaded.config.xero, SettingsCheck("Xero", found, loaded)
    for name in ("account", "discount_account", "finance_charge_account", "shipping_account"):
        if code := getattr(xero, name):
            check.account(f"xero.{name}", code)
    taxable = _tax(check, "tax_type", xero.tax_type)
    untaxed = _tax(check, "zero_tax_type", xero.zero_tax_type)
    if untaxed.rate:
        check.wrong(
            "xero.zero_tax_type",
            f"the tax type {untaxed.code} adds {untaxed.rate:f} % tax, so it cannot stand for "
            "untaxed lines.",
            f"Tax types without tax here: {shown(_untaxed(found))}.",
            "tax-code-unknown",
        )
    check.payment_accounts()
    tracking = Tracking(
        _tracking(check, "xero.tracking", xero.tracking),
        {
            sku: _tracking(check, f"xero.tracking_by_sku.{sku}", named)
            for sku, named in xero.tracking_by_sku.items()
        },
    )
    check.finish()
    return LedgerSettings(
        facts=found,
        names=NAMES,
        unit_places=UNIT_PLACES,
        account=xero.account,
        discount_account=xero.discount_account or xero.account,
        finance_charge_account=xero.finance_charge_account or xero.account,
        shipping_account=xero.shipping_account or xero.account,
        taxable=taxable,
        untaxed=untaxed,
        sku_accounts=xero.sku_accounts,
        sku_item_codes=xero.sku_item_codes,
        tracking=tracking,
    )


def _tracking(check: SettingsCheck, key: str, named: Mapping[str, str]) -> tuple[TrackingPair, ...]:
    """The options of tracking categories that a table of the config names; one that is not there is
    noted: Xero would leave it out without a word."""
    found = []
    for category, option in named.items():
        listed = {folded(pair.category): pair.category for pair in check.found.tracking}
        if folded(category) not in listed:
            categories = [(name, "category") for name in listed.values()]
            check.unknown(f"{key}.{category}", "tracking category", category, UNKNOWN, categories)
            continue
        options = [
            pair for pair in check.found.tracking if folded(pair.category) == folded(category)
        ]
        there = [pair for pair in options if folded(pair.option) == folded(option)]
        if not there:
            names = [(pair.option, pair.category) for pair in options]
            check.unknown(f"{key}.{category}", f"option of {category}", option, UNKNOWN, names)
        found += there[:1]
    return tuple(found)


def folded(name: str) -> str:
    """A name as it is compared: without case and outer blanks."""
    return name.strip().casefold()


def _tax(check: SettingsCheck, name: str, code: str) -> TaxCode:
    """The tax type of that code; one that is not there is noted."""
    for known in check.found.tax_codes:
        if known.code == code and known.usable:
            return known
    listed = [(known.code, known.name) for known in check.found.tax_codes if known.usable]
    check.unknown(f"xero.{name}", "tax type for sales", code, "tax-code-unknown", listed)
    return TaxCode(code, "", Decimal(0), usable=False)


def _untaxed(found: LedgerFacts) -> list[tuple[str, str]]:
    free = (known for known in found.tax_codes if known.usable and not known.rate)
    return [(known.code, known.name) for known in free]
