"""Somebody new buys behind a ledger with many contacts, and what that is asked for them."""

from pathlib import Path

from werkzeug.datastructures import Headers

from tests.kits.faults import sent
from tests.kits.rehearsal import Rehearsal

MANY = 1_100
"""More than Xero gives in a call."""
WHOLE = ["", ""]


def kept(rehearsal: Rehearsal) -> Path:
    """The file that they are kept in."""
    return rehearsal.home / "contacts.sqlite3"


def buys(rehearsal: Rehearsal, given: str, family: str = "Quill", **fields: object) -> str:
    """Somebody new buys: the order."""
    fields.setdefault("emails", (f"{given}@{family}.example".lower(),))
    person = rehearsal.person(given_name=given, family_name=family, **fields)
    return rehearsal.order(contact=person)


def asked(rehearsal: Rehearsal, **options: object) -> list[str]:
    """A run, which has to go well, and from when on it has asked for contacts, call by call; blank
    for all of them."""
    before = len(rehearsal.xero.calls)
    assert rehearsal.sync(**options).exit_code == 0
    calls = rehearsal.xero.calls[before:]
    reads = [call for call in calls if call.method == "GET" and call.path.endswith("/Contacts")]
    assert all("includeArchived=true" in call.query for call in reads)
    return [Headers(call.headers).get("If-Modified-Since", "") for call in reads]


def customer(rehearsal: Rehearsal, order: str) -> str:
    """The contact that an order is booked on, once."""
    (invoice,) = sent(rehearsal)[order]
    return invoice.contact_id


def with_contacts(home: Path) -> Rehearsal:
    """A ledger with many contacts, which were read an hour ago."""
    rehearsal = Rehearsal(home)
    for number in range(MANY):
        rehearsal.xero.add_contact(f"Somebody {number}", email=f"some{number}@body.example")
    rehearsal.clock.advance(3600)
    buys(rehearsal, "Ada")
    assert asked(rehearsal) == WHOLE
    rehearsal.clock.advance(3600)
    return rehearsal
