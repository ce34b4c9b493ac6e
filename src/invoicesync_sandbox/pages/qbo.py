"""The books in QuickBooks: sales and money, customers, lists, and the closing date."""

from decimal import Decimal
from typing import Any

from invoicesync_sandbox.pages.layout import (
    Field,
    Form,
    Link,
    Page,
    Table,
    Typed,
    Wrong,
    figure,
)
from invoicesync_sandbox.pages.quickbooks import (
    closing_form,
    customer_page,
    customers_page,
    line_forms,
    lists_page,
    pay_form,
)
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.qbo.fields import TABLES
from invoicesync_sandbox.qbo.forms import CreditMemo, Invoice, Payment, SalesForm, Txn
from invoicesync_sandbox.qbo.rows import Customer
from invoicesync_sandbox.table import Table as Rows

NAME = "Display name"
"""What the name of a customer is called."""


class QboBooks:
    """The pages of QuickBooks. What QuickBooks refuses is refused in its words."""

    key, name = "qbo", "QuickBooks"
    parts = (
        ("invoices", "Invoices"),
        ("sales-receipts", "Sales receipts"),
        ("credit-memos", "Credit memos"),
        ("refund-receipts", "Refund receipts"),
        ("payments", "Payments"),
        ("customers", "Customers"),
        ("lists", "Items and accounts"),
        ("closing-date", "Closing date"),
    )

    def __init__(self, qbo: QboSandbox) -> None:
        self.vendor = self.qbo = qbo
        self.acts = {
            "pay": self._pay,
            "line": self._change_line,
            "void": self._void,
            "delete": self._delete,
            "deposit": self._deposit,
            "active": self._activate,
            "inactive": self._deactivate,
            "rename": self._rename,
            "add-customer": self._add_customer,
            "close-item": self._close_item,
            "close-account": self._close_account,
            "close": self._close,
        }
        self._tables: dict[str, Rows[Any]] = {
            "invoices": qbo.invoices,
            "sales-receipts": qbo.sales_receipts,
            "credit-memos": qbo.credit_memos,
            "refund-receipts": qbo.refund_receipts,
            "payments": qbo.payments,
        }

    def page(self, part: str, row_id: str) -> Page:
        """The list, or one transaction or customer."""
        if part in self._tables:
            if not row_id:
                return self._listed(part)
            row = self._tables[part][row_id]
            if row.status == "deleted":
                raise LookupError(row_id)
            return self._transaction(row)
        if part == "customers":
            if row_id:
                return customer_page(NAME, _customer(self.qbo.customers[row_id]))
            return customers_page("qbo", NAME, map(_customer, self.qbo.customers.values()))
        if part == "lists" and not row_id:
            items = [(one, one.sku) for one in self.qbo.items.values()]
            return lists_page("SKU", items, self.qbo.accounts.values())
        if part == "closing-date" and not row_id:
            form = closing_form(self.qbo.preferences.close_date)
            return Page("Closing date", forms=[form])
        raise LookupError(part)

    def _listed(self, part: str) -> Page:
        found = [one for one in self._tables[part].values() if one.status != "deleted"]
        rows = [
            (
                Link(one.number or one.id, f"/qbo/{part}/{one.id}"),
                one.txn_date.isoformat(),
                self._who(one),
                figure(one.total),
                figure(_left(one)),
                _state(one),
                one.private_note,
            )
            for one in reversed(found)
        ]
        left = ">Due" if part == "invoices" else ">Left"
        columns = ("Number", "Date", "Customer", f">Total ({self.qbo.world.currency})", left)
        title = dict(self.parts)[part]
        return Page(title, tables=[Table("", (*columns, "State", "Note"), rows)])

    def _who(self, one: Txn) -> str:
        return self.qbo.customers[one.customer_id].name if one.customer_id else ""

    def _transaction(self, one: Any) -> Page:
        facts = [
            ("State", _state(one)),
            ("Customer", self._who(one)),
            ("Date", one.txn_date.isoformat()),
            (f"Total ({one.currency})", figure(one.total)),
            ("Due" if isinstance(one, Invoice) else "Left", figure(_left(one))),
            ("Note", one.private_note),
        ]
        tables, forms = [], []
        if isinstance(one, SalesForm):
            facts.insert(4, ("Tax in it", figure(one.tax)))
            tables += [self._lines(one), self._applied(one)]
        if isinstance(one, Payment):
            facts += [("Reference", one.ref), ("Into", self._account(one.account_id))]
            tables.append(self._paid_for(one))
        if one.status == "live":
            forms = self._forms(one)
        return Page(f"{type(one).__name__} {one.number or one.id}", facts, tables, forms)

    def _forms(self, one: Any) -> list[Form]:
        forms = []
        if isinstance(one, Invoice):
            banks = [row.name for row in self.qbo.accounts.values() if row.type == "Bank"]
            day = Field("day", "Date", self.qbo.today().isoformat(), "date")
            forms.append(pay_form(banks, day))
        if isinstance(one, SalesForm):
            forms += line_forms(
                (each.id, f"{each.description or each.kind}, {figure(each.amount)}")
                for each in one.lines
                if each.kind == "sale"
            )
        elif not one.deposit_id:
            forms.append(Form("deposit", "Put into a bank deposit"))
        forms.append(Form("void", "Void", ends=True))
        forms.append(Form("delete", "Delete", ends=True))
        return forms

    def _lines(self, one: SalesForm) -> Table:
        rows = [
            (
                each.description,
                self.qbo.items[each.item_id].name if each.item_id in self.qbo.items else each.kind,
                each.tax_code,
                figure(each.amount),
            )
            for each in one.lines
        ]
        return Table("Lines", ("Description", "Item", "Tax code", ">Amount"), rows)

    def _applied(self, one: SalesForm) -> Table:
        rows = [
            (
                Link(payment.number or payment.id, f"/qbo/payments/{payment.id}"),
                payment.txn_date.isoformat(),
                payment.ref,
                figure(link.amount),
            )
            for payment in self.qbo.payments.values()
            for link in payment.lines
            if link.txn_id == one.id
        ]
        return Table("Payments", ("Payment", "Date", "Reference", ">Amount"), rows)

    def _paid_for(self, payment: Payment) -> Table:
        parts = {"Invoice": "invoices", "CreditMemo": "credit-memos"}
        rows = [
            (
                Link(
                    f"{link.txn_type} {self.qbo.transaction(link.txn_id).number}",
                    f"/qbo/{parts[link.txn_type]}/{link.txn_id}",
                ),
                figure(link.amount),
            )
            for link in payment.lines
        ]
        return Table("Applied to", ("Document", ">Amount"), rows)

    def _account(self, account_id: str) -> str:
        return self.qbo.accounts[account_id].name if account_id in self.qbo.accounts else ""

    def _pay(self, invoice_id: str, typed: Typed) -> str:
        amount, day = typed.amount("amount", "Amount"), typed.day("day", "Date")
        self.qbo.pay(invoice_id, amount, account=typed.text("account"), day=day)
        return "The payment is entered."

    def _change_line(self, txn_id: str, typed: Typed) -> str:
        price, line_id = typed.amount("price", "New amount"), typed.text("line")
        if price is None:
            raise Wrong("New amount: please fill it in.")
        row = self.qbo.transaction(txn_id)
        shown = TABLES[type(row)].view(self.qbo, row)["Line"]
        lines = [one for one in shown if one["DetailType"] != "SubTotalLineDetail"]
        for place, one in enumerate(lines):
            if one.get("Id") == line_id:
                amount = -price if one["Amount"] < 0 else price
                left_out = {"Qty", "UnitPrice", "TaxInclusiveAmt"}
                detail = one["SalesItemLineDetail"]
                kept = {name: value for name, value in detail.items() if name not in left_out}
                lines[place] = one | {"Amount": amount, "SalesItemLineDetail": kept}
        self.qbo.edit(txn_id, Line=lines, TxnTaxDetail=None)
        return f"The line is changed; the total is {figure(self.qbo.transaction(txn_id).total)}."

    def _void(self, txn_id: str, _: Typed) -> str:
        self.qbo.void(txn_id)
        return "It is void."

    def _delete(self, txn_id: str, _: Typed) -> str:
        self.qbo.delete(txn_id)
        return "It is deleted."

    def _deposit(self, txn_id: str, _: Typed) -> str:
        self.qbo.deposit(txn_id)
        return "It is in a bank deposit now, and fixed."

    def _activate(self, customer_id: str, _: Typed) -> str:
        self.qbo.activate("Customer", customer_id)
        return "The customer is active again."

    def _deactivate(self, customer_id: str, _: Typed) -> str:
        self.qbo.deactivate("Customer", customer_id)
        return "The customer is inactive."

    def _rename(self, customer_id: str, typed: Typed) -> str:
        self.qbo.rename("Customer", customer_id, typed.needed("name", NAME))
        return "The customer is saved."

    def _add_customer(self, _: str, typed: Typed) -> str:
        self.qbo.add_customer(typed.needed("name", NAME), email=typed.text("email"))
        return "The customer is added."

    def _close_item(self, _: str, typed: Typed) -> str:
        self.qbo.deactivate("Item", typed.needed("row", "Item"))
        return "The item is inactive."

    def _close_account(self, _: str, typed: Typed) -> str:
        self.qbo.deactivate("Account", typed.needed("row", "Account"))
        return "The account is inactive."

    def _close(self, _: str, typed: Typed) -> str:
        self.qbo.set_preferences(close_date=typed.day("day", "Closed up to"))
        return "The closing date is saved."


def _customer(one: Customer) -> tuple[str, str, str, bool]:
    return one.id, one.name, one.email, one.active


def _left(one: Txn) -> Decimal:
    if isinstance(one, Payment):
        return one.unapplied
    return one.balance if isinstance(one, Invoice | CreditMemo) else Decimal()


def _state(one: Txn) -> str:
    if one.status != "live":
        return "Voided"
    if isinstance(one, Invoice):
        if not one.balance:
            return "Paid"
        return "Open" if one.balance == one.total else "Partly paid"
    return "Deposited" if one.deposit_id else "Recorded"
