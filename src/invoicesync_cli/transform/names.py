"""Names that a ledger accepts and a person still recognises (rule R9)."""

import re
import unicodedata

from invoicesync_cli.model import KeapContact, NameRules


def folded(text: str) -> str:
    """Text as it is compared: without case and outer blanks."""
    return text.strip().casefold()


def contact_name(person: KeapContact) -> str:
    """What a person is called: first and last name, else company, e-mail, or the Keap id."""
    full = f"{person.given_name} {person.family_name}"
    names = (spaced(name) for name in (full, person.company, *person.emails))
    return next((name for name in names if name), f"Keap contact {person.id}")


def legal(text: str, rules: NameRules) -> str:
    """`text` without what the ledger refuses: letters replaced, blanks as in `spaced`. The length
    is left to the caller."""
    for refused, instead in rules.replace:
        text = text.replace(refused, instead)
    return spaced(text)


def spaced(text: str) -> str:
    """`text` with control signs and runs of blanks made one blank, and outer blanks removed."""
    blanked = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in text
    )
    return re.sub(r"\s+", " ", blanked).strip()


def cut(text: str, room: int) -> str:
    """`text` of at most `room` characters, without a blank at its end."""
    return text[:room].rstrip()
