"""What a person does in Xero's own screens, beside the API and under the same rules."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from invoicesync_sandbox.xero import contacts, credit_notes, invoices, payments
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import (
    Account,
    Invoice,
    Item,
    Line,
    TaxRate,
    TrackingCategory,
    TrackingOption,
)

Result = TypeVar("Result")
_CLASSES = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "INVENTORY": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "EQUITY": "EQUITY",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
    "OTHERINCOME": "REVENUE",
}
_PERSON = Writer()


class Screens(Books):
    """The books with a person at them. Methods raise `ElementRefused`, a `ValueError`, with the
    vendor's messages when a rule forbids what is asked; ids are returned. Money is major units.
    """

    def add_account(
        self,
        code: str,
        name: str,
        type: str = "REVENUE",  # noqa: A002 - the field's own name
        *,
        tax_type: str = "NONE",
        status: str = "ACTIVE",
        takes_payments: bool = False,
        system_account: str = "",
        description: str = "",
    ) -> str:
        """Add an account; bank accounts may have a blank code."""
        row = Account(
            id=self.new_id(),
            code=code,
            name=name,
            type=type,
            account_class=_CLASSES.get(type, "EXPENSE"),
            tax_type=tax_type,
            status=status,
            takes_payments=takes_payments,
            system_account=system_account,
            currency=self.base_currency if type == "BANK" else "",
            description=description,
            updated=self.now(),
        )
        return self.accounts.put(row).id

    def archive_account(self, code: str) -> None:
        """Archive the account of that code."""
        row = self.accounts.find("code", code)[0]
        self.accounts.put(replace(row, status="ARCHIVED", updated=self.now()))

    def add_tax_rate(
        self,
        tax_type: str,
        name: str,
        rate: str | Decimal,
        *,
        classes: Iterable[str] = ("ASSET", "EQUITY", "LIABILITY", "REVENUE"),
        report_tax_type: str | None = None,
        status: str = "ACTIVE",
    ) -> str:
        """Add a tax rate of `rate` per cent, for accounts of `classes`."""
        self.tax_rates[tax_type] = TaxRate(
            tax_type=tax_type,
            name=name,
            rate=Decimal(rate),
            report_tax_type=report_tax_type or tax_type,
            classes=frozenset(classes),
            status=status,
        )
        return tax_type

    def add_tracking_category(self, name: str, *options: str) -> str:
        """Add a tracking category with these options."""
        row = TrackingCategory(
            id=self.id_of(f"tracking {name}"),
            name=name,
            options=tuple(
                TrackingOption(id=self.id_of(f"tracking {name}: {option}"), name=option)
                for option in options
            ),
        )
        self.tracking[row.id] = row
        return row.id

    def archive_tracking_option(self, category: str, option: str) -> None:
        """Archive an option of a category; both go by their names."""
        row = next(row for row in self.tracking.values() if row.name == category)
        changed = tuple(
            replace(one, status="ARCHIVED") if one.name == option else one for one in row.options
        )
        self.tracking[row.id] = replace(row, options=changed)

    def add_item(
        self,
        code: str,
        name: str = "",
        *,
        description: str = "",
        unit_price: str | Decimal | None = None,
        account_code: str = "",
        tax_type: str = "",
        is_sold: bool = True,
    ) -> str:
        """Add an item that is sold."""
        row = Item(
            id=self.new_id(),
            code=code,
            name=name or code,
            description=description,
            unit_price=None if unit_price is None else Decimal(unit_price),
            account_code=account_code,
            tax_type=tax_type,
            is_sold=is_sold,
            updated=self.now(),
        )
        return self.items.put(row).id

    def add_contact(
        self,
        name: str,
        *,
        email: str = "",
        first_name: str = "",
        last_name: str = "",
        contact_number: str = "",
        account_number: str = "",
        city: str = "",
        sales_terms: tuple[int, str] | None = None,
        **fields: Any,
    ) -> str:
        """Add a contact; `fields` are further ones by the vendor's names, e.g. `Phones`."""
        known = {
            "Name": name,
            "EmailAddress": email,
            "FirstName": first_name,
            "LastName": last_name,
            "ContactNumber": contact_number,
            "AccountNumber": account_number,
        }
        if city:
            known["Addresses"] = [{"AddressType": "STREET", "City": city}]  # type: ignore[assignment]
        posted = Posted({key: value for key, value in known.items() if value} | fields, "")
        contact = self._try(lambda findings: contacts.create(self, posted, findings))
        if sales_terms:
            self.contacts.put(replace(contact, sales_terms=sales_terms))
        return contact.id

    def edit_contact(self, contact_id: str, **fields: Any) -> None:
        """Change a contact; `fields` by the vendor's names."""
        contact = self.contacts[contact_id]
        self._try(lambda findings: contacts.change(self, contact, Posted(fields, ""), findings))

    def archive_contact(self, contact_id: str) -> None:
        """Archive a contact, open invoices or not."""
        contact = self.contacts[contact_id]
        self.contacts.put(replace(contact, status="ARCHIVED", updated=self.now()))

    def restore_contact(self, contact_id: str) -> None:
        """Bring an archived contact back, which only a person can."""
        contact = self.contacts[contact_id]
        self.contacts.put(replace(contact, status="ACTIVE", updated=self.now()))

    def merge_contact(self, contact_id: str, into: str) -> None:
        """Merge a contact into another, which takes its documents over."""
        for invoice in self.invoices.find("contact", contact_id):
            self.invoices.put(replace(invoice, contact_id=into))
        for note in self.credit_notes.find("contact", contact_id):
            self.credit_notes.put(replace(note, contact_id=into))
        merged = replace(self.contacts[contact_id], merged_to=into)
        self.contacts.put(merged)
        self.archive_contact(contact_id)

    def set_lock_dates(self, period: date | None = None, end_of_year: date | None = None) -> None:
        """Set both lock dates, the last locked days; None for none."""
        self.period_lock, self.year_lock = period, end_of_year

    def add_invoice(
        self, contact_id: str, lines: Iterable[Mapping[str, Any]], **fields: Any
    ) -> str:
        """Enter a sales invoice, approved unless `Status` says otherwise.

        Lines and `fields` are by the vendor's names, dates `YYYY-MM-DD`.
        """
        posted = _document("ACCREC", contact_id, lines, fields)
        return self._try(lambda findings: invoices.create(self, posted, _PERSON, findings)).id

    def add_bill(self, contact_id: str, total: str | Decimal, *, number: str = "") -> str:
        """Enter an approved bill of one line, dated today: something that is no sales invoice."""
        amount = Decimal(total)
        line = Line(
            id=self.new_id(),
            description="Supplies",
            quantity=Decimal(1),
            unit_amount=amount,
            line_amount=amount,
        )
        row = Invoice(
            id=self.new_id(),
            type="ACCPAY",
            number=number,
            contact_id=contact_id,
            date=self.today(),
            due_date=self.today(),
            status="AUTHORISED",
            lines=(line,),
            currency=self.base_currency,
            sub_total=amount,
            total=amount,
            updated=self.now(),
        )
        return self.invoices.put(row).id

    def edit_invoice(self, invoice_id: str, **fields: Any) -> None:
        """Change an invoice; `fields` by the vendor's names."""
        invoice, posted = self.invoices[invoice_id], Posted(fields, "")
        self._try(lambda findings: invoices.change(self, invoice, posted, _PERSON, findings))

    def approve_invoice(self, invoice_id: str) -> None:
        """Draft or submitted to AUTHORISED."""
        self.edit_invoice(invoice_id, Status="AUTHORISED")

    def void_invoice(self, invoice_id: str) -> None:
        """AUTHORISED, with nothing applied to it, to VOIDED."""
        self.edit_invoice(invoice_id, Status="VOIDED")

    def delete_invoice(self, invoice_id: str) -> None:
        """Draft or submitted to DELETED."""
        self.edit_invoice(invoice_id, Status="DELETED")

    def pay(
        self,
        invoice_id: str,
        amount: str | Decimal | None = None,
        *,
        account: str = "090",
        day: date | None = None,
        reference: str = "",
    ) -> str:
        """Pay an invoice, in full unless `amount` is given, to the account of that code."""
        return self._pay("Invoice", invoice_id, amount, account, day, reference)

    def refund(
        self,
        credit_note_id: str,
        amount: str | Decimal | None = None,
        *,
        account: str = "090",
        day: date | None = None,
        reference: str = "",
    ) -> str:
        """Pay a credit note back in cash, what remains of it unless `amount` is given."""
        return self._pay("CreditNote", credit_note_id, amount, account, day, reference)

    def _pay(
        self,
        target: str,
        document_id: str,
        amount: str | Decimal | None,
        account: str,
        day: date | None,
        reference: str,
    ) -> str:
        document = (self.invoices if target == "Invoice" else self.credit_notes)[document_id]
        fields = {
            target: {f"{target}ID": document_id},
            "Account": {"Code": account},
            "Amount": payments.outstanding(document) if amount is None else amount,
            "Date": str(day or self.today()),
            "Reference": reference,
        }
        posted = Posted(fields, "")
        return self._try(lambda findings: payments.create(self, posted, _PERSON, findings)).id

    def delete_payment(self, payment_id: str) -> None:
        """Remove a payment; its invoice is due again."""
        payment, posted = self.payments[payment_id], Posted({"Status": "DELETED"}, "")
        self._try(lambda findings: payments.delete(self, payment, posted, findings))

    def add_credit_note(
        self, contact_id: str, lines: Iterable[Mapping[str, Any]], **fields: Any
    ) -> str:
        """Enter a sales credit note, like `add_invoice`."""
        posted = _document("ACCRECCREDIT", contact_id, lines, fields)
        return self._try(lambda findings: credit_notes.create(self, posted, _PERSON, findings)).id

    def allocate(self, credit_note_id: str, invoice_id: str, amount: str | Decimal) -> str:
        """Set a part of a credit note against an invoice."""
        note = self.credit_notes[credit_note_id]
        posted = Posted({"Invoice": {"InvoiceID": invoice_id}, "Amount": amount}, "")
        return self._try(lambda findings: credit_notes.allocate(self, note, posted, findings)).id

    def take_back(self, allocation_id: str) -> None:
        """Remove an allocation: the credit is free again, the invoice due again."""
        credit_notes.take_back(self, self.allocations[allocation_id])

    def void_credit_note(self, credit_note_id: str) -> None:
        """AUTHORISED, with nothing applied or paid out, to VOIDED."""
        note, posted = self.credit_notes[credit_note_id], Posted({"Status": "VOIDED"}, "")
        self._try(lambda findings: credit_notes.change(self, note, posted, _PERSON, findings))

    def _try(self, work: Callable[[Findings], Result]) -> Result:
        findings = Findings()
        with self.journal.attempt():
            result = work(findings)
            findings.stop()
            return result


def _document(
    kind: str, contact_id: str, lines: Iterable[Mapping[str, Any]], fields: Mapping[str, Any]
) -> Posted:
    known = {
        "Type": kind,
        "Contact": {"ContactID": contact_id},
        "LineItems": [dict(line) for line in lines],
        "Status": "AUTHORISED",
    }
    return Posted(known | dict(fields), "")
