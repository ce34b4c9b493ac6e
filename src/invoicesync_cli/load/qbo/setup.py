"""QuickBooks' setup lists in the tool's own terms, and the user's settings found in them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_cli.config import Loaded
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbo import schemas
from invoicesync_cli.load.qbo.client import Statement
from invoicesync_cli.load.qbo.schemas import (
    AccountRow,
    CompanyInfoRow,
    CurrencyRow,
    Named,
    Preferences,
    R,
    all_read,
    as_read,
    unreadable_answer,
)
from invoicesync_cli.load.qbo.tracking import CLASS, LOCATION, tracked
from invoicesync_cli.load.settings import SettingsCheck, shown
from invoicesync_cli.model import (
    AccountKind,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    LedgerSettings,
    NameRules,
    TaxCode,
    TaxRate,
    TaxStyle,
    TrackingPair,
)
from invoicesync_cli.vendors import QBO

NAMES = NameRules(
    limit=100,
    replace=((":", " -"), ("\t", " "), ("\r", " "), ("\n", " ")),
    archived_taken=True,
)
"""QuickBooks takes 500 characters now; it has documented 100 for long."""
UNIT_PLACES = 7
"""Decimals of a price, as companies have them (92.5633333)."""
LONGEST = 21
"""Characters of a document number and of a payment's reference."""

LISTS: Mapping[str, Statement] = {
    "CompanyInfo": Statement("CompanyInfo", rows=2),
    "Preferences": Statement("Preferences", rows=2),
    "Account": Statement("Account", "Active = true", rows=300),
    "Item": Statement("Item", "Active = true", rows=350),
    "TaxCode": Statement("TaxCode", "Active = true", rows=80, optional=True),
    "TaxRate": Statement("TaxRate", "Active = true", rows=80, optional=True),
    "PaymentMethod": Statement("PaymentMethod", "Active = true", rows=40, optional=True),
    "CompanyCurrency": Statement("CompanyCurrency", "Active = true", rows=40, optional=True),
    "Class": Statement("Class", "Active = true", rows=60, optional=True),
    "Department": Statement("Department", "Active = true", rows=40, optional=True),
}
"""The lists that are read in one batch, whose answer may have 1,000 objects in all; what is longer
is read on by itself."""

SALES = {"Income", "Other Income"}
PAYABLE = {"Bank", "Other Current Asset"}
KINDS: Mapping[str, AccountKind] = {
    "Bank": "bank",
    "Income": "income",
    "Other Income": "income",
}
SOLD = {"Service", "NonInventory", "Inventory"}
UNDEPOSITED = "UndepositedFunds"
NEW_ITEM_ACCOUNTS = ("SalesOfProductIncome", "ServiceFeeIncome")
"""Kinds of income account that a new item sells to, the likelier first."""

SCHEMAS: Mapping[str, type[schemas.Row]] = {
    "CompanyInfo": CompanyInfoRow,
    "Preferences": Preferences,
    "Account": AccountRow,
    "Item": schemas.ItemRow,
    "TaxCode": schemas.TaxCodeRow,
    "TaxRate": schemas.TaxRateRow,
    "PaymentMethod": Named,
    "CompanyCurrency": CurrencyRow,
    "Class": schemas.TrackingRow,
    "Department": schemas.TrackingRow,
}
SINGLE = {"CompanyInfo", "Preferences"}
NEEDED = {*SINGLE, "Item"}
"""Lists of which every row has to be understood."""


@dataclass(frozen=True)
class Forms:
    """What the forms of this company are like: which fields they have to have."""

    american: bool
    taxed: bool
    currencies: bool
    """Whether several currencies are in use."""
    tax_group: str
    """The tax code that the company usually sells under, or blank (United States)."""
    methods: Mapping[str, str]
    """Ids of payment methods by their names, folded."""
    applies_credits: bool
    """Whether credits go onto new invoices by themselves."""


def kept(name: str, rows: Sequence[Any]) -> list[Any]:
    """The rows of a list that can be read, as they came.

    An account, rate or method that cannot be read is as good as none: what the config names of it
    is reported as missing. Raises `TryLater` where a line could go elsewhere for want of a row.
    """
    schema = SCHEMAS[name]
    if name in NEEDED:
        if name in SINGLE and not rows:
            raise unreadable_answer(f"it has no {name}")
        all_read(schema, rows)
    return [row for row in rows if as_read(schema, row)]


def facts(lists: SetupLists, realm: str) -> LedgerFacts:
    """The facts in the lists of the preflight."""
    preferences = _preferences(lists)
    currencies = [preferences.currency_prefs.home_currency.value]
    if preferences.currency_prefs.multi_currency_enabled:
        currencies += [row.code for row in _rows(lists, "CompanyCurrency", CurrencyRow)]
    accounts = _accounts(lists)
    return LedgerFacts(
        organisation=_company(lists).company_name,
        organisation_id=realm,
        currencies=tuple(dict.fromkeys(currencies)),
        lock_date=preferences.accounting_info_prefs.book_close_date,
        accounts=tuple(accounts.values()),
        tax_codes=tuple(_tax_codes(lists)),
        items=tuple(_items(lists, accounts)),
        tax_style=_style(lists),
        counts_on=not preferences.sales_forms_prefs.custom_txn_numbers,
        tracking=tuple(_tracking(lists)),
    )


def forms(lists: SetupLists) -> Forms:
    """What the company's forms are like."""
    preferences = _preferences(lists)
    return Forms(
        american=_american(lists),
        taxed=preferences.tax_prefs.using_sales_tax,
        currencies=preferences.currency_prefs.multi_currency_enabled,
        tax_group=preferences.tax_prefs.tax_group_code_ref.value or _only_code(lists),
        methods={row.name.casefold(): row.id for row in _rows(lists, "PaymentMethod", Named)},
        applies_credits=preferences.sales_forms_prefs.auto_apply_credit,
    )


def settings_of(found: LedgerFacts, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
    """The settings of [qbo], each found in the company's lists.

    Raises `WrongSettings` naming file, line and key for whatever is not there.
    """
    style, check = _style(lists), SettingsCheck("QuickBooks", found, loaded)
    _check_untaxed(check, style)
    taxable, untaxed = _codes(check, style)
    check.payment_accounts()
    items = _routing(check, lists)
    tracking = tracked(check, _preferences(lists).accounting_info_prefs)
    check.finish()
    return LedgerSettings(
        facts=found,
        names=NAMES,
        unit_places=UNIT_PLACES,
        account="",
        discount_account="",
        finance_charge_account="",
        shipping_account="",
        taxable=taxable,
        untaxed=untaxed,
        sku_accounts=False,
        sku_item_codes=False,
        tax_style=style,
        items=items,
        deposit=_undeposited(lists),
        receipts=loaded.config.qbo.document == "sales-receipt-when-paid",
        reference_limit=LONGEST,
        number_limit=LONGEST,
        tracking=tracking,
    )


# --- the lists ----------------------------------------------------------------------------------


def _rows(lists: SetupLists, name: str, schema: type[R]) -> list[R]:
    rows = lists.get(name)
    found = (as_read(schema, row) for row in rows) if isinstance(rows, list) else ()
    return [row for row in found if row]


def _company(lists: SetupLists) -> CompanyInfoRow:
    return next(iter(_rows(lists, "CompanyInfo", CompanyInfoRow)), CompanyInfoRow())


def _preferences(lists: SetupLists) -> Preferences:
    return next(iter(_rows(lists, "Preferences", Preferences)), Preferences())


def _only_code(lists: SetupLists) -> str:
    """The one tax code with rates that there is, where sales tax is kept by hand; else blank."""
    codes = [code.code for code in _tax_codes(lists) if code.parts and code.rate]
    automated = _preferences(lists).tax_prefs.partner_tax_enabled
    return codes[0] if len(codes) == 1 and not automated else ""


def _american(lists: SetupLists) -> bool:
    return _company(lists).country.upper() in {"US", "USA"}


def _style(lists: SetupLists) -> TaxStyle:
    if not _preferences(lists).tax_prefs.using_sales_tax:
        return TaxStyle.OFF
    return TaxStyle.TOTAL if _american(lists) else TaxStyle.RATE


def _accounts(lists: SetupLists) -> dict[str, LedgerAccount]:
    """The accounts by id. Sub-accounts may share a name; then it takes the whole path."""
    rows = _rows(lists, "Account", AccountRow)
    names = Counter(row.name for row in rows)
    return {
        row.id: LedgerAccount(
            id=row.id,
            code=row.name if names[row.name] == 1 else row.fully_qualified_name or row.name,
            name=row.fully_qualified_name or row.name,
            usable=row.account_type in SALES,
            payable=row.account_type in PAYABLE,
            kind=KINDS.get(row.account_type, ""),
        )
        for row in rows
    }


def _undeposited(lists: SetupLists) -> str:
    """The account that QuickBooks keeps money in until it is deposited, whatever it is called."""
    rows = _rows(lists, "Account", AccountRow)
    return next((row.id for row in rows if row.account_sub_type == UNDEPOSITED), "")


def _tax_codes(lists: SetupLists) -> Iterable[TaxCode]:
    percents = {row.id: row.rate_value for row in _rows(lists, "TaxRate", schemas.TaxRateRow)}
    for row in _rows(lists, "TaxCode", schemas.TaxCodeRow):
        details = row.sales_tax_rate_list.tax_rate_detail
        ids = [detail.tax_rate_ref.value for detail in details]
        plain = all(detail.tax_type_applicable == "TaxOnAmount" for detail in details)
        parts = tuple(TaxRate(ident, percents.get(ident, Decimal(0))) for ident in ids)
        yield TaxCode(
            code=row.id,
            name=row.name,
            rate=sum((part.percent for part in parts), Decimal(0)),
            # A tax on a tax is worked out otherwise; a code for purchases only has no rate here,
            # and of one whose rate is not known nobody could say what it comes to.
            usable=plain
            and percents.keys() >= set(ids)
            and (bool(parts) or not row.taxable or _american(lists)),
            parts=parts,
            id=row.id,
        )


def _items(lists: SetupLists, accounts: Mapping[str, LedgerAccount]) -> Iterable[LedgerItem]:
    """What can be sold: no categories, no bundles, nothing that is only bought."""
    for row in _rows(lists, "Item", schemas.ItemRow):
        income = row.income_account_ref
        if row.type in SOLD and income.value:
            known = accounts.get(income.value)
            name = known.code if known else income.name
            yield LedgerItem(code=row.sku, name=row.name, account=name, id=row.id)


def _tracking(lists: SetupLists) -> Iterable[TrackingPair]:
    """Classes and locations by their whole names, as they are inside one another."""
    for category, name in ((CLASS, "Class"), (LOCATION, "Department")):
        for row in _rows(lists, name, schemas.TrackingRow):
            yield TrackingPair(category, row.fully_qualified_name or row.name, row.id)


# --- the settings -------------------------------------------------------------------------------


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
        none = TaxCode("", "no tax", Decimal(0), usable=True)
        return none, none
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
    found, qbo = check.found, check.loaded.config.qbo
    prefs = _preferences(lists).sales_forms_prefs
    unmatched = _find_item(found, qbo.unmatched_item)
    income = _income(found, lists)
    accounts = {account.id: account.code for account in found.accounts}
    discounts, shipping = prefs.default_discount_account, prefs.default_shipping_account
    if unmatched is None and income is None:
        check.wrong(
            "qbo.unmatched_item",
            "QuickBooks has no income account to which the item for unmatched lines could sell.",
            "Add an income account in QuickBooks, or name an item of yours as qbo.unmatched_item.",
            "account-unknown",
        )
    fallback = LedgerItem("", qbo.unmatched_item, income.code if income else "")
    return ItemRouting(
        by=qbo.match_items_by,
        matched="name" if qbo.match_items_by == "name" else "code",
        section=QBO.key,
        unmatched=unmatched or fallback,
        income=income,
        default=_item(check, "default_item"),
        discount=_item(check, "discount_item"),
        finance_charge=_item(check, "finance_charge_item"),
        shipping=_item(check, "shipping_item"),
        discount_account=accounts.get(discounts, "") if prefs.allow_discount else None,
        shipping_account=accounts.get(shipping, "") if prefs.allow_shipping else None,
    )


def _income(found: LedgerFacts, lists: SetupLists) -> LedgerAccount | None:
    """The account that a new item sells to."""
    kinds = {row.id: row.account_sub_type for row in _rows(lists, "Account", AccountRow)}
    usable = [account for account in found.accounts if account.usable]
    for kind in NEW_ITEM_ACCOUNTS:
        for account in usable:
            if kinds.get(account.id) == kind:
                return account
    return next(iter(usable), None)


def _find_item(found: LedgerFacts, wanted: str) -> LedgerItem | None:
    for matches in (
        [item for item in found.items if wanted == item.name],
        [item for item in found.items if wanted == item.id],
        [item for item in found.items if wanted.casefold() == item.name.casefold()],
    ):
        if wanted and matches:
            return matches[0]
    return None


def _item(check: SettingsCheck, key: str) -> LedgerItem | None:
    """The item of that name or id; one that is not there is noted."""
    wanted = getattr(check.loaded.config.qbo, key)
    item = _find_item(check.found, wanted)
    if wanted and item is None:
        listed = [(known.name, known.account) for known in check.found.items]
        check.unknown(f"qbo.{key}", "item for sale", wanted, "item-missing", listed)
    return item
