"""The people who buy at Wick & Wax, as Keap knows them. Some fit a contact of the demo ledger."""

from datetime import UTC, datetime
from typing import Any

from invoicesync_sandbox.keap import Address, KeapSandbox

SINCE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def _in_leeds(line1: str, postal_code: str) -> Address:
    return Address(line1, "", "Leeds", "West Yorkshire", "GB-LDS", postal_code)


PEOPLE: dict[str, dict[str, Any]] = {
    # Same e-mail in the ledger.
    "alice": {
        "given_name": "Alice",
        "family_name": "Baker",
        "emails": ("alice@example.com",),
        "phones": ("0113 496 0101",),
        "billing": _in_leeds("1 Mill Lane", "LS2 7AB"),
    },
    # The ledger knows the second address only.
    "ben": {
        "given_name": "Ben",
        "family_name": "Carter",
        "emails": ("ben@work.example", "ben.home@example.com"),
    },
    # In the ledger without an e-mail: only the name fits.
    "chloe": {
        "given_name": "Chloe",
        "family_name": "Davies",
        "emails": ("chloe@example.com",),
    },
    # Only company and city fit.
    "nadia": {
        "given_name": "Nadia",
        "family_name": "Hussain",
        "emails": ("nadia@dawson-interiors.example",),
        "company": "Dawson Interiors Ltd",
        "billing": _in_leeds("22 Park Row", "LS1 5HD"),
    },
    # Two ledger contacts share this e-mail.
    "emma": {"given_name": "Emma", "family_name": "Field", "emails": ("emma@example.com",)},
    # The ledger's contact is archived.
    "frank": {"given_name": "Frank", "family_name": "Green", "emails": ("frank@example.com",)},
    # Two people of one name, neither in the ledger.
    "john": {
        "given_name": "John",
        "family_name": "Smith",
        "emails": ("john.smith@mail.example",),
    },
    "other-john": {
        "given_name": "John",
        "family_name": "Smith",
        "emails": ("jsmith@post.example",),
    },
    # An emoji, markup, double blanks, right-to-left letters and a line break.
    "hostile": {
        "given_name": "  Zoë 🕯️  <b>Wax</b>",
        "family_name": '\u202eשלום\u202c\nO\'Neill & Sons: "Ltd"',
        "emails": ("zoe@hostile.example",),
    },
    "harbour": {"company": "Harbour Gifts Ltd", "emails": ("orders@harbour-gifts.example",)},
    "lantern": {"emails": ("hello@lantern.example",)},
    # New to the ledger.
    "grace": {
        "given_name": "Grace",
        "family_name": "Hill",
        "emails": ("grace.hill@example.org",),
        "phones": ("07700 900123",),
        "billing": Address(
            "8 High Street", "Flat 2", "York", "North Yorkshire", "GB-YOR", "YO1 8RL"
        ),
    },
    "hugo": {"given_name": "Hugo", "family_name": "Ives", "emails": ("hugo.ives@example.org",)},
    "isla": {"given_name": "Isla", "family_name": "Jones", "emails": ("isla.jones@example.org",)},
    "kit": {
        "given_name": "Kit",
        "family_name": "Lowe",
        "emails": ("kit.lowe@example.org",),
        "company": "Lowe & Co",
    },
    "maya": {"given_name": "Maya", "family_name": "Novák", "emails": ("maya@example.org",)},
}


def add_people(keap: KeapSandbox) -> dict[str, str]:
    """Enter everybody, ids from 101; who they are here, and their contact ids."""
    return {
        who: keap.add_contact(**person, create_time=SINCE, id=number)
        for number, (who, person) in enumerate(PEOPLE.items(), 101)
    }
