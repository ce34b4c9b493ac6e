"""Pages and forms that QuickBooks Online and Desktop have alike."""

from collections.abc import Collection, Iterable
from typing import Any

from invoicesync_sandbox.pages.layout import Field, Form, Link, Page, Table, choices

Customer = tuple[str, str, str, bool]
"""The id of a customer, the name, the e-mail, and whether it is active."""


def state_of(active: bool) -> str:
    """How an element of a list is said to be."""
    return "Active" if active else "Inactive"


def pay_form(banks: Iterable[str], *more: Field) -> Form:
    """The form by which a payment is received, into one of the banks or none yet."""
    options = (("", "Undeposited Funds"), *choices((name, name) for name in banks))
    amount = Field("amount", "Amount (blank: all)", kind="amount")
    return Form(
        "pay", "Receive a payment", (amount, Field("account", "Into", options=options), *more)
    )


def line_forms(lines: Iterable[tuple[str, str]]) -> list[Form]:
    """The form by which one of these lines gets another amount; none where there are none."""
    line = Field("line", "Line", options=tuple(lines))
    price = Field("price", "New amount", kind="amount")
    return [Form("line", "Change the line", (line, price))] if line.options else []


def closing_form(closed: object) -> Form:
    """The form of the closing date."""
    day = Field("day", "Closed up to", str(closed or ""), "date")
    return Form("close", "Save", (day,), "The last day of the closed books; blank for none.")


def customers_page(key: str, label: str, customers: Iterable[Customer]) -> Page:
    """All customers; `label` is what their names are called."""
    rows = [
        (Link(name, f"/{key}/customers/{ident}"), email, state_of(active))
        for ident, name, email, active in customers
    ]
    fields = (Field("name", label), Field("email", "E-mail", kind="email"))
    table = Table("", ("Name", "E-mail", "State"), rows)
    return Page("Customers", tables=[table], forms=[Form("add-customer", "Add", fields)])


def customer_page(label: str, customer: Customer, *more: Form) -> Page:
    """One customer."""
    _, name, email, active = customer
    end = Form("inactive", "Make inactive", ends=True) if active else Form("active", "Make active")
    rename = Form("rename", "Save", (Field("name", label, name),))
    facts = [("State", state_of(active)), ("E-mail", email)]
    return Page(name, facts, forms=[rename, end, *more])


def lists_page(code: str, items: Iterable[tuple[Any, str]], accounts: Collection[Any]) -> Page:
    """Items, each with what QuickBooks calls its `code`, and accounts."""
    items = list(items)

    def end(act: str, label: str, rows: Iterable[Any]) -> Form:
        options = choices((one.id, one.name) for one in rows if one.active)
        return Form(act, "Make inactive", (Field("row", label, options=options),), ends=True)

    item_rows = [(one.name, more, one.type, state_of(one.active)) for one, more in items]
    account_rows = [(one.name, one.type, state_of(one.active)) for one in accounts]
    return Page(
        "Items and accounts",
        tables=[
            Table("Items", ("Name", code, "Type", "State"), item_rows),
            Table("Accounts", ("Name", "Type", "State"), account_rows),
        ],
        forms=[
            end("close-item", "Item", (one for one, _ in items)),
            end("close-account", "Account", accounts),
        ],
    )
