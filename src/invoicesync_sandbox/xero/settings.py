"""What is answered about the organisation itself: its details, accounts, tax rates, items."""

from typing import Any

from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.lines import rounded
from invoicesync_sandbox.xero.rows import (
    ACCOUNT,
    CURRENCY,
    ITEM,
    TAX_RATE,
    TRACKING_CATEGORY,
    TRACKING_OPTION,
    Account,
    Item,
    TaxRate,
)
from invoicesync_sandbox.xero.wire import bare_ms_time, ms_date

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
        "CreatedDateUTC": bare_ms_time(books.created),
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


def currencies(books: Books) -> Json:
    """`GET /Currencies`, by code."""
    rows = sorted(books.currencies.values(), key=lambda row: row.code)
    return {"Currencies": [CURRENCY.view(books, row) for row in rows]}


def tracking_categories(books: Books, *, archived: bool) -> Json:
    """`GET /TrackingCategories`: the active ones, or all of them; each with all of its options."""
    return {
        "TrackingCategories": [
            TRACKING_CATEGORY.view(books, row)
            | {"Options": [TRACKING_OPTION.view(books, option) for option in row.options]}
            for row in books.tracking.values()
            if archived or row.status == "ACTIVE"
        ]
    }


def account_view(books: Books, row: Account, _detail: str, _places: int) -> Json:
    """An account. A bank account has no description; no account has a blank code."""
    bank = {"BankAccountType": "BANK", "BankAccountNumber": ""} if row.type == "BANK" else {}
    return ACCOUNT.view(books, row, "BANK" if bank else "other") | {
        "ShowInExpenseClaims": False,
        "HasAttachments": False,
        "AddToWatchlist": False,
        **bank,
    }


def item_view(books: Books, row: Item, _detail: str, unit_places: int) -> Json:
    """An item."""
    sales = {"AccountCode": row.account_code, "TaxType": row.tax_type}
    sales_details: Json = {name: text for name, text in sales.items() if text}
    if row.unit_price is not None:
        sales_details["UnitPrice"] = rounded(row.unit_price, unit_places)
    return ITEM.view(books, row) | {
        "PurchaseDetails": {},
        "SalesDetails": sales_details,
        "IsTrackedAsInventory": False,
        "IsPurchased": False,
    }


def tax_rate_view(books: Books, row: TaxRate, _detail: str, _places: int) -> Json:
    """A tax rate."""
    rate = rounded(row.rate, 4)
    component = {"Name": "VAT", "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}
    return TAX_RATE.view(books, row) | {
        **{name: kind in row.classes for name, kind in _TAX_CLASSES.items()},
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "TaxComponents": [component],
    }
