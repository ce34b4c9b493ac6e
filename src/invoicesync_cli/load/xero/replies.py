"""What Xero's answers mean for each document."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.ledger import Found, Sent
from invoicesync_cli.load.xero.setup import day_of
from invoicesync_cli.model import LedgerContact, LedgerId, money

ENDED = {"VOIDED", "DELETED"}
APPROVED = {"AUTHORISED", "PAID"}
REASONS = (
    ("lock date", "period-locked"),
    ("archived contact", "contact-archived"),
    ("not subscribed to currency", "currency-differs"),
    ("tax type", "tax-code-unknown"),
    ("taxtype", "tax-code-unknown"),
    ("account code", "account-unknown"),
    ("item code", "item-missing"),
)
"""Phrases of Xero's validation messages, and the reason each stands for."""
TAKEN = ("must be unique", "already assigned to another contact")


def sent(element: Mapping[str, Any], id_field: str) -> Sent:
    """The outcome of one element of a batch; with any error it was not saved.

    Xero answers a refused element with an id as well, which must never be kept.
    """
    errors = _messages(element, "ValidationErrors")
    for line in element.get("LineItems") or ():
        errors += [text for text in _messages(line, "ValidationErrors") if text not in errors]
    refused = (
        errors
        or element.get("HasErrors") is True
        or element.get("HasValidationErrors") is True
        or element.get("StatusAttributeString") == "ERROR"
    )
    if refused:
        words = " ".join(errors) or "Xero gave no reason."
        return Sent(words=words, reason=_reason(words), taken=_taken(words))
    ledger_id = str(element.get(id_field) or "")
    if not ledger_id.strip("0-"):
        return Sent(unclear=True)
    return Sent(
        id=LedgerId(ledger_id),
        # A payment has no total but an amount.
        total=_money(element.get("Total", element.get("Amount"))),
        tax=_money(element.get("TotalTax")),
        words=" ".join(_messages(element, "Warnings")),
    )


def in_order(elements: Sequence[Any], names: Sequence[str], field: str) -> list[Any]:
    """The elements in the order of the batch, by number or name.

    One that came back under a name that nobody sent is taken to be the one of its place. What
    cannot be told is left empty.
    """
    given = [str(element.get(field) or "") for element in elements]
    if given == list(names):
        return list(elements)
    by_name: dict[str, Any] = {}
    if len(elements) == len(names):
        by_name = {
            name: element
            for name, element, other in zip(names, elements, given, strict=True)
            if other not in names
        }
    for name, element in zip(given, elements, strict=True):
        # A name that stands in a batch twice, as a payment's may, tells nothing out of place.
        by_name[name] = {} if given.count(name) > 1 else element
    return [by_name.get(name, {}) for name in names]


def found(element: Mapping[str, Any]) -> Found:
    """An invoice as it stands in Xero."""
    return Found(
        id=LedgerId(str(element.get("InvoiceID") or "")),
        number=str(element.get("InvoiceNumber") or ""),
        reference=str(element.get("Reference") or ""),
        total=amount(element.get("Total")),
        tax=amount(element.get("TotalTax")),
        alive=element.get("Status") not in ENDED,
        contact_id=LedgerId(str((element.get("Contact") or {}).get("ContactID") or "")),
        approved=element.get("Status") in APPROVED,
        due=amount(element.get("AmountDue")),
        date=day_of(element.get("Date")),
    )


def amount(value: object) -> Decimal:
    """An amount of an answer; nothing is zero."""
    return _money(value) or money(0)


def contact(element: Mapping[str, Any]) -> LedgerContact:
    """A contact with what the ladder compares."""
    return LedgerContact(
        id=LedgerId(str(element.get("ContactID") or "")),
        name=str(element.get("Name") or ""),
        first_name=str(element.get("FirstName") or ""),
        last_name=str(element.get("LastName") or ""),
        email=str(element.get("EmailAddress") or ""),
        cities=tuple(str(item.get("City") or "") for item in element.get("Addresses") or ()),
        number=str(element.get("ContactNumber") or ""),
        archived=element.get("ContactStatus") not in {None, "ACTIVE"},
    )


def _messages(element: Mapping[str, Any], name: str) -> list[str]:
    return [
        str(item.get("Message") or item.get("Description") or "")
        for item in element.get(name) or ()
        if isinstance(item, Mapping)
    ]


def _reason(words: str) -> str:
    folded = words.casefold()
    return next((reason for phrase, reason in REASONS if phrase in folded), "rejected")


def _taken(words: str) -> bool:
    folded = words.casefold()
    return any(phrase in folded for phrase in TAKEN)


def _money(value: object) -> Decimal | None:
    return None if value is None else money(Decimal(str(value)))
