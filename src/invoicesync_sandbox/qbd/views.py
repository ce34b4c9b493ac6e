"""What QuickBooks shows of a row: its values by the names of elements, whatever their order."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbd import forms, rows
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.forms import Deleted, Line, SalesForm, Txn
from invoicesync_sandbox.qbd.rows import Named, Row

Values = dict[str, Any]


class View:
    """The objects of a company file as answers show them."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def name(self, row: Row) -> str:
        """The element that a row is answered as."""
        return f"{row.type if isinstance(row, rows.Item) else row.word}Ret"

    def row(self, row: Row, *, lines: bool = True, links: bool = True) -> Values:
        """A row's values; `lines` and `links` say whether a transaction's are wanted."""
        if isinstance(row, Named):
            return self._named(row) | self._own(row)
        values = self._txn(row)  # type: ignore[arg-type]
        if isinstance(row, SalesForm):
            values |= self._form(row)
            if lines:
                values[f"{row.word}LineRet"] = [self._line(line) for line in row.lines]
            if links and not isinstance(row, forms.SalesReceipt):
                values["LinkedTxn"] = self._links(row)
        elif isinstance(row, forms.Payment):
            values |= self._payment(row, lines=lines)
        elif isinstance(row, forms.CardRefund):
            values |= self._refund(row, lines=lines)
        elif isinstance(row, forms.Check):
            values |= self._check(row, lines=lines, links=links)
        return values

    def recovery(self, row: Row) -> Values:
        """The `ErrorRecovery` of what a request made or changed."""
        values: Values = {"EditSequence": row.edit_sequence, "ExternalGUID": row.guid}
        if isinstance(row, Txn):
            return values | {"TxnID": row.id, "TxnNumber": row.number}
        return values | {"ListID": row.id}

    def time(self, moment: datetime) -> str:
        """A time as QuickBooks writes it: that of the PC, with its distance from UTC."""
        return moment.astimezone(self.books.zone).isoformat(timespec="seconds")

    def deleted(self, one: Deleted) -> tuple[str, Values]:
        """A deleted row, as the query for what was deleted shows it."""
        times = {"TimeCreated": self.time(one.row.created), "TimeDeleted": self.time(one.at)}
        if isinstance(one.row, Txn):
            values = {"TxnDelType": one.word, "TxnID": one.row.id, "RefNumber": one.name}
            return "TxnDeletedRet", values | times
        values = {"ListDelType": one.word, "ListID": one.row.id, "FullName": one.name}
        return "ListDeletedRet", values | times

    def transaction(self, row: Txn, line: Line | None = None) -> Values:
        """A row of the query over all transactions: a whole one, or one of its lines."""
        amount = row.total if line is None else line.amount
        away = isinstance(row, forms.CreditMemo | forms.Payment | forms.Check | forms.CardRefund)
        return {
            "TxnType": row.word,
            "TxnID": row.id,
            "TxnLineID": line.id if line else None,
            "TimeCreated": self.time(row.created),
            "TimeModified": self.time(row.modified),
            "EntityRef": self._entity(row.customer_id),
            "AccountRef": self._ref(rows.Account, row.account_id),
            "TxnDate": row.txn_date,
            "RefNumber": row.ref,
            "Amount": -amount if away and amount is not None else amount,
            "Memo": row.memo if line is None else line.description,
        }

    # References

    def _ref(self, kind: type[Named], row_id: str) -> Values | None:
        row = self.books.tables[kind].get(row_id)
        if row is None:
            return None
        return {"ListID": row.id, "FullName": self.books.full_name(row)}

    def _entity(self, row_id: str) -> Values | None:
        kinds = (rows.Customer, rows.Supplier, rows.Employee, rows.OtherName)
        return next((ref for kind in kinds if (ref := self._ref(kind, row_id))), None)

    # Lists

    def _named(self, row: Named) -> Values:
        values: Values = {
            "ListID": row.id,
            "TimeCreated": self.time(row.created),
            "TimeModified": self.time(row.modified),
            "EditSequence": row.edit_sequence,
            "Name": row.name,
            "IsActive": row.active,
        }
        if isinstance(row, rows.Entity | rows.Item):
            values["ExternalGUID"] = row.guid
        values |= _shown(row.kept)
        tree = isinstance(row, rows.Account | rows.Customer | rows.TrackingClass)
        if tree or (isinstance(row, rows.Item) and not row.is_tax):
            full_name = self.books.full_name(row)
            values["FullName"] = full_name
            values["ParentRef"] = self._ref(type(row), row.parent_id)
            values["Sublevel"] = full_name.count(":")
        return values

    def _own(self, row: Named) -> Values:
        known: Mapping[type[Named], Callable[[Any], Values]] = {
            rows.Account: self._account,
            rows.Customer: self._customer,
            rows.Item: self._item,
            rows.SalesTaxCode: lambda one: {"IsTaxable": one.taxable},
            rows.Terms: lambda one: {"StdDueDays": one.days},
            rows.PaymentMethod: lambda one: {"PaymentMethodType": one.type},
        }
        own = known.get(type(row))
        return own(row) if own else {}

    def _account(self, row: rows.Account) -> Values:
        return {"AccountType": row.type, "SpecialAccountType": row.special}

    def _customer(self, row: rows.Customer) -> Values:
        balance = self.books.customer_balance(row.id)
        jobs = self.books.tables[rows.Customer].each("parent", row.id)
        total = balance + sum((self.books.customer_balance(one.id) for one in jobs), Decimal(0))
        return {
            "TermsRef": self._ref(rows.Terms, row.terms_id),
            "SalesTaxCodeRef": self._ref(rows.SalesTaxCode, row.tax_code_id),
            "ItemSalesTaxRef": self._ref(rows.Item, row.tax_item_id),
            "Balance": balance,
            "TotalBalance": total,
            "JobStatus": "None",
        }

    def _item(self, row: rows.Item) -> Values:
        account = self._ref(rows.Account, row.account_id)
        code = self._ref(rows.SalesTaxCode, row.tax_code_id)
        values: Values = {"BarCodeValue": row.barcode}
        if row.type == "ItemSalesTax":
            agency = self._ref(rows.Supplier, row.kept.get("TaxVendorRef", ""))
            values |= {"TaxRate": row.rate, "TaxVendorRef": agency}
            return values | {"ItemDesc": row.description}
        if row.type == "ItemSalesTaxGroup":
            parts = [self._ref(rows.Item, part) for part in row.parts]
            return values | {"ItemSalesTaxRef": parts, "ItemDesc": row.description}
        values["SalesTaxCodeRef"] = code
        if row.type == "ItemDiscount":
            values |= {"ItemDesc": row.description, "AccountRef": account}
            return values | {"DiscountRate": row.price, "DiscountRatePercent": row.percent}
        if row.type in {"ItemNonInventory", "ItemInventory"}:
            values["ManufacturerPartNumber"] = row.part_number
        if row.type == "ItemInventory":
            values |= {"SalesDesc": row.description, "SalesPrice": row.price}
            return values | {"IncomeAccountRef": account}
        sales = {"Desc": row.description, "Price": row.price or Decimal(0), "AccountRef": account}
        return values | {"SalesOrPurchase": sales}

    # Transactions

    def _txn(self, row: Txn) -> Values:
        customer = self._ref(rows.Customer, row.customer_id)
        account = self._ref(rows.Account, row.account_id)
        values: Values = {
            "TxnID": row.id,
            "TimeCreated": self.time(row.created),
            "TimeModified": self.time(row.modified),
            "EditSequence": row.edit_sequence,
            "TxnNumber": row.number,
            "TxnDate": row.txn_date,
            "RefNumber": row.ref,
            "Memo": row.memo,
            "ExternalGUID": row.guid,
        }
        if isinstance(row, forms.Check):
            return values | {"AccountRef": account, "PayeeEntityRef": self._entity(row.customer_id)}
        values["CustomerRef"] = customer
        if isinstance(row, forms.CardRefund):
            values["RefundFromAccountRef"] = account
            values["ARAccountRef"] = self._ref(rows.Account, row.receivables_id)
        elif not isinstance(row, forms.SalesReceipt):
            values["ARAccountRef"] = account
        return values

    def _form(self, row: SalesForm) -> Values:
        books = self.books
        values: Values = {
            "ClassRef": self._ref(rows.TrackingClass, row.class_id),
            "DueDate": row.due_date,
            "Subtotal": row.subtotal,
            "IsPending": False,
            "IsToBePrinted": False,
            "IsToBeEmailed": False,
        } | _shown(row.kept)
        if books.preferences.sales_tax:
            code = self._ref(rows.SalesTaxCode, row.customer_tax_code_id)
            values["ItemSalesTaxRef"] = self._ref(rows.Item, row.tax_item_id)
            values["SalesTaxPercentage"] = row.tax_rate
            values["CustomerSalesTaxCodeRef"] = code
        values["SalesTaxTotal"] = row.tax
        if isinstance(row, forms.SalesReceipt):
            values["PaymentMethodRef"] = self._ref(rows.PaymentMethod, row.method_id)
            values["DepositToAccountRef"] = self._ref(rows.Account, row.deposit_to_id)
            return values | {"TotalAmount": row.total}
        values["TermsRef"] = self._ref(rows.Terms, row.terms_id)
        if isinstance(row, forms.CreditMemo):
            return values | {"TotalAmount": row.total, "CreditRemaining": books.balance(row)}
        balance = books.balance(row)
        values |= {"AppliedAmount": -books.applied(row.id), "BalanceRemaining": balance}
        return values | {"IsPaid": not balance, "IsFinanceCharge": False} | _shown(row.kept)

    def _line(self, line: Line) -> Values:
        return {
            "TxnLineID": line.id,
            "ItemRef": self._ref(rows.Item, line.item_id),
            "Desc": line.description,
            "Quantity": line.quantity,
            "UnitOfMeasure": line.unit,
            "Rate": line.rate if line.percent is None else None,
            "RatePercent": line.percent,
            "ClassRef": self._ref(rows.TrackingClass, line.class_id),
            "Amount": line.amount,
            "ServiceDate": line.service_date,
            "SalesTaxCodeRef": self._ref(rows.SalesTaxCode, line.tax_code_id),
            "Other1": line.other1,
            "Other2": line.other2,
        }

    def _links(self, row: Txn) -> list[Values]:
        """What stands against a transaction, and what it stands against."""
        links = self.books.links
        found = [(link.source_id, -link.amount) for link in links.each("target", row.id)]
        found += [(link.target_id, link.amount) for link in links.each("source", row.id)]
        return [self._linked(self.books.txn(txn_id), amount) for txn_id, amount in found]

    def _linked(self, other: Txn, amount: Decimal) -> Values:
        return {
            "TxnID": other.id,
            "TxnType": other.word,
            "TxnDate": other.txn_date,
            "RefNumber": other.ref[:20],
            "LinkType": "AMTTYPE",
            "Amount": amount,
        }

    def _payment(self, row: forms.Payment, *, lines: bool) -> Values:
        books = self.books
        memos = books.tables[forms.CreditMemo].each("customer", row.customer_id)
        values: Values = {
            "TotalAmount": row.amount,
            "PaymentMethodRef": self._ref(rows.PaymentMethod, row.method_id),
            "DepositToAccountRef": self._ref(rows.Account, row.deposit_to_id),
            "UnusedPayment": books.balance(row),
            "UnusedCredits": sum((books.balance(memo) for memo in memos), Decimal(0)),
        }
        if lines:
            values["AppliedToTxnRet"] = [
                self.applied(books.txn(link.target_id), link.amount)
                for link in books.links.each("source", row.id)
            ]
        return values

    def applied(self, invoice: forms.Invoice, amount: Decimal) -> Values:
        """An invoice that money was put against."""
        return {
            "TxnID": invoice.id,
            "TxnType": invoice.word,
            "TxnDate": invoice.txn_date,
            "RefNumber": invoice.ref,
            "BalanceRemaining": self.books.balance(invoice),
            "Amount": amount,
        }

    def _refund(self, row: forms.CardRefund, *, lines: bool) -> Values:
        method = self._ref(rows.PaymentMethod, row.method_id)
        values: Values = {"TotalAmount": row.amount, "PaymentMethodRef": method}
        values |= _shown(row.kept)
        values.pop("IsToBePrinted", None)
        if lines:
            values["RefundAppliedToTxnRet"] = [
                {
                    "TxnID": memo.id,
                    "TxnType": memo.word,
                    "TxnDate": memo.txn_date,
                    "RefNumber": memo.ref,
                    "CreditRemaining": self.books.balance(memo),
                    "RefundAmount": link.amount,
                }
                for link in self.books.links.each("source", row.id)
                for memo in [self.books.txn(link.target_id)]
            ]
        return values

    def _check(self, row: forms.Check, *, lines: bool, links: bool) -> Values:
        values: Values = {"Amount": row.amount, "IsToBePrinted": False} | _shown(row.kept)
        if links:
            values["LinkedTxn"] = self._links(row)
        if lines:
            values["ExpenseLineRet"] = [
                {
                    "TxnLineID": line.id,
                    "AccountRef": self._ref(rows.Account, line.account_id),
                    "Amount": line.amount,
                    "Memo": line.memo,
                    "CustomerRef": self._ref(rows.Customer, line.customer_id),
                    "ClassRef": self._ref(rows.TrackingClass, line.class_id),
                }
                for line in row.lines
            ]
        return values


def _shown(kept: Mapping[str, Any]) -> Values:
    """What is only given back; addresses also as the lines that they are printed in."""
    found = dict(kept)
    for name, value in kept.items():
        if name.endswith("Address") and isinstance(value, Mapping):
            found[f"{name}Block"] = _block(value)
    return found


def _block(address: Mapping[str, str]) -> Values:
    lines = [address.get(f"Addr{place}", "") for place in range(1, 6)]
    town = f"{address.get('City', '')}, {address.get('State', '')}".strip(", ")
    lines.append(f"{town} {address.get('PostalCode', '')}".strip())
    lines.append(address.get("Country", ""))
    written = [line for line in lines if line][:5]
    return {f"Addr{place}": line for place, line in enumerate(written, 1)}
