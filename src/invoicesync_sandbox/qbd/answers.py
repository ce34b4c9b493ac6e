"""What QuickBooks shows of each kind of object: elements in the order of qbXML 13.0.

Only what the sandbox has is here; an answer is always in this order.
"""

from collections.abc import Mapping

from invoicesync_sandbox.qbd.grammar import Table

_CORE = "ListID:id TimeCreated:time TimeModified:time EditSequence:str16 Name:str"
_TREE = "FullName:str IsActive:bool ClassRef:ref159 ParentRef:ref Sublevel:int"
_TXN = "TxnID:id TimeCreated:time TimeModified:time EditSequence:str16 TxnNumber:int"
_ADDRESSES = """BillAddress:=Address BillAddressBlock:=Block ShipAddress:=Address
    ShipAddressBlock:=Block"""
_SHIPPED = "FOB:str13 ShipDate:date"
_TAXED = "Subtotal:amt ItemSalesTaxRef:ref31 SalesTaxPercentage:pct SalesTaxTotal:amt"
_SENT = "IsToBePrinted:bool IsToBeEmailed:bool CustomerSalesTaxCodeRef:ref3"
_ITEM = f"""{_CORE} FullName:str BarCodeValue:str50 IsActive:bool ParentRef:ref Sublevel:int
    ManufacturerPartNumber:str31 SalesTaxCodeRef:ref3 SalesOrPurchase:=Sales ExternalGUID:guid"""
_LINE = """TxnLineID:id ItemRef:ref Desc:str4095 Quantity:quan UnitOfMeasure:str31 Rate:price
    RatePercent:pct ClassRef:ref159 Amount:amt ServiceDate:date SalesTaxCodeRef:ref3 Other1:str29
    Other2:str29"""
_PERSON = """CompanyName:str41 Salutation:str15 FirstName:str25 MiddleName:str5 LastName:str25
    JobTitle:str41"""
_CALLED = """Phone:str21 AltPhone:str21 Fax:str21 Email:str1023 Cc:str1023 Contact:str41
    AltContact:str41"""

_TEXTS: dict[str, str] = {
    "Address": """Addr1:str41 Addr2:str41 Addr3:str41 Addr4:str41 Addr5:str41 City:str31
        State:str21 PostalCode:str13 Country:str31 Note:str41""",
    "Block": "Addr1:str41 Addr2:str41 Addr3:str41 Addr4:str41 Addr5:str41",
    "ErrorRecovery": "ListID:id TxnID:id TxnNumber:int EditSequence:str16 ExternalGUID:guid",
    "Sales": "Desc:str4095 Price:price PricePercent:pct AccountRef:ref159",
    "LinkedTxn": """TxnID:id TxnType:str TxnDate:date RefNumber:str20 LinkType:str Amount:amt""",
    "DataExtRet": "OwnerID:guid DataExtName:str31 DataExtType:str DataExtValue:str",
    # The company
    "HostRet": """ProductName:str MajorVersion:str MinorVersion:str Country:str
        SupportedQBXMLVersion*:str IsAutomaticLogin:bool QBFileMode:str""",
    "CompanyRet": """IsSampleCompany:bool CompanyName:str LegalCompanyName:str Address:=Address
        AddressBlock:=Block LegalAddress:=Address Phone:str Email:str FirstMonthFiscalYear:str
        FirstMonthIncomeTaxYear:str TaxForm:str DataExtRet*:=DataExtRet""",
    "PreferencesRet": """AccountingPreferences:=Accounting
        FinanceChargePreferences:=FinanceCharge JobsAndEstimatesPreferences:=Jobs
        MultiCurrencyPreferences:=Currencies PurchasesAndVendorsPreferences:=Purchases
        ReportsPreferences:=Reports SalesAndCustomersPreferences:=SalesAndCustomers
        SalesTaxPreferences:=SalesTax TimeTrackingPreferences:=TimeTracking
        CurrentAppAccessRights:=AccessRights ItemsAndInventoryPreferences:=Inventory""",
    "Accounting": """IsUsingAccountNumbers:bool IsRequiringAccounts:bool IsUsingClassTracking:bool
        IsUsingAuditTrail:bool IsAssigningJournalEntryNumbers:bool ClosingDate:date""",
    "FinanceCharge": """AnnualInterestRate:pct GracePeriod:int
        IsAssessingForOverdueCharges:bool CalculateChargesFrom:str IsMarkedToBePrinted:bool""",
    "Jobs": """IsUsingEstimates:bool IsUsingProgressInvoicing:bool
        IsPrintingItemsWithZeroAmounts:bool""",
    "Currencies": "IsMultiCurrencyOn:bool HomeCurrencyRef:ref64",
    "Purchases": """IsUsingInventory:bool DaysBillsAreDue:int
        IsAutomaticallyUsingDiscounts:bool""",
    "Reports": "AgingReportBasis:str SummaryReportBasis:str",
    "SalesAndCustomers": "IsTrackingReimbursedExpensesAsIncome:bool IsAutoApplyingPayments:bool",
    "SalesTax": """DefaultItemSalesTaxRef:ref31 PaySalesTax:str
        DefaultTaxableSalesTaxCodeRef:ref3 DefaultNonTaxableSalesTaxCodeRef:ref3""",
    "TimeTracking": "FirstDayOfWeek:str",
    "AccessRights": """IsAutomaticLoginAllowed:bool AutomaticLoginUserName:str29
        IsPersonalDataAccessAllowed:bool""",
    "Inventory": "IsBarcodeEnabled:bool",
    # Lists
    "AccountRet": f"""{_CORE} FullName:str IsActive:bool ParentRef:ref Sublevel:int AccountType:str
        SpecialAccountType:str AccountNumber:str7 Desc:str200 Balance:amt TotalBalance:amt""",
    "CustomerRet": f"""{_CORE} {_TREE} {_PERSON} {_ADDRESSES} {_CALLED} TermsRef:ref31
        Balance:amt TotalBalance:amt SalesTaxCodeRef:ref3 ItemSalesTaxRef:ref31 ResaleNumber:str15
        AccountNumber:str99 CreditLimit:amt PreferredPaymentMethodRef:ref31 JobStatus:str
        Notes:str4095 ExternalGUID:guid""",
    "VendorRet": f"""{_CORE} IsActive:bool {_PERSON} VendorAddress:=Address
        VendorAddressBlock:=Block {_CALLED} AccountNumber:str99 Notes:str4095 Balance:amt
        ExternalGUID:guid""",
    "EmployeeRet": f"""{_CORE} IsActive:bool Salutation:str15 FirstName:str25 MiddleName:str5
        LastName:str25 Phone:str21 Email:str1023 Notes:str4095 ExternalGUID:guid""",
    "OtherNameRet": f"""{_CORE} IsActive:bool CompanyName:str41 FirstName:str25 LastName:str25
        Phone:str21 Email:str1023 Notes:str4095 ExternalGUID:guid""",
    "ItemServiceRet": _ITEM.replace("ManufacturerPartNumber:str31 ", ""),
    "ItemNonInventoryRet": _ITEM,
    "ItemOtherChargeRet": _ITEM.replace("ManufacturerPartNumber:str31 ", ""),
    "ItemInventoryRet": f"""{_CORE} FullName:str BarCodeValue:str50 IsActive:bool ParentRef:ref
        Sublevel:int ManufacturerPartNumber:str31 SalesTaxCodeRef:ref3 SalesDesc:str4095
        SalesPrice:price IncomeAccountRef:ref159 COGSAccountRef:ref159 AssetAccountRef:ref159
        QuantityOnHand:quan ExternalGUID:guid""",
    "ItemDiscountRet": f"""{_CORE} FullName:str BarCodeValue:str50 IsActive:bool ParentRef:ref
        Sublevel:int ItemDesc:str4095 SalesTaxCodeRef:ref3 DiscountRate:price
        DiscountRatePercent:pct AccountRef:ref159 ExternalGUID:guid""",
    "ItemSalesTaxRet": f"""{_CORE} BarCodeValue:str50 IsActive:bool ItemDesc:str4095 TaxRate:pct
        TaxVendorRef:ref41 ExternalGUID:guid""",
    "ItemSalesTaxGroupRet": f"""{_CORE} BarCodeValue:str50 IsActive:bool ItemDesc:str4095
        ExternalGUID:guid ItemSalesTaxRef*:ref31""",
    "SalesTaxCodeRet": f"{_CORE} IsActive:bool IsTaxable:bool Desc:str31",
    "StandardTermsRet": f"{_CORE} IsActive:bool StdDueDays:int",
    "ClassRet": f"{_CORE} FullName:str IsActive:bool ParentRef:ref Sublevel:int",
    "PaymentMethodRet": f"{_CORE} IsActive:bool PaymentMethodType:str",
    # Sales
    "InvoiceRet": f"""{_TXN} CustomerRef:ref209 ClassRef:ref159 ARAccountRef:ref159 TxnDate:date
        RefNumber:str11 {_ADDRESSES} IsPending:bool IsFinanceCharge:bool PONumber:str25
        TermsRef:ref31 DueDate:date {_SHIPPED} {_TAXED} AppliedAmount:amt BalanceRemaining:amt
        Memo:str4095 IsPaid:bool {_SENT} Other:str29 ExternalGUID:guid LinkedTxn*:=LinkedTxn
        InvoiceLineRet*:=Line""",
    "SalesReceiptRet": f"""{_TXN} CustomerRef:ref209 ClassRef:ref159 TxnDate:date RefNumber:str11
        {_ADDRESSES} IsPending:bool CheckNumber:str25 PaymentMethodRef:ref31 DueDate:date
        ShipDate:date FOB:str13 {_TAXED} TotalAmount:amt Memo:str4095 {_SENT}
        DepositToAccountRef:ref159 Other:str29 ExternalGUID:guid SalesReceiptLineRet*:=Line""",
    "CreditMemoRet": f"""{_TXN} CustomerRef:ref209 ClassRef:ref159 ARAccountRef:ref159
        TxnDate:date RefNumber:str11 {_ADDRESSES} IsPending:bool PONumber:str25 TermsRef:ref31
        DueDate:date {_SHIPPED} {_TAXED} TotalAmount:amt CreditRemaining:amt Memo:str4095 {_SENT}
        Other:str29 ExternalGUID:guid LinkedTxn*:=LinkedTxn CreditMemoLineRet*:=Line""",
    "Line": _LINE,
    # Money
    "ReceivePaymentRet": f"""{_TXN} CustomerRef:ref209 ARAccountRef:ref159 TxnDate:date
        RefNumber:str20 TotalAmount:amt PaymentMethodRef:ref31 Memo:str4095
        DepositToAccountRef:ref159 UnusedPayment:amt UnusedCredits:amt ExternalGUID:guid
        AppliedToTxnRet*:=AppliedToTxnRet""",
    "AppliedToTxnRet": """TxnID:id TxnType:str TxnDate:date RefNumber:str20 BalanceRemaining:amt
        Amount:amt""",
    "ARRefundCreditCardRet": f"""{_TXN} CustomerRef:ref209 RefundFromAccountRef:ref159
        ARAccountRef:ref159 TxnDate:date RefNumber:str11 TotalAmount:amt Address:=Address
        AddressBlock:=Block PaymentMethodRef:ref31 Memo:str4095 ExternalGUID:guid
        RefundAppliedToTxnRet*:=RefundAppliedToTxnRet""",
    "RefundAppliedToTxnRet": """TxnID:id TxnType:str TxnDate:date RefNumber:str20
        CreditRemaining:amt RefundAmount:amt""",
    "CheckRet": f"""{_TXN} AccountRef:ref159 PayeeEntityRef:ref209 RefNumber:str11 TxnDate:date
        Amount:amt Memo:str4095 Address:=Address AddressBlock:=Block IsToBePrinted:bool
        ExternalGUID:guid LinkedTxn*:=LinkedTxn ExpenseLineRet*:=ExpenseLineRet""",
    "ExpenseLineRet": """TxnLineID:id AccountRef:ref159 Amount:amt Memo:str4095
        CustomerRef:ref209 ClassRef:ref159""",
    # Any transaction
    "TxnVoidRs": "TxnVoidType:str TxnID:id TimeCreated:time TimeModified:time RefNumber:str",
    "TxnDelRs": "TxnDelType:str TxnID:id TimeDeleted:time RefNumber:str",
    "TxnDeletedRet": "TxnDelType:str TxnID:id TimeCreated:time TimeDeleted:time RefNumber:str",
    "ListDeletedRet": "ListDelType:str ListID:id TimeCreated:time TimeDeleted:time FullName:str",
    "TransactionRet": """TxnType:str TxnID:id TxnLineID:id TimeCreated:time TimeModified:time
        EntityRef:ref209 AccountRef:ref159 TxnDate:date RefNumber:str Amount:amt Memo:str4095""",
}


def _tables() -> Mapping[str, Table]:
    return TABLES


TABLES: dict[str, Table] = {name: Table(text, _tables) for name, text in _TEXTS.items()}
