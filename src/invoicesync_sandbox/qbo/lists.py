"""Items, accounts and the shorter lists: how their elements are made and changed."""

from collections.abc import Callable
from typing import Any

from invoicesync_sandbox.qbo.books import AnyNamed, Books, folded
from invoicesync_sandbox.qbo.faults import Refused, business, missing
from invoicesync_sandbox.qbo.people import check_characters, check_revived
from invoicesync_sandbox.qbo.posted import Posted
from invoicesync_sandbox.qbo.rows import (
    Account,
    CompanyCurrency,
    Department,
    Item,
    Named,
    PaymentMethod,
    Term,
    TrackingClass,
)
from invoicesync_sandbox.table import Table

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

ITEM_TYPES = ("Service", "NonInventory", "Inventory", "Category", "Group")
INCOME_TYPES = frozenset({"Income", "Other Income"})
EXPENSE_TYPES = frozenset({"Expense", "Other Expense", "Cost of Goods Sold"})
_ITEM_TAKEN = (
    "The name supplied already exists. : Another product or service is already using this name."
    " Please use a different name."
)
_MOST_DAYS = 999
_TAKEN = "The name supplied already exists. : null"


def save_item(books: Books, posted: Posted, before: Item | None) -> Item:
    """Create an item, or put a new version in the place of `before`. Raises `Refused`."""
    kind = posted.choice("Type", ITEM_TYPES) or (before.type if before else "Service")
    parent = posted.ref("ParentRef")
    fields: dict[str, Any] = {
        "name": _name(books.items, posted, before, _ITEM_TAKEN, parent),
        "parent_id": books.parent(books.items, parent, before, "Items"),
        "type": kind,
        "sku": posted.text("Sku", 100),
        "description": posted.text("Description", 4000),
        "active": posted.flag("Active", default=True),
        "unit_price": posted.number("UnitPrice"),
        "taxable": posted.flag("Taxable", default=True),
        "tax_code": posted.ref("SalesTaxCodeRef"),
        "income_account": _account(books, posted, "IncomeAccountRef", INCOME_TYPES),
        "expense_account": _account(books, posted, "ExpenseAccountRef", EXPENSE_TYPES),
        "kept": posted.kept(),
    }
    if kind in {"Service", "NonInventory", "Inventory"}:
        if not fields["income_account"]:
            raise missing("IncomeAccountRef")
        if books.switches.expense_account_required and not fields["expense_account"]:
            raise missing("ExpenseAccountRef")
    return _put(books, books.items, "item", Item, fields, before)


def save_account(books: Books, posted: Posted, before: Account | None) -> Account:
    """Create or change an account. Raises `Refused`."""
    kind = posted.choice("AccountType", ACCOUNT_TYPES) or (before.type if before else "")
    if not kind:
        raise missing("AccountType")
    parent = posted.ref("ParentRef")
    fields = {
        "name": _name(books.accounts, posted, before, _TAKEN, parent),
        "parent_id": books.parent(books.accounts, parent, before, "Accounts"),
        "type": kind,
        "subtype": posted.text("AccountSubType") or ACCOUNT_TYPES[kind][1],
        "currency": posted.ref("CurrencyRef") or books.world.currency,
        "number": posted.text("AcctNum", 20),
        "description": posted.text("Description", 100),
        "active": posted.flag("Active", default=True),
        "kept": posted.kept(),
    }
    return _put(books, books.accounts, "account", Account, fields, before)


def save_payment_method(
    books: Books, posted: Posted, before: PaymentMethod | None
) -> PaymentMethod:
    """Create or change a payment method. Raises `Refused`."""
    kinds = ("CREDIT_CARD", "NON_CREDIT_CARD")
    table = books.payment_methods
    fields = {
        "name": _name(table, posted, before, _TAKEN, most=31),
        "type": posted.choice("Type", kinds) or "NON_CREDIT_CARD",
        "active": posted.flag("Active", default=True),
    }
    return _put(books, table, "method", PaymentMethod, fields, before)


def save_term(books: Books, posted: Posted, before: Term | None) -> Term:
    """Create or change payment terms. Raises `Refused`."""
    days = int(posted.number("DueDays") or 0)
    if not 0 <= days <= _MOST_DAYS:
        raise Refused("2060", f"DueDays is not from 0 to {_MOST_DAYS}.", element="DueDays")
    fields = {
        "name": _name(books.terms, posted, before, _TAKEN, most=31),
        "due_days": days,
        "active": posted.flag("Active", default=True),
    }
    return _put(books, books.terms, "term", Term, fields, before)


def save_currency(books: Books, posted: Posted, before: CompanyCurrency | None) -> CompanyCurrency:
    """Take a foreign currency into use, or change it. Raises `Refused`."""
    if not books.preferences.multicurrency:
        raise business("Multicurrency is not turned on.")
    code = posted.text("Code", 3) or (before.code if before else "")
    if not code:
        raise missing("Code")
    fields = {
        "name": posted.text("Name", 100) or code,
        "code": code,
        "active": posted.flag("Active", default=True),
    }
    return _put(books, books.currencies, "currency", CompanyCurrency, fields, before)


def tracking_saver(
    kind: type[TrackingClass | Department],
) -> Callable[[Books, Posted, Any], Named]:
    """What creates and changes classes, or locations. It raises `Refused`."""

    def save(books: Books, posted: Posted, before: Any) -> Named:
        table: Table[Any] = books.classes if kind is TrackingClass else books.departments
        parent = posted.ref("ParentRef")
        fields = {
            "name": _name(table, posted, before, _TAKEN, parent),
            "parent_id": books.parent(table, parent, before, "Class"),
            "active": posted.flag("Active", default=True),
            "kept": posted.kept(),
        }
        saved: Named = _put(books, table, kind.__name__, kind, fields, before)
        return saved

    return save


def full_name(table: Table[Any], row: Named) -> str:
    """The name with those of its parents in front: `Candles:Tealights`."""
    above = full_name(table, table[row.parent_id]) + ":" if row.parent_id else ""
    return above + row.shown


def _put(
    books: Books,
    table: Table[AnyNamed],
    sequence: str,
    kind: Callable[..., AnyNamed],
    fields: dict[str, Any],
    before: AnyNamed | None,
) -> AnyNamed:
    check_revived(before, active=fields["active"])
    if before is None:
        return table.put(kind(**books.stamp(sequence), **fields))
    return table.put(books.touched(before, **fields))


def _name(
    table: Table[Any],
    posted: Posted,
    before: Named | None,
    taken: str,
    parent: str = "",
    *,
    most: int = 100,
) -> str:
    """The name, which no sibling may have."""
    name = posted.text("Name", most).strip().removesuffix(" (deleted)")
    if not name:
        raise missing("Name")
    check_characters("Name", name)
    for other in table.find("name", folded(name)):
        if other.parent_id == parent and (before is None or other.id != before.id):
            raise Refused("6240", taken)
    return name


def _account(books: Books, posted: Posted, name: str, types: frozenset[str]) -> str:
    account = posted.ref(name)
    if not account:
        return ""
    row = books.pick(books.accounts, account, "Accounts")
    if row.type not in types:
        raise Refused("6430", f"Invalid account type used : {row.name}", element=name)
    return row.id
