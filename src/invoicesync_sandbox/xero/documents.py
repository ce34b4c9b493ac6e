"""The rules that invoices and credit notes share: numbers, contacts, currencies, dates."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.xero import contacts
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.lines import LineRules, as_fields, read_lines, rounded, totals
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import Contact, Document, Line

STATUSES = ("DRAFT", "SUBMITTED", "DELETED", "AUTHORISED", "PAID", "VOIDED")
NEW_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")
MOVES = {
    "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "SUBMITTED": {"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"},
    "AUTHORISED": {"AUTHORISED", "VOIDED"},
    "PAID": {"PAID"},
    "VOIDED": set[str](),
    "DELETED": set[str](),
}
ENDED = frozenset({"VOIDED", "DELETED"})
AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
_LONGEST = 255
PAID_ALREADY = "This document cannot be edited as it has a payment or credit note allocated to it"


@dataclass(frozen=True)
class Writer:
    """Who writes a document, and how precisely."""

    app: str = ""
    """The app's client id; blank for a person."""
    unit_places: int = 4
    """Decimal places that a unit amount keeps: 2, or 4 with `unitdp=4`."""


def read_fields(
    books: Books,
    before: Document | None,
    posted: Posted,
    status: str,
    writer: Writer,
    findings: Findings,
    *,
    discounts: bool,
) -> dict[str, Any]:
    """The fields of a `Document` as they will be, number, type and id aside.

    What was not sent stays as it is `before`. With errors among the findings it is good for
    nothing but looking for more of them.
    """
    day = posted.day("Date") or (before.date if before else books.today())
    contact = read_contact(books, before, posted, findings)
    currency, rate = read_currency(books, before, posted, findings)
    check_lock(books, before, day, status, findings)
    amount_types = posted.choice("LineAmountTypes", AMOUNT_TYPES) or (
        before.line_amount_types if before else "Exclusive"
    )
    approved = status in {"AUTHORISED", "PAID"}
    rules = LineRules(amount_types, writer.unit_places, approved, discounts)
    lines = read_document_lines(books, before, posted, rules, findings)
    sub_total, total_tax, total = totals(lines, amount_types)
    if total < 0 and books.switches.negative_total_refused:
        findings.error("The total of the document must not be negative.")
    reference = posted.text("Reference") or (before.reference if before else "")
    if len(reference) > _LONGEST:
        findings.error(f"The reference must not be longer than {_LONGEST} characters.")
    return {
        "contact_id": contact.id if contact else "",
        "date": day,
        "status": status,
        "reference": reference,
        "line_amount_types": amount_types,
        "lines": lines,
        "currency": currency,
        "currency_rate": rate,
        "sub_total": sub_total,
        "total_tax": total_tax,
        "total": total,
        "branding_theme": posted.text("BrandingThemeID")
        or (before.branding_theme if before else ""),
        "fully_paid_on": before.fully_paid_on if before else None,
        "app": before.app if before else writer.app,
        "updated": books.now(),
    }


def read_status(name: str, before: Document | None, posted: Posted, findings: Findings) -> str:
    """The status that the document will have. `name` is what the messages call it."""
    wanted = posted.choice("Status", STATUSES)
    if before is None:
        if wanted and wanted not in NEW_STATUSES:
            findings.error(f"{name} not of valid status for creation")
        return wanted or "DRAFT"
    if not MOVES[before.status] or (wanted and wanted not in MOVES[before.status]):
        findings.error(f"{name} not of valid status for modification")
        if before.status == "PAID":
            findings.error(PAID_ALREADY)
        findings.stop()
    return wanted or before.status


def read_contact(
    books: Books, before: Document | None, posted: Posted, findings: Findings
) -> Contact | None:
    """The contact that is sent, else the one it has; never an archived one."""
    sent = posted.object("Contact")
    if before is None or sent is not None:
        return contacts.for_document(books, sent, findings)
    kept = books.contacts[before.contact_id]
    if kept.status == "ARCHIVED":
        findings.error(contacts.ARCHIVED)
    return kept


def read_currency(
    books: Books, before: Document | None, posted: Posted, findings: Findings
) -> tuple[str, Decimal]:
    """The currency code and its rate to the base currency."""
    code = posted.text("CurrencyCode") or (before.currency if before else books.base_currency)
    currency = books.currencies.get(code)
    if currency is None:
        findings.error(f"Organisation is not subscribed to currency {code}")
        return code, Decimal(1)
    if code == books.base_currency:
        return code, Decimal(1)
    if before and before.currency == code and not posted.given("CurrencyRate"):
        return code, before.currency_rate
    return code, rounded(posted.number("CurrencyRate") or currency.rate, 6)


def check_lock(
    books: Books, before: Document | None, day: date, status: str, findings: Findings
) -> None:
    """Nothing is added to a locked period, nothing in it is changed, nothing moved out of it."""
    spared = books.switches.lock_spares_drafts
    if before and not (spared and before.status in {"DRAFT", "SUBMITTED"}):
        _refuse_locked(books, before.date, findings)
    if not (spared and status in {"DRAFT", "SUBMITTED"}):
        _refuse_locked(books, day, findings)


def _refuse_locked(books: Books, day: date, findings: Findings) -> None:
    message = books.locked(day)
    if message:
        findings.error(message)


def read_document_lines(
    books: Books,
    before: Document | None,
    posted: Posted,
    rules: LineRules,
    findings: Findings,
) -> tuple[Line, ...]:
    """The lines that are sent, else those that it has, read again when its nature changes."""
    sent = posted.objects("LineItems")
    kept = before.lines if before else ()
    if before and not sent:
        approved_before = before.status in {"AUTHORISED", "PAID"}
        if before.line_amount_types == rules.amount_types and approved_before == rules.approved:
            return kept
        with_tax = rules.amount_types == before.line_amount_types
        sent = [Posted(as_fields(line, with_tax=with_tax), posted.path) for line in kept]
        rules = LineRules(rules.amount_types, 4, rules.approved, rules.discounts)
    if rules.approved and not sent:
        findings.error("One or more line items must be specified")
    return read_lines(books, sent, rules, findings, kept)


def check_end(
    books: Books, before: Document, touched: bool, findings: Findings, says: str = PAID_ALREADY
) -> None:
    """Whether the document can be voided or deleted: nothing is applied to it, nothing locked."""
    if books.contacts[before.contact_id].status == "ARCHIVED":
        findings.error(contacts.ARCHIVED)
    check_lock(books, before, before.date, before.status, findings)
    if touched:
        findings.error(says)
    findings.stop()


def check_number(number: str, findings: Findings) -> None:
    """Printable ASCII, not too long."""
    if len(number) > _LONGEST or not all(" " <= letter <= "~" for letter in number):
        findings.error(
            f"The document number must be at most {_LONGEST} printable ASCII characters."
        )


def same_lines(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Whether two versions of the lines differ only in what a paid document may still change."""

    def money(line: Line) -> tuple[object, ...]:
        return (
            line.id,
            line.quantity,
            line.unit_amount,
            line.line_amount,
            line.tax_type,
            line.tax_amount,
        )

    return [money(line) for line in one] == [money(line) for line in other]


def due_after(day: date, terms: tuple[int, str] | None) -> date:
    """The due date that payment terms give, the day itself without any."""
    if terms is None:
        return day
    days, kind = terms
    if kind == "DAYSAFTERBILLDATE":
        return day + timedelta(days)
    month_end = day.replace(day=monthrange(day.year, day.month)[1])
    if kind == "DAYSAFTERBILLMONTH":
        return month_end + timedelta(days)
    first = day.replace(day=1) if kind == "OFCURRENTMONTH" else month_end + timedelta(1)
    last = monthrange(first.year, first.month)[1]
    return first.replace(day=min(max(days, 1), last))
