"""The organisation's books: its rows, and the rules that hold whoever changes them."""

import uuid
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.table import Journal, Table
from invoicesync_sandbox.xero.rows import (
    ZERO,
    Account,
    Allocation,
    Contact,
    CreditNote,
    Currency,
    Document,
    Invoice,
    Item,
    Payment,
    TaxRate,
    TrackingCategory,
)
from invoicesync_sandbox.xero.switches import XeroSwitches

_ORGANISATION: dict[str, Any] = {
    "Name": "Wick & Wax Ltd",
    "PaysTax": True,
    "Version": "UK",
    "OrganisationType": "COMPANY",
    "BaseCurrency": "GBP",
    "CountryCode": "GB",
    "IsDemoCompany": False,
    "OrganisationStatus": "ACTIVE",
    "FinancialYearEndDay": 31,
    "FinancialYearEndMonth": 3,
    "SalesTaxBasis": "ACCRUAL",
    "SalesTaxPeriod": "QUARTERLY",
    "DefaultSalesTax": "Tax Exclusive",
    "DefaultPurchasesTax": "Tax Exclusive",
    "Timezone": "GMTSTANDARDTIME",
    "OrganisationEntityType": "COMPANY",
    "ShortCode": "!wAx26",
    "Class": "STANDARD",
    "Edition": "BUSINESS",
}
# The vendor names its own zones; these are the ones with a counterpart here.
_ZONES = {
    "GMTSTANDARDTIME": "Europe/London",
    "EASTERNSTANDARDTIME": "America/New_York",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
}
_CURRENCIES = {
    "AUD": "Australian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "NZD": "New Zealand Dollar",
    "USD": "United States Dollar",
}


def folded(text: str) -> str | None:
    """The look-up key of a text, None for a blank one."""
    return text.casefold() or None


def _document_number(document: Document) -> str | None:
    """The look-up key of a number: only those of sales documents have to be unique."""
    return None if document.type == "ACCPAY" else folded(document.number)


class Books:
    """One organisation. Rows are values: read them by id, never keep one across a change."""

    def __init__(
        self, clock: Clock, switches: XeroSwitches, organisation: dict[str, Any] | None = None
    ) -> None:
        self.clock = clock
        self.switches = switches
        self.organisation = _ORGANISATION | (organisation or {})
        self.organisation.setdefault("LegalName", self.organisation["Name"])
        # Ids are made from the name, so that two runs of the same story give the same ids.
        self._id_space = uuid.uuid5(uuid.NAMESPACE_URL, self.organisation["Name"])
        self._ids = count(1)
        self.tenant_id = str(self._id_space)
        self.organisation.setdefault("OrganisationID", self.tenant_id)
        self.created = self.now()
        self.zone = ZoneInfo(_ZONES.get(self.organisation["Timezone"], "UTC"))
        self.period_lock: date | None = None
        self.year_lock: date | None = None

        self.journal = Journal()
        self.accounts = Table[Account](self.journal, code=lambda row: row.code or None)
        self.items = Table[Item](self.journal, code=lambda row: row.code)
        self.tax_rates: dict[str, TaxRate] = {}
        self.currencies: dict[str, Currency] = {}
        self.tracking: dict[str, TrackingCategory] = {}
        self.contacts = Table[Contact](
            self.journal,
            name=lambda row: folded(row.name),
            contact_number=lambda row: folded(row.contact_number),
            account_number=lambda row: folded(row.account_number),
        )
        self.invoices = Table[Invoice](
            self.journal, number=_document_number, contact=lambda row: row.contact_id
        )
        self.credit_notes = Table[CreditNote](
            self.journal, number=_document_number, contact=lambda row: row.contact_id
        )
        self.payments = Table[Payment](self.journal, document=lambda row: row.document_id)
        self.allocations = Table[Allocation](
            self.journal,
            invoice=lambda row: row.invoice_id,
            credit_note=lambda row: row.credit_note_id,
        )
        self._numbered = {"INV": 0, "CN": 0}
        self.subscribe(self.base_currency)

    @property
    def base_currency(self) -> str:
        """The organisation's own currency code."""
        return str(self.organisation["BaseCurrency"])

    def now(self) -> datetime:
        """Now in UTC, to the millisecond that the vendor keeps."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def today(self) -> date:
        """Today in the organisation's zone."""
        return self.clock.now().astimezone(self.zone).date()

    def new_id(self) -> str:
        """An id that has not been given out."""
        return str(uuid.uuid5(self._id_space, str(next(self._ids))))

    def id_of(self, what: str) -> str:
        """The id of something that has one name for ever."""
        return str(uuid.uuid5(self._id_space, what))

    def next_number(self, prefix: str) -> str:
        """The next free number of the organisation's own sequence, e.g. `INV-0002`."""
        table: Table[Invoice] | Table[CreditNote] = (
            self.invoices if prefix == "INV" else self.credit_notes
        )
        while True:
            self._numbered[prefix] += 1
            number = f"{prefix}-{self._numbered[prefix]:04}"
            if not table.find("number", folded(number)):
                return number

    def subscribe(self, code: str, rate: Decimal | str = "1") -> None:
        """Add a currency; `rate` is units of it per base unit."""
        description = _CURRENCIES.get(code, code)
        self.currencies[code] = Currency(code=code, description=description, rate=Decimal(rate))

    def locked(self, day: date) -> str:
        """The vendor's message if a document of that day cannot be touched, else blank.

        A lock date is the last locked day.
        """
        for lock, name in ((self.period_lock, "period"), (self.year_lock, "end of year")):
            if lock and day <= lock:
                message = f"The document date cannot be before the {name} lock date"
                return f"{message} {lock}" if self.switches.lock_message_names_date else message
        return ""

    def document_of(self, payment: Payment) -> Invoice | CreditNote:
        """The document that a payment is for."""
        if payment.type == "ACCRECPAYMENT":
            return self.invoices[payment.document_id]
        return self.credit_notes[payment.document_id]

    def settle(self, document: Invoice | CreditNote) -> None:
        """Work out anew what a document's payments and allocations make of it."""
        if isinstance(document, Invoice):
            self.settle_invoice(document.id)
        else:
            self.settle_credit_note(document.id)

    def settle_invoice(self, invoice_id: str) -> Invoice:
        """Work out anew what is paid and credited, and whether that makes it PAID."""
        invoice = self.invoices[invoice_id]
        payments = [
            row for row in self.payments.find("document", invoice_id) if row.status == "AUTHORISED"
        ]
        credit = [row for row in self.allocations.find("invoice", invoice_id) if not row.deleted]
        paid = sum((row.amount for row in payments), ZERO)
        credited = sum((row.amount for row in credit), ZERO)
        done = paid + credited == invoice.total
        days = [row.date for row in payments] + [row.date for row in credit]
        return self.invoices.put(
            replace(
                invoice,
                amount_paid=paid,
                amount_credited=credited,
                status="PAID" if done else "AUTHORISED",
                fully_paid_on=max(days, default=invoice.date) if done else None,
                updated=self.now(),
            )
        )

    def settle_credit_note(self, credit_note_id: str) -> CreditNote:
        """Work out anew what is allocated and refunded, and whether that makes it PAID."""
        note = self.credit_notes[credit_note_id]
        payments = [
            row for row in self.payments.find("document", note.id) if row.status == "AUTHORISED"
        ]
        credit = [row for row in self.allocations.find("credit_note", note.id) if not row.deleted]
        allocated = sum((row.amount for row in credit), ZERO)
        refunded = sum((row.amount for row in payments), ZERO)
        done = allocated + refunded == note.total
        days = [row.date for row in payments] + [row.date for row in credit]
        return self.credit_notes.put(
            replace(
                note,
                allocated=allocated,
                refunded=refunded,
                status="PAID" if done else "AUTHORISED",
                fully_paid_on=max(days, default=note.date) if done else None,
                updated=self.now(),
            )
        )
