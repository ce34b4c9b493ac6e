"""What vouches for the endpoints and the refusals that the tool depends on, beside specifications.

A recording is a file of the folder that `recorded/recordings.py` finds; a foreign client is one
that others wrote and that the contract tests hold the sandbox against.
"""

from dataclasses import dataclass

from invoicesync_cli.load.qbo.faults import PHRASES

NOTHING = "nothing"
"""What stands where no specification, no recording and no foreign client says so."""
CALLS: dict[str, str] = {
    "GET /api.xro/2.0/Organisation": "xero/test_get_organisations.yaml",
    "GET /Connections": "xero/test_get_connections.yaml",
    "POST /connect/token": "xero/test_token_api_refresh_token.yaml",
    "POST /v3/company/{realmId}/batch": "qbo/batch-basic.yml",
}
"""Calls of which an answer was recorded."""
KEAP_SDK, XERO_PYTHON = "keap-core-v2-client", "xero-python"
QUICKBOOKS = "python-quickbooks"
CLIENTS: dict[str, str] = {
    **dict.fromkeys(
        (
            "GET /crm/rest/v2/contacts",
            "GET /crm/rest/v2/orders",
            "GET /crm/rest/v2/orders/{order_id}/payments",
            "GET /crm/rest/v2/sales/payments",
            "GET /crm/rest/v2/sales/transactions",
            "GET /crm/rest/v2/settings/applications:getConfiguration",
        ),
        KEAP_SDK,
    ),
    **dict.fromkeys(
        (
            "GET /api.xro/2.0/Accounts",
            "GET /api.xro/2.0/Contacts",
            "GET /api.xro/2.0/CreditNotes/{CreditNoteID}",
            "PUT /api.xro/2.0/CreditNotes",
            "PUT /api.xro/2.0/CreditNotes/{CreditNoteID}/Allocations",
            "GET /api.xro/2.0/Currencies",
            "GET /api.xro/2.0/Invoices",
            "GET /api.xro/2.0/Items",
            "GET /api.xro/2.0/Organisation",
            "GET /api.xro/2.0/Payments",
            "PUT /api.xro/2.0/Payments",
            "GET /api.xro/2.0/TaxRates",
            "GET /api.xro/2.0/TrackingCategories",
        ),
        XERO_PYTHON,
    ),
    "POST /v3/company/{realmId}/batch": QUICKBOOKS,
    "GET /v3/company/{realmId}/companyinfo/{id}": QUICKBOOKS,
}
"""Calls that a foreign client makes in the contract tests, and understands the answers of."""


@dataclass(frozen=True)
class Refusal:
    """A bad answer that the tool knows, what it makes of it, and what vouches for the answer."""

    service: str
    answer: str
    meaning: str
    recordings: tuple[str, ...] = ()
    otherwise: str = NOTHING
    """A page or report by others, where nothing was recorded."""

    @property
    def vouched(self) -> str:
        """What vouches for it, in words."""
        return ", ".join(f"`{name}`" for name in self.recordings) or self.otherwise


REFUSALS = (
    Refusal(
        "keap",
        "400, 413, 414, 422 in JSON, `message`",
        "a list of ids is asked for in halves; anything else ends the run (7)",
        ("keap/write-contacts-missing-fields.json",),
    ),
    Refusal(
        "keap",
        "400, 413, 414 as a page of the front server",
        "a list of ids is asked for in halves; anything else ends the run (7)",
        ("keap/get-with-req-body-not-allowed.html",),
    ),
    Refusal(
        "keap",
        "404 as a page of the front server",
        "ends the run (7)",
        ("keap/url-not-found.html",),
    ),
    Refusal(
        "keap",
        "404 in JSON for the payments of an order",
        "the order was deleted: it has none",
        ("keap/delete-missing-contact.json",),
    ),
    Refusal(
        "keap",
        "a whole address as `next_page_token`",
        "its `page_token` is the token",
        ("keap/tags-with-next-page.json",),
    ),
    Refusal(
        "keap",
        "a list with `next` and no rows, as REST v1 has it",
        "the end of the list",
        ("keap/contacts-empty-page.json", "keap/contacts-first-page.json"),
    ),
    Refusal("keap", "401 with `fault`", "the sign-in is renewed once, else ends the run (4)"),
    Refusal("keap", "429, with and without `Retry-After`", "waits, or ends the run (7)"),
    Refusal("keap", "500, 502, 503, 504", "tried again, then ends the run (7)"),
    Refusal(
        "xero",
        "401 `TokenExpired`, `AuthenticationUnsuccessful`",
        "the sign-in is renewed once, else ends the run (4)",
        ("xero/expired_oauth2_token.json", "xero/invalid_oauth2_request_token.json"),
    ),
    Refusal(
        "xero",
        "403 with lower-case keys",
        "the wrong organisation: ends the run (4)",
        otherwise="waynerobinson/xeroizer, a stub response of 2020",
    ),
    Refusal(
        "xero",
        "an element with `ValidationErrors`, on it or inside its contact, invoice or lines",
        "the document is held or failed, in Xero's words",
        otherwise="`xero/xero_accounting.yaml`, its examples; waynerobinson/xeroizer#477",
    ),
    Refusal(
        "xero",
        "400 `ValidationException` with `Elements`",
        "the batch is sent in halves; the words are those of the elements",
        otherwise="`xero/xero_accounting.yaml`, its examples; XeroAPI/xero-ruby#247",
    ),
    Refusal("xero", "400 for an idempotency key used again", "looked up before anything is sent"),
    Refusal(
        "xero",
        "404 in plain text, called HTML",
        "there is no such document",
        otherwise="freakboy3742/pyxero, a test of a live answer",
    ),
    Refusal(
        "xero",
        "429 with `X-Rate-Limit-Problem`",
        "waits, or ends the run (7) with the time when the day ends",
        otherwise='Xero, "API rate limits"; XeroAPI/xero-python#74',
    ),
    Refusal("xero", "500, 502, 503, 504", "looked up, then sent again or ends the run (7)"),
    Refusal(
        "qbo",
        "401 of the gateway, code 3200, in lower case",
        "the sign-in is renewed once, else ends the run (4)",
        ("qbo/error-401.yml",),
    ),
    Refusal(
        "qbo",
        "403 or 429 with `ThrottleExceeded`, in XML",
        "waits a minute, or ends the run (7)",
        ("qbo/xml/throttle_exceeded_error.xml", "qbo/xml/too_many_requests_error.xml"),
    ),
    Refusal(
        "qbo",
        "400 with codes 4001, 2010, 500, 2030",
        "a bug of the tool: ends the run (7) with the words",
        (
            *("qbo/error-400.yml", "qbo/error-400_json.yml", "qbo/error-500.yml"),
            "qbo/xml/query_validation_error.xml",
        ),
    ),
    Refusal(
        "qbo",
        "6240, with `: null` or with words",
        "the customer gets another name",
        ("qbo/error-validation.yml", "qbo/xml/customer_duplicate_error.xml"),
    ),
    Refusal(
        "qbo",
        "5010 inside a batch",
        "sent again",
        ("qbo/batch-basic.yml",),
    ),
    Refusal(
        "qbo",
        "610 about what was made inactive",
        "held; the customer is matched anew if it is the customer",
        ("qbo/batch-basic.yml",),
    ),
    Refusal(
        "qbo",
        "6140, number taken",
        "looked up: ours is taken up, another's holds the order",
        otherwise="finoptimal/fo_qbo, a production batch of 2024",
    ),
    Refusal(
        "qbo",
        "a payment of more than is due: accepted, the rest unapplied",
        "booked; held where it was not foreseen",
        otherwise="alga-psa, a live run of June 2026",
    ),
    Refusal("qbo", "600, 10000 and a lost answer", "looked up before anything is sent again"),
    Refusal("qbo", "6190", "ends the run (7)"),
    Refusal("qbo", "502, 503, 504 as a page", "looked up, then sent again or ends the run (7)"),
    *(
        Refusal("qbo", f'"…{phrase.words}…"', f"`{phrase.reason}`", otherwise=phrase.source)
        for phrase in PHRASES
    ),
)
"""Every bad answer that something is made of. A code in brackets is the exit code."""
