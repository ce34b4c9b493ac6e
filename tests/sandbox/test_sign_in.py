"""Signing in to the simulated vendors: consent, codes, rotation, expiry, refusal, revocation."""

import re
from typing import Any

import pytest

from tests.kits.oauth_apps import (
    LOCAL,
    Keap,
    Qbo,
    Xero,
    landing,
)

PATHS = {Keap: "/app/oauth/authorize", Xero: "/identity/connect/authorize", Qbo: "/connect/oauth2"}
each = pytest.mark.parametrize("kind", [Keap, Xero, Qbo])


@each
def test_a_person_sees_what_is_asked_and_can_click(kind: Any) -> None:
    app = kind()

    page = app.client.get(PATHS[kind], query_string=app.asked)

    assert page.status_code == 200
    assert re.findall(r'<button id="(\w+)"', page.text) == ["allow", "cancel"]
    for scope in app.asked["scope"].split():
        assert f"<code>{scope}</code>" in page.text
    assert "Wick &amp; Wax" in page.text
    assert landing(app.consent())[0] == app.asked["redirect_uri"]


@each
def test_the_answer_carries_code_and_state(kind: Any) -> None:
    _, found = landing(kind().consent())

    assert found["state"] == "s1"
    assert len(found["code"]) > 20


@each
def test_a_cancelled_consent_comes_back_as_a_refusal(kind: Any) -> None:
    app = kind()
    where, found = landing(app.consent(decision="cancel"))

    assert where == app.asked["redirect_uri"]
    assert found == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Keap, {"client_id": "other"}),
        (Keap, {"scope": "half"}),
        (Keap, {"response_type": "token"}),
        (Keap, {"redirect_uri": "http://robin.example/landed"}),
        (Keap, {"redirect_uri": LOCAL}),
        (Xero, {"client_id": "other"}),
        (Xero, {"redirect_uri": LOCAL + "/"}),
        (Xero, {"redirect_uri": "http://localhost:8744/callback"}),
        (Xero, {"scope": "accounting.transactions"}),
        (Xero, {"scope": ""}),
        (Xero, {"code_challenge": ""}),
        (Xero, {"code_challenge_method": "plain"}),
        (Xero, {"response_type": "token"}),
        (Qbo, {"client_id": "other"}),
        (Qbo, {"redirect_uri": "http://localhost:8743/other"}),
        (Qbo, {"scope": "com.intuit.quickbooks.everything"}),
        (Qbo, {"state": ""}),
    ],
)
def test_mistakes_end_on_the_vendors_own_page(kind: Any, changes: dict[str, str]) -> None:
    reply = kind().consent(**changes)

    assert (reply.status_code, reply.content_type) == (400, "text/html; charset=utf-8")
    assert "Location" not in reply.headers


@each
def test_a_code_is_good_once(kind: Any) -> None:
    app = kind()
    code = landing(app.consent())[1]["code"]

    assert app.exchange(code=code).status_code == 200
    second = app.exchange(code=code)

    assert second.status_code == 400
    assert second.get_json()["error"] == "invalid_grant"


@each
def test_a_code_is_good_for_some_minutes(kind: Any) -> None:
    app = kind()
    code = landing(app.consent())[1]["code"]
    app.vendor.clock.advance(301)

    assert app.exchange(code=code).get_json()["error"] == "invalid_grant"


@each
def test_a_code_is_good_for_its_redirect_address(kind: Any) -> None:
    app = kind()
    reply = app.exchange(redirect_uri=app.asked["redirect_uri"] + "/")

    assert reply.get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", [Keap, Xero, Qbo])
def test_signing_in_is_not_counted_among_the_writes(kind: Any) -> None:
    app = kind()
    app.exchange()

    assert app.vendor.writes() == []


@pytest.mark.parametrize(
    ("kind", "path", "auth"),
    [
        (Keap, "/token", None),
        (Xero, "/connect/token", None),
        (Qbo, "/oauth2/v1/tokens/bearer", ("app", "secret")),
    ],
)
def test_other_grants_are_refused(kind: Any, path: str, auth: Any) -> None:
    reply = kind().client.post(path, data={"grant_type": "password"}, auth=auth)

    assert (reply.status_code, reply.get_json()["error"]) == (400, "unsupported_grant_type")
