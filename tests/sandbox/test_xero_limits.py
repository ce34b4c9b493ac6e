"""The simulated Xero's limits, and the keys that make a repeated request harmless."""

import threading
from typing import Any

import pytest

from invoicesync_sandbox.xero import XeroSandbox
from tests.kits.xero_app import App, errors, invoice


def statuses(app: App, count: int, path: str = "/Currencies") -> list[int]:
    return [app.send("GET", path).status_code for _ in range(count)]


def test_sixty_calls_a_minute_then_a_wait_that_is_said() -> None:
    app = App()
    assert statuses(app, 60) == [200] * 60
    refused = app.send("GET", "/Currencies")
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert refused.headers["X-MinLimit-Remaining"] == "0"
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 60
    app.clock.advance(wait - 1)
    assert statuses(app, 1) == [429]
    app.clock.advance(1)
    assert statuses(app, 1) == [200]


def test_the_minute_is_a_fixed_one() -> None:
    app = App()
    statuses(app, 60)
    app.clock.advance(int(app.send("GET", "/Currencies").headers["Retry-After"]))
    assert statuses(app, 60) == [200] * 60


def test_day_limit_waits_for_hours() -> None:
    app = App()
    app.xero.limits.day = 3
    assert statuses(app, 4) == [200, 200, 200, 429]
    refused = app.send("GET", "/Currencies")
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert refused.headers["X-DayLimit-Remaining"] == "0"
    assert 3600 < int(refused.headers["Retry-After"]) <= 86_400


def test_day_limit_is_that_of_the_plan() -> None:
    for limit in (1000, 5000):
        app = App()
        app.xero = XeroSandbox(app.clock, day_limit=limit)
        assert app.xero.limits.day == limit


@pytest.mark.parametrize("word", ["appminute", "app-minute"])
def test_app_limit_is_named_either_way(word: str) -> None:
    app = App(app_minute_problem=word)
    app.xero.limits.app_minute = 2
    assert statuses(app, 2) == [200, 200]
    refused = app.send("GET", "/Currencies")
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, word)


def test_a_sixth_call_at_the_same_time_is_refused_without_a_time_to_wait() -> None:
    app = App(rate_limit_body="slow down")
    waiting, go_on = threading.Barrier(6), threading.Event()

    def hold(_: object) -> None:
        waiting.wait(5)
        go_on.wait(5)

    app.xero.in_progress = hold
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(app.send("GET", "/Items").status_code))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    waiting.wait(5)
    refused = app.send("GET", "/Currencies")
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
    assert "Retry-After" not in refused.headers
    assert refused.text == "slow down"
    assert found == [200] * 5
    app.xero.in_progress = None
    assert statuses(app, 1) == [200]


def test_limits_are_counted_for_each_app_by_itself() -> None:
    app = App()
    statuses(app, 61)
    app.headers["Authorization"] = f"Bearer {app.xero.issue_token(client_id='another')}"
    assert statuses(app, 1, "/Items") == [200]


def test_limits_can_be_switched_off() -> None:
    app = App()
    app.xero.enforce_limits = False
    assert statuses(app, 61) == [200] * 61
    assert app.xero.enforce_limits is False


@pytest.mark.parametrize(("counts", "left"), [(False, "59"), (True, "58")])
def test_identity_calls_count_or_not(counts: bool, left: str) -> None:
    app = App(identity_counts=counts)
    app.client.get("/connections", headers=app.headers)
    assert app.send("GET", "/Currencies").headers["X-MinLimit-Remaining"] == left


KEY = {"Idempotency-Key": "batch-1"}


def test_same_key_and_request_is_answered_again_and_done_once() -> None:
    app = App()
    first = app.send("PUT", "/Invoices", {"Invoices": [invoice()]}, KEY)
    again = app.send("PUT", "/Invoices", {"Invoices": [invoice()]}, KEY)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert len(app.xero.invoices) == 2


def test_a_refusal_is_answered_again_as_well() -> None:
    app = App()
    body = {"Invoices": [invoice(InvoiceNumber="K-1", Status="PAID")]}
    first = app.send("PUT", "/Invoices", body, KEY)
    assert first.status_code == 400
    app.created(InvoiceNumber="K-1")
    assert app.send("PUT", "/Invoices", body, KEY).data == first.data


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/Invoices", {"Invoices": [invoice(Reference="other")]}),
        ("POST", "/Invoices", {"Invoices": [invoice()]}),
        ("PUT", "/Invoices?unitdp=4", {"Invoices": [invoice()]}),
        ("PUT", "/Contacts", {"Name": "Somebody New"}),
    ],
)
def test_a_key_cannot_be_used_for_another_request(method: str, path: str, body: Any) -> None:
    app = App()
    app.send("PUT", "/Invoices", {"Invoices": [invoice()]}, KEY)
    refused = app.send(method, path, body, KEY)
    assert refused.status_code == 400
    assert "Idempotency Key: batch-1 is used with a different request." in refused.text
    assert len(app.xero.invoices) == 2
    assert len(app.xero.contacts) == 12


@pytest.mark.parametrize(("shape", "name"), [("problem", "Detail"), ("exception", "Message")])
def test_the_refusal_of_a_key_has_either_shape(shape: str, name: str) -> None:
    app = App(idempotency_error=shape)
    refused = app.send("PUT", "/Invoices", invoice(), {"Idempotency-Key": "k" * 129})
    assert refused.status_code == 400
    assert "128" in refused.get_json()[name]
    assert len(app.xero.invoices) == 1
    assert (
        app.send("PUT", "/Invoices", invoice(), {"Idempotency-Key": "k" * 128}).status_code == 200
    )


@pytest.mark.parametrize("minutes", [6, 20])
def test_a_key_is_forgotten_after_its_time(minutes: int) -> None:
    app = App(idempotency_minutes=minutes)
    app.send("PUT", "/Invoices", invoice(), KEY)
    app.clock.advance(minutes * 60 - 1)
    app.send("PUT", "/Invoices", invoice(), KEY)
    assert len(app.xero.invoices) == 2
    app.clock.advance(1)
    app.send("PUT", "/Invoices", invoice(), KEY)
    assert len(app.xero.invoices) == 3


def test_a_key_belongs_to_one_app_and_is_ignored_on_a_get() -> None:
    app = App()
    app.send("PUT", "/Invoices", invoice(), KEY)
    assert app.send("GET", "/Invoices", headers=KEY).status_code == 200
    app.headers["Authorization"] = f"Bearer {app.xero.issue_token(client_id='another')}"
    app.send("PUT", "/Invoices", invoice(), KEY)
    assert len(app.xero.invoices) == 3


def test_an_internal_error_stays_with_its_key() -> None:
    app = App()
    app.xero.fail(status=500, method="PUT", body="An error occurred in Xero.")
    assert app.send("PUT", "/Invoices", invoice(), KEY).status_code == 500
    assert app.send("PUT", "/Invoices", invoice(), KEY).status_code == 500
    assert app.send("PUT", "/Invoices", invoice(), {"Idempotency-Key": "2"}).status_code == 200


def test_after_a_lost_reply_the_same_key_gives_what_was_done() -> None:
    app = App()
    app.xero.fail(kind="lose", method="PUT")
    with pytest.raises(ConnectionError):
        app.send("PUT", "/Invoices?summarizeErrors=false", invoice(), KEY)
    again = app.send("PUT", "/Invoices?summarizeErrors=false", invoice(), KEY).get_json()
    assert errors(again["Invoices"][0]) == []
    assert again["Invoices"][0]["InvoiceID"] in app.xero.invoices
    assert len(app.xero.invoices) == 2
