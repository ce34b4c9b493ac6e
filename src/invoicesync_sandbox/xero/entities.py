"""The lists of the API: what each holds, shows and can be asked, and how it is written to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.xero import (
    contacts,
    credit_notes,
    invoices,
    payments,
    rows,
    settings,
    views,
)
from invoicesync_sandbox.xero.books import Books, folded
from invoicesync_sandbox.xero.documents import Writer
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.query import Asked
from invoicesync_sandbox.xero.reading import Listing, Query
from invoicesync_sandbox.xero.views import Detail, Json

Scopes = tuple[str, str]
Create = Callable[[Books, Posted, Writer, Findings], Any]
Change = Callable[[Books, Any, Posted, Writer, Findings], Any]
SETTINGS: Scopes = ("accounting.settings", "accounting.settings")
INVOICES: Scopes = ("accounting.invoices", "accounting.transactions")
PAYMENTS: Scopes = ("accounting.payments", "accounting.transactions")
CONTACTS: Scopes = ("accounting.contacts", "accounting.contacts")


@dataclass(frozen=True)
class Narrowing:
    """A parameter with a list of values, and what of a row has to be among them."""

    parameter: str
    get: Callable[[Any], str]
    pages: bool = False
    """Whether the parameter makes pages of the list by itself."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One kind of object that can be listed.

    Of the `scopes` one is needed; the reading form will do for a GET.
    """

    collection: str
    scopes: Scopes
    listing: Listing
    rows: Callable[[Books], Mapping[str, Any]]
    view: Callable[[Books, Any, Detail, int], Json]
    narrowings: tuple[Narrowing, ...] = ()
    shown: Callable[[Query, Any], bool] = lambda _, __: True
    """Whether a list shows the row."""


@dataclass(frozen=True, kw_only=True)
class Written(Entity):
    """One that is read one by one and written to as well."""

    by_number: Callable[[Books, str], Any] = lambda _, __: None
    """The row of a number in a path, where the id does not find one."""
    error_flag: str = "HasValidationErrors"
    create: Create
    """What PUT does."""
    save: Create
    """What POST does."""
    change: Change
    """What POST to one object does."""


def _asked(table: FieldTable, equal: str = "", range: str = "", order: str = "") -> Asked:  # noqa: A002
    def names(text: str) -> frozenset[str]:
        return frozenset(text.lower().split())

    return Asked(table, names(equal), names(range), names(order))


def _contact_numbered(books: Books, number: str) -> Any:
    return next(iter(books.contacts.find("contact_number", folded(number))), None)


ACCOUNT = Entity(
    collection="Accounts",
    scopes=SETTINGS,
    listing=Listing(_asked(rows.ACCOUNT), "Code ASC", paged=False),
    rows=lambda books: books.accounts,
    view=settings.account_view,
)
ITEM = Entity(
    collection="Items",
    scopes=("accounting.settings", "accounting.invoices"),
    listing=Listing(_asked(rows.ITEM), "Code ASC", paged=False),
    rows=lambda books: books.items,
    view=settings.item_view,
)
TAX_RATE = Entity(
    collection="TaxRates",
    scopes=SETTINGS,
    listing=Listing(_asked(rows.TAX_RATE), "Name ASC", paged=False, dated=False),
    rows=lambda books: books.tax_rates,
    view=settings.tax_rate_view,
)
CONTACT = Written(
    collection="Contacts",
    scopes=CONTACTS,
    listing=Listing(
        _asked(rows.CONTACT, "Name EmailAddress AccountNumber", order="Name UpdatedDateUTC"),
        "UpdatedDateUTC ASC, ContactID ASC",
        searched=("name", "first_name", "last_name", "contact_number", "email"),
        summaries=True,
    ),
    rows=lambda books: books.contacts,
    view=lambda books, row, detail, _: views.contact_view(books, row, detail),
    narrowings=(Narrowing("IDs", lambda row: row.id),),
    by_number=_contact_numbered,
    create=lambda books, posted, _, findings: contacts.create(books, posted, findings),
    save=lambda books, posted, _, findings: contacts.create_or_update(books, posted, findings),
    change=lambda books, row, posted, _, findings: contacts.change(books, row, posted, findings),
    shown=lambda query, row: row.status == "ACTIVE" or query.flag("includeArchived"),
)
INVOICE = Written(
    collection="Invoices",
    scopes=INVOICES,
    listing=Listing(
        _asked(
            rows.INVOICE,
            "InvoiceID InvoiceNumber Type Status Reference Contact.ContactID Contact.Name"
            " Contact.ContactNumber AmountPaid",
            "AmountDue Date DueDate UpdatedDateUTC",
            "InvoiceID Date UpdatedDateUTC",
        ),
        "UpdatedDateUTC ASC, InvoiceID ASC",
        searched=("number", "reference"),
        summaries=True,
    ),
    rows=lambda books: books.invoices,
    view=views.invoice_view,
    narrowings=(
        Narrowing("IDs", lambda row: row.id),
        Narrowing("InvoiceNumbers", lambda row: row.number.lower()),
        Narrowing("ContactIDs", lambda row: row.contact_id),
        Narrowing("Statuses", lambda row: row.status.lower(), pages=True),
    ),
    by_number=invoices.by_number,
    error_flag="HasErrors",
    create=invoices.create,
    save=invoices.create_or_update,
    change=invoices.change,
)
PAYMENT = Written(
    collection="Payments",
    scopes=PAYMENTS,
    listing=Listing(
        _asked(
            rows.PAYMENT,
            "PaymentID PaymentType Status Reference Invoice.InvoiceID",
            "Date",
            "PaymentID Date UpdatedDateUTC",
        ),
        "UpdatedDateUTC ASC, PaymentID ASC",
    ),
    rows=lambda books: books.payments,
    view=lambda books, row, detail, _: views.payment_view(books, row, detail),
    create=payments.create,
    save=payments.create,
    change=lambda books, row, posted, _, findings: payments.delete(books, row, posted, findings),
)
CREDIT_NOTE = Written(
    collection="CreditNotes",
    scopes=INVOICES,
    listing=Listing(
        _asked(
            rows.CREDIT_NOTE,
            "CreditNoteID CreditNoteNumber Type Status Reference Contact.ContactID Contact.Name",
            "Date",
            "CreditNoteID Date UpdatedDateUTC",
        ),
        "UpdatedDateUTC ASC, CreditNoteID ASC",
    ),
    rows=lambda books: books.credit_notes,
    view=views.credit_note_view,
    by_number=credit_notes.by_number,
    error_flag="HasErrors",
    create=credit_notes.create,
    save=credit_notes.create_or_update,
    change=credit_notes.change,
)
READ_ONLY: Iterable[Entity] = (ACCOUNT, ITEM, TAX_RATE)
WRITTEN: Iterable[Written] = (CONTACT, INVOICE, PAYMENT, CREDIT_NOTE)
