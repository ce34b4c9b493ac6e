"""The elements of a company's lists: a frozen row each, and what its fields are to an app."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from invoicesync_sandbox.fields import Choice, Field, Flag, Number, Text, always
from invoicesync_sandbox.qbo.fields import (
    Address,
    Code,
    DisplayName,
    Email,
    Inside,
    Name,
    ParentRef,
    Ref,
    Row,
    Words,
    moment,
    reference,
    table,
)

ZERO = Decimal(0)
ACCOUNT_TYPES = {
    "Bank": ("Asset", "Checking"),
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "OtherCurrentAssets"),
    "Fixed Asset": ("Asset", "FurnitureAndFixtures"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    "Accounts Payable": ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "NotesPayable"),
    "Equity": ("Equity", "RetainedEarnings"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
}
"""The account types, with their classification and the subtype that they begin with."""
_ITEM_TYPES = ("Service", "NonInventory", "Inventory", "Category", "Group")


def _full_name(books: Any, row: "Named") -> str:
    """The name with those of its parents in front: `Candles:Tealights`."""
    if not row.parent_id:
        return row.shown
    return f"{_full_name(books, books.table_of(row)[row.parent_id])}:{row.shown}"


_FULL_NAME = Text("FullyQualifiedName", get=_full_name, asked=True)
Parent = Annotated[str, ParentRef("ParentRef")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Row):
    """An element of a list. An inactive one keeps its name, and is shown as `Name (deleted)`."""

    word: ClassVar[str] = ""
    """The vendor's for the list, where it says that there is no such element."""
    name: Annotated[str, Name("Name", 100, asked=True, index="name", needed=True)]
    active: Annotated[bool, Flag("Active", asked=True)] = True
    parent_id: str = ""

    @property
    def shown(self) -> str:
        """The name as it is answered."""
        return self.name if self.active else f"{self.name} (deleted)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Named):
    """An account of the chart of accounts."""

    word: ClassVar[str] = "Accounts"
    parent_id: Parent = ""
    type: Annotated[
        str, Choice("AccountType", allowed=ACCOUNT_TYPES, asked=True, needed=True, stays=True)
    ]
    subtype: Annotated[str, Text("AccountSubType", asked=True)]
    currency: Annotated[str, Code("CurrencyRef")]
    number: Annotated[str, Text("AcctNum", 20, asked=True)] = ""
    description: Annotated[str, Text("Description", 100)] = ""


table(
    Account,
    _FULL_NAME,
    Field("SubAccount", get=lambda _, row: bool(row.parent_id)),
    Field("Classification", get=lambda _, row: ACCOUNT_TYPES[row.type][0]),
    kept="TaxCodeRef TxnLocationType AccountAlias",
    output="CurrentBalance CurrentBalanceWithSubAccounts TaxAccount",
    elsewhere="OpeningBalance OpeningBalanceDate BankNum OnlineBankingEnabled FIName"
    " JournalCodeRef AcctNumExtn AccountPurposes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate(Named):
    """A tax rate of `percent` per cent."""

    read_only: ClassVar[bool] = True
    percent: Annotated[Decimal, Number("RateValue")]
    description: Annotated[str, Text("Description")] = ""


def _in_force(books: Any, row: TaxRate) -> list[dict[str, Any]]:
    """Since the company was set up."""
    return [{"RateValue": row.percent, "EffectiveDate": moment(books.created)}]


table(
    TaxRate,
    Field("SpecialTaxType", get=lambda _, row: "NONE" if row.percent else "ZERO_RATE"),
    Field("EffectiveTaxRate", get=_in_force),
    Field("DisplayType", get=always("ReadOnly")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPart:
    """One rate of a tax code: what it is taken on, and in which order."""

    rate_id: str
    applies: str = "TaxOnAmount"
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCode(Named):
    """A tax code. `sales` are its rates on what is sold, none for one without any tax."""

    word: ClassVar[str] = "TaxCode"
    read_only: ClassVar[bool] = True
    description: Annotated[str, Text("Description")] = ""
    taxable: Annotated[bool, Flag("Taxable")] = True
    group: Annotated[bool, Flag("TaxGroup")] = True
    hidden: Annotated[bool, Flag("Hidden")] = False
    sales: tuple[TaxPart, ...] = ()


def _rates(books: Any, row: TaxCode) -> dict[str, Any] | None:
    if not row.group:
        return None
    parts = [
        {
            "TaxRateRef": reference(books, TaxRate, part.rate_id),
            "TaxTypeApplicable": part.applies,
            "TaxOrder": part.order,
        }
        for part in row.sales
    ]
    return {"TaxRateDetail": parts}


table(TaxCode, Field("SalesTaxRateList", get=_rates))
_METHOD_TYPES = ("CREDIT_CARD", "NON_CREDIT_CARD")
ShortName = Annotated[str, Name("Name", 31, asked=True, index="name", needed=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod(Named):
    """A way to pay."""

    word: ClassVar[str] = "PaymentMethod"
    name: ShortName
    type: Annotated[str, Choice("Type", allowed=_METHOD_TYPES, asked=True)] = "NON_CREDIT_CARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Named):
    """Payment terms: due so many days after the date of a document."""

    word: ClassVar[str] = "Terms"
    name: ShortName
    due_days: Annotated[int, Number("DueDays")] = 0


table(PaymentMethod)
table(
    Term,
    Field("Type", get=always("STANDARD")),
    elsewhere="DiscountPercent DiscountDays DayOfMonthDue DueNextMonthDays DiscountDayOfMonth",
)


_PHONE = Inside(
    "PrimaryPhone",
    30,
    inner="FreeFormNumber",
    others="Id DeviceType CountryCode AreaCode ExchangeCode Extension Default Tag",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Named):
    """A customer, vendor or employee; they share ids and names. `name` is the display name."""

    word: ClassVar[str] = "Names"
    serial: ClassVar[str] = "name"
    name: Annotated[str, DisplayName("DisplayName", asked=True, index="name", needed=True)]
    title: Annotated[str, Words("Title", 16)] = ""
    given: Annotated[str, Words("GivenName", 100, asked=True)] = ""
    middle: Annotated[str, Words("MiddleName", 100, asked=True)] = ""
    family: Annotated[str, Words("FamilyName", 100, asked=True)] = ""
    suffix: Annotated[str, Words("Suffix", 16)] = ""
    company: Annotated[str, Words("CompanyName", 100, asked=True)] = ""
    email: Annotated[str, Email("PrimaryEmailAddr", 100, asked=True, index="email")] = ""
    phone: Annotated[str, _PHONE] = ""
    notes: Annotated[str, Text("Notes", 2000)] = ""
    currency: str = ""


_PRINTED = Words(
    "PrintOnCheckName",
    110,
    get=lambda _, row: row.kept.get("PrintOnCheckName", row.shown),
    sent=True,
    asked=True,
)
_PERSON_KEPT = "AlternatePhone Mobile Fax WebAddr OtherAddr Organization CustomField "
_PERSON_OUTPUT = "IntuitId UserId V4IDPseudonym "


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Person):
    """Somebody who buys."""

    parent_id: Parent = ""
    currency: Annotated[str, Code("CurrencyRef", stays=True)] = ""
    taxable: Annotated[bool, Flag("Taxable", asked=True)] = True
    tax_code: Annotated[str, Ref("DefaultTaxCodeRef", of=TaxCode)] = ""
    term_id: Annotated[str, Ref("SalesTermRef", of=Term, checked=True)] = ""


table(
    Customer,
    _FULL_NAME,
    _PRINTED,
    Field("Job", get=lambda _, row: bool(row.parent_id)),
    Number("Balance", get=lambda books, row: books.owed_by(row.id), asked=True),
    Number("BalanceWithJobs", get=lambda books, row: books.owed_by(row.id)),
    Choice("PreferredDeliveryMethod", allowed=("Print", "Email", "None"), default="None"),
    Flag("BillWithParent", default=False),
    Address("BillAddr"),
    Address("ShipAddr"),
    kept=_PERSON_KEPT
    + "PaymentMethodRef ResaleNum AcctNum TaxExemptionReasonId CustomerTypeRef BusinessNumber"
    " GSTIN PrimaryTaxIdentifier SecondaryTaxIdentifier CreditLimit ContactName AltContactName",
    output=_PERSON_OUTPUT
    + "OverDueBalance TotalRevenue TotalExpense Level IsProject ClientEntityId Source"
    " RootCustomerRef",
    elsewhere="OpenBalanceDate TaxGroupCodeRef TaxRateRef CCDetail PriceLevelRef JobInfo"
    " TDSEnabled ARAccountRef GSTRegistrationType IsCISContractor TaxRegime SalesRepRef"
    " OtherContactInfo ClientCompanyId",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor(Person):
    """Somebody who sells to the company."""

    currency: Annotated[str, Code("CurrencyRef", stays=True)] = ""


table(
    Vendor,
    _PRINTED,
    Address("BillAddr"),
    Address("ShipAddr"),
    kept=_PERSON_KEPT
    + "AcctNum BusinessNumber GSTIN TaxIdentifier TermRef Vendor1099 VendorTypeRef"
    " CompanyRegistrationNumber CreditLimit ContactName AltContactName",
    output=_PERSON_OUTPUT + "FullyQualifiedName Balance Source",
    elsewhere="OpenBalanceDate TDSEnabled APAccountRef GSTRegistrationType OtherContactInfo"
    " BillRate CostRate ParentRef PrefillAccountRef VendorPaymentBankDetail HasTPAR",
)


class Employee(Person):
    """Somebody who works for it."""


table(
    Employee,
    _PRINTED,
    Address("PrimaryAddr"),
    kept=_PERSON_KEPT + "EmployeeNumber HiredDate ReleasedDate BirthDate Gender BillableTime",
    output=_PERSON_OUTPUT + "FullyQualifiedName",
    elsewhere="OtherContactInfo SSN BillRate CostRate EmployeeType UseTimeEntry",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Named):
    """A product or service."""

    word: ClassVar[str] = "Items"
    serial: ClassVar[str] = "item"
    parent_id: Parent = ""
    type: Annotated[str, Choice("Type", allowed=_ITEM_TYPES, asked=True, stays=True)] = "Service"
    sku: Annotated[str, Text("Sku", 100, asked=True, index="sku")] = ""
    description: Annotated[str, Text("Description", 4000)] = ""
    unit_price: Annotated[Decimal | None, Number("UnitPrice", default=ZERO)] = None
    taxable: Annotated[bool, Flag("Taxable")] = True
    income_account: Annotated[
        str, Ref("IncomeAccountRef", of=Account, checked=True, asked=True)
    ] = ""
    expense_account: Annotated[str, Ref("ExpenseAccountRef", of=Account, checked=True)] = ""
    tax_code: Annotated[str, Ref("SalesTaxCodeRef", of=TaxCode)] = ""


table(
    Item,
    _FULL_NAME,
    kept="SubItem SalesTaxIncluded PurchaseDesc PurchaseTaxIncluded PurchaseCost"
    " PurchaseTaxCodeRef TrackQtyOnHand ManPartNum PrefVendorRef TaxClassificationRef ClassRef"
    " CustomField",
    output="Level AvgCost Source SpecialItem SpecialItemType",
    elsewhere="COGSAccountRef AssetAccountRef QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder"
    " InvStartDate ReorderPoint ItemGroupDetail ItemAssemblyDetail PrintGroupedItems RatePercent"
    " PercentBased UOMSetRef PaymentMethodRef DepositToAccountRef BuildPoint AbatementRate"
    " ReverseChargeRate ServiceType ItemCategoryType UQCDisplayText UQCId DeferredRevenue"
    " CustomExtensions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingClass(Named):
    """A class, in the sense of tracking."""

    word: ClassVar[str] = "Class"
    parent_id: Parent = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department(Named):
    """A location."""

    word: ClassVar[str] = "Department"
    parent_id: Parent = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCurrency(Named):
    """A foreign currency in use; `rate` is home units for one of it."""

    name: Annotated[str, Text("Name", 100, asked=True, index="name")]
    code: Annotated[str, Text("Code", 3, asked=True, needed=True, stays=True)]
    rate: Decimal = Decimal(1)


table(
    TrackingClass,
    _FULL_NAME,
    Field("SubClass", get=lambda _, row: bool(row.parent_id)),
    name="Class",
    kept="SubDepartment Address",
)
table(
    Department,
    _FULL_NAME,
    Field("SubDepartment", get=lambda _, row: bool(row.parent_id)),
    kept="SubClass Address",
)
table(CompanyCurrency)
