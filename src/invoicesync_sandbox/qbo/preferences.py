"""The company's settings, as far as they change what happens, and as the vendor shows them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from invoicesync_sandbox.fields import Day, Field, FieldTable, Flag, Id, always
from invoicesync_sandbox.qbo.fields import Code, moment


@dataclass(frozen=True)
class Preferences:
    """What a person chooses under Account and settings. `*_account`, `*_item` and `*_term` are ids.

    `close_date` is the last day of the closed books. Whether a duplicate number is warned of is
    never shown to an app.
    """

    close_date: Annotated[dt.date | None, Day("AccountingInfoPrefs.BookCloseDate")] = None
    custom_numbers: Annotated[bool, Flag("SalesFormsPrefs.CustomTxnNumbers")] = False
    warn_duplicate_numbers: bool = True
    allow_discount: Annotated[bool, Flag("SalesFormsPrefs.AllowDiscount")] = True
    allow_shipping: Annotated[bool, Flag("SalesFormsPrefs.AllowShipping")] = True
    allow_deposit: Annotated[bool, Flag("SalesFormsPrefs.AllowDeposit")] = False
    discount_account: Annotated[str, Id("SalesFormsPrefs.DefaultDiscountAccount")] = ""
    shipping_account: Annotated[str, Id("SalesFormsPrefs.DefaultShippingAccount")] = ""
    default_item: Annotated[str, Code("SalesFormsPrefs.DefaultItem")] = ""
    default_term: Annotated[str, Code("SalesFormsPrefs.DefaultTerms")] = ""
    auto_apply_payments: Annotated[bool, Flag("SalesFormsPrefs.AutoApplyPayments")] = True
    auto_apply_credit: Annotated[bool, Flag("SalesFormsPrefs.AutoApplyCredit")] = True
    multicurrency: Annotated[bool, Flag("CurrencyPrefs.MultiCurrencyEnabled")] = False
    using_sales_tax: Annotated[bool, Flag("TaxPrefs.UsingSalesTax")] = True
    default_tax_code: Annotated[str, Code("TaxPrefs.TaxGroupCodeRef")] = ""
    """Of the whole company, where sales tax is looked after by hand."""
    classes_on_forms: Annotated[bool, Flag("AccountingInfoPrefs.ClassTrackingPerTxn")] = False
    classes_on_lines: Annotated[bool, Flag("AccountingInfoPrefs.ClassTrackingPerTxnLine")] = False
    departments: Annotated[bool, Flag("AccountingInfoPrefs.TrackDepartments")] = False


def _same(**shown: Any) -> tuple[Field, ...]:
    """Settings that are the same in every company."""
    return tuple(
        Field(f"{group}.{name}", get=always(value))
        for group, settings in shown.items()
        for name, value in settings.items()
    )


def _automated(books: Any, row: Preferences) -> bool | None:
    """Whether QuickBooks works sales tax out, which may be left unsaid."""
    return (books.world.tax == "automated" and row.using_sales_tax) or None


def _world(name: str) -> Callable[[Any, Any], Any]:
    return lambda books, _: getattr(books.world, name)


_PREFERENCES = FieldTable(
    "Preferences",
    Code("AccountingInfoPrefs.DefaultARAccount", get=lambda books, _: books.receivables),
    Field("AccountingInfoPrefs.FirstMonthOfFiscalYear", get=_world("fiscal_month")),
    Field("AccountingInfoPrefs.TaxYearMonth", get=_world("fiscal_month")),
    Field("TaxPrefs.PartnerTaxEnabled", get=_automated),
    Code("CurrencyPrefs.HomeCurrency", get=_world("currency")),
    *_same(
        AccountingInfoPrefs={"UseAccountNumbers": False, "CustomerTerminology": "Customers"},
        ProductAndServicesPrefs={
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": False,
        },
        SalesFormsPrefs={
            "UsingProgressInvoicing": False,
            "AllowEstimates": True,
            "AllowServiceDate": True,
            "ETransactionEnabledStatus": "NotApplicable",
        },
        ReportPrefs={"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
    ),
    row=Preferences,
)


def view(books: Any) -> dict[str, Any]:
    """The `Preferences` object."""
    return _PREFERENCES.view(books, books.preferences) | _stamp(books)


def company_info(books: Any) -> dict[str, Any]:
    """The company itself."""
    world = books.world
    status = "EXPIRED" if books.subscription_ended else "SUBSCRIBED"
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
            {"Name": "SubscriptionStatus", "Value": status},
        ],
        **_stamp(books),
    }


def _stamp(books: Any) -> dict[str, Any]:
    """What an object has of which there is only one."""
    created = moment(books.created)
    times = {"CreateTime": created, "LastUpdatedTime": created}
    return {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0", "MetaData": times}
