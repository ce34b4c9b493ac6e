"""What a person does in QuickBooks' own screens, beside the API and under the same rules."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbo import voiding, writing
from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.fields import KINDS, Row
from invoicesync_sandbox.qbo.rows import CompanyCurrency, TaxCode, TaxPart, TaxRate
from invoicesync_sandbox.qbo.writing import Write
from invoicesync_sandbox.table import Table

Amount = str | Decimal


def sale(
    amount: Amount,
    *,
    item: str = "",
    qty: Amount | None = None,
    unit_price: Amount | None = None,
    tax_code: str = "",
    description: str = "",
) -> dict[str, Any]:
    """An item line as the vendor has it; `item` and `tax_code` are ids. Major units."""
    detail = {
        "ItemRef": {"value": item} if item else None,
        "Qty": None if qty is None else Decimal(qty),
        "UnitPrice": None if unit_price is None else Decimal(unit_price),
        "TaxCodeRef": {"value": tax_code} if tax_code else None,
    }
    return {
        "Amount": Decimal(amount),
        "Description": description,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {name: value for name, value in detail.items() if value is not None},
    }


class Screens(Books):
    """The books with a person at them. Methods raise `Refused`, a `ValueError`, with the vendor's
    words when a rule forbids what is asked; ids are returned. Money is major units, `fields` are by
    the vendor's names.
    """

    def add_account(
        self,
        name: str,
        account_type: str,
        subtype: str = "",
        *,
        currency: str = "",
        number: str = "",
    ) -> str:
        """Add an account of one of the vendor's types, e.g. `Income`."""
        return self._create(
            "Account",
            Name=name,
            AccountType=account_type,
            AccountSubType=subtype,
            CurrencyRef={"value": currency},
            AcctNum=number,
        )

    def add_item(
        self,
        name: str,
        *,
        sku: str = "",
        type: str = "Service",  # noqa: A002 - the field's own name
        income_account: str = "",
        description: str = "",
        unit_price: Amount | None = None,
        taxable: bool = True,
        active: bool = True,
        parent: str = "",
    ) -> str:
        """Add an item; `income_account` and `parent` are names, Services where none is given."""
        account = "" if type == "Category" else self.account_id(income_account or "Services")
        return self._create(
            "Item",
            Name=name,
            Type=type,
            Sku=sku,
            Description=description,
            Taxable=taxable,
            Active=active,
            UnitPrice=None if unit_price is None else Decimal(unit_price),
            IncomeAccountRef={"value": account},
            ParentRef={"value": self._named(self.items, parent)},
        )

    def add_tax_code(
        self,
        name: str,
        *rates: str | Decimal,
        compound: bool = False,
        description: str = "",
        taxable: bool = True,
    ) -> str:
        """Add a tax code with one rate for each of `rates`, per cent.

        Further rates of a `compound` one are taken on the amount with the tax before them.
        """
        parts = []
        for place, percent in enumerate(rates):
            suffix = f" {place + 1}" if len(rates) > 1 else ""
            label = f"{name}{suffix} (Sales)"
            rate = self.add(TaxRate, name=label, percent=Decimal(percent))
            applies = "TaxOnAmountPlusTax" if compound and place else "TaxOnAmount"
            parts.append(TaxPart(rate_id=rate.id, applies=applies, order=place))
        described = {"description": description, "taxable": taxable}
        return self.add(TaxCode, name=name, sales=tuple(parts), **described).id

    def add_customer(
        self,
        display_name: str,
        *,
        email: str = "",
        given: str = "",
        family: str = "",
        company: str = "",
        city: str = "",
        phone: str = "",
        currency: str = "",
        active: bool = True,
        **fields: Any,
    ) -> str:
        """Add a customer; further `fields` are e.g. `ParentRef`."""
        known = {
            "DisplayName": display_name,
            "GivenName": given,
            "FamilyName": family,
            "CompanyName": company,
            "PrimaryEmailAddr": {"Address": email},
            "PrimaryPhone": {"FreeFormNumber": phone},
            "BillAddr": {"City": city},
            "CurrencyRef": {"value": currency},
            "Active": active,
        }
        return self._create("Customer", **known | fields)

    def add_vendor(self, display_name: str, **fields: Any) -> str:
        """Add a vendor."""
        return self._create("Vendor", DisplayName=display_name, **fields)

    def add_employee(self, display_name: str, **fields: Any) -> str:
        """Add an employee."""
        return self._create("Employee", DisplayName=display_name, **fields)

    def add_payment_method(self, name: str, *, card: bool = False) -> str:
        """Add a payment method."""
        kind = "CREDIT_CARD" if card else "NON_CREDIT_CARD"
        return self._create("PaymentMethod", Name=name, Type=kind)

    def add_term(self, name: str, due_days: int) -> str:
        """Add payment terms."""
        return self._create("Term", Name=name, DueDays=due_days)

    def add_class(self, name: str, *, below: str = "") -> str:
        """Add a class for tracking, `below` another one by its id."""
        parent = {"ParentRef": {"value": below}, "SubClass": True} if below else {}
        return self._create("Class", Name=name, **parent)

    def add_department(self, name: str) -> str:
        """Add a location."""
        return self._create("Department", Name=name)

    def add_currency(self, code: str, rate: Amount) -> str:
        """Take a foreign currency into use at `rate` home units for one of it."""
        return self.add(CompanyCurrency, name=code, code=code, rate=Decimal(rate)).id

    def deactivate(self, kind: str, row_id: str) -> None:
        """Make a list element inactive, whatever its balance; `kind` is the vendor's word."""
        self._set(kind, row_id, active=False)

    def activate(self, kind: str, row_id: str) -> None:
        """Make a list element active again."""
        self._set(kind, row_id, active=True)

    def rename(self, kind: str, row_id: str, name: str) -> None:
        """Give a list element another name."""
        field = "DisplayName" if KINDS[kind.lower()].serial == "name" else "Name"
        self._update(self.tables[KINDS[kind.lower()]][row_id], {field: name})

    def set_preferences(self, **changes: Any) -> None:
        """Change settings: the fields of `Preferences`."""
        self.preferences = replace(self.preferences, **changes)

    def enter_invoice(
        self, customer_id: str, lines: Iterable[Mapping[str, Any]], **fields: Any
    ) -> str:
        """Enter an invoice. For its lines see `sale`."""
        return self._create("Invoice", **self._form(customer_id, lines) | fields)

    def enter_credit_memo(
        self, customer_id: str, lines: Iterable[Mapping[str, Any]], **fields: Any
    ) -> str:
        """Enter a credit memo. For its lines see `sale`."""
        return self._create("CreditMemo", **self._form(customer_id, lines) | fields)

    def _form(self, customer_id: str, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "CustomerRef": {"value": customer_id},
            "Line": [dict(line) for line in lines],
            "CurrencyRef": {"value": self.customers[customer_id].currency},
            "GlobalTaxCalculation": "" if self.world.american else "TaxExcluded",
        }

    def pay(
        self,
        invoice_id: str,
        amount: Amount | None = None,
        *,
        ref: str = "",
        account: str = "",
        day: dt.date | None = None,
        method: str = "",
    ) -> str:
        """Receive money for an invoice, all that is open unless `amount` is given.

        `account` and `method` are names.
        """
        invoice = self.invoices[invoice_id]
        paid = invoice.balance if amount is None else Decimal(amount)
        linked = {"TxnId": invoice_id, "TxnType": "Invoice"}
        return self._create(
            "Payment",
            CustomerRef={"value": invoice.customer_id},
            CurrencyRef={"value": invoice.currency},
            TotalAmt=paid,
            PaymentRefNum=ref,
            TxnDate=str(day or self.today()),
            Line=[{"Amount": paid, "LinkedTxn": [linked]}],
            DepositToAccountRef={"value": self._named(self.accounts, account)},
            PaymentMethodRef={"value": self._named(self.payment_methods, method)},
        )

    def use_credit_for(self, memo_id: str, invoice_id: str) -> str:
        """Put all that is left of a credit memo onto an invoice."""
        memo = self.credit_memos[memo_id]
        targets = ((invoice_id, "Invoice"), (memo_id, "CreditMemo"))
        lines = [
            {"Amount": memo.balance, "LinkedTxn": [{"TxnId": txn, "TxnType": kind}]}
            for txn, kind in targets
        ]
        customer = {"value": memo.customer_id}
        return self._create("Payment", CustomerRef=customer, TotalAmt=Decimal(0), Line=lines)

    def edit(self, txn_id: str, **fields: Any) -> None:
        """Change a transaction; what is not among the `fields` stays."""
        self._update(self.transaction(txn_id), fields)

    edit_invoice = edit_payment = edit

    def void(self, txn_id: str) -> None:
        """Void a transaction. Apps cannot do so with credit memos and refund receipts."""
        self.check_company()
        with self.journal.attempt():
            voiding.end(self, self.transaction(txn_id), "voided")

    void_invoice = void_payment = void_sales_receipt = void_credit_memo = void_refund_receipt = void

    def delete(self, txn_id: str) -> None:
        """Delete a transaction: no invoice that something is applied to."""
        row = self.transaction(txn_id)
        writing.perform(self, Write(type(row), "delete", self._marks(row)))

    delete_invoice = delete_payment = delete_sales_receipt = delete
    delete_credit_memo = delete_refund_receipt = delete

    def deposit(self, txn_id: str) -> None:
        """Make a payment or sales receipt part of a bank deposit, after which it is fixed."""
        row = self.transaction(txn_id)
        self.table_of(row).put(self.touched(row, deposit_id=self.new_id(type(row))))

    def account_id(self, name: str) -> str:
        """The id of the account of that name. Raises `IndexError` if there is none."""
        return self._named(self.accounts, name)

    def _named(self, table: Table[Any], name: str) -> str:
        """The id of the first element of that name; blank for a blank one."""
        return str(table.find("name", folded(name))[0].id) if name else ""

    def _create(self, kind: str, **fields: Any) -> str:
        done = writing.perform(self, Write(KINDS[kind.lower()], "create", fields))
        return str(done["Id"])

    def _update(self, row: Row, fields: Mapping[str, Any]) -> None:
        body = {**fields, "sparse": True, **self._marks(row)}
        writing.perform(self, Write(type(row), "update", body))

    def _set(self, kind: str, row_id: str, *, active: bool) -> None:
        table = self.tables[KINDS[kind.lower()]]
        table.put(self.touched(table[row_id], active=active))

    def _marks(self, row: Row) -> dict[str, str]:
        return {"Id": row.id, "SyncToken": str(row.sync_token)}
