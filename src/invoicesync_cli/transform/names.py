"""Names that a ledger accepts and a person still recognises (rule R9)."""

import re
import unicodedata

from invoicesync_cli.model import NameRules, Person


def folded(text: str) -> str:
    """Text as it is compared: without case and outer blanks."""
    return text.strip().casefold()


def contact_name(person: Person) -> str:
    """What a person is called: first and last name, else company, e-mail, or the Keap id."""
    full = " ".join(
        part.strip() for part in (person.given_name, person.family_name) if part.strip()
    )
    for name in (full, person.company.strip(), *(email.strip() for email in person.emails)):
        if name:
            return name
    return f"Keap contact {person.id}"


def legal(text: str, rules: NameRules) -> str:
    """`text` without what the ledger refuses: letters replaced, control signs and runs of blanks
    made one blank, outer blanks gone. The length is left to the caller."""
    for refused, instead in rules.replace:
        text = text.replace(refused, instead)
    blanked = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"} else letter
        for letter in text
    )
    return re.sub(r"\s+", " ", blanked).strip()


def cut(text: str, room: int) -> str:
    """`text` of at most `room` characters, without a blank at its end."""
    return text[:room].rstrip()
