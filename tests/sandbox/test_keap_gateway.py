"""The sandbox's Keap: credentials, limits, their headers, and the bodies of refusals."""

from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox
from invoicesync_sandbox.keap.limits import Quota
from tests.kits.keap_app import switch

NOW = datetime(2026, 11, 10, 23, 59, 0, tzinfo=UTC)
BEARER = {"Authorization": "Bearer KeapAK-sandbox"}
KEY = {"X-Keap-API-Key": "KeapAK-sandbox"}


@pytest.fixture
def keap() -> KeapSandbox:
    """An empty account, its clock stopped a minute before midnight UTC."""
    return KeapSandbox(Clock(NOW), tenant_id="iq146")


def call(keap: KeapSandbox, path: str = "/orders", **options: Any) -> TestResponse:
    """The answer to a read with the account's API key, unless other headers are given."""
    options.setdefault("headers", BEARER)
    return Client(keap).open(f"/crm/rest/v2{path}", **options)


def fault_code(reply: TestResponse) -> Any:
    """The gateway's error code, or what else it said."""
    assert reply.json is not None
    return reply.json["fault"]["detail"]["errorcode"]


@pytest.mark.parametrize("headers", [BEARER, KEY])
def test_a_key_is_accepted_in_both_headers(keap: KeapSandbox, headers: dict[str, str]) -> None:
    assert call(keap, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "KeapAK-sandbox"}, "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "Basic abc"}, "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "Bearer "}, "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "Bearer nope"}, "keymanagement.service.invalid_access_token"),
        ({"X-Keap-API-Key": "nope"}, "keymanagement.service.invalid_access_token"),
        ({"Authorization": "Bearer old"}, "keymanagement.service.access_token_expired"),
    ],
)
def test_refused_credentials(keap: KeapSandbox, headers: dict[str, str], code: str) -> None:
    old = keap.issue_token(expires_in=0)
    reply = call(keap, headers={name: text.replace("old", old) for name, text in headers.items()})

    assert (reply.status_code, fault_code(reply)) == (401, code)


def test_an_access_token_until_it_expires(keap: KeapSandbox) -> None:
    headers = {"Authorization": f"Bearer {keap.issue_token(expires_in=10)}"}

    assert call(keap, headers=headers).status_code == 200
    keap.clock.advance(10)
    assert call(keap, headers=headers).status_code == 401


def test_authentication_comes_before_routing(keap: KeapSandbox) -> None:
    assert call(keap, "/nowhere", headers={}).status_code == 401
    reply = call(keap, "/nowhere")
    assert reply.status_code == 404
    assert reply.mimetype == "text/html"


def test_a_read_with_a_body_gets_a_page(keap: KeapSandbox) -> None:
    reply = call(keap, data=b"{}", content_type="application/json")

    assert (reply.status_code, reply.mimetype) == (400, "text/html")


def test_writing_is_not_allowed(keap: KeapSandbox) -> None:
    reply = call(keap, "/businessProfile", method="DELETE")

    assert reply.status_code == 405
    assert reply.json is not None
    assert reply.json["code"] == 405


@pytest.mark.parametrize("path", ["/orders/1", "/orders/1/payments", "/contacts/1", "/orders/x"])
def test_what_is_not_there(keap: KeapSandbox, path: str) -> None:
    reply = call(keap, path)

    assert reply.status_code == 404
    assert reply.json is not None
    assert (reply.json["code"], reply.json["status"]) == (404, "NOT_FOUND")


def test_every_answer_tells_what_is_left(keap: KeapSandbox) -> None:
    call(keap)
    headers = call(keap, "/nowhere").headers

    assert headers["x-keap-product-quota-limit"] == "30000"
    assert headers["x-keap-product-quota-time-unit"] == "day"
    assert headers["x-keap-product-quota-available"] == "29998"
    assert headers["x-keap-product-quota-used"] == "2"
    midnight = int(datetime(2026, 11, 11, tzinfo=UTC).timestamp() * 1000)
    assert headers["x-keap-product-quota-expiry-time"] == str(midnight)
    assert headers["x-keap-product-throttle-limit"] == "240"
    assert headers["x-keap-product-throttle-available"] == "238"
    assert headers["x-keap-tenant-id"] == "iq146.infusionsoft.com"
    assert headers["x-keap-tenant-throttle-time-unit"] == "minute|day"
    assert headers["x-keap-tenant-throttle-limit"] == "10000|250000"
    assert headers["x-keap-tenant-throttle-used"] == "2|2"


def test_an_access_token_has_the_larger_limits(keap: KeapSandbox) -> None:
    headers = call(keap, headers={"Authorization": f"Bearer {keap.issue_token()}"}).headers

    assert headers["x-keap-product-throttle-limit"] == "1500"
    assert headers["x-keap-product-quota-limit"] == "150000"


def test_counts_may_be_blank(keap: KeapSandbox) -> None:
    switch(keap, blank_quota_headers=True)
    headers = call(keap).headers

    assert headers["x-keap-product-throttle-available"] == ""
    assert headers["x-keap-tenant-throttle-used"] == "|"
    assert headers["x-keap-product-throttle-limit"] == "240"


def test_the_minute_comes_back_in_steps(keap: KeapSandbox) -> None:
    keap.limits.key_quota = Quota(None, 2, 100)
    call(keap)
    keap.clock.advance(20)
    call(keap)

    reply = call(keap)
    assert (reply.status_code, fault_code(reply)) == (429, "policies.ratelimit.QuotaViolation")
    assert reply.headers["x-keap-product-throttle-available"] == "0"
    assert "Retry-After" not in reply.headers

    keap.clock.advance(40)
    assert [call(keap).status_code for _ in range(2)] == [200, 429]


def test_240_calls_a_minute_with_a_key(keap: KeapSandbox) -> None:
    assert {call(keap).status_code for _ in range(240)} == {200}
    assert call(keap).status_code == 429


def test_the_day_begins_at_midnight_utc_and_is_shared_by_all_keys(keap: KeapSandbox) -> None:
    keap.api_keys.add("KeapAK-other")
    keap.limits.key_quota = Quota(None, 240, 2)
    other = {"X-Keap-API-Key": "KeapAK-other"}
    call(keap)
    call(keap, headers=other)

    assert call(keap).status_code == 429
    assert call(keap, headers=other).status_code == 429
    keap.clock.advance(60)
    assert call(keap, headers=other).status_code == 200


def test_the_minute_is_each_keys_own(keap: KeapSandbox) -> None:
    keap.api_keys.add("KeapAK-other")
    keap.limits.key_quota = Quota(None, 1, 100)
    call(keap)

    assert call(keap).status_code == 429
    assert call(keap, headers={"X-Keap-API-Key": "KeapAK-other"}).status_code == 200


def test_the_tenants_limit_holds_for_everybody(keap: KeapSandbox) -> None:
    fresh = keap.issue_token()
    keap.limits.tenant_quota = Quota(None, 1, 100)
    call(keap)

    assert call(keap, headers={"Authorization": f"Bearer {fresh}"}).status_code == 429


def test_the_other_body_of_a_refused_call_and_when_to_come_back(keap: KeapSandbox) -> None:
    switch(keap, quota_body="code", retry_after=True)
    keap.limits.key_quota = Quota(None, 1, 100)
    call(keap)
    reply = call(keap)

    assert reply.json == {
        "code": "429",
        "message": "Quota Exceeded",
        "status": "Request Throttled",
        "details": None,
    }
    keap.clock.advance(int(reply.headers["Retry-After"]))
    assert call(keap).status_code == 200


def test_limits_can_be_off(keap: KeapSandbox) -> None:
    keap.limits.key_quota = Quota(None, 1, 1)
    keap.enforce_limits = False

    assert {call(keap).status_code for _ in range(3)} == {200}


def test_calls_in_a_second_count_only_while_the_clock_runs(keap: KeapSandbox) -> None:
    keap.limits.key_quota = Quota(3, 240, 30_000)
    assert {call(keap).status_code for _ in range(5)} == {200}

    running = KeapSandbox()
    running.limits.key_quota = Quota(1, 240, 30_000)
    assert {call(running).status_code for _ in range(20)} >= {429}


def test_planned_faults_come_before_everything(keap: KeapSandbox) -> None:
    keap.fail(status=503, path="/orders")

    assert call(keap).status_code == 503
    assert call(keap).status_code == 200
    assert [(made.path, made.status) for made in keap.calls] == [
        ("/crm/rest/v2/orders", 503),
        ("/crm/rest/v2/orders", 200),
    ]
