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
from invoicesync_sandbox.qbd import QbdSandbox, rows
from invoicesync_sandbox.qbd.forms import Invoice, Payment, SalesForm, Txn
from invoicesync_sandbox.table import Table as Rows

LOCK = Form(
    "lock", "Keep it open, so that it is in use", (Field("tries", "For so many tries", "2"),)
)


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
            customers = self.qbd.customers
            if row_id:
                one = customers[row_id]
                return customer_page("Name", _shown(one, one.name), LOCK)
            names = self.qbd.books.full_name
            shown = [_shown(one, names(one)) for one in customers.values()]
            return customers_page("qbd", "Name", shown)
        if part == "lists" and not row_id:
            items = [(one, one.part_number) for one in self.qbd.items.values()]
            return lists_page("Part number", items, self.qbd.accounts.values())
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
            accounts = self.qbd.accounts.values()
            forms.append(pay_form(row.name for row in accounts if row.type == "Bank"))
        if isinstance(one, SalesForm):
            forms += line_forms(
                (line.id, f"{line.description or line.id}, {figure(line.amount)}")
                for line in one.lines
                if line.amount is not None
            )
        if isinstance(one, Payment) and not one.deposited:
            forms.append(Form("deposit", "Put into a bank deposit"))
        forms.append(LOCK)
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

    def _quickbooks(self) -> Page:
        facts = [
            ("Runs", "Yes" if self.qbd.running else "No"),
            ("Company file", self.qbd.open_path),
            ("It calls itself a sample", "Yes" if self.qbd.books.sample else "No"),
            ("A dialog is open", "Yes" if self.qbd.dialog else "No"),
            ("Somebody is in single-user mode", "Yes" if self.qbd.other_single_user else "No"),
        ]
        forms = [
            closing_form(self.qbd.books.preferences.closing_date),
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


def _shown(one: rows.Customer, name: str) -> tuple[str, str, str, bool]:
    return one.id, name, str(one.kept.get("Email") or ""), one.active
