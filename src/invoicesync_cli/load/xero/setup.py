"""Xero's setup lists in the tool's own terms, and the user's settings found in them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.settings import check_payments, shown, unknown
from invoicesync_cli.load.xero.client import moment
from invoicesync_cli.model import (
    Booking,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    NameRules,
    TaxCode,
)

NAMES = NameRules(limit=255, replace=(("<", "‹"), (">", "›")))
"""Xero refuses angle brackets in contact names."""

UNIT_PLACES = 4
NOT_FOR_SALES = {"BANK"}


def day_of(value: object) -> date | None:
    """The day in Xero's `/Date(1439434356790+0000)/`: midnight UTC of a calendar date."""
    found = moment(value)
    return found.date() if found else None


def facts(lists: SetupLists) -> LedgerFacts:
    """The facts in the answers to Organisation, Accounts, TaxRates, Items and Currencies."""
    organisation = _rows(lists, "Organisation")[0]
    base = str(organisation.get("BaseCurrency") or "")
    more = [str(row.get("Code")) for row in _rows(lists, "Currencies")]
    locks = [day_of(organisation.get(name)) for name in ("PeriodLockDate", "EndOfYearLockDate")]
    return LedgerFacts(
        organisation=str(organisation.get("Name") or ""),
        organisation_id=str(organisation.get("OrganisationID") or ""),
        currencies=tuple(dict.fromkeys([base, *more])),
        lock_date=max((lock for lock in locks if lock), default=None),
        accounts=tuple(_account(row) for row in _rows(lists, "Accounts")),
        tax_codes=tuple(_tax_code(row) for row in _rows(lists, "TaxRates")),
        items=tuple(_item(row) for row in _rows(lists, "Items")),
    )


def _rows(lists: SetupLists, name: str) -> Sequence[dict[str, Any]]:
    rows = lists.get(name) or []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _account(row: dict[str, Any]) -> LedgerAccount:
    active = row.get("Status") == "ACTIVE"
    bank = row.get("Type") == "BANK"
    return LedgerAccount(
        id=str(row.get("AccountID") or ""),
        code=str(row.get("Code") or ""),
        name=str(row.get("Name") or ""),
        usable=active and row.get("Type") not in NOT_FOR_SALES and bool(row.get("Code")),
        payable=active and (bank or row.get("EnablePaymentsToAccount") is True),
    )


def _tax_code(row: dict[str, Any]) -> TaxCode:
    active = row.get("Status", "ACTIVE") == "ACTIVE"
    return TaxCode(
        code=str(row.get("TaxType") or ""),
        name=str(row.get("Name") or ""),
        rate=Decimal(str(row.get("EffectiveRate") or 0)),
        usable=active and row.get("CanApplyToRevenue") is not False,
    )


def _item(row: dict[str, Any]) -> LedgerItem:
    sales = row.get("SalesDetails") or {}
    return LedgerItem(
        code=str(row.get("Code") or ""),
        name=str(row.get("Name") or ""),
        account=str(sales.get("AccountCode") or ""),
    )


def booking(found: LedgerFacts, loaded: Loaded) -> Booking:
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
    return Booking(
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
