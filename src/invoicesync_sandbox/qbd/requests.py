"""What qbXML 13.0 takes, request by request: elements in their order, with lengths and kinds.

From Intuit's annotated reference, as QuickBooks Desktop in the United States has it: an element
that is there for the Online Edition only, or for other countries, is none.
"""

from collections.abc import Mapping

from invoicesync_sandbox.qbd.grammar import Table

_ACTIVE = "ActiveStatus:is(ActiveOnly|InactiveOnly|All)"
_LIST = f"""MaxReturned:int {_ACTIVE} FromModifiedDate:time ToModifiedDate:time
    ( NameFilter:=NameFilter | NameRangeFilter:=NameRange )"""
_NAMED = "( ListID+:id | FullName+:str | {0} ) IncludeRetElement*:str50"
_OWNED = _NAMED + " OwnerID*:guid"
_TXNS = """MaxReturned:int
    ( ModifiedDateRangeFilter:=Modified | TxnDateRangeFilter:=Dates )
    EntityFilter:=Whose ~AccountFilter
    ( RefNumberFilter:=NumberFilter | RefNumberRangeFilter:=Numbers )
    ~CurrencyFilter"""
_TXN = "( TxnID+:id | RefNumber+:str | RefNumberCaseSensitive+:str | {0} ) "
_LINKS = "IncludeLineItems:bool IncludeLinkedTxns:bool IncludeRetElement*:str50 OwnerID*:guid"
_LINES = "IncludeLineItems:bool IncludeRetElement*:str50 OwnerID*:guid"
_ADDED = " IncludeRetElement*:str50"

_WHERE = "ShipAddress:=Address"
_ADDRESSES = f"BillAddress:=Address {_WHERE}"
_PERSON = f"""IsActive:bool ClassRef:ref159 ParentRef:ref CompanyName:str41 Salutation:str15
    FirstName:str25 MiddleName:str5 LastName:str25 JobTitle:str41 {_ADDRESSES} ~ShipToAddress*
    Phone:str21 AltPhone:str21 Fax:str21 Email:str1023 Cc:str1023 Contact:str41
    AltContact:str41 ~AdditionalContactRef* {{0}} ~CustomerTypeRef TermsRef:ref31 ~SalesRepRef"""
_PERSON_END = """SalesTaxCodeRef:ref3 ItemSalesTaxRef:ref31 ResaleNumber:str15
    AccountNumber:str99 CreditLimit:amt PreferredPaymentMethodRef:ref31 ~CreditCardInfo
    ~JobStatus ~JobStartDate ~JobProjectedEndDate ~JobEndDate ~JobDesc ~JobTypeRef Notes:str4095
    {0} ~PreferredDeliveryMethod ~PriceLevelRef"""
_ITEM_END = """SalesTaxCodeRef:ref3
    ( SalesOrPurchase:=Sales | ~SalesAndPurchase )! ExternalGUID:guid"""
_BAR = "Name!:str31 BarCode:=BarCode IsActive:bool"
_FORM = f"""ClassRef:ref159 {{ar}} ~TemplateRef TxnDate:date RefNumber:str11 {_ADDRESSES}
    IsPending:bool"""
_FORM_END = """ItemSalesTaxRef:ref31 Memo:str4095 ~CustomerMsgRef IsToBePrinted:bool
    IsToBeEmailed:bool CustomerSalesTaxCodeRef:ref3"""
_SHIPPED = "~SalesRepRef FOB:str13 ShipDate:date ~ShipMethodRef"
_AR = "ARAccountRef:ref159"
_LINE = """ItemRef:ref Desc:str4095 Quantity:quan UnitOfMeasure:str31
    ( Rate:price | RatePercent:pct | ~PriceLevelRef ) ClassRef:ref159 Amount:amt {0}
    ~InventorySiteRef ~InventorySiteLocationRef ( ~SerialNumber | ~LotNumber ) ServiceDate:date
    SalesTaxCodeRef:ref3 ~OverrideItemAccountRef Other1:str29 Other2:str29 {1}"""
_PRICED = "OptionForPriceRuleConflict:is(Zero|BasePrice)"
_TYPES = "Invoice|SalesReceipt|CreditMemo|Check|ARRefundCreditCard"
_VOIDABLE = (
    f"{_TYPES}|Bill|BillPaymentCheck|BillPaymentCreditCard|Charge|CreditCardCharge|CreditCardCredit"
    "|Deposit|InventoryAdjustment|ItemReceipt|JournalEntry|VendorCredit"
)
_DELETABLE = (
    f"{_VOIDABLE}|ReceivePayment|BuildAssembly|Estimate|PurchaseOrder|SalesOrder"
    "|SalesTaxPaymentCheck|TimeTracking|TransferInventory|VehicleMileage"
)
_ALL_TXNS = (
    f"{_VOIDABLE}|BuildAssembly|Estimate|LiabilityAdjustment|Paycheck|PayrollLiabilityCheck"
    "|PurchaseOrder|ReceivePayment|SalesOrder|SalesTaxPaymentCheck|Transfer|YTDAdjustment"
)
_LISTS = (
    "Account|BillingRate|Class|Currency|Customer|CustomerMsg|CustomerType|DateDrivenTerms|Employee"
    "|ItemDiscount|ItemFixedAsset|ItemGroup|ItemInventory|ItemInventoryAssembly|ItemNonInventory"
    "|ItemOtherCharge|ItemPayment|ItemSalesTax|ItemSalesTaxGroup|ItemService|ItemSubtotal|JobType"
    "|OtherName|PaymentMethod|PriceLevel|SalesRep|SalesTaxCode|ShipMethod|StandardTerms|ToDo"
    "|UnitOfMeasureSet|Vehicle|Vendor|VendorType"
)
PAYMENT_METHODS = (
    "AmericanExpress|Cash|Check|DebitCard|Discover|ECheck|GiftCard|MasterCard|Other"
    "|OtherCreditCard|Visa"
)
ACCOUNT_TYPES = (
    "AccountsPayable|AccountsReceivable|Bank|CostOfGoodsSold|CreditCard|Equity|Expense|FixedAsset"
    "|Income|LongTermLiability|NonPosting|OtherAsset|OtherCurrentAsset|OtherCurrentLiability"
    "|OtherExpense|OtherIncome"
)
_MATCH = "MatchCriterion!:is(StartsWith|Contains|EndsWith)"
_WHO = "( ListID+:id | FullName+:str | ListIDWithChildren:id | FullNameWithChildren:str )"
_DELETED = "DeletedDateRangeFilter:=Deleted IncludeRetElement*:str50"

_TEXTS: dict[str, str] = {
    # Parts of several requests
    "Address": """Addr1:str41 Addr2:str41 Addr3:str41 Addr4:str41 Addr5:str41 City:str31
        State:str21 PostalCode:str13 Country:str31 Note:str41""",
    "BarCode": "BarCodeValue:str50 AssignEvenIfUsed:bool AllowOverride:bool",
    "NameFilter": f"{_MATCH} Name!:str",
    "NameRange": "FromName:str ToName:str",
    "NumberFilter": f"{_MATCH} RefNumber!:str",
    "Numbers": "FromRefNumber:str ToRefNumber:str",
    "Modified": "FromModifiedDate:time ToModifiedDate:time",
    "Deleted": "FromDeletedDate:time ToDeletedDate:time",
    "Dates": "( FromTxnDate:date ToTxnDate:date | ~DateMacro )",
    "Whose": _WHO,
    "ModifiedOrMacro": "( FromModifiedDate:time ToModifiedDate:time | ~DateMacro )",
    "Entities": f"( EntityTypeFilter:is(Customer|Employee|OtherName|Vendor) | {_WHO[1:-1]})",
    "Types": f"TxnTypeFilter+:is(All|{_ALL_TXNS})",
    "Sales": "Desc:str4095 ( Price:price | PricePercent:pct ) AccountRef:ref159",
    "SetCredit": "CreditTxnID!:id AppliedAmount!:amt ~Override",
    "AppliedTo": """TxnID!:id PaymentAmount:amt SetCredit*:=SetCredit
        ~DiscountAmount ~DiscountAccountRef ~DiscountClassRef""",
    "InvoiceLine": _LINE.format(_PRICED, "~LinkToTxn ~DataExt*"),
    "SalesReceiptLine": _LINE.format(_PRICED, "~CreditCardTxnInfo ~DataExt*"),
    "CreditMemoLine": _LINE.format("", "~CreditCardTxnInfo ~DataExt*"),
    "InvoiceLineMod": "TxnLineID!:id "
    + _LINE.format(_PRICED, "").replace("( Rate", "~OverrideUOMSetRef ( Rate"),
    "RefundAppliedTo": "TxnID!:id RefundAmount!:amt",
    "ApplyCheckTo": "TxnID!:id Amount:amt",
    "ExpenseLine": """AccountRef:ref159 Amount:amt Memo:str4095 CustomerRef:ref209
        ClassRef:ref159 ~BillableStatus ~SalesRepRef ~DataExt*""",
    # The company
    "HostQueryRq": "~IncludeListMetaData IncludeRetElement*:str50",
    "CompanyQueryRq": "IncludeRetElement*:str50 OwnerID*:guid",
    "PreferencesQueryRq": "IncludeRetElement*:str50",
    # Lists
    "AccountQueryRq": _OWNED.format(f"{_LIST} AccountType*:is({ACCOUNT_TYPES}) ~CurrencyFilter"),
    "CustomerQueryRq": _OWNED.format(f"{_LIST} ~TotalBalanceFilter ~CurrencyFilter ~ClassFilter"),
    "VendorQueryRq": _OWNED.format(f"{_LIST} ~TotalBalanceFilter ~CurrencyFilter ~ClassFilter"),
    "EmployeeQueryRq": _OWNED.format(_LIST),
    "OtherNameQueryRq": _OWNED.format(_LIST),
    "EntityQueryRq": _NAMED.format(_LIST),
    "ItemQueryRq": _OWNED.format(_LIST),
    "ItemServiceQueryRq": _OWNED.format(_LIST + " ~ClassFilter"),
    "ItemNonInventoryQueryRq": _OWNED.format(_LIST + " ~ClassFilter"),
    "ItemOtherChargeQueryRq": _OWNED.format(_LIST + " ~ClassFilter"),
    "ItemSalesTaxQueryRq": _OWNED.format(_LIST + " ~ClassFilter"),
    "ItemSalesTaxGroupQueryRq": _OWNED.format(_LIST),
    "SalesTaxCodeQueryRq": _NAMED.format(_LIST),
    "TermsQueryRq": _NAMED.format(_LIST),
    "StandardTermsQueryRq": _NAMED.format(_LIST),
    "ClassQueryRq": _NAMED.format(_LIST),
    "PaymentMethodQueryRq": _NAMED.format(f"{_LIST} PaymentMethodType*:is({PAYMENT_METHODS})"),
    "CustomerAddRq": "CustomerAdd!:=CustomerAdd" + _ADDED,
    "CustomerAdd": f"""Name!:str41 {_PERSON.format("~Contacts*")} ~OpenBalance ~OpenBalanceDate
        {_PERSON_END.format("~AdditionalNotes*")} ExternalGUID:guid ~CurrencyRef""",
    "CustomerModRq": "CustomerMod!:=CustomerMod" + _ADDED,
    "CustomerMod": f"""ListID!:id EditSequence!:str16 Name:str41
        {_PERSON.format("~ContactsMod*")} {_PERSON_END.format("~AdditionalNotesMod*")}
        ~CurrencyRef""",
    "ItemServiceAddRq": "ItemServiceAdd!:=ItemServiceAdd" + _ADDED,
    "ItemServiceAdd": f"{_BAR} ~ClassRef ParentRef:ref ~UnitOfMeasureSetRef {_ITEM_END}",
    "ItemNonInventoryAddRq": "ItemNonInventoryAdd!:=ItemNonInventoryAdd" + _ADDED,
    "ItemNonInventoryAdd": f"""{_BAR} ParentRef:ref ~ClassRef ManufacturerPartNumber:str31
        ~UnitOfMeasureSetRef {_ITEM_END}""",
    "ItemOtherChargeAddRq": "ItemOtherChargeAdd!:=ItemOtherChargeAdd" + _ADDED,
    "ItemOtherChargeAdd": f"{_BAR} ~ClassRef ParentRef:ref {_ITEM_END}",
    "ItemSalesTaxAddRq": "ItemSalesTaxAdd!:=ItemSalesTaxAdd" + _ADDED,
    "ItemSalesTaxAdd": f"""{_BAR} ~ClassRef ItemDesc:str4095 TaxRate:pct TaxVendorRef:ref41
        ExternalGUID:guid""",
    "PaymentMethodAddRq": "PaymentMethodAdd!:=PaymentMethodAdd" + _ADDED,
    "PaymentMethodAdd": f"Name!:str31 IsActive:bool PaymentMethodType:is({PAYMENT_METHODS})",
    # Sales
    "InvoiceAddRq": "InvoiceAdd!:=InvoiceAdd" + _ADDED,
    "InvoiceAdd": f"""CustomerRef!:ref209 {_FORM.format(ar=_AR)} IsFinanceCharge:bool PONumber:str25
        TermsRef:ref31 DueDate:date {_SHIPPED} {_FORM_END} Other:str29 ~ExchangeRate
        ExternalGUID:guid ~LinkToTxnID* SetCredit*:=SetCredit
        ( InvoiceLineAdd:=InvoiceLine | ~InvoiceLineGroupAdd )*""",
    "InvoiceModRq": "InvoiceMod!:=InvoiceMod" + _ADDED,
    "InvoiceMod": f"""TxnID!:id EditSequence!:str16 CustomerRef:ref209 {_FORM.format(ar=_AR)}
        PONumber:str25 TermsRef:ref31 DueDate:date {_SHIPPED} {_FORM_END} Other:str29
        ~ExchangeRate SetCredit*:=SetCredit
        ( InvoiceLineMod:=InvoiceLineMod | ~InvoiceLineGroupMod )*""",
    "InvoiceQueryRq": _TXN.format(f"{_TXNS} PaidStatus:is(All|PaidOnly|NotPaidOnly)") + _LINKS,
    "SalesReceiptAddRq": "SalesReceiptAdd!:=SalesReceiptAdd" + _ADDED,
    "SalesReceiptAdd": f"""CustomerRef:ref209 {_FORM.format(ar="")} CheckNumber:str25
        PaymentMethodRef:ref31 DueDate:date ~SalesRepRef ShipDate:date ~ShipMethodRef FOB:str13
        {_FORM_END} DepositToAccountRef:ref159 ~CreditCardTxnInfo Other:str29 ~ExchangeRate
        ExternalGUID:guid ( SalesReceiptLineAdd:=SalesReceiptLine | ~SalesReceiptLineGroupAdd )+""",
    "SalesReceiptQueryRq": _TXN.format(_TXNS) + _LINES,
    "CreditMemoAddRq": "CreditMemoAdd!:=CreditMemoAdd" + _ADDED,
    "CreditMemoAdd": f"""CustomerRef!:ref209 {_FORM.format(ar=_AR)} PONumber:str25 TermsRef:ref31
        DueDate:date {_SHIPPED} {_FORM_END} Other:str29 ~ExchangeRate ExternalGUID:guid
        ( CreditMemoLineAdd:=CreditMemoLine | ~CreditMemoLineGroupAdd )+""",
    "CreditMemoQueryRq": _TXN.format(_TXNS) + _LINKS,
    # Money
    "ReceivePaymentAddRq": "ReceivePaymentAdd!:=ReceivePaymentAdd" + _ADDED,
    "ReceivePaymentAdd": f"""CustomerRef!:ref209 {_AR} TxnDate:date RefNumber:str20
        TotalAmount:amt ~ExchangeRate PaymentMethodRef:ref31 Memo:str4095
        DepositToAccountRef:ref159 ~CreditCardTxnInfo ExternalGUID:guid
        ( IsAutoApply:bool | AppliedToTxnAdd+:=AppliedTo )!""",
    "ReceivePaymentModRq": "ReceivePaymentMod!:=ReceivePaymentMod" + _ADDED,
    "ReceivePaymentMod": f"""TxnID!:id EditSequence!:str16 CustomerRef:ref209 {_AR} TxnDate:date
        RefNumber:str20 TotalAmount:amt ~ExchangeRate PaymentMethodRef:ref31 Memo:str4095
        DepositToAccountRef:ref159 ~CreditCardTxnInfoMod AppliedToTxnMod*:=AppliedTo""",
    "ReceivePaymentQueryRq": _TXN.format(_TXNS) + _LINES,
    "ARRefundCreditCardAddRq": "ARRefundCreditCardAdd!:=ARRefundCreditCardAdd" + _ADDED,
    "ARRefundCreditCardAdd": f"""CustomerRef!:ref209 RefundFromAccountRef:ref159 {_AR} TxnDate:date
        RefNumber:str11 Address:=Address PaymentMethodRef:ref31 Memo:str4095 ~CreditCardTxnInfo
        ~ExchangeRate ExternalGUID:guid RefundAppliedToTxnAdd+:=RefundAppliedTo""",
    "ARRefundCreditCardQueryRq": _TXN.format(_TXNS) + _LINES,
    "CheckAddRq": "CheckAdd!:=CheckAdd" + _ADDED,
    "CheckAdd": """AccountRef!:ref159 PayeeEntityRef:ref209 RefNumber:str11 TxnDate:date
        Memo:str4095 Address:=Address IsToBePrinted:bool ~ExchangeRate ExternalGUID:guid
        ApplyCheckToTxnAdd*:=ApplyCheckTo ExpenseLineAdd*:=ExpenseLine
        ( ~ItemLineAdd | ~ItemGroupLineAdd )*""",
    "CheckQueryRq": _TXN.format(_TXNS) + _LINKS,
    # Any transaction
    "TxnVoidRq": f"TxnVoidType!:is({_VOIDABLE}) TxnID!:id",
    "TxnDelRq": f"TxnDelType!:is({_DELETABLE}) TxnID!:id",
    "TxnDeletedQueryRq": f"TxnDelType+:is({_DELETABLE}) {_DELETED}",
    "ListDeletedQueryRq": f"ListDelType+:is({_LISTS}) {_DELETED}",
    "TransactionQueryRq": """( TxnID+:id | MaxReturned:int ( RefNumber+:str
        | RefNumberCaseSensitive+:str | RefNumberFilter:=NumberFilter
        | RefNumberRangeFilter:=Numbers ) TransactionModifiedDateRangeFilter:=ModifiedOrMacro
        TransactionDateRangeFilter:=Dates TransactionEntityFilter:=Entities
        ~TransactionAccountFilter ~TransactionItemFilter ~TransactionClassFilter
        TransactionTypeFilter:=Types
        TransactionDetailLevelFilter:is(All|SummaryOnly|AllExceptSummary)
        TransactionPostingStatusFilter:is(Either|NonPosting|Posting)
        TransactionPaidStatusFilter:is(Either|Closed|Open) ~CurrencyFilter )
        IncludeRetElement*:str50""",
}


def _tables() -> Mapping[str, Table]:
    return TABLES


TABLES: dict[str, Table] = {name: Table(text, _tables) for name, text in _TEXTS.items()}
REQUESTS: dict[str, Table] = {name: table for name, table in TABLES.items() if name.endswith("Rq")}
"""The requests by name."""
TRANSACTIONS = frozenset(_TYPES.split("|")) | {"ReceivePayment"}
"""The types of the transactions that are simulated."""
