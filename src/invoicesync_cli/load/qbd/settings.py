"""The settings of [qbd], found in the company file's lists (`setup.py`)."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.config import Loaded
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbd.bodies import Forms
from invoicesync_cli.load.qbd.schemas import AccountRow
from invoicesync_cli.load.qbd.setup import RECEIVABLE, TAX_GROUP, TAX_ITEM, CompanyLists, rate_of
from invoicesync_cli.load.quickbooks import (
    CLASS,
    NO_TAX,
    REPLACED,
    UNDEPOSITED,
    UNKNOWN_TRACKING,
    classes_of,
    routing,
    tracking_pair,
)
from invoicesync_cli.load.settings import SettingsCheck
from invoicesync_cli.model import (
    ZERO,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerSettings,
    NameRules,
    NoteNumbers,
    TaxCode,
    TaxStyle,
    Tracking,
)
from invoicesync_cli.vendors import QBD

NAMES = NameRules(limit=41, replace=REPLACED, archived_taken=True)
UNIT_PLACES = 5
"""Decimals that QuickBooks keeps of a rate."""
NUMBER = 11
"""Characters of a number of a form, a check or a refund."""
REFERENCE = 20
"""Characters of the number of a received payment."""
CARDS = {"Visa", "MasterCard", "AmericanExpress", "Discover", "DebitCard", "OtherCreditCard"}
"""Types of payment methods by which QuickBooks pays back to a card."""


def settings_of(found: LedgerFacts, kept: SetupLists, loaded: Loaded) -> LedgerSettings:
    """The settings of [qbd], each found in the company file.

    Raises `WrongSettings` naming file, line and key for whatever is not there.
    """
    lists, qbd = CompanyLists(kept), loaded.config.qbd
    check = SettingsCheck(QBD.title, found, loaded)
    _check_untaxed(check)
    taxable, untaxed = _codes(check, lists)
    check.payment_accounts()
    items = _routing(check)
    _receivable(check, lists)
    _refund_method(check, lists)
    tracking = _classes(check, lists)
    check.finish()
    undeposited = [row for row in lists.accounts if row.special_account_type == UNDEPOSITED]
    return LedgerSettings(
        facts=found,
        names=NAMES,
        unit_places=UNIT_PLACES,
        taxable=taxable,
        untaxed=untaxed,
        tax_style=found.tax_style,
        items=items,
        deposit=undeposited[0].list_id if undeposited else "",
        receipts=qbd.document == "sales-receipt-when-paid",
        reference_limit=REFERENCE,
        number_limit=NUMBER,
        notes=NoteNumbers("C", "R", prefixed=False),
        tracking=tracking,
    )


def forms(kept: SetupLists, loaded: Loaded) -> Forms:
    """What the forms of this company file are like, once its settings were found right."""
    lists, qbd = CompanyLists(kept), loaded.config.qbd
    named = {row.name.casefold(): row.list_id for _, row in lists.tax_items.values()}
    methods = {row.name.strip().casefold(): row.list_id for row in lists.methods}
    own = _account_named(lists, qbd.receivable_account)
    return Forms(
        taxed=lists.company.preferences.sales_tax_preferences is not None,
        tax=qbd.tax,
        tax_item=named.get(qbd.tax_item.casefold(), qbd.tax_item),
        zero_tax_item=named.get(qbd.zero_tax_item.casefold(), qbd.zero_tax_item),
        receivable=own.list_id if own else "",
        methods=methods,
        own_receivable=lists.receivable,
        refund_method=methods.get(qbd.refund_method.strip().casefold(), ""),
    )


def _check_untaxed(check: SettingsCheck) -> None:
    how = check.loaded.config.tax.untaxed_invoices
    if how != "exempt":
        check.wrong(
            "tax.untaxed_invoices",
            f"{how!r} cannot be used here: QuickBooks' tax codes say whether a line is taxed, and "
            "not at which rate.",
            'Set tax.untaxed_invoices = "exempt".',
            "tax-untaxed-invoices",
        )


def _codes(check: SettingsCheck, lists: CompanyLists) -> tuple[TaxCode, TaxCode]:
    """The codes of taxed and untaxed lines; the first has the rate where the form's counts."""
    qbd = check.loaded.config.qbd
    if check.found.tax_style is TaxStyle.OFF:
        return NO_TAX, NO_TAX
    known = {row.name.casefold(): row for row in lists.tax_codes}
    rates = _tax_items(check, lists)
    codes = []
    for key, taxable in (("taxable_code", True), ("non_taxable_code", False)):
        name = getattr(qbd, key)
        row = known.get(name.casefold())
        if row is None or row.is_taxable is not taxable:
            what = "sales tax code for taxed lines" if taxable else "sales tax code without tax"
            listed = [(one.name, "") for one in lists.tax_codes if one.is_taxable is taxable]
            check.unknown(f"qbd.{key}", what, name, "tax-code-unknown", listed)
        rate = rates if taxable and check.found.tax_style is TaxStyle.FORM else ZERO
        codes.append(TaxCode(row.name if row else name, name, rate, usable=True))
    return codes[0], codes[1]


def _tax_items(check: SettingsCheck, lists: CompanyLists) -> Decimal:
    """The rate of `tax_item`; what is wrong with it or with `zero_tax_item` is noted."""
    qbd = check.loaded.config.qbd
    rates = {row.list_id: row.tax_rate for kind, row in lists.items if kind == TAX_ITEM}
    found = {
        row.name.casefold(): (kind, rate_of(kind, row, rates))
        for kind, row in lists.tax_items.values()
    }
    rate = ZERO
    for key in ("tax_item", "zero_tax_item"):
        name = getattr(qbd, key)
        kind, percent = found.get(name.casefold(), ("", ZERO))
        if not kind:
            listed = [(row.name, f"{row.tax_rate:f} %") for _, row in lists.tax_items.values()]
            check.unknown(f"qbd.{key}", "sales tax item", name, "tax-code-unknown", listed)
        elif key == "tax_item" and qbd.tax == "line" and kind == TAX_GROUP:
            check.wrong(
                "qbd.tax_item",
                f"{name} is a group of tax items, and a line takes a single one.",
                'Name a sales tax item, or set qbd.tax = "rate".',
                "tax-code-unknown",
            )
        elif key == "zero_tax_item" and percent:
            check.wrong(
                "qbd.zero_tax_item",
                f"{name} has a rate of {percent:f} %, and is for what bears no tax.",
                "Name a sales tax item of 0 %.",
                "tax-code-unknown",
            )
        elif key == "tax_item":
            rate = percent
    return rate


def _routing(check: SettingsCheck) -> ItemRouting:
    qbd = check.loaded.config.qbd
    items = replace(routing(check, "qbd", _income(check)), own_lines=False)
    if items.income is None and not items.unmatched.id and not qbd.unmatched_account:
        check.wrong(
            "qbd.unmatched_account",
            f"QuickBooks has no item {qbd.unmatched_item!r} for lines that match no other, and to "
            "make it takes the income account that it sells to.",
            "Name an income account, or an item of yours as qbd.unmatched_item.",
            "account-unknown",
        )
    return items


def _income(check: SettingsCheck) -> LedgerAccount | None:
    """The account that a new item sells to; one that is not there is noted."""
    wanted = check.loaded.config.qbd.unmatched_account
    if not wanted:
        return None
    usable = [account for account in check.found.accounts if account.usable]
    for account in usable:
        if wanted.casefold() in {account.code.casefold(), account.name.casefold()}:
            return account
    listed = [(account.code, account.name) for account in usable]
    check.unknown("qbd.unmatched_account", "income account", wanted, "account-unknown", listed)
    return None


def _account_named(lists: CompanyLists, name: str) -> AccountRow | None:
    folded = name.casefold()
    rows = [row for row in lists.accounts if row.account_type == RECEIVABLE]
    return next(
        (row for row in rows if name and folded in {row.name.casefold(), row.full_name.casefold()}),
        None,
    )


def _receivable(check: SettingsCheck, lists: CompanyLists) -> None:
    wanted = check.loaded.config.qbd.receivable_account
    if wanted and _account_named(lists, wanted) is None:
        rows = [row for row in lists.accounts if row.account_type == RECEIVABLE]
        listed = [(row.full_name or row.name, "") for row in rows]
        what = "account of what customers owe"
        check.unknown("qbd.receivable_account", what, wanted, "account-unknown", listed)


def _refund_method(check: SettingsCheck, lists: CompanyLists) -> None:
    wanted = check.loaded.config.qbd.refund_method
    cards = [row for row in lists.methods if row.payment_method_type in CARDS]
    if wanted and not any(row.name.casefold() == wanted.casefold() for row in cards):
        listed = [(row.name, row.payment_method_type) for row in cards]
        what = "payment method of a card type"
        check.unknown("qbd.refund_method", what, wanted, "payment-method-unknown", listed)


def _classes(check: SettingsCheck, lists: CompanyLists) -> Tracking:
    """What lines are tracked by; a class that is not there, or classes that are off, are noted."""
    qbd = check.loaded.config.qbd
    named = classes_of(qbd)
    if not lists.company.preferences.accounting_preferences.is_using_class_tracking:
        for key in named:
            check.wrong(
                f"qbd.{key}",
                "QuickBooks cannot track lines by classes: the company file has them switched off.",
                "Switch them on in QuickBooks under Edit > Preferences > Accounting > Company "
                "Preferences.",
                UNKNOWN_TRACKING,
            )
        return Tracking()
    found = {key: tracking_pair(check, f"qbd.{key}", CLASS, name) for key, name in named.items()}
    by_sku = {sku: found[f"class_by_sku.{sku}"] for sku in qbd.class_by_sku}
    return Tracking(found.get("class", ()), by_sku)
