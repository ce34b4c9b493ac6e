"""The books in Xero: invoices, credit notes, contacts, what can be archived, and the lock dates."""

from collections.abc import Iterable

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
from invoicesync_sandbox.xero import XeroSandbox
from invoicesync_sandbox.xero.lines import as_fields
from invoicesync_sandbox.xero.rows import CreditNote, Invoice, Line, Payment

DRAFTS = frozenset({"DRAFT", "SUBMITTED"})


class XeroBooks:
    """The pages of Xero. What Xero refuses is refused in its words."""

    key, name = "xero", "Xero"
    parts = (
        ("invoices", "Invoices"),
        ("credit-notes", "Credit notes"),
        ("contacts", "Contacts"),
        ("accounts", "Accounts and items"),
        ("lock-dates", "Lock dates"),
    )

    def __init__(self, xero: XeroSandbox) -> None:
        self.vendor = self.xero = xero
        self.acts = {
            "approve": self._approve,
            "approve-all": self._approve_all,
            "void": self._void,
            "delete": self._delete,
            "pay": self._pay,
            "line": self._change_line,
            "unpay": self._delete_payment,
            "void-note": self._void_note,
            "archive": self._archive,
            "restore": self._restore,
            "rename": self._rename,
            "add-contact": self._add_contact,
            "archive-account": self._archive_account,
            "lock": self._lock,
        }

    def page(self, part: str, row_id: str) -> Page:
        """The list, or one document or contact."""
        books = self.xero
        if part == "invoices":
            return self._invoice(books.invoices[row_id]) if row_id else self._invoices()
        if part == "credit-notes":
            return self._note(books.credit_notes[row_id]) if row_id else self._notes()
        if part == "contacts":
            return self._contact(row_id) if row_id else self._contacts()
        if part == "accounts" and not row_id:
            return self._accounts()
        if part == "lock-dates" and not row_id:
            return self._lock_dates()
        raise LookupError(part)

    def _invoices(self) -> Page:
        found = [one for one in self.xero.invoices.values() if one.type == "ACCREC"]
        rows = [
            (
                Link(one.number or "no number", f"/xero/invoices/{one.id}"),
                one.date.isoformat(),
                self.xero.contacts[one.contact_id].name,
                figure(one.total),
                figure(one.amount_due),
                one.status,
                one.reference,
            )
            for one in reversed(found)
        ]
        columns = ("Number", "Date", "Contact", f">Total ({self.xero.base_currency})", ">Due")
        drafts = sum(one.status in DRAFTS for one in found)
        approve = [Form("approve-all", f"Approve all {drafts} drafts")] if drafts else []
        table = Table("", (*columns, "Status", "Reference"), rows)
        return Page("Invoices", tables=[table], forms=approve)

    def _invoice(self, one: Invoice) -> Page:
        money = self._payments(one.id)
        credited = [
            (
                Link(note.number or "no number", f"/xero/credit-notes/{note.id}"),
                each.date.isoformat(),
                figure(each.amount),
            )
            for each in self.xero.allocations.find("invoice", one.id)
            if not each.deleted
            for note in [self.xero.credit_notes[each.credit_note_id]]
        ]
        facts = [
            *self._facts(one),
            ("Due date", one.due_date.isoformat()),
            ("Paid", figure(one.amount_paid)),
            ("Credited", figure(one.amount_credited)),
            ("Due", figure(one.amount_due)),
        ]
        tables = [self._lines(one.lines), self._paid(money)]
        if credited:
            tables.append(Table("Credit notes on it", ("Number", "Date", ">Amount"), credited))
        forms = []
        if one.status in DRAFTS:
            forms.append(Form("approve", "Approve"))
        if one.status == "AUTHORISED":
            forms.append(
                Form(
                    "pay",
                    "Pay by hand",
                    (
                        Field("amount", "Amount (blank: all)", kind="amount"),
                        Field("account", "Into", options=self._banks()),
                        Field("day", "Date", self.xero.today().isoformat(), "date"),
                    ),
                )
            )
        forms += self._unpay(money)
        lines = tuple(
            (each.id, f"{each.description}, {figure(each.line_amount)}") for each in one.lines
        )
        if one.status in DRAFTS | {"AUTHORISED", "PAID"} and lines:
            price = Field("price", "New amount", kind="amount")
            forms.append(
                Form("line", "Change the line", (Field("line", "Line", options=lines), price))
            )
        if one.status in DRAFTS:
            forms.append(Form("delete", "Delete", ends=True))
        elif one.status in {"AUTHORISED", "PAID"}:
            forms.append(Form("void", "Void", ends=True))
        return Page(f"Invoice {one.number}", facts, tables, forms)

    def _notes(self) -> Page:
        rows = [
            (
                Link(one.number or "no number", f"/xero/credit-notes/{one.id}"),
                one.date.isoformat(),
                self.xero.contacts[one.contact_id].name,
                figure(one.total),
                figure(one.remaining_credit),
                one.status,
                one.reference,
            )
            for one in reversed(list(self.xero.credit_notes.values()))
        ]
        columns = ("Number", "Date", "Contact", ">Total", ">Left", "Status", "Reference")
        return Page("Credit notes", tables=[Table("", columns, rows)])

    def _note(self, one: CreditNote) -> Page:
        money = self._payments(one.id)
        facts = [
            *self._facts(one),
            ("Allocated", figure(one.allocated)),
            ("Refunded", figure(one.refunded)),
            ("Left", figure(one.remaining_credit)),
        ]
        forms = self._unpay(money)
        if one.status not in {"VOIDED", "DELETED"}:
            forms.append(Form("void-note", "Void", ends=True))
        return Page(
            f"Credit note {one.number}", facts, [self._lines(one.lines), self._paid(money)], forms
        )

    def _facts(self, one: Invoice | CreditNote) -> list[tuple[str, str]]:
        return [
            ("Status", one.status),
            ("Contact", self.xero.contacts[one.contact_id].name),
            ("Date", one.date.isoformat()),
            ("Reference", one.reference),
            (f"Total ({one.currency})", figure(one.total)),
            ("Tax in it", figure(one.total_tax)),
        ]

    def _lines(self, lines: Iterable[Line]) -> Table:
        rows = [
            (
                one.description,
                one.account_code,
                one.tax_type,
                figure(one.line_amount),
                figure(one.tax_amount),
            )
            for one in lines
        ]
        return Table("Lines", ("Description", "Account", "Tax code", ">Amount", ">Tax"), rows)

    def _payments(self, document_id: str) -> list[Payment]:
        found = self.xero.payments.find("document", document_id)
        return [one for one in found if one.status != "DELETED"]

    def _paid(self, money: list[Payment]) -> Table:
        rows = [
            (
                one.date.isoformat(),
                self.xero.accounts[one.account_id].name,
                one.reference,
                figure(one.amount),
            )
            for one in money
        ]
        return Table("Payments", ("Date", "Account", "Reference", ">Amount"), rows)

    def _unpay(self, money: list[Payment]) -> list[Form]:
        of = tuple((one.id, f"{one.date}, {figure(one.amount)}") for one in money)
        field = Field("payment", "Payment", options=of)
        return [Form("unpay", "Delete the payment", (field,), ends=True)] if of else []

    def _banks(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (one.code, f"{one.code} {one.name}")
            for one in self.xero.accounts.values()
            if one.type == "BANK" and one.status == "ACTIVE" and one.code
        )

    def _contacts(self) -> Page:
        rows = [
            (Link(one.name, f"/xero/contacts/{one.id}"), one.email, one.status)
            for one in self.xero.contacts.values()
        ]
        fields = (Field("name", "Name"), Field("email", "E-mail", kind="email"))
        form = Form("add-contact", "Add a contact", fields)
        table = Table("", ("Name", "E-mail", "Status"), rows)
        return Page("Contacts", tables=[table], forms=[form])

    def _contact(self, contact_id: str) -> Page:
        one = self.xero.contacts[contact_id]
        fields = (Field("name", "Name", one.name), Field("email", "E-mail", one.email, "email"))
        archived = one.status == "ARCHIVED"
        end = Form("restore", "Restore") if archived else Form("archive", "Archive", ends=True)
        return Page(one.name, [("Status", one.status)], forms=[Form("rename", "Save", fields), end])

    def _accounts(self) -> Page:
        accounts = [
            (one.code, one.name, one.type, one.status) for one in self.xero.accounts.values()
        ]
        items = [(one.code, one.name, one.account_code) for one in self.xero.items.values()]
        options = choices(
            (one.code, f"{one.code} {one.name}")
            for one in self.xero.accounts.values()
            if one.code and one.status == "ACTIVE"
        )
        archive = Form(
            "archive-account", "Archive", (Field("account", "Account", options=options),), ends=True
        )
        tables = [
            Table("Accounts", ("Code", "Name", "Type", "Status"), accounts),
            Table("Items", ("Code", "Name", "Sales account"), items),
        ]
        return Page("Accounts and items", tables=tables, forms=[archive])

    def _lock_dates(self) -> Page:
        period, year = self.xero.period_lock, self.xero.year_lock
        fields = (
            Field("period", "Locked up to", str(period or ""), "date"),
            Field("year", "End of year, up to", str(year or ""), "date"),
        )
        note = "The last locked day; blank for none. Documents up to then cannot be touched."
        return Page("Lock dates", forms=[Form("lock", "Save", fields, note)])

    def _approve(self, invoice_id: str, _: Typed) -> str:
        self.xero.approve_invoice(invoice_id)
        return "The invoice is approved."

    def _approve_all(self, _: str, __: Typed) -> str:
        drafts = [one.id for one in self.xero.invoices.values() if one.status in DRAFTS]
        for invoice_id in drafts:
            self.xero.approve_invoice(invoice_id)
        return f"{len(drafts)} invoices are approved."

    def _void(self, invoice_id: str, _: Typed) -> str:
        self.xero.void_invoice(invoice_id)
        return "The invoice is void."

    def _delete(self, invoice_id: str, _: Typed) -> str:
        self.xero.delete_invoice(invoice_id)
        return "The draft is deleted."

    def _pay(self, invoice_id: str, typed: Typed) -> str:
        amount, day = typed.amount("amount", "Amount"), typed.day("day", "Date")
        self.xero.pay(invoice_id, amount, account=typed.needed("account", "Into"), day=day)
        return "The payment is entered."

    def _change_line(self, invoice_id: str, typed: Typed) -> str:
        price, line_id = typed.amount("price", "New amount"), typed.text("line")
        if price is None:
            raise Wrong("New amount: please fill it in.")
        lines = []
        for one in self.xero.invoices[invoice_id].lines:
            line = as_fields(one, with_tax=one.id != line_id)
            if one.id == line_id:
                line |= {"Quantity": 1, "UnitAmount": -price if one.line_amount < 0 else price}
            lines.append(line)
        self.xero.edit_invoice(invoice_id, LineItems=lines)
        return f"The line is changed; the total is {figure(self.xero.invoices[invoice_id].total)}."

    def _delete_payment(self, _: str, typed: Typed) -> str:
        self.xero.delete_payment(typed.needed("payment", "Payment"))
        return "The payment is deleted."

    def _void_note(self, note_id: str, _: Typed) -> str:
        self.xero.void_credit_note(note_id)
        return "The credit note is void."

    def _archive(self, contact_id: str, _: Typed) -> str:
        self.xero.archive_contact(contact_id)
        return "The contact is archived."

    def _restore(self, contact_id: str, _: Typed) -> str:
        self.xero.restore_contact(contact_id)
        return "The contact is active again."

    def _rename(self, contact_id: str, typed: Typed) -> str:
        name, email = typed.needed("name", "Name"), typed.text("email")
        self.xero.edit_contact(contact_id, Name=name, EmailAddress=email)
        return "The contact is saved."

    def _add_contact(self, _: str, typed: Typed) -> str:
        self.xero.add_contact(typed.needed("name", "Name"), email=typed.text("email"))
        return "The contact is added."

    def _archive_account(self, _: str, typed: Typed) -> str:
        code = typed.needed("account", "Account")
        self.xero.archive_account(code)
        return f"Account {code} is archived."

    def _lock(self, _: str, typed: Typed) -> str:
        self.xero.set_lock_dates(
            typed.day("period", "Locked up to"), typed.day("year", "End of year")
        )
        return "The lock dates are saved."
