"""Limits, request ids, and calls that overlap, in the simulated QuickBooks."""

from typing import Any

import pytest
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from tests.kits.qbo_app import App, Json


def limited(world: Any = "uk", **switches: Any) -> App:
    app = App(world, **switches)
    app.qbo.enforce_limits = True
    return app


def read(app: App) -> int:
    return app.send("GET", "preferences").status_code


def batch(app: App) -> int:
    item = {"bId": "1", "Query": "select count(*) from Customer"}
    return app.post("batch", {"BatchItemRequest": [item]}).status_code


def at_ease(app: App, work: Any, times: int) -> list[int]:
    """The work done slowly enough for the limit of a second."""
    found = []
    for number in range(times):
        if number % 10 == 0:
            app.qbo.clock.advance(1)
        found.append(work(app))
    return found


def to_the_start(app: App) -> None:
    """Let a minute of the limits begin."""
    left = app.qbo.company.limits.offset
    seconds = (app.qbo.clock.now().timestamp() + left) % 60
    app.qbo.clock.advance(60 - seconds)


def test_ten_a_second() -> None:
    app = limited()
    assert [read(app) for _ in range(11)] == [200] * 10 + [429]
    app.qbo.clock.advance(1)
    assert read(app) == 200


def test_ten_at_once() -> None:
    app = limited(burst="concurrent")
    assert [read(app) for _ in range(20)] == [200] * 20
    depth: list[int] = []

    def another(_: Request) -> None:
        if len(depth) < 10:
            depth.append(0)
            depth.append(read(app))

    app.qbo.in_progress = another
    app.qbo.company.limits.burst = 3
    assert read(app) == 200
    assert 429 in depth


def test_500_a_minute_of_all_apps() -> None:
    app = limited()
    to_the_start(app)
    app.qbo.company.limits.minute = 50
    assert set(at_ease(app, read, 50)) == {200}
    app.qbo.clock.advance(1)
    assert read(app) == 429
    to_the_start(app)
    assert read(app) == 200


@pytest.mark.parametrize(("window", "status"), [("fixed", 200), ("sliding", 429)])
def test_minutes_are_fixed_or_slide(window: Any, status: int) -> None:
    app = limited(minute_window=window)
    app.qbo.company.limits.minute = 20
    to_the_start(app)
    app.qbo.clock.advance(55)
    at_ease(app, read, 20)
    app.qbo.clock.advance(10)
    assert read(app) == status
    app.qbo.clock.advance(50)
    assert read(app) == 200


@pytest.mark.parametrize(("costs", "status"), [(True, 429), (False, 200)])
def test_40_batches_a_minute(costs: bool, status: int) -> None:
    app = limited(batch_costs_a_request=costs)
    to_the_start(app)
    app.qbo.company.limits.minute = 40
    assert at_ease(app, batch, 41) == [200] * 40 + [429]
    app.qbo.clock.advance(1)
    assert read(app) == status


def test_limits_can_be_off_and_others_are_not_counted() -> None:
    app = limited()
    app.qbo.enforce_limits = False
    assert {read(app) for _ in range(30)} == {200}
    app.qbo.enforce_limits = True
    app.token = "nonsense"
    assert {read(app) for _ in range(30)} == {401}


def over(app: App) -> TestResponse:
    app.qbo.company.limits.minute = 0
    return app.send("GET", "preferences")


def test_a_call_too_many_is_answered_in_xml() -> None:
    reply = over(limited())
    assert (reply.status_code, reply.content_type) == (429, "application/xml")
    assert 'Error code="3001"' in reply.text
    assert "message=ThrottleExceeded; errorCode=003001; statusCode=429" in reply.text
    assert "Retry-After" not in reply.headers
    assert reply.headers["intuit_tid"]


def test_a_call_too_many_may_be_answered_otherwise() -> None:
    business = over(limited(throttle_body="json")).get_json()
    assert business["Fault"]["Error"][0]["code"] == "3001"
    gateway = over(limited(throttle_body="gateway", throttle_status=403))
    assert (gateway.status_code, gateway.get_json()["fault"]["error"][0]["code"]) == (403, "3001")
    app = limited(retry_after=True)
    to_the_start(app)
    app.qbo.clock.advance(20)
    app.qbo.company.limits.minute = 1
    read(app)
    assert app.send("GET", "preferences").headers["Retry-After"] == "40"


def named(app: App, name: str, request_id: str) -> TestResponse:
    return app.post(f"customer?requestid={request_id}", {"DisplayName": name})


def code(reply: TestResponse) -> str:
    found: str = reply.get_json()["Fault"]["Error"][0]["code"]
    return found


def test_a_request_id_does_its_work_once() -> None:
    app = App()
    first, again = named(app, "Ben", "r1"), named(app, "Ben", "r1")
    assert first.get_json() == again.get_json()
    assert len(app.qbo.customers) == 2
    assert named(app, "Ann", "r2").status_code == 200


@pytest.mark.parametrize("how", ["replay", "refuse"])
def test_another_body_under_a_known_request_id(how: Any) -> None:
    app = App(changed_body=how)
    named(app, "Ben", "r1")
    reply = named(app, "Ann", "r1")
    if how == "replay":
        assert reply.get_json()["Customer"]["DisplayName"] == "Ben"
    else:
        assert code(reply) == "600"
    assert len(app.qbo.customers) == 2


def test_replays_may_be_impossible() -> None:
    app = App(replays=False)
    named(app, "Ben", "r1")
    assert code(named(app, "Ben", "r1")) == "600"


def test_request_ids_may_be_forgotten() -> None:
    app = App(requestid_hours=24)
    named(app, "Ben", "r1")
    app.qbo.clock.advance(24 * 3600 - 1)
    app.token = app.qbo.issue_token()
    assert named(app, "Ben", "r1").status_code == 200
    app.qbo.clock.advance(1)
    assert code(named(app, "Ben", "r1")) == "6240"


@pytest.mark.parametrize("replayed", [True, False])
def test_refusals_may_be_repeated(replayed: bool) -> None:
    app = App(faults_replayed=replayed)
    assert code(named(app, "Alice Baker", "r1")) == "6240"
    app.qbo.rename("Customer", app.customer, "Alice B")
    assert (named(app, "Alice Baker", "r1").status_code == 400) is replayed


def test_in_a_batch_each_item_has_its_own_id() -> None:
    app = App()
    item = {"bId": "1", "operation": "create", "Customer": {"DisplayName": "Ben"}}
    first = app.batch(item, query="?requestid=r")
    assert app.batch(item, query="?requestid=r") == first
    other = app.batch(item | {"bId": "2"}, query="?requestid=r")
    assert other["2"]["Fault"]["Error"][0]["code"] == "6240"
    assert named(app, "Ben", "r1").get_json()["Customer"] == first["1"]["Customer"]


def test_request_ids_have_a_length() -> None:
    app = App()
    assert named(app, "Ben", "r" * 50).status_code == 200
    said = app.refused("Customer", {"DisplayName": "Ann"}, f"?requestid={'r' * 51}")
    assert said.endswith("You cannot enter more than 50 characters in the request_id field")
    item = {"bId": "1" * 11, "operation": "create", "Customer": {"DisplayName": "Ann"}}
    found = app.batch(item, query=f"?requestid={'r' * 36}")
    assert "request_id" in found["1" * 11]["Fault"]["Error"][0]["Detail"]
    assert "Customer" in app.batch(item)["1" * 11]
    whole = app.refused("Batch", {"BatchItemRequest": [item]}, f"?requestid={'r' * 37}")
    assert "request_id" in whole


def during(app: App, body: Json, path: str, inner: Any) -> list[Any]:
    """What `inner` gives while a write is in progress, and the write's own answer."""
    found: list[Any] = []

    def other(_: Request) -> None:
        app.qbo.in_progress = None
        found.append(inner())

    app.qbo.in_progress = other
    found.append(app.post(path, body))
    return found


def test_a_request_id_in_progress_is_a_duplicate() -> None:
    app = App()
    inner, outer = during(
        app,
        {"DisplayName": "Ben"},
        "customer?requestid=r1",
        lambda: named(app, "Ben", "r1"),
    )
    assert code(inner) == "600"
    assert outer.status_code == 200


@pytest.mark.parametrize("single", [True, False])
def test_names_may_be_written_one_at_a_time(single: bool) -> None:
    app = App(one_name_at_a_time=single)
    item = {"bId": "1", "operation": "create", "Vendor": {"DisplayName": "Ann"}}
    inner, outer = during(app, {"DisplayName": "Ben"}, "customer", lambda: app.batch(item)["1"])
    assert outer.status_code == 200
    if single:
        assert inner["Fault"]["Error"][0]["Detail"].endswith(
            "You can only add or edit one name at a time. Please try again."
        )
        assert "Vendor" in app.batch(item)["1"]
    else:
        assert "Vendor" in inner


def test_items_are_apart_from_names() -> None:
    app = App(one_name_at_a_time=True)
    body = {"Name": "Wax", "IncomeAccountRef": {"value": app.qbo.account_id("Services")}}
    inner, _ = during(app, {"DisplayName": "Ben"}, "customer", lambda: app.made("Item", body))
    assert inner["Name"] == "Wax"
    other = body | {"Name": "Wick"}
    inner, _ = during(app, other, "item", lambda: app.post("item", body | {"Name": "Oil"}))
    assert "one product or service at a time" in inner.text


def test_a_slow_batch_takes_time_and_too_slow_a_one_is_given_up() -> None:
    app = App()
    app.qbo.batch_item_seconds = 5
    before = app.qbo.clock.now()
    items = [
        {"bId": str(number), "operation": "create", "Customer": {"DisplayName": f"n{number}"}}
        for number in range(25)
    ]
    assert app.post("batch", {"BatchItemRequest": items[:2]}).status_code == 200
    assert (app.qbo.clock.now() - before).seconds == 10
    reply = app.post("batch", {"BatchItemRequest": items[2:] + items[:2]})
    assert (reply.status_code, reply.content_type) == (504, "text/html; charset=utf-8")
    assert len(app.qbo.customers) == 26
