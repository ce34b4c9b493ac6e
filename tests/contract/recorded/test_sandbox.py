"""The sandbox's answer to the request of every recording, compared with the recorded one by form.

What differs rightly is named in `departures.py` with its reason.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.keap import Item, KeapSandbox
from invoicesync_sandbox.qbo import sale
from tests.contract.departures import RECORDED, left
from tests.contract.recorded.recordings import Recorded, files, folder, needs_recordings, recorded
from tests.contract.recorded.shapes import differences, header_differences, shape
from tests.contract.schemas import Problem
from tests.kits import oauth_apps, qbo_app, xero_app

pytestmark = needs_recordings
Answer = Callable[[], TestResponse]


# --- QuickBooks -----------------------------------------------------------------------------------


def company() -> qbo_app.App:
    """A company in the United States with people of each kind and four sales receipts."""
    app = qbo_app.App("us-manual")
    person: dict[str, Any] = {
        "given": "Amy",
        "family": "Lauterbach",
        "company": "Amy's Bird Sanctuary",
        "email": "birds@example.com",
        "PrimaryPhone": {"FreeFormNumber": "(650) 555-3311"},
        "BillAddr": {
            "Line1": "4581 Finch St.",
            "City": "Bayshore",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "94326",
        },
    }
    amy = app.qbo.add_customer("Amy's Bird Sanctuary", **person)
    app.qbo.enter_invoice(amy, [sale("639.00", item=app.item, tax_code="NON")])
    for number in range(4):
        line = sale("337.50", item=app.item, qty="4.5", unit_price="75", tax_code="NON")
        line |= {"Description": "Custom Design"}
        customer = {"CustomerRef": {"value": app.customer}} if number else {}
        body = app.invoice(line) | {"CustomerRef": None} | customer
        app.made("SalesReceipt", body | {"DocNumber": str(1000 + number)})
    return app


def asked(query: str) -> TestResponse:
    """The answer to a query."""
    return company().send("GET", "query", query_string={"query": query})


def invoice() -> TestResponse:
    """A new invoice, as it was posted."""
    app = company()
    detail = {"ItemRef": {"value": app.item, "name": "Candles"}}
    line = {"Amount": 100.0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return app.post("invoice", {"Line": [line], "CustomerRef": {"value": app.customer}})


def batch() -> TestResponse:
    """Four items: a new vendor, a document that is not there, a stale one, a query."""
    app = company()
    (receipt, *_) = app.query("select * from SalesReceipt")["SalesReceipt"]
    fields = {"Id": receipt["Id"], "sparse": True}
    app.made("SalesReceipt", fields | {"SyncToken": "0", "PrivateNote": "Another"})
    stale = fields | {"SyncToken": "0", "PrivateNote": "A private note."}
    query = "select * from SalesReceipt where TotalAmt > '300.00'"
    items = [
        {"bId": "bid1", "operation": "create", "Vendor": {"DisplayName": "Boraski Family Store"}},
        {"bId": "bid2", "operation": "delete", "Invoice": {"Id": "12999", "SyncToken": "0"}},
        {"bId": "bid3", "operation": "update", "SalesReceipt": stale},
        {"bId": "bid4", "Query": query},
    ]
    return app.post("batch", {"BatchItemRequest": items})


def expired() -> TestResponse:
    """A token whose hour is over."""
    app = company()
    app.token = app.qbo.issue_token(expires_in=60)
    app.qbo.clock.advance(61)
    return app.send("GET", "customer/1")


def updated() -> TestResponse:
    """A customer with another name."""
    app = company()
    body = {"DisplayName": "Jack Moe", "Id": app.customer, "SyncToken": "0"}
    phone = {"PrimaryPhone": {"FreeFormNumber": "(415) 444-1234"}}
    return app.post("customer?minorversion=8", body | phone)


def throttled() -> TestResponse:
    """One call too many."""
    app = company()
    app.qbo.enforce_limits = True
    for _ in range(1000):
        reply = app.send("GET", "preferences")
        if reply.status_code != 200:
            break
    return reply


def in_xml(path: str) -> TestResponse:
    """An answer in XML, which comes where JSON is not asked for."""
    return company().send("GET", path, headers={"Accept": "*/*"})


ALL = "SELECT * FROM Customer"
SOME = "SELECT * FROM Customer WHERE Id IN ('1', '2') AND Active IN ( true, false )"
QUICKBOOKS: dict[str, list[Answer]] = {
    "qbo/all-alt_select.yml": [
        lambda: asked("SELECT count(*) FROM Customer WHERE Id IN ('1')"),
        *[lambda: asked(f"{SOME} MAXRESULTS 2 STARTPOSITION 1")] * 3,
        lambda: asked(f"{SOME} MAXRESULTS 2 STARTPOSITION 7"),
    ],
    "qbo/all-customers.yml": [lambda: asked("SELECT COUNT(*) FROM Customer"), lambda: asked(ALL)],
    "qbo/all-sales_receipts.yml": [
        lambda: asked("SELECT * FROM SalesReceipt MAXRESULTS 1000 STARTPOSITION 1")
    ],
    "qbo/batch-basic.yml": [batch],
    "qbo/create-customer.yml": [lambda: company().post("customer", {"DisplayName": "Doe5, Jane"})],
    "qbo/create-invoice.yml": [invoice],
    "qbo/error-400.yml": [lambda: asked(ALL), lambda: asked("SELECT * FROM Custmoer")],
    "qbo/error-400_json.yml": [lambda: company().post("invoice", {"BadJson": True})],
    "qbo/error-401.yml": [expired],
    "qbo/error-500.yml": [
        lambda: company().send("GET", "customer/1/5"),
        lambda: company().send("GET", "customer/1.5"),
    ],
    "qbo/error-validation.yml": [
        lambda: company().post("customer", {"DisplayName": "Alice Baker"})
    ],
    "qbo/get-display_name.yml": [
        lambda: asked(r"SELECT * FROM Customer WHERE DisplayName = 'Amy\'s Bird Sanctuary'")
    ],
    "qbo/get-id.yml": [lambda: company().send("GET", "customer/1")],
    "qbo/update-customer.yml": [
        lambda: company().send("GET", "customer/1?minorversion=8"),
        updated,
    ],
}


# --- Xero and Keap --------------------------------------------------------------------------------


def xero_tokens() -> TestResponse:
    """New tokens for a refresh token."""
    app = oauth_apps.Xero()
    return app.refresh(app.exchange().get_json()["refresh_token"])


def connections() -> TestResponse:
    """The organisations that a sign-in opens."""
    app = oauth_apps.Xero()
    return app.read("/connections", app.exchange().get_json()["access_token"])


def late() -> TestResponse:
    """A token whose half hour is over."""
    app = xero_app.App()
    app.clock.advance(timedelta(days=1).total_seconds())
    return app.send("GET", "/Organisation")


def locked() -> TestResponse:
    """The organisation with a lock date."""
    return xero_app.App().send("GET", "/Organisation")


def keap(path: str, **request: object) -> TestResponse:
    """An answer of Keap's account with two orders."""
    account = KeapSandbox()
    person = account.add_contact(given_name="Erica", emails=("erica.lewis@example.com",))
    for _ in range(2):
        line = Item("PRODUCT", "1.00", name="Candle")
        account.add_order(contact_id=person, order_time=account.clock.now(), items=[line])
    headers = {"X-Keap-API-Key": "KeapAK-sandbox"}
    return Client(account).get(f"/crm/rest{path}", headers=headers, **request)


OTHERS: dict[str, list[Answer]] = {
    "keap/get-with-req-body-not-allowed.html": [lambda: keap("/v2/orders", data=b"{}")],
    "keap/tags-with-next-page.json": [lambda: keap("/v2/orders?page_size=1")],
    "keap/url-not-found.html": [lambda: keap("/v2/ordres")],
    "qbo/xml/customer_duplicate_error.xml": [lambda: in_xml("customer/999")],
    "qbo/xml/preferences_query.xml": [lambda: in_xml("query?query=select * from Preferences")],
    "qbo/xml/query_validation_error.xml": [
        lambda: in_xml("query?query=select * from Customer startposition 0")
    ],
    "qbo/xml/tax_codes.xml": [lambda: in_xml("query?query=select * from TaxCode")],
    "qbo/xml/throttle_exceeded_error.xml": [throttled],
    "qbo/xml/too_many_requests_error.xml": [throttled],
    "xero/expired_oauth2_token.json": [late],
    "xero/invalid_oauth2_request_token.json": [late],
    "xero/test_call_api_get_organisations.yaml": [locked],
    "xero/test_get_connections.yaml": [connections],
    "xero/test_get_organisations.yaml": [locked],
    "xero/test_token_api_refresh_token.yaml": [xero_tokens],
}
NOT_SIMULATED = {
    # REST v1, of which the sandbox has nothing; the client calls none of it.
    "keap/contacts-empty-page.json",
    "keap/contacts-first-page.json",
    "keap/delete-missing-contact.json",
    "keap/write-contacts-missing-fields.json",
}
ANSWERS = {**QUICKBOOKS, **OTHERS}


@functools.cache
def problems(name: str) -> tuple[Problem, ...]:
    """How the sandbox's answers differ from those of a recording."""
    found: list[Problem] = []
    for real, ask in zip(recorded(name), ANSWERS[name], strict=True):
        found += _problems(name, real, ask())
    return tuple(dict.fromkeys(found))


def _problems(name: str, real: Recorded, ours: TestResponse) -> list[Problem]:
    found = []
    if real.status != ours.status_code:
        found.append(Problem(name, "status", str(real.status), f"ours is {ours.status_code}"))
    if real.uri:
        found += header_differences(name, real.headers, dict(ours.headers))
    if name.endswith((".html", ".xml")):
        if _kind(real.body) != _kind(ours.text):
            found.append(Problem(name, "form", "", f"ours is {ours.text[:60]}"))
    else:
        found += differences(name, shape(real.body), shape(ours.text))
    return found


def _kind(body: str) -> str:
    """The outermost element of a page or of XML."""
    if body.lstrip().lower().startswith(("<!doctype html", "<html")):
        return "html"
    return ElementTree.fromstring(body).tag  # noqa: S314 - a file at hand, or our own XML


@pytest.mark.parametrize("name", [name for name in files() if folder()] if folder() else [])
def test_sandbox_answers_as_the_service_did(name: str) -> None:
    if name in NOT_SIMULATED:
        pytest.skip("the sandbox has no REST v1")
    assert [str(problem) for problem in left(problems(name), RECORDED)] == []


def test_every_recording_is_compared() -> None:
    assert ANSWERS.keys() | NOT_SIMULATED == set(files())


def test_every_departure_is_one() -> None:
    found = [problem for name in ANSWERS for problem in problems(name)]
    assert [each.where for each in RECORDED if not any(map(each.covers, found))] == []
