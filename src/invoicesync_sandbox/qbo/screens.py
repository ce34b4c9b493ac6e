"""What a person does in QuickBooks' own screens, beside the API and under the same rules."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbo import applying, writing
from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.entities import ENTITIES
from invoicesync_sandbox.qbo.lists import ACCOUNT_TYPES
from invoicesync_sandbox.qbo.rows import Account, CompanyCurrency, TaxCode, TaxPart, TaxRate
from invoicesync_sandbox.qbo.writing import Write

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
    detail: dict[str, Any] = {}
    if item:
        detail["ItemRef"] = {"value": item}
    if qty is not None:
        detail["Qty"] = Decimal(qty)
    if unit_price is not None:
        detail["UnitPrice"] = Decimal(unit_price)
    if tax_code:
        detail["TaxCodeRef"] = {"value": tax_code}
    return {
        "Amount": Decimal(amount),
        "Description": description,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


class Screens(Books):
    """The books with a person at them. Methods raise `Refused`, a `ValueError`, with the vendor's
    words when a rule forbids what is asked; ids are returned. Money is major units.
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
        row = Account(
            **self.stamp("account"),
            name=name,
            type=account_type,
            subtype=subtype or ACCOUNT_TYPES[account_type][1],
            currency=currency or self.world.currency,
            number=number,
        )
        return self.accounts.put(row).id

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
        fields: dict[str, Any] = {
            "Name": name,
            "Type": type,
            "Sku": sku,
            "Description": description,
            "Taxable": taxable,
            "UnitPrice": None if unit_price is None else Decimal(unit_price),
        }
        if type != "Category":
            fields["IncomeAccountRef"] = {"value": self.account_id(income_account or "Services")}
        if parent:
            fields["ParentRef"] = {"value": self.items.find("name", folded(parent))[0].id}
        row_id = self._create("Item", fields)
        if not active:
            self.deactivate("Item", row_id)
        return row_id

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
            rate = TaxRate(
                **self.stamp("taxrate"), name=f"{name}{suffix} (Sales)", percent=Decimal(percent)
            )
            applies = "TaxOnAmountPlusTax" if compound and place else "TaxOnAmount"
            rate_id = self.tax_rates.put(rate).id
            parts.append(TaxPart(rate_id=rate_id, applies=applies, order=place))
        code = TaxCode(
            **self.stamp("taxcode"),
            name=name,
            description=description,
            taxable=taxable,
            sales=tuple(parts),
        )
        return self.tax_codes.put(code).id

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
        """Add a customer; `fields` are further ones by the vendor's names, e.g. `ParentRef`."""
        known: dict[str, Any] = {
            "DisplayName": display_name,
            "GivenName": given,
            "FamilyName": family,
            "CompanyName": company,
        }
        if email:
            known["PrimaryEmailAddr"] = {"Address": email}
        if phone:
            known["PrimaryPhone"] = {"FreeFormNumber": phone}
        if city:
            known["BillAddr"] = {"City": city}
        if currency:
            known["CurrencyRef"] = {"value": currency}
        row_id = self._create("Customer", known | fields)
        if not active:
            self.deactivate("Customer", row_id)
        return row_id

    def add_vendor(self, display_name: str, **fields: Any) -> str:
        """Add a vendor; `fields` are further ones by the vendor's names."""
        return self._create("Vendor", {"DisplayName": display_name, **fields})

    def add_employee(self, display_name: str, **fields: Any) -> str:
        """Add an employee; `fields` are further ones by the vendor's names."""
        return self._create("Employee", {"DisplayName": display_name, **fields})

    def add_payment_method(self, name: str, *, card: bool = False) -> str:
        """Add a payment method."""
        kind = "CREDIT_CARD" if card else "NON_CREDIT_CARD"
        return self._create("PaymentMethod", {"Name": name, "Type": kind})

    def add_term(self, name: str, due_days: int) -> str:
        """Add payment terms."""
        return self._create("Term", {"Name": name, "DueDays": due_days})

    def add_class(self, name: str) -> str:
        """Add a class for tracking."""
        return self._create("Class", {"Name": name})

    def add_department(self, name: str) -> str:
        """Add a location."""
        return self._create("Department", {"Name": name})

    def add_currency(self, code: str, rate: Amount) -> str:
        """Take a foreign currency into use at `rate` home units for one of it."""
        row = CompanyCurrency(**self.stamp("currency"), name=code, code=code, rate=Decimal(rate))
        return self.currencies.put(row).id

    def deactivate(self, kind: str, row_id: str) -> None:
        """Make a list element inactive, whatever its balance; `kind` is the vendor's word."""
        self._set(kind, row_id, active=False)

    def activate(self, kind: str, row_id: str) -> None:
        """Make a list element active again."""
        self._set(kind, row_id, active=True)

    def rename(self, kind: str, row_id: str, name: str) -> None:
        """Give a list element another name."""
        field = "DisplayName" if kind in {"Customer", "Vendor", "Employee"} else "Name"
        self._update(kind, row_id, {field: name})

    def set_preferences(self, **changes: Any) -> None:
        """Change settings: the fields of `Preferences`."""
        self.preferences = replace(self.preferences, **changes)

    def enter_invoice(
        self, customer_id: str, lines: Iterable[Mapping[str, Any]], **fields: Any
    ) -> str:
        """Enter an invoice. Lines (see `sale`) and `fields` are by the vendor's names."""
        return self._create("Invoice", self._form(customer_id, lines) | fields)

    def _form(self, customer_id: str, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        posted: dict[str, Any] = {
            "CustomerRef": {"value": customer_id},
            "Line": [dict(line) for line in lines],
            "CurrencyRef": {"value": self.customers[customer_id].currency},
        }
        if not self.world.american:
            posted["GlobalTaxCalculation"] = "TaxExcluded"
        return posted

    def edit_invoice(self, invoice_id: str, **fields: Any) -> None:
        """Change an invoice; `fields` by the vendor's names, the others stay."""
        self._update("Invoice", invoice_id, fields)

    def void_invoice(self, invoice_id: str) -> None:
        """Void an invoice; what was paid of it is the customer's credit."""
        self._do("void", "Invoice", invoice_id)

    def delete_invoice(self, invoice_id: str) -> None:
        """Delete an invoice that nothing is applied to."""
        self._do("delete", "Invoice", invoice_id)

    def void_sales_receipt(self, receipt_id: str) -> None:
        """Void a sales receipt, and the money with it."""
        self._do("update", "SalesReceipt", receipt_id, ("void",))

    def delete_sales_receipt(self, receipt_id: str) -> None:
        """Delete a sales receipt, and the money with it."""
        self._do("delete", "SalesReceipt", receipt_id)

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
        posted: dict[str, Any] = {
            "CustomerRef": {"value": invoice.customer_id},
            "CurrencyRef": {"value": invoice.currency},
            "TotalAmt": paid,
            "PaymentRefNum": ref,
            "TxnDate": str(day or self.today()),
            "Line": [{"Amount": paid, "LinkedTxn": [linked]}],
        }
        if account:
            posted["DepositToAccountRef"] = {"value": self.account_id(account)}
        if method:
            found = self.payment_methods.find("name", folded(method))[0]
            posted["PaymentMethodRef"] = {"value": found.id}
        return self._create("Payment", posted)

    def edit_payment(self, payment_id: str, **fields: Any) -> None:
        """Change a payment; `fields` by the vendor's names, the others stay."""
        self._update("Payment", payment_id, fields)

    def void_payment(self, payment_id: str) -> None:
        """Void a payment; its invoices are open again."""
        self._do("update", "Payment", payment_id, ("void",))

    def delete_payment(self, payment_id: str) -> None:
        """Delete a payment; its invoices are open again."""
        self._do("delete", "Payment", payment_id)

    def enter_credit_memo(self, customer_id: str, lines: Iterable[Mapping[str, Any]]) -> str:
        """Enter a credit memo. Lines (see `sale`) are by the vendor's names."""
        return self._create("CreditMemo", self._form(customer_id, lines))

    def use_credit_for(self, memo_id: str, invoice_id: str) -> str:
        """Put all that is left of a credit memo onto an invoice."""
        memo = self.credit_memos[memo_id]
        targets = ((invoice_id, "Invoice"), (memo_id, "CreditMemo"))
        lines = [
            {"Amount": memo.balance, "LinkedTxn": [{"TxnId": txn, "TxnType": kind}]}
            for txn, kind in targets
        ]
        customer = {"CustomerRef": {"value": memo.customer_id}, "TotalAmt": Decimal(0)}
        return self._create("Payment", customer | {"Line": lines})

    def void_credit_memo(self, memo_id: str) -> None:
        """Void a credit memo that is on nothing, which apps cannot do."""
        applying.void_form(self, self.credit_memos[memo_id])

    def void_refund_receipt(self, receipt_id: str) -> None:
        """Void a refund receipt, and the money with it, which apps cannot do."""
        applying.void_form(self, self.refund_receipts[receipt_id])

    def delete_credit_memo(self, memo_id: str) -> None:
        """Delete a credit memo that is on nothing."""
        self._do("delete", "CreditMemo", memo_id)

    def delete_refund_receipt(self, receipt_id: str) -> None:
        """Delete a refund receipt, and the money with it."""
        self._do("delete", "RefundReceipt", receipt_id)

    def deposit(self, txn_id: str) -> None:
        """Make a payment or sales receipt part of a bank deposit, after which it is fixed."""
        table: Any = self.payments if txn_id in self.payments else self.sales_receipts
        table.put(self.touched(table[txn_id], deposited=True))

    def account_id(self, name: str) -> str:
        """The id of the account of that name. Raises `IndexError` if there is none."""
        return self.accounts.find("name", folded(name))[0].id

    def _create(self, kind: str, fields: Mapping[str, Any]) -> str:
        done = writing.perform(self, Write(ENTITIES[kind], "create", fields))
        return str(done["Id"])

    def _update(self, kind: str, row_id: str, fields: Mapping[str, Any]) -> None:
        marks = {"sparse": True, **self._marks(kind, row_id)}
        writing.perform(self, Write(ENTITIES[kind], "update", {**fields, **marks}))

    def _do(self, operation: str, kind: str, row_id: str, include: tuple[str, ...] = ()) -> None:
        marks = self._marks(kind, row_id)
        writing.perform(self, Write(ENTITIES[kind], operation, marks, include))

    def _set(self, kind: str, row_id: str, *, active: bool) -> None:
        table = ENTITIES[kind].table(self)
        table.put(self.touched(table[row_id], active=active))

    def _marks(self, kind: str, row_id: str) -> dict[str, str]:
        row = ENTITIES[kind].table(self)[row_id]
        return {"Id": row_id, "SyncToken": str(row.sync_token)}
