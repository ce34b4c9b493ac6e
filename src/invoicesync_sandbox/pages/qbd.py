"""The books in QuickBooks Desktop: sales and money, customers, lists, and QuickBooks itself."""

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
from invoicesync_sandbox.qbd import QbdSandbox, rows
from invoicesync_sandbox.qbd.forms import Invoice, Payment, SalesForm, Txn
from invoicesync_sandbox.table import Table as Rows


class QbdBooks:
    """The pages of QuickBooks Desktop. What QuickBooks refuses is refused in its words."""

    key, name = "qbd", "QuickBooks Desktop"
    parts = (
        ("invoices", "Invoices"),
        ("sales-receipts", "Sales receipts"),
        ("credit-memos", "Credit memos"),
        ("payments", "Payments"),
        ("card-refunds", "Refunds to cards"),
        ("checks", "Checks"),
        ("customers", "Customers"),
        ("lists", "Items and accounts"),
        ("quickbooks", "QuickBooks itself"),
    )

    def __init__(self, qbd: QbdSandbox) -> None:
        self.vendor = self.qbd = qbd
        self.acts = {
            "pay": self._pay,
            "line": self._change_line,
            "void": self._void,
            "delete": self._delete,
            "deposit": self._deposit,
            "lock": self._lock,
            "active": self._activate,
            "inactive": self._deactivate,
            "rename": self._rename,
            "add-customer": self._add_customer,
            "close-item": self._close_item,
            "close-account": self._close_account,
            "close": self._close,
            "dialog": self._dialog,
            "single-user": self._single_user,
            "quit": self._quit,
            "sample": self._sample,
        }
        self._tables: dict[str, Rows[Any]] = {
            "invoices": qbd.invoices,
            "sales-receipts": qbd.sales_receipts,
            "credit-memos": qbd.credit_memos,
            "payments": qbd.payments,
            "card-refunds": qbd.card_refunds,
            "checks": qbd.checks,
        }

    def page(self, part: str, row_id: str) -> Page:
        """The list, or one transaction or customer."""
        if part in self._tables:
            return self._transaction(self._tables[part][row_id]) if row_id else self._listed(part)
        if part == "customers":
            return self._customer(row_id) if row_id else self._customers()
        if part == "lists" and not row_id:
            return self._lists()
        if part == "quickbooks" and not row_id:
            return self._quickbooks()
        raise LookupError(part)

    def _listed(self, part: str) -> Page:
        rows_shown = [
            (
                Link(one.ref or one.id, f"/qbd/{part}/{one.id}"),
                one.txn_date.isoformat(),
                self._who(one),
                figure(one.total),
                figure(self.qbd.balance(one.id)),
                self._state(one),
                one.memo,
            )
            for one in reversed(list(self._tables[part].values()))
        ]
        left = ">Due" if part == "invoices" else ">Left"
        total = f">Total ({self.qbd.world.currency})"
        columns = ("Number", "Date", "Customer", total, left, "State", "Memo")
        return Page(dict(self.parts)[part], tables=[Table("", columns, rows_shown)])

    def _who(self, one: Txn) -> str:
        customer = self.qbd.customers.get(one.customer_id)
        return self.qbd.books.full_name(customer) if customer else ""

    def _state(self, one: Txn) -> str:
        if one.voided:
            return "Voided"
        if isinstance(one, Invoice):
            left = self.qbd.balance(one.id)
            if not left:
                return "Paid"
            return "Open" if left == one.total else "Partly paid"
        return "Deposited" if one.deposited else "Recorded"

    def _transaction(self, one: Any) -> Page:
        facts = [
            ("State", self._state(one)),
            ("Customer", self._who(one)),
            ("Date", one.txn_date.isoformat()),
            (f"Total ({self.qbd.world.currency})", figure(one.total)),
            ("Due" if isinstance(one, Invoice) else "Left", figure(self.qbd.balance(one.id))),
            ("Memo", one.memo),
        ]
        tables = [self._linked(one)]
        if isinstance(one, SalesForm):
            facts.insert(4, ("Sales tax of the form", figure(one.tax)))
            tables.insert(0, self._lines(one))
        if isinstance(one, Payment):
            account = self.qbd.accounts.get(one.deposit_to_id)
            facts.append(("Into", account.name if account else ""))
        forms = [] if one.voided else self._forms(one)
        return Page(f"{one.word} {one.ref or one.id}", facts, tables, forms)

    def _forms(self, one: Any) -> list[Form]:
        forms = []
        if isinstance(one, Invoice):
            banks = choices(
                (row.name, row.name) for row in self.qbd.accounts.values() if row.type == "Bank"
            )
            fields = (
                Field("amount", "Amount (blank: all)", kind="amount"),
                Field("account", "Into", options=(("", "Undeposited Funds"), *banks)),
            )
            forms.append(Form("pay", "Receive a payment", fields))
        if isinstance(one, SalesForm):
            lines = tuple(
                (line.id, f"{line.description or line.id}, {figure(line.amount)}")
                for line in one.lines
                if line.amount is not None
            )
            line_fields = (
                Field("line", "Line", options=lines),
                Field("price", "New amount", kind="amount"),
            )
            if lines:
                forms.append(Form("line", "Change the line", line_fields))
        if isinstance(one, Payment) and not one.deposited:
            forms.append(Form("deposit", "Put into a bank deposit"))
        tries = Field("tries", "For so many tries", "2")
        forms.append(Form("lock", "Keep it open, so that it is in use", (tries,)))
        if not isinstance(one, Payment):
            forms.append(Form("void", "Void", ends=True))
        forms.append(Form("delete", "Delete", ends=True))
        return forms

    def _lines(self, one: SalesForm) -> Table:
        codes = self.qbd.books.tables[rows.SalesTaxCode]
        shown = [
            (
                line.description,
                self.qbd.items[line.item_id].name if line.item_id else "",
                codes[line.tax_code_id].name if line.tax_code_id else "",
                figure(line.amount) if line.amount is not None else "",
            )
            for line in one.lines
        ]
        return Table("Lines", ("Description", "Item", "Tax code", ">Amount"), shown)

    def _linked(self, one: Txn) -> Table:
        links = self.qbd.books.links
        found = [(link.source_id, link.amount) for link in links.each("target", one.id)]
        found += [(link.target_id, link.amount) for link in links.each("source", one.id)]
        shown = []
        for txn_id, amount in found:
            other = self.qbd.transaction(txn_id)
            part = next(part for part, table in self._tables.items() if txn_id in table)
            text = f"{other.word} {other.ref or other.id}"
            shown.append((Link(text, f"/qbd/{part}/{txn_id}"), figure(amount)))
        return Table("Applied", ("Transaction", ">Amount"), shown)

    def _customers(self) -> Page:
        shown = [
            (
                Link(self.qbd.books.full_name(one), f"/qbd/customers/{one.id}"),
                str(one.kept.get("Email") or ""),
                "Active" if one.active else "Inactive",
            )
            for one in self.qbd.customers.values()
        ]
        fields = (Field("name", "Name"), Field("email", "E-mail", kind="email"))
        table = Table("", ("Name", "E-mail", "State"), shown)
        return Page("Customers", tables=[table], forms=[Form("add-customer", "Add", fields)])

    def _customer(self, customer_id: str) -> Page:
        one = self.qbd.customers[customer_id]
        forms = [Form("rename", "Save", (Field("name", "Name", one.name),))]
        if one.active:
            forms.append(Form("inactive", "Make inactive", ends=True))
        else:
            forms.append(Form("active", "Make active"))
        tries = Field("tries", "For so many tries", "2")
        forms.append(Form("lock", "Keep it open, so that it is in use", (tries,)))
        state = "Active" if one.active else "Inactive"
        facts = [("State", state), ("E-mail", str(one.kept.get("Email") or ""))]
        return Page(one.name, facts, forms=forms)

    def _lists(self) -> Page:
        def state(active: bool) -> str:
            return "Active" if active else "Inactive"

        items, accounts = self.qbd.items.values(), self.qbd.accounts.values()
        item_rows = [(one.name, one.part_number, one.type, state(one.active)) for one in items]
        account_rows = [(one.name, one.type, state(one.active)) for one in accounts]
        item_names = choices((one.id, one.name) for one in items if one.active)
        account_names = choices((one.id, one.name) for one in accounts if one.active)
        return Page(
            "Items and accounts",
            tables=[
                Table("Items", ("Name", "Part number", "Type", "State"), item_rows),
                Table("Accounts", ("Name", "Type", "State"), account_rows),
            ],
            forms=[
                Form(
                    "close-item",
                    "Make inactive",
                    (Field("row", "Item", options=item_names),),
                    ends=True,
                ),
                Form(
                    "close-account",
                    "Make inactive",
                    (Field("row", "Account", options=account_names),),
                    ends=True,
                ),
            ],
        )

    def _quickbooks(self) -> Page:
        closing = str(self.qbd.books.preferences.closing_date or "")
        day = Field("day", "Closed up to", closing, "date")
        note = "The last day of the closed books; blank for none."
        facts = [
            ("Runs", "Yes" if self.qbd.running else "No"),
            ("Company file", self.qbd.open_path),
            ("It calls itself a sample", "Yes" if self.qbd.books.sample else "No"),
            ("A dialog is open", "Yes" if self.qbd.dialog else "No"),
            ("Somebody is in single-user mode", "Yes" if self.qbd.other_single_user else "No"),
        ]
        forms = [
            Form("close", "Save", (day,), note),
            Form("dialog", "Close the dialog" if self.qbd.dialog else "Open a dialog"),
            Form("single-user", "Switch single-user mode of somebody else"),
            Form("sample", "Be no sample" if self.qbd.books.sample else "Be a sample file"),
            Form("quit", "Quit QuickBooks" if self.qbd.running else "Start QuickBooks"),
        ]
        return Page("QuickBooks itself", facts, forms=forms)

    def _pay(self, invoice_id: str, typed: Typed) -> str:
        invoice = self.qbd.invoices[invoice_id]
        amount = typed.amount("amount", "Amount") or self.qbd.balance(invoice_id)
        if not 0 < amount <= self.qbd.balance(invoice_id):
            raise Wrong("Amount: no more than what is due, please.")
        text = str(amount)
        account = typed.text("account")
        self.qbd.receive_payment(self._who(invoice), text, onto={invoice_id: text}, into=account)
        return "The payment is entered."

    def _change_line(self, txn_id: str, typed: Typed) -> str:
        price = typed.amount("price", "New amount")
        if price is None:
            raise Wrong("New amount: please fill it in.")
        form: SalesForm = self.qbd.transaction(txn_id)
        line = next(one for one in form.lines if one.id == typed.text("line"))
        negative = line.amount is not None and line.amount < 0
        changed = self.qbd.edit_line(txn_id, line.id, -price if negative else price)
        return f"The line is changed; the total is {figure(changed.total)}."

    def _void(self, txn_id: str, _: Typed) -> str:
        self.qbd.void(txn_id)
        return "It is void."

    def _delete(self, txn_id: str, _: Typed) -> str:
        self.qbd.delete(txn_id)
        return "It is deleted."

    def _deposit(self, txn_id: str, _: Typed) -> str:
        self.qbd.deposit(txn_id)
        return "It is in a bank deposit now, and fixed."

    def _lock(self, row_id: str, typed: Typed) -> str:
        tries = typed.count("tries", "For so many tries")
        self.qbd.lock_row(row_id, tries)
        return f"It is in use for {tries} tries."

    def _activate(self, customer_id: str, _: Typed) -> str:
        self.qbd.set_active(rows.Customer, customer_id, active=True)
        return "The customer is active again."

    def _deactivate(self, customer_id: str, _: Typed) -> str:
        self.qbd.set_active(rows.Customer, customer_id, active=False)
        return "The customer is inactive."

    def _rename(self, customer_id: str, typed: Typed) -> str:
        self.qbd.rename(rows.Customer, customer_id, typed.needed("name", "Name"))
        return "The customer is saved."

    def _add_customer(self, _: str, typed: Typed) -> str:
        self.qbd.add_customer(typed.needed("name", "Name"), email=typed.text("email"))
        return "The customer is added."

    def _close_item(self, _: str, typed: Typed) -> str:
        self.qbd.set_active(rows.Item, typed.needed("row", "Item"), active=False)
        return "The item is inactive."

    def _close_account(self, _: str, typed: Typed) -> str:
        self.qbd.set_active(rows.Account, typed.needed("row", "Account"), active=False)
        return "The account is inactive."

    def _close(self, _: str, typed: Typed) -> str:
        self.qbd.close_books(typed.day("day", "Closed up to"))
        return "The closing date is saved."

    def _dialog(self, _: str, __: Typed) -> str:
        self.qbd.dialog = not self.qbd.dialog
        return "A dialog is open." if self.qbd.dialog else "The dialog is closed."

    def _single_user(self, _: str, __: Typed) -> str:
        self.qbd.other_single_user = not self.qbd.other_single_user
        on = self.qbd.other_single_user
        return f"Somebody else is {'in' if on else 'out of'} single-user mode."

    def _quit(self, _: str, __: Typed) -> str:
        if self.qbd.running:
            self.qbd.quit()
            return "QuickBooks is closed."
        self.qbd.start()
        return "QuickBooks runs."

    def _sample(self, _: str, __: Typed) -> str:
        books = self.qbd.books
        books.sample = not books.sample
        return f"The company file calls itself {'a' if books.sample else 'no'} sample."
