"""QuickBooks' answers: read by name, whatever their order, and what a status means.

An answer comes from a program on the user's PC, by way of another. It is bounded, and has no
document type; what cannot be read is an answer that was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

LONGEST = 64 << 20
"""Letters of an answer."""
DEEPEST = 24
"""How deep its elements stand in one another."""
SET_DONE = "0"
NOTHING_STORED = "9002"

Fields = Mapping[str, Any]
"""An object by the names of its elements: a text, an object, or a list where one is repeated."""


class NotQbxml(ValueError):
    """What came is no answer of qbXML."""


class Outcome(StrEnum):
    """What an adapter does about a status."""

    DONE = "done"
    NOTHING = "nothing"
    """A query found nothing."""
    PARTIAL = "partial"
    """A query found some of what it asked for."""
    NOT_FOUND = "not-found"
    NAME_TAKEN = "name-taken"
    PERIOD_LOCKED = "period-locked"
    IN_USE = "in-use"
    """Somebody else has the object open, or has just changed it: once more, later."""
    STALE = "stale"
    """It was changed since it was read: to be read again first."""
    TOO_MUCH = "too-much"
    """More than what is due, or than what is left of a credit."""
    PERMISSION = "permission"
    NOT_ENABLED = "not-enabled"
    NOT_PROCESSED = "not-processed"
    """Nothing was done, because an earlier request of the message failed."""
    OPEN = "open"
    """Something broke inside QuickBooks: only a look shows what was done."""
    REJECTED = "rejected"


_BY_CODE = {
    "0": Outcome.DONE,
    "1": Outcome.NOTHING,
    "500": Outcome.PARTIAL,
    "1000": Outcome.OPEN,
    "1010": Outcome.OPEN,
    "1030": Outcome.REJECTED,
    "1060": Outcome.REJECTED,
    "3000": Outcome.NOT_FOUND,
    "3100": Outcome.NAME_TAKEN,
    "3120": Outcome.NOT_FOUND,
    "3140": Outcome.NOT_FOUND,
    "3161": Outcome.PERIOD_LOCKED,
    "3171": Outcome.PERIOD_LOCKED,
    "3175": Outcome.IN_USE,
    "3176": Outcome.IN_USE,
    "3200": Outcome.STALE,
    "3210": Outcome.TOO_MUCH,
    "3220": Outcome.PERMISSION,
    "3231": Outcome.NOT_PROCESSED,
    "3250": Outcome.NOT_ENABLED,
    "3260": Outcome.PERMISSION,
    "3261": Outcome.PERMISSION,
    "3262": Outcome.PERMISSION,
    "3263": Outcome.PERMISSION,
    "3264": Outcome.PERMISSION,
    "3500": Outcome.OPEN,
}
"""Intuit's status codes, by what they mean for one document."""
_CATCH_ALL = {"3160", "3170", "3180"}
"""Codes behind which several things stand; QuickBooks' own words tell them apart."""
_PHRASES = (
    ("closing date", Outcome.PERIOD_LOCKED),
    ("modified by another user", Outcome.IN_USE),
    ("failed to acquire the lock", Outcome.IN_USE),
)


def outcome(code: str, words: str) -> Outcome:
    """What a status means; `words` are its message, which counts where the code alone says too
    little. A warning (501 to 570) is about something that was done."""
    if code in _CATCH_ALL:
        said = words.casefold()
        return next((found for part, found in _PHRASES if part in said), Outcome.REJECTED)
    if code in _BY_CODE:
        return _BY_CODE[code]
    number = int(code) if code.isascii() and code.isdigit() else 0
    if 500 < number < 1000:
        return Outcome.DONE
    return Outcome.REJECTED if number >= 3000 else Outcome.OPEN


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request: its status, and the objects in it with their names.

    `iterator` and `remaining` are those of a query in pages; `recovery` is what is left of an
    answer that was given before.
    """

    name: str
    request_id: str
    code: str
    severity: str
    words: str
    objects: tuple[tuple[str, Fields], ...] = ()
    own: Fields = field(default_factory=dict)
    """What stands in the answer itself, as of a transaction that was voided."""
    recovery: Fields | None = None
    iterator: str = ""
    remaining: int = 0

    @property
    def outcome(self) -> Outcome:
        """What it means."""
        return outcome(self.code, self.words)

    @property
    def id(self) -> str:
        """The id of what the request made or changed: of the object, or of what recovers it; blank
        where the answer has none."""
        first = self.objects[0][1] if self.objects else self.own
        for found in (first, self.recovery or {}):
            for name in ("TxnID", "ListID"):
                value = found.get(name)
                if isinstance(value, str) and value:
                    return value
        return ""


@dataclass(frozen=True, slots=True)
class MessageAnswer:
    """The answer to a message. `status` is that of its message set, blank where it has none."""

    status: str
    key: str
    answers: tuple[Answer, ...]


def each(fields: Fields, name: str) -> list[Any]:
    """The elements of that name, which may be none, one or several."""
    found = fields.get(name)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def read(xml: str) -> MessageAnswer:
    """The answer. Raises `NotQbxml`."""
    if len(xml) > LONGEST:
        raise NotQbxml("The answer is too long.")
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise NotQbxml("The answer has a document type.")
    try:
        root = fromstring(xml)  # noqa: S314 - without a document type there are no entities
    except (ParseError, ValueError) as error:
        raise NotQbxml(f"The answer is no XML: {error}") from None
    content = root.find("QBXMLMsgsRs")
    if root.tag != "QBXML" or content is None:
        raise NotQbxml("The answer is no message of qbXML.")
    return MessageAnswer(
        content.get("messageSetStatusCode", ""),
        content.get("newMessageSetID", ""),
        tuple(_answer(element) for element in content),
    )


def _answer(element: Element) -> Answer:
    code = element.get("statusCode", "")
    if not code:
        raise NotQbxml(f"{element.tag} has no status.")
    objects, own, recovery = [], {}, None
    for child in element:
        if child.tag == "ErrorRecovery":
            recovery = fields_of(child)
        elif child.tag.endswith("Ret"):
            objects.append((child.tag, fields_of(child)))
        else:
            own[child.tag] = _value(child, 0)
    return Answer(
        element.tag,
        element.get("requestID", ""),
        code,
        element.get("statusSeverity", ""),
        element.get("statusMessage", ""),
        tuple(objects),
        own,
        recovery,
        element.get("iteratorID", ""),
        _count(element.get("iteratorRemainingCount", "")),
    )


def _count(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise NotQbxml(f"The number of what is left cannot be {text}.")
    return int(text[:9])


def fields_of(element: Element, depth: int = 0) -> dict[str, Any]:
    """An element's own elements by their names. Raises `NotQbxml`."""
    found: dict[str, Any] = {}
    for child in element:
        value = _value(child, depth)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found


def _value(element: Element, depth: int) -> Any:
    if depth > DEEPEST:
        raise NotQbxml("The answer is too deep.")
    return fields_of(element, depth + 1) if len(element) else element.text or ""
