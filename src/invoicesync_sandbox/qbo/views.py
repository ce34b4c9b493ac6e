"""How rows are answered: JSON objects with the vendor's names, ids as text, money as numbers."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbo import people
from invoicesync_sandbox.qbo.books import SERVER_ZONE, Books
from invoicesync_sandbox.qbo.lists import ACCOUNT_TYPES, full_name
from invoicesync_sandbox.qbo.rows import (
    Account,
    CompanyCurrency,
    Customer,
    Department,
    Employee,
    Item,
    Named,
    PaymentMethod,
    Person,
    Row,
    TaxCode,
    TaxRate,
    Term,
    TrackingClass,
)


def moment(time: datetime) -> str:
    """A moment as the server writes it, in its own zone."""
    return time.astimezone(SERVER_ZONE).isoformat(timespec="seconds")


def stamp(row: Row) -> dict[str, Any]:
    """What every object has."""
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": row.id,
        "SyncToken": str(row.sync_token),
        "MetaData": {"CreateTime": moment(row.created), "LastUpdatedTime": moment(row.updated)},
    }


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that have something to say."""
    return {name: value for name, value in fields.items() if value not in (None, "")}


def reference(table: Mapping[str, Named], row_id: str) -> dict[str, str] | None:
    """A reference with the name of what it refers to; None for none."""
    if not row_id:
        return None
    row = table.get(row_id)
    return {"value": row_id, "name": row.shown} if row else {"value": row_id}


def money_in(books: Books, currency: str, rate: Decimal) -> dict[str, Any]:
    """The currency, and where there are several its rate."""
    home = currency == books.world.currency
    name = books.world.currency_name if home else currency
    known = {"CurrencyRef": {"value": currency, "name": name}}
    return known | {"ExchangeRate": rate} if books.preferences.multicurrency else known


def person(books: Books, row: Person) -> dict[str, Any]:
    """A customer, vendor or employee."""
    name = row.shown
    fields: dict[str, Any] = {
        **row.kept,
        "Title": row.title,
        "GivenName": row.given,
        "MiddleName": row.middle,
        "FamilyName": row.family,
        "Suffix": row.suffix,
        "DisplayName": name,
        "PrintOnCheckName": row.kept.get("PrintOnCheckName", name),
        "Active": row.active,
    }
    if row.email:
        fields["PrimaryEmailAddr"] = {"Address": row.email}
    if row.phone:
        fields["PrimaryPhone"] = {"FreeFormNumber": row.phone}
    if not isinstance(row, Employee):
        fields |= {"CompanyName": row.company, "CurrencyRef": {"value": row.currency}}
    if isinstance(row, Customer):
        fields |= _customer(books, row)
    return filled(fields) | stamp(row)


def _customer(books: Books, row: Customer) -> dict[str, Any]:
    balance = people.balance(books, row.id)
    return {
        "FullyQualifiedName": full_name(books.customers, row),
        "Notes": row.notes,
        "Taxable": row.taxable,
        "Job": bool(row.parent_id),
        "BillWithParent": row.kept.get("BillWithParent", False),
        "ParentRef": reference(books.customers, row.parent_id),
        "DefaultTaxCodeRef": reference(books.tax_codes, row.tax_code),
        "SalesTermRef": reference(books.terms, row.term_id),
        "PreferredDeliveryMethod": row.kept.get("PreferredDeliveryMethod", "None"),
        "Balance": balance,
        "BalanceWithJobs": balance,
    }


def item(books: Books, row: Item) -> dict[str, Any]:
    """A product or service."""
    fields = {
        **row.kept,
        "Name": row.shown,
        "FullyQualifiedName": full_name(books.items, row),
        "Sku": row.sku,
        "Description": row.description,
        "Active": row.active,
        "Type": row.type,
        "Taxable": row.taxable,
        "UnitPrice": row.unit_price if row.unit_price is not None else Decimal(0),
        "ParentRef": reference(books.items, row.parent_id),
        "IncomeAccountRef": reference(books.accounts, row.income_account),
        "ExpenseAccountRef": reference(books.accounts, row.expense_account),
        "SalesTaxCodeRef": reference(books.tax_codes, row.tax_code),
    }
    return filled(fields) | stamp(row)


def account(books: Books, row: Account) -> dict[str, Any]:
    """An account."""
    fields = {
        **row.kept,
        "Name": row.shown,
        "FullyQualifiedName": full_name(books.accounts, row),
        "Active": row.active,
        "Description": row.description,
        "AcctNum": row.number,
        "SubAccount": bool(row.parent_id),
        "ParentRef": reference(books.accounts, row.parent_id),
        "Classification": ACCOUNT_TYPES[row.type][0],
        "AccountType": row.type,
        "AccountSubType": row.subtype,
        "CurrencyRef": {"value": row.currency},
    }
    return filled(fields) | stamp(row)


def tax_code(books: Books, row: TaxCode) -> dict[str, Any]:
    """A tax code with its rates on sales."""
    parts = [
        {
            "TaxRateRef": reference(books.tax_rates, part.rate_id),
            "TaxTypeApplicable": part.applies,
            "TaxOrder": part.order,
        }
        for part in row.sales
    ]
    fields = {
        "Name": row.shown,
        "Description": row.description,
        "Active": row.active,
        "Hidden": row.hidden,
        "Taxable": row.taxable,
        "TaxGroup": row.group,
    }
    rates = {"SalesTaxRateList": {"TaxRateDetail": parts}} if row.group else {}
    return filled(fields) | rates | stamp(row)


def tax_rate(books: Books, row: TaxRate) -> dict[str, Any]:
    """A tax rate, in force since the company was set up."""
    since = {"RateValue": row.percent, "EffectiveDate": moment(books.created)}
    fields = {
        "Name": row.shown,
        "Description": row.description,
        "Active": row.active,
        "RateValue": row.percent,
        "SpecialTaxType": "NONE" if row.percent else "ZERO_RATE",
        "EffectiveTaxRate": [since],
        "DisplayType": "ReadOnly",
    }
    return filled(fields) | stamp(row)


def payment_method(_: Books, row: PaymentMethod) -> dict[str, Any]:
    """A payment method."""
    return {"Name": row.shown, "Active": row.active, "Type": row.type} | stamp(row)


def term(_: Books, row: Term) -> dict[str, Any]:
    """Payment terms of so many days."""
    fields = {"Name": row.shown, "Active": row.active}
    return fields | {"Type": "STANDARD", "DueDays": row.due_days} | stamp(row)


def tracking(books: Books, row: TrackingClass | Department) -> dict[str, Any]:
    """A class, or a location."""
    is_class = isinstance(row, TrackingClass)
    table: Any = books.classes if is_class else books.departments
    fields = {
        **row.kept,
        "Name": row.shown,
        "SubClass" if is_class else "SubDepartment": bool(row.parent_id),
        "ParentRef": reference(table, row.parent_id),
        "FullyQualifiedName": full_name(table, row),
        "Active": row.active,
    }
    return filled(fields) | stamp(row)


def company_currency(_: Books, row: CompanyCurrency) -> dict[str, Any]:
    """A foreign currency in use."""
    fields = {"Code": row.code, "Name": row.name, "Active": row.active}
    return fields | stamp(row)


def company_info(books: Books) -> dict[str, Any]:
    """The company itself."""
    world = books.world
    return {
        "CompanyName": books.company_name,
        "LegalName": books.company_name,
        "CompanyAddr": {"Id": "1", **world.address},
        "CompanyStartDate": books.created.date().isoformat(),
        "FiscalYearStartMonth": world.fiscal_month,
        "Country": world.country,
        "SupportedLanguages": "en",
        "DefaultTimeZone": world.zone,
        "NameValue": [
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {
                "Name": "SubscriptionStatus",
                "Value": "EXPIRED" if books.subscription_ended else "SUBSCRIBED",
            },
        ],
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
        "MetaData": {
            "CreateTime": moment(books.created),
            "LastUpdatedTime": moment(books.created),
        },
    }
