"""Texts as QuickBooks Desktop keeps them: ISO-8859-1, and in a message ASCII alone.

QuickBooks stores one byte for each letter. Of what is beyond that it makes `?`, or it refuses the
message as a whole; so letters are written in the nearest way that it can keep (R17).
"""

import re
import unicodedata

NEAREST = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": ",",
    "\u201b": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2022": "*",
    "\u2026": "...",
    "\u20ac": "EUR",
    "\u2032": "'",
    "\u2033": '"',
    "\u2039": "<",
    "\u203a": ">",
    "\u0141": "L",
    "\u0142": "l",
    "\u0110": "D",
    "\u0111": "d",
    "\u0131": "i",
    "\u0152": "OE",
    "\u0153": "oe",
    "\u1e9e": "SS",
}
"""What no decomposition of Unicode gives."""
UNKNOWN = "?"
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_SPECIAL = re.compile('[&<>"\x80-\xff\n\t]')


def latin(text: str) -> str:
    """The text in ISO-8859-1, with line ends as they are in Unix and no other control characters.

    A letter without anything near it becomes `?`, several in a row too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_near(letter) for letter in unicodedata.normalize("NFC", lines))


def _near(letter: str) -> str:
    if letter in "\n\t":
        return letter
    category = unicodedata.category(letter)
    if category in {"Cc", "Cf", "Cs", "Mn", "Me"}:
        return ""
    if letter < "\u0100":
        return letter
    if letter in NEAREST:
        return NEAREST[letter]
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    apart = unicodedata.normalize("NFKD", letter)
    if apart == letter:
        return UNKNOWN
    return "".join(_near(part) for part in apart)


def escaped(text: str) -> str:
    """A text of ISO-8859-1 as it stands in a message: ASCII, the rest as numbers."""
    return _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], f"&#{ord(found[0])};"), text)


def cut(text: str, longest: int) -> str:
    """The text, with no more letters than fit."""
    return text if len(text) <= longest else text[:longest].rstrip()
