"""People and the ledger's contacts, for tests of the contact matcher as functions."""

from typing import Any

from invoicesync_cli.model import Address, KeapContact, LedgerContact, LedgerId, NameRules, PersonId
from invoicesync_cli.transform.contact_book import ContactBook
from invoicesync_cli.transform.contacts import ContactMatcher, Match, Matched, ToCreate

STEPS = ("email", "name", "company-city")
SHORT = NameRules(limit=30, replace=(("<", "("), (">", ")")))
LEEDS = Address(city="Leeds")


def person(number: str = "1234", **fields: Any) -> KeapContact:
    """Ida Quill, with what else is told of her."""
    return KeapContact(PersonId(number), **{"given_name": "Ida", "family_name": "Quill", **fields})


def contact(ident: str, name: str = "Somebody", **fields: Any) -> LedgerContact:
    """A contact of the ledger."""
    return LedgerContact(LedgerId(ident), name, **fields)


def matcher(*contacts: LedgerContact, **fields: Any) -> ContactMatcher:
    """The matcher over these contacts, with every step and free to create."""
    settings: dict[str, Any] = {
        "steps": STEPS,
        "pins": {},
        "links": {},
        "linked": {},
        "create": True,
        **fields,
    }
    settings["linked"] = settings["linked"].get
    return ContactMatcher(ContactBook(contacts), SHORT, **settings)


def match(someone: KeapContact, *contacts: LedgerContact, **fields: Any) -> Match:
    """Whom one person comes to."""
    found = matcher(*contacts, **fields).match([someone])
    assert list(found) == [someone.id]
    return found[someone.id]


def ends(found: Match) -> str:
    """Where a match has ended: id and step, the name to be made, or the reason."""
    if isinstance(found, Matched):
        return f"{found.contact.id} by {found.step}"
    return f"new {found.contact.name}" if isinstance(found, ToCreate) else found.reason
