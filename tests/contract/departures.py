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
    "(list|get)[A-Z].*|createOrder|createContact",
    "got .*",
    "what has no value is null, which the document never says; the vendor's "
    "own client takes null in every field",
)

QBO_FILE, XERO_FILE = r"qbo/.*\.yml", r"xero/.*\.yaml"
UNREAD = (
    "Lat|Long|Country|CountrySubDivisionCode|MiddleName|WebAddr|Fax|Mobile|PrimaryPhone|ShipAddr",
    "DefaultTaxCodeRef|Level|ParentRef|Vendor1099|AllowIPNPayment|AllowOnline.*|CustomField",
    "CustomerMemo|BillAddr/Id",
)
"""What QuickBooks shows and the client does not read."""
NOT_ENTERED = "GivenName|FamilyName|CompanyName|BillAddr|PaymentMethodRef|PaymentRefNum|PrivateNote"
RECORDED = (
    Departure(
        "header",
        f"{QBO_FILE}|{XERO_FILE}",
        "cache-control|connection|expires|pragma|server|service-time|strict-transport-security"
        "|transfer-encoding|set-cookie|vary|x-.*",
        "what the vendors' web servers say of themselves, which the client never reads",
    ),
    Departure(
        "header",
        QBO_FILE,
        "intuit-tid",
        "the cassettes' client has rewritten the names of headers; QuickBooks writes intuit_tid",
    ),
    Departure(
        "header",
        "xero/test_token_api_refresh_token.yaml",
        "xero-.*|content-type",
        "the identity server's own traces, and the character set of an answer in ASCII",
    ),
    Departure(
        "left out",
        QBO_FILE,
        rf"(.*/)?({'|'.join(UNREAD)})",
        "the client does not read it, whoever has entered it",
    ),
    Departure(
        "left out",
        QBO_FILE,
        rf"(.*/)?({NOT_ENTERED})",
        "nobody has entered it in the sandbox's company; what is entered is shown",
    ),
    Departure(
        "left out",
        QBO_FILE,
        "(.*/)?(CurrencyRef/name|Vendor/Balance)",
        "the names of currencies and the balances of vendors, which the client does not read",
    ),
    Departure(
        "left out",
        "qbo/all-sales_receipts.yml",
        r".*/(LinkedTxn|Line/\*/DiscountLineDetail)",
        "one of the recorded receipts is deposited and has a discount, none of the sandbox's is",
    ),
    Departure(
        "added",
        QBO_FILE,
        "(.*/)?(ItemAccountRef|BillEmail|PrimaryEmailAddr)",
        "since minor version 65 the account stands beside the item; the sandbox's customer has an "
        "e-mail, the recorded one has none",
    ),
    Departure(
        "added",
        "qbo/error-500.yml",
        "time",
        "of all recorded refusals only the one of an id has no time",
    ),
    Departure(
        "status",
        "qbo/xml/throttle_exceeded_error.xml",
        "403",
        "of October 2016; since December 2016 it is 429, and the other one is a switch",
    ),
    Departure(
        "left out",
        XERO_FILE,
        r"Organisations/\*/(Addresses|Phones|TaxNumber).*",
        "the sandbox's organisation has entered none, and the client reads none",
    ),
    Departure(
        "added",
        r"xero/.*\.json",
        "Extensions|Type",
        "of 2020; Xero's page shows more fields now, and the client reads the same two",
    ),
    Departure(
        "added",
        "xero/test_get_connections.yaml",
        r"\*/(authEventId|tenantName)",
        "of March 2020; the vendor's document has had both since",
    ),
    Departure(
        "left out",
        "xero/test_token_api_refresh_token.yaml",
        "id_token",
        "the recorded app has asked for openid, ours does not",
    ),
    Departure(
        "left out",
        "keap/tags-with-next-page.json",
        "tags",
        "the only recorded page with a next one is of tags; the client reads orders",
    ),
    Departure(
        "added",
        "keap/tags-with-next-page.json",
        "orders",
        "the only recorded page with a next one is of tags; the client reads orders",
    ),
)
"""Where the sandbox's answer differs from a recorded one. The operation is the recording's file."""

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
