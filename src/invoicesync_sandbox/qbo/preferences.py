"""The company's settings, as far as they change what happens, and as the vendor shows them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.qbo.worlds import World


@dataclass(frozen=True)
class Preferences:
    """What a person chooses under Account and settings. `*_account`, `*_item` and `*_term` are ids.

    `close_date` is the last day of the closed books. Whether a duplicate number is warned of is
    never shown to an app.
    """

    close_date: dt.date | None = None
    custom_numbers: bool = False
    warn_duplicate_numbers: bool = True
    allow_discount: bool = True
    allow_shipping: bool = True
    allow_deposit: bool = False
    discount_account: str = ""
    shipping_account: str = ""
    default_item: str = ""
    default_term: str = ""
    auto_apply_payments: bool = False
    auto_apply_credit: bool = False
    multicurrency: bool = False
    using_sales_tax: bool = True
    default_tax_code: str = ""
    """Of the whole company, where sales tax is looked after by hand."""
    classes_on_forms: bool = False
    classes_on_lines: bool = False
    departments: bool = False


def view(
    preferences: Preferences, world: World, stamp: dict[str, Any], receivables: str
) -> dict[str, Any]:
    """The `Preferences` object; `stamp` is what every object has."""
    accounting: dict[str, Any] = {
        "UseAccountNumbers": False,
        "DefaultARAccount": {"value": receivables},
        "TrackDepartments": preferences.departments,
        "ClassTrackingPerTxn": preferences.classes_on_forms,
        "ClassTrackingPerTxnLine": preferences.classes_on_lines,
        "FirstMonthOfFiscalYear": world.fiscal_month,
        "TaxYearMonth": world.fiscal_month,
        "CustomerTerminology": "Customers",
    }
    if preferences.close_date:
        accounting["BookCloseDate"] = preferences.close_date.isoformat()
    return {
        "AccountingInfoPrefs": accounting,
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": False,
        },
        "SalesFormsPrefs": _sales_forms(preferences),
        "TaxPrefs": _tax(preferences, world),
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": preferences.multicurrency,
            "HomeCurrency": {"value": world.currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        **stamp,
    }


def _sales_forms(preferences: Preferences) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "UsingProgressInvoicing": False,
        "CustomTxnNumbers": preferences.custom_numbers,
        "AllowDeposit": preferences.allow_deposit,
        "AllowDiscount": preferences.allow_discount,
        "AllowEstimates": True,
        "AllowServiceDate": True,
        "AllowShipping": preferences.allow_shipping,
        "AutoApplyCredit": preferences.auto_apply_credit,
        "AutoApplyPayments": preferences.auto_apply_payments,
        "ETransactionEnabledStatus": "NotApplicable",
    }
    if preferences.discount_account:
        shown["DefaultDiscountAccount"] = preferences.discount_account
    if preferences.shipping_account:
        shown["DefaultShippingAccount"] = preferences.shipping_account
    if preferences.default_item:
        shown["DefaultItem"] = {"value": preferences.default_item}
    if preferences.default_term:
        shown["DefaultTerms"] = {"value": preferences.default_term}
    return shown


def _tax(preferences: Preferences, world: World) -> dict[str, Any]:
    shown: dict[str, Any] = {"UsingSalesTax": preferences.using_sales_tax}
    if world.tax == "automated" and preferences.using_sales_tax:
        shown["PartnerTaxEnabled"] = True
    if preferences.default_tax_code:
        shown["TaxGroupCodeRef"] = {"value": preferences.default_tax_code}
    return shown
