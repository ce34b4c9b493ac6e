"""The company file's lists in the tool's own terms, and the user's settings found in them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbd import company as companies
from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.load.qbd.bodies import Forms
from invoicesync_cli.load.qbd.client import DesktopClient, Query
from invoicesync_cli.load.qbd.company import Company, company_of
from invoicesync_cli.load.qbd.found import CURRENCY
from invoicesync_cli.load.qbd.schemas import (
    AccountRow,
    ItemRow,
    MethodRow,
    R,
    TaxCodeRow,
    all_read,
)
from invoicesync_cli.load.settings import SettingsCheck
from invoicesync_cli.model import (
    ZERO,
    AccountKind,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    LedgerSettings,
    NameRules,
    NoteNumbers,
    TaxCode,
    TaxStyle,
)
from invoicesync_cli.vendors import QBD

NAMES = NameRules(
    limit=41,
    replace=((":", " -"), ("\t", " "), ("\r", " "), ("\n", " ")),
    archived_taken=True,
)
UNIT_PLACES = 5
"""Decimals that QuickBooks keeps of a rate."""
NUMBER = 11
"""Characters of a number of a form, a check or a refund."""
REFERENCE = 20
"""Characters of the number of a received payment."""

COMPANY = "Company"
LISTS: Mapping[str, tuple[Query, ...]] = {
    COMPANY: companies.QUERIES,
    "Account": (Query("AccountQuery"),),
    "Item": (Query("ItemQuery", paged=True),),
    "SalesTaxCode": (Query("SalesTaxCodeQuery"),),
    "PaymentMethod": (Query("PaymentMethodQuery"),),
}
"""The lists and what they are read by; all that is not asked for otherwise is in use."""

SALES = {"Income", "OtherIncome"}
PAYABLE = {"Bank", "OtherCurrentAsset"}
KINDS: Mapping[str, AccountKind] = {"Bank": "bank", "Income": "income", "OtherIncome": "income"}
RECEIVABLE = "AccountsReceivable"
UNDEPOSITED = "UndepositedFunds"
SOLD = {
    *("ItemServiceRet", "ItemNonInventoryRet", "ItemInventoryRet"),
    *("ItemInventoryAssemblyRet", "ItemOtherChargeRet"),
}
"""What a product can be matched with."""
DISCOUNT = "ItemDiscountRet"
TAX_ITEM, TAX_GROUP = "ItemSalesTaxRet", "ItemSalesTaxGroupRet"
CARDS = {"Visa", "MasterCard", "AmericanExpress", "Discover", "DebitCard", "OtherCreditCard"}
"""Types of payment methods by which QuickBooks pays back to a card."""
CODES = {"name": "", "part-number": "manufacturer_part_number", "barcode": "bar_code_value"}
"""What of an item the Keap SKU is compared with, by `qbd.match_items_by`."""


def read_lists(client: DesktopClient, names: Collection[str]) -> SetupLists:
    """The named lists: one message, and one more for each further page of items."""
    queries = [query for name in names for query in LISTS[name]]
    rows: dict[str, list[Any]] = {query.name: [] for query in queries}
    plain = [query for query in queries if not query.paged]
    for name, found in client.pages([*plain, *(query for query in queries if query.paged)]):
        rows[name] += [{"as": kind, **fields} for kind, fields in found]
    return {name: {query.name: rows[query.name] for query in LISTS[name]} for name in names}


def read_tax_items(client: DesktopClient) -> set[str]:
    """The ids of all sales tax items, those out of use too."""
    query = Query("ItemSalesTaxQuery", {"ActiveStatus": "All", "IncludeRetElement": "ListID"})
    (rows,) = client.all([query])
    return {str(row.get("ListID", "")) for row in rows}


@dataclass(frozen=True)
class Lists:
    """The lists as they were kept, by their schemas."""

    kept: SetupLists

    def _rows(self, name: str) -> list[Fields]:
        """The rows of a query, each with its kind as `as`."""
        for queries in self.kept.values():
            found = queries.get(name) if isinstance(queries, Mapping) else None
            if isinstance(found, list | tuple):
                return [row for row in found if isinstance(row, Mapping)]
        return []

    def _read(self, name: str, schema: type[R]) -> list[R]:
        return all_read(schema, self._rows(name))

    @property
    def company(self) -> Company:
        """The company. Raises `TryLater` where it cannot be read."""
        return company_of({query.name: self._rows(query.name) for query in LISTS[COMPANY]})

    @property
    def accounts(self) -> list[AccountRow]:
        """The accounts in use."""
        return self._read("AccountQuery", AccountRow)

    @property
    def items(self) -> list[tuple[str, ItemRow]]:
        """The items in use, with their kinds."""
        rows = self._rows("ItemQuery")
        kinds = [str(row.get("as")) for row in rows]
        return list(zip(kinds, all_read(ItemRow, rows), strict=True))

    @property
    def tax_codes(self) -> list[TaxCodeRow]:
        """The sales tax codes."""
        return self._read("SalesTaxCodeQuery", TaxCodeRow)

    @property
    def methods(self) -> list[MethodRow]:
        """The payment methods."""
        return self._read("PaymentMethodQuery", MethodRow)

    @property
    def tax_items(self) -> dict[str, tuple[str, ItemRow]]:
        """Sales tax items and groups by id, with their kinds."""
        found = [(kind, row) for kind, row in self.items if kind in {TAX_ITEM, TAX_GROUP}]
        return {row.list_id: (kind, row) for kind, row in found}

    @property
    def receivable(self) -> str:
        """QuickBooks' own account of what customers owe, by id."""
        rows = [row for row in self.accounts if row.account_type == RECEIVABLE]
        rows.sort(key=lambda row: row.special_account_type != RECEIVABLE)
        return rows[0].list_id if rows else ""


def facts(lists: SetupLists, config: Config, pinned: str) -> LedgerFacts:
    """The facts in the lists; `pinned` is whose books they are by the sign-in."""
    found = Lists(lists)
    company = found.company
    preferences = company.preferences
    accounts = _accounts(found)
    return LedgerFacts(
        organisation=company.info.company_name,
        organisation_id=company.account(pinned).id,
        currencies=(CURRENCY,),
        lock_date=preferences.accounting_preferences.closing_date,
        accounts=tuple(accounts.values()),
        tax_codes=tuple(_tax_codes(found)),
        items=tuple(_items(found, config.qbd.match_items_by)),
        tax_style=_style(found, config),
        counts_on=True,
    )


def _style(found: Lists, config: Config) -> TaxStyle:
    if found.company.preferences.sales_tax_preferences is None:
        return TaxStyle.OFF
    return TaxStyle.TOTAL if config.qbd.tax == "line" else TaxStyle.FORM


def _accounts(found: Lists) -> dict[str, LedgerAccount]:
    """The accounts by id. Sub-accounts may share a name; then it takes the whole path."""
    rows = found.accounts
    names = Counter(row.name for row in rows)
    return {
        row.list_id: LedgerAccount(
            id=row.list_id,
            code=row.name if names[row.name] == 1 else row.full_name or row.name,
            name=row.full_name or row.name,
            usable=row.account_type in SALES,
            payable=row.account_type in PAYABLE,
            kind=KINDS.get(row.account_type, ""),
        )
        for row in rows
    }


def _tax_codes(found: Lists) -> Iterable[TaxCode]:
    """The codes of lines, and the tax items with their rates."""
    for code in found.tax_codes:
        yield TaxCode(code.name, code.name, ZERO, usable=True, id=code.list_id)
    rates = {row.list_id: row.tax_rate for kind, row in found.items if kind == TAX_ITEM}
    for kind, row in found.tax_items.values():
        rate = _rate(kind, row, rates)
        yield TaxCode(row.name, f"{row.name} (tax item)", rate, usable=True, id=row.list_id)


def _rate(kind: str, row: ItemRow, rates: Mapping[str, Decimal]) -> Decimal:
    """The rate of a tax item in percent, of a group that of its parts together."""
    if kind == TAX_ITEM:
        return row.tax_rate
    return sum((rates.get(part.list_id, ZERO) for part in row.item_sales_tax_ref), ZERO)


def _items(found: Lists, by: str) -> Iterable[LedgerItem]:
    """What can be sold, by its whole name, with what the SKU is compared with as code."""
    for kind, row in found.items:
        if kind in SOLD or kind == DISCOUNT:
            code = getattr(row, CODES[by]) if CODES[by] else row.name
            name = row.full_name or row.name
            code = code if kind in SOLD else ""
            yield LedgerItem(code=code, name=name, account=row.account, id=row.list_id)


def settings_of(found: LedgerFacts, kept: SetupLists, loaded: Loaded) -> LedgerSettings:
    """The settings of [qbd], each found in the company file.

    Raises `WrongSettings` naming file, line and key for whatever is not there.
    """
    lists, qbd = Lists(kept), loaded.config.qbd
    check = SettingsCheck(QBD.title, found, loaded)
    _check_untaxed(check)
    taxable, untaxed = _codes(check, lists)
    check.payment_accounts()
    items = _routing(check)
    _receivable(check, lists)
    _refund_method(check, lists)
    check.finish()
    undeposited = [row for row in lists.accounts if row.special_account_type == UNDEPOSITED]
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
        tax_style=found.tax_style,
        items=items,
        deposit=undeposited[0].list_id if undeposited else "",
        receipts=qbd.document == "sales-receipt-when-paid",
        reference_limit=REFERENCE,
        number_limit=NUMBER,
        notes=NoteNumbers("C", "R", prefixed=False),
    )


def forms(kept: SetupLists, loaded: Loaded) -> Forms:
    """What the forms of this company file are like, once its settings were found right."""
    lists, qbd = Lists(kept), loaded.config.qbd
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


def _codes(check: SettingsCheck, lists: Lists) -> tuple[TaxCode, TaxCode]:
    """The codes of taxed and untaxed lines; the first has the rate where the form's counts."""
    qbd = check.loaded.config.qbd
    if check.found.tax_style is TaxStyle.OFF:
        none = TaxCode("", "no tax", ZERO, usable=True)
        return none, none
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


def _tax_items(check: SettingsCheck, lists: Lists) -> Decimal:
    """The rate of `tax_item`; what is wrong with it or with `zero_tax_item` is noted."""
    qbd = check.loaded.config.qbd
    rates = {row.list_id: row.tax_rate for kind, row in lists.items if kind == TAX_ITEM}
    found = {
        row.name.casefold(): (kind, _rate(kind, row, rates))
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
    found, qbd = check.found, check.loaded.config.qbd
    unmatched = _find_item(found, qbd.unmatched_item)
    income = _income(check)
    if unmatched is None and income is None and not qbd.unmatched_account:
        check.wrong(
            "qbd.unmatched_account",
            f"QuickBooks has no item {qbd.unmatched_item!r} for lines that match no other, and to "
            "make it takes the income account that it sells to.",
            "Name an income account, or an item of yours as qbd.unmatched_item.",
            "account-unknown",
        )
    fallback = LedgerItem("", qbd.unmatched_item, income.code if income else "")
    return ItemRouting(
        by=qbd.match_items_by,
        unmatched=unmatched or fallback,
        income=income,
        default=_item(check, "default_item"),
        discount=_item(check, "discount_item"),
        finance_charge=_item(check, "finance_charge_item"),
        shipping=_item(check, "shipping_item"),
        section=QBD.key,
        own_lines=False,
    )


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


def _find_item(found: LedgerFacts, wanted: str) -> LedgerItem | None:
    folded = wanted.casefold()
    return next((item for item in found.items if wanted and item.name.casefold() == folded), None)


def _item(check: SettingsCheck, key: str) -> LedgerItem | None:
    """The item of that name; one that is not there is noted."""
    wanted = getattr(check.loaded.config.qbd, key)
    item = _find_item(check.found, wanted)
    if wanted and item is None:
        listed = [(known.name, known.account) for known in check.found.items]
        check.unknown(f"qbd.{key}", "item for sale", wanted, "item-missing", listed)
    return item


def _account_named(lists: Lists, name: str) -> AccountRow | None:
    folded = name.casefold()
    rows = [row for row in lists.accounts if row.account_type == RECEIVABLE]
    return next(
        (row for row in rows if name and folded in {row.name.casefold(), row.full_name.casefold()}),
        None,
    )


def _receivable(check: SettingsCheck, lists: Lists) -> None:
    wanted = check.loaded.config.qbd.receivable_account
    if wanted and _account_named(lists, wanted) is None:
        rows = [row for row in lists.accounts if row.account_type == RECEIVABLE]
        listed = [(row.full_name or row.name, "") for row in rows]
        what = "account of what customers owe"
        check.unknown("qbd.receivable_account", what, wanted, "account-unknown", listed)


def _refund_method(check: SettingsCheck, lists: Lists) -> None:
    wanted = check.loaded.config.qbd.refund_method
    cards = [row for row in lists.methods if row.payment_method_type in CARDS]
    if wanted and not any(row.name.casefold() == wanted.casefold() for row in cards):
        listed = [(row.name, row.payment_method_type) for row in cards]
        what = "payment method of a card type"
        check.unknown("qbd.refund_method", what, wanted, "payment-method-unknown", listed)
