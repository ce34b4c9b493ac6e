"""Xero's setup lists in the tool's own terms, and the user's settings found in them."""

from typing import TypeVar

from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.http.responses import unreadable_answer
from invoicesync_cli.http.schemas import BadRow, Schema
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.settings import check_payments, shown, unknown
from invoicesync_cli.load.xero.schemas import rows_adapter
from invoicesync_cli.load.xero.setup_schemas import (
    AccountRow,
    CurrencyRow,
    ItemRow,
    OrganisationRow,
    TaxRateRow,
)
from invoicesync_cli.model import (
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    LedgerSettings,
    NameRules,
    TaxCode,
)

S = TypeVar("S", bound=Schema)

NAMES = NameRules(limit=255, replace=(("<", "‹"), (">", "›")))
"""Xero refuses angle brackets in contact names."""

UNIT_PLACES = 4
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
    )


def _rows(lists: SetupLists, name: str, schema: type[S]) -> list[S]:
    """The rows of a list that make sense."""
    found = rows_adapter(schema).validate_python(lists.get(name) or [])
    return [row for row in found if not isinstance(row, BadRow)]


def _account(row: AccountRow) -> LedgerAccount:
    active, bank = row.status == "ACTIVE", row.type == "BANK"
    return LedgerAccount(
        id=row.id,
        code=row.code,
        name=row.name,
        usable=active and not bank and bool(row.code),
        payable=active and (bank or row.takes_payments),
    )


def _tax_code(row: TaxRateRow) -> TaxCode:
    usable = row.status == "ACTIVE" and row.for_sales
    return TaxCode(code=row.code, name=row.name, rate=row.rate, usable=usable)


def settings_of(found: LedgerFacts, loaded: Loaded) -> LedgerSettings:
    """The settings of [xero], each found in the organisation's lists.

    Raises `ConfigError` naming file, line and key for whatever is not there.
    """
    xero = loaded.config.xero
    account = _sales_account(found, loaded, "account", xero.account)
    discount, finance_charge, shipping = (
        _sales_account(found, loaded, name, getattr(xero, name)) or account
        for name in ("discount_account", "finance_charge_account", "shipping_account")
    )
    untaxed = _tax(found, loaded, "zero_tax_type", xero.zero_tax_type)
    if untaxed.rate:
        raise ConfigError(
            f"{loaded.where('xero.zero_tax_type')}: the tax type {untaxed.code} adds "
            f"{untaxed.rate:f} % tax, so it cannot stand for untaxed lines.",
            hint=f"Tax types without tax here: {shown(_untaxed(found))}.",
            code="tax-code-unknown",
        )
    check_payments("Xero", found, loaded)
    return LedgerSettings(
        facts=found,
        names=NAMES,
        unit_places=UNIT_PLACES,
        account=account,
        discount_account=discount,
        finance_charge_account=finance_charge,
        shipping_account=shipping,
        taxable=_tax(found, loaded, "tax_type", xero.tax_type),
        untaxed=untaxed,
        sku_accounts=xero.sku_accounts,
        sku_item_codes=xero.sku_item_codes,
    )


def _sales_account(found: LedgerFacts, loaded: Loaded, name: str, code: str) -> str:
    if not code or any(known.usable for known in found.accounts if known.code == code):
        return code
    listed = [(known.code, known.name) for known in found.accounts if known.usable]
    raise unknown("Xero", loaded, f"xero.{name}", "account", code, "account-unknown", listed)


def _tax(found: LedgerFacts, loaded: Loaded, name: str, code: str) -> TaxCode:
    for known in found.tax_codes:
        if known.code == code and known.usable:
            return known
    listed = [(known.code, known.name) for known in found.tax_codes if known.usable]
    raise unknown(
        "Xero", loaded, f"xero.{name}", "tax type for sales", code, "tax-code-unknown", listed
    )


def _untaxed(found: LedgerFacts) -> list[tuple[str, str]]:
    free = (known for known in found.tax_codes if known.usable and not known.rate)
    return [(known.code, known.name) for known in free]
