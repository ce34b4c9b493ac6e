"""Sales that another program, or a person, has entered in the ledger before this tool came."""

import datetime as dt
from typing import Any

from invoicesync_sandbox.qbd import sale
from tests.kits.rehearsal import Rehearsal


class Elsewhere:
    """Enters sales and their money in Xero or QuickBooks Online, whichever it is. Untaxed."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.r = rehearsal
        self.xero, self.qbo = rehearsal.xero, rehearsal.qbo
        self._is_xero = rehearsal.to == "xero"
        if not self._is_xero:
            self.qbo.set_preferences(auto_apply_payments=False, auto_apply_credit=False)
            candle = next(form for form in self.qbo.invoices.values() if form.number == "INV-0001")
            self._item = candle.lines[0].item_id
            codes = self.qbo.tax_codes.values()
            self._untaxed = next(row.id for row in codes if row.name == "No VAT")

    def contact(self, name: str, email: str = "") -> str:
        """A contact, with first and last name."""
        if self._is_xero:
            return str(self.xero.add_contact(name, EmailAddress=email))
        return self.qbo.add_customer(name, email=email)

    def invoice(
        self, contact: str, number: str, total: str, day: dt.date, reference: str = ""
    ) -> str:
        """An approved invoice, due at once."""
        if self._is_xero:
            fields = {"InvoiceNumber": number, "Date": str(day), "DueDate": str(day)}
            if reference:
                fields["Reference"] = reference
            return str(self.xero.add_invoice(contact, self._lines(total), **fields))
        fields = {"DocNumber": number, "TxnDate": str(day), "PrivateNote": reference}
        return self.qbo.enter_invoice(contact, self._lines(total), **fields)

    def receipt(self, contact: str, number: str, total: str, day: dt.date, ref: str = "") -> str:
        """A sales receipt in QuickBooks."""
        fields = {"DocNumber": number, "TxnDate": str(day), "PaymentRefNum": ref}
        return self._form("SalesReceipt", contact, total, fields)

    def pay(self, invoice: str, amount: str, day: dt.date, reference: str = "") -> str:
        """Money for an invoice."""
        if self._is_xero:
            return str(self.xero.pay(invoice, amount, day=day, reference=reference))
        return self.qbo.pay(invoice, amount, day=day, ref=reference)

    def credit(self, invoice: str, contact: str, number: str, amount: str, day: dt.date) -> str:
        """A credit note that is used for an invoice."""
        if self._is_xero:
            fields = {"CreditNoteNumber": number, "Date": str(day)}
            note = str(self.xero.add_credit_note(contact, self._lines(amount), **fields))
            self.xero.allocate(note, invoice, amount)
            return note
        fields = {"DocNumber": number, "TxnDate": str(day)}
        memo = self.qbo.enter_credit_memo(contact, self._lines(amount), **fields)
        self.qbo.use_credit_for(memo, invoice)
        return memo

    def refund(self, contact: str, number: str, amount: str, day: dt.date) -> str:
        """Money given back: in Xero a credit note that was paid out."""
        if self._is_xero:
            fields = {"CreditNoteNumber": number, "Date": str(day)}
            note = str(self.xero.add_credit_note(contact, self._lines(amount), **fields))
            self.xero.refund(note, amount, day=day)
            return note
        return self._form(
            "RefundReceipt", contact, amount, {"DocNumber": number, "TxnDate": str(day)}
        )

    def void(self, invoice: str) -> None:
        """Void an invoice that nothing is paid on."""
        if self._is_xero:
            self.xero.void_invoice(invoice)
        else:
            self.qbo.void(invoice)

    def edit(self, invoice: str, **fields: Any) -> None:
        """Change an invoice: by the names `number` and `reference`."""
        names = {"number": "InvoiceNumber", "reference": "Reference"}
        if not self._is_xero:
            names = {"number": "DocNumber", "reference": "PrivateNote"}
        changed = {names[name]: value for name, value in fields.items()}
        if self._is_xero:
            self.xero.edit_invoice(invoice, **changed)
        else:
            self.qbo.edit(invoice, **changed)

    def living(self) -> dict[str, tuple[str, str]]:
        """Number, total and what is due of every living sale but those of the demo company."""
        if self._is_xero:
            return {
                row.id: (row.number or "", f"{row.total:.2f} {row.amount_due:.2f}")
                for row in self.xero.invoices.values()
                if row.type == "ACCREC" and row.status not in {"VOIDED", "DELETED"}
            }
        return {
            row.id: (row.number, f"{row.total:.2f} {row.balance:.2f}")
            for table in (self.qbo.invoices, self.qbo.sales_receipts)
            for row in table.values()
            if row.status == "live"
        }

    def money(self) -> int:
        """How many living payments, credit notes and refunds there are."""
        if self._is_xero:
            payments = [row for row in self.xero.payments.values() if row.status != "DELETED"]
            notes = [row for row in self.xero.credit_notes.values() if row.status != "VOIDED"]
            return len(payments) + len(notes)
        tables = (self.qbo.payments, self.qbo.credit_memos, self.qbo.refund_receipts)
        return sum(row.status == "live" for table in tables for row in table.values())

    def _form(self, entity: str, contact: str, total: str, fields: dict[str, str]) -> str:
        return self.qbo._create(
            entity,
            **self.qbo._form(contact, self._lines(total)),
            DepositToAccountRef={"value": self.qbo.account_id("Stripe clearing")},
            **fields,
        )

    def _lines(self, total: str) -> list[dict[str, Any]]:
        if self._is_xero:
            line = {"Description": "Candle", "Quantity": 1, "UnitAmount": total}
            return [line | {"AccountCode": "200", "TaxType": "NONE"}]
        detail = {"ItemRef": {"value": self._item}, "TaxCodeRef": {"value": self._untaxed}}
        return [
            {"Amount": total, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        ]


class ElsewhereOnDesktop:
    """Enters the same in QuickBooks Desktop."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.qbd = rehearsal.qbd

    def contact(self, name: str, email: str = "") -> str:
        """A customer; it goes by its name."""
        return self.qbd.add_customer(name, email=email).name

    def invoice(self, contact: str, number: str, total: str, day: dt.date) -> str:
        """An invoice, due at once."""
        lines = [sale(total, item="Sales", taxed=False)]
        return self.qbd.enter_invoice(contact, lines, ref=number, txn_date=day).id

    def pay(self, invoice: str, amount: str, day: dt.date, reference: str = "") -> str:
        """Money for an invoice."""
        name = self.qbd.customers[self.qbd.invoices[invoice].customer_id].name
        onto = {invoice: amount}
        paid = self.qbd.receive_payment(name, amount, onto=onto, ref=reference, txn_date=day)
        return paid.id

    def credit(self, invoice: str, contact: str, number: str, amount: str, day: dt.date) -> str:
        """A credit memo that is used for an invoice."""
        lines = [sale(amount, item="Sales", taxed=False)]
        memo = self.qbd.enter_credit_memo(contact, lines, ref=number, txn_date=day)
        self.qbd.use_credit(memo.id, invoice, amount)
        return memo.id

    def edit(self, invoice: str, *, number: str) -> None:
        """Give an invoice another number."""
        self.qbd.edit(invoice, ref=number)


def elsewhere(rehearsal: Rehearsal) -> Elsewhere | ElsewhereOnDesktop:
    """Who enters sales in the ledger of a rehearsal."""
    return ElsewhereOnDesktop(rehearsal) if rehearsal.to == "qbd" else Elsewhere(rehearsal)
