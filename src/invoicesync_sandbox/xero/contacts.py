"""What may be written to a contact, by an app or through a document that names one."""

import re
from dataclasses import replace
from typing import Any
from unicodedata import category

from invoicesync_sandbox.xero.books import Books, folded
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import CONTACT, Contact

PHONE_TYPES = ("DDI", "DEFAULT", "FAX", "MOBILE")
ADDRESS_TYPES = ("STREET", "POBOX")
TERMS = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")
ARCHIVED = (
    "The specified contact details matched an archived contact."
    " Archived contacts cannot currently be edited via the API."
)
UNIDENTIFIED = (
    "The Contact must contain at least 1 of the following elements to identify the contact:"
    " Name, ContactID, ContactNumber"
)
PHONE_LENGTHS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
ADDRESS_LENGTHS = {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "AddressLine3": 500,
    "AddressLine4": 500,
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
_COUNTRY = re.compile(r"[A-Za-z ]*")
_EMAIL = re.compile(r"[!-~]+@[!-~]+")


def create(books: Books, posted: Posted, findings: Findings) -> Contact:
    """A new contact; one that has the name or the number already is an error."""
    if not posted.text("Name"):
        findings.error(UNIDENTIFIED)
    new = Contact(id=books.new_id(), name="", updated=books.now())
    return _save(books, new, posted, findings)


def create_or_update(books: Books, posted: Posted, findings: Findings) -> Contact:
    """The contact found by id, number or name is changed; without one there is a new one."""
    found = match(books, posted, findings)
    findings.stop()
    return (
        create(books, posted, findings) if found is None else change(books, found, posted, findings)
    )


def change(books: Books, before: Contact, posted: Posted, findings: Findings) -> Contact:
    """The contact with what was sent; what was not sent stays."""
    if before.status == "ARCHIVED":
        findings.error(ARCHIVED)
        findings.stop()
    return _save(books, before, posted, findings)


def match(books: Books, posted: Posted, findings: Findings) -> Contact | None:
    """The contact that is meant: by id, else by contact number, else by name among active ones."""
    if posted.text("ContactID"):
        found = books.contacts.get(posted.text("ContactID").lower())
        if found is None:
            findings.error("An existing Contact with the specified ContactID could not be found")
        return found
    numbered = books.contacts.find("contact_number", folded(posted.text("ContactNumber")))
    return numbered[0] if numbered else active_by_name(books, posted.text("Name"))


def active_by_name(books: Books, name: str) -> Contact | None:
    """The active contact of that name, in any case."""
    named = books.contacts.find("name", folded(name))
    return next((row for row in named if row.status == "ACTIVE"), None)


def for_document(books: Books, posted: Posted | None, findings: Findings) -> Contact | None:
    """The contact of a document, a new one if there is none of that name.

    None (with an error) when it cannot be used.
    """
    identified = posted and any(
        posted.text(name) for name in ("ContactID", "ContactNumber", "Name")
    )
    if posted is None or not identified:
        findings.error(UNIDENTIFIED)
        return None
    found = match(books, posted, findings)
    if found is None and posted.text("ContactID"):
        return None
    if found is None:
        namesakes = books.contacts.find("name", folded(posted.text("Name")))
        if namesakes and books.switches.archived_name_refused:
            found = namesakes[0]
    if found is None:
        return create(books, posted, findings)
    if found.status == "ARCHIVED":
        findings.error(ARCHIVED)
        return None
    if books.switches.document_updates_contact:
        return change(books, found, posted, findings)
    return found


def _save(books: Books, before: Contact, posted: Posted, findings: Findings) -> Contact:
    fields: dict[str, Any] = {}
    for field in CONTACT.fields:
        if field.most and posted.given(field.name):
            fields[field.attribute] = _short(posted, field.name, field.most, findings)
    after = replace(
        before,
        **fields,
        phones=_phones(before, posted, findings),
        addresses=_addresses(before, posted, findings),
        sales_terms=_sales_terms(before, posted),
        status=posted.choice("ContactStatus", ("ACTIVE", "ARCHIVED")) or before.status,
        updated=books.now(),
    )
    _check_name(after.name, findings)
    if after.email and not _EMAIL.fullmatch(after.email):
        findings.error(f"Email address '{after.email}' is not valid.")
    _check_unique(books, after, findings)
    findings.stop()
    return books.contacts.put(after)


def _check_name(name: str, findings: Findings) -> None:
    if "<" in name or ">" in name:
        findings.error("The contact name cannot contain the characters < and >.")
    if name != name.strip() or "  " in name or any(category(letter) == "Cc" for letter in name):
        findings.error(
            "The contact name cannot start or end with a space or contain repeated spaces or"
            " control characters."
        )


def _check_unique(books: Books, contact: Contact, findings: Findings) -> None:
    def others(look_up: str, value: str) -> list[Contact]:
        found = books.contacts.find(look_up, folded(value))
        return [row for row in found if row.id != contact.id]

    def active(rows: list[Contact]) -> bool:
        return any(row.status == "ACTIVE" for row in rows)

    if contact.status == "ACTIVE" and active(others("name", contact.name)):
        findings.error(
            f"The contact name {contact.name} is already assigned to another contact."
            " The contact name must be unique across all active contacts."
        )
    if others("contact_number", contact.contact_number):
        findings.error(
            f"The contact number {contact.contact_number} is already assigned to another contact."
        )
    if active(others("account_number", contact.account_number)):
        findings.error(f"The Account Number already exists: {contact.account_number}")


def _phones(before: Contact, posted: Posted, findings: Findings) -> dict[str, dict[str, str]]:
    phones = {kind: dict(phone) for kind, phone in before.phones.items()}
    for entry in posted.objects("Phones"):
        kind = entry.choice("PhoneType", (*PHONE_TYPES, "OFFICE")) or "DEFAULT"
        phones[kind] = _texts(entry, PHONE_LENGTHS, findings)
    return phones


def _addresses(before: Contact, posted: Posted, findings: Findings) -> dict[str, dict[str, str]]:
    addresses = {kind: dict(address) for kind, address in before.addresses.items()}
    for entry in posted.objects("Addresses"):
        kind = entry.choice("AddressType", ADDRESS_TYPES) or "POBOX"
        addresses[kind] = _texts(entry, ADDRESS_LENGTHS, findings)
        if not _COUNTRY.fullmatch(entry.text("Country")):
            findings.error("The address country can contain letters only.")
    return addresses


def _sales_terms(before: Contact, posted: Posted) -> tuple[int, str] | None:
    terms = posted.object("PaymentTerms")
    sales = terms.object("Sales") if terms else None
    if sales is None:
        return before.sales_terms
    return int(sales.number("Day") or 0), sales.choice("Type", TERMS) or TERMS[0]


def _texts(entry: Posted, lengths: dict[str, int], findings: Findings) -> dict[str, str]:
    return {
        name: _short(entry, name, longest, findings)
        for name, longest in lengths.items()
        if entry.given(name)
    }


def _short(entry: Posted, name: str, longest: int, findings: Findings) -> str:
    text = entry.text(name)
    if len(text) > longest:
        findings.error(f"The field {name} must be a string with a maximum length of {longest}.")
    return text
