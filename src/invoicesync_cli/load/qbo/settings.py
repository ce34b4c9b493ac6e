"""The settings of [qbo], found in the company's lists (`setup.py`)."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.config import Loaded
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbo.setup import (
    LONGEST,
    NAMES,
    UNIT_PLACES,
    preferences_of,
    rows_of,
    style_of,
    undeposited,
)
from invoicesync_cli.load.qbo.setup_schemas import AccountRow
from invoicesync_cli.load.qbo.tracking import tracked
from invoicesync_cli.load.quickbooks import NO_TAX, routing
from invoicesync_cli.load.settings import SettingsCheck, shown
from invoicesync_cli.model import (
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerSettings,
    TaxCode,
    TaxStyle,
)

NEW_ITEM_ACCOUNTS = ("SalesOfProductIncome", "ServiceFeeIncome")
"""Kinds of income account that a new item sells to, the likelier first."""


def settings_of(found: LedgerFacts, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
    """The settings of [qbo], each found in the company's lists.

    Raises `WrongSettings` naming file, line and key for whatever is not there.
    """
    style, check = style_of(lists), SettingsCheck("QuickBooks", found, loaded)
    _check_untaxed(check, style)
    taxable, untaxed = _codes(check, style)
    check.payment_accounts()
    items = _routing(check, lists)
    tracking = tracked(check, preferences_of(lists).accounting_info_prefs)
    check.finish()
    return LedgerSettings(
        facts=found,
        names=NAMES,
        unit_places=UNIT_PLACES,
        taxable=taxable,
        untaxed=untaxed,
        tax_style=style,
        items=items,
        deposit=undeposited(lists),
        receipts=loaded.config.qbo.document == "sales-receipt-when-paid",
        reference_limit=LONGEST,
        number_limit=LONGEST,
        tracking=tracking,
    )


def _check_untaxed(check: SettingsCheck, style: TaxStyle) -> None:
    how = check.loaded.config.tax.untaxed_invoices
    if style is TaxStyle.RATE or how == "exempt":
        return
    why = (
        "QuickBooks works sales tax out by itself in the United States, so the total could not be "
        "known before"
        if style is TaxStyle.TOTAL
        else "sales tax is switched off in this company"
    )
    check.wrong(
        "tax.untaxed_invoices",
        f"{how!r} cannot be used here: {why}.",
        'Set tax.untaxed_invoices = "exempt".',
        "tax-untaxed-invoices",
    )


def _codes(check: SettingsCheck, style: TaxStyle) -> tuple[TaxCode, TaxCode]:
    qbo = check.loaded.config.qbo
    if style is TaxStyle.OFF:
        return NO_TAX, NO_TAX
    if style is TaxStyle.TOTAL:
        for key, value, only in (
            ("taxable_code", qbo.taxable_code, "TAX"),
            ("non_taxable_code", qbo.non_taxable_code, "NON"),
        ):
            if value != only:
                check.wrong(
                    f"qbo.{key}",
                    f"in the United States this is {only!r}, not {value!r}.",
                    f'Set qbo.{key} = "{only}".',
                    "tax-code-unknown",
                )
        return (
            TaxCode("TAX", "taxable", Decimal(0), usable=True),
            TaxCode("NON", "not taxable", Decimal(0), usable=True),
        )
    taxable = _tax(check, "taxable_code", qbo.taxable_code)
    untaxed = _tax(check, "non_taxable_code", qbo.non_taxable_code)
    if untaxed.rate:
        codes = (code for code in check.found.tax_codes if code.usable and not code.rate)
        check.wrong(
            "qbo.non_taxable_code",
            f"the tax code {untaxed.name} adds {untaxed.rate:f} % tax, so it cannot stand for "
            "untaxed lines.",
            f"Tax codes without tax here: {shown([(code.name, code.code) for code in codes])}.",
            "tax-code-unknown",
        )
    return taxable, untaxed


def _tax(check: SettingsCheck, key: str, value: str) -> TaxCode:
    """The tax code of that name or id; one that is not there is noted."""
    usable = [code for code in check.found.tax_codes if code.usable]
    for matches in (
        [code for code in usable if value == code.name],
        [code for code in usable if value == code.code],
        [code for code in usable if value.casefold() == code.name.casefold()],
    ):
        if matches:
            return matches[0]
    listed = [(code.name, f"{code.rate:f} %, id {code.code}") for code in usable]
    check.unknown(f"qbo.{key}", "tax code for sales", value, "tax-code-unknown", listed)
    return TaxCode(value, "", Decimal(0), usable=False)


def _routing(check: SettingsCheck, lists: SetupLists) -> ItemRouting:
    prefs = preferences_of(lists).sales_forms_prefs
    items = routing(check, "qbo", _income(check.found, lists))
    accounts = {account.id: account.code for account in check.found.accounts}
    discounts, shipping = prefs.default_discount_account, prefs.default_shipping_account
    if items.income is None and not items.unmatched.id:
        check.wrong(
            "qbo.unmatched_item",
            "QuickBooks has no income account to which the item for unmatched lines could sell.",
            "Add an income account in QuickBooks, or name an item of yours as qbo.unmatched_item.",
            "account-unknown",
        )
    return replace(
        items,
        matched="name" if items.by == "name" else "code",
        discount_account=accounts.get(discounts, "") if prefs.allow_discount else None,
        shipping_account=accounts.get(shipping, "") if prefs.allow_shipping else None,
    )


def _income(found: LedgerFacts, lists: SetupLists) -> LedgerAccount | None:
    """The account that a new item sells to."""
    kinds = {row.id: row.account_sub_type for row in rows_of(lists, "Account", AccountRow)}
    usable = [account for account in found.accounts if account.usable]
    for kind in NEW_ITEM_ACCOUNTS:
        for account in usable:
            if kinds.get(account.id) == kind:
                return account
    return next(iter(usable), None)
