"""What tokens of the simulated vendors are good for: for how long, for whom, and until when."""

from typing import Any

import pytest

from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.oauth_apps import DAY, LOCAL, SCOPES, SECURE, VERIFIER, Keap, Qbo, Xero, landing


def test_keap_gives_a_day_and_45_days() -> None:
    app = Keap()
    _, found = landing(app.consent())
    reply = app.exchange().get_json()

    assert found["scope"] == reply["scope"] == "full|iq146.infusionsoft.com"
    assert (reply["token_type"], reply["expires_in"]) == ("bearer", DAY)
    assert app.read(reply["access_token"]).get_json()["tenant_id"] == "iq146"
    app.vendor.clock.advance(DAY)
    assert app.read(reply["access_token"]).status_code == 401
    app.vendor.clock.advance(45 * DAY)
    assert app.refresh(reply["refresh_token"]).status_code == 400


def test_keap_kills_a_refresh_token_with_its_first_use() -> None:
    app = Keap()
    first = app.exchange().get_json()["refresh_token"]
    second = app.refresh(first).get_json()["refresh_token"]

    again = app.refresh(first)

    assert again.status_code == 400
    assert again.get_json() == {
        "error": "invalid_request",
        "error_description": "Invalid Refresh Token",
    }
    assert app.refresh(second).status_code == 200


def test_keap_wants_the_secret_in_the_body_first_and_in_the_header_then() -> None:
    app = Keap()
    token = app.exchange().get_json()["refresh_token"]

    assert app.exchange(client_secret="wrong").get_json()["error"] == "invalid_client"
    assert app.refresh(token, secret="wrong").get_json()["error"] == "invalid_client"
    assert app.refresh(token).status_code == 200


def test_keap_may_take_localhost() -> None:
    app = Keap(KeapSwitches(localhost_redirect=True))

    assert landing(app.consent(redirect_uri=LOCAL))[0] == LOCAL


def test_xero_gives_half_an_hour_and_60_days_and_a_token_for_one_app() -> None:
    app = Xero()
    reply = app.exchange().get_json()

    assert (reply["token_type"], reply["expires_in"]) == ("Bearer", 1800)
    assert reply["scope"] == SCOPES
    assert app.read("/connections", reply["access_token"]).status_code == 200
    app.vendor.clock.advance(1800)
    assert app.read("/connections", reply["access_token"]).status_code == 401
    app.vendor.clock.advance(60 * DAY)
    assert app.refresh(reply["refresh_token"]).get_json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("verifier", ["", "w" * 43, "v" * 42, VERIFIER + "!"])
def test_xero_checks_the_code_verifier(verifier: str) -> None:
    reply = Xero().exchange(code_verifier=verifier)

    assert (reply.status_code, reply.get_json()) == (400, {"error": "invalid_grant"})


def test_xero_takes_a_used_refresh_token_for_another_half_hour() -> None:
    app = Xero()
    first = app.exchange().get_json()["refresh_token"]
    assert app.refresh(first).status_code == 200
    app.vendor.clock.advance(30 * 60)

    assert app.refresh(first).status_code == 200

    app.vendor.clock.advance(1)
    assert app.refresh(first).get_json() == {"error": "invalid_grant"}


def test_xero_gives_no_refresh_token_without_offline_access() -> None:
    app = Xero()
    app.asked["scope"] = "accounting.invoices"

    assert "refresh_token" not in app.exchange().get_json()


def test_xero_refresh_tokens_belong_to_their_app() -> None:
    app = Xero()
    app.vendor.sign_in.add_app("other", {LOCAL})
    token = app.exchange().get_json()["refresh_token"]

    assert app.refresh(token, client_id="other").get_json() == {"error": "invalid_grant"}
    assert app.refresh(token, client_id="unknown").get_json() == {"error": "invalid_client"}


def test_xero_lets_an_app_into_the_chosen_organisations_only() -> None:
    app = Xero()
    other = app.vendor.add_organisation("Harbour Candles")
    token = app.exchange(tenant=other).get_json()["access_token"]

    listed = app.read("/connections", token).get_json()

    assert [(row["tenantName"], row["tenantType"]) for row in listed] == [
        ("Harbour Candles", "ORGANISATION")
    ]
    assert app.read("/api.xro/2.0/Organisation", token, app.vendor.tenant_id).status_code == 403
    found = app.read("/api.xro/2.0/Organisation", token, other).get_json()["Organisations"][0]
    assert (found["Name"], found["OrganisationID"]) == ("Harbour Candles", other)


def test_xero_adds_the_second_organisation_to_the_first() -> None:
    app = Xero()
    other = app.vendor.add_organisation("Harbour Candles")
    app.exchange()
    token = app.exchange(tenant=other).get_json()["access_token"]
    app.exchange(tenant=other)

    listed = [row["tenantName"] for row in app.read("/connections", token).get_json()]

    assert listed == ["Wick & Wax Ltd", "Harbour Candles"]


def test_xero_revokes_a_whole_sign_in() -> None:
    app = Xero()
    first = app.exchange().get_json()
    second = app.refresh(first["refresh_token"]).get_json()
    form = {"client_id": "app", "token": second["refresh_token"]}

    assert app.client.post("/connect/revocation", data=form).status_code == 200

    assert app.refresh(second["refresh_token"]).get_json() == {"error": "invalid_grant"}
    assert app.read("/connections", second["access_token"]).status_code == 401
    assert app.client.post("/connect/revocation", data=form).status_code == 200
    stranger = form | {"client_id": "unknown"}
    assert app.client.post("/connect/revocation", data=stranger).status_code == 400


@pytest.mark.parametrize("address", ["http://robin.example/cb", "invoicesync://cb"])
def test_xero_registers_https_and_localhost_only(address: str) -> None:
    with pytest.raises(ValueError, match="redirect address"):
        Xero().vendor.sign_in.add_app("other", {address})


def test_xero_may_take_the_loopback_address() -> None:
    address = "http://127.0.0.1:8743/callback"
    with pytest.raises(ValueError, match="redirect address"):
        Xero().vendor.sign_in.add_app("other", {address})

    app = Xero(XeroSwitches(loopback_address_redirect=True))
    app.vendor.sign_in.add_app("app", {address})

    assert landing(app.consent(redirect_uri=address))[0] == address


def test_quickbooks_names_the_company_in_the_answer_only() -> None:
    app = Qbo()
    _, found = landing(app.consent())
    reply = app.exchange().get_json()

    assert found["realmId"] == "1001"
    assert "1001" not in str(reply)
    assert (reply["token_type"], reply["expires_in"]) == ("bearer", 3600)
    assert reply["x_refresh_token_expires_in"] == 8_726_400
    company = app.read(reply["access_token"]).get_json()["CompanyInfo"]
    assert company["CompanyName"] == "Wick & Wax Ltd"


def test_quickbooks_changes_a_refresh_token_once_a_day() -> None:
    app = Qbo()
    first = app.exchange().get_json()["refresh_token"]
    app.vendor.clock.advance(DAY - 1)
    assert app.refresh(first).get_json()["refresh_token"] == first
    app.vendor.clock.advance(1)

    second = app.refresh(first).get_json()["refresh_token"]

    assert second != first
    dead = app.refresh(first)
    assert (dead.status_code, dead.get_json()["error"]) == (400, "invalid_grant")
    assert app.refresh(second).status_code == 200


def test_quickbooks_wants_a_new_consent_after_five_years() -> None:
    app = Qbo()
    token = app.exchange().get_json()["refresh_token"]
    for _ in range(20):
        app.vendor.clock.advance(90 * DAY)
        token = app.refresh(token).get_json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    reported = app.token(form, headers={"x-include-refresh-token-hard-expires-in": "true"})
    assert reported.get_json()["x_refresh_token_hard_expires_in"] == 25 * DAY
    token = reported.get_json()["refresh_token"]
    app.vendor.clock.advance(25 * DAY)

    assert app.refresh(token).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("status", [400, 401])
def test_quickbooks_refuses_a_wrong_secret(status: Any) -> None:
    reply = Qbo(QboSwitches(invalid_client_status=status)).exchange(secret="wrong")

    assert (reply.status_code, reply.get_json()["error"]) == (status, "invalid_client")


def test_quickbooks_production_keys_take_https_only() -> None:
    app = Qbo()
    app.vendor.sign_in.production.add("app")

    assert app.consent().status_code == 400
    assert landing(app.consent(redirect_uri=SECURE))[0] == SECURE


def test_quickbooks_tokens_end_and_are_for_one_company() -> None:
    app = Qbo()
    token = app.exchange().get_json()["access_token"]

    wrong = app.read(token, realm="1002")
    assert (wrong.status_code, wrong.get_json()["fault"]["error"][0]["code"]) == (403, "3100")
    assert app.read("nonsense").status_code == 401
    app.vendor.clock.advance(3600)
    expired = app.read(token)
    assert expired.status_code == 401
    assert expired.get_json()["fault"]["error"][0]["code"] == "3200"
    assert expired.headers["intuit_tid"]


def test_quickbooks_answers_in_xml_unless_asked_for_json() -> None:
    app = Qbo()
    token = app.exchange().get_json()["access_token"]

    reply = app.read(token, accept="*/*")

    assert reply.content_type == "application/xml"
    assert "<CompanyName>Wick &amp; Wax Ltd</CompanyName>" in reply.text


def test_quickbooks_revokes_both_tokens() -> None:
    app = Qbo()
    reply = app.exchange().get_json()
    path, body = "/v2/oauth2/tokens/revoke", {"token": reply["refresh_token"]}
    assert app.client.post(path, json=body).status_code == 401

    assert app.client.post(path, json=body, auth=("app", "secret")).status_code == 200

    assert app.read(reply["access_token"]).status_code == 401
    assert app.refresh(reply["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert app.client.post(path, json=body, auth=("app", "secret")).status_code == 400
    assert app.client.post(path, data="?", auth=("app", "secret")).status_code == 400
