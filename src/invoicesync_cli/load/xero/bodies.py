"""Drafts and contacts as Xero wants them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from invoicesync_cli.model import Draft, DraftLine, NewContact, TaxMode, TrackingPair

DESCRIPTION = 4000
MODES = {TaxMode.EXCLUSIVE: "Exclusive", TaxMode.INCLUSIVE: "Inclusive"}


def invoice(draft: Draft, status: str) -> dict[str, Any]:
    """A sales invoice. The contact goes by its id alone: more could change that contact.

    `LineAmount` is never sent: Xero refuses one that differs from its own by any rounding.
    """
    return {
        "Type": "ACCREC",
        "Contact": {"ContactID": draft.contact_id},
        "Date": draft.date.isoformat(),
        "DueDate": draft.due_date.isoformat(),
        "LineAmountTypes": MODES[draft.tax_mode],
        "InvoiceNumber": draft.number,
        "Reference": draft.reference,
        "CurrencyCode": draft.currency,
        "Status": status.upper(),
        "LineItems": [_line(line) for line in draft.lines],
    }


def _line(line: DraftLine) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Description": line.description[:DESCRIPTION],
        "Quantity": line.quantity,
        "UnitAmount": line.unit_price,
        "AccountCode": line.account,
        "TaxType": line.tax_code,
    }
    if line.tax is not None:
        found["TaxAmount"] = line.tax
    if line.item_code:
        found["ItemCode"] = line.item_code
    return found | tracking(line.tracking)


def tracking(pairs: Sequence[TrackingPair]) -> dict[str, Any]:
    """What a line is tracked by; the names are those of the organisation's own list."""
    if not pairs:
        return {}
    return {"Tracking": [{"Name": pair.category, "Option": pair.option} for pair in pairs]}


def contact(made: NewContact) -> dict[str, Any]:
    """A contact with its Keap id as contact number."""
    named = {
        "Name": made.name,
        "ContactNumber": made.number,
        "FirstName": made.first_name,
        "LastName": made.last_name,
        "EmailAddress": made.email[:255],
    }
    found: dict[str, Any] = {name: value for name, value in named.items() if value}
    if made.phone:
        found["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": made.phone[:50]}]
    address = {
        name: value[:room]
        for name, value, room in (
            ("AddressLine1", made.address.line1, 500),
            ("AddressLine2", made.address.line2, 500),
            ("City", made.address.city, 255),
            ("Region", made.address.region, 255),
            ("PostalCode", made.address.postal_code, 50),
            ("Country", _plain_letters(made.address.country), 50),
        )
        if value
    }
    if address:
        found["Addresses"] = [{"AddressType": "POBOX", **address}]
    return found


def _plain_letters(text: str) -> str:
    """`text` in the letters A to Z and blanks, all that Xero takes as a country."""
    return re.sub(r"[^A-Za-z ]", "", unicodedata.normalize("NFKD", text)).strip()
