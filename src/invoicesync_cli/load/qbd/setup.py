"""The company file's lists: which are read, and what they say in the tool's own terms."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_cli.config import Config
from invoicesync_cli.load.ledger import SetupLists
from invoicesync_cli.load.qbd import company as companies
from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.load.qbd.client import DesktopClient, Query
from invoicesync_cli.load.qbd.company import Company, company_of
from invoicesync_cli.load.qbd.found import CURRENCY
from invoicesync_cli.load.qbd.schemas import (
    AccountRow,
    ItemRow,
    MethodRow,
    NamedRow,
    R,
    TaxCodeRow,
    all_read,
)
from invoicesync_cli.load.quickbooks import CLASS, accounts
from invoicesync_cli.model import (
    ZERO,
    LedgerFacts,
    LedgerItem,
    TaxCode,
    TaxStyle,
    TrackingPair,
)

COMPANY = "Company"
LISTS: Mapping[str, tuple[Query, ...]] = {
    COMPANY: companies.QUERIES,
    "Account": (Query("AccountQuery"),),
    "Item": (Query("ItemQuery", paged=True),),
    "SalesTaxCode": (Query("SalesTaxCodeQuery"),),
    "PaymentMethod": (Query("PaymentMethodQuery"),),
    "Class": (Query("ClassQuery"),),
}
"""The lists and what they are read by; all that is not asked for otherwise is in use."""

RECEIVABLE = "AccountsReceivable"
SOLD = {
    *("ItemServiceRet", "ItemNonInventoryRet", "ItemInventoryRet"),
    *("ItemInventoryAssemblyRet", "ItemOtherChargeRet"),
}
"""What a product can be matched with."""
DISCOUNT = "ItemDiscountRet"
TAX_ITEM, TAX_GROUP = "ItemSalesTaxRet", "ItemSalesTaxGroupRet"
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
class CompanyLists:
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
    def classes(self) -> list[NamedRow]:
        """The classes in use."""
        return self._read("ClassQuery", NamedRow)

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
    found = CompanyLists(lists)
    company = found.company
    preferences = company.preferences
    rows = [(row.list_id, row.name, row.full_name, row.account_type) for row in found.accounts]
    return LedgerFacts(
        organisation=company.info.company_name,
        organisation_id=company.account(pinned).id,
        currencies=(CURRENCY,),
        lock_date=preferences.accounting_preferences.closing_date,
        accounts=accounts(rows),
        tax_codes=tuple(_tax_codes(found)),
        items=tuple(_items(found, config.qbd.match_items_by)),
        tax_style=_style(found, config),
        counts_on=True,
        tracking=tuple(
            TrackingPair(CLASS, row.full_name or row.name, row.list_id) for row in found.classes
        ),
    )


def _style(found: CompanyLists, config: Config) -> TaxStyle:
    if found.company.preferences.sales_tax_preferences is None:
        return TaxStyle.OFF
    return TaxStyle.TOTAL if config.qbd.tax == "line" else TaxStyle.FORM


def _tax_codes(found: CompanyLists) -> Iterable[TaxCode]:
    """The codes of lines, and the tax items with their rates."""
    for code in found.tax_codes:
        yield TaxCode(code.name, code.name, ZERO, usable=True, id=code.list_id)
    rates = {row.list_id: row.tax_rate for kind, row in found.items if kind == TAX_ITEM}
    for kind, row in found.tax_items.values():
        rate = rate_of(kind, row, rates)
        yield TaxCode(row.name, f"{row.name} (tax item)", rate, usable=True, id=row.list_id)


def rate_of(kind: str, row: ItemRow, rates: Mapping[str, Decimal]) -> Decimal:
    """The rate of a tax item in percent, of a group that of its parts together."""
    if kind == TAX_ITEM:
        return row.tax_rate
    return sum((rates.get(part.list_id, ZERO) for part in row.item_sales_tax_ref), ZERO)


def _items(found: CompanyLists, by: str) -> Iterable[LedgerItem]:
    """What can be sold, by its whole name, with what the SKU is compared with as code."""
    for kind, row in found.items:
        if kind in SOLD or kind == DISCOUNT:
            code = getattr(row, CODES[by]) if CODES[by] else row.name
            name = row.full_name or row.name
            code = code if kind in SOLD else ""
            yield LedgerItem(code=code, name=name, account=row.account, id=row.list_id)
