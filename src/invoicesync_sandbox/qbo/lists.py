"""How the elements of lists are made and changed: people, items, accounts and the shorter lists."""

from collections.abc import Callable
from typing import Any

from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.errors import Refused, business, missing
from invoicesync_sandbox.qbo.rows import (
    ACCOUNT_TYPES,
    Account,
    CompanyCurrency,
    Customer,
    Employee,
    Item,
    Named,
    Person,
    Term,
    Vendor,
)

Values = dict[str, Any]
INCOME_TYPES = frozenset({"Income", "Other Income"})
EXPENSE_TYPES = frozenset({"Expense", "Other Expense", "Cost of Goods Sold"})
_TAKEN = "The name supplied already exists. : "
_OLDER = "Another {} is already using this name. Please use a different name."
_MOST_DAYS = 999


def save(books: Books, kind: type[Named], values: Values, before: Named | None) -> Named:
    """Create an element of what was sent, or put a new version in the place of `before`.

    Raises `Refused`.
    """
    table = books.tables[kind]
    if before is not None and not before.active and not values["active"]:
        raise business("You cannot modify a list element that has been deleted.")
    books.check_parent(kind, values.get("parent_id", ""), before)
    if check := _CHECKS.get(kind):
        check(books, values, before)
    if kind is not CompanyCurrency:
        _check_name(books, kind, values, before)
    row: Named = table.put(books.row(kind, before, **values))
    return row


def _check_name(books: Books, kind: type[Named], values: Values, before: Named | None) -> None:
    """Raise `Refused` for a name that another has: of all people, or of its siblings."""
    people = issubclass(kind, Person)
    older = books.switches.duplicate_name_detail == "words"
    for table in books.people() if people else (books.tables[kind],):
        for other in table.find("name", folded(values["name"])):
            if before is not None and other.id == before.id:
                continue
            if people and (other.active or books.switches.inactive_names_reserved):
                words = _OLDER.format("customer, vendor or employee")
                raise Refused("6240", _TAKEN + (words if older else "null"))
            if not people and other.parent_id == values.get("parent_id", ""):
                words = _OLDER.format("product or service")
                raise Refused("6240", _TAKEN + (words if kind is Item else "null"))


def _check_person(books: Books, values: Values, before: Person | None) -> None:
    if before is not None:
        values["currency"] = before.currency
        if before.active and not values["active"] and books.owed_by(before.id):
            raise Refused("6220", f"{before.name} has a balance and cannot be made inactive.")
        return
    code = values["currency"] = values.get("currency") or books.world.currency
    if code != books.world.currency:
        known = any(row.code == code and row.active for row in books.currencies.values())
        if not (books.preferences.multicurrency and known):
            raise business("The currency is not in use in this company.")


def _check_item(books: Books, values: Values, _: Item | None) -> None:
    for name, types, field in (
        ("income_account", INCOME_TYPES, "IncomeAccountRef"),
        ("expense_account", EXPENSE_TYPES, "ExpenseAccountRef"),
    ):
        row = books.accounts.get(values[name])
        if row and row.type not in types:
            raise Refused("6430", f"Invalid account type used : {row.name}", element=field)
    if values["type"] in {"Service", "NonInventory", "Inventory"}:
        if not values["income_account"]:
            raise missing("IncomeAccountRef")
        if books.switches.expense_account_required and not values["expense_account"]:
            raise missing("ExpenseAccountRef")


def _check_account(books: Books, values: Values, _: Account | None) -> None:
    values["subtype"] = values.get("subtype") or ACCOUNT_TYPES[values["type"]][1]
    values.setdefault("currency", books.world.currency)


def _check_term(_: Books, values: Values, __: Term | None) -> None:
    values["due_days"] = int(values["due_days"])
    if not 0 <= values["due_days"] <= _MOST_DAYS:
        raise Refused("2060", f"DueDays is not from 0 to {_MOST_DAYS}.", element="DueDays")


def _check_currency(books: Books, values: Values, _: CompanyCurrency | None) -> None:
    if not books.preferences.multicurrency:
        raise business("Multicurrency is not turned on.")
    values["name"] = values.get("name") or values["code"]


_CHECKS: dict[type[Named], Callable[[Books, Values, Any], None]] = {
    Customer: _check_person,
    Vendor: _check_person,
    Employee: _check_person,
    Item: _check_item,
    Account: _check_account,
    Term: _check_term,
    CompanyCurrency: _check_currency,
}
