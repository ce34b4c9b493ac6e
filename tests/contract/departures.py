"""Where a request or an answer rightly departs from the vendor's document, one by one, and why.

"xero.md" and "keap.md" are the collections of facts that the sandbox was written from; each row
names the section that knows better than the document.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.contract.schemas import Kind, Problem


@dataclass(frozen=True)
class Departure:
    """Problems of one kind that are none. `operation` and `where` are regular expressions."""

    kind: Kind
    operation: str
    where: str
    because: str

    def covers(self, problem: Problem) -> bool:
        """Whether this is why `problem` is none."""
        return bool(
            problem.kind == self.kind
            and re.fullmatch(self.operation, problem.operation)
            and re.fullmatch(self.where, problem.where)
        )


XERO_LISTS = "get(Organisations|Accounts|TaxRates|Contacts|Currencies|Payments?)"
XERO_WRITES = "create(Contacts|Payments|CreditNoteAllocation)"
XERO_ANY = "(get|create|update|delete)[A-Z].*"

XERO = (
    Departure(
        "name",
        XERO_ANY,
        "got (Id|Status|ProviderName|DateTimeUTC)",
        "xero.md §8: every answer comes in this envelope; the document has it in its examples",
    ),
    Departure(
        "name",
        XERO_ANY,
        r"got (.*/)?(Due)?DateString",
        "xero.md §8: dates come a second time as text; the document has it in its examples",
    ),
    Departure(
        "name",
        XERO_ANY,
        r"got (.*/)?(CreditNotes/\*|CreditNote)/ID",
        "a credit note's id comes twice, as the document's examples of getCreditNotes show",
    ),
    Departure(
        "name",
        XERO_ANY,
        r"got (.*/)?LineItems/\*/ValidationErrors",
        "xero.md §3.5: lines carry their own validation errors",
    ),
    Departure(
        "parameter",
        f"{XERO_LISTS}|{XERO_WRITES}",
        "unitdp",
        "xero.md §9, §13: four decimals are asked for everywhere, also where nothing has a price",
    ),
)
"""Of Xero, whoever signs in."""

XERO_REFUSED = Departure(
    "name",
    XERO_ANY,
    r"got Elements/\*/.*",
    "xero.md §8: a refused element is echoed with all its fields",
)
CONNECTIONS = Departure(
    "format",
    "getConnections",
    r"got \*/(created|updated)DateUtc",
    "xero.md §1.1: these times have no zone, in the document's own example neither",
)

CUSTOM_CONNECTION = Departure(
    "header",
    XERO_ANY,
    "xero-tenant-id",
    "xero.md §1.3: a custom connection is for one organisation and needs no tenant header",
)

KEAP = (
    Departure(
        "enum",
        "listOrders",
        r"got orders/\*/order_items/\*/item_type",
        "keap.md §0: v2 gains members; the demo shop has a line of a kind that nobody knows yet",
    ),
)

EMPTY = Departure(
    "empty",
    "(list|get)[A-Z].*",
    "got .*",
    "keap.md §3.3, §13: what has no value is null, which the document never says; the vendor's "
    "own client takes null in every field",
)

SIGN_IN = tuple(
    Departure("operation", operation, "path", because)
    for operation, because in (
        ("POST /connect/token", "xero-identity.yaml has its address and answer, no operation"),
        ("POST /token", "keap.md §1.1: the token endpoint is in no document of Keap's"),
    )
)


def left(problems: Iterable[Problem], departures: Iterable[Departure]) -> list[Problem]:
    """The problems that no departure covers."""
    known = tuple(departures)
    return [one for one in problems if not any(each.covers(one) for each in known)]
