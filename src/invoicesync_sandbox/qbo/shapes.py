"""The property names that the vendor's schema knows, and what the sandbox makes of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The properties of one kind of object.

    `read` are understood, `kept` are only given back, `output` are the server's own and ignored;
    `elsewhere` mean something that is not simulated. Anything else is unknown to the vendor.
    """

    name: str
    read: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    output: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENTITY = _names("domain status MetaData AttachableRef")
_IDENTITY = _names("Id SyncToken sparse")

REF = Shape("Reference", read=_names("value name type"))
ADDRESS = Shape(
    "PhysicalAddress",
    read=_names(
        "Line1 Line2 Line3 Line4 Line5 City Country CountryCode County CountrySubDivisionCode"
        " PostalCode"
    ),
    output=_names("Id Lat Long Tag Note PostalCodeSuffix"),
)
EMAIL = Shape("EmailAddress", read=_names("Address"), output=_names("Id Default Tag"))
PHONE = Shape(
    "TelephoneNumber",
    read=_names("FreeFormNumber"),
    output=_names("Id DeviceType CountryCode AreaCode ExchangeCode Extension Default Tag"),
)
MEMO = Shape("MemoRef", read=_names("value"), output=_names("id"))

_PERSON_READ = _IDENTITY | _names(
    "Title GivenName MiddleName FamilyName Suffix CompanyName DisplayName PrintOnCheckName Active"
    " PrimaryPhone PrimaryEmailAddr DefaultTaxCodeRef Notes"
)
_PERSON_KEPT = _names("AlternatePhone Mobile Fax WebAddr OtherAddr Organization CustomField")
_PERSON_OUTPUT = _ENTITY | _names("FullyQualifiedName IntuitId UserId V4IDPseudonym")
CUSTOMER = Shape(
    "Customer",
    read=_PERSON_READ | _names("Taxable ParentRef SalesTermRef CurrencyRef BillAddr ShipAddr"),
    kept=_PERSON_KEPT
    | _names(
        "Job BillWithParent PaymentMethodRef PreferredDeliveryMethod ResaleNum AcctNum"
        " TaxExemptionReasonId CustomerTypeRef BusinessNumber GSTIN PrimaryTaxIdentifier"
        " SecondaryTaxIdentifier CreditLimit ContactName AltContactName"
    ),
    output=_PERSON_OUTPUT
    | _names(
        "Balance BalanceWithJobs OverDueBalance TotalRevenue TotalExpense Level IsProject"
        " ClientEntityId Source RootCustomerRef"
    ),
    elsewhere=_names(
        "OpenBalanceDate TaxGroupCodeRef TaxRateRef CCDetail PriceLevelRef JobInfo TDSEnabled"
        " ARAccountRef GSTRegistrationType IsCISContractor TaxRegime SalesRepRef"
        " OtherContactInfo ClientCompanyId"
    ),
)
VENDOR = Shape(
    "Vendor",
    read=_PERSON_READ | _names("CurrencyRef BillAddr ShipAddr"),
    kept=_PERSON_KEPT
    | _names(
        "AcctNum BusinessNumber GSTIN TaxIdentifier TermRef Vendor1099 VendorTypeRef"
        " CompanyRegistrationNumber CreditLimit ContactName AltContactName"
    ),
    output=_PERSON_OUTPUT | _names("Balance Source"),
    elsewhere=_names(
        "OpenBalanceDate TDSEnabled APAccountRef GSTRegistrationType OtherContactInfo BillRate"
        " CostRate ParentRef PrefillAccountRef VendorPaymentBankDetail HasTPAR"
    ),
)
EMPLOYEE = Shape(
    "Employee",
    read=_PERSON_READ | _names("PrimaryAddr"),
    kept=_PERSON_KEPT
    | _names("EmployeeNumber HiredDate ReleasedDate BirthDate Gender BillableTime"),
    output=_PERSON_OUTPUT,
    elsewhere=_names("OtherContactInfo SSN BillRate CostRate EmployeeType UseTimeEntry"),
)
ITEM = Shape(
    "Item",
    read=_IDENTITY
    | _names(
        "Name Sku Description Active Type UnitPrice Taxable IncomeAccountRef ExpenseAccountRef"
        " SalesTaxCodeRef ParentRef"
    ),
    kept=_names(
        "SubItem SalesTaxIncluded PurchaseDesc PurchaseTaxIncluded PurchaseCost"
        " PurchaseTaxCodeRef TrackQtyOnHand ManPartNum PrefVendorRef TaxClassificationRef"
        " ClassRef CustomField"
    ),
    output=_ENTITY | _names("FullyQualifiedName Level AvgCost Source SpecialItem SpecialItemType"),
    elsewhere=_names(
        "COGSAccountRef AssetAccountRef QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder InvStartDate"
        " ReorderPoint ItemGroupDetail ItemAssemblyDetail PrintGroupedItems RatePercent"
        " PercentBased UOMSetRef PaymentMethodRef DepositToAccountRef BuildPoint AbatementRate"
        " ReverseChargeRate ServiceType ItemCategoryType UQCDisplayText UQCId DeferredRevenue"
        " CustomExtensions"
    ),
)
ACCOUNT = Shape(
    "Account",
    read=_IDENTITY
    | _names("Name Active Description AcctNum AccountType AccountSubType ParentRef CurrencyRef"),
    kept=_names("SubAccount TaxCodeRef TxnLocationType AccountAlias"),
    output=_ENTITY
    | _names(
        "FullyQualifiedName Classification CurrentBalance CurrentBalanceWithSubAccounts TaxAccount"
    ),
    elsewhere=_names(
        "OpeningBalance OpeningBalanceDate BankNum OnlineBankingEnabled FIName JournalCodeRef"
        " AcctNumExtn AccountPurposes"
    ),
)
PAYMENT_METHOD = Shape("PaymentMethod", read=_IDENTITY | _names("Name Active Type"), output=_ENTITY)
TERM = Shape(
    "Term",
    read=_IDENTITY | _names("Name Active DueDays"),
    output=_ENTITY | _names("Type"),
    elsewhere=_names(
        "DiscountPercent DiscountDays DayOfMonthDue DueNextMonthDays DiscountDayOfMonth"
    ),
)
TRACKING = Shape(
    "Class",
    read=_IDENTITY | _names("Name Active ParentRef"),
    kept=_names("SubClass SubDepartment Address"),
    output=_ENTITY | _names("FullyQualifiedName"),
)
COMPANY_CURRENCY = Shape(
    "CompanyCurrency", read=_IDENTITY | _names("Code Name Active"), output=_ENTITY
)

_TXN = _IDENTITY | _names("CustomerRef TxnDate CurrencyRef ExchangeRate PrivateNote Line")
_TXN_ELSEWHERE = _names(
    "TxnSubType TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef"
    " RecurringInfo ProjectRef RemitToRef CheckPayment PaymentType"
)
_TXN_OUTPUT = _ENTITY | _names("TxnStatus TxnSource TotalCostAmount HomeTotalCostAmount")
_FORM_READ = _TXN | _names(
    "DocNumber AutoDocNumber TxnTaxDetail LinkedTxn CustomerMemo BillAddr ShipAddr ShipFromAddr"
    " ClassRef DepartmentRef SalesTermRef DueDate ShipMethodRef ShipDate TrackingNum"
    " GlobalTaxCalculation ApplyTaxAfterDiscount ShippingTaxIncludedInTotalTax PrintStatus"
    " EmailStatus BillEmail PaymentMethodRef PaymentRefNum DepositToAccountRef"
)
_FORM_KEPT = _names(
    "CustomField FreeFormAddress BillEmailCc BillEmailBcc TemplateRef PONumber FOB SalesRepRef"
)
_FORM_OUTPUT = _TXN_OUTPUT | _names(
    "TotalAmt HomeTotalAmt Balance HomeBalance DeliveryInfo ARAccountRef"
)
_FORM_ELSEWHERE = _TXN_ELSEWHERE | _names(
    "FinanceCharge CreditCardPayment DiscountRate DiscountAmt GovtTxnRefIdentifier TaxExemptionRef"
)
INVOICE = Shape(
    "Invoice",
    read=_FORM_READ,
    kept=_FORM_KEPT
    | _names(
        "AllowOnlineCreditCardPayment AllowOnlineACHPayment AllowOnlinePayPalPayment"
        " AllowOnlineAffirmPayment AllowOnlinePayment AllowIPNPayment"
    ),
    output=_FORM_OUTPUT
    | _names(
        "InvoiceLink EInvoiceStatus ECloudStatusTimeStamp invoiceStatus callToAction"
        " invoiceStatusLog InvoiceLinkSecurityCode InvoiceLinkExpiryDate"
    ),
    elsewhere=_FORM_ELSEWHERE
    | _names(
        "Deposit LessCIS TxnRetainageDetail GratuityEnabled AutoPayEligible SchedulePayEligible"
        " ScheduledPaymentId ConvenienceFeeDetail EnabledSurchargeInfo FinancingProductType"
        " SubscriptionPaymentsSetting PaymentDetailsMessage CfdiUse Exportation GlobalInfo"
    ),
)
SALES_RECEIPT = Shape(
    "SalesReceipt",
    read=_FORM_READ,
    kept=_FORM_KEPT,
    output=_FORM_OUTPUT,
    elsewhere=_FORM_ELSEWHERE | _names("LessCIS"),
)
CREDIT_MEMO = Shape(
    "CreditMemo",
    read=_FORM_READ,
    kept=_FORM_KEPT,
    output=_FORM_OUTPUT | _names("RemainingCredit"),
    elsewhere=_FORM_ELSEWHERE | _names("InvoiceRef"),
)
REFUND_RECEIPT = Shape(
    "RefundReceipt",
    read=_FORM_READ,
    kept=_FORM_KEPT,
    output=_FORM_OUTPUT | _names("RemainingCredit"),
    elsewhere=_FORM_ELSEWHERE,
)
PAYMENT = Shape(
    "Payment",
    read=_TXN | _names("TotalAmt PaymentRefNum PaymentMethodRef DepositToAccountRef DepartmentRef"),
    kept=_names("CustomField ProcessPayment"),
    output=_TXN_OUTPUT | _names("UnappliedAmt ARAccountRef DocNumber LinkedTxn"),
    elsewhere=_TXN_ELSEWHERE | _names("CreditCardPayment TxnTaxDetail PaymentExtendedType"),
)
FORM_LINE = Shape(
    "Line",
    read=_names(
        "Description Amount DetailType SalesItemLineDetail DiscountLineDetail SubTotalLineDetail"
        " DescriptionLineDetail GroupLineDetail TaxLineDetail LinkedTxn Id"
    ),
    output=_names("LineNum Received"),
    elsewhere=_names("ProjectRef CostAmount HomeCostAmount CustomExtensions CustomField"),
)
SALE_DETAIL = Shape(
    "SalesItemLineDetail",
    read=_names("ItemRef Qty UnitPrice TaxCodeRef ServiceDate ClassRef TaxInclusiveAmt"),
    output=_names("ItemAccountRef"),
    elsewhere=_names(
        "DiscountRate DiscountAmt MarkupInfo RatePercent PriceLevelRef UOMRef InventorySiteRef"
        " TaxClassificationRef DeferredRevenue RetainageAmount UnitCostPrice"
    ),
)
DISCOUNT_DETAIL = Shape(
    "DiscountLineDetail",
    read=_names("PercentBased DiscountPercent DiscountAccountRef TaxCodeRef ClassRef"),
    output=_names("ServiceDate"),
    elsewhere=_names("DiscountRef"),
)
TAX_DETAIL = Shape(
    "TxnTaxDetail",
    read=_names("TxnTaxCodeRef TotalTax TaxLine UseAutomatedSalesTax"),
    output=_names("TaxReviewStatus DefaultTaxCodeRef"),
)
TAX_LINE = Shape(
    "TaxLine",
    read=_names("Amount DetailType TaxLineDetail"),
    output=_names("Id LineNum Description"),
)
TAX_LINE_DETAIL = Shape(
    "TaxLineDetail",
    read=_names("TaxRateRef NetAmountTaxable"),
    output=_names("PercentBased TaxPercent OverrideDeltaAmount TaxInclusiveAmount ServiceDate"),
)
PAYMENT_LINE = Shape(
    "Line",
    read=_names("Amount LinkedTxn"),
    output=_names("Id LineNum LineEx Description DetailType"),
)
LINKED = Shape("LinkedTxn", read=_names("TxnId TxnType"), output=_names("TxnLineId"))
CHANGES = Shape("CDCQuery", read=_names("Entities ChangedSince"))
