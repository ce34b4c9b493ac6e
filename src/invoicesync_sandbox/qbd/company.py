"""What a company file says of QuickBooks, of the company and of its preferences."""

from typing import Any

from invoicesync_sandbox.qbd import rows
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.grammar import Sent

Values = dict[str, Any]
VERSIONS = (
    "1.0",
    "1.1",
    "2.0",
    "2.1",
    "3.0",
    "4.0",
    "4.1",
    "5.0",
    "6.0",
    "7.0",
    "8.0",
    "9.0",
    "10.0",
    "11.0",
    "12.0",
    "13.0",
    "14.0",
    "15.0",
    "16.0",
    "17.0",
)


def host(books: Books, *, newest: str, single_user: bool, unattended: bool) -> Values:
    """QuickBooks itself; it knows qbXML up to the version `newest`."""
    return {
        "ProductName": "QuickBooks Enterprise Solutions: Retail 24.0",
        "MajorVersion": "34",
        "MinorVersion": "0",
        "Country": books.world.country,
        "SupportedQBXMLVersion": list(VERSIONS[: VERSIONS.index(newest) + 1]),
        "IsAutomaticLogin": unattended,
        "QBFileMode": "SingleUser" if single_user else "MultiUser",
    }


def company(books: Books, sent: Sent) -> Values:
    """The company; with an owner's id, what that has stamped on the file."""
    canada = books.world.country == "CA"
    address = {
        "Addr1": books.company_name,
        "Addr2": "12 Candle Court",
        "City": "Toronto" if canada else "Oakland",
        "State": "ON" if canada else "CA",
        "PostalCode": "M5V 2T6" if canada else "94601",
        "Country": "Canada" if canada else "USA",
    }
    stamps = [
        {
            "OwnerID": owner,
            "DataExtName": "FileID",
            "DataExtType": "STR255TYPE",
            "DataExtValue": books.file_ids[owner],
        }
        for owner in sent.all("OwnerID")
        if owner in books.file_ids
    ]
    return {
        "IsSampleCompany": books.sample,
        "CompanyName": books.company_name,
        "LegalCompanyName": books.company_name,
        "Address": address,
        "LegalAddress": address,
        "Email": "books@wickandwax.example",
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
        "TaxForm": "OtherOrNone",
        "DataExtRet": stamps,
    }


def preferences(books: Books, *, unattended: bool) -> Values:
    """The preferences. Those of sales tax are there only where it is on."""
    known = books.preferences
    values: Values = {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": False,
            "IsRequiringAccounts": True,
            "IsUsingClassTracking": known.classes,
            "IsUsingAuditTrail": True,
            "IsAssigningJournalEntryNumbers": True,
            "ClosingDate": known.closing_date,
        },
        "FinanceChargePreferences": {
            "GracePeriod": 0,
            "IsAssessingForOverdueCharges": False,
            "CalculateChargesFrom": "DueDate",
            "IsMarkedToBePrinted": False,
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": False,
            "IsUsingProgressInvoicing": False,
            "IsPrintingItemsWithZeroAmounts": False,
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": False},
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": True,
            "DaysBillsAreDue": 10,
            "IsAutomaticallyUsingDiscounts": False,
        },
        "ReportsPreferences": {
            "AgingReportBasis": "AgeFromDueDate",
            "SummaryReportBasis": "Accrual",
        },
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": False,
            "IsAutoApplyingPayments": known.auto_apply,
        },
        "TimeTrackingPreferences": {"FirstDayOfWeek": "Monday"},
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": unattended,
            "IsPersonalDataAccessAllowed": False,
        },
        "ItemsAndInventoryPreferences": {"IsBarcodeEnabled": known.barcodes},
    }
    if known.sales_tax:
        values["SalesTaxPreferences"] = {
            "DefaultItemSalesTaxRef": _reference(books, rows.Item, known.default_tax_item),
            "PaySalesTax": "Monthly",
            "DefaultTaxableSalesTaxCodeRef": _reference(
                books, rows.SalesTaxCode, known.taxable_code
            ),
            "DefaultNonTaxableSalesTaxCodeRef": _reference(
                books, rows.SalesTaxCode, known.untaxed_code
            ),
        }
    return values


def _reference(books: Books, kind: type[rows.Named], row_id: str) -> Values | None:
    row = books.tables[kind].get(row_id)
    return {"ListID": row.id, "FullName": row.name} if row else None
