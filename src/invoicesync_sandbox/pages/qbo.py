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
    choices,
    figure,
)
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.qbo.fields import TABLES
from invoicesync_sandbox.qbo.forms import CreditMemo, Invoice, Payment, SalesForm, Txn
from invoicesync_sandbox.table import Table as Rows


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
            return self._customer(row_id) if row_id else self._customers()
        if part == "lists" and not row_id:
            return self._lists()
        if part == "closing-date" and not row_id:
            return self._closing_date()
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
            banks = choices(
                (row.name, row.name) for row in self.qbo.accounts.values() if row.type == "Bank"
            )
            fields = (
                Field("amount", "Amount (blank: all)", kind="amount"),
                Field("account", "Into", options=(("", "Undeposited Funds"), *banks)),
                Field("day", "Date", self.qbo.today().isoformat(), "date"),
            )
            forms.append(Form("pay", "Receive a payment", fields))
        if isinstance(one, SalesForm):
            lines = tuple(
                (each.id, f"{each.description or each.kind}, {figure(each.amount)}")
                for each in one.lines
                if each.kind == "sale"
            )
            price = Field("price", "New amount", kind="amount")
            if lines:
                line = Field("line", "Line", options=lines)
                forms.append(Form("line", "Change the line", (line, price)))
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

    def _customers(self) -> Page:
        rows = [
            (
                Link(one.name, f"/qbo/customers/{one.id}"),
                one.email,
                "Active" if one.active else "Inactive",
            )
            for one in self.qbo.customers.values()
        ]
        fields = (Field("name", "Display name"), Field("email", "E-mail", kind="email"))
        table = Table("", ("Name", "E-mail", "State"), rows)
        return Page("Customers", tables=[table], forms=[Form("add-customer", "Add", fields)])

    def _customer(self, customer_id: str) -> Page:
        one = self.qbo.customers[customer_id]
        forms = [Form("rename", "Save", (Field("name", "Display name", one.name),))]
        if one.active:
            forms.append(Form("inactive", "Make inactive", ends=True))
        else:
            forms.append(Form("active", "Make active"))
        state = "Active" if one.active else "Inactive"
        return Page(one.name, [("State", state), ("E-mail", one.email)], forms=forms)

    def _lists(self) -> Page:
        def state(active: bool) -> str:
            return "Active" if active else "Inactive"

        items, accounts = self.qbo.items.values(), self.qbo.accounts.values()
        item_rows = [(one.name, one.sku, one.type, state(one.active)) for one in items]
        account_rows = [(one.name, one.type, state(one.active)) for one in accounts]
        item_names = choices((one.id, one.name) for one in items if one.active)
        account_names = choices((one.id, one.name) for one in accounts if one.active)
        return Page(
            "Items and accounts",
            tables=[
                Table("Items", ("Name", "SKU", "Type", "State"), item_rows),
                Table("Accounts", ("Name", "Type", "State"), account_rows),
            ],
            forms=[
                Form(
                    button="Make inactive",
                    act=act,
                    fields=(Field("row", label, options=of),),
                    ends=True,
                )
                for act, label, of in (
                    ("close-item", "Item", item_names),
                    ("close-account", "Account", account_names),
                )
            ],
        )

    def _closing_date(self) -> Page:
        day = Field("day", "Closed up to", str(self.qbo.preferences.close_date or ""), "date")
        note = "The last day of the closed books; blank for none."
        return Page("Closing date", forms=[Form("close", "Save", (day,), note)])

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
        self.qbo.rename("Customer", customer_id, typed.needed("name", "Display name"))
        return "The customer is saved."

    def _add_customer(self, _: str, typed: Typed) -> str:
        self.qbo.add_customer(typed.needed("name", "Display name"), email=typed.text("email"))
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
