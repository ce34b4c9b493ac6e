"""What each request of qbXML 13.0 that is sent can hold: its elements, in QuickBooks' order.

QuickBooks refuses a whole message for one element out of order, without saying which. So nothing
writes an element but by these tables. A table is a text of names; behind one stand `/41`, the
number of letters that it holds, and `~` where a longer text may be cut, `$` for an amount in major
units with two decimals, `#` for a number with up to five, and `=TABLE` for elements of its own.
(Intuit's onscreen reference for the SDK.)
"""

import re
from dataclasses import dataclass
from functools import cache

_ADDRESS = "=ADDRESS"
_FORM_HEAD = f"""CustomerRef=REF ClassRef=REF {{0}} TxnDate RefNumber/11 BillAddress{_ADDRESS}
    ShipAddress{_ADDRESS}"""
_FORM_TAIL = """ItemSalesTaxRef=REF Memo/4095~ IsToBePrinted IsToBeEmailed
    CustomerSalesTaxCodeRef=REF"""
_ITEM = """IsActive {0} SalesTaxCodeRef=REF SalesOrPurchase=SALES ExternalGUID"""
_MODIFIED = "FromModifiedDate ToModifiedDate"
_LIST = f"ListID FullName MaxReturned ActiveStatus {_MODIFIED} IncludeRetElement OwnerID"
_TXN = """TxnID RefNumber MaxReturned ModifiedDateRangeFilter=MODIFIED TxnDateRangeFilter=DATES
    EntityFilter=ENTITY {0} IncludeRetElement"""
_LINKED = "IncludeLineItems IncludeLinkedTxns"

TABLES: dict[str, str] = {
    # Parts
    "REF": "ListID FullName/209",
    "ADDRESS": """Addr1/41~ Addr2/41~ Addr3/41~ Addr4/41~ Addr5/41~ City/31~ State/21~
        PostalCode/13~ Country/31~""",
    "SALES": "Desc/4095~ Price# AccountRef=REF",
    "LINE": """ItemRef=REF Desc/4095~ Quantity# Rate# ClassRef=REF Amount$ ServiceDate
        SalesTaxCodeRef=REF""",
    "CREDIT": "CreditTxnID AppliedAmount$",
    "APPLIED": "TxnID PaymentAmount$ SetCredit=CREDIT",
    "REFUNDED": "TxnID RefundAmount$",
    "CHECKED": "TxnID Amount$",
    "EXPENSE": "AccountRef=REF Amount$ Memo/4095~ CustomerRef=REF ClassRef=REF",
    "MODIFIED": _MODIFIED,
    "DATES": "FromTxnDate ToTxnDate",
    "ENTITY": "ListID FullName",
    "DELETED": "FromDeletedDate ToDeletedDate",
    "NAMED": "MatchCriterion Name",
    "TYPES": "TxnTypeFilter",
    # Adding and changing
    "CustomerAdd": f"""Name/41 IsActive ParentRef=REF CompanyName/41~ FirstName/25~ LastName/25~
        BillAddress{_ADDRESS} Phone/21~ Email/1023 TermsRef=REF SalesTaxCodeRef=REF
        ItemSalesTaxRef=REF AccountNumber/99 Notes/4095~ ExternalGUID""",
    "CustomerMod": """ListID EditSequence Name/41 IsActive Notes/4095~""",
    "ItemServiceAdd": f"Name/31 {_ITEM.format('ParentRef=REF')}",
    "InvoiceAdd": f"""{_FORM_HEAD.format("ARAccountRef=REF")} PONumber/25 TermsRef=REF DueDate
        {_FORM_TAIL} Other/29~ ExternalGUID SetCredit=CREDIT InvoiceLineAdd=LINE""",
    "InvoiceMod": "TxnID EditSequence RefNumber/11 Memo/4095~",
    "SalesReceiptAdd": f"""{_FORM_HEAD.format("")} CheckNumber/25~ PaymentMethodRef=REF DueDate
        {_FORM_TAIL} DepositToAccountRef=REF Other/29~ ExternalGUID SalesReceiptLineAdd=LINE""",
    "CreditMemoAdd": f"""{_FORM_HEAD.format("ARAccountRef=REF")} PONumber/25 TermsRef=REF DueDate
        {_FORM_TAIL} Other/29~ ExternalGUID CreditMemoLineAdd=LINE""",
    "ReceivePaymentAdd": """CustomerRef=REF ARAccountRef=REF TxnDate RefNumber/20 TotalAmount$
        PaymentMethodRef=REF Memo/4095~ DepositToAccountRef=REF ExternalGUID IsAutoApply
        AppliedToTxnAdd=APPLIED""",
    "ReceivePaymentMod": """TxnID EditSequence TotalAmount$ Memo/4095~ AppliedToTxnMod=APPLIED""",
    "ARRefundCreditCardAdd": """CustomerRef=REF RefundFromAccountRef=REF ARAccountRef=REF TxnDate
        RefNumber/11 PaymentMethodRef=REF Memo/4095~ ExternalGUID RefundAppliedToTxnAdd=REFUNDED""",
    "CheckAdd": """AccountRef=REF PayeeEntityRef=REF RefNumber/11 TxnDate Memo/4095~ IsToBePrinted
        ExternalGUID ApplyCheckToTxnAdd=CHECKED ExpenseLineAdd=EXPENSE""",
    # Ending
    "TxnVoid": "TxnVoidType TxnID",
    "TxnDel": "TxnDelType TxnID",
    # Asking
    "HostQuery": "IncludeRetElement",
    "CompanyQuery": "IncludeRetElement OwnerID",
    "PreferencesQuery": "IncludeRetElement",
    "AccountQuery": _LIST.replace("IncludeRetElement", "AccountType IncludeRetElement"),
    "ClassQuery": _LIST.replace(" OwnerID", ""),
    "CustomerQuery": _LIST.replace("IncludeRetElement", "NameFilter=NAMED IncludeRetElement"),
    "EntityQuery": _LIST.replace(" OwnerID", ""),
    "ItemQuery": _LIST,
    "ItemSalesTaxQuery": _LIST,
    "PaymentMethodQuery": _LIST.replace(" OwnerID", ""),
    "SalesTaxCodeQuery": _LIST.replace(" OwnerID", ""),
    "TermsQuery": _LIST.replace(" OwnerID", ""),
    "InvoiceQuery": _TXN.format(f"PaidStatus {_LINKED}"),
    "SalesReceiptQuery": _TXN.format("IncludeLineItems"),
    "CreditMemoQuery": _TXN.format(_LINKED),
    "ReceivePaymentQuery": _TXN.format("IncludeLineItems"),
    "ARRefundCreditCardQuery": _TXN.format("IncludeLineItems"),
    "CheckQuery": _TXN.format(_LINKED),
    "TransactionQuery": """TxnID MaxReturned RefNumber TransactionModifiedDateRangeFilter=MODIFIED
        TransactionDateRangeFilter=DATES TransactionEntityFilter=ENTITY
        TransactionTypeFilter=TYPES TransactionDetailLevelFilter TransactionPostingStatusFilter
        TransactionPaidStatusFilter IncludeRetElement""",
    "TxnDeletedQuery": "TxnDelType DeletedDateRangeFilter=DELETED IncludeRetElement",
    "ListDeletedQuery": "ListDelType DeletedDateRangeFilter=DELETED IncludeRetElement",
}
_FIELD = re.compile(r"(\w+)(?:/(\d+)(~?))?([$#]?)(?:=(\w+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One element: its name, how many letters it holds (None: as many as there are) and whether a
    longer text is cut, how a number in it is written, and the table of its own elements."""

    name: str
    longest: int | None
    cuts: bool
    form: str
    below: str


@cache
def fields(table: str) -> tuple[Field, ...]:
    """The elements of a table, in their order."""
    found = []
    for word in TABLES[table].split():
        read = _FIELD.fullmatch(word)
        assert read is not None, word  # noqa: S101 - the tables stand above
        name, longest, cuts, form, below = read.groups()
        found.append(Field(name, int(longest) if longest else None, bool(cuts), form, below or ""))
    return tuple(found)
