"""Where a request or an answer rightly departs from the vendor's document, one by one.

Each says who knows better than the document: mostly another page of the same vendor.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.contract.schemas import Kind, Problem
from tests.contract.unspecified import UNSPECIFIED


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


XERO_ANY = "(get|create|update|delete)[A-Z].*"

XERO = (
    Departure(
        "name",
        XERO_ANY,
        "got (Id|Status|ProviderName|DateTimeUTC)",
        "every answer comes in this envelope, in the document's own examples too",
    ),
    Departure(
        "name",
        XERO_ANY,
        r"got (.*/)?(Due)?DateString",
        "dates come a second time as text, in the document's own examples too",
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
        "lines carry their own validation errors, in the document's example of a 400 too",
    ),
)
"""Of Xero, whoever signs in."""

XERO_REFUSED = Departure(
    "name",
    XERO_ANY,
    r"got Elements/\*/.*",
    'Xero\'s page "HTTP response codes": a refused element is echoed with all its fields',
)
CONNECTIONS = Departure(
    "format",
    "getConnections",
    r"got \*/(created|updated)DateUtc",
    "these times have no zone, in the document's own example neither",
)

TENANT_FOR_NOTHING = Departure(
    "header",
    "getConnections",
    "xero-tenant-id",
    "the tenant is part of what signs a request; the list of connections has no use for it",
)

CUSTOM_CONNECTION = Departure(
    "header",
    XERO_ANY,
    "xero-tenant-id",
    'Xero\'s page "Custom connections": they are for one organisation, which needs no naming',
)

KEAP = (
    Departure(
        "enum",
        "listOrders",
        r"got orders/\*/order_items/\*/item_type",
        "v2 gains members all the time; the demo shop has a line of a kind that nobody knows yet",
    ),
)

EMPTY = Departure(
    "empty",
    "(list|get)[A-Z].*",
    "got .*",
    "what has no value is null, which the document never says; the vendor's "
    "own client takes null in every field",
)

SIGN_IN = tuple(
    Departure("operation", re.escape(" ".join(call)), "path", vouched)
    for calls in UNSPECIFIED.values()
    for call, vouched in calls.items()
)


def left(problems: Iterable[Problem], departures: Iterable[Departure]) -> list[Problem]:
    """The problems that no departure covers."""
    known = tuple(departures)
    return [one for one in problems if not any(each.covers(one) for each in known)]


ALWAYS = (*XERO, *KEAP, EMPTY, CONNECTIONS, TENANT_FOR_NOTHING, *SIGN_IN)


def departures(run: str) -> tuple[Departure, ...]:
    """What may be otherwise in a run. Only a custom connection may leave the tenant out."""
    by_browser = run in {"signed_in", "whole_command_line"}
    return ALWAYS if by_browser else (*ALWAYS, CUSTOM_CONNECTION)
