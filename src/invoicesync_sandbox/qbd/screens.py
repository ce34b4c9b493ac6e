"""What a person does in QuickBooks' own windows, and what tests look up there.

A person may do much that an application may not: edit what is paid, give a number twice, deposit
money, merge names, close the books. What QuickBooks refuses raises `Refused` in its words.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from invoicesync_sandbox.qbd import rows, voiding
from invoicesync_sandbox.qbd.books import TRANSACTIONS, Books, Preferences
from invoicesync_sandbox.qbd.errors import undeletable
from invoicesync_sandbox.qbd.forms import (
    CardRefund,
    Check,
    CreditMemo,
    Invoice,
    Line,
    Payment,
    SalesForm,
    SalesReceipt,
)
from invoicesync_sandbox.qbd.lines import totalled
from invoicesync_sandbox.qbd.lists import checked_name
from invoicesync_sandbox.qbd.rows import Account, Customer, Item, Named, PaymentMethod
from invoicesync_sandbox.table import Table

AnyNamed = TypeVar("AnyNamed", bound=Named)


def sale(
    amount: str,
    *,
    item: str = "",
    taxed: bool | None = None,
    description: str = "",
    quantity: str = "",
) -> dict[str, Any]:
    """A line for `enter_invoice` and the like; `item` is a name."""
    return {
        "amount": Decimal(amount),
        "item": item,
        "taxed": taxed,
        "description": description,
        "quantity": Decimal(quantity) if quantity else None,
    }


class Screens:
    """The windows of the open company file."""

    books: Books

    # Looking up

    @property
    def customers(self) -> Table[Customer]:
        """The customers by id."""
        return self.books.tables[Customer]

    @property
    def items(self) -> Table[Item]:
        """The items by id."""
        return self.books.tables[Item]

    @property
    def accounts(self) -> Table[Account]:
        """The accounts by id."""
        return self.books.tables[Account]

    @property
    def invoices(self) -> Table[Invoice]:
        """The invoices by id."""
        return self.books.tables[Invoice]

    @property
    def sales_receipts(self) -> Table[SalesReceipt]:
        """The sales receipts by id."""
        return self.books.tables[SalesReceipt]

    @property
    def credit_memos(self) -> Table[CreditMemo]:
        """The credit memos by id."""
        return self.books.tables[CreditMemo]

    @property
    def payments(self) -> Table[Payment]:
        """The received payments by id."""
        return self.books.tables[Payment]

    @property
    def card_refunds(self) -> Table[CardRefund]:
        """The refunds to cards by id."""
        return self.books.tables[CardRefund]

    @property
    def checks(self) -> Table[Check]:
        """The checks by id."""
        return self.books.tables[Check]

    def transaction(self, txn_id: str) -> Any:
        """A transaction of any kind. Raises `LookupError`."""
        row = self.books.txn(txn_id)
        if row is None:
            raise LookupError(txn_id)
        return row

    def named(self, kind: type[rows.Named], name: str) -> Any:
        """The element of that full name. Raises `LookupError`."""
        row = self.books.by_name(kind, name)
        if row is None:
            raise LookupError(name)
        return row

    def balance(self, txn_id: str) -> Decimal:
        """What is due on an invoice, or left of a payment or credit memo."""
        return self.books.balance(self.transaction(txn_id))

    # Lists

    def add_account(self, name: str, kind: str, **values: Any) -> Account:
        """A new account; `kind` is QuickBooks' word, such as `Bank` or `Income`."""
        return self._added(Account, name, type=kind, **values)

    def add_customer(
        self, name: str, *, email: str = "", active: bool = True, parent: str = "", **kept: Any
    ) -> Customer:
        """A new customer; `kept` are other fields by QuickBooks' names, `parent` a full name."""
        parent_id = self.named(Customer, parent).id if parent else ""
        fields = kept | ({"Email": email} if email else {})
        return self._added(Customer, name, parent_id=parent_id, active=active, kept=fields)

    def add_vendor(self, name: str, **kept: Any) -> rows.Supplier:
        """A new vendor."""
        return self._added(rows.Supplier, name, kept=kept)

    def add_employee(self, name: str, **kept: Any) -> rows.Employee:
        """A new employee."""
        return self._added(rows.Employee, name, kept=kept)

    def add_item(
        self,
        name: str,
        *,
        type: str = "ItemService",  # noqa: A002 - its name there
        account: str = "",
        price: str = "",
        taxable: bool = True,
        parent: str = "",
        **values: Any,
    ) -> Item:
        """A new item that sells into the account of that name."""
        prefs = self.books.preferences
        return self._added(
            Item,
            name,
            type=type,
            parent_id=self.named(Item, parent).id if parent else "",
            account_id=self.named(Account, account).id if account else "",
            price=Decimal(price) if price else None,
            tax_code_id=prefs.taxable_code if taxable else prefs.untaxed_code,
            **values,
        )

    def add_tax_item(self, name: str, rate: str, *, agency: str = "") -> Item:
        """A new sales tax item of so many per cent, for the vendor of that name."""
        vendor = self.named(rows.Supplier, agency).id if agency else ""
        kept = {"TaxVendorRef": vendor} if vendor else {}
        return self._added(Item, name, type="ItemSalesTax", rate=Decimal(rate), kept=kept)

    def add_tax_group(self, name: str, *parts: str) -> Item:
        """A new group of the tax items of these names."""
        ids = tuple(self.named(Item, part).id for part in parts)
        return self._added(Item, name, type="ItemSalesTaxGroup", parts=ids)

    def add_class(self, name: str, *, parent: str = "") -> rows.TrackingClass:
        """A new class."""
        above = self.named(rows.TrackingClass, parent).id if parent else ""
        return self._added(rows.TrackingClass, name, parent_id=above)

    def add_payment_method(self, name: str, kind: str) -> PaymentMethod:
        """A new payment method; `kind` is QuickBooks' word."""
        return self._added(PaymentMethod, name, type=kind)

    def _added(self, kind: type[AnyNamed], name: str, **values: Any) -> AnyNamed:
        checked = checked_name(self.books, kind, name, values.get("parent_id", ""))
        return self.books.add(kind, name=checked, **values)

    def rename(self, kind: type[Named], row_id: str, name: str) -> None:
        """Give an element another name."""
        row = self.books.tables[kind][row_id]
        checked = checked_name(self.books, kind, name, row.parent_id, row)
        self.books.change(row, name=checked)

    def set_active(self, kind: type[Named], row_id: str, *, active: bool) -> None:
        """Take an element out of use, or into use again."""
        self.books.change(self.books.tables[kind][row_id], active=active)

    def merge_customers(self, merged_id: str, into_id: str) -> None:
        """Make one customer of two: the first is deleted, its transactions are the other's."""
        merged = self.customers[merged_id]
        for kind in TRANSACTIONS:
            for row in self.books.tables[kind].find("customer", merged_id):
                self.books.change(row, customer_id=into_id)
        self.books.remove(merged)

    def delete_named(self, kind: type[Named], row_id: str) -> None:
        """Delete an element that nothing uses. Raises `Refused`."""
        row = self.books.tables[kind][row_id]
        if self._is_used(row):
            raise undeletable(row.name, "This name has been used in transactions.")
        self.books.remove(row)

    def _is_used(self, row: Named) -> bool:
        books = self.books
        txns = [one for kind in TRANSACTIONS for one in books.tables[kind].values()]
        if isinstance(row, Item):
            return any(
                line.item_id == row.id
                for one in txns
                if isinstance(one, SalesForm)
                for line in one.lines
            )
        return any(row.id in {one.customer_id, one.account_id} for one in txns)

    def set_preferences(self, **values: Any) -> Preferences:
        """Change preferences (the fields of `Preferences`)."""
        self.books.preferences = replace(self.books.preferences, **values)
        return self.books.preferences

    def close_books(self, day: date | None) -> None:
        """Close the books up to and including that day; None opens them."""
        self.set_preferences(closing_date=day)

    def lock_row(self, row_id: str, tries: int) -> None:
        """Somebody has an object open for so many more tries."""
        self.books.locks[row_id] = tries

    # Transactions

    def enter_invoice(self, customer: str, lines: list[dict[str, Any]], **fields: Any) -> Invoice:
        """An invoice; `customer` is a full name, `fields` are attributes of the row."""
        found: Invoice = self._entered(Invoice, customer, lines, fields)
        return found

    def enter_credit_memo(
        self, customer: str, lines: list[dict[str, Any]], **fields: Any
    ) -> CreditMemo:
        """A credit memo."""
        found: CreditMemo = self._entered(CreditMemo, customer, lines, fields)
        return found

    def _entered(
        self, kind: type[Any], customer: str, lines: list[dict[str, Any]], fields: dict[str, Any]
    ) -> Any:
        books = self.books
        prefs = books.preferences
        values = {
            "customer_id": self.named(Customer, customer).id,
            "txn_date": books.today(),
            "ref": books.next_ref(kind),
            "tax_item_id": prefs.default_tax_item,
            "customer_tax_code_id": prefs.taxable_code,
            **fields,
        }
        if kind is not SalesReceipt:
            values.setdefault("account_id", books.receivables)
        if not values.get("due_date"):
            values["due_date"] = values["txn_date"]
        made = tuple(self._line(one) for one in lines)
        return books.change(totalled(books, books.add(kind, **values, lines=made)))

    def _line(self, line: dict[str, Any]) -> Line:
        prefs = self.books.preferences
        item: Item = self.named(Item, line["item"])
        codes = {None: item.tax_code_id, True: prefs.taxable_code, False: prefs.untaxed_code}
        quantity = line["quantity"]
        return Line(
            id=self.books.line_id(),
            item_id=item.id,
            description=line["description"] or item.description,
            quantity=quantity,
            rate=line["amount"] / (quantity or 1),
            amount=line["amount"],
            tax_code_id="" if item.is_tax else codes[line["taxed"]],
        )

    def receive_payment(
        self,
        customer: str,
        amount: str,
        *,
        onto: dict[str, str] | None = None,
        into: str = "",
        method: str = "",
        **fields: Any,
    ) -> Payment:
        """A payment; `onto` says which invoices (by id) get how much of it."""
        books = self.books
        payment = books.add(
            Payment,
            **{
                "customer_id": self.named(Customer, customer).id,
                "txn_date": books.today(),
                "amount": Decimal(amount),
                "account_id": books.receivables,
                "deposit_to_id": self.named(Account, into).id if into else books.undeposited,
                "method_id": self.named(PaymentMethod, method).id if method else "",
                **fields,
            },
        )
        for invoice_id, part in (onto or {}).items():
            books.link(payment, self.invoices[invoice_id], Decimal(part))
        return payment

    def pay(self, invoice_id: str, amount: str) -> Payment:
        """Receive so much for an invoice, from its customer."""
        customer = self.customers[self.invoices[invoice_id].customer_id]
        name = self.books.full_name(customer)
        return self.receive_payment(name, amount, onto={invoice_id: amount})

    def use_credit(self, credit_id: str, invoice_id: str, amount: str) -> None:
        """Put a credit memo or an unused payment onto an invoice."""
        row = self.transaction(credit_id)
        self.books.link(row, self.invoices[invoice_id], Decimal(amount))
        self.books.touch(row)

    def edit(self, txn_id: str, **changes: Any) -> Any:
        """Change a transaction (attributes of its row); forms are added up anew."""
        row = replace(self.transaction(txn_id), **changes)
        return self.books.change(totalled(self.books, row) if isinstance(row, SalesForm) else row)

    def edit_line(self, txn_id: str, line_id: str, amount: Decimal) -> SalesForm:
        """Give a line of a form another amount."""
        form: SalesForm = self.transaction(txn_id)
        lines = tuple(
            replace(line, amount=amount, rate=amount, quantity=None) if line.id == line_id else line
            for line in form.lines
        )
        changed: SalesForm = self.edit(txn_id, lines=lines)
        return changed

    def void(self, txn_id: str) -> None:
        """Void a transaction, of any kind but a payment."""
        voiding.void(self.books, self.transaction(txn_id).word, txn_id)

    def delete(self, txn_id: str) -> None:
        """Delete a transaction."""
        voiding.delete(self.books, self.transaction(txn_id).word, txn_id)

    def void_invoice(self, invoice_id: str) -> None:
        """Void an invoice."""
        self.void(invoice_id)

    def delete_payment(self, payment_id: str) -> None:
        """Delete a payment."""
        self.delete(payment_id)

    def deposit(self, txn_id: str) -> None:
        """Put the money of a payment or sales receipt into a bank deposit."""
        self.books.change(self.transaction(txn_id), deposited=True)
