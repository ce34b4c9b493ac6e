"""Who the simulated Xero lets in: tokens, scopes, organisations, and what it says otherwise."""

import base64
import json
from typing import Any

import pytest

from invoicesync_sandbox.shop.ledger import CLIENT_ID, CLIENT_SECRET
from invoicesync_sandbox.xero import API
from tests.kits.xero_app import App, invoice

SCOPE = "accounting.invoices accounting.contacts"


def token_call(app: App, secret: str = CLIENT_SECRET, **form: str) -> Any:
    data = {"grant_type": "client_credentials", "scope": SCOPE} | form
    return app.client.post("/connect/token", data=data, auth=(CLIENT_ID, secret))


@pytest.mark.parametrize(
    ("secret", "form", "error"),
    [
        ("wrong", {}, "invalid_client"),
        (CLIENT_SECRET, {"scope": "accounting.everything"}, "invalid_scope"),
        (CLIENT_SECRET, {"scope": "accounting.transactions"}, "invalid_scope"),
        (CLIENT_SECRET, {"scope": f"{SCOPE} offline_access"}, "invalid_scope"),
        (CLIENT_SECRET, {"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_token_endpoint_names_what_is_wrong(secret: str, form: dict[str, str], error: str) -> None:
    answer = token_call(App(), secret, **form)
    assert (answer.status_code, answer.get_json()) == (400, {"error": error})


def test_old_apps_may_ask_for_broad_scopes() -> None:
    app = App(broad_scopes=True)
    answer = token_call(app, scope="accounting.transactions")
    assert answer.status_code == 200
    app.headers["Authorization"] = f"Bearer {answer.get_json()['access_token']}"
    assert app.send("GET", "/Invoices").status_code == 200
    assert app.send("GET", "/Payments").status_code == 200


def test_token_looks_like_a_jwt_with_its_expiry() -> None:
    app = App()
    head, claims, _ = token_call(app).get_json()["access_token"].split(".")
    padded = claims + "=" * (-len(claims) % 4)
    read = json.loads(base64.urlsafe_b64decode(padded))
    assert read["exp"] == int(app.clock.now().timestamp()) + 1800
    assert head


def test_expired_token_says_since_when() -> None:
    app = App()
    app.clock.advance(1800)
    answer = app.send("GET", "/Organisation")
    assert answer.status_code == 401
    body = answer.get_json()
    assert body["Detail"] == "TokenExpired: token expired at 11/20/2026 12:30:00"
    assert (body["Type"], body["Title"], body["Status"]) == (None, "Unauthorized", 401)


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic abc"])
def test_unknown_token_is_refused(header: str) -> None:
    app = App()
    app.headers["Authorization"] = header
    answer = app.send("GET", "/Organisation")
    assert (answer.status_code, answer.get_json()["Detail"]) == (401, "AuthenticationUnsuccessful")


@pytest.mark.parametrize("tenant", ["", "11111111-1111-1111-1111-111111111111"])
def test_wrong_organisation_is_forbidden(tenant: str) -> None:
    app = App()
    app.headers["Xero-Tenant-Id"] = tenant
    answer = app.send("GET", "/Organisation")
    assert answer.status_code == 403
    assert answer.get_json()["Title"] == "Forbidden"
    assert answer.get_json()["Detail"] == "AuthenticationUnsuccessful"


def test_connections_list_the_organisation_until_it_is_disconnected() -> None:
    app = App()
    (connection,) = app.client.get("/connections", headers=app.headers).get_json()
    assert connection["tenantId"] == app.xero.tenant_id
    assert connection["tenantName"] == "Wick & Wax Ltd"
    assert connection["createdDateUtc"] == "2026-11-20T12:00:00.0000000"
    other = f"/connections?authEventId={app.xero.tenant_id}"
    assert app.client.get(other, headers=app.headers).get_json() == []
    path = f"/connections/{connection['id']}"
    assert app.client.delete(path, headers=app.headers).status_code == 204
    assert app.client.delete(path, headers=app.headers).status_code == 404
    assert app.client.get("/connections", headers=app.headers).get_json() == []
    assert app.send("GET", "/Organisation").status_code == 403


@pytest.mark.parametrize(
    ("scopes", "method", "path", "allowed"),
    [
        (("accounting.invoices.read",), "GET", "/Invoices", True),
        (("accounting.invoices.read",), "PUT", "/Invoices", False),
        (("accounting.invoices",), "GET", "/CreditNotes", True),
        (("accounting.invoices",), "GET", "/Items", True),
        (("accounting.invoices",), "GET", "/Payments", False),
        (("accounting.invoices",), "GET", "/Accounts", False),
        (("accounting.payments",), "GET", "/Payments", True),
        (("accounting.contacts",), "GET", "/Contacts", True),
        (("accounting.settings.read",), "GET", "/Contacts", False),
    ],
)
def test_each_call_needs_its_scope(
    scopes: tuple[str, ...], method: str, path: str, allowed: bool
) -> None:
    app = App()
    app.headers["Authorization"] = f"Bearer {app.xero.issue_token(scopes)}"
    body: Any = {"Invoices": []} if method == "PUT" else None
    answer = app.send(method, path, body)
    assert answer.status_code == (200 if allowed else 401)
    assert ("WWW-Authenticate" in answer.headers) is not allowed


@pytest.mark.parametrize(
    ("switches", "status", "word"),
    [
        ({}, 401, "insufficent_scope"),
        ({"scope_error_misspelt": False}, 401, "insufficient_scope"),
    ],
)
def test_missing_scope_is_spelt_either_way(
    switches: dict[str, Any], status: int, word: str
) -> None:
    app = App(**switches)
    app.headers["Authorization"] = f"Bearer {app.xero.issue_token(())}"
    answer = app.send("GET", "/Invoices")
    assert answer.status_code == status
    assert word in answer.headers["WWW-Authenticate"]


def test_without_asking_for_json_the_answer_is_xml() -> None:
    app = App()
    del app.headers["Accept"]
    answer = app.send("GET", "/Invoices?page=1")
    assert answer.content_type == "text/xml; charset=utf-8"
    assert "<Invoices><Invoice><Type>ACCREC</Type>" in answer.text
    assert "<Date>2026-09-14T00:00:00</Date>" in answer.text
    refused = app.send("PUT", "/Contacts", {"Name": "Alice Baker"})
    assert refused.status_code == 400
    assert "<ApiException><ErrorNumber>10</ErrorNumber>" in refused.text


def test_unknown_things_are_plain_text_not_found() -> None:
    app = App()
    for path in ("/Nothing", "/Invoices/K-404", "/Contacts/nobody", "/Payments/none"):
        answer = app.send("GET", path)
        assert answer.status_code == 404
        assert answer.content_type.startswith("text/html")
        assert answer.text == "The resource you're looking for cannot be found"
    assert app.client.get("/elsewhere").status_code == 404


def test_53_ids_are_too_long_for_the_address_and_52_are_not() -> None:
    app = App()
    ids = "%2C".join([app.xero.tenant_id] * 52)
    assert app.send("GET", f"/Invoices?IDs={ids}").status_code == 200
    assert app.send("GET", f"/Invoices?IDs={ids}%2C{app.xero.tenant_id}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/Invoices"), ("PUT", "/BatchPayments"), ("PUT", "/Invoices/K-1/History")],
)
def test_what_is_not_simulated_is_said_so(method: str, path: str) -> None:
    assert App().send(method, path).status_code == 501


@pytest.mark.parametrize(
    ("limit", "status"), [(3_500_000, 413), (10_000_000, 200)], ids=["3.5 MB", "10 MB"]
)
def test_body_size_is_limited(limit: int, status: int) -> None:
    app = App(body_limit=limit)
    padded = {"Invoices": [invoice()], "Padding": "x" * 3_500_000}
    assert app.send("PUT", "/Invoices", padded).status_code == status


def test_every_answer_carries_a_correlation_id_and_what_is_left() -> None:
    app = App()
    for path in ("/Organisation", "/Invoices/K-404"):
        headers = app.send("GET", path).headers
        assert headers["Xero-Correlation-Id"]
        assert {"X-MinLimit-Remaining", "X-DayLimit-Remaining", "X-AppMinLimit-Remaining"} <= set(
            headers.keys()
        )


def test_success_comes_in_the_envelope_with_the_servers_clock() -> None:
    answer = App().get("/Currencies")
    assert answer["Status"] == "OK"
    assert answer["DateTimeUTC"] == "/Date(1795176000000)/"
    assert answer["Currencies"] == [{"Code": "GBP", "Description": "British Pound"}]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'{"Invoices": {}}'),
        ("application/json", b'{"Invoices": [1]}'),
        ("application/json", b'{"Reference": "\\ud800"}'),
        ("application/json", b"[" * 100_000),
        ("application/xml", b"<Invoices/>"),
    ],
)
def test_unreadable_bodies_are_refused(content_type: str, body: bytes) -> None:
    app = App()
    answer = app.client.put(
        f"{API}/Invoices", data=body, content_type=content_type, headers=app.headers
    )
    assert answer.status_code == 400
    assert answer.get_json()["ErrorNumber"] == 14
    assert answer.get_json()["Type"] == "PostDataInvalidException"
