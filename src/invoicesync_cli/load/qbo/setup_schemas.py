"""What is read of QuickBooks' setup lists: the company, its settings, and what it books on."""

from typing import Annotated

from pydantic import BeforeValidator

from invoicesync_cli.http.schemas import Amount, Day, Text
from invoicesync_cli.load.qbo.schemas import Named, Ref, Row, Words
from invoicesync_cli.model import ZERO

CloseDate = Annotated[Day, BeforeValidator(lambda value: str(value)[:10])]
"""A day, whatever stands behind it."""


class AccountRow(Named):
    """An account of the chart."""

    fully_qualified_name: Words = ""
    account_type: Text = ""
    account_sub_type: Text = ""


class TrackingRow(Named):
    """A class or a location; its whole name has those that it is below."""

    fully_qualified_name: Words = ""


class TaxRateRow(Named):
    """A rate of tax, in percent."""

    rate_value: Amount = ZERO


class TaxPart(Row):
    """One of the rates of a tax code, and what it is taken on."""

    tax_rate_ref: Ref = Ref()
    tax_type_applicable: Text = "TaxOnAmount"


class TaxParts(Row):
    """The rates of a tax code."""

    tax_rate_detail: tuple[TaxPart, ...] = ()


class TaxCodeRow(Row):
    """A tax code; in the United States its id is a word."""

    id: Text
    name: Words = ""
    taxable: bool = False
    sales_tax_rate_list: TaxParts = TaxParts()


class CurrencyRow(Row):
    """A currency that is in use beside the company's own."""

    code: Text


class CompanyInfoRow(Row):
    """The company itself."""

    company_name: Words = ""
    country: Text = ""


class AccountingInfo(Row):
    """How the books are kept; what is dated up to the closing date is closed."""

    book_close_date: CloseDate | None = None
    class_tracking_per_txn: bool = False
    class_tracking_per_txn_line: bool = False
    track_departments: bool = False


class TaxPrefs(Row):
    """Whether and how sales tax is reckoned."""

    using_sales_tax: bool = False
    partner_tax_enabled: bool = False
    tax_group_code_ref: Ref = Ref()


class CurrencyPrefs(Row):
    """The company's own currency, and whether it uses others."""

    multi_currency_enabled: bool = False
    home_currency: Ref = Ref()


class SalesForms(Row):
    """Which lines of its own QuickBooks has on forms, the accounts that they go to, whether it
    puts credits onto new invoices by itself, and whether people number forms."""

    custom_txn_numbers: bool = True
    allow_discount: bool = False
    allow_shipping: bool = False
    default_discount_account: Text = ""
    default_shipping_account: Text = ""
    auto_apply_credit: bool = False


class Preferences(Row):
    """The company's settings."""

    accounting_info_prefs: AccountingInfo = AccountingInfo()
    tax_prefs: TaxPrefs = TaxPrefs()
    currency_prefs: CurrencyPrefs = CurrencyPrefs()
    sales_forms_prefs: SalesForms = SalesForms()
