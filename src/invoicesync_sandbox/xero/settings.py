"""Answers about the organisation itself: its details, accounts, tax rates, items, currencies."""

from typing import Any

from werkzeug.wrappers import Request

from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.errors import QueryParseError
from invoicesync_sandbox.xero.fields import account_listing, item_listing
from invoicesync_sandbox.xero.lines import rounded
from invoicesync_sandbox.xero.lists import Query, collection, select
from invoicesync_sandbox.xero.rows import Account, Item, TaxRate
from invoicesync_sandbox.xero.where import Field, parse_order, parse_where
from invoicesync_sandbox.xero.wire import ms_date, ms_time

Json = dict[str, Any]
_TAX_CLASSES = {
    "CanApplyToAssets": "ASSET",
    "CanApplyToEquity": "EQUITY",
    "CanApplyToExpenses": "EXPENSE",
    "CanApplyToLiabilities": "LIABILITY",
    "CanApplyToRevenue": "REVENUE",
}


def organisation(books: Books) -> Json:
    """`GET /Organisation`; lock dates are there only when they are set."""
    view: Json = {
        **books.organisation,
        "CreatedDateUTC": ms_time(books.created),
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    if books.period_lock:
        view["PeriodLockDate"] = ms_date(books.period_lock)
    if books.year_lock:
        view["EndOfYearLockDate"] = ms_date(books.year_lock)
    return {"Organisations": [view]}


def accounts(books: Books, request: Request) -> Json:
    """`GET /Accounts`, archived ones included."""
    selection = select(account_listing(), books.accounts.values(), request, books.switches)
    return collection("Accounts", selection, _account)


def items(books: Books, request: Request) -> Json:
    """`GET /Items`."""
    places = Query(request).unit_places
    selection = select(item_listing(), books.items.values(), request, books.switches)
    return collection("Items", selection, lambda row: _item(row, places))


def tax_rates(books: Books, request: Request) -> Json:
    """`GET /TaxRates`."""
    fields: dict[str, Field[TaxRate]] = {
        "TaxType": Field("text", lambda row: row.tax_type),
        "Name": Field("text", lambda row: row.name),
        "Status": Field("text", lambda row: row.status),
    }
    query = Query(request)
    found = list(books.tax_rates.values())
    if query.text("where"):
        takes = parse_where(query.text("where"), fields).takes
        found = [row for row in found if takes(row)]
    keys, _ = parse_order(query.text("order") or "Name ASC", fields)
    for key, descending in reversed(keys):
        found.sort(key=key, reverse=descending)
    return {"TaxRates": [_tax_rate(row) for row in found]}


def currencies(books: Books, request: Request) -> Json:
    """`GET /Currencies`."""
    if Query(request).text("where") or Query(request).text("order"):
        raise QueryParseError("The sandbox lists all currencies, unfiltered and by code.")
    rows = sorted(books.currencies.values(), key=lambda row: row.code)
    return {"Currencies": [{"Code": row.code, "Description": row.description} for row in rows]}


def _account(row: Account) -> Json:
    view: Json = {
        "AccountID": row.id,
        "Code": row.code,
        "Name": row.name,
        "Status": row.status,
        "Type": row.type,
        "TaxType": row.tax_type,
        "Class": row.account_class,
        "EnablePaymentsToAccount": row.takes_payments,
        "ShowInExpenseClaims": False,
        "SystemAccount": row.system_account,
        "Description": row.description,
        "HasAttachments": False,
        "AddToWatchlist": False,
        "UpdatedDateUTC": ms_time(row.updated),
    }
    if row.type == "BANK":
        view |= {"BankAccountType": "BANK", "BankAccountNumber": "", "CurrencyCode": row.currency}
        del view["Description"]
    # Absent rather than blank: bank accounts without a code, accounts that are no system account.
    for name in ("Code", "SystemAccount", "Description"):
        if not view.get(name):
            view.pop(name, None)
    return view


def _item(row: Item, unit_places: int) -> Json:
    sales: Json = {}
    if row.unit_price is not None:
        sales["UnitPrice"] = rounded(row.unit_price, unit_places)
    if row.account_code:
        sales["AccountCode"] = row.account_code
    if row.tax_type:
        sales["TaxType"] = row.tax_type
    return {
        "ItemID": row.id,
        "Code": row.code,
        "Name": row.name,
        "Description": row.description,
        "UpdatedDateUTC": ms_time(row.updated),
        "PurchaseDetails": {},
        "SalesDetails": sales,
        "IsTrackedAsInventory": False,
        "IsSold": row.is_sold,
        "IsPurchased": False,
    }


def _tax_rate(row: TaxRate) -> Json:
    rate = rounded(row.rate, 4)
    return {
        "Name": row.name,
        "TaxType": row.tax_type,
        "ReportTaxType": row.report_tax_type,
        **{name: kind in row.classes for name, kind in _TAX_CLASSES.items()},
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "Status": row.status,
        "TaxComponents": [
            {"Name": "VAT", "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}
        ],
    }
