"""Reads what an app sent: property names in any case, unknown ones ignored, values by type."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from invoicesync_sandbox import posted
from invoicesync_sandbox.posted import Wanted
from invoicesync_sandbox.wire import from_json
from invoicesync_sandbox.xero.errors import PostDataInvalid

_NAMES = """
    Account AccountCode AccountID AccountNumber AddressLine1 AddressLine2 AddressLine3 AddressLine4
    AddressType Addresses Allocations Amount AttentionTo Bills BrandingThemeID City Code
    CompanyNumber Contact ContactID ContactNumber ContactStatus Contacts Country CreditNote
    CreditNoteID CreditNoteNumber CreditNotes CurrencyCode CurrencyRate Date Day DefaultCurrency
    Description DiscountAmount DiscountRate DueDate EmailAddress ExpectedPaymentDate FirstName
    Invoice InvoiceID InvoiceNumber Invoices IsReconciled ItemCode LastName LineAmount
    LineAmountTypes LineItemID LineItems Name Option Overpayment PaymentID PaymentTerms Payments
    PhoneAreaCode PhoneCountryCode PhoneNumber PhoneType Phones PostalCode Prepayment Quantity
    Reference Region Sales SentToContact Status TaxAmount TaxNumber TaxType Total Tracking
    TrackingCategoryID TrackingOptionID Type UnitAmount Url
"""
_SPELLING = {name.lower(): name for name in _NAMES.split()}
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T[\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?")
_MS_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
DATES = frozenset({"Date", "DueDate", "ExpectedPaymentDate"})
_NUMBERS = """
    Amount CurrencyRate DiscountAmount DiscountRate LineAmount Quantity TaxAmount Total UnitAmount
"""
NUMBERS = frozenset(_NUMBERS.split())
_TYPES: dict[Wanted, str] = {
    "text": "string",
    "number": "decimal",
    "flag": "boolean",
    "date": "DateTime",
}


class Posted(posted.Posted):
    """One object of a request body, and the path that leads to it."""

    most_digits = 18

    def __init__(self, values: dict[str, Any], path: str) -> None:
        super().__init__(values)
        self.path = path

    def problem(self, name: str, wanted: Wanted) -> PostDataInvalid:
        """What is raised for a value that is not what was wanted."""
        at = self.at(name)
        if wanted == "choice":
            value = self.values[name]
            return PostDataInvalid(
                f"Error converting value \"{value}\" to type '{name}'. Path '{at}'"
            )
        return PostDataInvalid(f"Could not convert to {_TYPES.get(wanted, wanted)}. Path '{at}'")

    def given(self, name: str) -> bool:
        """Whether the property is there and not null; a blank text empties what it is for."""
        return self.values.get(name) is not None

    def day(self, name: str) -> date | None:
        """The calendar day: `YYYY-MM-DD`, with or without a time, or the vendor's own form."""
        if not self.has(name):
            return None
        found = as_day(self.values[name])
        if found is None:
            raise self.problem(name, "date")
        return found

    def object(self, name: str) -> "Posted | None":
        """The object inside, None when it is absent or empty."""
        value = self.values.get(name)
        if not value:
            return None
        if not isinstance(value, dict):
            raise self.problem(name, "object")
        return Posted(value, self.at(name))

    def objects(self, name: str) -> "list[Posted]":
        """The objects of a list, none when it is absent."""
        return list(_each(self.values.get(name) or [], self.at(name)))

    def at(self, name: str) -> str:
        """The path of a property."""
        return f"{self.path}.{name}" if self.path else name


def as_day(value: object) -> date | None:
    """The calendar day that a JSON value stands for, None when it is no date."""
    text = str(value)
    try:
        if found := _DAY.fullmatch(text):
            return date(*(int(part) for part in found.groups()))
        if found := _MS_DATE.fullmatch(text):
            return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None


def read_elements(body: bytes, collection: str) -> list[Posted]:
    """The elements of a request body: an envelope with a list, or one bare object.

    Raises `PostDataInvalid` for anything else.
    """
    try:
        value = _canonical(from_json(body))
    except (ValueError, RecursionError) as error:
        raise PostDataInvalid(f"The request body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise PostDataInvalid("Object reference not set to an instance of an object.")
    if isinstance(value.get(collection), list):
        return list(_each(value[collection], collection))
    if collection in value:
        raise PostDataInvalid(f"Could not convert to list. Path '{collection}'")
    return [Posted(value, "")]


def _each(values: object, path: str) -> Iterator[Posted]:
    if not isinstance(values, list):
        raise PostDataInvalid(f"Could not convert to list. Path '{path}'")
    for place, value in enumerate(values):
        if not isinstance(value, dict):
            raise PostDataInvalid(f"Could not convert to object. Path '{path}[{place}]'")
        yield Posted(value, f"{path}[{place}]")


def _canonical(value: Any) -> Any:
    """The value with the vendor's own spelling of the property names, unknown ones dropped."""
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, str):
        # Half of a surrogate pair is no text: fails here, as unreadable.
        value.encode()
    if not isinstance(value, dict):
        return value
    return {
        _SPELLING[name.lower()]: _canonical(item)
        for name, item in value.items()
        if name.lower() in _SPELLING
    }
