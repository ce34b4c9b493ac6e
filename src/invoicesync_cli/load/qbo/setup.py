"""QuickBooks' setup lists: which are read, and what they say in the tool's own terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbo.client import Query
from invoicesync_cli.load.qbo.schemas import (
    ItemRow,
    Named,
    R,
    Row,
    all_read,
    as_read,
    unreadable_answer,
)
from invoicesync_cli.load.qbo.setup_schemas import (
    AccountRow,
    CompanyInfoRow,
    CurrencyRow,
    Preferences,
    TaxCodeRow,
    TaxRateRow,
    TrackingRow,
)
from invoicesync_cli.load.qbo.tracking import LOCATION
from invoicesync_cli.load.quickbooks import CLASS, REPLACED, UNDEPOSITED, accounts
from invoicesync_cli.model import (
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    NameRules,
    TaxCode,
    TaxRate,
    TaxStyle,
    TrackingPair,
)

NAMES = NameRules(limit=100, replace=REPLACED, archived_taken=True)
"""QuickBooks takes 500 characters now; it has documented 100 for long."""
UNIT_PLACES = 7
"""Decimals of a price, as companies have them (92.5633333)."""
LONGEST = 21
"""Characters of a document number and of a payment's reference."""

LISTS: Mapping[str, Query] = {
    "CompanyInfo": Query("CompanyInfo", rows=2),
    "Preferences": Query("Preferences", rows=2),
    "Account": Query("Account", "Active = true", rows=300),
    "Item": Query("Item", "Active = true", rows=350),
    "TaxCode": Query("TaxCode", "Active = true", rows=80, optional=True),
    "TaxRate": Query("TaxRate", "Active = true", rows=80, optional=True),
    "PaymentMethod": Query("PaymentMethod", "Active = true", rows=40, optional=True),
    "CompanyCurrency": Query("CompanyCurrency", "Active = true", rows=40, optional=True),
    "Class": Query("Class", "Active = true", rows=60, optional=True),
    "Department": Query("Department", "Active = true", rows=40, optional=True),
}
"""The lists that are read in one batch, whose answer may have 1,000 objects in all; what is longer
is read on by itself."""

SOLD = {"Service", "NonInventory", "Inventory"}

SCHEMAS: Mapping[str, type[Row]] = {
    "CompanyInfo": CompanyInfoRow,
    "Preferences": Preferences,
    "Account": AccountRow,
    "Item": ItemRow,
    "TaxCode": TaxCodeRow,
    "TaxRate": TaxRateRow,
    "PaymentMethod": Named,
    "CompanyCurrency": CurrencyRow,
    "Class": TrackingRow,
    "Department": TrackingRow,
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
    preferences = preferences_of(lists)
    currencies = [preferences.currency_prefs.home_currency.value]
    if preferences.currency_prefs.multi_currency_enabled:
        currencies += [row.code for row in rows_of(lists, "CompanyCurrency", CurrencyRow)]
    return LedgerFacts(
        organisation=_company(lists).company_name,
        organisation_id=realm,
        currencies=tuple(dict.fromkeys(currencies)),
        lock_date=preferences.accounting_info_prefs.book_close_date,
        accounts=_accounts(lists),
        tax_codes=tuple(_tax_codes(lists)),
        items=tuple(_items(lists)),
        tax_style=style_of(lists),
        counts_on=not preferences.sales_forms_prefs.custom_txn_numbers,
        tracking=tuple(_tracking(lists)),
    )


def forms(lists: SetupLists) -> Forms:
    """What the company's forms are like."""
    preferences = preferences_of(lists)
    return Forms(
        american=_american(lists),
        taxed=preferences.tax_prefs.using_sales_tax,
        currencies=preferences.currency_prefs.multi_currency_enabled,
        tax_group=preferences.tax_prefs.tax_group_code_ref.value or _only_code(lists),
        methods={row.name.casefold(): row.id for row in rows_of(lists, "PaymentMethod", Named)},
        applies_credits=preferences.sales_forms_prefs.auto_apply_credit,
    )


def rows_of(lists: SetupLists, name: str, schema: type[R]) -> list[R]:
    """The rows of a list that can be read."""
    rows = lists.get(name)
    found = (as_read(schema, row) for row in rows) if isinstance(rows, list) else ()
    return [row for row in found if row]


def _company(lists: SetupLists) -> CompanyInfoRow:
    return next(iter(rows_of(lists, "CompanyInfo", CompanyInfoRow)), CompanyInfoRow())


def preferences_of(lists: SetupLists) -> Preferences:
    """The company's preferences."""
    return next(iter(rows_of(lists, "Preferences", Preferences)), Preferences())


def _only_code(lists: SetupLists) -> str:
    """The one tax code with rates that there is, where sales tax is kept by hand; else blank."""
    codes = [code.code for code in _tax_codes(lists) if code.parts and code.rate]
    automated = preferences_of(lists).tax_prefs.partner_tax_enabled
    return codes[0] if len(codes) == 1 and not automated else ""


def _american(lists: SetupLists) -> bool:
    return _company(lists).country.upper() in {"US", "USA"}


def style_of(lists: SetupLists) -> TaxStyle:
    """How this company's documents state their tax."""
    if not preferences_of(lists).tax_prefs.using_sales_tax:
        return TaxStyle.OFF
    return TaxStyle.TOTAL if _american(lists) else TaxStyle.RATE


def _accounts(lists: SetupLists) -> tuple[LedgerAccount, ...]:
    rows = rows_of(lists, "Account", AccountRow)
    return accounts(
        [(row.id, row.name, row.fully_qualified_name, row.account_type) for row in rows]
    )


def undeposited(lists: SetupLists) -> str:
    """The account that QuickBooks keeps money in until it is deposited, whatever it is called."""
    rows = rows_of(lists, "Account", AccountRow)
    return next((row.id for row in rows if row.account_sub_type == UNDEPOSITED), "")


def _tax_codes(lists: SetupLists) -> Iterable[TaxCode]:
    percents = {row.id: row.rate_value for row in rows_of(lists, "TaxRate", TaxRateRow)}
    for row in rows_of(lists, "TaxCode", TaxCodeRow):
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


def _items(lists: SetupLists) -> Iterable[LedgerItem]:
    """What can be sold: no categories, no bundles, nothing that is only bought."""
    codes = {account.id: account.code for account in _accounts(lists)}
    for row in rows_of(lists, "Item", ItemRow):
        income = row.income_account_ref
        if row.type in SOLD and income.value:
            account = codes.get(income.value, income.name)
            yield LedgerItem(code=row.sku, name=row.name, account=account, id=row.id)


def _tracking(lists: SetupLists) -> Iterable[TrackingPair]:
    """Classes and locations by their whole names, as they are inside one another."""
    for category, name in ((CLASS, "Class"), (LOCATION, "Department")):
        for row in rows_of(lists, name, TrackingRow):
            yield TrackingPair(category, row.fully_qualified_name or row.name, row.id)
